"""``hitmodel import hcpcs``: a new HCPCS release, with what it changes among home infusion codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.imports import WorkspaceFolder, importing

if TYPE_CHECKING:
    from rich.text import Text

    from hitmodel.intake.release_changes import Added, ReleaseChange

ADDED, ENDED, OTHER_WORDS = "green", "red", "yellow"


def register(app: typer.Typer) -> None:
    """Add the command to ``hitmodel import``."""
    del app
    importing.command("hcpcs")(hcpcs)


def hcpcs(
    file: Annotated[
        Path, typer.Argument(help="CMS's release: zip, fixed-width text, Excel, or a list.", metavar="FILE")
    ],
    release: Annotated[
        str, typer.Option(metavar="YEAR-MONTH", help="Which release it is, where the file does not say.")
    ] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in an HCPCS release as a dated code table, and show what it adds, ends and rewords.

    hitmodel import hcpcs january-2027-alpha-numeric-hcpcs-file.zip
    """
    from hitmodel.commands.import_tables import show_landed
    from hitmodel.commands.screen import console
    from hitmodel.intake.release_import import import_release

    made = import_release(file, workspace, release)
    show_landed(made.landed)
    console().print(f"In force from {made.in_force_from}; lines from that day on are held against it.")
    _show_change(made.change)


def _show_change(change: ReleaseChange) -> None:
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted

    out = console()
    if not change.before:
        out.print("There is no earlier release to compare it with.")
        return
    counts = (
        f"{counted(len(change.added), 'home infusion code')} added, {len(change.ended)} ended, "
        f"{len(change.reworded)} reworded; {counted(len(change.drugs), 'drug code')} and "
        f"{counted(change.other_added, 'other')} added"
    )
    out.print(f"Against {change.before}: {counts}.")
    for one in change.added:
        out.print(_line("added", ADDED, one.code, f"{one.descriptor}{_from(one)}"))
    for ended in change.ended:
        when = f"last day {ended.last_day}" if ended.last_day else "no longer listed; the file gives no last day"
        follows = f"; {ended.successor} follows it" if ended.successor else ""
        out.print(_line("ended", ENDED, ended.code, f"{ended.descriptor} ({when}{follows})"))
    for reworded in change.reworded:
        _show_words(reworded.code, reworded.before, reworded.after)
    if change.drugs:
        out.print(f"New drug codes that we do not classify: {', '.join(one.code for one in change.drugs)}.")
    _show_next(change)


def _line(what: str, colour: str, code: str, words: str) -> Text:
    from rich.text import Text

    return Text.assemble((f"{what:<10} ", colour), (f"{code:<6}", "bold"), words)


def _from(one: Added) -> str:
    return f" (from {one.first_day})" if one.first_day else ""


def _show_words(code: str, before: str, after: str) -> None:
    """Print both wordings of a code; what differs is coloured, and in brackets for those who see no colour."""
    from rich.text import Text

    from hitmodel.commands.screen import console
    from hitmodel.intake.release_changes import changed_words

    was, now = changed_words(before, after)
    for what, parts, colour in (("reworded", was, ENDED), ("now", now, ADDED)):
        text = Text.assemble((f"{what:<10} ", OTHER_WORDS), (f"{code:<6}", "bold"))
        for words, differs in parts:
            text.append(f"[{words}]" if differs else words, style=colour if differs else "")
            text.append(" ")
        console().print(text)


def _show_next(change: ReleaseChange) -> None:
    """Say what is left to do: contracts that name an ended code, and codes that no table of ours classifies."""
    from hitmodel.commands.screen import console, table

    out = console()
    if change.contracts:
        out.print("Contracts that name an ended code beyond its last day:")
        rows = [(one.code, one.contract, one.place) for one in change.contracts]
        out.print(table(["code", "contract", "where"], rows))
    elif change.ended:
        out.print("No contract names an ended code beyond its last day.")
    unread = [one.code for one in change.added if not one.classified]
    if unread:
        out.print(
            f"Not yet classified: {', '.join(unread)}. A contract can price them by code; to price them by therapy "
            "class, add a row to the file of its subject in data/codes/classes."
        )
