"""Schedules in the foreground: a look each minute until stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def serve(look: Callable[[], None]) -> None:
    """Call ``look`` now and at each minute until interrupted. A look that takes longer is never started twice."""
    from apscheduler.schedulers.blocking import BlockingScheduler
    from apscheduler.triggers.cron import CronTrigger

    scheduler = BlockingScheduler(timezone=UTC)
    trigger = CronTrigger(minute="*", timezone=UTC)
    scheduler.add_job(
        look, trigger, max_instances=1, coalesce=True, misfire_grace_time=None, next_run_time=datetime.now(UTC)
    )
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=False)
