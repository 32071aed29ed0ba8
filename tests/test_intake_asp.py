"""Reading CMS's payment limit file: its preamble, its traps, and the files that only look like it."""

from __future__ import annotations

import csv
import tomllib
import zipfile
from datetime import date
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.codes import code_table
from hitmodel.dates import Quarter, Span
from hitmodel.errors import InputError
from hitmodel.intake.asp import LimitRow, read_payment_limits, write_payment_limits

PREAMBLE = (
    "Payment Allowance Limits for Medicare Part B Drugs,,,,,,,,,,,\r\n"
    ",,,,,,,,,,,\r\n"
    '"Effective July 1, 2025 through September 30, 2025",,,,,,,,,,,\r\n'
    ",,,,,,,,,,,\r\n"
    "Note 1: Payment allowance limits subject to the ASP methodology are based on 1Q25 ASP data.,,,,,,,,,,,\r\n"
    "Note 2: The absence or presence of a HCPCS code does not indicate whether Medicare covers a drug.,,,,,,,,,,,\r\n"
    ",,,,,,,,,,,\r\n"
)
HEADER = (
    "HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%,Vaccine Limit,"
    "Blood AWP%,Blood limit,Clotting Factor,Notes,\r\n"
)
ROWS = (
    "J0690,Cefazolin sodium injection,500 MG,0.814,20.000,,,,,,,\r\n"
    "J3373,Inj,10 MG,0.031,20.000,,,,,,Added July 2025,\r\n"
    "J7170,Inj.,0.5 MG,57.500,19.204,,,,,1,Inflation-adjusted coinsurance,\r\n"
    "Q5103,Inj,10 MG,41.120,20.000,,,,,,8% of reference add-on applied,\r\n"
    "J0133,Inj,5 MG,0.029,20.000,,,,,,AMP-based payment limit,\r\n"
    'J0878,Inj,1 MG,0.050,20.000,,,,,,"""lesser of"" methodology applied",\r\n'
    "90371,,1 ML,130.664,20.000,,,,,,,\r\n"
    "P9041,Albumin,50 ML,24.117,20.000,,,95,24.117,,,\r\n"
    'A9606,Radium,1 microCurie,N/A,20.000,,,,,,"microCurie 100% AWP = $202.82\nmicroCurie 100% WAC = $169.02",\r\n'
)


def _file(folder: Path, text: str, name: str = "section 508 verision of JUL 2025.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode("cp1252"))
    return path


def test_the_quarter_and_the_two_quarter_lag_come_from_the_preamble(tmp_path: Path) -> None:
    read = read_payment_limits(_file(tmp_path, PREAMBLE + HEADER + ROWS))
    assert read.quarter == Quarter(2025, 3)
    assert read.effective == Span(date(2025, 7, 1), date(2025, 9, 30))
    assert read.sales_quarter == Quarter(2025, 1)
    assert read.sales_quarter.shift(2) == read.quarter


def test_rows_are_read_as_printed(tmp_path: Path) -> None:
    rows = {r.code: r for r in read_payment_limits(_file(tmp_path, PREAMBLE + HEADER + ROWS)).rows}
    assert rows["J0690"] == LimitRow("J0690", "500 MG", "0.814", "20.000", False, "6%", "")
    assert rows["J7170"].clotting_factor
    assert rows["A9606"].limit == "N/A"
    assert rows["A9606"].notes.splitlines()[1] == "microCurie 100% WAC = $169.02"


@pytest.mark.parametrize(
    ("code", "add_on"),
    [
        ("J3373", "6%"),
        ("J7170", "6%"),
        ("Q5103", "8% of reference"),
        ("J0133", "AMP-based"),
        ("J0878", "lesser of"),
        ("P9041", "not ASP"),
        ("A9606", "not ASP"),
    ],
)
def test_what_a_limit_is_made_of(tmp_path: Path, code: str, add_on: str) -> None:
    rows = {r.code: r for r in read_payment_limits(_file(tmp_path, PREAMBLE + HEADER + ROWS)).rows}
    assert rows[code].add_on == add_on


def test_more_columns_a_longer_preamble_and_a_dash_as_cp1252_writes_it(tmp_path: Path) -> None:
    text = (PREAMBLE + ",,,\r\n\r\n" + HEADER + ROWS).replace(",\r\n", ",,,\r\n").replace("50 ML", "50 ML – 5 %")
    path = _file(tmp_path, text)
    assert b"\x96" in path.read_bytes()
    rows = {r.code: r for r in read_payment_limits(path).rows}
    assert len(rows) == 9
    assert rows["P9041"].dosage == "50 ML – 5 %"


def test_the_zip_is_read_through_its_csv(tmp_path: Path) -> None:
    path = tmp_path / "limits.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("July 2025.xlsx", "not read")
        archive.writestr("section 508.csv", (PREAMBLE + HEADER + ROWS).encode("cp1252"))
    assert len(read_payment_limits(path).rows) == 9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Drug Generic Name (Trade Name),Dosage,Payment Limit,Notes\r\nVasopressin,1 UNIT,$2.462,\r\n",
            "this is CMS's price file for not otherwise classified drugs, which has no codes",
        ),
        ("_2026_CODE,Short Description,LABELER NAME\r\n", "this is CMS's NDC–HCPCS crosswalk, which has no prices"),
        ("claim_id,code\r\n1,S9500\r\n", "this is not a payment limit file"),
        ("", "the file is empty"),
        (HEADER + ROWS, "the file does not say its quarter"),
        (PREAMBLE.replace("July 1", "July 2") + HEADER + ROWS, "is not one quarter"),
        (PREAMBLE.replace("July 1", "Juli 1") + HEADER + ROWS, "are not two dates"),
        (PREAMBLE + HEADER.replace("Payment Limit", "Limit") + ROWS, "column 'Payment Limit' is missing"),
        (PREAMBLE + HEADER + ROWS.replace("0.814", "0.8l4"), "the payment limit of J0690 is '0.8l4'"),
        (PREAMBLE + HEADER + ROWS.replace("0.814", "NaN"), "the payment limit of J0690 is 'NaN'"),
        (PREAMBLE + HEADER + ROWS + "J0690,,500 MG,0.900,20.000,,,,,,,\r\n", "code J0690 stands in it twice"),
    ],
)
def test_another_or_a_broken_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_payment_limits(_file(tmp_path, text))
    assert message in str(raised.value)
    assert "JUL 2025.csv" in raised.value.where


def test_a_quarter_is_written_with_its_source(tmp_path: Path) -> None:
    read = read_payment_limits(_file(tmp_path, PREAMBLE + HEADER + ROWS))
    path = write_payment_limits(read, tmp_path / "limits", {"J0690", "J7170"})
    assert path.name == "2025Q3.csv"
    assert path.read_text().splitlines() == [
        "code,dosage,limit,coinsurance,clotting_factor,add_on,notes",
        "J0690,500 MG,0.814,20.000,,6%,",
        "J7170,0.5 MG,57.500,19.204,yes,6%,Inflation-adjusted coinsurance",
    ]
    source = tomllib.loads((tmp_path / "limits" / "2025Q3.toml").read_text())
    assert (source["quarter"], source["sales_quarter"]) == ("2025Q3", "2025Q1")
    assert (source["effective_from"], source["effective_through"]) == (date(2025, 7, 1), date(2025, 9, 30))
    assert (source["rows_in_file"], source["rows_kept"]) == (9, 2)
    assert source["file_sha256"] == read.sha256


def _published(real_files: Path) -> list[Path]:
    names = ("Pricing File", "Payment Limit File")
    return sorted(p for p in (real_files / "asp").glob("*.csv") if any(name in p.name for name in names))


def test_nine_quarters_agree_with_cms_cell_by_cell(real_files: Path) -> None:
    """Every cell of our tables, read from CMS's file with nothing but the csv module."""
    ours = set(code_table().codes)
    seen = set()
    for path in _published(real_files):
        with path.open(encoding="cp1252", newline="") as file:
            printed = {row[0]: row for row in csv.reader(file) if row and row[0] in ours}
        quarter = read_payment_limits(path).quarter
        table = paths.data("prices", "medicare_part_b", f"{quarter}.csv")
        with table.open(encoding="utf-8", newline="") as file:
            kept = {row["code"]: row for row in csv.DictReader(file)}
        assert kept.keys() == printed.keys()
        for code, row in kept.items():
            cells = printed[code]
            assert (row["dosage"], row["limit"], row["coinsurance"]) == tuple(c.strip() for c in cells[2:5])
            assert row["clotting_factor"] == ("yes" if cells[9] == "1" else "")
            assert row["notes"] == cells[10].strip()
        source = tomllib.loads(table.with_suffix(".toml").read_text())
        assert (source["file"], source["file_sha256"]) == (path.name, read_payment_limits(path).sha256)
        seen.add(str(quarter))
    assert sorted(seen) == sorted(p.stem for p in paths.data("prices", "medicare_part_b").glob("*.csv"))
    assert len(seen) == 9


def test_every_published_quarter_lags_its_sales_by_two(real_files: Path) -> None:
    for path in _published(real_files):
        read = read_payment_limits(path)
        assert read.sales_quarter is not None
        assert read.sales_quarter.shift(2) == read.quarter


def test_the_noc_price_file_is_refused(real_files: Path) -> None:
    with pytest.raises(InputError, match="not otherwise classified"):
        read_payment_limits(real_files / "asp" / "noc_pricing_2025Q4.csv")
