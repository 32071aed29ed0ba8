"""What a contract says about billing an order, read from its own words; where it is silent, the defaults stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from builders import PER_DIEM, contract, header

from hitmodel.billing_rules import BillingRules, CatheterCare, NursingHours, SecondVisit
from hitmodel.compile import compile_contract
from hitmodel.conventions import NO_LIMIT, Reader, billing_rules
from hitmodel.dates import Span
from hitmodel.perdiem import DayCount, DayRules, StayEdges
from hitmodel.ranks import PrimaryBy
from hitmodel.references import default_references
from hitmodel.resolve import Resolver

DAY = date(2026, 3, 2)
WEEK = Span(DAY, date(2026, 3, 8))


def reader(folder: Path, text: str = "", *, suite: bool = False, patient: str = "P1") -> Reader:
    inline, tables = ("", text) if text.startswith("[") else (text, "")
    made = contract(folder, f"{inline}\n{header()}\n{PER_DIEM}\n{tables}")
    references = default_references()
    compiled = compile_contract(made, references, WEEK, WEEK)
    return Reader(compiled, references.codes, Resolver(), patient=patient, suite=suite)


def read(folder: Path, text: str = "") -> BillingRules:
    asked = reader(folder, text)
    return billing_rules(asked, asked.compiled.contract.latest, DAY)


def test_a_contract_that_says_nothing_leaves_every_default_unsettled(tmp_path: Path) -> None:
    assert read(tmp_path) == BillingRules()


@pytest.mark.parametrize(
    ("said", "days", "settled"),
    [
        ('count = "access"', DayRules(), {"count"}),
        ('count = "infusion"', DayRules(DayCount.INFUSION), {"count"}),
        ('count = "infusion_or_nursing"', DayRules(DayCount.INFUSION_OR_NURSING), {"count"}),
        ('count = "elapsed_24h"', DayRules(DayCount.ELAPSED_24H), {"count"}),
        ('count = "doses"', DayRules(DayCount.DOSES), {"count"}),
        ('stay_edges = "both"', DayRules(), {"edges"}),
        ('stay_edges = "discharge"', DayRules(edges=StayEdges.DISCHARGE), {"edges"}),
        ("inpatient_pays = true", DayRules(inpatient_days=True), {"inpatient_days"}),
        ("holds_pay = false", DayRules(hold_days=False), {"hold_days"}),
        ("limit_hours = 168", DayRules(limit_hours=168), {"limit_hours"}),
    ],
)
def test_days(said: str, days: DayRules, settled: set[str], tmp_path: Path) -> None:
    assert read(tmp_path, f"days = {{ {said} }}") == BillingRules(days=days, settled=frozenset(settled))


def test_visits(tmp_path: Path) -> None:
    rules = read(tmp_path, 'nursing = { hours = "whole", first_minutes = 60, second_visit = "as_added_hours" }')
    assert rules == BillingRules(
        nursing_hours=NursingHours.WHOLE,
        first_minutes=60,
        second_visit=SecondVisit.AS_ADDED_HOURS,
        settled=frozenset({"nursing_hours", "first_minutes", "second_visit"}),
    )


def test_quarters_of_an_hour_are_billed_whole(tmp_path: Path) -> None:
    assert read(tmp_path, 'nursing = { hours = "quarter_hour" }').nursing_hours is NursingHours.ANY_PART


BUNDLE = '[[bundle]]\nid = "care"\nlines = { roles = ["catheter_care"] }\ninto = { roles = ["per_diem"] }\n'
ON_HOLD = '[[paid_only]]\nid = "care"\nlines = { roles = ["catheter_care"] }\n'


@pytest.mark.parametrize(
    ("text", "care", "longest", "settled"),
    [
        (BUNDLE, CatheterCare.UNCOVERED_DAYS, 28, {"catheter_care"}),
        (ON_HOLD + "most_days = 14\n", CatheterCare.HOLDS_ONLY, 14, {"catheter_care", "longest_hold"}),
        (ON_HOLD, CatheterCare.HOLDS_ONLY, NO_LIMIT, {"catheter_care", "longest_hold"}),
        ('[[bundle]]\nid = "general"\nby = "descriptor"\n', CatheterCare.UNCOVERED_DAYS, 28, set()),
    ],
)
def test_catheter_care(text: str, care: CatheterCare, longest: int, settled: set[str], tmp_path: Path) -> None:
    rules = read(tmp_path, text)
    assert (rules.catheter_care, rules.longest_hold, rules.settled) == (care, longest, settled)


@pytest.mark.parametrize(
    ("said", "primary", "settled"),
    [
        ("as_modified", PrimaryBy.HIGHEST_RATE, False),
        ("highest_rate", PrimaryBy.HIGHEST_RATE, True),
        ("first_billed", PrimaryBy.FIRST_BILLED, True),
        ("first_started", PrimaryBy.FIRST_STARTED, True),
    ],
)
def test_the_primary_therapy(said: str, primary: PrimaryBy, settled: bool, tmp_path: Path) -> None:
    rules = read(tmp_path, f'concurrency = {{ primary_by = "{said}" }}')
    assert (rules.primary_by, "primary_by" in rules.settled) == (primary, settled)


def test_codes_that_take_no_part_in_the_ranking(tmp_path: Path) -> None:
    exempt = read(tmp_path, 'concurrency = { exempt = { codes = ["S9374"] } }').unranked_codes
    assert exempt == {"S9374"}
    only = read(tmp_path, 'concurrency = { counts = { codes = ["S9500", "S9501"] } }').unranked_codes
    assert "S9366" in only
    assert not {"S9500", "S9501"} & only


def fixed(per: str, more: str = "") -> str:
    return f'[[term]]\nid = "ig"\ncodes = ["S9338"]\n{more}mechanism = "fixed"\nper = "{per}"\nrate = 150\n'


def test_codes_paid_by_the_dose_and_where(tmp_path: Path) -> None:
    assert read(tmp_path, fixed("dose")).dose_codes == {("S9338", "12"), ("S9338", "49")}
    assert read(tmp_path, fixed("dose", 'modifiers = ["SS"]\n')).dose_codes == {("S9338", "49")}
    assert read(tmp_path, fixed("week")).dose_codes == frozenset()


WASTE = '[[term]]\nid = "d"\nroles = ["drug"]\nmechanism = "drug"\nchain = [{ of = "payment_limit", multiplier = 1 }]\n'


def test_waste_is_settled_where_every_drug_term_speaks_of_it(tmp_path: Path) -> None:
    assert "waste" not in read(tmp_path, WASTE).settled
    assert "waste" in read(tmp_path, WASTE + 'waste = "not_paid"\n').settled


def test_rates_by_day_are_the_contracts_own_before_any_share(tmp_path: Path) -> None:
    text = '[concurrency]\nshares = [0.5]\n[[adjustment]]\nid = "suite"\nmodifiers = ["SS"]\nfactor = 0.9\n'
    assert reader(tmp_path, text).day_rate("S9500", DAY) == 95
    assert reader(tmp_path, text, suite=True).day_rate("S9500", DAY) == Fraction("85.5")
    assert reader(tmp_path, text).day_rate("S9374", DAY) is None


def test_a_service_that_pays_nothing_ranks_at_zero(tmp_path: Path) -> None:
    text = '[[term]]\nid = "none"\ncodes = ["S9374"]\nmechanism = "not_covered"\n'
    assert reader(tmp_path, text).day_rate("S9374", DAY) == 0


def test_one_patients_own_rate(tmp_path: Path) -> None:
    text = '[[term]]\nid = "own"\npatients = ["P1"]\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = 120\n'
    asked = reader(tmp_path, text)
    assert (asked.day_rate("S9500", DAY), replace(asked, patient="P2").day_rate("S9500", DAY)) == (120, 95)
