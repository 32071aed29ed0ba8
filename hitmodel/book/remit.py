"""What the payers paid: as their contracts say, but for the deviations of the plan.

Each deviation is an honest one: a payer that loaded drug prices a quarter late, paid a second therapy in full, denied
a line, or was a cent off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitmodel.book.draws import Draws
from hitmodel.book.lines import DRUG, Row, Tables
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.dates import Quarter
from hitmodel.pricing import Pricer
from hitmodel.terms import Contract, Version

Cents = Mapping[str, int]


@dataclass(frozen=True)
class Amounts:
    """What the contracts in force come to for each line that they price, by line id [cents].

    ``quarter_late``: with the drug prices of one quarter earlier. ``unreduced``: with concurrent therapies in full.
    """

    allowed: Cents
    quarter_late: Cents
    unreduced: Cents


@dataclass(frozen=True)
class Paid:
    """Remittance of one line [cents], with the cause when it differs from the contract's allowed amount."""

    actual_cents: int
    allowed_cents: int
    cause: str = ""


def contract_amounts(claims: Path, contracts: Sequence[str]) -> Amounts:
    """Price the claims in a file under each of the contracts, as they stand and with the two payer mistakes."""
    pricer = Pricer(read_claims(claims))
    named = [load_contract(name) for name in contracts]
    return Amounts(
        allowed=_priced(pricer, named),
        quarter_late=_priced(pricer, [_each_version(contract, _quarter_late) for contract in named]),
        unreduced=_priced(pricer, [_each_version(contract, _unreduced) for contract in named]),
    )


def _priced(pricer: Pricer, contracts: Sequence[Contract]) -> Cents:
    """Return the allowed amount of every line that one of the contracts has an amount for."""
    amounts: dict[str, int] = {}
    for contract in contracts:
        lines = pricer.price(contract).frame()
        known = lines[lines["allowed_cents"].notna()]
        amounts |= {str(i): int(cents) for i, cents in zip(known["line_id"], known["allowed_cents"], strict=True)}
    return amounts


def _each_version(contract: Contract, change: Callable[[Version], Version]) -> Contract:
    return contract.model_copy(update={"versions": tuple(map(change, contract.versions))})


def _quarter_late(version: Version) -> Version:
    """Return the terms as a payer applies them that loads drug prices a quarter after they hold."""
    late = version.drug_prices.model_copy(update={"quarter_lag": version.drug_prices.quarter_lag + 1})
    return version.model_copy(update={"drug_prices": late})


def _unreduced(version: Version) -> Version:
    """Return the terms as a payer applies them that overlooks that therapies are concurrent."""
    shares = {"shares": version.concurrency.shares[:1]}
    return version.model_copy(update={"concurrency": version.concurrency.model_copy(update=shares)})


def remit(rows: Sequence[Row], amounts: Amounts, tables: Tables) -> dict[str, Paid]:
    """Return the remittance of every line that has an amount, by line id.

    A duplicate was denied, so it was paid 0.00; other lines without an allowed amount have no remittance.
    """
    allowed = amounts.allowed
    paid = {row.line_id: Paid(allowed[row.line_id], allowed[row.line_id]) for row in rows if row.line_id in allowed}
    clean = _clean(rows, allowed)
    priced_twice = {row.line_id for row in clean if _has_both_limits(row, tables)}
    by_cause = {
        "wrong_quarter": {i: amounts.quarter_late[i] for i in priced_twice},
        "missed_reduction": {row.line_id: amounts.unreduced[row.line_id] for row in clean},
        "denied": {row.line_id: 0 for row in clean},
        "one_cent": {row.line_id: allowed[row.line_id] - 1 for row in clean},
    }
    payer_of = {row.line_id: row.line.payer for row in clean}
    for step, deviation in enumerate(tables.plan.deviation):
        draws = Draws(tables.plan.seed, 9, step)
        actual = {i: cents for i, cents in by_cause[deviation.cause].items() if cents != allowed[i]}
        left = [i for i in sorted(actual) if payer_of[i] == deviation.payer and not paid[i].cause]
        for line_id in draws.shuffled(left)[: deviation.lines]:
            paid[line_id] = Paid(actual[line_id], allowed[line_id], deviation.cause)
    duplicates = [row.line_id for row in rows if row.line.of and row.line.units > 0]
    return paid | {line_id: Paid(0, 0) for line_id in duplicates}


def _clean(rows: Sequence[Row], allowed: Cents) -> list[Row]:
    """Return the lines that may deviate: priced above zero, not dirty, not voided or billed twice."""
    repeated = {id(row.line.of) for row in rows if row.line.of}
    return [
        row
        for row in rows
        if allowed.get(row.line_id, 0) > 0 and row.line.dirt is None and id(row.line) not in repeated
    ]


def _has_both_limits(row: Row, tables: Tables) -> bool:
    """Say whether a drug has a payment limit in its own quarter and in the one before."""
    quarter = Quarter.of(row.line.span.first)
    found = [tables.limits.get(row.line.code, q) for q in (quarter, quarter.shift(-1))]
    return row.line.sort == DRUG and all(found)
