"""The rate exhibit as a workbook that a payer's analyst can work with: live formulas, changes marked, a sheet to edit.

The layout is fixed, since an edited exhibit is read in again (`hitmodel.exhibit_edits`).
"""

from __future__ import annotations

import io
import textwrap
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hitmodel.code_exhibit import PROPOSED as PROPOSED_HEAD
from hitmodel.code_exhibit import RATE, CodeExhibit, ExhibitRow, place, place_words
from hitmodel.code_prices import Price
from hitmodel.dates import spoken
from hitmodel.editions import Edition, marking
from hitmodel.exhibit_units import Use, Uses
from hitmodel.exports import neutral, without_times
from hitmodel.labels import words
from hitmodel.money import as_decimal, dollars
from hitmodel.sentences import counted

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

RATES = "Rates"
CLAUSES = "Other clauses"
SENT = ", as sent"
"""Ends the name of a sheet, not shown, that keeps what another one said when it was written."""
HEAD_ROW = 6
DAY_MARK = "Rates on "
HEADS = ("Code", "Billed with", "Description", "For each", RATE, PROPOSED_HEAD, "Change", "Units", "Amount", "Where")
"""Heads of the columns; those of the two columns of rates are the exhibit's own."""
CODE, MARK, DESCRIPTION, UNIT, TODAY, PROPOSED, CHANGE, UNITS, AMOUNT, WHERE = range(1, 11)
WIDTHS = (9, 12, 62, 12, 12, 12, 11, 12, 14, 22)
MOVED, PRICED, WHY = 11, 12, 13
CLAIM_HEADS = {MOVED: "Change × units", PRICED: "As priced", WHY: "Approximate where"}
CLAIM_WIDTHS = {MOVED: 15, PRICED: 15, WHY: 46}
TOTAL, THESE, OTHERS, WHOLE = "All", "As priced, these codes", "Drugs, shares of charge and others", "The contract"
FOOT = frozenset({TOTAL, THESE, OTHERS, WHOLE})
"""What may stand in the first column beside codes and therapies."""
UNITS_OPEN = "Write your own units under Units: the amounts beside them work themselves out"
"""What the column of units is for where no claims filled it."""
LINE, FONT = 14, "Calibri"
WIDE, NARROW = 44, 26
"""Widths of the columns of other clauses: what either paper says, and the rest."""
_MONEY = "#,##0.00##"
_SIGNED = "+#,##0.00##;−#,##0.00##;–"
_TINT = "FFE8F1F8"
_RULE = "FF9AA5B1"


def exhibit_workbook(exhibit: CodeExhibit, edition: Edition = "external", uses: Uses | None = None) -> bytes:
    """Return the exhibit as XLSX bytes; the same exhibit gives the same bytes.

    Parameters
    ----------
    edition : str
        An external one holds no units of few patients, and not what the model pays with every clause.
    uses : Uses or None
        Units of a claims set by row. Without it the Units column is left for whoever reads the exhibit.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = f"Rate exhibit, {exhibit.title}"
    book.properties.creator = "hitmodel"
    sheet = book.active
    sheet.title = RATES
    shown = uses.shown() if uses is not None and edition == "external" else uses
    _write_rates(sheet, exhibit, shown, edition)
    _write_clauses(book.create_sheet(CLAUSES), exhibit)
    for name in (RATES, CLAUSES):
        _keep(book[name], book.create_sheet(name + SENT))
    held = io.BytesIO()
    book.save(held)
    return without_times(held.getvalue())


def _write_rates(sheet: Worksheet, exhibit: CodeExhibit, uses: Uses | None, edition: Edition) -> None:
    _text(sheet, 1, 1, f"Rate exhibit: {exhibit.title}", bold=True, size=14)
    _text(sheet, 2, 1, ". ".join(filter(None, (marking(edition), _left_out(uses, edition)))))
    _text(sheet, 3, 1, f"{DAY_MARK}{exhibit.day.isoformat()}; dollars. {_beside(exhibit)}")
    _text(sheet, 4, 1, approximate_words(exhibit))
    more = [] if uses is None else [c for c in CLAIM_HEADS if c != PRICED or edition == "internal"]
    _write_heads(sheet, exhibit, more)
    row, priced = HEAD_ROW + 1, []
    for therapy, rows in exhibit.groups.items():
        _text(sheet, row, 1, therapy, bold=True)
        row += 1
        for line in rows:
            use = uses.rows.get((line.code, line.mark)) if uses else None
            _write_line(sheet, row, line)
            if use is not None:
                _write_use(sheet, row, use, more)
            _to_the_top(sheet, row)
            priced += [row] if line.price.rate is not None else []
            row += 1
    _write_foot(sheet, row, priced, more)
    if uses is not None and PRICED in more:
        _write_tie(sheet, row, uses)
    sheet.freeze_panes = sheet.cell(row=HEAD_ROW + 1, column=UNIT)
    _set_page(sheet, HEAD_ROW)


def _set_page(sheet: Worksheet, heads: int) -> None:
    """Print across a landscape page, with the heads on each."""
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{heads}:{heads}"


def _keep(sheet: Worksheet, kept: Worksheet) -> None:
    """Copy what a sheet says, but for what works itself out, onto one that is not shown."""
    kept.sheet_state = "hidden"
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.value is not None and not str(cell.value).startswith("="):
                copy = kept.cell(row=cell.row, column=cell.column, value=cell.value)
                copy.number_format = cell.number_format


def heads_of(exhibit: CodeExhibit) -> tuple[str, ...]:
    """Return the heads of the columns, with the exhibit's own over its two columns of rates."""
    return (*HEADS[: TODAY - 1], *exhibit.heads, *HEADS[PROPOSED:])


def _write_heads(sheet: Worksheet, exhibit: CodeExhibit, more: list[int]) -> None:
    from openpyxl.styles import Alignment, Border, Side
    from openpyxl.utils import get_column_letter

    heads = [*enumerate(zip(heads_of(exhibit), WIDTHS, strict=True), start=1)]
    longest = max(_lines(head, WIDTHS[TODAY - 1]) for head in exhibit.heads)
    sheet.row_dimensions[HEAD_ROW].height = LINE * longest + 2
    heads += [(column, (CLAIM_HEADS[column], CLAIM_WIDTHS[column])) for column in more]
    for column, (head, width) in heads:
        cell = _text(sheet, HEAD_ROW, column, head, bold=True)
        cell.border = Border(bottom=Side("thin", color=_RULE))
        is_text = column <= UNIT or column in (WHERE, WHY)
        side, indent = "left" if is_text else "right", column in (WHERE, WHY)
        cell.alignment = Alignment(side, vertical="bottom", wrap_text=True, indent=indent)
        sheet.column_dimensions[get_column_letter(column)].width = width


def _left_out(uses: Uses | None, edition: Edition) -> str:
    if uses is None:
        return UNITS_OPEN
    told = "Units are those of our claims."
    return f"{told} Codes of few patients are left empty." if edition == "external" else told


def _write_foot(sheet: Worksheet, row: int, priced: list[int], more: list[int]) -> None:
    """Write the sums of the columns of dollars."""
    from openpyxl.styles import Border, Font, Side

    _text(sheet, row, 1, TOTAL, bold=True)
    for column in (AMOUNT, *(c for c in more if c != WHY)):
        total = sheet.cell(row=row, column=column, value=f"=SUM({_span(column, priced)})" if priced else None)
        total.font, total.border = Font(name=FONT, bold=True), Border(top=Side("thin"))
        total.number_format = _SIGNED if column == MOVED else _MONEY


def _write_tie(sheet: Worksheet, row: int, uses: Uses) -> None:
    """Write below the sums how the codes of the exhibit lead to what the contract allows in all."""
    from openpyxl.styles import Alignment

    rest = f"{counted(uses.other_lines, 'line')}; {counted(uses.open_lines, 'line')} of the contract without an amount"
    lines = (
        (THESE, f"=L{row}", "with every clause"),
        (OTHERS, dollars(uses.other_cents), rest),
        (WHOLE, f"=L{row + 1}+L{row + 2}", "allowed on these claims"),
    )
    for number, (label, value, remark) in enumerate(lines, start=row + 1):
        _text(sheet, number, 1, label, bold=number == row + len(lines))
        sheet.cell(row=number, column=PRICED, value=value).number_format = _MONEY
        _text(sheet, number, WHY, remark).alignment = Alignment("left", indent=1)


def _beside(exhibit: CodeExhibit) -> str:
    if not exhibit.other:
        return f"Write another rate under {exhibit.heads[1]} to change one."
    changed = sum(row.changed for row in exhibit.rows)
    return f"{exhibit.beside}; {counted(changed, 'code')} marked."


def approximate_words(exhibit: CodeExhibit) -> str:
    """Say where rate × units is not what is paid."""
    if not exhibit.approximate:
        return "Amount is rate × units, which is what is paid."
    return f"Amount is rate × units. It is approximate where {'; '.join(exhibit.approximate)}."


def _span(column: int, rows: list[int]) -> str:
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    return f"{letter}{rows[0]}:{letter}{rows[-1]}"


def _write_use(sheet: Worksheet, row: int, use: Use, more: list[int]) -> None:
    """Write what claims hold of a row: its units, and beside the amount what parts it from what is paid."""
    sheet.cell(row=row, column=UNITS, value=_number(use.units)).number_format = "#,##0.###"
    if PRICED in more:
        sheet.cell(row=row, column=PRICED, value=dollars(use.cents)).number_format = _MONEY
    if sheet.cell(row=row, column=CHANGE).value:
        sheet.cell(row=row, column=MOVED, value=f"=G{row}*H{row}").number_format = _SIGNED
    _text(sheet, row, WHY, "; ".join(use.why))


def _to_the_top(sheet: Worksheet, row: int) -> None:
    """Let every cell of a row begin where its description does, and text stand off from the number before it."""
    from openpyxl.styles import Alignment

    for column in range(CODE, WHY + 1):
        cell = sheet.cell(row=row, column=column)
        side = "right" if column in (TODAY, PROPOSED) else "left" if column in (WHERE, WHY) else None
        cell.alignment = Alignment(side, vertical="top", wrap_text=True, indent=column in (WHERE, WHY))


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a column; spreadsheet programs do not agree to find it out themselves."""
    return max(len(textwrap.wrap(text, round(width * 0.95))), 1)


def _number(units: Fraction) -> Any:
    return int(units) if units == int(units) else as_decimal(units, 3)


def _write_line(sheet: Worksheet, row: int, line: ExhibitRow) -> None:
    from openpyxl.styles import PatternFill

    today = line.other or line.price
    _text(sheet, row, CODE, line.code)
    _text(sheet, row, MARK, line.mark)
    _text(sheet, row, DESCRIPTION, line.descriptor)
    sheet.row_dimensions[row].height = LINE * _lines(line.descriptor, WIDTHS[DESCRIPTION - 1])
    _text(sheet, row, UNIT, line.unit)
    alike = today.rate is not None and today.unit == line.unit
    if alike:
        _write_price(sheet, row, TODAY, today)
    else:
        _text(sheet, row, TODAY, line.other_words or today.words)
    _write_price(sheet, row, PROPOSED, line.price)
    if line.price.rate is not None and alike:
        change = sheet.cell(row=row, column=CHANGE, value=f"=F{row}-E{row}")
        change.number_format = _SIGNED
    if line.price.rate is not None:
        sheet.cell(row=row, column=AMOUNT, value=f'=IF(H{row}="","",F{row}*H{row})').number_format = _MONEY
    _text(sheet, row, WHERE, place_words(line.price) or place_words(today))
    if line.changed:
        for column in range(CODE, WHERE + 1):
            sheet.cell(row=row, column=column).fill = PatternFill("solid", fgColor=_TINT)


def _write_price(sheet: Worksheet, row: int, column: int, price: Price) -> None:

    if price.rate is None:
        _text(sheet, row, column, price.words)
        return
    sheet.cell(row=row, column=column, value=price.rate).number_format = _MONEY


def _write_clauses(sheet: Worksheet, exhibit: CodeExhibit) -> None:
    from openpyxl.styles import Alignment

    heads = ["Clause", "For", "Unit", *([exhibit.other] if exhibit.other else []), exhibit.title, "Where"]
    for column, head in enumerate(heads, start=1):
        _text(sheet, 1, column, head, bold=True)
        sheet.column_dimensions[chr(ord("A") + column - 1)].width = WIDE if 3 < column < len(heads) else NARROW
    _set_page(sheet, 1)
    for row, clause in enumerate(exhibit.clauses, start=2):
        cells = [words(clause.term), clause.covers, clause.basis, *clause.shown, place(clause.cite)]
        wide = range(4, len(cells))
        longest = max(_lines(text, WIDE if n in wide else NARROW) for n, text in enumerate(cells, start=1))
        sheet.row_dimensions[row].height = LINE * longest
        for column, text in enumerate(cells, start=1):
            _text(sheet, row, column, text).alignment = Alignment(wrap_text=True, vertical="top")


def _text(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, size: int = 11) -> Any:
    """Write text that stays text."""
    from openpyxl.styles import Font

    cell = sheet.cell(row=row, column=column, value=neutral(text) if text else None)
    cell.number_format = "@"
    if bold:
        cell.font = Font(name=FONT, bold=True, size=size)
    return cell


def exhibit_day(text: str) -> str:
    """Return the day that an exhibit's third row names, as it stands there; "" where it names none."""
    _, mark, rest = text.partition(DAY_MARK)
    return rest.split(";")[0].strip() if mark else ""


def day_words(exhibit: CodeExhibit) -> str:
    """Return the exhibit's day as a sentence has it."""
    return spoken(exhibit.day)
