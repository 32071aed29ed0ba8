"""Contract files read again: a folder of dated versions, each laid over what it extends."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

Table = dict[str, Any]
LISTS = (
    *("schedule", "escalator", "phase_in", "rate_change", "adjustment", "bundle", "exclusive", "paid_only", "episode"),
    *("allowance", "limit", "term"),
)
LEFT_BEHIND = ("title", "source", "note", "extends")
EVERY_TERM_HAS = (
    *("id", "mechanism", "cite", "clause", "note", "unlisted", "default", "lesser_of", "shares", "counted_in"),
    *("at_least", "at_most", "families", "all_modifiers", "requires", "without_codes", "without_families"),
    *("without_classes", "without_roles", "without_places", "without_products"),
    *("patients", "ndcs", "codes", "modifiers", "without_modifiers", "places", "products", "classes", "roles"),
    *("effective_from", "effective_through", "beside", "alone", "weekdays"),
)


class CannotPrice(Exception):
    """The contract cannot answer: two terms fit equally well, or it is not in force on the day asked for."""


@dataclass(frozen=True)
class ScheduleRow:
    """One row of a rate schedule; with ``ndc`` its rate is for each NDC unit."""

    code: str
    rate: Fraction
    modifier: str
    first: date | None
    last: date | None
    ndc: str = ""
    unit: str = ""

    def in_force(self, day: date) -> bool:
        return (self.first or date.min) <= day <= (self.last or date.max)


@dataclass
class Version:
    """One dated version: its merged tables and the folder in which its files lie."""

    tables: Table
    folder: Path

    @property
    def header(self) -> Table:
        return dict(self.tables["contract"])

    def table(self, name: str) -> Table:
        """A single table such as ``concurrency``, empty when not written."""
        return dict(self.tables.get(name, {}))

    def rows(self, name: str) -> list[Table]:
        return list(self.tables.get(name, []))

    def in_force(self, day: date) -> bool:
        return in_force(self.header, day)

    def schedule(self, name: str) -> list[ScheduleRow]:
        named = next(row for row in self.rows("schedule") if row["id"] == name)
        return _schedule(named["_folder"] / named["file"])


def in_force(row: Table, day: date) -> bool:
    """Both end days count; an end that is not written is open."""
    return row.get("effective_from", date.min) <= day <= row.get("effective_through", date.max)


def read_contract(folder: Path) -> list[Version]:
    """All versions of the contract in a folder, by date."""
    versions = [Version(_merged(file), file.parent) for file in sorted(folder.glob("*.toml"))]
    return sorted(versions, key=lambda v: v.header["effective_from"])


def version_on(versions: list[Version], day: date) -> Version | None:
    return next((v for v in versions if v.in_force(day)), None)


def _merged(file: Path) -> Table:
    with file.open("rb") as opened:
        tables = tomllib.load(opened, parse_float=Decimal)
    for row in tables.get("schedule", []):
        if "file" in row:
            row["_folder"] = file.parent
    tables = _spelled_out(tables)
    extends = tables["contract"].get("extends")
    return _laid_over(_merged(_base(extends, file)), tables) if extends else tables


def _spelled_out(tables: Table) -> Table:
    """Write ``lesser_of`` as a table where it is one word, by itself or among the contract's facts."""
    header = dict(tables.get("contract", {}))
    word = header.pop("lesser_of", None)
    if isinstance(word, str) and "lesser_of" not in tables:
        return {**tables, "contract": header, "lesser_of": {"level": word}}
    word = tables.get("lesser_of")
    return {**tables, "lesser_of": {"level": word}} if isinstance(word, str) else tables


def _base(name: str, file: Path) -> Path:
    """``name`` is the latest file of that contract, ``name/2025`` one of its versions, ``x.toml`` a file beside."""
    if name.endswith(".toml"):
        return file.parent / name
    folder, _, version = name.partition("/")
    for home in (file.parent.parent, file.parent, _shipped()):
        if (home / folder).is_dir():
            files = sorted((home / folder).glob("*.toml"))
            return next(f for f in files if f.stem == version) if version else files[-1]
    raise CannotPrice(f"there is no contract {name}")


def _shipped() -> Path:
    return Path(__file__).resolve().parents[2] / "data" / "contracts"


def _laid_over(base: Table, over: Table) -> Table:
    removed = over.get("remove", [])
    merged: Table = {
        name: [row for row in value if row["id"] not in removed] if name in LISTS else value
        for name, value in base.items()
    }
    for name, value in over.items():
        if name in LISTS:
            merged[name] = _rows_over(merged.get(name, []), value)
        elif name == "contract":
            merged[name] = {**_inherited_header(base["contract"], value), **value}
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = {**merged[name], **value}
        elif name != "remove":
            merged[name] = value
    return merged


def _inherited_header(base: Table, over: Table) -> Table:
    kept = {k: v for k, v in base.items() if k not in LEFT_BEHIND}
    if "effective_from" in over:
        kept.pop("effective_through", None)
    return kept


def _rows_over(base: list[Table], over: list[Table]) -> list[Table]:
    rows = [dict(row) for row in base]
    for new in over:
        old = next((row for row in rows if row["id"] == new["id"]), None)
        if old is None:
            rows.append(dict(new))
            continue
        if new.get("mechanism", old.get("mechanism")) != old.get("mechanism"):
            for key in set(old) - set(EVERY_TERM_HAS):
                del old[key]
        old.update(new)
    return rows


def _schedule(path: Path) -> list[ScheduleRow]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            ScheduleRow(
                (row.get("code") or "").upper(),
                Fraction(row["rate"]),
                row.get("modifier") or "",
                date.fromisoformat(row["from"]) if row.get("from") else None,
                date.fromisoformat(row["through"]) if row.get("through") else None,
                (row.get("ndc") or "").replace("-", ""),
                row.get("unit") or "",
            )
            for row in csv.DictReader(line for line in file if not line.startswith("#"))
        ]
