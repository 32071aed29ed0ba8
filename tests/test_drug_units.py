"""Units of drugs and the vials that hold them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.drug_units import convert, units_for, vials_for
from hitmodel.errors import InputError


@pytest.mark.parametrize(
    ("amount", "measure", "into", "expected"),
    [
        (14, "g", "mg", 14_000),
        (500, "mcg", "mg", Fraction(1, 2)),
        (Fraction(9, 5), "l", "ml", 1800),
        (1000, "units", "IU", 1000),
        (2, "mEq", "mEq", 2),
    ],
)
def test_measures_convert_exactly(amount: Fraction, measure: str, into: str, expected: Fraction) -> None:
    assert convert(amount, measure, into) == expected


@pytest.mark.parametrize(("measure", "into"), [("mg", "ml"), ("kcal", "g"), ("mEq", "units"), ("mg", "day")])
def test_what_is_not_the_same_kind_is_refused(measure: str, into: str) -> None:
    with pytest.raises(InputError, match=f"{measure} can't be turned into {into}"):
        convert(1, measure, into)


@pytest.mark.parametrize(
    ("dose", "quantity", "units"),
    # 305 ÷ 10 = 30.5; 600 ÷ 250 = 2.4; 23.25; exact ones stay.
    [(305, 10, 31), (600, 250, 3), (Fraction(93, 4), 1, 24), (500, 250, 2), (1, 250, 1)],
)
def test_units_round_up(dose: Fraction, quantity: int, units: int) -> None:
    assert units_for(dose, quantity) == units


@pytest.mark.parametrize(
    ("dose", "sizes", "total"),
    [
        (305, [400], 400),
        (305, [100, 400], 400),  # four of 100, or one of 400
        (450, [350, 500], 500),
        (701, [350, 500], 850),  # 350 + 500; two of 350 are 700, too little; two of 500 are 1,000
        (7, [3, 5], 8),  # 3 + 5; three of 3 are 9
        (Fraction(5, 2), [1], 3),
        (1000, [Fraction(1, 2), 300], 1000),
    ],
)
def test_the_smallest_combination_of_vials(dose: Fraction, sizes: list[int], total: int) -> None:
    assert vials_for(dose, sizes) == total


@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 12))
def test_no_other_combination_is_smaller(dose: int, one: int, other: int) -> None:
    totals = {a * one + b * other for a in range(61) for b in range(61)}
    assert vials_for(dose, [one, other]) == min(total for total in totals if total >= dose)


def test_without_sizes_there_is_no_answer() -> None:
    with pytest.raises(InputError, match="no vial sizes"):
        vials_for(1, [])
