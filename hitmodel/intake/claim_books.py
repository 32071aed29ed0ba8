"""Claim lines in workbooks, whose sheets of the same headings are read one after another, and in Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hitmodel.claim_shape import as_text
from hitmodel.errors import InputError, nearest
from hitmodel.intake.claim_cells import GUESSED, WRONG
from hitmodel.intake.claim_columns import guess
from hitmodel.intake.claim_csv import unquoted
from hitmodel.intake.claim_rows import SAMPLE, TOGETHER, Chunk, Heading, Known, Remark, Source, find_heading
from hitmodel.intake.packed import Packed
from hitmodel.intake.sheets import Book, Sheet, book_of

_REMARKS_AT_MOST = 5


@dataclass(frozen=True)
class _Claims:
    """A sheet that holds claim lines. ``before`` is how many rows the sheets read before it have."""

    sheet: Sheet
    heading: Heading
    before: int = 0

    @property
    def below(self) -> Sequence[Sequence[str]]:
        """The rows below the heading."""
        return self.sheet.rows[self.heading.at + 1 :]

    @property
    def recognised(self) -> int:
        """How many fields its headings name."""
        return len(guess(self.heading.names, self.below[:SAMPLE]).columns)

    def chunks(self, columns: Sequence[str]) -> Iterator[Chunk]:
        """Yield the rows below the heading, some at a time."""
        places = {name: self.heading.names.index(name) for name in columns}
        for start in range(0, len(self.below), TOGETHER):
            part = self.below[start : start + TOGETHER]
            first = self.before + self.heading.at + 2 + start
            cells = {
                name: pa.array([row[at] if at < len(row) else "" for row in part]).dictionary_encode()
                for name, at in places.items()
            }
            yield Chunk(np.arange(first, first + len(part), dtype=np.int32), cells)


def read_workbook(packed: Packed, checksum: str, known: Known, only: str = "") -> Source:
    """Return the lines of a workbook: of its sheet ``only``, or of the one whose headings name the most fields.

    Every other sheet with the same headings is read behind it, as a workbook with a sheet for each month has; what is
    not read is said. Raises `InputError` for a damaged workbook, one without such a heading, or no sheet of that name.
    """
    where = packed.shown
    book = book_of(packed.content(), packed.path.name, where)
    found = _found(book, known, where, only)
    best = max(found, key=lambda one: one.recognised)
    alike = [one for one in found if one.heading.names == best.heading.names]
    starts = accumulate((len(one.sheet.rows) for one in alike), initial=0)
    read = [_Claims(one.sheet, one.heading, before) for one, before in zip(alike, starts, strict=False)]
    remarks = [Remark(said, GUESSED) for said in book.remarks[:_REMARKS_AT_MOST]]
    remarks += _said_of(read)
    if not only:
        remarks += _not_read(book, {one.sheet.name for one in read}, {one.sheet.name for one in found})

    def chunks(columns: Sequence[str], _: Sequence[str]) -> Iterator[Chunk]:
        for one in read:
            yield from one.chunks(columns)

    first = read[0]
    below = first.below[:SAMPLE]
    return Source(where, checksum, first.heading.names, first.heading.at + 1, below, chunks, tuple(remarks))


def _found(book: Book, known: Known, where: str, only: str) -> list[_Claims]:
    names = [sheet.name for sheet in book.sheets]
    if only and only not in names:
        close = nearest(only, names)
        raise InputError(
            f"there is no sheet '{only}'", where=where, expected=f"one of {', '.join(names)}", suggestion=close
        )
    found: list[_Claims] = []
    for sheet in book.sheets:
        if len(sheet.rows) < 2 or (sheet.hidden and sheet.name != only) or only not in ("", sheet.name):
            continue
        try:
            found.append(_Claims(sheet, find_heading(sheet.rows, known, where)))
        except InputError:
            continue
    if not found:
        which = f"sheet '{only}' has no" if only else "no sheet has a"
        raise InputError(
            f"{which} heading that names the columns of claim lines",
            where=where,
            expected="headings such as Claim Number, Patient ID, Payer, From Date, HCPCS, Units, Charge",
            next_step="Give the sheet a heading row, or say which column is which with --map.",
        )
    return found


def _said_of(read: Sequence[_Claims]) -> Iterator[Remark]:
    for one in read:
        if one.heading.at:
            which = f"the heading of '{one.sheet.name}'" if len(read) > 1 else "the heading"
            yield Remark(f"{which} is row {one.heading.at + 1}; what stands above it was passed over")
    for one in read[1:]:
        said = f"sheet '{one.sheet.name}' has the same headings and was read behind the one before it"
        yield Remark(f"{said}: its row 1 is counted as row {one.before + 1:,}", GUESSED)


def _not_read(book: Book, read: set[str], claims: set[str]) -> Iterator[Remark]:
    """Name the sheets that were not read: a finding where they hold claim lines too."""
    for sheet in book.sheets:
        if sheet.name in read or not sheet.rows:
            continue
        if sheet.name in claims:
            cure = f"import it by itself with --sheet '{sheet.name}'"
            yield Remark(f"sheet '{sheet.name}' was not read: it holds claim lines under other headings; {cure}", WRONG)
        else:
            why = "it is hidden" if sheet.hidden else "no heading there names the columns of claim lines"
            yield Remark(f"sheet '{sheet.name}' was not read: {why}", GUESSED)


def read_parquet(packed: Packed, checksum: str) -> Source:
    """Return the lines of a Parquet file, every cell as text. Raises `InputError` for a damaged one."""
    where = packed.shown
    try:
        file = pq.ParquetFile(io.BytesIO(packed.content()) if packed.member else packed.path)
        head = next(file.iter_batches(SAMPLE), None)
    except (pa.ArrowException, OSError) as error:
        raise InputError("the Parquet file is damaged", where=where, next_step=unquoted(str(error))) from None
    names = tuple(file.schema_arrow.names)
    texts = [] if head is None else [as_text(head.column(at), where).to_pylist() for at in range(len(names))]

    def chunks(columns: Sequence[str], _: Sequence[str]) -> Iterator[Chunk]:
        first = 2
        for batch in file.iter_batches(TOGETHER, columns=list(columns)):
            cells = {name: _encoded(as_text(batch.column(name), f"{where}, column {name}")) for name in columns}
            yield Chunk(np.arange(first, first + batch.num_rows, dtype=np.int32), cells)
            first += batch.num_rows

    return Source(where, checksum, names, 1, list(zip(*texts, strict=True)), chunks)


def _encoded(texts: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return whole.dictionary_encode()
