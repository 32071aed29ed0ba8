"""Facts of an agreement that no price hangs on: carried, checked against one another, and told in the docs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import builders
import pytest

from hitmodel.agreement_terms import FACTS
from hitmodel.changes import changes
from hitmodel.errors import ContractError
from hitmodel.pricing import price

AGREEMENT = '\n[agreement]\nnotice_days = 90\nlate_interest = 0.12\ncite = "article 9"\n'


def test_facts_are_carried_with_where_they_stand(tmp_path: Path) -> None:
    facts = builders.version(tmp_path, builders.PER_DIEM + AGREEMENT + 'cites = { late_interest = "8.4" }\n').agreement
    assert (facts.notice_days, facts.late_interest) == (90, Decimal("0.12"))
    assert (facts.where("notice_days"), facts.where("late_interest")) == ("article 9", "8.4")


def test_no_price_hangs_on_them_and_no_bridge_has_them(tmp_path: Path) -> None:
    bare, whole = (builders.contract(tmp_path, builders.PER_DIEM + t, n) for t, n in (("", "a"), (AGREEMENT, "b")))
    lines = builders.claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00")
    assert price(lines, bare).frame().equals(price(lines, whole).frame())
    assert changes(bare.latest, whole.latest) == ()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("term_months = 12\nterm_through = 2027-01-01", "both say how long the first term lasts"),
        ('renews = "ends"\nrenewal_months = 12', "renewal_months goes with a contract that renews"),
        ('amendment = "both_sign"\namendment_notice_days = 60', "goes with an amendment by notice"),
        ('cites = { notice = "9" }', "'notice', which is no fact of an agreement"),
        ("notice_days = 0", "notice_days = 0 is below 1. Expected days, a whole number of 1 or more"),
        ("late_interest = 12", "late_interest = 12 is above 1"),
        ("notise_days = 90", "Did you mean 'notice_days'?"),
    ],
)
def test_what_cannot_be_is_refused(facts: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as raised:
        builders.version(tmp_path, builders.PER_DIEM + f"[agreement]\n{facts}\n")
    assert said in str(raised.value)


def test_the_page_on_reviews_names_every_fact(project: Path) -> None:
    page = (project / "docs" / "review.md").read_text(encoding="utf-8")
    assert [fact for fact in FACTS if f"`{fact}`" not in page] == []
