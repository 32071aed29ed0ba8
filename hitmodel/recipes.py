"""Lines that are priced alike but for their charges, kept together: what they come to at any rate, exactly.

A line that stands alone comes to the lesser of an amount and its limit. Lines of one resolution, rank and quantity
have one amount, so what all of them come to is one search among their sorted limits and a look at prefix sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from hitmodel.amounts import Piece, cent_rate, share_of, times
from hitmodel.money import to_cents
from hitmodel.prepare import SCALE, UNKNOWN, Ints
from hitmodel.resolve import Resolution

MOST_LIMIT = 2**36
"""Limits [cents] are less than this, which also stands for no limit."""
_SHIFT = 37
"""Recipe and limit share one whole number of 63 bits: there may be 67 million recipes."""


@dataclass(frozen=True)
class Alike:
    """Lines to be kept together, one entry for each line.

    ``moment`` numbers the (kind, period, price) by which a line is resolved, ``place`` its rounding place; ``quantity``
    holds what it is multiplied by, by source; ``limit`` is the size of its charge limit [cents], `MOST_LIMIT` for none.
    """

    group: Ints
    moment: Ints
    rank: Ints
    place: Ints
    quantity: dict[str, Ints]
    limit: Ints


CentRate: TypeAlias = tuple[str, Fraction] | None
"""What `cent_rate` says: a source, and cents for each of its whole numbers."""


class Way(NamedTuple):
    """How lines are priced: the number of the moment, the rank, the number of the rounding place."""

    moment: int
    rank: int
    place: int


@dataclass(frozen=True)
class Recipes:
    """Lines kept together, one entry for each recipe; recipes are in order of ``group``.

    ``start`` is each recipe's place among the distinct limits, one more at the end; ``lines`` and ``limits`` are
    sums over the distinct limits before each place.
    """

    group: Ints
    moment: Ints
    rank: Ints
    place: Ints
    quantity: dict[str, Ints]
    start: Ints
    key: Ints
    lines: Ints
    limits: Ints

    @classmethod
    def of(cls, alike: Alike) -> Recipes:
        """Keep lines together."""
        columns = (alike.group, alike.moment, alike.rank, alike.place, *alike.quantity.values())
        recipe, first = _together(columns)
        key = (recipe << _SHIFT) + alike.limit
        key, lines = np.unique(key, return_counts=True)
        limit = key & ((1 << _SHIFT) - 1)
        held = np.where(limit < MOST_LIMIT, limit, 0)
        return cls(
            group=alike.group[first],
            moment=alike.moment[first],
            rank=alike.rank[first],
            place=alike.place[first],
            quantity={source: column[first] for source, column in alike.quantity.items()},
            start=np.searchsorted(key, np.arange(len(first) + 1) << _SHIFT),
            key=key,
            lines=np.concatenate([[0], np.cumsum(lines)]),
            limits=np.concatenate([[0], np.cumsum(held * lines)]),
        )

    @property
    def count(self) -> int:
        """Number of recipes."""
        return len(self.moment)

    def ways(self, chosen: Ints) -> tuple[Ints, list[Way]]:
        """Return the distinct ways in which the chosen recipes are priced, and the number of each recipe's way."""
        index, first = _together((self.moment[chosen], self.rank[chosen], self.place[chosen]))
        at = chosen[first]
        columns = (self.moment[at].tolist(), self.rank[at].tolist(), self.place[at].tolist())
        return index, [Way(*row) for row in zip(*columns, strict=True)]

    def cents(self, chosen: Ints, resolutions: Mapping[int, Resolution], places: Sequence[str]) -> Ints:
        """Return what one line of each chosen recipe comes to before its limit, by the resolution of its moment."""
        index, ways = self.ways(chosen)
        rates = [cent_rate(resolutions[way.moment], way.rank, places[way.place]) for way in ways]
        cents = self.times(chosen, index, rates)
        for at in np.flatnonzero(np.array([rate is None for rate in rates], dtype=bool)[index]).tolist():
            way = ways[index[at]]
            piece = self._piece(int(chosen[at]), resolutions[way.moment], way.rank, places[way.place])
            cents[at] = to_cents(piece.value())
        return cents

    def times(self, chosen: Ints, index: Ints, rates: Sequence[CentRate]) -> Ints:
        """Return the cents of chosen recipes by the rates of their ways; 0 where a way is no single rate."""
        cents = np.zeros(len(chosen), dtype=np.int64)
        for source in {rate[0] for rate in rates if rate is not None}:
            mine = np.array([rate is not None and rate[0] == source for rate in rates], dtype=bool)[index]
            exact = [rate[1] if rate else Fraction(0) for rate in rates]
            cents[mine] = times(self.quantity[source][chosen[mine]], exact, index[mine])
        return cents

    def _piece(self, recipe: int, resolution: Resolution, rank: int, place: str) -> Piece:
        quantities = {}
        for source, column in self.quantity.items():
            if column[recipe] != UNKNOWN:
                quantities[source] = Fraction(int(column[recipe]), SCALE[source])
        for source in quantities.keys() & {"units", "beside"}:
            quantities[source] *= resolution.kind.units_factor
        quantities["case"] = Fraction(1 if self.quantity["units"][recipe] >= 0 else -1)
        return Piece(resolution.outcome, resolution.factor, share_of(resolution, rank), place, quantities)

    def held(self, chosen: Ints, cents: Ints) -> Ints:
        """Return what all lines of each chosen recipe come to, each held to its limit [cents]."""
        size = np.abs(cents)
        start, end = self.start[chosen], self.start[chosen + 1]
        at = np.searchsorted(self.key, (chosen << _SHIFT) + np.minimum(size, MOST_LIMIT))
        below = self.limits[at] - self.limits[start]
        result: Ints = np.sign(cents) * (below + size * (self.lines[end] - self.lines[at]))
        return result


def _together(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Number the distinct rows of columns, in order of the first column; return each row's number, and one of each."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, number = np.unique(column, return_inverse=True) if len(column) < 1000 else _sorted_codes(column)
        key = key * max(len(values), 1) + number
        key = _sorted_codes(key)[1]
    first = np.zeros(int(key.max(initial=-1)) + 1, dtype=np.int64)
    first[key] = np.arange(len(key))
    return key, first


def _sorted_codes(column: Ints) -> tuple[Ints, Ints]:
    number, values = pd.factorize(column)
    order = np.argsort(values, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return values[order], place[number]
