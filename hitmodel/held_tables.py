"""What is at hand: codes, prices, contracts and claims, for whoever opens the workbook. Internal."""

from __future__ import annotations

import re

from hitmodel.codes import code_table
from hitmodel.contracts import read_contract
from hitmodel.overlays import contract_names
from hitmodel.placeholders import PATTERN
from hitmodel.prices import payment_limits
from hitmodel.sentences import counted
from hitmodel.tables import Column, Row, Table

TO_FILL = "to be filled in"
"""What stands for a payer that a contract leaves open."""


def contracts_table() -> Table:
    """Return every contract at hand with its payers and dates; one that cannot be read says so."""
    rows: list[Row] = []
    for name in contract_names():
        contract, problems = read_contract(name)
        if contract is None:
            rows.append((name, f"cannot be used: {problems[0]}", "", ""))
            continue
        first, last = contract.versions[0].contract.effective_from, contract.latest.contract.effective_through
        payers = [TO_FILL if re.fullmatch(PATTERN, payer) else payer for payer in contract.payers]
        dates = f"{first} to {last}" if last else f"{first} onwards"
        rows.append((name, contract.title, ", ".join(payers), dates))
    return Table(
        name="contracts",
        headline=f"{counted(len(rows), 'contract')} at hand.",
        caption="Folders under data/contracts, and your own under data/local/contracts",
        columns=(
            Column("name", "Name", "code"),
            Column("title", "What it is called"),
            Column("payers", "Payers"),
            Column("dates", "In force"),
        ),
        rows=tuple(rows),
    )


def references_table() -> Table:
    """Return the published tables that are held, by release and quarter."""
    codes, quarters = code_table(), payment_limits().quarters
    newest, last = codes.releases[-1], quarters[-1]
    return Table(
        name="references",
        headline=f"HCPCS through release {newest.name}; Medicare payment limits through {last}.",
        caption="Published tables that prices and codes are looked up in",
        columns=(Column("what", "What"), Column("held", "Held"), Column("through", "Newest from")),
        rows=(
            ("HCPCS Level II", ", ".join(r.name for r in codes.releases), str(newest.in_force_from)),
            ("Medicare payment limits", f"{quarters[0]} to {last}", str(last.span.first)),
        ),
    )
