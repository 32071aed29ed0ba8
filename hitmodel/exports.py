"""Tables as CSV files and as one workbook, exact and safe to open in a spreadsheet.

Text that a spreadsheet would run as a formula is made harmless; codes stay text; numbers stay numbers. The same tables
give the same bytes.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hitmodel.money import as_decimal, dollars
from hitmodel.tables import Cell, Column, Gap, Row, Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\x00", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STAMP = (1980, 1, 1, 0, 0, 0)
_DATED = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_FORMATS = {
    "dollars": "#,##0.00;−#,##0.00",
    "percent": "0.0%;−0.0%",
    "rate": "#,##0.00####;−#,##0.00####",
    "count": "#,##0;−#,##0",
    "days": "#,##0;−#,##0",
}
_SIGNED = {"dollars": "+#,##0.00;−#,##0.00;0.00", "percent": "+0.0%;−0.0%;0.0%", "count": "+#,##0;−#,##0;0"}


def neutral(text: str) -> str:
    """Return text that no spreadsheet runs: an apostrophe before a formula's first character, no control characters."""
    safe = _CONTROL.sub(" ", text)
    return f"'{safe}" if text.startswith(FORMULA_STARTS) else safe


def to_csv(table: Table) -> str:
    """Return rows and totals as CSV under the column keys: dollars to the cent, shares as decimals, plain minus."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    for row in (*table.rows, *table.totals):
        writer.writerow([_csv_cell(cell, column) for cell, column in zip(row, table.columns, strict=True)])
    return out.getvalue()


def to_workbook(tables: Sequence[Table], title: str) -> bytes:
    """Return an XLSX workbook: a sheet of contents, then a sheet for each table."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = title
    book.properties.creator = "hitmodel"
    book.properties.language = "en"
    contents = book.active
    contents.title = "All tables"
    _write_contents(contents, tables, title)
    for table in tables:
        _write_sheet(book.create_sheet(table.name), table)
    held = io.BytesIO()
    book.save(held)
    return without_times(held.getvalue())


def _csv_cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, Gap):
        return "none" if cell is Gap.NONE else cell.value
    if isinstance(cell, str):
        return neutral(cell)
    return str(_number(cell, column))


def _number(cell: int | Fraction | Decimal, column: Column) -> int | Decimal:
    if column.kind == "dollars":
        return dollars(int(cell))
    return as_decimal(cell, 12) if isinstance(cell, Fraction) else cell


def _write_contents(sheet: Worksheet, tables: Sequence[Table], title: str) -> None:
    from openpyxl.styles import Alignment, Font

    _put(sheet, 1, 1, title, bold=True)
    for i, head in enumerate(("Sheet", "What it shows"), start=1):
        _put(sheet, 3, i, head, bold=True)
    for at, table in enumerate(tables, start=4):
        link = _put(sheet, at, 1, table.name)
        link.hyperlink = f"#'{table.name}'!A1"
        link.font = Font(underline="single", color="1F3A5F")
        _put(sheet, at, 2, table.headline).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 32
    sheet.column_dimensions["B"].width = 100


def _write_sheet(sheet: Worksheet, table: Table) -> None:
    from openpyxl.styles import Alignment, Border, Side
    from openpyxl.utils import get_column_letter

    _put(sheet, 1, 1, table.headline, bold=True)
    _put(sheet, 2, 1, table.caption)
    for i, column in enumerate(table.columns, start=1):
        head = _put(sheet, 4, i, f"{column.label} [{column.unit}]" if column.unit else column.label, bold=True)
        head.alignment = Alignment(
            horizontal="right" if column.is_number else "left", wrap_text=True, vertical="bottom"
        )
        head.border = Border(bottom=Side("thin"))
        sheet.column_dimensions[get_column_letter(i)].width = _width(table, i - 1)
    for at, row in enumerate(table.rows, start=5):
        _write_row(sheet, at, row, table.columns)
    after = 5 + len(table.rows)
    for at, row in enumerate(table.totals, start=after):
        _write_row(sheet, at, row, table.columns, bold=True)
    for at, note in enumerate(table.notes, start=after + len(table.totals) + 1):
        _put(sheet, at, 1, f"({at - after - len(table.totals)}) {note}")
    sheet.freeze_panes = "B5"
    sheet.print_title_rows = "4:4"
    sheet.page_setup.orientation = "landscape" if table.is_wide else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _write_row(sheet: Worksheet, at: int, row: Row, columns: Sequence[Column], *, bold: bool = False) -> None:
    from openpyxl.styles import Alignment, Border, Side

    for i, (cell, column) in enumerate(zip(row, columns, strict=True), start=1):
        value = cell.value if isinstance(cell, Gap) else cell if isinstance(cell, str) else _number(cell, column)
        written = _put(sheet, at, i, value, bold=bold)
        if column.is_number:
            written.alignment = Alignment(horizontal="right")
        if not isinstance(value, str):
            signed = _SIGNED if column.signed else {}
            written.number_format = signed.get(column.kind, _FORMATS.get(column.kind, "General"))
        if bold:
            written.border = Border(top=Side("thin"))


def _put(sheet: Worksheet, row: int, column: int, value: str | int | Decimal, *, bold: bool = False) -> Any:
    """Write one cell; text is made harmless and marked as text, so that it stays text when edited."""
    from openpyxl.styles import Font

    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = neutral(value)
        cell.number_format = "@"
    else:
        cell.value = value
    if bold:
        cell.font = Font(bold=True)
    return cell


def _width(table: Table, at: int) -> float:
    column = table.columns[at]
    lengths = [len(str(row[at])) for row in (*table.rows, *table.totals) if not isinstance(row[at], Gap)]
    head = max((len(word) for word in f"{column.label} {column.unit}".split()), default=0)
    return float(min(60, max([head, *lengths, 10]) + 2))


def without_times(workbook: bytes) -> bytes:
    """Return the same workbook with every time in it taken out, so that the same tables give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            held = old.read(name)
            if name == "docProps/core.xml":
                held = _DATED.sub(b"", held)
            new.writestr(zipfile.ZipInfo(name, _STAMP), held, zipfile.ZIP_DEFLATED)
    return out.getvalue()
