"""Reading CMS's NDC–HCPCS crosswalk."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from hitmodel.errors import InputError
from hitmodel.intake.crosswalk import CrosswalkRow, read_crosswalk

TEXT = (
    '"January 2025 ASP NDC-HCPCS Crosswalk",,,\r\n,,,\r\n'
    "_2023_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,"
    "PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG,,,,\r\n"
    "J0696,Ceftriaxone,Hikma,00143-9856-25,Ceftriaxone Sodium,250 MG,1,25,8,200,,,,\r\n"
    "J3370,Vancomycin,Xellia\x92s,70594-0041-01,Vancomycin,500 MG,100,6,1,5,,,,\r\n"
    "Q4100,Skin,Maker,888867413689,Product,1 SQ CM,1,1,1,1,,,,\r\n"
    "Q4101,Skin,Maker,00143-9856-26,Product,1 SQ CM,1,1,21.3125?,1,,,,\r\n"
    ",,,,,,,,,,,,,\r\n"
)


def test_rows_and_findings(tmp_path: Path) -> None:
    path = tmp_path / "crosswalk.csv"
    path.write_bytes(TEXT.encode("latin-1"))
    read = read_crosswalk(path)
    assert read.rows[0] == CrosswalkRow(
        "J0696", "00143985625", "Hikma", "Ceftriaxone Sodium", "250 MG", Decimal(1), Decimal(25), Decimal(8)
    )
    assert [r.code for r in read.rows] == ["J0696", "J3370"]
    assert [str(f) for f in read.findings] == [
        "crosswalk.csv row 5, BILLUNITSPKG '5': is not 1 units × 6 items",
        "crosswalk.csv row 6, NDC2 '888867413689': is not an NDC",
        "crosswalk.csv row 7, BILLUNITS '21.3125?': is not a number",
    ]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("claim_id,code\n1,S9500\n")
    with pytest.raises(InputError, match="this is not an NDC–HCPCS crosswalk"):
        read_crosswalk(path)
    path.write_text("_2026_CODE,Short Description\n")
    with pytest.raises(InputError, match="column 'LABELER NAME' is missing"):
        read_crosswalk(path)


def test_the_published_crosswalks(real_files: Path) -> None:
    paths = sorted((real_files / "asp").glob("*Crosswalk*.csv"))
    read = {p.name.split()[5]: read_crosswalk(p) for p in paths}
    assert {year: len(x.rows) for year, x in read.items()} == {"2024": 6097, "2025": 6478, "2026": 7124}
    assert [f.value for f in read["2026"].findings if f.field == "NDC2"] == ["888867413689"]
