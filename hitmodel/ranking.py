"""Concurrent rank of each segment, as the contract chooses the primary therapy (catalogue 2.1 to 2.4)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Ints
from hitmodel.terms import Concurrency

_BY_MODIFIER = {"SJ": 3, "SH": 2}


def submitted_rank(kind: LineKind) -> int:
    """Return the rank that a line's modifiers state: SJ third or later, SH second, none first."""
    return next((rank for modifier, rank in _BY_MODIFIER.items() if modifier in kind.modifiers), 1)


def ranks(rated: Rated, compiled: Compiled, fitted: Fitted) -> Ints:
    """Return the concurrent rank of each segment, 1 for the primary therapy.

    ``trust`` and ``refuse`` take it from the modifiers, ``rerank`` from the therapies that share the days.
    """
    submitted = np.array([submitted_rank(k) for k in fitted.kinds], dtype=np.int64)[fitted.segments.kind]
    reranked = _chosen(compiled, fitted, "rerank")
    if not reranked.any():
        return submitted
    return np.where(reranked, _by_rule(rated, compiled, fitted), submitted)


def disagreeing(rated: Rated, compiled: Compiled, fitted: Fitted) -> dict[int, str]:
    """Return the lines whose modifiers disagree with the rank that a refusing contract gives, each with the reason."""
    refused = _chosen(compiled, fitted, "refuse")
    if not refused.any():
        return {}
    ranked = _by_rule(rated, compiled, fitted)
    wrong = (
        refused
        & (np.minimum(ranked, 3) != rated.rank)
        & np.array([bool(r.shares) for r in rated.resolutions])[rated.resolution]
    )
    words = {1: "first", 2: "second", 3: "third or later"}
    return {
        int(fitted.segments.line[n]): f"its modifiers say {words[int(rated.rank[n])]} therapy, "
        f"and the contract ranks it {words[min(int(ranked[n]), 3)]}"
        for n in np.flatnonzero(wrong)
    }


def _chosen(compiled: Compiled, fitted: Fitted, way: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    chosen = np.array(
        [bool(p.version and p.version.concurrency.modifiers == way) for p in compiled.periods], dtype=bool
    )
    return chosen[fitted.segments.period] if fitted.segments.count else np.zeros(0, dtype=bool)


def _by_rule(rated: Rated, compiled: Compiled, fitted: Fitted) -> Ints:
    """Rank the segments of each shared stretch of days; ties go to the line billed first."""
    segments = fitted.segments
    ranked = np.ones(segments.count, dtype=np.int64)
    shared = np.flatnonzero(segments.run >= 0)
    if not len(shared):
        return ranked
    merit = np.zeros(segments.count, dtype=np.int64)
    for number, period in enumerate(compiled.periods):
        if period.version is not None:
            here = shared[segments.period[shared] == number]
            merit[here] = _merit(period.version.concurrency, rated, fitted, here)
    order = shared[np.lexsort((segments.line[shared], merit[shared], segments.run[shared]))]
    run = segments.run[order]
    starts = np.flatnonzero(np.r_[True, run[1:] != run[:-1]])
    ranked[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)])) + 1
    return ranked


def _merit(rule: Concurrency, rated: Rated, fitted: Fitted, here: Ints) -> Ints:
    """Return what decides the order, least first; order of billing (line order) breaks ties."""
    if rule.primary_by == "highest_rate":
        rates = [r.day_rate for r in rated.resolutions]
        place = {rate: n for n, rate in enumerate(sorted(set(rates), reverse=True))}
        return np.array([place[rate] for rate in rates], dtype=np.int64)[rated.resolution[here]]
    if rule.primary_by == "first_started":
        return _started(fitted)[fitted.segments.line[here]]
    return np.zeros(len(here), dtype=np.int64)


def _started(fitted: Fitted) -> Ints:
    """Return the first day of each line's therapy: its code's earliest day in an unbroken run of the patient's
    lines.
    """
    prepared = fitted.prepared
    started = prepared.first.copy()
    code = np.unique([k.code for k in fitted.kinds], return_inverse=True)[1].astype(np.int64)[prepared.kind]
    order = np.lexsort((prepared.first, code, prepared.patient))
    for before, after in pairwise(order):
        same = prepared.patient[before] == prepared.patient[after] and code[before] == code[after]
        if same and prepared.first[after] <= prepared.last[before] + 1:
            started[after] = started[before]
    return started
