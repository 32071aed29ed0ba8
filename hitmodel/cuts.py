"""Where lines are cut: at the contract's own dates, where a line is paid within another, where therapies overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from hitmodel.bundles import COST_UNKNOWN, PARTLY_BUNDLED, Holding
from hitmodel.compile import Compiled
from hitmodel.day_facts import DayFacts, changes_within, find_day_facts
from hitmodel.group_terms import Exclusive
from hitmodel.material import Material
from hitmodel.prepare import Ints, day_number
from hitmodel.selection import counts_as_therapy, matches
from hitmodel.terms import Bundle

DAYS = 2**22
"""More than there are day numbers, so that a number and a day are one whole number."""


@dataclass
class Cuts:
    """Days on which lines are cut, and what is known of the piece that begins on a day.

    ``points`` holds, for each line, the days on which a piece begins after its first day. ``bundle``, ``run`` and
    ``rival`` are keyed by line and the day on which the piece begins. ``rivals`` gives the exclusive rule of each
    stretch of days on which lines exclude each other. ``facts`` says what is so of lines on their days.
    """

    points: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    bundle: dict[tuple[int, int], int] = field(default_factory=dict)
    run: dict[tuple[int, int], int] = field(default_factory=dict)
    rival: dict[tuple[int, int], int] = field(default_factory=dict)
    rivals: dict[int, int] = field(default_factory=dict)
    facts: DayFacts = field(default_factory=DayFacts)


def find_cuts(material: Material) -> Cuts:
    """Return where the live lines are cut."""
    cuts = Cuts()
    _at_dates(material, cuts)
    for line in material.recount.runs:
        cuts.points[line].update(material.recount.points(line))
    _within_others(material, cuts)
    _where_days_differ(material, cuts)
    _where_one_excludes(material, cuts)
    if any(p.version and p.version.concurrency.modifiers != "trust" for p in material.compiled.periods):
        _where_therapies_overlap(material, cuts)
    return cuts


def bundle_rules(compiled: Compiled) -> tuple[Bundle, ...]:
    """Return every bundle rule of a contract, numbered by place."""
    return tuple(dict.fromkeys(b for p in compiled.periods if p.version for b in p.version.bundle))


def exclusive_rules(compiled: Compiled) -> tuple[Exclusive, ...]:
    """Return every exclusive rule of a contract, numbered by place."""
    return tuple(dict.fromkeys(e for p in compiled.periods if p.version for e in p.version.exclusive))


def _at_dates(material: Material, cuts: Cuts) -> None:
    prepared, live = material.prepared, material.live
    prices = [day_number(d) for d in material.compiled.price_starts]
    terms = [] if material.fixed else material.term_starts.tolist()
    edges = np.unique(np.array([*prices, *terms], dtype=np.int64))
    first, last = prepared.first[live], prepared.last[live]
    crossing = np.searchsorted(edges, first, side="right") != np.searchsorted(edges, last, side="right")
    for line in live[crossing].tolist():
        if material.is_by_day(line):
            inside = edges[(edges > prepared.first[line]) & (edges <= prepared.last[line])]
            cuts.points[line].update(inside.tolist())


def _where_days_differ(material: Material, cuts: Cuts) -> None:
    """Cut lines where something that a term or factor asks about begins or ends: another line beside, a weekday."""
    cuts.facts = find_day_facts(material)
    for line in filter(material.is_by_day, cuts.facts.of):
        first, last = int(material.prepared.first[line]), int(material.prepared.last[line])
        cuts.points[line].update(changes_within(cuts.facts, line, first, last))


def _within_others(material: Material, cuts: Cuts) -> None:
    """Find the days on which lines are paid within another line of the patient, by the rules in force on each day."""
    rules = bundle_rules(material.compiled)
    first, last, patient = material.prepared.first, material.prepared.last, material.prepared.patient
    in_force = [frozenset(p.version.bundle) if p.version else frozenset() for p in material.compiled.periods]
    for number, rule in enumerate(rules):
        within = material.selected(rule.lines)
        into = material.by_patient(material.of_patients(material.selected(rule.into), within))
        holding = Holding(rule, material.prepared, material.kinds, material.kind, material.codes)
        for line in within.tolist():
            near = into.get(int(patient[line]), [])
            begins, ends = first[line], last[line]
            near = [other for other in near if first[other] <= ends and begins <= last[other] and other != line]
            others = [other for other in near if holding.may_hold(other, line)]
            days = material.shared_days(line, others)
            covered = {day for day in days if rule in in_force[material.period_on(day)]}
            if covered and (verdict := holding.verdict(line, number)) is not None:
                _bundle(material, cuts, line, covered, verdict)


def _bundle(material: Material, cuts: Cuts, line: int, covered: set[int], rule: int) -> None:
    first, last = int(material.prepared.first[line]), int(material.prepared.last[line])
    if not material.is_by_day(line):
        partly = len(covered) < last - first + 1 and rule != COST_UNKNOWN
        cuts.bundle[(line, first)] = PARTLY_BUNDLED if partly else rule
        return
    for day in covered:
        cuts.bundle[(line, day)] = rule
    edges = {day for day in covered if day - 1 not in covered} | {day + 1 for day in covered if day + 1 not in covered}
    cuts.points[line].update(day for day in edges if first < day <= last)


def _where_one_excludes(material: Material, cuts: Cuts) -> None:
    """Number the stretches of days on which lines exclude each other, one rule after another; the first rule stands."""
    for number, rule in enumerate(exclusive_rules(material.compiled)):
        fitting = frozenset(n for n, kind in enumerate(material.kinds) if matches(rule.among, kind))
        counting = [
            fitting if p.version and rule in p.version.exclusive else frozenset[int]()
            for p in material.compiled.periods
        ]
        for lines, start, after in _stretches(material, cuts, counting):
            free = [line for line in lines if (line, start) not in cuts.rival]
            if len(free) > 1:
                run, cuts.rivals[len(cuts.rivals)] = len(cuts.rivals), number
                _cut_at(material, cuts, free, start, after)
                cuts.rival.update({(line, day): run for line in free for day in range(start, after)})
    _doubt_partly_excluded(material, cuts)


def _doubt_partly_excluded(material: Material, cuts: Cuts) -> None:
    """Mark lines that are not counted by days and share only some of their days with what excludes them."""
    for line in {line for line, _ in cuts.rival if not material.is_by_day(line)}:
        first, last = int(material.prepared.first[line]), int(material.prepared.last[line])
        runs = {cuts.rival.get((line, day), -1) for day in range(first, last + 1)}
        if len(runs) > 1:
            cuts.bundle[(line, first)] = PARTLY_BUNDLED
            cuts.rival[(line, first)] = max(runs)


def _where_therapies_overlap(material: Material, cuts: Cuts) -> None:
    """Cut lines wherever another counting therapy of the patient starts or stops; number the stretches they share."""
    run = 0
    for counting in _ranked_together(material):
        for lines, start, after in _stretches(material, cuts, counting):
            _cut_at(material, cuts, lines, start, after)
            cuts.run.update({(line, start): run for line in lines})
            run += 1


def _ranked_together(material: Material) -> Iterator[list[frozenset[int]]]:
    """Yield, for each group of therapies that are ranked among themselves, the kinds that count in each period."""
    periods = material.compiled.periods
    rules = [p.version.concurrency if p.version else None for p in periods]
    ranking = [
        frozenset(n for n, kind in enumerate(material.kinds) if counts_as_therapy(kind, rule))
        if rule and rule.modifiers != "trust"
        else frozenset[int]()
        for rule in rules
    ]
    apart = [bool(rule and rule.within == "class") for rule in rules]
    yield [frozenset[int]() if alone else kinds for kinds, alone in zip(ranking, apart, strict=True)]
    if any(apart):
        for name in sorted({kind.therapy_class for kind in material.kinds}):
            of_class = frozenset(n for n, kind in enumerate(material.kinds) if kind.therapy_class == name)
            yield [kinds & of_class if alone else frozenset[int]() for kinds, alone in zip(ranking, apart, strict=True)]


def _stretches(material: Material, cuts: Cuts, counting: list[frozenset[int]]) -> Iterator[tuple[list[int], int, int]]:
    """Yield the stretches of days that two or more counting lines of a patient share: the lines, first day, day after.

    ``counting`` are the kinds that count in each period of the contract.
    """
    ever = frozenset[int]().union(*counting)
    first, last = material.prepared.first, material.prepared.last
    for members in _overlapping(material, _of_kinds(material, ever)):
        spans = [(line, int(first[line]), int(last[line]), int(material.kind[line])) for line in members]
        ends = {day for _, begins, ends, _ in spans for day in (begins, ends + 1)}
        edges = sorted(ends.union(*(cuts.points.get(line, ()) for line in members)))
        for start, after in pairwise(edges):
            kinds = counting[material.period_on(start)]
            there = [
                line
                for line, begins, ends_on, kind in spans
                if begins <= start <= ends_on
                and kind in kinds
                and (line, start) not in cuts.bundle
                and material.recount.is_paid(line, start)
            ]
            if len(there) > 1:
                yield there, start, after


def _overlapping(material: Material, lines: Ints) -> Iterator[list[int]]:
    """Yield lines of one patient that stand and hang together by shared days, two or more at a time."""
    prepared = material.prepared
    standing = lines[(prepared.quantities.units[lines] > 0) & ~prepared.paired[lines]]
    standing = standing[np.lexsort((prepared.first[standing], prepared.patient[standing]))]
    if not len(standing):
        return
    day = prepared.patient[standing] * DAYS
    reach = np.maximum.accumulate(day + prepared.last[standing])
    apart = np.flatnonzero(day[1:] + prepared.first[standing[1:]] > reach[:-1]) + 1
    starts = np.concatenate([[0], apart, [len(standing)]])
    for start, end in zip(starts[:-1][np.diff(starts) > 1], starts[1:][np.diff(starts) > 1], strict=True):
        yield sorted(standing[start:end].tolist())


def _of_kinds(material: Material, kinds: frozenset[int]) -> Ints:
    """Return the live lines of these kinds whose patient has more than one."""
    lines = material.of_kinds(kinds)
    patient = material.prepared.patient[lines]
    several: Ints = lines[np.bincount(patient, minlength=1)[patient] > 1]
    return several


def _cut_at(material: Material, cuts: Cuts, lines: list[int], start: int, after: int) -> None:
    for line in lines:
        first, last = material.prepared.first[line], material.prepared.last[line]
        if material.is_by_day(line):
            cuts.points[line].update(day for day in (start, after) if first < day <= last)
