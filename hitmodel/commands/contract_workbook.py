"""``hitmodel contract template|to-xlsx|from-xlsx``: the contract as a workbook, for people who live in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hitmodel.contract_book import Saved

FINDINGS = 1
contracts = typer.Typer(name="contract", no_args_is_help=True, help="A contract as a workbook, and back.")


def register(app: typer.Typer) -> None:
    """Add the group to ``app``."""
    contracts.command("template")(template)
    contracts.command("to-xlsx")(to_xlsx)
    contracts.command("from-xlsx")(from_xlsx)
    app.add_typer(contracts)


def template(
    file: Annotated[Path, typer.Argument(help="The workbook to write.", metavar="FILE.xlsx")] = Path("contract.xlsx"),
) -> None:
    """Write a workbook in which a new contract can be filled in.

    hitmodel contract template new_payer.xlsx
    """
    from hitmodel.contract_book import template as write_template

    made = write_template(_workbook(file))
    typer.echo(f"{made}: fill in what says FILL, then hitmodel contract from-xlsx {made}")


def to_xlsx(
    contract: Annotated[str, typer.Argument(help="A contract by name, or its file.", metavar="CONTRACT")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The workbook to write.", metavar="FILE.xlsx", show_default="workbooks/NAME.xlsx in the workspace"
        ),
    ] = None,
    version: Annotated[str, typer.Option(help="Which dated version.", show_default="the last")] = "",
) -> None:
    """Write a contract as a workbook: rates, drugs, concurrency, nursing, limits and clauses.

    hitmodel contract to-xlsx meridian meridian_2027.xlsx
    """
    from hitmodel import paths
    from hitmodel.contract_book import contract_to_excel, usual_place

    target = _workbook(file) if file else usual_place(contract)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = contract_to_excel(contract, target, version)
    again = file or made.name
    typer.echo(f"{paths.shown(made)}: change it and save, then hitmodel contract from-xlsx {again}")


def _workbook(file: Path) -> Path:
    from hitmodel.errors import InputError

    if file.suffix.lower() != ".xlsx":
        raise InputError("the workbook is to be an Excel file", where=str(file), expected="a name that ends in .xlsx")
    return file


def from_xlsx(
    file: Annotated[
        Path, typer.Argument(help="A contract workbook; by its name alone in the workspace too.", metavar="FILE.xlsx")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The contract file to write.", show_default="contracts/NAME in the workspace"),
    ] = None,
) -> None:
    """Make a contract file of a workbook: an overlay that names what was changed, or a whole new contract.

    Ends with exit code 1 where something in it is to be looked at.

    hitmodel contract from-xlsx meridian_2027.xlsx
    """
    from hitmodel.contract_book import contract_from_excel, workbook_named
    from hitmodel.errors import InputError

    if out is not None and out.suffix != ".toml":
        raise InputError("the contract is kept as TOML", where="--out", expected="a file name that ends in .toml")
    _show(contract_from_excel(workbook_named(file), out), file)


def _show(saved: Saved, file: Path) -> None:
    from hitmodel import paths
    from hitmodel.commands.screen import console
    from hitmodel.sentences import counted

    out = console()
    if saved.file is None:
        out.print(f"{file}: says what {saved.base} says; nothing to write")
        return
    for clause, fields in saved.changes:
        said = ", ".join(f"{one.field} {one.before} → {one.after}" for one in fields)
        out.print(f"{clause}: {said}" if said else clause)
    what = (
        f"an overlay on {saved.base}, {counted(len(saved.changes), 'clause')} changed" if saved.base else "a contract"
    )
    out.print(f"{paths.shown(saved.file)}: {what}")
    for note in saved.notes:
        out.print(f"note: {note}")
    if saved.notes:
        raise typer.Exit(FINDINGS)
