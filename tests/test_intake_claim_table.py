"""Claims extracts of every shape come in: lines typed, what was mended listed, ids hashed, nothing lost silently."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from hitmodel.errors import InputError
from hitmodel.intake import claim_csv
from hitmodel.intake.claim_table import Imported, Said, import_claims
from hitmodel.intake.sheets import read_book
from hitmodel.workspace import Workspace

HEADING = "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS"
ROWS = (
    "1001,1,77,Meridian,2025-03-01,2025-03-07,S9500,SH,7,665.00,12",
    "1001,2,77,Meridian,2025-03-01,2025-03-01,J0696,,56,95.50,12",
    "1002,1,78,Meridian,2025-03-20,2025-03-20,99601,,1,120.00,12",
)


def write(folder: Path, *rows: str, name: str = "march.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(rows).encode(encoding))
    return path


def bring_in(path: Path, folder: Path, name: str = "", **said: Any) -> Imported:
    return import_claims(path, Workspace.open(folder), Said(**said), name)


def lines(made: Imported, folder: Path) -> list[dict[str, Any]]:
    place = Workspace.open(folder)
    (file,) = place.files(made.entry)
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows


def kinds(made: Imported) -> dict[str, int]:
    counts: dict[str, int] = {}
    for count in made.entry.findings:
        counts[count.kind] = counts.get(count.kind, 0) + count.count
    return counts


def test_a_plain_extract_comes_in_as_it_is(tmp_path: Path, own_workspace: Path) -> None:
    made = bring_in(write(tmp_path, HEADING, *ROWS), own_workspace)
    assert (made.entry.rows_in, made.entry.rows_kept, made.entry.name) == (3, 3, "march")
    assert made.entry.findings == ()
    first, second, third = lines(made, own_workspace)
    assert (first["code"], first["modifiers"], first["units"], first["charge"]) == ("S9500", "SH", 7, Decimal("665.00"))
    assert (first["service_from"], first["service_through"]) == (date(2025, 3, 1), date(2025, 3, 7))
    assert (first["row"], third["row"]) == (2, 4)
    assert first["claim_id"] == second["claim_id"] != third["claim_id"]
    assert first["patient_id"] == second["patient_id"] != third["patient_id"]
    assert second["line_id"] == f"{second['claim_id']}-02"


def test_the_same_file_twice_changes_nothing(tmp_path: Path, own_workspace: Path) -> None:
    path = write(tmp_path, HEADING, *ROWS)
    bring_in(path, own_workspace)
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in own_workspace.rglob("*") if p.is_file()}
    assert bring_in(path, own_workspace).again
    assert bring_in(write(tmp_path, HEADING, *ROWS, name="copy.csv"), own_workspace).again
    after = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in own_workspace.rglob("*") if p.is_file()}
    assert after == before


def test_how_a_file_writes_dates_and_amounts_is_its_own_whatever_the_last_one_did(
    tmp_path: Path, own_workspace: Path
) -> None:
    """Both have the same headings. 25 stands first in the first file and second in the second: March both times."""
    heading = HEADING.replace(",", ";")
    first = "1;1;77;Meridian;25/03/2025;26/03/2025;S9500;;2;1.380,00;12"
    second = "2;1;78;Meridian;03/25/2025;04/05/2025;S9500;;12;1380.00;12"
    bring_in(write(tmp_path, heading, first), own_workspace)
    made = bring_in(write(tmp_path, heading, second, name="april.csv"), own_workspace)
    (line,) = lines(made, own_workspace)
    assert (line["service_from"], line["service_through"]) == (date(2025, 3, 25), date(2025, 4, 5))
    assert line["charge"] == Decimal("1380.00")


@pytest.mark.slow
def test_a_corrected_file_replaces_what_it_corrects(tmp_path: Path, own_workspace: Path) -> None:
    bring_in(write(tmp_path, HEADING, *ROWS), own_workspace)
    made = bring_in(write(tmp_path, HEADING, *ROWS[:2]), own_workspace)
    assert [(e.name, e.rows_kept) for e in Workspace.open(own_workspace).entries] == [("march", 2)]
    assert made.entry.replaced


@pytest.mark.slow
def test_another_months_file_of_the_same_name_is_another_import(tmp_path: Path, own_workspace: Path) -> None:
    bring_in(write(tmp_path, HEADING, *ROWS), own_workspace)
    april = [row.replace("100", "200").replace("2025-03", "2025-04") for row in ROWS]
    made = bring_in(write(tmp_path, HEADING, *april), own_workspace)
    assert (made.entry.name, made.shares_with) == ("march-2", "march")
    made = bring_in(write(tmp_path, HEADING, *april[:1]), own_workspace, name="march")
    assert (made.entry.name, made.shares_with, len(made.entry.replaced)) == ("march", "", 1)


@pytest.mark.slow
def test_a_file_as_spreadsheets_in_europe_write_it(tmp_path: Path, own_workspace: Path) -> None:
    rows = (
        "ACME Infusion;;;;;;;;;",
        "Abrechnung für März;;;;;;;;;",
        "",
        "Claim #;Line;Patient Name;DOB;Payor;DOS From;HCPCS;Qty;Billed Amt;NDC",
        "1001;1;Muñoz, José;13.02.1950;BCBS;28.03.2026;S9500;7;1.050,00;",
        "1002;1;Smith, Ann;02.03.1960;BCBS;20.03.2026;J0696;1;(120,00);338004938",
        ";;;;;;Total;;930,00;",
    )
    made = bring_in(write(tmp_path, *rows, encoding="cp1252"), own_workspace)
    assert (made.entry.rows_in, made.entry.rows_kept) == (3, 2)
    first, second = lines(made, own_workspace)
    assert (first["row"], first["charge"], first["service_from"]) == (5, Decimal("1050.00"), date(2026, 3, 28))
    assert (second["charge"], second["ndc"]) == (Decimal("-120.00"), "00338004938")
    expected = {"total_agrees": 1, "file_3": 1, "decimal_comma": 1, "single_day": 1, "ndc_lost_zeros": 1}
    assert {kind: count for kind, count in kinds(made).items() if kind in expected} == expected
    assert "Windows-1252" in str(made.entry.findings)


@pytest.mark.slow
def test_a_workbook_as_people_send_it(tmp_path: Path, own_workspace: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Claims detail report"])
    sheet.append([])
    sheet.append(
        ["Claim", None, "Patient", "Payer", "Dates of Service", None, "Procedure", None, "Qty", "Charges", "NDC"]
    )
    sheet.append(["Number", "Line", "ID", "Name", "From", "Thru", "Code", "Mod"])
    for merged in ("A3:B3", "E3:F3", "G3:H3"):
        sheet.merge_cells(merged)
    sheet.append(
        [5001, 1, 77, "Meridian", datetime(2025, 3, 1), datetime(2025, 3, 7), "S9500", "SH", 7, "$1,050.00", None]
    )
    sheet.append([5001, 2, 77, "Meridian", 45717, 45723, 99601, None, 1, 120.1, 338004938])
    sheet.append(["Grand total", None, None, None, None, None, None, None, None, 1170.1, None])
    book.create_sheet("Pivot").append(["a", "b"])
    book.save(tmp_path / "detail.xlsx")
    made = bring_in(tmp_path / "detail.xlsx", own_workspace)
    assert (made.entry.rows_in, made.entry.rows_kept) == (3, 2)
    first, second = lines(made, own_workspace)
    assert (first["row"], first["charge"], first["code"], first["modifiers"]) == (5, Decimal("1050.00"), "S9500", "SH")
    assert (second["code"], second["service_through"], second["charge"]) == (
        "99601",
        date(2025, 3, 7),
        Decimal("120.10"),
    )
    assert second["ndc"] == "00338004938"
    found = kinds(made)
    assert (found["date_serial"], found["dollar_sign"], found["ndc_lost_zeros"], found["total_agrees"]) == (2, 1, 1, 1)
    assert "sheet 'Pivot' was not read: no heading there" in str(made.entry.findings)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["xls", "xlsx"])
def test_sheets_of_the_same_headings_are_read_together_and_others_named(
    tmp_path: Path, own_workspace: Path, form: str
) -> None:
    """January has five lines below its heading; February's heading is in row 2, and its rows go on from there."""
    file = months(tmp_path, form)
    made = bring_in(file, own_workspace)
    assert [line["row"] for line in lines(made, own_workspace)] == [2, 3, 4, 5, 6, 9, 10, 11]
    said = [count.example for count in made.entry.findings if count.field == "file"]
    assert said[0].startswith("sheet 'Other' was not read: it holds claim lines under other headings")
    assert any("sheet 'Feb' has the same headings" in text and "its row 1 is counted as row 7" in text for text in said)
    assert not made.entry.findings[0].repaired, "and the exit code says so"
    other = import_claims(file, Workspace.open(own_workspace), Said(sheet="Other"))
    assert (other.entry.name, other.entry.rows_kept) == ("months_Other", 1)
    assert import_claims(file, Workspace.open(own_workspace), Said(sheet="Other")).again
    with pytest.raises(InputError, match=r"no sheet 'Othr'.*Did you mean 'Other'"):
        import_claims(file, Workspace.open(own_workspace), Said(sheet="Othr"))


def months(folder: Path, form: str) -> Path:
    """Return a workbook with a sheet for each of two months, a pivot, and claim lines under other headings."""
    kept = Path(__file__).parent / "files" / "months.xls"
    if form == "xls":
        return kept
    book = Workbook()
    book.remove(book.active)
    for sheet in read_book(kept).sheets:
        made = book.create_sheet(sheet.name)
        for row in sheet.rows:
            made.append(list(row))
    book.save(folder / "months.xlsx")
    return folder / "months.xlsx"


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "mark"), [("utf-8-sig", ","), ("utf-16", "\t"), ("utf-8", "|"), ("cp1252", ";")])
def test_encodings_and_separators(tmp_path: Path, own_workspace: Path, encoding: str, mark: str) -> None:
    rows = [row.replace(",", mark).replace("Meridian", "Zürich Re") for row in (HEADING, *ROWS)]
    made = bring_in(write(tmp_path, *rows, encoding=encoding), own_workspace)
    assert [line["payer"] for line in lines(made, own_workspace)] == ["Zürich Re"] * 3
    assert [line["charge"] for line in lines(made, own_workspace)] == [
        Decimal("665.00"),
        Decimal("95.50"),
        Decimal(120),
    ]


@pytest.mark.slow
def test_parquet_may_be_typed(tmp_path: Path, own_workspace: Path) -> None:
    table = pa.table(
        {
            "claim_id": pa.array([1001, 1002]),
            "patient_id": ["77", "78"],
            "payer": ["Meridian", "Meridian"],
            "service_from": [date(2025, 3, 1), date(2025, 3, 2)],
            "code": ["S9500", "S9501"],
            "units": [1.0, 2.0],
            "charge": [95.0, 0.1 + 0.2],
        }
    )
    pq.write_table(table, tmp_path / "claims.parquet")
    made = bring_in(tmp_path / "claims.parquet", own_workspace)
    assert [line["charge"] for line in lines(made, own_workspace)] == [Decimal("95.00"), Decimal("0.30")]
    assert kinds(made)["computed_digits"] == 1


def test_what_is_no_line_is_left_out_and_said(tmp_path: Path, own_workspace: Path) -> None:
    rows = (ROWS[0], HEADING, "1001,2,77,Meri", "", "Page 2 of 7,,,,,,,,,,", ",,,,,,,,,760.50,", ROWS[2])
    made = bring_in(write(tmp_path, HEADING, *rows), own_workspace)
    assert [line["row"] for line in lines(made, own_workspace)] == [2, 8]
    assert kinds(made) == {"heading_again": 1, "wrong_length": 1, "not_a_line": 1, "total_differs": 1}
    assert (made.entry.rows_in, made.entry.rows_kept) == (6, 2), "the empty row is no row"
    where = {count.kind: count.rows for count in made.entry.findings}
    assert where == {"heading_again": (3,), "wrong_length": (4,), "not_a_line": (6,), "total_differs": (7,)}


@pytest.mark.slow
def test_rows_that_end_in_an_empty_cell_more_than_the_heading(tmp_path: Path, own_workspace: Path) -> None:
    made = bring_in(write(tmp_path, HEADING, *(f"{row}," for row in ROWS)), own_workspace)
    assert (made.entry.rows_kept, made.entry.findings) == (3, ())


@pytest.mark.slow
def test_lines_are_known_by_number_by_claim_and_number_or_by_row(tmp_path: Path, own_workspace: Path) -> None:
    ids = ["1001-01", "A-77", "2"]
    rows = [f"{row.split(',')[0]},{line},{row.split(',', 2)[2]}" for line, row in zip(ids, ROWS, strict=True)]
    first, second, third = lines(bring_in(write(tmp_path, HEADING, *rows), own_workspace), own_workspace)
    assert first["line_id"] == f"{first['claim_id']}-01"
    assert second["line_id"].startswith("l")
    assert third["line_id"] == f"{third['claim_id']}-02"
    unnumbered = [row.split(",", 2)[0] + "," + row.split(",", 2)[2] for row in (HEADING, *ROWS)]
    made = bring_in(write(tmp_path, *unnumbered, name="other.csv"), own_workspace)
    first, *_ = lines(made, own_workspace)
    assert first["line_id"] == f"{first['claim_id']}-r2"
    assert made.entry.about["numbered"] == "no"


@pytest.mark.slow
def test_a_missing_payer_is_asked_for_and_can_be_given(tmp_path: Path, own_workspace: Path) -> None:
    path = write(tmp_path, *(row.replace("Payor,", "").replace("Meridian,", "") for row in (HEADING, *ROWS)))
    with pytest.raises(InputError, match=r"no column was recognised as payer.*--set payer=…"):
        bring_in(path, own_workspace)
    made = bring_in(path, own_workspace, fixed={"payer": "Meridian Health Plan"})
    assert {line["payer"] for line in lines(made, own_workspace)} == {"Meridian Health Plan"}


@pytest.mark.slow
def test_a_map_is_kept_and_used_for_the_next_file_of_that_layout(tmp_path: Path, own_workspace: Path) -> None:
    made = bring_in(write(tmp_path, HEADING, *ROWS), own_workspace)
    assert made.map_file is not None
    text = made.map_file.read_text().replace("[payers]", '[payers]\n"Meridian" = "Meridian Health Plan"')
    made.map_file.write_text(text)
    april = [row.replace("100", "200") for row in ROWS]
    later = bring_in(write(tmp_path, HEADING, *april, name="april.csv"), own_workspace)
    assert {line["payer"] for line in lines(later, own_workspace)} == {"Meridian Health Plan"}
    again = bring_in(tmp_path / "march.csv", own_workspace, map_file=made.map_file)
    assert {line["payer"] for line in lines(again, own_workspace)} == {"Meridian Health Plan"}
    assert [e.name for e in Workspace.open(own_workspace).entries] == ["april", "march"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"1,2,3\n4,5,6\n", "no row is a heading"),
        (b"just some words\n", "rows have one cell"),
        (b"<html><table></table></html>", "a web page or XML"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "damaged or no workbook"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"PAR1 not parquet", "Parquet file is damaged"),
        (b"ISA*00*", "hitmodel import 837"),
        (b"\x1f\x8b\x08", "the zip or gzip file is damaged or cut off"),
        (b"Claim,MRN,Payer\x00,DOS", "line 1, character 16: the file holds a NUL byte"),
        (HEADING.encode(), "a heading and no lines"),
    ],
)
def test_what_is_no_claims_table_is_refused_and_nothing_is_kept(
    tmp_path: Path, own_workspace: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(InputError, match=problem):
        bring_in(tmp_path / "x.csv", own_workspace)
    assert not [p for p in own_workspace.rglob("*") if p.is_file() and p.name != ".lock"]


@pytest.mark.slow
def test_an_open_quotation_mark_does_not_swallow_the_file_silently(tmp_path: Path, own_workspace: Path) -> None:
    made = bring_in(write(tmp_path, HEADING, ROWS[0], ROWS[1].replace("Meridian", '"Meridian'), ROWS[2]), own_workspace)
    assert (made.entry.rows_kept, kinds(made)) == (1, {"wrong_length": 1})


@pytest.mark.slow
def test_a_file_of_totals_alone_holds_no_lines(tmp_path: Path, own_workspace: Path) -> None:
    with pytest.raises(InputError, match="a heading and no lines"):
        bring_in(write(tmp_path, HEADING, "Total,,,,,,,,7,665.00,"), own_workspace)


FAMILY = "Claim #,Ln,Patient Name,DOB,Subscriber ID,Payer,DOS,Proc Cd,Unit of Svc,Chg Amt"


@pytest.mark.slow
def test_a_person_in_the_column_of_payers_is_left_out(tmp_path: Path, own_workspace: Path) -> None:
    """Rows 4 to 8 slipped: an id, the row's own name, its own words turned round, a birth date, another's id."""
    rows = (
        'P1,1,"DINWIDDIE, HYACINTH",1/1/1974,W881234567,Meridian Health Plan,3/1/2025,S9500,1,200',
        'P2,1,"SNODGRASS, LEOPOLD",2/2/1980,W881234568,60054,3/1/2025,S9500,1,200',
        'P3,1,"SNODGRASS, LEOPOLD",2/2/1980,,W881234568,3/2/2025,S9500,1,200',
        'P4,1,"SNODGRASS, LEOPOLD",2/2/1980,,"SNODGRASS, LEOPOLD",3/3/2025,S9500,1,200',
        'P5,1,"SNODGRASS, LEOPOLD",2/2/1980,,Leopold Snodgrass,3/4/2025,S9500,1,200',
        'P6,1,"SNODGRASS, LEOPOLD",2/2/1980,,02/02/1980,3/5/2025,S9500,1,200',
        'P7,1,"DINWIDDIE, HYACINTH",1/1/1974,W881234567,W999999999,3/6/2025,S9500,1,200',
        'P8,1,"DINWIDDIE, HYACINTH",1/1/1974,W881234567,Meridian Health Plan,3/7/2025,S9500,1,200',
    )
    made = bring_in(write(tmp_path, FAMILY, *rows), own_workspace)
    said = [line["payer"] for line in lines(made, own_workspace)]
    assert said == ["Meridian Health Plan", "60054", "", "", "", "", "", "Meridian Health Plan"]
    (found,) = (count for count in made.entry.findings if count.kind == "person_in_column")
    assert (found.count, found.repaired, "A999999999" in found.example) == (5, False, True)
    written = "".join(str(count) for count in made.entry.findings)
    assert not [name for name in ("SNODGRASS", "Snodgrass", "W88", "W99", "1980") if name in written]


@pytest.mark.slow
def test_an_id_that_two_people_share_is_said(tmp_path: Path, own_workspace: Path) -> None:
    """Parent and child under one subscriber, a third person alone, and one whose name is written with an initial."""
    rows = (
        'F1,1,"DINWIDDIE, HYACINTH",1/1/1974,FAM100,Meridian Health Plan,3/1/2025,S9500,1,200',
        'F2,1,"DINWIDDIE, PERCIVAL",8/2/2015,FAM100,Meridian Health Plan,3/1/2025,S9500,1,200',
        'F3,1,"SNODGRASS, LEOPOLD",2/2/1980,FAM200,Meridian Health Plan,3/1/2025,S9500,1,200',
        'F4,1,"SNODGRASS, LEOPOLD Q",2/2/1980,FAM200,Meridian Health Plan,3/2/2025,S9500,1,200',
    )
    made = bring_in(write(tmp_path, FAMILY, *rows), own_workspace)
    (found,) = (count for count in made.entry.findings if count.kind == "two_people")
    assert (found.count, found.rows, found.repaired) == (1, (3,), False)
    assert "1 of 2 ids in 'Subscriber ID' stand with two birth dates" in found.example
    assert 'patient_id = ["Subscriber ID", "DOB"]' in found.example
    names = [",".join(row.split(",")[0:4] + row.split(",")[5:]) for row in rows]
    unborn = bring_in(write(tmp_path, FAMILY.replace("DOB,", ""), *names, name="names.csv"), own_workspace)
    (found,) = (count for count in unborn.entry.findings if count.kind == "two_people")
    assert (found.count, "with two names" in found.example) == (1, True)
    apart = bring_in(tmp_path / "march.csv", own_workspace, columns={"patient_id": ("Subscriber ID", "DOB")})
    assert [count.kind for count in apart.entry.findings if count.field == "patient_id"] == []
    assert len({line["patient_id"] for line in lines(apart, own_workspace)}) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("total", "kind", "said"),
    [
        ("Total,,,,,,,,14,1330.00,", "total_agrees", "left out; the lines add up to it"),
        ("Total,,,,,,,,14,1300.00,", "total_differs", "1,300.00: left out; the lines above add up to 1,330.00"),
        ("End of report,,,,,,,,,,", "not_a_line", "a total or a note"),
    ],
)
def test_a_total_is_held_against_its_lines(
    total: str, kind: str, said: str, tmp_path: Path, own_workspace: Path
) -> None:
    """Two lines of 665.00 make 1,330.00, of which a subtotal of 665.00 stands in between."""
    line = "1001,{},77,Meridian Health Plan,03/01/2025,03/07/2025,S9500,,7,665.00,12"
    path = write(tmp_path, HEADING, line.format(1), "Subtotal,,,,,,,,7,665.00,", line.format(2), total)
    made = bring_in(path, own_workspace)
    assert made.entry.rows_kept == 2
    (found,) = (count for count in made.entry.findings if 5 in count.rows and count.field == "row")
    assert found.kind == kind
    assert said in found.example
    assert sum(line["charge"] for line in lines(made, own_workspace)) == 1330


@pytest.mark.slow
def test_a_column_can_be_said_and_a_wrong_one_names_the_nearest(tmp_path: Path, own_workspace: Path) -> None:
    path = write(tmp_path, HEADING.replace("HCPCS", "Thing"), *ROWS)
    made = bring_in(path, own_workspace, columns={"code": ("Thing",)})
    assert {line["code"] for line in lines(made, own_workspace)} == {row.split(",")[6] for row in ROWS}
    with pytest.raises(InputError, match=r"'chrge' is no field.*Did you mean 'charge'"):
        bring_in(path, own_workspace, columns={"chrge": ("Thing",)})
    with pytest.raises(InputError, match=r"the file has no column 'Thingy'.*Did you mean 'Thing'"):
        bring_in(path, own_workspace, columns={"code": ("Thingy",)})


@pytest.mark.slow
def test_a_point_that_could_part_thousands_is_said(tmp_path: Path, own_workspace: Path) -> None:
    """1.400 beside 1,400 and 665.00 is 1.40 or 1,400; a column of three decimals throughout says no such thing."""
    line = '100{0},{0},77,Meridian Health Plan,03/01/2025,03/07/2025,S9500,,{1},"{2}",12'
    charges = ("1.400", "1,400", "665.00", "135,50")
    rows = [line.format(n, f"{n}.000", charge) for n, charge in enumerate(charges, start=1)]
    made = bring_in(write(tmp_path, HEADING, *rows), own_workspace)
    assert [line["charge"] for line in lines(made, own_workspace)] == [
        Decimal(n) for n in ("1.4", "1400", "665", "135.5")
    ]
    found = {count.kind: count for count in made.entry.findings if count.field in ("charge", "units")}
    assert set(found) == {"point_or_thousands", "thousands_commas", "decimal_comma"}
    assert (found["point_or_thousands"].rows, found["point_or_thousands"].sure) == ((2,), False)
    assert "'1.400'" in found["point_or_thousands"].example
    assert "'135,50'" in found["decimal_comma"].example


@pytest.mark.slow
def test_each_sort_of_mistake_has_its_own_example(tmp_path: Path, own_workspace: Path) -> None:
    rows = [ROWS[0].replace("2025-03-01", day, 1) for day in ("soon", "02/30/2025", "later")]
    made = bring_in(write(tmp_path, HEADING, *rows, *ROWS, *ROWS), own_workspace)
    found = [count for count in made.entry.findings if count.kind == "unreadable_date"]
    assert [(count.count, count.rows) for count in found] == [(2, (2, 4)), (1, (3,))]
    assert ("is not a date" in found[0].example, "is not a day of the calendar" in found[1].example) == (True, True)


@pytest.mark.slow
def test_a_column_whose_cells_do_not_look_like_its_heading_is_told(tmp_path: Path, own_workspace: Path) -> None:
    rows = [row.replace("665.00", "665.00 EUR").replace("95.50", "95.50 EUR").replace("120.00", "x") for row in ROWS]
    with pytest.raises(InputError, match="'Billed Amt' is headed as charge, but its cells do not look so"):
        bring_in(write(tmp_path, HEADING, *rows), own_workspace)


@pytest.mark.slow
def test_a_column_with_points_in_a_file_with_commas(tmp_path: Path, own_workspace: Path) -> None:
    """Charges of 1.050,00 beside quantities of 4.5: each column is read as it is written; 4,5 in another is too."""
    heading = "Claim #;Line;MRN;Payor;DOS From;HCPCS;Qty;Billed Amt;Cost;NDC;Qty;UOM"
    rows = (
        "1001;1;77;Meridian;2025-03-01;J0696;56;1.050,00;12,25;00338004938;4.5;ML",
        "1002;1;77;Meridian;2025-03-02;J0696;8;95,50;7,5;00338004938;14;ML",
    )
    made = bring_in(write(tmp_path, heading, *rows), own_workspace)
    columns = ("charge", "units", "ndc_quantity", "acquisition_cost")
    assert [tuple(line[name] for name in columns) for line in lines(made, own_workspace)] == [
        (Decimal("1050"), Decimal("56"), Decimal("4.5"), Decimal("12.25")),
        (Decimal("95.5"), Decimal("8"), Decimal("14"), Decimal("7.5")),
    ]
    assert "ndc_quantity is written with a decimal point" in str(made.entry.findings)


@pytest.mark.slow
def test_a_column_goes_on_as_it_began_in_a_file_of_several_parts(
    tmp_path: Path, own_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.5 shows a point in the first part; 1.500 in the second is one and a half, and no thousand and a half."""
    monkeypatch.setattr(claim_csv, "_BLOCK", 70)
    monkeypatch.setattr(claim_csv, "TOGETHER", 1)
    heading = "Claim #;Line;MRN;Payor;DOS From;HCPCS;Qty;Billed Amt;NDC;NDC Qty;UOM"
    rows = (
        "1001;1;77;Meridian;2025-03-01;J0696;56;1.050,00;00338004938;4.5;ML",
        "1002;1;77;Meridian;2025-03-02;J0696;8;95,50;00338004938;1.500;ML",
    )
    made = bring_in(write(tmp_path, heading, *rows), own_workspace)
    assert [line["ndc_quantity"] for line in lines(made, own_workspace)] == [Decimal("4.5"), Decimal("1.5")]
