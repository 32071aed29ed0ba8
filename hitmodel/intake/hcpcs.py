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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.dates import month_spoken
from hitmodel.errors import InputError
from hitmodel.intake.cms_headings import Headings
from hitmodel.intake.members import content_of, is_plain_zip, zip_members
from hitmodel.intake.packed import refuse_cut_off
from hitmodel.intake.sheets import book_of, decoded

_CODE = re.compile(r"[A-Z]\d{4}|[A-Z][A-Z0-9]|\d[A-Z]")
_FIRST_DATE, _LAST_DATE, _LAST_DATE_ENDS = 268, 284, 292
"""Where dates of a fixed-width record begin and the last one ends; the record has had 320 and 293 characters."""
_PREAMBLE = 200
_WORKBOOKS = (".xlsx", ".xls")
_DAYS = ("first day", "action day", "last day")
_FIXED_RECORD = re.compile(r"[ A-Z0-9]{5}\d{5}[3478]")
_RECORD = "a code of five characters, five digits, and 3, 4, 7 or 8"
_BEGINS, _KINDS = "37", "3478"
_EXCEL = Headings(("HCPC", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT"), tells="HCPC")
_LIST_COLUMNS = ("HCPCS_CODE", "LONG_DESCRIPTION")
_LIST = Headings(_LIST_COLUMNS)
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
    refuse_cut_off(content, where)
    found = _in_zip(content, where) if is_plain_zip(content) else _read_rows(content, where)
    if found is None:
        raise InputError("this is not an HCPCS release that can be read", where=where, expected=_EXPECTED)
    by_code = {row.code: row for row in found.rows}
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
    for name, inner in zip_members(content, where, (".txt", ".csv", *_WORKBOOKS)):
        if best is not None and (name.lower().endswith(_WORKBOOKS) or best.has_dates):
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
    if any(name in first for name in _LIST_COLUMNS):
        return _Found(_read_descriptions(content, where), True, False)
    return _Found(_read_codes(lines, where), False, False) if _are_codes(lines) else None


def _are_codes(lines: Sequence[str]) -> bool:
    """Say whether most lines are a code and nothing else, so that any other line is a damaged one."""
    there = [line.strip() for line in lines if line.strip()]
    return sum(bool(_CODE.fullmatch(line)) for line in there) * 2 > len(there)


def _read_codes(lines: Sequence[str], where: str) -> list[HcpcsRow]:
    found = ((f"{where} line {n}, the code", line.strip()) for n, line in enumerate(lines, start=1) if line.strip())
    return _once((place, HcpcsRow(_code(text, place))) for place, text in found)


def _code(text: str, where: str) -> str:
    if not _CODE.fullmatch(text):
        raise InputError(f"{text[:40]!r} is not a code", where=where, expected="a code such as S9500 or SH")
    return text


def _once(rows: Iterable[tuple[str, HcpcsRow]]) -> list[HcpcsRow]:
    """Return rows, each given with its place. Raises `InputError` for a code that stands twice."""
    found: dict[str, HcpcsRow] = {}
    for where, row in rows:
        if row.code in found:
            raise InputError(f"code {row.code} stands in it twice", where=where, expected="each code once")
        found[row.code] = row
    return list(found.values())


def _read_fixed(lines: Sequence[str], where: str) -> list[HcpcsRow]:
    """Read records of fixed width: kind 3 or 7 begins a code or modifier, 4 or 8 continues its text.

    CMS's file has disclaimers above and below the records, and a record that is broken over two lines, which only ever
    loses trailing blanks. Raises `InputError` for any other line that is no record, and for a record that is cut off.
    """
    cuts = (slice(0, 5), slice(10, 11), slice(11, 91), slice(268, 276), slice(276, 284), slice(284, 292))
    at = [number for number, line in enumerate(lines) if _FIXED_RECORD.match(line)]
    for number, line in enumerate(lines):
        record = at[0] <= number <= at[-1] or len(line.rstrip("\t ")) >= _FIRST_DATE
        if line.strip() and record and not _FIXED_RECORD.match(line):
            place = f"{where} line {number + 1}, characters 1 to 11"
            raise InputError(f"{line[:11]!r} does not begin a record", where=place, expected=_RECORD)
        if record and line[10:11] in tuple(_BEGINS) and len(line) < _LAST_DATE:
            place = f"{where} line {number + 1}, character {len(line)}"
            raise InputError("the record is cut off", where=place, expected=f"at least {_LAST_DATE} characters")
    return _joined((f"{where} line {number + 1}", [lines[number][cut].strip() for cut in cuts]) for number in at)


def _joined(records: Iterable[tuple[str, list[str]]]) -> list[HcpcsRow]:
    """Join records of (code, kind, text, three dates), each with its place, that continue one another's text."""
    rows: list[tuple[str, HcpcsRow]] = []
    for where, (code, kind, text, first, action, last) in records:
        if kind not in _KINDS or not kind:
            raise InputError(
                f"a record of kind {kind!r} is not known", where=f"{where}, RECID", expected="3, 4, 7 or 8"
            )
        if kind in _BEGINS:
            days = (_day(digits, f"{where}, {name}") for digits, name in zip((first, action, last), _DAYS, strict=True))
            rows.append((f"{where}, code", HcpcsRow(_code(code, f"{where}, code"), text, *days)))
        elif rows and code == rows[-1][1].code:
            place, begun = rows[-1]
            rows[-1] = place, replace(begun, descriptor=f"{begun.descriptor} {text}")
        else:
            raise InputError(f"the text of {code!r} is continued before it begins", where=f"{where}, code")
    return _once(rows)


def _read_excel(content: bytes, where: str) -> list[HcpcsRow] | None:
    """Return the rows of the first sheet whose heading is that of a release; None when no sheet has one."""
    for sheet in book_of(content, where, where).sheets:
        at = _EXCEL.row_of(sheet)
        if at is None:
            continue
        columns = _EXCEL.columns(sheet.rows[at], where, [], at)
        records = []
        for number, row in enumerate(sheet.rows[at + 1 :], start=at + 2):
            record = [row[place] if place < len(row) else "" for place in columns.values()]
            if record[0] or sum(map(bool, record)) > 1:
                records.append((f"{where} row {number}", record))
        return _joined(records)
    return None


def _read_descriptions(content: bytes, where: str) -> list[HcpcsRow]:
    (sheet,) = book_of(content, where, where).sheets
    columns = _LIST.columns(sheet.rows[0], where, [], 0)
    rows = []
    for number, row in enumerate(sheet.rows[1:], start=2):
        code, words = (row[place] if place < len(row) else "" for place in columns.values())
        if any(row):
            place = f"{where} row {number}, {_LIST_COLUMNS[0]}"
            if not words:
                raise InputError("the code has no description", where=f"{where} row {number}, {_LIST_COLUMNS[1]}")
            rows.append((place, HcpcsRow(_code(code, place), words)))
    return _once(rows)


def _day(digits: str, where: str) -> date | None:
    if not digits:
        return None
    try:
        return datetime.strptime(digits.replace("-", ""), "%Y%m%d").date()
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
