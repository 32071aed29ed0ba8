"""Read CMS's Medicare Part B payment limit file ("ASP pricing file") and keep a quarter of it under ``data/prices``.

CMS publishes a zip with a spreadsheet and a "section 508 version" CSV; either, or the zip itself, is read here.
File names are typed by hand and have changed wording, so everything is taken from the content: the header row begins
with ``HCPCS Code``, the quarter stands in the line *Effective January 1, 2026 through March 31, 2026*, and the quarter
of sales in *based on 3Q25 ASP data*.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import Quarter, Span
from hitmodel.errors import Finding, InputError
from hitmodel.intake.cells import Unread, day
from hitmodel.intake.cms_headings import PREAMBLE, Headings
from hitmodel.intake.members import Published, read_published
from hitmodel.intake.sheets import Sheet
from hitmodel.prices import LIMIT_COLUMNS

_CODE_LENGTH = 5
_TITLE = (
    "CMS's Medicare Part B payment limit file, section 508 version (CSV), with a header row that begins 'HCPCS Code'"
)
_COLUMNS = ("HCPCS Code", "HCPCS Code Dosage", "Payment Limit", "Co-insurance Percentage", "Clotting Factor", "Notes")
_ASIDE = ("Vaccine AWP%", "Vaccine Limit", "Blood AWP%", "Blood limit")
_INFUSION = "Infusion Limit"
"""Until 2016, for drugs through a pump of Medicare's: 95 percent of the average wholesale price of 2003; not kept."""
LIMITS = Headings(_COLUMNS[:3], (*_COLUMNS[3:], *_ASIDE), (_INFUSION,), tells="HCPCS Code")
_DAY = r"(?:[A-Z]\w+\.? +\d{1,2}, *\d{4}|\d{1,2}/\d{1,2}/\d{4})"
_EFFECTIVE = re.compile(rf"Effective:?\s+({_DAY})\s*(?:through|thru|to|-|–)\s*({_DAY})", re.IGNORECASE)
_SALES = re.compile(r"based on ([1-4])Q(\d\d) ASP data")
_DOLLARS = re.compile(r"\d+(\.\d+)?")
_ADD_ONS = (
    ("8% of reference", "8% of reference"),
    ("AMP-based", "AMP-based"),
    ("lesser of", "lesser of"),
    ("MAC processing", "not ASP"),
    ("webpage", "not ASP"),
    ("WAC =", "not ASP"),
)


@dataclass(frozen=True)
class LimitRow:
    """One row of the file: the code, and cells as CMS printed them, outer blanks removed. ``limit`` may be ``N/A``."""

    code: str
    dosage: str
    limit: str
    coinsurance: str
    clotting_factor: bool
    add_on: str
    notes: str


@dataclass(frozen=True)
class LimitFile:
    """A payment limit file as read.

    ``effective`` are the days it says it holds for, ``sales_quarter`` the quarter of sales that its ASPs come from (two
    before its own; None when the file does not say). ``ends`` is its last row, as a person counts.
    """

    rows: tuple[LimitRow, ...]
    quarter: Quarter
    effective: Span
    sales_quarter: Quarter | None
    file: str
    sha256: str
    findings: tuple[Finding, ...] = ()
    ends: int = 0


def read_payment_limits(path: Path) -> LimitFile:
    """Read a payment limit file: CSV, workbook, or the zip that holds either.

    Raises `InputError` when it is another file (the NOC price file and the NDC crosswalk are named as such), when it
    does not say its quarter, when a limit is no number, or when a code stands in it twice.
    """
    published = read_published(path)
    for member, sheet in published.sheets:
        if (at := LIMITS.row_of(sheet)) is not None:
            return limit_file(published, member, sheet, at)
    raise another_file(published, paths.shown(path))


def limit_file(published: Published, member: str, sheet: Sheet, at: int) -> LimitFile:
    """Return the payment limits of one sheet of a published file, whose heading is row ``at`` (from 0).

    Raises as `read_payment_limits` does.
    """
    where = f"{published.file}, {member}" if member else published.file
    quarter, effective = quarter_of(sheet, at, where)
    sales = _SALES.search(" ".join(cell for row in sheet.rows[:at] for cell in row))
    findings: list[Finding] = []
    return LimitFile(
        tuple(_rows(sheet, at, where, findings)),
        quarter,
        effective,
        Quarter(2000 + int(sales[2]), int(sales[1])) if sales else None,
        published.file,
        published.checksum,
        tuple(findings),
        len(sheet.rows),
    )


def another_file(published: Published, where: str) -> InputError:
    """Return what is wrong with a file that holds no payment limits, naming the file that it is where that is known."""
    first = {row[0] for _, sheet in published.sheets for row in sheet.rows[:PREAMBLE] if row}
    cure = ""
    if "Drug Generic Name (Trade Name)" in first:
        what = "this is CMS's price file for not otherwise classified drugs, which has no codes"
        cure = "hitmodel import asp takes it in."
    elif any(re.fullmatch(r"_\d{4}_CODE", cell) for cell in first):
        what = "this is CMS's NDC–HCPCS crosswalk, which has no prices"
        cure = "hitmodel import crosswalk takes it in."
    elif "Drug Generic Name" in first:
        what = "this is CMS's crosswalk for not otherwise classified drugs, which has no prices"
        cure = "hitmodel import crosswalk takes it in."
    else:
        what = "this is not a payment limit file"
    return InputError(what, where=where, expected=_TITLE, next_step=cure)


def quarter_of(sheet: Sheet, heading: int, where: str) -> tuple[Quarter, Span]:
    """Return the quarter that the rows above a heading name, and its days. Raises `InputError` when they do not."""
    found = _EFFECTIVE.search(" ".join(cell for row in sheet.rows[:heading] for cell in row))
    above = f"{where} rows 1 to {heading}, Effective"
    if found is None:
        raise InputError("the file does not say its quarter", where=above, expected="a line 'Effective … through …'")
    try:
        first, last = (day(text).value for text in found.groups())
        days = Span(first or date.max, last or date.min)
    except (Unread, InputError):
        raise InputError(f"{found[0]!r} are not two dates", where=above, expected=_TITLE) from None
    quarter = Quarter.of(days.first)
    if days != quarter.span:
        raise InputError(f"'{found[0]}' is not one quarter", where=above, expected=f"{quarter.span.first} to its end")
    return quarter, days


def _rows(sheet: Sheet, at: int, where: str, findings: list[Finding]) -> list[LimitRow]:
    columns = LIMITS.columns(sheet.rows[at], where, findings, at)
    rows: dict[str, LimitRow] = {}
    for number in range(at + 1, len(sheet.rows)):
        record = sheet.rows[number]
        cells = {name: record[column] for name, column in columns.items() if column < len(record)}
        code = cells.get("HCPCS Code", "")
        if len(code) > _CODE_LENGTH and set(record) <= {code, ""}:
            findings.append(Finding(where, number + 1, "HCPCS Code", "", "a note below the table: left out", "note"))
        elif code or cells.get("Payment Limit"):
            row = _row(cells, f"{where} row {number + 1}")
            if row.code in rows:
                place = f"{where} row {number + 1}, HCPCS Code"
                raise InputError(f"code {row.code} stands in it twice", where=place, expected="each code once")
            rows[row.code] = row
    if not rows:
        raise InputError("the file has a heading and no row", where=where, expected=_TITLE)
    return list(rows.values())


def _row(cells: dict[str, str], where: str) -> LimitRow:
    code, dosage, limit, coinsurance, clotting, notes = (cells.get(name, "") for name in _COLUMNS)
    if not re.fullmatch(r"[A-Z0-9]{5}", code):
        raise InputError(f"{code!r} is not a code", where=f"{where}, HCPCS Code", expected="five characters")
    limit = limit.removeprefix("$").replace(",", "").strip()
    if not limit and any(cells.get(name) for name in (*_ASIDE, _INFUSION)):
        limit = "N/A"  # older files leave it empty where another column has the limit
    if limit != "N/A" and not _DOLLARS.fullmatch(limit):
        raise InputError(
            f"the payment limit of {code} is {limit!r}", where=f"{where}, Payment Limit", expected="dollars or N/A"
        )
    if coinsurance and not _DOLLARS.fullmatch(coinsurance):
        said = f"the coinsurance of {code} is {coinsurance!r}"
        raise InputError(said, where=f"{where}, Co-insurance Percentage", expected="a percent, or nothing")
    return LimitRow(code, dosage, limit, coinsurance, clotting == "1", _add_on(limit, notes, cells), notes)


def _add_on(limit: str, notes: str, cells: dict[str, str]) -> str:
    """Return what the limit is made of: "6%" unless the row says otherwise."""
    if limit == "N/A" or any(cells.get(name) for name in _ASIDE):
        return "not ASP"
    return next((basis for words, basis in _ADD_ONS if words.lower() in notes.lower()), "6%")


def write_payment_limits(read: LimitFile, folder: Path, codes: Collection[str]) -> Path:
    """Write a quarter, for ``codes`` only, as ``folder/2025Q3.csv`` with ``2025Q3.toml`` beside it.

    Returns the CSV's path. A quarter that is already there is replaced: CMS restates quarters.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(LIMIT_COLUMNS)
    kept = [row for row in read.rows if row.code in codes]
    for r in kept:
        clotting = "yes" if r.clotting_factor else ""
        writer.writerow((r.code, r.dosage, r.limit, r.coinsurance, clotting, r.add_on, r.notes))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{read.quarter}.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    (folder / f"{read.quarter}.toml").write_text(_source(read, len(kept), out.getvalue()), encoding="utf-8")
    return path


def _source(read: LimitFile, kept: int, table: str) -> str:
    lines = [
        'publisher = "Centers for Medicare & Medicaid Services (CMS)"',
        'title = "Payment Allowance Limits for Medicare Part B Drugs"',
        f'quarter = "{read.quarter}"',
        f"effective_from = {read.effective.first}",
        f"effective_through = {read.effective.last}",
        f'sales_quarter = "{read.sales_quarter or ""}"',
        f"file = {json.dumps(read.file)}",
        f'file_sha256 = "{read.sha256}"',
        f"rows_in_file = {len(read.rows)}",
        f"rows_kept = {kept}",
        f'last_code = "{max(row.code for row in read.rows)}"',
        f'table_sha256 = "{hashlib.sha256(table.encode()).hexdigest()}"',
        'standing = "US government work, public domain; short descriptions are not kept"',
    ]
    return "\n".join(lines) + "\n"
