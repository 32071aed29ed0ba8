"""The algebra of price forms, each worked by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hitmodel.forms import Amount, Basis, Max, Min, PriceForm, Step, Sum, Tier, sources

DAY = Amount(Fraction(95), Basis.DAY)
SHARE = Amount(Fraction(1, 2), Basis.CHARGE)
FEE = Amount(Fraction(25), Basis.CASE)
BANDS = Tier(((Fraction(0), Fraction(10)), (Fraction(5), Fraction(8)), (Fraction(7), Fraction(1))), Basis.UNIT)


def of(form: PriceForm, units: int = 7, charge: int = 1000) -> Fraction:
    case = 1 if units >= 0 else -1
    return form.value({"units": Fraction(units), "charge": Fraction(charge), "case": Fraction(case)})


def test_an_amount_is_rate_times_its_own_quantity() -> None:
    assert of(DAY) == 665  # 7 × 95
    assert of(SHARE) == 500  # half of 1,000
    assert of(DAY, units=-7) == -665


def test_parts_add_up() -> None:
    assert of(Sum((DAY, FEE))) == 690  # 665 + 25
    assert of(Sum((DAY, FEE)), units=-7, charge=-1000) == -690  # the void takes back the fee too


def test_the_least_and_the_greatest_go_by_magnitude() -> None:
    assert of(Min((DAY, SHARE))) == 500
    assert of(Max((DAY, SHARE))) == 665
    assert of(Min((DAY, SHARE)), units=-7, charge=-1000) == -500
    assert of(Max((DAY, SHARE)), units=-7, charge=-1000) == -665


@pytest.mark.parametrize(
    ("units", "dollars"),
    [(0, 0), (1, 10), (5, 50), (6, 58), (7, 66), (9, 68), (-9, -68)],  # 5 × 10, then 2 × 8, then 2 × 1
)
def test_each_band_holds_for_the_units_above_it(units: int, dollars: int) -> None:
    assert of(BANDS, units=units) == dollars


def test_a_part_of_a_unit_is_priced_in_its_band() -> None:
    assert BANDS.value({"units": Fraction(11, 2)}) == 54  # 5 × 10 + 0.5 × 8


def test_a_form_names_the_columns_it_needs() -> None:
    assert sources(DAY) == {"units"}
    assert sources(Min((DAY, Sum((SHARE, FEE))))) == {"units", "charge", "case"}
    assert sources(Amount(Fraction(2), Basis.NDC_UNIT)) == {"ndc_quantity"}
    assert sources(Amount(Fraction(2), Basis.COST)) == {"cost"}


@pytest.mark.parametrize("basis", ["day", "dose", "hour", "visit", "dispense", "week", "month", "unit"])
def test_these_bases_count_billed_units(basis: str) -> None:
    assert Basis(basis).source == "units"


def test_the_working_does_not_make_two_forms_different() -> None:
    told = Amount(Fraction(95), Basis.DAY, (Step("per diem", (("rate", 95),), "section 2.1"),))
    assert told == DAY
    assert hash(told) == hash(DAY)
