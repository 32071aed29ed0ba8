"""A book of claims priced by engine and oracle, and held against each other line by line.

The oracle takes about a millisecond a line, so patients who are alike in everything but ids and acquisition costs are
asked of it once. Were a price to hang on what such patients do not share, their answers would differ from the engine's
and be reported: nothing can pass by it.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from oracle.price import price as oracle_price

from hitmodel.bulk import columns
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.pricing import Pricer

OWN = ("claim_id", "line_id", "patient_id", "acquisition_cost")
"""What differs between patients who are alike."""
PIECE = 400
"""About how many lines the oracle is given at once."""
UNKNOWN = -(10**15)
Answers = list[tuple[str, int, int]]


@dataclass
class Held:
    """What came of it: lines compared, those asked of the oracle, its seconds, lines by status, those that differ."""

    lines: int = 0
    asked: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    different: list[str] = field(default_factory=list)

    def add(self, other: Held) -> None:
        """Take what came of other claims in."""
        self.lines, self.asked = self.lines + other.lines, self.asked + other.asked
        self.seconds += other.seconds
        for status, lines in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + lines
        self.different += other.different


def hold(path: Path, contract: Path, known: dict[bytes, Answers], scratch: Path) -> Held:
    """Price one Parquet file of whole patients both ways. ``known`` holds what the oracle said of patients before."""
    table = pq.read_table(path)
    patients = list(_patients(table))
    keys = _alike(table, patients)
    new = {key: part for key, part in zip(keys, patients, strict=True) if key not in known}
    start = time.perf_counter()
    for some in _pieces(new.items()):
        _ask(table, some, contract, known, scratch)
    seconds = time.perf_counter() - start
    said = [answer for key in keys for answer in known[key]]
    oracle = [np.array(column) for column in zip(*said, strict=True)]
    held = Held(table.num_rows, sum(last - first for first, last in new.values()), seconds)
    _compare(held, columns(Pricer(read_claims(path)).price(load_contract(contract))), oracle)
    return held


def _patients(table: pa.Table) -> Iterator[tuple[int, int]]:
    """Yield where each patient's lines begin and end."""
    number = table["patient_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    assert (np.diff(number) >= 0).all(), "the lines of a patient do not stand together"
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(number)]
    return itertools.pairwise(edges)


def _alike(table: pa.Table, patients: Iterable[tuple[int, int]]) -> list[bytes]:
    """Return a checksum of each patient's lines without what is their own: the same for patients who are alike."""
    shared = [table[name].cast(pa.string()).to_pylist() for name in table.column_names if name not in OWN]
    rows = list(zip(*shared, strict=True))
    return [hashlib.sha256(repr(rows[start:stop]).encode()).digest() for start, stop in patients]


def _pieces(patients: Iterable[tuple[bytes, tuple[int, int]]]) -> Iterator[list[tuple[bytes, tuple[int, int]]]]:
    """Yield patients a few at a time, so that no piece has many more lines than `PIECE`."""
    some: list[tuple[bytes, tuple[int, int]]] = []
    for key, (start, stop) in patients:
        some.append((key, (start, stop)))
        if sum(b - a for _, (a, b) in some) >= PIECE:
            yield some
            some = []
    if some:
        yield some


def _ask(
    table: pa.Table,
    some: list[tuple[bytes, tuple[int, int]]],
    contract: Path,
    known: dict[bytes, Answers],
    scratch: Path,
) -> None:
    """Let the oracle price some patients, and keep what it says under their keys."""
    rows = pa.concat_tables([table.slice(start, stop - start) for _, (start, stop) in some])
    claims = scratch / "piece.csv"
    texts = {name: pc.fill_null(rows[name].cast(pa.string()), "").to_pylist() for name in rows.column_names}
    with claims.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(texts)
        writer.writerows(zip(*texts.values(), strict=True))
    said = oracle_price(claims, contract)
    names = iter(texts["line_id"])
    for key, (start, stop) in some:
        answers = [said[next(names)] for _ in range(stop - start)]
        known[key] = [
            (a.status, *(UNKNOWN if cents is None else cents for cents in (a.base, a.allowed))) for a in answers
        ]


def _compare(held: Held, engine: pa.Table, oracle: list[np.ndarray]) -> None:
    status = engine["status"].cast(pa.string()).to_numpy(zero_copy_only=False).astype(str)
    cents = [pc.fill_null(engine[name], UNKNOWN).to_numpy() for name in ("base_cents", "allowed_cents")]
    differs = (status != oracle[0]) | (cents[0] != oracle[1]) | (cents[1] != oracle[2])
    held.statuses = pd.Series(status).value_counts().to_dict()
    names = engine["line_id"].to_pylist()
    for n in np.flatnonzero(differs).tolist():
        mine, theirs = (status[n], cents[0][n], cents[1][n]), tuple(column[n] for column in oracle)
        held.different.append(f"{names[n]}: engine {mine}, oracle {theirs}")
