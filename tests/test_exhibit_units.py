"""Units of claims beside the rates of an exhibit, and workbooks whose formulas come to what the model pays."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import builders
import pytest
from openpyxl import load_workbook

from hitmodel.code_exhibit import CodeExhibit, code_exhibit
from hitmodel.contracts import load_contract
from hitmodel.exhibit_edits import read_edits
from hitmodel.exhibit_sheet import AMOUNT, CODE, PRICED, RATES, TOTAL, UNITS, WHOLE, WHY, exhibit_workbook
from hitmodel.exhibit_units import CHARGE, SECOND, Uses, uses_of
from hitmodel.paths import data
from hitmodel.pricing import Dating, Pricer
from hitmodel.references import default_references
from hitmodel.reviewing import pricer_of

pytestmark = pytest.mark.slow
DAY = date(2025, 6, 1)
STYLES = ("meridian", "cascade", "lakeshore")
PAPER = """
[lesser_of]
level = "line"
[concurrency]
shares = [1, 0.5]
[[term]]
id = "daily"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
[[term]]
id = "visit"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 60.00
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "percent_of_charge"
share = 0.5
"""
LINES = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9501-SH 2025-03-03 2025-03-09 7 1050.00",
    "S9500 2025-03-10 2025-03-12 3 450.00 patient=P2",
    "99601 2025-03-04 2025-03-04 1 120.00 patient=P2",
    "99602 2025-03-04 2025-03-04 2 400.00 patient=P2",
    "J0696 2025-03-03 2025-03-03 56 400.00 patient=P2",
    "S9810 2025-03-03 2025-03-03 1 80.00 patient=P2",
)


def by_hand(folder: Path) -> tuple[CodeExhibit, Uses]:
    contract = builders.contract(folder, PAPER)
    exhibit = code_exhibit(contract, default_references(), DAY)
    return exhibit, uses_of(exhibit, Pricer(builders.claims(folder, *LINES)))


@cache
def of_style(name: str) -> tuple[CodeExhibit, Uses, int]:
    exhibit = code_exhibit(load_contract(name), default_references(), DAY)
    pricer = pricer_of(data("samples", "claims_2025.csv"))
    return exhibit, uses_of(exhibit, pricer), pricer.price(exhibit.contract, Dating(DAY)).total


def test_units_and_why_rate_times_units_is_not_what_is_paid(tmp_path: Path) -> None:
    """S9501 is second: 7 × 100 × 0.5 = 350. The visit is held to its charge of 120. The drug is half its charge."""
    _, uses = by_hand(tmp_path)
    told = {code: (use.units, use.cents, use.lines, use.patients, use.why) for (code, _), use in uses.rows.items()}
    assert told == {
        "S9500": (10, 1000_00, 2, 2, ()),
        "S9501": (7, 350_00, 1, 1, (SECOND,)),
        "99601": (1, 120_00, 1, 1, (CHARGE,)),
        "99602": (2, 120_00, 1, 1, ()),
    }
    assert (uses.other_cents, uses.other_lines, uses.open_lines) == (200_00, 1, 1)  # S9810: no term prices it


@pytest.mark.parametrize("name", STYLES)
def test_on_the_samples_rows_and_the_rest_come_to_what_pricing_allows(name: str) -> None:
    exhibit, uses, total = of_style(name)
    assert uses.cents == total
    rates = {(row.code, row.mark): row.price.rate for row in exhibit.rows}
    exact = [(key, use) for key, use in uses.rows.items() if not use.why]
    assert len(exact) > 10
    for key, use in exact:
        assert use.units * Fraction(rates[key] or 0) * 100 == use.cents, key


def test_an_external_workbook_holds_no_units_of_few_patients_and_no_price_of_ours() -> None:
    exhibit, uses, _ = of_style("meridian")
    few = {code for (code, _), use in uses.rows.items() if use.few}
    sheet = load_workbook(io.BytesIO(exhibit_workbook(exhibit, "external", uses)))[RATES]
    shown = {row[CODE - 1].value for row in sheet.iter_rows(min_row=7) if row[UNITS - 1].value is not None}
    assert few
    assert shown
    assert not few & shown
    everything = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert "As priced" not in everything
    assert "CONFIDENTIAL" not in everything
    assert "CONFIDENTIAL" in str(
        load_workbook(io.BytesIO(exhibit_workbook(exhibit, "internal", uses)))[RATES]["A2"].value
    )


def recomputed(folder: Path, content: bytes) -> Any:
    """Return a sheet whose formulas LibreOffice has worked out; openpyxl writes them without a value."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (soffice), so no program here works formulas out")
    (folder / "rates.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out"), "rates.xlsx"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=180)
    return load_workbook(folder / "out" / "rates.xlsx", data_only=True)[RATES]


@pytest.mark.parametrize("name", STYLES)
def test_a_spreadsheet_program_works_the_formulas_out_to_our_totals(name: str, tmp_path: Path) -> None:
    exhibit, uses, total = of_style(name)
    sheet = recomputed(tmp_path, exhibit_workbook(exhibit, "internal", uses))
    rows = {(r[0].value, r[1].value or ""): r for r in sheet.iter_rows(min_row=7) if r[0].value}
    for key, use in uses.rows.items():
        amount = round(Decimal(str(rows[key][AMOUNT - 1].value)), 2)
        assert (amount * 100 == use.cents) == (not rows[key][WHY - 1].value) == (not use.why), key
    cents = [use.cents for use in uses.rows.values()]
    assert round(rows[TOTAL, ""][PRICED - 1].value * 100) == sum(cents)
    assert round(rows[WHOLE, ""][PRICED - 1].value * 100) == total


def test_a_workbook_with_units_is_read_in_again(tmp_path: Path) -> None:
    exhibit, uses = by_hand(tmp_path)
    book = load_workbook(io.BytesIO(exhibit_workbook(exhibit, "internal", uses)))
    sheet = book[RATES]
    row = next(n for n in range(7, sheet.max_row) if sheet.cell(n, CODE).value == "S9500")
    sheet.cell(row, 6).value = 104
    book.save(tmp_path / "edited.xlsx")
    edits = read_edits(tmp_path / "edited.xlsx", exhibit.contract, default_references())
    assert [(edit.row.code, edit.rate) for edit in edits.changed] == [("S9500", 104)]
