"""Claim lines as the oracle reads them: plain CSV, exact numbers, what stands against a line before any contract."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from hitmodel.codes import CodeEntry, CodeTable, code_table

COUNTED_BY_DAYS = ("per_diem", "catheter_care")
ONE_DAY = timedelta(days=1)


@dataclass
class Line:
    """One row of a claims file. ``code`` is what it is priced as, ``billed_code`` what stands in the file.

    ``day_units`` are the units of each day where they were counted from records, and ``units_in_file`` those that
    were billed. On ``unpaid`` days records give nothing.
    """

    order: int
    claim: str
    id: str
    patient: str
    payer: str
    product: str
    billed_code: str
    modifiers: frozenset[str]
    place: str
    ndc: str
    ndc_unit: str
    first: date | None
    last: date | None
    billed_units: Fraction | None
    charge: Fraction | None
    ndc_quantity: Fraction | None
    cost: Fraction | None
    codes: CodeTable = field(repr=False)
    unreadable: bool = False
    duplicate: bool = False
    paired: bool = False
    code: str = ""
    units_factor: Fraction = Fraction(1)
    days: list[date] = field(default_factory=list)
    day_units: dict[date, Fraction] | None = None
    units_in_file: Fraction | None = None
    unpaid: set[date] = field(default_factory=set)

    @property
    def entry(self) -> CodeEntry | None:
        """The code table's latest row for the code."""
        return self.codes.entry(self.code)

    @property
    def role(self) -> str:
        return self.entry.role if self.entry else ""

    @property
    def therapy_class(self) -> str:
        return self.entry.therapy_class if self.entry else ""

    @property
    def family(self) -> str:
        """The drug, whatever its maker."""
        return self.entry.family if self.entry else ""

    @property
    def by_days(self) -> bool:
        """Whether its units are days of service."""
        return self.role in COUNTED_BY_DAYS

    def count(self, units: dict[date, Fraction]) -> None:
        """Take units by day from records in place of what was billed; days without any are not paid."""
        if self.units_in_file is None:
            self.units_in_file = self.billed_units
        self.billed_units, self.day_units = self.sign * sum(units.values(), Fraction(0)), units
        self.unpaid |= {day for day, each in units.items() if not each}

    def part(self, days: list[date]) -> tuple[Fraction, Fraction]:
        """The part of its units, and of its charge and cost, that some of its days have.

        Counted units stand for their part of what was charged, at most for the whole.
        """
        if self.day_units is None or not self.billed_units or not self.units_in_file:
            part = Fraction(len(days), len(self.days))
            return part, part
        here = sum((self.day_units[day] for day in days), Fraction(0)) / abs(self.billed_units)
        return here, here * min(Fraction(1), self.billed_units / self.units_in_file)

    def units_before(self, day: date) -> Fraction:
        """Units of its days before one of them: a day is one unless they were counted."""
        if self.day_units is None:
            return Fraction((day - self.days[0]).days)
        return sum((units for on, units in self.day_units.items() if on < day), Fraction(0))

    @property
    def sign(self) -> int:
        units = self.billed_units if self.units_in_file is None else self.units_in_file
        return -1 if units is not None and units < 0 else 1


def read_lines(path: Path) -> list[Line]:
    """Read a claims file and mark what is unreadable, what repeats another line, and voids with what they cancel."""
    with path.open(newline="", encoding="utf-8") as file:
        codes = code_table()
        lines = [_line(n, row, codes) for n, row in enumerate(csv.DictReader(file))]
    _pair_and_repeat(lines)
    return lines


def _line(order: int, row: dict[str, str], codes: CodeTable) -> Line:
    def get(name: str) -> str:
        return (row.get(name) or "").strip()

    units, charge = _number(get("units"), 3), _number(get("charge"), 2)
    quantity, cost = _number(get("ndc_quantity"), 3), _number(get("acquisition_cost"), 2)
    sign = -1 if units is not None and units < 0 else 1
    line = Line(
        order=order,
        claim=get("claim_id"),
        id=get("line_id"),
        patient=get("patient_id"),
        payer=get("payer"),
        product=get("product"),
        billed_code=get("code").upper(),
        modifiers=frozenset(get("modifiers").upper().split()),
        place=get("place_of_service"),
        ndc=get("ndc").replace("-", ""),
        ndc_unit=get("ndc_unit").upper(),
        first=_date(get("service_from")),
        last=_date(get("service_through")),
        billed_units=units,
        charge=charge,
        ndc_quantity=None if quantity is None else abs(quantity) * sign,
        cost=None if cost is None else abs(cost) * sign,
        codes=codes,
    )
    line.code = line.billed_code
    line.unreadable = _unreadable(line)
    if line.first and line.last:
        line.days = [line.first + n * ONE_DAY for n in range((line.last - line.first).days + 1)]
    return line


def _number(text: str, decimals: int) -> Fraction | None:
    found = re.fullmatch(rf"-?\d{{1,12}}(\.\d{{1,{decimals}}}0*)?", text)
    return Fraction(text) if found else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _unreadable(line: Line) -> bool:
    ids = all((line.claim, line.id, line.patient, line.payer))
    shaped = re.fullmatch(r"[A-Z]\d{4}|\d{4}[0-9A-Z]", line.billed_code)
    modifiers = len(line.modifiers) <= 4 and all(re.fullmatch(r"[A-Z0-9]{2}", m) for m in line.modifiers)
    if not ids or not shaped or not modifiers:
        return True
    if line.first is None or line.last is None or line.last < line.first:
        return True
    if not line.billed_units or line.charge is None:
        return True
    return line.billed_units * line.charge < 0


def _pair_and_repeat(lines: list[Line]) -> None:
    """A void cancels one equal line. Of equal lines that are left, the first stands and the others repeat it."""
    groups: dict[object, list[Line]] = {}
    for line in lines:
        if not line.unreadable:
            assert line.billed_units is not None
            assert line.charge is not None
            key = (
                line.patient,
                line.payer,
                line.billed_code,
                line.modifiers,
                line.first,
                line.last,
                line.ndc,
                abs(line.billed_units),
                abs(line.charge),
            )
            groups.setdefault(key, []).append(line)
    for members in groups.values():
        bills = [line for line in members if line.sign > 0]
        voids = [line for line in members if line.sign < 0]
        for bill, void in zip(bills, voids, strict=False):
            bill.paired = void.paired = True
        for repeat in [line for line in bills if not line.paired][1:]:
            repeat.duplicate = True


def code_in_doubt(line: Line) -> bool:
    """Whether the billed code did not exist on the first or the last day."""
    return not all(line.codes.is_known(line.billed_code, day) for day in (line.first, line.last) if day)


def carry(line: Line, day: date) -> bool:
    """Carry an ended code to its successor on a day; return whether a code stands there on that day."""
    line.code, line.units_factor = line.codes.carried_to(line.billed_code, day)
    return line.codes.is_known(line.code, day)
