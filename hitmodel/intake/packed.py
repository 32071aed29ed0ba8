"""A file as it was sent, or the one table within the zip or gzip file that it was packed into."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from hitmodel import paths
from hitmodel.errors import InputError

GZIP, ZIP = b"\x1f\x8b", b"PK"
_BOOK = "[Content_Types].xml"
_OTHERS = ("mimetype", "content.xml")  # of OpenDocument files, which are zips too
_NO_TABLES = (".pdf", ".doc", ".docx", ".htm", ".html", ".xml", ".md5", ".sha256", ".png", ".jpg", ".exe")
_SHOWN = 4
_CHUNK, _MOST = 8 << 20, 2 << 30
_TOO_MUCH = "it unpacks to more than can be read at once"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, KeyError)


@dataclass(frozen=True)
class Packed:
    """A file on disk; ``member`` is the name of what is read within it, "" where it is not packed."""

    path: Path
    member: str = ""

    @property
    def shown(self) -> str:
        """What a person calls it."""
        return f"{paths.shown(self.path)}, {self.member}" if self.member else paths.shown(self.path)

    def open(self) -> IO[bytes]:
        """Open its bytes for reading, unpacked."""
        if not self.member:
            return self.path.open("rb")
        with self.path.open("rb") as file:
            zipped = file.read(2) == ZIP
        return zipfile.ZipFile(self.path).open(self.member) if zipped else cast(IO[bytes], gzip.open(self.path))

    def content(self) -> bytes:
        """Return all of its bytes, unpacked. Raises `InputError` for a damaged file."""
        with unpacking(self.shown), self.open() as file:
            return file.read()


@contextmanager
def unpacking(where: str) -> Iterator[None]:
    """Let what zip and gzip raise on a damaged file be an `InputError`."""
    try:
        yield
    except _BROKEN as error:
        said = f"the zip or gzip file is damaged or cut off ({type(error).__name__})"
        raise InputError(said, where=where, next_step="Fetch it again.") from None


def unpacked(path: Path) -> Packed:
    """Return what a file holds: itself, or its one table where it is a gzip file or a zip; all of that can be read.

    Raises `InputError` for a damaged or empty zip, and for one of several tables, which are named.
    """
    with path.open("rb") as file:
        head = file.read(2)
    if head == GZIP:
        inner = path.name[: -len(".gz")] if path.name.lower().endswith(".gz") else "what it holds"
        return _readable(Packed(path, inner))
    if head != ZIP:
        return Packed(path)
    if not zipfile.is_zipfile(path):
        raise _cut_off(paths.shown(path))
    found = _tables(path)
    if found is None:
        return Packed(path)
    if len(found) != 1:
        shown = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        raise InputError(
            f"this is a zip that holds {f'{len(found)} files: {shown}' if found else 'no table'}",
            where=paths.shown(path),
            expected="a zip of one table",
            next_step="Unpack it, and import each.",
        )
    return _readable(Packed(path, found[0]))


def refuse_cut_off(content: bytes, where: str) -> None:
    """Refuse what begins as a zip, or as a workbook, and has not the list of its parts that ends one."""
    if content.startswith(ZIP) and not zipfile.is_zipfile(io.BytesIO(content)):
        raise _cut_off(where)


def _cut_off(where: str) -> InputError:
    return InputError("the zip or workbook is cut off or damaged", where=where, next_step="Fetch it again.")


def members_of(content: bytes, where: str) -> list[tuple[str, bytes]]:
    """Return name and bytes of what a zip or gzip file holds, itself under "" where it is neither.

    Raises `InputError` for a damaged one.
    """
    with unpacking(where):
        if content.startswith(GZIP):
            with gzip.open(io.BytesIO(content)) as file:
                return [("", _limited(file.read(_MOST + 1), where))]
        if not content.startswith(ZIP):
            return [("", content)]
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST:
                raise InputError(_TOO_MUCH, where=where)
            return [(item.filename, archive.read(item)) for item in _files(archive)]


def _limited(content: bytes, where: str) -> bytes:
    if len(content) > _MOST:
        raise InputError(_TOO_MUCH, where=where)
    return content


def _tables(path: Path) -> list[str] | None:
    """Return the members of a zip that may be tables; None where the zip is itself a workbook or a document."""
    with unpacking(paths.shown(path)), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if _BOOK in names or any(name in names for name in _OTHERS) or any(name.startswith("xl/") for name in names):
            return None
        return [i.filename for i in _files(archive) if i.file_size and not i.filename.lower().endswith(_NO_TABLES)]


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return a zip's files in order of name, without folders and what a Mac leaves beside each file."""
    items = (item for item in archive.infolist() if not item.is_dir())
    kept = [i for i in items if not i.filename.startswith("__MACOSX/") and i.filename.rsplit("/", 1)[-1][:1] != "."]
    return sorted(kept, key=lambda item: item.filename)


def _readable(packed: Packed) -> Packed:
    """Return it once all of it could be unpacked, so that no damage shows half-way."""
    with unpacking(packed.shown), packed.open() as file:
        while file.read(_CHUNK):
            pass
    return packed
