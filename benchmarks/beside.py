"""Fitted lines priced by hitmodel, DuckDB, Polars and pandas: one column of cents and totals by therapy, all equal.

Everyone starts from the same fitted segments in memory; nobody sees an exploded day. The tools take turns, so that
what else the machine does falls on all of them. Alone: ``python benchmarks/run.py --only beside --lines 1000000``.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from books import book, everyone
from figures import Figure, attempt, best, held_to
from rivals import Answer, Segments, duckdb_seconds, pandas_seconds, segments_of

from hitmodel.codes import code_table
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.kept_claims import prepare_folder
from hitmodel.limits import totals
from hitmodel.pricing import Dating, Pricer

PANDAS_LINES = 1_000_000
ROUNDS = 2


def figures(lines: int) -> Iterator[Figure]:
    """Yield hitmodel's time and the others', with one thread and with two."""
    yield from attempt("price fitted lines", lambda: _side_by_side(lines))
    yield from attempt("pandas", lambda: _by_pandas(min(lines, PANDAS_LINES)))


def _side_by_side(lines: int) -> Iterator[Figure]:
    ours = _Ours(lines)
    given = ours.given()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given.pickle"
        file.write_bytes(pickle.dumps(given, protocol=5))
        for threads in (1, 2):
            taken: dict[str, list[float]] = {"hitmodel": [], "DuckDB": [], "Polars": []}
            for _ in range(ROUNDS):
                took, mine = best(lambda t=threads: ours.price(t))
                taken["hitmodel"].append(took)
                for tool, work in (("DuckDB", duckdb_seconds), ("Polars", _polars)):
                    took, theirs = work(given, threads) if tool == "DuckDB" else work(file, threads)  # type: ignore[arg-type]
                    taken[tool].append(took)
                    mine.hold(theirs, tool)
            least = {tool: min(times) for tool, times in taken.items()}
            what = f"price {lines:,} fitted lines, full contract, {threads} thread{'s' * (threads > 1)}"
            faster = min(("DuckDB", "Polars"), key=lambda tool: least[tool])
            for tool in ("DuckDB", "Polars"):
                most = 0.5 if tool == faster else None
                yield held_to(what, least["hitmodel"], tool, least[tool], most)
    yield Figure("the same, which of their answers differ", "none of any line", "statuses and reasons come with ours")


class _Ours:
    """The lines fitted, and what hitmodel says of them."""

    def __init__(self, lines: int) -> None:
        self.pricer = Pricer(prepare_folder(book(lines), code_table()))
        self.compiled: Compiled = self.pricer.compiled(everyone(), Dating())
        self.fitted: Fitted = self.pricer.fitted(self.compiled, Dating())
        classes = sorted({kind.therapy_class for kind in self.fitted.kinds})
        of_kind = np.array([classes.index(kind.therapy_class) for kind in self.fitted.kinds], dtype=np.int8)
        self.therapy: npt.NDArray[np.int8] = of_kind[self.fitted.kind]

    def given(self) -> Segments:
        priced = self.pricer.price_fitted(self.compiled, self.fitted, Dating())
        return segments_of(self.compiled, self.fitted, priced.rated, self.therapy)

    def price(self, threads: int) -> Answer:
        self.pricer.threads = threads
        priced = self.pricer.price_fitted(self.compiled, self.fitted, Dating())
        sums = totals(priced.allowed, self.therapy, int(self.therapy.max()) + 1)
        return Answer(priced.allowed, {n: cents for n, cents in enumerate(sums.tolist()) if cents})


def _polars(file: Path, threads: int) -> tuple[float, Answer]:
    """Time Polars in a process of its own: its threads are fixed when it is first imported."""
    program = (
        "import pickle, sys; from rivals import polars_seconds;"
        "found = polars_seconds(pickle.load(open(sys.argv[1], 'rb')));"
        "pickle.dump(found, open(sys.argv[2], 'wb'), protocol=5)"
    )
    here = Path(__file__).resolve().parent
    search = os.pathsep.join([str(here), str(here.parent)])
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONPATH": search}
    answer = file.with_name("answer.pickle")
    subprocess.run([sys.executable, "-c", program, str(file), str(answer)], env=environment, check=True)
    found: tuple[float, Answer] = pickle.loads(answer.read_bytes())
    return found


def _by_pandas(lines: int) -> Iterator[Figure]:
    ours = _Ours(lines)
    given = ours.given()
    took, mine = best(lambda: ours.price(1))
    theirs, answer = pandas_seconds(given)
    mine.hold(answer, "pandas")
    yield held_to(f"price {lines:,} fitted lines, 1 thread", took, "a pandas merge", theirs)
    yield Figure("the same, lines a second", f"{lines / took:,.0f}", f"a pandas merge: {lines / theirs:,.0f}")
