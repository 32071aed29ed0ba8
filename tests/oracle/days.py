"""One line on one day: what governs it, whether another line holds it, its rank among the therapies of the day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property

from oracle.contract_file import Table, Version, version_on
from oracle.lines import ONE_DAY, Line
from oracle.methods import Answer, Moment, answer
from oracle.money import half_up
from oracle.selecting import about, governing

COUNTS_UNLESS_SAID = {"roles": ["per_diem"]}
KNOWN_NOTHING = ("bundled", "not_covered")


@dataclass
class Day:
    """A line on a day of service. ``ranks`` holds every rank that it may have; one, unless a rate is unknown."""

    line: Line
    on: date
    version: Version
    answer: Answer
    factor: Fraction = Fraction(1)
    limited: bool = False
    shares: tuple[Fraction, ...] = ()
    ranks: tuple[int, ...] = (1,)
    refused: bool = False

    @property
    def shares_possible(self) -> set[Fraction]:
        """The share, or all that it could be."""
        return {self.shares[min(r, len(self.shares)) - 1] for r in self.ranks} if self.shares else {Fraction(1)}

    @property
    def paid_by(self) -> object:
        """Everything that decides what the day pays, so that equal days are paid alike."""
        share = frozenset() if self.answer.status else frozenset(self.shares_possible)
        return self.answer.status, self.answer.rates, self.factor, share


@dataclass
class Book:
    """All lines that a contract may price, its versions, and by which dates it prices them."""

    lines: list[Line]
    versions: list[Version]
    as_of: date | None = None
    price_day: date | None = None
    evidence: list[Line] = field(default_factory=list)

    @cached_property
    def of_patient(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.patient].append(line)
        return found

    def version(self, day: date) -> Version | None:
        return version_on(self.versions, self.as_of or day)

    def others(self, line: Line, day: date) -> list[Line]:
        """The patient's other lines of that day; voids, and what they cancel, are not there."""
        return [
            other
            for other in self.of_patient[line.patient]
            if other is not line and day in other.days and _stands(other)
        ]


def _stands(line: Line) -> bool:
    return line.sign > 0 and not line.paired


def days_of(book: Book, line: Line) -> list[Day | None]:
    """The days by which a line is priced: each of its days, or for what is not counted by days the first one.

    A day on which no version is in force is None.
    """
    return [_day(book, line, on) for on in (line.days if line.by_days else line.days[:1])]


def _day(book: Book, line: Line, on: date) -> Day | None:
    version = book.version(on)
    if version is None:
        return None
    moment = Moment(version, book.as_of or on, book.price_day or on)
    term = governing(version, line, moment.day)
    said = Answer(status="contract_silent") if term is None else answer(line, term, moment)
    said = Answer(said.status, said.rates, term["id"] if term else "")
    if held := _held(book, line, on, version):
        said = Answer(status=held)
    day = Day(line, on, version, said)
    if said.status:
        return day
    assert term is not None
    for adjustment in version.rows("adjustment"):
        if about(adjustment, line):
            day.factor *= Fraction(adjustment["factor"])
    rule = version.table("lesser_of")
    excluded = about(rule["exclude"], line) if any(rule.get("exclude", {}).values()) else False
    day.limited = rule.get("level", "none") != "none" and term.get("lesser_of", True) and not excluded
    if counts(version, line):
        shares = term.get("shares") or version.table("concurrency").get("shares", [1])
        day.shares = tuple(Fraction(s) for s in shares)
    return day


def _held(book: Book, line: Line, on: date, version: Version) -> str:
    """Say "bundled" when another line of the day holds this one; units that are not days cannot be shared out."""
    days = [on] if line.by_days else line.days
    held = [any(_bundles(book, rule, line, day) for rule in version.rows("bundle")) for day in days]
    if line.paired or not any(held):
        return ""
    return "bundled" if all(held) else "needs_review"


def _bundles(book: Book, rule: Table, line: Line, day: date) -> bool:
    return about(rule["lines"], line) and any(about(rule["into"], other) for other in book.others(line, day))


def counts(version: Version, line: Line) -> bool:
    """Whether a line is one of the therapies that are ranked and reduced: counted by days, named, not exempt."""
    rule = version.table("concurrency")
    exempt = rule.get("exempt")
    named = about(rule.get("counts", COUNTS_UNLESS_SAID), line)
    return line.by_days and named and not (exempt is not None and about(exempt, line))


def rank(book: Book, priced: dict[str, list[Day]]) -> None:
    """Give every counting day its rank, from its modifiers or from the therapies of the day."""
    together: dict[tuple[str, date], list[Day]] = defaultdict(list)
    for days in priced.values():
        for day in days:
            if not counts(day.version, day.line):
                continue
            submitted = 3 if "SJ" in day.line.modifiers else 2 if "SH" in day.line.modifiers else 1
            way = day.version.table("concurrency").get("modifiers", "trust")
            day.ranks = (1,) if way == "rerank" else (submitted,)
            if _stands(day.line) and day.answer.status not in KNOWN_NOTHING:
                together[day.line.patient, day.on].append(day)
    for group in together.values():
        way = group[0].version.table("concurrency").get("modifiers", "trust")
        if way != "trust":
            _rank_together(book, group, way)


def _rank_together(book: Book, group: list[Day], way: str) -> None:
    by = group[0].version.table("concurrency")["primary_by"]
    unknown = [d for d in group if by == "highest_rate" and day_rate(d) is None]
    known = sorted((d for d in group if d not in unknown), key=lambda d: (_merit(book, d, by), d.line.order))
    for place, day in enumerate(known, start=1):
        possible = tuple(range(place, place + len(unknown) + 1))
        day.refused = way == "refuse" and {min(r, 3) for r in possible} != set(day.ranks)
        day.ranks = possible


def _merit(book: Book, day: Day, by: str) -> Fraction | int:
    if by == "highest_rate":
        return -(day_rate(day) or Fraction(0))
    return _started(book, day.line).toordinal() if by == "first_started" else 0


def day_rate(day: Day) -> Fraction | None:
    """Dollars for one unit before any share, None when that cannot be said."""
    whole = amount(day, Fraction(1), Fraction(1))
    assert day.line.billed_units is not None
    return None if whole is None else whole / day.line.billed_units


def _started(book: Book, line: Line) -> date:
    """The first day of the code's unbroken run of days for the patient."""
    same = [o for o in book.evidence if o.patient == line.patient and o.code == line.code and _stands(o)]
    day = line.days[0]
    while any(day - ONE_DAY in other.days for other in same):
        day -= ONE_DAY
    return day


def amount(day: Day, part: Fraction, share: Fraction, *, round_days: bool = False) -> Fraction | None:
    """Dollars for a part of the line: the least by size of rate times quantity, then factor and share."""
    found: list[Fraction] = []
    for rate in day.answer.rates:
        quantity = _quantity(day.line, rate.quantity)
        if quantity is None:
            return None
        dollars = rate.dollars * day.factor * share
        if round_days and rate.per == "day" and len(day.answer.rates) == 1:
            dollars = half_up(dollars)
        found.append(dollars * quantity * part)
    return min(found, key=abs) if found else None


def _quantity(line: Line, name: str) -> Fraction | None:
    if name == "case":
        return Fraction(line.sign)
    if name == "units":
        return None if line.billed_units is None else line.billed_units * line.units_factor
    return {"ndc_quantity": line.ndc_quantity, "charge": line.charge, "cost": line.cost}[name]
