"""What to ask for: what a draft takes, lines that lose their amount, then positions by what they gain."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import builders
import pytest
from test_review import LINES, PAPER

from hitmodel.contract_diff import ContractDiff
from hitmodel.diff_tables import headline
from hitmodel.review import Review
from hitmodel.review_asks import asks_table, positions_asked, taken_away
from hitmodel.reviewing import differing, reviewed
from hitmodel.scenario import Lost

pytestmark = pytest.mark.slow
OFFER = """
[contract]
extends = "now"
title = "Offer"
effective_from = 2025-01-01
[concurrency]
shares = [1, 0.4]
[[term]]
id = "visit"
mechanism = "by_report"
"""


@cache
def offered() -> tuple[Review, ContractDiff]:
    folder = Path(mkdtemp())
    builders.write(folder / "now", builders.header(more='title = "A plan"') + PAPER)
    builders.write(folder / "offer", OFFER)
    builders.write_lines(folder / "claims.csv", LINES, builders.PAYER)
    places = folder / "now", folder / "offer", folder / "claims.csv"
    return reviewed(places[1], places[2]), differing(*places)


def test_lines_that_lose_their_amount_are_told_with_what_today_pays() -> None:
    """The visit is paid 120.00 today, its charge, and by report under the offer: it is in no difference."""
    _, diff = offered()
    assert diff.lost == Lost(lines=1, cents=120_00, by_report=120_00)
    assert headline(diff).startswith(
        "Offer pays $70.00 less (−5.8 %) than A plan, and a further $120.00 paid today, on 1 line, would be priced by "
        "report"
    )  # 700 + 350 + 150 of today's are compared; 350 becomes 280


def test_asks_begin_with_what_is_taken_away() -> None:
    _, diff = offered()
    told = [(ask.about, ask.gain) for ask in taken_away(diff)]
    assert told == [("Lines without an amount", 120_00), ("Concurrent therapies", 70_00)]
    assert taken_away(diff)[1].ask == "As today: the first is paid 100 %, later ones 50 %"


def test_positions_stand_by_what_they_gain_and_not_by_what_moves() -> None:
    """Every therapy in full: 700 − 280; no charge limit: 150. Infusion days would take more, and are no ask of ours."""
    review, diff = offered()
    asks = positions_asked(review)
    assert [(ask.about, ask.gain) for ask in asks[:2]] == [
        ("Several therapies on one day", 420_00),
        ("The charge limit", 150_00),
    ]
    day = next(ask for ask in asks if ask.about == "What a day is")
    assert day.guards > day.gain
    rows = asks_table(review, diff).rows
    assert [row[0] for row in rows[:3]] == ["Lines without an amount", "Concurrent therapies", asks[0].about]


def test_what_the_payer_prices_case_by_case_is_against_us() -> None:
    text = PAPER.replace("rate = 100.00\ncite", "cite").replace('mechanism = "per_diem"', 'mechanism = "by_report"')
    folder = Path(mkdtemp())
    said = reviewed(builders.write(folder / "paper", builders.header() + text).parent).clause("unpriced").saying
    assert said.standing == "against us"
    assert said.words.endswith("per diem codes by report")
