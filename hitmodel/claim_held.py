"""The lines of one imported file as far as it matters which of them stand: claims, days, frequencies, numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hitmodel.claim_parts import FORMAT, MADE, NUMBERED, REPLACEMENT, TABLE, VOID
from hitmodel.workspace import Entry, Workspace

Bools = NDArray[np.bool_]
_TEXTS = ("claim_id", "frequency", "original", "payer_order")
_READ = (*_TEXTS, "line_id", "service_from", "service_through", "bill")
FIRST, SECOND, THIRD = 0, 1, 2
"""Classes of claims: originals, replacements, voids."""


@dataclass
class Part:
    """One file's lines as far as standing goes.

    ``order`` is its place among the imports. ``stands`` and ``negated`` are said for each line; ``again`` is the number
    of a line whose id stood before, else 0.
    """

    entry: Entry
    file: str
    order: int
    frame: pd.DataFrame
    stands: Bools
    negated: Bools
    again: NDArray[np.int64]

    @classmethod
    def of(cls, workspace: Workspace, entry: Entry, order: int) -> Part:
        """Read a part's keys."""
        file = str(workspace.files(entry)[0])
        held = pq.read_schema(file).names
        table = pq.read_table(file, columns=[name for name in _READ if name in held])
        plain = {name: table[name].cast(pa.string()).fill_null("") for name in _TEXTS if name in held}
        days = {name: table[name].cast(pa.int32()).fill_null(0) for name in ("service_from", "service_through")}
        whole = pa.table({**plain, **days, "line_id": table["line_id"], "bill": table["bill"].fill_null(-1)})
        frame = whole.to_pandas()
        if "payer_order" not in held:
            frame["payer_order"] = ""
        count = len(frame)
        return cls(entry, file, order, frame, np.ones(count, bool), np.zeros(count, bool), np.zeros(count, np.int64))

    @property
    def numbered(self) -> bool:
        """Whether the file numbered its lines, so that one can be known again."""
        return self.entry.about.get(NUMBERED) == "yes"

    @property
    def is_table(self) -> bool:
        """Whether it is an extract, which does not say when it was made, rather than a file of claims as sent."""
        return self.entry.about.get(FORMAT) == TABLE

    @property
    def made(self) -> str:
        """When a file of claims was made, by its own words, as text that can be compared; "" where it does not say."""
        return self.entry.about.get(MADE, "")

    @property
    def minute(self) -> str:
        """The minute of `made`, behind which stands the interchange's number."""
        return self.made[: len("20260301 1200")]

    @property
    def canonical(self) -> tuple[bool, str, str, str]:
        """What orders parts whatever the order in which they were imported."""
        return not self.is_table, self.made, self.entry.source, self.entry.checksum

    @cached_property
    def classes(self) -> NDArray[np.int8]:
        """Whether each line is of an original, a replacement or a void."""
        said = self.frame["frequency"].to_numpy()
        kinds = np.select([said == REPLACEMENT, said == VOID], [SECOND, THIRD], FIRST)
        classes: NDArray[np.int8] = kinds.astype(np.int8)
        return classes

    def alike(self, rows: Sequence[int] | NDArray[np.int64]) -> list[tuple[object, ...]]:
        """Return of some lines what makes two of them alike: code, days and, behind these, the size of the charge."""
        some = self._services.take(np.asarray(rows, np.int64))
        cents = [abs(charge) if charge is not None else None for charge in some["charge"].to_pylist()]
        days = self.frame[["service_from", "service_through"]].to_numpy()[rows].tolist()
        return [(code, *span, charge) for code, span, charge in zip(some["code"].to_pylist(), days, cents, strict=True)]

    @cached_property
    def negative(self) -> Bools:
        """Whether each line of an extract takes back by its sign, as systems without frequencies write a reversal."""
        if not self.is_table:
            return np.zeros(len(self.frame), bool)
        amounts = pq.read_table(self.file, columns=["units", "charge"])
        below = [pc.less(amounts[name].cast(pa.float64()), 0).fill_null(False) for name in amounts.column_names]
        found: Bools = np.asarray(pc.or_(*below)) & (self.classes == FIRST)
        return found

    @cached_property
    def mates(self) -> dict[int, int]:
        """The line that each negative line takes back in this file itself: one like it that stands above it."""
        if not self.negative.any():
            return {}
        rows = np.flatnonzero(among(self.frame["claim_id"], self.frame["claim_id"][self.negative]))
        above: dict[tuple[object, ...], list[int]] = {}
        found = {}
        for row, claim, kind in zip(rows.tolist(), self.frame["claim_id"][rows], self.alike(rows), strict=True):
            stack = above.setdefault((claim, *kind), [])
            if not self.negative[row]:
                stack.append(row)
            elif stack:
                found[row] = stack.pop()
        return found

    @cached_property
    def lone(self) -> NDArray[np.int64]:
        """Negative lines with no such line in this file: what they take back came in another, if at all."""
        return np.array([row for row in np.flatnonzero(self.negative).tolist() if row not in self.mates], np.int64)

    def kinds(self, rows: Sequence[int] | NDArray[np.int64]) -> list[tuple[object, ...]]:
        """Return claim and `alike` of some lines."""
        claims = self.frame["claim_id"].to_numpy()[rows]
        return [(claim, *kind) for claim, kind in zip(claims, self.alike(rows), strict=True)]

    def with_mates(self, lines: Bools) -> Bools:
        """Return some lines, and the negative lines that take one of them back in this file."""
        found = lines.copy()
        for negative, mate in self.mates.items():
            found[negative] |= lines[mate]
        return found

    @cached_property
    def _services(self) -> pa.Table:
        return pq.read_table(self.file, columns=["code", "charge"])


def among(column: pd.Series, values: Collection[str] | pd.Series) -> Bools:
    """Say which texts of a column are among some. Arrow compares them as they lie; pandas makes an object of each."""
    wanted = pa.array(values) if isinstance(values, pd.Series) else pa.array(list(values), pa.string())
    texts = pa.array(column).cast(pa.large_string())
    found: Bools = np.asarray(pc.is_in(texts, value_set=wanted.cast(pa.large_string()).unique()))
    return found
