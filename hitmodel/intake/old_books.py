"""Workbooks of the kind before .xlsx (.xls), read by xlrd, as rows of text as a person sees them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hitmodel.errors import InputError
from hitmodel.intake.cell_text import text_of

_DAMAGE = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
"""What xlrd falls over where a damaged workbook's bytes do not lead where they should."""
OLD = b"\xd0\xcf\x11\xe0"
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_CURE = "Open it in Excel, save it as .xlsx, and try that."
Range = tuple[int, int, int, int]


@dataclass(frozen=True)
class RawSheet:
    """A sheet as text. ``merged`` are ranges as first row, last row, first column, last column, from 0.

    ``hidden_rows`` count from 1.
    """

    name: str
    rows: Sequence[tuple[str, ...]]
    merged: Sequence[Range] = ()
    hidden: bool = False
    hidden_rows: Sequence[int] = ()


def read_old(content: bytes, where: str) -> list[RawSheet]:
    """Return the sheets of an .xls workbook. Raises `InputError` for one with a password, and for a damaged one."""
    import struct

    import xlrd
    from xlrd.compdoc import SIGNATURE, CompDoc, CompDocError

    if _PASSWORD in content:
        raise InputError("the workbook is protected by a password", where=where, next_step="Save it without one.")
    try:
        if content.startswith(SIGNATURE) and _goes_in_circles(CompDoc(content, io.StringIO()).SSAT):
            raise CompDocError("sectors lead back to themselves")  # xlrd would follow them for ever
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
        return [_old_sheet(book, sheet) for sheet in book.sheets()]
    except xlrd.XLRDError as error:
        said = "is protected by a password" if "encrypted" in str(error).lower() else "is damaged or no workbook"
        raise InputError(f"the file {said}", where=where, next_step=_CURE) from None
    except (CompDocError, struct.error, *_DAMAGE):
        raise InputError("the workbook is damaged", where=where, next_step=_CURE) from None


def _goes_in_circles(follows: Sequence[int]) -> bool:
    """Say whether some chain of sectors never ends; ``follows`` gives the sector after each, below 0 after the last."""
    leads = set(range(len(follows)))
    while leads:
        chain, place = set[int](), leads.pop()
        while 0 <= place < len(follows) and place not in chain:
            chain.add(place)
            leads.discard(place)
            place = follows[place] if follows[place] in leads or follows[place] in chain else -1
        if place in chain:
            return True
    return False


def _old_sheet(book: Any, sheet: Any) -> RawSheet:
    rows = [_trimmed(_old_text(book, cell) for cell in sheet.row(number)) for number in range(sheet.nrows)]
    merged = [(top, below - 1, left, right - 1) for top, below, left, right in sheet.merged_cells]
    unseen = [number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden]
    return RawSheet(sheet.name, _written(rows), merged, sheet.visibility != 0, unseen)


def _old_text(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return text_of(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return text_of(xlrd.xldate_as_datetime(cell.value, book.datemode))
        except (xlrd.xldate.XLDateError, OverflowError, ValueError):
            return text_of(cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        shape = book.format_map.get(book.xf_list[cell.xf_index].format_key)
        return text_of(cell.value, shape.format_str if shape else "General")
    return text_of(cell.value or None)


def _trimmed(texts: Iterable[str]) -> tuple[str, ...]:
    cells = list(texts)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _written(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    while rows and not rows[-1]:
        rows.pop()
    return rows
