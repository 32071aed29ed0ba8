"""A fixed amount for each day (catalogue 1.1 to 1.3)."""

from __future__ import annotations

from typing import Literal

from hitmodel.forms import Amount, Basis, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Rate, Term


class PerDiem(Term):
    """``rate`` dollars a day, by code, by therapy class, or as the default."""

    mechanism: Literal["per_diem"] = "per_diem"
    rate: Rate


def per_diem(kind: LineKind, term: PerDiem, look: Look) -> Outcome:
    """Price a kind of per diem line at a fixed amount for each day.

    Concurrency and the charge limit come later and are not this function's business.
    """
    rate, steps = look.rate(term.rate)
    return Amount(rate, Basis.DAY, (*steps, Step("per diem", (("rate", rate), ("basis", "day")), term.cite)))


MECHANISM = Mechanism("per_diem", PerDiem, per_diem, "a fixed amount for each day")
