"""From courses to claim lines: per diems by month, drugs by dispense, nursing by visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hitmodel.book.courses import Course
from hitmodel.book.draws import Draws
from hitmodel.book.plan import Chargemaster, Drug, Item, Nursing, Plan
from hitmodel.codes import CodeTable
from hitmodel.dates import Quarter, Span
from hitmodel.drug_units import units_for
from hitmodel.errors import MissingReference
from hitmodel.money import round_half_up, to_cents
from hitmodel.prices import NdcPriceTable, PaymentLimits
from hitmodel.spans import cut_at_months

PER_DIEM, DRUG, VISIT = range(3)
VISIT_CODE, HOUR_CODE = "99601", "99602"


@dataclass(frozen=True)
class Line:
    """A claim line before it has its numbers.

    ``sort`` orders kinds of line within a day. ``later`` above 0 puts the line on a later claim of the same month.
    ``dirt`` is what is wrong with it on purpose; ``of`` is the line that a copy or a void repeats.
    """

    payer: str
    patient: int
    span: Span
    code: str
    units: int
    charge_cents: int
    place: str
    sort: int
    modifiers: str = ""
    ndc: str = ""
    ndc_unit: str = ""
    ndc_quantity: Decimal | None = None
    cost_cents: int | None = None
    later: int = 0
    dirt: int | None = None
    of: Line | None = None


@dataclass(frozen=True)
class Row:
    """A claim line with its numbers, as it stands in the file."""

    claim_id: str
    line_id: str
    patient_id: str
    line: Line


LineMaker = Callable[[Span, str, int, int], Line]


@dataclass(frozen=True)
class Tables:
    """The tables that lines are made from."""

    plan: Plan
    chargemaster: Chargemaster
    codes: CodeTable
    limits: PaymentLimits
    ndc_prices: NdcPriceTable


def course_lines(tables: Tables, payer: str, course: Course, patient: int, draws: Draws) -> Iterator[Line]:
    """Yield the lines of one course for the patient with this number in the book."""

    def line(span: Span, code: str, units: int, sort: int) -> Line:
        charge = to_cents(tables.chargemaster.charge(code, span.first) * units)
        return Line(payer, patient, span, code, units, charge, course.regimen.place, sort)

    regimen = course.regimen
    modifiers = " ".join(filter(None, (course.modifier, regimen.modifiers)))
    for span in course.spans:
        for part in cut_at_months(span):
            yield replace(line(part, regimen.code, part.days, PER_DIEM), modifiers=modifiers)
    for item in regimen.drugs:
        yield from _drug_lines(tables, course, item, line, draws)
    nursing = tables.plan.therapy[regimen.therapy].nursing
    if nursing and not course.inside:
        yield from _visits(nursing, course, line, draws)


def _drug_lines(tables: Tables, course: Course, item: Item, line: LineMaker, draws: Draws) -> Iterator[Line]:
    """Yield a drug's lines: one for each dispense, cut at month ends, with the units of the doses in it."""
    dose = draws.one_of(item.dose)
    for span in course.spans:
        for part in _dispenses(course, span):
            drug = tables.plan.drug_on(item.drug, part.first)
            doses = _doses(course, item, span, part)
            if doses:
                units = doses * units_of_dose(tables.codes, drug, dose)
                unit, quantity = ndc_quantity(tables.ndc_prices, drug, units, part.first)
                cost = _cost(tables, drug, units, part.first, draws)
                made = line(part, drug.code, units, DRUG)
                yield replace(made, ndc=drug.ndc, ndc_unit=unit, ndc_quantity=quantity, cost_cents=cost)


def _dispenses(course: Course, span: Span) -> tuple[Span, ...]:
    """Return the spans of days that one dispense covers; a dose for a whole course is dispensed on its first day."""
    if course.regimen.whole_course:
        return (Span(span.first, span.first),)
    step = timedelta(days=course.regimen.dispense_days)
    dispenses = range(span.days // course.regimen.dispense_days + 1)
    return cut_at_months(span, (span.first + i * step for i in dispenses))


def _doses(course: Course, item: Item, span: Span, part: Span) -> int:
    """Return how many doses fall in ``part`` of a course that starts with ``span``."""
    if course.regimen.whole_course:
        return 1
    before = (part.first - span.first).days
    return item.per_day * sum((before + i) % item.cycle in item.on for i in range(part.days))


def units_of_dose(codes: CodeTable, drug: Drug, dose: Decimal) -> int:
    """Return billing units of one dose: dose ÷ the code's unit, rounded up for each administration."""
    entry = codes.entry(drug.code)
    if entry is None or entry.unit_quantity is None:
        raise MissingReference(f"{drug.code} has no unit in the code table", where="book.toml")
    return units_for(dose, entry.unit_quantity)


def ndc_quantity(prices: NdcPriceTable, drug: Drug, units: int, on: date) -> tuple[str, Decimal]:
    """Return billing units as NDC units (vials, millilitres): their measure, and how many, to thousandths."""
    row = prices.at(drug.ndc, on, drug.code)
    if row is None or row.code != drug.code or row.hcpcs_units is None:
        raise MissingReference(f"NDC {drug.ndc} has no units of {drug.code} on {on}", where=prices.source)
    thousandths = round_half_up(units / row.hcpcs_units, 3) * 1000
    return row.unit, Decimal(int(thousandths)).scaleb(-3)


def _cost(tables: Tables, drug: Drug, units: int, on: date, draws: Draws) -> int | None:
    """Return acquisition cost [cents], a little up or down each time; None where no invoice was matched."""
    jitter = tables.plan.cost_jitter_permille
    permille = 1000 + draws.between(-jitter, jitter)
    if not draws.below(tables.plan.cost_missing_one_in):
        return None
    return to_cents(unit_cost(tables, drug, on) * units * Fraction(permille, 1000))


def unit_cost(tables: Tables, drug: Drug, on: date) -> Fraction:
    """Return the usual acquisition cost [dollars per billing unit] of the quarter."""
    if drug.unit_cost is not None:
        return Fraction(drug.unit_cost)
    found = tables.limits.get(drug.code, Quarter.of(on))
    if found is None or found.limit is None or drug.cost is None:
        raise MissingReference(f"{drug.code} has no payment limit in {Quarter.of(on)}", where="book.toml")
    return Fraction(found.limit) * Fraction(drug.cost)


def _visits(nursing: Nursing, course: Course, line: LineMaker, draws: Draws) -> Iterator[Line]:
    """Yield a line for each nursing visit and one for its further hours."""
    visited = draws.below(100) < nursing.share * 100
    every = nursing.every_days if visited else 2 * nursing.every_days
    for number, span in enumerate(course.spans):
        if number % course.regimen.nurse_one_in:
            continue
        for offset in range(0, span.days, every):
            day = span.first + timedelta(days=offset)
            first = number == 0 and offset == 0
            hours = draws.index(nursing.first_hours if first else nursing.hours)
            yield line(Span(day, day), VISIT_CODE, 1, VISIT)
            if hours:
                yield line(Span(day, day), HOUR_CODE, hours, VISIT)
