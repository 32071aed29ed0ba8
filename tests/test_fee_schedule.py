"""A payer's exhibit as it is sent: headings over two rows, columns without one, hidden rows, rates that begin later."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from builders import claims, header, outcome, write
from openpyxl import Workbook, load_workbook
from workspace_tools import run
from workspace_tools import workspace as workspace

from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.intake.fee_schedule import Exhibit, read_exhibit
from hitmodel.intake.fee_schedule_import import ScheduleOptions, import_fee_schedule
from hitmodel.pricing import price

pytestmark = pytest.mark.slow

Rows = Sequence[Sequence[object]]


def sent(folder: Path, rows: Rows, merged: Sequence[str] = ()) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for span in merged:
        book.active.merge_cells(span)
    book.save(folder / "exhibit.xlsx")
    return folder / "exhibit.xlsx"


def rates(exhibit: Exhibit) -> list[tuple[str, str, Decimal | None]]:
    return [(line.code, line.modifier, line.value) for line in exhibit.lines]


def test_a_heading_that_stands_only_in_the_upper_row_counts(tmp_path: Path) -> None:
    """*Mod* over an empty cell: the rate of 130 is for the suite alone, never for every line of the code."""
    rows: Rows = [
        ["Procedure", None, "Mod", "Allowance", None, "Billed"],
        ["Code", "Description", None, "2026 current", "2027 rate", "Per"],
        ["S9500", "abx", None, 95, 90, "Day"],
        ["S9359", "TNF", "SS", 140, 130, "Dose"],
    ]
    read = read_exhibit(sent(tmp_path, rows, merged=("A1:B1", "D1:E1")), code_table())
    assert rates(read) == [("S9500", "", Decimal(90)), ("S9359", "SS", Decimal(130))]
    assert read.findings == (), "the heading says it; nothing has to be told from the cells"


def test_a_title_above_is_no_heading(tmp_path: Path) -> None:
    """*Mod* as a title over the whole table names no column: the third, with words of its own, is only named."""
    rows: Rows = [["Mod", "Mod", "Mod"], ["Code", "Rate", None], ["S9500", 90, "abx"]]
    read = read_exhibit(sent(tmp_path, rows), code_table())
    assert rates(read) == [("S9500", "", Decimal(90))]
    assert read.unused == ("C, which has no heading ('abx')",)


@pytest.mark.parametrize(("heading", "called"), [(None, "without a heading"), ("Qual", "headed 'Qual'")])
def test_a_column_that_holds_modifiers_alone_is_theirs(tmp_path: Path, heading: str | None, called: str) -> None:
    rows: Rows = [
        ["Code", "Description", heading, "Current Rate", "Proposed Rate", "Unit"],
        ["S9500", "abx", None, 95, 90, "Day"],
        ["S9359", "TNF", "SS", 140, 130, "Dose"],
        ["S9500", "abx, second", "sh/sj", 71.25, 60, "Day"],
    ]
    read = read_exhibit(sent(tmp_path, rows), code_table())
    assert rates(read) == [
        ("S9500", "", Decimal(90)),
        ("S9359", "SS", Decimal(130)),
        ("S9500", "SH", Decimal(60)),
        ("S9500", "SJ", Decimal(60)),
    ]
    assert f"column C, {called}, holds SH, SJ or SS alone: taken as the modifiers" in str(read.findings[0])
    assert read.unused == ("Description",)


BASE = """
[[term]]
id = "antibiotics"
codes = ["S9500", "S9501"]
mechanism = "per_diem"
rate = 95.00

[[term]]
id = "other"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 120.00
"""
YEARLY = """
[[escalator]]
id = "yearly"
percent = 0.03
first = 2027-01-01
terms = ["antibiotics"]
"""
LATER: Rows = [
    ["Code", "Rate", "From"],
    ["S9500", 98, "2027-01-01"],
    ["S9501", 99, "2027-01-07"],
    ["S9330", 100, "2027-02-01"],
]
DAYS = (
    "S9501 2027-01-05 2027-01-08 4 9000.00",
    "S9330 2027-01-31 2027-02-01 2 9000.00 patient=P2",
    "S9500 2027-01-01 2027-01-01 1 9000.00 patient=P3",
)


@pytest.mark.parametrize(
    ("base", "antibiotic"),
    [
        (BASE, 2 * 9500 + 2 * 9900),
        (BASE + YEARLY, 2 * 9785 + 2 * 9900),
    ],
    ids=["as written", "with its yearly 3 % until then: 95.00 × 1.03 = 97.85"],
)
def test_a_code_whose_rate_begins_later_is_paid_as_before_until_then(
    workspace: Path, tmp_path: Path, base: str, antibiotic: int
) -> None:
    """S9501: 5 and 6 January as before, 7 and 8 January 99.00. S9330, which no clause names: 120.00 + 100.00."""
    write(workspace / "contracts" / "mine", header() + base)
    _, shown, _ = run("import", "fee-schedule", sent(tmp_path, LATER), "--into", "mine", "--from", "2027-01-01")
    told = "paid as before until the day before it: S9501 99 from 2027-01-07; S9330 100 from 2027-02-01"
    assert told in " ".join(shown.split())
    made = price(claims(tmp_path / "claims", *DAYS), load_contract("mine_exhibit"))
    assert outcome(made) == [("priced", antibiotic), ("priced", 22000), ("priced", 9800)]


def test_hidden_rows_and_sheets_are_told(tmp_path: Path) -> None:
    """Row 3 is hidden and read; row 4, hidden too, is empty; a sheet that cannot even be unhidden is not read."""
    path = sent(tmp_path, [["Code", "Rate"], ["S9500", 93], ["S9341", 19], [None], ["S9501", 94]])
    book = load_workbook(path)
    for row in (3, 4):
        book.active.row_dimensions[row].hidden = True
    kept = book.create_sheet("calc")
    kept.append(["Code", "Rate"])
    kept.append(["S9500", 80])
    kept.sheet_state = "veryHidden"
    book.save(path)
    read = read_exhibit(path, code_table())
    assert rates(read) == [("S9500", "", Decimal(93)), ("S9341", "", Decimal(19)), ("S9501", "", Decimal(94))]
    assert [found.problem for found in read.findings] == [
        "sheet 'Sheet' row 3 is hidden in the file and read like any other: look whether that is meant",
        "sheet 'calc' is hidden in the file and was not read: it holds 2 rows",
    ]


TWO_YEARS: Rows = [
    ["Procedure", "Allowance", "Allowance", "Billed"],
    ["Code", "2026", "2027", "Per"],
    ["S9500", 95, 88, "Day"],
    ["S9501", 95, 96, "Day"],
]


def test_of_two_years_the_later_is_what_is_proposed(tmp_path: Path) -> None:
    path = sent(tmp_path, TWO_YEARS)
    with pytest.raises(InputError, match=r"2027 is what is proposed .*: --column rate=C --column current=B"):
        read_exhibit(path, code_table())
    read = read_exhibit(path, code_table(), {"rate": "C", "current": "B"})
    assert [(line.value, line.today) for line in read.lines] == [(88, 95), (96, 95)]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("2027-01-01", None, r"others do not: Sheet!A3.*--from 2027-01-01, the first day that a row has"),
        ("2027-02-01", "2027-03-01", r"no title says from which day the rates hold.*--from 2027-02-01"),
        (None, None, r"nothing says from which day the rates hold.*--from 2027-01-01"),
    ],
)
def test_what_is_missing_of_the_first_day_is_said(
    workspace: Path, tmp_path: Path, first: str | None, second: str | None, said: str
) -> None:
    write(workspace / "contracts" / "mine", header() + BASE)
    path = sent(tmp_path, [["Code", "Rate", "Eff Dt"], ["S9500", 88, first], ["S9501", 96, second]])
    with pytest.raises(InputError, match=said):
        import_fee_schedule(path, "mine", ScheduleOptions())


def test_a_title_with_a_remark_is_no_clause(tmp_path: Path) -> None:
    rows: Rows = [
        ["Code", "Rate"],
        ["S9500", 95],
        ["NURSING AND OTHER (all in 2027 $)"],
        ["99601", 142],
        ["ALL DRUGS (40% of billed)"],
    ]
    assert read_exhibit(sent(tmp_path, rows), code_table()).aside == ("Sheet row 5: ALL DRUGS (40% of billed)",)


def test_a_share_of_todays_rate_is_rounded_as_it_is_paid(workspace: Path, tmp_path: Path) -> None:
    """95.05 × 0.5 = 47.525, which is paid as 47.53: a sheet that says so agrees with the contract."""
    base = BASE.replace("rate = 95.00", "rate = 95.05") + "[concurrency]\nshares = [1, 0.5]\n"
    write(workspace / "contracts" / "mine", header() + base)
    rows: Rows = [["Code", "Mod", "Current Rate", "Proposed Rate"], ["S9500", "SH", 47.53, 60]]
    _, shown, _ = run("import", "fee-schedule", sent(tmp_path, rows), "--into", "mine", "--from", "2027-01-01")
    assert "47.53" in shown
    assert "what the contract does not say" not in shown
