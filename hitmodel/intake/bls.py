"""Read price indexes by month and keep them: series of the Bureau of Labor Statistics (BLS), and anybody's own.

Four layouts are known by their headings:

- the *flat file*, one row for each series and period: ``series_id, title, year, period, value``, the title optional.
  Periods M01 to M12 are months; M13 is the year's average, which is no month and is left out;
- the *year table* that BLS's pages give as Excel: ``Year, Jan, Feb, … Dec`` below a line ``Series Id: CUUR0000SAM``;
- the *columns of the Federal Reserve's database* (FRED): ``observation_date`` (``DATE`` in older files), then a column
  for each series, headed by its id: ``CPIMEDSL``;
- the *plain table*: ``month`` and ``value``.

A month that was never published (October 2025) has no row, and stays without one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from hitmodel import paths
from hitmodel.errors import InputError
from hitmodel.indexes import COLUMNS, Index, month_name, read_index
from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.intake.headings import Table, find_tables, plain
from hitmodel.intake.sheets import Book, Sheet, read_book
from hitmodel.workspace import name_for

_FLAT = {
    "series_id": ("series_id", "series"),
    "title": ("title", "series_title"),
    "year": ("year",),
    "period": ("period",),
    "value": ("value",),
}
_PLAIN = {
    "month": ("month", "date", "observation_date", "period", "label"),
    "value": ("value", "index", "index value", "level"),
}
_MONTHS = {f"M{n:02d}": n for n in range(1, 13)}
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ABSENT = ("", "-", "–", "n/a", "na", "nan", ".")
_BLS_SERIES = re.compile(r"C[UW][SU]\w{8,14}|PCU\w+|WPU\w+|CIU\w+")
_FRED_SERIES = re.compile(r"[A-Z][A-Z0-9_]{3,59}")
_SERIES_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_BLS = "U.S. Bureau of Labor Statistics (BLS)"
_EXPECTED = (
    "series_id, year, period and value; or a year table (Year, Jan, Feb, … Dec) below 'Series Id:'; or "
    "observation_date and the ids of series; or month and value"
)

Months = list[tuple[date, str]]


@dataclass(frozen=True)
class SeriesFile:
    """A file of price series as read: for each series its title and (month, value as printed), in order."""

    titles: dict[str, str]
    months: dict[str, Months]
    file: str
    sha256: str


def read_series(path: Path, series: str = "") -> SeriesFile:
    """Read a file of price series, CSV or Excel.

    ``series`` names the index of a plain table; without it the file's name does. Raises `InputError` for another file,
    a period that is no month and not M13, a value that is no number above zero, and a month given twice, with row and
    field.
    """
    book, where = read_book(path), paths.shown(path)
    years = [(sheet, at) for sheet in book.sheets if (at := _year_heading(sheet)) is not None]
    if years:
        read = _from_years(years, series or name_for(path), where)
    elif columns := [(sheet, at) for sheet in book.sheets if (at := _fred_heading(sheet)) is not None]:
        read = _from_columns(columns, where)
    elif _has(book, "series_id", "period"):
        needed = [("series_id",), ("year",), ("period",), ("value",)]
        read = _from_flat(find_tables(book, _FLAT, needed), where)
    else:
        read = _from_plain(_plain_tables(book), series or name_for(path), where)
    if not read.values:
        raise InputError("the file holds no month", where=where, expected=_EXPECTED)
    months = {name: sorted(values.items()) for name, values in read.values.items()}
    return SeriesFile({name: read.titles.get(name, name) for name in months}, months, path.name, book.checksum)


@dataclass
class _Read:
    """Series as far as they were read: what they are called, and their values by month."""

    titles: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[date, str]] = field(default_factory=dict)

    def add(self, series: str, month: date, value: str, place: str) -> None:
        """Take in a value. Raises `InputError` for a series that cannot be called so, and a month that stands twice."""
        if not _SERIES_NAME.fullmatch(series):
            said = f"{series!r} cannot be the name of a series"
            raise InputError(said, where=f"{place}, series", expected="letters, digits, - and _")
        held = self.values.setdefault(series, {})
        if month in held:
            raise InputError(f"{month_name(month)} stands in series {series} twice", where=f"{place}, month")
        held[month] = value


def _has(book: Book, *headings: str) -> bool:
    wanted = {plain(name) for name in headings}
    return any(wanted <= set(map(plain, row)) for sheet in book.sheets for row in sheet.rows[:20])


def _plain_tables(book: Book) -> tuple[Table, ...]:
    try:
        return find_tables(book, _PLAIN, [("month",), ("value",)])
    except InputError as error:
        cure = "Head its columns month and value."
        raise InputError(error.what, where=error.where, expected=_EXPECTED, next_step=cure) from None


def _from_flat(tables: tuple[Table, ...], where: str) -> _Read:
    read = _Read()
    for table in tables:
        for row, record in table.records():
            series, period = record["series_id"], record["period"]
            read.titles[series] = record.get("title", "") or read.titles.get(series, "") or series
            if period == "M13" or record["value"].lower() in _ABSENT:
                continue
            if period not in _MONTHS:
                at = _where(where, table, row, "period")
                raise InputError(f"period {period!r} is no month", where=at, expected="M01 to M13")
            if not re.fullmatch(r"(1[89]|20)\d\d", record["year"]):
                raise InputError(f"{record['year']!r} is not a year", where=_where(where, table, row, "year"))
            month = date(int(record["year"]), _MONTHS[period], 1)
            value = _value(record["value"], _where(where, table, row, "value"))
            read.add(series, month, value, f"{where}, {table.place(row, 'series_id')}")
    return read


def _from_plain(tables: tuple[Table, ...], series: str, where: str) -> _Read:
    read = _Read()
    for table in tables:
        for row, record in table.records():
            if record["value"].lower() in _ABSENT:
                continue
            month = _month(record["month"], _where(where, table, row, "month"))
            value = _value(record["value"], _where(where, table, row, "value"))
            read.add(series, month, value, f"{where}, {table.place(row, 'month')}")
    return read


def _year_heading(sheet: Sheet) -> int | None:
    """Return the row (from 0) of a year table's heading: Year, then the months."""
    for number, row in enumerate(sheet.rows[:40]):
        if row and plain(row[0]) == "year" and [plain(cell)[:3] for cell in row[1:4]] == list(_NAMES[:3]):
            return number
    return None


def _from_years(found: list[tuple[Sheet, int]], series: str, where: str) -> _Read:
    read = _Read()
    for sheet, at in found:
        said = {plain(row[0]): row[1] for row in sheet.rows[:at] if len(row) > 1}
        name = said.get("seriesid", "") or series
        area = ", ".join(said[key] for key in ("item", "seriestitle", "area") if key in said)
        read.titles[name] = area or name
        heading = [plain(cell)[:3] for cell in sheet.rows[at]]
        for number, row in enumerate(sheet.rows[at + 1 :], start=at + 1):
            cells = [(c, cell) for c, cell in enumerate(row[: len(heading)]) if heading[c] in _NAMES]
            there = [(c, cell) for c, cell in cells if cell.lower() not in _ABSENT and any(map(str.isdigit, cell))]
            if there and not re.fullmatch(r"(1[89]|20)\d\d", row[0]):
                raise InputError(f"{row[0]!r} is not a year", where=f"{where}, {sheet.place(number, 0)}, year")
            for column, cell in there:
                month = date(int(row[0]), _NAMES.index(heading[column]) + 1, 1)
                place = f"{where}, {sheet.place(number, column)}"
                read.add(name, month, _value(cell, f"{place}, value"), place)
    return read


def _fred_heading(sheet: Sheet) -> int | None:
    """Return the row (from 0) of a heading with a date and the ids of series."""
    for number, row in enumerate(sheet.rows[:40]):
        series = all(_FRED_SERIES.fullmatch(cell) and cell.lower() not in _PLAIN["value"] for cell in row[1:])
        if len(row) > 1 and plain(row[0]) in ("observationdate", "date") and series:
            return number
    return None


def _from_columns(found: list[tuple[Sheet, int]], where: str) -> _Read:
    read = _Read()
    for sheet, at in found:
        for number in range(at + 1, len(sheet.rows)):
            row = sheet.rows[number]
            for column, series in enumerate(sheet.rows[at][1:], start=1):
                cell = row[column] if column < len(row) else ""
                if cell.lower() in _ABSENT:
                    continue
                place = f"{where}, {sheet.place(number, column)}, {series}"
                month = _month(row[0], f"{where}, {sheet.place(number, 0)}, {sheet.rows[at][0]}")
                read.add(series, month, _value(cell, place), place)
    return read


def _month(text: str, where: str) -> date:
    """Return the first day of a month written as 2025-09, 2025M09, Sep 2025, September 2025 or any day of it."""
    found = re.fullmatch(r"(\d{4})-?M?(\d{1,2})", text)
    if found and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    words = re.fullmatch(r"(?:(\d{4})[ -]+)?([A-Za-z]{3})[a-z]*\.?(?:[ -]+(\d{4}))?", text)
    if words and (words[1] or words[3]) and words[2].lower() in _NAMES:
        return date(int(words[1] or words[3]), _NAMES.index(words[2].lower()) + 1, 1)
    try:
        day = cells.day(text).value
    except Unread:
        day = None
    if day is None:
        raise InputError(f"{text!r} is not a month", where=where, expected="a month such as 2025-09")
    return day.replace(day=1)


def _value(text: str, where: str) -> str:
    """Return an index value as printed, footnotes left out: 311.7(R) is 311.7."""
    bare = re.sub(r"\s*\([A-Z]\)$", "", text).replace(",", "")
    if not re.fullmatch(r"\d+(\.\d+)?", bare) or Decimal(bare) <= 0:
        raise InputError(f"{text!r} is not an index value", where=where, expected="a number above zero")
    return bare


def _where(file: str, table: Table, row: int, field: str) -> str:
    return f"{file}, {table.place(row, field)}, {field}"


def write_indexes(read: SeriesFile, folder: Path, since: date, only: Collection[str] = ()) -> tuple[Path, ...]:
    """Write each series, or those of ``only``, as ``folder/SERIES.csv`` from the month ``since`` on, with its source.

    Returns the CSV files. A series that is already there is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for series in sorted(only or read.months):
        path = folder / f"{series}.csv"
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((f"{month:%Y-%m}", value) for month, value in read.months[series] if month >= since)
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        about = _source(read, series, read_index(path), out.getvalue())
        path.with_suffix(".toml").write_text(about, encoding="utf-8")
        written.append(path)
    return tuple(written)


def _source(read: SeriesFile, series: str, index: Index, table: str) -> str:
    holes = ", ".join(json.dumps(month_name(m)) for m in index.never_published)
    bls = _BLS_SERIES.fullmatch(series) is not None
    lines = [
        f"publisher = {json.dumps(_BLS if bls else '')}",
        f"title = {json.dumps(read.titles[series])}",
        f'series = "{series}"',
        f'through = "{index.last_month:%Y-%m}"',
        f"never_published = [{holes}]",
        f"file = {json.dumps(read.file)}",
        f'file_sha256 = "{read.sha256}"',
        f'table_sha256 = "{hashlib.sha256(table.encode()).hexdigest()}"',
    ]
    if bls:
        lines.append('standing = "US government work, public domain; annual averages (M13) are not kept"')
    return "\n".join(lines) + "\n"
