"""What comes of each line: its status with the reason, and its amount before the charge limit."""

from __future__ import annotations

import numpy as np

from hitmodel.amounts import Rated, lacking, line_cents, ways
from hitmodel.fit import Fitted
from hitmodel.forms import Known, Unpriced
from hitmodel.prepare import SCALE, Bools, Ints
from hitmodel.scope import Standing
from hitmodel.status import ORDER, Status

PRICED = ORDER.index(Status.PRICED)
_CALLED = {
    "ndc_quantity": "NDC quantity",
    "service_days": "readable dates",
    "dispenses": "place among what was dispensed at once",
    "beside": "other line of its drug on that day (given beside waste, waste beside the rest)",
}
"""Quantities as a reader calls them, where that is not their own name."""


def judge(rated: Rated, fitted: Fitted, unrankable: dict[int, str]) -> tuple[Standing, Ints]:
    """Return every line's standing, and amounts in cents, 0 for lines that are not priced."""
    standing = fitted.standing.copy()
    usable = _unpriced_out(standing, rated, fitted)
    _known_zeros(standing, rated, fitted, usable)
    _review_uneven(standing, rated, fitted)
    for line, text in unrankable.items():
        standing.mark([line], Status.NEEDS_REVIEW, text)
    usable &= standing.free[fitted.segments.line]
    base, unlike = line_cents(rated, fitted, usable)
    text = "a bound for each line does not hold alike on all the line's days"
    standing.mark(unlike, Status.NEEDS_REVIEW, text)
    base[~standing.free] = 0
    standing.status[standing.free] = PRICED
    return standing, base


def _unpriced_out(standing: Standing, rated: Rated, fitted: Fitted) -> Bools:
    """Mark lines of which any piece has no price or lacks a quantity; return which segments can be priced."""
    line = fitted.segments.line
    usable = ~_with_outcome(rated, Unpriced)
    _mark_by_first(standing, rated, line, ~usable)
    lacked = lacking(rated, fitted)
    for place, source in enumerate(SCALE):
        there = lacked == place
        usable[there] = False
        standing.mark(line[there], Status.NEEDS_REVIEW, without(source))
    return usable


def without(source: str) -> str:
    """Say that a line lacks a quantity."""
    return f"the line has no {_CALLED.get(source, source)}, which its price needs"


def _known_zeros(standing: Standing, rated: Rated, fitted: Fitted, usable: Bools) -> None:
    """Mark lines all of whose pieces the contract pays nothing for, with what it says of the first."""
    line = fitted.segments.line
    zero = _with_outcome(rated, Known)
    paid = np.zeros(fitted.prepared.count, dtype=bool)
    paid[line[usable & ~zero]] = True
    _mark_by_first(standing, rated, line, zero & usable & ~paid[line])


def _with_outcome(rated: Rated, kind: type[Known] | type[Unpriced]) -> Bools:
    found: Bools = np.array([isinstance(r.outcome, kind) for r in rated.resolutions], dtype=bool)[rated.resolution]
    return found


def _mark_by_first(standing: Standing, rated: Rated, line: Ints, chosen: Bools) -> None:
    """Mark lines with what the contract says of the first of their chosen pieces, none of which has an amount."""
    pieces = np.flatnonzero(chosen)
    pieces = pieces[np.unique(line[pieces], return_index=True)[1]]  # pieces lie in the order of their days
    resolution = rated.resolution[pieces]
    for number in np.unique(resolution).tolist():
        outcome = rated.resolutions[number].outcome
        assert isinstance(outcome, Known | Unpriced)
        standing.mark(line[pieces[resolution == number]], outcome.status, outcome.reason)


def _review_uneven(standing: Standing, rated: Rated, fitted: Fitted) -> None:
    """A line whose units are not its days can be cut only where every piece is paid alike."""
    line = fitted.segments.line
    pieces = np.bincount(line, minlength=fitted.prepared.count)
    doubtful = np.flatnonzero(fitted.uneven[line] & (pieces[line] > 1))
    way = ways(rated, fitted, doubtful)
    of_first = way[np.searchsorted(line[doubtful], line[doubtful])]
    text = "units disagree with days, and what a day is paid changes within the span"
    standing.mark(np.unique(line[doubtful][way != of_first]), Status.NEEDS_REVIEW, text)
