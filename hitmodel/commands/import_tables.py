"""``hitmodel import asp`` and ``crosswalk``: Medicare's drug prices and which NDC is which code, each quarter."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.imports import FINDINGS, WorkspaceFolder, has_findings, importing, show_entry
from hitmodel.errors import InputError

if TYPE_CHECKING:
    from hitmodel.intake.asp_import import QuarterLanded
    from hitmodel.intake.landing import Landed
    from hitmodel.intake.quarter_changes import Moved

LARGEST = 8
"""Moves of a quarter that are shown."""
Files = Annotated[
    list[Path],
    typer.Argument(help="Files as they were downloaded, or folders of them: zip, CSV, Excel.", metavar="FILE…"),
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``hitmodel import``."""
    del app
    importing.command("asp")(asp)
    importing.command("crosswalk")(crosswalk)


Partial = Annotated[
    bool,
    typer.Option("--partial", help="The file is meant to hold far less than the quarter beside it: take it as it is."),
]


def asp(files: Files, partial: Partial = False, workspace: WorkspaceFolder = None) -> None:
    """Bring in Medicare's payment limits and NOC prices, one file a quarter; pricing uses them at once.

    hitmodel import asp "section 508 version of April 2026 Medicare Part B Payment Limit File.csv"
    """
    from hitmodel.intake.asp_import import import_asp

    def one(file: Path) -> bool:
        quarters, others = import_asp(file, workspace, whole=not partial)
        return any([*map(_show_quarter, quarters), *map(show_landed, others)])

    each(files, one)


def crosswalk(
    files: Files,
    quarter: Annotated[str, typer.Option(metavar="QUARTER", help="Its quarter, where the file does not say.")] = "",
    partial: Partial = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in CMS's NDC–HCPCS crosswalk: 'hitmodel import prices' takes codes and units from the newest one.

    hitmodel import crosswalk "section 508 version of January 2026 ASP NDC-HCPCS Crosswalk.csv"
    """
    from hitmodel.dates import Quarter
    from hitmodel.intake.asp_import import import_crosswalk

    named = Quarter.parse(quarter, where="--quarter") if quarter else None
    each(files, lambda file: show_landed(import_crosswalk(file, workspace, named, whole=not partial)))


def each(files: list[Path], one: Callable[[Path], bool]) -> None:
    """Take in each file, of a folder each within it; those refused are named, and the others stay.

    ``one`` says whether there is something to look at. Ends with exit code 1 where there is, or where some of several
    files were refused. Raises `InputError` when all were.
    """
    refused, look = [], False
    within = [sorted(p for p in f.iterdir() if p.is_file() and p.name[:1] != ".") if f.is_dir() else [f] for f in files]
    named = [file for some in within for file in some]
    for file in named:
        try:
            look |= one(file)
        except InputError as error:
            refused.append(error)
    if len(refused) == 1 == len(named):
        raise refused[0]
    if refused:
        said = "\n".join(str(error) for error in refused)
        all_of_them = InputError(f"{len(refused)} of {len(named)} files were refused:\n{said}")
        if len(refused) == len(named):
            raise all_of_them
        print(f"hitmodel: {all_of_them}", file=sys.stderr)
    if refused or look:
        raise typer.Exit(FINDINGS)


def show_landed(landed: Landed) -> bool:
    """Print what came of an import, or that the same file is held already; return whether it has findings."""
    from hitmodel.commands.screen import console

    if landed.again:
        held = landed.entry
        console().print(f"{held.source}: held already as {held.kind} '{held.name}'; nothing changed")
        return False
    show_entry(landed.entry)
    return has_findings(landed.entry)


def _show_quarter(quarter: QuarterLanded) -> bool:
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    look = show_landed(quarter.landed)
    out, change = console(), quarter.change
    if quarter.landed.again:
        return False
    if change.restated:
        out.print(f"{change.quarter} is restated: {counted(len(change.restated), 'limit')} of our codes changed")
        out.print(table(["code", "", "before", "now"], map(_row, change.restated), numbers=["before", "now"]))
    if change.vanished:
        out.print(f"Without a limit since {change.since}:")
        out.print(table(["code", "", "why"], [(v.code, v.label, v.why) for v in change.vanished]))
    if change.begun:
        codes = ", ".join(m.code for m in change.begun)
        out.print(f"With a limit for the first time since {change.since}: {codes}")
    if change.moved:
        out.print(f"{len(change.moved)} limits moved since {change.since}; the largest moves:")
        rows = map(_row, change.moved[:LARGEST])
        out.print(table(["code", "", str(change.since), str(change.quarter)], rows, numbers=[str(change.quarter)]))
    return look


def _row(moved: Moved) -> tuple[str, str, str, str]:
    return moved.code, moved.label, _dollars(moved.before), _dollars(moved.after)


def _dollars(limit: object) -> str:
    return "–" if limit is None else str(limit)
