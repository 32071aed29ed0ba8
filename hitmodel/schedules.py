"""Rate schedules: CSV files that a contract names, for rates that are too many to write as terms.

Columns are ``code`` and ``rate``, and where wanted ``modifier``, ``from`` and ``through``; others, such as a
description, are not read. A drug price list may have ``ndc`` (eleven digits) and ``unit`` (UN, ML, GR…) beside the
code or in its place: such a row's rate is for each NDC unit. Lines that begin with ``#`` are remarks.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import parse_date
from hitmodel.errors import ContractError, InputError
from hitmodel.mechanisms.base import RateRow
from hitmodel.named_files import refuse_changed
from hitmodel.terms import Schedule

NEEDED = ("code", "rate")
OPTIONAL = ("modifier", "from", "through", "ndc", "unit")
MOST = 10_000_000
"""Dollars; a rate above it is a slip."""


def read_schedule(schedule: Schedule) -> tuple[RateRow, ...]:
    """Return the rows of a rate schedule that a contract names, in the order of its file.

    Raises `ContractError` naming file, row and field: for a file that is not UTF-8 text or has changed since the
    contract was loaded, a missing column, a rate that is not a number above zero, dates that are none, and two rates
    for one code and modifier on one day.
    """
    return _read(Path(schedule.path), schedule.checksum)


@functools.lru_cache(maxsize=64)
def _read(path: Path, checksum: str) -> tuple[RateRow, ...]:
    refuse_changed(path, checksum)
    where = paths.shown(path)
    rows = tuple(_rate_row(cells, f"{where} row {number}") for number, cells in _records(path, where))
    _refuse_equal_rows(rows, where)
    return rows


def _records(path: Path, where: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows, numbered as a spreadsheet shows them; blank rows and remarks are counted and not yielded."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ContractError(
            "the rate schedule is not UTF-8 text", where=where, next_step='Save it as "CSV UTF-8".'
        ) from None
    lines = ("\n" if line.startswith("#") else line for line in text.splitlines(keepends=True))
    try:
        rows = [(n, cells) for n, cells in enumerate(csv.reader(lines), start=1) if any(c.strip() for c in cells)]
    except csv.Error as error:
        raise ContractError(f"the rate schedule is not a CSV file: {error}", where=where) from None
    heading = [name.strip().lower() for name in rows[0][1]] if rows else []
    missing = [name for name in NEEDED if name not in heading and not (name == "code" and "ndc" in heading)]
    if missing:
        raise ContractError(
            f"there is no column {' and no column '.join(missing)}",
            where=where,
            expected=f"a first row with the headings {', '.join(NEEDED)}, and if wanted {', '.join(OPTIONAL)}",
        )
    for number, cells in rows[1:]:
        filled = [*cells, *[""] * (len(heading) - len(cells))]
        yield number, {name: cell.strip() for name, cell in zip(heading, filled, strict=False)}


def _rate_row(cells: Mapping[str, str], where: str) -> RateRow:
    code, ndc = cells.get("code", "").upper(), cells.get("ndc", "").replace("-", "")
    if ndc and not re.fullmatch(r"\d{11}", ndc):
        raise ContractError(f"ndc '{cells['ndc']}' is not an NDC of eleven digits", where=where)
    if not code and not ndc:
        raise ContractError("the row has no code", where=where, expected="an HCPCS or CPT code, such as S9500")
    first, last = (_day(cells.get(name, ""), f"{where}, {name}") for name in ("from", "through"))
    if first is not None and last is not None and last < first:
        raise ContractError(f"through {last} lies before from {first}", where=where)
    modifier = " ".join(sorted(set(re.findall(r"\w+", cells.get("modifier", "").upper()))))
    unit = cells.get("unit", "").upper()
    return RateRow(code, _rate(cells["rate"], where), modifier, first, last, ndc, unit)


def _rate(text: str, where: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite():
        raise ContractError(
            f"rate '{text}' is not a number",
            where=where,
            expected="dollars such as 95.00, without a dollar sign or commas",
        )
    if not 0 < rate <= MOST:
        raise ContractError(
            f"rate {text} is not above 0" if rate <= 0 else f"rate {text} is above {MOST:,}", where=where
        )
    return rate


def _day(text: str, where: str) -> date | None:
    try:
        return parse_date(text, where) if text else None
    except InputError as error:
        raise ContractError(error.what, where=error.where, expected=error.expected) from None


def _refuse_equal_rows(rows: tuple[RateRow, ...], where: str) -> None:
    by_code: dict[tuple[str, str, str], list[RateRow]] = {}
    for row in rows:
        others = by_code.setdefault((row.code, row.ndc, row.modifier), [])
        if any(_share_a_day(row, other) for other in others):
            name = " ".join(filter(None, (row.code, row.ndc, row.modifier)))
            raise ContractError(
                f"{name} has two rates on one day", where=where, expected="one, or dates that part them"
            )
        others.append(row)


def _share_a_day(one: RateRow, other: RateRow) -> bool:
    starts = max(one.first_day or date.min, other.first_day or date.min)
    return starts <= min(one.last_day or date.max, other.last_day or date.max)
