"""What a drug line's companions on its day say: what was given beside waste, what was dispensed at once.

Worked out only when a contract asks for it. Lines belong together when patient, payer, code and first
day are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hitmodel.claims import Claims

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

WASTE = "JW"
"""HCPCS modifier: drug amount discarded, not administered to any patient."""
_SAME = ["patient_id", "payer", "code", "service_from"]


class SaidBeside(Protocol):
    """What lines say beside each other, as whole numbers for each line."""

    @property
    def service_days(self) -> Ints:
        """Days from a line's first to its last."""

    @property
    def dispenses(self) -> Ints:
        """1 on the first line of what was dispensed at once."""

    @property
    def beside(self) -> Ints:
        """Units given beside waste, or wasted beside the rest [thousandths]."""


@dataclass(frozen=True)
class Companions:
    """The lines of a claims file seen beside each other.

    ``stands``: lines that are neither unreadable nor a duplicate; ``paired``: a line and the void that takes it back.
    ``unknown`` is the number that stands for a quantity that is not there.
    """

    claims: Claims
    stands: Bools
    paired: Bools
    unknown: int

    @cached_property
    def service_days(self) -> Ints:
        """Days from a line's first to its last, both counted; negative on a void, ``unknown`` without dates."""
        lines = self.claims.lines
        first, last = (lines[c].to_numpy(dtype="datetime64[D]") for c in ("service_from", "service_through"))
        there = ~(np.isnat(first) | np.isnat(last)) & (self._sign != 0)
        days = np.full(len(lines), self.unknown, dtype=np.int64)
        days[there] = ((last - first).astype(np.int64)[there] + 1) * self._sign[there]
        return days

    @cached_property
    def dispenses(self) -> Ints:
        """1 on the first line of what was dispensed at once, 0 on the others and on waste; negative on a void."""
        number = np.full(len(self.claims.lines), self.unknown, dtype=np.int64)
        number[self.stands] = 0
        alone = self.stands & ~self._waste & (self.paired | (self._sign < 0))
        number[alone] = self._sign[alone]
        billed = np.flatnonzero(self._counts & ~self._waste)
        _, first = np.unique(self._together[billed], return_index=True)
        number[billed[first]] = 1
        return number

    @cached_property
    def beside(self) -> Ints:
        """For a line of waste the units given, for any other line the units wasted [thousandths]; ``unknown`` if none.

        A line and its void look at the same companions, so that they cancel.
        """
        result = np.full(len(self.claims.lines), self.unknown, dtype=np.int64)
        for counts, mine in (
            (self._counts, self.stands & ~self.paired),
            (self.stands & (self._sign > 0), self.stands & self.paired),
        ):
            for waste in (True, False):
                asks, tells = mine & (self._waste == waste), counts & (self._waste != waste)
                total = np.zeros(self._together.max(initial=0) + 1, dtype=np.int64)
                np.add.at(total, self._together[tells], self._units[tells])
                found = total[self._together]
                known = asks & (found > 0)
                result[known] = found[known] * self._sign[known]
        return result

    @cached_property
    def _units(self) -> Ints:
        return self.claims.lines["units_milli"].fillna(0).to_numpy(dtype=np.int64)

    @cached_property
    def _sign(self) -> Ints:
        return np.sign(self._units)

    @cached_property
    def _counts(self) -> Bools:
        """Lines that tell others something: bills that stand and that no void takes back."""
        counts: Bools = self.stands & ~self.paired & (self._sign > 0)
        return counts

    @cached_property
    def _waste(self) -> Bools:
        distinct, number = np.unique(
            self.claims.lines["modifiers"].to_numpy(dtype=object).astype(str), return_inverse=True
        )
        return np.array([WASTE in text.split() for text in distinct], dtype=bool)[number]

    @cached_property
    def _together(self) -> Ints:
        number: Ints = self.claims.lines.groupby(_SAME, sort=False, dropna=False).ngroup().to_numpy().astype(np.int64)
        return number
