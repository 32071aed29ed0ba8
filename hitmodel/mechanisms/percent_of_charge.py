"""A share of the billed charge (catalogue 1.4, 4.7, 9.8)."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from hitmodel.forms import Amount, Basis, Min, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.money import as_decimal
from hitmodel.terms import Rate, Share, Term


class PercentOfCharge(Term):
    """``share`` of the charge, at most ``most`` dollars for each billed unit when that is given."""

    mechanism: Literal["percent_of_charge"] = "percent_of_charge"
    share: Share
    most: Rate | None = None


def percent_of_charge(kind: LineKind, term: PercentOfCharge, look: Look) -> Outcome:
    """Price a kind of line at a share of what was charged for it."""
    values = (("share", term.share), ("basis", "charge"))
    charged = Amount(Fraction(term.share), Basis.CHARGE, (Step("share of charge", values, term.cite),))
    if term.most is None:
        return charged
    most, steps = look.rate(term.most, "most")
    cap = Step("at most", (("rate", as_decimal(most)), ("basis", "unit")), term.cite)
    return Min((charged, Amount(most, Basis.UNIT, (*steps, cap))))


MECHANISM = Mechanism("percent_of_charge", PercentOfCharge, percent_of_charge, "a share of the billed charge")
