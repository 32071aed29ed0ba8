"""An amount entered by hand for what the language cannot say. It stays flagged in every output."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from hitmodel.forms import Amount, Basis, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Dollars, Term


class Manual(Term):
    """``amount`` dollars for each ``per``, with the reason it was entered by hand in ``note``."""

    mechanism: Literal["manual"] = "manual"
    amount: Dollars
    per: Literal["day", "visit", "hour", "dose", "dispense", "unit", "case"] = "case"


def manual(kind: LineKind, term: Manual, look: Look) -> Outcome:
    """Price a kind of line at the amount that a person entered."""
    values = (("rate", term.amount), ("basis", term.per), ("note", term.note or "no reason given"))
    return Amount(Fraction(term.amount), Basis(term.per), (Step("entered by hand", values, term.cite),))


MECHANISM = Mechanism("manual", Manual, manual, "an amount entered by hand, flagged in every output")
