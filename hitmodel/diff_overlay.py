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
OF_A_WAY = ("id", "default")
"""What a way to pay is given when it is read, and does not write itself."""


def overlay_between(before: Version, after: Version, extends: str) -> Raw:
    """Return the tables of an overlay that lays ``after``'s terms over ``before``'s file.

    ``extends`` is how the overlay names that file. Rows and sections of which something is left out, and tables whose
    rows stand in another order, are removed and written anew; all else names only what changes.
    """
    anew = _written_anew(before, after)
    removed = [row.id for table in NAMED_TABLES for row in getattr(before, table) if table in anew]
    tables: Raw = {}
    for table in NAMED_TABLES:
        old = {row.id: raw_row(row) for row in getattr(before, table)}
        new = {row.id: raw_row(row) for row in getattr(after, table)}
        if table not in anew:
            removed += [row_id for row_id in old if row_id not in new]
        rows = [row for row_id, row in new.items() if table in anew or old.get(row_id) != row]
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


def _written_anew(before: Version, after: Version) -> set[str]:
    """Return the tables that cannot be laid over row by row, with those that share an id with one of them."""
    anew = {table for table in NAMED_TABLES if _cannot_be_laid_over(table, before, after)}
    while True:
        gone = {row.id for table in NAMED_TABLES for row in getattr(before, table) if table in anew}
        gone |= {
            row.id
            for table in NAMED_TABLES
            for row in getattr(before, table)
            if row.id not in {other.id for other in getattr(after, table)}
        }
        touched = {t for t in NAMED_TABLES if gone & {row.id for row in getattr(after, t)}}
        if touched <= anew:
            return anew
        anew |= touched


def _cannot_be_laid_over(table: str, before: Version, after: Version) -> bool:
    """Whether a row leaves something out that it said, or the rows would come to stand in another order."""
    old = {row.id: raw_row(row) for row in getattr(before, table)}
    new = {row.id: raw_row(row) for row in getattr(after, table)}
    if any(old[row_id].keys() - new[row_id].keys() for row_id in old.keys() & new.keys()):
        return True
    laid = [row_id for row_id in old if row_id in new] + [row_id for row_id in new if row_id not in old]
    return laid != list(new)


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
