"""``hitmodel import …``: outside files into the workspace. Other modules add their formats to `importing`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.errors import InputError
    from hitmodel.intake.claim_columns import ColumnMap
    from hitmodel.intake.claim_corrections import Correction
    from hitmodel.intake.claim_table import Imported, Said
    from hitmodel.workspace import Entry, Workspace

importing = typer.Typer(
    name="import",
    no_args_is_help=True,
    help="Bring outside files into the workspace: claims, remittances, prices, codes.",
)

WorkspaceFolder = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="The folder that holds what was imported; data/local when not given.", metavar="FOLDER"
    ),
]
FINDINGS, USAGE = 1, 2
PAYERS_SHOWN = 5
REFUSED_SHOWN = 3


def register(app: typer.Typer) -> None:
    """Add the group to ``app``."""
    importing.command("claims")(import_claims)
    importing.command("evidence")(import_evidence)
    importing.command("837")(import_837)
    importing.command("835")(import_835)
    app.add_typer(importing)


def import_claims(
    file: Annotated[Path, typer.Argument(help="Claim lines as CSV, Excel or Parquet.", metavar="FILE")],
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Which column is which; guessed when not given.", metavar="MAP.toml")
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option("--set", help="One value for every line: payer=NAME, product=… or place_of_service=12."),
    ] = None,
    name: Annotated[str, typer.Option(help="What to call it; the file's name when not given.")] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=HEADING",
            help='Which column is a field, where the guess is wrong: --column charge="Net Chg". May be given again. '
            "Fields: claim_id, line_id, patient_id, payer, service_from, service_through, code, modifiers, units, "
            "charge, place_of_service, ndc, ndc_quantity, ndc_unit, acquisition_cost, actual_allowed, product, "
            "frequency, original.",
        ),
    ] = None,
    map_template: Annotated[
        Path | None, typer.Option(help="Only write the guessed map to this file, to correct.", metavar="MAP.toml")
    ] = None,
    sheet: Annotated[
        str, typer.Option(help="The one sheet of a workbook to read; all that hold the same columns when not given.")
    ] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring a claims extract in: guesses which column is which, shows it, mends what can be mended and lists it.

    hitmodel import claims march_extract.xlsx --set payer="Meridian Health Plan"
    """
    from hitmodel.claim_sets import COMPANIONS
    from hitmodel.intake import claim_table
    from hitmodel.workspace import Workspace

    said = claim_table.Said(map_file, _fixed(fixed or []), _columns(columns or []), sheet)
    if map_template is not None:
        _write_template(file, map_template, said)
        return
    place = Workspace.open(workspace)
    with reading(file.name) as progress:
        made = claim_table.import_claims(file, place, said, name, progress)
    if made.again:
        typer.echo(f"{file.name} is in the workspace already, as '{made.entry.name}'; nothing has changed.")
        return
    _show_claims(made)
    show_unnamed(place, [made.entry])
    beside = file.with_name(f"{file.stem}{COMPANIONS}")
    if beside.is_dir():
        typer.echo(f"Companion files lie beside it: hitmodel import evidence {beside}")
    if any(not count.repaired for count in made.entry.findings):
        raise typer.Exit(FINDINGS)


def import_evidence(
    files: Annotated[
        list[Path], typer.Argument(help="A folder, or files named after what they hold.", metavar="FOLDER_OR_FILE")
    ],
    name: Annotated[str, typer.Option(help="What to call it; the folder's or file's name when not given.")] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Bring in what was recorded beside claims: therapies, doses, holds, stays, visits, opening balances.

    hitmodel import evidence march_extract_evidence
    """
    from hitmodel.intake import evidence_import

    landed = evidence_import.import_evidence(files, workspace, name)
    if landed.again:
        typer.echo(f"This evidence is in the workspace already, as '{landed.entry.name}'; nothing has changed.")
        return
    show_entry(landed.entry)
    _show_meeting(landed.entry, workspace)
    if any(not count.repaired for count in landed.entry.findings):
        raise typer.Exit(FINDINGS)


def _show_meeting(entry: Entry, workspace: Path | None) -> None:
    """Say how many patients of the evidence have claims here: none where the two name patients in different ways."""
    from hitmodel.claim_evidence import patients_with_claims
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted
    from hitmodel.workspace import Workspace

    meeting, known = patients_with_claims(Workspace.open(workspace), entry)
    console().print(f"{meeting:,} of its {counted(known, 'patient')} have claim lines here.")


Files = Annotated[list[Path], typer.Argument(help="Files, or folders of files.", metavar="FILE_OR_DIR")]


def import_837(files: Files, workspace: WorkspaceFolder = None) -> None:
    """Bring 837P claims in: service lines with dates, units, modifiers, charges and NDCs, replacements and voids.

    hitmodel import 837 outbox/2026-03
    """
    from hitmodel.intake import x837

    _import_each(files, x837.import_837, workspace)


def import_835(files: Files, workspace: WorkspaceFolder = None) -> None:
    """Bring 835 remittances in: what was allowed on each line, matched to the claim lines that are here.

    hitmodel import 835 remits/2026-03
    """
    from hitmodel.intake import x835

    _import_each(files, x835.import_835, workspace)


def _import_each(
    given: list[Path],
    bring_in: Callable[[Path, Workspace, Callable[[int], None]], tuple[Entry, bool]],
    folder: Path | None,
) -> None:
    """Import files one by one; one that cannot be read is named, and the others come in all the same."""
    from hitmodel.errors import InputError
    from hitmodel.intake.x837 import files_of
    from hitmodel.workspace import Workspace

    findings = 0
    refusals: list[InputError] = []
    came: list[Entry] = []
    files = files_of(given)
    for file in files:
        try:
            with reading(file.name) as progress:
                entry, again = bring_in(file, Workspace.open(folder), progress)
        except InputError as error:
            refusals.append(error)
            continue
        if again:
            typer.echo(f"{file.name} is in the workspace already, as '{entry.name}'; nothing has changed.")
            continue
        show_entry(entry)
        came.append(entry)
        findings += sum(not count.repaired for count in entry.findings)
    show_unnamed(Workspace.open(folder), came)
    _say_refused(refusals, len(files))
    if len(refusals) == len(files):
        raise typer.Exit(USAGE)
    if refusals or findings:
        raise typer.Exit(FINDINGS)


def _say_refused(refusals: list[InputError], of: int) -> None:
    """Name the files that were refused, those refused for one reason together."""
    from hitmodel.sentences import counted

    alike: dict[str, list[InputError]] = {}
    for error in refusals:
        alike.setdefault(error.what, []).append(error)
    for same in alike.values():
        print(f"hitmodel: {same[0]}", file=sys.stderr)
        if len(same) > 1:
            names = ", ".join(error.where for error in same[1 : 1 + REFUSED_SHOWN])
            rest = len(same) - 1 - REFUSED_SHOWN
            more = f" and {rest:,} more" if rest > 0 else ""
            print(f"  the same of {counted(len(same) - 1, 'other file')}: {names}{more}", file=sys.stderr)
    if refusals and of > 1:
        print(f"{len(refusals):,} of {counted(of, 'file')} were refused; nothing of them was taken.", file=sys.stderr)


def show_unnamed(place: Workspace, came: list[Entry]) -> None:
    """Name the payers of claims that came in which no contract here names."""
    import pyarrow.parquet as pq

    from hitmodel.claim_parts import KIND
    from hitmodel.commands.screen import console
    from hitmodel.payer_names import unnamed_payers

    payers: dict[str, None] = {}
    for entry in (one for one in came if one.kind == KIND):
        column = pq.read_table(place.files(entry)[0], columns=["payer"])["payer"]
        payers |= dict.fromkeys(filter(None, column.unique().cast("string").to_pylist()))
    for one in unnamed_payers(payers)[:PAYERS_SHOWN] if payers else ():
        console().print(f"No contract here names the payer '{one.payer}'. {one.cure}")


def _fixed(said: list[str]) -> dict[str, str]:
    from hitmodel.errors import InputError, nearest
    from hitmodel.intake.claim_columns import FIXED

    made = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not equals or name not in FIXED or not value.strip():
            expected = f"NAME=VALUE, where NAME is one of {', '.join(FIXED)}"
            raise InputError(
                f"{text!r} sets nothing", where="--set", expected=expected, suggestion=nearest(name, FIXED)
            )
        made[name] = value.strip()
    return made


def _columns(said: list[str]) -> dict[str, tuple[str, ...]]:
    from hitmodel.errors import InputError, nearest
    from hitmodel.intake.claim_headings import FIELDS

    made: dict[str, tuple[str, ...]] = {}
    for text in said:
        name, equals, heading = (part.strip() for part in text.partition("="))
        if not equals or name not in FIELDS or not heading:
            expected = f"FIELD=HEADING, where FIELD is one of {', '.join(FIELDS)}"
            raise InputError(
                f"{text!r} names no field", where="--column", expected=expected, suggestion=nearest(name, FIELDS)
            )
        made[name] = (*made.get(name, ()), heading)
    return made


def _write_template(file: Path, target: Path, said: Said) -> None:
    from hitmodel.intake.claim_columns import guess, with_columns
    from hitmodel.intake.claim_maps import write_map
    from hitmodel.intake.claim_source import open_source

    source = open_source(file, sheet=said.sheet)
    made = with_columns(guess(source.headings, source.sample), said.columns, "--column")
    write_map(made, target)
    show_map(made)
    typer.echo(f"The map is in {target}. Correct it, then: hitmodel import claims {file} --map {target}")


def _show_claims(made: Imported) -> None:
    from hitmodel.commands.screen import console

    if made.map is not None:
        show_map(made.map)
        console().print(f"The map is kept as {made.map_file}; correct it there and import again with --map.")
    show_entry(made.entry)
    if made.correction is not None:
        _show_correction(made.correction)
    if made.shares_with:
        console().print(
            f"'{made.shares_with}' was imported from a file of the same name that holds other claims; both are kept. "
            f"To replace it, import again with --name {made.shares_with}."
        )
    console().print(f"Use them as: hitmodel price {made.entry.name} --contract NAME   (all imports: workspace)")


def _show_correction(made: Correction) -> None:
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted

    claims = f"{counted(made.changed, 'claim')} changed, {made.came:,} came, {made.went:,} went"
    lines, charges = (f"{was:,} → {now:,}" for was, now in (made.lines, made.charges))
    console().print(f"Against the earlier import: {claims}; lines {lines}, charges ${charges.replace('→ ', '→ $')}")


def show_map(made: ColumnMap) -> None:
    """Print which column each field is read from, and the columns that nothing is read from."""
    from hitmodel.commands.screen import console, table
    from hitmodel.intake.claim_columns import DAY_FIRST, SEVERAL

    rows = [(name, " + ".join(columns)) for name, columns in made.columns.items()]
    rows += [(name, f"= {value} in every line") for name, value in made.fixed.items()]
    console().print(table(["field", "read from"], rows))
    unused = [name for name in made.headings if name and name not in made.used]
    if unused:
        console().print(f"Not used, and not kept: {', '.join(unused)}")
    if len(made.columns.get(SEVERAL[0], ())) > 1:
        console().print(
            "Patients are told apart by name and birth date, since no column is an id; only hashes are kept."
        )
    if made.dates == DAY_FIRST:
        console().print("Dates such as 13/04/2026 are read day first.")


@contextmanager
def reading(name: str) -> Iterator[Callable[[int], None]]:
    """Give a function to be told of rows read; on a screen it keeps a line with the count."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"reading {name}") as status:
        yield lambda rows: status.update(f"reading {name}: {rows:,} rows")


def has_findings(entry: Entry) -> bool:
    """Say whether something in an import could not be used or is to be looked at, beyond what was mended."""
    return any(not count.repaired for count in entry.findings)


def show_entry(entry: Entry) -> None:
    """Print what came of an import: rows in and kept, and each kind of finding with its first rows."""
    from hitmodel.commands.screen import console, table
    from hitmodel.sentences import counted

    what = (
        f"{entry.source}: {counted(entry.rows_in, 'row')} in, {entry.rows_kept:,} kept as {entry.kind} '{entry.name}'"
    )
    console().print(f"{what}; takes the place of an earlier import" if entry.replaced else what)
    if entry.findings:
        rows = [
            (
                ("mended" if c.sure else "mended: check") if c.repaired else "finding",
                c.field,
                f"{c.count:,}",
                ", ".join(map(str, c.rows)),
                c.example,
            )
            for c in entry.findings
        ]
        console().print(table(["", "field", "times", "rows", "for example"], rows, numbers=["times"]))
