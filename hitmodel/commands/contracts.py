"""``hitmodel check``: contracts and claims files held against the language, the code tables and themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.contract_checks import ContractFinding

CLAIMS_SUFFIXES = (".csv", ".parquet")
FINDINGS = 1


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(check)


def check(
    path: Annotated[
        list[str] | None,
        typer.Argument(
            help="Contract names, contract files or folders, claims files. All contracts when none is given."
        ),
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Show what prices every home infusion code.")] = False,
    mechanisms: Annotated[bool, typer.Option("--mechanisms", help="List the ways a term can set a price.")] = False,
    schema: Annotated[Path | None, typer.Option(help="Write the JSON Schema of contract files, for editors.")] = None,
) -> None:
    """Check contracts and claims files: every mistake with file, place and what was expected. Exit code 1 for findings.

    hitmodel check · hitmodel check meridian --coverage · hitmodel check data/samples/claims_2025.csv
    """
    if mechanisms:
        _show_mechanisms()
        return
    if schema is not None:
        _write_schema(schema)
        return
    from hitmodel.overlays import contract_names

    names = path or list(contract_names())
    found = [
        _check_claims(name)
        if Path(name).suffix in CLAIMS_SUFFIXES
        else _check_contract(name, coverage, named=bool(path))
        for name in names
    ]
    if any(found):
        raise typer.Exit(FINDINGS)


def _check_contract(name: str, coverage: bool, *, named: bool) -> bool:
    from hitmodel.commands.screen import console
    from hitmodel.contract_checks import check_contract
    from hitmodel.contracts import read_contract
    from hitmodel.references import default_references
    from hitmodel.sentences import counted

    contract, problems = read_contract(name)
    if contract is None:
        for problem in problems:
            print(problem, file=sys.stderr)
        console().print(f"{name}: {counted(len(problems), 'mistake')}; it cannot be loaded")
        return True
    findings = check_contract(contract, default_references())
    open_places = [f for f in findings if f.kind == "open_place"]
    if open_places and not named:  # a draft that nobody asked about, such as the starter proposal
        places = counted(len(open_places), "place")
        console().print(
            f'{contract.name}: a draft with {places} to fill in; "hitmodel check {contract.name}" lists them'
        )
        return False
    for finding in findings:
        print(_worded(finding), file=sys.stderr)
    verdict = counted(len(findings), "finding") if findings else "no findings"
    terms = counted(sum(len(v.term) for v in contract.versions), "term")
    console().print(f"{contract.name}: {contract.title}, {contract.dates}, {terms}: {verdict}")
    if coverage and any(f.kind == "clash" for f in findings):
        console().print("What prices each code cannot be said while terms fit it equally well.")
    elif coverage:
        _show_coverage(name)
    return any(f.serious for f in findings)


def _worded(finding: ContractFinding) -> str:
    return f"{'mistake' if finding.serious else 'note'}: {finding}"


def _check_claims(name: str) -> bool:
    from hitmodel.claim_checks import EXPLANATIONS, check_claims
    from hitmodel.claim_sources import traced
    from hitmodel.claims import read_claims
    from hitmodel.codes import code_table
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    claims = read_claims(name)
    findings = traced((*claims.findings, *check_claims(claims, code_table())))
    for finding in findings:
        print(finding, file=sys.stderr)
    counts = {kind: sum(f.kind == kind for f in findings) for kind in dict.fromkeys(f.kind for f in findings)}
    console().print(f"{claims.source}: {counted(len(claims.lines), 'line')}, {counted(len(findings), 'finding')}")
    if counts:
        rows = [(kind, str(count), EXPLANATIONS.get(kind, "")) for kind, count in counts.items()]
        console().print(table(["finding", "lines", "meaning"], rows, numbers=["lines"]))
    return bool(findings)


def _show_coverage(name: str) -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.contract_checks import coverage
    from hitmodel.contracts import load_draft
    from hitmodel.references import default_references

    rows = [
        (c.code, c.label, f"{c.first} to {c.last}", c.term or f"SILENT: {c.why}")
        for c in coverage(load_draft(name), default_references())
    ]
    console().print(table(["code", "label", "dates", "priced by"], rows))
    silent = [row[0] for row in rows if row[3].startswith("SILENT")]
    console().print(f"{len(rows)} rows; silent on {len(silent)}" + (f": {', '.join(silent)}" if silent else ""))


def _show_mechanisms() -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.mechanisms.registry import MECHANISMS
    from hitmodel.terms import Term

    rows = []
    for mechanism in MECHANISMS.values():
        own = [n for n in mechanism.model.model_fields if n not in Term.model_fields]
        rows.append((mechanism.name, mechanism.summary, ", ".join(own)))
    console().print(table(["mechanism", "what it pays", "its own fields"], rows))


def _write_schema(target: Path) -> None:
    from hitmodel.contract_schema import write_schema

    write_schema(target)
    typer.echo(f"The JSON Schema of contract files is in {target}.")
