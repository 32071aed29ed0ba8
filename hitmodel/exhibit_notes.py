"""What somebody changed in an exhibit beside its proposed rates: named, since none of it is taken.

An exhibit carries what it said when it was written on two sheets that are not shown, so that every cell can be held
against its own, those of another contract beside it too.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hitmodel.exhibit_sheet import (
    AMOUNT,
    CHANGE,
    CLAUSES,
    CODE,
    FOOT,
    HEAD_ROW,
    MARK,
    MOVED,
    PROPOSED,
    RATES,
    SENT,
    UNIT,
    UNITS,
)
from hitmodel.intake.sheets import Sheet, column_letters

CLAUSE_KEY = 3
"""Columns of a clause that say which it is."""
OWN = frozenset({CODE, MARK, PROPOSED, CHANGE, UNITS, AMOUNT})
"""Columns of rates that are read, work themselves out, or are the reader's to fill."""
Key = tuple[str, ...]


@dataclass(frozen=True)
class Sheets:
    """The sheets of an exhibit by name, as they were read."""

    held: Mapping[str, Sheet]

    @property
    def rates(self) -> Sheet | None:
        """The sheet of rates, None where there is none."""
        return self.held.get(RATES)

    def sent(self, name: str) -> Sheet | None:
        """Return what a sheet said when it was written; None where that was taken out."""
        return self.held.get(name + SENT)

    @property
    def codes_sent(self) -> frozenset[tuple[str, str]]:
        """The codes with their marks that the exhibit had when it was written."""
        sheet = self.sent(RATES)
        rows = sheet.rows[HEAD_ROW:] if sheet else ()
        return frozenset((_cell(row, CODE), _cell(row, MARK)) for row in rows if row)


def not_taken(sheets: Sheets, path: Path, rated: frozenset[Key]) -> tuple[str, ...]:
    """Return a sentence for each cell that says something else, row or sheet that is gone or new, note and comment.

    ``rated`` are the rows that take a new rate, whose unit may be written.
    """
    return tuple(_sentences(sheets, path, rated))


def _sentences(sheets: Sheets, path: Path, rated: frozenset[Key]) -> Iterator[str]:
    if sheets.sent(RATES) is None or sheets.sent(CLAUSES) is None:
        yield f"the sheets{SENT} are gone, so that nothing but the proposed rates could be held against what was sent"
    else:
        yield from _rates(sheets, rated)
        yield from _clauses(sheets)
    known = {name for sheet in (RATES, CLAUSES) for name in (sheet, sheet + SENT)}
    yield from (f"the sheet {name} is none of the exhibit's" for name in sheets.held if name not in known)
    yield from _comments(path)


def _rates(sheets: Sheets, rated: frozenset[Key]) -> Iterator[str]:
    now, was = sheets.rates, sheets.sent(RATES)
    assert now is not None
    assert was is not None
    heads = was.rows[HEAD_ROW - 1]
    skipped = OWN | ({MOVED} if len(heads) >= MOVED else set())
    for number in range(HEAD_ROW - 1):
        yield from _row(now, number, _cells(was, number), "", frozenset())
    rows = {(_cell(row, CODE), _cell(row, MARK)): row for row in was.rows[HEAD_ROW:] if any(row)}
    gone = {key: row for key, row in rows.items() if len(row) > 1}
    for number in range(HEAD_ROW, len(now.rows)):
        key = (_cell(now.rows[number], CODE), _cell(now.rows[number], MARK))
        gone.pop(key, None)
        if key[0] not in FOOT:
            own = skipped | ({UNIT} if key in rated else set())
            yield from _row(now, number, rows.get(key, ()), "-".join(filter(None, key)), frozenset(own))
    for key, row in gone.items():
        if key[0] not in FOOT:
            yield f"{RATES}: the row of {'-'.join(filter(None, key))} is gone, {_cell(row, PROPOSED)} stays"


def _clauses(sheets: Sheets) -> Iterator[str]:
    now, was = sheets.held.get(CLAUSES), sheets.sent(CLAUSES)
    assert was is not None
    if now is None:
        yield f"the sheet {CLAUSES} is gone"
        return
    yield from _row(now, 0, _cells(was, 0), "", frozenset())
    rows = {_clause(row): row for row in was.rows[1:] if any(row)}
    for number in range(1, len(now.rows)):
        key = _clause(now.rows[number])
        row = rows.pop(key, None)
        name = ", ".join(filter(None, key))
        if row is not None:
            yield from _row(now, number, row, name, frozenset(range(1, CLAUSE_KEY + 1)))
        elif any(now.rows[number]):
            yield f"{now.place(number, 0)} is a clause that was not there: {name or 'without a name'}"
    yield from (f"{CLAUSES}: the row of {', '.join(filter(None, key))} is gone" for key in rows)


def _row(now: Sheet, number: int, was: tuple[str, ...], name: str, skipped: frozenset[int]) -> Iterator[str]:
    """Yield each cell of a row that says something else than was sent, a note where nothing stood."""
    said = _cells(now, number)
    of = f" of {name}" if name else ""
    for column in range(1, max(len(said), len(was)) + 1):
        new, old = _cell(said, column), _cell(was, column)
        if column in skipped or new == old:
            continue
        place = now.place(number, column - 1)
        yield f"{place}{of} says '{new}' where '{old}' stood" if old else f"{place}{of} holds a note: '{new}'"


def _comments(path: Path) -> Iterator[str]:
    """Yield the comments of a workbook; files without any are not opened again."""
    if not zipfile.is_zipfile(path) or not any("comments" in name for name in zipfile.ZipFile(path).namelist()):
        return
    from openpyxl import load_workbook

    for sheet in load_workbook(path):
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.comment is not None:
                    place = f"{sheet.title}!{column_letters(cell.column - 1)}{cell.row}"
                    yield f"{place} has a comment: '{' '.join(cell.comment.text.split())}'"


def _cells(sheet: Sheet, number: int) -> tuple[str, ...]:
    return sheet.rows[number] if number < len(sheet.rows) else ()


def _clause(row: tuple[str, ...]) -> Key:
    return tuple(_cell(row, n) for n in range(1, CLAUSE_KEY + 1))


def _cell(cells: tuple[str, ...], column: int) -> str:
    return " ".join(cells[column - 1].split()) if len(cells) >= column else ""
