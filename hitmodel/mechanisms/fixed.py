"""A fixed amount for each visit, hour, dose, dispense, week, month, unit or case (catalogue 1.6, 4.6, 5.2, 9.8)."""

from __future__ import annotations

from typing import Literal

from hitmodel.forms import Amount, Basis, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.money import as_decimal
from hitmodel.terms import Rate, Term


class Fixed(Term):
    """``rate`` dollars for each ``per``. Therapies given less often than every 72 hours take theirs here."""

    mechanism: Literal["fixed"] = "fixed"
    rate: Rate
    per: Literal["visit", "hour", "dose", "dispense", "week", "month", "unit", "ndc_unit", "case"]


def fixed(kind: LineKind, term: Fixed, look: Look) -> Outcome:
    """Price a kind of line at a fixed amount for each unit of the basis that the term names."""
    rate, steps = look.rate(term.rate)
    step = Step("fixed rate", (("rate", as_decimal(rate)), ("basis", term.per)), term.cite)
    return Amount(rate, Basis(term.per), (*steps, step))


MECHANISM = Mechanism("fixed", Fixed, fixed, "a fixed amount for each visit, hour, dose, dispense, unit or case")
