"""A payer's rate exhibit laid into a contract: read as payers send it, and priced as it says."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import PAYER, claims, header, outcome, write
from openpyxl import Workbook
from workspace_tools import run
from workspace_tools import workspace as workspace

from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError, InputError
from hitmodel.intake.fee_schedule import read_exhibit
from hitmodel.intake.fee_schedule_import import ScheduleLanded, ScheduleOptions, import_fee_schedule
from hitmodel.pricing import price

BASE = """
[[term]]
id = "antibiotics"
codes = ["S9500", "S9501"]
mechanism = "per_diem"
rate = 95.00

[[term]]
id = "immune_globulin"
codes = ["S9338"]
mechanism = "fixed"
per = "dose"
rate = 150.00

[[term]]
id = "nursing"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 65.00

[[term]]
id = "other"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 120.00
"""
EXHIBIT = (
    "A payer – Exhibit B,,,\n"
    '"Effective January 1, 2027",,,\n'
    "HCPCS,Description,Per Diem Rate,Mod\n"
    "Anti-infectives,,,\n"
    "S9500,every 24 h,$98.00,\n"
    's9501,every 12 h,"$1,101.50",\n'
    "S9338,immune globulin,$155.00,\n"
    "99601,visit,$160,\n"
    "99602,hour,66,\n"
    "S9379,not otherwise classified,85% of charges,\n"
    "S9810,pharmacist,Not covered,\n"
    "S9357,enzyme,140,SS\n"
    "J1569,immune globulin,45.123,\n"
    "S9348,inotrope,(12.00),\n"
)


def exhibit(folder: Path, text: str = EXHIBIT, name: str = "exhibit_b.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def laid(workspace: Path, folder: Path, text: str = EXHIBIT, base: str = BASE) -> ScheduleLanded:
    write(workspace / "contracts" / "mine", header() + base)
    return import_fee_schedule(exhibit(folder, text), "mine", ScheduleOptions(begins=date(2027, 1, 1)))


def test_rates_of_terms_that_name_their_codes_are_set_anew(workspace: Path, tmp_path: Path) -> None:
    made = laid(workspace, tmp_path)
    assert [(one.term, one.field, one.before, one.after) for one in made.laid.changed] == [
        ("immune_globulin", "rate", Decimal("150.00"), Decimal("155.00")),
        ("nursing", "first", Decimal("150.00"), Decimal(160)),
        ("nursing", "further", Decimal("65.00"), Decimal(66)),
    ]
    assert made.begins == date(2027, 1, 1)
    assert made.laid.narrowed == ["antibiotics"], "its two codes have two rates now, so the schedule has them"


def test_the_outcome_is_priced_as_the_exhibit_says(workspace: Path, tmp_path: Path) -> None:
    """7 × 98.00 = 686.00; 2 × 1,101.50 = 2,203.00; 85 % of 1,000.00; a pharmacist hour pays 0.00; 3 × 140.00 with SS;
    without SS the base's 120.00; 10 units × 45.123 = 451.23; an inotrope, whose row was refused, the base's 120.00.
    """
    made = laid(workspace, tmp_path)
    lines = claims(
        tmp_path / "claims",
        "S9500 2027-01-01 2027-01-07 7 9000.00",
        "S9501 2027-02-01 2027-02-02 2 9000.00 patient=P2",
        "S9379 2027-02-01 2027-02-01 1 1000.00 patient=P3",
        "S9810 2027-02-01 2027-02-01 1 1000.00 patient=P4",
        "S9357-SS 2027-02-01 2027-02-03 3 9000.00 patient=P5",
        "S9357 2027-02-01 2027-02-01 1 9000.00 patient=P6",
        "J1569 2027-02-01 2027-02-01 10 9000.00 patient=P7",
        "S9348 2027-02-01 2027-02-01 1 9000.00 patient=P8",
    )
    assert outcome(price(lines, load_contract(made.contract))) == [
        ("priced", 68600),
        ("priced", 220300),
        ("priced", 85000),
        ("not_covered", 0),
        ("priced", 42000),
        ("priced", 12000),
        ("priced", 45123),
        ("priced", 12000),
    ]
    assert made.notes == ("",) or all("equally well" not in note for note in made.notes)


RISING = """
[[escalator]]
id = "yearly"
percent = 0.03
first = 2026-01-01
terms = ["antibiotics", "immune_globulin", "nursing", "other"]
[[rate_change]]
id = "all_rates"
factor = 1.10
[[phase_in]]
id = "only_nursing"
first = 2027-06-01
steps = 2
from_factor = 0.5
field = "first"
terms = ["nursing"]
"""


@pytest.mark.slow
def test_a_stated_rate_is_paid_as_stated_whatever_the_contract_made_of_the_one_before(
    workspace: Path, tmp_path: Path
) -> None:
    """Immune globulin is written 150.00 and paid 150 × 1.03² × 1.10 = 175.05 in 2027: the exhibit's 150.00 is a cut,
    though the contract's file says the same. A visit was to begin at half. What the exhibit does not state goes on
    rising: 120 × 1.03 = 123.60, × 1.03 = 127.31, × 1.10 = 140.04.
    """
    made = laid(workspace, tmp_path, EXHIBIT.replace("$155.00", "$150.00"), BASE + RISING)
    lines = claims(
        tmp_path / "claims",
        "S9500 2027-01-01 2027-01-07 7 9000.00",
        "S9338 2027-02-01 2027-02-01 1 9000.00 patient=P2",
        "99601 2027-02-01 2027-02-01 1 9000.00 patient=P3",
        "S9357 2027-02-01 2027-02-01 1 9000.00 patient=P4",
    )
    assert outcome(price(lines, load_contract(made.contract))) == [
        ("priced", 686_00),
        ("priced", 150_00),
        ("priced", 160_00),
        ("priced", 140_04),
    ]
    assert made.laid.restated == ["yearly", "only_nursing", "all_rates"]
    assert made.laid.removed == ["only_nursing"]


@pytest.mark.slow
def test_rows_that_are_no_codes_are_shown_and_units_taken_otherwise_are_said(workspace: Path, tmp_path: Path) -> None:
    rows = (
        "HCPCS,Proposed allowable,UOM\nS9338,155,Per infusion\nS9500,90,Per diem\nS9359,Not covered at home,Per diem\n"
    )
    made = laid(workspace, tmp_path, rows + "All other S codes,110,Per diem\nS9501,99,Per bag\n")
    assert made.exhibit.aside[0].endswith("All other S codes · 110 · Per diem")
    said = [finding.problem for finding in made.exhibit.findings]
    assert "S9338: taken as for each dose" in said
    assert "S9501: is no unit that we know; taken as for each day" in said
    assert {term.mechanism for term in load_contract(made.contract).latest.term if "S9359" in term.codes} == {
        "not_covered"
    }


@pytest.mark.slow
def test_a_rate_for_another_unit_than_the_contracts_is_said(workspace: Path, tmp_path: Path) -> None:
    made = laid(workspace, tmp_path)
    assert made.laid.otherwise == ["S9338: a rate for each day, taken for each dose as in the contract"]


def test_the_command_lists_repairs_and_what_was_left_out(workspace: Path, tmp_path: Path) -> None:
    write(workspace / "contracts" / "mine", header() + BASE)
    code, out, err = run("import", "fee-schedule", exhibit(tmp_path), "--into", "mine", "--name", "mine_2027")
    assert (code, err) == (0, "")
    assert "exhibit_b.csv: 10 rows in, 9 kept as fee_schedule 'mine_2027'" in out
    assert "'(12.00)': is not above 0" in out
    assert "taken as S9501" in out
    assert "mine_2027, an overlay on mine, from 2027-01-01" in out
    assert 'extends = "mine/2025"' in (workspace / "contracts" / "mine_2027" / "2027.toml").read_text()


def test_a_corrected_exhibit_replaces_what_the_first_made(workspace: Path, tmp_path: Path) -> None:
    laid(workspace, tmp_path)
    made = laid(workspace, tmp_path, EXHIBIT.replace("$155.00", "$156.00"))
    assert load_contract(made.contract).latest.named("immune_globulin").rate == Decimal("156.00")  # type: ignore[union-attr]
    (workspace / "contracts" / "mine_exhibit_b" / "made_by_import.txt").unlink()
    with pytest.raises(InputError, match="was not written by this command"):
        laid(workspace, tmp_path)


def test_a_new_contract_needs_its_payer(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="To begin a new contract of that name"):
        import_fee_schedule(exhibit(tmp_path), "new_payer", ScheduleOptions())
    made = import_fee_schedule(exhibit(tmp_path), "new_payer", ScheduleOptions(payers=(PAYER,)))
    contract = load_contract("new_payer")
    assert contract.payers == (PAYER,)
    assert made.base == ""
    assert {term.id for term in contract.latest.term} >= {"rates_per_day"}


def test_excel_with_merged_headings_and_several_sheets(tmp_path: Path) -> None:
    book = Workbook()
    first = book.active
    first.title = "Per diems"
    for row in (["Exhibit B"], ["Code", "2027", None], ["Code", "Rate", "Per"], ["S9500", 98.1, "day"]):
        first.append(row)
    first.merge_cells("B2:C2")
    first["B4"].number_format = '"$"#,##0.00'
    second = book.create_sheet("Nursing")
    for row in (["CPT", "Rate"], [99601, 0.85]):
        second.append(row)
    second["B2"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    path = tmp_path / "exhibit.xlsx"
    path.write_bytes(out.getvalue())
    read = read_exhibit(path, code_table())
    assert [(one.code, one.kind, one.value, one.per, one.place) for one in read.lines] == [
        ("S9500", "dollars", Decimal("98.1"), "day", "Per diems!A4"),
        ("99601", "share", Decimal("0.85"), "visit", "Nursing!A2"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("S9500,x,,", "rate: is empty"),
        ("S9500,x,TBD,", "rate 'TBD': is not an amount of money"),
        ("S9500,x,ASP + 6%,", "rate 'ASP + 6%': is neither dollars nor a share of charges"),
        ("S9500,x,120% of charges,", "is not a share of charges from 0 to 100 percent"),
        ("9500,x,95,", "code '9500': is not a code: a spreadsheet may have dropped a leading zero or letter"),
        ("S9500,x,95,SH TDX", "modifier 'SH TDX': is not a modifier of two characters"),
        ("S9500,x,95,SH SJ SS TD TE", "modifier 'SH SJ SS TD TE': a line carries at most 4 modifiers"),
        ("S9500,x,85% of charges,SH SS", "modifier 'SH SS': is more than one modifier, and the rate is not in dollars"),
        ("S0001-S0002,x,95,", "holds no code that we classify"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(tmp_path: Path, row: str, said: str) -> None:
    text = f"HCPCS,Description,Rate,Mod\n{row}\nS9504,x,95,\n"
    read = read_exhibit(exhibit(tmp_path, text), code_table())
    assert [one.code for one in read.lines] == ["S9504"]
    assert said in str(read.findings[0]), read.findings


@pytest.mark.slow
def test_a_rate_for_two_modifiers_holds_for_lines_that_carry_both(workspace: Path, tmp_path: Path) -> None:
    """7 days at 95 without, 60 with SS, 40 with SS and TD together, in whatever order the line has them;
    of S9501 only both together are named, at 30, so with SS alone it has the 95 that the contract had before.
    """
    text = "Effective 1/1/2027,,,\nHCPCS,Rate,Mod,Mod 2\nS9500,95,,\nS9500,60,SS,\nS9500,40,TD,SS\nS9501,30,TD,SS\n"
    made = laid(workspace, tmp_path, text)
    assert not made.exhibit.findings
    lines = [
        f"{code} 2027-03-01 2027-03-07 7 900.00 patient=P{n}"
        for n, code in enumerate(("S9500", "S9500-SS", "S9500-TD-SS", "S9501-TD-SS", "S9501-SS"))
    ]
    priced = price(claims(tmp_path / "claims", *lines), load_contract(made.contract))
    cents = [665_00, 420_00, 280_00, 210_00, 665_00]
    assert outcome(priced) == [("priced", amount) for amount in cents]


def test_a_code_with_two_rates_on_one_day_has_neither(tmp_path: Path) -> None:
    text = "HCPCS,Rate\nS9500,95\nS9504,90\nS9500,99\nS9504,90\n"
    read = read_exhibit(exhibit(tmp_path, text), code_table())
    assert [(one.code, one.value) for one in read.lines] == [("S9504", Decimal(90))]
    assert "two rates on one day, 95 at row 2 column A and 99 at row 4 column A" in read.findings[-1].problem


def test_the_published_rates_are_read_with_their_column_named(real_files: Path) -> None:
    """The DMEPOS rows have a rate for each state, none of which is guessed to be the rate."""
    (path,) = (real_files / "rates").glob("*.csv")
    with pytest.raises(InputError, match=r"subset.csv, row 1, rate: no row of it is the heading"):
        read_exhibit(path, code_table())
    read = read_exhibit(path, code_table(), {"rate": "CA_NR"})
    rates = {(one.code, one.modifier): one.value for one in read.lines}
    assert rates["A4221", ""] == Decimal("25.19")


@pytest.mark.slow
def test_sentences_and_notes_beside_the_rates_are_shown_and_brackets_are_read(tmp_path: Path) -> None:
    """What stands beside the rates is nobody's rate and may be a clause; a row that is left out says whose it was."""
    book = Workbook()
    sheet = book.active
    for row in (
        ("HCPCS", "Service", "Proposed Rate 2027", "Notes"),
        ("Antibiotics", None, None, None),
        ("S9500", "Antibiotic q24h", "$92.00", None),
        ("S9364", "TPN", 215, "incl. standard formula"),
        ("S5501", "Catheter care", "(included)", None),
        ("S9338", "Immune globulin", "see 5.1", None),
        ("All other S codes: by report", None, None, None),
    ):
        sheet.append(row)
    book.save(tmp_path / "draft.xlsx")
    found = read_exhibit(tmp_path / "draft.xlsx", code_table())
    assert {line.code: line.kind for line in found.lines} == {
        "S9500": "dollars",
        "S9364": "dollars",
        "S5501": "bundled",
    }
    assert found.aside == (
        "Sheet row 4, beside S9364: incl. standard formula",
        "Sheet row 7: All other S codes: by report",
    )
    refused = next(f for f in found.findings if f.row == 6)
    assert refused.problem.endswith("left out for S9338, so nothing changes there")
