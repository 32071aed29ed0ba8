"""Where lines are cut: at the contract's own dates, where a line is paid within another, where therapies overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from hitmodel.bundles import COST_UNKNOWN, PARTLY_BUNDLED, Holding
from hitmodel.compile import Compiled
from hitmodel.day_facts import DayFacts, changes_within, find_day_facts
from hitmodel.group_terms import Exclusive
from hitmodel.material import Material
from hitmodel.prepare import Bools, Ints, day_number
from hitmodel.selection import counts_as_therapy, matches
from hitmodel.terms import Bundle

DAYS = 2**22
"""More than there are day numbers, so that a number and a day are one whole number."""


@dataclass(frozen=True)
class Stretches:
    """Days in a row that lines of a patient share: one entry for each line in each stretch, in order of both.

    ``number`` counts the stretches from 0; ``start`` is the first day of a stretch, ``after`` the day after its last.
    """

    number: Ints
    line: Ints
    start: Ints
    after: Ints

    def each(self) -> Iterator[tuple[list[int], int, int]]:
        """Yield one stretch after the other: its lines, its first day and the day after its last."""
        bounds = np.flatnonzero(np.diff(self.number, prepend=-1, append=-1))
        for begin, end in pairwise(bounds.tolist()):
            yield self.line[begin:end].tolist(), int(self.start[begin]), int(self.after[begin])


@dataclass
class Cuts:
    """Days on which lines are cut, and what is known of the piece that begins on a day.

    ``points`` holds numbers line × `DAYS` + day of the days on which a piece begins after its line's first day, as
    they were found. ``bundle``, ``run`` and ``rival`` are of a line and the day on which the piece begins; ``runs``
    holds entries of all stretches of days that concurrent therapies share. ``rivals`` gives the exclusive rule of each
    stretch of days on which lines exclude each other. ``facts`` says what is so of lines on their days.
    """

    points: list[Ints] = field(default_factory=list)
    bundle: dict[tuple[int, int], int] = field(default_factory=dict)
    runs: list[Stretches] = field(default_factory=list)
    rival: dict[tuple[int, int], int] = field(default_factory=dict)
    rivals: dict[int, int] = field(default_factory=dict)
    facts: DayFacts = field(default_factory=DayFacts)

    def cut(self, line: int, days: Iterable[int]) -> None:
        """Cut one line before some of its days."""
        self.points.append(np.array([line * DAYS + day for day in days], dtype=np.int64))

    def inside(self) -> tuple[Ints, Ints]:
        """Return lines and days of all cuts, in order, each once."""
        found = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *self.points]))
        return found // DAYS, found % DAYS

    def run(self) -> tuple[Ints, Ints]:
        """Return the pieces that share days with other therapies as numbers line × `DAYS` + day, and their stretch."""
        before = np.cumsum([0, *(len(np.unique(run.number)) for run in self.runs)])
        pieces = [run.line * DAYS + run.start for run in self.runs]
        numbers = [run.number + start for run, start in zip(self.runs, before, strict=False)]
        nothing = np.zeros(0, dtype=np.int64)
        return np.concatenate([nothing, *pieces]), np.concatenate([nothing, *numbers])


def keys(found: Iterable[tuple[int, int]]) -> Ints:
    """Return lines and days as numbers line × `DAYS` + day."""
    return np.array([line * DAYS + day for line, day in found], dtype=np.int64)


def find_cuts(material: Material) -> Cuts:
    """Return where the live lines are cut."""
    cuts = Cuts()
    _at_dates(material, cuts)
    for line in material.recount.runs:
        cuts.cut(line, material.recount.points(line))
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
    prices = [day_number(d) for d in material.compiled.price_starts]
    terms = [] if material.fixed else material.term_starts.tolist()
    lines = material.live[material.by_day[material.live]]
    first, last = material.prepared.first[lines], material.prepared.last[lines]
    for edge in sorted({*prices, *terms}):
        cuts.points.append(lines[(first < edge) & (edge <= last)] * DAYS + edge)


def _where_days_differ(material: Material, cuts: Cuts) -> None:
    """Cut lines where something that a term or factor asks about begins or ends: another line beside, a weekday."""
    cuts.facts = find_day_facts(material)
    for line in filter(material.is_by_day, cuts.facts.of):
        first, last = int(material.prepared.first[line]), int(material.prepared.last[line])
        cuts.cut(line, changes_within(cuts.facts, line, first, last))


def _within_others(material: Material, cuts: Cuts) -> None:
    """Find the days on which lines are paid within another line of the patient, by the rules in force on each day."""
    rules = bundle_rules(material.compiled)
    first, last, patient = material.prepared.first, material.prepared.last, material.prepared.patient
    in_force = [frozenset(p.version.bundle) if p.version else frozenset() for p in material.compiled.periods]
    for number, rule in enumerate(rules):
        into = material.selected(rule.into)
        within = material.sharing_days(material.selected(rule.lines), into)
        by_patient = material.by_patient(material.of_patients(into, within))
        holding = Holding(rule, material.prepared, material.kinds, material.kind, material.codes)
        for line in within.tolist():
            near = by_patient.get(int(patient[line]), [])
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
    cuts.cut(line, (day for day in edges if first < day <= last))


def _where_one_excludes(material: Material, cuts: Cuts) -> None:
    """Number the stretches of days on which lines exclude each other, one rule after another; the first rule stands."""
    for number, rule in enumerate(exclusive_rules(material.compiled)):
        fitting = frozenset(n for n, kind in enumerate(material.kinds) if matches(rule.among, kind))
        counting = [
            fitting if p.version and rule in p.version.exclusive else frozenset[int]()
            for p in material.compiled.periods
        ]
        for lines, start, after in _stretches(material, cuts, counting).each():
            free = [line for line in lines if (line, start) not in cuts.rival]
            if len(free) > 1:
                run, cuts.rivals[len(cuts.rivals)] = len(cuts.rivals), number
                _cut_at(material, cuts, np.array(free, dtype=np.int64), start, after)
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
    """Cut lines wherever another counting therapy of the patient starts or stops; keep the stretches they share."""
    for counting in _ranked_together(material):
        found = _stretches(material, cuts, counting)
        _cut_at(material, cuts, found.line, found.start, found.after)
        cuts.runs.append(found)


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


def _stretches(material: Material, cuts: Cuts, counting: list[frozenset[int]]) -> Stretches:
    """Return the stretches of days that two or more counting lines of a patient share.

    ``counting`` are the kinds that count in each period of the contract. A stretch ends where any line of the patient
    that hangs together with these begins, ends or is cut.
    """
    line, group = _overlapping(material, _of_kinds(material, frozenset[int]().union(*counting)))
    begins, ends = group * DAYS + material.prepared.first[line], group * DAYS + material.prepared.last[line] + 1
    edges = np.unique(np.concatenate([begins, ends, _cut_before(cuts, line, group)]))
    lowest, count = np.searchsorted(edges, begins), np.searchsorted(edges, ends) - np.searchsorted(edges, begins)
    stretch = np.repeat(lowest - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
    line = np.repeat(line, count)
    counts = np.zeros((len(counting), len(material.kinds)), dtype=bool)
    for period, kinds in enumerate(counting):
        counts[period, list(kinds)] = True
    start = edges[stretch] % DAYS
    there = np.flatnonzero(
        counts[material.periods_on(start), material.kind[line]] & _is_paid(material, cuts, line, start)
    )
    several = np.bincount(stretch[there], minlength=1)[stretch[there]] > 1
    there = there[several]
    there = there[np.lexsort((line[there], stretch[there]))]
    number = np.cumsum(np.diff(stretch[there], prepend=-1) != 0) - 1
    return Stretches(number, line[there], start[there], edges[stretch[there] + 1] % DAYS)


def _cut_before(cuts: Cuts, line: Ints, group: Ints) -> Ints:
    """Return where lines were cut so far, as numbers group × `DAYS` + day."""
    cut, day = cuts.inside()
    order = np.argsort(line)
    place = np.minimum(np.searchsorted(line[order], cut), max(len(line) - 1, 0))
    mine = line[order][place] == cut if len(line) else np.zeros(len(cut), dtype=bool)
    found: Ints = group[order][place[mine]] * DAYS + day[mine]
    return found


def _is_paid(material: Material, cuts: Cuts, line: Ints, day: Ints) -> Bools:
    """Say which lines are paid by themselves on a day: not within another line, and evidence does not forbid it."""
    paid: Bools = ~np.isin(line * DAYS + day, keys(cuts.bundle))
    for place in np.flatnonzero(np.isin(line, list(material.recount.runs))).tolist():
        paid[place] &= material.recount.is_paid(int(line[place]), int(day[place]))
    return paid


def _overlapping(material: Material, lines: Ints) -> tuple[Ints, Ints]:
    """Return lines that stand and hang together by shared days with others of their patient, and the group of each."""
    prepared = material.prepared
    standing = lines[(prepared.quantities.units[lines] > 0) & ~prepared.paired[lines]]
    first = prepared.patient[standing] * DAYS + prepared.first[standing]
    order = np.argsort(first)
    standing, first = standing[order], first[order]
    reach = np.maximum.accumulate(prepared.patient[standing] * DAYS + prepared.last[standing])
    group = np.cumsum(np.append(False, first[1:] > reach[:-1]))[: len(standing)]
    several = np.bincount(group, minlength=1)[group] > 1
    return standing[several], group[several]


def _of_kinds(material: Material, kinds: frozenset[int]) -> Ints:
    """Return the live lines of these kinds whose patient has more than one."""
    lines = material.of_kinds(kinds)
    patient = material.prepared.patient[lines]
    several: Ints = lines[np.bincount(patient, minlength=1)[patient] > 1]
    return several


def _cut_at(material: Material, cuts: Cuts, lines: Ints, start: Ints | int, after: Ints | int) -> None:
    """Cut lines whose units are days where a stretch of days begins and after its end."""
    first, last = material.prepared.first[lines], material.prepared.last[lines]
    for day in (start, after):
        cuts.points.append((lines * DAYS + day)[material.by_day[lines] & (first < day) & (day <= last)])
