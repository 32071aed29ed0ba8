"""Recompute a report and say, number by number, whether it comes out the same.

The run's own notebook is run again, on the files that lie where its inputs lay, with the hitmodel of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.document import Document, read_document
from hitmodel.errors import InputError
from hitmodel.pictures import Chart
from hitmodel.run_record import RUN_FILE
from hitmodel.runner import read_notebook, run_notebook
from hitmodel.table_views import column_texts
from hitmodel.tables import Table

MISSING = "not there"


@dataclass(frozen=True)
class Difference:
    """One number that is not the same: where it stands, what the report says, and what comes out now."""

    where: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.where}: {self.was} in the report, {self.now} now"


@dataclass(frozen=True)
class Verdict:
    """What a second computing found.

    ``numbers`` is how many were compared. ``altered`` are files of the report that are not as they were written;
    ``changed_inputs`` are input files that are not as they were read.
    """

    numbers: int
    differences: tuple[Difference, ...]
    altered: tuple[str, ...]
    changed_inputs: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether every number is the same and no file of the report was altered."""
        return not self.differences and not self.altered


def verify(folder: Path, *, progress: bool = False) -> Verdict:
    """Run the notebook of a report again and compare every table and chart with what it holds.

    Raises
    ------
    InputError
        The folder is no report, or an external one, which holds no notebook.
    NotebookFailed
        The notebook no longer runs.
    """
    facts = _facts(folder)
    stem = facts["report"]
    held = read_notebook(folder / f"{stem}.ipynb")
    before = read_document(held, stem, "internal")
    after = read_document(run_notebook(held, stem, {}, "internal", progress=progress), stem, "internal")
    was, now = dict(_numbers(before)), dict(_numbers(after))
    differences = tuple(
        Difference(where, was.get(where, MISSING), now.get(where, MISSING))
        for where in dict.fromkeys((*was, *now))
        if was.get(where) != now.get(where)
    )
    inputs = {entry["file"]: entry["sha256"] for entry in facts["inputs"]}
    return Verdict(
        numbers=len(was),
        differences=differences,
        altered=tuple(name for name, checksum in facts["files"].items() if _checksum(folder / name) != checksum),
        changed_inputs=tuple(name for name, checksum in inputs.items() if _checksum(paths.located(name)) != checksum),
    )


def _facts(folder: Path) -> dict[str, Any]:
    file = folder / RUN_FILE
    if not file.is_file():
        raise InputError(
            f"{folder} is not a report", expected=f"a folder that 'hitmodel report' wrote, with {RUN_FILE}"
        )
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if facts["edition"] != "internal":
        raise InputError(
            f"{folder} is an external report, which holds no notebook to run again",
            next_step="Verify the internal one of the same day.",
        )
    return facts


def _numbers(document: Document) -> Iterator[tuple[str, str]]:
    """Yield where each value of a document stands, and the value, exact."""
    if document.front:
        yield "first page", document.front.to_text()
    for block in document.blocks:
        if isinstance(block, Table):
            yield from _table_numbers(block)
        elif isinstance(block, Chart):
            for label, value in block.values:
                yield f"chart {block.name}, {label}", value


def _table_numbers(table: Table) -> Iterator[tuple[str, str]]:
    yield f"table {table.name}, headline", table.headline
    names = column_texts(table.columns[0], [row[0] for row in (*table.rows, *table.totals)], pad="")
    for number, (name, row) in enumerate(zip(names, (*table.rows, *table.totals), strict=True), start=1):
        for column, cell in zip(table.columns, row, strict=True):
            yield f"table {table.name}, row {number} ({name.strip()}), {column.key}", str(cell)


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else MISSING
