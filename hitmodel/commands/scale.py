"""``hitmodel sample``: a book of synthetic claims of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(sample)


def sample(
    lines: Annotated[int, typer.Option(help="How many claim lines.", min=1)],
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier book in it is replaced.", metavar="DIR")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same claims.")] = 20250101,
) -> None:
    """Make a book of synthetic claims of any size: Parquet files, each of whole patients, shaped like the sample.

    hitmodel sample --lines 1000000 --out data/local/million
    """
    from hitmodel.book.many import make_many
    from hitmodel.commands.screen import counting

    with counting(f"{lines:,} lines", lines) as tick:
        patients = make_many(lines, out, seed, tick)
    typer.echo(f"{lines:,} lines of {patients:,} invented patients are in {out}.")
