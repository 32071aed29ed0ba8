"""Small contracts and claims for the tests of the engine: a few lines of TOML, one short text line for a claim line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from case_files import write_contract, write_lines

from hitmodel.claims import Claims, read_claims
from hitmodel.contracts import load_contract
from hitmodel.pricing import SERVICE_QUARTER, Priced, price
from hitmodel.terms import Contract, Version

PAYER = "A payer"
PER_DIEM = """
[[term]]
id = "antibiotic_per_diem"
codes = ["S9500", "S9501", "S9502"]
mechanism = "per_diem"
rate = 95.00
"""
"""One term at 95.00 a day; most tests lay something else beside it."""


def header(first: str = "2025-01-01", last: str = "", more: str = "") -> str:
    """Return a ``[contract]`` table in force from ``first``, through ``last`` when that is given."""
    through = f"effective_through = {last}\n" if last else ""
    return f'[contract]\npayers = ["{PAYER}"]\neffective_from = {first}\n{through}{more}\n'


def write(folder: Path, text: str, name: str = "2025.toml") -> Path:
    """Write one contract file (with a header when it names none) into ``folder``; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    write_contract(folder, text, name)
    return folder / name


def contract(folder: Path, text: str = PER_DIEM, name: str = "example") -> Contract:
    """Return the contract that ``text`` says, written as the only version in ``folder / name``."""
    return load_contract(write(folder / name, text).parent)


def version(folder: Path, text: str = PER_DIEM) -> Version:
    """Return the only version of the contract that ``text`` says."""
    return contract(folder, text).latest


def claims(folder: Path, *lines: str, name: str = "claims.csv", payer: str = PAYER) -> Claims:
    """Return claims from short lines such as ``S9500-SH 2025-03-03 2025-03-09 7 1050.00 patient=P2``, read back."""
    folder.mkdir(parents=True, exist_ok=True)
    return read_claims(write_lines(folder / name, lines, payer))


def priced(
    folder: Path, text: str, *lines: str, as_of: date | None = None, drug_prices: str = SERVICE_QUARTER
) -> Priced:
    """Return short lines priced under the contract that ``text`` says."""
    return price(claims(folder, *lines), contract(folder, text), as_of, drug_prices)


def outcome(made: Priced) -> list[tuple[str, int | None]]:
    """Return status and allowed cents of each line; None where no amount is known."""
    frame = made.frame()
    cents = [int(c) if known else None for c, known in zip(made.allowed, made.known.tolist(), strict=True)]
    return list(zip(frame["status"].tolist(), cents, strict=True))
