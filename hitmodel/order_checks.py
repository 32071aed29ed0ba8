"""An order held against itself and the code tables: amounts that nobody is given, days that lie elsewhere.

An order's records refuse what cannot be written; here stands what can be written and is a slip all the same. Each
problem names the field of a screen that it belongs beside, so that screen and command line say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from hitmodel.codes import CodeTable
from hitmodel.dates import Span
from hitmodel.errors import InputError
from hitmodel.orders import Drug, Order, TherapyOrder
from hitmodel.regimen import therapy_class

MOST_DAYS = 1096
"""A therapy lasts three years at most: a year that is half typed, 0202, would else be quoted day by day."""
MOST_HOURS = 366 * 24
MOST_LITRES = 10
"""Nutrition and hydration of one day together stay well below; 18 in the place of 1.8 does not."""
MOST_AT_ONCE = {
    **{"mcg": 10**9, "mg": 10**6, "g": 10**3},  # a kilogram; immune globulin, the largest, is given by 2 g a kilogram
    **{"ml": MOST_LITRES * 1000, "l": MOST_LITRES, "mEq": 10_000, "kcal": 20_000},
    **{"units": 10**8, "IU": 10**8},  # penicillin, the largest, is given by 24 million a day
}
MOST_UNITS = 100_000
MOST_DOLLARS = 1_000_000
BESIDE = 31
"""A visit to teach comes before the first day and one to remove a catheter after the last; none comes a year later."""
FIRST_YEAR, LAST_YEAR = 1990, 2099


@dataclass(frozen=True)
class Problem:
    """What stands against an order: the field (``0.start`` is the first therapy's start, "" the whole), and why."""

    field: str
    text: str


def order_problems(order: Order, codes: CodeTable) -> tuple[Problem, ...]:
    """Return every slip in an order whose records are each right by themselves."""
    where = order.file or "the order"
    found = [p for n, t in enumerate(order.therapy) for p in (*_of_therapy(n, t), *_litres(n, t, codes, where))]
    return (*found, *_elsewhere(order), *_beyond(order))


def check_order(order: Order, codes: CodeTable) -> None:
    """Raise `InputError` with the first slip of an order, which names its therapy, and the others after it."""
    found = order_problems(order, codes)
    if not found:
        return
    told = [f"{_place(order, problem)}{problem.text}" for problem in found]
    also = f"Also: {' '.join(told[1:])}" if told[1:] else ""
    raise InputError(told[0], where=order.file or "the order", next_step=also)


def _place(order: Order, problem: Problem) -> str:
    number, _, field = problem.field.partition(".")
    return f"therapy '{order.therapy[int(number)].id}', {field}: " if number.isdigit() else ""


def _of_therapy(number: int, therapy: TherapyOrder) -> Iterator[Problem]:
    for name, day in (("start", therapy.start), ("stop", therapy.stop)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            yield Problem(f"{number}.{name}", f"The year is {day.year}: check it.")
    days = therapy.span.days
    if days > MOST_DAYS:
        yield Problem(f"{number}.stop", f"{days:,} days: three years at most. Check the year.")
    if therapy.every is not None and therapy.every > MOST_HOURS:
        yield Problem(f"{number}.every", "Once a year at least: check the number.")
    for hold in therapy.holds:
        if not (hold.first in therapy.span and hold.last in therapy.span):
            told = f"{_spoken(hold.span)} lies outside the therapy's days, {_both(therapy.span)}."
            yield Problem(f"{number}.holds", told)
    for drug in therapy.drugs:
        shown = drug is therapy.drugs[0]
        for field, text in _of_drug(drug):
            yield Problem(f"{number}.{field}", text) if shown else Problem("", f"{drug.family or drug.code}: {text}")


def _litres(number: int, therapy: TherapyOrder, codes: CodeTable, where: str) -> Iterator[Problem]:
    litres = therapy.litres_per_day
    if litres is None:
        return
    if litres > MOST_LITRES:
        text = f"{litres:f} litres a day is more than anybody is given: {MOST_LITRES} at most. Is a point missing?"
        yield Problem(f"{number}.litres", text)
    wanted = therapy_class(therapy, codes, f"{where}, therapy '{therapy.id}'")
    if any(e.role == "per_diem" and e.therapy_class == wanted and e.dose_interval_hours for e in codes.entries):
        text = "Litres a day are for nutrition and hydration; this therapy goes by how often it is given."
        yield Problem(f"{number}.litres", text)


def _of_drug(drug: Drug) -> Iterator[tuple[str, str]]:
    most = MOST_AT_ONCE[drug.unit]
    for what, amount in (("a dose", drug.dose), *(("a vial", size) for size in drug.vials)):
        if amount > most:
            told = f"{_amount(amount)} {drug.unit} is more than {what} holds: {most:,} {drug.unit} at most."
            yield "dose", f"{told} Check the number and its unit."


def _elsewhere(order: Order) -> Iterator[Problem]:
    """Yield stays that touch no day of what is ordered, and single days that lie far from it."""
    spans = [t.span for t in order.therapy] + [c.span for c in order.catheter]
    if not spans:
        return
    days = Span(min(s.first for s in spans), max(s.last for s in spans))
    for stay in order.stay:
        if stay.discharged < days.first or stay.admitted > days.last:
            told = _spoken(Span(stay.admitted, stay.discharged))
            yield Problem("stays", f"{told} lies outside the days of therapy, {_both(days)}.")
    dated = [("visits", visit.begin.date()) for visit in order.visit]
    dated += [("", kit.date) for kit in order.kit] + [("", service.date) for service in order.service]
    for field, day in dated:
        if (days.first - day).days > BESIDE or (day - days.last).days > BESIDE:
            yield Problem(field, f"{day} lies outside the days of therapy, {_both(days)}, by more than a month.")


def _beyond(order: Order) -> Iterator[Problem]:
    """Yield numbers that no claim line holds."""
    for service in order.service:
        if service.units > MOST_UNITS:
            yield Problem("", f"{service.code}: {service.units:,} units; {MOST_UNITS:,} at most.")
    tables: tuple[tuple[str, Mapping[str, Decimal]], ...] = (("charge", order.charges), ("cost", order.costs))
    for word, amounts in tables:
        for code, dollars in amounts.items():
            if dollars > MOST_DOLLARS:
                text = f"{code}: a {word} of {_amount(dollars)} dollars a unit; {MOST_DOLLARS:,} at most."
                yield Problem("", text)


def _amount(number: Decimal) -> str:
    return f"{number:,f}"


def _spoken(days: Span) -> str:
    return str(days.first) if days.first == days.last else _both(days)


def _both(days: Span) -> str:
    return f"{days.first} to {days.last}"
