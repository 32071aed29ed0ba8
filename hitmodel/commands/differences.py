"""How commands print what is not the same: what went in differently, and values side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import typer

from hitmodel.commands.screen import console, table
from hitmodel.moved import Move
from hitmodel.numbers import Difference

SHOWN = 20
LONGEST_SHOWN = 110


def say_moves(moves: Sequence[Move], heading: str) -> None:
    """Print what moved under a heading; nothing when nothing did."""
    if moves:
        typer.echo(heading)
        for move in moves[:SHOWN]:
            typer.echo(f"  {move}")
        _say_more(len(moves))


def say_differences(found: Sequence[Difference], was: str, now: str) -> None:
    """Print the first values that differ, those of the first page before all, then how many there are in each part."""
    if not found:
        return
    rows = [(d.part, d.where, _cut(d.was), _cut(d.now)) for d in found[:SHOWN]]
    console().print(table(["in", "value", was, now], rows))
    _say_more(len(found))
    parts = Counter(difference.part for difference in found)
    typer.echo("Not the same: " + ", ".join(f"{number:,} in {part}" for part, number in parts.items()) + ".")


def say_count(values: int, different: int) -> None:
    """Print how many values were compared and how many are not the same."""
    typer.echo(f"{values:,} values compared: {f'{different:,} not the same' if different else 'all the same'}.")


def _say_more(number: int) -> None:
    if number > SHOWN:
        typer.echo(f"  … and {number - SHOWN:,} more.")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
