"""What stands in for evidence that is not there: never one confident number from a guess."""

from __future__ import annotations

from pathlib import Path

from builders import claims, contract, header
from typer.testing import CliRunner

from hitmodel.assumptions import assumptions
from hitmodel.cli import app
from hitmodel.comparison_tables import assumed_range
from hitmodel.evidence_tables import habits_table, left_out_table
from hitmodel.explanation import explain
from hitmodel.pricing import price
from hitmodel.study import study

INFUSION_DAYS = """
[[term]]
id = "daily"
codes = ["S9500", "S9502"]
mechanism = "per_diem"
rate = 90.00
[days]
count = "infusion"
missing = "billed"
"""
ACCESS_DAYS = INFUSION_DAYS.replace('count = "infusion"', 'count = "access"')
LINES = ("S9500 2025-06-01 2025-06-14 14 9000.00", "S9500 2025-06-01 2025-06-03 3 900.00 patient=P2")


def test_lines_of_one_assumption_are_summed(tmp_path: Path) -> None:
    # 14 days: 5 to 14 infusions, 3 days: 1 to 3. 6 × 90 = 540 to 17 × 90 = 1,530; billed 17.
    priced = price(claims(tmp_path, *LINES), contract(tmp_path, INFUSION_DAYS))
    (found,) = assumptions(priced)
    assert (found.lines, found.stated_cents, found.low_cents, found.high_cents) == (2, 1530_00, 540_00, 1530_00)
    assert found.text == "infusion days not on record: billed units stand"
    assert "low 450.00, high 1,260.00" in str(explain(priced, line_id="L1"))


def test_a_contract_that_assumes_nothing_has_no_range(tmp_path: Path) -> None:
    priced = price(claims(tmp_path, *LINES), contract(tmp_path, INFUSION_DAYS.replace('"infusion"', '"billed"')))
    assert priced.range is None
    assert assumptions(priced) == ()


def test_doses_without_a_bound_get_no_amount(tmp_path: Path) -> None:
    # S9379 names no interval, so nothing bounds its doses; S9502 is every 8 hours: at most three a day.
    text = INFUSION_DAYS.replace('"infusion"', '"doses"').replace('"S9500"', '"S9379"')
    lines = ("S9379 2025-06-01 2025-06-02 2 900.00", "S9502 2025-06-01 2025-06-02 2 900.00")
    priced = price(claims(tmp_path, *lines), contract(tmp_path, text))
    assert list(priced.frame()["status"]) == ["needs_review", "priced"]
    assert "nothing bounds its doses" in priced.reason_texts[0]
    (found,) = assumptions(priced)
    assert (found.low_cents, found.high_cents) == (90_00, 6 * 90_00)


def test_every_report_prints_assumption_with_low_and_high(tmp_path: Path) -> None:
    claims(tmp_path, *LINES)
    contract(tmp_path, INFUSION_DAYS, "now")
    contract(tmp_path, ACCESS_DAYS, "offer")
    made = study(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "offer"])
    assert [[a.text.split()[0] for a in found] for found in made.assumptions] == [["infusion"], ["access"]]
    table = str(habits_table(made))
    assert "2 assumptions stand in for missing evidence" in table
    assert "between low $540.00 and high $1,530.00" in table


def test_contracts_of_one_title_are_told_apart(tmp_path: Path) -> None:
    # The line that nothing speaks of is one under each of three contracts, not three under one of them. Only the
    # second proposal counts infusions; of its 17 billed days no more than 6 are sure: 6 × 90 − 17 × 90 = −990.00.
    claims(tmp_path, *LINES, "J0696 2025-06-01 2025-06-01 1 70.00")
    titled = header(more='title = "A plan"') + INFUSION_DAYS
    contract(tmp_path, titled.replace('"infusion"', '"billed"'), "now")
    contract(tmp_path, titled.replace('"infusion"', '"billed"'), "one")
    contract(tmp_path, titled, "two")
    made = study(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "one", tmp_path / "two"])
    assert [row[2:] for row in left_out_table(made).rows if "J0696" in str(row[1])] == [("every side", 1, 70_00)]
    assert [assumed_range(made, side) for side in range(3)] == [None, None, (-990_00, 0)]
    assert [row[0] for row in habits_table(made).rows if "Assumed" in str(row[0])] == [
        f"Assumed under {made.titles[2]}"
    ]


def test_the_commands_take_a_folder_of_evidence(tmp_path: Path) -> None:
    claims(tmp_path, *LINES)
    contract(tmp_path, INFUSION_DAYS, "now")
    folder = tmp_path / "on_record"
    folder.mkdir()
    (folder / "doses.csv").write_text(
        "patient_id,code,date\nP1,S9500,2025-06-01\nP1,S9500,2025-06-05\nP2,S9500,2025-0\n"
    )
    asked = [str(tmp_path / "claims.csv"), "--contract", str(tmp_path / "now"), "--evidence", str(folder)]
    shown = CliRunner().invoke(app, ["price", *asked])
    assert shown.exit_code == 1, "a row of the evidence cannot be read"
    assert "450.00" in shown.output, "two infusion days are 180.00; the other patient's 3 billed days 270.00"
    assert "low $" in shown.output
    worked = CliRunner().invoke(app, ["explain", *asked, "--line", "L1"])
    assert "14 units billed; counted again as 2" in worked.output
    assert "2 doses in these days" in worked.output
    assert "no infusion that day" in worked.output
