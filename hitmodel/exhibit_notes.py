"""What somebody changed in an exhibit beside its proposed rates: named, since none of it is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hitmodel.code_exhibit import CodeExhibit, ExhibitRow
from hitmodel.exhibit_sheet import CLAUSES, CODE, HEAD_ROW, MARK, TODAY, UNIT
from hitmodel.intake.cells import Unread, amount
from hitmodel.intake.sheets import Sheet
from hitmodel.labels import words

BESIDE = "Today is "
SHARED = 3
"""Columns of a clause that say which it is."""


def not_taken(rates: Sheet, clauses: Sheet | None, exhibit: CodeExhibit) -> tuple[str, ...]:
    """Return a sentence for each row that is gone, each cell that says something else, and each note beside a row.

    Rates under Today are looked at where no other contract stood beside the exhibit's own.
    """
    return (*_rates(rates, exhibit), *_clauses(clauses, exhibit))


def _rates(sheet: Sheet, exhibit: CodeExhibit) -> Iterator[str]:
    rows = {(row.code, row.mark): row for row in exhibit.rows}
    alone = not any(BESIDE in cell for cells in sheet.rows[:HEAD_ROW] for cell in cells[:1])
    width = len(sheet.rows[HEAD_ROW - 1])
    for number, cells in enumerate(sheet.rows[HEAD_ROW:], start=HEAD_ROW):
        row = rows.pop((_cell(cells, CODE), _cell(cells, MARK)), None)
        if row is not None:
            yield from _cells(sheet, number, row, alone)
        for column in range(width, len(cells)):
            if cells[column].strip():
                yield f"{sheet.place(number, column)} holds a note: '{cells[column].strip()}'"
    yield from (f"{sheet.name}: the row of {row.name} is gone, {row.price.words} stays" for row in rows.values())


def _cells(sheet: Sheet, number: int, row: ExhibitRow, alone: bool) -> Iterator[str]:
    unit, today = (_cell(sheet.rows[number], column) for column in (UNIT, TODAY))
    if unit != row.price.unit and row.price.unit:
        yield f"{sheet.place(number, UNIT - 1)} of {row.name} says for each '{unit}' where '{row.price.unit}' stood"
    if alone and not _same(today, row):
        yield f"{sheet.place(number, TODAY - 1)} of {row.name} says today '{today}' where '{row.price.words}' stood"


def _same(said: str, row: ExhibitRow) -> bool:
    if row.price.rate is None:
        return said == row.price.words
    try:
        return amount(said).value == row.price.rate
    except Unread:
        return False


def _clauses(sheet: Sheet | None, exhibit: CodeExhibit) -> Iterator[str]:
    """Yield what the sheet of other clauses says otherwise, in the column that has this contract's title."""
    if sheet is None or not sheet.rows or exhibit.title not in sheet.rows[0]:
        yield f"{CLAUSES}: the sheet, or its column {exhibit.title}, is gone"
        return
    heads = sheet.rows[0]
    column = len(heads) - 1 - heads[::-1].index(exhibit.title)
    kept: dict[tuple[str, ...], tuple[int, str]] = {}
    for number, cells in enumerate(sheet.rows[1:], start=1):
        key = tuple(_cell(cells, n) for n in range(1, SHARED + 1))
        kept[key] = (number, _cell(cells, column + 1))
        for extra in range(len(heads), len(cells)):
            if cells[extra].strip():
                yield f"{sheet.place(number, extra)} holds a note: '{cells[extra].strip()}'"
    for clause in exhibit.clauses:
        key = tuple(" ".join(part.split()) for part in (words(clause.term), clause.covers, clause.basis))
        name = ", ".join(filter(None, key))
        found = kept.get(key)
        if found is None:
            yield f"{sheet.name}: the row of {name} is gone or names another clause"
            continue
        number, said = found
        if said != " ".join(clause.shown[-1].split()):
            yield f"{sheet.place(number, column)} of {name} says '{said}' where '{clause.shown[-1]}' stood"


def _cell(cells: Sequence[str], column: int) -> str:
    return " ".join(cells[column - 1].split()) if len(cells) >= column else ""
