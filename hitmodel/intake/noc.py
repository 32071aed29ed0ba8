"""Read CMS's prices for drugs that have no code of their own (NOC, "not otherwise classified").

The file has four columns and no code: the drug's name, its dosage, the payment limit for that dosage, and notes. What a
NOC code pays for is never priced from it by itself; it is kept so that people can look a name up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import Quarter
from hitmodel.errors import InputError
from hitmodel.intake.asp import heading_row, quarter_of
from hitmodel.intake.members import Published, read_published
from hitmodel.intake.sheets import Sheet

FIRST_HEADING = "Drug Generic Name (Trade Name)"
_COLUMNS = (FIRST_HEADING, "Dosage", "Payment Limit", "Notes")
_DOLLARS = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class NocRow:
    """One drug: ``limit`` dollars for each ``dosage``; None where CMS prints ``N/A``."""

    name: str
    dosage: str
    limit: Decimal | None
    notes: str


@dataclass(frozen=True)
class NocFile:
    """A NOC price file as read."""

    rows: tuple[NocRow, ...]
    quarter: Quarter
    file: str
    sha256: str


def read_noc(path: Path) -> NocFile:
    """Read a NOC price file: CSV, workbook or zip.

    Raises `InputError` when it is another file, does not say its quarter, or a limit is no number.
    """
    published = read_published(path)
    for member, sheet in published.sheets:
        if heading_row(sheet, FIRST_HEADING) is not None:
            return noc_file(published, member, sheet)
    expected = f"CMS's NOC pricing file, with a header row that begins '{FIRST_HEADING}'"
    raise InputError("this is not a NOC price file", where=paths.shown(path), expected=expected)


def noc_file(published: Published, member: str, sheet: Sheet) -> NocFile:
    """Return the prices of one sheet of a published file. Raises as `read_noc` does."""
    where = f"{published.file}, {member}" if member else published.file
    at = heading_row(sheet, FIRST_HEADING)
    assert at is not None
    missing = [name for name in _COLUMNS if name not in sheet.rows[at]]
    if missing:
        raise InputError(f"column {missing[0]!r} is missing", where=f"{where} row {at + 1}")
    rows = []
    for number in range(at + 1, len(sheet.rows)):
        cells = dict(zip(sheet.rows[at], sheet.rows[number], strict=False))
        name, dosage, limit, notes = (cells.get(column, "") for column in _COLUMNS)
        if name:
            rows.append(NocRow(name, dosage, _limit(limit, f"{where} row {number + 1}, Payment Limit"), notes))
    if not rows:
        raise InputError("the file has a heading and no row", where=where)
    return NocFile(tuple(rows), quarter_of(sheet, at, where)[0], published.file, published.checksum)


def _limit(text: str, where: str) -> Decimal | None:
    bare = text.removeprefix("$").replace(",", "").strip()
    if bare == "N/A":
        return None
    if not _DOLLARS.fullmatch(bare):
        raise InputError(f"the payment limit is {text!r}", where=where, expected="dollars or N/A")
    return Decimal(bare)
