"""Recompute a report and say, value by value, whether it comes out the same.

The run's own notebook is run again from a clean kernel, on the files that lie where its inputs lay, with the hitmodel
of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.document import Document, read_document
from hitmodel.ledger import read_ledger
from hitmodel.moved import Move, input_moves
from hitmodel.moving import Moved, what_moved
from hitmodel.numbers import Difference, differences, values_of
from hitmodel.parameters import Value, read_parameters
from hitmodel.report import completed, gather_facts, inner_facts
from hitmodel.run_answers import Answers, bare, external_file, read_answers, read_external
from hitmodel.run_record import RUN_FILE, SEAL, Facts, altered_files, checksum, is_run, read_record
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


def verify(folder: Path, *, home: Path | None = None, progress: bool = False) -> Verdict:
    """Run the notebook of a report again and compare every value that it prints, and every file of the report.

    An external report holds nothing to compute from. The folder of reports that it was made for does: ``home``, or one
    that the report lies in, or the usual one. Where none has it, the files alone are looked at, and ``unchecked`` says
    so.

    Raises
    ------
    InputError
        The folder is no report.
    NotebookFailed
        The notebook no longer runs.
    """
    facts = read_record(folder)
    altered = (*altered_files(folder, facts), *_ledger_says(folder))
    held = _held(folder, facts, altered, home)
    if isinstance(held, str):
        return Verdict(0, (), altered, (), (held,))
    now = run_notebook(held.notebook, facts["report"], held.values, facts["edition"], progress=progress)
    document = read_document(now, facts["report"], facts["edition"])
    again, now_facts, unchecked = _recomputed(document, held, folder, facts)
    was_values = values_of(_held_document(held.document, facts))
    return Verdict(
        numbers=len(was_values),
        differences=differences(was_values, values_of(again)),
        altered=altered,
        changed_inputs=input_moves(held.facts, now_facts),
        unchecked=unchecked,
    )


@dataclass(frozen=True)
class _Held:
    """What a run can be computed again from: its notebook, what that is to be asked with, what it showed, the facts."""

    notebook: Any
    values: Mapping[str, Value]
    document: Document
    facts: Facts


def _held(folder: Path, facts: Facts, altered: Sequence[str], home: Path | None) -> _Held | str:
    """Return what to compute a run again from, or why that cannot be done."""
    stem = facts["report"]
    if facts["edition"] == "external":
        file = next((f for f in _kept_files(folder, facts, home) if f.is_file()), None)
        if file is None:
            return (
                "Only its files were looked at: what it was computed from lies in the folder of reports that it was"
                " made in, and none that was searched has it. Name that folder with --reports."
            )
        inside, answers = read_external(file)
        return _Held(answers.notebook, inside["parameters"], answers.document, inside)
    for name in (f"{stem}.ipynb", f"{stem}.json"):
        if name in altered:
            return f"{name} was altered, so nothing was computed again. Take the run from a copy."
    if (folder / f"{stem}.ipynb").is_file():
        executed = read_notebook(folder / f"{stem}.ipynb")
        return _Held(executed, {}, read_document(executed, stem, "internal"), facts)
    answers = read_answers(folder / f"{stem}.json")
    return _Held(answers.notebook, facts["parameters"], answers.document, facts)


def _kept_files(folder: Path, facts: Facts, home: Path | None) -> Iterator[Path]:
    for place in ([home] if home else []) + [*folder.resolve().parents, paths.reports()]:
        yield external_file(place, str(facts.get(SEAL, "")))


def _held_document(document: Document, facts: Facts) -> Document:
    """Return the document as it was printed, with what had moved and how it was made as its record has them."""
    if facts["edition"] == "external":
        return document
    earlier = facts.get("previous")
    return completed(document, facts, Moved.from_json(earlier) if earlier else None, earlier["run"] if earlier else "")


def _recomputed(document: Document, held: _Held, folder: Path, facts: Facts) -> tuple[Document, Facts, tuple[str, ...]]:
    """Return the document as it comes out now, what went into it, and what could not be looked at again."""
    parameters = read_parameters(held.notebook.cells, f"{facts['report']}.ipynb")
    answers = Answers(held.notebook, document)
    now = {**gather_facts(document, facts["report"]), **inner_facts(answers, parameters, held.facts["parameters"])}
    earlier = facts.get("previous")
    if facts["edition"] == "external":
        return document, now, ()
    if not earlier:
        return completed(document, now, None, ""), now, ()
    place = folder.parent / earlier["run"]
    if is_run(place):
        before = read_record(place)
        if before.get("seal") == earlier["seal"]:
            return _moved_again(document, now, before, answers, Moved.from_json(earlier), earlier["run"])
    said = f"What moved since {earlier['run']} was not looked at again: that run is no longer there as it was."
    return completed(document, now, Moved.from_json(earlier), earlier["run"]), now, (said,)


def _moved_again(
    document: Document, now: Facts, before: Facts, answers: Answers, held: Moved, run: str
) -> tuple[Document, Facts, tuple[str, ...]]:
    """Work out again what moved since the run before, its dollars too where that run's files are still at hand."""
    parameters = read_parameters(answers.notebook.cells, "the notebook")
    again = what_moved(before, now, bare(answers.notebook), parameters)
    known = [moved.dollars is None or not moved.dollars.missing for moved in (held, again)]
    if known == [True, False]:
        said = (
            f"The dollars of what moved since {run} were not looked at again. {again.dollars and again.dollars.missing}"
        )
        return completed(document, now, replace(again, dollars=held.dollars), run), now, (said,)
    return completed(document, now, again, run), now, ()


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
