"""``hitmodel import fee-schedule``: a payer's rate exhibit into a contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.import_prices import chosen_columns, some
from hitmodel.commands.imports import FINDINGS, WorkspaceFolder, has_findings, importing, show_entry

if TYPE_CHECKING:
    from decimal import Decimal

    from hitmodel.intake.exhibit_words import Per
    from hitmodel.intake.fee_schedule_import import ScheduleLanded

MOST_ASIDE, MOST_LEFT = 30, 60
MOST_RISE, MOST_FALL = 100, -50
"""Changes [percent] beyond which a rate looks like a slip of the pen."""


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
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=HEADING",
            help="Which column is a field, by its heading or letters: --column rate=E. Fields: code, rate, current "
            "(what is paid today), modifier, modifier_2, from, through, basis (what the rate is for).",
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE=UNIT",
            help="What the rate of a code is for, where the exhibit and the code differ: day, visit, hour, dose, "
            "dispense or unit.",
        ),
    ] = None,
    workspace: WorkspaceFolder = None,
) -> None:
    """Lay a payer's rate exhibit into a contract: its rates changed, the rest as a rate schedule.

    Ends with exit code 1 where rows were left out.

    hitmodel import fee-schedule exhibit_b_2027.xlsx --into meridian --from 2027-01-01
    """
    from hitmodel.dates import parse_date
    from hitmodel.intake.fee_schedule import FIELDS
    from hitmodel.intake.fee_schedule_import import ScheduleOptions, import_fee_schedule
    from hitmodel.paths import located

    day = parse_date(begins, "--from") if begins else None
    columns = chosen_columns(column, tuple(FIELDS))
    options = ScheduleOptions(day, tuple(payer or ()), name, columns, title, _units(unit))
    made = import_fee_schedule(located(file), into, options, workspace)
    _show(made)
    if has_findings(made.landed.entry):
        raise typer.Exit(FINDINGS)


def _units(said: list[str] | None) -> dict[str, Per]:
    """Return the units that a user gave, by code. Raises `InputError` for one that is none."""
    from hitmodel.errors import InputError, nearest
    from hitmodel.intake.exhibit_words import PERS

    found: dict[str, Per] = {}
    for one in said or ():
        code, equals, word = one.partition("=")
        per = next((per for per in PERS if per == word.strip().lower()), None)
        if not equals or per is None:
            raise InputError(
                f"{one!r} gives no code a unit",
                where="--unit",
                expected=f"CODE=UNIT, where UNIT is one of {', '.join(PERS)}",
                suggestion=nearest(word, PERS),
            )
        found[code.strip().upper()] = per
    return found


def _show(made: ScheduleLanded) -> None:
    from hitmodel import paths
    from hitmodel.commands.screen import console
    from hitmodel.labels import words
    from hitmodel.sentences import counted

    _show_landed(made)
    out, laid = console(), made.laid
    _show_left(made)
    _show_rates(made)
    if laid.rows:
        out.print(f"{counted(len({line.code for line in laid.rows}), 'code')} in a rate schedule")
    if laid.late:
        _show_late(made)
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
    anew = "; it takes the place of the one that was there" if made.rewritten else ""
    out.print(f"{made.contract}{over}, from {made.begins}: {paths.shown(made.file)}{anew}")
    for note in made.notes[:MOST_ASIDE]:
        out.print(f"note: {note}")
    if len(made.notes) > MOST_ASIDE:
        out.print(f"and {len(made.notes) - MOST_ASIDE:,} more notes: hitmodel check {made.contract} has them all")
    out.print(
        f"Clauses, drug prices and dates: hitmodel contract to-xlsx {made.contract}, type them in, and from-xlsx."
    )
    if made.base:
        out.print(f"What it changes: hitmodel compare CLAIMS --baseline {made.base} --proposal {made.contract}")
        out.print(f"Read it clause by clause: hitmodel review {made.contract} --against {made.base} --claims CLAIMS")
    else:
        out.print("It says nothing yet of drugs, concurrency and the charge limit unless the exhibit did.")


def _show_late(made: ScheduleLanded) -> None:
    """Show the codes whose first rate begins after the contract does, and what they are paid until then."""
    from hitmodel.commands.screen import console
    from hitmodel.intake.exhibit_rows import with_modifier
    from hitmodel.labels import words

    told = (f"{with_modifier(one.code, one.modifier)} {one.worth} from {one.first}" for one in made.laid.late)
    console().print(f"From a later day, and paid as before until the day before it: {'; '.join(told)}")
    if whole := [words(str(row["id"])) for rows in made.laid.increases.values() for row in rows if "terms" not in row]:
        console().print(f"  on those days without {', '.join(f'“{name}”' for name in whole)}, which names no clauses")


def _show_landed(made: ScheduleLanded) -> None:
    """Print rows in and kept with what was mended; of a file that is held already too, since nothing else says it."""
    from hitmodel.commands.screen import console

    if made.landed.again:
        contract = "the contract is written anew" if made.rewritten else "nothing changed"
        console().print(f"{made.landed.entry.source}: held already, asked for in the same way; {contract}")
    show_entry(made.landed.entry)


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


def _show_left(made: ScheduleLanded) -> None:
    """Show every row that was left out: whose it is, what it says, why, and what its codes go on being paid."""
    from hitmodel import paths
    from hitmodel.commands.screen import console, table
    from hitmodel.intake.fee_schedule_import import LEFT_FILE
    from hitmodel.sentences import counted

    changes = made.changes
    if changes.left:
        console().print(f"Left out: {counted(len(changes.left), 'rate')}, of which nothing was taken:")
        shown = changes.left[:MOST_LEFT]
        rows = [(one.place, one.whose or "–", one.said or "–", one.why, paid or "–") for one, paid in shown]
        console().print(table(["where", "whose", "it says", "why", "paid as before"], rows))
        if len(changes.left) > MOST_LEFT:
            more = len(changes.left) - MOST_LEFT
            console().print(f"and {more:,} more: all of them are in {paths.shown(made.file.parent / LEFT_FILE)}")


def _show_rates(made: ScheduleLanded) -> None:
    """Show every code of the exhibit that it pays otherwise, and the codes on which it and the contract do not meet."""
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    out, changes = console(), made.changes
    if changes.unclear:
        out.print(f"Rates cannot be set side by side: {changes.unclear}")
    changed = [one for one in changes.codes if one.changed]
    if changed:
        out.print(f"{counted(len(changed), 'rate')} differ{'s' if len(changed) == 1 else ''} from {made.begins}:")
        told = [(one.name, one.before, one.now, _percent(one.percent)) for one in changed]
        numbers = ["before", "now", "change"]
        out.print(table(["code", "before", "now", "change"], told, numbers=numbers))
    same = tuple(one.name for one in changes.codes if not one.changed)
    if same:
        out.print(f"As today: {some(same)}")
    if changes.today:
        out.print("The exhibit says that today is paid what the contract does not say:")
        rows = [(code, said, paid) for code, said, paid in changes.today]
        out.print(table(["code", "the exhibit's today", "the contract"], rows, numbers=["the exhibit's today"]))
    if changes.absent:
        out.print("Not in the exhibit, and paid as before:")
        for paid, names in changes.absent:
            out.print(f"  {paid}: {some(names)}")


def _percent(change: Decimal | None) -> str:
    """Return a change in percent; one to more than twice or less than half is marked to be looked at."""
    if change is None or change == 0:
        return ""
    look = " look" if change > MOST_RISE or change < MOST_FALL else ""
    return f"{change:+.1f} %{look}"
