"""Claims made ready once for every contract: kinds, quantities, and what stands against a line in any of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from builders import claims

from hitmodel.codes import code_table
from hitmodel.prepare import UNKNOWN, Prepared, day_number, prepare, to_day
from hitmodel.status import ORDER, Status

DAY = "2025-03-03 2025-03-03"


def ready(folder: Path, *lines: str) -> Prepared:
    return prepare(claims(folder, *lines), code_table())


def standing(made: Prepared) -> list[tuple[str, str]]:
    return [
        ("", "") if status < 0 else (ORDER[status].value, made.reasons[reason])
        for status, reason in zip(made.status, made.reason, strict=True)
    ]


def test_lines_that_a_contract_could_not_tell_apart_share_a_kind(tmp_path: Path) -> None:
    made = ready(
        tmp_path,
        f"S9500-SH-SS {DAY} 1 900.00",
        "S9500-SS-SH 2025-04-01 2025-04-07 7 50.00 patient=P2",  # other dates, amounts, patient; modifiers turned
        f"S9500 {DAY} 1 900.00",
        f"S9500-SH-SS {DAY} 1 900.00 place=49",
        f"J0696 {DAY} 4 50.00 cost=10.00",
        f"J0696 {DAY} 4 51.00",  # a line without its cost can be priced in fewer ways
    )
    found = [made.kinds[k] for k in made.kind]
    assert found[0] == found[1]
    assert len(set(found)) == 5
    assert (found[0].code, found[0].modifiers, found[0].role) == ("S9500", {"SH", "SS"}, "per_diem")
    assert found[0].therapy_class == "anti_infective"
    assert (found[4].known, found[5].known) == ({"charge", "cost"}, {"charge"})


def test_quantities_are_whole_numbers_and_what_is_not_there_is_unknown(tmp_path: Path) -> None:
    made = ready(tmp_path, f"J0696 {DAY} 1.5 50.25 ndc=00409128331 ndc_quantity=0.125 ndc_unit=ML")
    quantities = made.quantities
    assert (quantities.units[0], quantities.ndc_quantity[0], quantities.charge[0]) == (1500, 125, 5025)
    assert quantities.cost[0] == UNKNOWN
    assert quantities.fraction("units", 0) == Fraction(3, 2)
    assert quantities.fraction("ndc_quantity", 0) == Fraction(1, 8)
    assert quantities.fraction("charge", 0) == Fraction(201, 4)
    assert quantities.fraction("cost", 0) is None
    assert quantities.fraction("case", 0) == 1


def test_a_void_takes_everything_back_whatever_sign_was_typed(tmp_path: Path) -> None:
    made = ready(tmp_path, f"J0696 {DAY} -4 -50.00 ndc=00409128331 ndc_quantity=5 ndc_unit=UN cost=10.00")
    quantities = made.quantities
    assert (quantities.units[0], quantities.ndc_quantity[0], quantities.cost[0]) == (-4000, -5000, -1000)
    assert quantities.fraction("case", 0) == -1


def test_a_line_and_its_void_are_a_pair(tmp_path: Path) -> None:
    made = ready(
        tmp_path,
        f"S9500 {DAY} 1 900.00",
        f"S9500 {DAY} -1 -900.00",
        f"S9500 {DAY} 1 900.00",  # billed again
        f"S9501 {DAY} -1 -900.00",  # takes back what is not there
    )
    assert made.paired.tolist() == [True, True, False, False]
    assert standing(made) == [("", "")] * 4


def test_what_stands_against_a_line_in_any_contract(tmp_path: Path) -> None:
    made = ready(
        tmp_path,
        f"S9500 {DAY} 1 900.00",
        f"S9500 {DAY} 1 900.00",
        "J3370 2025-07-01 2025-07-01 4 50.00",
        f"S9599 {DAY} 1 90.00",
        f"99601 {DAY} 1 150.00",  # CPT, of which no table is held
        "S9502 2025-02-30 2025-03-03 1 ten",
    )
    assert standing(made) == [
        ("", ""),
        ("out_of_scope", "a duplicate of line L1"),
        ("needs_review", "J3370 ended on 2025-06-30; J3373 follows it (50 of its units for each old one)"),
        ("needs_review", "S9599 is not in the 2026-07 release; nearest S9590"),
        ("", ""),
        ("needs_review", made.claims.lines["blocked"].iloc[5]),
    ]
    assert ORDER[made.status[5]] is Status.NEEDS_REVIEW


def test_dates_are_day_numbers_and_an_unreadable_one_is_none(tmp_path: Path) -> None:
    made = ready(tmp_path, "S9500 2025-03-03 2025-03-09 7 900.00", "S9501 2025-02-30 2025-03-03 1 9.00")
    assert (to_day(made.first[0]), to_day(made.last[0])) == (date(2025, 3, 3), date(2025, 3, 9))
    assert made.first[1] == 0


@pytest.mark.parametrize("day", [date(1980, 1, 1), date(2024, 2, 29), date(2099, 12, 31)])
def test_day_numbers_go_there_and_back(day: date) -> None:
    assert to_day(day_number(day)) == day


def test_payers_and_products_are_numbered_together(tmp_path: Path) -> None:
    made = ready(tmp_path, f"S9500 {DAY} 1 9.00 product=PPO", f"S9501 {DAY} 1 9.00", f"S9502 {DAY} 1 9.00 payer=B")
    assert [made.payers[n] for n in made.payer] == [("A payer", "PPO"), ("A payer", ""), ("B", "")]
