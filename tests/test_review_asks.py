"""What to ask for: what a draft takes, lines that lose their amount, then positions by what they gain."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import builders
import pytest
from offers import Offered, offered
from test_review import LINES, PAPER

from hitmodel.clause_dollars import clause_dollars
from hitmodel.diff_tables import codes_table, diff_document, diff_table, headline, stopped_table, strips
from hitmodel.review_asks import asks_table, positions_asked, taken_away
from hitmodel.review_page import front_page, review_document
from hitmodel.reviewing import reviewed
from hitmodel.unpaid import Lost, Stopped

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
    assert told == [("No longer paid: 99601", 120_00), ("Concurrent therapies", 70_00)]
    assert taken_away(diff)[0].ask == "As today: 150.00 for each visit"
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
    assert [row[0] for row in rows[:3]] == ["No longer paid: 99601", "Concurrent therapies", asks[0].about]


def test_what_the_payer_prices_case_by_case_is_against_us() -> None:
    text = PAPER.replace("rate = 100.00\ncite", "cite").replace('mechanism = "per_diem"', 'mechanism = "by_report"')
    folder = Path(mkdtemp())
    said = reviewed(builders.write(folder / "paper", builders.header() + text).parent).clause("unpriced").saying
    assert said.standing == "against us"
    assert said.words.endswith(" more by report")


RATES = """
[[term]]
id = "antibiotics"
codes = ["S9500", "S9501"]
mechanism = "per_diem"
rate = 100.00
clause = "per diem"
[[term]]
id = "nutrition"
codes = ["S9365"]
mechanism = "per_diem"
rate = 200.00
clause = "per diem"
[[term]]
id = "drugs"
roles = ["drug", "nutrition"]
mechanism = "percent_of_charge"
share = 0.40
"""
LESS = """
[[term]]
id = "antibiotics"
without_codes = ["S9500"]
[[term]]
id = "once_a_day"
codes = ["S9500"]
mechanism = "per_diem"
rate = 90.00
clause = "rates by code"
[[term]]
id = "nutrition"
rate = 205.00
[[term]]
id = "included_codes"
codes = ["B4185"]
mechanism = "bundled"
clause = "rates by code"
"""
CLAIMED = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9501 2025-03-03 2025-03-09 7 1050.00 patient=P2",
    "S9365 2025-03-03 2025-03-09 7 2100.00 patient=P3",
    "B4185 2025-03-03 2025-03-03 10 500.00 patient=P3",
)


@pytest.fixture(scope="module")
def less() -> Offered:
    return offered(RATES, LESS, CLAIMED)


def test_what_a_void_takes_back_is_no_loss() -> None:
    """Of two bills of B4185 one was voided: 500 × 40 % = 200.00 on one line becomes included, and not 400.00 on two."""
    voided = ("B4185 2025-03-10 2025-03-10 10 500.00 patient=P3", "B4185 2025-03-10 2025-03-10 -10 -500.00 patient=P3")
    assert offered(RATES, LESS, (*CLAIMED, *voided)).diff.stopped == (Stopped("B4185", "included", 1, 200_00),)


def test_a_code_that_becomes_included_is_named_first_everywhere(less: Offered) -> None:
    """B4185 is paid 500 × 40 % = 200.00 today. The offer takes that and 7 × 10.00, and gives 7 × 5.00: −235.00."""
    diff = less.diff
    assert diff.stopped == (Stopped("B4185", "included", 1, 200_00),)
    assert headline(diff).startswith(
        "Offer pays $235.00 less (−7.8 %) than A plan, counting $200.00 paid today that would be included (B4185): "
    )
    assert diff_document(diff).tables[0].name == "no_longer_paid"
    assert stopped_table(diff).rows == (("B4185", "40 % of charge", "included", 1, 200_00),)
    front = front_page(less.review, diff)
    assert next(r.text for r in front.remarks if r.lead == "No longer paid") == "B4185 included ($200.00 on 1 line)."
    assert review_document(less.review, diff).tables[0].name == "no_longer_paid"
    table = codes_table(diff)
    brings = dict(zip(table.column("code"), table.column("in_turn"), strict=True))
    assert brings == {"S9500": -70_00, "S9365": 35_00, "B4185": -200_00}
    assert table.totals[-1][-1] == -235_00


def test_of_clauses_that_are_one_step_each_has_what_it_moves_on_its_own_lines(less: Offered) -> None:
    assert less.diff.bridge is not None
    (step,) = less.diff.bridge.steps
    parts = {part.difference.record: part.cents for part in clause_dollars(less.diff, step) if part.difference}
    assert parts == {"once_a_day": -70_00, "nutrition": 35_00, "included_codes": -200_00}
    assert sum(parts.values()) == step.in_turn
    table = diff_table(less.diff)
    of_it = {row[0]: row[4] for row in table.rows if isinstance(row[4], int)}
    assert of_it == {"new: Once a day": -70_00, "Nutrition": 35_00, "new: Included codes": -200_00}
    assert [(s.label, s.cents) for s in strips(less.diff)[0][1:-1]] == [("per diem", 35_00), ("rates by code", -270_00)]


def test_what_the_draft_pays_more_of_is_not_asked_back(less: Offered) -> None:
    told = [(ask.about, ask.says, ask.ask, ask.gain) for ask in taken_away(less.diff)]
    assert told == [
        ("No longer paid: B4185", "included: 1 line", "As today: 40 % of charge", 200_00),
        ("Anti-infectives (S9500)", "90.00 for each day", "As today: 100.00 for each day", 70_00),
    ]
    notes = asks_table(less.review, less.diff).notes
    assert notes[0].startswith("What is taken away comes to −235.00 with what is given;")


def test_positions_at_once_are_priced_at_once(made: Offered) -> None:
    """Without what each alone brings being added: 7 × 100 twice, 3 × 100, all raised by 3 percent and none held to its
    charge, is 1,751.00; today 700 + 280 + 150. The visit is by report.
    """
    together = made.review.together
    assert together is not None
    assert together.cents == 1751_00 - 1130_00
    assert together.cents != sum(clause.gain for clause in made.review.findings)
    assert "all at once gain up to +621.00" in " ".join(asks_table(made.review, made.diff).notes)


BOTH_FIRST = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9501 2025-03-03 2025-03-09 7 1050.00",
)
AS_BILLED = '[concurrency]\nshares = [1, 0.5]\nprimary_by = "as_modified"\n'


def test_a_position_that_costs_us_on_these_claims_is_not_asked_for() -> None:
    """Neither line has a modifier, so both are paid 7 × 100.00; were the highest rate first, one is paid half: −350."""
    made = offered(PAPER, AS_BILLED, BOTH_FIRST)
    clause = made.review.clause("primary")
    assert (clause.gain, clause.costs, clause.guards) == (0, 350_00, 350_00)
    assert clause.position.title not in [ask.about for ask in positions_asked(made.review)]
    notes = asks_table(made.review, made.diff).notes
    assert "Not asked: which therapy is first; our own position costs $350.00 here." in notes
    remarks = {remark.lead: remark.text for remark in front_page(made.review, made.diff).remarks}
    assert "which therapy is first (ours: −350.00)" in " ".join(remarks.values())


BY_CLAIM = """
[lesser_of]
level = "line"
[[term]]
id = "daily"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
"""
ON_ONE_CLAIM = (
    "S9500 2025-03-03 2025-03-09 7 1050.00 claim=C1",
    "J0696 2025-03-03 2025-03-03 56 400.00 claim=C1",
    "S9501 2025-03-03 2025-03-09 7 1050.00 claim=C2 patient=P2",
)


def test_a_line_that_waits_for_another_of_its_claim_is_still_paid() -> None:
    """7 × 100.00 today. No clause pays the drug, so a limit on the whole claim cannot be worked out: nothing is lost
    of the rate itself, and none is asked for.
    """
    made = offered(BY_CLAIM, '[lesser_of]\nlevel = "claim"\n', ON_ONE_CLAIM)
    assert made.diff.lost == Lost(lines=1, cents=700_00, beside=700_00)
    assert made.diff.stopped == ()
    assert (
        "a further $700.00 paid today, on 1 line, cannot be worked out: another line of the claim or day has no amount"
    ) in headline(made.diff)
    assert taken_away(made.diff) == ()
    assert "outside it" not in " ".join(asks_table(made.review, made.diff).notes)


def test_a_review_lists_every_ask_of_which_a_brief_shows_some(less: Offered) -> None:
    rows = [row[0] for row in asks_table(less.review, less.diff, whole=True).rows]
    assert (
        len(rows)
        == len(taken_away(less.diff)) + len(positions_asked(less.review))
        > len(asks_table(less.review, less.diff).rows)
    )
    tables = {table.name: table for table in review_document(less.review, less.diff).tables}
    assert [row[0] for row in tables["asks"].rows] == rows


def test_a_draft_that_lists_what_is_paid_today_says_that_no_rate_differs() -> None:
    """S9500 at 100.00 by a clause of its own, as today: 7 × 100.00 on either side."""
    offer = '[[schedule]]\nid = "listed"\nfile = "../listed.csv"\ntitle = "Listed"\n'
    offer += '[[term]]\nid = "by_code"\ncodes = ["S9500"]\nmechanism = "schedule"\nschedule = "listed"\n'
    made = offered(PAPER, offer, LINES[:1], {"listed.csv": "code,rate\nS9500,100.00\n"})
    assert headline(made.diff).startswith("Offer pays the same as A plan, and no rate differs: 1 clause")
    assert "given" not in " ".join(asks_table(made.review, made.diff).notes)


MORE = '[[term]]\nid = "antibiotics"\nrate = 90.00\n[[term]]\nid = "nutrition"\nrate = 230.00\n'


def test_what_is_taken_from_a_draft_that_pays_more_is_not_called_its_sum() -> None:
    """Antibiotics 14 × −10.00, nutrition 7 × 30.00: +70.00."""
    made = offered(RATES, MORE, CLAIMED)
    notes = asks_table(made.review, made.diff).notes
    assert notes[0].startswith("No less is given than is taken away: +70.00 in all; ")


CARE = """
[[term]]
id = "daily"
roles = ["per_diem", "catheter_care"]
mechanism = "per_diem"
rate = 20.00
"""
KIT_INCLUDED = '[[term]]\nid = "included"\ncodes = ["S5502"]\nmechanism = "bundled"\n'
CARE_LINES = (
    "S5502 2025-03-03 2025-03-09 7 1050.00",
    "S9500 2025-03-03 2025-03-09 7 1050.00 patient=P2",
)


def test_catheter_care_that_becomes_included_is_worth_what_it_is_paid_today() -> None:
    """7 × 20.00 today for S5502, and 0.00 where it is included."""
    worth = offered(CARE, KIT_INCLUDED, CARE_LINES).review.clause("catheter").worth
    assert [w.cents for w in worth if w.reading.asked] == [140_00]
