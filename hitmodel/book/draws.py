"""Random draws that stay the same from one release of numpy to the next.

Everything comes from uniform doubles of a seeded PCG64, the one stream whose values numpy has kept; the choices
are made of them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draws:
    """A stream of random choices for one key, such as (seed, payer, step)."""

    def __init__(self, *key: int) -> None:
        self._stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to ``limit`` − 1."""
        return int(self._stream.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both possible."""
        return low + self.below(high - low + 1)

    def one_of(self, items: Sequence[T]) -> T:
        """Return one of ``items``."""
        return items[self.below(len(items))]

    def index(self, weights: Sequence[int]) -> int:
        """Return an index, as likely as its weight."""
        left = self.below(sum(weights))
        for i, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return i
        raise AssertionError("unreachable")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return ``items`` in random order."""
        mixed = list(items)
        for i in range(len(mixed) - 1, 0, -1):
            j = self.below(i + 1)
            mixed[i], mixed[j] = mixed[j], mixed[i]
        return mixed


def to_total(draws: Draws, total: int, sizes: Sequence[int], low: Sequence[int], high: Sequence[int]) -> list[int]:
    """Return a count for each of ``sizes`` between ``low`` and ``high`` so that Σ count × size comes to ``total``.

    Counts start from a uniform draw and move one step at a time, in random order, towards the total. The result is
    short or over by less than the smallest size when no step is left that brings it nearer.
    """
    counts = [draws.between(lo, hi) for lo, hi in zip(low, high, strict=True)]
    gap = total - sum(n * s for n, s in zip(counts, sizes, strict=True))
    while gap:
        step = 1 if gap > 0 else -1
        moved = False
        for i in draws.shuffled(range(len(counts))):
            if sizes[i] <= abs(gap) and low[i] <= counts[i] + step <= high[i]:
                counts[i] += step
                gap -= step * sizes[i]
                moved = True
        if not moved:
            return counts
    return counts
