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
from hitmodel.intake.cells import Unread
from hitmodel.intake.exhibit_words import rate_said, unit_said, without_mark
from hitmodel.intake.fee_schedule import read_exhibit
from hitmodel.intake.fee_schedule_import import ScheduleLanded, ScheduleOptions, import_fee_schedule
from hitmodel.pricing import price
from hitmodel.workspace import Workspace

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


@pytest.mark.slow
def test_rates_of_terms_that_name_their_codes_are_set_anew(workspace: Path, tmp_path: Path) -> None:
    made = laid(workspace, tmp_path)
    assert [(one.term, one.field, one.before, one.after) for one in made.laid.changed] == [
        ("immune_globulin", "rate", Decimal("150.00"), Decimal("155.00")),
        ("nursing", "first", Decimal("150.00"), Decimal(160)),
        ("nursing", "further", Decimal("65.00"), Decimal(66)),
    ]
    assert made.begins == date(2027, 1, 1)
    assert made.laid.narrowed == ["antibiotics"], "its two codes have two rates now, so the schedule has them"


@pytest.mark.slow
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
    assert [(one.whose, one.said, one.why) for one in made.exhibit.left] == [
        ("All other S codes", "110", "is not a code"),
        ("S9501", "99", "basis 'Per bag' is no unit that we know; say which is meant: --unit S9501=day"),
    ]
    assert {(line.code, line.per) for line in made.exhibit.lines} >= {("S9338", "dose")}, "as the contract pays it"
    assert {term.mechanism for term in load_contract(made.contract).latest.term if "S9359" in term.codes} == {
        "not_covered"
    }


@pytest.mark.slow
def test_a_rate_for_another_unit_than_the_contracts_is_said(workspace: Path, tmp_path: Path) -> None:
    made = laid(workspace, tmp_path)
    assert made.laid.otherwise == ["S9338: a rate for each day, taken for each dose as in the contract"]


@pytest.mark.slow
def test_the_command_lists_repairs_and_what_was_left_out(workspace: Path, tmp_path: Path) -> None:
    write(workspace / "contracts" / "mine", header() + BASE)
    code, out, err = run("import", "fee-schedule", exhibit(tmp_path), "--into", "mine", "--name", "mine_2027")
    assert (code, err) == (1, "")
    assert "exhibit_b.csv: 10 rows in, 9 kept as fee_schedule 'mine_2027'" in out
    assert "'(12.00)': is not above 0" in out
    assert "taken as S9501" in out
    assert "mine_2027, an overlay on mine, from 2027-01-01" in out
    assert 'extends = "mine/2025"' in (workspace / "contracts" / "mine_2027" / "2027.toml").read_text()


@pytest.mark.slow
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
        ("S9500,x,TBD,", "rate 'TBD': is not settled yet: ask for it"),
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


@pytest.mark.parametrize(
    ("rate", "kind", "value"),
    [
        ("65% of billed", "share", "0.65"),
        ("65 percent of billed charges", "share", "0.65"),
        ("40% of eligible charges", "share", "0.4"),
        ("$171.60 *", "dollars", "171.60"),
        ("$95.00 (1)", "dollars", "95.00"),
        ("171.60†", "dollars", "171.60"),
        ("$150.00 per visit", "dollars", "150.00"),
        ("Included in per diem", "bundled", ""),
        ("not separately reimbursed", "bundled", ""),
        ("Non-covered", "not_covered", ""),
        ("IC", "by_report", ""),
    ],
)
def test_what_payers_write_for_a_rate_is_understood(rate: str, kind: str, value: str) -> None:
    said = rate_said(without_mark(rate)[0])
    assert (said.kind, str(said.value if said.value is not None else "")) == (kind, value)


@pytest.mark.parametrize(
    ("rate", "why"),
    [
        ("TBD", "is not settled yet"),
        ("N/C", "can mean not covered, no charge or no change"),
        ("N/A", "says no rate"),
        ("50% of allowable", "is a share of another rate, allowable"),
        ("110% of Medicare", "is a share of another rate, Medicare"),
        ("ASP + 6%", "is neither dollars nor a share of charges"),
        ("see 5.1", "none of not covered, included, by report"),
        ("(12.00)", "is not above 0"),
    ],
)
def test_what_cannot_be_taken_as_a_rate_says_why(rate: str, why: str) -> None:
    with pytest.raises(Unread, match=why):
        rate_said(rate)


def test_a_bare_percent_is_one_of_charges_only_where_nothing_else_can_be_meant() -> None:
    """For a second therapy, or beside the word allowable, half may be half of the code's own rate."""
    said = rate_said("50%")
    assert (said.kind, said.value, said.sure) == ("share", Decimal("0.5"), False)
    for beside in ({"beside_modifier": True}, {"remarks": "50% of allowable"}):
        with pytest.raises(Unread, match="does not say of what"):
            rate_said("50%", **beside)  # type: ignore[arg-type]


AMENDMENT = (
    ("Attachment A, effective 1/1/2027", None, None, None, None),
    ("Proc Cd", "Current Allowance", "2027 Allowance", "Billed Per", "Eff Dt"),
    ("I. PER DIEMS", None, None, None, None),
    ("S9500", "$94.00", "$98.00", "Day", None),
    ("S9501", "$95.00", "$97.50 *", "Day", "1/1/2027"),
    ("S9357", "$120.00", "$118.00", "Infusion", None),
    ("S9348", "$120.00", "N/C", "Day", None),
    ("B4185", None, "Included", "Unit", None),
    ("Section 2: rates for 2027 and after", None, None, None, None),
    ("Code", "Modifier", "Per", "Proposed rate", "Rate"),
    ("99601", None, "Visit", 145, 150),
    ("99602", None, "Hour", 60, 65),
    (None, None, None, None, None),
    ("* applies only where an authorization of 2026 or later is on file", None, None, None, None),
)


@pytest.fixture
def amendment(workspace: Path, tmp_path: Path) -> Path:
    write(workspace / "contracts" / "mine", header() + BASE)
    book = Workbook()
    for row in AMENDMENT:
        book.active.append(row)  # type: ignore[union-attr]
    book.active.merge_cells("A3:E3")  # type: ignore[union-attr]
    book.save(tmp_path / "att_a.xlsx")
    return tmp_path / "att_a.xlsx"


@pytest.mark.slow
def test_every_row_of_an_amendment_is_taken_told_or_quoted(amendment: Path) -> None:
    """Seven rates, one paid for another unit than the contract's, one with a word that can mean three things; a second
    table below with its columns in another order; a heading across, one with a year in it, and a footnote.
    """
    made = import_fee_schedule(amendment, "mine", ScheduleOptions())
    assert (made.exhibit.rows_in, made.exhibit.rows_used) == (7, 6)
    assert {(line.code, line.value, line.per) for line in made.exhibit.lines} == {
        ("S9500", Decimal("98.00"), "day"),
        ("S9501", Decimal("97.50"), "day"),
        ("B4185", None, "unit"),
        ("99601", Decimal(145), "visit"),
        ("99602", Decimal(60), "hour"),
    }
    assert [(one.whose, one.said) for one in made.exhibit.left] == [("S9348", "N/C"), ("S9357", "118.00")]
    assert "--unit S9357=dose or --unit S9357=day" in made.exhibit.left[1].why
    assert made.exhibit.aside == (
        "Sheet row 9: Section 2: rates for 2027 and after",
        "Sheet row 14: * applies only where an authorization of 2026 or later is on file",
    )
    assert made.begins == date(2027, 1, 1)
    beside = (made.file.parent / "left_out.csv").read_text().splitlines()
    assert [row.split(",")[1:3] for row in beside] == [["whose", "it_says"], ["S9348", "N/C"], ["S9357", "118.00"]]


@pytest.mark.slow
def test_a_day_that_can_be_read_two_ways_is_held_to_the_others_of_its_column(tmp_path: Path) -> None:
    """10/1/2027 is the first of October, and listed; beside 13/1/2027 it may be the tenth of January."""
    text = "HCPCS,Rate,Eff Dt\nS9500,95,10/1/2027\nS9501,95,{other}\n"
    read = read_exhibit(exhibit(tmp_path, text.format(other="10/15/2027")), code_table())
    assert [str(line.first) for line in read.lines] == ["2027-10-01", "2027-10-15"]
    assert [(f.kind, f.problem) for f in read.findings] == [("mended_unsure", "taken as 2027-10-01, month first")]
    read = read_exhibit(exhibit(tmp_path, text.format(other="13/1/2027")), code_table())
    assert [(line.code, str(line.first)) for line in read.lines] == [("S9501", "2027-01-13")]
    assert "can be read two ways" in read.left[0].why


@pytest.mark.slow
def test_the_changes_name_what_is_paid_today_what_the_payer_says_it_is_and_what_the_sheet_lacks(
    amendment: Path,
) -> None:
    """Today: 95.00, not 94.00, for S9500; 98/95 = +3.2 %, 97.50/95 = +2.6 %, 145/150 = -3.3 %, 60/65 = -7.7 %."""
    changes = import_fee_schedule(amendment, "mine", ScheduleOptions()).changes
    told = {one.name: (one.before, one.now, one.percent and round(one.percent, 1)) for one in changes.codes}
    assert told == {
        "S9500": ("95.00 for each day", "98.00 for each day", Decimal("3.2")),
        "S9501": ("95.00 for each day", "97.50 for each day from 2027-01-01", None),
        "B4185": ("no rate", "included", None),
        "99601": ("150.00 for each visit", "145.00 for each visit", Decimal("-3.3")),
        "99602": ("65.00 for each hour", "60.00 for each hour", Decimal("-7.7")),
    }
    assert changes.today == (("S9500", "94.00", "95.00 for each day"),)
    assert [paid for _, paid in changes.left] == ["120.00 for each day", "120.00 for each day"]
    absent = dict(changes.absent)
    assert absent["150.00 for each dose"] == ("S9338",)
    assert "S9348" not in absent["120.00 for each day"], "it stands in the sheet, without a rate"


@pytest.mark.slow
def test_a_unit_that_the_user_names_is_taken(amendment: Path) -> None:
    made = import_fee_schedule(amendment, "mine", ScheduleOptions(units={"S9357": "dose"}))
    assert ("S9357", Decimal("118.00"), "dose") in {(one.code, one.value, one.per) for one in made.exhibit.lines}
    term = next(term for term in load_contract(made.contract).latest.term if "S9357" in term.codes)
    assert term.per == "dose"  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_second_therapys_rate_stands_beside_what_it_is_paid_today(workspace: Path, tmp_path: Path) -> None:
    """The contract pays a second therapy 75 % of 95.00, 71.25; a third 50 %, 47.50."""
    text = "HCPCS,Rate,Mod\nS9500,60,SH\nS9501-SJ,40,\n"
    base = "[concurrency]\nshares = [1, 0.75, 0.5]\n" + BASE
    changes = laid(workspace, tmp_path, text, base).changes
    assert [(one.name, one.before) for one in changes.codes[:2]] == [
        ("S9500-SH", "71.25 for each day"),
        ("S9501-SJ", "47.50 for each day"),
    ]


@pytest.mark.slow
def test_the_same_exhibit_asked_for_otherwise_is_another(amendment: Path, workspace: Path) -> None:
    """Columns chosen anew make another contract of the same file, and say so; asked for as before, nothing changes."""
    ask = ("import", "fee-schedule", amendment, "--into", "mine")
    assert run(*ask)[0] == 1
    before = Workspace.open(workspace).state
    code, out, _ = run(*ask)
    assert (code, Workspace.open(workspace).state) == (1, before)
    assert "held already, asked for in the same way; nothing changed" in out
    assert "can mean not covered, no charge or no change" in " ".join(out.split())
    code, out, _ = run(*ask, "--column", "rate=Current Allowance")
    assert "takes the place of an earlier import" in out
    assert "it takes the place of the one that was there" in " ".join(out.split())
    assert load_contract("mine_att_a").latest.schedule[0].id == "fee_schedule"


def test_a_column_that_is_not_there_is_refused_with_the_nearest(amendment: Path) -> None:
    with pytest.raises(InputError, match=r"no column is headed '2027 Alowance'.* Did you mean '2027 Allowance'"):
        read_exhibit(amendment, code_table(), {"rate": "2027 Alowance"})


@pytest.mark.parametrize(
    ("said", "modifiers"),
    [
        ("SH/SJ", {"SH", "SJ"}),
        ("SH or SJ", {"SH", "SJ"}),
        ("SH, SJ", {"SH", "SJ"}),
        ("SS SH", {"SH SS"}),
        ("SS & SH", {"SH SS"}),
        ("None", {""}),
        ("N/A", {""}),
        ("-", {""}),
    ],
)
def test_a_rate_for_either_modifier_is_not_one_for_both(tmp_path: Path, said: str, modifiers: set[str]) -> None:
    """No line carries SH and SJ together: a rate for both would never be paid."""
    read = read_exhibit(exhibit(tmp_path, f'HCPCS,Rate,Mod\nS9500,60,"{said}"\n'), code_table())
    assert {line.modifier for line in read.lines} == modifiers


def test_modifiers_that_can_mean_both_or_either_are_asked_for(tmp_path: Path) -> None:
    read = read_exhibit(exhibit(tmp_path, 'HCPCS,Rate,Mod\nS9501,60,\nS9500,60,"SH, SS"\n'), code_table())
    assert "can mean a line with all of them or with any" in read.left[0].why


@pytest.mark.parametrize(("first", "second"), [("SH/", ""), ("/SJ", ""), ("SH/SJ", "SS")])
def test_modifiers_that_leave_the_line_open_are_asked_for(tmp_path: Path, first: str, second: str) -> None:
    """``SH/`` is no rate of the plain code, and ``SH/SJ`` with SS beside it none of SJ SS alone."""
    text = f'HCPCS,Rate,Mod,Mod 2\nS9501,60,,\nS9500,50,"{first}",{second}\n'
    read = read_exhibit(exhibit(tmp_path, text), code_table())
    assert [line.code for line in read.lines] == ["S9501"]
    assert "does not say which line is meant" in read.left[0].why


@pytest.mark.parametrize(
    ("code", "unit", "per"),
    [
        ("99602", "Add'l Hour", "hour"),
        ("99601", "Visit (up to 2 hrs)", "visit"),
        ("S9500", "PD", "day"),
        ("J1569", "500 mg", "unit"),
        ("J1569", "", None),
    ],
)
def test_units_as_payers_name_them(code: str, unit: str, per: str | None) -> None:
    assert unit_said(unit, code_table().entry(code)) == per


def test_a_code_with_its_words_behind_it_is_that_code(tmp_path: Path) -> None:
    text = 'HCPCS / Service,Rate\n"S9501: Antibiotic, every 12 hours",97\nS9500-S9502 and others,90\n'
    read = read_exhibit(exhibit(tmp_path, text), code_table())
    assert [line.code for line in read.lines] == ["S9501"]
    assert [one.whose for one in read.left] == ["S9500-S9502 and others"]


@pytest.mark.parametrize(
    "title",
    [
        "Rates effective for dates of service on or after January 1, 2027",
        "Effective: 1/1/2027",
        "Effective date 2027-01-01",
    ],
)
def test_the_day_of_a_title_is_found(tmp_path: Path, title: str) -> None:
    read = read_exhibit(exhibit(tmp_path, f'"{title}",\nHCPCS,Rate\nS9500,95\n'), code_table())
    assert read.starts == date(2027, 1, 1)
