"""Schedules carried out: what is due is run, recorded in the ledger, told, and kept to so many runs.

One process at a time works on a folder of reports; the lock goes with the process that holds it. What a process that
was killed left half-made is swept away by the next one, which runs the same occasion again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hitmodel import paths
from hitmodel.due import Clock, Occasion, Progress, after_failure, believed, occasion, utc_now
from hitmodel.earlier_inputs import keep_inputs
from hitmodel.editions import Edition
from hitmodel.errors import HitmodelError, InputError, nearest
from hitmodel.fingerprints import fingerprints
from hitmodel.ledger import Entry, add_to_ledger, read_ledger
from hitmodel.notices import Notice, send
from hitmodel.report import Report, Request, attempt_report
from hitmodel.run_books import enter, moment
from hitmodel.run_index import write_index
from hitmodel.run_record import is_run, read_record
from hitmodel.schedule_state import STATE_FOLDER, read_state, write_state
from hitmodel.timetable import Item, Schedule, items_of

RUNS_FOLDER = "scheduled"
LOCK_FILE = "lock"
LOG_FILE = "log.txt"


@dataclass(frozen=True)
class Desk:
    """Where scheduled work is done: the folder of reports, the file of schedules, and the clock."""

    home: Path
    file: Path
    clock: Clock = utc_now
    progress: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one report: its ledger entry, and what to say of it."""

    entry: Entry
    message: str

    @property
    def is_good(self) -> bool:
        """Whether a report was written."""
        return bool(self.entry["status"] == "ok")


@dataclass(frozen=True)
class _Task:
    """One report of one occasion: an item in an edition."""

    schedule: Schedule
    occasion: Occasion
    item: Item
    edition: Edition

    def series(self, home: Path) -> Path:
        """Return the folder that holds all runs of this report."""
        name = "_".join(part for part in (self.item.name, "external" if self.edition == "external" else "") if part)
        return home / RUNS_FOLDER / self.schedule.name / name

    def folder(self, home: Path) -> Path:
        """Return a folder for this run that is not there yet, called by its moment in the schedule's time zone."""
        due = self.occasion.due.astimezone(self.schedule.zone)
        name = due.strftime("%Y-%m-%d_%H%M" if self.occasion.why == "due" else "%Y-%m-%d_%H%M%S")
        places = (self.series(home) / (name if n == 1 else f"{name}-{n}") for n in range(1, 1000))
        return next(place for place in places if not is_run(place))


@contextmanager
def only_one(home: Path) -> Iterator[bool]:
    """Hold the lock of a folder of reports while the block runs; give False, at once, where another process has it.

    Raises `InputError` where the block finds that the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    (home / STATE_FOLDER).mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / STATE_FOLDER / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    except OSError as error:
        raise InputError(
            f"the folder of reports cannot be written to: {error.strerror}",
            where=str(home),
            next_step="Make room on the disk, or give this user the right to write there. Nothing that stood there is"
            " lost, and the next call makes what is missing.",
        ) from error
    finally:
        lock.release()


def run_due(desk: Desk, schedules: Sequence[Schedule]) -> list[Outcome]:
    """Run every schedule that is due, and return what became of each report. The caller holds the lock.

    Called again at once it does nothing. A schedule seen for the first time is due from its next moment on.
    """
    outcomes: list[Outcome] = []
    for schedule in schedules:
        now = desk.clock()
        inputs = fingerprints(schedule, desk.file)
        state = read_state(desk.home, read_ledger(desk.home))
        progress = believed(state.get(schedule.name, Progress(now)), now)
        found = occasion(schedule, progress, now, inputs)
        if found:
            outcomes += _carry_out(desk, schedule, found, progress, inputs)
        elif progress != state.get(schedule.name):
            write_state(desk.home, {**state, schedule.name: _seen(schedule, progress, inputs)})
    return outcomes


def run_now(desk: Desk, schedule: Schedule, only: str = "") -> list[Outcome]:
    """Run one schedule at once, whatever its hours; ``only`` names one of its items. The caller holds the lock.

    Raises `InputError` for an item that it does not have.
    """
    items = items_of(schedule, desk.file)
    if only and only not in {item.name for item in items}:
        names = [item.name for item in items if item.name]
        raise InputError(
            f"schedule '{schedule.name}' has no item '{only}'",
            where="--item",
            expected=f"one of {', '.join(names)}" if names else "no item: it repeats over nothing",
            suggestion=nearest(only, names),
        )
    chosen = [item for item in items if not only or item.name == only]
    outcomes = _run_items(desk, schedule, Occasion(desk.clock().replace(microsecond=0), "run by hand"), chosen)
    _finish(desk, schedule, outcomes)
    return outcomes


def _carry_out(
    desk: Desk, schedule: Schedule, found: Occasion, progress: Progress, inputs: Mapping[str, str]
) -> list[Outcome]:
    """Run a schedule's reports on an occasion, and keep how far it came before and after."""
    trying = replace(progress, attempts=progress.attempts + 1, due=found.due, retry_at=None)
    if trying.attempts > schedule.retries + 1:  # broken off before it could say so, each time
        _keep(desk, schedule, replace(after_failure(schedule, trying, desk.clock()), inputs=inputs))
        return [_given_up(desk, schedule, found, trying.attempts - 1)]
    # Should this process be killed, the next one comes here again: the retry's time is already past.
    _keep(desk, schedule, replace(trying, retry_at=found.due))
    outcomes = _all_items(desk, schedule, found)
    if all(outcome.is_good for outcome in outcomes):
        _keep(desk, schedule, Progress(max(progress.done, found.due), inputs=inputs))
    else:
        after = after_failure(schedule, trying, desk.clock())
        _keep(desk, schedule, after if after.retry_at else replace(after, inputs=inputs))
    _finish(desk, schedule, outcomes)
    return outcomes


def _all_items(desk: Desk, schedule: Schedule, found: Occasion) -> list[Outcome]:
    """Run what an occasion still lacks; a table of items that cannot be read fails the schedule, and no other one."""
    try:
        items = items_of(schedule, desk.file)
    except HitmodelError as error:
        return [_failed(desk, schedule, found, str(error))]
    return _run_items(desk, schedule, found, [i for i in items if not _is_done(desk, schedule, found, i)])


def _is_done(desk: Desk, schedule: Schedule, found: Occasion, item: Item) -> bool:
    """Say whether an item's reports of this occasion are there already, from an attempt of which others failed."""
    due = moment(found.due)
    done = {
        entry["edition"]
        for entry in read_ledger(desk.home).runs()
        if entry["status"] == "ok"
        and (entry["schedule"], entry["item"], entry["due"]) == (schedule.name, item.name, due)
    }
    return done >= set(schedule.editions)


def _run_items(desk: Desk, schedule: Schedule, found: Occasion, items: Sequence[Item]) -> list[Outcome]:
    """Make the reports of all items one after another, after sweeping up what a killed process left."""
    _sweep(desk.home / RUNS_FOLDER / schedule.name)
    tasks = [_Task(schedule, found, item, edition) for item in items for edition in schedule.editions]
    return [_run(desk, task) for task in tasks]


def _run(desk: Desk, task: _Task) -> Outcome:
    """Make one report. Whatever is wrong with it stays its own trouble: it is recorded, and the last good run stays."""
    folder, started = task.folder(desk.home), desk.clock()
    facts: dict[str, object] = {
        "schedule": task.schedule.name,
        "item": task.item.name,
        "edition": task.edition,
        "report": Path(task.schedule.notebook).stem,
        "due": moment(task.occasion.due),
        "why": task.occasion.why,
    }
    request = Request(
        notebook=task.schedule.notebook,
        given=task.item.given,
        edition=task.edition,
        out=folder,
        formats=task.schedule.formats,
        values=task.item.values,
        previous=_previous(desk.home, task),
        limits=task.schedule.limits,
        home=desk.home,
    )
    made = attempt_report(request, progress=desk.progress)
    if isinstance(made, str):
        _log(desk, folder, facts, made)
        failed = {**facts, "status": "failed", "headline": made}
        return Outcome(enter(desk.home, folder, failed, (started, desk.clock())), made)
    if task.edition == "internal":
        keep_inputs(task.series(desk.home).as_posix(), read_record(folder))
    good = {**facts, "status": "ok", "headline": made.headline, "moved": made.moved}
    return Outcome(enter(desk.home, folder, good, (started, desk.clock())), _message(made))


def _message(made: Report) -> str:
    return f"{made.headline}\n{made.moved}".strip()


def _given_up(desk: Desk, schedule: Schedule, found: Occasion, attempts: int) -> Outcome:
    said = (
        f"The run was broken off {attempts} times before it ended (power, memory or a killed process) and is given up. "
        f"Try 'hitmodel schedule run {schedule.name}', with a memory_limit_mb if memory was short."
    )
    outcome = _failed(desk, schedule, found, said)
    _finish(desk, schedule, [outcome])
    return outcome


def _failed(desk: Desk, schedule: Schedule, found: Occasion, said: str) -> Outcome:
    """Record that a schedule as a whole came to nothing."""
    now = desk.clock()
    facts = {"schedule": schedule.name, "edition": schedule.editions[0], "report": Path(schedule.notebook).stem}
    facts |= {"due": moment(found.due), "why": found.why, "status": "failed", "headline": said}
    return Outcome(enter(desk.home, desk.home / RUNS_FOLDER / schedule.name, facts, (now, now)), said)


def _finish(desk: Desk, schedule: Schedule, outcomes: Sequence[Outcome]) -> None:
    """Take away old runs, write the index, and tell whom the schedule names."""
    for task_folder in sorted((desk.home / RUNS_FOLDER / schedule.name).glob("**/")):
        _keep_so_many(desk, task_folder, schedule.keep)
    write_index(desk.home)
    notices = [Notice(o.entry, o.message, desk.home, desk.clock()) for o in outcomes]
    for problem in send(schedule, notices):
        add_to_ledger(desk.home, [{"event": "not told", "run": "", "schedule": schedule.name, "headline": problem}])


def _keep_so_many(desk: Desk, series: Path, keep: int) -> None:
    runs = [entry["run"] for entry in read_ledger(desk.home).runs() if entry["status"] == "ok"]
    order = {run: number for number, run in enumerate(runs)}
    held = [p for p in series.iterdir() if is_run(p)] if series.is_dir() else []
    held.sort(key=lambda p: order.get(p.relative_to(desk.home).as_posix(), -1))
    for folder in held[:-keep]:
        add_to_ledger(desk.home, [{"event": "removed", "run": folder.relative_to(desk.home).as_posix()}])
        shutil.rmtree(folder)


def _previous(home: Path, task: _Task) -> Path | None:
    """Return the last good run of the same report that is still there."""
    if task.edition == "external":
        return None
    key = (task.schedule.name, task.item.name, task.edition)
    for entry in reversed(read_ledger(home).entries):
        if entry["event"] == "run" and entry["status"] == "ok":
            folder = home / str(entry["run"])
            if (entry["schedule"], entry["item"], entry["edition"]) == key and is_run(folder):
                return folder
    return None


def _log(desk: Desk, folder: Path, facts: Mapping[str, object], said: str) -> None:
    """Write what happened beside the notebook as far as it got; on a full disk there is the ledger's word alone."""
    kept = folder.with_name(f"{folder.name}-failed")
    lines = [*(f"{name}: {value}" for name, value in facts.items() if value), f"failed: {moment(desk.clock())}", said]
    try:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / LOG_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError:
        shutil.rmtree(kept, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Take away drafts of a process that was killed: folders whose names begin with a dot."""
    for draft in [p for p in place.rglob(".*") if p.is_dir()] if place.is_dir() else []:
        shutil.rmtree(draft, ignore_errors=True)


def _seen(schedule: Schedule, progress: Progress, inputs: Mapping[str, str]) -> Progress:
    """Return progress at first sight: a schedule with hours notes what is there, so that only later changes count."""
    return replace(progress, inputs=inputs) if schedule.cron and not progress.inputs else progress


def _keep(desk: Desk, schedule: Schedule, progress: Progress) -> None:
    state = read_state(desk.home, read_ledger(desk.home))
    write_state(desk.home, {**state, schedule.name: progress})


def reports_home(given: Path | None = None) -> Path:
    """Return the folder of reports: the one given, else the usual one."""
    return given or paths.reports()
