"""What a recount means for the rest of pricing: shares of charge, counters, allowances, versions, the bridge."""

from __future__ import annotations

from pathlib import Path

from builders import claims, contract, header, outcome, write

from hitmodel.contract_checks import check_contract
from hitmodel.contracts import load_contract
from hitmodel.evidence import Evidence
from hitmodel.evidence_file import read_evidence
from hitmodel.explanation import explain
from hitmodel.pricing import Priced, price
from hitmodel.references import default_references
from hitmodel.scenario import compare

DAILY = """
[[term]]
id = "daily"
codes = ["S9500"]
mechanism = "per_diem"
rate = 90.00
"""
INFUSION_DAYS = '[days]\ncount = "infusion"\ncite = "note 2"\n'
FOUR_OF_SEVEN = ("2025-06-01", "2025-06-03", "2025-06-05", "2025-06-07")


def doses(folder: Path, *days: str, code: str = "S9500") -> Evidence:
    place = folder / "on_record"
    place.mkdir(exist_ok=True)
    rows = "".join(f"P1,{code},{day}\n" for day in days)
    (place / "doses.csv").write_text(f"patient_id,code,date\n{rows}", encoding="utf-8")
    return read_evidence(place)


def made(folder: Path, text: str, *lines: str, evidence: Evidence) -> Priced:
    return price(claims(folder, *lines), contract(folder, text), evidence=evidence)


def test_a_share_of_charge_follows_the_days_that_count(tmp_path: Path) -> None:
    # 4 of 7 billed days count: 4 ÷ 7 × 700 × 50 % = 200. Where 4 were billed, the whole charge is of days that count.
    text = DAILY.replace('mechanism = "per_diem"\nrate = 90.00', 'mechanism = "percent_of_charge"\nshare = 0.50')
    lines = ("S9500 2025-06-01 2025-06-07 7 700.00", "S9500 2025-06-01 2025-06-07 4 700.00")
    priced = made(tmp_path, text + INFUSION_DAYS, *lines, evidence=doses(tmp_path, *FOUR_OF_SEVEN))
    assert outcome(priced) == [("priced", 200_00), ("priced", 350_00)]


def test_no_day_that_counts_is_a_known_zero_with_its_reason(tmp_path: Path) -> None:
    line = "S9500 2025-06-08 2025-06-09 2 700.00"
    priced = made(tmp_path, DAILY + INFUSION_DAYS, line, evidence=doses(tmp_path, *FOUR_OF_SEVEN))
    assert outcome(priced) == [("not_covered", 0)]
    assert priced.reason_texts == ("no infusion that day (days)",)
    told = str(explain(priced, line_id="L1"))
    assert "2 units billed; counted again as 0" in told
    assert "[note 2]" in told


def test_an_allowance_counts_the_days_that_count(tmp_path: Path) -> None:
    # Of 4 infusion days in the month at most 3 are paid: 3 × 90.
    text = (
        DAILY + INFUSION_DAYS + '[[allowance]]\nid = "three"\nlines = { codes = ["S9500"] }\nmost = 3\nper = "month"\n'
    )
    line = "S9500 2025-06-01 2025-06-07 7 900.00"
    assert outcome(made(tmp_path, text, line, evidence=doses(tmp_path, *FOUR_OF_SEVEN))) == [("priced", 270_00)]


def test_a_case_rate_counts_the_days_that_count(tmp_path: Path) -> None:
    # A case of 2 days at 500, 90 for each further: of 4 infusion days 2 are further: 500 + 180.
    text = """
[[term]]
id = "case"
codes = ["S9500"]
mechanism = "case_rate"
rate = 500.00
days = 2
further = 90.00
counted_in = "antibiotic"
[[episode]]
id = "antibiotic"
lines = { codes = ["S9500"] }
gap_days = 7
"""
    line = "S9500 2025-06-01 2025-06-07 7 900.00"
    evidence = doses(tmp_path, *FOUR_OF_SEVEN)
    assert outcome(made(tmp_path, text + INFUSION_DAYS, line, evidence=evidence)) == [("priced", 680_00)]


def test_rates_that_change_within_the_line_take_their_own_days(tmp_path: Path) -> None:
    # 1 and 3 June at 90, 5 and 7 June at 100.
    write(tmp_path / "dated", header(last="2025-06-04") + DAILY + INFUSION_DAYS, "a.toml")
    later = header("2025-06-05") + DAILY.replace("90.00", "100.00") + INFUSION_DAYS
    write(tmp_path / "dated", later, "b.toml")
    read = claims(tmp_path, "S9500 2025-06-01 2025-06-07 7 900.00")
    priced = price(read, load_contract(tmp_path / "dated"), evidence=doses(tmp_path, *FOUR_OF_SEVEN))
    assert outcome(priced) == [("priced", 380_00)]


def test_a_line_over_two_ways_of_counting_needs_review(tmp_path: Path) -> None:
    write(tmp_path / "dated", header(last="2025-06-04") + DAILY, "a.toml")
    write(tmp_path / "dated", header("2025-06-05") + DAILY + INFUSION_DAYS, "b.toml")
    read = claims(tmp_path, "S9500 2025-06-01 2025-06-07 7 900.00", "S9500 2025-06-01 2025-06-04 4 900.00")
    priced = price(read, load_contract(tmp_path / "dated"), evidence=doses(tmp_path, *FOUR_OF_SEVEN))
    assert outcome(priced) == [("needs_review", None), ("priced", 360_00)]
    assert priced.reason_texts[0] == "the contract changes how days are counted within the span"


def test_the_folder_beside_the_claims_changes_nothing_unless_the_contract_says_so(tmp_path: Path) -> None:
    read = claims(tmp_path, "S9500 2025-06-01 2025-06-07 7 900.00")
    evidence = doses(tmp_path, *FOUR_OF_SEVEN)
    assert outcome(price(read, contract(tmp_path, DAILY), evidence=evidence)) == [("priced", 630_00)]


def test_the_bridge_names_what_a_day_is(tmp_path: Path) -> None:
    # 7 billed days at 90 against 4 infusion days: −270.
    claims(tmp_path, "S9500 2025-06-01 2025-06-07 7 900.00")
    contract(tmp_path, DAILY, "now")
    offer = '[contract]\nextends = "now"\ntitle = "Offer"\neffective_from = 2025-01-01\n' + INFUSION_DAYS
    contract(tmp_path, offer, "offer")
    evidence = doses(tmp_path, *FOUR_OF_SEVEN)
    found = compare(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "offer"], evidence=evidence)
    (step,) = found.proposals[0].bridge.steps
    assert (step.label, step.in_turn) == ("what a day is: billed → infusion", -270_00)


def test_check_looks_into_the_lists_of_these_clauses(tmp_path: Path) -> None:
    text = DAILY + '[days]\ncount = "access"\napplies_to = { roles = ["per_dime"] }\n'
    text += '[[paid_only]]\nid = "holds"\nlines = { roles = ["cathter_care"] }\n'
    found = check_contract(contract(tmp_path, text), default_references())
    told = " ".join(str(finding) for finding in found)
    assert "per_diem" in told
    assert "catheter_care" in told
