"""Days, spans of days, quarters. Every span counts both its ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hitmodel.errors import InputError

ONE_DAY = timedelta(days=1)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_date(text: str, where: str = "") -> date:
    """Read an ISO date such as 2025-03-09; raise `InputError` naming ``where`` otherwise."""
    if _ISO.fullmatch(text.strip()):
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            pass
    raise InputError(f"{text!r} is not a date", where=where, expected="a calendar date as YYYY-MM-DD")


def typed_date(text: str, where: str = "") -> date:
    """Read a day that a person types: 2025-06-30, or 6/30/2025, month first; raise `InputError` otherwise."""
    found = _MONTH_FIRST.fullmatch(text.strip())
    return parse_date(f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}" if found else text, where)


@dataclass(frozen=True, order=True)
class Span:
    """A run of calendar days from ``first`` to ``last``, both counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError(f"the span ends on {self.last}, before it starts on {self.first}")

    @property
    def days(self) -> int:
        """Number of days, both ends counted: 3 to 9 March is 7."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + i * ONE_DAY for i in range(self.days))

    def meet(self, other: Span) -> Span | None:
        """Return the days that both spans hold, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter, written 2025Q3."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """Return the quarter that holds ``day``."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def parse(cls, text: str, where: str = "") -> Quarter:
        """Read a quarter such as 2025Q3; raise `InputError` otherwise."""
        if not re.fullmatch(r"\d{4}Q[1-4]", text):
            raise InputError(f"{text!r} is not a quarter", where=where, expected="a quarter such as 2025Q3")
        return cls(int(text[:4]), int(text[5]))

    def shift(self, quarters: int) -> Quarter:
        """Return the quarter ``quarters`` later (earlier when negative)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(index // 4, index % 4 + 1)

    def apart(self, other: Quarter) -> int:
        """Return how many quarters lie between this one and another, 0 for the same."""
        return abs((self.year - other.year) * 4 + self.number - other.number)

    @property
    def span(self) -> Span:
        """First to last day of the quarter."""
        after = self.shift(1)
        return Span(date(self.year, 3 * self.number - 2, 1), date(after.year, 3 * after.number - 2, 1) - ONE_DAY)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def spoken(day: date) -> str:
    """Return a day as a reader says it: 1 January 2027."""
    return f"{day.day} {month_spoken(day)}"


def month_spoken(day: date) -> str:
    """Return a month as a reader says it: January 2027; the same words on a computer that speaks another language."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def month_end(day: date) -> date:
    """Return the last day of the month that holds ``day``."""
    return (day.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY


def add_years(day: date, years: int) -> date:
    """Return the same day ``years`` later; 29 February becomes 28 February where it must."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the month's last day where it must."""
    number = day.year * 12 + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))
