"""A fixed amount for each visit, hour, dose, dispense, week, month, unit or case (catalogue 1.6, 4.6, 5.2, 9.8)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from hitmodel.forms import Amount, Basis, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Rate, Term


class Fixed(Term):
    """``rate`` dollars for each ``per``. Therapies given less often than every 72 hours take theirs here.

    Weeks and months are billed units unless ``counted`` says that they come from a line's days: ``started`` pays each
    week or month begun, ``prorated`` its exact part. Weeks, and a ``month`` of 28 or 30 days, are counted from the
    line's first day.
    """

    mechanism: Literal["fixed"] = "fixed"
    rate: Rate
    per: Literal["visit", "hour", "dose", "dispense", "week", "month", "unit", "ndc_unit", "case"]
    counted: Literal["billed", "started", "prorated"] = "billed"
    month: Literal["calendar", 28, 30] = "calendar"

    @model_validator(mode="after")
    def _counts_weeks_or_months(self) -> Self:
        if self.counted != "billed" and self.per not in ("week", "month"):
            raise ValueError(f'counted = "{self.counted}" goes with per = "week" or "month"')
        if "month" in self.model_fields_set and (self.per != "month" or self.counted == "billed"):
            raise ValueError('month goes with per = "month" and counted = "started" or "prorated"')
        return self

    @property
    def basis(self) -> Basis:
        """What the rate is multiplied by."""
        if self.counted == "billed":
            return Basis(self.per)
        if self.per == "week":
            return Basis(f"{self.counted}_week")
        length = "calendar" if self.month == "calendar" else f"{self.month}_day"
        return Basis(f"{self.counted}_{length}_month")


def fixed(kind: LineKind, term: Fixed, look: Look) -> Outcome:
    """Price a kind of line at a fixed amount for each unit of the basis that the term names."""
    rate, steps = look.rate(term.rate)
    step = Step("fixed rate", (("rate", rate), ("basis", term.basis.value)), term.cite)
    return Amount(rate, term.basis, (*steps, step))


MECHANISM = Mechanism("fixed", Fixed, fixed, "a fixed amount for each visit, hour, dose, dispense, unit or case")
