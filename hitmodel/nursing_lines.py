"""Nursing visits as claim lines: a first code for up to two hours, another for each hour beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hitmodel.billing_rules import BillingRules, NursingHours, SecondVisit
from hitmodel.claim_lines import ClaimLine
from hitmodel.dates import Span
from hitmodel.orders import Order, Visit

FIRST_HOURS, ADDED_HOUR = "99601", "99602"
SUITE_MODIFIER = "SS"


def added_hours(minutes: int, how: NursingHours) -> int:
    """Return the whole hours that ``minutes`` count for [hours].

    ``31_minutes``: an hour counts from its 31st minute (Blue Cross Blue Shield of Michigan, Record, May 2013);
    ``any_part``: from its first; ``whole``: only when complete.
    """
    if minutes <= 0:
        return 0
    whole, rest = divmod(minutes, 60)
    needed = {NursingHours.MINUTES_31: 31, NursingHours.ANY_PART: 1, NursingHours.WHOLE: 60}[how]
    return whole + (rest >= needed)


def nursing_lines(order: Order, rules: BillingRules) -> Iterator[ClaimLine]:
    """Yield a line for each visit's first hours and one for its added hours, in order of time.

    A visit is billed on the day on which it begins.
    """
    seen = set()
    for visit in sorted(order.visit, key=lambda v: v.begin):
        day = visit.begin.date()
        repeated = day in seen
        seen.add(day)
        line = _line(order, visit, rules, repeated)
        if repeated and rules.second_visit is SecondVisit.AS_ADDED_HOURS:
            added = added_hours(visit.minutes, rules.nursing_hours)
        else:
            yield line
            added = added_hours(visit.minutes - rules.first_minutes, rules.nursing_hours)
        if added:
            yield replace(line, code=ADDED_HOUR, units=added)


def _line(order: Order, visit: Visit, rules: BillingRules, repeated: bool) -> ClaimLine:
    suite = (visit.place or order.place) == "suite"
    day = visit.begin.date()
    held = {
        "nursing_hours": visit.minutes > rules.first_minutes and (visit.minutes - rules.first_minutes) % 60 != 0,
        "second_visit": repeated,
        "suite_place": suite,
    }
    return ClaimLine(
        code=FIRST_HOURS,
        modifiers=((SUITE_MODIFIER,) if suite else ()) + visit.modifiers,
        span=Span(day, day),
        units=1,
        role="nursing",
        place=rules.suite_place if suite else rules.home_place,
        assumptions=tuple(sorted(key for key, yes in held.items() if yes)),
    )
