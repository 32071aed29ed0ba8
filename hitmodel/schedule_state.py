"""How far each schedule has come, kept in a file that is replaced whole, so that a power cut cannot spoil it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from hitmodel.due import Progress
from hitmodel.files import written_whole
from hitmodel.ledger import Ledger

STATE_FOLDER = ".schedules"
STATE_FILE = "state.json"


def read_state(home: Path, ledger: Ledger) -> dict[str, Progress]:
    """Return the progress of each schedule by name; worked out from the ledger when the file is gone or spoilt."""
    file = home / STATE_FOLDER / STATE_FILE
    try:
        held = json.loads(file.read_bytes())
        return {name: _progress(facts) for name, facts in held.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _from_ledger(ledger)


def write_state(home: Path, state: Mapping[str, Progress]) -> None:
    """Write the progress of each schedule; it is on the disk when this returns."""
    folder = home / STATE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: _facts(progress) for name, progress in sorted(state.items())}, indent=2) + "\n"
    with written_whole(folder / STATE_FILE) as draft, draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _from_ledger(ledger: Ledger) -> dict[str, Progress]:
    found: dict[str, Progress] = {}
    for entry in ledger.runs():
        if entry["schedule"]:
            due = datetime.fromisoformat(entry["due"])
            earlier = found.get(entry["schedule"])
            found[entry["schedule"]] = Progress(max(due, earlier.done) if earlier else due)
    return found


def _facts(progress: Progress) -> dict[str, Any]:
    moments = {name: getattr(progress, name) for name in ("done", "due", "retry_at")}
    written = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return {**written, "attempts": progress.attempts, "inputs": dict(progress.inputs)}


def _progress(facts: Mapping[str, Any]) -> Progress:
    due, retry_at = facts["due"], facts["retry_at"]
    return Progress(
        done=datetime.fromisoformat(facts["done"]),
        attempts=int(facts["attempts"]),
        due=datetime.fromisoformat(due) if due else None,
        retry_at=datetime.fromisoformat(retry_at) if retry_at else None,
        inputs=dict(facts["inputs"]),
    )
