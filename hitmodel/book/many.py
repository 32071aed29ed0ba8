"""A book of any size, shaped like the sample: its patients again and again, with doses and charges of their own.

Written as a folder of Parquet files, each of whole patients, so that every file can be priced by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel import paths
from hitmodel.claims import read_claims
from hitmodel.errors import InputError
from hitmodel.files import folder_written_whole

Ints = npt.NDArray[np.int64]
MARKER = "book.json"
"""Says what the folder holds; by it such folders are known."""
PART_LINES = 250_000
"""About how many lines one file has."""
QUARTERS_OF_A_DOSE = (2, 3, 4, 4, 4, 5, 6, 8)
"""A patient's doses beside those of the patient copied, in quarters: people weigh what they weigh."""
SITE_PERCENTS = tuple(range(90, 111))
"""A patient's charges beside the chargemaster: sites have their own."""
COST_PERMILLE = 30
_UNKNOWN = np.iinfo(np.int64).min
_TEXT = ("payer", "code", "modifiers", "place_of_service", "ndc", "ndc_unit")


@dataclass(frozen=True)
class _Pattern:
    """The sample as columns. ``start`` is the first line of each of its patients, and one more at the end."""

    ids: dict[str, pa.Array]
    text: dict[str, pa.DictionaryArray]
    first: Ints
    last: Ints
    amounts: dict[str, Ints]
    start: Ints

    @property
    def patients(self) -> int:
        """Number of patients to copy."""
        return len(self.start) - 1


def make_many(lines: int, folder: Path, seed: int = 20250101, tick: Callable[[int], object] = int) -> int:
    """Write a book of so many lines into a folder; return its number of patients.

    The same lines and seed give the same claims. ``tick`` is told how many lines have been written after each file.
    An earlier book in the folder is replaced. Remittances are not in it: doses and charges are not the sample's.

    Raises `InputError` for fewer lines than one, or a folder that holds something else.
    """
    if lines < 1:
        raise InputError(f"a book of {lines} lines cannot be made", expected="at least one line")
    pattern = _pattern(paths.data("samples", "claims_2025.csv"))
    written = patients = 0
    with folder_written_whole(folder, MARKER) as making:
        for number, copies in enumerate(_copies(pattern, lines, seed)):
            table = _part(pattern, copies, patients, np.random.Generator(np.random.PCG64([seed, 1, number])))
            table = table.slice(0, lines - written)
            pq.write_table(
                table,
                making / f"part-{number:05}.parquet",
                compression="zstd",
                row_group_size=PART_LINES,
                store_decimal_as_integer=True,
            )
            written, patients = written + table.num_rows, patients + len(copies)
            tick(written)
        _describe(making / MARKER, lines, patients, seed)
    return patients


def _describe(path: Path, lines: int, patients: int, seed: int) -> None:
    import json

    what = {"what": "synthetic claims, drawn from nothing real", "lines": lines, "patients": patients, "seed": seed}
    path.write_text(json.dumps(what, indent=1) + "\n", encoding="utf-8")


@cache
def _pattern(source: Path) -> _Pattern:
    lines = read_claims(source).lines.sort_values(["patient_id", "row"], kind="stable", ignore_index=True)
    patient = lines["patient_id"].to_numpy(dtype=object)
    changes = np.flatnonzero(patient[1:] != patient[:-1]) + 1
    amounts = {
        name: lines[column].fillna(_UNKNOWN).to_numpy(dtype=np.int64)
        for name, column in (
            ("units", "units_milli"),
            ("ndc_quantity", "ndc_quantity_milli"),
            ("charge", "charge_cents"),
            ("acquisition_cost", "acquisition_cost_cents"),
        )
    }
    return _Pattern(
        ids={name: pa.array(lines[name].astype(object), pa.string()) for name in ("claim_id", "line_id")},
        text={name: pa.array(lines[name].astype(object), pa.string()).dictionary_encode() for name in _TEXT},
        first=_days(lines["service_from"]),
        last=_days(lines["service_through"]),
        amounts=amounts,
        start=np.concatenate([[0], changes, [len(lines)]]).astype(np.int64),
    )


def _days(column: pd.Series[pd.Timestamp]) -> Ints:
    return column.to_numpy(dtype="datetime64[D]").astype(np.int64)


def _copies(pattern: _Pattern, lines: int, seed: int) -> Iterator[Ints]:
    """Yield, file by file, which patients are copied: in random order, until there are lines enough."""
    sizes, left, part = np.diff(pattern.start), lines, 0
    while left > 0:
        draws = np.random.Generator(np.random.PCG64([seed, 0, part])).random(PART_LINES)
        chosen = (draws * pattern.patients).astype(np.int64)
        reached = np.cumsum(sizes[chosen])
        count = int(np.searchsorted(reached, min(left, PART_LINES))) + 1
        yield chosen[:count]
        left, part = left - int(reached[count - 1]), part + 1


def _part(pattern: _Pattern, copies: Ints, before: int, dice: np.random.Generator) -> pa.Table:
    """Return the lines of copied patients, numbered on from those before."""
    sizes = np.diff(pattern.start)[copies]
    owner = np.repeat(np.arange(len(copies)), sizes)
    ends = np.cumsum(sizes)
    row = np.arange(int(ends[-1])) - np.repeat(ends - sizes, sizes) + np.repeat(pattern.start[copies], sizes)
    amounts = _amounts(pattern, row, owner, dice)
    number = pa.array(owner + before + 1).cast(pa.string())
    taken = pa.array(row)
    ids = {name: pc.binary_join_element_wise(column.take(taken), number, "-") for name, column in pattern.ids.items()}
    text = {name: column.take(taken) for name, column in pattern.text.items()}
    columns = {
        **ids,
        "patient_id": pc.binary_join_element_wise("SYN", number, "-"),
        "payer": text["payer"],
        "service_from": pa.array(pattern.first[row].astype(np.int32)).cast(pa.date32()),
        "service_through": pa.array(pattern.last[row].astype(np.int32)).cast(pa.date32()),
        "code": text["code"],
        "modifiers": text["modifiers"],
        "units": _decimals(amounts["units"], 3),
        "charge": _decimals(amounts["charge"], 2),
        "place_of_service": text["place_of_service"],
        "ndc": text["ndc"],
        "ndc_quantity": _decimals(amounts["ndc_quantity"], 3),
        "ndc_unit": text["ndc_unit"],
        "acquisition_cost": _decimals(amounts["acquisition_cost"], 2),
    }
    return pa.table(columns)


def _amounts(pattern: _Pattern, row: Ints, owner: Ints, dice: np.random.Generator) -> dict[str, Ints]:
    """Return quantities and money of lines: a patient's doses by its weight, its charges by its site."""
    taken = {name: column[row] for name, column in pattern.amounts.items()}
    patients = int(owner[-1]) + 1
    quarters = np.array(QUARTERS_OF_A_DOSE)[(dice.random(patients) * len(QUARTERS_OF_A_DOSE)).astype(np.int64)][owner]
    percent = np.array(SITE_PERCENTS)[(dice.random(patients) * len(SITE_PERCENTS)).astype(np.int64)][owner]
    permille = 1000 + ((dice.random(len(row)) * 2 - 1) * COST_PERMILLE).astype(np.int64)
    units, is_drug = taken["units"], taken["ndc_quantity"] != _UNKNOWN
    whole = np.sign(units) * -(-np.abs(units) * quarters // 4000) * 1000  # whole units, rounded up for the dose
    dosed = np.where(is_drug & (units != 0), whole, units)
    by, of = np.where(units == 0, 1, np.abs(dosed)), np.where(units == 0, 1, np.abs(units))
    return {
        "units": dosed,
        "ndc_quantity": _times(taken["ndc_quantity"], by, of),
        "charge": _times(_times(taken["charge"], by, of), percent, 100),
        "acquisition_cost": _times(_times(taken["acquisition_cost"], by, of), permille, 1000),
    }


def _times(values: Ints, by: Ints, of: Ints | int) -> Ints:
    """Return values × by ÷ of, rounded half-up by magnitude; unknown values stay unknown."""
    known = values != _UNKNOWN
    there = np.where(known, values, 0)
    scaled = np.sign(there) * ((2 * np.abs(there) * by + of) // (2 * np.asarray(of)))
    return np.where(known, scaled, _UNKNOWN)


def _decimals(values: Ints, places: int) -> pa.Array:
    """Return whole numbers as decimals with so many places, without a way through floats; unknown ones are null."""
    known = values != _UNKNOWN
    pairs = np.empty((len(values), 2), dtype=np.int64)
    pairs[:, 0] = np.where(known, values, 0)
    pairs[:, 1] = pairs[:, 0] >> 63
    valid = pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(18, places), len(values), [valid, pa.py_buffer(pairs.tobytes())])
