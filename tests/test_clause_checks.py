"""Clauses about time and drugs that a person should look at."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from builders import contract, header, version

from hitmodel.clause_checks import ContractFinding, clause_findings, known_until
from hitmodel.codes import code_table
from hitmodel.contract_checks import check_contract, coverage
from hitmodel.errors import ContractError
from hitmodel.references import default_references

CHARGE = '{ of = "charge", multiplier = 0.50 }'


def drug(name: str, chain: str, more: str) -> str:
    return f'[[term]]\nid = "{name}"\nmechanism = "drug"\nchain = [{chain}]\n{more}\n'


def found(folder: Path, text: str) -> list[ContractFinding]:
    return list(clause_findings(version(folder, header() + text), code_table(), date(2027, 12, 31)))


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        (
            '[[escalator]]\nid = "e"\npercent = 0.3\nfirst = 2026-01-01\n',
            "unusual",
            "percent = 0.3 is 30 percent a year",
        ),
        (
            '[[escalator]]\nid = "e"\nindex = "CUUR0000SAM"\nindex_month = 10\nfirst = 2026-01-01\n',
            "index",
            "October 2025 was never published",
        ),
        (
            '[[escalator]]\nid = "e"\nindex = "CUUR0000SAM"\nindex_month = 9\nfirst = 2026-01-01\n',
            "index",
            "the increase of 2027-01-01 cannot be worked out",
        ),
        (
            '[[escalator]]\nid = "e"\nindex = "CUUR0000SAM"\nindex_month = 9\nassumed = 0.03\nfirst = 2026-01-01\n',
            "assumed",
            "from 2027-01-01 it rests on an assumed change of 3 percent",
        ),
        (
            drug("d", '{ of = "payment_limit", multiplier = 1 }', 'roles = ["drug"]'),
            "chain_ends",
            "without payment limit",
        ),
        (
            drug("d", f'{{ of = "payment_limit", multiplier = 0.08 }}, {CHARGE}', 'roles = ["drug"]'),
            "unusual",
            "multiplier = 0.08 pays 8 percent of the payment limit; 108 percent is written 1.08",
        ),
        (drug("d", CHARGE, 'codes = ["Q5103"]\nprice_as = "J174Z"'), "unknown_code", "price_as: "),
        (drug("d", CHARGE, 'codes = ["Q5103"]\nprice_as = "Q5103"'), "price_as", "which the term prices itself"),
        (
            drug("a", CHARGE, 'codes = ["Q5103"]\nprice_as = "J1745"')
            + drug("b", CHARGE, 'codes = ["J1745"]\nprice_as = "Q5103"'),
            "price_as",
            "term 'b' prices that code as Q5103: a circle",
        ),
        (
            '[[term]]\nid = "v"\nroles = ["nursing"]\nmechanism = "nursing"\nfirst = 150\nfurther = 75\n'
            '[[phase_in]]\nid = "p"\nfrom_rate = 100\nfirst = 2026-01-01\nsteps = 2\nterms = ["v"]\n',
            "never_applies",
            "has no rate called 'rate'",
        ),
    ],
)
def test_what_is_found(tmp_path: Path, text: str, kind: str, says: str) -> None:
    assert [(f.kind, says in f.problem) for f in found(tmp_path, text)][:1] == [(kind, True)]


def test_a_plain_contract_has_none(tmp_path: Path) -> None:
    text = drug("d", f'{{ of = "payment_limit", multiplier = 1.04 }}, {CHARGE}', 'families = ["infliximab"]')
    assert found(tmp_path, text + '[[escalator]]\nid = "e"\npercent = 0.03\nfirst = 2026-01-01\n') == []


def test_a_contract_is_checked_no_further_than_its_index_is_known(tmp_path: Path) -> None:
    text = (
        header()
        + drug("d", CHARGE, 'families = ["infliximabb"]')
        + '[[escalator]]\nid = "e"\nindex = "CUUR0000SAM"\nindex_month = 9\nfirst = 2026-01-01\n'
    )
    made = contract(tmp_path, text)
    assert known_until(made.latest, date(2027, 12, 31)) == date(2026, 12, 31)
    kinds = {f.kind for f in check_contract(made, default_references())}
    assert {"index", "unknown_name"} <= kinds
    assert coverage(made, default_references())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[drug_prices]\nrefresh = ["02-30"]\n', "is no day of every year"),
        (
            drug("d", '{ of = "schedule", schedule = "mac", multiplier = 1 }', 'roles = ["drug"]'),
            "schedule 'mac', which is not there",
        ),
        (drug("d", '{ of = "schedule", multiplier = 1 }', 'roles = ["drug"]'), "goes with schedule"),
        (drug("d", '{ of = "payment_limit", multiplier = 108 }', 'roles = ["drug"]'), "104 percent is 1.04"),
        (drug("d", CHARGE, 'roles = ["drug"]\nfee_per = "day"'), "go with fee or fee_share"),
        (drug("d", CHARGE, 'roles = ["drug"]\nwaste = "not_paid"\nwaste_share = 0.05'), "pays none"),
        (drug("d", CHARGE, 'roles = ["drug"]\nprice_as_units = 2'), "goes with price_as"),
    ],
)
def test_what_cannot_be_right_is_refused_on_loading(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ContractError) as raised:
        version(tmp_path, header() + text)
    assert says in str(raised.value)
