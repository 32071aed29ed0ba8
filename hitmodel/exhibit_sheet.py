"""The rate exhibit as a workbook that a payer's analyst can work with: live formulas, changes marked, a sheet to edit.

The layout is fixed, since an edited exhibit is read in again (`hitmodel.exhibit_edits`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hitmodel.code_exhibit import CodeExhibit, ExhibitRow, Price
from hitmodel.dates import spoken
from hitmodel.exports import neutral, without_times
from hitmodel.labels import words
from hitmodel.sentences import counted

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

RATES = "Rates"
HEAD_ROW = 6
DAY_MARK = "Rates on "
HEADS = ("Code", "Billed with", "Description", "For each", "Today", "Proposed", "Change", "Units", "Amount", "Where")
CODE, MARK, DESCRIPTION, UNIT, TODAY, PROPOSED, CHANGE, UNITS, AMOUNT, WHERE = range(1, 11)
WIDTHS = (9, 12, 62, 12, 12, 12, 11, 12, 14, 22)
_MONEY = "#,##0.00##"
_TINT = "FFE8F1F8"
_RULE = "FF9AA5B1"


@dataclass(frozen=True)
class SheetStyle:
    """How an exhibit is dressed: the words above it, and units by (code, mark) where they may be shown."""

    heading: str
    units: Mapping[tuple[str, str], int]


def exhibit_workbook(exhibit: CodeExhibit, heading: str, units: Mapping[tuple[str, str], int] | None = None) -> bytes:
    """Return the exhibit as XLSX bytes; the same exhibit gives the same bytes.

    Parameters
    ----------
    heading : str
        What stands above, such as the marking of an edition.
    units : mapping or None
        Billed units of a claims set by code and mark, for the Units column; without it that column is left for whoever
        reads the exhibit.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = f"Rate exhibit, {exhibit.title}"
    book.properties.creator = "hitmodel"
    sheet = book.active
    sheet.title = RATES
    _write_rates(sheet, exhibit, SheetStyle(heading, units or {}))
    _write_clauses(book.create_sheet("Other clauses"), exhibit)
    held = io.BytesIO()
    book.save(held)
    return without_times(held.getvalue())


def _write_rates(sheet: Worksheet, exhibit: CodeExhibit, style: SheetStyle) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    _text(sheet, 1, 1, f"Rate exhibit: {exhibit.title}", bold=True, size=14)
    _text(sheet, 2, 1, style.heading)
    _text(sheet, 3, 1, f"{DAY_MARK}{exhibit.day.isoformat()}; dollars. {_beside(exhibit)}")
    _text(sheet, 4, 1, approximate_words(exhibit))
    for column, head in enumerate(HEADS, start=1):
        cell = _text(sheet, HEAD_ROW, column, head, bold=True)
        cell.border = Border(bottom=Side("thin", color=_RULE))
        cell.alignment = Alignment(horizontal="right" if TODAY <= column <= AMOUNT else "left")
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS[column - 1]
    row, priced = HEAD_ROW + 1, []
    for therapy, rows in exhibit.groups.items():
        _text(sheet, row, 1, therapy, bold=True)
        row += 1
        for line in rows:
            _write_line(sheet, row, line, style)
            priced += [row] if line.price.rate is not None else []
            row += 1
    _text(sheet, row, 1, "All", bold=True)
    total = sheet.cell(row=row, column=AMOUNT, value=f"=SUM({_span(AMOUNT, priced)})" if priced else None)
    total.font, total.number_format, total.border = Font(bold=True), _MONEY, Border(top=Side("thin"))
    sheet.freeze_panes = sheet.cell(row=HEAD_ROW + 1, column=UNIT)
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _beside(exhibit: CodeExhibit) -> str:
    if not exhibit.other:
        return "Write another rate under Proposed to change one."
    changed = sum(row.changed for row in exhibit.rows)
    return f"Today is {exhibit.other}, Proposed is {exhibit.title}; {counted(changed, 'code')} marked."


def approximate_words(exhibit: CodeExhibit) -> str:
    """Say where rate × units is not what is paid."""
    if not exhibit.approximate:
        return "Amount is rate × units, which is what is paid."
    return f"Amount is rate × units. It is approximate where {'; '.join(exhibit.approximate)}."


def _span(column: int, rows: list[int]) -> str:
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    return f"{letter}{rows[0]}:{letter}{rows[-1]}"


def _write_line(sheet: Worksheet, row: int, line: ExhibitRow, style: SheetStyle) -> None:
    from openpyxl.styles import Alignment, PatternFill

    today = line.other or line.price
    _text(sheet, row, CODE, line.code)
    _text(sheet, row, MARK, line.mark)
    _text(sheet, row, DESCRIPTION, line.descriptor).alignment = Alignment(wrap_text=True, vertical="top")
    _text(sheet, row, UNIT, line.price.unit or today.unit)
    _write_price(sheet, row, TODAY, today)
    _write_price(sheet, row, PROPOSED, line.price)
    if line.price.rate is not None and today.rate is not None:
        change = sheet.cell(row=row, column=CHANGE, value=f"=F{row}-E{row}")
        change.number_format = "+#,##0.00##;−#,##0.00##;–"
    if line.price.rate is not None:
        units = style.units.get((line.code, line.mark))
        sheet.cell(row=row, column=UNITS, value=units).number_format = "#,##0"
        sheet.cell(row=row, column=AMOUNT, value=f"=F{row}*H{row}").number_format = _MONEY
    _text(sheet, row, WHERE, line.price.cite or today.cite)
    if line.changed:
        for column in range(CODE, WHERE + 1):
            sheet.cell(row=row, column=column).fill = PatternFill("solid", fgColor=_TINT)


def _write_price(sheet: Worksheet, row: int, column: int, price: Price) -> None:
    from openpyxl.styles import Alignment

    if price.rate is None:
        _text(sheet, row, column, price.words).alignment = Alignment(horizontal="right", wrap_text=True)
        return
    sheet.cell(row=row, column=column, value=price.rate).number_format = _MONEY


def _write_clauses(sheet: Worksheet, exhibit: CodeExhibit) -> None:
    from openpyxl.styles import Alignment

    heads = ["Clause", "For", "Unit", *([exhibit.other] if exhibit.other else []), exhibit.title, "Where"]
    for column, head in enumerate(heads, start=1):
        _text(sheet, 1, column, head, bold=True)
        sheet.column_dimensions[chr(ord("A") + column - 1)].width = 44 if 3 < column < len(heads) else 26
    for row, clause in enumerate(exhibit.clauses, start=2):
        cells = [words(clause.term), clause.covers, clause.basis, *clause.shown, clause.cite]
        for column, text in enumerate(cells, start=1):
            _text(sheet, row, column, text).alignment = Alignment(wrap_text=True, vertical="top")


def _text(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, size: int = 11) -> Any:
    """Write text that stays text."""
    from openpyxl.styles import Font

    cell = sheet.cell(row=row, column=column, value=neutral(text) if text else None)
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True, size=size)
    return cell


def exhibit_day(text: str) -> str:
    """Return the day that an exhibit's third row names, as it stands there; "" where it names none."""
    _, mark, rest = text.partition(DAY_MARK)
    return rest.split(";")[0].strip() if mark else ""


def day_words(exhibit: CodeExhibit) -> str:
    """Return the exhibit's day as a sentence has it."""
    return spoken(exhibit.day)
