"""A contract as a workbook for people who live in Excel: sheets, drop-downs, descriptors, comments that explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hitmodel import contract_sheets as lay
from hitmodel.codes import CodeTable, code_table
from hitmodel.contract_cells import shown
from hitmodel.contract_sheets import Field, RowSheet
from hitmodel.errors import InputError
from hitmodel.files import written_whole
from hitmodel.intake.cells import Unread
from hitmodel.overlays import NAMED_TABLES, OWN_WORDS, WORDS_OF_NAMED_FILES, Raw
from hitmodel.workbook_style import Styled

SPARE_ROWS = 40
"""Empty rows below the last clause that have drop-downs too."""
_DESCRIBED = 3
"""Codes of a term whose descriptors stand beside it; further ones are counted."""
_FIXED_DATE = "2000-01-01"


@dataclass(frozen=True)
class Origin:
    """What a workbook was made from: how the contract is found, its file, its tables' checksum; "" for a template."""

    contract: str = ""
    file: str = ""
    checksum: str = ""


@dataclass(frozen=True)
class ScheduleRow:
    """One row of a rate schedule, as the contract's CSV file has it."""

    schedule: str
    cells: Mapping[str, str]


def write_workbook(
    tables: Raw,
    schedules: Iterable[ScheduleRow],
    target: Path,
    origin: Origin,
    idle: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write the tables of a contract, complete, as a workbook; the same tables give the same bytes.

    ``idle`` are terms that never apply, by id, with why, which is said beside them.

    Raises `InputError` when a value is too long for a cell, or the folder cannot be written to.
    """
    made = _Book(tables, code_table(), idle)
    made.start(origin)
    made.settings(lay.CONTRACT, tuple(name for name in lay.sections() if name != "concurrency"))
    made.days()
    made.settings(lay.CONCURRENCY, ("concurrency",))
    for sheet in lay.ROW_SHEETS:
        made.rows(sheet)
        if sheet.name == lay.DRUGS:
            made.sources()
    made.schedules(tuple(schedules))
    made.explain()
    made.codes_list()
    with written_whole(target) as draft:
        made.styled.save(draft)
    return target


class _Book:
    """A workbook in the making."""

    def __init__(self, tables: Raw, codes: CodeTable, idle: Mapping[str, str]) -> None:
        self.tables, self.codes, self.idle = tables, codes, idle
        self.styled = Styled()

    def start(self, origin: Origin) -> None:
        """Write how the workbook is used, and what it was made from."""
        sheet = self.styled.sheet(lay.START, "A contract as a workbook", (26, 96))
        for words in _HOW_TO:
            sheet.note(words)
        sheet.heading(("what", "value"))
        for name, value in (("contract", origin.contract), ("file", origin.file), ("checksum", origin.checksum)):
            sheet.row((name, value), fixed=True)

    def settings(self, name: str, tables: tuple[str, ...]) -> None:
        """Write a sheet of settings: a field to a row, what it means beside it."""
        sheet = self.styled.sheet(
            name, "Each row is one setting. Empty cells leave the usual rule in place.", (16, 26, 52, 100)
        )
        sheet.heading(("section", "field", "value", "what it means"))
        for table in tables:
            said = self.tables.get(table, {})
            said = {} if isinstance(said, list) else said  # they stand on the sheet `DAYS`
            for field in lay.fields_of(table).values():
                value = (
                    self._cell(field, said[field.name], f"[{table}] {field.name}") if field.name in said else ("", "")
                )
                sheet.row((table, field.heading, value, field.meaning), fixed_columns=(0, 1, 3), left=True)
                sheet.choices(2, _words(field))

    def days(self) -> None:
        """Write what a day is where that differs by line, a clause to a row."""
        fields = lay.days_fields()
        title = (
            "What a day is, where that differs by line: the first row that fits a line holds. Where it is the same for "
            f"all, it stands on the sheet {lay.CONTRACT} and this one is empty."
        )
        sheet = self.styled.sheet(lay.DAYS, title, tuple(max(16, _width(f.heading)) for f in fields.values()))
        sheet.heading([f.heading for f in fields.values()], {n: f.meaning for n, f in enumerate(fields.values())})
        said = self.tables.get(lay.DAYS_TABLE, {})
        for number, row in enumerate(said if isinstance(said, list) else (), start=1):
            sheet.row(
                [
                    self._cell(field, row[name], f"[[days]] {number}, {name}") if name in row else ""
                    for name, field in fields.items()
                ]
            )
        sheet.spare(SPARE_ROWS)
        for n, field in enumerate(fields.values()):
            sheet.column_choices(n, _words(field), strict=True)

    def rows(self, layout: RowSheet) -> None:
        """Write a sheet with a clause to a row."""
        fields = lay.fields_of_sheet(layout)
        rows = list(self._rows_of(layout))
        used = {
            name for _, _, row in rows for name in row if name not in lay.SOURCE_LISTS or not _plain_sources(row[name])
        }
        columns = [c for c in layout.columns if c in fields or c in (lay.WHAT, lay.DESCRIPTOR)]
        columns += [name for name in fields if name in used and name not in columns]
        headings = [*(c if c in (lay.WHAT, lay.DESCRIPTOR) else fields[c].heading for c in columns), lay.POSITION]
        sheet = self.styled.sheet(layout.name, layout.title, tuple(_width(c) for c in headings))
        comments = {n: fields[c].meaning for n, c in enumerate(columns) if c in fields}
        if lay.WHAT in columns:
            comments[0] = f"The kind of clause. One of: {', '.join(layout.tables)}."
        sheet.heading(headings, comments)
        for table, position, row in rows:
            own = lay.fields_of(table, str(row.get("mechanism", "")))
            cells = [self._row_cell(c, table, row, own) for c in columns]
            sheet.row((*cells, position), fixed_columns=(len(columns), *_read_only(columns)))
            if table == "term" and (why := self.idle.get(str(row["id"]))):
                sheet.remark(columns.index("rate") if "rate" in columns else 0, f"Without effect: {why}.")
        sheet.spare(SPARE_ROWS)
        for n, column in enumerate(columns):
            words = layout.tables if column == lay.WHAT else _words(fields[column]) if column in fields else ()
            words = layout.mechanisms if column == "mechanism" else words
            sheet.column_choices(n, words, strict=column in (lay.WHAT, "mechanism"))
        if lay.DESCRIPTOR in columns:
            sheet.look_up(columns.index("codes"), columns.index(lay.DESCRIPTOR), lay.CODES_SHEET)
        sheet.hide(len(columns))

    def _rows_of(self, layout: RowSheet) -> Iterable[tuple[str, int, Raw]]:
        for table in NAMED_TABLES:
            for position, row in enumerate(self.tables.get(table, []), start=1):
                if table in layout.tables and lay.sheet_of(table, str(row.get("mechanism", ""))) == layout:
                    own = WORDS_OF_NAMED_FILES if table == "schedule" else ()
                    yield table, position, {name: value for name, value in row.items() if name not in own}

    def _row_cell(self, column: str, table: str, row: Raw, own: Mapping[str, Field]) -> Any:
        if column == lay.WHAT:
            return table
        if column == lay.DESCRIPTOR:
            return self._described(row.get("codes", ()))
        if column not in row or (column in lay.SOURCE_LISTS and _plain_sources(row[column])):
            return ""
        field = own.get(column, Field(column, "file"))
        return self._cell(field, row[column], f"{table} '{row.get('id', '')}', {column}")

    def _cell(self, field: Field, value: Any, where: str) -> tuple[Any, str]:
        try:
            return shown(field.name, field.kind, value)
        except Unread as error:
            raise InputError(f"the value {error}", where=where, next_step="Keep this contract as a file.") from None

    def _described(self, codes: Iterable[Any]) -> str:
        """Return the official descriptor of each code, our own label for CPT."""
        found = []
        for code in codes:
            entry = self.codes.entry(str(code))
            if entry is not None:
                found.append(f"{code}: {entry.descriptor or entry.label}")
        more = f"; and {len(found) - _DESCRIBED} more" if len(found) > _DESCRIBED else ""
        return "; ".join(found[:_DESCRIBED]) + more

    def sources(self) -> None:
        """Write what drug terms pay, a price source to a row."""
        fields = lay.source_fields()
        title = f"What each term of the sheet {lay.DRUGS} pays: the first source that has a price, from top to bottom."
        sheet = self.styled.sheet(lay.SOURCES, title, (34, 12, 18, 14, 24, 12, 22))
        sheet.heading([f.heading for f in fields.values()], {n: f.meaning for n, f in enumerate(fields.values())})
        for row in self.tables.get("term", []):
            for name in lay.SOURCE_LISTS:
                for source in row.get(name, []) if _plain_sources(row.get(name)) else ():
                    cells = [row["id"], name]
                    cells += [
                        self._cell(field, source[key], f"term '{row['id']}', {name}") if key in source else ""
                        for key, field in list(fields.items())[2:]
                    ]
                    sheet.row(cells)
        sheet.spare(SPARE_ROWS)
        for n, field in enumerate(fields.values()):
            sheet.column_choices(n, _words(field), strict=True)

    def schedules(self, rows: tuple[ScheduleRow, ...]) -> None:
        """Write the rows of the rate schedules, with each code's descriptor."""
        title = "Rates of the schedules that the contract names: one row for each code, modifier and run of days."
        sheet = self.styled.sheet(lay.SCHEDULE_RATES, title, (22, 12, 70, 14, 12, 14, 14, 16, 8))
        headings = ("schedule", "code", lay.DESCRIPTOR, *lay.SCHEDULE_FIELDS[1:])
        sheet.heading(
            headings, {0: "The id of a schedule on the sheet Clauses.", 3: "Dollars for each unit of its term."}
        )
        for row in rows:
            get = row.cells.get
            rest = [get(name, "") for name in lay.SCHEDULE_FIELDS[1:]]
            sheet.row((row.schedule, get("code", ""), self._described([get("code", "")]), *rest), fixed_columns=(2,))
        sheet.spare(SPARE_ROWS)
        sheet.look_up(1, 2, lay.CODES_SHEET)

    def explain(self) -> None:
        """Write every field that a sheet can have, so that a column may be added by its heading."""
        title = "Every field. To use one that a sheet does not show, add a column with its heading."
        sheet = self.styled.sheet(lay.FIELDS_SHEET, title, (14, 26, 12, 120))
        sheet.heading(("sheet", "heading", "typed as", "what it means"))
        for layout in lay.ROW_SHEETS:
            for field in lay.fields_of_sheet(layout).values():
                sheet.row((layout.name, field.heading, _TYPED[field.kind], field.meaning), fixed=True)

    def codes_list(self) -> None:
        """Write the codes of home infusion with their descriptors, to look up and to filter."""
        sheet = self.styled.sheet(
            lay.CODES_SHEET,
            "Codes of home infusion, as CMS words them; CPT codes with a label of our own.",
            (10, 100, 16, 26),
        )
        sheet.heading(("code", "descriptor", "role", "class"))
        for code in self.codes.codes:
            entry = self.codes.entry(code)
            if entry is not None:
                sheet.row((code, entry.descriptor or entry.label, entry.role, entry.therapy_class), fixed=True)


def _plain_sources(value: Any) -> bool:
    """Say whether a list of price sources can stand on a sheet of its own, row by row."""
    known = set(lay.source_fields()) - {"term", "list"}
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and one.keys() <= known and "of" in one for one in value)
    )


def _words(field: Field) -> tuple[str, ...]:
    return ("yes", "no") if field.kind == "yes_no" else tuple(map(str, field.choices))


def _read_only(columns: list[str]) -> tuple[int, ...]:
    return tuple(n for n, column in enumerate(columns) if column == lay.DESCRIPTOR)


def _width(heading: str) -> int:
    wide = {
        "id": 34,
        "codes": 26,
        lay.DESCRIPTOR: 60,
        "cite": 26,
        "note": 40,
        "lines": 34,
        "into": 34,
        "applies to": 34,
        "mechanism": 20,
        "classes": 22,
        "roles": 18,
    }
    return wide.get(heading, max(12, len(heading) + 4))


def complete_tables(tables: Raw) -> Raw:
    """Return the tables of a contract as a workbook holds them: without what loading found out and without history."""
    kept = {name: value for name, value in tables.items() if name not in (*OWN_WORDS, "remove")}
    header = {name: value for name, value in kept.get("contract", {}).items() if name != "extends"}
    prices = {n: v for n, v in kept.get("drug_prices", {}).items() if n not in WORDS_OF_NAMED_FILES}
    return {**kept, "contract": header, **({"drug_prices": prices} if "drug_prices" in kept else {})}


_TYPED = {
    "yes_no": "yes or no",
    "whole": "23",
    "money": "$95.00",
    "share": "85%",
    "number": "1.5",
    "day": "2027-01-31",
    "text": "text",
    "choice": "one word",
    "names": "A, B, C",
    "shares": "100%, 75%",
    "wholes": "2027, 2028",
    "lines": "roles: drug",
    "bound": "20.00 per day",
    "file": "as in a file",
}
_HOW_TO = (
    "Change what you like, save, and bring it back: hitmodel contract from-xlsx FILE. What is kept is a contract file; "
    "a changed workbook becomes an overlay that names only what you changed.",
    "Type money as $95 or 95.00, shares as 85%, dates as 2027-01-31, several codes as S9500, S9501.",
    "Grey cells are for reading: descriptors are CMS's own words. Headings have comments that explain; the sheet "
    "Fields has every field there is.",
    "A new clause is a new row; to take one out, delete its row. Do not rename the sheets.",
)
