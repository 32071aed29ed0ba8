"""A review from names and files, as commands and notebooks ask for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hitmodel import paths
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract, load_draft
from hitmodel.errors import InputError
from hitmodel.evidence_file import evidence_of
from hitmodel.pricing import Pricer
from hitmodel.references import default_references
from hitmodel.review import Review, review
from hitmodel.sentences import listed
from hitmodel.terms import Contract


def reviewed(
    contract: str | Path,
    claims: str | Path | None = None,
    as_of: date | None = None,
    evidence: str | Path | None = None,
) -> Review:
    """Read a contract clause by clause, on a claims file when one is given.

    A contract that begins after the last day of the claims is priced as of its own first day.

    Raises
    ------
    ContractError, InputError
        A contract or file that cannot be read; claims without a line of the contract's payers; a draft with places left
        open, when there are claims to price.
    """
    if claims is None:
        return review(load_draft(contract), default_references(), None, as_of)
    made, place = load_contract(contract), paths.located(claims)
    read = read_claims(place)
    _refuse_others(made, read.lines["payer"].unique().tolist(), str(claims))
    pricer = Pricer(read, evidence=evidence_of(paths.located(evidence) if evidence else None, place))
    return review(made, pricer.references, pricer, as_of or _first_day(made, read.lines["service_through"].max()))


def _first_day(contract: Contract, last: object) -> date | None:
    """Return the contract's first day when it begins after the last day of the claims."""
    first = contract.versions[0].contract.effective_from
    return first if str(first) > str(last)[:10] else None


def _refuse_others(contract: Contract, payers: list[str], claims: str) -> None:
    if set(payers).isdisjoint(contract.payers):
        raise InputError(
            f"no line is of {listed(contract.payers)}, the contract's payers",
            where=claims,
            expected=f"payers named as the claims name them: {listed(sorted(payers)[:8])}",
        )
