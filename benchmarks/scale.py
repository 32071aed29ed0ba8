"""How pricing grows with the lines: preparing, the first scenario, every other, one rate question, a year's risk.

Alone: ``python benchmarks/run.py --only scale --lines 1000000``.
"""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from decimal import Decimal

from books import book, everyone, seconds
from figures import Figure, attempt, best, said, within

from hitmodel.along import Along
from hitmodel.book.many import make_many
from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.curves import Curves
from hitmodel.kept_claims import FOLDER, prepare_folder
from hitmodel.levers import moved
from hitmodel.pricing import Priced, Pricer
from hitmodel.repricing import reprice
from hitmodel.risk import Year, risk
from hitmodel.terms import Contract

QUESTIONED = "meridian"
LEVER = "anti_infective_per_diem"


def figures(lines: int) -> Iterator[Figure]:
    """Yield every figure, smallest book first; the largest has so many lines."""
    contract = everyone()
    for some in sorted({max(lines // 100, 1000), max(lines // 10, 1000), lines}):
        yield from _of_size(some, contract, whole=some == lines)


def _of_size(lines: int, contract: Contract, *, whole: bool) -> Iterator[Figure]:
    name = f"{lines:,} lines"
    folder = book(lines)
    if whole:
        took = seconds(lambda: make_many(lines, folder.with_name("again")))
        shutil.rmtree(folder.with_name("again"))
        yield within(f"make a book, {name}", took, 120 * lines / 10_000_000)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    took = seconds(lambda: prepare_folder(folder, code_table()))
    yield Figure(f"read and prepare from Parquet, {name}", said(took), f"{1e6 * took / lines:.2f} µs a line")
    pricer = Pricer(prepare_folder(folder, code_table()))
    first = seconds(lambda: pricer.price(contract).total)
    yield Figure(
        f"first scenario after that: fit, resolve, price, {name}", said(first), f"{1e6 * first / lines:.2f} µs a line"
    )
    again, priced = best(lambda: pricer.price(contract))
    yield Figure(f"price again, {name}", said(again), f"{lines / again:,.0f} lines a second, one thread")
    yield from attempt(f"51st scenario, {name}", lambda: _scenarios(pricer, priced, contract, first, lines))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    room = f"{1024 * 1024 * peak / lines:,.0f} bytes a line"
    yield Figure(f"most memory so far, {name}", f"{peak:,.0f} MB", room, "8,192 MB", peak < 8192)
    yield from attempt(f"rate questions, {name}", lambda: _questions(pricer, again, name, whole=whole))


def _scenarios(pricer: Pricer, priced: Priced, contract: Contract, first: float, lines: int) -> Iterator[Figure]:
    """Change one per diem fifty-one times over, and hold the last against pricing every line."""
    changed = [moved(contract, {f"{LEVER}.rate": Decimal(n) / 4}) for n in range(360, 411)]
    took = [seconds(lambda c=c: reprice(pricer, priced, c).total) for c in changed]
    part, target = took[-1] / first, "under 5 %" if lines == 1_000_000 else ""
    last, whole = reprice(pricer, priced, changed[-1]), pricer.price(changed[-1])
    assert (last.allowed == whole.allowed).all(), "a changed contract differs from full pricing"
    assert (last.status == whole.status).all(), "a changed contract differs from full pricing"
    beside = f"{100 * part:.1f} % of the first scenario; equal on every line"
    reached = part < 0.05 if target else None
    yield Figure(f"51st scenario, one per diem changed, {lines:,} lines", said(took[-1]), beside, target, reached)


def _questions(pricer: Pricer, repricing: float, name: str, *, whole: bool) -> Iterator[Figure]:
    contract = load_contract(QUESTIONED)
    made = seconds(lambda: Curves(pricer, contract))
    curves = Curves(pricer, contract)
    yield Figure(f"keep lines as curves, {name}", said(made), f"{curves.lines_direct:,} lines outside them")
    for lever in (LEVER, "drugs"):
        along = Along(curves, contract, lever)
        value = along.lever.written * Decimal("1.013")
        took, total = best(lambda a=along, v=value: a.total(v), runs=7)
        assert total == pricer.price(along.at(value)).total, "a curve differs from full pricing"
        beside = f"{repricing / took:,.0f} × as fast as pricing again; equal to the cent"
        yield within(f"one rate question ({lever}), {name}", took, 0.005, beside)
    kept, year = best(lambda: Year(pricer, contract), runs=1)
    yield within(f"keep the lines by therapy and drug, {name}", kept)
    took, years = best(lambda: risk(year), runs=1)
    error = f"percentiles off by {years.error / 100:,.2f} dollars at most before they are priced exactly"
    yield within(f"10,000 years drawn, {name}", took, 5 if whole else None, error)
