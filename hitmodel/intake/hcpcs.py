"""Read CMS's HCPCS Level II release files and keep one as a folder of ``data/codes/``.

CMS has published a release in four shapes; `read_hcpcs` tells them apart by content, never by name:

- the *contractor file*, fixed width, 320 characters a record (2019), usually inside a zip;
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
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hitmodel.errors import InputError

_CODE = re.compile(r"[A-Z]\d{4}|[A-Z][A-Z0-9]|\d[A-Z]")
_FIXED_WIDTH = 320
_FIXED_RECORD = re.compile(r"[ A-Z0-9]{5}\d{5}[3478]")
_BEGINS = "37"
_EXCEL_COLUMNS = ("HCPC", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT")
_EXPECTED = (
    "CMS's HCPCS Level II release: the contractor file (320 characters a line), the Excel file, "
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
    """A release file as read: its rows by code, the file's name and its sha256."""

    rows: tuple[HcpcsRow, ...]
    file: str
    sha256: str
    has_descriptors: bool
    has_dates: bool


def read_hcpcs(path: Path) -> HcpcsRelease:
    """Read a release in any of the four shapes.

    Raises `InputError` when the file is none of them, or when one code stands in it twice.
    """
    content = path.read_bytes()
    rows, has_descriptors, has_dates = _read_rows(content, str(path))
    by_code = {row.code: row for row in rows}
    if len(by_code) != len(rows):
        twice = sorted({r.code for r in rows if by_code[r.code] is not r})
        raise InputError(f"code {twice[0]} stands in it twice", where=str(path), expected="each code once")
    return HcpcsRelease(
        tuple(by_code[code] for code in sorted(by_code)),
        path.name,
        hashlib.sha256(content).hexdigest(),
        has_descriptors,
        has_dates,
    )


def _read_rows(content: bytes, where: str) -> tuple[list[HcpcsRow], bool, bool]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "[Content_Types].xml" in archive.namelist():
                return _read_excel(content, where), True, True
            return _read_rows(_release_member(archive, where), where)
    text = content.decode("utf-8-sig") if _is_utf8(content) else content.decode("cp1252")
    lines = text.splitlines()
    if any(len(line) == _FIXED_WIDTH and _FIXED_RECORD.match(line) for line in lines[:100]):
        return _read_fixed(lines), True, True
    first = lines[0] if lines else ""
    if "HCPCS_CODE" in first and "LONG_DESCRIPTION" in first:
        return _read_descriptions(text), True, False
    codes = [line.strip() for line in lines if line.strip()]
    if codes and all(_CODE.fullmatch(code) for code in codes):
        return [HcpcsRow(code) for code in codes], False, False
    raise InputError("this is not an HCPCS release that can be read", where=where, expected=_EXPECTED)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _release_member(archive: zipfile.ZipFile, where: str) -> bytes:
    """Return the code file of CMS's zip: the contractor text where it is there, else the Excel file."""
    names = [n for n in archive.namelist() if re.search(r"HCPC\d{4}.*ANWEB", n, re.IGNORECASE)]
    for suffix in (".txt", ".xlsx"):
        for name in names:
            if name.lower().endswith(suffix):
                return archive.read(name)
    raise InputError("the zip holds no HCPCS release", where=where, expected="a member such as HCPC2025_OCT_ANWEB.xlsx")


def _read_fixed(lines: Iterable[str]) -> list[HcpcsRow]:
    """Read 320-character records: kind 3 or 7 begins a code or modifier, 4 or 8 continues its text.

    A preamble and a record broken over two lines occur in CMS's file; whatever does not begin like a record is passed
    over, and a broken record only ever loses trailing blanks.
    """
    cuts = (slice(0, 5), slice(10, 11), slice(11, 91), slice(268, 276), slice(276, 284), slice(284, 292))
    return _joined([line[cut].strip() for cut in cuts] for line in lines if _FIXED_RECORD.match(line))


def _joined(records: Iterable[list[str]]) -> list[HcpcsRow]:
    """Join records of (code, kind, text, three dates) that continue one another's text."""
    rows: list[HcpcsRow] = []
    for code, kind, text, first, action, last in records:
        if kind in _BEGINS:
            rows.append(HcpcsRow(code, text, _day(first), _day(action), _day(last)))
        elif rows:
            rows[-1] = replace(rows[-1], descriptor=f"{rows[-1].descriptor} {text}")
    return rows


def _read_excel(content: bytes, where: str) -> list[HcpcsRow]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Cannot parse header or footer")  # print settings, not data
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        records: Iterator[tuple[Any, ...]] = iter(list(sheet.iter_rows(values_only=True)))
    heading = next((list(r) for r in records if r and r[0] == "HCPC"), None)
    missing = [name for name in _EXCEL_COLUMNS if heading is None or name not in heading]
    if heading is None or missing:
        raise InputError(f"no header row with {', '.join(missing)}", where=where, expected=_EXPECTED)
    at = [heading.index(name) for name in _EXCEL_COLUMNS]
    return _joined([str(record[i] or "").strip() for i in at] for record in records if record[0])


def _read_descriptions(text: str) -> list[HcpcsRow]:
    records = csv.DictReader(io.StringIO(text))
    return [HcpcsRow(r["HCPCS_CODE"].strip(), r["LONG_DESCRIPTION"].strip()) for r in records]


def _day(digits: str) -> date | None:
    if not digits:
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        raise InputError(f"{digits!r} is not a date", expected="a day as 20251001") from None


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
        f'title = "HCPCS Level II, {in_force_from:%B %Y}"',
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
