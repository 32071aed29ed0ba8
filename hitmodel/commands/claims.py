"""``hitmodel claims`` and ``hitmodel lookup``: what was imported, and the real claim behind a hash."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.imports import WorkspaceFolder

if TYPE_CHECKING:
    from decimal import Decimal

    from hitmodel.claims import Claims
    from hitmodel.workspace import Workspace

FINDINGS = 1
SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(claims)
    app.command()(lookup)


def claims(
    name: Annotated[str, typer.Argument(help="One import; all of the workspace when not given.")] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Show what is in the workspace: imports, payers, months, codes, and the doubts an analyst would want to know.

    hitmodel claims
    """
    from hitmodel.claim_sets import ALL, claims_file, facts, standing_file
    from hitmodel.claims import read_claims
    from hitmodel.workspace import Workspace

    place = Workspace.open(workspace)
    _show_imports(place)
    one = "" if name == ALL else name
    _show_left_out(facts(standing_file(place, one)))
    file = claims_file(place, one)
    read = read_claims(file)
    _show_standing(read)
    _show_groups(read)
    unnamed = _show_unnamed(read)
    _show_codes(read)
    _show_quality(read)
    if unnamed == len(read.lines):
        raise typer.Exit(FINDINGS)


def lookup(
    claim: Annotated[
        str,
        typer.Argument(help="A claim or line id as reports show it, or a real claim number.", metavar="CLAIM"),
    ],
    workspace: WorkspaceFolder = None,
) -> None:
    """Give the real claim number behind a hashed one, or the hash of a real one, for the owner of the key.

    hitmodel lookup c0ffe3792bbab33cb-04
    """
    from hitmodel.errors import InputError
    from hitmodel.identity import CLAIM, Identity
    from hitmodel.workspace import Workspace

    identity, asked = Identity.load(), claim.strip()
    place = Workspace.open(workspace)
    hashed, _, line = asked.partition("-")
    number = identity.claim_numbers([hashed]).get(hashed)
    if number is not None:
        typer.echo(f"claim {number}" + (f", line {line}" if line else ""))
        for found in _places(place, hashed, asked if line else ""):
            typer.echo(f"  {found}")
        return
    own = identity.hashed(CLAIM, asked)
    if own not in identity.claim_numbers([own]):
        raise InputError(
            f"no claim is known by {claim}",
            where=str(identity.folder),
            expected="a claim or line id, or the real number, of claims that were imported here with this key",
        )
    typer.echo(f"claim {asked} is {own} here")
    for line_id, what in _lines_of(place, own):
        typer.echo(f"  {line_id}  {what}")
    for found in _places(place, own, ""):
        typer.echo(f"  {found}")


def _lines_of(workspace: Workspace, hashed: str) -> list[tuple[str, str]]:
    """Return the lines of a claim that stand, each with what it is; none where remittances alone were imported."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from hitmodel import claim_parts
    from hitmodel.claim_sets import standing_file

    if not workspace.of_kind(claim_parts.KIND):
        return []
    rows = pq.read_table(standing_file(workspace), filters=pc.field("claim_id") == hashed).to_pylist()
    return [
        (row["line_id"], f"{row['code']} {row['service_from']} to {row['service_through']}, {_charged(row['charge'])}")
        for row in rows
    ]


def _charged(charge: Decimal | None) -> str:
    return f"charge {charge:,}" if charge is not None else "no charge"


def _places(workspace: Workspace, hashed: str, line: str) -> list[str]:
    """Return in which imported files a claim stands, and in which rows."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from hitmodel import claim_parts

    found = []
    for kind in (claim_parts.KIND, claim_parts.REMITTANCE_KIND):
        for entry in workspace.of_kind(kind):
            rows = pq.read_table(workspace.files(entry)[0], filters=pc.field("claim_id") == hashed)
            if line and kind == claim_parts.KIND:
                rows = rows.filter(pc.field("line_id") == line.partition("~")[0])
            unit = "row" if entry.about.get(claim_parts.FORMAT) == claim_parts.TABLE else "segment"
            numbers = [f"{row:,}" for row in rows["row"].to_pylist()[:SHOWN]]
            if numbers:
                found.append(f"{entry.source} ({kind} '{entry.name}'), {unit} {', '.join(numbers)}")
    return found


def _show_imports(place: Workspace) -> None:
    from hitmodel.commands.screen import console, table

    rows = [
        (
            entry.kind,
            entry.name,
            entry.source,
            entry.imported[:10],
            f"{entry.rows_in:,}",
            f"{entry.rows_kept:,}",
            f"{sum(c.count for c in entry.findings if not c.repaired):,}",
            f"{sum(c.count for c in entry.findings if c.repaired):,}",
        )
        for entry in place.entries
    ]
    heads = ["kind", "name", "file", "imported", "rows", "kept", "findings", "mended"]
    console().print(table(heads, rows, numbers=heads[4:]))


def _show_left_out(left_out: dict[str, int]) -> None:
    from hitmodel.commands.screen import console, table

    if left_out:
        rows = [(f"{count:,}", text) for text, count in sorted(left_out.items(), key=lambda item: -item[1])]
        console().print(table(["", "held against one another"], rows, numbers=[""]))


def _signed(cents: int) -> str:
    """Write an amount that voids may have brought below nothing: $1,782.00 or −$1,782.00."""
    from hitmodel.sentences import money

    return f"{'−' if cents < 0 else ''}{money(cents)}"


def _show_standing(read: Claims) -> None:
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted

    lines = read.lines
    charged = int(lines["charge_cents"].fillna(0).sum())
    paid = int(lines["actual_allowed_cents"].notna().sum())
    console().print(
        f"{read.source}: {counted(len(lines), 'line')} of {counted(lines['claim_id'].nunique(), 'claim')} and "
        f"{counted(lines['patient_id'].nunique(), 'patient')}, charges {_signed(charged)}; "
        f"{counted(paid, 'line has', 'lines have')} a remitted amount"
    )


def _show_groups(read: Claims) -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact

    lines = read.lines.assign(month=read.lines["service_from"].dt.strftime("%Y-%m").fillna("no date"))
    for title, column in (("payer", "payer"), ("month", "month")):
        groups = lines.groupby(column)
        rows = [
            (
                str(key) or "no payer",
                f"{len(some):,}",
                f"{some['claim_id'].nunique():,}",
                f"{some['patient_id'].nunique():,}",
                format_exact(int(some["charge_cents"].fillna(0).sum())),
                f"{int(some['actual_allowed_cents'].notna().sum()):,}",
            )
            for key, some in groups
        ]
        heads = [title, "lines", "claims", "patients", "charge $", "remitted lines"]
        console().print(table(heads, rows, numbers=heads[1:]))


def _show_unnamed(read: Claims) -> int:
    """Say which payers no contract names, so that their lines have no price; return how many lines they have."""
    from hitmodel.commands.screen import console
    from hitmodel.payer_names import unnamed_payers
    from hitmodel.sentences import counted

    groups = read.lines.groupby("payer")["charge_cents"]
    charges = groups.sum().sort_values(ascending=False)
    lines = groups.size()
    found = unnamed_payers(map(str, charges.index))
    for one in found[:SHOWN]:
        what = f"{counted(int(lines[one.payer]), 'line')} with charges of {_signed(int(charges[one.payer]))}"
        console().print(f"No contract here names the payer '{one.payer}': {what} can be priced by none. {one.cure}")
    if len(found) > SHOWN:
        console().print(f"Nor are {len(found) - SHOWN} more payers with smaller charges named.")
    return sum(int(lines[one.payer]) for one in found)


def _show_codes(read: Claims) -> None:
    from hitmodel.codes import code_table
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact

    codes = code_table()
    groups = read.lines.groupby("code")
    charges = groups["charge_cents"].sum().sort_values(ascending=False)
    rows = []
    for code in charges.index[:SHOWN]:
        entry = codes.entry(str(code))
        some = groups.get_group(code)
        units = f"{int(some['units_milli'].fillna(0).sum()) // 1000:,}"
        label = entry.label if entry else ""
        rows.append((str(code) or "no code", label, f"{len(some):,}", units, format_exact(int(charges[code]))))
    heads = ["code", "what", "lines", "units", "charge $"]
    console().print(table(heads, rows, numbers=heads[2:]))
    if len(charges) > SHOWN:
        console().print(f"and {len(charges) - SHOWN} more codes with smaller charges")


def _show_quality(read: Claims) -> None:
    from datetime import date

    from hitmodel.claim_quality import quality
    from hitmodel.codes import code_table
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact
    from hitmodel.prices import payment_limits

    doubts = quality(read, code_table(), payment_limits(), date.today())
    if not doubts:
        console().print("Nothing about these lines is in doubt.")
        return
    rows = [(d.kind, "no price" if d.blocks else "", f"{d.lines:,}", format_exact(d.charge), d.meaning) for d in doubts]
    heads = ["in doubt", "", "lines", "charge $", "meaning"]
    console().print(table(heads, rows, numbers=heads[2:4]))
    print(f"hitmodel check {read.source} names every line.", file=sys.stderr)
