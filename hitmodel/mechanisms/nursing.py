"""Nursing visits: the first hours, and each further hour (catalogue 5.1)."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from hitmodel.forms import Amount, Basis, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.status import Status
from hitmodel.terms import Rate, Term


class Nursing(Term):
    """``first`` dollars for a visit (up to two hours), ``further`` for each hour after, by the code's own billing
    unit.
    """

    mechanism: Literal["nursing"] = "nursing"
    first: Rate
    further: Rate


def nursing(kind: LineKind, term: Nursing, look: Look) -> Outcome:
    """Price a visit code at the first rate and an hour code at the further rate."""
    entry = look.entry(kind)
    basis = entry.billing_basis if entry else ""
    if basis == "per_visit":
        rate, steps = look.rate(term.first, "first")
        return Amount(rate, Basis.VISIT, (*steps, _step("first hours", rate, "visit", term.cite)))
    if basis == "per_hour":
        rate, steps = look.rate(term.further, "further")
        return Amount(rate, Basis.HOUR, (*steps, _step("further hour", rate, "hour", term.cite)))
    reason = (
        f"{kind.code} is billed {basis.replace('_', ' ') or 'in an unknown unit'}, and the term prices visits and hours"
    )
    return Unpriced(Status.CONTRACT_SILENT, reason)


def _step(name: str, rate: Fraction, basis: str, cite: str) -> Step:
    return Step(name, (("rate", rate), ("basis", basis)), cite)


MECHANISM = Mechanism(
    "nursing", Nursing, nursing, "a rate for the first hours of a visit and one for each further hour"
)
