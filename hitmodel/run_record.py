"""The record of a run, ``run.json``: what went in, what came out, sealed so that one changed byte is seen.

It holds no time and no place, so that the same inputs give the same record; when a run was made is in the ledger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hitmodel.errors import InputError

RUN_FILE = "run.json"
SEAL = "seal"
Facts = dict[str, Any]


def checksum(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Return facts as the bytes that checksums are taken of: keys in order, no blanks."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def write_record(facts: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return ``run.json`` for a run that consists of ``files``: the facts, each file's checksum, and the seal."""
    held = {**facts, "files": {name: checksum(content) for name, content in sorted(files.items())}}
    return (json.dumps({**held, SEAL: checksum(canonical(held))}, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def is_run(folder: Path) -> bool:
    """Say whether a folder holds a run."""
    return (folder / RUN_FILE).is_file()


def read_record(folder: Path) -> Facts:
    """Return the record of a run; raise `InputError` when the folder holds none, or one that cannot be read."""
    file = folder / RUN_FILE
    if not file.is_file():
        raise InputError(f"{folder} is not a report", expected=f"a folder that hitmodel wrote, with {RUN_FILE}")
    try:
        facts: Facts = json.loads(file.read_bytes())
        if "quote" in facts:
            raise InputError(f"{folder} is a quote, not a report", expected="a folder that 'hitmodel report' wrote")
        facts["edition"], facts["report"], facts["files"]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            "this is not the record of a run as it was written",
            where=str(file),
            next_step="Take the run from a copy, or make the report again.",
        ) from None
    return facts


def altered_files(folder: Path, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is not as it was written: files changed, missing or added, and the record itself."""
    held = {str(p.relative_to(folder).as_posix()) for p in folder.rglob("*") if p.is_file()} - {RUN_FILE}
    known = dict(facts["files"])
    wrong = [name for name in known if name not in held or checksum((folder / name).read_bytes()) != known[name]]
    wrong += sorted(held - known.keys())
    unsealed = {key: value for key, value in facts.items() if key != SEAL}
    # Compared as bytes, so that not even a blank can be added to the record.
    written = json.dumps({**unsealed, SEAL: checksum(canonical(unsealed))}, indent=2, ensure_ascii=False) + "\n"
    if (folder / RUN_FILE).read_bytes() != written.encode("utf-8"):
        wrong.append(RUN_FILE)
    return tuple(wrong)
