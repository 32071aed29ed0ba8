"""The command line: puts the commands together and turns errors into sentences.

Exit codes: 0 all well; 1 there are findings, or nothing was found; 2 what the user gave cannot be used; 3 a fault in
hitmodel itself. No traceback reaches a user; ``HITMODEL_DEBUG=1`` shows it.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from importlib import metadata
from typing import Annotated

import typer

from hitmodel.commands import (
    answers,
    claims,
    codes,
    contract_workbook,
    contracts,
    days,
    diff,
    exhibit,
    import_codes,
    import_prices,
    import_rates,
    import_tables,
    imports,
    negotiation,
    pricing,
    quote,
    renewals,
    report,
    review,
    runs,
    scale,
    schedule,
    workbook,
)
from hitmodel.errors import HitmodelError

USAGE, FAULT = 2, 3

app = typer.Typer(
    name="hitmodel", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
for group in (
    answers,
    claims,
    codes,
    contract_workbook,
    contracts,
    days,
    diff,
    exhibit,
    import_codes,
    import_prices,
    import_rates,
    import_tables,
    imports,
    negotiation,
    pricing,
    quote,
    renewals,
    report,
    review,
    runs,
    scale,
    schedule,
    workbook,
):
    group.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hitmodel {metadata.version('hitmodel')}")
        raise typer.Exit()


@app.callback()
def describe(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Model home infusion contracts: what one is worth, what a proposal changes, and why each number is what it is."""


def main() -> None:
    """Run the command line; the entry point of ``hitmodel``."""
    # Loading modules makes objects by the hundred thousand that all stay: looking for rubbish among them is a tenth
    # of a short command's time.
    gc.set_threshold(100_000, 50, 50)
    try:
        app(prog_name="hitmodel")
    except HitmodelError as error:
        _leave(str(error), USAGE)
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # the one place that catches everything: a user must never see a traceback
        _leave(
            f"something went wrong that should not ({type(error).__name__}: {error}). This is a fault in hitmodel, not "
            "in your files. Please report it with what HITMODEL_DEBUG=1 prints when you run the same command again.",
            FAULT,
        )


def _leave(message: str, code: int) -> None:
    if os.environ.get("HITMODEL_DEBUG"):
        traceback.print_exc()
    print(f"hitmodel: {message}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
