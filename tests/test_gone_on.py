"""A contract that has ended, held against what is to follow it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import builders
import pytest

from hitmodel.codes import code_table
from hitmodel.comparison_tables import totals_of
from hitmodel.diff_tables import diff_document
from hitmodel.gone_on import gone_on
from hitmodel.reviewing import differing
from hitmodel.scenario import compare
from hitmodel.summary import Summary

RATE = """
[[term]]
id = "daily"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
"""
RISE = """
[[escalator]]
id = "yearly"
percent = 0.03
first = 2026-01-01
"""


def test_a_contract_that_holds_on_the_day_stays_as_it_is(tmp_path: Path) -> None:
    paper = builders.contract(tmp_path, builders.header("2025-01-01", "2026-12-31") + RATE, "paper")
    assert gone_on(paper, None) is paper
    assert gone_on(paper, date(2026, 12, 31)) is paper
    assert gone_on(paper, date(2027, 1, 1)).latest.contract.effective_through is None


@pytest.mark.slow
def test_what_follows_is_held_against_the_rates_of_the_last_day(tmp_path: Path) -> None:
    """Written 100.00, 103.00 from 2026; the increase of 2027 does not come. The offer of 101.00 takes 7 × 2.00."""
    builders.write(tmp_path / "now", builders.header("2025-01-01", "2026-12-31", 'title = "A plan"') + RATE + RISE)
    builders.write(
        tmp_path / "offer", builders.header("2027-01-01", "", 'title = "Offer"') + RATE.replace("100", "101")
    )
    builders.write_lines(tmp_path / "claims.csv", ("S9500 2025-03-03 2025-03-09 7 1050.00",), builders.PAYER)
    found = differing(tmp_path / "now", tmp_path / "offer", tmp_path / "claims.csv")
    assert found.bridge is not None
    assert (found.bridge.start, found.bridge.end) == (721_00, 707_00)
    assert found.ended == date(2026, 12, 31)
    front = diff_document(found).front
    assert front is not None
    assert front.subline.endswith("A plan as on its last day, 31 December 2026, without later increases")


@pytest.mark.slow
def test_a_comparison_takes_what_has_ended_as_it_stood_and_says_so(tmp_path: Path) -> None:
    """7 × 103.00 on the last day against 7 × 101.00; by dates of service, as remittances are, 7 × 100.00."""
    now = builders.header("2025-01-01", "2026-12-31", 'title = "A plan"') + RATE + RISE
    offer = builders.header("2027-01-01", "", 'title = "Offer"') + RATE.replace("100", "101")
    builders.write(tmp_path / "now", now)
    builders.write(tmp_path / "offer", offer)
    builders.write_lines(tmp_path / "claims.csv", ("S9500 2025-03-03 2025-03-09 7 1050.00",), builders.PAYER)
    found = compare(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "offer"], date(2027, 1, 1))
    assert [int(side.allowed.sum()) for side in (found.baseline, found.proposals[0].priced, found.as_paid)] == [
        721_00,
        707_00,
        700_00,
    ]
    assert totals_of(Summary(found, code_table())).notes[-1] == (
        "Today is A plan as on its last day, 31 December 2026, without later increases."
    )
    in_force = compare(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "now"], date(2026, 1, 1))
    assert in_force.ended is None
