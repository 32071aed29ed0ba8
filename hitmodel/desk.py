"""What every step of billing an order has before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hitmodel.billing_rules import BillingRules
from hitmodel.codes import CodeTable
from hitmodel.orders import Order, TherapyOrder
from hitmodel.perdiem import DayRules, Run, Stay, Therapy
from hitmodel.regimen import code_spans

DayRate = Callable[[str, date], Fraction | None]
"""Gives the daily rate of a code on a day [dollars per day], None when it is not known."""


@dataclass(frozen=True)
class Desk:
    """The order, the contract's conventions, the codes, and rates where they are known."""

    order: Order
    rules: BillingRules
    table: CodeTable
    rate: DayRate | None = None

    def where(self, therapy: TherapyOrder) -> str:
        """Return the place to name in an error."""
        return f"{self.order.file or 'the order'}, therapy '{therapy.id}'"

    def in_suite(self, therapy: TherapyOrder | None = None) -> bool:
        """Say whether the therapy, or the order when there is none, is given in the infusion suite."""
        return ((therapy.place if therapy else None) or self.order.place) == "suite"

    def place(self, therapy: TherapyOrder | None = None) -> str:
        """Return the place of service code."""
        return self.rules.suite_place if self.in_suite(therapy) else self.rules.home_place

    @property
    def stays(self) -> tuple[Stay, ...]:
        """The patient's hospital stays."""
        return tuple(Stay(stay.admitted, stay.discharged) for stay in self.order.stay)

    def day_rules(self, therapy: TherapyOrder) -> DayRules:
        """Return how the days of a therapy are counted: as its first code's are, if it has one.

        Raises `InputError` as `hitmodel.regimen.code_spans` does.
        """
        if not self.rules.days_of:
            return self.rules.days
        spans = code_spans(therapy, self.rules, self.table, self.where(therapy))
        return self.rules.days_for(next((choice.code for _, choice in spans if choice.code), ""))

    def given(self, therapy: TherapyOrder) -> Therapy:
        """Return the therapy as the counting of days wants it. Evidence outside its dates is left out."""
        span = therapy.span
        return Therapy(
            start=therapy.start,
            stop=therapy.stop,
            interval_hours=therapy.interval_hours,
            holds=tuple(hold.span for hold in therapy.holds),
            stays=self.stays,
            dose_dates=None if therapy.doses is None else tuple(day for day in therapy.doses if day in span),
            visit_dates=tuple(visit.begin.date() for visit in self.order.visit),
            runs=None if therapy.runs is None else tuple(Run(run.begin, run.end) for run in therapy.runs),
        )
