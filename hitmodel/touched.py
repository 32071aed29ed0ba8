"""Which moments a changed contract could price otherwise, found without working them out again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hitmodel.compile import Compiled, Period
from hitmodel.mechanisms.base import LineKind, RateRule
from hitmodel.prepare import Bools, Ints
from hitmodel.selection import matches
from hitmodel.terms import Adjustment, DaySelector, Selector, Term


class Moments:
    """The (kind, period, price) by which lines are resolved, and which of them a clause is about."""

    def __init__(self, rows: Sequence[tuple[int, ...]], kinds: tuple[LineKind, ...]) -> None:
        self.rows, self._kinds = rows, kinds
        self._kind: Ints = np.array([kind for kind, _, _ in rows], dtype=np.int64)
        self._period: Ints = np.array([period for _, period, _ in rows], dtype=np.int64)
        self._fits: dict[object, Bools] = {}

    def touched(self, before: Compiled, now: Compiled) -> Ints:
        """Return the moments that may be priced otherwise by one of two contracts of the same structure."""
        result = np.zeros(len(self.rows), dtype=bool)
        for number, (old, new) in enumerate(zip(before.periods, now.periods, strict=True)):
            here = self._period == number
            if _shared(old) != _shared(new):
                result |= here
                continue
            for record in _different((*old.terms, *old.adjustments), (*new.terms, *new.adjustments)):
                result |= here & self._fitting(record)
            if old.rules != new.rules:
                for rule in _other_rules(old.rules, new.rules):
                    result |= here & self._by_rule(rule, (*old.terms, *new.terms))
        return np.flatnonzero(result)

    def _by_rule(self, rule: RateRule, terms: Sequence[Term]) -> Bools:
        if not rule.terms:
            return self._fitting(rule.applies_to)
        named = [self._fitting(term) for term in terms if term.id in rule.terms]
        return np.logical_or.reduce(named) if named else np.zeros(len(self.rows), dtype=bool)

    def _fitting(self, selector: Selector) -> Bools:
        """Say which moments a selector fits; selectors that say the same are worked out once."""
        asked = DaySelector.model_fields if isinstance(selector, DaySelector) else Selector.model_fields
        said = tuple(getattr(selector, name) for name in asked)
        found = self._fits.get(said)
        if found is None:
            by_kind = np.array([matches(selector, kind) for kind in self._kinds], dtype=bool)
            found = self._fits[said] = by_kind[self._kind]
        return found


def _other_rules(old: Sequence[RateRule], new: Sequence[RateRule]) -> set[RateRule]:
    """Return the rules that only one side has; all of them where both have some in another order, which counts."""
    same = [[rule for rule in side if rule in other] for side, other in ((old, new), (new, old))]
    return {*old} ^ {*new} if same[0] == same[1] else {*old, *new}


def _shared(period: Period) -> object:
    """Return what a period says about every line."""
    version = period.version
    return version and (version.concurrency, version.lesser_of, version.rounding, version.drug_prices, version.schedule)


def _different(old: Sequence[Term | Adjustment], new: Sequence[Term | Adjustment]) -> list[Term | Adjustment]:
    """Return the records that only one side has. A record that both hold is the same object, or equal to one."""
    known = {id(record) for record in old}
    both = known & {id(record) for record in new}
    gone, come = ([record for record in side if id(record) not in both] for side in (old, new))
    return [*(r for r in gone if r not in come), *(r for r in come if r not in gone)]
