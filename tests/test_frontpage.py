"""The first page says the same in text, HTML and JSON, and can drop what is internal."""

from __future__ import annotations

import json
from dataclasses import replace

from bs4 import BeautifulSoup

from hitmodel.frontpage import FrontPage, Remark, Step, step_texts, tone_of
from hitmodel.table_views import hold
from tests import report_standin as standin


def test_amounts_of_a_strip_share_one_format_and_changes_carry_their_sign() -> None:
    strip = (Step("Today", 1_000_000, "total"), Step("cut", -49), Step("Proposal", 999_951, "total"))
    assert step_texts(strip) == [("Today", "10,000"), ("cut", "−0.49"), ("Proposal", "10,000")]


def test_a_change_is_better_worse_or_the_same() -> None:
    assert [tone_of(Step("x", cents)) for cents in (1, -1, 0)] == ["better", "worse", "same"]
    assert tone_of(Step("x", -1, "total")) == "total"


def test_text_keeps_the_cents() -> None:
    assert "  per diem +4 %: +85,294.00" in standin.front_page().to_text()


def test_json_gives_back_the_same_page() -> None:
    page = standin.front_page()
    assert FrontPage.from_json(json.loads(json.dumps(page.to_json()))) == page


def test_internal_remarks_can_be_dropped() -> None:
    page = replace(standin.front_page(), remarks=(Remark("cost"), Remark("fit for all", audience="both")))
    assert [remark.text for remark in page.without_internal().remarks] == ["fit for all"]


def test_the_foot_names_report_contract_and_period() -> None:
    assert standin.front_page().foot == (
        "Contract comparison · Example PPO 2025, amendment 3 · claims 2025-01-01 to 2025-12-31"
    )


def test_html_has_one_heading_a_list_of_steps_and_escapes() -> None:
    page = replace(standin.front_page(), headline="Less than <b>")
    html = BeautifulSoup(page.to_html("h1"), "html.parser")
    assert html.h1 is not None
    assert html.h1.get_text() == "Less than <b>"
    assert [item["class"] for item in html.select("li")][:3] == [["total"], ["better"], ["worse"]]


def test_a_number_and_its_sign_stay_on_one_line() -> None:
    assert hold("−1.4 % or ± 6,100") == "−1.4\u00a0% or ±\u00a06,100"
