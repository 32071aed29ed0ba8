"""Concurrent therapies: who is first, by modifiers and by the contract's own rule, and what ranks cannot be given."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import header, outcome, priced

from hitmodel.mechanisms.base import LineKind
from hitmodel.pricing import Priced
from hitmodel.ranking import submitted_rank


def rule(primary_by: str, modifiers: str = "rerank", shares: str = "[1, 0.50, 0.25]", more: str = "") -> str:
    return (
        header()
        + f'[concurrency]\nprimary_by = "{primary_by}"\nmodifiers = "{modifiers}"\nshares = {shares}\n{more}\n'
        + "\n".join(
            f'[[term]]\nid = "{code.lower()}"\ncodes = ["{code}"]\nmechanism = "per_diem"\nrate = {rate}.00\n'
            for code, rate in (("S9500", 100), ("S9374", 80), ("S9348", 60), ("B4150", 200))
        )
    )


def dollars(made: Priced) -> list[float | str]:
    return [status if cents is None else cents / 100 for status, cents in outcome(made)]


@pytest.mark.parametrize(("modifiers", "rank"), [("", 1), ("SH", 2), ("SJ", 3), ("SH SJ", 3), ("SS", 1), ("SS SH", 2)])
def test_modifiers_state_a_rank(modifiers: str, rank: int) -> None:
    assert submitted_rank(LineKind("S9500", frozenset(modifiers.split()))) == rank


def test_trust_pays_by_modifiers_and_the_last_share_repeats(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        rule("as_modified", "trust", "[1, 0.50]"),
        "S9500 2025-03-01 2025-03-02 2 900.00",
        "S9374-SH 2025-03-01 2025-03-02 2 900.00",
        "S9348-SJ 2025-03-01 2025-03-02 2 900.00",
    )
    assert dollars(made) == [200, 80, 60]  # 2 × 100, 2 × 80 × 0.50, 2 × 60 × 0.50


DAYS = ("S9348 2025-03-01 2025-03-06 6 900.00", "S9500 2025-03-03 2025-03-08 6 900.00")


@pytest.mark.parametrize(
    ("primary_by", "paid"),
    [
        # They share the 3rd to the 6th, four days. First by rate is S9500: 6 × 100; S9348 2 × 60 + 4 × 60 × 0.50 = 240.
        ("highest_rate", [240, 600]),
        # First billed and first started is S9348: 6 × 60 = 360; S9500 4 × 100 × 0.50 + 2 × 100 = 400.
        ("first_billed", [360, 400]),
        ("first_started", [360, 400]),
    ],
)
def test_days_are_ranked_by_the_contracts_rule(tmp_path: Path, primary_by: str, paid: list[float]) -> None:
    assert dollars(priced(tmp_path, rule(primary_by), *DAYS)) == paid


def test_billing_order_and_start_can_part(tmp_path: Path) -> None:
    lines = DAYS[::-1]
    assert dollars(priced(tmp_path / "a", rule("first_billed"), *lines)) == [600, 240]
    assert dollars(priced(tmp_path / "b", rule("first_started"), *lines)) == [400, 360]


def test_a_therapy_that_goes_on_started_with_its_first_line(tmp_path: Path) -> None:
    """S9500 runs unbroken from the 1st in two lines; S9374 begins on the 5th, before the second line does."""
    made = priced(
        tmp_path,
        rule("first_started"),
        "S9500 2025-03-01 2025-03-07 7 900.00",
        "S9374 2025-03-05 2025-03-10 6 900.00",
        "S9500 2025-03-08 2025-03-10 3 900.00",
    )
    assert dollars(made) == [700, 240, 300]  # 6 × 80 × 0.50


def test_a_break_ends_a_therapy(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        rule("first_started"),
        "S9500 2025-03-01 2025-03-03 3 900.00",
        "S9374 2025-03-05 2025-03-06 2 900.00",
        "S9500 2025-03-06 2025-03-07 2 900.00",  # begun anew on the 6th: second to S9374 for a day
    )
    assert dollars(made) == [300, 160, 150]


def test_three_therapies_of_which_the_modifiers_are_wrong(tmp_path: Path) -> None:
    """Rerank looks past them: 100, 80 × 0.50 = 40, 60 × 0.25 = 15."""
    made = priced(
        tmp_path,
        rule("highest_rate"),
        "S9348 2025-03-01 2025-03-01 1 900.00",
        "S9500-SJ 2025-03-01 2025-03-01 1 900.00",
        "S9374-SH 2025-03-01 2025-03-01 1 900.00",
    )
    assert dollars(made) == [15, 100, 40]


def test_equal_rates_go_by_order_of_billing(tmp_path: Path) -> None:
    text = rule("highest_rate").replace("rate = 80.00", "rate = 100.00")
    lines = ("S9374 2025-03-01 2025-03-01 1 900.00", "S9500 2025-03-01 2025-03-01 1 900.00")
    assert dollars(priced(tmp_path / "a", text, *lines)) == [100, 50]
    assert dollars(priced(tmp_path / "b", text, *lines[::-1])) == [100, 50]


def test_refuse_prices_what_is_right_and_says_what_is_wrong(tmp_path: Path) -> None:
    right = ("S9500 2025-03-01 2025-03-01 1 900.00", "S9374-SH 2025-03-01 2025-03-01 1 900.00")
    assert dollars(priced(tmp_path / "right", rule("highest_rate", "refuse"), *right)) == [100, 40]
    wrong = ("S9500-SH 2025-03-01 2025-03-01 1 900.00", "S9374 2025-03-01 2025-03-01 1 900.00")
    made = priced(tmp_path / "wrong", rule("highest_rate", "refuse"), *wrong)
    assert dollars(made) == ["needs_review", "needs_review"]
    assert made.reason_texts == (
        "its modifiers say second therapy, and the contract ranks it first",
        "its modifiers say first therapy, and the contract ranks it second",
    )


def test_an_unmodified_line_that_is_alone_is_not_refused(tmp_path: Path) -> None:
    made = priced(tmp_path, rule("highest_rate", "refuse"), "S9500 2025-03-01 2025-03-01 1 900.00")
    assert dollars(made) == [100]


def test_therapies_of_two_patients_are_not_concurrent(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        rule("highest_rate"),
        "S9500 2025-03-01 2025-03-01 1 900.00",
        "S9374 2025-03-01 2025-03-01 1 900.00 patient=P2",
    )
    assert dollars(made) == [100, 80]


def test_an_exempt_therapy_neither_takes_a_rank_nor_is_reduced(tmp_path: Path) -> None:
    text = rule("highest_rate", more='exempt = { codes = ["S9374"] }')
    made = priced(
        tmp_path,
        text,
        "S9374 2025-03-01 2025-03-01 1 900.00",
        "S9500 2025-03-01 2025-03-01 1 900.00",
        "S9348 2025-03-01 2025-03-01 1 900.00",
    )
    assert dollars(made) == [80, 100, 30]


def test_a_therapy_without_a_rate_leaves_the_others_unranked(tmp_path: Path) -> None:
    """S9379 is silent: whether it or S9500 is first cannot be known, and nobody guesses."""
    made = priced(
        tmp_path,
        rule("highest_rate"),
        "S9379 2025-03-01 2025-03-01 1 900.00",
        "S9500 2025-03-01 2025-03-01 1 900.00",
        "S9500 2025-03-02 2025-03-02 1 900.00",  # alone on its day
    )
    assert dollars(made) == ["contract_silent", "needs_review", 100]
    assert "cannot be ranked by rate" in made.reason_texts[1]


def test_where_every_share_is_the_same_the_rank_is_no_matter(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        rule("highest_rate", shares="[0.80]"),
        "S9379 2025-03-01 2025-03-01 1 900.00",
        "S9500 2025-03-01 2025-03-01 1 900.00",
    )
    assert dollars(made) == ["contract_silent", 80]


def test_a_term_may_replace_the_shares(tmp_path: Path) -> None:
    text = rule("highest_rate").replace('id = "s9374"', 'id = "s9374"\nshares = [1, 0.75]')
    made = priced(tmp_path, text, "S9500 2025-03-01 2025-03-01 1 900.00", "S9374 2025-03-01 2025-03-01 1 900.00")
    assert dollars(made) == [100, 60]


def test_a_share_of_the_charge_is_ranked_by_what_it_pays_a_day(tmp_path: Path) -> None:
    # 60 % of 900.00 for one day is 540.00, above 100.00 a day.
    text = (
        rule("highest_rate") + '[[term]]\nid = "p"\ncodes = ["S9379"]\nmechanism = "percent_of_charge"\nshare = 0.60\n'
    )
    made = priced(tmp_path, text, "S9500 2025-03-01 2025-03-01 1 900.00", "S9379 2025-03-01 2025-03-01 1 900.00")
    assert dollars(made) == [50, 540]


def test_a_voided_therapy_takes_no_rank(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        rule("highest_rate"),
        "S9500 2025-03-01 2025-03-01 1 900.00",
        "S9500 2025-03-01 2025-03-01 -1 -900.00",
        "S9374 2025-03-01 2025-03-01 1 900.00",
    )
    assert dollars(made) == [100, -100, 80]


def test_a_bundled_therapy_takes_no_rank_that_day(tmp_path: Path) -> None:
    text = (
        rule("highest_rate")
        .replace('id = "s9500"', 'id = "s9500_left_out"')
        .replace('codes = ["S9500"]\nmechanism = "per_diem"\nrate = 100.00', 'codes = ["S9500"]\nmechanism = "bundled"')
    )
    made = priced(tmp_path, text, "S9500 2025-03-01 2025-03-01 1 900.00", "S9374 2025-03-01 2025-03-01 1 900.00")
    assert dollars(made) == [0, 80]
