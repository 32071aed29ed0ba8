"""A report: one run of a notebook as one folder, whole or not at all.

The folder holds the PDF and the HTML page, the tables as a workbook and as CSV files, ``run.json`` with what went in,
and (internal edition) the executed notebook. The same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hitmodel import editions, paths
from hitmodel.codes import code_table
from hitmodel.document import Document, read_document
from hitmodel.editions import Edition
from hitmodel.errors import InputError
from hitmodel.exports import to_csv, to_workbook
from hitmodel.html_report import write_html
from hitmodel.parameters import Parameter, Value, choose, read_parameters
from hitmodel.runner import NotebookFailed, find_notebook, notebook_text, read_notebook, run_notebook
from hitmodel.tables import Column, Gap, Table

RUN_FILE = "run.json"
TOOLS = ("hitmodel", "pandas", "matplotlib", "typst")


@dataclass(frozen=True)
class Request:
    """What to report: a notebook, parameters as ``name=value``, an edition, and where to."""

    notebook: str
    given: tuple[str, ...] = ()
    edition: Edition = "internal"
    out: Path | None = None
    pdf: bool = True


@dataclass(frozen=True)
class Report:
    """A finished report. ``pdf`` is None when none was asked for; ``headline`` is the first page's finding."""

    folder: Path
    html: Path
    pdf: Path | None
    headline: str


def make_report(request: Request, *, progress: bool = False) -> Report:
    """Check the parameters, run the notebook, and write the report's folder.

    Raises
    ------
    InputError
        A notebook, parameter, file or target that cannot be used; nothing has run.
    ContractError
        A contract that a parameter names is not there or has a mistake; nothing has run.
    NotebookFailed
        A cell raised. No report is written; the partly executed notebook is kept beside where it would have been.
    """
    path = find_notebook(request.notebook)
    notebook = read_notebook(path)
    parameters = read_parameters(notebook.cells, path.name)
    values = choose(_open(parameters), request.given, path.name)
    if editions.PARAMETER in {p.name for p in parameters}:
        values[editions.PARAMETER] = request.edition
    elif request.edition == "external":
        raise InputError(f"{path.name} has no parameter 'edition', so no external edition", where="--edition")
    changed = {p.name: values[p.name] for p in parameters if values[p.name] != p.default}
    target = _target(request, path.stem, changed)
    try:
        executed = run_notebook(notebook, path.stem, changed, request.edition, progress=progress)
    except NotebookFailed as error:
        raise _kept(error, target, path.stem, request.edition) from None
    document = read_document(executed, path.stem, request.edition)
    facts = _facts(document, path.stem, parameters, values)
    if request.edition == "internal":
        document = replace(document, blocks=(*document.blocks, made_with(facts)))
    return _write(document, executed, facts, target, request.pdf)


def _open(parameters: Sequence[Parameter]) -> list[Parameter]:
    """Return the parameters that ``-p`` may set: the edition has an option of its own."""
    return [p for p in parameters if p.name != editions.PARAMETER]


def _target(request: Request, stem: str, changed: Mapping[str, Value]) -> Path:
    """Return the folder to write; refuse one that holds something other than a report."""
    folder = request.out or paths.reports() / _folder_name(stem, changed, request.edition)
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / RUN_FILE).is_file())):
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


def _facts(
    document: Document, stem: str, parameters: Sequence[Parameter], values: Mapping[str, Value]
) -> dict[str, Any]:
    """Return what ``run.json`` says. An external run names no parameter and no file: only its own content."""
    facts: dict[str, Any] = {
        "report": stem,
        "title": document.title,
        "edition": document.edition,
        "contract": document.front.contract if document.front else "",
        "period": document.front.period if document.front else "",
        "code_release": code_table().release,
        "versions": {tool: version(tool) for tool in TOOLS},
    }
    if document.edition == "internal":
        facts["parameters"] = dict(values)
        facts["inputs"] = [_fingerprint(file) for file in input_files(parameters, values)]
    return facts


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


def input_files(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> list[Path]:
    """Return the files that the parameters name: claims and other files, and every file of each contract."""
    from hitmodel.contracts import load_contract

    found: list[Path] = []
    for parameter in parameters:
        kind = parameter.check.removesuffix(" or empty")
        value = values[parameter.name]
        texts = [text for text in (value if isinstance(value, list) else [str(value)]) if text]
        if kind == "file":
            found += [paths.located(text) for text in texts]
        elif kind == "contract":
            found += [paths.located(file) for text in texts for file in load_contract(text).files]
    return list(dict.fromkeys(found))


def _fingerprint(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    return {"file": paths.shown(file), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(document: Document, executed: Any, facts: Mapping[str, Any], target: Path, pdf: bool) -> Report:
    """Write everything into a folder beside the target, then put it in the target's place in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    making = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _write_files(document, executed, facts, making, pdf)
        making.chmod(0o755)
        _replace(making, target)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(target.with_name(f"{target.name}-failed"), ignore_errors=True)
    stem = facts["report"]
    headline = document.front.headline if document.front else document.title
    return Report(target, target / f"{stem}.html", target / f"{stem}.pdf" if pdf else None, headline)


def _write_files(document: Document, executed: Any, facts: Mapping[str, Any], folder: Path, pdf: bool) -> None:
    stem = facts["report"]
    files: dict[str, bytes] = {f"{stem}.html": write_html(document).encode("utf-8")}
    if pdf:
        from hitmodel.pdf_report import write_pdf

        files[f"{stem}.pdf"] = write_pdf(document)
    if document.tables:
        files[f"{stem}.xlsx"] = to_workbook(document.tables, document.title)
    files |= {f"tables/{table.name}.csv": to_csv(table).encode("utf-8") for table in document.tables}
    if document.edition == "internal":
        files[f"{stem}.ipynb"] = notebook_text(executed).encode("utf-8")
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    files[RUN_FILE] = (json.dumps({**facts, "files": sums}, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)


def _replace(making: Path, target: Path) -> None:
    """Put the finished folder in the target's place; what was there goes only when the new one stands."""
    if not target.exists():
        making.rename(target)
        return
    earlier = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    target.rename(earlier / "report")
    try:
        making.rename(target)
    except OSError:
        (earlier / "report").rename(target)
        raise
    finally:
        shutil.rmtree(earlier)
