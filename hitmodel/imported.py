"""What was imported into the workspace and stands beside the tables that ship with hitmodel.

Prices, indexes and code releases are looked up here each time that they are asked for, so that an import counts at
once; only a changed catalogue is read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hitmodel.workspace import CATALOGUE, Workspace, default_folder


@dataclass(frozen=True)
class Imported:
    """One imported table: what it is called (``2026Q2``), the file it came from with its checksum, where it is kept."""

    kind: str
    name: str
    source: str
    checksum: str
    path: Path


def imported(kind: str, workspace: Path | None = None) -> tuple[Imported, ...]:
    """Return the imports of one kind in a workspace, the default one when none is given, sorted by name.

    Raises `InputError` when the catalogue cannot be read.
    """
    folder = workspace or default_folder()
    try:
        state = (folder / CATALOGUE).stat()
    except OSError:
        return ()
    return tuple(one for one in _every(folder, (state.st_mtime_ns, state.st_size, state.st_ino)) if one.kind == kind)


@lru_cache(maxsize=4)
def _every(folder: Path, state: tuple[int, int, int]) -> tuple[Imported, ...]:
    del state  # part of the key alone: it changes with the catalogue
    held = Workspace.open(folder)
    found = [
        Imported(entry.kind, entry.name, entry.source, entry.checksum, path)
        for entry in held.entries
        for path in held.files(entry)[:1]
    ]
    return tuple(sorted(found, key=lambda one: (one.kind, one.name)))
