"""Clauses that need more than a claim shows: how days are counted, how visits are timed, what only holds pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from hitmodel.vocabulary import Record, Selector

Missing = Literal["review", "billed", "low_high"]
"""What becomes of a line whose evidence is not there: ``review`` gives it no amount, ``billed`` prices its billed units
and states low and high dollars, ``low_high`` gives it no amount and states low and high dollars."""


class Days(Record):
    """How days of therapy are counted.

    ``count = "billed"`` takes the units of the claim and needs no evidence. Every other word counts the days of a line
    again from the records of therapies, doses, holds, stays and visits: ``access`` every day from start to stop,
    ``infusion`` days with a dose, ``infusion_or_nursing`` days with a dose or a visit, ``elapsed_24h`` hours of
    infusion ÷ 24, ``doses`` one for each dose. ``stay_edges`` says which edge days of a hospital stay are paid and
    ``inpatient_pays`` whether those between are; written out, either needs the record of stays. ``holds_pay`` says
    whether days of a hold count under ``access``. ``as_ordered`` lets the order stand for doses that are not on record,
    with low and high dollars. Dose intervals beyond ``limit_hours`` are not priced by the day. ``otherwise`` holds
    further clauses for lines that ``applies_to`` does not fit, of which the first that fits holds; ``[[days]]``,
    written several times, says the same. What none of them fits is counted as billed.
    """

    count: Literal["billed", "access", "infusion", "infusion_or_nursing", "elapsed_24h", "doses"] = "billed"
    stay_edges: Literal["both", "neither", "discharge", "admission"] | None = None
    inpatient_pays: bool | None = None
    holds_pay: bool = True
    as_ordered: bool = False
    limit_hours: Annotated[int, Field(ge=24, le=8784, description="hours between doses, 24 or more")] = 72
    missing: Missing = "review"
    applies_to: Selector = Selector(roles=("per_diem",))
    otherwise: tuple[Days, ...] = ()
    cite: str = ""

    @model_validator(mode="after")
    def _stands_in_one_row(self) -> Self:
        if any(clause.otherwise for clause in self.otherwise):
            raise ValueError("otherwise stands in the first clause only: write the clauses one after the other")
        return self

    @property
    def clauses(self) -> tuple[Days, ...]:
        """This clause and those for other lines, in order, each alone."""
        alone = self.model_copy(update={"otherwise": ()}) if self.otherwise else self
        return (alone, *self.otherwise)

    @property
    def needs_stays(self) -> bool:
        """Whether the clause speaks of hospital stays, so that their record must be there."""
        return self.stay_edges is not None or self.inpatient_pays is not None


def _one_after_the_other(value: Any) -> Any:
    """Take ``[[days]]``: the first clause, and the others as what holds otherwise."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(row, Mapping) for row in value):
        return value
    first, *others = value
    if "otherwise" in first:
        raise ValueError("otherwise and [[days]] are two ways to say the same: write one of them")
    return {**first, "otherwise": tuple(others)} if others else first


DaysClauses = Annotated[Days, BeforeValidator(_one_after_the_other)]


class VisitTime(Record):
    """How the time of a nursing visit becomes units.

    ``hours = "billed"`` takes the units of the claim. Every other word counts them again from the begin and end of the
    visits on record; an hour beyond the first ``first_minutes`` counts when it is ``whole``, from its first minute
    (``any_part``), from its 31st (``minutes_31``), or by started quarters (``quarter_hour``). ``second_visit``: a
    second visit on one day is a visit of its own, or hours added to the first.
    """

    hours: Literal["billed", "whole", "any_part", "minutes_31", "quarter_hour"] = "billed"
    first_minutes: Annotated[int, Field(ge=0, le=1440)] = 120
    second_visit: Literal["as_visit", "as_added_hours"] = "as_visit"
    missing: Literal["review", "billed"] = "review"
    cite: str = ""


class PaidOnly(Record):
    """Lines that are paid only while something is on record: catheter care during a hold of limited length.

    A hold of more than ``most_days`` days gives nothing. ``undocumented`` says what becomes of a line when the record
    of holds is not there at all: ``review`` gives it no amount, ``not_covered`` pays a known 0.00, since the
    contract asks for the documentation.
    """

    id: str
    lines: Selector
    during: Literal["hold"] = "hold"
    most_days: Annotated[int, Field(ge=1, le=366)] | None = None
    undocumented: Literal["review", "not_covered"] = "review"
    clause: str = ""
    cite: str = ""
