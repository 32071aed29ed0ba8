"""Clauses about time and drugs in words: on bridges and in rate exhibits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from builders import contract, header, priced, version
from case_files import write_lines

from hitmodel.changes import changes
from hitmodel.clause_words import escalator_words, phase_words, price_day_words, sequestration_words
from hitmodel.dates import Quarter
from hitmodel.drug_terms import DrugPrices, Sequestration
from hitmodel.exhibit import rate_lines
from hitmodel.pricing import price
from hitmodel.terms import Escalator, PhaseIn

NEW_YEAR = date(2026, 1, 1)
DRUG = """
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.04 }]
"""


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Escalator(id="e", percent=D("0.03"), first=NEW_YEAR), "3 %, from 1 January 2026"),
        (
            Escalator(id="e", percent=D("0.025"), first=NEW_YEAR, skip=(2027,), last=date(2028, 12, 31)),
            "2.5 %, not in 2027, from 1 January 2026 until 31 December 2028",
        ),
        (
            Escalator(
                id="e",
                index="CUUR0000SAM",
                index_month=9,
                floor=D("0.02"),
                cap=D("0.04"),
                carry_over=True,
                first=NEW_YEAR,
            ),
            "CUUR0000SAM to September, 2 % to 4 %, the rest carried over, from 1 January 2026",
        ),
        (
            Escalator(
                id="e",
                index="CUUR0000SAM",
                index_month=9,
                times=D("0.75"),
                plus=D("0.005"),
                cap=D("0.04"),
                assumed=D("0.03"),
                compounding=False,
                first=NEW_YEAR,
            ),
            "75 % of CUUR0000SAM to September plus 0.5 %, at most 4 %, 3 % assumed where not yet published, "
            "not compounding, from 1 January 2026",
        ),
    ],
)
def test_an_escalator_in_words(rule: Escalator, words: str) -> None:
    assert escalator_words(rule) == words


def test_a_phase_in_in_words() -> None:
    rule = PhaseIn(id="p", first=NEW_YEAR, steps=3, from_rate=D("95.00"), terms=("daily",))
    assert phase_words(rule) == "from 95.00 in 3 yearly steps from 1 January 2026"
    rule = PhaseIn(id="p", first=NEW_YEAR, steps=2, every_months=4, from_factor=D("1.1"))
    assert phase_words(rule) == "from 110 % of it in 2 steps of 4 months from 1 January 2026"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (DrugPrices(), "of service"),
        (DrugPrices(quarter_lag=1), "before that of service"),
        (DrugPrices(quarter=Quarter(2025, 1)), "2025Q1"),
        (DrugPrices(lag_days=45), "of service, 45 days late"),
        (DrugPrices(quarter_lag=-1, refresh=("03-01", "09-01")), "1 ahead, loaded 03-01, 09-01"),
        (DrugPrices(ndc_lag_days=7), "of service; NDC prices 7 days late"),
    ],
)
def test_price_days_in_words(rule: DrugPrices, words: str) -> None:
    assert price_day_words(rule) == words


def test_sequestration_in_words() -> None:
    assert sequestration_words(Sequestration()) == "none"
    assert sequestration_words(Sequestration(percent=D("0.02"), member_share=D("0.2"))) == "2 % of the plan's 80 %"


def test_a_bridge_names_what_changes(tmp_path: Path) -> None:
    now = version(tmp_path / "now", header() + DRUG)
    then = version(
        tmp_path / "then",
        header()
        + "[drug_prices]\nlag_days = 45\n[sequestration]\npercent = 0.02\nmember_share = 0.20\n"
        + DRUG
        + '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2026-01-01\n'
        + '[[phase_in]]\nid = "slowly"\nfrom_factor = 0.9\nfirst = 2026-01-01\nsteps = 2\n',
    )
    assert [change.label for change in changes(now, then)] == [
        "drug price quarter of service → of service, 45 days late",
        "sequestration none → 2 % of the plan's 80 %",
        "yearly: yearly increase 3 %, from 1 January 2026",
        "slowly: phased in from 90 % of it in 2 yearly steps from 1 January 2026",
    ]


def test_the_exhibit_holds_fees_waste_bounds_and_time_clauses(tmp_path: Path) -> None:
    now = priced(tmp_path / "now", header() + DRUG, "J0878 2025-02-03 2025-02-03 100 900.00")
    more = (
        'fee = 10.00\nfee_per = "dispense"\nwaste = "not_paid"\nprice_as = "J0877"\n'
        'at_least = { amount = 50.00, per = "line" }\n'
    )
    clauses = (
        '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2026-01-01\ncite = "section 4"\n'
        "[drug_prices]\nlag_days = 45\n"
    )
    claims = write_lines(tmp_path / "claims.csv", ["J0878 2025-02-03 2025-02-03 100 900.00"])
    then = price(claims, contract(tmp_path, header() + DRUG + more + clauses, "then"))
    shown = {(line.term, line.basis): line.shown for line in rate_lines((now, then))}
    assert shown["drugs", "fee, $ per dispense"] == ("–", "10.00")
    assert shown["drugs", "waste"] == ("–", "not paid")
    assert shown["drugs", "priced as"] == ("–", "J0877")
    assert shown["drugs", "at least, $ per line"] == ("–", "50.00")
    assert shown["yearly", "yearly increase"] == ("–", "3 %, from 1 January 2026")
    assert shown["drug_prices", "quarter"] == ("of service", "of service, 45 days late")
    assert ("sequestration", "% of plan-paid") not in shown


def test_the_exhibit_tells_each_way_of_a_comparison(tmp_path: Path) -> None:
    text = (
        '[[term]]\nid = "daily"\ncodes = ["S9500"]\nmechanism = "compare"\npay = "lesser"\n'
        'of = [{ mechanism = "per_diem", rate = 95.00 }, { mechanism = "percent_of_charge", share = 0.60 }]\n'
    )
    side = priced(tmp_path, header() + text, "S9500 2025-02-03 2025-02-03 1 900.00")
    shown = {line.basis: line.shown for line in rate_lines((side,))}
    assert shown == {"lesser of, 1. $ per day": ("95.00",), "lesser of, 2. % of charge": ("60 %",)}
