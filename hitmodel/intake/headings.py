"""Find a table within a sheet: which row is its heading, and which column is which field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hitmodel.errors import InputError, nearest
from hitmodel.intake.sheets import Book, Sheet, column_letters

_NAMED = 4
"""Columns that a refusal names before it says how many more there are."""
_SEVERAL = 2
"""Different texts that make a row above a heading part of it."""
_LOOKED_AT = 80
"""Rows at the top of a sheet among which the heading may be."""

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})")

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")

Fields = Mapping[str, Sequence[str]]
"""Field to the headings by which people call it, the likeliest first; compared by their letters and digits alone."""


@dataclass(frozen=True)
class Table:
    """A table within a sheet. ``heading`` is its row there, from 0; ``columns`` says in which column a field is.

    ``unused`` are headings that mean no field. ``ends`` is the row behind its last one, None for the sheet's end.
    """

    sheet: Sheet
    heading: int
    columns: Mapping[str, int]
    unused: tuple[str, ...]
    ends: int | None = None

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield row (from 0, in the sheet) and text by field; empty rows and repeated headings are passed over."""
        head = self.sheet.rows[self.heading]
        for number in range(self.heading + 1, len(self.sheet.rows) if self.ends is None else self.ends):
            cells = self.sheet.rows[number]
            if any(cells) and cells != head:
                yield number, {name: cells[at] if at < len(cells) else "" for name, at in self.columns.items()}

    def day_first(self, field: str) -> bool:
        """Say whether a column holds a day that can only be written day first: 13/1/2027."""
        at = self.columns[field]
        texts = (row[at] for row in self.sheet.rows[self.heading + 1 : self.ends] if at < len(row))
        return any((found := _DAY_FIRST.fullmatch(text)) is not None and int(found[1]) > 12 for text in texts)

    @property
    def heading_place(self) -> str:
        """What a person calls the heading's row."""
        return f"{self.sheet.name + ' ' if self.sheet.name else ''}row {self.heading + 1}"

    def heading_of(self, column: int) -> str:
        """Return the heading of a column, "" for one that has none: its cell there, or the one above an empty cell."""
        names = _headings(self.sheet, self.heading)
        return names[column][-1] if column < len(names) and names[column] else ""

    def place(self, row: int, field: str) -> str:
        """Return what a person calls the cell of a field."""
        return self.sheet.place(row, self.columns[field])


def plain(heading: str) -> str:
    """Return a heading's letters and digits alone, in lower case: ``Per-Diem Rate ($)`` is ``perdiemrate``."""
    return re.sub(r"[^a-z0-9]+", "", heading.lower())


def find_tables(
    book: Book,
    fields: Fields,
    needed: Sequence[Sequence[str]],
    chosen: Mapping[str, str] | None = None,
    *,
    several: bool = False,
) -> tuple[Table, ...]:
    """Return the tables of a book whose headings name the fields that are needed, one for each sheet that has one.

    Parameters
    ----------
    needed : list of groups
        Of each group at least one field must be there.
    chosen : dict
        Field to the heading, or the column's letters, that the user says it is.
    several : bool
        Whether further tables below the first on a sheet, with headings of their own, are looked for too.

    Raises
    ------
    InputError
        When no sheet has such a table: the nearest row is named with what it lacks. When two columns could be one
        field: both are named.
    """
    found = [table for sheet in book.sheets if (table := _table(sheet, fields, needed, chosen or {}, book.file))]
    if several:
        found = [part for table in found for part in _parts(table, fields, needed, chosen or {}, book.file)]
    if not found:
        raise _no_table(book, fields, needed)
    shown = [table for table in found if not table.sheet.hidden]
    _refuse_unknown(chosen or {}, shown or found, book.file)
    return tuple(shown or found)


def _refuse_unknown(chosen: Mapping[str, str], tables: Sequence[Table], file: str) -> None:
    """Refuse a heading that a user chose and no table has: a guess would stand in its place."""
    heads = list(dict.fromkeys(names[-1] for t in tables for names in _headings(t.sheet, t.heading) if names))
    for name, wanted in chosen.items():
        if not any(_is_chosen(table, name, wanted) for table in tables):
            raise InputError(
                f"no column is headed '{wanted}'",
                where=f"{file}, {tables[0].heading_place}, --column {name}",
                expected=f"one of {', '.join(heads)}, or the letters of a column that has a heading",
                suggestion=nearest(wanted, heads),
            )


def _is_chosen(table: Table, name: str, wanted: str) -> bool:
    at = table.columns.get(name)
    names = _headings(table.sheet, table.heading)
    return at is not None and (plain(wanted) in map(plain, names[at]) or wanted.upper() == column_letters(at))


def _table(
    sheet: Sheet, fields: Fields, needed: Sequence[Sequence[str]], chosen: Mapping[str, str], file: str
) -> Table | None:
    best: tuple[int, int] | None = None
    for number in range(min(len(sheet.rows), _LOOKED_AT)):
        matched = _matches(_headings(sheet, number), fields, chosen)
        if all(any(matched.get(name) for name in group) for group in needed) and (
            best is None or len(matched) > best[0]
        ):
            best = (len(matched), number)
    if best is None:
        return None
    return _table_at(sheet, best[1], fields, chosen, file)


def _parts(
    table: Table, fields: Fields, needed: Sequence[Sequence[str]], chosen: Mapping[str, str], file: str
) -> list[Table]:
    """Return a table as the tables that follow one another in its sheet, each below a heading of its own."""
    sheet, head = table.sheet, table.sheet.rows[table.heading]
    words = {plain(word) for name in needed[0] for word in (*fields[name], table.heading_of(table.columns[name]))}
    starts = []
    for number in range(table.heading + 1, len(sheet.rows)):
        row = sheet.rows[number]
        if row == head or not any(plain(cell) in words for cell in row if cell):
            continue
        matched = _matches([(cell,) if cell else () for cell in row], fields, {})
        if all(any(matched.get(name) for name in group) for group in needed):
            starts.append(number)
    tables = [replace(table, ends=starts[0] if starts else None)]
    for number, ends in pairwise((*starts, len(sheet.rows))):
        tables.append(replace(_table_at(sheet, number, fields, chosen, file), ends=ends))
    return tables


def _table_at(sheet: Sheet, at: int, fields: Fields, chosen: Mapping[str, str], file: str) -> Table:
    """Return the table whose heading is a row. Raises `InputError` when two of its columns could be one field."""
    headings = _headings(sheet, at)
    matched = _matches(headings, fields, chosen)
    for name, could_be in matched.items():
        if len(could_be) > 1:
            could = " and ".join(f"{column_letters(c)} '{headings[c][-1]}'" for c in could_be[:_NAMED])
            more = f" and {len(could_be) - _NAMED} more" if len(could_be) > _NAMED else ""
            raise InputError(
                f"columns {could}{more} could each be the {name}",
                where=f"{file}, {sheet.name + ' ' if sheet.name else ''}row {at + 1}, {name}",
                next_step=_which(name, {c: headings[c][-1] for c in could_be}, fields),
            )
    columns = {name: at[0] for name, at in matched.items()}
    unused = tuple(h[-1] for c, h in enumerate(headings) if h and c not in columns.values())
    return Table(sheet, at, columns, unused)


def _which(name: str, could_be: Mapping[int, str], fields: Fields) -> str:
    """Return how a user says which column a field is; of columns of two years the later one, beside today's."""
    year = {column: int(found[0]) for column, head in could_be.items() if (found := _YEAR.search(head))}
    if len(could_be) == len(set(year.values())) == 2 and "current" in fields:
        earlier, later = sorted(year, key=lambda column: year[column])
        both = f"--column {name}={column_letters(later)} --column current={column_letters(earlier)}"
        return f"If {year[later]} is what is proposed and {year[earlier]} what is paid today: {both}"
    return f"Say which: {' or '.join(f'--column {name}={column_letters(column)}' for column in list(could_be)[:2])}"


def _headings(sheet: Sheet, number: int) -> list[tuple[str, ...]]:
    """Return what may be called the heading of each column: the row's own cell, and it below the cell above.

    Above an empty cell the cell above is it alone, unless one text is all that the row above holds: a title.
    """
    row = sheet.rows[number]
    above = sheet.rows[number - 1] if number else ()
    alone = len(set(filter(None, above))) < _SEVERAL
    found = []
    for column in range(len(row) if alone else max(len(row), len(above))):
        cell = row[column] if column < len(row) else ""
        over = above[column] if column < len(above) else ""
        names = (f"{over} {cell}", cell) if cell and over else (cell or ("" if alone else over),)
        found.append(tuple(dict.fromkeys(filter(None, names))))
    return found


def _matches(headings: list[tuple[str, ...]], fields: Fields, chosen: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the columns that could be each field; what the user chose goes before any guess."""
    matched: dict[str, list[int]] = {}
    taken: set[int] = set()
    for name, wanted in chosen.items():
        letters = wanted.upper()
        at = [
            c
            for c, names in enumerate(headings)
            if plain(wanted) in map(plain, names) or (names and letters == column_letters(c))
        ]
        if at:
            matched[name] = at[:1]
            taken.add(at[0])
    shortened = [tuple(map(_without_remarks, names)) for names in headings]
    spelled = [tuple(map(_spelled_out, names)) for names in shortened]
    for called in map(_by_name, (headings, shortened, spelled)):
        for name, words in fields.items():
            at = [] if name in matched else _called(called, words, taken)
            if at:
                matched[name] = at
                taken.update(at)
    return matched


def _by_name(headings: list[tuple[str, ...]]) -> dict[str, list[int]]:
    """Return the columns of each heading, which a damaged sheet can have sixteen thousand of."""
    called: dict[str, list[int]] = {}
    for column, names in enumerate(headings):
        for name in dict.fromkeys(map(plain, names)):
            called.setdefault(name, []).append(column)
    return called


def _called(called: Mapping[str, list[int]], words: Sequence[str], taken: set[int]) -> list[int]:
    """Return the columns, of those not taken, that have the likeliest of some headings."""
    found = ([column for column in called.get(plain(word), ()) if column not in taken] for word in words)
    return next(filter(None, found), [])


def _without_remarks(heading: str) -> str:
    """Return a heading without what only remarks on it: a year, a day, what stands in brackets, an asterisk."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", heading)
    bare = re.sub(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b", " ", bare)
    return re.sub(
        r"\b(?:effective|eff|cy|fy)?\.?\s*(?:19|20)\d\d\b|\b(?:effective|eff)\.?\s*$", " ", bare, flags=re.IGNORECASE
    )


_SHORT = {
    **{"cd": "code", "cds": "code", "codes": "code", "proc": "procedure", "svc": "service", "srv": "service"},
    **{"dt": "date", "eff": "effective", "amt": "amount", "qty": "quantity", "desc": "description"},
    **{"pmt": "payment", "pymt": "payment", "reimb": "reimbursement", "alw": "allowed", "allow": "allowable"},
    **{"pd": "per diem", "prop": "proposed", "curr": "current", "modifiers": "modifier", "mods": "modifier"},
    **{"units": "unit", "bill": "billed", "sched": "schedule", "sch": "schedule", "exp": "expiration"},
}
"""Words that headings are cut down to, and what they stand for."""


def _spelled_out(heading: str) -> str:
    """Return a heading with its words in full: ``Eff Dt`` is ``effective date``, ``Proc Cd`` ``procedure code``."""
    words = re.findall(r"[a-z0-9]+", heading.lower().replace("(s)", ""))
    return " ".join(_SHORT.get(word, word) for word in words)


def _no_table(book: Book, fields: Fields, needed: Sequence[Sequence[str]]) -> InputError:
    wanted = " and ".join(" or ".join(group) for group in needed)
    best: tuple[int, str, str] = (0, book.file, "Name the columns as in docs/import-tables.md.")
    for sheet in book.sheets:
        for number in range(min(len(sheet.rows), _LOOKED_AT)):
            headings = _headings(sheet, number)
            matched = _matches(headings, fields, {})
            if len(matched) > best[0]:
                lacking = next(group for group in needed if not any(name in matched for name in group))
                there = ", ".join(f"'{names[-1]}'" for names in headings[:12] if names)
                close = nearest(lacking[0], [names[-1] for names in headings if names])
                hint = f" Is '{close}' meant? --column {lacking[0]}={close!r} says so." if close else ""
                hint = hint or f' Say which is meant: --column {lacking[0]}="…".'
                place = f"{book.file}, {sheet.name + ' ' if sheet.name else ''}row {number + 1}, {' or '.join(lacking)}"
                best = (len(matched), place, f"That row has the headings {there}.{hint}")
    return InputError(
        "no row of it is the heading of such a table",
        where=best[1],
        expected=f"a row of headings with {wanted} among the first {_LOOKED_AT} rows",
        next_step=best[2],
    )
