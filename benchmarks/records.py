"""What reports cost beside the bare work: a run beside its notebook, a hundred reports, a PDF of twenty pages.

Run by itself: `python benchmarks/records.py`. Seconds of the clock stand beside seconds of the processors, which other
work on the machine changes less.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import nbformat

from hitmodel.batch import Batch, make_batch
from hitmodel.document import Document
from hitmodel.pdf_report import write_pdf
from hitmodel.report import Request, make_report
from hitmodel.runner import find_notebook, notebook_text, read_notebook, run_notebook
from hitmodel.tables import Column, Table
from hitmodel.timetable import Item

COMPARISON = "50_contract_comparison"
REPORTS, JOBS, PAGES = 100, 2, 20
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


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of the clock and of the processors, this process's and its children's, that some work takes."""
    clock, used = time.perf_counter(), _processors()
    work()
    return time.perf_counter() - clock, _processors() - used


def _processors() -> float:
    return sum(u.ru_utime + u.ru_stime for u in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def run_beside_notebook(folder: Path) -> None:
    """Print what a report costs more than its notebook alone, in the same process after one run of each."""
    notebook = read_notebook(find_notebook(COMPARISON))
    request = Request(COMPARISON, out=folder / "one")
    for _ in range(2):  # the first time warms up
        bare = taken(lambda: run_notebook(notebook, COMPARISON, {}, "internal"))
        whole = taken(lambda: make_report(request))
    over = [f"{100 * (w / b - 1):+.0f} %" for w, b in zip(whole, bare, strict=True)]
    print(f"notebook alone {_shown(bare)}; report with PDF, HTML, XLSX and CSV {_shown(whole)}: {' / '.join(over)}")


def hundred_reports(folder: Path) -> None:
    """Print what a hundred reports of a table and a chart cost, executed notebooks kept."""
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(SHOW)]
    path = folder / "offers.ipynb"
    path.write_text(notebook_text(nbformat.v4.new_notebook(cells=cells)))
    items = tuple(Item(f"offer_{n}", {"cents": n}) for n in range(REPORTS))
    cost = taken(lambda: _all_good(Batch(str(path), items, folder / "many", formats=("html",))))
    print(f"{REPORTS} reports of a table and a chart, notebooks kept, {JOBS} processes: {_shown(cost)}")


def _all_good(batch: Batch) -> None:
    assert all(made.is_good for made in make_batch(batch, JOBS))


def twenty_pages() -> None:
    """Print what a PDF of twenty pages costs, of tables of twenty rows."""
    columns = tuple(Column(f"c{n}", f"Column {n}", "dollars", "$") for n in range(6))
    rows = tuple(tuple(100 * (n + 1) * (m + 7) for n in range(6)) for m in range(20))
    tables = tuple(Table(f"table_{n}", f"Finding {n}.", "Dollars", columns, rows) for n in range(2 * PAGES))
    document = Document("Twenty pages", "internal", tables)
    write_pdf(document)
    held: list[bytes] = []
    cost = taken(lambda: held.append(write_pdf(document)))
    print(f"PDF of {held[0].count(b'/Type/Page') or held[0].count(b'/Type /Page')} pages: {_shown(cost)}")


def _shown(cost: tuple[float, float]) -> str:
    return f"{cost[0]:.2f} s ({cost[1]:.2f} s of processors)"


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        run_beside_notebook(Path(folder))
        hundred_reports(Path(folder))
    twenty_pages()


if __name__ == "__main__":
    main()
