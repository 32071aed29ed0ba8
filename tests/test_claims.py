"""Reading claims files: exact values, every problem in one reading, no line lost."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hitmodel.claim_shape import COLUMNS, REQUIRED
from hitmodel.claims import Claims, read_claims
from hitmodel.errors import InputError

GOOD = {
    "claim_id": "C1",
    "line_id": "L1",
    "patient_id": "P1",
    "payer": "Example PPO",
    "service_from": "2025-03-03",
    "service_through": "2025-03-09",
    "code": "S9500",
    "modifiers": "",
    "units": "7",
    "charge": "1050.00",
    "place_of_service": "12",
}


def write(folder: Path, *lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    """Write lines that differ from GOOD as said; line ids are L2, L3 … by row unless given."""
    rows = [GOOD | {"line_id": f"L{row}"} | line for row, line in enumerate(lines, 2)]
    path = folder / "claims.csv"
    pd.DataFrame(rows).reindex(columns=list(columns)).to_csv(path, index=False, lineterminator="\n")
    return path


def only_finding(claims: Claims) -> tuple[str, str, int, bool]:
    (finding,) = claims.findings
    return finding.field, finding.kind, finding.row, finding.blocks


def test_a_line_becomes_exact_values(tmp_path: Path) -> None:
    line = {
        "modifiers": "sh  ss",
        "units": "7.125",
        "charge": "1050.1",
        "ndc": "00143-9856-25",
        "ndc_quantity": "14.5",
        "ndc_unit": "un",
        "acquisition_cost": "99",
        "product": "PPO",
    }
    path = write(tmp_path, line)
    lines, findings = read_claims(path)
    assert findings == ()
    got = lines.iloc[0]
    assert (got.row, got.line_id, got.code, got.modifiers, got["product"]) == (2, "L2", "S9500", "SH SS", "PPO")
    assert (got.ndc, got.ndc_unit, got.ndc_quantity_milli) == ("00143985625", "UN", 14500)
    # 7.125 units are 7,125 thousandths; 1,050.10 dollars are 105,010 cents; 99 dollars are 9,900.
    assert (got.units_milli, got.charge_cents, got.acquisition_cost_cents) == (7125, 105010, 9900)
    assert got.actual_allowed_cents is pd.NA
    assert (got.service_from.date(), got.service_through.date()) == (date(2025, 3, 3), date(2025, 3, 9))
    assert got.blocked == ""
    assert lines["service_from"].dtype == "datetime64[s]"
    assert lines["units_milli"].dtype == "Int64"
    assert all(isinstance(lines[name].dtype, pd.StringDtype) for name in ("claim_id", "code", "blocked"))


def test_claims_know_their_source_and_checksum(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    claims = read_claims(str(path))
    assert claims.checksum == hashlib.sha256(path.read_bytes()).hexdigest()
    assert claims.source.endswith("claims.csv")


def test_all_problems_are_found_in_one_reading_and_no_line_is_lost(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {},
        {"service_through": "2025-02-30"},
        {"units": "1E5", "charge": "1,200.00"},
        {"code": "S95000"},
    )
    claims = read_claims(path)
    assert [(f.row, f.field, f.value, f.kind) for f in claims.findings] == [
        (3, "service_through", "2025-02-30", "unreadable_date"),
        (4, "units", "1E5", "unreadable_number"),
        (4, "charge", "1,200.00", "unreadable_number"),
        (5, "code", "S95000", "misshapen_code"),
    ]
    assert len(claims.lines) == 4
    assert claims.lines["blocked"].ne("").tolist() == [False, True, True, True]
    assert claims.lines["blocked"].iloc[2] == (
        "units: write the number out in full; the E form hides digits; charge: write it without commas: 1200.00"
    )


@pytest.mark.parametrize(
    ("field", "value", "kind", "blocks", "says"),
    [
        ("units", "", "missing_value", True, "a number is needed"),
        ("units", "seven", "unreadable_number", True, "not a number"),
        ("units", "７", "unreadable_number", True, "not a number"),
        ("units", "1.0625", "unreadable_number", True, "at most 3 decimals"),
        ("units", "0", "zero_value", True, "units is zero"),
        ("units", "-7", "mixed_signs", True, "a void has both negative"),
        ("charge", "$95", "unreadable_number", True, "without the dollar sign: 95"),
        ("charge", "(95.00)", "unreadable_number", True, "minus sign in front: -95.00"),
        ("charge", "−95.00", "unreadable_number", True, "minus sign in front: -95.00"),
        ("charge", "95.005", "unreadable_number", True, "at most 2 decimals"),
        ("charge", "1234567890123", "unreadable_number", True, "too large"),
        ("charge", "0.00", "zero_charge", False, "the charge is 0.00, so a charge limit pays nothing"),
        ("acquisition_cost", "n/a", "unreadable_number", False, "not a number"),
        ("service_from", "", "missing_value", True, "2025-03-09"),
        ("service_from", "3/3/2025", "unreadable_date", True, "year first"),
        ("service_from", "20250303", "unreadable_date", True, "year first"),
        ("service_from", "2025-3-3", "unreadable_date", True, "year first"),
        ("service_through", "2025-13-01", "unreadable_date", True, "no such day"),
        ("service_through", "2025-03-02", "ends_before_start", True, "before the line's first day, 2025-03-03"),
        ("service_through", "2026-03-04", "long_span", False, "the line covers 367 days"),
        ("service_from", "1025-03-03", "implausible_date", True, "1980 to 2099"),
        ("code", "", "missing_value", True, "a code is needed"),
        ("code", "S9500-SH", "misshapen_code", True, "leave S9500"),
        ("code", "99601.0", "misshapen_code", True, "write 99601"),
        ("code", "170", "misshapen_code", True, "leading zero"),
        ("modifiers", "SH,SS", "misshapen_modifier", True, "parted by blanks"),
        ("modifiers", "SH SS JA JZ KD", "too_many_modifiers", True, "at most 4"),
        ("modifiers", "SH SH", "repeated_modifier", False, "stands twice"),
        ("place_of_service", "1", "misshapen_place", False, "two digits"),
        ("patient_id", "", "missing_value", True, "a value is needed"),
        ("claim_id", "1.23E+11", "shortened_id", False, "spreadsheet"),
        ("ndc", "0143-9856-25", "misshapen_ndc", False, "11 digits"),
        ("ndc_quantity", "4", "incomplete_ndc", False, "not used"),
    ],
)
def test_what_a_field_refuses(tmp_path: Path, field: str, value: str, kind: str, blocks: bool, says: str) -> None:
    partner = {"ndc_quantity": "1", "ndc_unit": "UN"} if field == "ndc" else {}
    claims = read_claims(write(tmp_path, partner | {field: value}))
    assert [(f.kind, f.blocks, f.row, f.line_id) for f in claims.findings if f.kind == kind] == [
        (kind, blocks, 2, "L2")
    ]
    (finding,) = [f for f in claims.findings if f.kind == kind]
    assert says in finding.problem
    assert len(claims.findings) == 1 or value == "1025-03-03"  # that one is also a span of a thousand years
    assert (claims.lines["blocked"].iloc[0] != "") is blocks


@pytest.mark.parametrize(
    ("text", "milli"),
    [("7", 7000), ("7.0", 7000), ("7.00000", 7000), (".5", 500), ("0.001", 1), ("999999999999.999", 999999999999999)],
)
def test_plain_numbers(tmp_path: Path, text: str, milli: int) -> None:
    claims = read_claims(write(tmp_path, {"units": text}))
    assert claims.findings == ()
    assert claims.lines["units_milli"].iloc[0] == milli


def test_a_void_is_not_a_problem(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path, {"units": "-7", "charge": "-1050.00"}))
    assert claims.findings == ()
    assert claims.lines.loc[0, ["units_milli", "charge_cents"]].tolist() == [-7000, -105000]


def test_a_line_id_used_twice_blocks_the_later_line(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path, {"line_id": "A"}, {"line_id": "B"}, {"line_id": "A"}, {"line_id": "A"}))
    assert [(f.row, f.kind) for f in claims.findings] == [(4, "duplicate_line_id"), (5, "duplicate_line_id")]
    assert "already used in row 2" in claims.findings[1].problem
    assert claims.lines["blocked"].ne("").tolist() == [False, False, True, True]


def test_rows_are_numbered_as_a_person_sees_them(tmp_path: Path) -> None:
    path = write(tmp_path, {}, {"units": "x"})
    heading, first, second = path.read_text().splitlines()
    path.write_text("\n".join([heading, "", first.replace("Example PPO", '"Example\nPPO"'), "," * 16, second, ""]))
    claims = read_claims(path)
    # Row 2 is empty, row 3 is one record on two lines of text, row 4 holds commas only.
    assert claims.lines["row"].tolist() == [3, 5]
    assert claims.findings[0].row == 5


@pytest.mark.slow
def test_cells_of_two_lines_do_not_end_a_row_in_a_large_file(tmp_path: Path) -> None:
    """The reader works in blocks of a megabyte; a block must not end inside a quoted cell."""
    path = write(tmp_path, *({"payer": "Example\nPPO"} for _ in range(20_000)))
    claims = read_claims(path)
    assert claims.findings == ()
    assert claims.lines["row"].tolist() == list(range(2, 20_002))
    assert set(claims.lines["payer"]) == {"Example\nPPO"}


def test_a_row_of_the_wrong_length_keeps_its_place_and_is_blocked(tmp_path: Path) -> None:
    path = write(tmp_path, {}, {}, {}, columns=REQUIRED)
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace("Example PPO", "Example, Inc")
    lines[3] = "C1,L4"
    path.write_text("\n".join(lines))
    claims = read_claims(path)
    assert claims.lines["row"].tolist() == [2, 3, 4]
    assert [(f.row, f.kind, f.blocks, f.line_id) for f in claims.findings] == [
        (2, "wrong_length", True, "L2"),
        (4, "wrong_length", True, "L4"),
    ]
    assert claims.findings[0].problem == "the row has 12 fields where the heading has 11"
    assert claims.lines["blocked"].ne("").tolist() == [True, False, True]


def test_missing_columns_are_all_named_with_the_nearest_heading(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    path.write_text(path.read_text().replace("service_from", "Service From").replace("units", "quantity"))
    with pytest.raises(InputError) as caught:
        read_claims(path)
    message = str(caught.value)
    assert "these columns are missing: 'service_from', 'units'" in message
    assert "rename 'Service From' to 'service_from'" in message


def test_an_unknown_column_is_a_finding(tmp_path: Path) -> None:
    path = write(tmp_path, {}, columns=REQUIRED)
    heading, line = path.read_text().splitlines()
    path.write_text(f"{heading},actual_alowed,note\n{line},100,x\n")
    claims = read_claims(path)
    assert [(f.row, f.field, f.kind, f.blocks) for f in claims.findings] == [
        (1, "actual_alowed", "unknown_column", False),
        (1, "note", "unknown_column", False),
    ]
    assert "Did you mean 'actual_allowed'?" in claims.findings[0].problem
    assert claims.lines["blocked"].iloc[0] == ""


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_claims(path).findings == ()


def test_windows_text_is_read_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, {}, {"payer": "Santé"})
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    claims = read_claims(path)
    assert claims.lines["payer"].tolist() == ["Example PPO", "Santé"]
    assert only_finding(claims) == ("file", "encoding", 3, False)


@pytest.mark.parametrize(
    ("content", "command"),
    [
        (b"PK\x03\x04rest", "hitmodel import claims"),
        (b"ISA*00*", "hitmodel import 837"),
        (";".join(REQUIRED).encode(), "hitmodel import claims"),
        (b"Claim #,Patient,Payer\n1,2,3\n", "hitmodel import claims"),
    ],
)
def test_what_an_import_can_read_is_sent_there(tmp_path: Path, content: bytes, command: str) -> None:
    (tmp_path / "claims.csv").write_bytes(content)
    with pytest.raises(InputError, match=command):
        read_claims(tmp_path / "claims.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"ISA*00*", "X12 file"),
        (b"\xff\xfec\x00", "UTF-16"),
        (b"a,b\x00c\n", "NUL bytes"),
        (b"a,b\n\x81\xff", "neither UTF-8 nor Windows-1252 text (row 2)"),
        (b"PAR1nothing", "damaged"),
        (";".join(REQUIRED).encode(), "separated by semicolons"),
        (",".join((*REQUIRED, "code")).encode(), "names 'code' more than once"),
        (",".join(REQUIRED).encode(), "a heading and no lines"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_claims(path)
    assert says in str(caught.value)
    assert "claims.csv" in caught.value.where


def test_an_open_quotation_mark_is_an_error_not_a_guess(tmp_path: Path) -> None:
    path = write(tmp_path, {}, {})
    path.write_text(path.read_text().replace("Example PPO", '"Example PPO', 1))
    with pytest.raises(InputError, match="row 2: a quotation mark is not closed"):
        read_claims(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_claims(tmp_path / "none.csv")


def test_parquet_gives_the_same_lines(tmp_path: Path) -> None:
    csv_lines, _ = read_claims(write(tmp_path, {}, {"modifiers": "SH SS", "units": "-7", "charge": "-1050.00"}))
    table = pa.table(
        {name: [GOOD[name]] * 2 for name in REQUIRED}
        | {
            "line_id": ["L2", "L3"],
            "modifiers": pa.array([None, ["SH", "SS"]]),
            "service_from": [date(2025, 3, 3)] * 2,
            "service_through": pd.to_datetime(["2025-03-09"] * 2),
            "units": [7, -7],
            "charge": [Decimal("1050.0000"), Decimal("-1050.0000")],
        }
    )
    path = tmp_path / "claims.parquet"
    pq.write_table(table, path)
    lines, findings = read_claims(path)
    assert findings == ()
    pd.testing.assert_frame_equal(lines, csv_lines)


def test_parquet_of_an_unusable_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({name: [GOOD[name]] for name in REQUIRED} | {"units": [{"n": 7}]}), path)
    with pytest.raises(InputError, match="column units"):
        read_claims(path)
