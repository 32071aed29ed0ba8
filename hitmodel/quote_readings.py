"""What hangs on each assumption of a quote: the same order read the other ways, in dollars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hitmodel.billing_rules import Assumption, BillingRules
from hitmodel.perdiem import DayCount
from hitmodel.quote_assumptions import DAY_COUNT
from hitmodel.ranks import PrimaryBy

_NOT_TRIED = frozenset({PrimaryBy.AS_MODIFIED, DayCount.ELAPSED_24H, DayCount.DOSES})
_COMPARED = frozenset(
    {
        *("hold_days", "inpatient_days", "edges", "count", "primary_by", "change_day", "unit_rounding", "waste"),
        *("nursing_hours", "second_visit", "catheter_care", "prefer"),
    }
)


@dataclass(frozen=True)
class Assumed:
    """One assumption, and how far the expected payment would change were it read otherwise [cents].

    ``low`` and ``high`` are differences from the quote, the least and the greatest of all other readings; None where
    there is no other reading that a setting could give.
    """

    assumption: Assumption
    low: int | None = None
    high: int | None = None


def weighed(
    assumptions: Sequence[Assumption],
    rules: BillingRules,
    total: int,
    otherwise: Callable[[BillingRules], int | None],
) -> tuple[Assumed, ...]:
    """Return the assumptions with what hangs on them, and the count of days where that makes a difference.

    ``otherwise`` gives the expected payment under other rules [cents], None where something has no amount then.
    """
    open_count = () if "count" in rules.settled or rules.days.count is not DayCount.ACCESS else (DAY_COUNT,)
    found = []
    for assumption in (*assumptions, *open_count):
        totals = [otherwise(other) for other in _readings(assumption.setting, rules)]
        changes = [t - total for t in totals if t is not None]
        if assumption is DAY_COUNT and not any(changes):
            continue
        found.append(Assumed(assumption, min(changes), max(changes)) if changes else Assumed(assumption))
    return tuple(found)


def _readings(setting: str, rules: BillingRules) -> Iterator[BillingRules]:
    """Yield the rules with every other value of one setting."""
    if setting not in _COMPARED:
        return
    of_days = not hasattr(rules, setting)
    holder: Any = rules.days if of_days else rules
    for value in _others(getattr(holder, setting)):
        changed = replace(holder, **{setting: value})
        yield replace(rules, days=changed) if of_days else changed


def _others(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    kind: type[StrEnum] = type(value)
    return [other for other in kind if other is not value and other not in _NOT_TRIED]
