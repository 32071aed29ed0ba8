"""Drug lines: the code of the day, units rounded up, waste beside its sibling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil

from hitmodel.billing_rules import BillingRules, UnitRounding
from hitmodel.claim_lines import ClaimLine, NotBilled
from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.dates import Span, month_end
from hitmodel.drug_units import convert, units_for, vials_for
from hitmodel.errors import InputError, nearest
from hitmodel.orders import Drug
from hitmodel.perdiem import LONGEST_INTERVAL
from hitmodel.spans import cut_at_months

DISCARDED, NONE_DISCARDED = "JW", "JZ"


@dataclass(frozen=True)
class Dose:
    """One administration: its day, the code of that day, and the vials opened for it (0 when none or not known)."""

    day: date
    entry: CodeEntry
    opened: Fraction
    units: int
    waste: int


@dataclass(frozen=True)
class Given:
    """One drug as a therapy gives it: a date for each dose, planned or recorded; doses ``interval_hours`` apart."""

    drug: Drug
    dates: tuple[date, ...]
    interval_hours: int | None
    planned: bool
    therapy: str
    place: str
    where: str

    @property
    def alone(self) -> bool:
        """Whether each day's doses stand on a line of their own."""
        return (self.interval_hours or 0) > LONGEST_INTERVAL


def drug_lines(given: Given, rules: BillingRules, table: CodeTable) -> tuple[list[ClaimLine], list[NotBilled]]:
    """Return the lines of one drug and the days on which it can't be billed.

    A line holds doses of one code no farther apart than the dose interval, within one month where lines end with
    their months; doses beyond the longest per diem interval stand on lines of their own.
    """
    dates = tuple(sorted(set(given.dates))) if given.drug.per == "day" else tuple(sorted(given.dates))
    if not dates:
        return [], []
    doses, missing = _doses(given, dates, rules, table)
    lines = [line for group in _groups(doses, given, rules) for line in _lines(group, given, rules, table)]
    return lines, missing


def code_of_the_day(drug: Drug, day: date, table: CodeTable, where: str = "") -> CodeEntry | str:
    """Return the drug's code entry valid on ``day``, or the problem in words.

    A code that has ended is carried to its successor, one that has not begun to the code of the same drug and maker
    that stands on that day. Raises `InputError` for a code or a drug that is not known at all.
    """
    if drug.family:
        families = sorted({e.family for e in table.entries if e.family})
        if drug.family not in families:
            raise InputError(
                f"'{drug.family}' is not a drug we classify", where=where, suggestion=nearest(drug.family, families)
            )
        found = table.family(drug.family, day)
        plain = [e for e in found if not e.product] or list(found)
        if len(plain) == 1:
            return plain[0]
        codes = ", ".join(e.code for e in plain)
        return f"code must say which of {codes} is meant" if codes else f"no code of {drug.family} is valid on {day}"
    if not table.exists_ever(drug.code):
        raise InputError(f"{drug.code} is not an HCPCS code", where=where, suggestion=table.nearest(drug.code))
    entry = table.get(drug.code, day) or table.get(table.carried_to(drug.code, day)[0], day)
    if entry is not None:
        return entry
    latest = table.entry(drug.code)
    if latest is not None and latest.family:
        same = [e for e in table.family(latest.family, day) if e.product == latest.product]
        if len(same) == 1:
            return same[0]
    return table.why_unknown(drug.code, day)


def _doses(
    given: Given, dates: Sequence[date], rules: BillingRules, table: CodeTable
) -> tuple[list[Dose], list[NotBilled]]:
    doses: list[Dose] = []
    missing: list[NotBilled] = []
    drug = given.drug
    for start in range(0, len(dates), drug.batch):
        batch = dates[start : start + drug.batch]
        found = [code_of_the_day(drug, day, table, given.where) for day in batch]
        problem = next((entry for entry in found if isinstance(entry, str)), None)
        if problem is not None:
            name = drug.code or drug.family
            missing.append(NotBilled(name, Span(batch[0], batch[-1]), "no_code", problem, given.therapy))
            continue
        entries = [entry for entry in found if isinstance(entry, CodeEntry)]
        doses += _batch(given, batch, entries, rules)
    return doses, missing


def _batch(given: Given, days: Sequence[date], entries: Sequence[CodeEntry], rules: BillingRules) -> Iterator[Dose]:
    """Yield the doses of one batch; what its vials hold beyond them is waste on its first day."""
    drug = given.drug
    units = [_units(drug, entry, given.where) for entry in entries]
    opened, waste = Fraction(0), 0
    quantity = entries[0].unit_quantity
    if drug.vials and rules.waste and quantity is not None:
        opened = vials_for(drug.dose * len(days), drug.vials)
        held = convert(opened, drug.unit, entries[0].unit_measure, given.where) // Fraction(quantity)
        waste = max(0, int(held) - sum(units))
    for place, (day, entry, count) in enumerate(zip(days, entries, units, strict=True)):
        yield Dose(day, entry, Fraction(0) if place else opened, count, 0 if place else waste)


def _units(drug: Drug, entry: CodeEntry, where: str) -> int:
    if entry.unit_quantity is None:
        return 1
    return units_for(convert(drug.dose, drug.unit, entry.unit_measure, where), entry.unit_quantity)


def _groups(doses: Sequence[Dose], given: Given, rules: BillingRules) -> Iterator[list[Dose]]:
    """Yield the doses that share a line."""
    if not doses:
        return
    whole = Span(doses[0].day, doses[-1].day)
    pieces = cut_at_months(whole, rules.split_at) if rules.split_months else (whole,)
    apart = 0 if given.alone else max(1, ceil((given.interval_hours or 24) / 24))
    group: list[Dose] = []
    for dose in doses:
        last = group[-1] if group else dose
        same = last.entry.code == dose.entry.code and any(last.day in p and dose.day in p for p in pieces)
        if group and not (same and (dose.day - last.day).days <= apart):
            yield group
            group = []
        group.append(dose)
    yield group


def _lines(group: Sequence[Dose], given: Given, rules: BillingRules, table: CodeTable) -> Iterator[ClaimLine]:
    drug, entry = given.drug, group[0].entry
    waste = sum(dose.waste for dose in group)
    known = bool(drug.vials) and rules.waste and entry.unit_quantity is not None
    attested = known and not waste and table.get(NONE_DISCARDED, group[0].day) is not None
    amount = Fraction(drug.dose) * len(group)

    def line(modifier: str, units: int, held: Fraction, quantity: Decimal | None) -> ClaimLine:
        return ClaimLine(
            code=entry.code,
            modifiers=((modifier,) if modifier else ()) + drug.modifiers,
            span=Span(group[0].day, group[-1].day),
            units=units,
            role=entry.role,
            place=given.place,
            therapy=given.therapy,
            amount=held,
            measure=drug.unit,
            ndc=drug.ndc,
            ndc_quantity=quantity,
            ndc_unit=drug.ndc_unit,
            assumptions=_assumed(given, entry, rules, known),
        )

    quantity = None if drug.ndc_quantity is None else drug.ndc_quantity * len(group)
    yield line(NONE_DISCARDED if attested else "", _rounded(group, given, rules), amount, quantity)
    if waste:
        yield line(DISCARDED, waste, sum((dose.opened for dose in group), Fraction(0)) - amount, None)


def _rounded(group: Sequence[Dose], given: Given, rules: BillingRules) -> int:
    """Return the units of a line under the contract's rounding."""
    entry, drug = group[0].entry, given.drug
    if rules.unit_rounding is UnitRounding.ADMINISTRATION or entry.unit_quantity is None:
        return sum(dose.units for dose in group)
    one = convert(drug.dose, drug.unit, entry.unit_measure, given.where)
    if rules.unit_rounding is UnitRounding.LINE:
        return units_for(one * len(group), entry.unit_quantity)
    days = [dose.day for dose in group]
    return sum(units_for(one * days.count(day), entry.unit_quantity) for day in sorted(set(days)))


def _assumed(given: Given, entry: CodeEntry, rules: BillingRules, waste_known: bool) -> tuple[str, ...]:
    fits = entry.unit_quantity is not None and (
        convert(given.drug.dose, given.drug.unit, entry.unit_measure, given.where) % Fraction(entry.unit_quantity) == 0
    )
    held = {
        "planned_doses": given.planned,
        "unit_per_dose": entry.unit_quantity is None,
        "unit_rounding": entry.unit_quantity is not None and not fits,
        "no_vials": rules.waste and not given.drug.vials,
        "waste": waste_known,
        "batch": waste_known and given.drug.batch > 1,
        "split_months": rules.split_months and not given.alone and month_end(min(given.dates)) < max(given.dates),
    }
    return tuple(sorted(key for key, yes in held.items() if yes))
