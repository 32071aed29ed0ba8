"""What a mechanism is given: one kind of line, its own term, and a way to look references up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.dates import ONE_DAY, Quarter
from hitmodel.errors import ContractError
from hitmodel.forms import Outcome, Step
from hitmodel.money import round_half_up
from hitmodel.price_calendar import limit_quarter, limit_starts, ndc_day, ndc_starts
from hitmodel.prices import NdcPriceTable, PaymentLimits
from hitmodel.terms import DrugPrices, Names, Rounding, Selector, Term
from hitmodel.vocabulary import Condition

DAY_ROLES = ("per_diem", "catheter_care")


@dataclass(frozen=True)
class LineKind:
    """What distinguishes a line from others for a contract: everything but its dates, quantities and patient.

    ``known`` names the quantities that the line does not always have (``ndc_quantity``, ``cost``, ``charge``) and
    this one has.
    ``units_factor`` is other than 1, and ``billed_code`` other than ``code``, only where an ended code is carried to
    its successor. ``patient`` is set only for patients whom a contract names, ``day_facts`` only on days on which
    something is so that a contract asks about.
    """

    code: str
    modifiers: frozenset[str] = frozenset()
    place: str = ""
    product: str = ""
    ndc: str = ""
    ndc_unit: str = ""
    role: str = ""
    therapy_class: str = ""
    family: str = ""
    patient: str = ""
    billed_code: str = ""
    known: frozenset[str] = frozenset()
    units_factor: Fraction = field(default=Fraction(1), hash=False)  # slow to hash, and the codes tell it
    day_facts: frozenset[Condition] = frozenset()

    @property
    def is_by_day(self) -> bool:
        """Whether units are days, so that a span can be cut into days."""
        return self.role in DAY_ROLES


@dataclass(frozen=True)
class RateRow:
    """One row of a rate schedule, by code or, with ``ndc``, for each NDC unit of a product (``unit``: UN, ML, GR…).

    ``modifier`` holds none, one or several, parted by spaces; a line must carry them all.
    """

    code: str
    rate: Decimal
    modifier: str
    first_day: date | None
    last_day: date | None
    ndc: str = ""
    unit: str = ""

    def in_force(self, day: date) -> bool:
        """Say whether the row holds on ``day``."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    @property
    def modifiers(self) -> frozenset[str]:
        """The modifiers that a line must carry."""
        return frozenset(self.modifier.split())

    @property
    def edges(self) -> tuple[date, ...]:
        """The days on which the row begins to hold, and no longer holds."""
        after = (self.last_day + ONE_DAY,) if self.last_day else ()
        return ((self.first_day,) if self.first_day else ()) + after


def row_of(rows: Iterable[RateRow], code: str, kind: LineKind, schedule: str) -> RateRow | None:
    """Return the row for a code: of those whose modifiers the line all carries, the one with the most; None for none.

    Raises `ContractError` where two rows have as many.
    """
    fitting = [row for row in rows if row.code == code and not row.ndc and row.modifiers <= kind.modifiers]
    most = max((len(row.modifiers) for row in fitting), default=0)
    best = [row for row in fitting if len(row.modifiers) == most]
    if len(best) > 1:
        one, other = (row.modifier for row in best[:2])
        raise ContractError(
            f"its rows for {code} with {one} and with {other} fit a line with both equally well",
            where=f"schedule '{schedule}'",
            next_step=f"Add a row with both modifiers: {one} {other}.",
        )
    return best[0] if best else None


@dataclass(frozen=True)
class RateRule:
    """A rate change or an escalator as it stands in one period: ``factors`` are applied one after another.

    Each step is rounded half-up to ``decimals``.
    """

    name: str
    values: tuple[tuple[str, object], ...]
    factors: tuple[Fraction, ...]
    decimals: int
    terms: Names
    applies_to: Selector
    cite: str = ""

    def speaks_of(self, name: str) -> bool:
        """Say whether this rule is about the dollar field ``name`` of a term."""
        return True

    def apply(self, rate: Fraction) -> Fraction:
        """Return the rate that this rule makes of ``rate`` [dollars]."""
        for factor in self.factors:
            rate = round_half_up(rate * factor, self.decimals)
        return rate


@dataclass(frozen=True)
class PhaseRule(RateRule):
    """A phase-in as it stands in one period: ``done`` of the way from an earlier rate to the written one.

    The earlier rate is ``from_rate`` dollars, or ``from_factor`` times the written rate; ``field`` is the one dollar
    field that is meant.
    """

    field: str = "rate"
    from_rate: Fraction | None = None
    from_factor: Fraction | None = None
    done: Fraction = Fraction(1)

    def speaks_of(self, name: str) -> bool:
        """Say whether this phase-in is about the dollar field ``name`` of a term."""
        return name == self.field

    def apply(self, rate: Fraction) -> Fraction:
        """Return the rate that the phase-in has come to on the way to ``rate`` [dollars]."""
        start = self.from_rate if self.from_rate is not None else rate * (self.from_factor or 1)
        return round_half_up(start + (rate - start) * self.done, self.decimals)


@dataclass(frozen=True)
class Look:
    """References as they stand for one line kind at one moment.

    ``day`` picks terms and schedule rows, ``price_day`` drug prices. ``rules`` are the rate changes and escalators
    that touch the governing term.
    """

    day: date
    price_day: date
    codes: CodeTable
    limits: PaymentLimits
    ndc_prices: NdcPriceTable | None
    schedules: Mapping[str, tuple[RateRow, ...]]
    drug_prices: DrugPrices
    rounding: Rounding
    rules: tuple[RateRule, ...] = ()

    def at(self, price_day: date, rules: tuple[RateRule, ...]) -> Look:
        """Return the same references for another price day, with the rules that touch a term."""
        if (price_day, rules) == (self.price_day, self.rules):
            return self
        return replace(self, price_day=price_day, rules=rules)

    def entry(self, kind: LineKind) -> CodeEntry | None:
        """Return the code table's row for the line's code."""
        return self.codes.entry(kind.code)

    def rate(self, written: Fraction | Decimal, name: str = "rate") -> tuple[Fraction, tuple[Step, ...]]:
        """Return a dollar rate as it stands at this moment, and the steps from the rate as written.

        Rate changes and escalators come first, then the contract's own rounding of rates.
        """
        rate, steps = Fraction(written), []
        for rule in (rule for rule in self.rules if rule.speaks_of(name)):
            before, rate = rate, rule.apply(rate)
            change = (("field", name), ("before", before), *rule.values, ("after", rate))
            steps.append(Step(rule.name, change, rule.cite))
        rate, rounded = self.unit_rate(rate)
        return rate, (*steps, *rounded)

    def unit_rate(self, rate: Fraction) -> tuple[Fraction, tuple[Step, ...]]:
        """Round a rate where the contract says that rates are rounded before they are multiplied."""
        decimals = self.rounding.unit_rate
        if decimals is None or round_half_up(rate, decimals) == rate:
            return rate, ()
        rounded = round_half_up(rate, decimals)
        return rounded, (Step("rate rounded", (("rate", rate), ("to", rounded)), ""),)

    def quarter(self) -> Quarter:
        """Return the payment limit quarter that this contract uses on the moment's price day."""
        return limit_quarter(self.drug_prices, self.price_day)

    def ndc_day(self) -> date:
        """Return the day whose NDC prices this contract uses on the moment's price day."""
        return ndc_day(self.drug_prices, self.price_day)

    def limit_starts(self) -> frozenset[date]:
        """Return the days on which this contract begins to use another quarter's payment limits."""
        return limit_starts(self.drug_prices, self.limits.quarters)

    def ndc_starts(self) -> frozenset[date]:
        """Return the days on which this contract begins to use other NDC prices."""
        return ndc_starts(self.drug_prices, self.ndc_prices.change_days) if self.ndc_prices else frozenset()


@dataclass(frozen=True)
class Mechanism:
    """A payment method: its name in contract files, what its term may say, and the rule itself."""

    name: str
    model: type[Term]
    price: Callable[[LineKind, Any, Look], Outcome]
    summary: str
