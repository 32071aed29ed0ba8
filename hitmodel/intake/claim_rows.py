"""What a claims extract is read as: rows of text under a heading that is found below whatever titles stand above it.

Nothing is understood here but which row is the heading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hitmodel.errors import InputError
from hitmodel.intake.claim_cells import REPAIRED
from hitmodel.intake.claim_columns import ColumnMap, guess

TEXT = pa.dictionary(pa.int32(), pa.string())
Columns = Mapping[str, pa.DictionaryArray | pa.StringArray]
Known = Callable[[Sequence[str]], ColumnMap | None]
"""Returns the map that somebody made for some headings, or None; such a row is the heading at once."""

LOOKED_AT, SAMPLE = 40, 200
"""Rows among which the heading is looked for, and rows below it by which a map is guessed."""
TOGETHER = 50_000
"""Rows that are worked on at once."""
EXPECTED = "a table of claim lines as CSV, Excel or Parquet, one line to a row"


@dataclass(frozen=True)
class Remark:
    """Something to be said of a file as a whole, and how sure its reading is (`claim_cells.REPAIRED` …)."""

    said: str
    standing: str = REPAIRED


@dataclass(frozen=True)
class Chunk:
    """Some rows, as a person counts them, and their cells by heading.

    ``left_out`` are rows among them with more or fewer cells than the heading, and what is wrong with each.
    """

    rows: NDArray[np.int32]
    columns: Columns
    left_out: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Source:
    """One file of claim lines. ``remarks`` is what had to be guessed about it as a whole."""

    where: str
    checksum: str
    headings: tuple[str, ...]
    heading_row: int
    sample: Sequence[Sequence[str]]
    read: Callable[[Sequence[str], Sequence[str]], Iterator[Chunk]]
    remarks: tuple[Remark, ...] = ()

    def chunks(self, columns: Sequence[str], distinct: Sequence[str] = ()) -> Iterator[Chunk]:
        """Yield the file's rows below the heading, a block at a time, with the cells of some columns.

        Columns in which few cells are alike, such as numbers of lines, are named in ``distinct``: telling their cells
        apart would be work for nothing.
        """
        return _ahead(self.read(columns, distinct))


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks while the next one is read beside, which Arrow does without holding the interpreter up."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = pool.submit(next, chunks, None)
            yield chunk


@dataclass(frozen=True)
class Heading:
    """Which row is the heading, from 0, and its cells, each told apart from the others."""

    at: int
    names: tuple[str, ...]


def find_heading(rows: Sequence[Sequence[str]], known: Known, where: str) -> Heading:
    """Return the row whose cells name the most fields, alone or together with the row above it."""
    best: tuple[tuple[int, int], Heading] | None = None
    missing: tuple[str, ...] = ()
    for at in range(min(len(rows), LOOKED_AT)):
        if sum(any(letter.isalpha() for letter in cell) for cell in rows[at]) < 3:
            continue
        for names in _readings(rows, at):
            if known(names):
                return Heading(at, names)
            made = guess(names, rows[at + 1 : at + 1 + SAMPLE])
            score = (-len(made.missing), len(made.columns))
            if best is None or score > best[0]:
                best, missing = (score, Heading(at, names)), made.missing
        if best and best[0][0] == 0 and best[1].at + 1 < at:
            break
    if best is None or best[0][1] < 3 or ("code" in missing and "charge" in missing):
        raise InputError(
            "no row is a heading that names the columns of claim lines",
            where=where,
            expected="headings such as Claim Number, Patient ID, Payer, From Date, HCPCS, Units, Charge",
            next_step="Give the file a heading row, or say which column is which with --map.",
        )
    return best[1]


def _readings(rows: Sequence[Sequence[str]], at: int) -> Iterator[tuple[str, ...]]:
    own = [cell.strip() for cell in rows[at]]
    yield _distinct(own)
    if at and sum(bool(cell.strip()) for cell in rows[at - 1]) > 1:
        filled, last = [], ""
        for upper, lower in zip_longest((cell.strip() for cell in rows[at - 1]), own, fillvalue=""):
            last = upper or last
            filled.append(lower if lower.startswith(last) else f"{last} {lower}".strip())
        yield _distinct(filled)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return headings with a number behind one that stood before, since a column is known by its heading."""
    seen: Counter[str] = Counter()
    made = []
    for name in (" ".join(name.split()) for name in names):
        seen[name] += 1
        made.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(made)
