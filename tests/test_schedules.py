"""Rate schedules kept as CSV files. Broken ones are in ``bad_contracts``."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import claims, header, outcome, write

from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError
from hitmodel.mechanisms.base import RateRow
from hitmodel.named_files import checksum_of, refuse_changed
from hitmodel.pricing import price
from hitmodel.schedules import read_schedule
from hitmodel.terms import Schedule

TERM = (
    header()
    + '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n'
    + '[[term]]\nid = "t"\nroles = ["per_diem"]\nmechanism = "schedule"\nschedule = "rates"\n'
)


def rows(folder: Path, text: str | bytes) -> tuple[RateRow, ...]:
    path = folder / "rates.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_schedule(Schedule(id="rates", file="rates.csv", path=str(path), checksum=checksum_of(path, "a test")))


def test_rows_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = rows(tmp_path, "code,rate,modifier,from,through\nS9501,96.50,,,\nS9500,95,SH,2025-01-01,2025-06-30\n")
    assert found == (
        RateRow("S9501", Decimal("96.50"), "", None, None),
        RateRow("S9500", Decimal(95), "SH", date(2025, 1, 1), date(2025, 6, 30)),
    )


def test_a_file_as_spreadsheets_save_it(tmp_path: Path) -> None:
    """A byte order mark, blanks, capitals in headings, other columns, cells of two lines, codes in small letters."""
    text = '\ufeff Code , Rate ,Description\r\n s9500 , 95.00 ,"two\r\nlines"\r\n\r\nS9501,96.5\r\n'
    assert [(r.code, r.rate) for r in rows(tmp_path, text)] == [("S9500", Decimal("95.00")), ("S9501", Decimal("96.5"))]


def test_remarks_are_left_out(tmp_path: Path) -> None:
    text = '# fee schedule, "effective" 2025\ncode,rate\n# antibiotics\nS9500,95.00\n'
    assert [r.code for r in rows(tmp_path, text)] == ["S9500"]


def test_equal_codes_may_be_parted_by_modifier_or_dates(tmp_path: Path) -> None:
    text = "code,modifier,rate,from,through\nS9500,,95,,2025-06-30\nS9500,,96,2025-07-01,\nS9500,SH,47.50,,\n"
    assert len(rows(tmp_path, text)) == 3


@pytest.mark.parametrize("dates", [",,2025-06-30\nS9500,96,2025-06-30,", ",2025-01-01,\nS9500,96,,2025-01-01"])
def test_one_day_in_common_is_a_mistake(tmp_path: Path, dates: str) -> None:
    with pytest.raises(ContractError, match="S9500 has two rates on one day"):
        rows(tmp_path, f"code,rate,from,through\nS9500,95{dates}\n")


def test_a_file_that_is_no_table_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="there is no column code and no column rate"):
        rows(tmp_path, b"PK\x03\x04")
    longest = csv.field_size_limit()
    with pytest.raises(ContractError, match="the rate schedule is not a CSV file: field larger than field limit"):
        rows(tmp_path, 'code,rate\n"' + "x" * (longest + 1) + '",5\n')


def test_a_file_that_changed_after_loading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("code,rate\nS9500,95.00\n")
    before = checksum_of(path, "a test")
    refuse_changed(path, before)
    path.write_text("code,rate\nS9500,96.00\n")
    with pytest.raises(ContractError) as raised:
        refuse_changed(path, before)
    assert "has changed since the contract that names it was loaded. Load the contract again." in str(raised.value)


def test_a_file_that_is_not_there_has_a_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "rates_2025.csv").write_text("")
    with pytest.raises(ContractError) as raised:
        checksum_of(tmp_path / "rates_2052.csv", "2025.toml, schedule 'base'")
    assert raised.value.suggestion == "rates_2025.csv"
    assert str(raised.value).startswith("2025.toml, schedule 'base': names the file ")
    with pytest.raises(ContractError, match="cannot be read: No such file"):
        checksum_of(tmp_path / "nowhere" / "rates.csv", "x")


# --- what is paid from them ---


def paid(folder: Path, text: str, *lines: str) -> list[tuple[str, int | None]]:
    write(folder / "c", TERM)
    (folder / "c" / "rates.csv").write_text(text)
    return outcome(price(claims(folder, *lines), load_contract(folder / "c")))


def test_a_row_with_the_lines_modifier_outranks_one_without(tmp_path: Path) -> None:
    text = "code,rate,modifier\nS9500,95.00,\nS9500,80.00,SH\n"
    lines = ("S9500 2025-03-03 2025-03-03 1 900.00", "S9500-SH 2025-03-03 2025-03-03 1 900.00")
    assert paid(tmp_path, text, *lines) == [("priced", 9500), ("priced", 8000)]


def test_a_line_across_two_rows_dates_is_cut(tmp_path: Path) -> None:
    text = "code,rate,from,through\nS9500,95.00,,2025-06-30\nS9500,96.00,2025-07-01,\n"
    assert paid(tmp_path, text, "S9500 2025-06-30 2025-07-02 3 900.00") == [("priced", 28700)]  # 95 + 2 × 96


def test_a_code_without_a_row_or_outside_its_dates_is_silent(tmp_path: Path) -> None:
    text = "code,rate,from\nS9500,95.00,2025-07-01\n"
    lines = ("S9501 2025-03-03 2025-03-03 1 900.00", "S9500 2025-06-30 2025-06-30 1 900.00")
    assert paid(tmp_path, text, *lines) == [("contract_silent", None), ("contract_silent", None)]
