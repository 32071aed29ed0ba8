"""How pricing grows with the lines, beside the same job in DuckDB and Polars. Part of `make bench`.

``HITMODEL_BENCH_LINES`` says how many lines the largest book has, 10,000,000 unless it is given. Alone:
``python benchmarks/scale.py``.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
from figures import Figure
from rivals import best, duckdb_seconds, segments_of

from hitmodel import paths
from hitmodel.along import Along
from hitmodel.book.many import make_many
from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.curves import Curves
from hitmodel.kept_claims import prepare_folder
from hitmodel.levers import moved
from hitmodel.pricing import Dating, Pricer
from hitmodel.rating import rate
from hitmodel.repricing import reprice
from hitmodel.risk import risk
from hitmodel.terms import Contract

LINES = int(os.environ.get("HITMODEL_BENCH_LINES", "10000000"))
EVERYONE = """
[contract]
extends = "{base}"
payers = ["Meridian Health Plan", "Cascade Mutual", "Lakeshore Employers Trust"]
effective_from = 2025-01-01
[concurrency]
modifiers = "rerank"
primary_by = "highest_rate"
shares = [1, 0.75, 0.50]
"""
"""The sample contract for every payer of the book, which ranks therapies itself: ranks, drugs and a charge limit."""


def figures(lines: int) -> Iterator[Figure]:
    """Yield every figure, smallest book first; the largest has so many lines."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("HITMODEL_BENCH_FOLDER")) as home:
        contract = _everyone(Path(home))
        for some in sorted({max(lines // 100, 1000), max(lines // 10, 1000), lines}):
            yield from _of_size(Path(home) / str(some), some, contract, whole=some == lines)


def _everyone(folder: Path) -> Contract:
    file = folder / "everyone.toml"
    file.write_text(EVERYONE.format(base=paths.data("contracts", "meridian", "2025.toml")), encoding="utf-8")
    return load_contract(file)


def _of_size(folder: Path, lines: int, contract: Contract, *, whole: bool) -> list[Figure]:
    name = f"{lines:,} lines"
    made = _seconds(lambda: make_many(lines, folder))
    first = _seconds(lambda: prepare_folder(folder, code_table()))
    prepared = prepare_folder(folder, code_table())
    pricer = Pricer(prepared)
    scenario = _seconds(lambda: pricer.price(contract))
    again, priced = best(lambda: pricer.price(contract))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = [
        Figure(f"make a book, {name}", f"{made:.1f} s", "", "under 120 s for 10 million" if whole else ""),
        Figure(f"read and prepare from Parquet, {name}", f"{first:.1f} s", f"{1e6 * first / lines:.2f} µs a line"),
        Figure(f"first scenario after that: fit, resolve, price, {name}", f"{scenario:.2f} s"),
        Figure(f"price again, {name}", f"{again:.2f} s", f"{lines / again:,.0f} lines a second, one thread"),
        Figure(f"memory so far, {name}", f"{peak:,.0f} MB", f"{1e6 * peak / lines:,.0f} bytes a line", "8,192 MB"),
    ]
    changed = [moved(contract, {"anti_infective_per_diem.rate": Decimal(n) / 4}) for n in range(360, 411)]
    took = [_seconds(lambda c=c: reprice(pricer, priced, c)) for c in changed]
    part = f"{100 * took[-1] / scenario:.1f} % of the first"
    found.append(Figure(f"51st scenario, one per diem changed, {name}", f"{took[-1]:.3f} s", part, "under 5 %"))
    assert reprice(pricer, priced, changed[-1]).total == pricer.price(changed[-1]).total
    found += _questions(pricer, load_contract("meridian"), again, name)
    if whole:
        found += _rivals(pricer, contract, name)
    return found


def _questions(pricer: Pricer, contract: Contract, repricing: float, name: str) -> list[Figure]:
    made = _seconds(lambda: Curves(pricer, contract))
    curves = Curves(pricer, contract)
    found = [Figure(f"keep lines as curves, {name}", f"{made:.2f} s", f"{curves.lines_direct:,} lines outside them")]
    for lever in ("anti_infective_per_diem", "drugs"):
        along = Along(curves, contract, lever)
        value = along.lever.written * Decimal("1.013")
        seconds, total = best(lambda a=along, v=value: a.total(v), runs=7)
        assert total == pricer.price(along.at(value)).total, "a curve differs from full pricing"
        beside = f"{repricing / seconds:,.0f} × as fast as pricing again; equal to the cent"
        found.append(Figure(f"one rate question ({lever}), {name}", f"{1000 * seconds:.1f} ms", beside, "under 5 ms"))
    seconds, years = best(lambda: risk(pricer, contract), runs=1)
    error = f"percentiles off by {years.error / 100:,.2f} dollars at most before they are priced exactly"
    found.append(Figure(f"10,000 years drawn, {name}", f"{seconds:.1f} s", error, "under 5 s"))
    return found


def _rivals(pricer: Pricer, contract: Contract, name: str) -> list[Figure]:
    """Price the same fitted lines with other tools, and hold their answers against ours line by line."""
    compiled = pricer.compiled(contract, Dating())
    fitted = pricer.fitted(compiled, Dating())
    kinds = fitted.kinds
    classes = sorted({k.therapy_class for k in kinds})
    therapy = np.array([classes.index(k.therapy_class) for k in kinds])[fitted.kind]
    given = segments_of(compiled, fitted, rate(pricer.resolver, compiled, fitted)[0], therapy)

    def ours() -> tuple[np.ndarray, np.ndarray]:
        priced = pricer.price_fitted(compiled, fitted, Dating())
        sums = np.zeros(len(classes), dtype=np.int64)
        np.add.at(sums, therapy, priced.allowed)
        return priced.allowed, sums

    mine, (cents, _) = best(ours)
    found = [Figure(f"price fitted lines, {name}: hitmodel, one thread, with statuses and reasons", f"{mine:.2f} s")]
    known = pricer.price_fitted(compiled, fitted, Dating()).known
    for threads in (1, 2):
        seconds, theirs, totals = duckdb_seconds(given, threads)
        found.append(_beside(f"DuckDB, {threads} thread{'s' * (threads > 1)}", seconds, mine, name))
        wrong = int((theirs != cents)[known].sum())
        assert not wrong, f"DuckDB differs on {wrong} lines"
        assert len(totals) <= len(classes)
    for threads in (1, 2):
        seconds = _polars(given, threads, cents, known)
        found.append(_beside(f"Polars, {threads} thread{'s' * (threads > 1)}", seconds, mine, name))
    return found


def _polars(given: object, threads: int, cents: np.ndarray, known: np.ndarray) -> float:
    """Time Polars in a process of its own: its threads are fixed when it is first imported."""
    import pickle

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given.pickle"
        file.write_bytes(pickle.dumps((given, cents, known), protocol=5))
        program = (
            "import pickle, sys; from rivals import polars_seconds;"
            "given, cents, known = pickle.load(open(sys.argv[1], 'rb'));"
            "seconds, theirs, _ = polars_seconds(given);"
            "assert (theirs == cents)[known].all(), 'Polars differs'; print(seconds)"
        )
        environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONPATH": _python_path()}
        ran = subprocess.run(
            [sys.executable, "-c", program, str(file)], env=environment, capture_output=True, text=True, check=True
        )
    return float(ran.stdout)


def _python_path() -> str:
    here = Path(__file__).resolve().parent
    return os.pathsep.join([str(here), str(here.parent)])


def _beside(tool: str, seconds: float, mine: float, name: str) -> Figure:
    return Figure(
        f"the same in {tool}, {name}", f"{seconds:.2f} s", f"hitmodel takes {mine / seconds:.2f} of it", "at most 0.5"
    )


def _seconds(work: object) -> float:
    assert callable(work)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    for figure in figures(LINES):
        print(f"{figure.what}: {figure.took}  {figure.beside}  {figure.target}")
