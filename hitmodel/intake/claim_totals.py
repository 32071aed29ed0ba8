"""Totals that stand in an extract: held against the lines above them, and never counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hitmodel.intake.claim_cells import REPAIRED
from hitmodel.intake.claim_tally import Tally

_AGREES, _DIFFERS, _NONE = "total_agrees", "total_differs", "not_a_line"


@dataclass
class Totals:
    """The totals of a file and the sums of charges that stood above each [cents], block by block."""

    _sum: int = 0
    _since: int = 0
    _said: list[tuple[int, int | None, int, int]] = field(default_factory=list)

    def take(
        self, rows: NDArray[np.int32], charges: pa.Array, totals: NDArray[np.int32], said: Sequence[Decimal | None]
    ) -> None:
        """Take in the lines of a block with their charges, and the rows of totals in it with what they say."""
        cents = np.asarray(pc.multiply(charges, pa.scalar(100)).cast(pa.int64()).fill_null(0)) if len(rows) else rows
        sums = np.concatenate([[0], np.cumsum(cents, dtype=np.int64)])
        done = 0
        for row, amount in zip(totals.tolist(), said, strict=True):
            at = int(np.searchsorted(rows, row))
            above = self._sum + int(sums[at])
            since = self._since + int(sums[at] - sums[done])
            self._said.append((row, None if amount is None else int(amount * 100), above, since))
            self._since, done = 0, at
        self._sum += int(sums[-1])
        self._since += int(sums[-1] - sums[done])

    def tell(self, tally: Tally) -> None:
        """Say of each total whether it is the sum of lines: of those above it, those since the last total, or all."""
        for row, amount, above, since in self._said:
            if amount is None:
                tally.add(_NONE, "row", [row], "a total or a note, with no code and no day: left out")
            elif amount in (above, since, self._sum):
                said = f"a total, {_dollars(amount)}: left out; the lines add up to it"
                tally.add(_AGREES, "row", [row], said, REPAIRED)
            else:
                said = f"a total, {_dollars(amount)}: left out; the lines above add up to {_dollars(above)}"
                tally.add(_DIFFERS, "row", [row], said)


def _dollars(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):,.2f}"
