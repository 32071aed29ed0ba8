"""Units of nursing lines worked out from the begin and end of visits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hitmodel.evidence import VisitRecord
from hitmodel.evidence_terms import VisitTime

MINUTES_OF = {"whole": 60, "any_part": 1, "minutes_31": 31}


def further_hours(minutes: int, how: str) -> Fraction:
    """Return the hours that ``minutes`` count for [hours]: whole hours, or quarters under ``quarter_hour``.

    ``whole``: complete hours; ``any_part``: an hour counts from its first minute; ``minutes_31``: from its 31st (Blue
    Cross Blue Shield of Michigan, Record, May 2013); ``quarter_hour``: every quarter begun.
    """
    if minutes <= 0:
        return Fraction(0)
    if how == "quarter_hour":
        return Fraction(-(-minutes // 15), 4)
    whole, rest = divmod(minutes, 60)
    return Fraction(whole + (rest >= MINUTES_OF[how]))


def visit_units(visits: Sequence[VisitRecord], clause: VisitTime, basis: str) -> Fraction | None:
    """Return the units of a line over the visits of one day [visits or hours]; None when a visit's time is unknown.

    ``basis`` is the code's billing unit: ``per_visit`` counts visits, ``per_hour`` hours beyond the first.
    """
    added_on = clause.second_visit == "as_added_hours"
    if basis == "per_visit":
        return Fraction(min(len(visits), 1) if added_on else len(visits))
    total = Fraction(0)
    for number, visit in enumerate(sorted(visits, key=lambda v: v.begin)):
        if visit.minutes is None:
            return None
        first = 0 if added_on and number else clause.first_minutes
        total += further_hours(visit.minutes - first, clause.hours)
    return total
