"""The payment methods there are. A new one is one file beside this and one line here."""

from __future__ import annotations

from hitmodel.forms import Outcome
from hitmodel.mechanisms import (
    by_report,
    case_rate,
    compare,
    drug,
    first_visit,
    fixed,
    manual,
    no_payment,
    nursing,
    per_diem,
    percent_of_charge,
    schedule,
)
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.mechanisms.bounds import bounded, without_required
from hitmodel.terms import Term

MECHANISMS: dict[str, Mechanism] = {
    m.name: m
    for m in (
        per_diem.MECHANISM,
        schedule.MECHANISM,
        fixed.MECHANISM,
        percent_of_charge.MECHANISM,
        drug.MECHANISM,
        nursing.MECHANISM,
        first_visit.MECHANISM,
        case_rate.MECHANISM,
        compare.MECHANISM,
        no_payment.NOT_COVERED,
        no_payment.BUNDLED,
        by_report.MECHANISM,
        manual.MECHANISM,
    )
}


def priced_by(kind: LineKind, term: Term, look: Look, *, among: bool = False) -> Outcome:
    """Return what a term says of a kind of line that it governs, within what it requires and its bounds.

    ``among``: the term is one of several ways to pay the line that are compared.
    """
    return without_required(kind, term) or bounded(
        MECHANISMS[term.mechanism].price(kind, term, look), kind, term, look, among=among
    )
