"""What to ask for: what a draft takes, lines that lose their amount, then positions by what they gain."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import builders
import pytest
from offers import Offered, offered
from test_review import LINES, PAPER

from hitmodel.diff_tables import headline
from hitmodel.review_asks import asks_table, positions_asked, taken_away
from hitmodel.review_page import front_page
from hitmodel.reviewing import reviewed
from hitmodel.scenario import Lost

pytestmark = pytest.mark.slow
OFFER = """
[concurrency]
shares = [1, 0.4]
[[term]]
id = "visit"
mechanism = "by_report"
"""


@pytest.fixture(scope="module")
def made() -> Offered:
    return offered(PAPER, OFFER, LINES)


def test_lines_that_lose_their_amount_are_told_with_what_today_pays(made: Offered) -> None:
    """The visit is paid 120.00 today, its charge, and by report under the offer: it is in no difference."""
    diff = made.diff
    assert diff.lost == Lost(lines=1, cents=120_00, by_report=120_00)
    assert headline(diff).startswith(
        "Offer pays $70.00 less (−5.8 %) than A plan, and a further $120.00 paid today, on 1 line, would be priced by "
        "report"
    )  # 700 + 350 + 150 of today's are compared; 350 becomes 280


def test_how_sure_names_what_is_priced_by_report(made: Offered) -> None:
    """The visit, charged 120.00, and a drug of 400.00 for which no clause is written."""
    front = front_page(made.review, made.diff)
    sure = next(remark.text for remark in front.remarks if remark.lead == "How sure")
    assert sure.startswith(
        "2 lines of the contract, $520.00 of charges, have no amount and are in no total, 1 of them priced by report."
    )
    assert "a further $120.00 paid today, on 1 line, would be priced by report" in front.headline


def test_asks_begin_with_what_is_taken_away(made: Offered) -> None:
    diff = made.diff
    told = [(ask.about, ask.gain) for ask in taken_away(diff)]
    assert told == [("Lines without an amount", 120_00), ("Concurrent therapies", 70_00)]
    assert taken_away(diff)[1].ask == "As today: the first is paid 100 %, later ones 50 %"


def test_positions_stand_by_what_they_gain_and_not_by_what_moves(made: Offered) -> None:
    """Every therapy in full: 700 − 280; no charge limit: 150. Infusion days would take more, and are no ask of ours."""
    review, diff = made.review, made.diff
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
