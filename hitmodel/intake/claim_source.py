"""A claims extract told by its first bytes: delimited text, a workbook or Parquet; anything else is refused by name."""

from __future__ import annotations

from pathlib import Path

from hitmodel.errors import InputError
from hitmodel.intake.claim_books import read_parquet, read_workbook
from hitmodel.intake.claim_csv import HEAD, read_text
from hitmodel.intake.claim_rows import EXPECTED, Known, Remark, Source
from hitmodel.intake.packed import Packed, unpacked
from hitmodel.intake.sheets import WORKBOOKS
from hitmodel.workspace import checksum_of

_OTHERS = (
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
        When the file cannot be read, is empty, is of another kind, or has no heading that names claim lines; when it
        is a zip of several tables.
    """
    checksum = checksum or checksum_of(path)
    packed = unpacked(path)
    where = packed.shown
    with packed.open() as file:
        head = file.read(HEAD)
    if not head.strip():
        raise InputError("the file is empty", where=where, expected=EXPECTED)
    known = known or (lambda _: None)
    if head.startswith(b"PAR1"):
        return _said(read_parquet(packed, checksum), packed)
    if head.startswith(WORKBOOKS):
        return _said(read_workbook(packed, checksum, known, sheet), packed)
    if sheet:
        raise InputError("only a workbook has sheets", where=where, next_step="Leave --sheet out.")
    for begins, what, cure in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(begins):
            raise InputError(f"this is {what}", where=where, expected=EXPECTED, next_step=cure)
    return _said(read_text(packed, checksum, head, known), packed)


def _said(source: Source, packed: Packed) -> Source:
    """Return a source that says which file of a zip or gzip file it is."""
    if packed.member:
        source.remarks = (Remark(f"read from {packed.member}, which the file was packed from"), *source.remarks)
    return source
