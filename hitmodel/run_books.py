"""Finished runs entered into the ledger of their folder of reports, and the page of all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hitmodel import paths
from hitmodel.ledger import Entry, add_to_ledger
from hitmodel.run_answers import external_file
from hitmodel.run_index import write_index
from hitmodel.run_record import RUN_FILE, SEAL, Facts, checksum, is_run, read_record

Times = tuple[datetime, datetime]
"""When a run started and when it ended."""


def enter(home: Path, folder: Path, facts: Mapping[str, object], times: Times) -> Entry:
    """Add a finished or failed run to the ledger of ``home``, and return its entry."""
    return add_to_ledger(home, [_facts(home, folder, facts, times)])[0]


def record_all(place: Path, runs: Sequence[tuple[Path, Mapping[str, object]]], times: Times) -> list[Entry]:
    """Add runs that lie under ``place`` to the ledger, and write the page of all runs again.

    The ledger is that of the usual folder of reports where the runs lie in it, else that of ``place``.
    """
    home = home_of(place)
    entries = add_to_ledger(home, [_facts(home, folder, facts, times) for folder, facts in runs])
    write_index(home)
    return entries


def home_of(place: Path) -> Path:
    """Return the folder of reports that ``place`` belongs to: the usual one where it lies in that, else itself."""
    usual = paths.reports()
    return usual if place.resolve().is_relative_to(usual.resolve()) else place


def moment(when: datetime) -> str:
    """Return a moment as the ledger writes it: UTC, to the second."""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def _facts(home: Path, folder: Path, facts: Mapping[str, object], times: Times) -> dict[str, object]:
    found = read_record(folder) if is_run(folder) and facts["status"] == "ok" else {}
    return {
        "schedule": "",
        "item": "",
        "due": None,
        "moved": "",
        **facts,
        "event": "run",
        "run": folder.resolve().relative_to(home.resolve()).as_posix(),
        "started": moment(times[0]),
        "finished": moment(times[1]),
        "parameters": found.get("parameters", {}),
        "record": checksum((folder / RUN_FILE).read_bytes()) if found else "",
        **_kept(home, found),
    }


def _kept(home: Path, record: Facts) -> dict[str, str]:
    """Return the checksum of what the house keeps of an external run, so that the ledger vouches for it too."""
    file = external_file(home, str(record.get(SEAL, "")))
    return {"kept": checksum(file.read_bytes())} if record and file.is_file() else {}
