"""Concurrent rank of each segment, as the contract chooses the primary therapy (catalogue 2.1 to 2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from hitmodel.amounts import Rated, lacking, segment_piece
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.forms import Amount, Known, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Bools, Ints
from hitmodel.resolve import Resolution

ZERO = Fraction(0)
_BY_MODIFIER = {"SJ": 3, "SH": 2}
LAST_MODIFIED = 3
"""SJ says third and every later place."""
_WORDS = {1: "first", 2: "second", 3: "third or later"}


def submitted_rank(kind: LineKind) -> int:
    """Return the rank that a line's modifiers state: SJ third or later, SH second, none first."""
    return next((rank for modifier, rank in _BY_MODIFIER.items() if modifier in kind.modifiers), 1)


def ranked(rated: Rated, compiled: Compiled, fitted: Fitted) -> tuple[Rated, dict[int, str]]:
    """Return segments with their concurrent ranks, and the lines that cannot be ranked, each with the reason.

    ``trust`` takes ranks from the modifiers. ``rerank`` and ``refuse`` order the therapies that share days; where one
    of them has no amount, the others cannot be ranked by rate. ``refuse`` prices no line whose modifiers say otherwise.
    """
    submitted = np.array([submitted_rank(k) for k in fitted.kinds], dtype=np.int64)[fitted.segments.kind]
    rated = replace(rated, rank=submitted)
    reranked, refused = (_in_periods(compiled, fitted, way) for way in ("rerank", "refuse"))
    if not (reranked | refused).any():
        return rated, {}
    by_rule = _by_rule(rated, compiled, fitted)
    settled = (submitted == LAST_MODIFIED) & (by_rule >= LAST_MODIFIED)  # third or later, whoever else comes before it
    problems = _beside_unknown(rated, compiled, fitted, refused & ~settled)
    subject = np.array([bool(r.shares) and not isinstance(r.outcome, Known) for r in rated.resolutions], dtype=bool)[
        rated.resolution
    ]
    standing = ~fitted.prepared.paired[fitted.segments.line] & (
        fitted.prepared.quantities.units[fitted.segments.line] > 0
    )
    for n in np.flatnonzero(refused & subject & standing & (np.minimum(by_rule, LAST_MODIFIED) != submitted)):
        said, right = _WORDS[int(submitted[n])], _WORDS[min(int(by_rule[n]), LAST_MODIFIED)]
        text = f"its modifiers say {said} therapy, and the contract ranks it {right}"
        problems.setdefault(int(fitted.segments.line[n]), text)
    return replace(rated, rank=np.where(reranked | (refused & standing), by_rule, submitted)), problems


def _in_periods(compiled: Compiled, fitted: Fitted, way: str) -> Bools:
    chosen = np.array(
        [bool(p.version and p.version.concurrency.modifiers == way) for p in compiled.periods], dtype=bool
    )
    result: Bools = chosen[fitted.segments.period]
    return result


def _contending(rated: Rated, fitted: Fitted) -> Ints:
    """Return the segments that take part in a ranking: those that share days and for which something is paid."""
    paid = np.array([not isinstance(r.outcome, Known) for r in rated.resolutions], dtype=bool)
    return np.flatnonzero((fitted.segments.run >= 0) & paid[rated.resolution])


def _by_rule(rated: Rated, compiled: Compiled, fitted: Fitted) -> Ints:
    """Rank the segments of each shared stretch of days; ties go to the line billed first."""
    segments = fitted.segments
    contending = _contending(rated, fitted)
    merit = np.zeros(segments.count, dtype=np.int64)
    for number, period in enumerate(compiled.periods):
        here = contending[segments.period[contending] == number]
        if period.version is not None and len(here):
            merit[here] = merits(period.version.concurrency.primary_by, rated, fitted, here)
    return in_order(segments.run, merit, contending)


def in_order(run: Ints, merit: Ints, contending: Ints) -> Ints:
    """Return ranks from 1 within each run: least merit first, ties to the line billed first; 1 where none contends.

    ``contending`` segments are in order, so those of a line billed first come first.
    """
    result = np.ones(len(run), dtype=np.int64)
    if not len(contending):
        return result
    within = merit[contending] - merit[contending].min()
    key = run[contending] * (int(within.max()) + 1) + within
    order = contending[np.argsort(key, kind="stable")]
    runs = run[order]
    starts = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    result[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    return result


def merits(primary_by: str, rated: Rated, fitted: Fitted, here: Ints) -> Ints:
    """Return what decides the order of segments, least first; order of billing (line order) breaks ties."""
    if primary_by == "as_modified":
        return np.array([submitted_rank(fitted.kinds[k]) for k in fitted.segments.kind[here].tolist()], dtype=np.int64)
    if primary_by == "highest_rate":
        return _by_rate(rated, fitted, here)
    if primary_by == "first_started":
        return _started(fitted, fitted.segments.line[here])
    return np.zeros(len(here), dtype=np.int64)


def _by_rate(rated: Rated, fitted: Fitted, here: Ints) -> Ints:
    """Return the order of segments by dollars for each billed unit before any share, the highest first.

    That is the rate itself, or the amount ÷ units for other forms; 0 where a quantity is lacking.
    """
    number = rated.resolution[here]
    used = np.unique(number).tolist()
    simple = {n: unit_rate(rated.resolutions[n]) for n in used}
    unknown = (lacking(rated, fitted) >= 0)[here]
    odd = np.zeros(len(rated.resolutions), dtype=bool)
    odd[used] = [rate is None for rate in simple.values()]
    by_line = odd[number] & ~unknown
    own = {place: _day_rate(rated, fitted, int(here[place])) for place in np.flatnonzero(by_line).tolist()}
    rates = {ZERO, *own.values(), *(rate for rate in simple.values() if rate is not None)}
    order = order_of_rates(rates)
    of_simple = np.zeros(len(rated.resolutions), dtype=np.int64)
    of_simple[used] = [order[ZERO if rate is None else rate] for rate in simple.values()]
    result = np.where(unknown, order[ZERO], of_simple[number])
    result[list(own)] = [order[rate] for rate in own.values()]
    return result


def order_of_rates(rates: Iterable[Fraction]) -> dict[Fraction, int]:
    """Return the place of each rate among the distinct ones, 0 for the highest."""
    return {rate: place for place, rate in enumerate(sorted(set(rates), reverse=True))}


def _day_rate(rated: Rated, fitted: Fitted, segment: int) -> Fraction:
    whole = replace(segment_piece(rated, fitted, segment), share=Fraction(1), place="line")
    return whole.value() / whole.quantities["units"]


def unit_rate(resolution: Resolution) -> Fraction | None:
    """Return dollars for each unit where the form says them; None where they depend on the line, 0 where unknown."""
    outcome = resolution.outcome
    if isinstance(outcome, Unpriced):
        return Fraction(0)
    return outcome.rate * resolution.factor if isinstance(outcome, Amount) and outcome.basis.source == "units" else None


def _beside_unknown(rated: Rated, compiled: Compiled, fitted: Fitted, may_be_refused: Bools) -> dict[int, str]:
    """Find lines that share days with a therapy of unknown amount where the primary one is chosen by rate.

    Such a line is in doubt where its rank makes a difference: by its shares, or since wrong modifiers are refused.
    """
    segments, contending = fitted.segments, _contending(rated, fitted)
    silent = np.array([isinstance(r.outcome, Unpriced) for r in rated.resolutions], dtype=bool)[rated.resolution]
    by_rate = np.array(
        [bool(p.version and p.version.concurrency.primary_by == "highest_rate") for p in compiled.periods], dtype=bool
    )
    unknown = (silent | (lacking(rated, fitted) >= 0)) & by_rate[segments.period]
    runs = np.unique(segments.run[contending[unknown[contending]]])
    reduced = np.array([len(set(r.shares)) > 1 for r in rated.resolutions], dtype=bool)[rated.resolution]
    ranks_matter = reduced | may_be_refused
    touched = contending[np.isin(segments.run[contending], runs)]
    text = "it is concurrent with a therapy that has no amount, so the two cannot be ranked by rate"
    return {int(segments.line[n]): text for n in touched[(ranks_matter & ~unknown)[touched]].tolist()}


def _started(fitted: Fitted, lines: Ints) -> Ints:
    """Return the first day of each line's therapy: the start of unbroken days of its code for the patient."""
    prepared = fitted.prepared
    theirs = np.flatnonzero(np.isin(prepared.patient, np.unique(prepared.patient[lines])))
    started = prepared.first.copy()
    code = np.unique([k.code for k in prepared.kinds], return_inverse=True)[1].astype(np.int64)[prepared.kind]
    same, start, reach = (-1, -1), 0, 0
    for line in theirs[np.lexsort((prepared.first[theirs], code[theirs], prepared.patient[theirs]))].tolist():
        therapy = (int(prepared.patient[line]), int(code[line]))
        if therapy != same or prepared.first[line] > reach + 1:
            same, start, reach = therapy, int(prepared.first[line]), int(prepared.last[line])
        started[line], reach = start, max(reach, int(prepared.last[line]))
    return started[lines]
