"""The payment methods there are. A new one is one file beside this and one line here."""

from __future__ import annotations

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
from hitmodel.mechanisms.base import Mechanism

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
