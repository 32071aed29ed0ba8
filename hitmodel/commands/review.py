"""``hitmodel review``: a contract read clause by clause, with the dollars of each other reading."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.dates import parse_date
from hitmodel.paths import located

if TYPE_CHECKING:
    from hitmodel.contract_diff import ContractDiff
    from hitmodel.review import Clause, Review

FINDINGS = 1


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(review)


def review(
    contract: Annotated[str, typer.Argument(help="A folder under data/contracts, or a path.", metavar="CONTRACT")],
    claims: Annotated[
        Path | None, typer.Option(help="Claims on which every other reading is priced.", metavar="FILE")
    ] = None,
    as_of: Annotated[
        str, typer.Option(help="Read and price the terms of this day (ISO); else by date of service.", metavar="DATE")
    ] = "",
    evidence: Annotated[
        Path | None, typer.Option(help="Folder of companion files of the claims.", metavar="FOLDER")
    ] = None,
    against: Annotated[
        str, typer.Option(help="The contract in force, to say what changes against it.", metavar="OTHER")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Also write the review: .pdf, .html or .xlsx.", metavar="FILE")
    ] = None,
    brief: Annotated[
        Path | None, typer.Option(help="Also write one page for leadership: .pdf or .html.", metavar="FILE")
    ] = None,
) -> None:
    """Read a contract clause by clause: what it leaves unsaid, what is against us, and what each is worth.

    Exit code 1 when any clause is unsaid, said in part or against us.

    hitmodel review meridian --claims data/samples/claims_2025.csv
    hitmodel review meridian_proposal_a --against meridian --claims data/samples/claims_2025.csv --brief brief.pdf
    """
    from hitmodel.commands.screen import saying
    from hitmodel.reviewing import differing, reviewed

    day = parse_date(as_of, "--as-of") if as_of else None
    with saying("Pricing every other reading" if claims else "Reading the contract"):
        made = reviewed(contract, claims, day, evidence)
    _show(made)
    if out is not None or brief is not None:
        with saying("Setting the pages"):
            _write(made, differing(against, contract, claims, day) if against else None, out, brief)
    if made.findings:
        raise typer.Exit(FINDINGS)


def _write(made: Review, diff: ContractDiff | None, out: Path | None, brief: Path | None) -> None:
    from hitmodel.document_files import write_document
    from hitmodel.renewals import renewals
    from hitmodel.review_page import brief_document, review_document

    name = made.contract.files[-1] if made.contract.files else made.contract.name
    renewal = next(iter(renewals(date.today(), None, [str(located(name))])), None)
    for target, document in ((out, review_document), (brief, brief_document)):
        if target is not None:
            write_document(document(made, diff, renewal), target)
            typer.echo(f"{target} is written.")


def _show(made: Review) -> None:
    from hitmodel.commands.screen import console
    from hitmodel.review_tables import headline

    out = console()
    out.print(headline(made), style="bold")
    for clause in made.findings:
        out.print()
        _show_clause(clause)
    settled = [c.position.title for c in made.clauses if c.saying.standing == "in line"]
    if settled:
        out.print()
        out.print(f"In line with the position: {'; '.join(settled)}.")


def _show_clause(clause: Clause) -> None:
    from hitmodel.commands.screen import console, facts, table
    from hitmodel.review_tables import ends_of, worth_words
    from hitmodel.table_views import format_amount

    out, saying, position = console(), clause.saying, clause.position
    stake = worth_words(clause)
    out.print(f"{position.title}: {saying.standing}{f', worth {stake}' if stake else ''}", style="bold")
    where = ", ".join(part for part in (saying.cite, saying.place) if part)
    words = f"{saying.words} ({where})" if saying.words and where else saying.words or position.silent
    out.print(
        facts(
            (
                ("  it says" if saying.words else "  silence means", words),
                ("  position", f"{position.position} Source: {position.source}."),
                ("  own copy", position.own),
            )
        )
    )
    rows = []
    for worth in clause.worth:
        ends = [format_amount(end, whole=False, signed=True) for end in ends_of(worth)] or ["unknown", "unknown"]
        lost = f"{worth.lines_lost} lines without amount" if worth.lines_lost else ""
        rows.append((worth.reading.says, *ends, lost, worth.reading.met))
    if rows:
        heads = ["  if it said", "least $", "most $", "", "seen in"]
        out.print(table(heads, [(f"  {row[0]}", *row[1:]) for row in rows], numbers=["least $", "most $"]))
