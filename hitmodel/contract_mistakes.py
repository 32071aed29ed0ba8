"""Every mistake of a contract workbook in one go, each with its sheet and cell.

Some mistakes can be seen only where others are mended: a clause whose rate is no number cannot be checked for a name
that is not there. So rows with a mistake are set aside and the rest is checked again, until nothing more is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from hitmodel.clause_checks import ContractFinding
from hitmodel.contract_from_excel import Workbook
from hitmodel.errors import ContractError, InputError
from hitmodel.overlays import NAMED_TABLES, Raw
from hitmodel.terms import Contract

Loaded = tuple[Contract | None, list[ContractError]]
Key = tuple[str, str, str]
"""Table, id ("" for a section) and field ("" for the row)."""

_ROW_OF = re.compile(r"(?P<table>[a-z_]+) '(?P<id>[^']*)'(?:, (?P<field>[a-z_]+))?")
_SECTION_OF = re.compile(r"\[(?P<table>[a-z_]+)\](?:, (?P<field>[a-z_]+))?")
_CSV_ROW = re.compile(r"(?P<schedule>\w+)\.csv row (?P<row>\d+)")
_FIELD_IN = re.compile(r"^'?([a-z_]+)'?(?= =| is | has | '|$)")
_SOURCE = re.compile(r"(?:chain|fallback) item \d+")
_OF_SOURCES = re.compile(r"(?:chain|fallback)\b")
_CELL = re.compile(r"^(?P<sheet>[^!]+)!(?P<column>[A-Z]+)(?P<row>\d+)")
_NAMED = re.compile(r"\b[A-Z0-9]{5}\b|'([^']+)'")
_SHAPED = re.compile(r"[A-Z]\d{4}|\d{4}[A-Z0-9]|[A-Z0-9]{2}")
_WRONG_NAMES = ("unknown_name", "unknown_code", "unknown_modifier")
_ROUNDS = 6
"""Times that the rest is checked again; each finds what another mistake hid."""


class WorkbookMistakes(InputError):
    """Everything that is wrong in a contract workbook, each with its sheet and cell."""

    def __init__(self, file: str, sentences: list[str]) -> None:
        self.sentences = sentences
        count = f"{len(sentences)} mistakes" if len(sentences) > 1 else "a mistake"
        super().__init__(f"the workbook has {count}:\n" + "\n".join(sentences), where=file)


def every_mistake(
    book: Workbook,
    load: Callable[[Raw], Loaded],
    wrong_names: Callable[[Contract], Iterable[ContractFinding]],
    usual: Raw,
) -> tuple[Contract | None, list[str]]:
    """Return the contract that a workbook says, or None, and every mistake, in the order of its sheets' rows.

    Parameters
    ----------
    load : callable
        Tables of a contract to the contract, or to what is wrong with them.
    wrong_names : callable
        What is found about names in a contract that can be loaded.
    usual : dict
        Tables whose sections stand in for those with a mistake while the rest is checked.
    """
    found, tables, gone = list(book.mistakes), dict(book.tables), set[str]()
    contract: Contract | None = None
    set_aside = {(m["sheet"], m["row"]) for said in found if (m := _CELL.match(said))}
    tables, names = _without(tables, _rows_at(book, set_aside), usual)
    gone |= names
    for _ in range(_ROUNDS):
        contract, problems = load(tables)
        if not problems:
            break
        owners: set[Key] = set()
        for problem in problems:
            owner, sentence = placed(problem, book)
            owners |= {owner} if owner else set()
            m = _CELL.match(sentence)
            hidden = m is not None and (m["sheet"], m["row"]) in set_aside
            if not hidden and not any(f"'{name}'" in problem.what for name in gone) and sentence not in found:
                found.append(sentence)
        before = tables
        tables, names = _without(tables, owners, usual)
        gone |= names
        if tables == before:
            break
    if contract is not None:
        found += [_finding_placed(one, book) for one in wrong_names(contract) if is_mistake(one)]
    return (None if found else contract), sorted(dict.fromkeys(found), key=_in_order)


def _in_order(sentence: str) -> tuple[str, int, str]:
    m = _CELL.match(sentence)
    return (m["sheet"], int(m["row"]), m["column"]) if m else ("", 0, sentence)


def _rows_at(book: Workbook, at: set[tuple[str, str]]) -> set[Key]:
    """Return the rows of a contract that stand in some rows of sheets; of a section the field."""
    found = set()
    for (table, row_id, name), place in book.places.items():
        m = _CELL.match(place)
        if m and (m["sheet"], m["row"]) in at and not _OF_SOURCES.match(name):
            found.add((table, row_id, name if not row_id else ""))
    return found


def _without(tables: Raw, owners: Iterable[Key], usual: Raw) -> tuple[Raw, set[str]]:
    """Return tables without some rows, and with the usual value of some fields; and the ids of the rows taken out."""
    made, ids = dict(tables), set()
    for table, row_id, name in owners:
        held = made.get(table, {})
        if isinstance(held, list) and row_id:
            kept = [row for row in held if str(row.get("id", "")) != row_id]
            ids |= {row_id} if len(kept) < len(held) else set()
            made[table] = kept
        elif isinstance(held, dict) and name:
            stands_in = usual.get(table, {})
            others = {key: value for key, value in held.items() if key != name}
            made[table] = others | ({name: stands_in[name]} if name in stands_in else {})
        elif table in made and not row_id and table != "contract":
            del made[table]
    return made, ids


def placed(problem: ContractError, book: Workbook) -> tuple[Key | None, str]:
    """Return whose mistake it is, and what loading says of it with the cell in which it stands."""
    where = problem.where
    cell, owner = "", None
    if row := _CSV_ROW.search(where):
        numbers = [n for n, one in enumerate(book.schedules) if one.schedule == row["schedule"]]
        at = int(row["row"]) - 2
        owner = ("schedule", row["schedule"], "")
        cell = book.place("schedule", row["schedule"], str(numbers[at])) if 0 <= at < len(numbers) else ""
    found = next((m for m in _ROW_OF.finditer(where) if m["table"] in NAMED_TABLES), None) or _SECTION_OF.search(where)
    if not cell and found:
        row_id = found.groupdict().get("id") or ""
        named = _FIELD_IN.match(problem.what)
        names = [found["field"] or "", named[1] if named else ""]
        if source := _SOURCE.search(where):
            names = [f"{source[0]} {name}" for name in (*names, "of")]
        field = next((name for name in names if name and (found["table"], row_id, name) in book.places), "")
        cell = book.place(found["table"], row_id, field)
        owner = (found["table"], row_id, field if not row_id else "")
    said = ContractError(
        problem.what, expected=problem.expected, suggestion=problem.suggestion, next_step=problem.next_step
    )
    after_file = where.split(", ", 1)[1] if ", " in where else ""
    return owner, ": ".join(part for part in (cell, after_file, str(said)) if part)


def is_mistake(found: ContractFinding) -> bool:
    """Say whether a name in a contract can be no line's: a role that is none, a code that has no code's shape.

    A code of a code's shape that no release holds may be one to come, or a payer's own.
    """
    if found.kind == "unknown_name":
        return True
    code = _NAMED.search(found.problem)
    return found.kind in _WRONG_NAMES and code is not None and not _SHAPED.fullmatch(code[1] or code[0])


def notes_on_names(found: Iterable[ContractFinding], book: Workbook) -> Iterator[str]:
    """Yield what is to be looked at of the names in a contract, each with its cell."""
    yield from (_finding_placed(one, book) for one in found if one.kind in (*_WRONG_NAMES, "code_not_valid"))


def _finding_placed(found: ContractFinding, book: Workbook) -> str:
    """Return a finding with the cell that holds what it is about."""
    m = _ROW_OF.search(found.place) or _SECTION_OF.search(found.place)
    if m is None:
        return f"{found.place}: {found.problem}"
    row_id = m.groupdict().get("id") or ""
    token = _NAMED.search(found.problem)
    fields = [m["field"] or "", *(name for table, one, name in book.places if (table, one) == (m["table"], row_id))]
    held = next((r for r in book.tables.get(m["table"], []) if isinstance(r, dict) and r.get("id") == row_id), {})
    said = token and (token[1] or token[0])
    field = next((name for name in fields if name and said and said in str(held.get(name, ""))), "")
    return f"{book.place(m['table'], row_id, field)}: {found.place}: {found.problem}"
