"""A contract read back from its workbook: tables as a contract file has them, and where each of them stands.

Every mistake is answered with sheet and cell, all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hitmodel import contract_sheets as lay
from hitmodel.codes import code_table
from hitmodel.contract_cells import codes_within, is_code, mechanism_word, read, remark
from hitmodel.contract_sheets import Field, RowSheet
from hitmodel.contract_to_excel import Origin, ScheduleRow
from hitmodel.errors import InputError, nearest
from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.intake.headings import plain
from hitmodel.intake.sheets import Sheet, read_book
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.overlays import Raw

_LOOKED_AT = 30
_LAST = 10**9
_OPTIONAL_HEADINGS = (lay.POSITION, lay.DESCRIPTOR)
Place = tuple[str, str, str]
"""Table, id ("" for a section) and field."""


@dataclass
class Workbook:
    """A contract as a workbook says it: its tables, the rows of its schedules, what it was made from.

    ``places`` says in which cell a field stands; a row's own is under the field "". ``mistakes`` are sentences, each
    beginning with its sheet and cell, and so are ``remarks`` on cells that were read all the same.
    """

    tables: Raw = field(default_factory=dict)
    schedules: list[ScheduleRow] = field(default_factory=list)
    origin: Origin = field(default_factory=Origin)
    places: dict[Place, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def place(self, table: str, row_id: str, name: str = "") -> str:
        """Return the cell of a field, or that of its row where the field has none."""
        return self.places.get((table, row_id, name)) or self.places.get((table, row_id, ""), "")


def read_workbook(path: Path) -> Workbook:
    """Read a contract workbook.

    Raises `InputError` when the file is no workbook or lacks the sheets of a contract. What is wrong within is in
    ``mistakes``.
    """
    book = read_book(path, without=(lay.CODES_SHEET, lay.FIELDS_SHEET, lay.LISTS))
    sheets = {plain(sheet.name): sheet for sheet in book.sheets}
    if plain(lay.CONTRACT) not in sheets:
        there = ", ".join(sheet.name for sheet in book.sheets if sheet.name) or "one table"
        raise InputError(
            "this is not a contract workbook",
            where=path.name,
            expected=f"a sheet '{lay.CONTRACT}', and others beside it; there is {there}",
            next_step="hitmodel contract template and hitmodel contract to-xlsx make one; a payer's rate table goes in "
            "with hitmodel import fee-schedule.",
        )
    made = Workbook()
    _origin(sheets.get(plain(lay.START)), made)
    for name in (lay.CONTRACT, lay.CONCURRENCY):
        if plain(name) in sheets:
            _settings(sheets[plain(name)], made)
    if plain(lay.DAYS) in sheets:
        _days(sheets[plain(lay.DAYS)], made)
    found: list[_Found] = []
    for layout in lay.ROW_SHEETS:
        if plain(layout.name) in sheets:
            found += _rows(sheets[plain(layout.name)], layout, made)
    found.sort(key=lambda one: (one.position, one.number))
    _name_the_nameless(found, made)
    for one in found:
        made.tables.setdefault(one.table, []).append(one.row)
    if plain(lay.SOURCES) in sheets:
        _sources(sheets[plain(lay.SOURCES)], made)
    if plain(lay.SCHEDULE_RATES) in sheets:
        _schedule_rates(sheets[plain(lay.SCHEDULE_RATES)], made)
    return made


def _origin(sheet: Sheet | None, made: Workbook) -> None:
    said = {row[0]: row[1] for row in sheet.rows if len(row) > 1} if sheet else {}
    made.origin = Origin(said.get("contract", ""), said.get("file", ""), said.get("checksum", ""))


def _heading(sheet: Sheet, first: str, made: Workbook) -> tuple[int, dict[str, int]]:
    """Return the row of headings, from 0, and the column of each by its letters; row -1 where there is none."""
    for number, row in enumerate(sheet.rows[:_LOOKED_AT]):
        names = [plain(cell) for cell in row]
        if plain(first) in names:
            twice = next((n for n in names if n and names.count(n) > 1), "")
            if twice:
                made.mistakes.append(
                    f"{sheet.place(number, names.index(twice))}: the heading '{twice}' is there twice."
                )
            return number, {name: column for column, name in reversed(list(enumerate(names))) if name}
    made.mistakes.append(f"{sheet.name}: no row among the first {_LOOKED_AT} has the heading '{first}'.")
    return -1, {}


def _settings(sheet: Sheet, made: Workbook) -> None:
    at, columns = _heading(sheet, "field", made)
    if at < 0 or not {"section", "value"} <= columns.keys():
        return
    for number in range(at + 1, len(sheet.rows)):
        section, name, text = (_cell(sheet, number, columns[key]) for key in ("section", "field", "value"))
        place = sheet.place(number, columns["value"])
        if not text:
            made.places[section, "", re.sub(r"\W+", "_", name)] = place
            continue
        if section not in lay.sections():
            close = nearest(section, lay.sections())
            hint = f" Did you mean '{close}'?" if close else ""
            made.mistakes.append(f"{sheet.place(number, columns['section'])}: section '{section}' is not known.{hint}")
            continue
        known = lay.fields_of(section)
        match = next((f for f in known.values() if plain(f.name) == plain(name)), None)
        if match is None:
            said = _unknown(name, known)
            made.mistakes.append(f"{sheet.place(number, columns['field'])}: {said}")
            continue
        made.places.setdefault((section, "", ""), place)
        made.places[section, "", match.name] = place
        value = _value(match, text, place, made)
        if value is not None:
            made.tables.setdefault(section, {})[match.name] = value


def _days(sheet: Sheet, made: Workbook) -> None:
    """Read what a day is where that differs by line; beside a section of the sheet `CONTRACT` that is a mistake."""
    known = lay.days_fields()
    at, columns = _heading(sheet, "count", made)
    if at < 0:
        return
    headings = {plain(name): name for name in known}
    for heading, column in columns.items():
        if heading not in headings:
            made.mistakes.append(f"{sheet.place(at, column)}: {_unknown(sheet.rows[at][column], known)}")
    rows = []
    for number in range(at + 1, len(sheet.rows)):
        row: Raw = {}
        for heading, column in columns.items():
            text = _cell(sheet, number, column)
            if text and heading in headings:
                place = sheet.place(number, column)
                made.places.setdefault((lay.DAYS_TABLE, "", ""), place)
                made.places.setdefault((lay.DAYS_TABLE, "", headings[heading]), place)
                value = _value(known[headings[heading]], text, place, made)
                row |= {} if value is None else {headings[heading]: value}
        rows += [row] if row else []
    if rows and lay.DAYS_TABLE in made.tables:
        place = made.place(lay.DAYS_TABLE, "")
        made.mistakes.append(f"{place}: what a day is stands here and on the sheet {lay.DAYS}: empty one of them.")
    elif rows:
        made.tables[lay.DAYS_TABLE] = rows


def _unknown(name: str, known: Mapping[str, Field]) -> str:
    headings = [f.heading for f in known.values()]
    close = nearest(name, headings)
    return f"'{name}' is not known here. " + (f"Did you mean '{close}'?" if close else f"Known: {', '.join(headings)}.")


def _value(known: Field, text: str, place: str, made: Workbook) -> Any:
    try:
        value = read(text, known.name, known.kind, known.choices)
        for code in codes_within(known.name, value):
            if not is_code(code):
                close = code_table().nearest(code)
                hint = f"; did you mean '{close}'?" if close else ": a letter and four digits, or five digits"
                raise Unread(f"names '{code}', which is not a code{hint}")
        if said := remark(text, known.kind):
            made.remarks.append(f"{place}, {known.heading}: '{text}' {said}")
        return value
    except Unread as error:
        expected = f" {known.meaning}" if known.meaning else ""
        ends = "" if str(error).endswith("?") else "."
        made.mistakes.append(f"{place}, {known.heading}: '{text}' {error}{ends}{expected}")
        return None


@dataclass
class _Found:
    """One row of a clause sheet, and where it stands."""

    table: str
    row: Raw
    position: int
    number: int
    place: str
    sheet: str = ""


def _rows(sheet: Sheet, layout: RowSheet, made: Workbook) -> Iterator[_Found]:
    at, columns = _heading(sheet, "id", made)
    if at < 0:
        return
    fields = lay.fields_of_sheet(layout)
    headings = {plain(f.name): f.name for f in fields.values()}
    aside = {plain(name) for name in (*_OPTIONAL_HEADINGS, lay.WHAT)}
    for heading, column in columns.items():
        if heading not in headings and heading not in aside:
            made.mistakes.append(f"{sheet.place(at, column)}: {_unknown(sheet.rows[at][column], fields)}")
    named = [(headings[heading], column) for heading, column in columns.items() if heading in headings]
    for number in range(at + 1, len(sheet.rows)):
        texts = {name: text for name, column in named if (text := _cell(sheet, number, column))}
        if not texts:
            continue
        table = _table(sheet, number, columns, layout, made)
        if table is None:
            continue
        mechanism = _mechanism(texts.get("mechanism", ""), layout)
        known = fields if mechanism and mechanism not in MECHANISMS else lay.fields_of(table, mechanism)
        row = {}
        row_id = texts.get("id", "") or f"{sheet.name} row {number + 1}"
        if (table, row_id, "") in made.places:
            said = f"'{row_id}' is there twice, at {made.places[table, row_id, '']} too."
            made.mistakes.append(f"{sheet.place(number, columns['id'])}, id: {said}")
        made.places |= {(table, row_id, name): sheet.place(number, at_column) for name, at_column in named}
        for name, text in texts.items():
            place = made.places[table, row_id, name]
            if name not in known:
                made.mistakes.append(f"{place}: {_not_of(name, table, mechanism, known)}")
                continue
            value = _value(known[name], text, place, made)
            if value is not None:
                row[name] = value
        if table == "term" and "mechanism" not in row and len(layout.mechanisms) == 1:
            row["mechanism"] = mechanism
        place = sheet.place(number, columns["id"])
        made.places[table, row_id, ""] = place
        position = _cell(sheet, number, columns[lay.POSITION]) if lay.POSITION in columns else ""
        yield _Found(table, row, int(position) if position.isdigit() else _LAST, number, place, sheet.name)


def _table(sheet: Sheet, number: int, columns: Mapping[str, int], layout: RowSheet, made: Workbook) -> str | None:
    """Return the table that a row belongs to; None, with a mistake, when it does not say."""
    if len(layout.tables) == 1:
        return layout.tables[0]
    said = _cell(sheet, number, columns[lay.WHAT]) if lay.WHAT in columns else ""
    table = re.sub(r"[\s-]+", "_", said.lower())
    if table in layout.tables:
        return table
    close = nearest(table, layout.tables)
    hint = f" Did you mean '{close}'?" if close else f" One of: {', '.join(layout.tables)}."
    place = sheet.place(number, columns.get(lay.WHAT, 0))
    made.mistakes.append(
        f"{place}: '{said}' is no kind of clause.{hint}" if said else f"{place}: say what it is.{hint}"
    )
    return None


def _mechanism(text: str, layout: RowSheet) -> str:
    word = mechanism_word(text)
    return word if word or len(layout.mechanisms) != 1 else layout.mechanisms[0]


def _not_of(name: str, table: str, mechanism: str, known: Mapping[str, Field]) -> str:
    what = f"mechanism '{mechanism}'" if table == "term" and mechanism else f"a {table.replace('_', ' ')}"
    close = nearest(name, known)
    return f"'{name.replace('_', ' ')}' is no field of {what}." + (f" Did you mean '{close}'?" if close else "")


def _name_the_nameless(found: list[_Found], made: Workbook) -> None:
    """Give rows without an id one that says what they are: s9500_per_diem."""
    taken = {str(one.row.get("id", "")) for one in found}
    for one in found:
        if "id" in one.row:
            continue
        about = [*one.row.get("codes", ()), *one.row.get("classes", ()), *one.row.get("roles", ())][:2]
        words = [str(word) for word in (*about, one.row.get("mechanism", one.table))]
        base = re.sub(r"[^a-z0-9]+", "_", "_".join(words).lower()).strip("_")
        base = base if base[:1].isalpha() else f"t_{base}"
        number, row_id = 2, base
        while row_id in taken:
            number, row_id = number + 1, f"{base}_{number}"
        taken.add(row_id)
        one.row = {"id": row_id, **one.row}
        nameless = (one.table, f"{one.sheet} row {one.number + 1}")
        for table, old, name in [key for key in made.places if key[:2] == nameless]:
            made.places[table, row_id, name] = made.places.pop((table, old, name))


def _sources(sheet: Sheet, made: Workbook) -> None:
    at, columns = _heading(sheet, "term", made)
    if at < 0:
        return
    known = lay.source_fields()
    headings = {plain(name): name for name in known}
    for heading, column in columns.items():
        if heading not in headings:
            made.mistakes.append(f"{sheet.place(at, column)}: {_unknown(sheet.rows[at][column], known)}")
    terms = {row.get("id"): row for row in made.tables.get("term", [])}
    for number in range(at + 1, len(sheet.rows)):
        source, cells_of = {}, {}
        for heading, column in columns.items():
            text = _cell(sheet, number, column)
            if heading in headings:
                cells_of[headings[heading]] = sheet.place(number, column)
            if text and heading in headings:
                value = _value(known[headings[heading]], text, sheet.place(number, column), made)
                if value is not None:
                    source[headings[heading]] = value
        if not source:
            continue
        place = sheet.place(number, columns["term"])
        name, where = str(source.pop("term", "")), str(source.pop("list", lay.SOURCE_LISTS[0]))
        if name not in terms or where not in lay.SOURCE_LISTS:
            close = nearest(name, [str(one) for one in terms])
            hint = f" Did you mean '{close}'?" if close else ""
            made.mistakes.append(f"{place}: there is no term '{name}' on the sheet {lay.DRUGS}.{hint}")
            continue
        made.places.setdefault(("term", name, where), place)
        count = len(terms[name].get(where, [])) + 1
        made.places |= {("term", name, f"{where} item {count} {key}"): cell for key, cell in cells_of.items()}
        terms[name].setdefault(where, []).append(source)


def _schedule_rates(sheet: Sheet, made: Workbook) -> None:
    at, columns = _heading(sheet, "schedule", made)
    if at < 0:
        return
    known = {str(row.get("id", "")) for row in made.tables.get("schedule", [])}
    for number in range(at + 1, len(sheet.rows)):
        texts = {name: _cell(sheet, number, columns[name]) for name in lay.SCHEDULE_FIELDS if name in columns}
        schedule = _cell(sheet, number, columns["schedule"])
        if not any(texts.values()):
            continue
        if schedule not in known:
            close = nearest(schedule, known)
            hint = f" Did you mean '{close}'?" if close else ""
            place = sheet.place(number, columns["schedule"])
            made.mistakes.append(f"{place}: there is no schedule '{schedule}' on the sheet Clauses.{hint}")
            continue
        made.places["schedule", schedule, str(len(made.schedules))] = sheet.place(number, columns["code"])
        made.schedules.append(ScheduleRow(schedule, _schedule_cells(sheet, number, columns, texts, made)))


def _schedule_cells(
    sheet: Sheet, number: int, columns: Mapping[str, int], texts: Mapping[str, str], made: Workbook
) -> dict[str, str]:
    """Return a schedule's row as its CSV file writes it: plain dollars, ISO days."""
    plain_cells = {}
    for name, text in texts.items():
        try:
            plain_cells[name] = _schedule_cell(name, text) if text else ""
        except Unread as error:
            made.mistakes.append(f"{sheet.place(number, columns[name])}, {name}: '{text}' {error}.")
    return plain_cells


def _schedule_cell(name: str, text: str) -> str:
    if name == "rate":
        if "%" in text:
            raise Unread("is a percent, and a schedule's rate is in dollars")
        amount = read(text, name, "money")
        if amount <= 0:
            raise Unread("is not above 0")
        return f"{amount:f}"
    if name in ("from", "through"):
        return str(read(text, name, "day"))
    if name == "code":
        return cells.code(text).value
    return text


def _cell(sheet: Sheet, number: int, column: int) -> str:
    row = sheet.rows[number]
    return row[column] if column < len(row) else ""
