"""The books and the contract that several benchmarks price, made once for each size and kept for the next."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hitmodel import paths
from hitmodel.book.many import make_many
from hitmodel.contracts import load_contract
from hitmodel.terms import Contract

HOME = Path(os.environ.get("HITMODEL_BENCH_FOLDER", Path(tempfile.gettempdir()) / "hitmodel-benchmarks"))
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


def book(lines: int) -> Path:
    """Return the folder of a book of so many lines."""
    folder = HOME / str(lines)
    if not (folder / "book.json").is_file():
        make_many(lines, folder)
    return folder


def everyone() -> Contract:
    """Return that contract."""
    HOME.mkdir(parents=True, exist_ok=True)
    file = HOME / "everyone.toml"
    file.write_text(EVERYONE.format(base=paths.data("contracts", "meridian", "2025.toml")), encoding="utf-8")
    return load_contract(file)


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work took [seconds]."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
