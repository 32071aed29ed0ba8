"""``hitmodel report``, ``demo`` and ``verify``: run a notebook, write its report, and compute a report again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hitmodel.editions import Edition
    from hitmodel.parameters import Value
    from hitmodel.report import Run

DEMO = "50_contract_comparison"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(report)
    app.command()(demo)
    app.command()(verify)


def report(
    notebook: Annotated[str, typer.Argument(help="A notebook: its name in notebooks/, or a path.")],
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="name=value; may be given again. Lists: a,b.")
    ] = None,
    edition: Annotated[str, typer.Option(help="internal, or external: fit for a payer.")] = "internal",
    out: Annotated[Path | None, typer.Option(help="Folder to write; reports/NAME when not given.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Whether to set a PDF too.")] = True,
    show: Annotated[bool, typer.Option("--parameters", help="Only list the notebook's parameters.")] = False,
) -> None:
    """Run a notebook with parameters and write PDF, HTML, workbook and CSV files.

    hitmodel report 50_contract_comparison -p baseline=cascade -p proposals=my_proposal --edition external
    """
    from hitmodel.editions import edition_named

    if show:
        typer.echo(_parameters(notebook))
        return
    _make(notebook, tuple(parameter or ()), edition_named(edition), out, pdf)


def demo() -> None:
    """Compare the sample contract with two invented proposals and write the report."""
    _make(DEMO, (), "internal", None, True, _run_aloud)


def verify(
    run: Annotated[Path, typer.Argument(help="The folder of a report, internal or external, or a copy of it.")],
    reports: Annotated[
        Path | None, typer.Option("--reports", help="Folder of reports where an external report was made.")
    ] = None,
) -> None:
    """Compute a report again and say, number by number, whether it comes out the same.

    What an external report was computed from stays in the folder of reports that it was made in.

    hitmodel verify reports/50_contract_comparison
    """
    from hitmodel import verify as again
    from hitmodel.commands.differences import say_count, say_differences, say_moves

    verdict = again.verify(run, home=reports, progress=sys.stderr.isatty())
    for name in verdict.altered:
        typer.echo(f"{name} has been altered since it was written.")
    for remark in verdict.unchecked:
        typer.echo(remark)
    say_moves(verdict.changed_inputs, "Changed since the report was made:")
    say_differences(verdict.differences, "in the report", "now")
    if verdict.numbers:
        say_count(verdict.numbers, len(verdict.differences))
    if not verdict.is_same:
        raise typer.Exit(1)
    if not verdict.numbers:
        typer.echo("Every file is as it was written.")


def _parameters(notebook: str) -> str:
    from hitmodel.parameters import describe, read_parameters
    from hitmodel.runner import find_notebook, read_notebook

    path = find_notebook(notebook)
    return describe(read_parameters(read_notebook(path).cells, path.name))


def _run_aloud(notebook: Any, name: str, values: Mapping[str, Value], edition: Edition) -> Any:
    """Run a notebook as every report does, and say what is done as it is done."""
    from hitmodel.runner import run_notebook

    typer.echo("1 of 2  The sample claims are priced under the contract and under two proposals …", err=True)
    executed = run_notebook(notebook, name, values, edition, progress=sys.stderr.isatty())
    typer.echo("2 of 2  The page, the PDF, the workbook and the tables are written …", err=True)
    return executed


def _make(
    notebook: str, given: tuple[str, ...], edition: Edition, out: Path | None, pdf: bool, run: Run | None = None
) -> None:
    from hitmodel.due import utc_now
    from hitmodel.paths import reports, shown
    from hitmodel.report import FORMATS, Request, make_report
    from hitmodel.run_books import record_all

    formats = tuple(name for name in FORMATS if pdf or name != "pdf")
    started = utc_now()
    made = make_report(Request(notebook, given, edition, out, formats), progress=sys.stderr.isatty(), run=run)
    if out is None:
        facts = {"report": made.html.stem, "edition": edition, "status": "ok", "headline": made.headline}
        record_all(reports(), [(made.folder, {**facts, "why": "by hand"})], (started, utc_now()))
    typer.echo(made.headline)
    for kind, path in (("PDF", made.pdf), ("HTML", made.html), ("all files", made.folder)):
        if path:
            typer.echo(f"  {kind:<10} {shown(path)}")
