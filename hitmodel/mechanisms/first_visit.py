"""A rate for the first visit of an episode and another for later ones (catalogue 5.3).

Medicare's home infusion benefit asks a gap of more than 60 days before another first visit (42 CFR 414.1550).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from hitmodel.forms import Basis, Outcome, Running, Step, Tier
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.terms import Dollars, Rate, Term


class FirstVisit(Term):
    """``first`` dollars for each of the first ``visits`` visits of the episode ``counted_in``, ``later`` for every
    other. ``first = 0.00``: the first visits are paid within something else.
    """

    mechanism: Literal["first_visit"] = "first_visit"
    first: Dollars
    later: Rate
    visits: Annotated[int, Field(gt=0)] = 1
    counted_in: str = Field(min_length=1)


def first_visit(kind: LineKind, term: FirstVisit, look: Look) -> Outcome:
    """Price a kind of visit by its place in the episode."""
    first, steps = look.rate(term.first, "first")
    later, more = look.rate(term.later, "later")
    bands = ((Fraction(0), first), (Fraction(term.visits), later))
    values = (("first", first), ("later", later), ("first visits", term.visits))
    return Running(Tier(bands, Basis.VISIT), term.counted_in, (*steps, *more, Step("by place", values, term.cite)))


MECHANISM = Mechanism(
    "first_visit", FirstVisit, first_visit, "one rate for the first visit of an episode, another after"
)
