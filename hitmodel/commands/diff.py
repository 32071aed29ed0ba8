"""``hitmodel diff``: two contracts held against each other in plain words, or two runs of a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.dates import parse_date
from hitmodel.errors import InputError

if TYPE_CHECKING:
    from hitmodel.contract_diff import ContractDiff

DIFFERENT = 1


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(diff)


def diff(
    before: Annotated[
        str, typer.Argument(help="A contract by name or path, or the folder of a report.", metavar="BEFORE")
    ],
    after: Annotated[str, typer.Argument(help="Another contract, or another run.", metavar="AFTER")],
    claims: Annotated[
        Path | None, typer.Option(help="Claims on which each clause's dollars are worked out.", metavar="FILE")
    ] = None,
    as_of: Annotated[
        str, typer.Option(help="Compare the versions of this day (ISO), and price as of it.", metavar="DATE")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Also write it: .html, .pdf or .xlsx.", metavar="FILE")] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="Write the overlay (.toml) that makes the second of the first.", metavar="FILE"),
    ] = None,
) -> None:
    """Say what one contract says differently from another, clause by clause; or what moved between two runs.

    Exit code 0 when nothing differs, 1 when something does.

    hitmodel diff meridian meridian_proposal_a --claims data/samples/claims_2025.csv
    """
    if _are_runs(before, after):
        if claims or as_of or out or overlay:
            raise InputError("two runs are compared as they are", expected="no option beside the two folders")
        from hitmodel.commands.runs import diff_runs

        diff_runs(Path(before), Path(after))
        return
    from hitmodel.commands.screen import console, saying
    from hitmodel.diff_tables import (
        code_sentences,
        diff_document,
        ended_words,
        headline,
        sentences,
        stopped_sentences,
    )
    from hitmodel.reviewing import differing

    with saying("Repricing clause by clause" if claims else "Reading the contracts"):
        made = differing(before, after, claims, parse_date(as_of, "--as-of") if as_of else None)
    shown = console()
    shown.print(f"{headline(made)}{ended_words(made)}", style="bold")
    if made.stopped:
        shown.print("Paid today, and no longer by themselves:", style="bold")
        for sentence in stopped_sentences(made):
            shown.print(f"- {sentence}")
        shown.print("Clause by clause:", style="bold")
    for sentence in sentences(made):
        shown.print(f"- {sentence}")
    if made.rates and made.speaks_of_schedules:
        shown.print("Rates by code:", style="bold")
        for sentence in code_sentences(made):
            shown.print(f"- {sentence}")
    if overlay is not None:
        _write_overlay(made, overlay)
    if out is not None:
        from hitmodel.document_files import write_document

        write_document(diff_document(made), out)
        typer.echo(f"The comparison is in {out}.")
    if made.differences:
        raise typer.Exit(DIFFERENT)


def _are_runs(before: str, after: str) -> bool:
    from hitmodel.run_record import is_run

    return is_run(Path(before)) and is_run(Path(after))


def _write_overlay(made: ContractDiff, target: Path) -> None:
    from hitmodel.diff_overlay import overlay_between
    from hitmodel.overlay_file import write_contract_file
    from hitmodel.overlays import extends_name
    from hitmodel.paths import located

    tables = overlay_between(made.before, made.after, extends_name(located(made.before.file), target))
    write_contract_file(tables, target, f"What makes {made.titles[1]} of {made.titles[0]}.")
    typer.echo(f"The overlay is in {target}.")
