"""The small words that every record of a contract is built of: money, shares, dates, and which lines something
is about.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hitmodel.dates import Quarter
from hitmodel.errors import InputError


def _exact(value: Any) -> Any:
    """Take the numbers of TOML, which arrive as Decimal or int, and nothing else, for money and shares."""
    return Decimal(value) if type(value) is int else value


def _quarter(value: Any) -> Any:
    try:
        return Quarter.parse(str(value))
    except InputError:
        raise ValueError("is not a quarter") from None


MOST = 10_000_000
"""Dollars; an amount above it is a slip, and would not fit the whole numbers that pricing counts in."""

Exact = Annotated[Decimal, BeforeValidator(_exact)]
Rate = Annotated[Exact, Field(gt=0, le=MOST, description="dollars for each unit of the basis, above zero")]
Dollars = Annotated[Exact, Field(ge=0, le=MOST, description="dollars, zero or more")]
Share = Annotated[Exact, Field(ge=0, le=1, description="a fraction of 0 to 1: 85 percent is 0.85")]
Multiplier = Annotated[Exact, Field(gt=0, le=20, description="times the reference: 104 percent is 1.04")]
Change = Annotated[Exact, Field(gt=-1, lt=1, description="a yearly change as a fraction: 3 percent is 0.03")]
Decimals = Annotated[int, Field(ge=0, le=6, description="decimal places, a whole number of 0 to 6")]
Names = tuple[str, ...]
NamedQuarter = Annotated[Quarter, BeforeValidator(_quarter), Field(description="a quarter such as 2025Q3, in quotes")]


def _day_of_year(text: str) -> str:
    if re.fullmatch(r"\d\d-\d\d", text):
        try:
            date(2025, int(text[:2]), int(text[3:]))
        except ValueError:
            pass
        else:
            return text
    raise ValueError("is no day of every year, written as month-day such as 03-01")


DayOfYear = Annotated[str, AfterValidator(_day_of_year)]


def payer_key(name: str) -> str:
    """Return a payer's name as names are compared: without capitals, which X12 files write throughout."""
    return " ".join(name.split()).casefold()


class Record(BaseModel):
    """What every record of a contract shares: immutable, no key that it does not know, no text for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)


class Selector(Record):
    """Which lines something is about. Every list that is given must hold; an empty one does not matter.

    ``codes`` may name ranges of one letter, such as ``S9494..S9504``. ``modifiers``: the line carries any of them;
    ``all_modifiers``: every one; ``without_modifiers`` and the other ``without_`` lists: none. ``families`` names drugs
    whatever the maker: ``cefazolin`` is J0690 and the codes that some makers have of their own.
    """

    patients: Names = ()
    ndcs: Names = ()
    codes: Names = ()
    families: Names = ()
    modifiers: Names = ()
    all_modifiers: Names = ()
    without_modifiers: Names = ()
    places: Names = ()
    products: Names = ()
    classes: Names = ()
    roles: Names = ()
    without_codes: Names = ()
    without_families: Names = ()
    without_classes: Names = ()
    without_roles: Names = ()
    without_places: Names = ()
    without_products: Names = ()

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than a code: a modifier, a place, a product, or the lack of one."""
        asked = self.modifiers + self.all_modifiers + self.places + self.products
        return bool(asked + self.without_modifiers + self.without_places + self.without_products)


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Condition = Selector | tuple[Weekday, ...]
"""What can be so of a line on one of its days: a line of a selector is there too, or it is one of some weekdays."""


class DaySelector(Selector):
    """Lines on certain of their days.

    ``beside``: days on which the same patient has another line of that selector; ``alone``: days on which there is
    none. ``weekdays``: days such as ``["sat", "sun"]``. Lines that are counted by days are cut where that changes. Any
    other line of several days is priced where it comes out alike on all of them, and needs review otherwise.
    """

    beside: Selector | None = None
    alone: Selector | None = None
    weekdays: tuple[Weekday, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What must be known of a day before it can be said whether the selector fits a line on it."""
        asked = (self.beside, self.alone, self.weekdays)
        return tuple(condition for condition in asked if condition is not None and condition != ())

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than a code: as `Selector.narrows`, or for a certain day."""
        return super().narrows or bool(self.conditions)

    def holds(self, met: Container[Condition]) -> bool:
        """Say whether it fits a line on a day on which just these conditions are met."""
        return (
            (self.beside is None or self.beside in met)
            and (self.alone is None or self.alone not in met)
            and (not self.weekdays or self.weekdays in met)
        )


class Dated(Record):
    """Something in force from a day through a day; an open end is not limited."""

    effective_from: date | None = None
    effective_through: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.effective_from and self.effective_through and self.effective_through < self.effective_from:
            raise ValueError(
                f"effective_through {self.effective_through} lies before effective_from {self.effective_from}"
            )
        return self

    def in_force(self, day: date) -> bool:
        """Say whether ``day`` lies within the dates."""
        after = self.effective_from is None or self.effective_from <= day
        return after and (self.effective_through is None or day <= self.effective_through)
