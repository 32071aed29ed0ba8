"""A fixed amount for an episode up to a length, then a rate for each further day (catalogue 1.8)."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from hitmodel.forms import Amount, Basis, Outcome, PriceForm, Running, Step, Sum, Tier
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Rate, Term


class CaseRate(Term):
    """``rate`` dollars for an episode of up to ``days`` days, ``further`` for each day after, nothing when not given.

    ``counted_in`` names the episode. ``prorated``: an episode that stops early earns its days' part of the rate;
    otherwise the whole rate falls on the episode's first day.
    """

    mechanism: Literal["case_rate"] = "case_rate"
    rate: Rate
    days: Annotated[int, Field(gt=0)]
    further: Rate | None = None
    prorated: bool = False
    counted_in: str = Field(min_length=1)


def case_rate(kind: LineKind, term: CaseRate, look: Look) -> Outcome:
    """Price a kind of line by what its days add to the episode."""
    rate, steps = look.rate(term.rate)
    further, more = look.rate(term.further, "further") if term.further is not None else (Fraction(0), ())
    length = Fraction(term.days)
    words = Step(
        "case rate",
        (("rate", rate), ("days", term.days), ("further day", further)),
        term.cite,
    )
    total: PriceForm
    if term.prorated:
        total = Tier(((Fraction(0), rate / length), (length, further)), Basis.DAY)
    else:
        total = Sum((Amount(rate, Basis.CASE), Tier(((Fraction(0), Fraction(0)), (length, further)), Basis.DAY)))
    return Running(total, term.counted_in, (*steps, *more, words))


MECHANISM = Mechanism("case_rate", CaseRate, case_rate, "a fixed amount for an episode, then a rate for further days")
