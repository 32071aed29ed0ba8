"""Spreadsheets and delimited text as people send them: every cell as text, with its place as a person sees it.

A workbook is read as it is shown: dates as ISO days, 85 % as ``85%``, numbers with the zeros that their format gives
them, what a merged range holds in each of its cells. Text files may be UTF-8, UTF-16 or Windows-1252, with commas,
semicolons, tabs or bars. Whatever had to be guessed is in ``remarks``.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.errors import InputError, nearest
from hitmodel.intake.cell_text import text_of
from hitmodel.intake.old_books import OLD, RawSheet, read_old
from hitmodel.intake.packed import unpacked

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""Rows and columns of the largest sheet that a spreadsheet holds."""
_MOST_BYTES, _MOST_SHARED = 2 << 30, 256 << 20
_SEPARATORS = ",;\t|"
_FIELD = 1 << 20
_SAMPLE, _TEXT_LOOKED_AT = 60, 4096
_CHUNK, _OVERLAP = 1 << 20, 1 << 12
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]{1,3}[1-9]\d{0,6}:[A-Z]{1,3}[1-9]\d{0,6})"')
_ROW = re.compile(rb'<(?:\w+:)?row (?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([1-9]\d{0,6})"')
_UNCOMPUTED = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*>\s*<f(?:/>|[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, OSError, NotImplementedError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError),
)
"""What openpyxl, zipfile and the XML parsers raise on a damaged workbook; theirs are syntax errors."""
_OTHERS = (
    (b"%PDF", "a PDF", "Ask for the table as Excel or CSV."),
    (b"PAR1", "a Parquet file", "Save the table as Excel or CSV."),
    (b"{\\rtf", "a text document (RTF)", "Save the table as Excel or CSV."),
    (b"ISA*", "an X12 file", "hitmodel import 837 and hitmodel import 835 read those."),
)
_ROWS_NAMED = 10
"""Hidden rows that are named before it is said how many more there are."""
_KINDS = "an Excel workbook or a CSV file"
WORKBOOKS = (b"PK", OLD)
"""What workbooks begin with."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as text. ``rows[0]`` is row 1 as a person sees it; a row ends with its last cell that holds anything.

    ``hidden`` says that the workbook does not show it, ``hidden_rows`` which of its rows, as people count them.
    ``name`` is "" for a text file. ``ends_short``: a text file that ends within a row, which has no line end and fewer
    cells than the row above.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    hidden: bool = False
    ends_short: bool = False
    hidden_rows: tuple[int, ...] = ()

    def place(self, row: int, column: int) -> str:
        """Return what a person calls the cell at ``rows[row][column]``: ``Rates!C14``, or ``row 14 column C``."""
        if self.name:
            return f"{self.name}!{column_letters(column)}{row + 1}"
        return f"row {row + 1} column {column_letters(column)}"


@dataclass(frozen=True)
class Book:
    """A file of tables: its sheets, its checksum, and what had to be guessed or mended in reading it."""

    file: str
    checksum: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...] = ()


def column_letters(column: int) -> str:
    """Return a column's letters: 0 is A, 26 is AA."""
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


def read_book(path: Path, without: Collection[str] = ()) -> Book:
    """Read a workbook (.xlsx, .xlsm, .xls) or a delimited text file; told apart by content, never by name.

    One packed into a zip or gzip file is unpacked. Sheets that ``without`` names are passed over.

    Raises `InputError` when it cannot be read, is empty, damaged, or of another kind (named where it is known).
    """
    where = paths.shown(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        beside = [p.name for p in path.parent.glob("*") if p.is_file()] if path.parent.is_dir() else []
        close = None if path.exists() else nearest(path.name, beside)
        raise InputError(f"the file cannot be read ({error.strerror})", where=where, suggestion=close) from None
    return _unpacked_book(content, path, where, without)


def _unpacked_book(content: bytes, path: Path, where: str, without: Collection[str]) -> Book:
    """Return the tables of a file, or of the one table within the zip or gzip file that it was packed into."""
    packed = unpacked(path)
    if not packed.member:
        return book_of(content, path.name, where, without)
    inner = book_of(packed.content(), path.name, packed.shown, without)
    remarks = (f"read from {packed.member}, which the file was packed from", *inner.remarks)
    return Book(path.name, hashlib.sha256(content).hexdigest(), inner.sheets, remarks)


def book_of(content: bytes, file: str, where: str, without: Collection[str] = ()) -> Book:
    """Return the tables of a file whose bytes are at hand. Raises as `read_book` does."""
    checksum = hashlib.sha256(content).hexdigest()
    if not content.strip():
        raise InputError("the file is empty", where=where, expected=_KINDS)
    for begins, what, cure in _OTHERS:
        if content.startswith(begins):
            raise InputError(f"this is {what}", where=where, expected=_KINDS, next_step=cure)
    if content.startswith(WORKBOOKS):
        sheets, remarks = _workbook(content, where, without)
    else:
        sheets, remarks = _text_sheet(content, where)
    return Book(file, checksum, sheets, remarks)


# --- workbooks -------------------------------------------------------------------------------------------------------


def _workbook(content: bytes, where: str, without: Collection[str]) -> tuple[tuple[Sheet, ...], tuple[str, ...]]:
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):  # openpyxl prints what it misses
            warnings.simplefilter("ignore")  # print settings and extensions that openpyxl does not know
            if content.startswith(OLD):
                read = [_completed(raw, where) for raw in read_old(content, where)]
            else:
                _refuse_other_zips(content, where)
                read = _read_sheets(content, where, without)
    except _BROKEN as error:
        raise _damaged(where, error) from None
    read = [(sheet, remarks) for sheet, remarks in read if sheet.name not in without]
    if not any(sheet.rows for sheet, _ in read):
        raise InputError("the workbook holds nothing", where=where)
    return tuple(sheet for sheet, _ in read), tuple(remark for _, remarks in read for remark in remarks)


def _read_sheets(content: bytes, where: str, without: Collection[str]) -> list[tuple[Sheet, list[str]]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    return [_read_sheet(sheet, where) for sheet in book.worksheets if sheet.title not in without]


def _rows_of(sheet: Any, where: str) -> Iterator[Any]:
    """Yield a sheet's rows of cells. Raises `InputError` that says after which row the sheet is damaged."""
    rows, number = iter(sheet.iter_rows()), 1
    try:
        while (cells := next(rows, None)) is not None:
            yield cells
            number += 1
    except _BROKEN as error:
        raise _damaged(f"{where}, sheet '{sheet.title}' row {number}, its XML", error) from None


def _completed(raw: RawSheet, where: str) -> tuple[Sheet, list[str]]:
    """Return a sheet of an old workbook with what its merged ranges hold in each of their cells."""
    if len(raw.rows) > MOST_ROWS or max(map(len, raw.rows), default=0) > MOST_COLUMNS:
        place = f"{where}, sheet '{raw.name}' row {len(raw.rows)}, its cells"
        raise InputError("the sheet is larger than a sheet can be", where=place)
    rows = list(raw.rows)
    _fill(rows, list(raw.merged))
    found = _with_hidden(raw.name, rows, raw.hidden, raw.hidden_rows)
    return found, _hidden_remarks(found)


def _damaged(where: str, error: Exception) -> InputError:
    cure = "Open it in Excel, save it again as .xlsx, and try that."
    return InputError(f"the workbook is damaged ({type(error).__name__})", where=where, next_step=cure)


def _refuse_other_zips(content: bytes, where: str) -> None:
    """Refuse a zip that is no workbook, or one that would unpack to more than a workbook can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
    except _BROKEN as error:
        raise _damaged(where, error) from None
    for inside, what in (
        ("xl/workbook.bin", "binary Excel workbook (.xlsb)"),
        ("content.xml", "OpenDocument file (.ods)"),
    ):
        if inside in sizes:
            raise InputError(f"this is a {what}", where=where, expected=_KINDS, next_step="Save it as .xlsx.")
    if "[Content_Types].xml" not in sizes or not any(name.startswith("xl/") for name in sizes):
        inside = ", ".join(list(sizes)[:4]) or "nothing"
        cure = "Unpack it, and give the table inside."
        raise InputError(f"this is a zip that holds {inside}", where=where, expected=_KINDS, next_step=cure)
    if sum(sizes.values()) > _MOST_BYTES or sizes.get("xl/sharedStrings.xml", 0) > _MOST_SHARED:
        raise InputError("the workbook unpacks to more than can be read", where=where, next_step="Send it as CSV.")


def _read_sheet(sheet: Any, where: str) -> tuple[Sheet, list[str]]:
    """Read one of openpyxl's read-only sheets row by row, whatever size it claims to have."""
    rows: list[tuple[str, ...]] = []
    seen: dict[str, str] = {}
    sheet.reset_dimensions()
    for cells in _rows_of(sheet, where):
        if len(rows) >= MOST_ROWS or len(cells) > MOST_COLUMNS:
            place = f"{where}, sheet '{sheet.title}' row {len(rows) + 1}, its cells"
            raise InputError("the sheet is larger than a sheet can be", where=place)
        if not cells:  # of which a damaged row number can make a million
            rows.append(())
            continue
        texts = [seen.setdefault(text, text) for text in map(_shown, cells)]
        while texts and not texts[-1]:
            texts.pop()
        rows.append(tuple(texts))
    while rows and not rows[-1]:
        rows.pop()
    merged, uncomputed, unseen = _not_in_cells(sheet)
    _fill(rows, merged)
    found = _with_hidden(sheet.title, rows, sheet.sheet_state != "visible", unseen)
    remarks = [f"{found.name}!{cell} is a formula whose value the file does not hold" for cell in uncomputed]
    return found, [*remarks, *_hidden_remarks(found)]


def _with_hidden(name: str, rows: Sequence[tuple[str, ...]], hidden: bool, unseen: Iterable[int]) -> Sheet:
    """Return a sheet, of whose hidden rows those count that hold anything."""
    return Sheet(
        name, tuple(rows), hidden, hidden_rows=tuple(n for n in sorted(unseen) if n <= len(rows) and rows[n - 1])
    )


def _hidden_remarks(sheet: Sheet) -> list[str]:
    """Say which rows of a shown sheet its maker hid, or a filter: they are read like the others."""
    unseen = sheet.hidden_rows
    if sheet.hidden or not unseen:
        return []
    named = ", ".join(map(str, unseen[:_ROWS_NAMED]))
    more = f" and {len(unseen) - _ROWS_NAMED:,} more" if len(unseen) > _ROWS_NAMED else ""
    which = f"row {named} is" if len(unseen) == 1 else f"rows {named}{more} are"
    return [f"sheet '{sheet.name}' {which} hidden in the file and read like any other: look whether that is meant"]


def _shown(cell: Any) -> str:
    return text_of(cell.value, cell.number_format or "General") if cell.value is not None else ""


def _not_in_cells(sheet: Any) -> tuple[list[tuple[int, int, int, int]], list[str], set[int]]:
    """Return a sheet's merged ranges (first row, last row, first column, last column, from 0), formulas without a
    value, and hidden rows (from 1), which the streaming reader does not report.
    """
    from openpyxl.utils.cell import range_boundaries

    merged, uncomputed, unseen = dict[str, None](), dict[str, None](), set[int]()
    with sheet._get_source() as source:
        kept = b""
        while chunk := source.read(_CHUNK):
            xml = kept + chunk
            merged.update((found[1].decode(), None) for found in _MERGED.finditer(xml))
            if b"<f" in xml:
                uncomputed.update((found[1].decode(), None) for found in _UNCOMPUTED.finditer(xml))
            if b" hidden=" in xml:
                unseen.update(int(found[1]) for found in _ROW.finditer(xml))
            kept = xml[-_OVERLAP:]
    ranges = []
    for left, top, right, bottom in map(range_boundaries, merged):
        ranges.append((top - 1, bottom - 1, left - 1, right - 1))
    return ranges, list(uncomputed), unseen


def _fill(rows: list[tuple[str, ...]], merged: list[tuple[int, int, int, int]]) -> None:
    """Put what a merged range holds into each of its cells, within the rows and columns that hold anything."""
    width = max(map(len, rows), default=0)
    for top, bottom, left, last in merged:
        right = min(last, width - 1)
        text = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        for number in range(top, min(bottom + 1, len(rows)) if text else top):
            row = list(rows[number])
            row += [""] * (right + 1 - len(row))
            row[left : right + 1] = [text] * (right + 1 - left)
            rows[number] = tuple(row)


# --- delimited text --------------------------------------------------------------------------------------------------


def _text_sheet(content: bytes, where: str) -> tuple[tuple[Sheet, ...], tuple[str, ...]]:
    text, remarks = decoded(content, where)
    separator = _separator(text)
    if separator != ",":
        name = {";": "semicolons", "\t": "tabs", "|": "bars"}[separator]
        remarks = (*remarks, f"cells are parted by {name}")
    rows, mended = _records(text, separator, where)
    if short := _ends_short(text, separator):
        remarks = (*remarks, f"the file ends within row {len(rows)}: its last cells may be cut off")
    return (Sheet("", rows, ends_short=short),), (*remarks, *mended)


def _ends_short(text: str, separator: str) -> bool:
    """Say whether a text ends within a row: without a line end, and with fewer cells than the line above has."""
    if text[-1:] in ("\n", "\r"):
        return False
    *_, above, last = ["", "", *text[-_SAMPLE * _TEXT_LOOKED_AT :].splitlines()]
    return 0 < _outside_quotes(last).count(separator) < _outside_quotes(above).count(separator)


def decoded(content: bytes, where: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file and what had to be guessed about it.

    Raises `InputError` for bytes that are no text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), ("read as UTF-16",)
        except UnicodeDecodeError as error:
            raise _no_text(content.decode("utf-16", errors="replace"), "\ufffd", where, error.reason) from None
    if b"\0" in content[:_TEXT_LOOKED_AT]:
        raise _no_text(content.decode("latin-1"), "\0", where, "a NUL byte")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remark = f"read as Windows-1252: line {line} is not UTF-8"
        return content.decode("cp1252", errors="replace"), (remark,)


def _no_text(text: str, stranger: str, where: str, why: str) -> InputError:
    """Return what is wrong with a file in which something stands that no text holds."""
    at = max(text.find(stranger), 0)
    line, before = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    place = f"{where} line {line}, character {before}"
    return InputError(f"the file is not text ({why})", where=place, expected=_KINDS)


def _separator(text: str) -> str:
    """Return the character that parts cells: the one that most lines of the beginning have equally often."""
    lines = [line for line in text.splitlines()[: 4 * _SAMPLE] if line.strip()][:_SAMPLE]

    def likely(mark: str) -> tuple[int, int]:
        counts = Counter(n for line in lines if (n := _outside_quotes(line).count(mark)))
        often = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return often[1], often[0]

    return max(_SEPARATORS, key=likely)


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _records(text: str, separator: str, where: str) -> tuple[tuple[tuple[str, ...], ...], list[str]]:
    csv.field_size_limit(_FIELD)
    try:
        return tuple(_cells(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))), []
    except csv.Error as error:
        said = str(error)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = tuple(_cells(reader))
    except csv.Error as error:
        line = f"{where} line {reader.line_num}, a cell of it"
        raise InputError(f"the file cannot be read as a table: {error}", where=line, expected=_KINDS) from None
    return rows, [f"a quote stands where none can be ({said}); the cells round it may have run together"]


def _cells(reader: Iterator[list[str]]) -> Iterator[tuple[str, ...]]:
    seen: dict[str, str] = {}
    for record in reader:
        row = [seen.setdefault(cell, cell) for cell in map(str.strip, record)]
        while row and not row[-1]:
            row.pop()
        yield tuple(row)
