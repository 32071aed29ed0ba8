"""A share of the billed charge (catalogue 1.4, 4.7, 9.8)."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from hitmodel.forms import Amount, Basis, Min, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Names, Rate, Share, Term


class PercentOfCharge(Term):
    """``share`` of the charge, at most ``most`` dollars for each billed unit when that is given."""

    dollar_fields: ClassVar[Names] = ("most",)
    mechanism: Literal["percent_of_charge"] = "percent_of_charge"
    share: Share
    most: Rate | None = None


def percent_of_charge(kind: LineKind, term: PercentOfCharge, look: Look) -> Outcome:
    """Price a kind of line at a share of what was charged for it."""
    values = (("share", term.share), ("basis", "charge"))
    charged = Amount(Fraction(term.share), Basis.CHARGE, (Step("share of charge", values, term.cite),))
    if term.most is None:
        return charged
    cap = Amount(
        Fraction(term.most), Basis.UNIT, (Step("at most", (("rate", term.most), ("basis", "unit")), term.cite),)
    )
    return Min((charged, cap))


MECHANISM = Mechanism("percent_of_charge", PercentOfCharge, percent_of_charge, "a share of the billed charge")
