"""Lines grouped by therapy and code, added up, and taken at another volume: the same sums on screen and in reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.money import round_half_up
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.pricing import Pricer
from hitmodel.summary import DRUG_ROLES, therapy_of


@dataclass(frozen=True)
class Groups:
    """How lines are grouped: the therapy and code of each group, and whether it is drug lines of known cost."""

    index: Ints
    therapies: tuple[str, ...]
    codes: tuple[str, ...]
    costed: tuple[bool, ...]

    def added(self, cents: Ints) -> Ints:
        """Return what lines come to by group; lines in no group are in no sum."""
        sums = np.zeros(len(self.codes), dtype=np.int64)
        there = self.index >= 0
        np.add.at(sums, self.index[there], cents[there])
        return sums


def grouped(pricer: Pricer, compared: Bools) -> Groups:
    """Group the compared lines by therapy, code, and whether they are drug lines whose cost is known."""
    prepared = pricer.prepared
    keys = [(therapy_of(kind.role, kind.therapy_class), kind.code) for kind in prepared.kinds]
    drug = np.array([kind.role in DRUG_ROLES for kind in prepared.kinds], dtype=bool)
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    of_kind = np.array([place[key] for key in keys], dtype=np.int64)
    costed = drug[prepared.kind] & (prepared.quantities.cost != UNKNOWN)
    present, dense = np.unique((2 * of_kind[prepared.kind] + costed)[compared], return_inverse=True)
    index = np.full(prepared.count, -1, dtype=np.int64)
    index[compared] = dense
    named = list(place)
    found = [named[number // 2] for number in present.tolist()]
    flags = tuple(bool(number % 2) for number in present.tolist())
    return Groups(index, tuple(therapy for therapy, _ in found), tuple(code for _, code in found), flags)


def at_volume(volumes: Mapping[str, Decimal], groups: Groups, sums: Ints) -> list[int]:
    """Return sums by group [cents] at times of today's volume by therapy, each group rounded to the cent."""
    if not volumes:
        return [int(x) for x in sums]
    times = [Fraction(volumes.get(therapy, 1)) for therapy in groups.therapies]
    return [int(round_half_up(int(x) * factor, 0)) for x, factor in zip(sums, times, strict=True)]


def by_key(keys: tuple[str, ...], sums: Iterable[int]) -> dict[str, int]:
    """Add groups up by a key."""
    found: dict[str, int] = {}
    for key, cents in zip(keys, sums, strict=True):
        found[key] = found.get(key, 0) + int(cents)
    return found


def three_by_key(keys: tuple[str, ...], columns: Sequence[Iterable[int]]) -> dict[str, tuple[int, int, int]]:
    today, at_volume, amount = (by_key(keys, column) for column in columns)
    return {key: (today[key], at_volume[key], amount[key]) for key in today}
