"""One line on one day: what governs it, whether another line holds it, its rank among the therapies of the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from oracle.book import Book, stands
from oracle.contract_file import Table, Version
from oracle.lines import ONE_DAY, Line
from oracle.methods import answer
from oracle.moments import Answer, Moment
from oracle.money import half_up
from oracle.selecting import about, governing
from oracle.worth import daily, value

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
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
    beside_unknown: bool = False

    @property
    def shares_possible(self) -> set[Fraction]:
        """The share, or all that it could be."""
        return {self.shares[min(r, len(self.shares)) - 1] for r in self.ranks} if self.shares else {Fraction(1)}

    @property
    def paid_by(self) -> object:
        """Everything that decides what the day pays, so that equal days are paid alike."""
        share = frozenset() if self.answer.status else frozenset(self.shares_possible)
        return self.answer.status, self.answer.worth, self.factor, share


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
    day = _by_own_terms(book, line, on, moment)
    own = said = day.answer
    if not line.by_days and any(not _alike(day, _by_own_terms(book, line, other, moment)) for other in line.days):
        said = Answer(status="needs_review")
    if on in line.unpaid:
        said = Answer(status="not_covered")
    if within := held(book, line, on, version):
        said = Answer(status=within)
    if book.paid_part.get(line.id) == 0:
        said = Answer(status="not_covered")
    return day if said is own else Day(line, on, version, said)


def _alike(one: Day, other: Day) -> bool:
    """Whether two days of a line are paid in the same way."""
    ways = [(d.answer.status, d.answer.worth, d.factor, d.limited) for d in (one, other)]
    return ways[0] == ways[1]


def _by_own_terms(book: Book, line: Line, on: date, moment: Moment) -> Day:
    """What the contract's terms say of a line at a moment, as things stand on one of its days."""
    version = moment.version

    def holds(row: Table) -> bool:
        return all(so == wanted for _, so, wanted in asked(book, row, line, on))

    term = governing(version, line, moment.day, holds)
    day = Day(line, on, version, Answer(status="contract_silent") if term is None else answer(line, term, moment))
    rule = version.table("lesser_of")
    excluded = about(rule["exclude"], line) if any(rule.get("exclude", {}).values()) else False
    day.limited = rule.get("level", "none") != "none" and (term is None or term.get("lesser_of", True)) and not excluded
    if day.answer.status:
        return day
    assert term is not None
    for adjustment in version.rows("adjustment"):
        if about(adjustment, line) and holds(adjustment):
            day.factor *= Fraction(adjustment["factor"])
    if counts(version, line):
        shares = term.get("shares") or version.table("concurrency").get("shares", [1])
        day.shares = tuple(Fraction(s) for s in shares)
    return day


def asked(book: Book, row: Table, line: Line, on: date) -> list[tuple[str, bool, bool]]:
    """What a row asks of a day: its name, whether it is so, whether it must be."""
    found = []
    for name, wanted in (("beside", True), ("alone", False)):
        if name in row:
            found.append((name, any(about(row[name], other) for other in book.others(line, on)), wanted))
    if row.get("weekdays"):
        found.append(("weekdays", WEEK[on.weekday()] in row["weekdays"], True))
    return found


def held(book: Book, line: Line, on: date, version: Version) -> str:
    """Say "bundled" when another line of the day holds this one; units that are not days cannot be shared out."""
    days = [on] if line.by_days else line.days
    rules = [rule for rule in version.rows("bundle") if _speaks_of(rule, line)]
    by_day = [{_verdict(rule, line) for rule in rules if _holds(book, rule, line, day)} - {""} for day in days]
    found = set().union(*by_day)
    if not found:
        return ""
    if "needs_review" in found and "bundled" not in found:
        return "needs_review"
    return "bundled" if all("bundled" in verdicts for verdicts in by_day) else "needs_review"


def _speaks_of(rule: Table, line: Line) -> bool:
    excluded = "exclude" in rule and about(rule["exclude"], line)
    return about(rule.get("lines", {}), line) and not excluded


def _holds(book: Book, rule: Table, line: Line, day: date) -> bool:
    """Whether a rule finds another line of the day that holds this one."""
    forbidden = line.codes.excluded_by(line.code, line.days[0]) if rule.get("by") == "descriptor" else None
    return any(
        about(rule.get("into", {}), other)
        and (forbidden is None or other.code in forbidden)
        and (not rule.get("same_class") or other.therapy_class == line.therapy_class)
        for other in book.others(line, day)
    )


def _verdict(rule: Table, line: Line) -> str:
    """What a rule that holds a line makes of it; a costly drug is paid apart."""
    if "unless_cost_per_day_above" not in rule:
        return "bundled"
    if line.cost is None:
        return "needs_review"
    return "" if abs(line.cost) / len(line.days) > Fraction(rule["unless_cost_per_day_above"]) else "bundled"


def counts(version: Version, line: Line) -> bool:
    """Whether a line is one of the therapies that are ranked and reduced: counted by days, named, not exempt."""
    rule = version.table("concurrency")
    exempt = rule.get("exempt")
    named = about(rule.get("counts", COUNTS_UNLESS_SAID), line)
    return line.by_days and named and not (exempt is not None and about(exempt, line))


def submitted_rank(line: Line) -> int:
    return 3 if "SJ" in line.modifiers else 2 if "SH" in line.modifiers else 1


def rank(book: Book, priced: dict[str, list[Day]]) -> None:
    """Leave one line a day of those that exclude each other; rank the therapies of each day."""
    _exclude(book, [day for days in priced.values() for day in days])
    together: dict[tuple[str, date, str], list[Day]] = defaultdict(list)
    for day in (day for days in priced.values() for day in days if counts(day.version, day.line)):
        way = day.version.table("concurrency").get("modifiers", "trust")
        day.ranks = (1,) if way == "rerank" else (submitted_rank(day.line),)
        if stands(day.line) and day.answer.status not in KNOWN_NOTHING:
            among = day.line.therapy_class if day.version.table("concurrency").get("within") == "class" else ""
            together[day.line.patient, day.on, among].append(day)
    for group in together.values():
        way = group[0].version.table("concurrency").get("modifiers", "trust")
        if way != "trust":
            _rank_together(book, group, way)


def _exclude(book: Book, days: list[Day]) -> None:
    """Of lines that exclude each other one a day is paid; where the one paid hangs on an unknown rate, none is known.

    The first rule that finds two lines on a day stands for them.
    """
    groups: dict[tuple[str, date], list[Day]] = defaultdict(list)
    for day in days:
        whole = day.line.by_days or len(day.line.days) == 1
        if whole and stands(day.line) and day.answer.status not in KNOWN_NOTHING:
            groups[day.line.patient, day.on].append(day)
    for group in groups.values():
        taken: list[Day] = []
        for rule in group[0].version.rows("exclusive"):
            rivals = [d for d in group if d not in taken and about(rule["among"], d.line)]
            if len(rivals) < 2:
                continue
            taken += rivals
            by = rule.get("keep", "highest_rate")
            if by == "highest_rate" and any(day_rate(book, d) is None for d in rivals):
                for rival in rivals:
                    rival.beside_unknown = day_rate(book, rival) is not None
                continue
            _, *others = sorted(rivals, key=_merit_of(book, by))
            for other in others:
                other.answer, other.shares, other.limited = Answer(status="bundled"), (), False


def _rank_together(book: Book, group: list[Day], way: str) -> None:
    by = group[0].version.table("concurrency")["primary_by"]
    group = [d for d in group if d.answer.status not in KNOWN_NOTHING]
    unknown = [d for d in group if by == "highest_rate" and day_rate(book, d) is None]
    known = sorted((d for d in group if d not in unknown), key=_merit_of(book, by))
    for place, day in enumerate(known, start=1):
        possible = tuple(range(place, place + len(unknown) + 1))
        day.refused = way == "refuse" and {min(r, 3) for r in possible} != set(day.ranks)
        day.ranks = possible


def _merit_of(book: Book, by: str) -> Callable[[Day], tuple[Fraction | int, int]]:
    """What decides who comes first, least first; the order of billing breaks ties."""

    def merit(day: Day) -> Fraction | int:
        if by == "highest_rate":
            return -(day_rate(book, day) or Fraction(0))
        if by == "as_modified":
            return submitted_rank(day.line)
        return _started(book, day.line).toordinal() if by == "first_started" else 0

    return lambda day: (merit(day), day.line.order)


def day_rate(book: Book, day: Day) -> Fraction | None:
    """Dollars for one unit before any share, None when that cannot be said."""
    whole = amount(book, day, day.line.days, Fraction(1))
    assert day.line.billed_units is not None
    return None if whole is None else whole / day.line.billed_units


def _started(book: Book, line: Line) -> date:
    """The first day of the code's unbroken run of days for the patient."""
    same = [o for o in book.readable if o.patient == line.patient and o.code == line.code]
    day = line.days[0]
    while any(day - ONE_DAY in other.days for other in same):
        day -= ONE_DAY
    return day


def amount(book: Book, day: Day, days: list[date], share: Fraction, *, round_days: bool = False) -> Fraction | None:
    """Dollars for some days of a line, all paid as ``day`` is: their worth, then factor and share."""
    worth, line = day.answer.worth, day.line
    if worth is None:
        return None
    allowed = book.paid_part.get(line.id, Fraction(1))
    part, part_of_charge = line.part(days)

    def have(name: str) -> Fraction | None:
        found = book.quantity(line, name)
        if name.startswith("before "):
            return (found or Fraction(0)) + line.units_before(days[0])
        return None if found is None else found * allowed * (part if name == "units" else part_of_charge)

    if round_days and daily(worth):
        units, each = have("units"), value(worth, lambda _: Fraction(1))
        return None if units is None or each is None else half_up(each * day.factor * share) * units
    found = value(worth, have)
    return None if found is None else found * day.factor * share
