"""Spreadsheets and delimited text as people send them, read as text with the place of each cell."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from hitmodel.errors import InputError
from hitmodel.intake.headings import find_tables, plain
from hitmodel.intake.sheets import Book, book_of, column_letters, read_book


def workbook(rows: list[list[Any]], shapes: dict[str, str] | None = None, merged: tuple[str, ...] = ()) -> bytes:
    """Return a workbook with one sheet, ``Rates``; ``shapes`` are number formats by cell."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Rates"
    for row in rows:
        sheet.append(row)
    for cell, shape in (shapes or {}).items():
        sheet[cell].number_format = shape
    for cells in merged:
        sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> Book:
    return book_of(content, "file", "file")


def rows_of(content: bytes) -> list[list[str]]:
    return [list(row) for row in read(content).sheets[0].rows]


def test_a_workbook_is_read_as_it_is_shown() -> None:
    content = workbook(
        [
            ["S9500", 95.1, 0.85, 2735101, 45658, True],
            [date(2026, 1, 31), datetime(2026, 1, 31, 8, 30), 1e-7, 12345678901, 0.1 + 0.2, " padded\xa0"],
        ],
        {"C1": "0%", "D1": "00000-0000-00", "E1": "General"},
    )
    assert rows_of(content) == [
        ["S9500", "95.1", "85%", "00002-7351-01", "45658", "TRUE"],
        ["2026-01-31", "2026-01-31 08:30:00", "0.0000001", "12345678901", "0.3", "padded"],
    ]


def test_a_merged_range_is_in_each_of_its_cells() -> None:
    content = workbook([["Per diem", None, "Nursing"], ["Code", "Rate", "Visit"]], merged=("A1:B1",))
    assert rows_of(content)[0] == ["Per diem", "Per diem", "Nursing"]


def test_a_formula_without_a_value_is_told() -> None:
    book = read(workbook([["Code", "Rate"], ["S9500", "=95*1.04"]]))
    assert book.remarks == ("Rates!B2 is a formula whose value the file does not hold",)
    assert book.sheets[0].rows[1] == ("S9500",)


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (b"Code,Rate\r\nS9500,95.00\r\n", ()),
        (b"\xef\xbb\xbfCode,Rate\nS9500,95.00\n", ()),
        (b"Code;Rate\nS9500;95.00\n", ("cells are parted by semicolons",)),
        (b"Code\tRate\nS9500\t95.00\n", ("cells are parted by tabs",)),
        ("Code\tRate\nS9500\t95.00\n".encode("utf-16"), ("read as UTF-16", "cells are parted by tabs")),
    ],
)
def test_text_in_any_dress_is_the_same_table(content: bytes, remark: tuple[str, ...]) -> None:
    book = read(content)
    assert book.sheets[0].rows == (("Code", "Rate"), ("S9500", "95.00"))
    assert book.remarks == remark


def test_windows_text_is_told_with_its_line() -> None:
    book = read("Code,Name\nS9500,x\nS9501,Naïve\n".encode("cp1252"))
    assert book.sheets[0].rows[2] == ("S9501", "Naïve")
    assert book.remarks == ("read as Windows-1252: line 3 is not UTF-8",)


def test_commas_in_quotes_do_not_part_cells() -> None:
    assert rows_of(b'Name;Rate\n"a, b, c";"1,234.50"\n"d, e, f";"2"\n') == [
        ["Name", "Rate"],
        ["a, b, c", "1,234.50"],
        ["d, e, f", "2"],
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b" \r\n ", "the file is empty"),
        (b"\xd0\xcf\x11\xe0rest", "damaged or no workbook"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"PK\x03\x04not a zip", "the workbook is damaged"),
        (b"ab\0\0cd", "the file is not text"),
        (b"ISA*00*", "hitmodel import 837"),
    ],
)
def test_another_kind_of_file_is_named(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(content)


def test_an_old_workbook_is_read_as_it_is_shown() -> None:
    """Percents, dates, and numbers that their format fills with zeros, as in the .xlsx that it was saved from."""
    rates, hidden = read_book(Path(__file__).parent / "files" / "rates.xls").sheets
    assert rates.rows == (
        ("Exhibit B", "Exhibit B", "Exhibit B"),
        ("HCPCS", "Rate", "Effective", "NDC"),
        ("S9500", "95.5", "2027-01-01", "00338004938"),
        ("99601", "85%", "2027-01-01", "00002-7351-01"),
    )
    assert (rates.hidden, hidden.hidden) == (False, True)


@pytest.mark.parametrize("power", [0, 2, 3, 8, 20])
def test_an_old_workbook_with_another_size_of_sectors_is_called_damaged(power: int, tmp_path: Path) -> None:
    """Bytes 30 and 31 hold the power of two: 9 for 512 bytes. Others lead the reader astray, one way or another."""
    content = (Path(__file__).parent / "files" / "rates.xls").read_bytes()
    (tmp_path / "rates.xls").write_bytes(content[:30] + power.to_bytes(2, "little") + content[32:])
    with pytest.raises(InputError, match="the workbook is damaged"):
        read_book(tmp_path / "rates.xls")


@pytest.mark.parametrize(
    ("inside", "said"), [("xl/workbook.bin", r"binary Excel workbook \(.xlsb\)"), ("content.xml", r"OpenDocument")]
)
def test_workbooks_that_are_not_read_are_named(tmp_path: Path, inside: str, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "rates.bin", "w") as archive:
        archive.writestr(inside, b"x")
    with pytest.raises(InputError, match=said + ".*Save it as .xlsx"):
        read_book(tmp_path / "rates.bin")


def test_a_zip_that_is_no_workbook_says_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "rates.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("rates.csv", "Code,Rate\n")
        archive.writestr("terms.csv", "a,b\n")
    with pytest.raises(InputError, match=r"a zip that holds 2 files: rates\.csv, terms\.csv"):
        read_book(file)


def test_a_file_that_is_not_there_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "rates_2026.csv").write_text("x")
    with pytest.raises(InputError, match=r"Did you mean 'rates_2026\.csv'"):
        read_book(tmp_path / "rates_2062.csv")


def test_cells_have_the_names_that_people_use() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert read(workbook([["a"]])).sheets[0].place(13, 2) == "Rates!C14"
    assert read(b"a,b").sheets[0].place(13, 2) == "row 14 column C"


FIELDS = {"code": ("HCPCS", "Code", "Procedure Code"), "rate": ("Rate", "Per Diem", "Allowable")}
NEEDED = [("code",), ("rate",)]


def test_the_heading_is_found_below_titles() -> None:
    book = read(
        workbook(
            [
                ["Exhibit B"],
                ["Effective January 1, 2027"],
                [],
                ["HCPCS ", "Description", "Per-Diem"],
                ["S9500", "x", 95],
            ]
        )
    )
    (table,) = find_tables(book, FIELDS, NEEDED)
    assert (table.heading, dict(table.columns), table.unused) == (3, {"code": 0, "rate": 2}, ("Description",))
    assert list(table.records()) == [(4, {"code": "S9500", "rate": "95"})]
    assert table.place(4, "rate") == "Rates!C5"


def test_two_rows_of_headings_are_read_together() -> None:
    """``Per`` merged over two columns, ``Diem`` and ``Visit`` below it."""
    content = workbook([["Code", "Per", None], ["Code", "Diem", "Visit"], ["S9500", 95, 150]], merged=("B1:C1",))
    (table,) = find_tables(read(content), FIELDS, NEEDED)
    assert dict(table.columns) == {"code": 0, "rate": 1}


def test_two_columns_that_could_be_one_field_are_not_guessed_between() -> None:
    with pytest.raises(InputError, match=r"columns B 'Rate' and C 'rate' could each be the rate.*--column rate=B"):
        find_tables(read(b"Code,Rate,rate\nS9500,95,99\n"), FIELDS, NEEDED)
    (table,) = find_tables(read(b"Code,Rate,rate\nS9500,95,99\n"), FIELDS, NEEDED, {"rate": "C"})
    assert table.columns["rate"] == 2


def test_what_the_nearest_row_lacks_is_said() -> None:
    with pytest.raises(InputError, match=r"file, row 2, rate: .* That row has the headings 'Code', 'Amount'"):
        find_tables(read(b"Title\nCode,Amount\nS9500,95\n"), FIELDS, NEEDED)


def test_headings_are_compared_by_letters_and_digits() -> None:
    assert plain("Per-Diem Rate ($)") == "perdiemrate"


def test_an_old_workbook_whose_sectors_lead_in_a_circle_is_called_damaged(tmp_path: Path) -> None:
    """Bytes 60 to 63 name the sector that holds the table of short sectors; its first entry is made to follow itself.

    xlrd would go round and take more and more memory.
    """
    content = bytearray((Path(__file__).parent / "files" / "rates.xls").read_bytes())
    sector = int.from_bytes(content[60:64], "little", signed=True)
    assert sector >= 0, "the workbook has no short sectors"
    at = 512 + 512 * sector
    content[at : at + 4] = bytes(4)
    (tmp_path / "rates.xls").write_bytes(content)
    with pytest.raises(InputError, match="the workbook is damaged"):
        read_book(tmp_path / "rates.xls")
