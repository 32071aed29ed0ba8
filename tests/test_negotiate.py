"""What makes a proposal pay as much as today, worked by hand in tests/small_book.py, and checked on both sides."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from small_book import OFFER, small_study

from hitmodel.negotiate import drug_multiplier_that_pays, per_diem_that_pays
from hitmodel.scenario import compare
from hitmodel.terms import RateChange, Selector

LIMIT_NOW = """
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.08 }, { of = "charge", multiplier = 0.40 }]

[[term]]
id = "nursing"
roles = ["nursing"]
mechanism = "per_diem"
rate = 100.00
"""
LIMIT_OFFER = """
[contract]
extends = "now"
title = "Offer"
effective_from = 2025-01-01

[[term]]
id = "drugs"
chain = [{ of = "payment_limit", multiplier = 1.04 }, { of = "charge", multiplier = 0.40 }]

[[term]]
id = "nursing"
rate = 90.00
"""


def test_the_smallest_increase_that_pays(tmp_path: Path) -> None:
    # 65.00 are missing. Per diem days weigh 7 + 7 × .4 = 9.8. At 6.0 % the rate is 116.60, + 6.60 × 9.8 = 64.68: too
    # little. At 6.1 % it is 116.71, + 6.71 × 9.8 = 65.76.
    assert per_diem_that_pays(small_study(tmp_path).comparison, 0) == Fraction(61, 1000)


def test_repricing_with_the_answer_pays_and_with_a_tenth_less_does_not(tmp_path: Path) -> None:
    made = small_study(tmp_path).comparison
    contract = made.proposals[0].contract

    def total(factor: Decimal) -> int:
        change = RateChange(id="x", factor=factor, applies_to=Selector(roles=("per_diem",)))
        versions = tuple(v.model_copy(update={"rate_change": (change,)}) for v in contract.versions)
        raised = contract.model_copy(update={"versions": versions})
        return compare(made.claims, made.baseline.contract, [raised]).proposals[0].bridge.end

    assert total(Decimal("1.061")) >= made.proposals[0].bridge.start > total(Decimal("1.060"))


def test_a_proposal_that_pays_enough_needs_nothing(tmp_path: Path) -> None:
    offer = OFFER.replace("rate = 1.50", "rate = 2.50")
    assert per_diem_that_pays(small_study(tmp_path, offer=offer).comparison, 0) == 0


def test_charges_can_make_it_impossible(tmp_path: Path) -> None:
    # The per diem is charged at 770.00, what the offer's 110 already pays: nothing more is to be had from it.
    lines = ("S9500 2025-03-03 2025-03-09 7 770.00", "J0696 2025-03-03 2025-03-09 560 4000.00")
    assert per_diem_that_pays(small_study(tmp_path, *lines).comparison, 0) is None


def test_a_book_without_per_diems_has_no_answer(tmp_path: Path) -> None:
    assert per_diem_that_pays(small_study(tmp_path, "J0696 2025-03-03 2025-03-03 560 4000.00").comparison, 0) is None


def test_the_smallest_drug_multiple_that_pays(tmp_path: Path) -> None:
    # J0878 in 2025Q1: .035 × 20,000 units = 700.00 at 100 %. Today 700 × 1.08 + 100 = 856.00; the offer 728 + 90 = 818.
    # 766.00 of drugs are needed: 766 ÷ 700 = 1.09428…, so 109.4 % pays 765.80, too little, and 109.5 % pays 766.50.
    lines = ("J0878 2025-03-03 2025-03-03 20000 9000.00", "99601 2025-03-03 2025-03-03 1 400.00")
    made = small_study(tmp_path, *lines, now=LIMIT_NOW, offer=LIMIT_OFFER).comparison
    assert made.proposals[0].bridge.start == 856_00
    assert made.proposals[0].bridge.end == 818_00
    assert drug_multiplier_that_pays(made, 0) == Fraction(1095, 1000)


def test_a_contract_without_a_multiple_of_the_limit_has_no_such_answer(tmp_path: Path) -> None:
    assert drug_multiplier_that_pays(small_study(tmp_path).comparison, 0) is None
