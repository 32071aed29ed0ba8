"""Two contracts held against each other: plain words, nothing between equals, an overlay that makes one the other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import builders
import pytest
from case_files import write_rows
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.generate import Question, questions

from hitmodel.changes import changes
from hitmodel.contract_diff import ContractDiff, diff_contracts
from hitmodel.contracts import load_contract, load_draft
from hitmodel.diff_overlay import overlay_between
from hitmodel.diff_tables import diff_table, headline, sentences
from hitmodel.errors import HitmodelError
from hitmodel.overlay_file import write_contract_file
from hitmodel.paths import located
from hitmodel.pricing import Priced, price
from hitmodel.reviewing import differing
from hitmodel.terms import Contract, Version

STYLES = ("meridian", "cascade", "lakeshore", "starter", "meridian_proposal_a", "meridian_proposal_b")
CHECKS_OFF = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
BEFORE = """
[drug_prices]
lag_days = 45
quarter_lag = 1
cite = "section 5"
[[bundle]]
id = "nursing"
lines = { roles = ["catheter_care"] }
into = { roles = ["per_diem"] }
[[rate_change]]
id = "up"
factor = 1.035
[[rate_change]]
id = "down"
factor = 0.90
[[term]]
id = "daily"
roles = ["per_diem", "catheter_care"]
mechanism = "per_diem"
rate = 100.00
cite = "section 1"
[term.at_most]
amount = 90.00
per = "day"
[[term]]
id = "nursing"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 60.00
[agreement]
notice_days = 90
"""
AFTER = """
[drug_prices]
quarter_lag = 0
[concurrency]
shares = [1, 0.5]
cite = "section 3"
[[bundle]]
id = "nursing"
lines = { roles = ["catheter_care"] }
into = { roles = ["per_diem"] }
[[rate_change]]
id = "down"
factor = 0.90
[[rate_change]]
id = "up"
factor = 1.035
[[term]]
id = "daily"
roles = ["per_diem", "catheter_care"]
mechanism = "per_diem"
rate = 99.00
cite = "section 1"
[[term]]
id = "visits"
codes = ["99601", "99602"]
mechanism = "fixed"
per = "visit"
rate = 140.00
cite = "section 6"
[agreement]
notice_days = 120
timely_filing_days = 365
"""
LINES = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9501-SH 2025-03-03 2025-03-09 7 1050.00",
    "99601 2025-03-04 2025-03-04 1 120.00",
    "S5498 2025-03-04 2025-03-04 1 120.00",
    "S5498 2025-04-04 2025-04-04 1 120.00",
)


def pair(folder: Path) -> tuple[Contract, Contract]:
    return builders.contract(folder, BEFORE, "before"), builders.contract(folder, AFTER, "after")


def answers(found: Priced) -> list[tuple[object, ...]]:
    return list(found.frame()[["line_id", "status", "base_cents", "allowed_cents"]].itertuples(index=False))


def made_of(before: Version, after: Version, folder: Path) -> Version:
    """Return the contract that the overlay between two versions makes of the first, read from its file."""
    tables = overlay_between(before, after, str(located(before.file).resolve()))
    return load_contract(write_contract_file(tables, folder / "made" / "2025.toml")).latest


@pytest.mark.parametrize("name", STYLES)
def test_a_contract_held_against_itself_differs_in_nothing(name: str) -> None:
    found = diff_contracts(load_draft(name), load_draft(name))
    assert found.differences == ()
    assert diff_table(found).rows == ()
    assert headline(found).endswith("say the same.")


def test_what_differs_is_said_in_plain_words(tmp_path: Path) -> None:
    assert sentences(diff_contracts(*pair(tmp_path))) == [
        "Which drug prices hold (section 5): drug prices are those of the quarter of service instead of one quarter "
        "before the service; delay of new prices 0 days instead of 45 days.",
        "Several therapies on one day (section 3): the first is paid 100 %, later ones 50 % instead of "
        "each is paid 100 %.",
        "“Daily” (section 1): at most left out, which was amount 90.00, for each day; rate 99.00 instead of 100.00.",
        "“Visits” (section 6) is added: payment at a fixed rate; codes 99601, 99602; rate 140.00; for each visit.",
        "“Nursing” is removed. It said: payment by visit and hour; codes 99601, 99602; first hours of a visit 150.00; "
        "each further hour 60.00.",
        "The order of rate changes: in order “Down”, “Up” instead of “Up”, “Down”.",
        "The agreement: notice before a term ends 120 days instead of 90 days; time to file claims 365 days, where "
        "nothing was said.",
    ]


def test_the_overlay_leaves_out_what_the_second_leaves_out(tmp_path: Path) -> None:
    """A section and a row lose a field, rows change places, and one id stands in two tables."""
    before, after = pair(tmp_path)
    made = made_of(before.latest, after.latest, tmp_path)
    assert changes(made, after.latest) == ()
    assert [row.id for row in made.rate_change] == ["down", "up"]
    assert made.drug_prices.lag_days == 0
    assert made.agreement.timely_filing_days == 365
    assert [row.id for row in made.bundle] == ["nursing"]  # removed with the term of that name, and written anew


def test_the_overlay_prices_like_the_second_on_every_line(tmp_path: Path) -> None:
    before, after = pair(tmp_path)
    made_of(before.latest, after.latest, tmp_path)
    claims = builders.claims(tmp_path, *LINES)
    priced = [price(claims, contract) for contract in (before, after, load_contract(tmp_path / "made"))]
    assert priced[1].frame().equals(priced[2].frame())
    assert not priced[0].frame().equals(priced[1].frame())


def test_dollars_stand_beside_the_clause_they_belong_to(tmp_path: Path) -> None:
    """Second therapy at half: 7 × (99 × .9 × 1.035) less each way; the bridge's own steps, once each."""
    pair(tmp_path)
    builders.write_lines(tmp_path / "claims.csv", LINES, builders.PAYER)
    found = differing(tmp_path / "before", tmp_path / "after", tmp_path / "claims.csv")
    assert found.bridge is not None
    shown = [cell for cell in diff_table(found).column("in_turn") if isinstance(cell, int)]
    assert sum(shown) == found.bridge.end - found.bridge.start
    assert len(shown) == len(found.bridge.steps)


@pytest.mark.slow
def test_facts_and_dates_have_no_dollars(tmp_path: Path) -> None:
    pair(tmp_path)
    builders.write_lines(tmp_path / "claims.csv", LINES, builders.PAYER)
    table = diff_table(differing(tmp_path / "before", tmp_path / "after", tmp_path / "claims.csv"))
    row = next(row for row in table.rows if row[0] == "The agreement")
    assert not [cell for cell in row if isinstance(cell, int)]


@pytest.mark.slow
def test_an_external_edition_holds_the_words_and_no_dollar(tmp_path: Path) -> None:
    pair(tmp_path)
    builders.write_lines(tmp_path / "claims.csv", LINES, builders.PAYER)
    table = diff_table(differing(tmp_path / "before", tmp_path / "after", tmp_path / "claims.csv"))
    assert {c.key for c in table.columns if c.audience == "internal"} == {"of_it", "in_turn", "alone"}


@pytest.mark.slow
@pytest.mark.parametrize("first", STYLES[:3])
@pytest.mark.parametrize("second", ["meridian", "cascade", "lakeshore", "meridian_proposal_b"])
def test_every_contract_can_be_made_of_every_other(first: str, second: str, tmp_path: Path) -> None:
    before, after = load_contract(first).latest, load_contract(second).latest
    made = made_of(before, after, tmp_path)
    assert changes(made, after) == ()
    assert diff_contracts(Contract(name="m", versions=(made,)), load_contract(second)).differences == ()


@pytest.mark.slow
def test_contracts_made_at_random_can_be_made_of_each_other() -> None:
    tried: list[ContractDiff] = []

    @seed(11)
    @settings(max_examples=60, phases=(Phase.generate,), deadline=None, database=None, suppress_health_check=CHECKS_OFF)
    @given(questions(), questions())
    def one(question: Question, other: Question) -> None:
        with TemporaryDirectory() as home:
            places = []
            for name, asked in (("a", question), ("b", other)):
                (Path(home) / name).mkdir()
                places.append(asked.write(Path(home) / name))
            try:
                before, after = (load_contract(place).latest for place in places)
                claims = write_rows(Path(home) / "claims.csv", other.rows)
                second = price(claims, Contract(name="b", versions=(after,)), other.as_of, other.drug_prices)
            except HitmodelError:
                return
            made = made_of(before, after, Path(home))
            assert changes(made, after) == ()
            first = price(claims, Contract(name="m", versions=(made,)), other.as_of, other.drug_prices)
            assert answers(first) == answers(second)
            tried.append(diff_contracts(*(Contract(name=n, versions=(v,)) for n, v in (("a", before), ("b", after)))))

    one()
    assert len(tried) > 30
    assert sum(len(diff.differences) for diff in tried) > 300


NEW_FIELDS = """
[[days]]
count = "access"
missing = "billed"
applies_to = { classes = ["parenteral_nutrition"], roles = ["per_diem"] }
cite = "1.1"
[[days]]
count = "infusion"
missing = "billed"
applies_to = { roles = ["per_diem"] }
cite = "1.2"
[[schedule]]
id = "base"
file = "base.csv"
[[term]]
id = "daily"
roles = ["per_diem"]
mechanism = "schedule"
schedule = "base"
[[term]]
id = "beside"
codes = ["S9365"]
beside = { classes = ["anti_infective"] }
mechanism = "per_diem"
rate = 200.00
[[term]]
id = "visit"
codes = ["99601"]
mechanism = "fixed"
per = "visit"
rate = 150.00
[[term]]
id = "weekend"
codes = ["99601"]
weekdays = ["sat", "sun"]
mechanism = "fixed"
per = "visit"
rate = 180.00
"""
OTHER_FIELDS = (
    NEW_FIELDS.replace('["sat", "sun"]', '["sun"]')
    .replace("beside = {", "alone = {")
    .replace('count = "infusion"', 'count = "infusion_or_nursing"')
)
ON_NEW_FIELDS = (
    "S9365 2025-03-03 2025-03-09 7 3050.00",
    "S9500-SH-SS 2025-03-05 2025-03-09 5 1050.00",
    "S9500-SH 2025-03-05 2025-03-09 5 1050.00 patient=P2",
    "99601 2025-03-08 2025-03-08 1 420.00",
    "99601 2025-03-09 2025-03-09 1 420.00",
)


def newer(folder: Path) -> tuple[Contract, Contract]:
    """Return two contracts that differ in ways to count days, lines beside, weekdays and a row for two marks."""
    for name, rate in (("before", 70), ("after", 75)):
        (folder / name).mkdir()
        rows = f"code,rate,modifier\nS9365,210,\nS9500,95,\nS9500,80,SH\nS9500,{rate},SH SS\n"
        (folder / name / "base.csv").write_text(rows, encoding="utf-8")
    return builders.contract(folder, NEW_FIELDS, "before"), builders.contract(folder, OTHER_FIELDS, "after")


@pytest.mark.slow
def test_ways_to_count_lines_beside_weekdays_and_rows_are_told_in_words(tmp_path: Path) -> None:
    assert sentences(diff_contracts(*newer(tmp_path))) == [
        "What a day is, for per diems (1.2): a day is each day with an infusion or a visit instead of each day with an "
        "infusion.",
        "“Base”, a list of rates: rates those of the new base.csv instead of those of the old base.csv.",
        "“Beside”: on days with lines of left out, which was therapies anti-infectives; on days without lines of "
        "therapies anti-infectives, where nothing was said.",
        "“Weekend”: on Sunday instead of Saturday, Sunday.",
    ]
    before = builders.contract(tmp_path, NEW_FIELDS, "before")
    assert diff_contracts(before, before).differences == ()


@pytest.mark.slow
def test_the_overlay_of_the_newer_fields_prices_like_the_second_on_every_line(tmp_path: Path) -> None:
    before, after = newer(tmp_path)
    made_of(before.latest, after.latest, tmp_path)
    claims = builders.claims(tmp_path, *ON_NEW_FIELDS)
    first, second, made = (price(claims, contract) for contract in (before, after, load_contract(tmp_path / "made")))
    assert made.frame().equals(second.frame())
    changed = [a != b for a, b in zip(answers(first), answers(second), strict=True)]
    assert changed == [True, True, False, True, False]  # alone, a row's rate, nothing, a Saturday, a Sunday


@pytest.mark.slow
def test_an_overlay_writes_anew_only_the_row_that_leaves_something_out(tmp_path: Path) -> None:
    """A rate that becomes by report loses its fields; the other terms are not named."""
    before = builders.contract(tmp_path, BEFORE, "before")
    told = '[[term]]\nid = "nursing"\ncodes = ["99601", "99602"]\nmechanism = "by_report"\n[agreement]'
    after = builders.contract(
        tmp_path, BEFORE.split('[[term]]\nid = "nursing"')[0] + told + "\nnotice_days = 90\n", "after"
    )
    tables = overlay_between(before.latest, after.latest, "before")
    assert [row["id"] for row in tables["term"]] == ["nursing"]
    assert tables["remove"] == ["nursing"]
    assert changes(made_of(before.latest, after.latest, tmp_path), after.latest) == ()
