"""Lines whose units are counted again from evidence, where a contract says so: days, visits, what only holds pay."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from hitmodel.codes import CodeTable
from hitmodel.dates import Span
from hitmodel.evidence import Evidence
from hitmodel.evidence_terms import Days, PaidOnly, VisitTime
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import UNKNOWN, Ints, Prepared, day_number, to_day
from hitmodel.selection import matches
from hitmodel.terms import Version
from hitmodel.therapy_days import Asked, LineDays, bounds, count_line, hold_days
from hitmodel.visit_hours import visit_units

Assume = Literal["stated", "low", "high"]
"""What lines get whose evidence is missing: what the contract states, or the least or most units they could have."""


@dataclass(frozen=True)
class Unpaid:
    """Why days are not paid: the clause that says so, in words, and its source."""

    rule: str
    text: str
    cite: str = ""


@dataclass(frozen=True)
class Run:
    """Days of a line in a row, as day numbers. ``units`` for each day, None as billed; ``unpaid`` says why no pay."""

    first: int
    last: int
    units: int | None
    unpaid: Unpaid | None = None


@dataclass
class Recount:
    """What evidence makes of lines.

    Attributes
    ----------
    runs : dict
        For lines that are cut by it: runs that cover the line's span in order.
    units : dict
        For lines counted again: their units, in thousandths and without sign.
    lacking : dict
        Lines without amount, with what is missing.
    assumed : dict
        Lines that rest on an assumption, with the assumption: low and high units are worked out for these.
    records : dict
        What a line was counted from, for its working.
    billed : dict
        Billed units of the lines in ``units``, in thousandths and without sign.
    """

    runs: dict[int, tuple[Run, ...]] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    lacking: dict[int, str] = field(default_factory=dict)
    assumed: dict[int, str] = field(default_factory=dict)
    records: dict[int, tuple[str, ...]] = field(default_factory=dict)
    billed: dict[int, int] = field(default_factory=dict)

    @property
    def counted(self) -> tuple[int, ...]:
        """The lines that were counted from evidence, as distinct from those given units by an assumption."""
        return tuple(line for line in self.units if line in self.records)

    def kept(self, line: int) -> Fraction:
        """Return the part of a line's charge or cost that its counted units stand for, at most the whole of it."""
        billed = self.billed.get(line, 0)
        return min(Fraction(1), Fraction(self.units[line], billed)) if billed else Fraction(1)

    def units_before(self, line: int, day: int, first: int) -> Fraction:
        """Return the units of a line's days before ``day``: calendar days unless they were counted."""
        runs = self.runs.get(line, ())
        if not runs or runs[0].units is None:
            return Fraction(day - first)
        before = [run for run in runs if run.first < day]
        return Fraction(sum((run.units or 0) * (min(run.last, day - 1) - run.first + 1) for run in before))

    def run_on(self, line: int, day: int) -> Run | None:
        """Return the run of a line that holds a day; None for lines that evidence does not cut."""
        runs = self.runs.get(line)
        return runs[max(bisect_right([r.first for r in runs], day) - 1, 0)] if runs else None

    def is_paid(self, line: int, day: int) -> bool:
        """Say whether a line can be paid for a day."""
        run = self.run_on(line, day)
        return run is None or run.unpaid is None

    def points(self, line: int) -> Iterator[int]:
        """Yield the days on which a line is cut."""
        return (run.first for run in self.runs[line][1:])

    def applied(self, prepared: Prepared) -> Prepared:
        """Return claims with the units that were counted, signed as billed."""
        if not self.units:
            return prepared
        units = prepared.quantities.units.copy()
        for line, counted in self.units.items():
            self.billed[line] = abs(int(units[line]))
            units[line] = counted if units[line] >= 0 else -counted
        return replace(prepared, quantities=replace(prepared.quantities, units=units))


def speaks_of_evidence(version: Version) -> bool:
    """Say whether a version has any clause that looks at evidence."""
    counted = any(clause.count != "billed" for clause in version.days.clauses)
    return counted or version.nursing.hours != "billed" or bool(version.paid_only)


@dataclass(frozen=True)
class Counter:
    """What a recount works with: the lines, the contract's versions by day, and what is on record."""

    prepared: Prepared
    kinds: tuple[LineKind, ...]
    kind: Ints
    live: Ints
    versions: tuple[tuple[int, Version | None], ...]
    evidence: Evidence
    codes: CodeTable
    assume: Assume = "stated"

    def recount(self) -> Recount:
        """Return what evidence makes of the live lines; nothing where no version looks at it."""
        result = Recount()
        if not any(version and speaks_of_evidence(version) for _, version in self.versions):
            return result
        visiting: list[int] = []
        for line in self.live.tolist():
            kind = self.kinds[int(self.kind[line])]
            if self.prepared.quantities.units[line] == UNKNOWN:
                continue
            if kind.is_by_day:
                self._count_days(result, line, kind)
            elif kind.role == "nursing":
                visiting.append(line)
        self._count_visits(result, visiting)
        if any(version and version.paid_only for _, version in self.versions):
            for line in self.live.tolist():
                self._hold_to_records(result, line, self.kinds[int(self.kind[line])])
        return result

    def _versions_of(self, line: int) -> list[tuple[int, int, Version | None]]:
        """Return first and last day of each stretch of a line with the version in force."""
        first, last = int(self.prepared.first[line]), int(self.prepared.last[line])
        starts = self._starts
        if len(starts) == 1:
            return [(first, last, self.versions[0][1])]
        found = []
        for number in range(max(bisect_right(starts, first) - 1, 0), bisect_right(starts, last)):
            end = starts[number + 1] - 1 if number + 1 < len(starts) else last
            found.append((max(first, starts[number]), min(last, end), self.versions[number][1]))
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.versions]

    @cached_property
    def _patients(self) -> list[str]:
        return [str(patient) for patient in self.prepared.claims.lines["patient_id"].tolist()]

    @cached_property
    def _only_clauses(self) -> dict[int, Days | None]:
        """The clause about each kind of line where one version holds throughout; filled as kinds are asked for."""
        return {}

    def _patient(self, line: int) -> str:
        return self._patients[line]

    def _count_days(self, result: Recount, line: int, kind: LineKind) -> None:
        clauses = self._clauses_of(line, kind)
        if clauses == {None}:
            return
        if len(clauses) > 1:
            result.lacking[line] = "the contract changes how days are counted within the span"
            return
        clause = clauses.pop()
        assert clause is not None
        span = Span(to_day(self.prepared.first[line]), to_day(self.prepared.last[line]))
        counted = count_line(self.evidence, Asked(self._patient(line), kind.code, kind.therapy_class, span), clause)
        if counted.lacking or counted.planned:
            limits = bounds(clause, span.days, _interval(self.codes, kind))
            if not self._is_settled_without(result, line, clause, counted, limits):
                return
        _take(result, line, counted, clause)

    def _clauses_of(self, line: int, kind: LineKind) -> set[Days | None]:
        """Return what counts a line's days: more than one where the contract changes it within the span."""
        if len(self.versions) > 1:
            return {_days_clause(version, kind) for *_, version in self._versions_of(line)}
        number, held = int(self.kind[line]), self._only_clauses
        if number not in held:
            held[number] = _days_clause(self.versions[0][1], kind)
        return {held[number]}

    def _is_settled_without(
        self, result: Recount, line: int, clause: Days, counted: LineDays, limits: tuple[int, int] | None
    ) -> bool:
        """Note what stands in for evidence that is not there. True when the count given is the one to take."""
        if counted.planned and limits is not None:
            result.assumed[line] = f"{clause.count.replace('_', ' ')} days: doses were given as ordered"
            if self.assume == "stated":
                return True
        elif counted.planned or clause.missing == "review" or limits is None:
            nothing = "; nothing bounds its doses" if limits is None and clause.missing != "review" else ""
            result.lacking[line] = (counted.lacking or "its doses are not on record") + nothing
            return False
        else:
            stands = "billed units stand" if clause.missing == "billed" else "only low and high are known"
            result.assumed[line] = f"{clause.count.replace('_', ' ')} days not on record: {stands}"
        assert limits is not None
        if self.assume != "stated":
            result.units[line] = 1000 * limits[self.assume == "high"]
        elif clause.missing == "low_high":
            low, high = limits
            result.lacking[line] = f"{counted.lacking}; it counts for {low} to {high}"
        return False

    def _count_visits(self, result: Recount, lines: list[int]) -> None:
        """Give each nursing line its visits: one line of a code and day all of them, several one each."""
        of_day: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        chosen: dict[int, VisitTime] = {}
        for line in lines:
            version = self._versions_of(line)[0][2]
            if version is None or version.nursing.hours == "billed" or self.prepared.paired[line]:
                continue
            chosen[line] = version.nursing
            code = self.kinds[int(self.kind[line])].code
            for day in range(int(self.prepared.first[line]), int(self.prepared.last[line]) + 1):
                of_day[(self._patient(line), code, day)].append(line)
        for line, clause in chosen.items():
            counted = self._visits_of(line, clause, of_day)
            if isinstance(counted, Fraction):
                self._take_visits(result, line, counted, clause)
            elif clause.missing == "review":
                result.lacking[line] = counted

    def _visits_of(self, line: int, clause: VisitTime, of_day: dict[tuple[str, str, int], list[int]]) -> Fraction | str:
        """Return a nursing line's units, or what is missing."""
        patient, kind = self._patient(line), self.kinds[int(self.kind[line])]
        first, last = int(self.prepared.first[line]), int(self.prepared.last[line])
        if lacking := self.evidence.lacks("visits", patient, to_day(first)):
            return lacking
        entry = self.codes.entry(kind.code)
        basis = entry.billing_basis if entry else ""
        if basis not in ("per_visit", "per_hour"):
            return f"{kind.code} is billed neither by the visit nor by the hour"
        held = self.evidence.visits.of(patient) if self.evidence.visits else ()
        total = Fraction(0)
        for day in range(first, last + 1):
            visits = sorted((v for v in held if day_number(v.day) == day), key=lambda v: v.begin)
            others = of_day[(patient, kind.code, day)]
            if len(others) > 1:
                if len(others) != len(visits):
                    return f"{len(others)} lines of {kind.code} but {len(visits)} visits on record for {to_day(day)}"
                visits = [visits[others.index(line)]]
            units = visit_units(visits, clause, basis)
            if units is None:
                return f"a visit of {to_day(day)} has no begin or end on record"
            total += units
        if not any(first <= day_number(v.day) <= last for v in held):
            return "no visit is on record for these days"
        return total

    def _take_visits(self, result: Recount, line: int, units: Fraction, clause: VisitTime) -> None:
        result.units[line] = int(units * 1000)
        result.records[line] = (f"visits on record count for {units} ({clause.hours.replace('_', ' ')})",)
        if not units:
            why = Unpaid("nursing", "the time of the visit gives no further hour", clause.cite)
            result.runs[line] = (Run(int(self.prepared.first[line]), int(self.prepared.last[line]), 0, why),)

    def _hold_to_records(self, result: Recount, line: int, kind: LineKind) -> None:
        """Take days from a line that is paid only while something is on record."""
        if line in result.lacking:
            return
        for first, last, version in self._versions_of(line):
            for rule in version.paid_only if version else ():
                if matches(rule.lines, kind):
                    self._only_during_holds(result, line, (first, last), rule)

    def _only_during_holds(self, result: Recount, line: int, days: tuple[int, int], rule: PaidOnly) -> None:
        patient = self._patient(line)
        first, last = int(self.prepared.first[line]), int(self.prepared.last[line])
        lacking = self.evidence.lacks("holds", patient, to_day(days[0]))
        if lacking and rule.undocumented == "review":
            result.lacking[line] = lacking
            return
        held = set() if lacking else {day_number(d) for d in hold_days(self.evidence, patient, rule.most_days)}
        why = Unpaid(rule.id, "no hold is on record that day", rule.cite)
        marked = []
        for day in range(first, last + 1):
            run = result.run_on(line, day) or Run(first, last, None)
            barred = days[0] <= day <= days[1] and day not in held
            marked.append(Run(day, day, run.units, run.unpaid or (why if barred else None)))
        joined = _joined(marked)
        by_day = self.kinds[int(self.kind[line])].is_by_day
        if not by_day and len(joined) > 1:
            result.lacking[line] = "it is paid on some of its days only, and its units cannot be shared out by day"
            return
        result.runs[line] = joined
        if line in result.units:
            result.units[line] = 1000 * sum((r.units or 0) * (r.last - r.first + 1) for r in result.runs[line])


def _days_clause(version: Version | None, kind: LineKind) -> Days | None:
    """Return the first clause that is about a kind of line, None where its billed units stand."""
    clauses = version.days.clauses if version else ()
    clause = next((clause for clause in clauses if matches(clause.applies_to, kind)), None)
    return None if clause is None or clause.count == "billed" else clause


def _interval(codes: CodeTable, kind: LineKind) -> int | None:
    entry = codes.entry(kind.code)
    return entry.dose_interval_hours if entry else None


def _take(result: Recount, line: int, counted: LineDays, clause: Days) -> None:
    result.units[line] = 1000 * counted.units
    result.records[line] = counted.records
    result.runs[line] = tuple(
        Run(
            day_number(run.span.first),
            day_number(run.span.last),
            run.units,
            Unpaid("days", run.why, clause.cite) if run.why else None,
        )
        for run in counted.runs
    )


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    joined: list[Run] = []
    for run in runs:
        if joined and (joined[-1].units, joined[-1].unpaid) == (run.units, run.unpaid):
            joined[-1] = replace(joined[-1], last=run.last)
        else:
            joined.append(run)
    return tuple(joined)
