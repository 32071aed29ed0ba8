"""Answers kept on disk, so that a question asked again is answered at once, and never from other facts.

An answer is found by a checksum over all that it hangs on, as `key_of` takes it: what is asked, the bytes of every file
that goes in, and the program itself. So nothing kept is ever out of date; what is no longer asked is dropped in time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hitmodel.errors import InputError
from hitmodel.files import written_whole
from hitmodel.workspace import default_folder

FOLDER = "answers"
MOST_BYTES = 64 << 20
"""What all kept answers may take on disk; beyond it, those that were not asked for longest are dropped."""


@dataclass(frozen=True)
class Answer:
    """What a command said: its output, its notes on standard error, and its exit code."""

    output: str
    notes: tuple[str, ...] = ()
    code: int = 0


def key_of(facts: Mapping[str, Any]) -> str:
    """Return the name under which an answer is kept: SHA-256 over everything that it hangs on, as JSON."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


class KeptAnswers:
    """Answers in a folder, by default ``answers`` in the workspace, one file each.

    Safe for several processes at once: a file appears whole or not at all, and one that is damaged, or vanishes while
    it is read, counts as not there.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.folder = default_folder() / FOLDER if folder is None else folder
        self.most_bytes = most_bytes

    def get(self, key: str) -> Answer | None:
        """Return a kept answer, None where there is none."""
        file = self._file(key)
        try:
            sealed, _, body = file.read_text(encoding="utf-8").partition("\n")
            if sealed != _seal(key, body):
                return None
            os.utime(file)  # asked for just now
        except (OSError, UnicodeDecodeError):
            return None
        said = json.loads(body)
        return Answer(said["output"], tuple(said["notes"]), said["code"])

    def put(self, key: str, answer: Answer) -> bool:
        """Keep an answer and drop old ones; return whether it could be kept: a full or locked disk stops no answer."""
        body = json.dumps(asdict(answer))
        if len(body) > self.most_bytes // 4:
            return False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with written_whole(self._file(key)) as draft:
                draft.write_text(f"{_seal(key, body)}\n{body}", encoding="utf-8")
        except (OSError, InputError):
            return False
        self._drop_old()
        return True

    def clear(self) -> int:
        """Drop every kept answer; return how many there were."""
        files = self.files()
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)

    def files(self) -> list[Path]:
        """Return the file of each kept answer."""
        return sorted(self.folder.glob("*.answer"))

    @property
    def bytes(self) -> int:
        """What they take on disk."""
        return sum(size for _, size, _ in self._facts())

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.answer"

    def _facts(self) -> list[tuple[float, int, Path]]:
        """Return when each file was last asked for, its size and its place; one that vanishes meanwhile is left out."""
        found = []
        for file in self.files():
            try:
                facts = file.stat()
            except FileNotFoundError:
                continue
            found.append((facts.st_mtime, facts.st_size, file))
        return found

    def _drop_old(self) -> None:
        facts = sorted(self._facts(), reverse=True)
        total = 0
        for _, size, file in facts:
            total += size
            if total > self.most_bytes:
                file.unlink(missing_ok=True)


def _seal(key: str, body: str) -> str:
    return hashlib.sha256(f"{key}\n{body}".encode()).hexdigest()
