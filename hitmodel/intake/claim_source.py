"""A claims extract told by its first bytes: delimited text, a workbook or Parquet; anything else is refused by name."""

from __future__ import annotations

from pathlib import Path

from hitmodel import paths
from hitmodel.errors import InputError
from hitmodel.intake.claim_books import read_parquet, read_workbook
from hitmodel.intake.claim_csv import HEAD, read_text
from hitmodel.intake.claim_rows import EXPECTED, Known, Source
from hitmodel.intake.sheets import WORKBOOKS
from hitmodel.workspace import checksum_of

_OTHERS = (
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"ISA", "an X12 file", "Use hitmodel import 837 for claims, hitmodel import 835 for remittances."),
    (b"%PDF", "a PDF", "Export the claims as CSV."),
    (b"{", "a JSON file", "Export the claims as CSV."),
    (b"<", "a web page or XML that calls itself a table", "Open it in Excel and save it as .xlsx."),
)


def open_source(path: Path, known: Known | None = None, checksum: str = "", sheet: str = "") -> Source:
    """Return a claims extract, its heading found.

    Parameters
    ----------
    known : function or None
        Returns the map that somebody made for these headings, or None; such a row is the heading at once.
    checksum : str
        The file's, where it was worked out already.
    sheet : str
        The one sheet of a workbook to read; when "", the one that holds claim lines, with all that have its headings.

    Raises
    ------
    InputError
        When the file cannot be read, is empty, is of another kind, or has no heading that names claim lines.
    """
    where = paths.shown(path)
    checksum = checksum or checksum_of(path)
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise InputError("the file is empty", where=where, expected=EXPECTED)
    known = known or (lambda _: None)
    if head.startswith(b"PAR1"):
        return read_parquet(path, checksum)
    if head.startswith(WORKBOOKS):
        return read_workbook(path, checksum, known, sheet)
    if sheet:
        raise InputError("only a workbook has sheets", where=where, next_step="Leave --sheet out.")
    for begins, what, cure in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(begins):
            raise InputError(f"this is {what}", where=where, expected=EXPECTED, next_step=cure)
    return read_text(path, checksum, head, known)
