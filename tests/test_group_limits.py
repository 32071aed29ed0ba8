"""Caps, floors and stop-loss over days, claims, episodes and years, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import PER_DIEM, header, outcome, priced

from hitmodel.explanation import explain
from hitmodel.pricing import Priced

PER = PER_DIEM.replace("95.00", "100.00")


def limit(kind: str, per: str, amount: str, more: str = "") -> str:
    return f'[[limit]]\nid = "the_limit"\nkind = "{kind}"\nper = "{per}"\namount = {amount}\n{more}\n'


def cents(folder: Path, rule: str, *lines: str, terms: str = PER) -> list[int | None]:
    return [c for _, c in outcome(priced(folder, header() + terms + rule, *lines))]


def test_a_years_cap_is_paid_until_it_is_used_up(tmp_path: Path) -> None:
    # 300 + 400 of 500: the second line gets the 200 that are left; another patient and another year begin anew.
    found = cents(
        tmp_path,
        limit("cap", "year", "500.00"),
        "S9500 2025-01-10 2025-01-12 3 900.00",
        "S9500 2025-02-10 2025-02-13 4 900.00",
        "S9500 2025-03-10 2025-03-10 1 900.00",
        "S9500 2025-02-10 2025-02-13 4 900.00 patient=P2",
        "S9500 2026-01-02 2026-01-03 2 900.00",
    )
    assert found == [30000, 20000, 0, 40000, 20000]


def test_lines_take_their_turn_by_date_and_not_by_place_in_the_file(tmp_path: Path) -> None:
    found = cents(
        tmp_path,
        limit("cap", "year", "500.00"),
        "S9500 2025-02-10 2025-02-13 4 900.00",
        "S9500 2025-01-10 2025-01-12 3 900.00",
    )
    assert found == [20000, 30000]


def test_a_year_may_begin_on_another_day(tmp_path: Path) -> None:
    lines = ("S9500 2025-06-30 2025-06-30 1 900.00", "S9500 2025-07-01 2025-07-01 1 900.00")
    assert cents(tmp_path / "a", limit("cap", "year", "100.00"), *lines) == [10000, 0]
    by_fiscal_year = limit("cap", "year", "100.00", 'year_starts = "07-01"')
    assert cents(tmp_path / "b", by_fiscal_year, *lines) == [10000, 10000]


def test_a_void_uses_up_nothing(tmp_path: Path) -> None:
    found = cents(
        tmp_path,
        limit("cap", "year", "500.00"),
        "S9500 2025-01-10 2025-01-12 3 900.00",
        "S9500 2025-01-10 2025-01-12 -3 -900.00",
        "S9500 2025-01-10 2025-01-12 3 900.00",
        "S9500 2025-02-10 2025-02-13 4 900.00",
    )
    assert found == [30000, -30000, 30000, 20000]


def test_a_claims_floor_is_shared_out_by_amount(tmp_path: Path) -> None:
    # 100 + 300 = 400 below 500: 125 and 375. The other claim is above it.
    found = cents(
        tmp_path,
        limit("floor", "claim", "500.00"),
        "S9500 2025-01-10 2025-01-10 1 900.00",
        "S9501 2025-01-11 2025-01-13 3 900.00",
        "S9502 2025-01-11 2025-01-16 6 900.00 claim=C2",
    )
    assert found == [12500, 37500, 60000]


@pytest.mark.parametrize(
    ("pays", "paid"),
    [
        # charges 3,000 above 2,000. First dollar: half of all charges, 500 and 1,000.
        ("first_dollar", [50000, 100000]),
        # Second dollar: 100 + 300 as the contract says, and half of 1,000, by charge 1 : 2, 166.67 and 333.33.
        ("second_dollar", [26667, 63333]),
    ],
)
def test_a_stop_loss_by_charges(tmp_path: Path, pays: str, paid: list[int]) -> None:
    rule = limit("stop_loss", "claim", "2000.00", f'share = 0.50\npays = "{pays}"')
    lines = ("S9500 2025-01-10 2025-01-10 1 1000.00", "S9501 2025-01-11 2025-01-13 3 2000.00")
    assert cents(tmp_path, rule, *lines) == paid


def test_charges_that_only_reach_a_stop_loss_do_not_pass_it(tmp_path: Path) -> None:
    rule = limit("stop_loss", "claim", "3000.00", 'share = 0.50\npays = "first_dollar"')
    lines = ("S9500 2025-01-10 2025-01-10 1 1000.00", "S9501 2025-01-11 2025-01-13 3 2000.00")
    assert cents(tmp_path, rule, *lines) == [10000, 30000]


def test_a_limit_over_some_lines_leaves_the_others(tmp_path: Path) -> None:
    rule = limit("cap", "year", "100.00", 'lines = { codes = ["S9500"] }')
    lines = ("S9500 2025-01-10 2025-01-12 3 900.00", "S9501 2025-01-10 2025-01-12 3 900.00")
    assert cents(tmp_path, rule, *lines) == [10000, 30000]


# --- days ---


def test_days_share_a_cap_by_amount(tmp_path: Path) -> None:
    # The 10th and 11th are shared: 100 + 50 = 150 of 120: 80 and 40 each day. The 12th has S9500 alone: 100.
    half = PER + '[[term]]\nid = "h"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 50.00\n'
    lines = ("S9500 2025-01-10 2025-01-12 3 900.00", "S9374 2025-01-10 2025-01-11 2 900.00")
    assert cents(tmp_path, limit("cap", "day", "120.00"), *lines, terms=half) == [26000, 8000]


def test_cents_left_over_by_a_days_cap_go_by_remainder(tmp_path: Path) -> None:
    # Three times 100.00 of 100.00: 33.33 1/3 each, one cent left, to the first id.
    lines = [f"S950{n} 2025-01-10 2025-01-10 1 900.00" for n in range(3)]
    assert cents(tmp_path, limit("cap", "day", "100.00"), *lines) == [3334, 3333, 3333]


def test_a_days_floor_raises_its_lines(tmp_path: Path) -> None:
    assert cents(tmp_path, limit("floor", "day", "150.00"), "S9500 2025-01-10 2025-01-11 2 900.00") == [30000]


# --- what is unknown ---


def test_a_line_without_amount_puts_in_doubt_what_it_could_move(tmp_path: Path) -> None:
    silent = "S9379 2025-01-12 2025-01-12 1 150.00"
    line = "S9500 2025-01-10 2025-01-10 1 900.00"
    # 100 and at most 150 more cannot reach 500, and can pass 200.
    assert cents(tmp_path / "far", limit("cap", "year", "500.00"), line, silent) == [10000, None]
    assert cents(tmp_path / "near", limit("cap", "year", "200.00"), line, silent) == [None, None]


# --- the order of steps ---


def ordered(folder: Path, order: str) -> Priced:
    text = f'lesser_of = "line"\n{header()}{order}\n' + PER + limit("floor", "claim", "500.00")
    return priced(folder, text, "S9500 2025-01-10 2025-01-12 3 200.00")


def test_the_charge_limit_comes_first_unless_the_contract_says_otherwise(tmp_path: Path) -> None:
    # 300 held to 200, then raised to 500.
    assert ordered(tmp_path / "usual", "").allowed.tolist() == [50000]
    # Raised to 500 first, then held to 200.
    last = '[order]\nsteps = ["day", "claim", "episode", "year", "lesser_of"]'
    assert ordered(tmp_path / "last", last).allowed.tolist() == [20000]


def test_each_step_is_told(tmp_path: Path) -> None:
    told = str(explain(ordered(tmp_path, ""), line_id="L1")).splitlines()
    assert "  lesser of   300.00 or charge 200.00 = 200.00" in told
    assert any("200.00 becomes 500.00" in row for row in told)
    assert told[-1] == "  allowed     500.00"
