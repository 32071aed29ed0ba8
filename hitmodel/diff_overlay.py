"""The overlay that makes one contract version of another: what a difference is when it is written as an amendment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hitmodel.changes import SECTIONS, UNPRICED
from hitmodel.dates import Quarter
from hitmodel.overlays import NAMED_TABLES, Raw, price_table_by_name
from hitmodel.terms import Version
from hitmodel.vocabulary import Record

FOUND_ON_LOADING = ("path", "checksum")
ORDERLESS = ("term", "schedule", "episode")
"""Tables whose rows are found by what they say, so that their order says nothing."""
OF_A_WAY = ("id", "default")
"""What a way to pay is given when it is read, and does not write itself."""


def overlay_between(before: Version, after: Version, extends: str) -> Raw:
    """Return the tables of an overlay that lays ``after``'s terms over ``before``'s file.

    ``extends`` is how the overlay names that file. Rows and sections of which something is left out are removed and
    written anew, and so are tables whose rows stand in another order where order counts; all else names only what
    changes.
    """
    anew = _rows_anew(before, after)
    removed: list[str] = []
    tables: Raw = {}
    for table in NAMED_TABLES:
        old = {row.id: raw_row(row) for row in getattr(before, table)}
        new = {row.id: raw_row(row) for row in getattr(after, table)}
        removed += [row_id for row_id in old if row_id not in new or (table, row_id) in anew]
        rows = [row for row_id, row in new.items() if (table, row_id) in anew or old.get(row_id) != row]
        tables |= {table: rows} if rows else {}
    for section in (*SECTIONS, *UNPRICED):
        old_section, new_section = raw_row(getattr(before, section)), raw_row(getattr(after, section))
        if old_section != new_section:
            removed += [section] if old_section.keys() - new_section.keys() else []
            tables |= {section: new_section} if new_section else {}
    head: Raw = {"remove": list(dict.fromkeys(removed))} if removed else {}
    return {**head, "contract": _header(after, extends), **tables}


def _header(after: Version, extends: str) -> Raw:
    header = after.contract
    said: Raw = {name: _plain(getattr(header, name)) for name in ("title", "source", "payers", "products")}
    through = {"effective_through": header.effective_through} if header.effective_through else {}
    named = {name: value for name, value in said.items() if value or name == "products"}
    return {"extends": extends, **named, "effective_from": header.effective_from, **through}


def _rows_anew(before: Version, after: Version) -> set[tuple[str, str]]:
    """Return the rows of ``after``, by table and id, that cannot be laid over what is there and are written anew.

    A removal takes rows of that id out of every table, so rows that share an id with one that goes are among them.
    """
    held = {table: [row.id for row in getattr(before, table)] for table in NAMED_TABLES}
    comes = {table: [row.id for row in getattr(after, table)] for table in NAMED_TABLES}
    anew = {(table, row_id) for table in NAMED_TABLES for row_id in _cannot_be_laid_over(table, before, after)}
    while True:
        gone = {row_id for table in NAMED_TABLES for row_id in held[table] if row_id not in comes[table]}
        gone |= {row_id for _, row_id in anew}
        more = {(table, row_id) for table in NAMED_TABLES for row_id in comes[table] if row_id in gone}
        moved = {table for table, _ in more if table not in ORDERLESS}
        more |= {(table, row_id) for table in moved for row_id in comes[table]}
        if more <= anew:
            return anew
        anew |= more


def _cannot_be_laid_over(table: str, before: Version, after: Version) -> list[str]:
    """Return the rows that leave something out that they said; where order counts, all rows when one does or moves."""
    old = {row.id: raw_row(row) for row in getattr(before, table)}
    new = {row.id: raw_row(row) for row in getattr(after, table)}
    lose = [row_id for row_id in new if row_id in old and old[row_id].keys() - new[row_id].keys()]
    if table in ORDERLESS:
        return lose
    laid = [row_id for row_id in old if row_id in new] + [row_id for row_id in new if row_id not in old]
    return list(new) if lose or laid != list(new) else []


def raw_row(record: Record) -> Raw:
    """Return a record as a contract file writes it: only what it says, named files by where they lie."""
    made = {name: _plain(getattr(record, name)) for name in type(record).model_fields if name in _said(record)}
    path = str(getattr(record, "path", ""))
    for field in ("file", "ndc_table"):
        if field in made and path:
            made[field] = _file_name(str(made[field]), path)
    return made


def _said(record: Record) -> set[str]:
    return {n for n in record.model_fields_set - set(FOUND_ON_LOADING) if getattr(record, n) is not None}


def _file_name(named: str, path: str) -> str:
    """Return a name under which a file is found from anywhere: its own where any contract finds it by that."""
    place = Path(path).resolve()
    return named if price_table_by_name(named).resolve() == place else str(place)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        made = raw_row(value)
        is_way = getattr(value, "id", "") == "way"
        return {name: inner for name, inner in made.items() if not (is_way and name in OF_A_WAY)}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return str(value) if isinstance(value, Quarter) else value
