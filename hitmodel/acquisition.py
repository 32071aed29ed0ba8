"""What an order costs the provider: each line's cost where it is known, and drug that is used up and not billed.

A vial is paid for whole whether or not a payer pays for what is discarded, and standard formula is bought although it
lies inside the per diem. A cost that is not known stays unknown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction

from hitmodel.billing import bill_order
from hitmodel.billing_rules import BillingRules
from hitmodel.claim_lines import Bill, ClaimLine
from hitmodel.codes import CodeTable
from hitmodel.drug_lines import DISCARDED
from hitmodel.money import to_cents
from hitmodel.orders import Order
from hitmodel.prices import NdcPriceTable


@dataclass(frozen=True)
class Cost:
    """What a line costs [cents], and where that comes from."""

    cents: int
    source: str


def cost_of(line: ClaimLine, order: Order, prices: NdcPriceTable | None = None) -> Cost | None:
    """Return what a line costs, or None when neither the order nor the price table tells.

    The order's own cost by code goes first. A price table tells what a drug was invoiced at: for each code unit where
    it says how many an NDC unit holds, so that discarded units count too, else for the line's NDC quantity.
    """
    if line.code in order.costs:
        return Cost(to_cents(order.costs[line.code] * line.units), "the order")
    row = prices.at(line.ndc, line.first, line.code) if prices is not None and line.ndc else None
    if row is None or row.invoice is None:
        return None
    source = f"invoice, NDC {line.ndc} from {row.from_date}"
    if row.hcpcs_units and row.code == line.code:
        return Cost(to_cents(Fraction(row.invoice) / row.hcpcs_units * line.units), source)
    if line.ndc_quantity is not None and line.ndc_unit == row.unit:
        return Cost(to_cents(row.invoice * line.ndc_quantity), source)
    return None


def is_drug(line: ClaimLine) -> bool:
    """Say whether a line is a drug or a nutrient that a therapy gives."""
    return line.amount is not None


def unbilled_drugs(order: Order, rules: BillingRules, bill: Bill, codes: CodeTable) -> tuple[ClaimLine, ...]:
    """Return what is used up and stands on no line of ``bill``: discarded drug, standard formula."""
    used = bill_order(order, replace(rules, waste=True, standard_formula_inside=False), codes)
    billed = Counter(_same(line) for line in bill.lines)
    left = []
    for line in filter(is_drug, used.lines):
        if billed[_same(line)] > 0:
            billed[_same(line)] -= 1
        else:
            left.append(line)
    return tuple(left)


def _same(line: ClaimLine) -> tuple[object, ...]:
    return line.therapy, line.code, DISCARDED in line.modifiers, line.span, line.ndc
