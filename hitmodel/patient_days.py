"""Which days of which patient some lines cover, for millions of lines at once.

A patient and a day together are one whole number, patient × `STRIDE` + day since 1970, so that a run of days is a
pair of numbers and one sorted array holds the runs of all patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STRIDE = 1_000_000
"""More days than any date here reaches, so that patients never touch."""


def patient_days(patient: Ints, day: pd.Series) -> Ints:
    """Return patient numbers (0, 1, 2 …) and datetime64 days together; the epoch stands for no date."""
    days = day.to_numpy(dtype="datetime64[D]").astype(np.int64)
    return patient * STRIDE + np.where(day.isna().to_numpy(), 0, days)


@dataclass(frozen=True)
class DayRuns:
    """Runs of patient days, first and last included; of one patient's runs none touch."""

    first: Ints
    last: Ints

    @classmethod
    def of(cls, first: Ints, last: Ints, *, gap: int = 0) -> DayRuns:
        """Join lines into runs; lines with at most ``gap`` days [days] between them are one run."""
        if not len(first):
            return cls(first, last)
        order = np.argsort(first, kind="stable")
        first, reach = first[order], np.maximum.accumulate(last[order])
        begins = np.append(True, first[1:] > reach[:-1] + gap + 1)
        ends = np.append(begins[1:], True)
        return cls(first[begins], reach[ends])

    @property
    def days(self) -> Ints:
        """Days in each run, both ends counted [days]."""
        return self.last - self.first + 1

    def touch(self, first: Ints, last: Ints) -> Bools:
        """Say for each line whether some run shares a day with it."""
        before = np.searchsorted(self.first, last, side="right") - 1
        return (before >= 0) & (self._last(before) >= first)

    def hold(self, first: Ints, last: Ints) -> Bools:
        """Say for each line whether one run has all its days."""
        before = np.searchsorted(self.first, first, side="right") - 1
        return (before >= 0) & (self._last(before) >= last)

    def _last(self, index: Ints) -> Ints:
        return self.last[np.maximum(index, 0)] if len(self.last) else np.full(len(index), -1, dtype=np.int64)
