"""A report: one run of a notebook as one folder, whole or not at all.

The folder holds the PDF and the HTML page, the tables as a workbook and as CSV files, ``run.json`` with what went in,
and (internal edition) the executed notebook. The same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.metadata import version
from multiprocessing import current_process
from pathlib import Path
from time import monotonic
from typing import Any

from hitmodel import editions, paths
from hitmodel.chart_style import without_png
from hitmodel.codes import code_table
from hitmodel.document import Document, read_document
from hitmodel.editions import Edition
from hitmodel.errors import HitmodelError, InputError, nearest
from hitmodel.exports import to_csv, to_workbook
from hitmodel.files import folder_written_whole
from hitmodel.html_report import write_html
from hitmodel.limited import TookTooMuch, apart
from hitmodel.moving import Moved, what_moved
from hitmodel.parameters import Parameter, Value, choose, read_parameters
from hitmodel.pictures import Chart
from hitmodel.plain_run import ask_plainly
from hitmodel.run_answers import Answers, bare, keep_external, questions_sum, written_answers
from hitmodel.run_inputs import check_unchanged, contracts_in_full, input_entries, program, reference_entries
from hitmodel.run_record import RUN_FILE, SEAL, Facts, is_run, read_record, write_record
from hitmodel.runner import NO_LIMITS, Limits, NotebookFailed, find_notebook, notebook_text, read_notebook, run_notebook
from hitmodel.tables import Column, Gap, Table

TOOLS = ("hitmodel", "pandas", "matplotlib", "typst")
Run = Callable[[Any, str, Mapping[str, Value], Edition], Any]
"""Runs a notebook, by its name, with parameters, in an edition; returns it as it then is."""
LEAST_SECONDS = 5.0
"""The files of a report may take so long, however little its notebook left of the limit."""
FORMATS = ("html", "pdf", "xlsx", "csv", "svg", "png")


@dataclass(frozen=True)
class Request:
    """What to report: a notebook, its parameters, an edition, and where to.

    ``given`` are parameters as ``name=value``; ``values`` are typed ones, as a file of schedules has them. ``formats``
    are any of `FORMATS`; the page and ``run.json`` are always written. ``previous`` is an earlier run of the same
    report: the internal edition then opens with what moved since. ``limits`` hold for the notebook. ``home`` is the
    folder of reports, the usual one when None: what an external report was made from is kept there. Without
    ``keeps_notebook`` the report is made in this process, straight from what the notebook's cells return.
    """

    notebook: str
    given: tuple[str, ...] = ()
    edition: Edition = "internal"
    out: Path | None = None
    formats: tuple[str, ...] = FORMATS
    values: Mapping[str, object] = field(default_factory=dict)
    previous: Path | None = None
    limits: Limits = NO_LIMITS
    home: Path | None = None
    keeps_notebook: bool = True


@dataclass(frozen=True)
class Report:
    """A finished report. ``pdf`` is None when none was asked for; ``headline`` is the first page's finding.

    ``moved`` says in a sentence what moved since the previous run, "" when there is none to compare with.
    """

    folder: Path
    html: Path
    pdf: Path | None
    headline: str
    moved: str = ""


@dataclass(frozen=True)
class _Asked:
    """A request read and checked: the notebook, what it may be asked with, and what it is asked with."""

    stem: str
    notebook: Any
    parameters: tuple[Parameter, ...]
    values: dict[str, Value]

    @property
    def changed(self) -> dict[str, Value]:
        return {p.name: self.values[p.name] for p in self.parameters if self.values[p.name] != p.default}


def make_report(request: Request, *, progress: bool = False, run: Run | None = None) -> Report:
    """Check the parameters, run the notebook, and write the report's folder.

    ``run`` takes the place of a clean kernel with its limits, where many reports are made in a row.

    Raises
    ------
    InputError
        A notebook, parameter, file or target that cannot be used, and nothing has run; or an input file that changed
        while the notebook ran.
    ContractError
        A contract that a parameter names is not there or has a mistake; nothing has run.
    NotebookFailed
        A cell raised, or took too long or too much memory. No report is written; the partly executed notebook is kept
        beside where it would have been.
    """
    asked = _read(request)
    target = _target(request, asked.stem, asked.changed)
    began = monotonic()
    entries = input_entries(asked.parameters, asked.values)
    runs = run or partial(run_notebook, progress=progress, limits=request.limits)
    try:
        document, executed = _run(asked, request, runs)
    except NotebookFailed as error:
        raise _kept(error, target, asked.stem, request.edition) from None
    check_unchanged(entries)
    answers = Answers(bare(asked.notebook), document)
    facts = gather_facts(document, asked.stem)
    inside = {**facts, **inner_facts(answers, asked.parameters, asked.values)}
    if request.edition == "external":
        made = _write(_files(document, asked.stem, request, began), facts, target, request.formats)
        seal = read_record(made.folder)[SEAL]
        keep_external(request.home or paths.reports(), seal, inside, answers)
        return made
    moved = _moved(request.previous, inside, answers, asked.parameters)
    whole = completed(document, inside, moved, request.previous.name if request.previous else "")
    files = _files(whole, asked.stem, request, began)
    if executed is None:
        files[f"{asked.stem}.json"] = written_answers(answers)
    else:
        files[f"{asked.stem}.ipynb"] = notebook_text(executed).encode("utf-8")
    made = _write(files, inside, target, request.formats)
    return replace(made, moved="" if moved is None else moved.headline)


def _run(asked: _Asked, request: Request, runs: Run) -> tuple[Document, Any]:
    """Return what the notebook shows, and the notebook as it ran; None for it where it is not to be kept.

    Cells that are not plain Python are run as a notebook all the same, and so are those that raise: then the notebook
    as far as it got can be kept.
    """
    if not request.keeps_notebook:
        try:
            with nullcontext() if "png" in request.formats else without_png():
                return ask_plainly(asked.notebook, asked.stem, asked.changed, request.edition), None
        except TookTooMuch:
            raise
        except Exception:  # whatever a cell raises, the notebook shows it
            executed = runs(asked.notebook, asked.stem, asked.changed, request.edition)
            return read_document(executed, asked.stem, request.edition), None
    executed = runs(asked.notebook, asked.stem, asked.changed, request.edition)
    return read_document(executed, asked.stem, request.edition), executed


def attempt_report(request: Request, *, progress: bool = False, run: Run | None = None) -> Report | str:
    """Make a report as `make_report` does, and return in a sentence what was wrong where none could be made.

    For reports that are made one after another: whatever is wrong with one, a fault of hitmodel too, must not keep
    the others from being made.
    """
    try:
        return make_report(request, progress=progress, run=run)
    except (HitmodelError, OSError, MemoryError) as error:
        return str(error) or type(error).__name__
    except Exception as error:  # like the command line: one report must not end the others
        return f"a fault in hitmodel, not in your files ({type(error).__name__}: {error}); please report it"


def formats_named(text: str) -> tuple[str, ...]:
    """Return the formats that a text lists, ``html`` always among them; raise `InputError` for an unknown one."""
    named = {part.strip().lower() for part in text.split(",") if part.strip()}
    for name in sorted(named - set(FORMATS)):
        raise InputError(
            f"'{name}' is no format of a report",
            where="--formats",
            expected=", ".join(FORMATS),
            suggestion=nearest(name, FORMATS),
        )
    return tuple(name for name in FORMATS if name in named or name == "html")


def completed(document: Document, facts: Facts, moved: Moved | None, previous: str) -> Document:
    """Return an internal document with what moved since the run ``previous`` first, and how it was made last."""
    opening = () if moved is None else moved.tables(previous)
    return replace(document, blocks=(*opening, *document.blocks, made_with(facts)))


def _read(request: Request) -> _Asked:
    path = find_notebook(request.notebook)
    notebook = read_notebook(path)
    parameters = read_parameters(notebook.cells, path.name)
    values = choose(_open(parameters), request.given, path.name, request.values)
    if editions.PARAMETER in {p.name for p in parameters}:
        values[editions.PARAMETER] = request.edition
    elif request.edition == "external":
        raise InputError(
            f"{path.stem} is for inside only: nothing in it is marked as fit for a payer",
            where="--edition",
            expected="internal, or a notebook with a parameter 'edition'",
            next_step="What goes to a payer is written by hitmodel exhibit.",
        )
    return _Asked(path.stem, notebook, parameters, values)


def _moved(previous: Path | None, facts: Facts, answers: Answers, parameters: Sequence[Parameter]) -> Moved | None:
    """Return what moved since the previous run, and note in the facts what it was compared with."""
    if previous is None:
        return None
    before = read_record(previous)
    found = what_moved(before, facts, answers.notebook, parameters)
    facts["previous"] = {"run": previous.name, "seal": before.get(SEAL, ""), **found.to_json()}
    return found


def _open(parameters: Sequence[Parameter]) -> list[Parameter]:
    """Return the parameters that ``-p`` may set: the edition has an option of its own."""
    return [p for p in parameters if p.name != editions.PARAMETER]


def _target(request: Request, stem: str, changed: Mapping[str, Value]) -> Path:
    """Return the folder to write; refuse one that holds something other than a report."""
    folder = request.out or paths.reports() / _folder_name(stem, changed, request.edition)
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not is_run(folder))):
        raise InputError(
            f"{folder} is there already and is not a report",
            where="--out",
            expected="a folder that is new, empty, or holds an earlier report to replace",
        )
    return folder


def _folder_name(stem: str, changed: Mapping[str, Value], edition: Edition) -> str:
    """Return a name that is the same for the same question: the notebook, then whatever is not at its default."""
    parts = [f"{name}-{value}" for name, value in changed.items() if name != editions.PARAMETER]
    asked = re.sub(r"[^A-Za-z0-9.-]+", "-", "_".join(parts)).strip("-")
    if len(asked) > 60:
        asked = f"{asked[:50]}-{hashlib.sha256('_'.join(parts).encode()).hexdigest()[:8]}"
    return "_".join(part for part in (stem, asked, "external" if edition == "external" else "") if part)


def _kept(error: NotebookFailed, target: Path, stem: str, edition: Edition) -> NotebookFailed:
    """Keep the partly executed notebook beside the target, and return the error that says where.

    Of an external run only the error is kept: what the cells showed was not sorted into editions yet.
    """
    for cell in error.notebook.cells:
        if edition == "external" and cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
    file = target.with_name(f"{target.name}-failed") / f"{stem}.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(notebook_text(error.notebook), encoding="utf-8")
    where = f"No report was written; the notebook as far as it got is {paths.shown(file)}."
    return NotebookFailed(error.what, where=error.where, notebook=error.notebook, next_step=where)


def gather_facts(document: Document, stem: str) -> Facts:
    """Return what ``run.json`` says of every run. An external one names no parameter and no file: its content alone."""
    front = document.front
    return {
        "report": stem,
        "title": document.title,
        "headline": front.headline if front else document.title,
        "edition": document.edition,
        "contract": front.contract if front else "",
        "period": front.period if front else "",
        "code_release": code_table().release,
        "versions": dict(_versions()),
    }


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((tool, version(tool)) for tool in TOOLS)


def inner_facts(answers: Answers, parameters: Sequence[Parameter], values: Mapping[str, Value]) -> Facts:
    """Return what only the house may know of a run: main figures, parameters, and everything that went in."""
    front = answers.document.front
    steps = [step for strip in (front.strips if front else ()) for step in strip if step.kind == "total"]
    totals = {step.label: step.cents for step in steps}
    return {
        "figures": [{"label": label, "cents": cents} for label, cents in totals.items()],
        "parameters": dict(values),
        "notebook": questions_sum(answers.notebook),
        "inputs": input_entries(parameters, values),
        "contracts": contracts_in_full(parameters, values),
        "references": reference_entries(),
        "program": program(),
    }


def made_with(facts: Mapping[str, Any]) -> Table:
    """Return the parameters, releases and versions of a run as the last table of its report."""
    asked = [
        (name, ", ".join(value) if isinstance(value, list) else str(value))
        for name, value in facts["parameters"].items()
    ]
    rows = [(f"parameter {name}", value or Gap.NONE) for name, value in asked]
    rows.append(("HCPCS release", facts["code_release"]))
    rows += [(name, number) for name, number in facts["versions"].items()]
    return Table(
        name="made_with",
        headline="The same parameters and files give the same report, byte for byte.",
        caption="Parameters, releases and versions of this run",
        columns=(Column("what", "What"), Column("value", "Value", "code")),
        rows=tuple(rows),
    )


def _write(files: Mapping[str, bytes], facts: Facts, target: Path, formats: Sequence[str]) -> Report:
    """Write everything into a folder that takes the target's place in one step."""
    stem = facts["report"]
    with folder_written_whole(target, RUN_FILE) as making:
        for name, content in {**files, RUN_FILE: write_record(facts, files)}.items():
            place = making / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
    shutil.rmtree(target.with_name(f"{target.name}-failed"), ignore_errors=True)
    pdf = target / f"{stem}.pdf" if "pdf" in formats else None
    return Report(target, target / f"{stem}.html", pdf, facts["headline"])


def _files(document: Document, stem: str, request: Request, began: float) -> dict[str, bytes]:
    """Return the files in which a document is read; limits of a run hold for them too, by what the notebook left."""
    limits, work = request.limits, partial(_contents, document, stem, request.formats)
    if limits == NO_LIMITS or current_process().name != "MainProcess":  # a pool's process keeps its limits itself
        return work()
    left = None if limits.seconds is None else max(LEAST_SECONDS, limits.seconds - (monotonic() - began))
    return apart(work, replace(limits, seconds=left))


def _contents(document: Document, stem: str, formats: Sequence[str]) -> dict[str, bytes]:
    """Return the files by name in which a document is read."""
    files = {f"{stem}.html": write_html(document).encode("utf-8")}
    if "pdf" in formats:
        from hitmodel.pdf_report import write_pdf

        files[f"{stem}.pdf"] = write_pdf(document)
    if "xlsx" in formats and document.tables:
        files[f"{stem}.xlsx"] = to_workbook(document.tables, document.title)
    if "csv" in formats:
        files |= {f"tables/{table.name}.csv": to_csv(table).encode("utf-8") for table in document.tables}
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    for kind, held in (
        ("svg", {c.name: c.svg.encode("utf-8") for c in charts}),
        ("png", {c.name: c.png for c in charts}),
    ):
        if kind in formats:
            files |= {f"charts/{name}.{kind}": content for name, content in held.items() if content}
    return files
