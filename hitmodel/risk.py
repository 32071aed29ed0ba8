"""What a year under a contract may come to: volume, mix, drug prices and an index drawn at random, with a seed.

Draws are added up from exact totals at steps of each price, and straight lines between them; the draws that stand for
P10, P50 and P90 are then priced exactly, and the difference is the error that is stated.
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


def risk(
    pricer: Pricer,
    contract: Contract,
    dating: Dating | None = None,
    counted: Bools | None = None,
    doubts: Doubts | None = None,
    draws: int = 10_000,
    seed: int = 1,
) -> Risk:
    """Return what the claims' year may come to under a contract.

    Parameters
    ----------
    counted : bool array or None
        The lines that are in the totals; None takes all.
    draws, seed : int
        How many years are drawn, and from what: the same seed gives the same years, whatever the contract.
    """
    doubts = doubts or Doubts()
    groups = _Groups.of(pricer, counted)
    curves = Curves(pricer, contract, dating, groups.index)
    drawn = _drawn(pricer, groups, doubts, draws, np.random.Generator(np.random.PCG64(seed)))
    amounts = _amounts(curves, groups, drawn)
    totals = (amounts * drawn.volume[groups.therapy]).sum(axis=0) // ONE
    order = np.argsort(totals, kind="stable")
    points = []
    for percentile in (10, 50, 90):
        year = int(order[min(draws - 1, percentile * draws // 100)])
        points.append(Point(percentile, int(totals[year]), _exact(curves, groups, drawn, year)))
    still = tuple(code for code in groups.codes if code and code not in drawn.known) if doubts.drugs else ()
    return Risk(curves.total(), tuple(points), totals[order], still)


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
class _Drawn:
    """Years drawn: ``volume`` by therapy and ``drug`` by code in each [thousandths], ``rise`` of per diem rates."""

    volume: Ints
    drug: Ints
    rise: Ints
    known: frozenset[str]


def _drawn(pricer: Pricer, groups: _Groups, doubts: Doubts, draws: int, dice: np.random.Generator) -> _Drawn:
    def triangle(most: int, rows: int) -> Ints:
        return ((dice.random((rows, draws)) + dice.random((rows, draws)) - 1) * most).round().astype(np.int64) + ONE

    whole, each = triangle(doubts.volume, 1), triangle(doubts.mix, int(groups.therapy.max(initial=0)) + 1)
    drug, known = np.full((len(groups.codes), draws), ONE, dtype=np.int64), frozenset[str]()
    if doubts.drugs:
        years = DrugYears.of(pricer.references.limits, groups.codes)
        drug, known = years.drawn(draws, dice), years.known
    rise = np.zeros(draws, dtype=np.int64)
    if doubts.index:
        changes = np.array([int(c * ONE) for c in yearly_changes(find_index(doubts.index))], dtype=np.int64)
        rise = changes[(dice.random(draws) * len(changes)).astype(np.int64)]
    return _Drawn(whole * each // ONE, drug, rise, known)


def _amounts(curves: Curves, groups: _Groups, drawn: _Drawn) -> Ints:
    """Return the amount of each group (rows) in each year [cents], at the claims' own volume."""
    base = curves.totals()
    amounts = np.repeat(base[:, None], drawn.drug.shape[1], axis=1)
    drugs = [g for g, code in enumerate(groups.code) if groups.codes[code]]
    if drugs and (drawn.drug != ONE).any():
        steps = _Steps.over(drawn.drug, lambda at: curves.totals(_times_limits(curves.contract, at)))
        for group in drugs:
            amounts[group] = steps.between(group, drawn.drug[groups.code[group]])
    if drawn.rise.any():
        steps = _Steps.over(drawn.rise + ONE, lambda at: curves.totals(_raised(curves.contract, at)))
        for group in np.flatnonzero(groups.per_diem).tolist():
            amounts[group] = steps.between(group, drawn.rise + ONE)
    return amounts


@dataclass(frozen=True)
class _Steps:
    """Exact totals by group at every `STEP` of a factor, from ``low`` [thousandths] up."""

    low: int
    totals: Ints

    @classmethod
    def over(cls, factors: Ints, totals: Callable[[int], Ints]) -> _Steps:
        low = int(factors.min()) // STEP * STEP
        count = (int(factors.max()) - low) // STEP + 2
        return cls(low, np.array([totals(low + n * STEP) for n in range(count)], dtype=np.int64))

    def between(self, group: int, factors: Ints) -> Ints:
        """Return a group's totals at factors, on straight lines between the steps."""
        place, over = np.divmod(factors - self.low, STEP)
        column = self.totals[:, group]
        result: Ints = column[place] + (column[place + 1] - column[place]) * over // STEP
        return result


def _exact(curves: Curves, groups: _Groups, drawn: _Drawn, year: int) -> int:
    """Price one year exactly: drug limits and per diem rates as drawn, then each group by its volume."""
    factors = dict(zip(groups.codes, drawn.drug[:, year].tolist(), strict=True))
    limits = scaled_limits(curves.pricer.references.limits, {c: f for c, f in factors.items() if c and f != ONE})
    contract = _raised(curves.contract, int(drawn.rise[year]) + ONE)
    amounts = curves.totals_with(contract, limits)
    volume = drawn.volume[groups.therapy, year]
    return int((amounts * volume).sum()) // ONE


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
