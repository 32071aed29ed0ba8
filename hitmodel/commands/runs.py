"""``hitmodel runs`` and ``batch``: the ledger of all runs, two runs side by side, and many scenarios at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.batch import Made

FINDINGS = 1
SHOWN = 60
BESIDE = "xlsx,csv"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(runs)
    app.command()(batch)


def runs(
    failed: Annotated[bool, typer.Option("--failed", help="Only runs that failed.")] = False,
    schedule: Annotated[str, typer.Option(help="Only runs of this schedule.")] = "",
    reports: Annotated[Path | None, typer.Option("--reports", help="The folder of reports; else reports/.")] = None,
    last: Annotated[int, typer.Option(help="How many, the latest first.", min=1)] = 20,
) -> None:
    """List all runs from the ledger, the latest first, and say whether the ledger is unbroken.

    hitmodel runs --failed
    """
    from hitmodel.commands.screen import console, table
    from hitmodel.ledger import read_ledger
    from hitmodel.scheduled import reports_home
    from hitmodel.sentences import counted

    home = reports_home(reports)
    ledger = read_ledger(home)
    wanted = [e for e in ledger.runs() if (e["status"] == "failed" or not failed) and schedule in ("", e["schedule"])]
    rows = [
        (
            str(e["number"]),
            e["started"][:10],
            " ".join(part for part in (e["schedule"] or e["report"], e["item"], e["edition"]) if part),
            e["status"],
            e["headline"] if len(e["headline"]) <= SHOWN else f"{e['headline'][:SHOWN]}…",
            e["run"] if e["status"] == "ok" else f"{e['run']}-failed",
        )
        for e in wanted[::-1][:last]
    ]
    if rows:
        shown = table(["no.", "day", "report", "status", "what it says", "folder"], rows, numbers=["no."])
        shown.columns[-1].no_wrap = True  # so that it can be copied
        console().print(shown)
    entries = counted(len(ledger.entries), "entry", "entries")
    typer.echo(f"{counted(len(wanted), 'run')}; {entries} in the ledger, page of all: {home / 'index.html'}")
    if ledger.broken:
        typer.echo(f"The ledger was changed: {ledger.broken} does not follow from the line before it.", err=True)
        raise typer.Exit(FINDINGS)


def diff_runs(first: Path, second: Path) -> None:
    """Print how the second run of a report differs from the first; leave with 1 when it does."""
    from hitmodel.commands.differences import say_count, say_differences, say_moves
    from hitmodel.run_diff import compare_runs

    found = compare_runs(first, second)
    say_moves(found.moves, "What moved:")
    say_differences(found.differences, first.name, second.name)
    say_count(found.values, len(found.differences))
    if not found.is_same:
        raise typer.Exit(FINDINGS)


def batch(
    notebook: Annotated[str, typer.Argument(help="A notebook: its name in notebooks/, or a path.")],
    over: Annotated[Path, typer.Option(help="A table of runs: TOML or CSV; see docs/schedules.md.", metavar="TABLE")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to; reports/NAME_TABLE when not given.")] = None,
    jobs: Annotated[int | None, typer.Option(help="How many at a time; else one for each core.", min=1)] = None,
    edition: Annotated[str, typer.Option(help="internal, or external: fit for a payer.")] = "internal",
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Whether to set PDFs too.")] = False,
    formats: Annotated[str, typer.Option(help="What to write beside the page: any of pdf,xlsx,csv,svg,png.")] = BESIDE,
    without_notebooks: Annotated[
        bool, typer.Option("--without-notebooks", help="Keep no executed notebooks: several times as quick.")
    ] = False,
    time_limit: Annotated[float, typer.Option(help="Minutes that one report may take.", min=0.01)] = 30,
    memory_limit: Annotated[
        int | None, typer.Option(help="MB of memory that each process may take; not on Windows.", min=500)
    ] = None,
) -> None:
    """Make one report for each row of a table, several at a time. One that fails fails alone and is listed.

    hitmodel batch 50_contract_comparison --over data/samples/offers.toml --without-notebooks
    """
    from hitmodel.batch import Batch, make_batch
    from hitmodel.commands.screen import counting
    from hitmodel.editions import edition_named
    from hitmodel.paths import reports, shown
    from hitmodel.report import formats_named
    from hitmodel.runner import Limits, find_notebook
    from hitmodel.timetable import read_items

    items = read_items(over)
    folder = out or reports() / f"{find_notebook(notebook).stem}_{over.stem}"
    asked = Batch(
        notebook=notebook,
        items=items,
        out=folder,
        edition=edition_named(edition),
        formats=formats_named(f"{formats},pdf" if pdf else formats),
        limits=Limits(60 * time_limit, memory_limit),
        keeps_notebooks=not without_notebooks,
    )
    with counting("reports", len(items)) as step:
        made = make_batch(asked, jobs, step)
    _say_made(made)
    typer.echo(f"{sum(m.is_good for m in made)} of {len(made)} reports are in {shown(folder)}; begin with index.html.")
    if not all(m.is_good for m in made):
        raise typer.Exit(FINDINGS)


def _say_made(made: list[Made]) -> None:
    from hitmodel.commands.screen import console, table

    rows = [(m.name, "good" if m.is_good else "failed", m.headline if m.is_good else m.error) for m in made]
    console().print(table(["run", "status", "what it says"], rows))
