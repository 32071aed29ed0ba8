"""Who is told what came of a run: a command that takes the message, or a mail drop folder."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from hitmodel.errors import InputError
from hitmodel.files import written_whole
from hitmodel.ledger import Entry
from hitmodel.timetable import Schedule, Tell

COMMAND_SECONDS = 60


@dataclass(frozen=True)
class Notice:
    """What is to be told of one run."""

    entry: Entry
    message: str
    home: Path
    at: datetime

    @property
    def name(self) -> str:
        """What the run is called: its schedule and item."""
        return " ".join(part for part in (self.entry["schedule"], self.entry["item"]) if part)

    @property
    def is_good(self) -> bool:
        """Whether a report was written."""
        return bool(self.entry["status"] == "ok")


def send(schedule: Schedule, notices: Sequence[Notice]) -> list[str]:
    """Tell everybody whom the schedule names, and return what went wrong in telling; a run never fails over it."""
    problems = []
    for tell in schedule.tell:
        wanted = [n for n in notices if _is_wanted(tell, n)]
        if wanted:
            problems += list(_tell(tell, schedule, wanted))
    return problems


def subject(notices: Sequence[Notice]) -> str:
    """Return one line: how many reports, how many failed."""
    failed = [n for n in notices if not n.is_good]
    if len(notices) == 1:
        return f"{'FAILED: ' if failed else ''}{notices[0].name}"
    done = f"{notices[0].entry['schedule']}: {len(notices) - len(failed)} of {len(notices)} reports"
    return f"FAILED: {done}" if failed else done


def body(notices: Sequence[Notice]) -> str:
    """Return the message: for each run its finding, what moved, and where it lies. No patient is in any of these."""
    parts = []
    for n in notices:
        where = f"{n.home / n.entry['run']}" if n.is_good else f"as far as it got: {n.home / n.entry['run']}-failed"
        parts.append(f"{n.name} ({n.entry['edition']}): {'done' if n.is_good else 'FAILED'}\n{n.message}\n{where}\n")
    return "\n".join([*parts, f"All runs: {notices[0].home / 'index.html'}", ""])


def _is_wanted(tell: Tell, notice: Notice) -> bool:
    if tell.when == "always" or not notice.is_good:
        return True
    return tell.when == "moved" and not notice.entry["moved"].startswith("Nothing moved")


def _tell(tell: Tell, schedule: Schedule, notices: Sequence[Notice]) -> Iterator[str]:
    if tell.folder:
        try:
            _drop(tell, schedule, notices)
        except (OSError, InputError) as error:
            yield f"The message could not be put into {tell.folder}: {error}"
        return
    command = [part.replace("{subject}", subject(notices)) for part in tell.command]
    try:
        done = subprocess.run(
            command, input=body(notices), text=True, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield f"{tell.command[0]} could not be run: {error}"
        return
    if done.returncode:
        yield f"{tell.command[0]} left with {done.returncode}: {done.stderr.strip()[:200]}"


def _drop(tell: Tell, schedule: Schedule, notices: Sequence[Notice]) -> None:
    folder = Path(tell.folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    message = EmailMessage()
    message["Subject"] = subject(notices)
    message["Date"] = format_datetime(notices[-1].at)
    if tell.to:
        message["To"] = tell.to
    message.set_content(body(notices))
    with written_whole(folder / f"{schedule.name}_{notices[-1].at:%Y-%m-%d_%H%M%S}.eml") as draft:
        draft.write_bytes(bytes(message))
