"""Lines that share days with other therapies where rates order them, priced by small tables.

Where every piece of such a line is so much a unit, rates change nothing but the order of the therapies and what a unit
comes to. All other lines that rules tie together, and the lines tied to those, are worked out by every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from hitmodel.amounts import ZERO, Rated, cent_rate, is_one_rate, over_one
from hitmodel.charge_limit import charge_notes, charge_rules
from hitmodel.compile import Compiled
from hitmodel.evidence import Evidence
from hitmodel.fit import Fitted
from hitmodel.judging import PRICED
from hitmodel.limits import share_of_charge
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.ranking import in_order, order_of_rates, unit_rate
from hitmodel.rating import places, resolved
from hitmodel.resolve import Resolution, Resolver
from hitmodel.restrict import restricted
from hitmodel.terms import Version
from hitmodel.ties import together
from hitmodel.worked import Worked, spliced, work_out

NO_LIMIT = 2**62


@dataclass(frozen=True)
class Shared:
    """The tied lines of a fit, with what prices those that only share days, whatever the rates.

    ``line`` are these, ``segment`` their pieces, which begin at ``first`` for each line; ``units`` [thousandths],
    ``days`` and ``limit`` [cents], `NO_LIMIT` for none, are those of the lines. ``others`` are all other lines, ``few``
    the fit of these alone.
    """

    fitted: Fitted
    line: Ints
    segment: Ints
    first: Ints
    units: Ints
    days: Ints
    limit: Ints
    others: Ints
    few: Fitted

    @classmethod
    def of(cls, compiled: Compiled, fitted: Fitted, resolutions: Sequence[Resolution]) -> Shared:
        """Find these lines, under a contract and all others that have the forms of its resolutions and its settings.

        ``resolutions`` are those of the fit's moments.
        """
        others = together(compiled, fitted, ~_are_by_tables(compiled, fitted, resolutions))
        segment = np.flatnonzero(~others[fitted.segments.line])
        of_line = fitted.segments.line[segment]
        line, first = np.unique(of_line, return_index=True)
        prepared = fitted.prepared
        return cls(
            fitted=fitted,
            line=line,
            segment=segment,
            first=first,
            units=prepared.quantities.units[line],
            days=prepared.last[line] - prepared.first[line] + 1,
            limit=_limits(compiled, fitted, resolutions)[line],
            others=np.flatnonzero(others),
            few=restricted(fitted, np.flatnonzero(others)),
        )

    def worked(self, resolver: Resolver, compiled: Compiled, evidence: Evidence) -> Worked:
        """Return what a contract says of every line of the fit, as `hitmodel.worked.work_out` does."""
        mine = self._by_tables(resolver, compiled) if len(self.line) else None
        if mine is None:
            return work_out(resolver, compiled, self.fitted, evidence)
        if not len(self.others):
            return mine
        return spliced(mine, work_out(resolver, compiled, self.few, evidence), self.others)

    def _by_tables(self, resolver: Resolver, compiled: Compiled) -> Worked | None:
        """Return what comes of the lines priced by tables, and of others nothing with a meaning.

        None where the rates share no denominator in 64 bits.
        """
        resolutions, place = resolved(resolver, compiled, self.fitted), places(compiled)
        moment, segments = self.fitted.moments.number[self.segment], self.fitted.segments
        used, rank = np.unique(moment).tolist(), self._ranks(resolutions)
        shares = max(1, *(len(resolutions[n].shares) for n in used))
        rates = [ZERO] * (shares * len(resolutions))  # of first therapies, then of second ones, and so on
        for number in used:
            _, period, _ = self.fitted.moments.rows[number]
            for before in range(shares):
                found = cent_rate(resolutions[number], before + 1, place[period])
                rates[before * len(resolutions) + number] = found[1] if found else ZERO
        most = int(self.units.max()) * int(self.days.max())
        above, below, apart = over_one(rates, np.full(len(rates), most))
        if len(apart):
            return None
        each = above[(np.minimum(rank, shares) - 1) * len(resolutions) + moment]
        here = segments.last[self.segment] - segments.first[self.segment] + 1
        sums = np.add.reduceat(here * each, self.first)
        cents = (self.units * sums + below // 2 * self.days) // (below * self.days)
        all_ranks = np.ones(segments.count, dtype=np.int64)
        all_ranks[self.segment] = rank
        rated = Rated(self.fitted.moments.number.astype(np.int64), resolutions, all_ranks, place)
        return self._worked(compiled, rated, cents)

    def _ranks(self, resolutions: Sequence[Resolution]) -> Ints:
        """Return the rank of each piece: by rate, the highest first, among those that share its days."""
        moment, run = self.fitted.moments.number[self.segment], self.fitted.segments.run[self.segment]
        rates = [unit_rate(resolution) or ZERO for resolution in resolutions]
        order = order_of_rates(rates)
        merit = np.array([order[rate] for rate in rates], dtype=np.int64)[moment]
        return in_order(run, merit, np.flatnonzero(run >= 0))

    def _worked(self, compiled: Compiled, rated: Rated, cents: Ints) -> Worked:
        count = self.fitted.prepared.count
        base = np.zeros(count, dtype=np.int64)
        base[self.line] = cents
        allowed = base.copy()
        allowed[self.line] = np.minimum(cents, self.limit)
        return Worked(
            fitted=self.fitted,
            rated=rated,
            status=np.full(count, PRICED),
            reason=np.full(count, -1),
            reasons=(),
            base=base,
            allowed=allowed,
            notes=charge_notes(compiled, self.fitted.period, base, allowed),
        )


def _are_by_tables(compiled: Compiled, fitted: Fitted, resolutions: Sequence[Resolution]) -> Bools:
    """Say which lines are priced, and by nothing but rates by unit, ranks by rate and their own charge."""
    segments, prepared, recount = fitted.segments, fitted.prepared, fitted.recount
    if not all(period.version is None or _only_ranks(period.version) for period in compiled.periods):
        return np.zeros(prepared.count, dtype=bool)
    by_unit = [is_one_rate(resolution) and resolution.needs == {"units"} for resolution in resolutions]
    odd = (segments.bundle != -1) | (segments.rival >= 0) | ~np.array(by_unit, dtype=bool)[fitted.moments.number]
    pieces = np.bincount(segments.line, minlength=prepared.count)
    result = (pieces > 0) & fitted.standing.free & ~prepared.paired & ~(fitted.uneven & (pieces > 1))
    result &= (prepared.quantities.units > 0) & (prepared.quantities.charge != UNKNOWN)
    result[segments.line[odd]] = False
    result[[*fitted.allotted, *recount.runs, *recount.units, *fitted.further_kinds]] = False
    return result


def _only_ranks(version: Version) -> bool:
    """Say whether a version ties lines together through nothing but ranks by rate, and rounds whole lines or rates."""
    ranking = version.concurrency
    return (
        (ranking.modifiers, ranking.primary_by) == ("rerank", "highest_rate")
        and version.rounding.place != "segment"
        and version.lesser_of.level != "claim"
        and not version.limit
        and not version.sequestration.percent
    )


def _limits(compiled: Compiled, fitted: Fitted, resolutions: Sequence[Resolution]) -> Ints:
    """Return the size of each line's charge limit [cents], `NO_LIMIT` for none."""
    limited = np.array([resolution.limited for resolution in resolutions], dtype=bool)[fitted.moments.number]
    subject = np.zeros(fitted.prepared.count, dtype=bool)
    subject[fitted.segments.line[limited]] = True
    result = np.full(len(subject), NO_LIMIT, dtype=np.int64)
    for rule, periods in charge_rules(compiled).items():
        mine = np.flatnonzero(subject & np.isin(fitted.period, periods))
        result[mine] = np.abs(share_of_charge(fitted.prepared.quantities.charge[mine], Fraction(rule.percent)))
    return result
