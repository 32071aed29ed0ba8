"""How a workbook for people is laid out: titles, headings with comments, grey cells for reading, drop-downs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

LISTS = "Lists"
_MADE = datetime(2000, 1, 1)
_TALL = 12
"""Lines of a comment that are shown without scrolling."""
_HEAD, _GREY = PatternFill("solid", fgColor="1F3A5F"), PatternFill("solid", fgColor="EEEEEE")
_MOST_COMMENT = 900
_TYPE = "Calibri"
_LINE, _MOST_LINES = 15, 20
"""Points of a line of words, and lines of the highest row."""
_PAGE = 190
"""Characters that stand beside each other on a printed page and can still be read."""
Look = tuple[str, bool, bool, bool]
"""Number format; whether the words wrap; whether the cell is for reading; whether it begins at the left."""


class Styled:
    """A workbook being made, sheet by sheet."""

    def __init__(self) -> None:
        self.book = Workbook()
        self.book.remove(self.book.active)
        self.lists: dict[tuple[str, ...], str] = {}
        self.looks: dict[Look, Any] = {}

    def sheet(self, name: str, title: str, widths: Sequence[int]) -> StyledSheet:
        """Add a sheet with a title in its first row."""
        made = self.book.create_sheet(name)
        made["A1"] = title
        made["A1"].font = Font(name=_TYPE, bold=True, size=12, color="1F3A5F")
        for number, width in enumerate(widths, start=1):
            made.column_dimensions[get_column_letter(number)].width = width
        made.page_setup.orientation = "landscape"
        made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        made.page_setup.fitToWidth, made.page_setup.fitToHeight = max(1, round(sum(widths) / _PAGE)), 0
        made.oddFooter.center.text = "&A, page &P of &N"
        return StyledSheet(self, made, tuple(widths))

    def reference(self, words: tuple[str, ...]) -> str:
        """Return the cells of a hidden sheet that hold some words, for a drop-down."""
        if words not in self.lists:
            made = self.book[LISTS] if LISTS in self.book.sheetnames else self.book.create_sheet(LISTS)
            made.sheet_state = "hidden"
            column = len(self.lists) + 1
            for row, word in enumerate(words, start=1):
                _put(made.cell(row, column), word)
            letter = get_column_letter(column)
            self.lists[words] = f"{LISTS}!${letter}$1:${letter}${len(words)}"
        return self.lists[words]

    def save(self, target: Path) -> None:
        """Write the workbook; no time of day goes into it, so that the same contents give the same bytes."""
        if LISTS in self.book.sheetnames:
            self.book.move_sheet(LISTS, len(self.book.sheetnames))
        self.book.properties.creator = "hitmodel"
        self.book.properties.created = self.book.properties.modified = _MADE
        draft = target.with_name(f"{target.name}.zip")
        try:
            self.book.save(draft)
            _without_times(draft, target)
        finally:
            draft.unlink(missing_ok=True)


def _without_times(draft: Path, target: Path) -> None:
    with zipfile.ZipFile(draft) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for item in read.infolist():
            content = read.read(item)
            if item.filename == "docProps/core.xml":
                stamp = _MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                head, _, rest = content.partition(b"<dcterms:modified")
                content = head + b"<dcterms:modified" + rest.partition(b">")[0] + b">" + stamp + b"</dcterms:modified>"
                content += rest.partition(b"</dcterms:modified>")[2]
            made.writestr(zipfile.ZipInfo(item.filename, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def _put(cell: Any, value: Any) -> None:
    """Put a value into a cell as it is: text that begins with an equals sign is no formula."""
    cell.value = value if value != "" else None
    if isinstance(value, str) and value:
        cell.data_type = "s"


class StyledSheet:
    """One sheet being made, from top to bottom."""

    def __init__(self, styled: Styled, sheet: Any, widths: tuple[int, ...]) -> None:
        self.styled, self.sheet, self.widths = styled, sheet, widths
        self.next = 2
        self.first_row = 2

    def note(self, words: str) -> None:
        """Write a paragraph over the sheet's columns."""
        cell = self.sheet.cell(self.next, 1)
        _put(cell, words)
        self.sheet.merge_cells(start_row=self.next, end_row=self.next, start_column=1, end_column=2)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        self.sheet.row_dimensions[self.next].height = 32
        self.next += 1

    def heading(self, names: Iterable[str], comments: Mapping[int, str] | None = None) -> None:
        """Write the row of headings; ``comments`` explain a column by its number, from 0."""
        row = self.next + 1
        for column, name in enumerate(names):
            cell = self.sheet.cell(row, column + 1, name)
            cell.font = Font(name=_TYPE, bold=True, color="FFFFFF")
            cell.fill = _HEAD
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            said = (comments or {}).get(column, "")
            if said:
                cell.comment = Comment(
                    said[:_MOST_COMMENT], "hitmodel", height=20 * min(_TALL, 2 + len(said) // 45), width=360
                )
        self.next = self.first_row = row + 1
        self.sheet.freeze_panes = self.sheet.cell(self.next, 2)
        self.sheet.print_title_rows, self.sheet.print_title_cols = f"{row}:{row}", "A:A"

    def row(
        self, cells: Iterable[Any], *, fixed: bool = False, fixed_columns: tuple[int, ...] = (), left: bool = False
    ) -> None:
        """Write a row; a cell is a value, or a value with its number format. Fixed cells are grey.

        ``left`` puts numbers and days at the left, where a column holds them beside words.
        """
        lines = 1
        for column, given in enumerate(cells):
            value, shape = given if isinstance(given, tuple) else (given, "")
            cell = self.sheet.cell(self.next, column + 1)
            _put(cell, value)
            self._dress(cell, (shape, isinstance(value, str), fixed or column in fixed_columns, left))
            if isinstance(value, str) and column < len(self.widths):
                lines = max(lines, -(-len(value) // self.widths[column]))
        if lines > 1:  # not every program works out how high a row must be for words that wrap
            self.sheet.row_dimensions[self.next].height = _LINE * min(lines, _MOST_LINES)
        self.next += 1

    def remark(self, column: int, words: str) -> None:
        """Put a comment on a cell of the row that was written last, columns from 0, and grey the cell."""
        cell = self.sheet.cell(self.next - 1, column + 1)
        cell.comment = Comment(words[:_MOST_COMMENT], "hitmodel", height=90, width=300)
        cell.fill = _GREY

    def _dress(self, cell: Any, look: Look) -> None:
        """Give a cell its look; equal looks are worked out once, which is most of the time that a workbook takes."""
        if look not in self.styled.looks:
            shape, wraps, fixed, left = look
            cell.alignment = Alignment(wrap_text=wraps, vertical="top", horizontal="left" if left else None)
            if shape:
                cell.number_format = shape
            if fixed:
                cell.fill = _GREY
            self.styled.looks[look] = cell._style
        cell._style = copy(self.styled.looks[look])

    def spare(self, rows: int) -> None:
        """Leave empty rows to be typed into."""
        self.next += rows

    def choices(self, column: int, words: tuple[str, ...]) -> None:
        """Give the cell written last in a column a drop-down."""
        self._choices(column, self.next - 1, self.next - 1, words, strict=False)

    def column_choices(self, column: int, words: tuple[str, ...], *, strict: bool = False) -> None:
        """Give every row of a column a drop-down; ``strict`` refuses other words while one types."""
        self._choices(column, self.first_row, self.next - 1, words, strict=strict)

    def _choices(self, column: int, first: int, last: int, words: tuple[str, ...], *, strict: bool) -> None:
        if not words:
            return
        rule = DataValidation(type="list", formula1=f"={self.styled.reference(words)}", allow_blank=True)
        rule.showErrorMessage = strict
        rule.error, rule.errorTitle = "Take a word from the list.", "Not known"
        letter = get_column_letter(column + 1)
        rule.add(f"{letter}{first}:{letter}{last}")
        self.sheet.add_data_validation(rule)

    def look_up(self, codes: int, into: int, sheet: str) -> None:
        """Have the empty rows show the descriptor of the first code that is typed into them."""
        letter = get_column_letter(codes + 1)
        for row in range(self.first_row, self.next):
            cell = self.sheet.cell(row, into + 1)
            if cell.value is None:
                cell.value = f'=IFERROR(VLOOKUP(LEFT({letter}{row},5),{sheet}!A:B,2,FALSE),"")'
            self._dress(cell, ("", True, True, False))

    def hide(self, column: int) -> None:
        """Hide a column."""
        self.sheet.column_dimensions[get_column_letter(column + 1)].hidden = True
