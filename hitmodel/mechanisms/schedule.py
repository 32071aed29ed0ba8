"""A base schedule times a multiplier (catalogue 1.9): rate = round(base × multiplier)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from hitmodel.forms import Amount, Basis, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind, Look, Mechanism, row_of
from hitmodel.money import round_half_up
from hitmodel.status import Status
from hitmodel.terms import Decimals, Multiplier, Term


class ByBaseSchedule(Term):
    """``multiplier`` times the row of ``schedule`` for the line's code, rounded to ``decimals``."""

    mechanism: Literal["schedule"] = "schedule"
    schedule: str
    multiplier: Multiplier = Decimal(1)
    decimals: Decimals = 2
    per: Literal["day", "visit", "hour", "dose", "dispense", "unit"] = "day"

    @property
    def schedules_named(self) -> tuple[str, ...]:
        """The schedule of the term."""
        return (self.schedule,)


def schedule(kind: LineKind, term: ByBaseSchedule, look: Look) -> Outcome:
    """Price a kind of line from a schedule's row for its code; the row with most of its modifiers governs."""
    held = (row for row in look.schedules[term.schedule] if row.in_force(look.day))
    row = row_of(held, kind.code, kind, term.schedule)
    if row is None:
        reason = f"schedule '{term.schedule}' has no row for {kind.code} on {look.day}"
        return Unpriced(Status.CONTRACT_SILENT, reason)
    rate = round_half_up(Fraction(row.rate) * Fraction(term.multiplier), term.decimals)
    values = (
        ("schedule", term.schedule),
        ("base", row.rate),
        ("multiplier", term.multiplier),
        ("rate", rate),
        ("basis", term.per),
    )
    stands, steps = look.rate(rate)
    return Amount(stands, Basis(term.per), (Step("schedule", values, term.cite), *steps))


MECHANISM = Mechanism("schedule", ByBaseSchedule, schedule, "a base schedule's row times a multiplier")
