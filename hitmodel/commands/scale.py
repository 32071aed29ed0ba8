"""``hitmodel sample``, a book of synthetic claims of any size, and ``hitmodel price`` on a folder of claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.tally import Tally

SHOWN_REASONS = 20


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(sample)


def sample(
    lines: Annotated[int, typer.Option(help="How many claim lines.", min=1)],
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier book in it is replaced.", metavar="DIR")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same claims.")] = 20250101,
) -> None:
    """Make a book of synthetic claims of any size: Parquet files, each of whole patients, shaped like the sample.

    hitmodel sample --lines 1000000 --out data/local/million
    """
    from hitmodel.book.many import make_many
    from hitmodel.commands.screen import counting

    with counting(f"{lines:,} lines", lines) as tick:
        patients = make_many(lines, out, seed, tick)
    typer.echo(f"{lines:,} lines of {patients:,} invented patients are in {out}.")


def price_in_files(
    folder: Path, contract: str, out: Path | None, how: tuple[str, str], evidence: Path | None, cluster: str
) -> None:
    """Price a folder of claims file by file and print what came of all lines. ``how``: as-of day, drug prices."""
    from hitmodel.bulk import Job, price_folder
    from hitmodel.commands.pricing import show_findings
    from hitmodel.commands.screen import counting
    from hitmodel.contracts import load_contract
    from hitmodel.dates import parse_date
    from hitmodel.evidence_file import evidence_of
    from hitmodel.kept_claims import claim_files
    from hitmodel.pricing import Dating

    dating = Dating(parse_date(how[0], "--as-of") if how[0] else None, how[1])
    job = Job(contract, dating, out, evidence_of(evidence, None))
    with counting("files", len(claim_files(folder))) as tick:
        done = price_folder(folder, job, cluster, tick)
    typer.echo(f"{load_contract(contract).title}: {done.lines:,} lines of {folder}")
    _show(done)
    if out is not None:
        typer.echo(f"Every line is in {out}.")
    show_findings(done.findings, job.evidence, str(folder))


def _show(done: Tally) -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact

    heads = ["status", "lines", "charge $", "allowed $", "meaning"]
    rows = [
        (
            status.value,
            f"{sums.lines:,}",
            format_exact(sums.charge),
            "unknown" if sums.allowed is None else format_exact(sums.allowed),
            status.meaning,
        )
        for status, sums in done.by_status.items()
    ]
    console().print(table(heads, rows, numbers=heads[1:4]))
    reasons = [(status.value, f"{lines:,}", text) for (status, text), lines in done.reasons.most_common(SHOWN_REASONS)]
    if reasons:
        console().print(table(["status", "lines", "why"], reasons, numbers=["lines"]))
