"""Companion files of a claims file read into `Evidence`, with every problem found in one reading."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.claim_sets import COMPANIONS, located
from hitmodel.dates import Span, parse_date
from hitmodel.errors import Finding, InputError, nearest
from hitmodel.evidence import (
    NO_EVIDENCE,
    BalanceRecord,
    DoseRecord,
    Evidence,
    HoldRecord,
    Recorded,
    StayRecord,
    TherapyRecord,
    VisitRecord,
    recorded,
)
from hitmodel.evidence_shape import COMPLETE_FROM, SETTINGS, SHAPES, Shape
from hitmodel.intervals import parse_interval

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_NUMBER = re.compile(r"\d+(\.\d{1,2})?")
Row = dict[str, str]


class _Wrong(Exception):
    """One field of a row that cannot be used."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(problem)


@dataclass(frozen=True)
class Table:
    """One companion file: its columns, and what makes a record of a row."""

    shape: Shape
    record: Callable[[Row], Any]


def find_evidence(claims: str | Path) -> Path | None:
    """Return the folder of companion files beside a claims file: its name with ``_evidence``; None when not there."""
    path = located(claims)
    folder = path.with_name(f"{path.stem}{COMPANIONS}")
    return folder if folder.is_dir() else None


def evidence_of(given: Evidence | str | Path | None, claims: str | Path | None) -> Evidence:
    """Return evidence as given, read from a folder, or read from the folder beside a claims file if there is one.

    Raises `InputError` as `read_evidence` does.
    """
    if isinstance(given, Evidence):
        return given
    folder = given if given else find_evidence(claims) if claims is not None else None
    return read_evidence(folder) if folder else NO_EVIDENCE


def read_evidence(folder: str | Path) -> Evidence:
    """Read the companion files of a folder: any of `TABLES` as CSV, and ``evidence.toml``.

    Patient ids are taken as they are, as in claims. ``evidence.toml`` may set ``history_complete_from``.

    Returns
    -------
    Evidence
        With every problem as a finding; a row with a problem is set aside, and its patient counts as doubtful there.

    Raises
    ------
    InputError
        When there is no such folder, it holds none of the files, or a file lacks a column it must have.
    """
    place = Path(folder)
    shown = paths.shown(place)
    if not place.is_dir():
        raise InputError("there is no such folder of evidence", where=shown, expected=f"a folder with {_names()}")
    there = {name: place / f"{name}.csv" for name in TABLES if (place / f"{name}.csv").is_file()}
    if not there and not (place / SETTINGS).is_file():
        raise InputError("the folder holds no evidence", where=shown, expected=f"any of {_names()}")
    findings: list[Finding] = list(_unknown_files(place))
    tables: dict[str, Recorded[Any]] = {name: _read(path, TABLES[name], findings) for name, path in there.items()}
    checksums = tuple((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in there.values())
    return Evidence(
        **tables,
        history_complete_from=history_complete_from(place / SETTINGS),
        findings=tuple(findings),
        source=shown,
        checksums=checksums,
    )


def _names() -> str:
    return ", ".join(f"{name}.csv" for name in TABLES)


def _unknown_files(place: Path) -> Iterator[Finding]:
    for path in sorted(place.glob("*.csv")):
        if path.stem not in TABLES:
            close = nearest(path.stem, TABLES)
            hint = f". Did you mean '{close}.csv'?" if close else ""
            yield Finding(paths.shown(path), 1, "file", path.name, f"the file is not used{hint}", "evidence_file")


def history_complete_from(path: Path) -> date | None:
    """Return the day that an ``evidence.toml`` states, None without one; raises `InputError` for a faulty file."""
    if not path.is_file():
        return None
    where = paths.shown(path)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the file is not valid TOML: {error}", where=where) from None
    known = (COMPLETE_FROM, "source", "note")
    for key in said:
        if key not in known:
            raise InputError(f"'{key}' is not known here", where=where, suggestion=nearest(key, known))
    day = said.get(COMPLETE_FROM)
    if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
        raise InputError(f"history_complete_from {day!r} is not a date", where=where, expected="2025-01-01, no quotes")
    return day


def _read(path: Path, table: Table, findings: list[Finding]) -> Recorded[Any]:
    shown = paths.shown(path)
    reader = csv.DictReader(io.StringIO(_text(path, shown)), restkey="")
    headings = [h.strip() for h in reader.fieldnames or ()]
    reader.fieldnames = headings
    missing = [name for name in table.shape.required if name not in headings]
    if missing:
        spare = [h for h in headings if h not in table.shape.columns]
        raise InputError(
            f"no column {' and no column '.join(missing)}",
            where=f"{shown} row 1",
            expected=", ".join(table.shape.columns),
            suggestion=nearest(missing[0], spare),
        )
    findings += _unknown_columns(headings, table, shown)
    return _records(reader, table, shown, findings)


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8 text", where=shown, next_step="Save it as CSV (UTF-8).") from None
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", where=shown) from None


def _unknown_columns(headings: list[str], table: Table, shown: str) -> Iterator[Finding]:
    for name in headings:
        if name and name not in table.shape.columns:
            close = nearest(name, [c for c in table.shape.columns if c not in headings])
            hint = f". Did you mean '{close}'?" if close else ""
            yield Finding(shown, 1, name, "", f"the column is not used{hint}", "evidence_column")


def _records(reader: csv.DictReader[str], table: Table, shown: str, findings: list[Finding]) -> Recorded[Any]:
    found: list[Any] = []
    doubtful: set[str] = set()
    seen: dict[tuple[str, ...], int] = {}
    for cells in reader:
        number = reader.line_num
        row = {name: (cells.get(name) or "").strip() for name in table.shape.columns}
        if not any(row.values()) and not cells.get(""):
            continue
        try:
            if cells.get(""):
                raise _Wrong("row", "the row has more fields than the heading")
            _refuse_repeat(row, table, seen, number)
            found.append(table.record(row))
        except _Wrong as wrong:
            doubtful.add(row["patient_id"])
            value = row.get(wrong.field, "")
            findings.append(Finding(shown, number, wrong.field, value, wrong.problem, "evidence_row", blocks=True))
    return recorded(found, doubtful)


def _refuse_repeat(row: Row, table: Table, seen: dict[tuple[str, ...], int], number: int) -> None:
    for name in table.shape.required:
        if not row[name]:
            raise _Wrong(name, "it is empty")
    key = tuple(row[name] for name in table.shape.identity)
    if key and key in seen:
        raise _Wrong(table.shape.identity[-1], f"it is in row {seen[key]} already for this patient")
    seen[key] = number


def _day(row: Row, name: str) -> date:
    try:
        return parse_date(row[name])
    except InputError as error:
        raise _Wrong(name, f"{error.what}; dates are written as 2025-03-09") from None


def _span(row: Row, first: str, last: str) -> Span:
    begin, end = _day(row, first), _day(row, last)
    if end < begin:
        raise _Wrong(last, f"it lies before {first} {begin}")
    return Span(begin, end)


def _time(row: Row, name: str) -> time | None:
    if not row[name]:
        return None
    if not _TIME.fullmatch(row[name]):
        raise _Wrong(name, "times are written as 09:30, to 24 hours")
    return time.fromisoformat(row[name])


def _number(row: Row, name: str) -> Decimal | None:
    if not row[name]:
        return None
    if not _NUMBER.fullmatch(row[name]):
        raise _Wrong(name, "numbers are written plainly, as 1250.50")
    return Decimal(row[name])


def _therapy(row: Row) -> TherapyRecord:
    if not row["code"] and not row["therapy_class"]:
        raise _Wrong("code", "neither code nor therapy_class says which lines bill the therapy")
    continuous = row["interval"].lower() == "continuous"
    try:
        hours = parse_interval(row["interval"]) if row["interval"] and not continuous else None
    except InputError:
        raise _Wrong("interval", "intervals are written as q8h, 12h, 2d, 1w or continuous") from None
    start = _day(row, "start")
    stop = _span(row, "start", "stop").last if row["stop"] else None
    code = row["code"].upper()
    return TherapyRecord(
        row["patient_id"], row["therapy_id"], code, row["therapy_class"], start, stop, hours, continuous
    )


def _dose(row: Row) -> DoseRecord:
    if not row["therapy_id"] and not row["code"]:
        raise _Wrong("therapy_id", "neither therapy_id nor code says what was given")
    hours = _number(row, "hours")
    if hours is not None and not hours:
        raise _Wrong("hours", "a dose takes more than no time")
    begin = datetime.combine(_day(row, "date"), _time(row, "start_time") or time())
    minutes = None if hours is None else int(hours * 60)
    return DoseRecord(row["patient_id"], row["therapy_id"], row["code"].upper(), begin, minutes)


def _hold(row: Row) -> HoldRecord:
    return HoldRecord(row["patient_id"], row["therapy_id"], _span(row, "first", "last"))


def _stay(row: Row) -> StayRecord:
    span = _span(row, "admitted", "discharged")
    return StayRecord(row["patient_id"], span.first, span.last)


def _visit(row: Row) -> VisitRecord:
    day, begin, end = _day(row, "date"), _time(row, "start_time"), _time(row, "end_time")
    minutes = None
    if begin is not None and end is not None:
        if begin == end:
            raise _Wrong("end_time", "the visit ends when it begins")
        # A visit that ends at an earlier hour of the clock ends on the next day.
        minutes = int((datetime.combine(day, end) - datetime.combine(day, begin)) / timedelta(minutes=1)) % (24 * 60)
    return VisitRecord(
        row["patient_id"], datetime.combine(day, begin or time()), minutes, row["code"].upper(), row["licence"]
    )


def _balance(row: Row) -> BalanceRecord:
    numbers = {name: _number(row, name) for name in ("amount", "days", "visits", "units")}
    if all(number is None for number in numbers.values()):
        raise _Wrong("amount", "none of amount, days, visits and units is given")
    return BalanceRecord(row["patient_id"], row["limit"], row["period"], **numbers)


_RECORDS: dict[str, Callable[[Row], Any]] = {
    "therapies": _therapy,
    "doses": _dose,
    "holds": _hold,
    "stays": _stay,
    "visits": _visit,
    "balances": _balance,
}
TABLES = {name: Table(shape, _RECORDS[name]) for name, shape in SHAPES.items()}
