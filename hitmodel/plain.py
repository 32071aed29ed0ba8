"""Lines that no rule ties to others, priced in blocks that stay in the processor's cache.

Such a line comes to what its moment says: a status, or one quantity times one rate, rounded once and held to its
charge. So the lines of a moment share a row of small tables, and lines are touched by whole-number operations alone.
What does not change with rates is kept: which lines these are, their quantities and their limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hitmodel.amounts import ZERO, cent_rate, is_one_rate, over_one, times
from hitmodel.charge_limit import UNCHARGED, charge_notes, charge_rules
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.forms import Known, Unpriced
from hitmodel.judging import PRICED, without
from hitmodel.laying import Notes
from hitmodel.limits import line_limited, share_of_charge
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.ranking import submitted_rank
from hitmodel.rating import places
from hitmodel.resolve import Resolution
from hitmodel.restrict import restricted
from hitmodel.several import OWN, Numbers, Several
from hitmodel.shared_days import NO_LIMIT, Shared
from hitmodel.status import ORDER, Status
from hitmodel.ties import tied, together
from hitmodel.touched import Moments

BLOCK = 1 << 16
"""Lines worked on at a time: their columns stay in the second cache of a processor."""
HANGING_KEPT = 4
S = TypeVar("S", np.int8, np.bool_)


@dataclass(frozen=True)
class Said:
    """What a contract says of each moment: tables that the moments of lines look up.

    A line comes to ``(quantity * above + below // 2) // below`` cents, but for the moments ``apart``, which have 0
    in ``above`` and are worked out in ``rates``, cents for each whole number of the quantity. ``recipes`` are cents of
    the recipes of `Several`.
    """

    status: npt.NDArray[np.int8]
    reason: Numbers
    reasons: tuple[str, ...]
    above: Ints
    below: int
    rates: tuple[Fraction, ...]
    apart: Ints
    recipes: Ints


@dataclass(frozen=True)
class Hanging:
    """What hangs on ``touched`` moments.

    The plain lines of these moments, with ``moment``, ``quantity`` and ``limit`` as in `Plain`; which of the others
    they touch, with those tied to them, and what prices these.
    """

    touched: Bools
    line: Ints
    moment: Numbers
    quantity: Ints
    limit: Ints
    others: Ints
    tied: Shared


@dataclass(frozen=True)
class Plain:
    """The plain lines of a fit with what prices them, whatever the rates; ``others`` are the other lines.

    Columns run over all lines. ``moment`` is the number of a line's moment; after those come the reasons that stood
    against lines before any rate was looked at, and last a number for the others. ``quantity`` and ``limit`` are
    without their signs; lines of negative quantity are in ``negative``. ``rank`` and ``place`` are those of the
    moments, ``most`` the greatest quantity that one has. ``few`` is the fit of the others alone, ``kept`` what
    `hanging` has said.
    """

    fitted: Fitted
    moment: Numbers
    quantity: Ints
    limit: Ints
    negative: Ints
    several: Several
    rank: Ints
    place: tuple[str, ...]
    most: Ints
    others: Ints
    few: Shared
    kept: dict[bytes, Hanging] = field(default_factory=dict)

    @cached_property
    def segments(self) -> Ints:
        """The segments of the other lines."""
        last = len(self.fitted.moments.rows) + len(self.fitted.standing.reasons)
        return np.flatnonzero((self.moment == last)[self.fitted.segments.line])

    @classmethod
    def of(cls, compiled: Compiled, fitted: Fitted, resolutions: Sequence[Resolution]) -> Plain:
        """Find the plain lines of a fit, under a contract and all others that have its `forms` and settings."""
        others = _others(compiled, fitted, resolutions)
        moment = _moments(fitted, others)
        signed = _quantity(fitted, moment, resolutions)
        quantity = np.abs(signed)
        most = np.zeros(int(moment.max(initial=0)) + 1, dtype=np.int64)
        np.maximum.at(most, moment, quantity)
        rank, place, few = _ranks(compiled, fitted), places(compiled), restricted(fitted, np.flatnonzero(others))
        return cls(
            fitted=fitted,
            moment=moment,
            quantity=quantity,
            limit=_limit(compiled, fitted, moment, resolutions),
            negative=np.flatnonzero(signed < 0),
            several=Several.of(fitted, moment, _several(fitted, moment, resolutions), resolutions),
            rank=rank,
            place=tuple(place[period] for _, period, _ in fitted.moments.rows),
            most=most,
            others=np.flatnonzero(others),
            few=Shared.of(compiled, few, _of_rows(few, fitted, resolutions)),
        )

    @cached_property
    def _in_order(self) -> tuple[Ints, Ints]:
        """Lines in the order of their moments, and where each moment begins."""
        size = len(self.fitted.moments.rows) + 1
        kept = np.minimum(self.moment, size - 1)
        order = np.argsort(kept.astype(np.uint16) if size < 2**16 else kept, kind="stable")
        return order, np.searchsorted(kept[order], np.arange(size + 1))

    def lines_of(self, moments: Ints) -> Ints:
        """Return the plain lines of some moments."""
        if not len(moments):
            return moments
        order, start = self._in_order
        return np.concatenate([order[start[m] : start[m + 1]] for m in moments])

    @cached_property
    def clauses(self) -> Moments:
        """Which moments the clauses of contracts are about."""
        return Moments(self.fitted.moments.rows, self.fitted.kinds)

    def hanging(self, compiled: Compiled, moments: Ints, resolutions: Sequence[Resolution]) -> Hanging:
        """Return what hangs on some moments. The last few answers are kept: rates are moved again and again."""
        key = moments.tobytes()
        if key not in self.kept:
            while len(self.kept) >= HANGING_KEPT:
                del self.kept[next(iter(self.kept))]
            touched = np.zeros(len(self.fitted.moments.rows), dtype=bool)
            touched[moments] = True
            lines, few = np.zeros(len(self.others), dtype=bool), self.few.fitted
            lines[few.segments.line[touched[self.fitted.moments.number[self.segments]]]] = True
            others = np.flatnonzero(together(compiled, few, lines))
            tied = restricted(few, others)
            line = np.sort(self.lines_of(moments))
            self.kept[key] = Hanging(
                touched=touched,
                line=line,
                moment=self.moment[line],
                quantity=self.quantity[line],
                limit=self.limit[line],
                others=others,
                tied=Shared.of(compiled, tied, _of_rows(tied, self.fitted, resolutions)),
            )
        return self.kept[key]

    @cached_property
    def _unsaid(self) -> Said:
        """What is said of lines before any contract is: the reasons that stood against them."""
        standing, count = self.fitted.standing, len(self.fitted.moments.rows)
        marked = np.flatnonzero(standing.reason >= 0)
        against = np.zeros(len(standing.reasons), dtype=np.int8)
        against[standing.reason[marked]] = standing.status[marked]
        return Said(
            status=np.array([*[-1] * count, *against, -1], dtype=np.int8),
            reason=np.array([*[-1] * count, *range(len(against)), -1], dtype=np.int32),
            reasons=tuple(standing.reasons),
            above=np.zeros(count + len(against) + 1, dtype=np.int64),
            below=2,
            rates=(ZERO,) * count,
            apart=np.zeros(0, dtype=np.int64),
            recipes=np.zeros(len(self.several.moment), dtype=np.int64),
        )

    def said(self, resolutions: Sequence[Resolution], before: Said | None = None, moments: Ints | None = None) -> Said:
        """Return what a contract says of each moment; only of some ``moments`` otherwise than ``before``."""
        before = before or self._unsaid
        touched = np.arange(len(resolutions)) if moments is None else moments
        status, reason, reasons = (
            before.status.copy(),
            before.reason.copy(),
            {t: n for n, t in enumerate(before.reasons)},
        )
        rates, recipes = list(before.rates), before.recipes.copy()
        for moment in touched.tolist():
            mark, text = _standing_of(resolutions[moment])
            status[moment] = ORDER.index(mark)
            reason[moment] = reasons.setdefault(text, len(reasons)) if text else -1
            rates[moment] = self._rate(moment, resolutions[moment]) if mark is Status.PRICED else ZERO
        wanted = np.flatnonzero(np.isin(self.several.moment, touched))
        recipes[wanted] = self.several.priced(wanted, resolutions, self.rank, self.place)
        above = np.zeros_like(before.above)
        above[: len(rates)], below, apart = over_one(rates, self.most)
        return Said(status, reason, tuple(reasons), above, below, tuple(rates), apart, recipes)

    def _rate(self, moment: int, resolution: Resolution) -> Fraction:
        """Return cents for each whole number of a moment's quantity; 0 where its price is more than one rate."""
        found = cent_rate(resolution, int(self.rank[moment]), self.place[moment])
        return found[1] if found else ZERO

    def price(self, said: Said, threads: int = 1, *, limited: bool = True) -> Ints:
        """Return what all lines come to, in cents; what it says of the others has no meaning.

        ``limited`` holds lines to their charge limits.
        """
        result, lines = np.empty(len(self.moment), dtype=np.int64), len(self.moment)

        def work(start: int) -> None:
            for first in range(start, lines, threads * BLOCK):
                here = slice(first, first + BLOCK)
                _multiplied(said, self.moment[here], self.quantity[here], result[here])
                if limited:
                    np.minimum(result[here], self.limit[here], out=result[here])

        if threads == 1:
            work(0)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, range(0, threads * BLOCK, BLOCK)))
        self._finish(result, said, np.ones(len(said.rates), dtype=bool), limited=limited)
        return result

    def price_again(self, before: Ints, said: Said, hanging: Hanging) -> Ints:
        """Return what all lines come to where only those that hang on some moments may come to another than before."""
        result, cents = before.copy(), np.empty(len(hanging.line), dtype=np.int64)
        _multiplied(said, hanging.moment, hanging.quantity, cents)
        result[hanging.line] = np.minimum(cents, hanging.limit)
        self._finish(result, said, hanging.touched, limited=True)
        return result

    def _finish(self, result: Ints, said: Said, touched: Bools, *, limited: bool) -> None:
        """Price the lines of touched moments that blocks cannot, and give negative lines their sign."""
        line = self.lines_of(said.apart[touched[said.apart]])
        if len(line):
            cents = times(self.quantity[line], list(said.rates), self.moment[line].astype(np.int64))
            result[line] = line_limited(cents, self.limit[line]) if limited else cents
        line, recipe = self.several.line, self.several.recipe
        here = touched[self.moment[line]] & (said.status[self.moment[line]] == PRICED)
        line, cents = line[here], said.recipes[recipe[here]]
        result[line] = line_limited(cents, self.limit[line]) if limited else cents
        result[self.negative[touched[self.moment[self.negative]]]] *= -1

    def notes(self, compiled: Compiled, base: Ints, allowed: Ints) -> Notes:
        """Return what the charge limit did to the plain lines."""
        mine = np.where(self.moment < len(self.fitted.moments.rows), allowed, base)
        return charge_notes(compiled, self.fitted.period, base, mine)


def _multiplied(said: Said, moment: Numbers, quantity: Ints, result: Ints) -> None:
    """Put into ``result`` what lines come to by their moments and quantities, a block of them or some in a row."""
    np.take(said.above, moment, out=result, mode="clip")  # "clip": any other mode copies
    np.multiply(result, quantity, out=result)
    np.add(result, said.below // 2, out=result)
    size = result.view(np.uint64)  # none is negative, and unsigned numbers are divided faster
    np.floor_divide(size, np.uint64(said.below), out=size)


def forms(resolutions: Sequence[Resolution]) -> tuple[object, ...]:
    """Return what of resolutions does not change with rates: what a price is multiplied by, and under which limit."""
    return tuple((r.needs, not is_one_rate(r), r.limited) for r in resolutions)


def _of_rows(few: Fitted, fitted: Fitted, resolutions: Sequence[Resolution]) -> list[Resolution]:
    """Return the resolutions of the moments of some lines of a fit."""
    number = {row: place for place, row in enumerate(fitted.moments.rows)}
    return [resolutions[number[row]] for row in few.moments.rows]


def _standing_of(resolution: Resolution) -> tuple[Status, str]:
    """Return the status of a moment's plain lines and its reason, "" where they have a price."""
    outcome, needed, known = resolution.outcome, resolution.needs, resolution.kind.known
    if isinstance(outcome, Known | Unpriced):
        return outcome.status, outcome.reason
    lacking = [source for source in OWN[1:] if source in needed and source not in known]
    if lacking:
        return Status.NEEDS_REVIEW, without(lacking[0])
    if resolution.limited and "charge" not in known:
        return Status.NEEDS_REVIEW, UNCHARGED
    return Status.PRICED, ""


def _others(compiled: Compiled, fitted: Fitted, resolutions: Sequence[Resolution]) -> Bools:
    """Return the lines that are not plain, with all that the same rules look at together with them."""
    segments, standing, recount = fitted.segments, fitted.standing, fitted.recount
    rules = [p.version.concurrency.modifiers if p.version else "" for p in compiled.periods]
    odd = np.array(
        [
            not r.needs <= {*OWN, "case"} or (rules[period] == "refuse" and submitted_rank(fitted.kinds[kind]) > 1)
            for r, (kind, period, _) in zip(resolutions, fitted.moments.rows, strict=True)
        ],
        dtype=bool,
    )
    shared = (segments.run >= 0) | (segments.bundle != -1) | (segments.rival >= 0) | odd[fitted.moments.number]
    others = np.bincount(segments.line, minlength=fitted.prepared.count) > 1
    others[segments.line[shared]] = True
    others[[*fitted.allotted, *recount.runs, *recount.units, *fitted.further_kinds]] = True
    others |= standing.free & (fitted.prepared.quantities.units == UNKNOWN)
    return together(compiled, fitted, others | tied(compiled, fitted))


def _moments(fitted: Fitted, others: Bools) -> Numbers:
    """Return the moment of each line, then numbers for what stood against lines before, last the others' number."""
    rows, standing = len(fitted.moments.rows), fitted.standing
    moment = (rows + standing.reason).astype(np.int32)
    moment[fitted.segments.line] = fitted.moments.number
    moment[others] = rows + len(standing.reasons)
    return moment


def _ranks(compiled: Compiled, fitted: Fitted) -> Ints:
    """Return the rank of the plain lines of each moment: what modifiers say, unless the contract ranks by itself."""
    rules = [p.version.concurrency.modifiers if p.version else "trust" for p in compiled.periods]
    rows = fitted.moments.rows
    ranks = [submitted_rank(fitted.kinds[kind]) if rules[period] == "trust" else 1 for kind, period, _ in rows]
    return np.array(ranks, dtype=np.int64)


def _quantity(fitted: Fitted, moment: Numbers, resolutions: Sequence[Resolution]) -> Ints:
    """Return what each line's rate is multiplied by, 0 where the form is more than one rate or there is no price."""
    priced = [is_one_rate(r) and _standing_of(r)[0] is Status.PRICED for r in resolutions]
    sources = [next((n for n, s in enumerate(OWN) if s in r.needs), -1) for r in resolutions]
    chosen = [source if fits else -1 for source, fits in zip(sources, priced, strict=True)]
    mine = _of_moments(fitted, moment, np.array(chosen, dtype=np.int8), -1)
    result = np.zeros(len(moment), dtype=np.int64)
    for number, source in enumerate(OWN):
        if number in chosen:
            np.copyto(result, fitted.prepared.quantities.column(source), where=mine == number)
    return result


def _limit(compiled: Compiled, fitted: Fitted, moment: Numbers, resolutions: Sequence[Resolution]) -> Ints:
    """Return the size of each line's charge limit [cents], `NO_LIMIT` for none."""
    result = np.full(len(moment), NO_LIMIT, dtype=np.int64)
    for rule, periods in charge_rules(compiled).items():
        limited = [
            r.limited and period in periods and _standing_of(r)[0] is Status.PRICED
            for r, (_, period, _) in zip(resolutions, fitted.moments.rows, strict=True)
        ]
        mine = _of_moments(fitted, moment, np.array(limited, dtype=bool), False)
        result[mine] = np.abs(share_of_charge(fitted.prepared.quantities.charge[mine], Fraction(rule.percent)))
    return result


def _several(fitted: Fitted, moment: Numbers, resolutions: Sequence[Resolution]) -> Ints:
    """Return the lines whose price is more than one rate."""
    priced = [not is_one_rate(r) and _standing_of(r)[0] is Status.PRICED for r in resolutions]
    return np.flatnonzero(_of_moments(fitted, moment, np.array(priced, dtype=bool), False))


def _of_moments(fitted: Fitted, moment: Numbers, said: npt.NDArray[S], otherwise: int) -> npt.NDArray[S]:
    """Return what is said of the moment of each line, ``otherwise`` for lines of none."""
    none = np.full(len(fitted.standing.reasons) + 1, otherwise, dtype=said.dtype)
    result: npt.NDArray[S] = np.concatenate([said, none])[moment]
    return result
