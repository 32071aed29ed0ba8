"""A contract read clause by clause: what it says, what it leaves open, and dollars that are those of a comparison."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import builders
import pytest

from hitmodel.contracts import load_draft
from hitmodel.errors import ContractError, InputError
from hitmodel.evidence_file import evidence_of
from hitmodel.overlay_file import write_contract_file
from hitmodel.paths import data
from hitmodel.positions import positions
from hitmodel.pricing import Pricer
from hitmodel.references import default_references
from hitmodel.review import QUESTIONS, Review, review
from hitmodel.reviewing import reviewed
from hitmodel.scenario import compare

STYLES = ("meridian", "cascade", "lakeshore")
HEADER = builders.header()
LINES = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9501-SH 2025-03-03 2025-03-09 7 1050.00",
    "S9500 2025-03-10 2025-03-12 3 150.00 patient=P2",
    "99601 2025-03-04 2025-03-04 1 120.00 patient=P2",
    "J0696 2025-03-03 2025-03-03 56 400.00 patient=P2",
)
PAPER = """
[lesser_of]
level = "line"
[concurrency]
shares = [1, 0.5]
cite = "section 3"
[[term]]
id = "daily"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
cite = "section 1"
[[term]]
id = "visit"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 60.00
"""


def read(folder: Path, text: str = PAPER, *lines: str) -> Review:
    made = builders.contract(folder, text)
    pricer = Pricer(builders.claims(folder, *lines), evidence=evidence_of(None, None)) if lines else None
    return review(made, default_references(), pricer)


@cache
def of_style(name: str) -> Review:
    return reviewed(name)


def test_every_clause_of_the_catalogue_is_asked_and_no_other() -> None:
    assert [p.id for p in positions()] == list(QUESTIONS)


def test_every_position_has_a_source_or_says_that_none_was_found() -> None:
    assert all(p.source and p.position and p.silent and p.asks.endswith("?") for p in positions())
    assert not [p.id for p in positions() if "National Coding Standard" in p.source or "Model Contract" in p.source]


@pytest.mark.slow
@pytest.mark.parametrize("name", STYLES)
def test_three_styles_are_read_end_to_end(name: str) -> None:
    made = of_style(name)
    assert len(made.clauses) == len(QUESTIONS)
    for clause in made.clauses:
        said = clause.saying
        assert bool(said.words) == (said.standing not in ("silent", "not applicable")) or said.standing == "silent"
        assert said.place or not said.words or clause.position.id == "unpriced"


def test_what_three_styles_say_of_the_same_clauses() -> None:
    said = {
        name: {c.position.id: (c.saying.standing, c.saying.words) for c in of_style(name).clauses} for name in STYLES
    }
    assert said["meridian"]["concurrent"] == ("against us", "100, 75, 50 percent of the rates by rank")
    assert said["lakeshore"]["concurrent"] == ("in line", "100, 80, 75 percent of the rates by rank")
    assert said["lakeshore"]["nursing_apart"] == ("against us", "visits lie within the per diem")
    assert said["cascade"]["drug_source"] == (
        "in part",
        "AWP − 15 %, and no word on whose price file and of which day",
    )
    assert said["cascade"]["escalator"] == ("in line", "3 %, from 1 July 2025")
    assert said["meridian"]["drug_quarter"] == ("in line", "the quarter of service")
    assert said["lakeshore"]["drug_quarter"] == ("against us", "the quarter before that of service")
    assert said["cascade"]["drug_quarter"] == ("not applicable", "")
    assert said["lakeshore"]["unpriced"][0] == "in part"  # its base schedule has no row for some codes
    assert said["meridian"]["day"] == ("silent", "")


def test_a_saying_names_its_place_in_paper_and_file() -> None:
    found = of_style("meridian").clause("drug_source").saying
    assert (found.words, found.cite, found.place) == (
        "108 % of Medicare limit, about ASP + 14.5 %",
        "section 5.1",
        "term 'drugs'",
    )


def test_dollars_of_readings_by_hand(tmp_path: Path) -> None:
    """The charge limit takes 150 of 300 and 30 of 150; the second therapy pays 7 × 100 × 0.5 = 350 of 700."""
    made = read(tmp_path, PAPER, *LINES)
    limit = {w.reading.says: w.cents for w in made.clause("charge_limit").worth}
    assert limit["no charge limit"] == 150_00 + 30_00
    shares = {w.reading.says: w.cents for w in made.clause("concurrent").worth}
    assert shares == {"100, 80, 75 percent": 210_00, "100, 50, 0 percent": 0, "every therapy in full": 350_00}
    assert made.clause("drugs_apart").saying.standing == "silent"


def test_days_without_evidence_have_a_least_and_a_most(tmp_path: Path) -> None:
    worth = read(tmp_path, PAPER, *LINES).clause("day").worth
    infusion = next(w for w in worth if w.reading.says == "only days with an infusion count")
    # At least every third day has a dose: 3 of 7 days, 3 of 7 at half, 1 of 3 (100 of the 150 that the charge allows).
    assert (infusion.cents, infusion.low) == (0, -(400_00 + 200_00 + 50_00))


def test_clauses_stand_by_what_hangs_on_them(tmp_path: Path) -> None:
    found = read(tmp_path, PAPER, *LINES).clauses
    assert [c.position.id for c in found[:3]] == ["day", "concurrent", "charge_limit"]
    assert [c.stake for c in found[:3]] == [1200_00, 350_00, 180_00]
    assert not any(c.stake for c in found[-10:])


def test_every_dollar_is_what_compare_gives_for_the_same_overlay(tmp_path: Path) -> None:
    """Each overlay is written as a file that extends the contract, and compared as a user would."""
    made = read(tmp_path, PAPER, *LINES)
    base, checked = tmp_path / "example", 0
    for clause in (made.clause(name) for name in ("concurrent", "charge_limit", "escalator")):
        for n, worth in enumerate(clause.worth):
            header = {"extends": "example", "effective_from": made.version.contract.effective_from}
            file = tmp_path / f"{clause.position.id}_{n}" / "2025.toml"
            write_contract_file({"contract": header, **worth.overlay}, file)
            if worth.cents is None:  # no line has an amount under both, so there is nothing to compare
                continue
            compared = compare(tmp_path / "claims.csv", base, [file.parent])
            other = compared.proposals[0].priced.allowed - compared.baseline.allowed
            assert worth.cents == int(other[compared.compared].sum()), worth.reading.says
            checked += 1
    assert checked == 5


@pytest.mark.slow
@pytest.mark.parametrize("name", STYLES)
def test_on_the_samples_every_dollar_is_what_compare_gives(name: str, tmp_path: Path) -> None:
    claims = data("samples", "claims_2025.csv")
    made = reviewed(name, claims)
    file = data("contracts", name, "2025.toml")
    priced = [(c, n, w) for c in made.clauses for n, w in enumerate(c.worth)]
    assert len(priced) > 8
    for clause, n, worth in priced:
        header = {"extends": str(file), "effective_from": made.version.contract.effective_from}
        overlay = tmp_path / f"{clause.position.id}_{n}.toml"
        write_contract_file({"contract": header, **worth.overlay}, overlay)
        compared = compare(claims, name, [overlay])
        other = compared.proposals[0].priced.allowed - compared.baseline.allowed
        assert worth.cents == int(other[compared.compared].sum()), (clause.position.id, worth.reading.says)


@pytest.mark.slow
def test_a_clause_that_is_said_and_in_line_has_no_finding_and_no_other_reading(tmp_path: Path) -> None:
    made = read(tmp_path, PAPER + '[days]\ncount = "access"\nmissing = "billed"\n', *LINES)
    assert made.clause("day").saying.standing == "in line"
    assert made.clause("day").worth == ()
    assert made.clause("day") not in made.findings


def test_a_draft_is_read_and_never_priced(tmp_path: Path) -> None:
    text = PAPER.replace("rate = 100.00", 'rate = "FILL daily_rate"')
    place = builders.write(tmp_path / "draft", HEADER + text).parent
    made = review(load_draft(place), default_references())
    assert [(p.place, p.name) for p in made.version.placeholders] == [("term 'daily', rate", "daily_rate")]
    builders.write_lines(tmp_path / "claims.csv", LINES, builders.PAYER)
    with pytest.raises(ContractError, match="not filled in yet: daily_rate"):
        reviewed(place, tmp_path / "claims.csv")


def test_claims_of_other_payers_are_no_ground_for_a_review(tmp_path: Path) -> None:
    builders.write(tmp_path / "example", HEADER + PAPER)
    builders.write_lines(tmp_path / "claims.csv", LINES, "A_payr")
    with pytest.raises(InputError, match="no line is of A payer") as raised:
        reviewed(tmp_path / "example", tmp_path / "claims.csv")
    assert raised.value.suggestion == "A_payr"


@pytest.mark.slow
def test_a_contract_that_begins_after_the_claims_is_priced_as_of_its_first_day(tmp_path: Path) -> None:
    builders.write(tmp_path / "example", builders.header("2027-01-01") + PAPER)
    builders.write_lines(tmp_path / "claims.csv", LINES, builders.PAYER)
    made = reviewed(tmp_path / "example", tmp_path / "claims.csv")
    assert made.priced is not None
    assert str(made.priced.dating.as_of) == "2027-01-01"


WAYS = """
[[days]]
count = "access"
missing = "billed"
applies_to = { classes = ["hydration"], roles = ["per_diem"] }
cite = "1.1"
[[days]]
count = "infusion"
missing = "billed"
limit_hours = 24
applies_to = { roles = ["per_diem"] }
cite = "1.2"
"""


@pytest.mark.slow
def test_of_several_ways_to_count_days_the_worst_stands_and_each_reading_keeps_them_apart(tmp_path: Path) -> None:
    """Another reading is laid on each way by itself, and comes to what `compare` gives for the same overlay."""
    made = read(tmp_path, PAPER + WAYS, *LINES, "S9374 2025-03-03 2025-03-09 7 1050.00 patient=P3")
    assert made.clause("day").saying.standing == "against us"
    assert made.clause("interval").saying.words == "up to every 24 hours"
    worth = made.clause("day").worth
    assert worth
    for number, one in enumerate(worth):
        ways = one.overlay["days"]
        assert [tuple(way["applies_to"]) for way in ways] == [("classes", "roles"), ("roles",)]
        header = {"extends": "example", "effective_from": made.version.contract.effective_from}
        file = tmp_path / f"way_{number}" / "2025.toml"
        write_contract_file({"contract": header, **one.overlay}, file)
        compared = compare(tmp_path / "claims.csv", tmp_path / "example", [file.parent])
        other = compared.proposals[0].priced
        assert one.cents == int((other.allowed - compared.baseline.allowed)[compared.compared].sum())
        assert [way.count for way in other.contract.latest.days.clauses] == [way["count"] for way in ways]


DRAFT = """
[[term]]
id = "daily"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
[[term]]
id = "globulin"
codes = ["S9338", "S9346", "S9357"]
mechanism = "fixed"
per = "dose"
rate = 150.00
[[term]]
id = "suite"
codes = ["S9359"]
modifiers = ["SS"]
mechanism = "fixed"
per = "dose"
rate = 140.00
[[term]]
id = "drugs"
roles = ["drug", "nutrition"]
mechanism = "percent_of_charge"
share = 0.40
[[term]]
id = "rest"
unlisted = true
mechanism = "percent_of_charge"
share = 0.55
"""
"""Everything that the questions below ask for is in line."""
BY_DOSE = 'mechanism = "fixed"\nper = "dose"\nrate = 140.00'
REST = 'mechanism = "percent_of_charge"\nshare = 0.55'
INCLUDED = """
[[term]]
id = "within"
codes = ["B4185", "A4221"]
mechanism = "bundled"
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clause", "before", "after", "words"),
    [
        ("beyond_interval", BY_DOSE, 'mechanism = "by_report"', "S9359-SS by report"),
        ("beyond_interval", BY_DOSE, 'mechanism = "per_diem"\nrate = 125.00', "S9359-SS by the day"),
        ("beyond_interval", '"S9338", "S9346", "S9357"', '"S9338", "S9346"', "S9357 by the day"),
        ("drugs_apart", "", INCLUDED, "B4185 included; other drugs are paid on lines of their own"),
        ("unpriced", 'codes = ["S9359"]', 'codes = ["S9359"]\nplaces = ["49"]', ""),
        ("unpriced", BY_DOSE, 'mechanism = "not_covered"', "S9359-SS not covered"),
        ("unlisted", REST, 'mechanism = "by_report"', "codes without a clause of their own by report"),
    ],
)
def test_each_reading_is_judged_by_what_the_contract_says_for_its_codes(
    clause: str, before: str, after: str, words: str, tmp_path: Path
) -> None:
    whole = read(tmp_path / "whole", DRAFT).clause(clause).saying
    assert whole.standing == "in line"
    text = DRAFT.replace(before, after) if before else DRAFT + after
    assert text != DRAFT
    said = read(tmp_path / "draft", text).clause(clause).saying
    assert said.standing == ("in line" if not words else "in part" if "by the day" in words else "against us")
    assert said.words.endswith(words) if words else said == whole


@pytest.mark.slow
def test_a_schedule_can_pay_by_the_dose(tmp_path: Path) -> None:
    """As an imported exhibit has it: S9346 at a rate of a schedule for each dose, S9338 for each day."""
    (tmp_path / "paper" / "example").mkdir(parents=True)
    (tmp_path / "paper" / "example" / "rates.csv").write_text(
        "code,rate\nS9346,150.00\nS9338,150.00\n", encoding="utf-8"
    )
    term = '[[term]]\nid = "{0}"\ncodes = ["{1}"]\nmechanism = "schedule"\nschedule = "rates"\nper = "{2}"\n'
    listed = '[[schedule]]\nid = "rates"\nfile = "rates.csv"\ntitle = "Rates"\n'
    rows = term.format("by_dose", "S9346", "dose") + term.format("by_day", "S9338", "day")
    saying = read(tmp_path / "paper", PAPER + listed + rows).clause("beyond_interval").saying
    assert saying.standing == "in part"
    assert saying.words == "S9346 at a rate for each dose; S9338, S9357, S9359 by the day"


@pytest.mark.slow
def test_codes_taken_out_of_a_clause_are_worth_what_the_clause_for_all_others_pays(tmp_path: Path) -> None:
    """B4185 charged 500.00 would be paid 40 %; supplies that the same clause includes stay included."""
    lines = ("B4185 2025-03-03 2025-03-03 10 500.00", "A4221 2025-03-03 2025-03-03 1 30.00")
    made = read(tmp_path, DRAFT + INCLUDED, *lines)
    (worth,) = made.clause("drugs_apart").worth
    assert (worth.cents, worth.reading.asked) == (200_00, True)
    assert worth.overlay == {"term": [{"id": "within", "without_codes": ["B4185"]}]}


@pytest.mark.slow
def test_rarely_given_therapies_that_only_the_day_pays_may_be_paid_nothing(tmp_path: Path) -> None:
    """S9346 is in no clause of its own here: 2 days at 100.00."""
    text = DRAFT.replace('"S9338", "S9346", "S9357"', '"S9338", "S9357"')
    (worth,) = read(tmp_path, text, "S9346 2025-03-03 2025-03-04 2 900.00").clause("beyond_interval").worth
    assert worth.cents == -200_00
