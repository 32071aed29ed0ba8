"""Read CMS's NDC–HCPCS crosswalk, published each quarter beside the payment limits.

The first heading changes with the year (``_2026_CODE``), hundreds of empty columns follow the last one, and one NDC
may belong to several codes. The file does not say the NDC's unit of measure: ``package_size`` counts millilitres for a
liquid and vials for a powder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import Quarter
from hitmodel.errors import Finding, InputError, nothing_usable
from hitmodel.intake.cells import month_number
from hitmodel.intake.cms_headings import Headings
from hitmodel.intake.members import Published, read_published
from hitmodel.intake.sheets import Sheet

_CODE = re.compile(r"_?\d{4}_CODE|HCPCS( Code)?", re.IGNORECASE)
_NOC_HEADING = "Drug Generic Name"
_NOC_NAMES = {"NDC2": "NDC or ALTERNATE ID", "HCPCS dosage": "Dosage"}
_TITLE = re.compile(
    r"(January|February|March|April|May|June|July|August|September|October|November|December),? (20\d\d)"
)
_NDC = re.compile(r"\d{5}-\d{4}-\d{2}")
_NUMBER = re.compile(r"[\d,]*\.?\d+")
_COLUMNS = ("LABELER NAME", "NDC2", "Drug Name", "HCPCS dosage", "PKG SIZE", "PKG QTY", "BILLUNITS", "BILLUNITSPKG")
_WITH_CODES = Headings(_COLUMNS, tells=r"_?\d{4}_CODE")
_WITH_NAMES = Headings((_NOC_HEADING, *(_NOC_NAMES.get(name, name) for name in _COLUMNS)))
_EXPECTED = "CMS's NDC–HCPCS crosswalk (CSV, Excel or zip), whose header begins with '_2026_CODE' or the like"


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
    """A crosswalk as read, with the findings about its rows; ``quarter`` is None when the file does not say it."""

    rows: tuple[CrosswalkRow, ...]
    findings: tuple[Finding, ...]
    quarter: Quarter | None
    file: str
    sha256: str


def read_crosswalk(path: Path) -> Crosswalk:
    """Read a crosswalk: CSV, workbook, or the zip that holds either. The one of NOC drugs has no codes: ``code`` is "".

    A row whose NDC is none is left out, and one whose units do not multiply up to the package's is kept; both are
    findings. Raises `InputError` when this is another file.
    """
    published = read_published(path)
    for member, sheet in published.sheets:
        for noc, headings in ((True, _WITH_NAMES), (False, _WITH_CODES)):
            at = headings.row_of(sheet)
            if at is not None and noc is (_NOC_HEADING in sheet.rows[at]):
                where = f"{path.name}, {member}" if member else path.name
                return _crosswalk(published, where, sheet, at, headings)
    raise InputError("this is not an NDC–HCPCS crosswalk", where=paths.shown(path), expected=_EXPECTED)


def _crosswalk(published: Published, where: str, sheet: Sheet, at: int, headings: Headings) -> Crosswalk:
    findings: list[Finding] = []
    noc = headings is _WITH_NAMES
    places = headings.columns(sheet.rows[at], where, findings, at)
    columns = list(places.values()) if noc else [_code_column(sheet.rows[at], where, at), *places.values()]
    rows: list[CrosswalkRow] = []
    for number in range(at + 1, len(sheet.rows)):
        record = sheet.rows[number]
        if not any(record):
            continue
        cells = [record[column] if column < len(record) else "" for column in columns]
        if not cells[0]:
            findings.append(Finding(where, number + 1, "code", "", "is empty; left out", "code"))
            continue
        row, field, problem = _read_row(["" if noc else cells[0], *cells[1:]])
        if row is not None:
            rows.append(row)
        if problem:
            value = cells[1 + _COLUMNS.index(field)]
            findings.append(Finding(where, number + 1, field, value, problem, field.lower()))
    if not rows:
        raise nothing_usable(findings, where)
    return Crosswalk(tuple(rows), tuple(findings), _quarter(sheet, at), published.file, published.checksum)


def _code_column(heading: Sequence[str], where: str, at: int) -> int:
    found = next((number for number, cell in enumerate(heading) if _CODE.fullmatch(cell)), None)
    if found is None:
        said = f"no column is the code's; the heading begins with {heading[0]!r}"
        raise InputError(said, where=f"{where} row {at + 1}, _YEAR_CODE", expected=_EXPECTED)
    return found


def _quarter(sheet: Sheet, at: int) -> Quarter | None:
    """Return the quarter that the rows above the heading name: *January 2025 ASP NDC-HCPCS Crosswalk*."""
    found = _TITLE.search(" ".join(cell for row in sheet.rows[:at] for cell in row))
    return Quarter.of(date(int(found[2]), month_number(found[1]), 1)) if found else None


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
