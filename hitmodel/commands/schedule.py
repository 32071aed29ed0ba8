"""``hitmodel schedule``: reports that are made by themselves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.scheduled import Desk, Outcome
    from hitmodel.timetable import Schedule

FAILED = 1
SchedulesFile = Annotated[
    Path | None, typer.Option("--file", help="The file of schedules; else schedules.toml here, or in data/local.")
]
ReportsFolder = Annotated[Path | None, typer.Option("--reports", help="The folder of reports; else reports/.")]
ScheduleName = Annotated[str, typer.Argument(help="A schedule's name.", metavar="NAME")]

group = typer.Typer(no_args_is_help=True, help="Reports that are made by themselves; see docs/schedules.md.")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="schedule")


@group.command("list")
def list_schedules(file: SchedulesFile = None) -> None:
    """List the schedules: what they run, when, over what.

    hitmodel schedule list --file data/samples/schedules.toml
    """
    from hitmodel.commands.screen import console, table
    from hitmodel.due import spoken_hours
    from hitmodel.timetable import items_of

    place, schedules = _read(file)
    rows = []
    for s in schedules:
        items = ", ".join(item.name for item in items_of(s, place)) or "–"
        rows.append((s.name, s.notebook, spoken_hours(s), items, ", ".join(s.editions), str(s.keep)))
    console().print(table(["schedule", "notebook", "when", "over", "editions", "keeps"], rows, numbers=["keeps"]))


@group.command("next")
def show_next(
    file: SchedulesFile = None,
    count: Annotated[int, typer.Option(help="How many moments of each schedule.", min=1, max=100)] = 3,
) -> None:
    """Show when each schedule is due next, in its own time zone.

    hitmodel schedule next --count 5
    """
    from hitmodel.commands.screen import console, table
    from hitmodel.due import next_moments, utc_now

    _, schedules = _read(file)
    now = utc_now()
    rows = []
    for s in schedules:
        moments = next_moments(s, now, count)
        rows += [(s.name, f"{moment:%a %Y-%m-%d %H:%M}", s.time_zone) for moment in moments]
        if not moments:
            rows.append((s.name, "when its inputs change", ""))
    console().print(table(["schedule", "due", "time zone"], rows))


@group.command("run-due")
def run_due(file: SchedulesFile = None, reports: ReportsFolder = None) -> None:
    """Run what is due, once; any timer may call this as often as it likes.

    hitmodel schedule run-due --file data/local/schedules.toml
    """
    from hitmodel import scheduled

    desk, schedules = _desk(file, reports)
    with scheduled.only_one(desk.home) as alone:
        if not alone:
            typer.echo("Another process is running schedules here; nothing was started.")
            return
        outcomes = scheduled.run_due(desk, schedules)
    _say(outcomes, nothing="Nothing is due.")


@group.command("run")
def run(
    name: ScheduleName,
    item: Annotated[str, typer.Option(help="Only this item of what the schedule repeats over.")] = "",
    file: SchedulesFile = None,
    reports: ReportsFolder = None,
) -> None:
    """Run one schedule now, whatever its hours.

    hitmodel schedule run comparison --file data/samples/schedules.toml
    """
    from hitmodel import scheduled
    from hitmodel.errors import InputError

    desk, schedules = _desk(file, reports)
    schedule = _named(name, schedules)
    with scheduled.only_one(desk.home) as alone:
        if not alone:
            raise InputError("another process is running schedules here", next_step="Wait until it has ended.")
        outcomes = scheduled.run_now(desk, schedule, item)
    _say(outcomes, nothing="The schedule repeats over nothing.")


def _read(file: Path | None) -> tuple[Path, tuple[Schedule, ...]]:
    from hitmodel.timetable import load_schedules, schedules_file

    place = schedules_file(file)
    return place, load_schedules(place)


def _desk(file: Path | None, reports: Path | None) -> tuple[Desk, tuple[Schedule, ...]]:
    from hitmodel.scheduled import Desk, reports_home

    place, schedules = _read(file)
    return Desk(reports_home(reports), place, progress=sys.stderr.isatty()), schedules


def _named(name: str, schedules: Sequence[Schedule]) -> Schedule:
    from hitmodel.errors import InputError, nearest

    for schedule in schedules:
        if schedule.name == name:
            return schedule
    names = [schedule.name for schedule in schedules]
    raise InputError(
        f"there is no schedule '{name}'", expected=f"one of {', '.join(names)}", suggestion=nearest(name, names)
    )


def _say(outcomes: Sequence[Outcome], *, nothing: str) -> None:
    """Print what became of each report; leave with 1 when any failed."""
    if not outcomes:
        typer.echo(nothing)
    for outcome in outcomes:
        entry = outcome.entry
        name = " ".join(part for part in (entry["schedule"], entry["item"], entry["edition"]) if part)
        typer.echo(f"{name}: {'done' if outcome.is_good else 'FAILED'}")
        for line in (*outcome.message.splitlines(), entry["run"] if outcome.is_good else f"{entry['run']}-failed"):
            typer.echo(f"  {line}")
    if any(not outcome.is_good for outcome in outcomes):
        raise typer.Exit(FAILED)
