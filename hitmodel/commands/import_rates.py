"""``hitmodel import fee-schedule``: a payer's rate exhibit into a contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.import_prices import Columns, chosen_columns, some
from hitmodel.commands.import_tables import show_landed
from hitmodel.commands.imports import WorkspaceFolder, importing

if TYPE_CHECKING:
    from hitmodel.intake.fee_schedule_import import ScheduleLanded

MOST_ASIDE = 30


def register(app: typer.Typer) -> None:
    """Add the command to ``hitmodel import``."""
    del app
    importing.command("fee-schedule")(fee_schedule)


def fee_schedule(
    file: Annotated[Path, typer.Argument(help="The payer's rate exhibit, CSV or Excel.", metavar="FILE")],
    into: Annotated[str, typer.Option(metavar="CONTRACT", help="The contract that it changes, or a new name.")],
    begins: Annotated[
        str, typer.Option("--from", metavar="DATE", help="From when the rates hold, where the file does not say.")
    ] = "",
    payer: Annotated[list[str] | None, typer.Option(help="Whose contract it is, for a new one.")] = None,
    name: Annotated[
        str, typer.Option(help="What the outcome is called.", show_default="the contract's and the file's name")
    ] = "",
    title: Annotated[
        str, typer.Option(help="What documents call it.", show_default="the contract's title and the file's name")
    ] = "",
    column: Columns = None,
    workspace: WorkspaceFolder = None,
) -> None:
    """Lay a payer's rate exhibit into a contract: its rates changed, the rest as a rate schedule.

    hitmodel import fee-schedule exhibit_b_2027.xlsx --into meridian --from 2027-01-01
    """
    from hitmodel.dates import parse_date
    from hitmodel.intake.fee_schedule import FIELDS
    from hitmodel.intake.fee_schedule_import import ScheduleOptions, import_fee_schedule
    from hitmodel.paths import located

    day = parse_date(begins, "--from") if begins else None
    options = ScheduleOptions(day, tuple(payer or ()), name, chosen_columns(column, tuple(FIELDS)), title)
    _show(import_fee_schedule(located(file), into, options, workspace))


def _show(made: ScheduleLanded) -> None:
    from hitmodel import paths
    from hitmodel.commands.screen import console
    from hitmodel.labels import words
    from hitmodel.sentences import counted

    show_landed(made.landed)
    out, laid = console(), made.laid
    if laid.rows:
        out.print(f"{counted(len({line.code for line in laid.rows}), 'code')} in a rate schedule")
    _show_rates(made)
    if laid.restated:
        told = ", ".join(f"“{words(name)}”" for name in laid.restated)
        out.print(
            f"{told} no longer holds for the rates that the exhibit states, which are paid as stated from "
            f"{made.begins}. If it is to go on from there, name their clauses in it."
        )
    for remark in laid.otherwise:
        out.print(f"Unit: {remark}")
    if laid.narrowed:
        out.print(f"No longer about those codes: {some(tuple(laid.narrowed))}")
    if made.exhibit.unused:
        out.print(f"Columns not used: {some(made.exhibit.unused)}")
    if made.exhibit.aside:
        _show_aside(made.exhibit.aside)
    over = f", an overlay on {made.base}" if made.base else ", a new contract"
    out.print(f"{made.contract}{over}, from {made.begins}: {paths.shown(made.file)}")
    for note in made.notes:
        out.print(f"note: {note}")
    out.print(
        f"Clauses, drug prices and dates: hitmodel contract to-xlsx {made.contract}, type them in, and from-xlsx."
    )
    if made.base:
        out.print(f"What it changes: hitmodel compare CLAIMS --baseline {made.base} --proposal {made.contract}")
        out.print(f"Read it clause by clause: hitmodel review {made.contract} --against {made.base} --claims CLAIMS")
    else:
        out.print("It says nothing yet of drugs, concurrency and the charge limit unless the exhibit did.")


def _show_aside(aside: tuple[str, ...]) -> None:
    """Show what stands on sheets without rates: nobody has read it for the user yet."""
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted

    out = console()
    out.print(f"{counted(len(aside), 'text')} beside the rates, which only you can make clauses of:")
    for text in aside[:MOST_ASIDE]:
        out.print(f"  {text}")
    if len(aside) > MOST_ASIDE:
        out.print(f"  and {len(aside) - MOST_ASIDE} more")


def _show_rates(made: ScheduleLanded) -> None:
    """Show every code whose rate differs from the contract's, by its name and not by its clause."""
    from hitmodel.commands.screen import console, table
    from hitmodel.contract_diff import rates_that_differ
    from hitmodel.contracts import load_contract
    from hitmodel.diff_tables import rate_words
    from hitmodel.references import default_references
    from hitmodel.sentences import counted

    if not made.base:
        return
    before, after = load_contract(made.base), load_contract(made.file)
    rows = rates_that_differ(before, after, made.begins, default_references())
    if rows:
        console().print(f"{counted(len(rows), 'rate')} differ{'s' if len(rows) == 1 else ''} from {made.begins}:")
        told = [(row.name, rate_words(row.other), rate_words(row.price)) for row in rows]
        console().print(table(["code", "before", "now"], told, numbers=["before", "now"]))
