"""One report for each row of a table, several processes at a time; one that fails fails alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

from hitmodel.due import utc_now
from hitmodel.editions import Edition
from hitmodel.errors import InputError
from hitmodel.limited import TookTooMuch, limit_memory, no_longer_than
from hitmodel.report import FORMATS, Request, attempt_report
from hitmodel.run_books import home_of, record_all
from hitmodel.runner import NO_LIMITS, Limits
from hitmodel.shell_runner import run_here
from hitmodel.timetable import Item

DIED = "the process died, for want of memory or because it did not heed its time limit; give it more, or ask for less"
Step = Callable[[int], None]
"""Told how many reports are done."""


@dataclass(frozen=True)
class Batch:
    """Reports to make: one notebook over many items, each into a folder of its own under ``out``.

    ``limits`` hold for each report, its files included. Without ``keeps_notebooks`` no executed notebook is kept.
    """

    notebook: str
    items: tuple[Item, ...]
    out: Path
    edition: Edition = "internal"
    formats: tuple[str, ...] = FORMATS
    limits: Limits = NO_LIMITS
    keeps_notebooks: bool = True

    @property
    def home(self) -> Path:
        """The folder of reports in whose ledger the batch is entered."""
        return home_of(self.out)

    def requests(self) -> Iterator[Request]:
        """Yield what to report for each item, in order."""
        for item in self.items:
            yield Request(
                notebook=self.notebook,
                given=item.given,
                edition=self.edition,
                out=self.out / item.name,
                formats=self.formats,
                values=item.values,
                limits=self.limits,
                home=self.home,
                keeps_notebook=self.keeps_notebooks,
            )


@dataclass(frozen=True)
class Made:
    """What became of one item: its headline, or what was wrong."""

    name: str
    folder: Path
    headline: str = ""
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Whether a report was written."""
        return not self.error


def make_batch(batch: Batch, jobs: int | None = None, step: Step = lambda done: None) -> list[Made]:
    """Make every report of a batch and return what became of each, in the order of the table.

    ``jobs`` processes work at a time, one for each core when None. Results are recorded in the ledger of the folder of
    reports that ``out`` lies in, or of ``out`` itself.
    """
    started = utc_now()
    requests = list(batch.requests())
    made = _made(requests, jobs or multiprocessing.cpu_count(), step)
    rows = [
        (m.folder, {"item": m.name, "status": "ok" if m.is_good else "failed", "headline": m.headline or m.error})
        for m in made
    ]
    shared = {"report": Path(batch.notebook).stem, "edition": batch.edition, "why": f"batch {batch.out.name}"}
    record_all(batch.out, [(folder, {**shared, **facts}) for folder, facts in rows], (started, utc_now()))
    return made


def _made(requests: Sequence[Request], jobs: int, step: Step) -> list[Made]:
    found: dict[int, Made] = {}
    if (jobs == 1 or len(requests) == 1) and all(request.limits == NO_LIMITS for request in requests):
        for number, request in enumerate(requests):
            found[number] = make_one(request)
            step(len(found))
    else:
        found = _pooled(requests, jobs, step)
    return [found[number] for number in range(len(requests))]


def _pooled(requests: Sequence[Request], jobs: int, step: Step) -> dict[int, Made]:
    """Make reports in a pool; should a process die, what is not made yet is made one by one, each in its own pool."""
    found: dict[int, Made] = {}
    limits = requests[0].limits
    with _pool(jobs, limits) as pool:
        futures = {pool.submit(make_one, request): number for number, request in enumerate(requests)}
        for future in as_completed(futures):
            made = _result(future)
            if made:
                found[futures[future]] = made
                step(len(found))
    for number, request in enumerate(requests):
        if number not in found:
            with _pool(1, limits) as alone:
                made = _result(alone.submit(make_one, request))
            found[number] = made or replace(_named(request), error=DIED)
            step(len(found))
    return found


def make_one(request: Request) -> Made:
    """Make one report in this process; what is wrong with it is said and not raised."""
    named = _named(request)
    try:
        with no_longer_than(request.limits.seconds):
            report = attempt_report(request, run=run_here)
    except TookTooMuch as error:  # it rang between two steps
        report = str(error)
    return replace(named, error=report) if isinstance(report, str) else replace(named, headline=report.headline)


def _named(request: Request) -> Made:
    if request.out is None:
        raise InputError("a report of a batch has no folder")
    return Made(request.out.name, request.out)


def _pool(jobs: int, limits: Limits) -> ProcessPoolExecutor:
    # Fresh processes on every system: a forked one would share locks and threads of this one.
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, spawn, initializer=limit_memory, initargs=(limits.megabytes,))


def _result(future: Future[Made]) -> Made | None:
    """Return what a process made; None when it died over this or another report."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None
