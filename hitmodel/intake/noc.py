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
from hitmodel.errors import Finding, InputError
from hitmodel.intake.asp import quarter_of
from hitmodel.intake.cms_headings import Headings
from hitmodel.intake.members import Published, read_published
from hitmodel.intake.sheets import Sheet

_NAME = "Drug Generic Name (Trade Name)"
_COLUMNS = (_NAME, "Dosage", "Payment Limit", "Notes")
NOC = Headings(_COLUMNS[:3], _COLUMNS[3:], tells=re.escape(_NAME))
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
    findings: tuple[Finding, ...] = ()


def read_noc(path: Path) -> NocFile:
    """Read a NOC price file: CSV, workbook or zip.

    Raises `InputError` when it is another file, does not say its quarter, or a limit is no number.
    """
    published = read_published(path)
    for member, sheet in published.sheets:
        if (at := NOC.row_of(sheet)) is not None:
            return noc_file(published, member, sheet, at)
    expected = f"CMS's NOC pricing file, with a header row that begins '{_NAME}'"
    raise InputError("this is not a NOC price file", where=paths.shown(path), expected=expected)


def noc_file(published: Published, member: str, sheet: Sheet, at: int) -> NocFile:
    """Return the prices of one sheet of a published file, whose heading is row ``at``. Raises as `read_noc` does."""
    where = f"{published.file}, {member}" if member else published.file
    findings: list[Finding] = []
    columns = NOC.columns(sheet.rows[at], where, findings, at)
    rows = []
    for number in range(at + 1, len(sheet.rows)):
        record = sheet.rows[number]
        cells = {column: record[place] for column, place in columns.items() if place < len(record)}
        name, dosage, limit, notes = (cells.get(column, "") for column in _COLUMNS)
        if len({name, *record}) > 1 and not name and limit:
            raise InputError("a limit stands without its drug", where=f"{where} row {number + 1}, {_NAME}")
        if name and set(record) <= {name, ""} and len(record) < len(columns) and not limit:
            findings.append(Finding(where, number + 1, _NAME, "", "a note below the table: left out", "note"))
        elif name:
            rows.append(NocRow(name, dosage, _limit(limit, f"{where} row {number + 1}, Payment Limit"), notes))
    if not rows:
        raise InputError("the file has a heading and no row", where=where)
    quarter, _ = quarter_of(sheet, at, where)
    return NocFile(tuple(rows), quarter, published.file, published.checksum, tuple(findings))


def _limit(text: str, where: str) -> Decimal | None:
    bare = text.removeprefix("$").replace(",", "").strip()
    if bare == "N/A":
        return None
    if not _DOLLARS.fullmatch(bare):
        raise InputError(f"the payment limit is {text!r}", where=where, expected="dollars or N/A")
    return Decimal(bare)
