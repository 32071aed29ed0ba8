"""Worked cases and small claims files, as the tests write them: one short text line for each claim line."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hitmodel import paths

CASES = Path(__file__).parent / "cases"
HEADER = '[contract]\npayers = ["A payer"]\neffective_from = 2025-01-01\n'
COLUMNS = (
    *("claim_id", "line_id", "patient_id", "payer", "service_from", "service_through", "code", "modifiers", "units"),
    *("charge", "place_of_service", "ndc", "ndc_quantity", "ndc_unit", "acquisition_cost", "actual_allowed", "product"),
)
SHORT = {
    "id": "line_id",
    "claim": "claim_id",
    "patient": "patient_id",
    "place": "place_of_service",
    "cost": "acquisition_cost",
}
_LINE = re.compile(r"(?P<code>\w+)(?:-(?P<modifiers>\w\w(?:-\w\w)*))? (?P<rest>.+)")


@dataclass(frozen=True)
class Case:
    """One worked case. ``allowed`` holds dollars, or the word of a status that is not ``priced``.

    ``beyond_oracle`` marks a contract that is refused for how it is written, which the oracle does not check.
    ``evidence`` holds companion files by name; ``low_high`` dollars by line id, for lines that rest on an assumption.
    """

    name: str
    cite: str
    lines: tuple[str, ...]
    allowed: tuple[Any, ...]
    work: str
    file: str = ""
    contract: str = ""
    contract_toml: str = ""
    payer: str = "A payer"
    files: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
    drug_prices: str = "service_quarter"
    error: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    low_high: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    beyond_oracle: bool = False

    def folder(self, home: Path) -> Path:
        """Return the contract's folder, written under ``home`` unless it is one that ships with the project."""
        if self.contract:
            return paths.data("contracts", self.contract)
        place = home / "contract"
        place.mkdir(exist_ok=True)
        if self.contract_toml:
            write_contract(place, self.contract_toml)
        for name, text in self.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text, encoding="utf-8")
        return place

    def lay_evidence(self, home: Path) -> None:
        """Write the companion files, ``holds = "…"`` as holds.csv, into the folder beside ``claims.csv``."""
        for name, text in self.evidence.items():
            folder = home / "claims_evidence"
            folder.mkdir(exist_ok=True)
            file = "evidence.toml" if name == "evidence" else f"{name}.csv"
            (folder / file).write_text(text, encoding="utf-8")


def read_cases(path: Path) -> list[Case]:
    """Return the worked cases of a file; files of other shapes have none."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
    return [
        Case(**{**case, "lines": tuple(case["lines"]), "allowed": tuple(case.get("allowed", ())), "file": path.stem})
        for case in tables.get("case", [])
    ]


def write_contract(place: Path, text: str, name: str = "2025.toml") -> Path:
    """Write a contract into a folder; text that names no payer gets the one of `HEADER`."""
    (place / name).write_text(text if "[contract]" in text else HEADER + text, encoding="utf-8")
    return place


def claim_row(text: str, number: int, payer: str = "A payer") -> dict[str, str]:
    """Return the row that a short line such as ``S9500-SH 2025-03-03 2025-03-09 7 1050.00 patient=P2`` stands for."""
    found = _LINE.fullmatch(" ".join(text.split()))
    assert found, f"{text!r} is not a line: code[-modifiers] first last units charge [key=value …]"
    first, last, units, charge, *more = found["rest"].split()
    row = dict.fromkeys(COLUMNS, "") | {
        "claim_id": "C1",
        "line_id": f"L{number}",
        "patient_id": "P1",
        "payer": payer,
        "service_from": first,
        "service_through": last,
        "code": found["code"],
        "modifiers": (found["modifiers"] or "").replace("-", " "),
        "units": units,
        "charge": charge,
        "place_of_service": "12",
    }
    for item in more:
        key, _, value = item.partition("=")
        assert SHORT.get(key, key) in row, f"{key!r} is not a column of a claims file"
        row[SHORT.get(key, key)] = value.replace("_", " ")
    return row


def write_rows(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write a claims file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_lines(path: Path, lines: Iterable[str], payer: str = "A payer") -> Path:
    """Write a claims file from short lines, numbered L1, L2 and so on."""
    return write_rows(path, (claim_row(text, n, payer) for n, text in enumerate(lines, start=1)))
