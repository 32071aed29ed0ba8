"""A bill as claims ready for pricing: one claim for each calendar month, lines numbered in the bill's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd

from hitmodel.acquisition import Cost
from hitmodel.charges import ChargeTable
from hitmodel.claim_lines import Bill, ClaimLine
from hitmodel.claims import TEXT_COLUMNS, Claims
from hitmodel.evidence import Evidence, HoldRecord, VisitRecord, recorded
from hitmodel.mechanisms.base import DAY_ROLES
from hitmodel.money import round_half_up, to_cents
from hitmodel.orders import Order


def with_charges(bill: Bill, charges: ChargeTable | None) -> Bill:
    """Return the bill with a charge from the chargemaster on each line to which the order gave none."""
    if charges is None:
        return bill
    return replace(bill, lines=tuple(_charged(line, charges) for line in bill.lines))


def _charged(line: ClaimLine, charges: ChargeTable) -> ClaimLine:
    each = charges.at(line.code, line.first) if line.charge is None else None
    return line if each is None else replace(line, charge=each * line.units)


def joined(bill: Bill) -> Bill:
    """Return the bill with equal lines that are not counted by days put together, since a payer denies the second.

    Two visits on one day are one line of two units.
    """
    held: dict[object, ClaimLine] = {}
    for number, line in enumerate(bill.lines):
        alike = (line.code, line.modifiers, line.span, line.place, line.ndc)
        key: object = number if line.role in DAY_ROLES else alike
        held[key] = _together(held[key], line) if key in held else line
    return replace(bill, lines=tuple(held.values()))


def _together(one: ClaimLine, other: ClaimLine) -> ClaimLine:
    therapies = dict.fromkeys((one.therapy, other.therapy))
    return replace(
        one,
        units=one.units + other.units,
        therapy=" and ".join(t for t in therapies if t),
        amount=None if one.amount is None or other.amount is None else one.amount + other.amount,
        ndc_quantity=_sum(one.ndc_quantity, other.ndc_quantity),
        charge=_sum(one.charge, other.charge),
        assumptions=tuple(sorted({*one.assumptions, *other.assumptions})),
    )


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def claim_of(line: ClaimLine) -> str:
    """Return the claim that a line stands on: the calendar month of its first day."""
    return f"Q-{line.first:%Y-%m}"


def claims_of(bill: Bill, costs: Mapping[int, Cost], source: str) -> Claims:
    """Return a bill as claims; line ids are Q-1, Q-2 and so on.

    Parameters
    ----------
    bill : Bill
        With the payer and product under which it is to be priced.
    costs : mapping of int to Cost
        What each line costs, by its place in the bill, where it is known.
    source : str
        What to call the claims.
    """
    lines = bill.lines
    text = {name: [""] * len(lines) for name in TEXT_COLUMNS} | {
        "claim_id": [claim_of(line) for line in lines],
        "line_id": [f"Q-{n}" for n in range(1, len(lines) + 1)],
        "patient_id": [bill.patient] * len(lines),
        "payer": [bill.payer] * len(lines),
        "product": [bill.product] * len(lines),
        "code": [line.code for line in lines],
        "modifiers": [" ".join(line.modifiers) for line in lines],
        "place_of_service": [line.place for line in lines],
        "ndc": [line.ndc.replace("-", "") for line in lines],
        "ndc_unit": [line.ndc_unit for line in lines],
    }
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in text.items()})
    frame.insert(0, "row", range(2, len(lines) + 2))
    frame["service_from"] = _dates(line.first for line in lines)
    frame["service_through"] = _dates(line.last for line in lines)
    frame["units_milli"] = _whole(line.units * 1000 for line in lines)
    frame["ndc_quantity_milli"] = _whole(
        None if line.ndc_quantity is None else int(round_half_up(line.ndc_quantity * 1000, 0)) for line in lines
    )
    frame["charge_cents"] = _whole(None if line.charge is None else to_cents(line.charge) for line in lines)
    frame["acquisition_cost_cents"] = _whole(costs[n].cents if n in costs else None for n in range(len(lines)))
    frame["actual_allowed_cents"] = _whole(None for _ in lines)
    frame["blocked"] = pd.Series([""] * len(lines), dtype="str")
    return Claims(frame, (), source, "")


def evidence_in(order: Order) -> Evidence:
    """Return what an order records beside its claim lines: visits with their times, and holds."""
    holds = (HoldRecord(order.patient, t.id, hold.span) for t in order.therapy for hold in t.holds)
    return Evidence(
        visits=recorded(VisitRecord(order.patient, v.begin, v.minutes) for v in order.visit),
        holds=recorded(holds),
        source=order.file,
    )


def _dates(days: Iterable[date]) -> pd.Series:
    return pd.Series(pd.to_datetime(pd.Series(list(days)))).astype("datetime64[s]")


def _whole(values: Iterable[int | None]) -> pd.Series:
    return pd.Series(list(values), dtype="Int64")
