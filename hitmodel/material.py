"""What the cutting of lines works on: live lines with their kinds, and the contract's periods."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hitmodel.codes import CodeTable
from hitmodel.compile import Compiled
from hitmodel.mechanisms.base import LineKind
from hitmodel.patient_days import STRIDE, DayRuns
from hitmodel.prepare import Bools, Ints, Prepared
from hitmodel.recount import Recount
from hitmodel.selection import matches
from hitmodel.terms import Selector


def stretch_of(starts: Ints, days: Ints) -> Ints:
    """Return the number of the stretch that each day lies in, by the first days of stretches; the first before all.

    Days are looked up in a table, since there are few of them however many lines.
    """
    if not len(days):
        return np.zeros(0, dtype=np.int64)
    earliest = int(days.min())
    every = np.arange(earliest, int(days.max()) + 1)
    table = np.maximum(np.searchsorted(starts, every, side="right") - 1, 0)
    result: Ints = table[days - earliest]
    return result


@dataclass(frozen=True)
class Material:
    """What the cutting works on. ``live`` are the lines to cut; ``kind`` indexes ``kinds`` for every line.

    ``term_starts`` are the first days of the contract's periods, ``fixed`` says that one day's terms hold for every
    line. ``recount`` is what evidence makes of lines.
    """

    prepared: Prepared
    compiled: Compiled
    kinds: tuple[LineKind, ...]
    kind: Ints
    live: Ints
    term_starts: Ints
    fixed: bool
    codes: CodeTable
    recount: Recount

    def is_by_day(self, line: int) -> bool:
        """Whether a line's units are days, so that its span can be cut."""
        return self.kinds[int(self.kind[line])].is_by_day

    @cached_property
    def by_day(self) -> Bools:
        """Whether the units of each line are days."""
        of_kind = np.array([kind.is_by_day for kind in self.kinds], dtype=bool)
        result: Bools = of_kind[self.kind]
        return result

    def periods_on(self, days: Ints) -> Ints:
        """Return the contract period that holds on each of some days."""
        return np.zeros(len(days), dtype=np.int64) if self.fixed else stretch_of(self.term_starts, days)

    def period_on(self, day: int) -> int:
        """Return the contract period that holds on a day."""
        return 0 if self.fixed else max(bisect_right(self._starts, day) - 1, 0)

    @cached_property
    def _starts(self) -> list[int]:
        starts: list[int] = self.term_starts.tolist()
        return starts

    def selected(self, selector: Selector) -> Ints:
        """Return the live lines that a selector fits."""
        fitting = np.array([matches(selector, k) for k in self.kinds], dtype=bool)
        chosen: Ints = self.live[fitting[self.kind[self.live]]]
        return chosen

    def of_kinds(self, kinds: frozenset[int]) -> Ints:
        """Return the live lines of these kinds."""
        chosen = np.zeros(len(self.kinds), dtype=bool)
        chosen[list(kinds)] = True
        lines: Ints = self.live[chosen[self.kind[self.live]]]
        return lines

    def by_patient(self, lines: Ints) -> dict[int, list[int]]:
        """Return lines that stand, by patient: not voids, and not lines that a void takes back."""
        standing = lines[(self.prepared.quantities.units[lines] > 0) & ~self.prepared.paired[lines]]
        found: dict[int, list[int]] = defaultdict(list)
        for line, patient in zip(standing.tolist(), self.prepared.patient[standing].tolist(), strict=True):
            found[patient].append(line)
        return found

    def of_patients(self, lines: Ints, others: Ints) -> Ints:
        """Return those of ``lines`` whose patient has one of ``others`` too."""
        theirs = np.zeros(int(self.prepared.patient.max(initial=-1)) + 1, dtype=bool)
        theirs[self.prepared.patient[others]] = True
        chosen: Ints = lines[theirs[self.prepared.patient[lines]]]
        return chosen

    def sharing_days(self, lines: Ints, others: Ints) -> Ints:
        """Return those of ``lines`` that share a day with one of ``others`` of their patient, or are one of them."""
        patient, first, last = self.prepared.patient, self.prepared.first, self.prepared.last
        days = DayRuns.of(*(patient[others] * STRIDE + day[others] for day in (first, last)))
        chosen: Ints = lines[days.touch(*(patient[lines] * STRIDE + day[lines] for day in (first, last)))]
        return chosen

    def shared_days(self, line: int, others: list[int]) -> set[int]:
        """Return the days of a line on which one of ``others`` can be paid too."""
        first, last = self.prepared.first, self.prepared.last
        days: set[int] = set()
        for other in others:
            shared = range(max(int(first[line]), int(first[other])), min(int(last[line]), int(last[other])) + 1)
            days.update(day for day in shared if self.recount.is_paid(other, day))
        return days
