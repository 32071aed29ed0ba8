"""When a schedule is due, on days that have no two o'clock and on days that have it twice."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hitmodel.due import Occasion, Progress, after_failure, believed, latest_moment, next_moments, occasion
from hitmodel.timetable import Schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def schedule(cron: str | None = "0 6 2 * *", **given: Any) -> Schedule:
    return Schedule(name="monthly", notebook="n", cron=cron, time_zone="America/New_York", **given)


def moments_met(cron: str, first: str, last: str) -> list[str]:
    """Every occasion that somebody meets who asks each ten minutes, as the local clock shows it."""
    asked, progress, now = schedule(cron), Progress(at(first)), at(first)
    met = []
    while now < at(last):
        found = occasion(asked, progress, now, {})
        if found:
            met.append(found.due.astimezone(asked.zone).isoformat(timespec="minutes"))
            progress = Progress(found.due)
        now += timedelta(minutes=10)
    return met


def test_an_hour_that_is_skipped_or_comes_twice_gives_one_run_a_day() -> None:
    # 2026-03-08 has no 02:30 in New York, 2026-11-01 has 01:30 twice; Debian's cron runs each once.
    assert moments_met("30 2 * * *", "2026-03-07T00:00-05:00", "2026-03-10T00:00-04:00") == [
        "2026-03-07T02:30-05:00",
        "2026-03-08T03:00-04:00",
        "2026-03-09T02:30-04:00",
    ]
    assert moments_met("30 1 * * *", "2026-10-31T00:00-04:00", "2026-11-03T00:00-05:00") == [
        "2026-10-31T01:30-04:00",
        "2026-11-01T01:30-04:00",
        "2026-11-02T01:30-05:00",
    ]


def test_missed_moments_are_caught_up_once_and_a_new_schedule_has_no_past() -> None:
    monthly, seen = schedule(), Progress(at("2026-01-15T00:00-05:00"))
    assert occasion(monthly, seen, at("2026-02-02T05:59-05:00"), {}) is None
    late = occasion(monthly, seen, at("2026-06-20T12:00-04:00"), {})
    assert late == Occasion(at("2026-06-02T06:00-04:00"), "due")
    assert occasion(monthly, Progress(late.due), at("2026-06-20T12:00-04:00"), {}) is None


def test_a_moment_counts_from_its_own_minute() -> None:
    assert latest_moment(schedule(), at("2026-06-02T06:00:00-04:00")) == at("2026-06-02T06:00-04:00")
    assert latest_moment(schedule(), at("2026-06-02T05:59:59-04:00")) == at("2026-05-02T06:00-04:00")
    assert [f"{m:%m-%d %H:%M}" for m in next_moments(schedule(), at("2026-06-02T06:00-04:00"), 2)] == [
        "07-02 06:00",
        "08-02 06:00",
    ]


def test_a_clock_set_back_a_little_runs_nothing_twice_and_one_that_was_years_ahead_is_not_believed() -> None:
    daily, done = schedule("0 6 * * *"), Progress(at("2026-06-02T06:00-04:00"))
    back = at("2026-06-02T05:50-04:00")
    assert believed(done, back) == done
    assert occasion(daily, done, at("2026-06-02T06:05-04:00"), {}) is None
    wrong = Progress(at("2040-01-01T06:00-05:00"))
    now = at("2026-06-02T12:00-04:00")
    assert occasion(daily, believed(wrong, now), now, {}) is None
    assert occasion(daily, believed(wrong, now), at("2026-06-03T06:00-04:00"), {}) is not None


def test_a_failed_attempt_waits_its_minutes_and_is_given_up_after_the_last() -> None:
    asked = schedule(retries=1, retry_minutes=10)
    due, now = at("2026-06-02T06:00-04:00"), at("2026-06-02T06:01-04:00")
    first = after_failure(asked, Progress(at("2026-05-02T06:00-04:00"), attempts=1, due=due), now)
    assert occasion(asked, first, now + timedelta(minutes=9), {}) is None
    assert occasion(asked, first, now + timedelta(minutes=10), {}) == Occasion(due, "tried again")
    second = after_failure(asked, Progress(first.done, attempts=2, due=due), now)
    assert second == Progress(due)


def test_a_change_is_an_occasion_and_the_first_sight_of_a_schedule_with_hours_is_none() -> None:
    both = schedule(on_change=("claims", "prices"))
    now = at("2026-06-20T12:00-04:00")
    seen = Progress(now, inputs={"claims": "a", "prices": "b"})
    assert occasion(both, seen, now, {"claims": "a", "prices": "b"}) is None
    assert occasion(both, seen, now, {"claims": "x", "prices": "b"}) == Occasion(now, "new claims")
    assert occasion(both, Progress(now), now, {"claims": "a", "prices": "b"}) is None
    assert occasion(schedule(None, on_change=("claims",)), Progress(now), now, {"claims": "a"}) == Occasion(
        now, "first run"
    )


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
def test_a_year_of_days_has_a_run_for_each_in_any_zone(zone: str) -> None:
    asked = Schedule(name="daily", notebook="n", cron="0 6 * * *", time_zone=zone)
    days = [moment.date() for moment in next_moments(asked, at("2026-01-01T00:00+00:00"), 365)]
    assert all((b - a).days == 1 for a, b in itertools.pairwise(days))
