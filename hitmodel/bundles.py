"""Which lines can hold another under a bundle rule."""

from __future__ import annotations

from dataclasses import dataclass, field

from hitmodel.codes import CodeTable
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import UNKNOWN, Ints, Prepared, to_day
from hitmodel.selection import matches
from hitmodel.terms import Bundle

PARTLY_BUNDLED = -2
"""Marks a line that is not counted by days and is paid within another line on some of its days only."""
COST_UNKNOWN = -3
"""Marks a line that is paid apart above a cost, and whose cost is unknown."""


@dataclass(frozen=True)
class Holding:
    """One bundle rule over a set of lines."""

    rule: Bundle
    prepared: Prepared
    kinds: tuple[LineKind, ...]
    kind: Ints
    codes: CodeTable
    _forbidden: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    def may_hold(self, other: int, line: int) -> bool:
        """Say whether ``line`` can be paid within ``other`` on days that both have."""
        mine, theirs = self.kinds[int(self.kind[line])], self.kinds[int(self.kind[other])]
        if self.rule.same_class and mine.therapy_class != theirs.therapy_class:
            return False
        return self.rule.by == "lines" or theirs.code in self._forbidden_beside(mine.code, line)

    def verdict(self, line: int, number: int) -> int | None:
        """Return ``number`` for a line that the rule bundles, None for one paid apart, `COST_UNKNOWN` for neither."""
        rule = self.rule
        if rule.exclude is not None and matches(rule.exclude, self.kinds[int(self.kind[line])]):
            return None
        if rule.unless_cost_per_day_above is None:
            return number
        cost = int(self.prepared.quantities.cost[line])
        if cost == UNKNOWN:
            return COST_UNKNOWN
        days = int(self.prepared.last[line] - self.prepared.first[line]) + 1
        return None if abs(cost) > 100 * days * rule.unless_cost_per_day_above else number

    def _forbidden_beside(self, code: str, line: int) -> frozenset[str]:
        key = (code, int(self.prepared.first[line]))
        if key not in self._forbidden:
            self._forbidden[key] = self.codes.excluded_by(code, to_day(key[1]))
        return self._forbidden[key]
