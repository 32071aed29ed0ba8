"""All lines that a contract may price, seen beside each other: patients, episodes, allowances, companions."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from oracle.contract_file import Table, Version, version_on
from oracle.lines import Line
from oracle.selecting import about


def stands(line: Line) -> bool:
    """Whether a line is a bill that no void takes back."""
    return line.sign > 0 and not line.paired


@dataclass
class Book:
    """The lines to price, the contract's versions, and by which dates it prices them.

    ``readable`` are all lines that can be read, other payers' and repeats among them; ``evidence`` holds the rows of
    the companion files that are there, by name.
    """

    lines: list[Line]
    versions: list[Version]
    as_of: date | None = None
    price_day: date | None = None
    readable: list[Line] = field(default_factory=list)
    evidence: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def version(self, day: date) -> Version | None:
        return version_on(self.versions, self.as_of or day)

    @cached_property
    def of_patient(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.patient].append(line)
        return found

    def others(self, line: Line, day: date) -> list[Line]:
        """The patient's other lines of that day; voids, and what they cancel, are not there."""
        near = (o for o in self.of_patient[line.patient] if o is not line and stands(o))
        return [other for other in near if day in other.days and day not in other.unpaid]

    def in_turn(self, selector: Table) -> list[Line]:
        """The lines of a selector by first day; of one day, voided lines and their voids first, then by place."""
        mine = [line for line in self.lines if about(selector, line)]
        return sorted(mine, key=lambda line: (line.days[0], not line.paired, line.order))

    # --- episodes -------------------------------------------------------------------------------------------------

    @cached_property
    def episode_rules(self) -> dict[str, Table]:
        """Every episode rule; a later version's rule of the same id stands for all dates."""
        return {row["id"]: row for version in self.versions for row in version.rows("episode")}

    @cached_property
    def episodes(self) -> dict[str, dict[str, int]]:
        """For each rule, the number of the episode of each line, by line id."""
        return {name: self._numbered(rule) for name, rule in self.episode_rules.items()}

    def _numbered(self, rule: Table) -> dict[str, int]:
        numbers: dict[str, int] = {}
        open_: dict[Hashable, tuple[int, date]] = {}
        for line in self.in_turn(rule["lines"]):
            by = {"class": line.therapy_class, "code": line.code, "patient": ""}[rule.get("by", "class")]
            year = line.days[0].year if rule.get("restart") == "year" else 0
            key = (line.patient, by, year)
            number, until = open_.get(key, (-1, date.min))
            if number < 0 or (line.days[0] - until).days - 1 > rule["gap_days"]:
                number, until = len(set(numbers.values())), line.days[-1]
            open_[key] = (number, max(until, line.days[-1]))
            numbers[line.id] = number
        return numbers

    @cached_property
    def counts(self) -> dict[str, dict[str, Fraction]]:
        """For each episode rule, the units of the lines before each line in its episode, by line id."""
        found: dict[str, dict[str, Fraction]] = {}
        for name, rule in self.episode_rules.items():
            so_far: dict[int, Fraction] = defaultdict(Fraction)
            found[name] = {}
            for line in self.in_turn(rule["lines"]):
                number = self.episodes[name][line.id]
                found[name][line.id] = so_far[number]
                if not line.paired:
                    assert line.billed_units is not None
                    so_far[number] += line.billed_units
        return found

    # --- allowances -----------------------------------------------------------------------------------------------

    @cached_property
    def paid_part(self) -> dict[str, Fraction]:
        """The part of each line that its allowances still pay for; 1 where none says otherwise."""
        parts: dict[str, Fraction] = {}
        used: dict[Hashable, list[tuple[date, Fraction]]] = defaultdict(list)
        for line in self.in_turn({}):
            version = self.version(line.days[0])
            if version is None or not stands(line) or not line.billed_units:
                continue
            rules = [rule for rule in version.rows("allowance") if about(rule["lines"], line)]
            part = min([Fraction(1)] + [self._left(rule, line, used) / _counted(rule, line) for rule in rules])
            parts[line.id] = part
            for rule in rules:
                used[self._turn(rule, line)].append((line.days[0], part * _counted(rule, line)))
        return parts

    def _left(self, rule: Table, line: Line, used: dict[Hashable, list[tuple[date, Fraction]]]) -> Fraction:
        since = line.days[0] - timedelta(rule["days"] - 1) if "days" in rule else date.min
        spent = sum((amount for day, amount in used[self._turn(rule, line)] if day >= since), Fraction(0))
        return max(Fraction(0), rule["most"] - spent)

    def _turn(self, rule: Table, line: Line) -> Hashable:
        """The day, week, month, year or episode in which a line takes its turn under a rule."""
        day = line.days[0]
        starts = calendar.SUNDAY if rule.get("week_starts", "sunday") == "sunday" else calendar.MONDAY
        turns: dict[str, Hashable] = {
            "day": day,
            "week": day - timedelta((day.weekday() - starts) % 7),
            "month": (day.year, day.month),
            "year": day.year,
        }
        if rule["per"] == "episode":
            return repr(rule), line.patient, self.episodes[rule["episode"]].get(line.id, -1)
        return repr(rule), line.patient, turns.get(rule["per"])

    # --- companions -----------------------------------------------------------------------------------------------

    def quantity(self, line: Line, name: str) -> Fraction | None:
        """A whole line's quantity by name, None where it is not known."""
        if name == "units":
            return None if line.billed_units is None else line.billed_units * line.units_factor
        if name in ("ndc_quantity", "charge", "cost"):
            found: Fraction | None = getattr(line, name)
            return found
        if name == "case":
            return Fraction(line.sign)
        if name == "service_days":
            return Fraction(line.sign * len(line.days))
        if name == "dispenses":
            return self._dispenses(line)
        if name == "beside":
            return self._beside(line)
        if name.startswith("period "):
            return line.sign * periods(line.days, *name.split()[1:])
        return self.counts[name.removeprefix("before ")].get(line.id, Fraction(0))

    def _together(self, line: Line) -> list[Line]:
        return self._dispensed[_dispensing(line)]

    @cached_property
    def _dispensed(self) -> dict[Hashable, list[Line]]:
        found: dict[Hashable, list[Line]] = defaultdict(list)
        for line in self.readable:
            if not line.duplicate:
                found[_dispensing(line)].append(line)
        return found

    def _dispenses(self, line: Line) -> Fraction:
        """1 on the first line of what was dispensed at once; a void, and what it cancels, stand alone."""
        if "JW" in line.modifiers:
            return Fraction(0)
        if not stands(line):
            return Fraction(line.sign)
        first = min(o.order for o in self._together(line) if stands(o) and "JW" not in o.modifiers)
        return Fraction(1 if line.order == first else 0)

    def _beside(self, line: Line) -> Fraction | None:
        """Units given beside waste, units wasted beside anything else; None when there are none."""
        waste = "JW" in line.modifiers
        beside = [o for o in self._together(line) if ("JW" in o.modifiers) != waste]
        telling = [o for o in beside if (o.sign > 0 if line.paired else stands(o))]
        total = sum((o.billed_units or Fraction(0) for o in telling), Fraction(0))
        return total * line.units_factor * line.sign if total else None


def _dispensing(line: Line) -> Hashable:
    """What lines have in common that were dispensed at once."""
    return line.patient, line.payer, line.billed_code, line.days[0]


def _counted(rule: Table, line: Line) -> Fraction:
    """What a whole line takes of an allowance: its units or its days, by weight."""
    assert line.billed_units is not None
    units = Fraction(len(line.days)) if rule.get("of") == "days" else line.billed_units
    return units * Fraction(next((w["each"] for w in rule.get("weights", []) if about(w, line)), 1))


def periods(days: list[date], how: str, length: str) -> Fraction:
    """How many weeks or months a span has: ``length`` days each from its first day, or calendar months."""
    if length != "calendar":
        size, count = int(length), len(days)
        return Fraction(-(-count // size)) if how == "started" else Fraction(count, size)
    months = sorted({(day.year, day.month) for day in days})
    if how == "started":
        return Fraction(len(months))
    inside = [(sum((d.year, d.month) == m for d in days), calendar.monthrange(*m)[1]) for m in months]
    return sum((Fraction(here, whole) for here, whole in inside), Fraction(0))
