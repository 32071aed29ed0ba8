"""``hitmodel contracts``: every contract with its dates, deadlines and worth."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hitmodel.dates import parse_date

NARROW = 130
"""Characters below which the table's dates would break over lines, so that contracts are told one after another."""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(contracts)


def contracts(
    claims: Annotated[
        Path | None, typer.Option(help="Claims on which each contract is priced, for its worth.", metavar="FILE")
    ] = None,
    on: Annotated[str, typer.Option(help="The day to look from (ISO); else today.", metavar="DATE")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Also write it, with the calendar: .pdf, .html or .xlsx.", metavar="FILE")
    ] = None,
) -> None:
    """List every contract: payers, products, dates, notice and renewal deadlines, and what it is worth.

    hitmodel contracts --claims data/samples/claims_2025.csv
    """
    from hitmodel.commands.screen import console, saying, table
    from hitmodel.renewal_tables import renewals_table
    from hitmodel.renewals import renewals
    from hitmodel.reviewing import pricer_of
    from hitmodel.table_views import column_texts

    day = parse_date(on, "--on") if on else date.today()
    with saying("Pricing each contract" if claims else "Reading the contracts"):
        found = renewals(day, pricer_of(claims) if claims else None)
    made = renewals_table(found, day)
    shown = console()
    shown.print(made.headline, style="bold")
    columns = [column_texts(c, [row[i] for row in made.rows], pad=" ") for i, c in enumerate(made.columns)]
    numbers = [c.label for c in made.columns if c.is_number]
    if shown.width < NARROW:
        _show_one_by_one([c.label for c in made.columns], list(zip(*columns, strict=True)))
    else:
        shown.print(table([c.label for c in made.columns], zip(*columns, strict=True), numbers=numbers))
    if out is not None:
        from hitmodel.document import Document
        from hitmodel.document_files import write_document
        from hitmodel.renewal_tables import renewals_calendars

        write_document(Document("Contracts", "internal", (*renewals_calendars(found, day), made)), out)
        typer.echo(f"The calendar is in {out}.")


def _show_one_by_one(labels: list[str], rows: list[tuple[str, ...]]) -> None:
    """Show each contract by itself, its name above what is known of it."""
    from hitmodel.commands.screen import console, facts

    shown = console()
    for name, *rest in rows:
        shown.print()
        shown.print(name.strip(), style="bold")
        told = ((f"  {label.lower()}", text.strip()) for label, text in zip(labels[1:], rest, strict=True))
        shown.print(facts((label, text) for label, text in told if text not in ("", "–")))
