"""Price indexes by month: the change over twelve months, and what stands for a month that was never published."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.errors import InputError, MissingReference
from hitmodel.indexes import Index, find_index, index_files, months_later, read_index
from hitmodel.intake.bls import read_series, write_indexes

MEDICAL = "CUUR0000SAM"
FILES = sorted(paths.data("indexes", "bls").glob("*.csv"))


def index(**values: str) -> Index:
    """An index whose months are named as ``m2025_09``."""
    months = {date(int(name[1:5]), int(name[6:]), 1): Decimal(v) for name, v in values.items()}
    return Index("TEST", "A test", months, "test")


def test_change_is_rounded_as_the_publisher_prints_it() -> None:
    # 584.858 ÷ 566.266 = 1.032832…: 3.3 percent at one decimal, 3.28 at two.
    held = find_index(MEDICAL)
    assert held.change_to(date(2025, 9, 1)).change == Fraction(33, 1000)
    assert held.change_to(date(2025, 9, 1), percent_decimals=2).change == Fraction(328, 10000)
    exact = held.change_to(date(2025, 9, 1), percent_decimals=None).change
    assert exact == Fraction(584858, 566266) - 1


def test_a_month_never_published_is_refused_with_what_can_be_said() -> None:
    with pytest.raises(MissingReference) as raised:
        find_index(MEDICAL).change_to(date(2025, 10, 1))
    assert "October 2025 was never published" in str(raised.value)
    assert 'missing = "previous_month"' in str(raised.value)


@pytest.mark.parametrize(
    ("missing", "month", "percent"),
    [
        ("previous_month", date(2025, 9, 1), "3.3"),  # 584.858 ÷ 566.266
        ("next_month", date(2025, 11, 1), "2.9"),
        ("previous_year", date(2024, 10, 1), "3.3"),
    ],
)
def test_what_stands_for_a_month_never_published(missing: str, month: date, percent: str) -> None:
    held = find_index(MEDICAL)
    found = held.change_to(date(2025, 10, 1), missing)  # type: ignore[arg-type]
    assert (found.month, found.change * 100) == (month, Fraction(percent))
    assert found.change == held.change_to(month).change
    assert "October 2025 was never published" in found.note


def test_average_of_neighbours_stands_for_the_level_at_either_end() -> None:
    # October 2025 is taken as (102 + 106) ÷ 2 = 104: 104 ÷ 100 = 4 percent to it, 109.2 ÷ 104 = 5 percent from it.
    held = index(m2024_10="100", m2025_09="102", m2025_11="106", m2026_10="109.2")
    assert held.never_published[-1] < held.last_month
    to, since = (held.change_to(date(y, 10, 1), "average_of_neighbours") for y in (2025, 2026))
    assert (to.change, since.change) == (Fraction(4, 100), Fraction(5, 100))
    assert "average of its neighbours" in to.note


def test_a_hole_beside_a_hole_is_refused() -> None:
    held = index(m2024_01="100", m2025_04="104")  # everything between is a hole
    with pytest.raises(MissingReference, match="has a hole too"):
        held.change_to(date(2025, 2, 1), "previous_month")
    with pytest.raises(MissingReference, match="never published"):
        held.change_to(date(2025, 2, 1), "average_of_neighbours")


def test_a_month_not_yet_published_is_not_a_hole() -> None:
    held = find_index(MEDICAL)
    assert held.is_ahead(months_later(held.last_month, 1))
    assert not held.is_ahead(date(2025, 10, 1))
    with pytest.raises(MissingReference, match="is not held"):
        held.change_to(months_later(held.last_month, 1), "previous_month")


def test_months_later_crosses_years() -> None:
    assert months_later(date(2025, 1, 1), -1) == date(2024, 12, 1)
    assert months_later(date(2025, 12, 1), 1) == date(2026, 1, 1)
    assert months_later(date(2025, 9, 1), -12) == date(2024, 9, 1)


def test_the_nearest_series_is_named() -> None:
    with pytest.raises(MissingReference) as raised:
        find_index("CUUR0000SAN")
    assert "Did you mean 'CUUR0000SA" in str(raised.value)


def test_a_teams_own_index_lies_beside_the_contract(tmp_path: Path) -> None:
    (tmp_path / "market_basket.csv").write_text("# ours\nmonth,value\n2024-09,100\n2025-09,103\n", encoding="utf-8")
    found = find_index("market_basket", tmp_path / "2025.toml")
    assert found.change_to(date(2025, 9, 1)).change == Fraction(3, 100)
    assert found.title == "market_basket"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("month,value\n2025-13,100\n", "row 2, month"),
        ("month,value\n2025-09,-1\n", "is not an index value"),
        ("month,value\n2025-09,1\n2025-09,1\n", "stands in it twice"),
        ("month,level\n2025-09,1\n", "a column is missing"),
        ("month,value\n", "holds no month"),
    ],
)
def test_a_broken_index_is_named_by_row(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "i.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_index(tmp_path / "i.csv")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_shipped_series_says_where_it_is_from(path: Path) -> None:
    about = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    assert about["publisher"].endswith("(BLS)")
    assert about["series"] == path.stem
    assert about["table_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    held = read_index(path)
    assert "October 2025" in about["never_published"]
    assert f"{held.last_month:%Y-%m}" == about["through"]
    assert index_files()[path.stem] == path


def test_annual_averages_are_no_months(tmp_path: Path) -> None:
    rows = [("S", "A series", "2024", p, v) for p, v in (("M11", "1"), ("M12", "2"), ("M13", "1.5"))]
    with (tmp_path / "bls.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("series_id", "title", "year", "period", "value"), *rows])
    read = read_series(tmp_path / "bls.csv")
    (path,) = write_indexes(read, tmp_path / "out", date(2000, 1, 1))
    assert path.read_text(encoding="utf-8") == "month,value\n2024-11,1\n2024-12,2\n"
    assert 'title = "A series"' in path.with_suffix(".toml").read_text(encoding="utf-8")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no row of it is the heading of such a table"):
        read_series(tmp_path / "x.csv")


def test_the_published_file_gives_what_is_shipped(real_files: Path, tmp_path: Path) -> None:
    read = read_series(real_files / "cpi" / "bls_cpi_medical_and_all_items.csv")
    written = write_indexes(read, tmp_path, date(2000, 1, 1))
    assert [p.name for p in written] == [p.name for p in FILES]
    assert all(p.read_bytes() == paths.data("indexes", "bls", p.name).read_bytes() for p in written)


def test_columns_of_the_federal_reserves_database_are_series(tmp_path: Path) -> None:
    """Older files head the first column DATE and write a point for a month without a value, newer ones nothing."""
    path = tmp_path / "fredgraph.csv"
    path.write_text("observation_date,CPIAUCSL,CPIMEDSL\n2025-08-01,320.1,600.1\n2025-09-01,321.1,\n")
    read = read_series(path)
    assert {name: [(f"{month:%Y-%m}", value) for month, value in found] for name, found in read.months.items()} == {
        "CPIAUCSL": [("2025-08", "320.1"), ("2025-09", "321.1")],
        "CPIMEDSL": [("2025-08", "600.1")],
    }
    path.write_text("DATE,CPIAUCSL\n2013-04-01,232.531\n2013-05-01,.\n")
    assert list(read_series(path).months) == ["CPIAUCSL"]
    path.write_text("DATE,VALUE\n2013-04-01,232.5\n")
    assert list(read_series(path, "CPIMEDSL").months) == ["CPIMEDSL"], "a plain table in capitals names no series"
    path.write_text("DATE,CPIAUCSL\n2013-04-01,x\n")
    with pytest.raises(InputError, match="row 2 column B, CPIAUCSL: 'x' is not an index value"):
        read_series(path)
