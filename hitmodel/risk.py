"""What a year under a contract may come to: volume, mix, drug prices and an index drawn at random, with a seed.

Draws are added up from exact totals at steps of each price, and straight lines between them; the draws that stand for
P10, P50 and P90 are then priced exactly, and the difference is the error that is stated. A drug's totals are worked out
only at the steps that its own draws come near.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.curves import Curves
from hitmodel.indexes import find_index
from hitmodel.levers import moved
from hitmodel.mechanisms.base import LineKind
from hitmodel.money import as_decimal
from hitmodel.prepare import Bools, Ints
from hitmodel.price_history import ONE, DrugYears, scaled_limits, yearly_changes
from hitmodel.prices import PaymentLimits
from hitmodel.pricing import Dating, Pricer
from hitmodel.terms import Contract, Version

PER_DIEMS = "roles:per_diem"
STEP = 25
"""Totals are worked out exactly at every so many thousandths of a price."""
_BY_LIMIT = ("payment_limit", "raw_asp")


@dataclass(frozen=True)
class Doubts:
    """What is drawn: all in thousandths of what the claims hold.

    ``volume`` is how far the whole volume, ``mix`` how far that of each therapy by itself may rise or fall (evenly
    likely to either side, less likely the farther). ``drugs``: drug prices move as they did in four quarters of the
    history. ``index`` names a price index that all per diem rates follow for a year, "" for none.
    """

    volume: int = 50
    mix: int = 100
    drugs: bool = True
    index: str = ""


@dataclass(frozen=True)
class Point:
    """A percentile: its total as drawn and as priced exactly [cents]."""

    percentile: int
    drawn: int
    exact: int

    @property
    def error(self) -> int:
        """By how much the drawn total is off [cents]."""
        return self.drawn - self.exact


@dataclass(frozen=True)
class Risk:
    """What a year may come to. ``base`` is the total without any doubt; ``totals`` are all draws, lowest first [cents].

    ``without_history`` are the drug codes whose limits have too few quarters to be drawn from; they stand still.
    """

    base: int
    points: tuple[Point, ...]
    totals: Ints
    without_history: tuple[str, ...]

    @property
    def error(self) -> int:
        """The most by which a stated percentile was off as drawn [cents]."""
        return max(abs(point.error) for point in self.points)


class Year:
    """Claims kept so that years can be drawn on them, under any contract: made once, about as long as pricing takes.

    Parameters
    ----------
    pricer : Pricer
        The claims.
    contract : Contract
        Where the rates start from; see `Curves`.
    counted : bool array or None
        The lines that are in the totals; None takes all.
    """

    def __init__(
        self, pricer: Pricer, contract: Contract, dating: Dating | None = None, counted: Bools | None = None
    ) -> None:
        self.groups = _Groups.of(pricer, counted)
        self.curves = Curves(pricer, contract, dating, self.groups.index)


def risk(
    year: Year, contract: Contract | None = None, doubts: Doubts | None = None, draws: int = 10_000, seed: int = 1
) -> Risk:
    """Return what a year of claims may come to under a contract; None takes the one that the claims were kept under.

    ``draws`` and ``seed`` say how many years are drawn, and from what: the same seed gives the same years, whatever the
    contract.
    """
    doubts, groups = doubts or Doubts(), year.groups
    asked = _Asked(year.curves, contract or year.curves.contract, groups)
    limits = asked.curves.pricer.references.limits
    drawn = _drawn(limits, groups, doubts, draws, np.random.Generator(np.random.PCG64(seed)))
    amounts = _amounts(asked, drawn)
    totals = (amounts * drawn.volume[groups.therapy]).sum(axis=0) // ONE
    order = np.argsort(totals, kind="stable")
    points = []
    for percentile in (10, 50, 90):
        number = int(order[min(draws - 1, percentile * draws // 100)])
        points.append(Point(percentile, int(totals[number]), _exact(asked, drawn, number)))
    still = tuple(code for code in groups.codes if code and code not in drawn.known) if doubts.drugs else ()
    return Risk(asked.curves.total(asked.contract), tuple(points), totals[order], still)


@dataclass(frozen=True)
class _Groups:
    """Lines by therapy and, for drugs, by code. ``therapy`` numbers each group's therapy; ``code`` its drug code."""

    index: Ints
    therapy: Ints
    code: Ints
    codes: tuple[str, ...]
    per_diem: Bools

    @classmethod
    def of(cls, pricer: Pricer, counted: Bools | None) -> _Groups:
        kinds = pricer.prepared.kinds
        keys = [_key(kind) for kind in kinds]
        distinct = sorted(set(keys))
        index = np.array([distinct.index(key) for key in keys], dtype=np.int64)[pricer.prepared.kind]
        therapies, codes = (sorted({key[n] for key in distinct}) for n in (0, 1))
        return cls(
            index if counted is None else np.where(counted, index, -1),
            np.array([therapies.index(key[0]) for key in distinct], dtype=np.int64),
            np.array([codes.index(key[1]) for key in distinct], dtype=np.int64),
            tuple(codes),
            np.array([key[2] == "per_diem" for key in distinct], dtype=bool),
        )


def _key(kind: LineKind) -> tuple[str, str, str]:
    is_drug = kind.role in ("drug", "nutrition")
    return kind.therapy_class or kind.role, kind.code if is_drug else "", kind.role


@dataclass(frozen=True)
class _Asked:
    """What is asked: claims as curves, under which contract, in which groups."""

    curves: Curves
    contract: Contract
    groups: _Groups


@dataclass(frozen=True)
class _Drawn:
    """Years drawn: ``volume`` by therapy and ``drug`` by code in each [thousandths], ``rise`` of per diem rates."""

    volume: Ints
    drug: Ints
    rise: Ints
    known: frozenset[str]


def _drawn(limits: PaymentLimits, groups: _Groups, doubts: Doubts, draws: int, dice: np.random.Generator) -> _Drawn:
    def triangle(most: int, rows: int) -> Ints:
        return ((dice.random((rows, draws)) + dice.random((rows, draws)) - 1) * most).round().astype(np.int64) + ONE

    whole, each = triangle(doubts.volume, 1), triangle(doubts.mix, int(groups.therapy.max(initial=0)) + 1)
    drug, known = np.full((len(groups.codes), draws), ONE, dtype=np.int64), frozenset[str]()
    if doubts.drugs:
        years = DrugYears.of(limits, groups.codes)
        drug, known = years.drawn(draws, dice), years.known
    rise = np.zeros(draws, dtype=np.int64)
    if doubts.index:
        changes = np.array([int(c * ONE) for c in yearly_changes(find_index(doubts.index))], dtype=np.int64)
        rise = changes[(dice.random(draws) * len(changes)).astype(np.int64)]
    return _Drawn(whole * each // ONE, drug, rise, known)


def _amounts(asked: _Asked, drawn: _Drawn) -> Ints:
    """Return the amount of each group (rows) in each year [cents], at the claims' own volume."""
    groups = asked.groups
    base = asked.curves.totals(asked.contract)
    amounts = np.repeat(base[:, None], drawn.drug.shape[1], axis=1)
    factors = drawn.drug[groups.code]
    moving = np.array([bool(groups.codes[code]) for code in groups.code], dtype=bool) & (factors != ONE).any(axis=1)
    _between(amounts, moving, factors, lambda at, some: asked.curves.totals_of(_times_limits(asked.contract, at), some))
    if drawn.rise.any():
        rises = np.broadcast_to(drawn.rise + ONE, amounts.shape)
        rates = groups.per_diem & ~moving
        _between(amounts, rates, rises, lambda at, some: asked.curves.totals_of(_raised(asked.contract, at), some))
    return amounts


def _between(amounts: Ints, moving: Bools, factors: Ints, totals: Callable[[int, Bools], Ints]) -> None:
    """Put the amounts of moving groups (rows) at factors [thousandths] into ``amounts``.

    ``totals`` says what groups come to at one factor. It is asked at every `STEP`, for those groups alone whose factors
    come near; between two steps amounts lie on a straight line.
    """
    places, over = np.divmod(factors, STEP)
    low, high = places.min(axis=1), places.max(axis=1) + 1
    reached = range(int(low[moving].min()), int(high[moving].max()) + 1) if moving.any() else range(0)
    at = np.zeros((len(reached), len(amounts)), dtype=np.int64)
    for row, place in enumerate(reached):
        here = moving & (low <= place) & (place <= high)
        if here.any():
            at[row] = totals(place * STEP, here)
    for group in np.flatnonzero(moving).tolist():
        place = places[group] - reached[0]
        column = at[:, group]
        amounts[group] = column[place] + (column[place + 1] - column[place]) * over[group] // STEP


def _exact(asked: _Asked, drawn: _Drawn, number: int) -> int:
    """Price one year exactly: drug limits and per diem rates as drawn, then each group by its volume."""
    groups, held = asked.groups, asked.curves.pricer.references.limits
    factors = dict(zip(groups.codes, drawn.drug[:, number].tolist(), strict=True))
    limits = scaled_limits(held, {c: f for c, f in factors.items() if c and f != ONE})
    amounts = asked.curves.totals_with(_raised(asked.contract, int(drawn.rise[number]) + ONE), limits)
    return int((amounts * drawn.volume[groups.therapy, number]).sum()) // ONE


def _raised(contract: Contract, at: int) -> Contract:
    return moved(contract, {PER_DIEMS: as_decimal(Fraction(at - ONE, ONE))})


def _times_limits(contract: Contract, at: int) -> Contract:
    """Return a contract whose multiples of Medicare limits are taken times a factor, as if the limits had moved."""
    return contract.model_copy(update={"versions": tuple(_version_times(v, at) for v in contract.versions)})


def _version_times(version: Version, at: int) -> Version:
    terms = []
    for term in version.term:
        chains: Mapping[str, object] = {
            name: tuple(
                source.model_copy(update={"multiplier": source.multiplier * Decimal(at) / ONE})
                if source.of in _BY_LIMIT
                else source
                for source in getattr(term, name)
            )
            for name in ("chain", "fallback")
            if getattr(term, name, ())
        }
        terms.append(term.model_copy(update=dict(chains)) if chains else term)
    return version.model_copy(update={"term": tuple(terms)})
