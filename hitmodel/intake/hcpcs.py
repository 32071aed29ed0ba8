"""Read CMS's HCPCS Level II release files and keep one as a folder of ``data/codes/``.

CMS has published a release in four shapes; `read_hcpcs` tells them apart by content, never by name:

- the *contractor file*, fixed width, 320 characters a record in 2019 and 293 in 2025, usually inside a zip;
- the *Excel file*, whose header row is the one that begins with ``HCPC`` (row 11 in 2020, row 1 in 2025);
- a *description list*, CSV with ``HCPCS_CODE`` and ``LONG_DESCRIPTION``: no dates;
- a *code list*, one code a line: no words, no dates.

Codes come left-padded in some of them. None holds CPT codes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.dates import month_spoken
from hitmodel.errors import InputError
from hitmodel.intake.members import content_of, is_plain_zip, zip_members
from hitmodel.intake.sheets import book_of, decoded

_CODE = re.compile(r"[A-Z]\d{4}|[A-Z][A-Z0-9]|\d[A-Z]")
_LAST_DATE_ENDS = 292
"""Where the last date of a fixed-width record ends; the record itself has had 320 and 293 characters."""
_PREAMBLE = 200
_DAYS = ("first day", "action day", "last day")
_FIXED_RECORD = re.compile(r"[ A-Z0-9]{5}\d{5}[3478]")
_BEGINS = "37"
_EXCEL_COLUMNS = ("HCPC", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT")
_EXPECTED = (
    "CMS's HCPCS Level II release: the contractor file (fixed width), the Excel file, the zip of either, "
    "a list with HCPCS_CODE and LONG_DESCRIPTION, or one code a line"
)


@dataclass(frozen=True)
class HcpcsRow:
    """One code or modifier as a release has it.

    ``descriptor`` is CMS's wording, character for character ("" in a code list). ``first_day``, ``action_day`` (the
    day of the latest change) and ``last_day`` are None where the file has none.
    """

    code: str
    descriptor: str = ""
    first_day: date | None = None
    action_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class HcpcsRelease:
    """A release file as read: its rows by code, the file's name, its sha256, and the zip's member it was in."""

    rows: tuple[HcpcsRow, ...]
    file: str
    sha256: str
    has_descriptors: bool
    has_dates: bool
    member: str = ""


def read_hcpcs(path: Path) -> HcpcsRelease:
    """Read a release in any of the four shapes, by itself or in a zip.

    Raises `InputError` when the file is none of them, when a code or a day in it cannot be read (with its line), or
    when one code stands in it twice.
    """
    content, where = content_of(path), paths.shown(path)
    found = _in_zip(content, where) if is_plain_zip(content) else _read_rows(content, where)
    if found is None:
        raise InputError("this is not an HCPCS release that can be read", where=where, expected=_EXPECTED)
    by_code = {row.code: row for row in found.rows}
    if len(by_code) != len(found.rows):
        twice = sorted({r.code for r in found.rows if by_code[r.code] is not r})
        raise InputError(f"code {twice[0]} stands in it twice", where=where, expected="each code once")
    rows = tuple(by_code[code] for code in sorted(by_code))
    checksum = hashlib.sha256(content).hexdigest()
    return HcpcsRelease(rows, path.name, checksum, found.has_descriptors, found.has_dates, found.member)


@dataclass(frozen=True)
class _Found:
    rows: list[HcpcsRow]
    has_descriptors: bool
    has_dates: bool
    member: str = ""


def _in_zip(content: bytes, where: str) -> _Found | None:
    """Return the release in CMS's zip, whatever the member is called: that with most codes, text before workbooks."""
    best: _Found | None = None
    for name, inner in zip_members(content, where, (".txt", ".csv", ".xlsx")):
        if best is not None and (name.lower().endswith(".xlsx") or best.has_dates):
            break
        if re.search(r"layout|readme|proc_?notes", name, re.IGNORECASE) or not inner.strip():
            continue
        found = _read_rows(inner, f"{where}, {name}")
        if found is not None and (best is None or len(found.rows) > len(best.rows)):
            best = replace(found, member=name)
    return best


def _read_rows(content: bytes, where: str) -> _Found | None:
    """Return what the content is, or None when it is no release."""
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        rows = _read_excel(content, where)
        return None if rows is None else _Found(rows, True, True)
    text, _ = decoded(content, where)
    lines = text.splitlines()
    if any(len(line) >= _LAST_DATE_ENDS and _FIXED_RECORD.match(line) for line in lines[:_PREAMBLE]):
        return _Found(_read_fixed(lines, where), True, True)
    first = lines[0] if lines else ""
    if "HCPCS_CODE" in first and "LONG_DESCRIPTION" in first:
        return _Found(_read_descriptions(content, where), True, False)
    codes = [line.strip() for line in lines if line.strip()]
    if codes and all(_CODE.fullmatch(code) for code in codes):
        return _Found([HcpcsRow(code) for code in codes], False, False)
    return None


def _read_fixed(lines: Iterable[str], where: str) -> list[HcpcsRow]:
    """Read records of fixed width: kind 3 or 7 begins a code or modifier, 4 or 8 continues its text.

    A preamble and a record broken over two lines occur in CMS's file; whatever does not begin like a record is passed
    over, and a broken record only ever loses trailing blanks.
    """
    cuts = (slice(0, 5), slice(10, 11), slice(11, 91), slice(268, 276), slice(276, 284), slice(284, 292))
    return _joined(
        (f"{where} line {number}", [line[cut].strip() for cut in cuts])
        for number, line in enumerate(lines, start=1)
        if _FIXED_RECORD.match(line)
    )


def _joined(records: Iterable[tuple[str, list[str]]]) -> list[HcpcsRow]:
    """Join records of (code, kind, text, three dates), each with its place, that continue one another's text."""
    rows: list[HcpcsRow] = []
    for where, (code, kind, text, first, action, last) in records:
        if kind in _BEGINS:
            if not _CODE.fullmatch(code):
                raise InputError(f"{code!r} is not a code", where=where, expected="a code such as S9500 or SH")
            days = (_day(digits, f"{where}, {name}") for digits, name in zip((first, action, last), _DAYS, strict=True))
            rows.append(HcpcsRow(code, text, *days))
        elif rows and code == rows[-1].code:
            rows[-1] = replace(rows[-1], descriptor=f"{rows[-1].descriptor} {text}")
        else:
            raise InputError(f"the text of {code!r} is continued before it begins", where=where)
    return rows


def _read_excel(content: bytes, where: str) -> list[HcpcsRow] | None:
    """Return the rows of the first sheet that has a heading with ``HCPC``; None when no sheet has one."""
    for sheet in book_of(content, where, where).sheets:
        at = next((n for n, row in enumerate(sheet.rows[:_PREAMBLE]) if row and row[0] == "HCPC"), None)
        if at is None:
            continue
        heading = sheet.rows[at]
        missing = [name for name in _EXCEL_COLUMNS if name not in heading]
        if missing:
            raise InputError(f"no column {', '.join(missing)}", where=f"{where} row {at + 1}", expected=_EXPECTED)
        columns = [heading.index(name) for name in _EXCEL_COLUMNS]
        return _joined(
            (f"{where} row {number + 1}", [row[c] if c < len(row) else "" for c in columns])
            for number, row in enumerate(sheet.rows)
            if number > at and row and row[0]
        )
    return None


def _read_descriptions(content: bytes, where: str) -> list[HcpcsRow]:
    (sheet,) = book_of(content, where, where).sheets
    code, words = (sheet.rows[0].index(name) for name in ("HCPCS_CODE", "LONG_DESCRIPTION"))
    rows = []
    for number, row in enumerate(sheet.rows[1:], start=2):
        if not any(row):
            continue
        if len(row) <= max(code, words) or not _CODE.fullmatch(row[code]):
            said = f"{row[code]!r} is not a code, or has no description" if code < len(row) else "the row has no code"
            raise InputError(said, where=f"{where} row {number}, HCPCS_CODE")
        rows.append(HcpcsRow(row[code], row[words]))
    return rows


def _day(digits: str, where: str) -> date | None:
    if not digits:
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        raise InputError(f"{digits!r} is not a date", where=where, expected="a day as 20251001") from None


def write_release(release: HcpcsRelease, folder: Path, name: str, in_force_from: date, ours: Collection[str]) -> None:
    """Write one release as a folder: ``codes.csv``, ``descriptors.csv`` and ``source.toml``.

    Parameters
    ----------
    folder : Path
        ``data/codes``; the release becomes ``folder / name``.
    name : str
        Year and month of the release, such as ``2025-10``.
    in_force_from : date
        First day of the release.
    ours : collection of str
        The codes whose descriptors are kept. Of every other code only the dates are.
    """
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    tables = {
        "codes.csv": _table(
            ("code", "first_day", "last_day"), ((r.code, r.first_day, r.last_day) for r in release.rows)
        )
    }
    if release.has_descriptors:
        kept = (r for r in release.rows if r.code in ours)
        tables["descriptors.csv"] = _table(
            ("code", "first_day", "action_day", "last_day", "descriptor"),
            ((r.code, r.first_day, r.action_day, r.last_day, r.descriptor) for r in kept),
        )
    for file_name, text in tables.items():
        (place / file_name).write_text(text, encoding="utf-8", newline="")
    (place / "source.toml").write_text(_source(release, name, in_force_from, tables), encoding="utf-8")


def _table(heading: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows([("" if v is None else v) for v in row] for row in rows)
    return out.getvalue()


def _source(release: HcpcsRelease, name: str, in_force_from: date, tables: dict[str, str]) -> str:
    lines = [
        'publisher = "Centers for Medicare & Medicaid Services (CMS)"',
        f'title = "HCPCS Level II, {month_spoken(in_force_from)}"',
        f'release = "{name}"',
        f"in_force_from = {in_force_from}",
        f"file = {json.dumps(release.file)}",
        f'file_sha256 = "{release.sha256}"',
        f"has_dates = {str(release.has_dates).lower()}",
        'standing = "US government work, public domain; holds no CPT"',
        "",
        "[tables]",
    ]
    for file_name, text in tables.items():
        lines.append(f'"{file_name}" = "{hashlib.sha256(text.encode()).hexdigest()}"')
    return "\n".join(lines) + "\n"
