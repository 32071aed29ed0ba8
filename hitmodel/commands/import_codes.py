"""``hitmodel import hcpcs``: a new HCPCS release, with what it changes among home infusion codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.imports import FINDINGS, WorkspaceFolder, importing

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from hitmodel.intake.release_changes import Added, ReleaseChange, Reworded

ADDED, ENDED, OTHER_WORDS = "green", "bright_red", "yellow"
_WIDEST = 10


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
    contract: Annotated[
        list[str] | None,
        typer.Option(help="A contract elsewhere to hold against what ended, name or path. May be given again."),
    ] = None,
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in an HCPCS release as a dated code table, and show what it adds, ends and rewords.

    Ends with exit code 1 where a contract names a code that ended.

    hitmodel import hcpcs january-2027-alpha-numeric-hcpcs-file.zip
    """
    from hitmodel.commands.import_tables import show_landed
    from hitmodel.commands.screen import console
    from hitmodel.intake.release_import import import_release

    made = import_release(file, workspace, release, contract or ())
    show_landed(made.landed)
    console().print(f"In force from {made.in_force_from}; lines from that day on are held against it.")
    _show_change(made.change)
    if made.change.contracts or made.change.unread:
        raise typer.Exit(FINDINGS)


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
    out.print(_changes(change))
    if change.drugs:
        out.print(f"New drug codes that we do not classify: {', '.join(one.code for one in change.drugs)}.")
    _show_next(change)


def _changes(change: ReleaseChange) -> Table:
    """Return what was added, ended and reworded, each code's words beside it."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 1))
    made.add_column(min_width=_WIDEST, no_wrap=True)
    made.add_column(no_wrap=True, style="bold")
    made.add_column(overflow="fold")
    for one in change.added:
        made.add_row(Text("added", ADDED), one.code, Text(f"{one.descriptor}{_from(one)}"))
    for ended in change.ended:
        when = f"last day {ended.last_day}" if ended.last_day else "no longer listed; the file gives no last day"
        follows = f"; {ended.successor} follows it" if ended.successor else ""
        made.add_row(Text("ended", ENDED), ended.code, Text(f"{ended.descriptor} ({when}{follows})"))
    for reworded in change.reworded:
        was, now = _marked(reworded)
        made.add_row(Text("reworded", OTHER_WORDS), reworded.code, was)
        made.add_row(Text("now", OTHER_WORDS), reworded.code, now)
    return made


def _from(one: Added) -> str:
    return f" (from {one.first_day})" if one.first_day else ""


def _marked(reworded: Reworded) -> tuple[Text, Text]:
    """Return both wordings of a code; what differs is coloured, and in brackets for those who see no colour."""
    from rich.text import Text

    from hitmodel.intake.release_changes import changed_words

    made = []
    for parts, colour in zip(changed_words(reworded.before, reworded.after), (ENDED, ADDED), strict=True):
        texts = [Text(f"[{words}]" if differs else words, colour if differs else "") for words, differs in parts]
        made.append(Text(" ").join(texts))
    return made[0], made[1]


def _show_next(change: ReleaseChange) -> None:
    """Say what is left to do: contracts that name an ended code, and codes that no table of ours classifies."""
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    out = console()
    if change.contracts:
        out.print(f"Of {counted(change.looked_at, 'contract')}, these name an ended code beyond its last day:")
        rows = [(one.code, one.contract, one.place) for one in change.contracts]
        out.print(table(["code", "contract", "where"], rows))
    elif change.ended:
        out.print(f"None of {counted(change.looked_at, 'contract')} names an ended code beyond its last day.")
    if change.unread:
        out.print(f"Could not be read, so not looked at: {', '.join(change.unread)}; hitmodel check says why.")
    unread = [one.code for one in change.added if not one.classified]
    if unread:
        out.print(
            f"Not yet classified: {', '.join(unread)}. A contract can price them by code; to price them by therapy "
            "class, add a row to the file of its subject in data/codes/classes."
        )
