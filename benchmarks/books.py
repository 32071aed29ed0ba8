"""The books and the contract that several benchmarks price, made once for each size and kept for the next."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hitmodel.book.many import make_many
from hitmodel.contracts import load_contract
from hitmodel.terms import Contract

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
from everyone import everyone as written

HOME = Path(os.environ.get("HITMODEL_BENCH_FOLDER", Path(tempfile.gettempdir()) / "hitmodel-benchmarks"))


def book(lines: int) -> Path:
    """Return the folder of a book of so many lines."""
    folder = HOME / str(lines)
    if not (folder / "book.json").is_file():
        make_many(lines, folder)
    return folder


def everyone() -> Contract:
    """Return the sample contract for every payer of the book, which ranks therapies itself."""
    HOME.mkdir(parents=True, exist_ok=True)
    return load_contract(written(HOME))


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work took [seconds]."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
