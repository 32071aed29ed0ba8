"""Contracts and their dates: when a term ends, by when notice must be given, what is to act on first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import builders
import pytest
from typer.testing import CliRunner

from hitmodel.cli import app
from hitmodel.commands import screen
from hitmodel.pricing import Pricer
from hitmodel.renewal_tables import headline, renewals_calendar, renewals_calendars, renewals_table
from hitmodel.renewals import Renewal, renewals

DAY = date(2026, 11, 22)


def one(folder: Path, facts: str, through: str = "", day: date = DAY) -> Renewal:
    text = builders.header("2025-01-01", through, 'title = "A plan"') + builders.PER_DIEM + f"[agreement]\n{facts}\n"
    builders.write(folder / "plan", text)
    return renewals(day, names=[str(folder / "plan")])[0]


@pytest.mark.parametrize(
    ("facts", "through", "ends", "notice"),
    [
        # two years from 1 January 2025; 120 days before 31 December 2026
        ("term_months = 24\nnotice_days = 120", "", date(2026, 12, 31), date(2026, 9, 2)),
        ("term_through = 2027-03-31\nnotice_days = 90", "", date(2027, 3, 31), date(2026, 12, 31)),
        ("notice_days = 60", "2026-12-31", date(2026, 12, 31), date(2026, 11, 1)),
        # the first year is over, and it has renewed once by itself
        ('term_months = 12\nrenews = "automatically"\nrenewal_months = 12', "", date(2026, 12, 31), None),
        ('term_months = 6\nrenews = "automatically"\nrenewal_months = 6', "", date(2026, 12, 31), None),
        ('term_months = 12\nrenews = "by_agreement"', "", date(2025, 12, 31), None),
        # no term outlasts the contract's own last day
        ("term_months = 36", "2026-12-31", date(2026, 12, 31), None),
        ("notice_days = 60", "", None, None),
    ],
)
def test_when_a_term_ends_and_notice_must_be_given(
    facts: str, through: str, ends: date | None, notice: date | None, tmp_path: Path
) -> None:
    found = one(tmp_path, facts, through)
    assert (found.ends, found.notice_by) == (ends, notice)


def test_where_a_contract_stands_on_a_day(tmp_path: Path) -> None:
    assert one(tmp_path, "notice_days = 60", "2026-12-31").standing == "in force"
    assert one(tmp_path, "notice_days = 60", "2026-12-31", date(2027, 1, 1)).standing == "ended"
    assert one(tmp_path, "notice_days = 60", "", date(2024, 12, 31)).standing == "to come"
    assert one(tmp_path, "term_months = 12").standing == "ended"  # nothing says that it renewed


def test_drafts_and_proposals_come_last_and_have_no_deadline_to_act_on() -> None:
    found = renewals(DAY)
    standings = [r.standing for r in found]
    assert standings == sorted(standings, key=["in force", "to come", "ended", "draft"].index)
    assert {r.name: r.on for r in found if r.standing == "draft"} == {
        "meridian_proposal_a": "meridian",
        "meridian_proposal_b": "meridian",
        "starter": "",
    }


def test_the_headline_names_the_next_deadline_and_those_missed(tmp_path: Path) -> None:
    missed = one(tmp_path / "a", "term_months = 24\nnotice_days = 120")
    ahead = one(tmp_path / "b", "term_months = 36\nnotice_days = 120")
    said = headline([missed, ahead], DAY)
    assert said == (
        "2 contracts in force or to come; next notice: A plan by 2 September 2027, in 284 days; too late for A plan."
    )


def test_the_worth_is_what_the_contract_allows_on_the_claims(tmp_path: Path) -> None:
    one(tmp_path, "term_months = 24")
    lines = builders.claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00")
    found = renewals(DAY, Pricer(lines), [str(tmp_path / "plan")])
    assert found[0].cents == 665_00  # 7 × 95.00
    assert renewals_table(found, DAY).column("worth") == (665_00,)


@pytest.mark.slow
def test_a_contract_that_begins_after_the_claims_is_worth_what_it_would_pay_from_its_first_day(tmp_path: Path) -> None:
    text = builders.header("2027-01-01", "", 'title = "A draft"') + builders.PER_DIEM
    builders.write(tmp_path / "plan", text)
    lines = builders.claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00")
    found = renewals(DAY, Pricer(lines), [str(tmp_path / "plan")])
    assert (found[0].standing, found[0].cents) == ("to come", 665_00)  # 7 × 95.00
    assert "as if from its first day" in renewals_table(found, DAY).notes[1]


@pytest.mark.slow
def test_drafts_stand_on_the_calendar_and_say_what_they_change(tmp_path: Path) -> None:
    base = builders.write(tmp_path / "plan", builders.header("2025-01-01", "", 'title = "A plan"') + builders.PER_DIEM)
    over = f'[contract]\nextends = "{base}"\ntitle = "An offer"\neffective_from = 2027-01-01\n'
    builders.write(tmp_path / "offer", over)
    found = renewals(DAY, names=[str(tmp_path / name) for name in ("plan", "offer")])
    assert [r.on for r in found] == ["", "plan"]
    assert [title for title, _ in renewals_calendar(found, DAY).values] == ["A plan", "An offer (draft)"]


@pytest.mark.slow
def test_the_calendar_says_in_words_what_it_draws(tmp_path: Path) -> None:
    chart = renewals_calendar([one(tmp_path, "term_months = 24\nnotice_days = 120")], DAY)
    assert chart.values == (("A plan", "2025-01-01 to 2026-12-31, notice by 2026-09-02"),)
    assert "notice by 2026-09-02" in chart.alt
    assert chart.svg.startswith("<svg")


@pytest.mark.slow
def test_a_narrow_screen_shows_contracts_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 characters a table would break dates over lines."""
    wide = CliRunner().invoke(app, ["contracts", "--on", "2026-11-22"]).output
    monkeypatch.setattr(screen, "PIPED_WIDTH", 80)
    narrow = CliRunner().invoke(app, ["contracts", "--on", "2026-11-22"]).output
    assert "2026-09-02, passed" in wide
    assert "  notice by            2026-09-02, passed" in narrow
    assert max(map(len, narrow.splitlines())) <= 80


@pytest.mark.slow
def test_a_draft_that_another_was_made_of_stands_in_the_table_only(tmp_path: Path) -> None:
    builders.write(tmp_path / "plan", builders.header("2025-01-01", "", 'title = "A plan"') + builders.PER_DIEM)
    over = '[contract]\nextends = "{}"\ntitle = "{}"\neffective_from = 2027-01-01\n'
    builders.write(tmp_path / "draft", over.format("plan", "First draft"), "2027.toml")
    builders.write(tmp_path / "later", over.format("draft", "Later draft"), "2027.toml")
    found = renewals(DAY, names=[str(tmp_path / name) for name in ("plan", "draft", "later")])
    assert {row[0].split(" (")[0] for row in renewals_table(found, DAY).rows} == {
        "A plan",
        "First draft",
        "Later draft",
    }
    assert [title for title, _ in renewals_calendar(found, DAY).values] == ["A plan", "Later draft"]


def dated(name: str, notice: date) -> Renewal:
    return Renewal(name, name, (), (), "in force", date(2026, 1, 1), date(2027, 12, 31), notice, "", "")


def test_two_contracts_with_the_same_day_of_notice() -> None:
    """Both by 1 February 2027, 71 days from 22 November 2026 (8 + 31 + 31 + 1): the first by name is named."""
    by = date(2027, 2, 1)
    said = headline([dated("b_plan", by), dated("a_plan", by)], DAY)
    assert said == "2 contracts in force or to come; next notice: a_plan by 1 February 2027, in 71 days."


@pytest.mark.slow
def test_many_contracts_are_drawn_on_several_pages() -> None:
    """22 contracts, 14 to a page: two pages of 11 each."""
    found = [dated(f"plan_{n:02}", date(2027, 2, 1)) for n in range(22)]
    charts = renewals_calendars(found, DAY)
    assert [len(chart.values) for chart in charts] == [11, 11]
    assert [title for chart in charts for title, _ in chart.values] == [r.title for r in found]
    assert (charts[1].name, charts[1].headline) == ("renewals_2", "Contracts 12 to 22 of 22")
    assert len(renewals_calendars(found[:14], DAY)) == 1
    assert len(renewals_calendars([], DAY)) == 1
