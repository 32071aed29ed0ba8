"""Contract files laid one over another: what an overlay changes, keeps, removes, and where things then lie."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import PER_DIEM, header, write

from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError
from hitmodel.overlays import contract_names, extends_name, find_contract, find_version, read_layered, version_files
from hitmodel.paths import data

BASE = (
    header("2025-01-01", "2025-12-31", 'title = "The base"\nsource = "exhibit A"\nproducts = ["PPO"]')
    + PER_DIEM
    + """
clause = "per diem"
cite = "section 2.1"

[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.08 }, { of = "charge", multiplier = 0.40 }]
"""
)


def over(folder: Path, text: str, extends: str = "base", more: str = "") -> Path:
    """Write a file that extends another, with its header; return the file."""
    return write(folder, f'[contract]\nextends = "{extends}"\n{more}\n{text}')


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "base", BASE)


# --- what may be named ----------


def test_a_folder_means_its_latest_version(tmp_path: Path, base: Path) -> None:
    later = write(base.parent, header("2026-01-01") + PER_DIEM.replace("95.00", "97.00"), "2026.toml")
    proposal = over(tmp_path / "proposal", "")
    assert find_version("base", proposal) == later
    assert find_version("base/2025", proposal) == base
    assert load_contract(proposal.parent).latest.named("antibiotic_per_diem").rate == Decimal("97.00")


def test_a_file_beside_the_overlay_is_meant_by_its_name(base: Path) -> None:
    overlay = write(base.parent, '[contract]\nextends = "2025.toml"\neffective_from = 2026-01-01\n', "2026.toml")
    assert find_version("2025.toml", overlay) == base
    contract = load_contract(base.parent)
    assert [v.contract.effective_from for v in contract.versions] == [date(2025, 1, 1), date(2026, 1, 1)]


def test_a_contract_that_ships_with_hitmodel_can_be_extended_from_anywhere(tmp_path: Path) -> None:
    overlay = over(tmp_path / "mine", "", extends="meridian", more="effective_from = 2027-01-01")
    assert load_contract(overlay.parent).latest.named("hydration_per_diem").rate == Decimal("75.00")


def test_a_contract_is_found_by_name_by_folder_and_by_file(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_contract("meridian").name == "meridian"
    assert find_contract(str(base)) == base
    assert find_contract("base") == Path("base")  # a folder of the working folder
    assert load_contract("base/2025.toml").name == "2025"
    assert load_contract("base").name == "base"


def test_a_contract_that_is_not_there_has_a_nearest_name() -> None:
    with pytest.raises(ContractError) as raised:
        find_contract("meridan")
    assert raised.value.suggestion == "meridian"
    assert "There are: cascade, lakeshore, meridian" in str(raised.value)


def test_a_folder_without_contract_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"the contract folder holds no \.toml file"):
        version_files(tmp_path)
    assert contract_names(tmp_path / "base" / "x.toml")[0] == "cascade"


# --- what is kept and what is not ----------


def test_an_overlay_changes_only_what_it_names(tmp_path: Path, base: Path) -> None:
    overlay = over(tmp_path / "proposal", '[[term]]\nid = "antibiotic_per_diem"\nrate = 99.00\n')
    made = load_contract(overlay.parent).latest
    term = made.named("antibiotic_per_diem")
    assert (term.rate, term.codes, term.cite) == (Decimal("99.00"), ("S9500", "S9501", "S9502"), "section 2.1")
    assert [t.id for t in made.term] == ["antibiotic_per_diem", "drugs"]
    assert load_contract(base).latest.named("antibiotic_per_diem").rate == Decimal("95.00")


def test_a_new_id_is_added_after_the_others(tmp_path: Path, base: Path) -> None:
    overlay = over(tmp_path / "proposal", '[[term]]\nid = "visits"\nroles = ["nursing"]\nmechanism = "not_covered"\n')
    assert [t.id for t in load_contract(overlay.parent).latest.term] == ["antibiotic_per_diem", "drugs", "visits"]


def test_a_changed_mechanism_keeps_only_what_every_term_has(tmp_path: Path, base: Path) -> None:
    """Left over from the base, ``chain`` would be a key that the new mechanism does not know."""
    overlay = over(tmp_path / "proposal", '[[term]]\nid = "drugs"\nmechanism = "percent_of_charge"\nshare = 0.60\n')
    term = load_contract(overlay.parent).latest.named("drugs")
    assert (term.mechanism, term.share, term.roles) == ("percent_of_charge", Decimal("0.60"), ("drug",))


def test_the_same_mechanism_named_again_keeps_its_fields(tmp_path: Path, base: Path) -> None:
    overlay = over(tmp_path / "proposal", '[[term]]\nid = "drugs"\nmechanism = "drug"\nchoose = "least"\n')
    assert len(load_contract(overlay.parent).latest.named("drugs").chain) == 2


def test_what_is_removed_is_gone(tmp_path: Path, base: Path) -> None:
    overlay = write(tmp_path / "proposal", 'remove = ["drugs"]\n[contract]\nextends = "base"\n')
    assert [t.id for t in load_contract(overlay.parent).latest.term] == ["antibiotic_per_diem"]


def test_what_is_removed_can_be_written_anew(tmp_path: Path, base: Path) -> None:
    text = 'remove = ["drugs"]\n[contract]\nextends = "base"\n'
    text += '[[term]]\nid = "drugs"\ncodes = ["J0696"]\nmechanism = "fixed"\nper = "unit"\nrate = 2.00\n'
    term = load_contract(write(tmp_path / "proposal", text).parent).latest.named("drugs")
    assert (term.codes, term.roles) == (("J0696",), ())


def test_dates_come_from_the_base_only_as_a_pair(tmp_path: Path, base: Path) -> None:
    """A new first day with the base's last day would end before it starts, or end a proposal by accident."""
    kept = load_contract(over(tmp_path / "kept", "").parent).latest.contract
    assert (kept.effective_from, kept.effective_through) == (date(2025, 1, 1), date(2025, 12, 31))
    moved = load_contract(over(tmp_path / "moved", "", more="effective_from = 2025-07-01").parent).latest.contract
    assert (moved.effective_from, moved.effective_through) == (date(2025, 7, 1), None)
    ended = load_contract(over(tmp_path / "ended", "", more="effective_through = 2025-06-30").parent).latest.contract
    assert (ended.effective_from, ended.effective_through) == (date(2025, 1, 1), date(2025, 6, 30))


def test_a_title_and_a_source_belong_to_one_file(tmp_path: Path, base: Path) -> None:
    contract = load_contract(over(tmp_path / "proposal", "").parent)
    made = contract.latest.contract
    assert (made.title, made.source, made.extends) == ("", "", "base")
    assert contract.title == "proposal"
    assert (made.payers, made.products) == (("A payer",), ("PPO",))


def test_a_section_is_laid_over_field_by_field(tmp_path: Path) -> None:
    write(tmp_path / "base", BASE + '[concurrency]\nprimary_by = "first_billed"\nshares = [1, 0.50]\n')
    overlay = over(tmp_path / "proposal", "[concurrency]\nshares = [1, 0.75]\n")
    rule = load_contract(overlay.parent).latest.concurrency
    assert (rule.primary_by, rule.shares) == ("first_billed", (Decimal(1), Decimal("0.75")))


def test_a_limit_in_one_word_and_a_limit_in_a_table_lie_over_each_other(tmp_path: Path) -> None:
    write(tmp_path / "base", 'lesser_of = "line"\n' + BASE)
    table = over(tmp_path / "table", "[lesser_of]\npercent = 0.90\n")
    rule = load_contract(table.parent).latest.lesser_of
    assert (rule.level, rule.percent) == ("line", Decimal("0.90"))
    word = write(tmp_path / "word", 'lesser_of = "none"\n[contract]\nextends = "table"\n')
    assert load_contract(word.parent).latest.lesser_of.level == "none"


def test_three_files_deep(tmp_path: Path, base: Path) -> None:
    over(tmp_path / "second", '[[term]]\nid = "antibiotic_per_diem"\nrate = 99.00\n')
    third = over(tmp_path / "third", '[[term]]\nid = "antibiotic_per_diem"\ncite = "item 9"\n', extends="second")
    layered = read_layered(third)
    assert [p.parent.name for p in layered.chain] == ["base", "second", "third"]
    term = load_contract(third.parent).latest.named("antibiotic_per_diem")
    assert (term.rate, term.cite, term.clause) == (Decimal("99.00"), "item 9", "per diem")


def test_what_a_file_writes_is_kept_in_its_order(tmp_path: Path, base: Path) -> None:
    text = '[[term]]\nid = "drugs"\nchoose = "least"\n[concurrency]\nshares = [1, 0.5]\n'
    layered = read_layered(over(tmp_path / "proposal", text))
    assert layered.written == (("contract", ""), ("term", "drugs"), ("concurrency", ""))
    assert layered.origin["term", "drugs"].parent.name == "proposal"
    assert layered.origin["term", "antibiotic_per_diem"] == base


# --- versions that follow one another ----------


def test_amendments_in_one_folder_meet_without_a_gap(base: Path) -> None:
    write(
        base.parent,
        '[contract]\nextends = "2025.toml"\neffective_from = 2026-01-01\n'
        '[[term]]\nid = "antibiotic_per_diem"\nrate = 98.00\n',
        "2026.toml",
    )
    contract = load_contract(base.parent)
    on = {day: contract.on(date.fromisoformat(day)) for day in ("2024-12-31", "2025-12-31", "2026-01-01")}
    assert on["2024-12-31"] is None
    assert on["2025-12-31"].named("antibiotic_per_diem").rate == Decimal("95.00")
    assert on["2026-01-01"].named("antibiotic_per_diem").rate == Decimal("98.00")
    assert contract.latest is contract.versions[1]


# --- files that a contract names ----------


def test_a_schedule_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    term = '[[term]]\nid = "by_schedule"\nroles = ["per_diem"]\nmechanism = "schedule"\nschedule = "rates"\n'
    write(tmp_path / "base", header() + '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n' + term)
    (tmp_path / "base" / "rates.csv").write_text("code,rate\nS9500,95.00\n")
    retitled = over(tmp_path / "retitled", '[[schedule]]\nid = "rates"\ntitle = "the same file"\n')
    (schedule,) = load_contract(retitled.parent).latest.schedule
    assert (Path(schedule.path).parent.name, schedule.title) == ("base", "the same file")
    own = over(tmp_path / "own", '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n')
    (own.parent / "rates.csv").write_text("code,rate\nS9500,99.00\n")
    (schedule,) = load_contract(own.parent).latest.schedule
    assert Path(schedule.path).parent.name == "own"


def test_a_price_table_lies_beside_the_file_that_names_it_or_among_the_prices(tmp_path: Path) -> None:
    heading = "ndc,from_date,awp,wac,invoice,nadac,package,unit\n"
    write(tmp_path / "base", header() + '[drug_prices]\nndc_table = "mine.csv"\n' + PER_DIEM)
    (tmp_path / "base" / "mine.csv").write_text(heading)
    overlay = over(tmp_path / "proposal", "[drug_prices]\nquarter_lag = 1\n")
    assert Path(load_contract(overlay.parent).latest.drug_prices.path).parent.name == "base"
    shared = over(tmp_path / "shared", '[drug_prices]\nndc_table = "ndc_sample.csv"\n')
    assert Path(load_contract(shared.parent).latest.drug_prices.path).parent.name == "prices"


def test_an_overlay_names_its_base_by_contract_and_version_where_that_finds_it(tmp_path: Path) -> None:
    base = write(tmp_path / "plan", header() + PER_DIEM)
    assert extends_name(base, tmp_path / "offer" / "2027.toml") == "plan/2025"
    assert extends_name(base, tmp_path / "elsewhere" / "deep" / "2027.toml") == base.resolve().as_posix()
    assert extends_name(data("contracts", "meridian", "2025.toml"), tmp_path / "offer" / "2027.toml") == "meridian/2025"
