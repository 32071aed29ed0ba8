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
    def _services(self) -> pa.Table:
        return pq.read_table(self.file, columns=["code", "charge"])


def among(column: pd.Series, values: Collection[str] | pd.Series) -> Bools:
    """Say which texts of a column are among some. Arrow compares them as they lie; pandas makes an object of each."""
    wanted = pa.array(values) if isinstance(values, pd.Series) else pa.array(list(values), pa.string())
    texts = pa.array(column).cast(pa.large_string())
    found: Bools = np.asarray(pc.is_in(texts, value_set=wanted.cast(pa.large_string()).unique()))
    return found
