"""What drug lines of one day say beside each other."""

from __future__ import annotations

from pathlib import Path

from builders import claims

from hitmodel.codes import code_table
from hitmodel.prepare import UNKNOWN, Quantities, prepare

DRUG = "J0878 2025-02-03 2025-02-03 450 900.00"
WASTE = "J0878-JW 2025-02-03 2025-02-03 50 100.00"


def quantities(folder: Path, *lines: str) -> Quantities:
    return prepare(claims(folder, *lines), code_table()).quantities


def told(made: Quantities, source: str) -> list[int | None]:
    return [None if n == UNKNOWN else int(n) for n in made.column(source)]


def test_waste_sees_what_was_given_and_the_other_way_round(tmp_path: Path) -> None:
    # Two lines given, 450 + 100; one wasted, 50.
    made = quantities(tmp_path, DRUG, "J0878 2025-02-03 2025-02-03 100 200.00", WASTE)
    assert told(made, "beside") == [50_000, 50_000, 550_000]


def test_another_patient_day_or_code_is_no_companion(tmp_path: Path) -> None:
    made = quantities(
        tmp_path,
        WASTE,
        f"{DRUG} patient=P2",
        "J0878 2025-02-04 2025-02-04 450 900.00",
        "J0877 2025-02-03 2025-02-03 450 900.00",
    )
    assert told(made, "beside") == [None] * 4


def test_a_line_of_another_payer_is_no_companion(tmp_path: Path) -> None:
    # The first line is dispensed and billed to someone else: the second is a dispense of its own, and the 50 wasted
    # lie beside 450 given, not 900.
    made = quantities(tmp_path, f"{DRUG} payer=Another", DRUG, WASTE)
    assert told(made, "dispenses") == [1, 1, 0]
    assert told(made, "beside") == [None, 50_000, 450_000]


def test_a_voided_line_tells_nothing_and_a_pair_cancels(tmp_path: Path) -> None:
    # The first 450 is taken back; what stands is 300. The pair sees the waste alike, with opposite signs.
    made = quantities(
        tmp_path, DRUG, "J0878 2025-02-03 2025-02-03 -450 -900.00", "J0878 2025-02-03 2025-02-03 300 600.00", WASTE
    )
    assert told(made, "beside") == [50_000, -50_000, 50_000, 300_000]


def test_waste_and_its_void_see_the_same(tmp_path: Path) -> None:
    made = quantities(tmp_path, DRUG, WASTE, "J0878-JW 2025-02-03 2025-02-03 -50 -100.00")
    assert told(made, "beside") == [None, 450_000, -450_000]


def test_one_dispense_for_lines_of_one_patient_code_and_day(tmp_path: Path) -> None:
    made = quantities(
        tmp_path,
        DRUG,
        "J0878 2025-02-03 2025-02-03 100 200.00",
        WASTE,
        "J0878 2025-02-10 2025-02-10 100 200.00",
        "J0878 2025-02-17 2025-02-17 -100 -200.00",
    )
    assert told(made, "dispenses") == [1, 0, 0, 1, -1]


def test_a_duplicate_and_a_line_without_dates_have_none(tmp_path: Path) -> None:
    made = quantities(tmp_path, DRUG, DRUG, "J0878 2025-02-30 2025-02-30 100 200.00")
    assert told(made, "dispenses") == [1, None, None]
    assert told(made, "beside") == [None, None, None]
    assert told(made, "service_days") == [1, 1, None]


def test_service_days_count_both_ends_and_take_the_sign_of_a_void(tmp_path: Path) -> None:
    made = quantities(tmp_path, "J0878 2025-02-03 2025-02-09 7 900.00", "J0878 2025-03-01 2025-03-02 -7 -900.00")
    assert told(made, "service_days") == [7, -2]
