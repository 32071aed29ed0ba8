"""The folder into which files are imported, with a catalogue of what came from which file.

Everything imported lies under ``imported/`` in files that are never changed once written; ``catalogue.json`` names
those that count. An import writes its files first and puts the new catalogue in place in one step, so that one broken
off half-way leaves the workspace as it was. Files that no catalogue names are swept away by the next import.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.errors import Finding, InputError, nearest
from hitmodel.files import written_whole

FOLDER_VARIABLE = "HITMODEL_WORKSPACE"
CATALOGUE, IMPORTED, LOCK = "catalogue.json", "imported", ".lock"
FORMAT = 1
SHOWN_ROWS = 5
_LOCK_SECONDS = 20
_CHUNK = 1 << 20
UNSURE = "_unsure"
_VALUES = re.compile(r"'[^']*'|“[^”]*”|\b[A-Z]*\d[\w.,:/-]*(, )?")
"""What differs between findings that are alike: values in quotes, codes, numbers and days."""
_OURS = re.compile(r"-[0-9a-f]{12}(-\d+)?$")


@dataclass(frozen=True)
class Count:
    """Findings of one kind in one field of an import: how many, the first few rows, and one of them in words.

    ``repaired`` says that the cell was mended and kept, ``sure`` that it cannot have meant anything else.
    """

    kind: str
    field: str
    count: int
    rows: tuple[int, ...]
    example: str
    repaired: bool = False
    sure: bool = True


@dataclass(frozen=True)
class Entry:
    """One imported file.

    ``kind`` is what it holds (``claims``, ``remittance``, ``asp`` …) and ``name`` what it is called there: a kind holds
    each name once. ``source`` is the file's name without its folder and ``checksum`` the SHA-256 of its bytes.
    ``stored`` are the files or folders kept of it, relative to the workspace. ``replaced`` are the checksums of the
    earlier imports under this name, latest first; ``about`` is whatever else its importer wants known.
    """

    kind: str
    name: str
    source: str
    checksum: str
    rows_in: int
    rows_kept: int
    stored: tuple[str, ...] = ()
    findings: tuple[Count, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()
    imported: str = ""


def default_folder() -> Path:
    """Return the workspace used when none is named: what HITMODEL_WORKSPACE says, else ``data/local``.

    That is the checkout's, or, for an installed hitmodel, that of the folder one works in.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    return paths.data("local") if paths.is_checkout() else Path.cwd() / "data" / "local"


def checksum_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; raises `InputError` for a file that cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        beside = [p.name for p in path.parent.glob("*") if p.is_file()] if path.parent.is_dir() else []
        close = None if path.exists() else nearest(path.name, beside)
        raise InputError(
            f"the file cannot be read ({error.strerror})", where=paths.shown(path), suggestion=close
        ) from None
    return digest.hexdigest()


def name_for(path: Path) -> str:
    """Return what an imported file is called when no name is given: its own, without suffix, in plain characters."""
    stem = Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-") or "unnamed"


def counted_findings(findings: Iterable[Finding], repaired: Iterable[str] = ()) -> tuple[Count, ...]:
    """Return findings added up by kind, field and what they say but for its values, in order of first appearance.

    Kinds in ``repaired`` are repairs; one whose name ends in ``_unsure`` can have meant something else.
    """
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.kind, finding.field, _VALUES.sub("", finding.problem)), []).append(finding)
    mended = frozenset(repaired)
    return tuple(
        Count(
            kind,
            name,
            len(same),
            tuple(f.row for f in same[:SHOWN_ROWS]),
            str(same[0]),
            kind in mended,
            not kind.endswith(UNSURE),
        )
        for (kind, name, _), same in groups.items()
    )


@dataclass(frozen=True)
class Workspace:
    """A workspace as its catalogue has it at this moment. ``about`` holds what is true of all of it."""

    folder: Path
    entries: tuple[Entry, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Workspace:
        """Return the workspace in ``folder``, or the default one; an empty one where nothing was imported yet.

        Raises `InputError` for a catalogue that cannot be read or was written by a later hitmodel.
        """
        place = Path(folder).expanduser() if folder else default_folder()
        file = place / CATALOGUE
        if not file.exists():
            return cls(place)
        try:
            read = json.loads(file.read_text(encoding="utf-8"))
            entries = tuple(_entry(item) for item in read["entries"]) if read["format"] == FORMAT else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                "the catalogue of the workspace cannot be read",
                where=paths.shown(file),
                next_step=f"Put back an earlier copy, or import the files again elsewhere ({type(error).__name__}).",
            ) from None
        if entries is None:
            raise InputError(
                "the catalogue was written by another version of hitmodel",
                where=paths.shown(file),
                expected=f"format {FORMAT}",
            )
        return cls(place, entries, read["about"])

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """Return the imports of a kind, in the order in which they were made."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    def named(self, kind: str, name: str) -> Entry | None:
        """Return the import of that kind and name, or None."""
        return next((e for e in self.entries if (e.kind, e.name) == (kind, name)), None)

    def holding(self, kind: str, checksum: str) -> Entry | None:
        """Return the import of a file with those bytes, or None when the workspace does not hold it."""
        return next((e for e in self.entries if (e.kind, e.checksum) == (kind, checksum)), None)

    def files(self, entry: Entry) -> tuple[Path, ...]:
        """Return where the files or folders kept of an import are."""
        return tuple(self.folder / name for name in entry.stored)

    @property
    def state(self) -> str:
        """A fingerprint of what the catalogue says; it changes with every import."""
        return hashlib.sha256(_written(self.entries, self.about).encode()).hexdigest()

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """Give a `Change` of what the workspace holds now; it takes effect when the block ends well, else not at all.

        Only one change runs at a time; another waits. Raises `InputError` when the folder cannot be written to or
        stays in use.
        """
        import filelock

        try:
            (self.folder / IMPORTED).mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.folder / LOCK, timeout=_LOCK_SECONDS):
                change = Change(Workspace.open(self.folder))
                change.sweep()
                try:
                    yield change
                    change.put_in_place()
                finally:
                    change.sweep()
        except filelock.Timeout:
            raise InputError(
                "another import is running in this workspace",
                where=paths.shown(self.folder),
                next_step="Wait until it is done, then import again.",
            ) from None
        except OSError as error:
            raise InputError(f"the workspace cannot be written to ({error.strerror})", where=str(self.folder)) from None


class Change:
    """An import under way: files to write, and the entries that will name them. Made by `Workspace.changing`."""

    def __init__(self, before: Workspace) -> None:
        self.before = before
        self._entries = {(e.kind, e.name): e for e in before.entries}
        self._about = dict(before.about)
        self._done = before

    def place(self, kind: str, name: str, checksum: str, suffix: str = ".parquet") -> Path:
        """Return a path, not there yet, to write a file to, or a folder when ``suffix`` is empty.

        Its name holds the checksum of what it is made from, so that nothing of an earlier import is overwritten.
        """
        target = self.before.folder / IMPORTED / kind / f"{name}-{checksum[:12]}{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        number = 2
        while target.exists():
            target = target.with_name(f"{name}-{checksum[:12]}-{number}{suffix}")
            number += 1
        return target

    def add(self, entry: Entry, *stored: Path) -> Entry:
        """Take an import in, with the files written for it, in the place of an earlier one of that kind and name."""
        earlier = self._entries.pop((entry.kind, entry.name), None)
        settled = replace(
            entry,
            stored=tuple(path.relative_to(self.before.folder).as_posix() for path in stored),
            replaced=(earlier.checksum, *earlier.replaced) if earlier else (),
            imported=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._entries[settled.kind, settled.name] = settled
        return settled

    def free_name(self, kind: str, name: str) -> str:
        """Return ``name``, or with a number after it when an import of that kind is called so already."""
        number, free = 2, name
        while (kind, free) in self._entries:
            number, free = number + 1, f"{name}-{number}"
        return free

    def remove(self, entry: Entry) -> None:
        """Take an import out."""
        del self._entries[entry.kind, entry.name]

    def note(self, name: str, value: str) -> None:
        """Keep something that is true of the whole workspace."""
        self._about[name] = value

    def put_in_place(self) -> None:
        """Write the new catalogue; from then on the change counts."""
        after = Workspace(self.before.folder, tuple(self._entries.values()), self._about)
        if after.state == self.before.state:
            return
        with written_whole(self.before.folder / CATALOGUE) as draft:
            draft.write_text(_written(after.entries, after.about), encoding="utf-8")
            _flush(draft)
        self._done = after

    def sweep(self) -> None:
        """Remove files under ``imported/`` that no entry names: of imports that failed or were replaced."""
        kept = {path for entry in self._done.entries for path in self._done.files(entry)}
        for kind in (self.before.folder / IMPORTED).glob("*"):
            for path in kind.glob("*") if kind.is_dir() else ():
                if path in kept or not _OURS.search(path.stem):
                    continue
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have the disk hold a file before anything relies on it."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(entries: Iterable[Entry], about: Mapping[str, str]) -> str:
    whole = {"format": FORMAT, "about": dict(about), "entries": [asdict(entry) for entry in entries]}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _entry(item: dict[str, Any]) -> Entry:
    counts = tuple(Count(**{**count, "rows": tuple(count["rows"])}) for count in item["findings"])
    return Entry(**{**item, "stored": tuple(item["stored"]), "replaced": tuple(item["replaced"]), "findings": counts})
