"""Reading HCPCS releases in each of the four shapes CMS has used."""

from __future__ import annotations

import csv
import tomllib
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from hitmodel.errors import InputError
from hitmodel.intake.hcpcs import HcpcsRow, read_hcpcs, write_release

S9562 = HcpcsRow(
    "S9562",
    "Home injectable therapy, palivizumab, including administrative services, professional pharmacy services",
    date(2003, 1, 1),
    date(2003, 1, 1),
)


def _record(code: str, kind: int, text: str, dates: tuple[str, str, str] = ("", "", "")) -> str:
    days = "".join(f"{day:<8}" for day in dates)
    head = f"{code:>5}00100{kind}{text:<80}".ljust(268)
    return f"{head}{days}N".ljust(320)


def _contractor_lines() -> list[str]:
    return [
        "***Disclaimers" + "\t" * 45,
        "",
        _record("SH", 7, "Second concurrently administered infusion therapy", ("20010701", "20010701", "")),
        _record("J3370", 3, "Injection, vancomycin hcl, 500 mg", ("19860101", "20250701", "20250630")),
        _record("S9562", 3, "Home injectable therapy, palivizumab, including", ("20030101", "20030101", "")),
        _record("S9562", 4, "administrative services,").rstrip(),  # a record that lost its trailing blanks
        _record("S9562", 4, "professional pharmacy services"),
        "",
    ]


def test_the_contractor_file_joins_continued_text(tmp_path: Path) -> None:
    path = tmp_path / "HCPC2019_CONTR_ANWEB.txt"
    path.write_bytes("\r\n".join(_contractor_lines()).encode("cp1252"))
    release = read_hcpcs(path)
    assert release.rows == (
        HcpcsRow("J3370", "Injection, vancomycin hcl, 500 mg", date(1986, 1, 1), date(2025, 7, 1), date(2025, 6, 30)),
        S9562,
        HcpcsRow("SH", "Second concurrently administered infusion therapy", date(2001, 7, 1), date(2001, 7, 1)),
    )
    assert release.has_dates
    assert release.has_descriptors


def test_the_zip_is_read_through_its_contractor_file(tmp_path: Path) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("proc_notes_2019.txt", "PROCESSING NOTES")
        archive.writestr("HCPC2019_CONTR_ANWEB.txt", "\r\n".join(_contractor_lines()))
    assert S9562 in read_hcpcs(path).rows


def test_the_excel_file_finds_its_header_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Note regarding coverage and payment indicators"])
    sheet.append([])
    sheet.append(["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "PRICE1", "ADD DT", "ACT EFF DT", "TERM DT"])
    sheet.append(["   SH", "0010", 7, "Second concurrently", "", "20010701", "20010701", ""])
    sheet.append(["G0503", "0010", "3", "Care, as patients achieve", "", "20170101", "20180101", "20171231"])
    sheet.append(["G0503", "0020", "4", "goals", None, None, None, None])
    path = tmp_path / "release.xlsx"
    book.save(path)
    assert read_hcpcs(path).rows == (
        HcpcsRow(
            "G0503",
            "Care, as patients achieve goals",
            date(2017, 1, 1),
            date(2018, 1, 1),
            date(2017, 12, 31),
        ),
        HcpcsRow("SH", "Second concurrently", date(2001, 7, 1), date(2001, 7, 1)),
    )


def test_a_list_of_descriptions_and_a_list_of_codes_have_no_dates(tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text('HCPCS_CODE,SHORT_DESCRIPTION,LONG_DESCRIPTION\nJ3376,Inj,"Injection, 10 mg"\n')
    codes = tmp_path / "codes.txt"
    codes.write_text("A0021\nJ3376\n")
    assert read_hcpcs(words).rows == (HcpcsRow("J3376", "Injection, 10 mg"),)
    assert read_hcpcs(codes).rows == (HcpcsRow("A0021"), HcpcsRow("J3376"))
    assert not read_hcpcs(words).has_dates
    assert not read_hcpcs(codes).has_descriptors


@pytest.mark.parametrize("content", ["claim_id,code\n1,S9500\n", "99213\n99214\n"])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(content)
    with pytest.raises(InputError, match="this is not an HCPCS release that can be read"):
        read_hcpcs(path)


def test_a_code_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("A0021\nJ3376\nA0021\n")
    with pytest.raises(InputError, match="code A0021 stands in it twice"):
        read_hcpcs(path)


def test_a_release_is_written_as_one_folder(tmp_path: Path) -> None:
    path = tmp_path / "release.txt"
    path.write_text("\n".join(_contractor_lines()))
    write_release(read_hcpcs(path), tmp_path / "codes", "2019-01", date(2019, 1, 1), {"S9562"})
    place = tmp_path / "codes" / "2019-01"
    assert (place / "codes.csv").read_text().splitlines() == [
        "code,first_day,last_day",
        "J3370,1986-01-01,2025-06-30",
        "S9562,2003-01-01,",
        "SH,2001-07-01,",
    ]
    with (place / "descriptors.csv").open(newline="") as file:
        assert [(r["code"], r["descriptor"]) for r in csv.DictReader(file)] == [("S9562", S9562.descriptor)]
    source = tomllib.loads((place / "source.toml").read_text())
    assert source["title"] == "HCPCS Level II, January 2019"
    assert set(source["tables"]) == {"codes.csv", "descriptors.csv"}


def test_releases_as_published(real_files: Path) -> None:
    folder = real_files / "hcpcs"
    counts = {
        "2019-Alpha-Numeric-HCPCS-File.zip": 6800,
        "hcpcs_2026_jan_descriptions.csv": 9006,
        "hcpcs_2026_q3_codes.txt": 8725,
    }
    for name, count in counts.items():
        assert len(read_hcpcs(folder / name).rows) == count
