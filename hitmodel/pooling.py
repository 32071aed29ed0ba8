"""Breakdowns in which no few patients can be worked out, not even by subtracting one number from another.

A group of few patients is withheld: it stands in its breakdown's pool. Several breakdowns of the same lines are looked
at together, since a group that one withholds can be the difference of numbers that others show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

FEW_PATIENTS = 10
"""Groups of this many patients or fewer never stand alone in an external edition."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Row = tuple[str, int]
"""One number shown: a breakdown and a group of it. `POOL` stands for the breakdown's pool, `ALL` for the total."""

POOL, ALL = -1, -2
_PRIME = 2_147_483_647
_SPARE = 16


def pools(breakdowns: Mapping[str, Ints], patients: Ints) -> dict[str, frozenset[int]]:
    """Return for each breakdown the groups that stand in its pool.

    Few patients are `FEW_PATIENTS` or fewer. What remains has these properties: every group and every pool shown holds
    more than a few; no withheld group is a sum and difference of numbers shown; no number shown holds another one but
    for a few patients. When all lines together are of few patients, everything is pooled, and even the total should
    not be shown.

    Earlier breakdowns matter more: where two give something away together, the later one gives way.

    Parameters
    ----------
    breakdowns : mapping
        The group number of each line, from 0, under each breakdown.
    patients : array
        The patient of each line.
    """
    work = _Work(breakdowns, patients)
    for name in breakdowns:
        work.fill(name)
    while rows := set(work.betraying()):
        for row in rows:
            work.withhold(row)
    return {name: frozenset(held) for name, held in work.held.items()}


class _Work:
    """The pools while they are being filled. Lines of one patient that are alike in every breakdown are one."""

    def __init__(self, breakdowns: Mapping[str, Ints], patients: Ints) -> None:
        frame = pd.DataFrame({**breakdowns, " patient": patients}).drop_duplicates()
        self.of = {name: frame[name].to_numpy(dtype=np.int64) for name in breakdowns}
        self.patients = frame[" patient"].to_numpy(dtype=np.int64)
        self.size = {
            (name, int(group)): self.count(of == group) for name, of in self.of.items() for group in np.unique(of)
        }
        self.order = {name: place for place, name in enumerate(breakdowns)}
        self.few = [row for row, size in self.size.items() if size <= FEW_PATIENTS]
        self.held = {name: {group for there, group in self.few if there == name} for name in breakdowns}
        self.marks = _marks(frame[list(breakdowns)].drop_duplicates(), len(self.size) + len(breakdowns) + _SPARE)

    def count(self, lines: Bools) -> int:
        """Number of patients in some lines."""
        return len(np.unique(self.patients[lines]))

    def shown_groups(self, name: str) -> list[int]:
        return [group for there, group in self.size if there == name and group not in self.held[name]]

    def fill(self, name: str) -> None:
        """Add the next smallest groups until a pool is empty, or holds several groups and more than a few patients."""
        held = self.held[name]
        while held and self.shown_groups(name):
            if len(held) > 1 and self.count(self._shown(name) == POOL) > FEW_PATIENTS:
                break
            held.add(self._next_smallest(name))

    def withhold(self, row: Row) -> None:
        """Put a group into its pool; for a pool, the next smallest group of its breakdown."""
        name, group = row
        if group >= 0:
            self.held[name].add(group)
        elif self.shown_groups(name):
            self.held[name].add(self._next_smallest(name))
        self.fill(name)

    def betraying(self) -> Iterator[Row]:
        """Yield rows that must go because of what the rows shown give away together."""
        for rows in (*self._combinations(), *self._remainders()):
            groups = [row for row in rows if row[1] >= 0]
            growing = [row for row in rows if row[1] == POOL and self.shown_groups(row[0])]
            if groups or growing:
                yield min(groups or growing, key=lambda row: (-self.order[row[0]], self.size.get(row, 0), row))

    def _next_smallest(self, name: str) -> int:
        return min(self.shown_groups(name), key=lambda group: (self.size[name, group], group))

    def _shown(self, name: str) -> Ints:
        """The group under which each line is shown."""
        return np.where(np.isin(self.of[name], list(self.held[name])), POOL, self.of[name])

    def _combinations(self) -> Iterator[list[Row]]:
        """Yield for each withheld group that is a sum and difference of rows shown the rows that it takes."""
        shown = {(name, group): self.marks[name, group] for name in self.of for group in self.shown_groups(name)}
        for name, held in self.held.items():
            if held:
                shown[name, POOL] = _total(self.marks[name, group] for group in held)
        first = next(iter(self.of))
        shown[first, ALL] = _total(mark for (name, _), mark in self.marks.items() if name == first)
        rows, known = list(shown), _Known(list(shown.values()))
        for row in self.few:
            taken = known.combination(self.marks[row])
            if taken is not None:
                yield [row for row, part in zip(rows, taken, strict=True) if part]

    def _remainders(self) -> Iterator[list[Row]]:
        """Yield pairs of rows shown of which one holds the other but for a few patients."""
        shown = {name: self._shown(name) for name in self.of}
        for inner, outer in permutations(self.of, 2):
            pairs = pd.DataFrame({"part": shown[inner], "whole": shown[outer]}).drop_duplicates()
            for part, whole in pairs.drop_duplicates("part", keep=False).itertuples(index=False):
                rest = (shown[outer] == whole) & (shown[inner] != part)
                if rest.any() and self.count(rest) <= FEW_PATIENTS:
                    yield [(inner, int(part)), (outer, int(whole))]


class _Known:
    """The span of some vectors modulo a prime, and how a vector in it is put together."""

    def __init__(self, vectors: Sequence[Ints]) -> None:
        self.count, self.width = len(vectors), len(vectors[0])
        self.basis: list[tuple[int, Ints]] = []
        for row in np.concatenate([np.stack(vectors), np.eye(self.count, dtype=np.int64)], axis=1):
            left = self._reduced(row)
            if left[: self.width].any():
                at = int(np.flatnonzero(left)[0])
                self.basis.append((at, left * pow(int(left[at]), -1, _PRIME) % _PRIME))

    def combination(self, vector: Ints) -> Ints | None:
        """Return the part of each given vector in ``vector`` (0 where it takes no part), or None when there is none."""
        left = self._reduced(np.concatenate([vector, np.zeros(self.count, dtype=np.int64)]))
        return None if left[: self.width].any() else left[self.width :]

    def _reduced(self, row: Ints) -> Ints:
        for at, unit in self.basis:
            if row[at]:
                row = (row - row[at] * unit) % _PRIME
        return row


def _marks(kinds: pd.DataFrame, width: int) -> dict[Row, Ints]:
    """Return a vector for each group such that sums of groups are equal only where the lines in them are.

    Each kind of line has a row of random numbers from a fixed seed, and a group has the sum of its kinds.
    """
    drawn = np.random.default_rng(0).integers(1, _PRIME, size=(len(kinds), width), dtype=np.int64)
    return {
        (str(name), int(group)): drawn[of == group].sum(axis=0) % _PRIME
        for name in kinds
        for of in [kinds[name].to_numpy(dtype=np.int64)]
        for group in np.unique(of)
    }


def _total(vectors: Iterable[Ints]) -> Ints:
    result: Ints = np.sum(list(vectors), axis=0) % _PRIME
    return result
