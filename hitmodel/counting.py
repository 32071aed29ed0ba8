"""Counts that run over lines: what went before a line in its episode, and how much an allowance still pays for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np

from hitmodel.compile import Compiled
from hitmodel.cuts import Material
from hitmodel.group_terms import Allowance, Episode
from hitmodel.prepare import Ints, to_day


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
            count[episode] = count.get(episode, 0) + int(material.prepared.quantities.units[line])
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
        opened[key] = (number, max(reach, last), year)
        result[line] = number
    return result


@dataclass(frozen=True)
class Allotment:
    """The part of a line's units that an allowance still pays for, 0 included, and the allowance's id."""

    part: Fraction
    rule: Allowance


def allotments(material: Material) -> dict[int, Allotment]:
    """Return what allowances leave of lines, for the lines of which not all units are paid for; the tightest rule
    stands.
    """
    rules = dict.fromkeys(a for p in material.compiled.periods if p.version for a in p.version.allowance)
    found: dict[int, Allotment] = {}
    for rule in rules:
        for line, part in _allowed(material, rule).items():
            if line not in found or part < found[line].part:
                found[line] = Allotment(part, rule)
    return found


def _allowed(material: Material, rule: Allowance) -> dict[int, Fraction]:
    """Let lines take their turn until ``most`` units are used up."""
    prepared, used = material.prepared, defaultdict[Hashable, list[tuple[int, int]]](list)
    episodes = _episodes_of(material, rule)
    parts: dict[int, Fraction] = {}
    for line in _in_turn(material, material.selected(rule.lines)):
        units, first = int(prepared.quantities.units[line]), int(prepared.first[line])
        if units <= 0 or prepared.paired[line] or not _in_force(material, rule, line):
            continue
        turn = used[(int(prepared.patient[line]), _turn(rule, first, int(episodes[line])))]
        since = first - rule.days + 1 if rule.days is not None else 0
        left = max(rule.most * 1000 - sum(paid for day, paid in turn if day >= since), 0)
        if left < units:
            parts[line] = Fraction(left, units)
        turn.append((first, min(left, units)))
    return parts


def _in_force(material: Material, rule: Allowance, line: int) -> bool:
    version = material.compiled.periods[material.period_on(int(material.prepared.first[line]))].version
    return version is not None and rule in version.allowance


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
