"""The model held against remittances: agreement to the cent, and causes that are named only where they are proved."""

from __future__ import annotations

from pathlib import Path

from small_book import small_study

from hitmodel.tieout import UNEXPLAINED, TieOut


def tied(folder: Path, *lines: str) -> TieOut:
    tie = small_study(folder, *lines).tie
    assert tie is not None
    return tie


def test_agreement_and_causes_of_the_small_book(tmp_path: Path) -> None:
    # Exact: L1 700, L3 112, L6 200. L2 paid in full: 700 − 350 = +350. L4 denied: −60. L5 one cent short.
    # L7 is not priced and L8 is another payer's: neither takes part.
    tie = tied(tmp_path)
    assert (tie.lines, tie.exact_lines) == (6, 3)
    assert (tie.remitted, tie.modelled, tie.exact_remitted) == (1831_99, 1542_00, 1012_00)
    assert tie.gap == 289_99
    assert [(c.label, c.lines, c.gap) for c in tie.causes] == [
        ("second or later therapy paid in full", 1, 350_00),
        ("denied or not paid", 1, -60_00),
        ("one cent of rounding", 1, -1),
    ]
    assert tie.gap == sum(c.gap for c in tie.causes)


def test_what_no_cause_explains_says_so(tmp_path: Path) -> None:
    tie = tied(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00 actual_allowed=612.34")
    assert [(c.label, c.gap) for c in tie.causes] == [(UNEXPLAINED, -87_66)]


def test_the_full_charge_is_a_cause(tmp_path: Path) -> None:
    tie = tied(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00 actual_allowed=1050.00")
    assert [(c.label, c.gap) for c in tie.causes] == [("paid at the full charge", 350_00)]


def test_priced_lines_without_a_remittance_are_counted(tmp_path: Path) -> None:
    lines = ("S9500 2025-03-03 2025-03-09 7 1050.00 actual_allowed=700.00", "S9500 2025-04-03 2025-04-09 7 1050.00")
    assert (tied(tmp_path, *lines).lines, tied(tmp_path, *lines).lines_without) == (1, 1)


def test_claims_without_any_remittance_have_no_tie_out(tmp_path: Path) -> None:
    assert small_study(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00").tie is None


def test_remittances_are_held_against_dates_of_service(tmp_path: Path) -> None:
    """Priced as if later, when the per diem is 120.00, the claims still tie out at the 100.00 of their own day."""
    later = """
[[term]]
id = "day"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 120.00
effective_from = 2026-01-01

[[term]]
id = "before"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
effective_through = 2025-12-31
"""
    offer = '[contract]\nextends = "now"\ntitle = "Same"\neffective_from = 2025-01-01\n'
    line = "S9500 2025-03-03 2025-03-09 7 1050.00 actual_allowed=700.00"
    made = small_study(tmp_path, line, now=later, offer=offer, as_of="2027-01-01")
    assert made.summary.totals[0] == 840_00
    assert made.tie is not None
    assert (made.tie.exact_lines, made.tie.gap) == (1, 0)


def test_a_drug_priced_with_the_quarter_before_is_found_out(tmp_path: Path) -> None:
    # J0878: limit .035 in 2025Q1. At 100 % a dose of 1,000 units on 2 April is priced with 2025Q2's limit; the payer
    # paid 1,000 × .035 = 35.00, the quarter before's.
    drugs = """
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.00 }]
"""
    offer = '[contract]\nextends = "now"\ntitle = "Same"\neffective_from = 2025-01-01\n'
    line = "J0878 2025-04-02 2025-04-02 1000 900.00 actual_allowed=35.00"
    tie = small_study(tmp_path, line, now=drugs, offer=offer).tie
    assert tie is not None
    assert [c.label for c in tie.causes] == ["drug priced with the quarter before"]
    assert tie.modelled != 35_00
