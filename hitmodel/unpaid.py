"""Lines that one contract pays and another does not: by itself, by report, or at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hitmodel.prepare import Bools
from hitmodel.pricing import Priced
from hitmodel.status import Status

INCLUDED, NOT_COVERED, BY_REPORT, NO_AMOUNT = "included", "not covered", "by report", "no amount"


@dataclass(frozen=True)
class Lost:
    """Lines that have an amount today and none under a proposal: what today allows on them [cents].

    They are in no difference. ``by_report`` is the part that the payer would price case by case, ``beside`` that which
    the proposal pays and nobody can work out, as another line of the claim or day has no amount.
    """

    lines: int = 0
    cents: int = 0
    by_report: int = 0
    beside: int = 0


NONE_LOST = Lost()


@dataclass(frozen=True)
class Stopped:
    """A code that is paid today and of which a proposal pays some lines nothing by themselves.

    ``how``: ``included``, ``not covered``, ``by report`` or ``no amount``; ``cents`` is what today allows on the
    ``lines``. Of the first two the amount is 0.00 and the loss within the difference; the others are in no difference.
    """

    code: str
    how: str
    lines: int
    cents: int

    @property
    def is_known(self) -> bool:
        """Whether the loss is within the difference, as the proposal pays a known 0.00."""
        return self.how in (INCLUDED, NOT_COVERED)


def lost_lines(baseline: Priced, proposal: Priced) -> Lost:
    """Return the lines of both that the baseline prices and the proposal does not; claims that a void takes back are no
    lines that are lost.
    """
    mine = baseline.known & ~proposal.known & ~proposal.has(Status.OUT_OF_SCOPE) & ~_taken_back(baseline)
    parts = (mine, mine & by_report(proposal), mine & beside(proposal))
    return Lost(int(mine.sum()), *(int(baseline.allowed[part].sum()) for part in parts))


def stopped(baseline: Priced, proposal: Priced, compared: Bools) -> tuple[Stopped, ...]:
    """Return the codes of which the baseline pays lines that the proposal pays nothing by themselves, most first.

    A known 0.00 counts on the ``compared`` lines, which are those of the difference that it is a part of.
    Lines that wait for another line of their claim or day are paid, though nobody can say how much: they are not here.
    """
    paid = baseline.known & (baseline.allowed > 0) & ~proposal.has(Status.OUT_OF_SCOPE) & ~_taken_back(baseline)
    asked, none = by_report(proposal), paid & ~proposal.known
    ways = (
        (INCLUDED, paid & compared & proposal.has(Status.BUNDLED)),
        (NOT_COVERED, paid & compared & proposal.has(Status.NOT_COVERED)),
        (BY_REPORT, none & asked),
        (NO_AMOUNT, none & ~asked & ~beside(proposal)),
    )
    found = [stop for how, lines in ways for stop in _by_code(baseline, lines, how)]
    return tuple(sorted(found, key=lambda stop: (-stop.cents, stop.code)))


def _by_code(baseline: Priced, lines: Bools, how: str) -> Iterator[Stopped]:
    kinds, kind = baseline.fitted.prepared.kinds, baseline.fitted.prepared.kind[lines]
    codes = sorted({kinds[k].code for k in np.unique(kind)})
    place = np.array([codes.index(k.code) if k.code in codes else -1 for k in kinds], dtype=np.int64)[kind]
    sums = np.zeros(len(codes), dtype=np.int64)
    np.add.at(sums, place, baseline.allowed[lines])
    for code, number, cents in zip(codes, np.bincount(place, minlength=len(codes)), sums, strict=True):
        yield Stopped(code, how, int(number), int(cents))


def _taken_back(priced: Priced) -> Bools:
    """Return the lines that a void takes back, and that void."""
    return priced.fitted.prepared.paired


def by_report(priced: Priced) -> Bools:
    """Return the lines that the payer would price case by case."""
    return _because(priced, "by report")


def beside(priced: Priced) -> Bools:
    """Return the lines that have no amount only as another line of their claim or day has none."""
    return _because(priced, "has no amount")


def _because(priced: Priced, words: str) -> Bools:
    reasons = np.array([words in text for text in (*priced.reasons, "")], dtype=bool)
    found: Bools = reasons[priced.reason]
    return found
