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
from hitmodel.report import FORMATS, Request, attempt_report
from hitmodel.run_books import record_all
from hitmodel.shell_runner import run_here
from hitmodel.timetable import Item

Step = Callable[[int], None]
"""Told how many reports are done."""


@dataclass(frozen=True)
class Batch:
    """Reports to make: one notebook over many items, each into a folder of its own under ``out``."""

    notebook: str
    items: tuple[Item, ...]
    out: Path
    edition: Edition = "internal"
    formats: tuple[str, ...] = FORMATS

    def requests(self) -> Iterator[Request]:
        """Yield what to report for each item, in order."""
        for item in self.items:
            yield Request(
                self.notebook, item.given, self.edition, self.out / item.name, self.formats, values=item.values
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
    if jobs == 1 or len(requests) == 1:
        for number, request in enumerate(requests):
            found[number] = make_one(request)
            step(len(found))
    else:
        found = _pooled(requests, jobs, step)
    return [found[number] for number in range(len(requests))]


def _pooled(requests: Sequence[Request], jobs: int, step: Step) -> dict[int, Made]:
    """Make reports in a pool; should a process die, what is not made yet is made one by one, each in its own pool."""
    found: dict[int, Made] = {}
    with _pool(jobs) as pool:
        futures = {pool.submit(make_one, request): number for number, request in enumerate(requests)}
        for future in as_completed(futures):
            made = _result(future)
            if made:
                found[futures[future]] = made
                step(len(found))
    for number, request in enumerate(requests):
        if number not in found:
            with _pool(1) as alone:
                made = _result(alone.submit(make_one, request))
            died = "the process died, perhaps for want of memory"
            found[number] = made or replace(_named(request), error=died)
            step(len(found))
    return found


def make_one(request: Request) -> Made:
    """Make one report in this process; what is wrong with it is said and not raised."""
    named = _named(request)
    report = attempt_report(request, run=run_here)
    return replace(named, error=report) if isinstance(report, str) else replace(named, headline=report.headline)


def _named(request: Request) -> Made:
    if request.out is None:
        raise InputError("a report of a batch has no folder")
    return Made(request.out.name, request.out)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Fresh processes on every system: a forked one would share locks and threads of this one.
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def _result(future: Future[Made]) -> Made | None:
    """Return what a process made; None when it died over this or another report."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None
