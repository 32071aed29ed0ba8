"""Priced claims added up by status and reason, in a form that adds up over the parts of a claims set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hitmodel.errors import Counted, counted_together
from hitmodel.prepare import DUPLICATE, UNKNOWN, Bools
from hitmodel.pricing import Priced
from hitmodel.status import ORDER, Status


@dataclass(frozen=True)
class Sums:
    """Lines, their charges and what is allowed [cents]; ``allowed`` is None where the amounts are not known."""

    lines: int
    charge: int
    allowed: int | None


@dataclass(frozen=True)
class Tally:
    """What came of claims: sums by status, by status and reason how many lines, and what is wrong with the files."""

    by_status: dict[Status, Sums]
    reasons: Counter[tuple[Status, str]]
    findings: tuple[Counted, ...] = ()

    @property
    def lines(self) -> int:
        """All lines."""
        return sum(sums.lines for sums in self.by_status.values())

    @property
    def allowed(self) -> int:
        """What is allowed over the lines with a known amount [cents]."""
        return sum(sums.allowed or 0 for sums in self.by_status.values())


def tally(priced: Priced) -> Tally:
    """Return priced claims added up."""
    charge = priced.fitted.prepared.quantities.charge
    by_status = {}
    for number, status in enumerate(ORDER):
        there: Bools = priced.status == number
        if there.any():
            charges = charge[there]
            allowed = int(priced.allowed[there].sum()) if status.has_amount else None
            by_status[status] = Sums(int(there.sum()), int(charges[charges != UNKNOWN].sum()), allowed)
    pairs = priced.status.astype(np.int64) * (len(priced.reasons) + 1) + priced.reason + 1
    reasons: Counter[tuple[Status, str]] = Counter()
    for pair, lines in zip(*np.unique(pairs, return_counts=True), strict=True):
        place, reason = divmod(int(pair), len(priced.reasons) + 1)
        if reason:
            reasons[ORDER[place], _alike(priced.reasons[reason - 1])] += int(lines)
    return Tally(by_status, reasons, priced.claims.counted)


def _alike(reason: str) -> str:
    """Return a reason without the line that it names, so that all duplicates are one reason."""
    start, _, _ = reason.partition(DUPLICATE)
    return f"{start}a duplicate of another line" if start != reason else reason


def together(parts: Iterable[Tally]) -> Tally:
    """Return the tallies of parts of a claims set as one."""
    by_status: dict[Status, Sums] = {}
    reasons: Counter[tuple[Status, str]] = Counter()
    findings: list[Counted] = []
    for part in parts:
        findings += part.findings
        reasons.update(part.reasons)
        for status, more in part.by_status.items():
            so_far = by_status.get(status, Sums(0, 0, 0 if status.has_amount else None))
            allowed = None if more.allowed is None or so_far.allowed is None else so_far.allowed + more.allowed
            by_status[status] = Sums(so_far.lines + more.lines, so_far.charge + more.charge, allowed)
    ordered = {status: by_status[status] for status in ORDER if status in by_status}
    return Tally(ordered, reasons, counted_together(findings))
