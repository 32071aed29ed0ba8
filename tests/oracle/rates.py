"""Dollar rates as they stand for a line on a day: changes, escalators, and rounding before multiplication."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from oracle.contract_file import Table, Version
from oracle.lines import Line
from oracle.money import half_up
from oracle.selecting import about


def rate_on(version: Version, term: Table, written: object, line: Line, day: date) -> Fraction:
    """The rate that the term's written dollars have become on ``day``."""
    rate = Fraction(written)  # type: ignore[arg-type]
    for change in version.rows("rate_change"):
        if _touches(change, term, line):
            rate = half_up(rate * Fraction(change["factor"]), change.get("decimals", 2))
    for escalator in version.rows("escalator"):
        if _touches(escalator, term, line):
            rate = _escalated(rate, escalator, _increases(escalator, day))
    return rounded_rate(version, rate)


def rounded_rate(version: Version, rate: Fraction) -> Fraction:
    """Round a rate where the contract says that rates are rounded before they are multiplied."""
    decimals = version.table("rounding").get("unit_rate")
    return rate if decimals is None else half_up(rate, decimals)


def _touches(rule: Table, term: Table, line: Line) -> bool:
    if rule.get("terms"):
        return term["id"] in rule["terms"]
    return about(rule.get("applies_to", {}), line)


def _increases(escalator: Table, day: date) -> int:
    """How many yearly increases lie on or before ``day``."""
    count, last = 0, escalator.get("last", date.max)
    while (on := _years_after(escalator["first"], count)) <= day and on <= last:
        count += 1
    return count


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def _escalated(rate: Fraction, escalator: Table, times: int) -> Fraction:
    percent, decimals = Fraction(escalator["percent"]), escalator.get("decimals", 2)
    if times == 0:
        return rate
    if not escalator.get("compounding", True):
        return half_up(rate * (1 + times * percent), decimals)
    if escalator.get("rounding", "each_year") == "at_end":
        return half_up(rate * (1 + percent) ** times, decimals)
    for _ in range(times):
        rate = half_up(rate * (1 + percent), decimals)
    return rate
