"""What claims come to under any rates of a contract, exactly, without a look at every line.

Lines that stand alone are kept as `Recipes`: one search for each recipe answers for all its lines. Lines whose rank
could change with the rates, that a step over several lines ties together, or that are paid in several pieces are
priced directly, and `Curves.direct_lines` says how many those are.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hitmodel.amounts import cent_rate
from hitmodel.compile import Compiled
from hitmodel.forms import Known, Unpriced
from hitmodel.judging import PRICED
from hitmodel.limits import share_of_charge
from hitmodel.prepare import SCALE, Bools, Ints
from hitmodel.prices import PaymentLimits
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.recipes import MOST_LIMIT, Alike, CentRate, Recipes
from hitmodel.resolve import Resolution, Resolver
from hitmodel.restrict import restricted
from hitmodel.terms import Contract
from hitmodel.ties import settings, tied, together
from hitmodel.touched import Moments
from hitmodel.worked import work_out

_SHAPES_KEPT = 6


class Curves:
    """Totals by group of a set of lines, under a contract and any other over the same claims.

    ``lines_direct`` is how many lines the last answer priced one by one: those outside the curves.

    Parameters
    ----------
    pricer : Pricer
        The claims.
    contract : Contract
        Where the rates start from.
    dating : Dating or None
        See `Dating`; one for all questions.
    index : int array or None
        The group of each line from 0 up, -1 for lines that are in no total; None puts every line into one group.
    """

    def __init__(
        self, pricer: Pricer, contract: Contract, dating: Dating | None = None, index: Ints | None = None
    ) -> None:
        self.pricer, self.contract, self.dating = pricer, contract, dating or Dating()
        self.index = np.zeros(pricer.prepared.count, dtype=np.int64) if index is None else index
        self.groups = int(self.index.max(initial=0)) + 1
        self._kept: dict[object, _Kept] = {}
        self.lines_direct = 0
        self.totals()

    def totals(self, contract: Contract | None = None) -> Ints:
        """Return what the lines of each group are allowed [cents]; lines without an amount add nothing.

        The same to the cent as pricing every line under ``contract`` and adding up. A contract that differs from one
        already asked about in its rates alone is answered from the curves; another kind of change keeps the lines anew.

        Raises `ContractError` and `InputError` as `Pricer.price` does.
        """
        kept, compiled, changed = self.asked(contract or self.contract)
        self.lines_direct = len(kept.direct)
        return kept.totals(self.pricer, self.dating, compiled, changed)

    def totals_of(self, contract: Contract, groups: Bools) -> Ints:
        """Return `totals` of some groups alone; those of the others mean nothing. Less work the fewer there are."""
        kept, compiled, changed = self.asked(contract, groups)
        return kept.totals(self.pricer, self.dating, compiled, changed)

    def totals_with(self, contract: Contract, limits: PaymentLimits) -> Ints:
        """Return `totals` as they would be if Medicare's payment limits were others, in the same quarters."""
        kept = self.asked(contract).kept
        other = self.pricer.with_limits(limits)
        compiled = other.compiled(contract, self.dating)
        now = {moment: kept.resolved(other.resolver, compiled, moment) for moment in range(len(kept.resolutions))}
        return kept.totals(other, self.dating, compiled, now)

    def asked(self, contract: Contract, groups: Bools | None = None) -> Asked:
        """Return how the lines are kept for a contract, and the moments that it prices otherwise than those.

        Where ``groups`` says which groups are asked for, moments of no line in them are left out.
        """
        compiled = self.pricer.compiled(contract, self.dating)
        like = settings(compiled)
        kept = self._kept.get(like)
        changed = kept.changed(self.pricer.resolver, compiled, groups) if kept else None
        if kept is None or changed is None:
            while len(self._kept) >= _SHAPES_KEPT:
                del self._kept[next(iter(self._kept))]
            kept, changed = _Kept(self, compiled), {}
            self._kept[like] = kept
        return Asked(kept, compiled, changed)

    def touched(self, here: Asked, there: Sequence[Asked]) -> Touched | None:
        """Return the lines that any of some contracts prices otherwise than the one that is ``here``.

        None where some of those lines are priced directly, or are kept otherwise for one of the contracts.
        """
        kept = here.kept
        if any(other.kept is not kept for other in there):
            return None
        base, others = kept.beside(here.changed), [kept.beside(other.changed) for other in there]
        moments = sorted({m for o in there for m in {**here.changed, **o.changed}})
        moments = [m for m in moments if any(other[m] != base[m] for other in others)]
        moving = np.zeros(len(kept.resolutions), dtype=bool)
        moving[moments] = True
        if moving[kept.few_moments].any():
            return None
        chosen = np.flatnonzero(moving[kept.recipes.moment])
        index, ways = kept.recipes.ways(chosen)
        rest = kept.totals(self.pricer, self.dating, here.compiled, here.changed)
        before = kept.recipes.cents(chosen, base, kept.places)
        np.subtract.at(rest, kept.recipes.group[chosen], kept.recipes.held(chosen, before))
        rates = tuple(
            tuple(cent_rate(other[way.moment], way.rank, kept.places[way.place]) for way in ways) for other in others
        )
        return Touched(kept.recipes, chosen, index, rates, rest)

    @property
    def lines(self) -> int:
        """Lines that are in a total."""
        return int((self.index >= 0).sum())

    def total(self, contract: Contract | None = None) -> int:
        """Return what all groups together are allowed [cents]."""
        return int(self.totals(contract).sum())


class Asked(NamedTuple):
    """How lines are kept for a contract, and the moments that it prices otherwise than those."""

    kept: _Kept
    compiled: Compiled
    changed: dict[int, Resolution]


@dataclass(frozen=True)
class Touched:
    """Lines that some changes price otherwise, as chosen ``recipes``, and the rest by group [cents].

    ``index`` is the number of the way in which each recipe is priced, ``rates`` those of the ways after each change.
    """

    recipes: Recipes
    chosen: Ints
    index: Ints
    rates: tuple[tuple[CentRate, ...], ...]
    rest: Ints

    def totals(self, rates: Sequence[CentRate]) -> Ints:
        """Return totals by group [cents] where the ways have these rates."""
        sums = self.rest.copy()
        cents = self.recipes.times(self.chosen, self.index, rates)
        np.add.at(sums, self.recipes.group[self.chosen], self.recipes.held(self.chosen, cents))
        return sums


class _Kept:
    """The lines as recipes and the others, for one structure of a contract and one set of rules beside its rates."""

    def __init__(self, curves: Curves, compiled: Compiled) -> None:
        self.compiled, self.fitted = compiled, curves.pricer.fitted(compiled, curves.dating)
        priced = curves.pricer.price_fitted(compiled, self.fitted, curves.dating)
        segments = self.fitted.segments
        rows, moment = self.fitted.moments.rows, self.fitted.moments.number.astype(np.int64)
        self.moments, self.places = Moments(rows, self.fitted.kinds), priced.rated.place
        self.resolutions = {n: self.resolved(curves.pricer.resolver, compiled, n) for n in range(len(rows))}
        alone, others = _apart(priced, curves.index >= 0)
        self.recipes = _recipes(priced, moment, curves.index, np.flatnonzero(alone))
        every = np.arange(self.recipes.count)
        cents = self.recipes.cents(every, self.resolutions, self.places)
        self.held = self.recipes.held(every, cents)
        self.direct = np.flatnonzero(others)
        self.few = restricted(self.fitted, self.direct)
        self.few_groups = curves.index[self.direct]
        self.few_moments = np.unique(moment[others[segments.line]])
        self.sums = _summed(self.held, self.recipes.group, curves.groups)
        self.few_sums = _summed(_amounts(priced)[self.direct], self.few_groups, curves.groups)

    def resolved(self, resolver: Resolver, compiled: Compiled, moment: int) -> Resolution:
        """Return how a contract prices a moment."""
        kind, period, price = self.moments.rows[moment]
        return resolver.resolve(self.fitted.kinds[kind], compiled.periods[period], compiled.price_starts[price])

    def beside(self, changed: Mapping[int, Resolution]) -> ChainMap[int, Resolution]:
        """Return how every moment is priced where some are priced otherwise."""
        return ChainMap({**changed}, self.resolutions)

    def changed(
        self, resolver: Resolver, compiled: Compiled, groups: Bools | None = None
    ) -> dict[int, Resolution] | None:
        """Return the moments that a contract prices otherwise; None where it needs the lines to be kept anew."""
        found: dict[int, Resolution] = {}
        touched = self.moments.touched(self.compiled, compiled)
        for moment in touched[self._about(groups)[touched]].tolist():
            old, new = self.resolutions[moment], self.resolved(resolver, compiled, moment)
            if new is not old and new != old:
                if _form(new) != _form(old):
                    return None
                found[moment] = new
        return found

    def _about(self, groups: Bools | None) -> Bools:
        """Return the moments of lines in some groups, and of the lines that hang together with others."""
        about = np.full(len(self.resolutions), groups is None)
        if groups is not None:
            about[self.recipes.moment[groups[self.recipes.group]]] = True
            about[self.few_moments] = True
        return about

    def totals(self, pricer: Pricer, dating: Dating, compiled: Compiled, changed: Mapping[int, Resolution]) -> Ints:
        """Return totals by group [cents], where the ``changed`` moments are priced by these resolutions."""
        sums = self.sums.copy()
        touched = np.zeros(len(self.resolutions), dtype=bool)
        touched[list(changed)] = True
        chosen = np.flatnonzero(touched[self.recipes.moment])
        if len(chosen):
            held = self.recipes.held(chosen, self.recipes.cents(chosen, changed, self.places))
            np.add.at(sums, self.recipes.group[chosen], held - self.held[chosen])
        if not touched[self.few_moments].any():
            return sums + self.few_sums
        few = work_out(pricer.resolver, compiled, self.few, pricer.evidence)
        return sums + _summed(few.allowed, self.few_groups, len(sums))


def _form(resolution: Resolution) -> object:
    """Return what of a resolution does not depend on rates: whether there is a price, of what, under which limit."""
    outcome = resolution.outcome
    said = outcome.status if isinstance(outcome, Known | Unpriced) else resolution.needs
    return said, resolution.limited, bool(resolution.shares)


def _apart(priced: Priced, counted: Bools) -> tuple[Bools, Bools]:
    """Return the segments that are priced alone, and the lines that must be priced directly."""
    fitted, rated = priced.fitted, priced.rated
    line, count = fitted.segments.line, fitted.prepared.count
    pieces = np.bincount(line, minlength=count)
    paid = np.array([not isinstance(r.outcome, Known | Unpriced) for r in rated.resolutions], dtype=bool)
    simple = paid & np.array([r.needs <= SCALE.keys() | {"case"} for r in rated.resolutions], dtype=bool)
    hanging = tied(priced.compiled, fitted)
    partly = np.zeros(count, dtype=bool)
    partly[[*fitted.allotted, *fitted.recount.units]] = True
    odd = partly | (np.abs(_limits(priced, np.arange(count))) > MOST_LIMIT)
    single = (pieces == 1) & (priced.status == PRICED) & ~odd & ~hanging & counted
    alone = single[line] & simple[rated.resolution]
    moving = np.zeros(count, dtype=bool)
    moving[line[~alone & paid[rated.resolution]]] = True
    moving &= (pieces > 1) | (priced.status == PRICED)
    others = together(priced.compiled, fitted, (moving | hanging) & counted)
    return alone & ~others[line], others


def _limits(priced: Priced, lines: Ints) -> Ints:
    """Return the size of the charge limit of lines [cents], `MOST_LIMIT` where a line has none."""
    fitted = priced.fitted
    charge = fitted.prepared.quantities.charge[lines]
    limits = np.full(len(lines), MOST_LIMIT, dtype=np.int64)
    for number, period in enumerate(priced.compiled.periods):
        if period.version is not None and period.version.lesser_of.level == "line":
            here = fitted.period[lines] == number
            limits[here] = np.abs(share_of_charge(charge[here], Fraction(period.version.lesser_of.percent)))
    flags = np.array([r.limited for r in priced.rated.resolutions] + [False], dtype=bool)
    limits[~_any_limited(priced, flags)[lines]] = MOST_LIMIT
    return limits


def _any_limited(priced: Priced, flags: Bools) -> Bools:
    result = np.zeros(priced.fitted.prepared.count, dtype=bool)
    result[priced.fitted.segments.line[flags[priced.rated.resolution]]] = True
    return result


def _recipes(priced: Priced, moment: Ints, index: Ints, chosen: Ints) -> Recipes:
    """Keep the lines of the chosen segments together, with the quantities that their prices need."""
    segments, quantities = priced.fitted.segments, priced.fitted.prepared.quantities
    line, resolution = segments.line[chosen], priced.rated.resolution[chosen]
    quantity = {"units": quantities.units[line]}
    for source in SCALE:
        wanted = np.array([source in r.needs for r in priced.rated.resolutions], dtype=bool)[resolution]
        if source != "units" and wanted.any():
            quantity[source] = np.where(wanted, quantities.column(source)[line], 0)
    return Recipes.of(
        Alike(
            group=index[line],
            moment=moment[chosen],
            rank=priced.rated.rank[chosen],
            place=segments.period[chosen],
            quantity=quantity,
            limit=_limits(priced, line),
        )
    )


def _amounts(priced: Priced) -> Ints:
    return np.where(priced.known, priced.allowed, 0)


def _summed(cents: Ints, group: Ints, groups: int) -> Ints:
    """Return whole sums by group; entries of group -1 are in none."""
    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, group[group >= 0], cents[group >= 0])
    return sums
