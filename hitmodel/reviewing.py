"""A review from names and files, as commands and notebooks ask for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from hitmodel import paths
from hitmodel.claim_sets import located
from hitmodel.claims import read_claims
from hitmodel.contract_diff import ContractDiff, diff_contracts, rates_that_differ
from hitmodel.contracts import load_contract, load_draft
from hitmodel.dates import parse_date
from hitmodel.errors import InputError, nearest
from hitmodel.evidence_file import evidence_of
from hitmodel.pricing import Pricer
from hitmodel.references import default_references
from hitmodel.renewals import Renewal, renewals
from hitmodel.review import Review, review
from hitmodel.scenario import compare
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
    made = load_contract(contract)
    pricer = pricer_for(made, claims, evidence)
    last = pricer.prepared.claims.lines["service_through"].max()
    return review(made, pricer.references, pricer, as_of or _first_day(made, last))


def pricer_for(contract: Contract, claims: str | Path, evidence: str | Path | None = None) -> Pricer:
    """Return what prices a contract on a claims file.

    Raises `InputError` for claims without a line of the contract's payers, with the nearest name.
    """
    pricer = pricer_of(claims, evidence)
    _refuse_others(contract, pricer.prepared.claims.lines["payer"].unique().tolist(), str(claims))
    return pricer


def pricer_of(claims: str | Path, evidence: str | Path | None = None) -> Pricer:
    """Return what prices contracts on a claims file, with the companion files beside it or in ``evidence``."""
    place = located(claims)
    return Pricer(read_claims(place), evidence=evidence_of(paths.located(evidence) if evidence else None, place))


def differing(
    before: str | Path, after: str | Path, claims: str | Path | None = None, as_of: date | None = None
) -> ContractDiff:
    """Hold two contracts against each other, with the dollars of each clause on a claims file when one is given.

    A first contract that ends before the day is priced as it stood on its last day. Raises as `reviewed` does; for
    claims of which no line is priced by both, too.
    """
    references = default_references()
    if claims is None:
        drafts = load_draft(before), load_draft(after)
        made = diff_contracts(*drafts, as_of)
        day = as_of or made.after.contract.effective_from
        return replace(made, rates=rates_that_differ(*drafts, day, references))
    old, new = load_contract(before), load_contract(after)
    place = located(claims)
    read = read_claims(place)
    for contract in (old, new):
        _refuse_others(contract, read.lines["payer"].unique().tolist(), str(claims))
    asked = as_of or _first_day(new, read.lines["service_through"].max())
    compared = compare(read, old, [new], asked, evidence=evidence_of(None, place))
    day = asked or compared.baseline.compiled.periods[-1].span.last
    rates = rates_that_differ(old, new, day, references)
    priced = compared.proposals[0]
    made = diff_contracts(old, new, day)
    return replace(
        made,
        bridge=priced.bridge,
        lost=priced.lost,
        stopped=priced.stopped,
        rates=rates,
        ended=compared.ended,
    )


# --- as notebooks ask: days as text, empty for none -----------------------------------------------------------------


def reviewed_on(contract: str, claims: str, as_of: str) -> Review:
    """Read a contract as `reviewed` does, on the day that is written as text."""
    return reviewed(contract, claims, _day(as_of))


def differing_on(before: str, after: str, claims: str, as_of: str) -> ContractDiff:
    """Hold two contracts against each other as `differing` does, on the day that is written as text."""
    return differing(before, after, claims, _day(as_of))


def renewals_on(claims: str, today: str) -> tuple[tuple[Renewal, ...], date]:
    """Return every contract with its dates and what it is worth on the claims, and the day looked from."""
    day = parse_date(today, "today")
    return renewals(day, pricer_of(claims)), day


def renewal_of(contract: str, today: str) -> Renewal | None:
    """Return one contract with its dates; None for a file that cannot be read."""
    return next(iter(renewals(parse_date(today, "today"), None, [contract])), None)


def _day(text: str) -> date | None:
    return parse_date(text, "as_of") if text else None


def _first_day(contract: Contract, last: object) -> date | None:
    """Return the contract's first day when it begins after the last day of the claims."""
    first = contract.versions[0].contract.effective_from
    return first if str(first) > str(last)[:10] else None


def _refuse_others(contract: Contract, payers: list[str], claims: str) -> None:
    if not any(map(contract.is_of, payers)):
        raise InputError(
            f"no line is of {listed(contract.payers)}, the contract's payers",
            where=claims,
            expected=f"payers named as the claims name them: {listed(sorted(payers)[:8])}",
            suggestion=nearest(contract.payers[0], payers),
        )
