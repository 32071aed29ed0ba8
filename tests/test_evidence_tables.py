"""How far to trust a comparison: remittance, what is left out, habits, findings, and totals that must agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_book import small_study

from hitmodel.errors import HitmodelError
from hitmodel.evidence_tables import checks_table, findings_table, habits_table, left_out_table, tie_out_table
from hitmodel.study import Study
from hitmodel.tables import Gap

ALL = (tie_out_table, left_out_table, habits_table, findings_table, checks_table)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


def test_every_one_stays_in_the_house(made: Study) -> None:
    assert {make(made).audience for make in ALL} == {"internal"}


def test_the_tie_out_adds_up_from_agreement_and_causes(made: Study) -> None:
    table = tie_out_table(made)
    assert sum(table.column("lines")) == table.totals[0][1] == 6  # type: ignore[arg-type]
    assert sum(table.column("gap")) == table.totals[0][3] == 289_99  # type: ignore[arg-type]
    assert table.headline == (
        "The model reproduces 55.2 % of the dollars remitted to the cent; "
        "the largest gap is “second or later therapy paid in full”, +350.00."
    )


def test_claims_without_remittance_say_so(tmp_path: Path) -> None:
    table = tie_out_table(small_study(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00"))
    assert table.headline == "The claims hold no remittance to hold the model against."
    assert table.rows[0][1] is Gap.NONE


def test_lines_left_out_are_told_once_with_the_sides_they_are_out_of(made: Study) -> None:
    table = left_out_table(made)
    assert [(r[0], r[2], r[3], r[4]) for r in table.rows] == [
        ("needs review", "every side", 1, 500_00),
        ("out of scope", "every side", 1, 150_00),
    ]
    assert table.rows[1][1] == "Zebra Rival Plan is not a payer of this contract"
    assert table.headline == "1 line of this contract, $500.00 of charges, is in no amount."


def test_duplicates_are_one_row(tmp_path: Path) -> None:
    line = "S9500 2025-03-03 2025-03-09 7 1050.00"
    other = "S9501 2025-04-03 2025-04-09 7 1050.00"
    table = left_out_table(small_study(tmp_path, line, line, other, other))
    assert [(r[1], r[3]) for r in table.rows] == [("a duplicate of another line", 2)]
    assert table.headline == "Every line of this contract is priced."


def test_habits_come_with_their_dollars(made: Study) -> None:
    table = habits_table(made)
    assert [(r[0], r[2], r[3]) for r in table.rows] == [("Modifiers as submitted", 1, 350_00)]
    assert table.headline == "1 habit of the trade stands in for words of the contract."


def test_no_habit_is_said_in_words(tmp_path: Path) -> None:
    table = habits_table(small_study(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00"))
    assert table.headline == "Nothing rests on a habit of the trade."
    assert [r[0] for r in table.rows] == ["none"]


def test_findings_are_counted_by_kind_with_what_they_mean(made: Study) -> None:
    table = findings_table(made)
    found = {r[0]: r for r in table.rows}
    assert found["unknown code"][1:4] == (
        "The code is in no release of HCPCS Level II held here and is not shaped like a CPT code.",
        1,
        1,
    )
    assert found["drug without per diem"][2] == 2, "P3's daptomycin and P2's cefazolin"


def test_findings_on_other_payers_lines_are_not_ours(tmp_path: Path) -> None:
    ours = "S9500 2025-03-03 2025-03-09 7 1050.00"
    table = findings_table(
        small_study(
            tmp_path, ours, "J0690 2025-03-03 2025-03-09 7 1050.00", "S9599 2025-03-03 2025-03-09 7 9.00 payer=Other"
        )
    )
    assert "unknown code" not in {r[0] for r in table.rows}


def test_checks_agree_and_say_what_was_added(made: Study) -> None:
    table = checks_table(made)
    assert table.rows[0] == ("lines compared + not priced + out of scope = in the file", "6 + 1 + 1", "8")
    assert table.headline == f"All {len(table.rows)} checks agree to the cent."


def test_a_total_that_does_not_agree_stops_the_report(made: Study) -> None:
    bridge = made.proposals[0].bridge
    wrong = replace(bridge, steps=(*bridge.steps, bridge.steps[0]))
    scenario = replace(made.proposals[0], bridge=wrong)
    broken = replace(made, comparison=replace(made.comparison, proposals=(scenario,)))
    with pytest.raises(HitmodelError, match="do not agree"):
        checks_table(broken)
