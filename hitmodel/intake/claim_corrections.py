"""What a corrected file changes against the one whose place it takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Correction:
    """Lines and charges [dollars] before and after, and how many claims changed, came or went.

    A claim changed where its number of lines or its charge did.
    """

    lines: tuple[int, int]
    charges: tuple[Decimal, Decimal]
    changed: int
    came: int
    went: int


def corrected(before: Path, after: Path) -> Correction:
    """Return what the part ``after`` changes against the part ``before``."""
    parts = [pq.read_table(file, columns=["claim_id", "charge"]) for file in (before, after)]
    charges = [pc.sum(part["charge"]).as_py() or _ZERO for part in parts]
    was, now = (_by_claim(part) for part in parts)
    both = was.join(now, keys="claim_id", join_type="full outer", right_suffix="_now")
    gone, new = pc.is_null(both["lines_now"]), pc.is_null(both["lines"])
    same = pc.and_(pc.equal(both["lines"], both["lines_now"]), pc.equal(both["cents"], both["cents_now"]))
    changed = pc.invert(pc.fill_null(same, True))
    counts = [int(pc.sum(one).as_py() or 0) for one in (changed, new, gone)]
    return Correction((len(parts[0]), len(parts[1])), (charges[0], charges[1]), *counts)


def _by_claim(part: pa.Table) -> pa.Table:
    cents = pc.multiply(part["charge"], pa.scalar(100)).cast(pa.int64()).fill_null(0)
    whole = pa.table({"claim_id": part["claim_id"].cast(pa.string()), "cents": cents})
    sums = whole.group_by("claim_id").aggregate([("cents", "sum"), ("cents", "count")])
    return sums.rename_columns({"cents_sum": "cents", "cents_count": "lines"})
