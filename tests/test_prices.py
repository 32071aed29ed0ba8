"""Reference prices: a limit or the reason why there is none, and the user's own NDC prices."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.codes import code_table
from hitmodel.dates import ONE_DAY, Quarter
from hitmodel.errors import InputError, MissingReference
from hitmodel.intake.crosswalk import read_crosswalk
from hitmodel.prices import NdcPriceTable, PaymentLimit, load_payment_limits, payment_limits

SAMPLE = paths.data("prices", "ndc_sample.csv")
HEADING = "ndc,from_date,awp,wac,invoice,nadac,package,unit,code,units_per_ndc_unit,name\n"


def _quarter(text: str) -> Quarter:
    return Quarter.parse(text)


# Payment limits


def test_a_limit_is_exact() -> None:
    found = payment_limits().find("J3370", _quarter("2025Q2"))
    assert isinstance(found, PaymentLimit)
    assert found.limit == Decimal("1.949")
    assert (found.dosage, found.add_on, found.clotting_factor) == ("500 MG", "6%", False)


def test_vancomycin_changes_its_code_and_unit_in_july_2025() -> None:
    limits = payment_limits()
    new = limits.get("J3373", _quarter("2025Q3"))
    assert new is not None
    assert new.limit == Decimal("0.031")
    assert limits.get("J3370", _quarter("2025Q3")) is None


@pytest.mark.parametrize(
    ("code", "quarter", "reason"),
    [
        (
            "J3370",
            "2025Q3",
            "no row for J3370 in 2025Q3: the code ended on 2025-06-30; J3373 follows it, 50 new units for each old one",
        ),
        ("J3373", "2025Q2", "no row for J3373 in 2025Q2: the code begins on 2025-07-01"),
        ("J3490", "2025Q3", "no row for J3490 in 2025Q3"),
        ("S9599", "2025Q3", "no row for S9599 in 2025Q3"),
        ("J3373", "2027Q1", "no quarter 2027Q1 in the payment limit tables (2024Q1 to 2026Q1 are held)"),
    ],
)
def test_why_there_is_no_limit(code: str, quarter: str, reason: str) -> None:
    assert payment_limits().find(code, _quarter(quarter)) == reason


def test_na_is_not_a_price(tmp_path: Path) -> None:
    (tmp_path / "2025Q3.csv").write_text(
        "code,dosage,limit,coinsurance,clotting_factor,add_on,notes\nA9606,1 microCurie,N/A,20.000,,not ASP,\n"
    )
    limits = load_payment_limits(tmp_path, code_table())
    row = limits.get("A9606", _quarter("2025Q3"))
    assert row is not None
    assert row.limit is None
    assert limits.find("A9606", _quarter("2025Q3")) == "the row for A9606 in 2025Q3 says N/A"


def test_a_folder_without_quarters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingReference, match="no payment limits are there"):
        load_payment_limits(tmp_path, code_table())


def test_a_file_that_is_no_quarter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "July.csv").write_text("code\n")
    with pytest.raises(InputError, match="'July' is not a quarter"):
        load_payment_limits(tmp_path, code_table())


def test_nine_quarters_follow_one_another() -> None:
    quarters = payment_limits().quarters
    assert [str(q) for q in (quarters[0], quarters[-1])] == ["2024Q1", "2026Q1"]
    assert list(quarters) == [quarters[0].shift(i) for i in range(9)]


def test_every_table_has_its_source_and_checksum() -> None:
    for path in paths.data("prices", "medicare_part_b").glob("*.csv"):
        source = tomllib.loads(path.with_suffix(".toml").read_text())
        assert source["quarter"] == path.stem
        assert source["table_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        span = _quarter(path.stem).span
        assert (source["effective_from"], source["effective_through"]) == (span.first, span.last)


def test_every_limit_belongs_to_a_code_of_ours_that_is_valid_in_its_quarter() -> None:
    for quarter, rows in payment_limits().by_quarter.items():
        for code, row in rows.items():
            entry = code_table().entry(code)
            assert entry is not None
            assert entry.valid_on(quarter.span.first) or entry.valid_on(quarter.span.last), (code, quarter)
            assert row.limit is not None
            assert row.limit > 0


def test_a_limit_is_for_the_unit_that_the_descriptor_names() -> None:
    """Where CMS's dosage begins with a number, it is the unit of our table (500 MG and 500 mg)."""
    for quarter, rows in payment_limits().by_quarter.items():
        for code, row in rows.items():
            entry = code_table().entry(code)
            first = row.dosage.upper().replace(",", "").removeprefix("UP TO ").split()[0]
            if entry is None or entry.unit_quantity is None or not first.replace(".", "", 1).isdigit():
                continue
            assert Decimal(first) == entry.unit_quantity, (code, quarter, row.dosage)


# NDC prices


def _load(folder: Path, rows: str, heading: str = HEADING) -> NdcPriceTable:
    path = folder / "mine.csv"
    path.write_text(heading + rows, encoding="utf-8")
    return NdcPriceTable.load(path)


def test_the_row_in_force_on_a_day(tmp_path: Path) -> None:
    table = _load(
        tmp_path,
        "00143-9357-10,2025-01-01,14.86,5.46,3.33,,1,UN,J3370,2,Vancomycin\n"
        '00143935710,2025-07-01,"1,015.01",,3.36,,1,UN,J3373,100,Vancomycin\n',
    )
    assert table.findings == ()
    assert table.at("00143935710", date(2024, 12, 31)) is None
    before, after = (table.at("00143935710", day) for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert before is not None
    assert after is not None
    assert (before.awp, before.code, before.hcpcs_units) == (Decimal("14.86"), "J3370", 2)
    assert (after.awp, after.wac, after.code, after.hcpcs_units) == (Decimal("1015.01"), None, "J3373", 100)
    assert table.at("99999999999", date(2025, 7, 1)) is None
    assert table.change_days == (date(2025, 1, 1), date(2025, 7, 1))


def test_units_may_be_a_fraction_and_the_optional_columns_may_be_absent(tmp_path: Path) -> None:
    table = _load(tmp_path, "99999000101,2025-01-01,1,,,,3,ML,J0000,1/3,x\n")
    row = table.at("99999000101", date(2025, 1, 1))
    assert row is not None
    assert row.hcpcs_units == Fraction(1, 3)
    short = _load(tmp_path, "99999000101,2025-01-01,1,,,,,ml\n", "ndc,from_date,awp,wac,invoice,nadac,package,unit\n")
    row = short.at("99999000101", date(2025, 1, 1))
    assert row is not None
    assert (row.package, row.unit, row.code, row.hcpcs_units) == (Decimal(1), "ML", "", None)


def test_one_ndc_under_two_codes(tmp_path: Path) -> None:
    table = _load(
        tmp_path,
        "55513000201,2025-01-01,20,,,,0.4,ML,J0881,100,x\n55513000201,2025-01-01,20,,,,0.4,ML,J0882,100,x\n",
    )
    assert table.findings == ()
    assert [getattr(table.at("55513000201", date(2025, 2, 1), c), "code", None) for c in ("J0882", "J0881", "")] == [
        "J0882",
        "J0881",
        "J0881",
    ]


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        ("143935710,2025-01-01,1,,,,1,UN,,,", "ndc", "(a spreadsheet may have dropped a leading zero)"),
        ("0143-9357-10,2025-01-01,1,,,,1,UN,,,", "ndc", "is not an NDC of eleven digits"),
        ("00143935710,2025-02-30,1,,,,1,UN,,,", "from_date", "is not a date (YYYY-MM-DD)"),
        ("00143935710,2025-01-01,n/a,,,,1,UN,,,", "awp", "is not a price"),
        ("00143935710,2025-01-01,1,-2,,,1,UN,,,", "wac", "is not a price"),
        ("00143935710,2025-01-01,1,NaN,,,1,UN,,,", "wac", "is not a price"),
        ("00143935710,2025-01-01,1,,,,1,EA,,,", "unit", "is not an NDC unit (UN, ML, GR, F2, ME)"),
        ("00143935710,2025-01-01,1,,,,0,UN,,,", "package", "is not a number greater than zero"),
        ("00143935710,2025-01-01,1,,,,1,UN,J3370,two,", "units_per_ndc_unit", "is not a number greater than zero"),
    ],
)
def test_a_row_that_cannot_be_used_is_a_finding(tmp_path: Path, row: str, field: str, problem: str) -> None:
    table = _load(tmp_path, f"00143935801,2025-01-01,1,,,,1,UN,,,\n{row}\n")
    assert list(table.by_ndc) == ["00143935801"]
    (finding,) = table.findings
    assert (finding.row, finding.field) == (3, field)
    assert problem in finding.problem


def test_remarks_are_passed_over_and_rows_are_counted_as_a_person_sees_them(tmp_path: Path) -> None:
    table = _load(tmp_path, "\nx,2025-01-01,1,,,,1,UN,,,\n", "# remark\n" + HEADING)
    assert [f.row for f in table.findings] == [4]


def test_two_rows_for_one_day_are_a_finding(tmp_path: Path) -> None:
    table = _load(tmp_path, "00143935710,2025-01-01,1,,,,1,UN,,,\n00143935710,2025-01-01,2,,,,1,UN,,,\n")
    assert [f.kind for f in table.findings] == ["repeated"]
    row = table.at("00143935710", date(2025, 1, 1))
    assert row is not None
    assert row.awp == Decimal(1)


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column 'from_date' is missing"):
        _load(tmp_path, "", "ndc,price\n")
    with pytest.raises(InputError, match="column 'ndc' is missing"):
        _load(tmp_path, "", "")
    with pytest.raises(InputError, match="is not there"):
        NdcPriceTable.load(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"ndc,\xff\xfe\n")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        NdcPriceTable.load(tmp_path / "bytes.csv")


def test_the_sample_is_whole_and_says_that_it_is_invented() -> None:
    assert "EVERY PRICE IN THIS FILE IS INVENTED" in SAMPLE.read_text().splitlines()[0]
    table = NdcPriceTable.load(SAMPLE)
    assert table.findings == ()
    for prices in table.by_ndc.values():
        for price in prices:
            assert code_table().get(price.code, price.from_date) is not None, price
            assert price.hcpcs_units is not None
            assert price.awp is not None
            assert price.wac is not None
            assert price.invoice is not None
            assert price.awp > price.wac > price.invoice > 0


def test_the_sample_follows_a_code_to_its_successor_with_the_same_vial() -> None:
    for prices in NdcPriceTable.load(SAMPLE).by_ndc.values():
        for before, after in pairwise(prices):
            step = code_table().successor(before.code)
            if before.code == after.code:
                assert before.hcpcs_units == after.hcpcs_units
                continue
            assert step is not None
            assert (after.code, after.from_date) == (step.new, step.last_day_old + ONE_DAY)
            assert before.hcpcs_units is not None
            assert after.hcpcs_units == before.hcpcs_units * step.factor


def test_ndcs_and_units_of_the_sample_are_cms_s(real_files: Path) -> None:
    crosswalks = sorted((real_files / "asp").glob("*Crosswalk*.csv"))
    facts = {
        (row.code, row.ndc, row.package_size): Fraction(row.units_per_item)
        for path in crosswalks
        for row in read_crosswalk(path).rows
    }
    checked = 0
    for prices in NdcPriceTable.load(SAMPLE).by_ndc.values():
        for price in prices:
            if price.ndc.startswith("99999") or price.code.startswith("S"):
                continue  # no crosswalk row: invented, or a code that CMS does not price
            if (price.code, price.ndc) == ("J1300", "25682000101"):
                continue  # CMS prints this 30 ml vial with size 1 under the ended code and 30 under J1299
            assert price.hcpcs_units is not None
            units = facts[price.code, price.ndc, price.package]
            assert units == price.hcpcs_units * Fraction(price.package), price
            checked += 1
    assert checked > 700
