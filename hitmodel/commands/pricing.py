"""``hitmodel price``, ``explain`` and ``compare``: claims under contracts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel import workspace as workspaces
from hitmodel.commands.answers import Fresh, Question, answer
from hitmodel.dates import parse_date

if TYPE_CHECKING:
    from hitmodel.claims import Claims
    from hitmodel.errors import Counted
    from hitmodel.evidence import Evidence
    from hitmodel.prepare import Ints
    from hitmodel.pricing import Priced
    from hitmodel.scenario import Comparison

ClaimsFile = Annotated[
    Path,
    typer.Argument(
        help="Claims as CSV or Parquet, or a folder of Parquet files; or imported ones: workspace, or a name.",
        metavar="CLAIMS",
    ),
]
ContractName = Annotated[
    str, typer.Option("--contract", help="A folder under data/contracts, or a path.", metavar="NAME_OR_PATH")
]
AsOf = Annotated[
    str, typer.Option(help="Price every line as the contract in force on this day would (ISO).", metavar="DATE")
]
DrugPrices = Annotated[
    str, typer.Option(help="Drug prices of: service_quarter (each line's own), latest, or a quarter such as 2025Q3.")
]
EvidenceFolder = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        help="Folder of therapies.csv, doses.csv, holds.csv, stays.csv, visits.csv, balances.csv.",
        metavar="FOLDER",
    ),
]


def _work_in(folder: Path | None) -> None:
    """Have everything that a command looks up in a workspace, answers kept included, looked up in that one."""
    if folder is not None:
        os.environ[workspaces.FOLDER_VARIABLE] = str(folder)


HeldIn = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        help="The folder that holds what was imported; HITMODEL_WORKSPACE or data/local when not given.",
        metavar="FOLDER",
        callback=_work_in,
        expose_value=False,
    ),
]
SHOWN_FINDINGS = 20
FINDINGS = 1


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(price)
    app.command()(explain)
    app.command()(compare)


def price(
    claims: ClaimsFile,
    contract: ContractName,
    out: Annotated[
        Path | None, typer.Option(help="Write every line with its amount: .csv or .parquet, or a folder for a folder.")
    ] = None,
    as_of: AsOf = "",
    drug_prices: DrugPrices = "service_quarter",
    evidence: EvidenceFolder = None,
    cluster: Annotated[
        str, typer.Option(help="Spread a folder over Dask workers: local, or a scheduler.", metavar="local|tcp://…")
    ] = "",
    fresh: Fresh = False,
    workspace: HeldIn = None,
) -> None:
    """Price claims under one contract: what is allowed, and what has no amount and why.

    A folder of Parquet files, each of whole patients, is priced file by file.

    hitmodel price data/samples/claims_2025.csv --contract meridian --out priced.csv
    """
    from hitmodel.kept_claims import is_folder

    def work() -> None:
        if is_folder(claims):
            from hitmodel.commands.scale import price_in_files

            price_in_files(claims, contract, out, (as_of, drug_prices), evidence, cluster)
        else:
            _price_file(claims, contract, out, (as_of, drug_prices), evidence)

    if out is not None:
        work()  # the file is wanted, not the answer
        return
    asked = Question("price", claims, (contract,), evidence, {"as_of": as_of, "drug_prices": drug_prices})
    answer(asked, work, fresh)


def _price_file(claims: Path, contract: str, out: Path | None, how: tuple[str, str], evidence: Path | None) -> None:
    from hitmodel.claims import read_claims
    from hitmodel.evidence_file import evidence_of
    from hitmodel.priced_file import write_priced
    from hitmodel.pricing import price as price_claims

    read, recorded = read_claims(claims), evidence_of(evidence, claims)
    priced = price_claims(read, contract, _day(how[0]), how[1], recorded)
    if out is not None:
        write_priced(priced, claims, out)
    _show_priced(priced)
    if out is not None:
        typer.echo(f"Every line is in {out}.")
    show_findings(_findings(read), recorded, read.source)


def explain(
    claims: ClaimsFile,
    contract: ContractName,
    line: Annotated[str, typer.Option(help="The line's id.", metavar="LINE_ID")],
    as_of: AsOf = "",
    drug_prices: DrugPrices = "service_quarter",
    evidence: EvidenceFolder = None,
    workspace: HeldIn = None,
) -> None:
    """Show why one line is priced as it is: days, term, every step, and the terms not used.

    hitmodel explain data/samples/claims_2025.csv --contract meridian --line C25-000001-01
    """
    from hitmodel.explanation import explain as explain_line
    from hitmodel.kept_claims import file_of_line, is_folder

    source = file_of_line(claims, line) if is_folder(claims) else claims
    dating = {"as_of": _day(as_of), "drug_prices": drug_prices, "evidence": evidence}
    typer.echo(str(explain_line(source, contract, line, **dating)))


def compare(
    claims: ClaimsFile,
    baseline: Annotated[str, typer.Option(help="The contract in force.", metavar="NAME")],
    proposal: Annotated[list[str], typer.Option(help="A proposal; may be given more than once.", metavar="NAME")],
    as_of: AsOf = "",
    drug_prices: DrugPrices = "service_quarter",
    evidence: EvidenceFolder = None,
    by: Annotated[str, typer.Option(help="therapy, code, role, month or term.")] = "therapy",
    out: Annotated[Path | None, typer.Option(help="Write the tables: .xlsx, or .csv for the breakdown alone.")] = None,
    fresh: Fresh = False,
    workspace: HeldIn = None,
) -> None:
    """Compare proposals with a baseline on the same claims: dollars by group, and the bridge clause by clause.

    hitmodel compare data/samples/claims_2025.csv --baseline meridian --proposal meridian_proposal_a --as-of 2027-01-01
    """

    def work() -> None:
        _compare(claims, (baseline, *proposal), (as_of, drug_prices), evidence, (by, out))

    if out is not None:
        work()
        return
    options = {"as_of": as_of, "drug_prices": drug_prices, "by": by}
    answer(Question("compare", claims, (baseline, *proposal), evidence, options), work, fresh)


def _compare(
    claims: Path, names: Sequence[str], how: tuple[str, str], evidence: Path | None, shown: tuple[str, Path | None]
) -> None:
    """Compare the contracts named, the baseline first, and print the breakdown and bridges that are asked for."""
    from hitmodel.codes import code_table
    from hitmodel.commands.screen import counting
    from hitmodel.evidence_file import evidence_of
    from hitmodel.kept_claims import claim_files, is_folder, open_claims
    from hitmodel.scenario import compare as compare_contracts

    files = len(claim_files(claims)) if is_folder(claims) else 1
    with counting("files made ready", files) as tick:
        opened = open_claims(claims, code_table(), tick)
    recorded = evidence_of(evidence, None if is_folder(claims) else claims)
    made = compare_contracts(opened, names[0], names[1:], _day(how[0]), how[1], recorded)
    _show_comparison(made, *shown)
    for side in (made.baseline, *(scenario.priced for scenario in made.proposals)):
        _show_assumptions(side)
    show_findings(_findings(made.claims), recorded, made.claims.source)


def _day(text: str):  # type: ignore[no-untyped-def]
    return parse_date(text, "--as-of") if text else None


def _show_priced(priced: Priced) -> None:
    import numpy as np

    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact
    from hitmodel.prepare import UNKNOWN
    from hitmodel.status import ORDER

    charge = priced.fitted.prepared.quantities.charge
    charged = np.where(charge == UNKNOWN, 0, charge)
    rows = []
    for number, status in enumerate(ORDER):
        there = priced.status == number
        if there.any():
            allowed = format_exact(int(priced.allowed[there].sum())) if status.has_amount else "unknown"
            rows.append(
                (status.value, str(int(there.sum())), format_exact(int(charged[there].sum())), allowed, status.meaning)
            )
    heads = ["status", "lines", "charge $", "allowed $", "meaning"]
    console().print(f"{priced.contract.title}: {priced.claims.source}")
    console().print(table(heads, rows, numbers=heads[1:4]))
    console().print(_in_total(priced, charged))
    _show_payers(priced)
    _show_reasons(priced)
    _show_charge_losses(priced)
    _show_assumptions(priced)


def _show_payers(priced: Priced) -> None:
    """Where no line is of the contract, name the payers of the claims, the nearest first."""
    from hitmodel.commands.screen import console
    from hitmodel.errors import nearest
    from hitmodel.sentences import listed

    named = sorted({str(payer) for payer in priced.claims.lines["payer"].unique()})
    if any(map(priced.contract.is_of, named)):
        return
    close = next(filter(None, (nearest(payer, named) for payer in priced.contract.payers)), None)
    console().print(
        f"No line is of {listed(priced.contract.payers)}; the claims name {listed(named[:8])}."
        + (f" Did you mean '{close}'?" if close else "")
    )


def _in_total(priced: Priced, charged: Ints) -> str:
    """Say what the contract's lines come to, and which of them are in no total for want of an amount."""
    from hitmodel.explanation import format_exact
    from hitmodel.sentences import counted
    from hitmodel.status import ORDER, Status

    mine = priced.status != ORDER.index(Status.OUT_OF_SCOPE)
    without = mine & ~priced.known
    allowed = format_exact(int(priced.allowed[priced.known].sum()))
    count = int(mine.sum())
    said = f"The {counted(count, 'line')} of this contract {'comes' if count == 1 else 'come'} to {allowed} allowed"
    if not without.any():
        return f"{said}."
    at = format_exact(int(charged[without].sum()))
    return f"{said}; {int(without.sum()):,} of them without an amount ({at} charged)."


def _show_assumptions(priced: Priced) -> None:
    from hitmodel.assumptions import assumptions
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact

    rows = [
        (
            a.text + (f" ({a.unbounded} without bounds)" if a.unbounded else ""),
            str(a.lines),
            *("unknown" if c is None else format_exact(c) for c in (a.stated_cents, a.low_cents, a.high_cents)),
        )
        for a in assumptions(priced)
    ]
    if rows:
        heads = [f"assumed under {priced.contract.title}", "lines", "priced $", "low $", "high $"]
        console().print(table(heads, rows, numbers=heads[1:]))


def _show_charge_losses(priced: Priced) -> None:
    """Print what the charge limit takes by code, and the charge for each unit that would clear it."""
    from hitmodel.charge_losses import charge_losses
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact

    losses = charge_losses(priced)
    if not losses:
        return
    total = format_exact(sum(loss.lost for loss in losses))
    console().print(f"The charge limit takes {total} on {sum(loss.lines for loss in losses)} lines:")
    rows = [
        (
            loss.code,
            str(loss.lines),
            format_exact(loss.lost),
            "whole claims" if loss.charge_now is None else format_exact(loss.charge_now),
            "" if loss.charge_to_clear is None else format_exact(loss.charge_to_clear),
        )
        for loss in losses[:SHOWN_FINDINGS]
    ]
    heads = ["code", "lines", "lost $", "charged a unit $", "would clear it $"]
    console().print(table(heads, rows, numbers=heads[1:]))


def _show_reasons(priced: Priced) -> None:
    from collections import Counter

    from hitmodel.commands.screen import console, table
    from hitmodel.status import ORDER

    found = Counter((ORDER[s].value, text) for s, text in zip(priced.status, priced.reason_texts, strict=True) if text)
    if found:
        rows = [(status, str(lines), text) for (status, text), lines in found.most_common(SHOWN_FINDINGS)]
        console().print(table(["status", "lines", "why"], rows, numbers=["lines"]))


def _show_comparison(made: Comparison, by: str, out: Path | None) -> None:
    from hitmodel.comparison_tables import bridge_table, groups_table, in_parts, totals_of, write_tables
    from hitmodel.summary import Summary
    from hitmodel.volume_tables import volume_tables

    summary = Summary(made, made.pricer.references.codes)
    bridges = [bridge_table(made, n) for n in range(len(made.proposals))]
    totals, tables = totals_of(summary), [groups_table(summary, by), *volume_tables(made), *bridges]
    for shown in (part for table in (totals, *tables) for part in in_parts(table, together=1)):
        typer.echo(f"{shown}\n")
    if out is not None:
        write_tables([*tables, totals], out)
        typer.echo(f"The tables are in {out}.")


def _findings(claims: Claims) -> tuple[Counted, ...]:
    """Return what is wrong with claims: finding by finding, or by kind where they lie in many files."""
    from hitmodel.claim_sources import traced
    from hitmodel.claims import LazyClaims
    from hitmodel.errors import Counted

    return claims.counted if isinstance(claims, LazyClaims) else tuple(Counted(1, f) for f in traced(claims.findings))


def show_findings(found: Sequence[Counted], recorded: Evidence, source: str) -> None:
    """Note what is wrong with the files' lines, and leave with 1 when any of it keeps a line from its price."""
    from hitmodel.commands.screen import note
    from hitmodel.errors import Counted

    every = (*(Counted(1, finding) for finding in recorded.findings), *found)
    for one in every[:SHOWN_FINDINGS]:
        note(str(one))
    rest = sum(one.count for one in every[SHOWN_FINDINGS:])
    if rest:
        note(f"and {rest:,} more; hitmodel check {source} shows them all")
    if any(one.first.blocks for one in every):
        raise typer.Exit(FINDINGS)
