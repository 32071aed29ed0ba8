"""Price forms: the small closed algebra in which everything a contract says about one line is written.

A form is worked out once for each kind of line and period; `value` then prices any quantity of it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from hitmodel.status import Status


class Basis(StrEnum):
    """What a rate is multiplied by."""

    DAY = "day"
    DOSE = "dose"
    HOUR = "hour"
    VISIT = "visit"
    DISPENSE = "dispense"
    WEEK = "week"
    MONTH = "month"
    UNIT = "unit"
    NDC_UNIT = "ndc_unit"
    CHARGE = "charge"
    COST = "cost"
    CASE = "case"
    LINE = "line"
    SERVICE_DAY = "service_day"
    DISPENSED = "dispensed"
    BESIDE_UNIT = "unit_beside"
    STARTED_WEEK = "started_week"
    PRORATED_WEEK = "prorated_week"
    STARTED_MONTH = "started_calendar_month"
    PRORATED_MONTH = "prorated_calendar_month"
    STARTED_28_DAYS = "started_28_day_month"
    PRORATED_28_DAYS = "prorated_28_day_month"
    STARTED_30_DAYS = "started_30_day_month"
    PRORATED_30_DAYS = "prorated_30_day_month"

    @property
    def source(self) -> str:
        """Column of the line that holds the quantity: billed units, NDC quantity, charge, cost, one a line, days from
        first to last, what was dispensed at once, or units on the lines beside it (given beside waste, wasted beside
        the rest).
        """
        return f"{PERIOD}{self.value}" if self in PERIODS else _SOURCES.get(self, "units")


_SOURCES = {
    Basis.NDC_UNIT: "ndc_quantity",
    Basis.CHARGE: "charge",
    Basis.COST: "cost",
    Basis.CASE: "case",
    Basis.LINE: "case",
    Basis.SERVICE_DAY: "service_days",
    Basis.DISPENSED: "dispenses",
    Basis.BESIDE_UNIT: "beside",
}


PERIOD = "period:"
"""Begins the names of quantities that come of a line's days: weeks and months."""
PERIODS: dict[Basis, tuple[int | None, bool]] = {
    Basis.STARTED_WEEK: (7, True),
    Basis.PRORATED_WEEK: (7, False),
    Basis.STARTED_MONTH: (None, True),
    Basis.PRORATED_MONTH: (None, False),
    Basis.STARTED_28_DAYS: (28, True),
    Basis.PRORATED_28_DAYS: (28, False),
    Basis.STARTED_30_DAYS: (30, True),
    Basis.PRORATED_30_DAYS: (30, False),
}
"""Length of each period [days], None for calendar months, and whether it counts whole once it is begun."""


@dataclass(frozen=True)
class Step:
    """One step of the working: what was done, with which values, under which clause.

    ``values`` are (name, value) pairs; text is made of them only when someone asks for it.
    """

    name: str
    values: tuple[tuple[str, object], ...] = ()
    cite: str = ""


@dataclass(frozen=True)
class Amount:
    """``rate`` dollars for each unit of ``basis``."""

    rate: Fraction
    basis: Basis
    steps: tuple[Step, ...] = field(default=(), compare=False)

    def value(self, quantities: Mapping[str, Fraction]) -> Fraction:
        """Return dollars for ``quantities`` (one for each source column that the form uses)."""
        return self.rate * quantities[self.basis.source]


@dataclass(frozen=True)
class Sum:
    """The parts added together, such as a drug and its dispensing fee."""

    parts: tuple[PriceForm, ...]
    steps: tuple[Step, ...] = field(default=(), compare=False)

    def value(self, quantities: Mapping[str, Fraction]) -> Fraction:
        """Return dollars for ``quantities``."""
        return sum((p.value(quantities) for p in self.parts), Fraction(0))


@dataclass(frozen=True)
class Min:
    """The least of the parts by magnitude, so that a void takes back what its claim was paid."""

    parts: tuple[PriceForm, ...]
    steps: tuple[Step, ...] = field(default=(), compare=False)

    def value(self, quantities: Mapping[str, Fraction]) -> Fraction:
        """Return dollars for ``quantities``."""
        return min((p.value(quantities) for p in self.parts), key=abs)


@dataclass(frozen=True)
class Max:
    """The greatest of the parts by magnitude."""

    parts: tuple[PriceForm, ...]
    steps: tuple[Step, ...] = field(default=(), compare=False)

    def value(self, quantities: Mapping[str, Fraction]) -> Fraction:
        """Return dollars for ``quantities``."""
        return max((p.value(quantities) for p in self.parts), key=abs)


@dataclass(frozen=True)
class Tier:
    """Marginal rates: each band's rate holds for the units above ``over``; bands rise from 0."""

    bands: tuple[tuple[Fraction, Fraction], ...]
    basis: Basis
    steps: tuple[Step, ...] = field(default=(), compare=False)

    def value(self, quantities: Mapping[str, Fraction]) -> Fraction:
        """Return dollars for ``quantities``; negative quantities mirror positive ones."""
        quantity = quantities[self.basis.source]
        size, total = abs(quantity), Fraction(0)
        edges = [over for over, _ in self.bands[1:]] + [size]
        for (over, rate), edge in zip(self.bands, edges, strict=True):
            total += max(Fraction(0), min(size, edge) - over) * rate
        return total if quantity >= 0 else -total


@dataclass(frozen=True)
class Running:
    """What the line adds to a running count: ``total`` at the count after it, less ``total`` at the count before it.

    ``counter`` names the episode that counts. Units that went before come as the quantity ``before:<counter>``.
    """

    total: PriceForm
    counter: str
    steps: tuple[Step, ...] = field(default=(), compare=False)

    @property
    def before(self) -> str:
        """Name of the quantity that holds the count before the line."""
        return f"{BEFORE}{self.counter}"

    def value(self, quantities: Mapping[str, Fraction]) -> Fraction:
        """Return dollars for ``quantities``; a void mirrors the line that it takes back."""
        before, units = quantities[self.before], quantities["units"]
        added = self._reached(before + abs(units)) - self._reached(before)
        return added if units >= 0 else -added

    def _reached(self, count: Fraction) -> Fraction:
        return self.total.value({"units": count, "case": Fraction(1 if count > 0 else 0)})


BEFORE = "before:"
PriceForm: TypeAlias = Amount | Sum | Min | Max | Tier | Running
Held: TypeAlias = tuple[type[Min] | type[Max], PriceForm]


def sources(form: PriceForm) -> frozenset[str]:
    """Return the line columns that ``form`` needs to be priced."""
    if isinstance(form, Amount | Tier):
        return frozenset({form.basis.source})
    if isinstance(form, Running):
        return frozenset({"units", form.before})
    return frozenset().union(*(sources(p) for p in form.parts))


def apart(form: PriceForm) -> tuple[PriceForm, tuple[Held, ...]]:
    """Split a form into what prices a part of a line and, inmost first, the bounds that hold the parts together.

    A bound for each line holds the whole line, and so does every bound around it.
    """
    if isinstance(form, Min | Max) and len(form.parts) == 2:
        inside, bound = form.parts
        priced, held = apart(inside)
        if held or (isinstance(bound, Amount) and bound.basis is Basis.LINE):
            return priced, (*held, (type(form), bound))
    return form, ()


def is_by_day(form: PriceForm) -> bool:
    """Say whether a form is so much a day, whatever the line's other quantities: its value grows as its days do."""
    if isinstance(form, Amount):
        return form.basis is Basis.DAY
    return isinstance(form, Sum | Min | Max) and all(is_by_day(part) for part in form.parts)


def scaled(form: PriceForm, by: Fraction, basis: Basis | None = None) -> PriceForm:
    """Return ``by`` times a form, without its steps; ``basis`` takes the place of the bases of its rates."""
    match form:
        case Amount():
            return Amount(form.rate * by, basis or form.basis)
        case Tier():
            return Tier(tuple((over, rate * by) for over, rate in form.bands), basis or form.basis)
        case Running():
            return Running(scaled(form.total, by, basis), form.counter)
        case _:
            return type(form)(tuple(scaled(part, by, basis) for part in form.parts))


@dataclass(frozen=True)
class Known:
    """The contract says the line pays nothing of its own: ``bundled`` or ``not_covered``, a known 0.00."""

    status: Status
    reason: str
    steps: tuple[Step, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Unpriced:
    """No amount can be said: ``contract_silent`` or ``needs_review``, with the reason."""

    status: Status
    reason: str
    steps: tuple[Step, ...] = field(default=(), compare=False)


Outcome: TypeAlias = PriceForm | Known | Unpriced
