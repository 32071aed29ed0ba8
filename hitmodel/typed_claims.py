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
from hitmodel.prepare import IDS, TEXT, UNKNOWN, Column, Columns, Ints, day_number
from hitmodel.typed_ids import SHORTENED, are_distinct, are_plain, numbered

_NAME = r"^[!-~]([ -~]*[!-~])?$"
"""Plain characters with none of white space at the ends. A cell that is blank or of others is looked at as text."""
_MODIFIERS = rf"^([A-Z0-9]{{2}}( [A-Z0-9]{{2}}){{0,{MODIFIERS_AT_MOST - 1}}})?$"
_SHAPES = {
    "payer": _NAME,
    "product": r"^([!-~]([ -~]*[!-~])?)?$",
    "code": r"^([A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])$",
    "modifiers": _MODIFIERS,
    "place_of_service": r"^([0-9]{2})?$",
    "ndc": r"^([0-9]{11})?$",
    "ndc_unit": rf"^({'|'.join(NDC_UNITS)})?$",
}
_AMOUNTS = {"units": 3, "charge": 2, "ndc_quantity": 3, "acquisition_cost": 2, "actual_allowed": 2}
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
    line_ids, *others = (_ids(table[name]) for name in ("line_id", *IDS))
    _demand(are_distinct(line_ids))
    (patient, _), (claim, _) = (numbered(ids) for ids in others)
    text = {name: _text(table, name) for name in TEXT}
    modifiers = (cell.split() for cell in text["modifiers"].cells)
    _demand(all(len(set(cell)) == len(cell) for cell in modifiers))
    first, last = _days(table["service_from"]), _days(table["service_through"])
    length = last - first
    _demand(bool(length.min() >= 0 and length.max() < LONG_SPAN_DAYS))
    units, charge, quantity, cost, _ = (_amount(table, name, decimals) for name, decimals in _AMOUNTS.items())
    for needed in (units, charge):
        _demand(bool(((needed != UNKNOWN) & (needed != 0)).all()))
    _demand(bool(((units < 0) == (charge < 0)).all()))
    ndc, unit = (_filled(text[name]) for name in ("ndc", "ndc_unit"))
    _demand(bool(((quantity != UNKNOWN) == ndc).all()) and not bool((ndc & ~unit).any()))
    return Columns(
        patient,
        claim,
        text,
        first,
        last,
        units,
        quantity,
        charge,
        cost,
        {},
        lambda some: line_ids.take(some).to_pylist(),
    )


def _demand(right: bool) -> None:
    if not right:
        raise _LookAtText


def _ids(cells: pa.ChunkedArray) -> pa.StringArray:
    """Return a column of plain ids."""
    _demand(pa.types.is_string(cells.type))
    whole = _one(cells)
    _demand(are_plain(whole))
    return whole


def _text(table: pa.Table, name: str) -> Column:
    """Return a column of text, all blank where the file has none."""
    if name not in table.column_names:
        return Column(np.zeros(table.num_rows, dtype=np.int64), [""])
    whole = _one(table[name])
    coded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    cells = coded.dictionary
    _demand(pa.types.is_string(cells.type) and not coded.null_count and not cells.null_count)
    distinct = cells.to_pylist()
    _demand(len(set(distinct)) == len(distinct) and not any(SHORTENED in cell for cell in distinct))
    _demand(bool(pc.all(pc.match_substring_regex(cells, _SHAPES[name])).as_py()))
    return Column(coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), distinct)


def _one(cells: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece, with one dictionary where it has any."""
    whole = cells.unify_dictionaries().combine_chunks()
    _demand(not isinstance(whole, pa.ChunkedArray))
    return whole


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
    cells = table[name]
    kind = cells.type
    _demand(pa.types.is_decimal128(kind) and kind.scale == decimals and kind.precision <= 18)
    values = np.concatenate([_low_halves(part) for part in cells.chunks])
    if cells.null_count:
        values[pc.is_null(cells).to_numpy()] = 0
    _demand(max(-int(values.min()), int(values.max())) < 10 ** (_MOST_DIGITS + decimals))
    if cells.null_count:
        values[pc.is_null(cells).to_numpy()] = UNKNOWN
    return values


def _low_halves(cells: pa.Decimal128Array) -> Ints:
    """Return decimals of at most 18 digits as whole numbers: all of them is in the lower half of their 128 bits."""
    halves = np.frombuffer(cells.buffers()[1], dtype=np.int64)
    return halves[2 * cells.offset : 2 * (cells.offset + len(cells)) : 2]


def _filled(column: Column) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    filled = np.array([cell != "" for cell in column.cells], dtype=bool)
    return filled[column.number]
