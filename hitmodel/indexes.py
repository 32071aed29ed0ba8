"""Published price indexes by month, and the change over twelve months that a contract may follow.

A month that the publisher never published is never guessed: the contract says what stands for it, or is refused.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from hitmodel import paths
from hitmodel.dates import month_spoken, parse_date
from hitmodel.errors import InputError, MissingReference, nearest
from hitmodel.imported import imported
from hitmodel.money import round_half_up

Missing = Literal["refuse", "previous_month", "next_month", "average_of_neighbours", "previous_year"]
COLUMNS = ("month", "value")


@dataclass(frozen=True)
class YearChange:
    """The change of an index over the twelve months that end with ``month`` (its first day).

    ``change`` is a fraction: 0.033 is 3.3 percent. ``note`` says what stood for a month that was never published.
    """

    month: date
    change: Fraction
    note: str = ""


@dataclass(frozen=True)
class Index:
    """A price index as published: ``values`` by the first day of each month, holes left as holes."""

    series: str
    title: str
    values: Mapping[date, Decimal]
    source: str

    @cached_property
    def last_month(self) -> date:
        """The newest month held."""
        return max(self.values)

    @cached_property
    def never_published(self) -> tuple[date, ...]:
        """Months between the first and the last held that have no value."""
        month, holes = min(self.values), []
        while month < self.last_month:
            if month not in self.values:
                holes.append(month)
            month = months_later(month, 1)
        return tuple(holes)

    def is_ahead(self, month: date) -> bool:
        """Say whether a month lies after the newest one held, so that it may still be published."""
        return month > self.last_month

    def change_to(self, month: date, missing: Missing = "refuse", percent_decimals: int | None = 1) -> YearChange:
        """Return the change over the twelve months to ``month``.

        Parameters
        ----------
        month : date
            First day of the month, such as 2025-09-01 for September 2025.
        missing : word
            What holds where either end was never published. ``previous_month`` and ``next_month``: the twelve months
            that end a month earlier or later; ``previous_year``: the same month's change a year earlier;
            ``average_of_neighbours``: the average of the index in the months before and after stands for the month.
        percent_decimals : int or None
            Decimals of a percent to which the change is rounded, as the publisher prints it: 1 for BLS. None for none.

        Raises
        ------
        MissingReference
            When a month is not held, is not yet published, or was never published and nothing stands for it.
        """
        taken, note = self._moved(month, missing)
        now, before = (self._value(m, missing) for m in (taken, months_later(taken, -12)))
        change = now / before - 1
        if percent_decimals is not None:
            change = round_half_up(change, percent_decimals + 2)
        return YearChange(taken, change, note or self._averaged(taken))

    def _moved(self, month: date, missing: Missing) -> tuple[date, str]:
        shift = {"previous_month": -1, "next_month": 1, "previous_year": -12}.get(missing)
        hole = self._hole(month)
        if hole is None or shift is None:
            return month, ""
        moved = months_later(month, shift)
        if self._hole(moved) is not None:
            raise self._not_held(hole, f"and {month_name(moved)}, which would stand for it, has a hole too")
        return moved, f"{month_name(hole)} was never published: the change to {month_name(moved)} stands for it"

    def _hole(self, month: date) -> date | None:
        ends = (month, months_later(month, -12))
        return next((m for m in ends if m in self.never_published), None)

    def _averaged(self, month: date) -> str:
        hole = self._hole(month)
        return f"{month_name(hole)} was never published: the average of its neighbours stands for it" if hole else ""

    def _value(self, month: date, missing: Missing) -> Fraction:
        if month in self.values:
            return Fraction(self.values[month])
        if month not in self.never_published:
            raise self._not_held(month)
        around = [self.values.get(months_later(month, n)) for n in (-1, 1)]
        if missing != "average_of_neighbours" or None in around:
            raise self._not_held(month)
        return sum((Fraction(v) for v in around if v is not None), Fraction(0)) / 2

    def _not_held(self, month: date, also: str = "") -> MissingReference:
        where = f"index {self.series} ({self.title})"
        if month in self.never_published:
            return MissingReference(
                f"{month_name(month)} was never published {also}".rstrip(),
                where=where,
                next_step='Say what stands for it, as the contract does: missing = "previous_month", "next_month", '
                '"average_of_neighbours" or "previous_year".',
            )
        first, last = month_name(min(self.values)), month_name(self.last_month)
        return MissingReference(
            f"{month_name(month)} is not held", where=where, expected=f"a month from {first} to {last}"
        )


def months_later(month: date, months: int) -> date:
    """Return the first day of the month ``months`` later (earlier when negative)."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def month_name(month: date) -> str:
    """Return a month as a person writes it: September 2025."""
    return month_spoken(month)


def read_index(path: Path) -> Index:
    """Read an index: a CSV of ``month`` (2025-09) and ``value``, and a TOML of that name saying where it is from.

    Lines that begin with ``#`` are remarks. Raises `InputError` naming file and row.
    """
    where, values = paths.shown(path), dict[date, Decimal]()
    try:
        rows = list(csv.DictReader(x for x in path.read_text(encoding="utf-8-sig").splitlines() if x[:1] != "#"))
    except OSError as error:
        raise InputError(f"the index cannot be read: {error.strerror}", where=where) from None
    for number, row in enumerate(rows, 2):
        if any(row.get(column) is None for column in COLUMNS):
            raise InputError("a column is missing", where=where, expected=", ".join(COLUMNS))
        month = parse_date(f"{row['month'].strip()}-01", f"{where} row {number}, month")
        if month in values:
            raise InputError(f"{row['month']} stands in it twice", where=f"{where} row {number}")
        values[month] = _level(row["value"].strip(), f"{where} row {number}, value")
    if not values:
        raise InputError("the index holds no month", where=where)
    about = path.with_suffix(".toml")
    facts = tomllib.loads(about.read_text(encoding="utf-8")) if about.is_file() else {}
    return Index(path.stem, str(facts.get("title", path.stem)), values, where)


def _level(text: str, where: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("nan")
    if not (value.is_finite() and value > 0):
        raise InputError(f"{text!r} is not an index value", where=where, expected="a number above zero")
    return value


def index_files(near: Path | None = None) -> dict[str, Path]:
    """Return the file of each index by series: those beside a contract file (``near``) before those imported, and
    those before the ones that ship.
    """
    shipped = {path.stem: path for path in sorted(paths.data("indexes").glob("*/*.csv"))}
    own = {path.stem: path for path in sorted(paths.located(near).resolve().parent.glob("*.csv"))} if near else {}
    return {**shipped, **{one.name: one.path / f"{one.name}.csv" for one in imported("index")}, **own}


def find_index(series: str, near: Path | None = None) -> Index:
    """Return an index by its series; `MissingReference` with the nearest name when there is none."""
    held = index_files(near)
    path = held.get(series)
    if path is None:
        raise MissingReference(
            f"there is no index '{series}'",
            expected="a series under data/indexes, one brought in with 'hitmodel import index', or a CSV of month and "
            "value beside the contract",
            suggestion=nearest(series, held),
            next_step=f"There are: {', '.join(index_files())}.",
        )
    return _read(path)


@lru_cache(maxsize=64)
def _read(path: Path) -> Index:
    return read_index(path)
