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
def run_due(
    file: SchedulesFile = None,
    reports: ReportsFolder = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when nothing is due.")] = False,
) -> None:
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
    _say(outcomes, nothing="" if quiet else "Nothing is due.")


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


@group.command("serve")
def serve(file: SchedulesFile = None, reports: ReportsFolder = None) -> None:
    """Run what is due, minute by minute, until stopped with Ctrl-C; for computers without a timer.

    hitmodel schedule serve --file data/local/schedules.toml
    """
    from hitmodel.schedule_server import serve as serve_until_stopped

    place, schedules = _read(file)
    home = _home(reports)
    typer.echo(f"{len(schedules)} schedules of {place}; looking every minute. Ctrl-C stops.")
    serve_until_stopped(lambda: _look(place, home))


@group.command("export")
def export(
    cron: Annotated[bool, typer.Option("--cron", help="A crontab.")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="A systemd service and timer.")] = False,
    windows: Annotated[bool, typer.Option("--windows", help="A task for the Windows Task Scheduler.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; printed when not given.")] = None,
    file: SchedulesFile = None,
    reports: ReportsFolder = None,
) -> None:
    """Write the files with which the computer's own timer calls run-due every five minutes.

    hitmodel schedule export --systemd --out ~/.config/systemd/user
    """
    from hitmodel import timer_files
    from hitmodel.errors import InputError

    makers = (
        [timer_files.cron_file] * cron + [timer_files.systemd_files] * systemd + [timer_files.windows_file] * windows
    )
    if not makers:
        raise InputError("no timer is named", expected="--cron, --systemd or --windows")
    place, _ = _read(file)
    call = timer_files.Call(place, _home(reports), Path.cwd())
    for name, text in (pair for maker in makers for pair in maker(call).items()):
        if out is None:
            typer.echo(text)
        else:
            _write(out / name, text)


def _write(place: Path, text: str) -> None:
    from hitmodel.files import written_whole
    from hitmodel.timer_files import HOW_TO_INSTALL

    place.parent.mkdir(parents=True, exist_ok=True)
    encoding = "utf-16" if place.suffix == ".xml" else "utf-8"  # the Task Scheduler reads nothing else
    with written_whole(place) as draft:
        draft.write_text(text, encoding=encoding)
    typer.echo(f"{place}: {HOW_TO_INSTALL[place.name].format(place=place)}")


def _look(file: Path, reports: Path) -> None:
    """Run what is due once, the file of schedules read anew; what is wrong with it is said, and serving goes on."""
    from hitmodel.errors import HitmodelError

    try:
        run_due(file, reports, quiet=True)
    except HitmodelError as error:
        typer.echo(f"hitmodel: {error}", err=True)
    except typer.Exit:
        typer.echo("A report failed; see above.", err=True)


def _home(reports: Path | None) -> Path:
    from hitmodel.scheduled import reports_home

    return reports_home(reports)


def _read(file: Path | None) -> tuple[Path, tuple[Schedule, ...]]:
    from hitmodel.timetable import load_schedules, schedules_file

    place = schedules_file(file)
    return place, load_schedules(place)


def _desk(file: Path | None, reports: Path | None) -> tuple[Desk, tuple[Schedule, ...]]:
    from hitmodel.scheduled import Desk

    place, schedules = _read(file)
    return Desk(_home(reports), place, progress=sys.stderr.isatty()), schedules


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
    if not outcomes and nothing:
        typer.echo(nothing)
    for outcome in outcomes:
        entry = outcome.entry
        name = " ".join(part for part in (entry["schedule"], entry["item"], entry["edition"]) if part)
        typer.echo(f"{name}: {'done' if outcome.is_good else 'FAILED'}")
        for line in (*outcome.message.splitlines(), entry["run"] if outcome.is_good else f"{entry['run']}-failed"):
            typer.echo(f"  {line}")
    if any(not outcome.is_good for outcome in outcomes):
        raise typer.Exit(FAILED)
