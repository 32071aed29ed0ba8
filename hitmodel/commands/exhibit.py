"""``hitmodel exhibit``: the rates of a contract as Excel, Word or PDF, and an edited Excel read in again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.dates import parse_date
from hitmodel.errors import InputError

if TYPE_CHECKING:
    from hitmodel.code_exhibit import CodeExhibit
    from hitmodel.exhibit_units import Uses
    from hitmodel.terms import Contract

FINDINGS = 1
ENDINGS = (".xlsx", ".docx", ".pdf", ".html")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(exhibit)


def exhibit(
    contract: Annotated[str, typer.Argument(help="A folder under data/contracts, or a path.", metavar="CONTRACT")],
    out: Annotated[
        Path, typer.Option(help="What to write: .xlsx, .docx, .pdf or .html; with --edited an overlay, .toml.")
    ],
    against: Annotated[
        str, typer.Option(help="The contract beside it, whose rates stand as today's.", metavar="OTHER")
    ] = "",
    as_of: Annotated[
        str, typer.Option(help="Rates as they stand on this day (ISO); else today, or its first day.", metavar="DATE")
    ] = "",
    claims: Annotated[
        Path | None, typer.Option(help="Claims whose units stand beside the rates of an .xlsx.", metavar="FILE")
    ] = None,
    edition: Annotated[str, typer.Option(help="external (to the payer) or internal.")] = "external",
    edited: Annotated[
        Path | None, typer.Option(help="An exhibit (.xlsx) in which rates were changed.", metavar="FILE")
    ] = None,
    title: Annotated[
        str, typer.Option(help="What the exhibit, or with --edited the outcome, is called.", metavar="TITLE")
    ] = "",
) -> None:
    """Write the rate exhibit of a contract: each code with its official descriptor, by therapy, changes marked.

    With --claims, a workbook holds the units of each code, and its formulas work out what the rates come to on them.
    With --edited, the rates that somebody changed in an exhibit become an overlay on the contract.

    hitmodel exhibit meridian_proposal_a --against meridian --out rates.xlsx --claims data/samples/claims_2025.csv
    hitmodel exhibit meridian_proposal_a --edited rates.xlsx --title Counter --out counter/2027.toml
    """
    from hitmodel.code_exhibit import code_exhibit
    from hitmodel.contracts import load_contract, load_draft
    from hitmodel.exhibit_pages import headline
    from hitmodel.references import default_references

    if edited is not None:
        _take_edits(load_contract(contract), edited, out, title)
        return
    if out.suffix.lower() not in ENDINGS:
        raise InputError(f"{out} does not end as an exhibit does", where="--out", expected=", ".join(ENDINGS))
    if claims is not None and out.suffix.lower() != ".xlsx":
        raise InputError("only a workbook has room for units", where="--claims", expected="--out FILE.xlsx")
    made = load_contract(contract) if claims is not None else load_draft(contract)
    day = parse_date(as_of, "--as-of") if as_of else _today(made)
    shown = code_exhibit(made, default_references(), day, load_draft(against) if against else None)
    shown = shown.called(title) if title else shown
    _write(shown, out, edition, _uses(shown, claims))
    typer.echo(f"{headline(shown)} It is in {out}.")


def _uses(shown: CodeExhibit, claims: Path | None) -> Uses | None:
    if claims is None:
        return None
    from hitmodel.commands.screen import saying
    from hitmodel.exhibit_units import uses_of
    from hitmodel.reviewing import pricer_for

    with saying("Adding up the units of each code"):
        return uses_of(shown, pricer_for(shown.contract, claims))


def _today(contract: Contract) -> date:
    """Return today, or the nearest day on which the contract is in force."""
    today, first = date.today(), contract.versions[0].contract.effective_from
    last = contract.latest.contract.effective_through
    return max(first, min(today, last) if last else today)


def _write(shown: CodeExhibit, out: Path, edition: str, uses: Uses | None) -> None:
    from hitmodel.document_files import write_document
    from hitmodel.editions import edition_named
    from hitmodel.exhibit_pages import exhibit_document, exhibit_docx
    from hitmodel.exhibit_sheet import exhibit_workbook
    from hitmodel.files import written_whole

    named = edition_named(edition)
    if out.suffix.lower() in (".pdf", ".html"):
        write_document(exhibit_document(shown, named), out)
        return
    content = exhibit_docx(shown, named) if out.suffix.lower() == ".docx" else exhibit_workbook(shown, named, uses)
    with written_whole(out) as draft:
        draft.write_bytes(content)


def _take_edits(contract: Contract, edited: Path, out: Path, title: str) -> None:
    from hitmodel.exhibit_edits import check_of_edits, overlay_of_edits, read_edits
    from hitmodel.overlay_file import write_contract_file
    from hitmodel.overlays import extends_name
    from hitmodel.paths import located
    from hitmodel.references import default_references
    from hitmodel.sentences import counted

    if out.suffix.lower() != ".toml":
        raise InputError(f"{out} does not end as an overlay does", where="--out", expected=".toml")
    references = default_references()
    edits = read_edits(edited, contract, references)
    for said in edits.not_taken:
        typer.echo(f"not taken: {said}")
    if edits.not_taken:
        typer.echo(
            f"What was not taken is typed into the contract's workbook: hitmodel contract to-xlsx {contract.name}"
        )
    version = contract.on(edits.day) or contract.latest
    extends = extends_name(located(version.file), out)
    tables = overlay_of_edits(edits, contract, references, extends)
    tables["contract"] |= {"title": title} if title else {}
    remark = f"Rates as changed in {edited.name}, over {contract.title}."
    write_contract_file(tables, out, remark, check_of_edits(edits, contract, references))
    for edit in edits.changed:
        typer.echo(f"{edit.row.name}: {edit.row.price.words} → {edit.rate} for each {edit.unit.replace('_', ' ')}")
    for question in edits.questions:
        typer.echo(f"question: {question}")
    typer.echo(f"{counted(len(edits.changed), 'rate')} changed; the overlay is in {out}.")
    if edits.not_taken or edits.questions:
        raise typer.Exit(FINDINGS)
