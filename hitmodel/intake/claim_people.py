"""Whether the column by which patients are told apart holds two persons under one id, as a subscriber's does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hitmodel.intake.claim_columns import ColumnMap
from hitmodel.intake.claim_headings import is_birth, is_name
from hitmodel.intake.claim_tally import Tally

_KIND = "two_people"


def beside(made: ColumnMap) -> tuple[str, ...]:
    """Return the columns that show whether an id is one person's: of birth dates, else of names; () where none do."""
    ids = made.columns.get("patient_id", ())
    if len(ids) != 1:
        return ()
    others = [name for name in made.headings if name and name not in made.used]
    births = [name for name in others if is_birth(name)]
    return tuple(births[:1] or [name for name in others if is_name(name)])


@dataclass
class People:
    """Who stands under each id; kept while a file is read, and nowhere else."""

    columns: tuple[str, ...]
    _first: dict[str, str] = field(default_factory=dict)
    _second: dict[str, int] = field(default_factory=dict)

    def look(self, rows: NDArray[np.int32], known: pa.Array, columns: Mapping[str, pa.Array]) -> None:
        """Take in the ids of some rows and what stands beside them."""
        ids, *texts = (_encoded(column) for column in (known, *(columns[name] for name in self.columns)))
        pairs: NDArray[np.int64] = np.asarray(ids.indices.fill_null(0), np.int64)
        for text in texts:
            pairs = pairs * (len(text.dictionary) + 1) + np.asarray(text.indices.fill_null(0), np.int64)
        _, first = np.unique(pairs, return_index=True)
        at = pa.array(first)
        who = zip(*(text.take(at).cast(pa.string()).to_pylist() for text in texts), strict=True)
        for number, one, parts in zip(first.tolist(), ids.take(at).cast(pa.string()).to_pylist(), who, strict=True):
            person = _plain(parts)
            if one and person and not _same(self._first.setdefault(one, person), person):
                self._second.setdefault(one, int(rows[number]))

    def tell(self, tally: Tally, made: ColumnMap) -> None:
        """Say how many ids stand with two persons."""
        if not self._second:
            return
        own = made.columns["patient_id"][0]
        what = "birth dates" if is_birth(self.columns[0]) else "names"
        several = ", ".join(f'"{name}"' for name in (own, *self.columns))
        said = (
            f"patient_id: {len(self._second):,} of {len(self._first):,} ids in '{own}' stand with two {what}: "
            f"members of a family taken as one patient? patient_id = [{several}] in the map tells them apart"
        )
        tally.add(_KIND, "patient_id", sorted(self._second.values()), said)


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()


def _plain(parts: Sequence[str | None]) -> str:
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", " ".join(part or "" for part in parts).upper()).split())


def _same(one: str, other: str) -> bool:
    """Say whether two texts can be one person's: the same, or one with an initial or a second name more."""
    if one == other:
        return True
    words, others = set(one.split()), set(other.split())
    if any(map(str.isdigit, words | others)):
        return False
    less = min(len(words), len(others))
    return less > 1 and len(words & others) >= less
