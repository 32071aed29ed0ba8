"""A schedule's world without kernels: a clock that stands still, and reports that are made of nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hitmodel.files import folder_written_whole
from hitmodel.report import Report, Request
from hitmodel.run_record import RUN_FILE, write_record


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text)

    def forward(self, **span: int) -> None:
        self.now += timedelta(**span)


def clock_at(text: str) -> Clock:
    return Clock(datetime.fromisoformat(text).astimezone(UTC))


@dataclass
class Press:
    """Makes reports of a page and a record; ``before`` is called first and may raise."""

    made: list[Request] = field(default_factory=list)
    before: Callable[[Request], None] = lambda request: None

    def __call__(self, request: Request, **how: object) -> Report:
        self.made.append(request)
        self.before(request)
        assert request.out is not None
        page = f"{request.notebook}.html"
        content = f"{sorted(request.values.items())} {request.given} {request.edition}".encode()
        with folder_written_whole(request.out, RUN_FILE) as folder:
            (folder / page).write_bytes(content)
            facts = {"report": request.notebook, "edition": request.edition, "inputs": []}
            (folder / RUN_FILE).write_bytes(write_record(facts, {page: content}))
        moved = "Nothing moved: the same inputs, the same figures." if request.previous else ""
        return Report(request.out, request.out / page, None, "A finding.", moved)


def schedules_in(folder: Path, text: str) -> Path:
    file = folder / "schedules.toml"
    file.write_text(text, encoding="utf-8")
    return file
