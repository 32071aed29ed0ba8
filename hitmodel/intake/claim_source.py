"""A claims extract as a stream of text columns: CSV in blocks, so that its size does not matter; Excel; Parquet.

The heading is found below whatever titles stand above it. Nothing is understood here but which row is the heading.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from hitmodel import paths
from hitmodel.claim_shape import as_text
from hitmodel.errors import InputError
from hitmodel.intake.claim_columns import ColumnMap, guess
from hitmodel.intake.sheets import Sheet, read_book
from hitmodel.workspace import checksum_of

TEXT = pa.dictionary(pa.int32(), pa.string())
Columns = Mapping[str, pa.DictionaryArray | pa.StringArray]

_BLOCK = 1 << 20
"""Bytes; Arrow reads up to 32 of them ahead."""
_SCANNED = 8 << 20
_HEAD = 256 << 10
_LOOKED_AT, _SAMPLE = 40, 200
_ROWS = 50_000
_MOST_WRONG = 4 * _ROWS
"""Rows of the wrong length among the rows that are worked on together."""
_NOT_WINDOWS = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that stand for no letter in Windows-1252."""
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind (.xls), or one with a password", "Save it as .xlsx."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"ISA", "an X12 file", "Use hitmodel import 837 for claims, hitmodel import 835 for remittances."),
    (b"%PDF", "a PDF", "Export the claims as CSV."),
    (b"{", "a JSON file", "Export the claims as CSV."),
    (b"<", "a web page or XML that calls itself a table", "Open it in Excel and save it as .xlsx."),
)
EXPECTED = "a table of claim lines as CSV, Excel (.xlsx) or Parquet, one line to a row"


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

    path: Path
    checksum: str
    headings: tuple[str, ...]
    heading_row: int
    sample: Sequence[Sequence[str]]
    read: Callable[[Sequence[str], Sequence[str]], Iterator[Chunk]]
    remarks: tuple[str, ...] = ()

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


def open_source(
    path: Path, known: Callable[[Sequence[str]], ColumnMap | None] | None = None, checksum: str = ""
) -> Source:
    """Return a claims extract, its heading found.

    Parameters
    ----------
    known : function or None
        Returns the map that somebody made for these headings, or None; such a row is the heading at once.
    checksum : str
        The file's, where it was worked out already.

    Raises
    ------
    InputError
        When the file cannot be read, is empty, is of another kind, or has no heading that names claim lines.
    """
    where = paths.shown(path)
    checksum = checksum or checksum_of(path)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise InputError("the file is empty", where=where, expected=EXPECTED)
    known = known or (lambda _: None)
    if head.startswith(b"PAR1"):
        return _parquet(path, checksum)
    if head.startswith(b"PK"):
        return _excel(path, checksum, known)
    for begins, what, cure in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(begins):
            raise InputError(f"this is {what}", where=where, expected=EXPECTED, next_step=cure)
    return _csv(path, checksum, head, known)


# --- the heading -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Heading:
    at: int
    names: tuple[str, ...]


def _find_heading(
    rows: Sequence[Sequence[str]], known: Callable[[Sequence[str]], ColumnMap | None], where: str
) -> _Heading:
    """Return the row whose cells name the most fields, alone or together with the row above it."""
    best: tuple[tuple[int, int], _Heading] | None = None
    missing: tuple[str, ...] = ()
    for at in range(min(len(rows), _LOOKED_AT)):
        if sum(any(letter.isalpha() for letter in cell) for cell in rows[at]) < 3:
            continue
        for names in _readings(rows, at):
            if known(names):
                return _Heading(at, names)
            made = guess(names, rows[at + 1 : at + 1 + _SAMPLE])
            score = (-len(made.missing), len(made.columns))
            if best is None or score > best[0]:
                best, missing = (score, _Heading(at, names)), made.missing
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


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv(path: Path, checksum: str, head: bytes, known: Callable[[Sequence[str]], ColumnMap | None]) -> Source:
    where = paths.shown(path)
    encoding, remarks = _encoding(path, where)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    mark, rows, ends = _records(text, where)
    if mark != ",":
        remarks = (*remarks, f"cells are parted by {_SEPARATORS[mark]}")
    heading = _find_heading(rows, known, where)
    below = rows[heading.at + 1 :][:_SAMPLE]
    if not any(any(row) for row in below) and len(head) < _HEAD:
        raise InputError("the file has a heading and no lines", where=where)
    names = _as_wide_as(heading.names, below)
    if heading.at:
        remarks = (*remarks, f"the heading is row {heading.at + 1}; what stands above it was passed over")
    stream = _Stream(path, encoding, mark, names, heading.at + 1, ends[heading.at])
    return Source(path, checksum, names, heading.at + 1, below, stream.chunks, remarks)


def _encoding(path: Path, where: str) -> tuple[str, tuple[str, ...]]:
    """Return how a file's letters are written, having looked at all of it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(_SCANNED)
        if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16", ("read as UTF-16",)
        encoding = "utf-8-sig" if chunk.startswith(codecs.BOM_UTF8) else "utf-8"
        before = 0
        while chunk:
            if b"\0" in chunk:
                raise InputError("the file holds NUL bytes, so it is no text", where=where, expected=EXPECTED)
            try:
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
            except UnicodeDecodeError as error:
                row = _line_ends(path, before) + error.object.count(b"\n", 0, error.start) + 1
                said = f"read as Windows-1252, since row {row} is not UTF-8: check accents"
                return ("latin-1" if _holds_any(path, _NOT_WINDOWS) else "cp1252"), (said,)
            before += len(chunk)
            chunk = file.read(_SCANNED)
    return encoding, ()


def _line_ends(path: Path, size: int) -> int:
    """Return how many lines end within the first ``size`` bytes, a multiple of what is scanned at once."""
    with path.open("rb") as file:
        return sum(file.read(_SCANNED).count(b"\n") for _ in range(0, size, _SCANNED))


def _holds_any(path: Path, letters: bytes) -> bool:
    with path.open("rb") as file:
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
            if len(rows) > _LOOKED_AT + _SAMPLE:
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
    path: Path
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
                f"the rows cannot be told apart below row {self.heading_row}",
                where=paths.shown(self.path),
                expected="every quotation mark to be closed",
                next_step=_safe(str(error)),
            ) from None

    def _mostly_right(self, batches: Iterable[pa.RecordBatch], wrong: Mapping[int, str]) -> Iterator[pa.RecordBatch]:
        """Yield batches on; a file of which nearly every row has another length is no table under this heading."""
        for batch in batches:
            if len(wrong) > _MOST_WRONG:
                row, why = next(iter(wrong.items()))
                raise InputError(
                    f"row after row has another length: {why}",
                    where=f"{paths.shown(self.path)} row {row}",
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
            self.path,
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
        if sum(one.num_rows for one in held) >= _ROWS:
            yield pa.Table.from_batches(held).unify_dictionaries().combine_chunks()
            held = []
    if sum(one.num_rows for one in held):
        yield pa.Table.from_batches(held).unify_dictionaries().combine_chunks()


def _safe(said: str) -> str:
    """Return what Arrow says of a file without the cells that it quotes."""
    return said.split(":")[0].split("'")[0].strip() + "."


def _numbered(first: int, count: int, without: Mapping[int, str]) -> NDArray[np.int32]:
    rows = np.arange(first, first + count + len(without), dtype=np.int32)
    if without:
        rows = rows[~np.isin(rows, np.fromiter(without, dtype=np.int32))]
    return rows[:count]


# --- Excel and Parquet -----------------------------------------------------------------------------------------------


def _excel(path: Path, checksum: str, known: Callable[[Sequence[str]], ColumnMap | None]) -> Source:
    where = paths.shown(path)
    book = read_book(path)
    found: list[tuple[int, Sheet, _Heading]] = []
    for sheet in book.sheets:
        if sheet.hidden or len(sheet.rows) < 2:
            continue
        try:
            heading = _find_heading(sheet.rows, known, where)
        except InputError:
            continue
        found.append((len(guess(heading.names, sheet.rows[heading.at + 1 :][:_SAMPLE]).columns), sheet, heading))
    if not found:
        raise InputError(
            "no sheet has a heading that names the columns of claim lines",
            where=where,
            expected="headings such as Claim Number, Patient ID, Payer, From Date, HCPCS, Units, Charge",
            next_step="Give the sheet a heading row, or say which column is which with --map.",
        )
    _, sheet, heading = max(found, key=lambda item: item[0])
    remarks = list(book.remarks[:5])
    if heading.at:
        remarks.append(f"the heading is row {heading.at + 1}; what stands above it was passed over")
    others = [one.name for one in book.sheets if one is not sheet and one.rows]
    if others:
        remarks.append(f"only sheet '{sheet.name}' was read, not {', '.join(others)}")
    below = sheet.rows[heading.at + 1 :]

    def chunks(columns: Sequence[str], _: Sequence[str]) -> Iterator[Chunk]:
        for start in range(0, len(below), _ROWS):
            part = below[start : start + _ROWS]
            first = heading.at + 2 + start
            cells = {}
            for name in columns:
                at = heading.names.index(name)
                cells[name] = pa.array([row[at] if at < len(row) else "" for row in part]).dictionary_encode()
            yield Chunk(np.arange(first, first + len(part), dtype=np.int32), cells)

    return Source(path, checksum, heading.names, heading.at + 1, below[:_SAMPLE], chunks, tuple(remarks))


def _parquet(path: Path, checksum: str) -> Source:
    where = paths.shown(path)
    try:
        file = pq.ParquetFile(path)
        head = next(file.iter_batches(_SAMPLE), None)
    except (pa.ArrowException, OSError) as error:
        raise InputError("the Parquet file is damaged", where=where, next_step=_safe(str(error))) from None
    names = tuple(file.schema_arrow.names)
    texts = [] if head is None else [as_text(head.column(at), where).to_pylist() for at in range(len(names))]

    def chunks(columns: Sequence[str], _: Sequence[str]) -> Iterator[Chunk]:
        first = 2
        for batch in file.iter_batches(_ROWS, columns=list(columns)):
            cells = {name: _encoded(as_text(batch.column(name), f"{where}, column {name}")) for name in columns}
            yield Chunk(np.arange(first, first + batch.num_rows, dtype=np.int32), cells)
            first += batch.num_rows

    return Source(path, checksum, names, 1, list(zip(*texts, strict=True)), chunks)


def _encoded(texts: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return whole.dictionary_encode()
