"""When a schedule is due. Nothing here reads a clock: the time is always given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from cronsim import CronSim

from hitmodel.timetable import Schedule

Clock = Callable[[], datetime]
"""Gives the time now, aware of its zone."""

WRONG_CLOCK = timedelta(days=1)
"""A moment so far ahead of now was noted under a clock that was wrong, and is not believed."""


@dataclass(frozen=True)
class Progress:
    """How far a schedule has come: the moment through which it is ``done``, and a retry that waits.

    ``done`` is also the moment when the schedule was first seen, so that a new one does not catch up its past.
    ``attempts`` counts failed or broken-off attempts at the occasion of ``due``; ``inputs`` are fingerprints of what
    may change, as they were when it last ran.
    """

    done: datetime
    attempts: int = 0
    due: datetime | None = None
    retry_at: datetime | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Occasion:
    """A moment at which a schedule is due, and why, in words."""

    due: datetime
    why: str


def utc_now() -> datetime:
    """Return the time of the computer's clock."""
    return datetime.now(UTC)


def latest_moment(schedule: Schedule, now: datetime) -> datetime | None:
    """Return the last moment at or before ``now`` at which the schedule's cron expression holds."""
    if not schedule.cron:
        return None
    just_after = (now + timedelta(minutes=1)).replace(second=0, microsecond=0)
    moments = CronSim(schedule.cron, just_after.astimezone(schedule.zone), reverse=True)
    return next((moment.astimezone(UTC) for moment in moments), None)


def next_moments(schedule: Schedule, now: datetime, count: int) -> list[datetime]:
    """Return the next moments of the cron expression, in the schedule's own time zone; none without one."""
    if not schedule.cron:
        return []
    return list(islice(CronSim(schedule.cron, now.astimezone(schedule.zone)), count))


def believed(progress: Progress, now: datetime) -> Progress:
    """Return progress with moments that lie far ahead of now, noted under a wrong clock, put back to now."""
    if progress.done - now > WRONG_CLOCK:
        progress = replace(progress, done=now)
    if progress.retry_at and progress.retry_at - now > WRONG_CLOCK:
        progress = replace(progress, retry_at=now)
    return progress


def occasion(schedule: Schedule, progress: Progress, now: datetime, inputs: Mapping[str, str]) -> Occasion | None:
    """Return why a schedule is due now, or None.

    A retry comes first, once its time has come. Of several missed moments only the last one is caught up. ``inputs``
    are fingerprints of what may change; a schedule that runs on change alone is due at first sight.
    """
    if progress.retry_at and progress.due:
        return Occasion(progress.due, "tried again") if progress.retry_at <= now else None
    moment = latest_moment(schedule, now)
    if moment and moment > progress.done:
        return Occasion(moment, "due")
    changed = [cause for cause in schedule.on_change if inputs.get(cause) != progress.inputs.get(cause)]
    if changed and (progress.inputs or not schedule.cron):
        return Occasion(now, f"new {' and '.join(changed)}" if progress.inputs else "first run")
    return None


def after_failure(schedule: Schedule, progress: Progress, now: datetime) -> Progress:
    """Return progress after a failed attempt: another try in some minutes, or the occasion given up."""
    if progress.attempts > schedule.retries:
        return replace(progress, done=max(progress.done, progress.due or now), attempts=0, due=None, retry_at=None)
    return replace(progress, retry_at=now + timedelta(minutes=schedule.retry_minutes))


def spoken_hours(schedule: Schedule) -> str:
    """Say in words when a schedule is due."""
    parts = [f"on new {' or '.join(schedule.on_change)}"] if schedule.on_change else []
    if schedule.cron:
        now = datetime(2025, 1, 1, tzinfo=schedule.zone)
        parts.insert(0, f"{CronSim(schedule.cron, now).explain()}, {schedule.time_zone}")
    return "; ".join(parts)
