"""``hitmodel import prices`` and ``index``: the user's own NDC prices, and published price indexes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.import_tables import Files, each, show_landed
from hitmodel.commands.imports import FINDINGS, WorkspaceFolder, has_findings, importing
from hitmodel.errors import InputError

if TYPE_CHECKING:
    from hitmodel.intake.landing import Landed
    from hitmodel.intake.price_import import PricesLanded

SHOWN = 12
"""NDCs and codes that a sentence lists before it says how many more there are."""
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=HEADING",
        help="Which column is a field, by heading or letters: --column invoice=C. Fields: ndc, from_date, awp, wac, "
        "invoice, nadac, package, unit, code, units_per_ndc_unit, name.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``hitmodel import``."""
    del app
    importing.command("prices")(prices)
    importing.command("index")(index)


def prices(
    file: Annotated[Path, typer.Argument(help="A price list by NDC, CSV or Excel.", metavar="FILE")],
    name: Annotated[str, typer.Option(help="What contracts call it.", show_default="the file's name")] = "",
    begins: Annotated[
        str, typer.Option("--from", metavar="DATE", help="From when the prices hold, where no column says.")
    ] = "",
    add: Annotated[
        bool, typer.Option("--add", help="Keep the rows held under that name, but for those it corrects.")
    ] = False,
    column: Columns = None,
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in your own prices by NDC: AWP, WAC, invoice, NADAC, for each NDC unit.

    hitmodel import prices awp_2026q2.xlsx --name awp --from 2026-04-01 --add
    """
    from hitmodel.dates import parse_date
    from hitmodel.intake.ndc_prices import FIELDS
    from hitmodel.intake.price_import import PriceOptions, import_prices

    day = parse_date(begins, "--from") if begins else None
    options = PriceOptions(name, day, chosen_columns(column, tuple(FIELDS)), add)
    made = import_prices(file, options, workspace)
    _show_prices(made)
    if not made.landed.again and has_findings(made.landed.entry):
        raise typer.Exit(FINDINGS)


def chosen_columns(column: list[str] | None, fields: tuple[str, ...]) -> dict[str, str]:
    """Return the columns that a user named, as field to heading. Raises `InputError` for a field that is none."""
    from hitmodel.errors import nearest

    chosen = {}
    for one in column or ():
        field, separator, heading = one.partition("=")
        if not separator or field not in fields:
            raise InputError(
                f"{one!r} names no field and column",
                where="--column",
                expected=f"FIELD=HEADING, where the field is one of {', '.join(fields)}",
                suggestion=nearest(field, fields),
            )
        chosen[field] = heading
    return chosen


def _show_prices(made: PricesLanded) -> None:
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted

    show_landed(made.landed)
    out, rows = console(), made.rows
    if made.landed.again:
        return
    days = sorted({row.from_date for row in rows})
    out.print(f"{counted(len({row.ndc for row in rows}), 'NDC')}, prices from {days[0]} to {days[-1]} on")
    if made.kept or made.replaced:
        out.print(f"{counted(made.kept, 'row')} held before stay; {made.replaced:,} gave way to corrected ones")
    if made.gone:
        out.print(f"Held before and not in this list: {some(made.gone)}")
    if made.unused:
        out.print(f"Columns not used: {', '.join(made.unused)}")
    out.print(f'A contract finds it as [drug_prices] ndc_table = "{made.landed.entry.name}"')


def some(names: tuple[str, ...]) -> str:
    """Return names as a list, no more than a screen can take."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def index(
    files: Files,
    series: Annotated[str, typer.Option(help="The index's name, for a table of month and value.")] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in price indexes by month: BLS's files, or your own month and value; contracts find them by name.

    hitmodel import index SeriesReport.xlsx · hitmodel import index basket.csv --series market_basket
    """
    from hitmodel.intake.price_import import import_index

    def one(file: Path) -> bool:
        for landed in import_index(file, series, workspace):
            _show_index(landed)
        return False

    each(files, one)


def _show_index(landed: Landed) -> None:
    from hitmodel.commands.screen import console

    entry = landed.entry
    if landed.again:
        console().print(f"{entry.source}: held already as index '{entry.name}'; nothing changed")
        return
    about = entry.about
    revised = f"; {about['revised']} months differ from what was held" if "revised" in about else ""
    took = "; takes the place of an earlier import" if landed.was else ""
    months = f"{entry.rows_kept:,} months, {about['from']} to {about['through']}"
    console().print(f"{entry.name}: {about['title']}: {months}{revised}{took}")
