"""Claim lines in delimited text, read in blocks, so that the size of a file does not matter."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from hitmodel.errors import InputError
from hitmodel.intake.claim_cells import GUESSED
from hitmodel.intake.claim_rows import (
    EXPECTED,
    LOOKED_AT,
    SAMPLE,
    TEXT,
    TOGETHER,
    Chunk,
    Known,
    Remark,
    Source,
    find_heading,
)
from hitmodel.intake.packed import Packed

HEAD = 256 << 10
"""Bytes in which heading and first rows are looked for."""
_BLOCK = 1 << 20
"""Bytes; Arrow reads up to 32 of them ahead."""
_SCANNED = 8 << 20
_LINE_END = b"\n"
_MOST_WRONG = 4 * TOGETHER
"""Rows of the wrong length among the rows that are worked on together."""
_NOT_WINDOWS = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that stand for no letter in Windows-1252."""
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}


def read_text(packed: Packed, checksum: str, head: bytes, known: Known) -> Source:
    """Return the lines of a delimited text file, of which ``head`` is the beginning.

    Raises `InputError` when it is no text, no table, empty, or has no heading that names claim lines.
    """
    where = packed.shown
    encoding, remarks = _encoding(packed)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    mark, rows, ends = _records(text, where)
    if mark != ",":
        remarks = (*remarks, Remark(f"cells are parted by {_SEPARATORS[mark]}"))
    heading = find_heading(rows, known, where)
    below = rows[heading.at + 1 :][:SAMPLE]
    if not any(any(row) for row in below) and len(head) < HEAD:
        raise InputError("the file has a heading and no lines", where=where)
    names = _as_wide_as(heading.names, below)
    if heading.at:
        remarks = (*remarks, Remark(f"the heading is row {heading.at + 1}; what stands above it was passed over"))
    stream = _Stream(packed, encoding, mark, names, heading.at + 1, ends[heading.at])
    return Source(where, checksum, names, heading.at + 1, below, stream.chunks, remarks)


def _encoding(packed: Packed) -> tuple[str, tuple[Remark, ...]]:
    """Return how a file's letters are written, having looked at all of it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with packed.open() as file:
        chunk = file.read(_SCANNED)
        if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16", (Remark("read as UTF-16"),)
        encoding = "utf-8-sig" if chunk.startswith(codecs.BOM_UTF8) else "utf-8"
        before = 0
        while chunk:
            if b"\0" in chunk:
                at = chunk.index(b"\0")
                line = _line_ends(packed, before) + chunk.count(b"\n", 0, at) + 1
                place = f"{packed.shown} line {line}, character {at - chunk.rfind(_LINE_END, 0, at)}"
                raise InputError("the file holds a NUL byte, so it is no text", where=place, expected=EXPECTED)
            try:
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
            except UnicodeDecodeError as error:
                row = _line_ends(packed, before) + error.object.count(b"\n", 0, error.start) + 1
                said = f"read as Windows-1252, since row {row} is not UTF-8: check accents"
                return ("latin-1" if _holds_any(packed, _NOT_WINDOWS) else "cp1252"), (Remark(said, GUESSED),)
            before += len(chunk)
            chunk = file.read(_SCANNED)
    return encoding, ()


def _line_ends(packed: Packed, size: int) -> int:
    """Return how many lines end within the first ``size`` bytes, a multiple of what is scanned at once."""
    with packed.open() as file:
        return sum(file.read(_SCANNED).count(b"\n") for _ in range(0, size, _SCANNED))


def _holds_any(packed: Packed, letters: bytes) -> bool:
    with packed.open() as file:
        while chunk := file.read(_SCANNED):
            if len(chunk.translate(None, letters)) < len(chunk):
                return True
    return False


def _records(text: str, where: str) -> tuple[str, list[list[str]], list[int]]:
    """Return what parts the cells, the first rows, and after how many lines of text each of them ends."""
    best: tuple[tuple[int, int], str, list[list[str]], list[int]] | None = None
    for mark in _SEPARATORS:
        rows, ends = _parted(text, mark)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        score = max(((times, width) for width, times in widths.items()), default=(0, 0))
        if best is None or score > best[0]:
            best = (score, mark, rows, ends)
    if best is None or best[0][0] == 0:
        raise InputError("the file is no table: its rows have one cell", where=where, expected=EXPECTED)
    return best[1:]


def _parted(text: str, mark: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows, ends = [], []
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) > LOOKED_AT + SAMPLE:
                break
    except csv.Error:
        return rows, ends
    return rows, ends


def _as_wide_as(names: tuple[str, ...], below: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return headings with nameless ones behind where most rows end in more, empty, cells."""
    widths = Counter(len(row) for row in below if any(row))
    usual = max(widths, key=lambda width: widths[width], default=len(names))
    return names + ("",) * (usual - len(names)) if usual > len(names) else names


@dataclass(frozen=True)
class _Stream:
    packed: Packed
    encoding: str
    mark: str
    names: tuple[str, ...]
    heading_row: int
    lines_above: int

    def chunks(self, columns: Sequence[str], distinct: Sequence[str]) -> Iterator[Chunk]:
        """Yield blocks of rows; a quotation mark that is never closed is an `InputError`."""
        wrong: dict[int, str] = {}
        first = self.heading_row + 1
        try:
            for table in _together(self._mostly_right(self._open(columns, distinct, wrong), wrong)):
                rows = _numbered(first, table.num_rows, wrong)
                first = int(rows[-1]) + 1
                passed = {row: wrong.pop(row) for row in list(wrong) if row < first}
                yield Chunk(rows, {name: table.column(name).chunk(0) for name in columns}, passed)
            if wrong:
                yield Chunk(np.zeros(0, np.int32), {}, wrong)
        except pa.ArrowException as error:
            raise InputError(
                "the rows cannot be told apart from here on",
                where=f"{self.packed.shown} row {first}, a quotation mark of it or below",
                expected="every quotation mark to be closed",
                next_step=unquoted(str(error)),
            ) from None

    def _mostly_right(self, batches: Iterable[pa.RecordBatch], wrong: Mapping[int, str]) -> Iterator[pa.RecordBatch]:
        """Yield batches on; a file of which nearly every row has another length is no table under this heading."""
        for batch in batches:
            if len(wrong) > _MOST_WRONG:
                row, why = next(iter(wrong.items()))
                raise InputError(
                    f"row after row has another length: {why}",
                    where=f"{self.packed.shown} row {row}, its cells",
                    expected=f"rows of the heading in row {self.heading_row}",
                    next_step="Look whether that row is the heading of these lines.",
                )
            yield batch

    def _open(
        self, columns: Sequence[str], distinct: Sequence[str], wrong: dict[int, str]
    ) -> arrow_csv.CSVStreamingReader:
        """Open the file below its heading; rows of another length are skipped and put into ``wrong``."""
        ahead = self.lines_above - self.heading_row

        def skip(row: arrow_csv.InvalidRow) -> str:
            wrong[row.number - ahead] = f"{row.actual_columns} cells where the heading has {row.expected_columns}"
            return "skip"

        return arrow_csv.open_csv(
            self.packed.open() if self.packed.member else self.packed.path,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                column_names=[name or f"\0{at}" for at, name in enumerate(self.names)],
                skip_rows=self.lines_above,
                block_size=_BLOCK,
                encoding="utf-8" if self.encoding == "utf-8-sig" else self.encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.mark, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() if name in distinct else TEXT for name in columns},
                strings_can_be_null=False,
                check_utf8=False,  # `_encoding` has looked at all of it
                include_columns=columns,
            ),
        )


def _together(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows of several small batches as one, each column in one piece."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= TOGETHER:
            yield pa.Table.from_batches(held).unify_dictionaries().combine_chunks()
            held = []
    if sum(one.num_rows for one in held):
        yield pa.Table.from_batches(held).unify_dictionaries().combine_chunks()


def unquoted(said: str) -> str:
    """Return what Arrow says of a file without the cells that it quotes."""
    return said.split(":")[0].split("'")[0].strip() + "."


def _numbered(first: int, count: int, without: Mapping[int, str]) -> NDArray[np.int32]:
    rows = np.arange(first, first + count + len(without), dtype=np.int32)
    if without:
        rows = rows[~np.isin(rows, np.fromiter(without, dtype=np.int32))]
    return rows[:count]
