"""Claim lines as an order produces them, before any price."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.billing_rules import Assumption
from hitmodel.dates import Span
from hitmodel.money import dollars, to_cents
from hitmodel.perdiem import Days


@dataclass(frozen=True)
class ClaimLine:
    """One line of a claim.

    Attributes
    ----------
    code : str
        HCPCS or CPT code.
    modifiers : tuple of str
        In the order in which they are billed.
    span : Span
        First to last day of service.
    units : int
        Billing units: days of a per diem, HCPCS units of a drug, visits or hours of nursing.
    role : str
        Role of the code in the code table.
    therapy : str
        Id of the therapy in the order; "" for what belongs to none.
    place : str
        Place of service code.
    rank : int or None
        Rank among concurrent therapies; None for what takes no part.
    amount, measure : Fraction or None, str
        What a drug line holds, as ordered [``measure``]; what was discarded on a line with JW.
    ndc, ndc_quantity, ndc_unit : str, Decimal or None, str
        As given in the order, the quantity for the whole line.
    charge : Decimal or None
        Charge for the line [dollars]; None when the order names none for the code.
    assumptions : tuple of str
        Keys of the assumptions that this line rests on, sorted.
    """

    code: str
    modifiers: tuple[str, ...]
    span: Span
    units: int
    role: str
    place: str
    therapy: str = ""
    rank: int | None = None
    amount: Fraction | None = None
    measure: str = ""
    ndc: str = ""
    ndc_quantity: Decimal | None = None
    ndc_unit: str = ""
    charge: Decimal | None = None
    assumptions: tuple[str, ...] = ()

    @property
    def first(self) -> date:
        """First day of service."""
        return self.span.first

    @property
    def last(self) -> date:
        """Last day of service."""
        return self.span.last


@dataclass(frozen=True)
class NotBilled:
    """Something ordered that no line bills, and why.

    ``kind`` is a short steady name: ``outside``, ``needs_evidence``, ``no_code``, ``not_together``,
    ``inside_per_diem``, ``replaced``, ``hold_too_long``. None of them is a zero: whoever prices the lines shows them
    beside the total.
    """

    what: str
    span: Span
    kind: str
    reason: str
    therapy: str = ""


@dataclass(frozen=True)
class Bill:
    """An order as claim lines.

    ``days`` has, for each therapy id, every day with its reason. ``assumptions`` are those that any line or any
    decision rests on and that the rules do not settle.
    """

    patient: str
    lines: tuple[ClaimLine, ...]
    payer: str = ""
    product: str = ""
    days: tuple[tuple[str, Days], ...] = ()
    not_billed: tuple[NotBilled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    def of(self, therapy: str, role: str = "per_diem") -> tuple[ClaimLine, ...]:
        """Return the lines of one therapy with one role."""
        return tuple(line for line in self.lines if line.therapy == therapy and line.role == role)


def claims_csv(bill: Bill, claim_id: str) -> str:
    """Return a bill as the text of a claims file, one claim, ready for `hitmodel.claims.read_claims`.

    A charge that the order does not name stays empty.
    """
    written = io.StringIO()
    writer = csv.DictWriter(written, _CLAIM_COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for number, line in enumerate(bill.lines, 1):
        writer.writerow(_row(bill, line) | {"claim_id": claim_id, "line_id": f"{claim_id}-{number}"})
    return written.getvalue()


_CLAIM_COLUMNS = (
    "claim_id",
    "line_id",
    "patient_id",
    "payer",
    "product",
    "service_from",
    "service_through",
    "code",
    "modifiers",
    "units",
    "charge",
    "place_of_service",
    "ndc",
    "ndc_quantity",
    "ndc_unit",
)


def _row(bill: Bill, line: ClaimLine) -> dict[str, str]:
    return {
        "patient_id": bill.patient,
        "payer": bill.payer,
        "product": bill.product,
        "service_from": line.first.isoformat(),
        "service_through": line.last.isoformat(),
        "code": line.code,
        "modifiers": " ".join(line.modifiers),
        "units": str(line.units),
        "charge": "" if line.charge is None else str(dollars(to_cents(line.charge))),
        "place_of_service": line.place,
        "ndc": line.ndc,
        "ndc_quantity": "" if line.ndc_quantity is None else f"{line.ndc_quantity:f}",
        "ndc_unit": line.ndc_unit,
    }
