"""The tables in a file as publishers send it: a CSV file, a workbook, or a zip that holds some of either."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hitmodel import paths
from hitmodel.errors import InputError, nearest
from hitmodel.intake.packed import refuse_cut_off
from hitmodel.intake.sheets import Sheet, book_of

MOST_MEMBER = 300 << 20
"""Bytes; no file that CMS publishes in a zip comes near it."""
MOST_DEEP = 2
"""Zips within zips that are opened."""
_ZIP = ".zip"
_TABLES = (".csv", ".txt", ".xlsx", ".xls")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, KeyError)


@dataclass(frozen=True)
class Published:
    """A file as it was published: its bytes' checksum, and the sheets in it with the name of the member they are in."""

    file: str
    checksum: str
    sheets: tuple[tuple[str, Sheet], ...]


def content_of(path: Path) -> bytes:
    """Return a file's bytes. Raises `InputError`, with the nearest name, when it cannot be read or is empty."""
    try:
        content = path.read_bytes()
    except OSError as error:
        beside = [p.name for p in path.parent.glob("*") if p.is_file()] if path.parent.is_dir() else []
        close = None if path.exists() else nearest(path.name, beside)
        said = f"the file cannot be read ({error.strerror})"
        raise InputError(said, where=paths.shown(path), suggestion=close) from None
    if not content.strip():
        raise InputError("the file is empty", where=paths.shown(path))
    return content


def read_published(path: Path) -> Published:
    """Read every table of a file. CSV members of a zip come before workbooks, which hold the same again.

    Raises `InputError` when the file cannot be read, or is a zip without a table.
    """
    content, where = content_of(path), paths.shown(path)
    checksum = hashlib.sha256(content).hexdigest()
    refuse_cut_off(content, where)
    if not is_plain_zip(content):
        return Published(path.name, checksum, tuple(("", sheet) for sheet in _whole(content, path.name, where)))
    sheets: list[tuple[str, Sheet]] = []
    for name, inner in zip_members(content, where, _TABLES):
        if any(member.lower().endswith(".csv") for member, _ in sheets) and not name.lower().endswith(".csv"):
            continue
        if inner.strip():
            sheets += [(name, sheet) for sheet in _whole(inner, name, f"{where}, {name}")]
    if not sheets:
        raise InputError("the zip holds no CSV file and no workbook", where=where, next_step="Unpack it and look.")
    return Published(path.name, checksum, tuple(sheets))


def _whole(content: bytes, name: str, where: str) -> tuple[Sheet, ...]:
    """Return the sheets of a file. Raises `InputError` for a text that ends within a row, as none of CMS's does."""
    sheets = book_of(content, name, where).sheets
    for sheet in sheets:
        if sheet.ends_short:
            place = f"{where} row {len(sheet.rows)}, its last cells"
            raise InputError("the file ends within a row", where=place, next_step="Download it again.")
    return sheets


def is_plain_zip(content: bytes) -> bool:
    """Say whether some bytes are a zip that is not itself a workbook."""
    if not content.startswith(b"PK") or not zipfile.is_zipfile(io.BytesIO(content)):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except _BROKEN:
        return False


def zip_members(
    content: bytes, where: str, suffixes: tuple[str, ...], depth: int = MOST_DEEP
) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the members with these suffixes, in the order of the suffixes, then of the name.

    What lies in zips within it comes last, named with them: ``april.zip/limits.csv``. Raises `InputError` for a damaged
    zip, or a member larger than any that is published.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            wanted = (*suffixes, _ZIP)
            items = [i for i in archive.infolist() if i.filename.lower().endswith(wanted) and not _aside(i.filename)]
            for item in sorted(items, key=lambda i: (_order(i.filename, wanted), i.filename)):
                if item.file_size > MOST_MEMBER:
                    raise InputError("it unpacks to more than can be read", where=f"{where}, {item.filename}")
                inner = archive.read(item)
                if not item.filename.lower().endswith(_ZIP):
                    yield item.filename, inner
                elif depth:
                    within = zip_members(inner, f"{where}, {item.filename}", suffixes, depth - 1)
                    yield from ((f"{item.filename}/{name}", content) for name, content in within)
    except _BROKEN as error:
        cure = "Download it again."
        raise InputError(f"the zip is damaged ({type(error).__name__})", where=where, next_step=cure) from None


def _aside(name: str) -> bool:
    """Say whether a member is what a Mac leaves beside each file."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith("._")


def _order(name: str, suffixes: tuple[str, ...]) -> int:
    return next(n for n, suffix in enumerate(suffixes) if name.lower().endswith(suffix))
