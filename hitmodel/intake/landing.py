"""Reference tables put into the workspace: one folder for each, with its entry in the catalogue."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitmodel.errors import Finding
from hitmodel.identity import Identity, bind
from hitmodel.workspace import Entry, Workspace, counted_findings


@dataclass(frozen=True)
class Arrival:
    """A table about to be kept: what it is, the file it came from, and how many of its rows are kept.

    ``about["options"]`` is what was asked for in reading it: the same file under other options is another table.
    ``identity`` is the key that ids in it were hashed with, where it holds any.
    """

    kind: str
    name: str
    source: str
    checksum: str
    rows_in: int
    rows_kept: int
    findings: tuple[Finding, ...] = ()
    repaired: tuple[str, ...] = ()
    about: Mapping[str, str] | None = None
    identity: Identity | None = None


@dataclass(frozen=True)
class Landed:
    """What came of it. ``was`` is the entry it replaced; ``again``: the very same file was held already."""

    entry: Entry
    was: Entry | None = None
    again: bool = False


def land(workspace: Path | None, arrival: Arrival, write: Callable[[Path], object]) -> Landed:
    """Keep a table in the workspace; ``write`` gets the folder to write it into.

    The same file under the same name and options a second time changes nothing; another replaces what it corrects.
    Raises `InputError` when the workspace cannot be written to; it is then as it was.
    """
    before = Workspace.open(workspace)
    was = before.named(arrival.kind, arrival.name)
    asked = (arrival.about or {}).get("options", "")
    if was is not None and (was.checksum, was.about.get("options", "")) == (arrival.checksum, asked):
        return Landed(was, again=True)
    with before.changing() as change:
        if arrival.identity is not None:
            bind(change, arrival.identity)
        folder = change.place(arrival.kind, arrival.name, arrival.checksum, "")
        folder.mkdir()
        write(folder)
        entry = Entry(
            arrival.kind,
            arrival.name,
            arrival.source,
            arrival.checksum,
            arrival.rows_in,
            arrival.rows_kept,
            findings=counted_findings(arrival.findings, arrival.repaired),
            about=dict(arrival.about or {}),
        )
        return Landed(change.add(entry, folder), was)


def write_csv(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as CSV with plain line ends; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows([("" if value is None else value) for value in row] for row in rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
