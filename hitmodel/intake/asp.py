"""Read CMS's Medicare Part B payment limit file ("ASP pricing file") and keep a quarter of it under ``data/prices``.

CMS publishes a zip with a spreadsheet and a "section 508 version" CSV; the CSV, or the zip that holds it, is read here.
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
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hitmodel.dates import Quarter, Span
from hitmodel.errors import InputError
from hitmodel.prices import LIMIT_COLUMNS

_TITLE = (
    "CMS's Medicare Part B payment limit file, section 508 version (CSV), with a header row that begins 'HCPCS Code'"
)
_COLUMNS = ("HCPCS Code", "HCPCS Code Dosage", "Payment Limit", "Co-insurance Percentage", "Clotting Factor", "Notes")
_ASIDE = ("Vaccine AWP%", "Vaccine Limit", "Blood AWP%", "Blood limit")
_EFFECTIVE = re.compile(r"Effective (\w+ \d+, \d{4}) through (\w+ \d+, \d{4})")
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
    before its own; None when the file does not say).
    """

    rows: tuple[LimitRow, ...]
    quarter: Quarter
    effective: Span
    sales_quarter: Quarter | None
    file: str
    sha256: str


def read_payment_limits(path: Path) -> LimitFile:
    """Read a payment limit file.

    Raises `InputError` when it is another file (the NOC price file and the NDC crosswalk are named as such), when it
    does not say its quarter, when a limit is no number, or when a code stands in it twice.
    """
    content = path.read_bytes()
    where = str(path)
    table = list(csv.reader(io.StringIO(_text(content, where), newline="")))
    at = next((i for i, row in enumerate(table) if row and row[0].strip() == "HCPCS Code"), None)
    if at is None:
        raise _another_file(table, where)
    preamble = " ".join(cell for row in table[:at] for cell in row)
    quarter, effective = _effective(preamble, where)
    sales = _SALES.search(preamble)
    return LimitFile(
        tuple(_rows(table[at:], where)),
        quarter,
        effective,
        Quarter(2000 + int(sales[2]), int(sales[1])) if sales else None,
        path.name,
        hashlib.sha256(content).hexdigest(),
    )


def _text(content: bytes, where: str) -> str:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.namelist() if n.lower().endswith(".csv")]
            if len(names) != 1:
                raise InputError(f"the zip holds {len(names)} CSV files", where=where, expected=_TITLE)
            content = archive.read(names[0])
    if content.startswith(b"\xef\xbb\xbf"):
        return content.decode("utf-8-sig")
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError("the file is not text", where=where, expected=_TITLE) from None


def _another_file(table: Sequence[Sequence[str]], where: str) -> InputError:
    first = {row[0].strip() for row in table if row}
    if "Drug Generic Name (Trade Name)" in first:
        what = "this is CMS's price file for not otherwise classified drugs, which has no codes"
    elif any(re.fullmatch(r"_\d{4}_CODE", cell) for cell in first):
        what = "this is CMS's NDC–HCPCS crosswalk, which has no prices"
    else:
        what = "this is not a payment limit file"
    return InputError(what, where=where, expected=_TITLE)


def _effective(preamble: str, where: str) -> tuple[Quarter, Span]:
    found = _EFFECTIVE.search(preamble)
    if found is None:
        raise InputError("the file does not say its quarter", where=where, expected="a line 'Effective … through …'")
    try:
        days = Span(*(datetime.strptime(day, "%B %d, %Y").date() for day in found.groups()))
    except ValueError:
        raise InputError(f"{found[0]!r} are not two dates", where=where, expected=_TITLE) from None
    quarter = Quarter.of(days.first)
    if days != quarter.span:
        raise InputError(f"'{found[0]}' is not one quarter", where=where, expected=f"{quarter.span.first} to its end")
    return quarter, days


def _rows(table: Sequence[Sequence[str]], where: str) -> list[LimitRow]:
    heading = [cell.strip() for cell in table[0]]
    missing = [name for name in _COLUMNS if name not in heading]
    if missing:
        raise InputError(f"column {missing[0]!r} is missing", where=where, expected=_TITLE)
    rows: dict[str, LimitRow] = {}
    for record in table[1:]:
        cells = dict(zip(heading, (cell.strip() for cell in record), strict=False))
        if not cells.get("HCPCS Code"):
            continue
        row = _row(cells, where)
        if row.code in rows:
            raise InputError(f"code {row.code} stands in it twice", where=where, expected="each code once")
        rows[row.code] = row
    return list(rows.values())


def _row(cells: dict[str, str], where: str) -> LimitRow:
    code, dosage, limit, coinsurance, clotting, notes = (cells.get(name, "") for name in _COLUMNS)
    if limit != "N/A" and not _DOLLARS.fullmatch(limit):
        raise InputError(f"the payment limit of {code} is {limit!r}", where=where, expected="dollars or N/A")
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
        f'table_sha256 = "{hashlib.sha256(table.encode()).hexdigest()}"',
        'standing = "US government work, public domain; short descriptions are not kept"',
    ]
    return "\n".join(lines) + "\n"
