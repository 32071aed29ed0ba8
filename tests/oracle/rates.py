"""Dollar rates as they stand for a line on a day: phase-ins, changes, escalators, rounding before multiplication."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from oracle.contract_file import CannotPrice, Table, Version
from oracle.lines import Line
from oracle.money import half_up
from oracle.selecting import about

INDEXES = Path(__file__).resolve().parents[2] / "data" / "indexes"
MONTHS_AWAY = {"previous_month": -1, "next_month": 1, "previous_year": -12}


def rate_on(version: Version, term: Table, written: object, line: Line, day: date, field: str = "rate") -> Fraction:
    """The rate that the term's written dollars have become on ``day``."""
    rate = Fraction(written)  # type: ignore[arg-type]
    for phase in version.rows("phase_in"):
        if _touches(phase, term, line) and phase.get("field", "rate") == field:
            rate = _phased(rate, phase, day)
    for change in version.rows("rate_change"):
        if _touches(change, term, line):
            rate = half_up(rate * Fraction(change["factor"]), change.get("decimals", 2))
    for escalator in version.rows("escalator"):
        if _touches(escalator, term, line):
            rate = _escalated(rate, escalator, _changes(escalator, day, version.folder))
    return rounded_rate(version, rate)


def rounded_rate(version: Version, rate: Fraction) -> Fraction:
    """Round a rate where the contract says that rates are rounded before they are multiplied."""
    decimals = version.table("rounding").get("unit_rate")
    return rate if decimals is None else half_up(rate, decimals)


def _touches(rule: Table, term: Table, line: Line) -> bool:
    if rule.get("terms"):
        return term["id"] in rule["terms"]
    return about(rule.get("applies_to", {}), line)


def _phased(rate: Fraction, phase: Table, day: date) -> Fraction:
    """Equal steps from an earlier rate to the written one; with the last step it is the written one."""
    every, steps = phase.get("every_months", 12), phase["steps"]
    done = sum(months_after(phase["first"], n * every) <= day for n in range(steps))
    if done == steps:
        return rate
    start = Fraction(phase["from_rate"]) if "from_rate" in phase else rate * Fraction(phase["from_factor"])
    return half_up(start + (rate - start) * Fraction(done, steps), phase.get("decimals", 2))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    number = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(number // 12, number % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def _changes(escalator: Table, day: date, folder: Path) -> list[Fraction]:
    """The yearly changes that have come on or before ``day``."""
    found, carried, count = [], Fraction(0), 0
    while (on := months_after(escalator["first"], 12 * count)) <= day and on <= escalator.get("last", date.max):
        count += 1
        if on.year in escalator.get("skip", ()):
            continue
        if "percent" in escalator:
            found.append(Fraction(escalator["percent"]))
            continue
        due = _by_index(escalator, on, folder) * Fraction(escalator.get("times", 1))
        due += Fraction(escalator.get("plus", 0)) + carried
        applied = min(due, Fraction(escalator["cap"])) if "cap" in escalator else due
        applied = max(applied, Fraction(escalator["floor"])) if "floor" in escalator else applied
        carried = max(Fraction(0), due - applied) if escalator.get("carry_over") else Fraction(0)
        found.append(applied)
    return found


def _by_index(escalator: Table, on: date, folder: Path) -> Fraction:
    """The published change over the twelve months to the clause's month, rounded as published."""
    values, month = _index(escalator["index"], folder), escalator["index_month"]
    lag = escalator.get("index_lag_years", 0 if month < on.month else 1)
    to, missing = date(on.year - lag, month, 1), escalator.get("missing", "refuse")
    if "assumed" in escalator and to > max(values):
        return Fraction(escalator["assumed"])
    if missing in MONTHS_AWAY and not {to, months_after(to, -12)} <= set(values):
        to = months_after(to, MONTHS_AWAY[missing])
    change = _level(values, to, missing) / _level(values, months_after(to, -12), missing) - 1
    decimals = escalator.get("percent_decimals", 1)
    return half_up(change, decimals + 2)


def _level(values: dict[date, Fraction], month: date, missing: str) -> Fraction:
    if month in values:
        return values[month]
    around = [values.get(months_after(month, n)) for n in (-1, 1)]
    known = [value for value in around if value is not None]
    if missing != "average_of_neighbours" or len(known) < 2:
        raise CannotPrice(f"the index has no value for {month}")
    return sum(known, Fraction(0)) / 2


@cache
def _index(series: str, folder: Path) -> dict[date, Fraction]:
    own = folder / f"{series}.csv"
    path = own if own.is_file() else next(INDEXES.glob(f"*/{series}.csv"))
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {date.fromisoformat(f"{row['month']}-01"): Fraction(row["value"]) for row in rows}


def _escalated(rate: Fraction, escalator: Table, changes: list[Fraction]) -> Fraction:
    decimals = escalator.get("decimals", 2)
    if not changes:
        return rate
    if not escalator.get("compounding", True):
        return half_up(rate * (1 + sum(changes, Fraction(0))), decimals)
    if escalator.get("rounding", "each_year") == "at_end":
        for change in changes:
            rate *= 1 + change
        return half_up(rate, decimals)
    for change in changes:
        rate = half_up(rate * (1 + change), decimals)
    return rate
