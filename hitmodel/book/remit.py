"""What the payers paid: as their contracts say, but for the deviations of the plan.

Each deviation is an honest one: a payer that loaded drug prices a quarter late, paid a second therapy in full, denied
a line, or was a cent off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hitmodel.book.draws import Draws
from hitmodel.book.lines import DRUG, PER_DIEM, Row, Tables
from hitmodel.dates import Quarter
from hitmodel.money import to_cents
from hitmodel.prices import PaymentLimits

CONCURRENT = {"SH", "SJ"}


@dataclass(frozen=True)
class Paid:
    """Remittance of one line [cents], with the cause when it differs from the contract's allowed amount."""

    actual_cents: int
    allowed_cents: int
    cause: str = ""


def remit(rows: Sequence[Row], allowed: Mapping[str, int], tables: Tables) -> dict[str, Paid]:
    """Return the remittance of every line that has an amount, by line id.

    A duplicate was denied, so it was paid 0.00; other lines without an allowed amount have no remittance.
    """
    paid = {row.line_id: Paid(allowed[row.line_id], allowed[row.line_id]) for row in rows if row.line_id in allowed}
    clean = _clean(rows, allowed)
    by_cause = {
        "wrong_quarter": _quarter_late(clean, allowed, tables.limits),
        "missed_reduction": _in_full(clean, allowed),
        "denied": {row.line_id: 0 for row in clean},
        "one_cent": {row.line_id: allowed[row.line_id] - 1 for row in clean if row.line.units > 1},
    }
    payer_of = {row.line_id: row.line.payer for row in clean}
    for step, deviation in enumerate(tables.plan.deviation):
        draws = Draws(tables.plan.seed, 9, step)
        actual = by_cause[deviation.cause]
        left = [i for i in sorted(actual) if payer_of[i] == deviation.payer and not paid[i].cause]
        for line_id in draws.shuffled(left)[: deviation.lines]:
            paid[line_id] = Paid(actual[line_id], allowed[line_id], deviation.cause)
    duplicates = [r.line_id for r in rows if r.line.dirt is not None and r.line.of and r.line.units > 0]
    return paid | {line_id: Paid(0, 0) for line_id in duplicates}


def _clean(rows: Sequence[Row], allowed: Mapping[str, int]) -> list[Row]:
    """Return the lines that may deviate: priced above zero, not dirty, not voided or billed twice."""
    repeated = {id(row.line.of) for row in rows if row.line.of}
    return [
        row
        for row in rows
        if allowed.get(row.line_id, 0) > 0 and row.line.dirt is None and id(row.line) not in repeated
    ]


def _quarter_late(clean: Sequence[Row], allowed: Mapping[str, int], limits: PaymentLimits) -> dict[str, int]:
    """Return what drug lines come to at the payment limit of the quarter before, where that makes a difference."""
    late: dict[str, int] = {}
    for row in clean:
        line, amount = row.line, allowed[row.line_id]
        quarter = Quarter.of(line.span.first)
        now, before = limits.get(line.code, quarter), limits.get(line.code, quarter.shift(-1))
        if line.sort != DRUG or not now or not before or not now.limit or not before.limit:
            continue
        other = min(to_cents(Fraction(amount) / 100 * Fraction(before.limit) / Fraction(now.limit)), line.charge_cents)
        if amount < line.charge_cents and other != amount:
            late[row.line_id] = other
    return late


def _in_full(clean: Sequence[Row], allowed: Mapping[str, int]) -> dict[str, int]:
    """Return what reduced per diem lines come to at the day rate of the same code and quarter without a reduction."""
    full: dict[tuple[str, str, Quarter], Fraction] = {}
    for row in clean:
        line, amount = row.line, allowed[row.line_id]
        if line.sort == PER_DIEM and not line.modifiers and amount < line.charge_cents:
            full[line.payer, line.code, Quarter.of(line.span.first)] = Fraction(amount, line.units)
    unreduced: dict[str, int] = {}
    for row in clean:
        line = row.line
        rate = full.get((line.payer, line.code, Quarter.of(line.span.first)))
        if rate is not None and CONCURRENT & set(line.modifiers.split()):
            amount = min(to_cents(rate * line.units / 100), line.charge_cents)
            if amount != allowed[row.line_id]:
                unreduced[row.line_id] = amount
    return unreduced
