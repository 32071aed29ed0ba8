"""Read CMS's NDC–HCPCS crosswalk, published each quarter beside the payment limits.

The first heading changes with the year (``_2026_CODE``), hundreds of empty columns follow the last one, and one NDC
may belong to several codes. The file does not say the NDC's unit of measure: ``package_size`` counts millilitres for a
liquid and vials for a powder.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hitmodel.errors import Finding, InputError

_HEADING = re.compile(r"_\d{4}_CODE")
_NDC = re.compile(r"\d{5}-\d{4}-\d{2}")
_NUMBER = re.compile(r"[\d,]*\.?\d+")
_COLUMNS = ("LABELER NAME", "NDC2", "Drug Name", "HCPCS dosage", "PKG SIZE", "PKG QTY", "BILLUNITS", "BILLUNITSPKG")
_EXPECTED = "CMS's NDC–HCPCS crosswalk, section 508 version (CSV), whose header begins with '_2026_CODE' or the like"


@dataclass(frozen=True)
class CrosswalkRow:
    """One NDC under one code.

    ``package_size`` NDC units are in one item and ``package_quantity`` items in the package; one item holds
    ``units_per_item`` HCPCS units of ``dosage``.
    """

    code: str
    ndc: str
    labeler: str
    name: str
    dosage: str
    package_size: Decimal
    package_quantity: Decimal
    units_per_item: Decimal


@dataclass(frozen=True)
class Crosswalk:
    """A crosswalk as read, with the findings about its rows."""

    rows: tuple[CrosswalkRow, ...]
    findings: tuple[Finding, ...]
    file: str
    sha256: str


def read_crosswalk(path: Path) -> Crosswalk:
    """Read a crosswalk.

    A row whose NDC is none is left out, and one whose units do not multiply up to the package's is kept; both are
    findings. Raises `InputError` when this is another file.
    """
    content = path.read_bytes()
    table = list(csv.reader(io.StringIO(content.decode("cp1252", errors="replace"), newline="")))
    at = next((i for i, row in enumerate(table) if row and _HEADING.fullmatch(row[0].strip())), None)
    missing = [name for name in _COLUMNS if at is not None and name not in table[at]]
    if at is None or missing:
        what = f"column {missing[0]!r} is missing" if missing else "this is not an NDC–HCPCS crosswalk"
        raise InputError(what, where=str(path), expected=_EXPECTED)
    columns = [0, *(table[at].index(name) for name in _COLUMNS)]
    rows: list[CrosswalkRow] = []
    findings: list[Finding] = []
    for number, record in enumerate(table[at + 1 :], start=at + 2):
        if not record or not record[0].strip():
            continue
        row, field, problem = _read_row([record[i].strip() for i in columns])
        if row is not None:
            rows.append(row)
        if problem:
            value = record[table[at].index(field)]
            findings.append(Finding(path.name, number, field, value, problem, field.lower()))
    return Crosswalk(tuple(rows), tuple(findings), path.name, hashlib.sha256(content).hexdigest())


def _read_row(cells: Sequence[str]) -> tuple[CrosswalkRow | None, str, str]:
    """Return the row, or None; and the field and the problem, "" when there is none."""
    code, labeler, ndc, name, dosage, *amounts = cells
    if not _NDC.fullmatch(ndc):
        return None, "NDC2", "is not an NDC"
    for field, text in zip(_COLUMNS[4:], amounts, strict=True):
        if not _NUMBER.fullmatch(text):
            return None, field, "is not a number"
    size, quantity, units, in_package = (Decimal(text.replace(",", "")) for text in amounts)
    row = CrosswalkRow(code, ndc.replace("-", ""), labeler, name, dosage, size, quantity, units)
    if units * quantity != in_package:
        return row, "BILLUNITSPKG", f"is not {units} units × {quantity} items"
    return row, "", ""
