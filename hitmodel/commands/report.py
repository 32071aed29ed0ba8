"""``hitmodel report`` and ``hitmodel demo``: run a notebook and write its report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.editions import Edition

DEMO = "50_contract_comparison"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(report)
    app.command()(demo)


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

    hitmodel report 50_contract_comparison -p contract=cascade -p proposals=my_proposal --edition external
    """
    from hitmodel.editions import edition_named

    if show:
        typer.echo(_parameters(notebook))
        return
    _make(notebook, tuple(parameter or ()), edition_named(edition), out, pdf)


def demo() -> None:
    """Compare the sample contract with two invented proposals and write the report."""
    _make(DEMO, (), "internal", None, True)


def _parameters(notebook: str) -> str:
    from hitmodel.parameters import describe, read_parameters
    from hitmodel.runner import find_notebook, read_notebook

    path = find_notebook(notebook)
    return describe(read_parameters(read_notebook(path).cells, path.name))


def _make(notebook: str, given: tuple[str, ...], edition: Edition, out: Path | None, pdf: bool) -> None:
    from hitmodel.paths import shown
    from hitmodel.report import Request, make_report

    made = make_report(Request(notebook, given, edition, out, pdf), progress=sys.stderr.isatty())
    typer.echo(made.headline)
    for kind, path in (("PDF", made.pdf), ("HTML", made.html), ("all files", made.folder)):
        if path:
            typer.echo(f"  {kind:<10} {shown(path)}")
