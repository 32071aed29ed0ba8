"""Counts that run over lines: what went before a line in its episode, and how much an allowance still pays for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np

from hitmodel.compile import Compiled
from hitmodel.group_terms import Allowance, Episode
from hitmodel.material import Material
from hitmodel.prepare import Ints, to_day
from hitmodel.selection import matches


def episode_rules(compiled: Compiled) -> tuple[Episode, ...]:
    """Return every episode rule of a contract; a later version's rule of the same id stands for all dates."""
    rules = {e.id: e for p in compiled.periods if p.version for e in p.version.episode}
    return tuple(rules.values())


def units_before(material: Material, rule: Episode) -> Ints:
    """Return for each line the units [thousandths] of the lines before it in its episode; 0 for lines of no episode."""
    result = np.zeros(material.prepared.count, dtype=np.int64)
    count: dict[int, int] = {}
    numbers = episode_numbers(material, rule)
    for line in _in_turn(material, material.selected(rule.lines)):
        episode = int(numbers[line])
        result[line] = count.get(episode, 0)
        if not material.prepared.paired[line]:
            count[episode] = count.get(episode, 0) + _units(material, line)
    return result


def episode_numbers(material: Material, rule: Episode) -> Ints:
    """Number the episodes: -1 for lines of none. Lines and voids of one bill are in the same episode."""
    prepared = material.prepared
    result = np.full(prepared.count, -1, dtype=np.int64)
    opened: dict[Hashable, tuple[int, int, int]] = {}
    episodes = 0
    for line in _in_turn(material, material.selected(rule.lines)):
        kind = material.kinds[int(material.kind[line])]
        about = {"class": kind.therapy_class, "code": kind.code, "patient": ""}[rule.by]
        key = (int(prepared.patient[line]), about)
        first, last = int(prepared.first[line]), int(prepared.last[line])
        year = to_day(first).year if rule.restart == "year" else 0
        number, reach, in_year = opened.get(key, (-1, 0, year))
        if number < 0 or first - reach - 1 > rule.gap_days or in_year != year:
            number, reach, episodes = episodes, last, episodes + 1
        if not prepared.paired[line]:
            opened[key] = (number, max(reach, last), year)
        result[line] = number
    return result


def _units(material: Material, line: int) -> int:
    """Return a line's units [thousandths] in those of the code that it is priced as."""
    factor = material.kinds[int(material.kind[line])].units_factor
    return int(int(material.prepared.quantities.units[line]) * factor)


@dataclass(frozen=True)
class Allotment:
    """The part of a line's units that an allowance still pays for, 0 included, and the allowance's id."""

    part: Fraction
    rule: Allowance


class _Tally:
    """One allowance as its lines take their turn: what each patient has been paid for, and when.

    An allowance that an amendment changes keeps its count: each line takes what the rule of its own first day says.
    """

    def __init__(self, material: Material, rule_id: str) -> None:
        self.material, self.rule_id = material, rule_id
        self._lines: dict[Allowance, set[int]] = {}
        self._episodes: dict[Allowance, Ints] = {}
        self._used = defaultdict[Hashable, list[tuple[int, Fraction]]](list)

    def rule_for(self, line: int) -> Allowance | None:
        """Return the allowance as it is in force on a line's first day, None where it is not about the line."""
        rule = _in_force(self.material, self.rule_id, line)
        if rule is not None and rule not in self._lines:
            self._lines[rule] = {int(n) for n in self.material.selected(rule.lines)}
            self._episodes[rule] = _episodes_of(self.material, rule)
        return rule if rule is not None and line in self._lines[rule] else None

    def part(self, line: int, rule: Allowance) -> Fraction:
        """Return the part of a line that the allowance still pays for."""
        wanted, since = _counted(self.material, rule, line), 0
        if rule.days is not None:
            since = int(self.material.prepared.first[line]) - rule.days + 1
        left = rule.most - sum(paid for day, paid in self._turn(line, rule) if day >= since)
        return min(max(left, Fraction(0)) / wanted, Fraction(1))

    def take(self, line: int, rule: Allowance, part: Fraction) -> None:
        """Note that so large a part of a line is paid for."""
        paid = part * _counted(self.material, rule, line)
        self._turn(line, rule).append((int(self.material.prepared.first[line]), paid))

    def _turn(self, line: int, rule: Allowance) -> list[tuple[int, Fraction]]:
        prepared = self.material.prepared
        turn = _turn(rule, int(prepared.first[line]), int(self._episodes[rule][line]))
        return self._used[(int(prepared.patient[line]), turn)]


def allotments(material: Material) -> dict[int, Allotment]:
    """Return what allowances leave of lines, for the lines of which not all units are paid for.

    Lines take their turn under all allowances at once: the tightest stands, and units that one of them does not pay
    for use up no other.
    """
    versions = [p.version for p in material.compiled.periods if p.version]
    tallies = [_Tally(material, name) for name in dict.fromkeys(a.id for v in versions for a in v.allowance)]
    prepared, found = material.prepared, dict[int, Allotment]()
    if not tallies:
        return found
    for line in _in_turn(material, material.live):
        if prepared.quantities.units[line] <= 0 or prepared.paired[line]:
            continue
        rules = [(tally, rule) for tally in tallies if (rule := tally.rule_for(line)) is not None]
        if not rules:
            continue
        part, tightest = min(((t.part(line, rule), rule) for t, rule in rules), key=lambda found: found[0])
        if part < 1:
            found[line] = Allotment(part, tightest)
        for tally, rule in rules:
            tally.take(line, rule, part)
    return found


def _counted(material: Material, rule: Allowance, line: int) -> Fraction:
    """Return what a whole line takes of an allowance: its units or days by their weight."""
    prepared = material.prepared
    if rule.of == "days":
        units = Fraction(int(prepared.last[line] - prepared.first[line]) + 1)
    else:
        units = Fraction(_units(material, line), 1000)
    kind = material.kinds[int(material.kind[line])]
    weight = next((w.each for w in rule.weights if matches(w, kind)), 1)
    return units * Fraction(weight)


def _in_force(material: Material, rule_id: str, line: int) -> Allowance | None:
    version = material.compiled.periods[material.period_on(int(material.prepared.first[line]))].version
    return next((a for a in version.allowance if a.id == rule_id), None) if version else None


def _episodes_of(material: Material, rule: Allowance) -> Ints:
    if rule.per != "episode":
        return np.full(material.prepared.count, -1, dtype=np.int64)
    episode = next(e for e in episode_rules(material.compiled) if e.id == rule.episode)
    return episode_numbers(material, episode)


def _turn(rule: Allowance, first: int, episode: int) -> Hashable:
    """Return the day, week, month, year or episode in which a line takes its turn."""
    day = to_day(first)
    match rule.per:
        case "day":
            return day
        case "week":
            since = (day.weekday() + 1) % 7 if rule.week_starts == "sunday" else day.weekday()
            return day - timedelta(days=since)
        case "month":
            return day.year, day.month
        case "year":
            return day.year
        case "episode":
            return episode
        case _:
            return None


def _in_turn(material: Material, lines: Ints) -> list[int]:
    """Return lines by first day, then in order of the file.

    Lines and the voids that take them back come first of their day, so that both see the same count.
    """
    prepared = material.prepared
    order: list[int] = lines[np.lexsort((lines, ~prepared.paired[lines], prepared.first[lines]))].tolist()
    return order
