"""What is so of a line on some of its days only: which other lines of the patient are there, which weekday it is.

Only what a term or a factor asks for is found, and only for the lines that it would fit on such a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from hitmodel.compile import Period
from hitmodel.material import Material
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Ints, to_day
from hitmodel.selection import fits_but_for_day
from hitmodel.vocabulary import WEEKDAYS, Condition, Selector

Facts = frozenset[Condition]
NOTHING: Facts = frozenset()


@dataclass
class DayFacts:
    """What is so on which days: ``of`` holds, by line and day number, the conditions that are met on that day."""

    of: dict[int, dict[int, Facts]] = field(default_factory=dict)

    def on(self, line: int, day: int) -> Facts:
        """Return the conditions that are met for a line on a day."""
        return self.of.get(line, {}).get(day, NOTHING)


def find_day_facts(material: Material) -> DayFacts:
    """Return what is so of lines on their days, as far as the contract in force on them asks."""
    asked = [_asked(period, material.kinds) for period in material.compiled.periods]
    found = DayFacts()
    for condition in dict.fromkeys(c for period in asked for c in period):
        asking = [period.get(condition, frozenset()) for period in asked]
        for line, days in _days_on_which(material, condition, frozenset[int]().union(*asking)):
            by_day = found.of.setdefault(line, {})
            kind = int(material.kind[line])
            always = None if material.is_by_day(line) else int(material.prepared.first[line])
            for day in days:
                if kind in asking[material.period_on(day if always is None else always)]:
                    by_day[day] = by_day.get(day, NOTHING) | {condition}
    return found


def _asked(period: Period, kinds: tuple[LineKind, ...]) -> Mapping[Condition, frozenset[int]]:
    """Return the conditions of a period's terms and factors, each with the kinds for which it matters."""
    found: dict[Condition, set[int]] = defaultdict(set)
    for rule in (*period.terms, *period.adjustments):
        for condition in rule.conditions:
            found[condition].update(n for n, kind in enumerate(kinds) if fits_but_for_day(rule, kind))
    return {condition: frozenset(numbers) for condition, numbers in found.items()}


def _days_on_which(
    material: Material, condition: Condition, kinds: frozenset[int]
) -> Iterator[tuple[int, set[int] | list[int]]]:
    """Yield lines of some kinds with those of their days on which a condition is met, where there are any."""
    lines = material.of_kinds(kinds)
    first, last = material.prepared.first, material.prepared.last
    if not isinstance(condition, Selector):
        for line in lines.tolist():
            span = range(int(first[line]), int(last[line]) + 1)
            days = [day for day in span if WEEKDAYS[to_day(day).weekday()] in condition]
            if days:
                yield line, days
        return
    there = material.selected(condition)
    beside = material.by_patient(material.of_patients(there, lines))
    for line in material.of_patients(lines, there).tolist():
        near = beside.get(int(material.prepared.patient[line]), [])
        shared = material.shared_days(line, [other for other in near if other != line])
        if shared:
            yield line, shared


def changes_within(facts: DayFacts, line: int, first: int, last: int) -> list[int]:
    """Return the days of a line, after its first, on which what is so of it is not what it was the day before."""
    by_day = facts.of.get(line, {})
    near = {day for day in by_day for day in (day, day + 1) if first < day <= last}
    return sorted(day for day in near if by_day.get(day, NOTHING) != by_day.get(day - 1, NOTHING))


def with_facts(
    facts: DayFacts, kinds: tuple[LineKind, ...], kind: Ints, line: Ints, first: Ints
) -> tuple[tuple[LineKind, ...], Ints]:
    """Return the kinds, and the kind of each piece of a line: pieces of which something is so have kinds of their own.

    ``line`` and ``first`` are the line and the first day of each piece, ``kind`` the kind of the whole line.
    """
    if not facts.of:
        return kinds, kind
    more, result = _More(kinds), kind.copy()
    for piece in np.flatnonzero(np.isin(line, list(facts.of))).tolist():
        so = facts.on(int(line[piece]), int(first[piece]))
        result[piece] = more.number(int(kind[piece]), so)
    return tuple(more.kinds), result


def other_kinds(
    facts: DayFacts, material: Material, kinds: tuple[LineKind, ...]
) -> tuple[tuple[LineKind, ...], dict[int, tuple[int, ...]]]:
    """Return the kinds, and the kinds that lines not counted by days are of on their further days, where they differ.

    Such a line cannot be cut, so it can be priced only where it comes out alike on all its days.
    """
    more, found = _More(kinds), dict[int, tuple[int, ...]]()
    for line in facts.of:
        if material.is_by_day(line):
            continue
        first, last = int(material.prepared.first[line]), int(material.prepared.last[line])
        days = dict.fromkeys(facts.on(line, day) for day in range(first, last + 1))
        if len(days) > 1:
            found[line] = tuple(more.number(int(material.kind[line]), so) for so in days)
    return tuple(more.kinds), found


class _More:
    """Kinds to which kinds with facts are added, each once."""

    def __init__(self, kinds: tuple[LineKind, ...]) -> None:
        self.kinds, self._known = list(kinds), dict[LineKind, int]()

    def number(self, kind: int, so: Facts) -> int:
        """Return the number of a kind of which something is so."""
        if not so:
            return kind
        own = replace(self.kinds[kind], day_facts=so)
        if own not in self._known:
            self._known[own] = len(self.kinds)
            self.kinds.append(own)
        return self._known[own]
