"""Claims files of typed columns in which nothing is wrong, read as whole numbers without a look at each cell's text.

A Parquet file that a program wrote has dates as dates and money as decimals. Where every cell of it is what
`hitmodel.claims.read_claims` would leave as it is and find nothing wrong with, there is no need to write it out as
text and read that; in every other case `typed_columns` says so, and the file is read as any other.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel.claim_fields import FIRST_YEAR, LAST_YEAR, LONG_SPAN_DAYS
from hitmodel.claim_shape import COLUMNS, MODIFIERS_AT_MOST, NDC_UNITS, REQUIRED
from hitmodel.prepare import TEXT, UNKNOWN, Column, Columns, Ints, day_number

_ID = r"^[!-~]([ -~]*[!-~])?$"
"""Plain characters with none of white space at the ends. A cell that is blank or of others is looked at as text."""
_SHORTENED = "E+"
_MODIFIERS = rf"^([A-Z0-9]{{2}}( [A-Z0-9]{{2}}){{0,{MODIFIERS_AT_MOST - 1}}})?$"
_SHAPES = {
    "claim_id": _ID,
    "patient_id": _ID,
    "payer": _ID,
    "product": r"^([!-~]([ -~]*[!-~])?)?$",
    "code": r"^([A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])$",
    "modifiers": _MODIFIERS,
    "place_of_service": r"^([0-9]{2})?$",
    "ndc": r"^([0-9]{11})?$",
    "ndc_unit": rf"^({'|'.join(NDC_UNITS)})?$",
}
_AMOUNTS = {"units": 3, "ndc_quantity": 3, "charge": 2, "acquisition_cost": 2, "actual_allowed": 2}
_MOST_DIGITS = 12


class _LookAtText(Exception):
    """Something in the file is not plainly right."""


def typed_columns(path: Path) -> Columns | None:
    """Return the lines of a Parquet file, None for one that has to be read as text, cell by cell."""
    try:
        table = pq.read_table(path)
        return _columns(table)
    except (_LookAtText, pa.ArrowException, OSError):
        return None


def _columns(table: pa.Table) -> Columns:
    names = table.column_names
    _demand(table.num_rows > 0 and set(REQUIRED) <= set(names) <= set(COLUMNS) and len(set(names)) == len(names))
    text = {name: _text(table, name) for name in TEXT}
    ids = table["line_id"]
    _demand(_all(ids, _ID) and pc.count_distinct(ids).as_py() == table.num_rows)
    modifiers = (cell.split() for cell in text["modifiers"].cells)
    _demand(all(len(set(cell)) == len(cell) for cell in modifiers))
    first, last = _days(table["service_from"]), _days(table["service_through"])
    _demand(bool(((last >= first) & (last - first < LONG_SPAN_DAYS)).all()))
    amounts = {name: _amount(table, name, decimals) for name, decimals in _AMOUNTS.items()}
    units, charge, quantity = amounts["units"], amounts["charge"], amounts["ndc_quantity"]
    for needed in (units, charge):
        _demand(bool(((needed != UNKNOWN) & (needed != 0)).all()))
    _demand(bool(((units < 0) == (charge < 0)).all()))
    ndc, unit = (_filled(text[name]) for name in ("ndc", "ndc_unit"))
    _demand(bool(((quantity != UNKNOWN) == ndc).all()) and not bool((ndc & ~unit).any()))
    return Columns(text, first, last, units, quantity, charge, amounts["acquisition_cost"], {})


def _demand(right: bool) -> None:
    if not right:
        raise _LookAtText


def _all(cells: pa.ChunkedArray | pa.Array, shape: str) -> bool:
    """Say whether every cell is there and has a shape, and looks like nothing that a spreadsheet shortened."""
    if cells.null_count or not pa.types.is_string(cells.type):
        return False
    shaped = pc.all(pc.match_substring_regex(cells, shape)).as_py()
    return shaped is not False and not pc.any(pc.match_substring(cells, _SHORTENED)).as_py()


def _text(table: pa.Table, name: str) -> Column:
    """Return a column of text, all blank where the file has none, with its cells in order of first appearance."""
    if name not in table.column_names:
        return Column(np.zeros(table.num_rows, dtype=np.int64), [""])
    cells = table[name]
    plain = cells.cast(pa.string()) if pa.types.is_dictionary(cells.type) else cells
    _demand(pa.types.is_string(plain.type) and not plain.null_count)
    coded = plain.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    _demand(_all(coded.dictionary, _SHAPES[name]))
    return Column(coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), coded.dictionary.to_pylist())


def _days(cells: pa.ChunkedArray) -> Ints:
    _demand(pa.types.is_date32(cells.type) and not cells.null_count)
    days: Ints = cells.cast(pa.int32()).to_numpy().astype(np.int64)
    begins, ends = day_number(date(FIRST_YEAR, 1, 1)), day_number(date(LAST_YEAR, 12, 31))
    _demand(bool(((begins <= days) & (days <= ends)).all()))
    return days


def _amount(table: pa.Table, name: str, decimals: int) -> Ints:
    """Return decimals as whole numbers of their last place, `UNKNOWN` where there is none."""
    if name not in table.column_names:
        return np.full(table.num_rows, UNKNOWN, dtype=np.int64)
    cells = table[name].combine_chunks()
    kind = cells.type
    _demand(pa.types.is_decimal128(kind) and kind.scale == decimals and kind.precision <= 18)
    parts = cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]
    values = np.concatenate([_low_halves(part) for part in parts])
    there = pc.is_valid(cells).to_numpy(zero_copy_only=False)
    _demand(bool((np.abs(values[there]) < 10 ** (_MOST_DIGITS + decimals)).all()))
    return np.where(there, values, UNKNOWN)


def _low_halves(cells: pa.Decimal128Array) -> Ints:
    """Return decimals of at most 18 digits as whole numbers: all of them is in the lower half of their 128 bits."""
    halves = np.frombuffer(cells.buffers()[1], dtype=np.int64)
    return halves[2 * cells.offset : 2 * (cells.offset + len(cells)) : 2]


def _filled(column: Column) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    filled = np.array([cell != "" for cell in column.cells], dtype=bool)
    return filled[column.number]
