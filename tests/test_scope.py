"""Which lines are a contract's: payer, product, dates; and ended codes on an as-of day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from builders import PER_DIEM, claims, header, outcome, priced, write

from hitmodel.contracts import load_contract
from hitmodel.pricing import price
from hitmodel.scope import Standing
from hitmodel.status import ORDER, Status

DRUG = """
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "fixed"
per = "unit"
rate = 2.00
"""
DAY = "2025-03-03 2025-03-03 1 100.00"


def test_the_first_mark_stands() -> None:
    standing = Standing.open(3)
    standing.mark([0, 1], Status.OUT_OF_SCOPE, "another payer")
    standing.mark(np.array([True, True, True]), Status.NEEDS_REVIEW, "in doubt")
    assert [ORDER[s] for s in standing.status] == [Status.OUT_OF_SCOPE, Status.OUT_OF_SCOPE, Status.NEEDS_REVIEW]
    assert [list(standing.reasons)[r] for r in standing.reason] == ["another payer", "another payer", "in doubt"]
    assert not standing.free.any()


def test_a_mark_can_be_replaced_and_a_copy_is_its_own() -> None:
    standing = Standing.open(2)
    standing.mark([0], Status.PRICED, "")
    copied = standing.copy()
    copied.replace(np.array([0]), Status.NEEDS_REVIEW, "in doubt")
    assert ORDER[copied.status[0]] is Status.NEEDS_REVIEW
    assert ORDER[standing.status[0]] is Status.PRICED
    assert copied.free.tolist() == [False, True]


def test_another_payers_lines_are_out_of_scope(tmp_path: Path) -> None:
    made = priced(tmp_path, PER_DIEM, f"S9500 {DAY} payer=Another", f"S9500 {DAY} patient=P2")
    assert outcome(made) == [("out_of_scope", None), ("priced", 9500)]
    assert made.reason_texts[0] == "Another is not a payer of example"


@pytest.mark.parametrize("payer", ["A PAYER", "a payer", "A  Payer"])
def test_a_payers_name_is_the_same_in_capitals(payer: str, tmp_path: Path) -> None:
    """837 and 835 files write names in capitals throughout."""
    made = priced(tmp_path, f"{header().replace('A payer', payer)}{PER_DIEM}", f"S9500 {DAY}")
    assert made.has(Status.PRICED).all()


def test_another_payers_unreadable_line_is_not_this_contracts_doubt(tmp_path: Path) -> None:
    made = priced(tmp_path, PER_DIEM, "S9500 2025-03-03 2025-03-03 1 ten payer=Another", f"S9500 {DAY}")
    assert outcome(made)[0] == ("out_of_scope", None)


def test_a_payer_who_joins_with_a_version_is_in_scope_from_then_on(tmp_path: Path) -> None:
    write(tmp_path / "c", header("2025-01-01", "2025-06-30") + PER_DIEM)
    write(
        tmp_path / "c",
        '[contract]\nextends = "2025.toml"\npayers = ["A payer", "Another"]\neffective_from = 2025-07-01\n',
        "2025b.toml",
    )
    read = claims(
        tmp_path,
        f"S9500 {DAY} payer=Another",
        "S9500 2025-07-01 2025-07-01 1 100.00 payer=Another",
        "S9500 2025-07-02 2025-07-02 1 100.00",
    )
    made = price(read, load_contract(tmp_path / "c"))
    assert outcome(made) == [("out_of_scope", None), ("priced", 9500), ("priced", 9500)]
    assert made.reason_texts[0] == "Another is not a payer of c on these dates"


def test_a_product_that_the_contract_does_not_name_is_out_of_scope(tmp_path: Path) -> None:
    text = header(more='products = ["PPO"]') + PER_DIEM
    made = priced(
        tmp_path, text, f"S9500 {DAY} product=HMO", f"S9500 {DAY} patient=P2", f"S9500 {DAY} product=PPO patient=P3"
    )
    assert [s for s, _ in outcome(made)] == ["out_of_scope", "out_of_scope", "priced"]
    assert made.reason_texts[:2] == ("product HMO is not of example", "product unknown is not of example")


def test_days_outside_every_version_are_silent(tmp_path: Path) -> None:
    text = header("2025-02-01", "2025-03-31") + PER_DIEM
    made = priced(
        tmp_path,
        text,
        "S9500 2025-01-31 2025-01-31 1 100.00",  # before
        "S9500 2025-02-01 2025-02-01 1 100.00",  # the first day
        "S9500 2025-03-31 2025-03-31 1 100.00",  # the last day
        "S9500 2025-04-01 2025-04-01 1 100.00",  # after
        "S9500 2025-03-30 2025-04-02 4 400.00 patient=P2",  # across the end
    )
    statuses = [s for s, _ in outcome(made)]
    assert statuses == ["contract_silent", "priced", "priced", "contract_silent", "contract_silent"]
    assert "in force: 2025-02-01 to 2025-03-31" in made.reason_texts[0]
    assert made.reason_texts[4] == "the contract is not in force on every day of the line"


def test_a_named_patient_has_rates_of_their_own(tmp_path: Path) -> None:
    text = (
        PER_DIEM
        + '[[term]]\nid = "case"\npatients = ["P7"]\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = 200.00\n'
    )
    made = priced(tmp_path, text, f"S9500 {DAY} patient=P7", f"S9500 {DAY} patient=P8")
    assert made.terms == ("case", "antibiotic_per_diem")
    assert made.allowed.tolist() == [20000, 9500]


def test_an_ended_code_is_carried_to_its_successor_on_an_as_of_day(tmp_path: Path) -> None:
    # J3370 (500 mg) ended 2025-06-30; J3373 counts 10 mg: 28 old units are 28 × 50 = 1,400 new ones at 2.00.
    text = header() + DRUG
    line = "J3370 2025-03-03 2025-03-03 28 9000.00"
    today = priced(tmp_path, text, line)
    assert outcome(today) == [("priced", 5600)]  # 28 × 2.00, on its own day the code stands
    as_if = priced(tmp_path, text, line, as_of=date(2026, 3, 1))
    assert outcome(as_if) == [("priced", 280000)]  # 1,400 × 2.00
    (kind,) = {as_if.fitted.kinds[k] for k in as_if.fitted.segments.kind}
    assert (kind.code, kind.billed_code, kind.units_factor) == ("J3373", "J3370", Fraction(50))


def test_a_code_that_nothing_stands_for_on_the_day_needs_review(tmp_path: Path) -> None:
    line = "J3373 2025-08-03 2025-08-03 28 9000.00"
    made = priced(tmp_path, header("2024-01-01") + DRUG, line, as_of=date(2024, 3, 1))
    assert outcome(made) == [("needs_review", None)]
    assert made.reason_texts[0].endswith("nothing stands for it on 2024-03-01")
