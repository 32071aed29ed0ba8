"""The user's own prices put into the workspace: NDC price lists and price indexes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import parse_date
from hitmodel.errors import InputError, nearest
from hitmodel.imported import imported
from hitmodel.indexes import read_index
from hitmodel.intake.bls import SeriesFile, read_series, write_indexes
from hitmodel.intake.landing import Arrival, Landed, land
from hitmodel.intake.ndc_prices import (
    COLUMNS,
    REPAIRED,
    Crosswalks,
    PriceList,
    PriceRow,
    read_price_list,
    write_rows,
)
from hitmodel.prices import PRICES
from hitmodel.workspace import name_for


@dataclass(frozen=True)
class PricesLanded:
    """A price list that was put into the workspace.

    ``kept`` rows of the earlier table stay beside it, ``replaced`` of them gave way; ``gone`` are NDCs of the earlier
    table that the new one does not have.
    """

    landed: Landed
    rows: tuple[PriceRow, ...]
    unused: tuple[str, ...]
    kept: int = 0
    replaced: int = 0
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class PriceOptions:
    """How a price list is read: its name in contracts, its day, its columns, and whether it adds to what is held."""

    name: str = ""
    begins: date | None = None
    chosen: Mapping[str, str] | None = None
    add: bool = False

    def written(self) -> str:
        """Return what was asked for, but the name, as text."""
        columns = " ".join(f"{name}={heading}" for name, heading in sorted((self.chosen or {}).items()))
        return " ".join(filter(None, (str(self.begins or ""), columns, "add" if self.add else "")))


def import_prices(path: Path, options: PriceOptions, workspace: Path | None = None) -> PricesLanded:
    """Put a price list into the workspace, where ``[drug_prices] ndc_table = "NAME"`` of a contract finds it.

    With ``add`` the rows of the table held under that name stay, but for those with the same NDC, day and code. Raises
    `InputError` when the list cannot be read, or ``add`` names nothing that is held.
    """
    read = read_price_list(path, options.begins, options.chosen, _crosswalks(workspace))
    name = name_for(Path(f"{options.name}.csv")) if options.name else name_for(path)
    held = {one.name: one.path for one in imported("ndc_prices", workspace)}
    if options.add and name not in held:
        raise InputError(
            f"there are no prices '{name}' to add to",
            where="--add",
            suggestion=nearest(name, held),
            next_step=f"There are: {', '.join(held)}." if held else "Import the first list without --add.",
        )
    earlier = _held_rows(held[name] / f"{name}.csv") if name in held else []
    keys = {row.key for row in read.rows}
    kept = [row for row in earlier if row.key not in keys] if options.add else []
    rows = (*kept, *read.rows)
    about = {"table_rows": str(len(rows)), "options": f"{options.written()} {_crosswalk_in_use(workspace)}".strip()}
    arrival = Arrival(
        "ndc_prices", name, read.file, read.checksum, read.rows_in, read.rows_used, read.findings, REPAIRED, about
    )
    landed = land(workspace, arrival, lambda folder: write_rows(folder / f"{name}.csv", rows))
    gone = sorted({row.ndc for row in earlier} - {row.ndc for row in rows})
    replaced = len(earlier) - len(kept) if options.add else 0
    return PricesLanded(landed, rows, _unused(read), len(kept), replaced, tuple(gone))


def _unused(read: PriceList) -> tuple[str, ...]:
    return tuple(name for name in read.unused if name)


def _held_rows(path: Path) -> list[PriceRow]:
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(record) for record in csv.DictReader(file)]


def _row(record: Mapping[str, str]) -> PriceRow:
    prices = {name: Decimal(record[name]) if record[name] else None for name in PRICES}
    day = parse_date(record["from_date"])
    ndc, package, unit, code, units, name = (record[c] for c in COLUMNS if c not in ("from_date", *PRICES))
    return PriceRow(ndc, day, prices, package, unit, code, units, name)


def _crosswalk_in_use(workspace: Path | None) -> str:
    """Return which crosswalk codes and units come from: with another one the same list is another table."""
    held = [one for one in imported("crosswalk", workspace) if not one.name.endswith("-noc")]
    return f"crosswalk={held[-1].name}-{held[-1].checksum[:12]}" if held else ""


def _crosswalks(workspace: Path | None) -> Crosswalks:
    """Return the newest imported crosswalk by NDC; empty when none is held."""
    held = [one for one in imported("crosswalk", workspace) if not one.name.endswith("-noc")]
    found: dict[str, list[tuple[str, Decimal, Decimal]]] = {}
    if held:
        with (held[-1].path / f"{held[-1].name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                units, size = Decimal(row["units_per_item"]), Decimal(row["package_size"])
                if units > 0 and size > 0:
                    found.setdefault(row["ndc"], []).append((row["code"], units, size))
    return found


def import_index(path: Path, series: str = "", workspace: Path | None = None) -> tuple[Landed, ...]:
    """Put the price indexes of a file into the workspace, one entry a series; contracts find them by name.

    Raises `InputError` as `read_series` does.
    """
    read = read_series(path, series)
    return tuple(_land_index(read, name, workspace) for name in sorted(read.months))


def _land_index(read: SeriesFile, series: str, workspace: Path | None) -> Landed:
    months = read.months[series]
    about = {"from": f"{months[0][0]:%Y-%m}", "through": f"{months[-1][0]:%Y-%m}", "title": read.titles[series]}
    if moved := _revised(read, series, workspace):
        about["revised"] = str(moved)
    arrival = Arrival("index", series, read.file, read.sha256, len(months), len(months), about=about)
    return land(workspace, arrival, partial(_write_index, read, series))


def _write_index(read: SeriesFile, series: str, folder: Path) -> None:
    write_indexes(read, folder, date.min, (series,))


def _revised(read: SeriesFile, series: str, workspace: Path | None) -> int:
    """Return how many months that are held already have another value in the file."""
    held = {one.name: one.path for one in imported("index", workspace)}
    shipped = paths.data("indexes", "bls", f"{series}.csv")
    path = held[series] / f"{series}.csv" if series in held else shipped
    if not path.is_file():
        return 0
    before = read_index(path).values
    return sum(month in before and before[month] != Decimal(value) for month, value in read.months[series])
