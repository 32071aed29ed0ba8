"""A contract and a few claim lines as text, ready to be priced."""

from __future__ import annotations

from pathlib import Path

from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.pricing import Pricer
from hitmodel.terms import Contract

OURS = '[contract]\npayers = ["Ours"]\neffective_from = 2025-01-01\n'
ANTIBIOTIC = """
[[term]]
id = "antibiotic"
codes = ["S9500"]
mechanism = "per_diem"
rate = {rate}
"""
COLUMNS = (
    "claim_id,line_id,patient_id,payer,service_from,service_through,code,modifiers,units,charge,place_of_service\n"
)


def few_lines(home: Path, terms: str, lines: str) -> tuple[Pricer, Contract]:
    """Write a contract with `Ours` for its payer and lines of `COLUMNS` into a folder, and read them."""
    contract, claims = home / "ours.toml", home / "claims.csv"
    contract.write_text(OURS + terms, encoding="utf-8")
    claims.write_text(COLUMNS + lines, encoding="utf-8")
    return Pricer(read_claims(claims)), load_contract(contract)
