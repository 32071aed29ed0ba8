"""The provider's chargemaster: what it charges for one billing unit of a code, from which day on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import parse_date
from hitmodel.errors import InputError, nearest

COLUMNS = ("code", "from", "charge")
_HELP = "dollars for one billing unit, such as 192.00"


@dataclass(frozen=True)
class ChargeTable:
    """Charges by code, each with the days from which they hold, oldest first [dollars for each billing unit]."""

    by_code: Mapping[str, tuple[tuple[date, Decimal], ...]]
    source: str

    def at(self, code: str, on: date) -> Decimal | None:
        """Return the charge for one unit of ``code`` on a day, or None when the table has none."""
        held = [charge for first, charge in self.by_code.get(code, ()) if first <= on]
        return held[-1] if held else None


def read_charges(path: Path) -> ChargeTable:
    """Read a chargemaster: CSV with the columns ``code``, ``from`` (ISO date) and ``charge`` (dollars).

    Lines that begin with ``#`` are remarks.

    Raises
    ------
    InputError
        When the file is not there, is not such a table, or a row cannot be right; names row and field.
    """
    where = paths.shown(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError("the chargemaster is not there", where=where) from None
    except (OSError, UnicodeDecodeError):
        raise InputError("the chargemaster cannot be read as text", where=where, expected="a CSV file") from None
    kept = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    heading = [name.strip() for name in next(csv.reader([kept[0][1]]))] if kept else []
    for column in COLUMNS:
        if column not in heading:
            close = nearest(column, heading)
            raise InputError(
                f"column '{column}' is missing", where=where, expected=", ".join(COLUMNS), suggestion=close
            )
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for number, line in kept[1:]:
        row = dict(zip(heading, (cell.strip() for cell in next(csv.reader([line]))), strict=False))
        code, first, charge = _row(row, f"{where} row {number}")
        found.setdefault(code, []).append((first, charge))
    return ChargeTable({code: _in_order(code, held, where) for code, held in found.items()}, where)


def _row(row: Mapping[str, str], where: str) -> tuple[str, date, Decimal]:
    code, text = row.get("code", "").upper(), row.get("charge", "")
    if not code:
        raise InputError("a code is needed", where=f"{where}, code")
    first = parse_date(row.get("from", ""), f"{where}, from")
    try:
        charge = Decimal(text)
    except InvalidOperation:
        charge = Decimal("NaN")
    if not charge.is_finite() or charge <= 0:
        raise InputError(f"{text!r} is not a charge", where=f"{where}, charge", expected=_HELP)
    return code, first, charge


def _in_order(code: str, held: list[tuple[date, Decimal]], where: str) -> tuple[tuple[date, Decimal], ...]:
    ordered = tuple(sorted(held))
    for (first, _), (again, _) in pairwise(ordered):
        if first == again:
            raise InputError(f"{code} has two charges from {first}", where=where, expected="one for each day")
    return ordered
