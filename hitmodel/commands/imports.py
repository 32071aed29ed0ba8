"""``hitmodel import …``: outside files into the workspace. Other modules add their formats to `importing`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.workspace import Entry

importing = typer.Typer(
    name="import",
    no_args_is_help=True,
    help="Bring outside files into the workspace: claims, remittances, prices, codes.",
)

WorkspaceFolder = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="The folder that holds what was imported; data/local when not given.", metavar="FOLDER"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group to ``app``."""
    app.add_typer(importing)


def show_entry(entry: Entry) -> None:
    """Print what came of an import: rows in and kept, and each kind of finding with its first rows."""
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    what = (
        f"{entry.source}: {counted(entry.rows_in, 'row')} in, {entry.rows_kept:,} kept as {entry.kind} '{entry.name}'"
    )
    console().print(f"{what}; takes the place of an earlier import" if entry.replaced else what)
    if entry.findings:
        rows = [
            ("repaired" if c.repaired else "finding", c.field, f"{c.count:,}", ", ".join(map(str, c.rows)), c.example)
            for c in entry.findings
        ]
        console().print(table(["", "field", "times", "rows", "for example"], rows, numbers=["times"]))
