"""Volumes by therapy that go with a saved scenario: a small table beside its contract files.

A volume is no term of a contract, so no price hangs on it; comparisons and reports say what it makes of their totals.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from hitmodel import paths
from hitmodel.errors import InputError
from hitmodel.money import as_decimal
from hitmodel.terms import Contract

FILE = "volumes.csv"
HEADINGS = ("therapy", "times")
MOST_VOLUME = Decimal(5)
Volumes: TypeAlias = Mapping[str, Decimal]
"""Times today's volume by therapy class, such as 1.10 for 10 % more."""
NO_VOLUMES: Volumes = MappingProxyType({})


def volumes_file(contract: Contract) -> Path:
    """Return where the volumes of a contract stand, if it has any: beside its newest version."""
    return paths.located(contract.latest.file).parent / FILE


def volumes_of(contract: Contract) -> Volumes:
    """Return the volumes kept beside a contract, none for most contracts.

    Raises `InputError` for a table that does not hold therapies and numbers from 0 to `MOST_VOLUME`.
    """
    file = volumes_file(contract)
    if not file.is_file():
        return NO_VOLUMES
    with file.open(encoding="utf-8-sig", newline="") as held:
        rows = [row for row in csv.reader(held) if row]
    if not rows or tuple(rows[0]) != HEADINGS:
        raise InputError("this is no table of volumes", where=paths.shown(file), expected=",".join(HEADINGS))
    return {row[0].strip(): _times(row, f"{paths.shown(file)}, row {n}") for n, row in enumerate(rows[1:], start=2)}


def write_volumes(volumes: Volumes, folder: Path) -> None:
    """Write volumes into a scenario's folder."""
    with (folder / FILE).open("w", encoding="utf-8", newline="") as held:
        writer = csv.writer(held, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows((therapy, str(times)) for therapy, times in volumes.items())


def checked_volume(times: Decimal, where: str) -> Decimal:
    """Return a volume; raise `InputError` outside 0 to `MOST_VOLUME`."""
    if not 0 <= times <= MOST_VOLUME:
        raise InputError(
            f"{as_decimal(times * 100)} % of today's is no volume",
            where=where,
            expected=f"0 to {MOST_VOLUME * 100} % of today's",
        )
    return times


def _times(row: list[str], where: str) -> Decimal:
    try:
        return checked_volume(Decimal(row[1].strip()), where)
    except (InvalidOperation, IndexError):
        raise InputError(
            f"{','.join(row)!r} is no therapy with its volume", where=where, expected="hydration,1.10"
        ) from None
