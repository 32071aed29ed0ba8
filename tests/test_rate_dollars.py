"""Which rate of a clause brings what: shares of the bridge's steps, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from offers import Offered, offered

from hitmodel.diff_tables import codes_table, diff_table, sentences
from hitmodel.rate_dollars import rate_dollars
from hitmodel.review_asks import taken_away
from hitmodel.tables import Gap

pytestmark = pytest.mark.slow
PLAN = """
[[term]]
id = "antibiotics"
codes = ["S9500"]
mechanism = "per_diem"
rate = 100.00
clause = "per diem"
[[term]]
id = "suite"
codes = ["S9500"]
modifiers = ["SS"]
mechanism = "per_diem"
rate = 90.00
clause = "per diem"
[[term]]
id = "nutrition"
codes = ["S9365"]
mechanism = "per_diem"
rate = 200.00
clause = "per diem"
"""
OFFER = """
[[term]]
id = "antibiotics"
rate = 110.00
[[term]]
id = "suite"
rate = 85.00
[[term]]
id = "nutrition"
rate = 195.00
"""
LINES = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9500-SS 2025-04-03 2025-04-09 7 1050.00",
    "S9365 2025-05-03 2025-05-09 7 2100.00",
)


@pytest.fixture(scope="module")
def made() -> Offered:
    return offered(PLAN, OFFER, LINES)


def test_each_rate_has_its_share_of_the_clause(made: Offered) -> None:
    """7 × 10 more at home, 7 × 5 less in the suite and 7 × 5 less of nutrition: the clause as a whole moves nothing."""
    assert made.diff.bridge is not None
    (step,) = made.diff.bridge.steps
    found = rate_dollars(made.diff, step)
    assert found.rows == {("S9500", ""): 70_00, ("S9500", "SS"): -35_00, ("S9365", ""): -35_00}
    assert (found.others, found.total, step.in_turn) == (0, 0, 0)


def test_the_table_of_rates_comes_to_the_steps_of_the_bridge(made: Offered) -> None:
    table = codes_table(made.diff)
    assert dict(zip(table.column("code"), table.column("in_turn"), strict=True)) == {
        "S9500": 70_00,
        "S9500-SS": -35_00,
        "S9365": -35_00,
    }
    assert table.totals[-1][-1] == 0
    assert {c.audience for c in table.columns if c.kind == "dollars"} == {"internal"}


def test_what_moves_on_other_codes_stands_by_itself(made: Offered) -> None:
    """Without its row among the changed rates, what the suite loses is told as other codes of the clause."""
    fewer = replace(made.diff, rates=tuple(row for row in made.diff.rates if row.code != "S9365"))
    assert rate_dollars(fewer).others == -35_00
    assert codes_table(fewer).totals[0][::6] == ("Other codes", -35_00)


def test_a_rate_that_takes_is_asked_for_whatever_its_clause_brings(made: Offered) -> None:
    asks = {ask.about: (ask.says, ask.ask, ask.gain) for ask in taken_away(made.diff)}
    assert asks == {
        "Anti-infectives (S9500-SS)": ("85.00 for each day", "As today: 90.00 for each day", 35_00),
        "Parenteral nutrition (S9365)": ("195.00 for each day", "As today: 200.00 for each day", 35_00),
    }


def test_the_dollars_of_one_clause_stand_once_for_all_of_it(made: Offered) -> None:
    table = diff_table(made.diff)
    assert table.rows[3][0] == "The 3 above together: per diem"
    assert table.column("in_turn") == (*[Gap.NOT_APPLICABLE] * 3, 0, Gap.NOT_APPLICABLE)[:4]
    assert sentences(made.diff)[2].endswith("[0.00 for the 3 clauses of “per diem” together]")


RAISED = (
    OFFER
    + """
[[rate_change]]
id = "all_up"
factor = 1.10
"""
)


def test_an_increase_is_among_what_a_rate_brings() -> None:
    """7 × (110 × 1.10 − 100) = 147.00, 7 × (85 × 1.10 − 90) = 24.50 and 7 × (195 × 1.10 − 200) = 101.50."""
    found = rate_dollars(offered(PLAN, RAISED, LINES).diff)
    assert found.rows == {("S9500", ""): 147_00, ("S9500", "SS"): 24_50, ("S9365", ""): 101_50}
