"""The ledger of all runs: one line for each event, each line holding the hash of the one before it.

Lines are only ever added. A line that a power cut left half-written was never acknowledged and is cut off before the
next one; any other change of a line, or a line taken out, breaks the chain and is named.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hitmodel.errors import InputError
from hitmodel.run_record import canonical, checksum

LEDGER_FILE = "ledger.jsonl"
LOCK_FILE = ".ledger.lock"
START = "0" * 64
LOCK_SECONDS = 30
Entry = dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    """What a ledger says. ``broken`` names the first line at which the chain does not hold, "" when it does."""

    entries: tuple[Entry, ...]
    broken: str = ""
    tail: int = field(default=0, repr=False)
    """Bytes of a line that was not finished."""

    def runs(self) -> Iterator[Entry]:
        """Yield the entries of runs, first to last."""
        return (entry for entry in self.entries if entry["event"] == "run")

    @property
    def removed(self) -> frozenset[str]:
        """Folders of runs that were deleted as agreed, to keep only so many."""
        return frozenset(entry["run"] for entry in self.entries if entry["event"] == "removed")


def read_ledger(home: Path) -> Ledger:
    """Return the ledger of a folder of reports; an empty one when there is none."""
    file = home / LEDGER_FILE
    if not file.is_file():
        return Ledger(())
    content = file.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    entries: list[Entry] = []
    previous = START
    for number, line in enumerate(whole.splitlines(), start=1):
        entry = _entry(line)
        if entry is None or entry["number"] != number or entry["previous"] != previous or not _holds(entry):
            return Ledger(tuple(entries), f"{file}, line {number}", len(content) - len(whole))
        entries.append(entry)
        previous = entry["hash"]
    return Ledger(tuple(entries), "", len(content) - len(whole))


def add_to_ledger(home: Path, events: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Add events in order and return their entries; they are on the disk when this returns.

    Raises
    ------
    InputError
        The chain is broken: nothing is added to a ledger that was changed by hand. Or another process holds it.
    """
    from filelock import FileLock, Timeout

    home.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home / LOCK_FILE, timeout=LOCK_SECONDS):
            return _append(home, events)
    except Timeout:
        raise InputError(
            f"another process has held the ledger for {LOCK_SECONDS} seconds",
            where=str(home / LEDGER_FILE),
            next_step="Wait for it to end, then try again.",
        ) from None


def _append(home: Path, events: Sequence[Mapping[str, Any]]) -> list[Entry]:
    held = read_ledger(home)
    if held.broken:
        raise InputError(
            "the ledger was changed: this line does not follow from the one before it",
            where=held.broken,
            next_step=f"Put {LEDGER_FILE} back from a copy, or move it away to begin a new one.",
        )
    added: list[Entry] = []
    previous = held.entries[-1]["hash"] if held.entries else START
    for number, facts in enumerate(events, start=len(held.entries) + 1):
        entry: Entry = {"number": number, **facts, "previous": previous}
        previous = entry["hash"] = checksum(canonical(entry))
        added.append(entry)
    with (home / LEDGER_FILE).open("ab") as file:
        if held.tail:
            file.truncate(file.tell() - held.tail)
        file.write(b"".join(json.dumps(entry, ensure_ascii=False).encode("utf-8") + b"\n" for entry in added))
        file.flush()
        os.fsync(file.fileno())
    return added


def _entry(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    known = isinstance(entry, dict) and {"number", "event", "run", "previous", "hash"} <= entry.keys()
    return entry if known else None


def _holds(entry: Entry) -> bool:
    return checksum(canonical({k: v for k, v in entry.items() if k != "hash"})) == str(entry["hash"])
