"""Files for spreadsheets: exact, the same bytes each time, and nothing in them runs."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from openpyxl import load_workbook

from hitmodel.exports import neutral, to_csv, to_workbook
from hitmodel.tables import Column, Gap, Table
from tests import report_standin as standin


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\x00", "\r", "\n"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    safe = neutral(f"{start}HYPERLINK(0)")
    assert safe.startswith("'")
    assert "\x00" not in safe


def test_plain_text_stays_as_it_is() -> None:
    assert neutral("Meridian Health Plan, 0450, 1E5, NO") == "Meridian Health Plan, 0450, 1E5, NO"


def rows_of(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(table))))


def test_csv_holds_every_row_in_exact_plain_numbers() -> None:
    rows = rows_of(standin.by_therapy())
    assert rows[0] == ["therapy", "patients", "today", "proposal", "difference", "percent", "spread"]
    assert rows[1][:5] == ["Immune globulin", "12", "3100000.00", "2998000.00", "-102000.00"]
    assert rows[-1][4] == "-97669.00"
    assert len(rows_of(standin.rates())) == 27  # 26 rows and the head, though a page shows 20


def test_csv_neutralises_text_and_leaves_negative_numbers_alone() -> None:
    rows = rows_of(standin.rates())
    assert rows[1][1] == "'=HYPERLINK(0)"
    assert rows[2][1] == "'+4 % since 2024"
    assert rows[1][2] == "0450"
    assert rows[3][5] == "unknown"
    assert rows[4][7] == "none"
    assert rows_of(standin.drug_spread())[1] == ["J1561", "-123456.00"]


def test_the_workbook_keeps_numbers_numbers_and_text_text() -> None:
    book = load_workbook(io.BytesIO(to_workbook([standin.rates(), standin.by_therapy()], "Contract comparison")))
    assert book.sheetnames == ["All tables", "rates", "by_therapy"]
    rates, therapies = book["rates"], book["by_therapy"]
    assert rates["A1"].value == "Twenty-six per diem rates rise by 3.80 a day."
    assert rates["D5"].value == 95
    assert rates["D5"].number_format == "#,##0.00####;−#,##0.00####"
    assert (rates["C5"].value, rates["C5"].data_type) == ("0450", "s")
    assert therapies["E5"].value == -102_000
    assert therapies["E5"].number_format.startswith("+")
    assert therapies["F5"].number_format == "+0.0%;−0.0%;0.0%"
    assert therapies["A10"].font.bold  # five therapies from row 5, then the total


def test_no_cell_of_the_workbook_is_a_formula() -> None:
    evil = Table("evil", "=1+1", "@SUM(A1)", (Column("a", "=cmd"),), (("=1+1",), ("-1",), ("\x00=1",)), notes=("+1",))
    book = load_workbook(io.BytesIO(to_workbook([evil], "=title")))
    values = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in values} <= {"s", "n"}
    assert not [cell for cell in values if str(cell.value).startswith(("=", "+", "-", "@"))]


def test_the_same_tables_give_the_same_bytes_without_a_time() -> None:
    tables = [standin.rates(), standin.by_therapy()]
    first = to_workbook(tables, "Contract comparison")
    assert first == to_workbook(tables, "Contract comparison")
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert {info.date_time[0] for info in book.infolist()} == {1980}
        assert b"modified" not in book.read("docProps/core.xml")


def test_gaps_are_words_or_nothing() -> None:
    gaps = Table("gaps", "", "", (Column("n", "N", "count"),), ((Gap.NONE,), (Gap.UNKNOWN,), (Gap.NOT_APPLICABLE,)))
    assert to_csv(gaps) == 'n\nnone\nunknown\n""\n'


def test_headings_that_a_frame_leaves_empty_stay_empty_and_numbered_apart() -> None:
    """A frame's own column of row numbers has no heading: the workbook and the CSV still hold its column."""
    columns = (Column("column_1", "", "shown"), Column("column_2", "rate", "shown"))
    frame = Table("frame", "", "", columns, (("0", "98.00"), ("1", "95.00")))
    sheet = load_workbook(io.BytesIO(to_workbook([frame], "Rates")))["frame"]
    assert [cell.value for cell in sheet[4]] == [None, "rate"]
    assert [[cell.value for cell in row] for row in sheet["A5:B6"]] == [["0", "98.00"], ["1", "95.00"]]
    assert sheet.column_dimensions["A"].width > 5
    assert rows_of(frame) == [["column_1", "column_2"], ["0", "98.00"], ["1", "95.00"]]
