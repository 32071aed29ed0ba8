"""A claims file as a table of text, row by row as a person sees it. No field is understood here.

CSV is read as UTF-8, with or without a byte order mark, and as Windows-1252 when it is not UTF-8. Parquet may be
typed: its dates, numbers and decimals become the text that a CSV file would hold.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from hitmodel import paths
from hitmodel.claim_shape import COLUMNS, OPTIONAL, REQUIRED, as_text
from hitmodel.errors import Finding, InputError, nearest

_WrongRows = dict[int, tuple[str, list[str]]]  # row to what is wrong with its length, and its fields
_Cells = tuple[pa.Table, list[Finding], _WrongRows]

# What a file that is not a claims file begins with, what it is, and what to do about it.
_IMPORT = "hitmodel import claims FILE brings it in, whatever its columns are called; then price it by its name."
_MISTAKEN = (
    (b"PK\x03\x04", "an Excel workbook or another zipped file", _IMPORT),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _IMPORT),
    (b"\x1f\x8b", "a gzip file", _IMPORT),
    (b"\xff\xfe", "UTF-16 text", _IMPORT),
    (b"\xfe\xff", "UTF-16 text", _IMPORT),
    (b"ISA", "an X12 file", "hitmodel import 837 FILE brings claims in, import 835 remittances; then price workspace."),
    (b"%PDF", "a PDF", "Export the claims as CSV."),
)


@dataclass
class TextTable:
    """A file's cells as text.

    Attributes
    ----------
    frame : DataFrame
        One text column for each of `COLUMNS` ("" when absent, blanks round it removed) and ``row``, the row as seen
        in the file (the heading is row 1). Rows with nothing in them are left out.
    wrong_length : dict of int to str
        Row to what is wrong, for rows with more or fewer fields than the heading.
    """

    frame: pd.DataFrame
    findings: list[Finding]
    checksum: str
    wrong_length: dict[int, str] = field(default_factory=dict)


def read_text_table(path: Path) -> TextTable:
    """Return the cells of the CSV or Parquet file at ``path``.

    Raises
    ------
    InputError
        When there is no such file, it is another kind of file, it is empty, or columns are missing or doubled.
    """
    shown = paths.shown(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        beside = [p.name for p in path.parent.glob("*") if p.suffix == path.suffix] if path.parent.is_dir() else []
        close = None if path.exists() else nearest(path.name, beside)
        raise InputError(f"the file cannot be read ({error.strerror})", where=shown, suggestion=close) from error
    if not content.strip():
        raise InputError("the file is empty", where=shown, expected=f"a heading with {', '.join(REQUIRED)}")
    checksum = hashlib.sha256(content).hexdigest()
    table, findings, wrong_length = (_parquet if content.startswith(b"PAR1") else _csv)(content, shown)
    frame, unknown = _known_columns(table, wrong_length, shown)
    if frame.empty:
        raise InputError("the file has a heading and no lines", where=shown)
    return TextTable(frame, findings + unknown, checksum, {row: why for row, (why, _) in wrong_length.items()})


def _parquet(content: bytes, shown: str) -> _Cells:
    try:
        table = pq.read_table(pa.BufferReader(content))
    except pa.ArrowException as error:
        raise InputError("the Parquet file is damaged", where=shown, next_step=str(error)) from error
    _refuse_headings(table.column_names, shown)
    return pa.table({name: as_text(table[name], f"{shown}, column {name}") for name in table.column_names}), [], {}


def _csv(content: bytes, shown: str) -> _Cells:
    for start, what, next_step in _MISTAKEN:
        if content.startswith(start):
            raise InputError(f"this is {what}, not a claims table", where=shown, next_step=next_step)
    utf8, findings = _utf8(content, shown)
    _refuse_open_quote(utf8, shown)
    headings = _headings(utf8, shown)
    wrong: _WrongRows = {}

    def keep(row: arrow_csv.InvalidRow) -> str:
        why = f"the row has {row.actual_columns} fields where the heading has {row.expected_columns}"
        wrong[row.number] = (why, next(csv.reader([row.text]), []))
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(utf8),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=headings, skip_rows=1),
            parse_options=arrow_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(headings, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        raise InputError(
            "the rows cannot be told apart",
            where=shown,
            expected="every quotation mark to be closed",
            next_step=str(error),
        ) from error
    return table, findings, wrong


def _utf8(content: bytes, shown: str) -> tuple[bytes, list[Finding]]:
    content = content.removeprefix(b"\xef\xbb\xbf") + b"\n"
    if b"\0" in content:
        raise InputError(
            "the file holds NUL bytes, so it is not a text file", where=shown, next_step="Export it again."
        )
    try:
        content.decode("utf-8")
        return content, []
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
    try:
        converted = content.decode("cp1252").encode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the file is neither UTF-8 nor Windows-1252 text (row {row})",
            where=shown,
            next_step="Save it as CSV (UTF-8).",
        ) from error
    problem = "the file is not UTF-8; it was read as Windows-1252. Check names with accents"
    return converted, [Finding(shown, row, "file", "", problem, "encoding")]


def _refuse_open_quote(content: bytes, shown: str) -> None:
    """Refuse text whose last quotation mark is open: the rest of the file would be read as one cell."""
    if content.count(b'"') % 2 == 0:
        return
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""), strict=True)
    row = 1
    try:
        while next(reader, None) is not None:
            row += 1
    except csv.Error as error:
        raise InputError("a quotation mark is not closed", where=f"{shown} row {row}", next_step=str(error)) from error


def _headings(content: bytes, shown: str) -> list[str]:
    text = io.TextIOWrapper(io.BytesIO(content[:100_000]), "utf-8", errors="replace", newline="")
    headings = [name.strip() for name in next(csv.reader(text), [])]
    if len(headings) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "upright bars")):
            if mark in headings[0]:
                raise InputError(
                    f"the fields are separated by {name}", where=shown, expected="commas", next_step=_IMPORT
                )
    _refuse_headings(headings, shown)
    return headings


def _refuse_headings(headings: list[str], shown: str) -> None:
    doubled = [name for name, times in Counter(headings).items() if times > 1 and name]
    if doubled:
        raise InputError(f"the heading names {_listed(doubled)} more than once", where=f"{shown} row 1")
    missing = [name for name in REQUIRED if name not in headings]
    if not missing:
        return
    spare = [name for name in headings if name not in COLUMNS]
    close = ((name, nearest(name.replace("_", " "), spare) or nearest(name, spare)) for name in missing)
    renames = [f"rename {found!r} to '{name}'" for name, found in close if found]
    raise InputError(
        f"{'these columns are' if len(missing) > 1 else 'this column is'} missing: {_listed(missing)}",
        where=f"{shown} row 1",
        expected=f"a heading with {', '.join(REQUIRED)}",
        next_step=f"Perhaps {', '.join(renames)}; or: {_IMPORT}" if renames else _IMPORT,
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _known_columns(table: pa.Table, wrong_length: _WrongRows, shown: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the columns of `COLUMNS` and the row numbers, and a finding for each other column."""
    headings = table.column_names
    lines = table.num_rows + len(wrong_length)
    rows = (
        [number for number in range(2, lines + 2) if number not in wrong_length]
        if wrong_length
        else range(2, lines + 2)
    )
    columns: dict[str, object] = {"row": pa.array(rows, pa.int64())}
    for name in COLUMNS:
        cells = table[name] if name in headings else pc.fill_null(pa.nulls(table.num_rows, pa.string()), "")
        columns[name] = pc.utf8_trim_whitespace(cells)
    frame = pa.table(columns).to_pandas()
    if wrong_length:
        frame = pd.concat([frame, _short_rows(wrong_length, headings)], ignore_index=True).sort_values("row")
    written = (frame[list(COLUMNS)] != "").any(axis=1)
    return frame[written].reset_index(drop=True), list(_unknown_columns(headings, shown))


def _short_rows(wrong_length: _WrongRows, headings: list[str]) -> pd.DataFrame:
    """Return rows of the wrong length with their fields under the headings they happen to stand below."""
    records = []
    for number, (_, cells) in wrong_length.items():
        below = dict(zip(headings, cells, strict=False))
        records.append({"row": number} | {name: below.get(name, "").strip() for name in COLUMNS})
    return pd.DataFrame(records)


def _unknown_columns(headings: list[str], shown: str) -> Iterator[Finding]:
    for name in headings:
        if name in COLUMNS or not name:
            continue
        close = nearest(name, [known for known in OPTIONAL if known not in headings])
        hint = f". Did you mean '{close}'?" if close else ""
        yield Finding(shown, 1, name, "", f"the column is not used{hint}", "unknown_column")
