"""Imported evidence laid beside imported claims: the companion files of all imports as one folder."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel import claim_parts
from hitmodel.evidence_shape import COMPLETE_FROM, SETTINGS, SHAPES
from hitmodel.files import folder_written_whole
from hitmodel.workspace import Entry, Workspace

KIND = "evidence"
"""What such imports are called in the catalogue."""
_Rows = dict[tuple[str, ...], list[str]]


def write_evidence(workspace: Workspace, folder: Path) -> None:
    """Write what was imported of evidence as companion files into ``folder``; nothing where nothing was imported.

    A record that a later import holds again is taken from there. Evidence counts from the latest day from which any
    import is complete.
    """
    kept = [workspace.files(entry)[0] for entry in workspace.of_kind(KIND)]
    with folder_written_whole(folder, SETTINGS) as draft:
        for name, shape in SHAPES.items():
            files = [path / f"{name}.csv" for path in kept if (path / f"{name}.csv").is_file()]
            rows: _Rows = {}
            for number, row in enumerate(_rows(files)):
                own = row[: len(shape.columns)]
                told_apart = tuple(row[shape.columns.index(column)] for column in shape.identity) or tuple(row)
                usable = len(own) == len(row) and all(told_apart)
                rows[told_apart if usable else (*row, str(number))] = row
            if files:
                _write(draft / f"{name}.csv", shape.columns, rows)
        days = [day for path in kept if (day := complete_from(path)) is not None]
        write_settings(draft, max(days, default=None))


def _rows(files: list[Path]) -> Iterator[list[str]]:
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            yield from list(csv.reader(file))[1:]


def _write(path: Path, columns: tuple[str, ...], rows: _Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows.values())


def patients_with_claims(workspace: Workspace, entry: Entry) -> tuple[int, int]:
    """Return how many patients of an import of evidence have claim lines in the workspace, and how many it names."""
    folder = workspace.files(entry)[0]
    named = {row[0] for row in _rows(sorted(folder.glob("*.csv"))) if row[0]}
    claimed: set[str] = set()
    for part in workspace.of_kind(claim_parts.KIND):
        column = pq.read_table(workspace.files(part)[0], columns=["patient_id"])["patient_id"]
        claimed.update(pc.unique(column.cast(pa.string())).to_pylist())
    return len(named & claimed), len(named)


def complete_from(folder: Path) -> date | None:
    """Return from which day on the evidence in a folder of ours is complete, None where it does not say."""
    said = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    day = said.get(COMPLETE_FROM)
    return day if isinstance(day, date) else None


def write_settings(folder: Path, day: date | None) -> None:
    """Write from which day on the evidence in a folder is complete, if that is known."""
    (folder / SETTINGS).write_text(f"{COMPLETE_FROM} = {day}\n" if day else "", encoding="utf-8")
