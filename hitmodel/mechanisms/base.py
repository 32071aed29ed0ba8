"""What a mechanism is given: one kind of line, its own term, and a way to look references up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.dates import Quarter
from hitmodel.forms import Outcome, Step
from hitmodel.money import as_decimal, round_half_up
from hitmodel.prices import NdcPriceTable, PaymentLimits
from hitmodel.terms import DrugPrices, Rounding, Term


@dataclass(frozen=True)
class LineKind:
    """What distinguishes a line from others for a contract: everything but its dates, quantities and patient.

    ``known`` names the quantities that the line does not always have (``ndc_quantity``, ``cost``, ``charge``) and
    this one has.
    ``units_factor`` is other than 1, and ``billed_code`` other than ``code``, only where an ended code is carried to
    its successor. ``patient`` is set only for patients whom a contract names.
    """

    code: str
    modifiers: frozenset[str] = frozenset()
    place: str = ""
    product: str = ""
    ndc: str = ""
    ndc_unit: str = ""
    role: str = ""
    therapy_class: str = ""
    patient: str = ""
    billed_code: str = ""
    known: frozenset[str] = frozenset()
    units_factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class RateRow:
    """One row of a rate schedule."""

    code: str
    rate: Decimal
    modifier: str
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class Look:
    """References as they stand for one moment: the day that picks terms, and the day that picks drug prices."""

    day: date
    price_day: date
    codes: CodeTable
    limits: PaymentLimits
    ndc_prices: NdcPriceTable | None
    schedules: Mapping[str, tuple[RateRow, ...]]
    drug_prices: DrugPrices
    rounding: Rounding

    def at(self, day: date, price_day: date) -> Look:
        """Return the same references for another moment."""
        return replace(self, day=day, price_day=price_day)

    def entry(self, kind: LineKind) -> CodeEntry | None:
        """Return the code table's row for the line's code, on the moment's day."""
        return self.codes.get(kind.code, self.day)

    def unit_rate(self, rate: Fraction) -> tuple[Fraction, tuple[Step, ...]]:
        """Round a rate where the contract says that rates are rounded before they are multiplied."""
        decimals = self.rounding.unit_rate
        if decimals is None or round_half_up(rate, decimals) == rate:
            return rate, ()
        rounded = round_half_up(rate, decimals)
        return rounded, (Step("rate rounded", (("rate", as_decimal(rate)), ("to", as_decimal(rounded))), ""),)

    def quarter(self) -> Quarter:
        """Return the payment limit quarter that this contract uses on the moment's price day."""
        if self.drug_prices.quarter is not None:
            return self.drug_prices.quarter
        return Quarter.of(self.price_day).shift(-self.drug_prices.quarter_lag)


@dataclass(frozen=True)
class Mechanism:
    """A payment method: its name in contract files, what its term may say, and the rule itself."""

    name: str
    model: type[Term]
    price: Callable[[LineKind, Any, Look], Outcome]
    summary: str
