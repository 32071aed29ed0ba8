"""The first page: each sentence follows from the numbers of tests/small_book.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import small_book
from small_book import AFTER, LINES, OFFER, TODAY, small_study, wide_study

from hitmodel import comparison_page
from hitmodel.comparison_charts import bridge_chart
from hitmodel.comparison_page import front_page
from hitmodel.frontpage import FrontPage
from hitmodel.study import Study, study


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def page(made: Study) -> FrontPage:
    return front_page(made)


def remark(page: FrontPage, lead: str) -> str:
    return next(r.text for r in page.remarks if r.lead == lead)


def test_the_headline_says_how_much_and_what_becomes_of_the_spread(page: FrontPage) -> None:
    # −65 of 1,542 is −4.2 %; 3 March to 5 April are 34 days; spread 2.00 → −76.00, of 2.00 that is 78 ÷ 2 = 3,900 %.
    assert page.headline == "Offer pays $65.00 less over 34 days (−4.2 %) and takes 3900 % of the drug spread."
    assert page.subline == "A plan · 2025 claims by date of service · expected allowed, dollars"
    assert page.contract == "A plan, terms from 2025-01-01"
    assert page.period == "claims 2025-03-03 to 2025-04-05"


def test_the_strip_leads_from_today_to_the_offer(page: FrontPage) -> None:
    (strip,) = page.strips
    assert [step.cents for step in strip] == [TODAY, -70_00, 98_00, -93_00, AFTER]
    assert sum(step.cents for step in strip[:-1]) == AFTER
    assert (strip[0].label, strip[-1].label) == ("Today", "Offer")


def test_the_drug_remark_names_who_carries_the_cut_and_what_is_below_cost(page: FrontPage) -> None:
    assert remark(page, "Drug spread") == (
        "2.00 today, −76.00 under Offer. Most of the drug cut falls on anti-infectives (100 %). "
        "Daptomycin is already paid below cost today."
    )


def test_how_sure_says_what_ties_and_what_is_not_priced(page: FrontPage) -> None:
    # 1,012.00 of 1,831.99 remitted is 55.2 %; three lines of six.
    assert remark(page, "How sure") == (
        "the model reproduces 55.2 % of the dollars remitted, 3 of 6 lines, to the cent (most of the rest: second or "
        "later therapy paid in full, +350.00); 1 line ($500.00 of charges) is not priced and stands outside; 1 habit "
        "of the trade stands in for words of the contract, the largest “Modifiers as submitted” ($350.00 reduction on "
        "these lines)."
    )


def test_next_says_what_pays_for_it(page: FrontPage) -> None:
    assert remark(page, "Next") == "Offer would pay as much as today with per diems 6.1 % above its own."


def test_a_proposal_that_no_per_diem_pays_for_says_so(tmp_path: Path) -> None:
    lines = ("S9500 2025-03-03 2025-03-09 7 770.00", "J0696 2025-03-03 2025-03-09 560 4000.00")
    text = remark(front_page(small_study(tmp_path, *lines)), "Next")
    assert text == "no rise of per diems up to 100 % makes Offer pay as much as today."


def test_a_proposal_that_pays_more_has_nothing_to_win_back(tmp_path: Path) -> None:
    made = front_page(small_study(tmp_path, offer=OFFER.replace("rate = 1.50", "rate = 2.50")))
    assert remark(made, "Next") == "no proposal pays less than today."
    # 186 units at 2.50 and not at 2.00 are +93; with −70 + 98, +121 of 1,542 is 7.8 %.
    assert made.headline.startswith("Offer pays $121.00 more over 34 days (+7.8 %), drug spread +")


def test_claims_without_remittance_or_cost_say_so(tmp_path: Path) -> None:
    made = front_page(
        small_study(tmp_path, "S9500 2025-01-01 2025-12-31 365 99999.00", "J0690 2025-03-04 2025-03-04 30 200.00")
    )
    assert "nothing was remitted on these claims to hold the model against" in remark(made, "How sure")
    assert remark(made, "Drug spread") == "No line has an acquisition cost, so the drug spread is unknown."
    assert " a year (" in made.headline
    assert made.period == "claims of 2025"


def test_many_proposals_name_the_best_and_the_worst(tmp_path: Path) -> None:
    now, offer = small_book.contracts(tmp_path)
    text = "rate = 1.50\n"
    folders = [offer]
    for name, rate in (("better", "1.90"), ("worse", "1.10"), ("same", "2.00")):
        changed = OFFER.replace(text, f"rate = {rate}\n").replace('title = "Offer"', f'title = "{name.title()}"')
        folders.append(small_book.builders.write(tmp_path / name, changed).parent)
    claims = small_book.builders.write_lines(tmp_path / "claims.csv", LINES, small_book.builders.PAYER)
    headline = front_page(study(claims, now, folders)).headline
    assert headline.startswith("Of 4 proposals, the most: Same pays ")
    assert "; the least: Worse pays" in headline


def test_the_page_for_others_holds_nothing_of_the_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("advice is not even worked out for others")

    monkeypatch.setattr(comparison_page, "per_diem_that_pays", never)
    page = front_page(wide_study(tmp_path, "external"))
    assert page.audience == "both"
    assert [r.lead for r in page.remarks] == ["What is counted"]
    assert remark(page, "What is counted") == "some lines are not priced and stand outside.", "it is one patient's"
    assert "spread" not in page.to_text()


def test_the_page_of_the_house_stays_in_the_house(page: FrontPage, made: Study) -> None:
    assert page.audience == "internal"
    assert all(r.audience == "internal" for r in page.remarks)
    assert "$500.00" in page.to_text()
    assert replace(page, remarks=()).audience == "internal"


def test_missing_evidence_is_told_with_what_hangs_on_it(tmp_path: Path) -> None:
    # The offer counts days with an infusion. Doses are not on record: 14 billed days at 110 are 1,540 if the billed
    # units stand; S9500 every 24 hours can be given on 5 days at least (every 72 hours), so down to 550: −990.
    offer = OFFER + '\n[days]\ncount = "infusion"\nmissing = "billed"\n'
    made = small_study(tmp_path, "S9500 2025-06-01 2025-06-14 14 9000.00", offer=offer)
    assert "missing evidence could move Offer by −990.00 to 0" in remark(front_page(made), "How sure")
    chart = bridge_chart(made, 0)
    assert chart.values[-1] == ("Missing evidence could move it", "−990.00 to 0.00")
