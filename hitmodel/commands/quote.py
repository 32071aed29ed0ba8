"""``hitmodel quote``: a therapy order as claim lines, expected payment and margin under each contract."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel import paths
from hitmodel.dates import parse_date, typed_date
from hitmodel.errors import InputError
from hitmodel.files import written_whole

if TYPE_CHECKING:
    from hitmodel.orders import Order
    from hitmodel.quotes import Quote
    from hitmodel.tables import Table

OPEN = 1


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(quote)


def quote(
    order: Annotated[
        Path | None, typer.Argument(help="A therapy order, TOML; see docs/quote.md.", metavar="[ORDER.toml]")
    ] = None,
    therapy: Annotated[
        list[str] | None,
        typer.Option(
            help='In place of a file, a therapy in words: "vancomycin 1.25 g every 12h". May be given again.',
            metavar="WORDS",
        ),
    ] = None,
    start: Annotated[str, typer.Option(help="First day of what --therapy says (ISO).", metavar="DATE")] = "",
    stop: Annotated[str, typer.Option(help="Last day of it, counted too (ISO).", metavar="DATE")] = "",
    new: Annotated[
        Path | None, typer.Option(help="Write an order to fill in, and do nothing else.", metavar="FILE")
    ] = None,
    contract: Annotated[
        list[str] | None,
        typer.Option(
            help="A contract; may be given again. When left out, all that are in force on the order's days.",
            metavar="NAME_OR_PATH",
        ),
    ] = None,
    charges: Annotated[
        Path | None,
        typer.Option(help="Chargemaster, CSV: code, from, charge. The order's own [charges] go first.", metavar="FILE"),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            help="What NDCs were invoiced at, for drug cost. The order's own [costs] go first.", metavar="FILE"
        ),
    ] = None,
    as_of: Annotated[str, typer.Option(help="Price by the terms of this day (ISO).", metavar="DATE")] = "",
    drug_prices: Annotated[
        str, typer.Option(help="Drug prices of: service_quarter, latest, or a quarter such as 2025Q3.")
    ] = "service_quarter",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write: PDF, HTML, workbook, tables and claim lines.", metavar="DIR")
    ] = None,
    rate_sheet: Annotated[
        str,
        typer.Option(help="Also write a one-page rate sheet for a payer, at this contract's rates.", metavar="NAME"),
    ] = "",
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Whether to set the quote as PDF too.")] = True,
) -> None:
    """Quote one patient: claim lines, expected payment and margin of a therapy order under each contract.

    Each contract's own conventions count the days, rank the therapies and round the units. What a contract does not
    settle is listed as an assumption with the dollars that hang on it. Exit code 1 when anything ordered has no amount.

    hitmodel quote data/samples/orders/two_antibiotics.toml --contract meridian --out reports/quote

    hitmodel quote --therapy "vancomycin 1.25 g every 12h" --therapy "tpn 1.8 litres" --start 2025-06-02 --stop
    2025-06-15 --contract meridian
    """
    if new is not None:
        _begin(new)
        return
    from hitmodel.charges import read_charges
    from hitmodel.commands.screen import saying
    from hitmodel.prices import NdcPriceTable
    from hitmodel.quotes import Basis
    from hitmodel.quoting import quote as quote_order

    if rate_sheet and out is None:
        raise InputError("a rate sheet is a file", where="--rate-sheet", expected="--out DIR beside it")
    basis = Basis(
        charges=read_charges(charges) if charges else None,
        prices=NdcPriceTable.load(prices) if prices else None,
        as_of=parse_date(as_of, "--as-of") if as_of else None,
        drug_prices=drug_prices,
    )
    with saying("Reading the order under each contract"):
        made = quote_order(_ordered(order, therapy or (), start, stop), contract or (), basis)
    for finding in basis.prices.findings if basis.prices else ():
        print(finding, file=sys.stderr)
    if out is not None:
        with saying("Setting the pages"):
            _write(made, out, rate_sheet, pdf, [path for path in (charges, prices) if path])
    _show(made)
    if out is not None:
        typer.echo(f"All files are in {out}.")
    if not made.is_complete:
        raise typer.Exit(OPEN)


def _begin(file: Path) -> None:
    """Write an order to fill in; a file that is there stays as it is."""
    if file.exists():
        raise InputError("it is there already", where=f"--new {file}", next_step="Give another name.")
    with written_whole(file) as draft:
        draft.write_bytes(paths.data("samples", "order_to_fill_in.toml").read_bytes())
    typer.echo(f"{file} is an order to fill in. Change it, then: hitmodel quote {file} --contract NAME")


def _ordered(file: Path | None, therapies: Sequence[str], start: str, stop: str) -> Order | Path:
    """Return the order's file, or the order that is said in words."""
    from hitmodel.codes import code_table
    from hitmodel.order_words import order_said

    if (file is None) == (not therapies):
        raise InputError(
            "an order is a file or said in words" if therapies else "nothing is ordered",
            expected='either ORDER.toml or --therapy "vancomycin 1.25 g every 12h for 14 days" --start DATE',
            next_step="hitmodel quote --new order.toml writes an order to fill in." if not therapies else "",
        )
    if file is not None:
        return file
    first = typed_date(start, "--start") if start else None
    return order_said(therapies, first, typed_date(stop, "--stop") if stop else None, code_table())


def _write(made: Quote, out: Path, sheet: str, pdf: bool, inputs: list[Path]) -> None:
    from hitmodel.quote_files import write_quote

    write_quote(made, out, sheet=sheet, pdf=pdf, inputs=inputs)


def _show(made: Quote) -> None:
    from hitmodel.commands.screen import console
    from hitmodel.quote_tables import (
        assumptions_table,
        expected_table,
        headline,
        left_out_table,
        lines_table,
        margin_table,
        not_billed_table,
    )

    for side in made.sides:
        for table in (lines_table(side), not_billed_table(side), assumptions_table(side)):
            if table.rows:
                _print(table)
    console().print(headline(made), style="bold")
    _print(expected_table(made))
    _print(margin_table(made))
    if made.left_out:
        _print(left_out_table(made))


def _print(shown: Table) -> None:
    """Print a table with its finding above and its notes below."""
    from hitmodel.commands.screen import console, table
    from hitmodel.table_views import column_texts

    numbers = [column.label for column in shown.columns if column.is_number]
    every = [*shown.rows, *shown.totals]
    columns = [column_texts(c, [row[i] for row in every], pad=" ") for i, c in enumerate(shown.columns)]
    out = console()
    out.print(shown.headline, style="bold")
    out.print(table([c.label for c in shown.columns], zip(*columns, strict=True), numbers=numbers))
    for note in shown.notes:
        out.print(note)
