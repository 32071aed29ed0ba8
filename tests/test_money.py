"""Exact money: rounding half away from zero, cents as text, sharing without losing a cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.money import (
    as_decimal,
    dollars,
    format_percent,
    largest_remainder,
    round_half_up,
    to_cents,
)


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (Decimal("100.785"), 2, "100.79"),  # a tie goes away from zero; banker's rounding would give 100.78
        (Decimal("100.7849"), 2, "100.78"),
        (Decimal("-100.785"), 2, "-100.79"),  # a void cancels its claim
        (Decimal("2.5"), 0, "3"),
        (Decimal("0.0005"), 3, "0.001"),
        (7, 2, "7"),
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(-1, 200), 2, "-0.01"),
    ],
)
def test_rounding_is_half_away_from_zero(value: Decimal | Fraction | int, decimals: int, rounded: str) -> None:
    assert round_half_up(value, decimals) == Fraction(rounded)


@given(st.fractions(), st.integers(0, 6))
def test_rounding_mirrors_at_zero_and_moves_at_most_half_a_step(value: Fraction, decimals: int) -> None:
    rounded = round_half_up(value, decimals)
    assert round_half_up(-value, decimals) == -rounded
    assert abs(rounded - value) * 2 <= Fraction(1, 10**decimals)
    assert round_half_up(rounded, decimals) == rounded


def test_dollars_become_cents_exactly() -> None:
    # 0.285 is 28.5 cents; a float would hold 0.28499999… and give 28.
    assert to_cents(Decimal("0.285")) == 29
    assert to_cents(Fraction(665)) == 66500
    assert to_cents(Decimal("-0.004")) == 0


@pytest.mark.parametrize(("cents", "shown"), [(66500, "665.00"), (-5, "-0.05"), (0, "0.00")])
def test_cents_become_dollars_with_two_places(cents: int, shown: str) -> None:
    assert str(dollars(cents)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(95), "95"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(-2, 3), "-0.666667"),
        (Decimal("100.79"), "100.79"),
        (Decimal("1.50"), "1.5"),
    ],
)
def test_a_decimal_for_showing_is_exact_where_it_ends(value: Fraction | Decimal, shown: str) -> None:
    assert str(as_decimal(value)) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 8, "12.5 %"), (-1, 8, "−12.5 %"), (0, 8, "0.0 %"), (1, 0, "–"), (1, 3, "33.3 %"), (-1, 1_000_000, "0.0 %")],
)
def test_a_share_is_shown_in_percent(part: int, whole: int, shown: str) -> None:
    assert format_percent(part, whole) == shown


def test_a_gain_in_percent_has_its_sign() -> None:
    assert format_percent(1, 8, sign=True) == "+12.5 %"
    assert format_percent(0, 8, sign=True) == "0.0 %"


def test_cents_left_over_go_to_the_largest_remainders() -> None:
    # 100 cents by 1 : 1 : 1 are 33 1/3 each; the one cent left goes to the first id.
    assert largest_remainder(100, [1, 1, 1], ["b", "a", "c"]) == [33, 34, 33]
    # 10 by 6 : 5 : 5 (of 16): 3.75, 3.125, 3.125 → 3, 3, 3 and one left, for .75.
    assert largest_remainder(10, [6, 5, 5], ["c", "a", "b"]) == [4, 3, 3]
    assert largest_remainder(-10, [6, 5, 5], ["c", "a", "b"]) == [-4, -3, -3]


def test_nothing_to_weigh_is_shared_equally() -> None:
    assert largest_remainder(3, [0, 0], ["a", "b"]) == [2, 1]
    assert largest_remainder(3, [], []) == []


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
)
def test_shares_add_up_and_do_not_depend_on_order(total: int, weights: list[int]) -> None:
    keys = [f"L{n:02d}" for n in range(len(weights))]
    shares = largest_remainder(total, weights, keys)
    assert sum(shares) == total
    turned = largest_remainder(total, weights[::-1], keys[::-1])
    assert turned[::-1] == shares
