"""A fixed amount for each day (catalogue 1.1 to 1.3)."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from hitmodel.forms import Amount, Basis, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Names, Rate, Term


class PerDiem(Term):
    """``rate`` dollars a day, by code, by therapy class, or as the default."""

    dollar_fields: ClassVar[Names] = ("rate",)
    mechanism: Literal["per_diem"] = "per_diem"
    rate: Rate


def per_diem(kind: LineKind, term: PerDiem, look: Look) -> Outcome:
    """Price a kind of per diem line at a fixed amount for each day.

    Concurrency and the charge limit come later and are not this function's business.
    """
    rate, rounded = look.unit_rate(Fraction(term.rate))
    step = Step("per diem", (("rate", term.rate), ("basis", "day")), term.cite)
    return Amount(rate, Basis.DAY, (step, *rounded))


MECHANISM = Mechanism("per_diem", PerDiem, per_diem, "a fixed amount for each day")
