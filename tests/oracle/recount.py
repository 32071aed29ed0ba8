"""Units counted again from companion files, day by day, where a contract says so: days, visits, what only holds pay.

Only what a contract states is worked out; low and high dollars of lines without evidence are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from oracle.contract_file import Table, Version, version_on
from oracle.lines import ONE_DAY, Line
from oracle.selecting import about

Row = dict[str, str]
HOURS_OF = {"h": 1, "d": 24, "w": 168}


class Lacking(Exception):
    """The record that a clause asks for is not there."""


@dataclass
class Records:
    """Companion files by name, the day from which they are complete, and the contract's versions."""

    tables: dict[str, list[Row]]
    complete_from: date | None
    versions: list[Version]
    as_of: date | None = None

    def version(self, day: date) -> Version | None:
        return version_on(self.versions, self.as_of or day)

    def of(self, name: str, patient: str) -> list[Row]:
        return [row for row in self.tables.get(name, []) if row["patient_id"] == patient]

    def need(self, name: str, first: date) -> None:
        if name not in self.tables or (self.complete_from is not None and first < self.complete_from):
            raise Lacking(name)


def recount(lines: list[Line], records: Records) -> dict[str, str]:
    """Give lines their counted units and unpaid days; return why lines have no amount, by line id."""
    lacking: dict[str, str] = {}
    visiting: dict[tuple[str, str, date], list[Line]] = defaultdict(list)
    for line in lines:
        try:
            if line.by_days:
                _count_days(line, records)
            elif line.role == "nursing" and not line.paired and _visit_clause(line, records):
                for day in line.days:
                    visiting[line.patient, line.code, day].append(line)
        except Lacking as error:
            lacking[line.id] = str(error)
    for line in {line.id: line for members in visiting.values() for line in members}.values():
        try:
            _count_visits(line, records, visiting)
        except Lacking as error:
            if _visit_clause(line, records).get("missing", "review") == "review":
                lacking[line.id] = str(error)
    for line in (line for line in lines if line.id not in lacking):
        try:
            _hold_to_records(line, records)
        except Lacking as error:
            lacking[line.id] = str(error)
    return lacking


# --- days of therapy ----------------------------------------------------------------------------------------------


def _count_days(line: Line, records: Records) -> None:
    clauses = {repr(clause): clause for clause in (_days_clause(line, records.version(day)) for day in line.days)}
    if set(clauses) == {"{}"}:
        return
    if len(clauses) > 1:
        raise Lacking("one clause")
    (clause,) = clauses.values()
    try:
        _need_tables(line, clause, records)
        counts = [_units_by_day(line, clause, record, records) for record in _therapies(line, clause, records)]
    except Lacking:
        if clause.get("missing", "review") == "billed" and _is_bounded(line, clause):
            return
        raise
    merged: dict[date, int] = {}
    for count in counts:
        if any(merged.get(day, units) != units for day, units in count.items()):
            raise Lacking("one therapy")
        merged |= count
    line.count({day: Fraction(merged.get(day, 0)) for day in line.days})


def _is_bounded(line: Line, clause: Table) -> bool:
    """Whether something bounds what an assumption could come to: without bounds no assumption is made."""
    return clause["count"] != "doses" or (line.entry is not None and line.entry.dose_interval_hours is not None)


def _days_clause(line: Line, version: Version | None) -> Table:
    written = version.tables.get("days", {}) if version else {}
    clauses = written if isinstance(written, list) else [written, *written.get("otherwise", [])]
    about_it = [clause for clause in clauses if about(clause.get("applies_to", {"roles": ["per_diem"]}), line)]
    if not about_it or about_it[0].get("count", "billed") == "billed":
        return {}
    return {name: value for name, value in about_it[0].items() if name != "otherwise"}


def _need_tables(line: Line, clause: Table, records: Records) -> None:
    count = clause["count"]
    needed = {"stays"} if {"stay_edges", "inpatient_pays"} & set(clause) else set()
    if count == "access" or "doses" not in records.tables:
        needed.add("therapies")
    elif "therapies" not in records.tables:
        needed.add("doses")
    if count == "infusion_or_nursing":
        needed.add("visits")
    if count == "access" and not clause.get("holds_pay", True):
        needed.add("holds")
    for name in sorted(needed | ({"therapies", "doses", "stays", "holds"} & set(records.tables))):
        records.need(name, line.days[0])


def _therapies(line: Line, clause: Table, records: Records) -> list[Row]:
    """The therapies on record that the line can bill; where there are only doses, its own doses make one."""
    found = [
        row
        for row in records.of("therapies", line.patient)
        if (row["code"] == line.code if row.get("code") else row.get("therapy_class") == line.therapy_class)
        and date.fromisoformat(row["start"]) <= line.days[-1]
        and (not row.get("stop") or date.fromisoformat(row["stop"]) >= line.days[0])
    ]
    dosed = any(row.get("code") == line.code for row in records.of("doses", line.patient))
    if not found and clause["count"] != "access" and "therapies" not in records.tables and dosed:
        found = [{"code": line.code, "start": line.days[0].isoformat(), "stop": line.days[-1].isoformat()}]
    if not found:
        raise Lacking("therapy")
    return found


def _units_by_day(line: Line, clause: Table, therapy: Row, records: Records) -> dict[date, int]:
    """What each of the line's days within the therapy counts for."""
    interval = _interval(therapy.get("interval", ""))
    if interval is not None and interval > clause.get("limit_hours", 72):
        raise Lacking("a rate of its own")
    start = date.fromisoformat(therapy["start"])
    stop = date.fromisoformat(therapy["stop"]) if therapy.get("stop") else max(line.days[-1], start)
    holds = _days_of(records.of("holds", line.patient), "first", "last", therapy.get("therapy_id", ""))
    stays = [
        (date.fromisoformat(row["admitted"]), date.fromisoformat(row["discharged"]))
        for row in records.of("stays", line.patient)
    ]
    given = _given(line, clause, therapy, (start, stop), interval, holds, stays, records)
    found = {}
    for day in (day for day in line.days if start <= day <= stop):
        in_hospital = any(_stay_takes(stay, day, clause) for stay in stays) and not clause.get("inpatient_pays")
        if clause["count"] == "access":
            paid = 0 if day in holds and not clause.get("holds_pay", True) else 1
        else:
            paid = given.get(day, 0)
        found[day] = 0 if in_hospital else paid
    return found


def _interval(text: str) -> int | None:
    found = re.fullmatch(r"q?\s*(\d+)\s*([hdw])", text.strip().lower())
    return int(found[1]) * HOURS_OF[found[2]] if found else None


def _days_of(rows: list[Row], first: str, last: str, therapy_id: str) -> set[date]:
    """All days of holds of a therapy, or of all of a patient's."""
    days: set[date] = set()
    for row in rows:
        if row.get("therapy_id", "") in ("", therapy_id):
            day = date.fromisoformat(row[first])
            while day <= date.fromisoformat(row[last]):
                days.add(day)
                day += ONE_DAY
    return days


def _stay_takes(stay: tuple[date, date], day: date, clause: Table) -> bool:
    """Whether a hospital stay makes a day not payable; a stay without a night has one day that is both edges."""
    admitted, discharged = stay
    edges = clause.get("stay_edges", "both")
    if admitted == discharged:
        return day == admitted and edges == "neither"
    if day == admitted:
        return edges not in ("both", "admission")
    if day == discharged:
        return edges not in ("both", "discharge")
    return admitted < day < discharged


def _given(
    line: Line,
    clause: Table,
    therapy: Row,
    span: tuple[date, date],
    interval: int | None,
    holds: set[date],
    stays: list[tuple[date, date]],
    records: Records,
) -> dict[date, int]:
    """What was given on each day, as recorded, or as ordered where the clause lets the order stand."""
    count, continuous = clause["count"], therapy.get("interval", "").lower() == "continuous"
    if count == "access":
        return {}
    every = records.of("doses", line.patient)
    own = [row for row in every if row.get("therapy_id") and row["therapy_id"] == therapy.get("therapy_id")]
    by_code = [row for row in every if not row.get("therapy_id") and row.get("code") == therapy.get("code") != ""]
    doses = own or by_code
    if not doses and interval is None and not continuous:
        raise Lacking("doses or an interval")
    if not doses and not (clause.get("as_ordered") and _is_bounded(line, clause)):
        raise Lacking("doses")
    if count == "elapsed_24h":
        if continuous and (not doses or any(not row.get("hours") for row in doses)):
            raise Lacking("hours")
        if doses and all(row.get("hours") for row in doses):
            return dict.fromkeys(_full_days(doses), 1)
    if count == "doses" and not doses and interval is None:
        raise Lacking("doses")
    days = [date.fromisoformat(row["date"]) for row in doses] if doses else _planned(span, interval, holds, stays)
    if count == "doses":
        return {day: days.count(day) for day in days}
    if count == "infusion_or_nursing":
        days += [date.fromisoformat(row["date"]) for row in records.of("visits", line.patient)]
    return dict.fromkeys(days, 1)


def _full_days(doses: list[Row]) -> list[date]:
    """A day for each completed 24 hours of a run, at least one, from the day on which it begins."""
    days = []
    for row in doses:
        full = max(1, int(Fraction(row["hours"]) // 24))
        days += [date.fromisoformat(row["date"]) + n * ONE_DAY for n in range(full)]
    return days


def _planned(
    span: tuple[date, date], interval: int | None, holds: set[date], stays: list[tuple[date, date]]
) -> list[date]:
    """The days of the doses that an order plans, none on hold or wholly in hospital; a continuous one every day."""
    hours = ((span[1] - span[0]).days + 1) * 24
    days = [span[0] + timedelta(hour // 24) for hour in range(0, hours, interval or 24)]
    return [d for d in days if d not in holds and not any(admitted < d < out for admitted, out in stays)]


# --- nursing visits -----------------------------------------------------------------------------------------------


def _visit_clause(line: Line, records: Records) -> Table:
    version = records.version(line.days[0])
    clause = version.table("nursing") if version else {}
    return clause if clause.get("hours", "billed") != "billed" else {}


def _count_visits(line: Line, records: Records, lines: dict[tuple[str, str, date], list[Line]]) -> None:
    clause = _visit_clause(line, records)
    records.need("visits", line.days[0])
    entry = line.entry
    if entry is None or entry.billing_basis not in ("per_visit", "per_hour"):
        raise Lacking("a code of visits or hours")
    total, seen = Fraction(0), 0
    for day in line.days:
        rows = [row for row in records.of("visits", line.patient) if row["date"] == day.isoformat()]
        rows.sort(key=lambda row: row.get("start_time") or "00:00")
        seen += len(rows)
        others = lines[line.patient, line.code, day]
        if len(others) > 1:
            if len(others) != len(rows):
                raise Lacking("a visit for each line")
            rows = [rows[others.index(line)]]
        total += _visit_units(rows, clause, entry.billing_basis)
    if not seen:
        raise Lacking("visit")
    line.count({day: total / len(line.days) for day in line.days})


def _visit_units(rows: list[Row], clause: Table, basis: str) -> Fraction:
    """Visits, or the hours beyond the first of each."""
    added_on = clause.get("second_visit") == "as_added_hours"
    if basis == "per_visit":
        return Fraction(min(len(rows), 1) if added_on else len(rows))
    total = Fraction(0)
    for number, row in enumerate(rows):
        if not row.get("start_time") or not row.get("end_time"):
            raise Lacking("time")
        minutes = _minutes(row["start_time"], row["end_time"])
        first = 0 if added_on and number else clause.get("first_minutes", 120)
        total += _hours(minutes - first, clause["hours"])
    return total


def _minutes(start: str, end: str) -> int:
    """Minutes from one time of day to another; an earlier end is on the next day."""
    begin, until = (datetime.combine(date.min, time.fromisoformat(text)) for text in (start, end))
    return int((until - begin).total_seconds() // 60) % (24 * 60)


def _hours(minutes: int, how: str) -> Fraction:
    if minutes <= 0:
        return Fraction(0)
    if how == "quarter_hour":
        return Fraction(-(-minutes // 15), 4)
    needed = {"whole": 60, "any_part": 1, "minutes_31": 31}[how]
    return Fraction(minutes // 60 + (minutes % 60 >= needed))


# --- what only holds pay ------------------------------------------------------------------------------------------


def _hold_to_records(line: Line, records: Records) -> None:
    """Take the days on which no hold is on record from lines that are paid only during one."""
    barred: set[date] = set()
    for day in line.days:
        version = records.version(day)
        for rule in version.rows("paid_only") if version else []:
            if about(rule["lines"], line) and day not in _held(rule, line, day, records):
                barred.add(day)
    if barred and not line.by_days and len(barred) < len(line.days):
        raise Lacking("days of units")
    line.unpaid |= barred
    if line.day_units is not None and barred:
        line.count({day: Fraction(0) if day in barred else units for day, units in line.day_units.items()})


def _held(rule: Table, line: Line, day: date, records: Records) -> set[date]:
    version_days = [d for d in line.days if records.version(d) is records.version(day)]
    try:
        records.need("holds", version_days[0])
    except Lacking:
        if rule.get("undocumented", "review") == "review":
            raise
        return set()
    days: set[date] = set()
    for row in records.of("holds", line.patient):
        whole = _days_of([row], "first", "last", row.get("therapy_id", ""))
        if len(whole) <= rule.get("most_days", len(whole)):
            days |= whole
    return days
