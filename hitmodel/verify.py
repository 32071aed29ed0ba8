"""Recompute a report and say, value by value, whether it comes out the same.

The run's own notebook is run again, on the files that lie where its inputs lay, with the hitmodel of today.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitmodel.document import Document, read_document
from hitmodel.ledger import read_ledger
from hitmodel.moved import Move, input_moves, moves
from hitmodel.numbers import Difference, differences, values_of
from hitmodel.parameters import read_parameters
from hitmodel.report import completed, gather_facts
from hitmodel.run_record import RUN_FILE, Facts, altered_files, checksum, is_run, read_record
from hitmodel.runner import read_notebook, run_notebook


@dataclass(frozen=True)
class Verdict:
    """What a second computing found.

    ``numbers`` is how many values were compared. ``altered`` are files of the report that are not as they were
    written; ``changed_inputs`` say what went in differently now. ``unchecked`` are remarks on what could not be looked
    at again.
    """

    numbers: int
    differences: tuple[Difference, ...]
    altered: tuple[str, ...]
    changed_inputs: tuple[Move, ...]
    unchecked: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether every value is the same and no file of the report was altered."""
        return not self.differences and not self.altered


def verify(folder: Path, *, progress: bool = False) -> Verdict:
    """Run the notebook of a report again and compare every value that it prints, and every file of the report.

    Of an external report, which holds no notebook, the files alone are looked at, and ``unchecked`` says so.

    Raises
    ------
    InputError
        The folder is no report.
    NotebookFailed
        The notebook no longer runs.
    """
    facts = read_record(folder)
    altered = (*altered_files(folder, facts), *_ledger_says(folder))
    if facts["edition"] != "internal":
        return Verdict(0, (), altered, (), ("An external report holds no notebook: only its files were looked at.",))
    stem = facts["report"]
    if f"{stem}.ipynb" in altered:
        return Verdict(0, (), altered, (), ("The notebook was altered, so nothing was computed again.",))
    held = read_notebook(folder / f"{stem}.ipynb")
    now = run_notebook(held, stem, {}, "internal", progress=progress)
    was_document = _held_document(read_document(held, stem, "internal"), facts)
    now_document, now_facts, unchecked = _recomputed(read_document(now, stem, "internal"), held, folder, facts)
    was_values = values_of(was_document)
    return Verdict(
        numbers=len(was_values),
        differences=differences(was_values, values_of(now_document)),
        altered=altered,
        changed_inputs=input_moves(facts, now_facts),
        unchecked=unchecked,
    )


def _held_document(document: Document, facts: Facts) -> Document:
    """Return the document as it was printed, with what had moved and how it was made as its record has them."""
    earlier = facts.get("previous")
    moved = [Move(**row) for row in earlier["moved"]] if earlier else None
    return completed(document, facts, moved, earlier["run"] if earlier else "")


def _recomputed(
    document: Document, notebook: Any, folder: Path, facts: Facts
) -> tuple[Document, Facts, tuple[str, ...]]:
    """Return the document as it comes out now, what went into it, and what could not be looked at again."""
    parameters = read_parameters(notebook.cells, f"{facts['report']}.ipynb")
    now = gather_facts(document, facts["report"], parameters, facts["parameters"])
    earlier = facts.get("previous")
    if not earlier:
        return completed(document, now, None, ""), now, ()
    place = folder.parent / earlier["run"]
    if is_run(place):
        before = read_record(place)
        if before.get("seal") == earlier["seal"]:
            return completed(document, now, moves(before, now), earlier["run"]), now, ()
    said = f"What moved since {earlier['run']} was not looked at again: that run is no longer there as it was."
    return completed(document, now, [Move(**row) for row in earlier["moved"]], earlier["run"]), now, (said,)


def _ledger_says(folder: Path) -> tuple[str, ...]:
    """Return the record's name where a ledger above the run holds another checksum for it, or is itself broken."""
    place = folder.resolve()
    for home in place.parents:
        ledger = read_ledger(home)
        if ledger.broken:
            return (ledger.broken,)
        entries = [e for e in ledger.runs() if e["run"] == place.relative_to(home).as_posix() and e["record"]]
        if entries:
            same = entries[-1]["record"] == checksum((folder / RUN_FILE).read_bytes())
            return () if same else (f"{RUN_FILE} (the ledger holds another checksum)",)
    return ()
