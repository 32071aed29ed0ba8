"""The charge limit as arithmetic: shares of charges, one line, a whole claim."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hitmodel.limits import Sharing, claim_limited, line_limited, share_of_charge
from hitmodel.money import to_cents
from hitmodel.prepare import UNKNOWN, Ints


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_a_share_of_a_charge_is_rounded_half_up_by_magnitude() -> None:
    # 85 % of 10.10 is 8.585 → 8.59; of the void −8.59; of 0.01 it is 0.0085 → 0.01.
    assert share_of_charge(ints(1010, -1010, 1, UNKNOWN), Fraction(85, 100)).tolist() == [859, -859, 1, UNKNOWN]


def test_the_whole_charge_is_the_charge() -> None:
    assert share_of_charge(ints(1010, UNKNOWN), Fraction(1)).tolist() == [1010, UNKNOWN]


@given(st.integers(-(10**14), 10**14), st.integers(1, 2 * 10**12))
@example(10**14 - 1, 1_234_567_890_123)
def test_a_share_is_exact_however_long_it_is_written(cents: int, trillionths: int) -> None:
    """Charges and shares of many digits together do not fit 64 bits."""
    share = Fraction(trillionths, 10**12)
    assert share_of_charge(ints(cents), share).tolist() == [to_cents(share * cents / 100)]


@pytest.mark.parametrize(
    ("amount", "limit", "allowed"),
    [(66500, 105000, 66500), (66500, 50000, 50000), (-66500, -50000, -50000), (-66500, -105000, -66500), (0, 100, 0)],
)
def test_a_line_is_held_by_magnitude(amount: int, limit: int, allowed: int) -> None:
    assert line_limited(ints(amount), ints(limit)).tolist() == [allowed]


def named(lines: Ints) -> list[str]:
    return [f"L{n}" for n in lines.tolist()]


def claim(
    amounts: list[int], charges: list[int], held: list[bool] | None = None, percent: Fraction = Fraction(1)
) -> list[int]:
    there = np.array(held if held is not None else [True] * len(amounts))
    one = np.zeros(len(amounts), dtype=np.int64)
    return claim_limited(ints(*amounts), ints(*charges), one, there, Sharing(percent, named)).tolist()


def test_a_claim_whose_charges_suffice_keeps_its_amounts() -> None:
    # one line above its charge, one below: together 150.00 of 200.00
    assert claim([10000, 5000], [5000, 15000]) == [10000, 5000]


def test_a_claim_is_cut_to_its_charges_in_proportion() -> None:
    # 150.00 of charges 120.00: 100/150 × 120 = 80.00, 50/150 × 120 = 40.00
    assert claim([10000, 5000], [6000, 6000]) == [8000, 4000]


def test_cents_left_over_go_by_remainder_and_then_by_line_id() -> None:
    # 100.01 in three equal parts: 33.33 2/3 each; two cents left go to the first two ids.
    assert claim([5000, 5000, 5000], [10001, 0, 0]) == [3334, 3334, 3333]


def test_lines_that_are_not_held_are_borne_first() -> None:
    # charges 120.00 less 100.00 for the line that keeps its amount leave 20.00 for the other.
    assert claim([10000, 5000], [6000, 6000], [False, True]) == [10000, 2000]
    # …and nothing where the first takes it all.
    assert claim([10000, 5000], [4000, 4000], [False, True]) == [10000, 0]


def test_a_share_of_the_claims_charges_bounds_it() -> None:
    # 90 % of 120.00 is 108.00: 72.00 and 36.00
    assert claim([10000, 5000], [6000, 6000], percent=Fraction(9, 10)) == [7200, 3600]


def test_voids_of_a_claim_mirror_its_bills() -> None:
    assert claim([-10000, -5000], [-6000, -6000]) == [-8000, -4000]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8))
def test_a_claim_pays_the_lesser_of_its_sums(lines: list[tuple[int, int]]) -> None:
    amounts, charges = [a for a, _ in lines], [c for _, c in lines]
    after = claim(amounts, charges)
    assert sum(after) == min(sum(amounts), sum(charges))
    assert all(0 <= new <= old for new, old in zip(after, amounts, strict=True))


def test_claims_do_not_touch_each_other() -> None:
    after = claim_limited(
        ints(10000, 10000), ints(5000, 20000), ints(7, 3), np.array([True, True]), Sharing(Fraction(1), named)
    )
    assert after.tolist() == [5000, 10000]
