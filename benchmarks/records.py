"""What reports cost beside the bare work: a run beside its notebook, a hundred reports, a PDF of twenty pages.

Part of `make bench`; by itself: ``python benchmarks/run.py --only records``. Seconds of the clock are held to the
targets; seconds of the processors stand beside them, which other work on the machine changes less.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import nbformat
from figures import Figure, attempt, said

from hitmodel.batch import Batch, make_batch
from hitmodel.document import Document
from hitmodel.pdf_report import write_pdf
from hitmodel.report import Request, make_report
from hitmodel.runner import find_notebook, notebook_text, read_notebook, run_notebook
from hitmodel.tables import Column, Table
from hitmodel.timetable import Item

COMPARISON = "50_contract_comparison"
REPORTS, JOBS, PAGES = 100, 2, 20
OVERHEAD, KEPT, WITHOUT, PDF = 0.25, 60.0, 10.0, 2.0
PARAMETERS = 'cents: int = 100\nedition: str = "internal"'
SHOW = """
from hitmodel.charts import Group, plot_differences
from hitmodel.tables import Column, Table
groups = [Group(f"Therapy {n}", 1_000_000 * n, (1_000_000 * n + cents,)) for n in range(1, 9)]
words = {"name": "groups", "headline": "By therapy.", "caption": "Dollars"}
display(plot_differences(groups, baseline="Today", proposals=("Offer",), **words))
columns = (Column("therapy", "Therapy"), Column("offer", "Offer", "dollars", "$"))
Table("groups", "By therapy.", "Dollars", columns, [(g.label, g.amounts[0]) for g in groups])
"""

OFFER = """
[contract]
extends = "meridian"
title = "Offer"
effective_from = 2027-01-01
effective_through = 2027-12-31
source = "invented"

[concurrency]
shares = [1, {share}, {share}]

[[term]]
id = "drugs"
chain = [{{ of = "payment_limit", multiplier = {multiplier} }}, {{ of = "charge", multiplier = 0.40 }}]
"""


def figures(lines: int) -> Iterator[Figure]:
    """Yield every figure; they are of one size, whatever ``lines``."""
    del lines
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from attempt("a report beside its notebook", lambda: [run_beside_notebook(folder)])
        for keeps in (True, False):
            how = "executed notebooks kept" if keeps else "without notebooks"
            what = f"{REPORTS} reports of a table and a chart, {how}"
            yield from attempt(what, lambda w=what, k=keeps: [hundred_reports(folder, w, k)])  # type: ignore[misc]
        for keeps in (True, False):
            how = "executed notebooks kept" if keeps else "without notebooks"
            what = f"{REPORTS} comparisons of 12,696 claim lines, {how}"
            yield from attempt(what, lambda w=what, k=keeps: [hundred_comparisons(folder, w, k)])  # type: ignore[misc]
    yield from attempt(f"a PDF of {PAGES} pages", lambda: [twenty_pages()])


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of the clock and of the processors, this process's and its children's, that some work takes."""
    clock, used = time.perf_counter(), _processors()
    work()
    return time.perf_counter() - clock, _processors() - used


def _processors() -> float:
    return sum(u.ru_utime + u.ru_stime for u in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def run_beside_notebook(folder: Path) -> Figure:
    """Return what a report costs more than its notebook alone, in one process, by the processors; best of three."""
    notebook = read_notebook(find_notebook(COMPARISON))
    request = Request(COMPARISON, out=folder / "one", formats=("html", "pdf", "xlsx", "csv", "svg", "png"))
    bare, whole = [], []
    for _ in range(4):  # the first time warms up
        bare.append(taken(lambda: run_notebook(notebook, COMPARISON, {}, "internal")))
        whole.append(taken(lambda: make_report(request)))
    mine, theirs = min(cost[1] for cost in whole[1:]), min(cost[1] for cost in bare[1:])
    over = mine / theirs - 1
    what = "a report (page, PDF, workbook, CSV, pictures), processors"
    target = f"at most {OVERHEAD:.0%} more"
    return Figure(what, f"{said(mine)}, {over:+.0%}", f"its notebook alone: {said(theirs)}", target, over <= OVERHEAD)


def hundred_reports(folder: Path, what: str, keeps: bool) -> Figure:
    """Return what a hundred reports of a table and a chart cost."""
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(SHOW)]
    path = folder / "offers.ipynb"
    path.write_text(notebook_text(nbformat.v4.new_notebook(cells=cells)))
    items = tuple(Item(f"offer_{n}", {"cents": n}) for n in range(REPORTS))
    asked = Batch(str(path), items, folder / f"many_{keeps}", formats=("html",), keeps_notebooks=keeps)
    return _held(what, taken(lambda: _all_good(asked)), KEPT if keeps else WITHOUT)


def hundred_comparisons(folder: Path, what: str, keeps: bool) -> Figure:
    """Return what a hundred comparisons of the sample book cost, each with other rates and break-even searched."""
    items = []
    for n in range(REPORTS):
        rates = folder / "contracts" / f"offer_{n}"
        rates.mkdir(parents=True, exist_ok=True)
        (rates / "2027.toml").write_text(OFFER.format(share=f"0.{30 + n % 40}", multiplier=f"1.{n % 10 + 1:02d}"))
        items.append(Item(f"offer_{n}", {"proposals": [str(rates)], "baseline": "meridian"}))
    asked = Batch(COMPARISON, tuple(items), folder / f"real_{keeps}", formats=("html",), keeps_notebooks=keeps)
    return _held(what, taken(lambda: _all_good(asked)), None)


def _held(what: str, cost: tuple[float, float], most: float | None) -> Figure:
    beside = f"{JOBS} processes, {said(cost[1])} of processors"
    if most is None:
        return Figure(what, said(cost[0]), beside)
    return Figure(what, said(cost[0]), beside, f"under {most:g} s", cost[0] < most)


def _all_good(batch: Batch) -> None:
    wrong = [made.error for made in make_batch(batch, JOBS) if not made.is_good]
    if wrong:
        raise RuntimeError(f"{len(wrong)} reports failed: {wrong[0]}")


def twenty_pages() -> Figure:
    """Return what a PDF of twenty pages costs, of tables of twenty rows."""
    columns = tuple(Column(f"c{n}", f"Column {n}", "dollars", "$") for n in range(6))
    rows = tuple(tuple(100 * (n + 1) * (m + 7) for n in range(6)) for m in range(20))
    tables = tuple(Table(f"table_{n}", f"Finding {n}.", "Dollars", columns, rows) for n in range(2 * PAGES))
    document = Document("Twenty pages", "internal", tables)
    write_pdf(document)
    held: list[bytes] = []
    cost = taken(lambda: held.append(write_pdf(document)))
    pages = held[0].count(b"/Type/Page") or held[0].count(b"/Type /Page")
    beside = f"{said(cost[1])} of processors"
    return Figure(f"a PDF of {pages} pages", said(cost[0]), beside, f"under {PDF:g} s", cost[0] < PDF)
