"""How drug prices and indexes have moved over a year, drawn again from the history at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from hitmodel.errors import MissingReference
from hitmodel.indexes import Index
from hitmodel.prices import PaymentLimits

Ints = npt.NDArray[np.int64]
ONE = 1000
"""Factors are whole thousandths."""
QUARTERS = 4
_FARTHEST = (ONE // 4, 4 * ONE)


@dataclass(frozen=True)
class DrugYears:
    """Years of drug prices, put together from quarters that were.

    ``steps`` holds the change of each code (rows, as in ``codes``) from each quarter to the next (columns), in
    thousandths; 1000 where one of the two has no limit. ``known`` says for which codes at least half the steps are.
    """

    codes: tuple[str, ...]
    steps: Ints
    known: frozenset[str]

    @classmethod
    def of(cls, limits: PaymentLimits, codes: Sequence[str]) -> DrugYears:
        """Read the quarterly changes of codes.

        Raises `MissingReference` where fewer than two quarters are held.
        """
        quarters = limits.quarters
        if len(quarters) < 2:
            raise MissingReference("drug prices of one quarter have no history", expected="two quarters or more")
        found = [[_step(limits, code, n) for n in range(len(quarters) - 1)] for code in codes]
        known = frozenset(code for code, row in zip(codes, found, strict=True) if 2 * row.count(None) <= len(row))
        steps = [[ONE if step is None else step for step in row] for row in found]
        return cls(tuple(codes), np.array(steps, dtype=np.int64).reshape(len(codes), len(quarters) - 1), known)

    def drawn(self, draws: int, dice: np.random.Generator) -> Ints:
        """Return a year's factor for each code (rows) in each draw, in thousandths.

        A year is four quarterly steps drawn with return; all drugs take the same four, so they move together as they
        did.
        """
        chosen = (dice.random((QUARTERS, draws)) * self.steps.shape[1]).astype(np.int64)
        factor = np.full((len(self.codes), draws), ONE, dtype=np.int64)
        for quarter in chosen:
            factor = (2 * factor * self.steps[:, quarter] + ONE) // (2 * ONE)
        return np.clip(factor, *_FARTHEST)


def _step(limits: PaymentLimits, code: str, number: int) -> int | None:
    before, after = (limits.get(code, limits.quarters[n]) for n in (number, number + 1))
    if before is None or after is None or not before.limit or after.limit is None:
        return None
    return int(2 * ONE * Fraction(after.limit) / Fraction(before.limit) + 1) // 2


def scaled_limits(limits: PaymentLimits, factors: dict[str, int]) -> PaymentLimits:
    """Return payment limits with those of some codes times a factor [thousandths], in every quarter."""
    by_quarter = {
        quarter: {
            code: replace(row, limit=row.limit * factors[code] / ONE) if code in factors and row.limit else row
            for code, row in rows.items()
        }
        for quarter, rows in limits.by_quarter.items()
    }
    return PaymentLimits(by_quarter, limits.known_codes)


def yearly_changes(index: Index) -> tuple[Decimal, ...]:
    """Return the change over twelve months to each month held, as published: rounded to a tenth of a percent.

    Months that were never published, and those without one a year before, are left out.
    """
    found = []
    for month in sorted(index.values):
        before = month.replace(year=month.year - 1)
        if before in index.values:
            change = index.change_to(month).change
            found.append(Decimal(change.numerator) / Decimal(change.denominator))
    return tuple(found)
