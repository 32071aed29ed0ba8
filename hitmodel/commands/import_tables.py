"""``hitmodel import asp`` and ``crosswalk``: Medicare's drug prices and which NDC is which code, each quarter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.imports import WorkspaceFolder, importing, show_entry
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


def asp(files: Files, workspace: WorkspaceFolder = None) -> None:
    """Bring in Medicare's payment limits and NOC prices, one file a quarter; pricing uses them at once.

    hitmodel import asp "section 508 version of April 2026 Medicare Part B Payment Limit File.csv"
    """
    from hitmodel.intake.asp_import import import_asp

    def one(file: Path) -> None:
        quarters, others = import_asp(file, workspace)
        for quarter in quarters:
            _show_quarter(quarter)
        for landed in others:
            show_landed(landed)

    each(files, one)


def crosswalk(
    files: Files,
    quarter: Annotated[str, typer.Option(metavar="QUARTER", help="Its quarter, where the file does not say.")] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in CMS's NDC–HCPCS crosswalk: 'hitmodel import prices' takes codes and units from the newest one.

    hitmodel import crosswalk "section 508 version of January 2026 ASP NDC-HCPCS Crosswalk.csv"
    """
    from hitmodel.dates import Quarter
    from hitmodel.intake.asp_import import import_crosswalk

    named = Quarter.parse(quarter, where="--quarter") if quarter else None
    each(files, lambda file: show_landed(import_crosswalk(file, workspace, named)))


def each(files: list[Path], one: Callable[[Path], None]) -> None:
    """Take in each file, of a folder each within it; those refused are named together at the end, the others stay."""
    refused = []
    within = [sorted(p for p in f.iterdir() if p.is_file() and p.name[:1] != ".") if f.is_dir() else [f] for f in files]
    named = [file for some in within for file in some]
    for file in named:
        try:
            one(file)
        except InputError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        said = "\n".join(str(error) for error in refused)
        raise InputError(f"{len(refused)} of {len(named)} files were refused:\n{said}")


def show_landed(landed: Landed) -> None:
    """Print what came of an import, or that the same file is held already."""
    from hitmodel.commands.screen import console

    if landed.again:
        held = landed.entry
        console().print(f"{held.source}: held already as {held.kind} '{held.name}'; nothing changed")
    else:
        show_entry(landed.entry)


def _show_quarter(quarter: QuarterLanded) -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    show_landed(quarter.landed)
    out, change = console(), quarter.change
    if quarter.landed.again:
        return
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


def _row(moved: Moved) -> tuple[str, str, str, str]:
    return moved.code, moved.label, _dollars(moved.before), _dollars(moved.after)


def _dollars(limit: object) -> str:
    return "–" if limit is None else str(limit)
