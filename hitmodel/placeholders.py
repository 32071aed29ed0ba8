"""Places that a draft leaves open: ``rate = "FILL anti_infective_daily"`` where the number is still to be written.

A contract with such places can be read, reviewed and shown, and never priced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hitmodel.vocabulary import Record

PATTERN = r"FILL\s+([A-Za-z]\w*)"
_OPEN = re.compile(PATTERN)
STAND_IN = 1
"""What is put in place of a number while a draft is read; no price is ever made of it."""
TEXT_FIELDS = frozenset({"payers", "products", "title", "source", "owner", "note", "cite", "clause", "into"})


class Placeholder(Record):
    """One open place: the table and row it stands in, its field, and the name that the draft gives it."""

    table: str
    row_id: str
    field: str
    name: str

    @property
    def place(self) -> str:
        """Where it stands, as a user finds it: ``term 'drugs', rate``."""
        head = f"{self.table} '{self.row_id}'" if self.row_id else f"[{self.table}]"
        return f"{head}, {self.field}"


def set_aside(tables: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Placeholder, ...]]:
    """Return the tables of a contract with a stand-in at each open place, and the open places in the file's order."""
    found: list[Placeholder] = []
    made: dict[str, Any] = {}
    for table, value in tables.items():
        if isinstance(value, list):
            made[table] = [_row(row, table, found) for row in value]
        else:
            made[table] = _row(value, table, found)
    return made, tuple(found)


def _row(row: Any, table: str, found: list[Placeholder]) -> Any:
    if not isinstance(row, dict):
        return row
    row_id = str(row.get("id", ""))
    for field, value in row.items():
        found += [Placeholder(table=table, row_id=row_id, field=field, name=name) for name in _names(value)]
    return {field: value if field in TEXT_FIELDS else _stood_in(value) for field, value in row.items()}


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        match = _OPEN.fullmatch(value.strip())
        if match:
            yield match[1]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _stood_in(value: Any) -> Any:
    if isinstance(value, str):
        return STAND_IN if _OPEN.fullmatch(value.strip()) else value
    if isinstance(value, dict):
        return {name: _stood_in(inner) for name, inner in value.items()}
    return [_stood_in(inner) for inner in value] if isinstance(value, list) else value
