"""``hitmodel report``, ``demo`` and ``verify``: run a notebook, write its report, and compute a report again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.editions import Edition
    from hitmodel.moved import Move
    from hitmodel.numbers import Difference

DEMO = "50_contract_comparison"
SHOWN_DIFFERENCES = 20
LONGEST_SHOWN = 110


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
    _make(DEMO, (), "internal", None, True)


def verify(
    run: Annotated[Path, typer.Argument(help="The folder of an internal report.")],
) -> None:
    """Compute a report again and say, number by number, whether it comes out the same.

    hitmodel verify reports/50_contract_comparison
    """
    from hitmodel import verify as again

    verdict = again.verify(run, progress=sys.stderr.isatty())
    for name in verdict.altered:
        typer.echo(f"{name} has been altered since it was written.")
    for remark in verdict.unchecked:
        typer.echo(remark)
    _say_changed(verdict.changed_inputs)
    if verdict.differences:
        _say_differences(verdict.differences)
    different = f"{len(verdict.differences):,} not the same" if verdict.differences else "all the same"
    if verdict.numbers:
        typer.echo(f"{verdict.numbers:,} values compared: {different}.")
    if not verdict.is_same:
        raise typer.Exit(1)
    if not verdict.numbers:
        typer.echo("Every file is as it was written.")


def _say_changed(moves: Sequence[Move]) -> None:
    """Print what went in differently since the report was made."""
    if moves:
        typer.echo("Changed since the report was made:")
        for move in moves[:SHOWN_DIFFERENCES]:
            typer.echo(f"  {move}")
        _say_more(len(moves))


def _say_differences(found: Sequence[Difference]) -> None:
    """Print how much differs in each part of the report, then the first values, those of the first page before all."""
    from collections import Counter

    from hitmodel.commands.screen import console, table

    parts = Counter(difference.part for difference in found)
    rows = [(d.part, d.where, _cut(d.was), _cut(d.now)) for d in found[:SHOWN_DIFFERENCES]]
    console().print(table(["in", "value", "in the report", "now"], rows))
    _say_more(len(found))
    typer.echo("Not the same: " + ", ".join(f"{number:,} in {part}" for part, number in parts.items()) + ".")


def _say_more(number: int) -> None:
    if number > SHOWN_DIFFERENCES:
        typer.echo(f"  … and {number - SHOWN_DIFFERENCES:,} more.")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _parameters(notebook: str) -> str:
    from hitmodel.parameters import describe, read_parameters
    from hitmodel.runner import find_notebook, read_notebook

    path = find_notebook(notebook)
    return describe(read_parameters(read_notebook(path).cells, path.name))


def _make(notebook: str, given: tuple[str, ...], edition: Edition, out: Path | None, pdf: bool) -> None:
    from hitmodel.paths import shown
    from hitmodel.report import FORMATS, Request, make_report

    formats = tuple(name for name in FORMATS if pdf or name != "pdf")
    made = make_report(Request(notebook, given, edition, out, formats), progress=sys.stderr.isatty())
    typer.echo(made.headline)
    for kind, path in (("PDF", made.pdf), ("HTML", made.html), ("all files", made.folder)):
        if path:
            typer.echo(f"  {kind:<10} {shown(path)}")
