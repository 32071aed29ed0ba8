"""What a moved slider costs at size, and how long a screen takes to be there: `python benchmarks/explorer.py [LINES]`.

A million lines: from the new value to the text of the redrawn table and picture, and in a browser from the pressed key
to what stands on the screen. The yardstick is the least that any tool must do: the same lines summed by group with
pandas. Then the notebook of the sample claims from its address to its controls, in JupyterLab and as an app.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.dataset
import pyarrow.parquet
from figures import Figure, attempt, failed, within

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from browser import CHROMIUM, TOKEN, chromium, idle, jupyterlab, open_notebook, run_all, voila  # noqa: E402

from hitmodel import paths  # noqa: E402
from hitmodel.book.many import make_many  # noqa: E402
from hitmodel.claims import read_claims  # noqa: E402
from hitmodel.contracts import load_contract  # noqa: E402
from hitmodel.live_bars import bars_svg  # noqa: E402
from hitmodel.negotiate import PER_DIEMS  # noqa: E402
from hitmodel.points import Setting  # noqa: E402
from hitmodel.pricing import Dating  # noqa: E402
from hitmodel.whatif import WhatIf  # noqa: E402
from hitmodel.whatif_tables import point_words, therapies_table  # noqa: E402
from hitmodel.workbook.panes import Markup, html  # noqa: E402

MOVES = 60
LINES = 1_000_000
MEDIAN, MOST, READY = 100, 150, 6
"""What is to be reached: milliseconds for a moved slider, seconds for a screen."""
EXPLORER = "40_scenario_explorer"
LEVERS = {
    "one per diem": ("anti_infective_per_diem.rate", Decimal("80.00"), Decimal("0.50")),
    "drugs, part of the Medicare limit": ("drugs.chain[0].multiplier", Decimal("1.000"), Decimal("0.001")),
    "all per diems": (PER_DIEMS, Decimal("0.001"), Decimal("0.001")),
}
DRAG = """async ([row, moves]) => {
  const handle = row.querySelector('.noUi-handle'), taken = [];
  const screen = document.querySelector('.hm-controls');
  for (let n = 0; n < moves; n++) {
    const start = performance.now();
    const redrawn = new Promise(done => {
      const seen = new MutationObserver(() => {
        if (document.querySelector('.hm-controls svg[role=img]').ariaLabel !== before) { seen.disconnect(); done(); }
      });
      const before = document.querySelector('.hm-controls svg[role=img]').ariaLabel;
      seen.observe(screen, {childList: true, subtree: true});
    });
    handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    await redrawn;
    await new Promise(requestAnimationFrame);
    taken.push(performance.now() - start);
  }
  return taken;
}"""


def figures(lines: int) -> Iterator[Figure]:
    """Yield what a slider costs on at most a million lines, and how soon a screen is there."""
    with tempfile.TemporaryDirectory() as folder:
        claims = _claims(min(lines, LINES), Path(folder))
        yield from attempt("a slider moved", lambda: _moved(claims))
        if CHROMIUM is None:
            yield failed("in a browser", "no chromium on the PATH")
            return
        yield from attempt("a slider moved in a browser", lambda: _dragged(claims))
    yield from attempt("a screen opened", _opened)


def redrawn(made: WhatIf, setting: Setting) -> str:
    """Return what the screen shows of a setting, as the explorer makes it."""
    point = made.point(setting)
    shown = Markup(bars_svg(point.therapies[:12], "Scenario"))
    return point_words(point, "Scenario") + html(shown, therapies_table(point, "Scenario"))


def _claims(lines: int, folder: Path) -> Path:
    make_many(lines, folder / "book")
    parts = pyarrow.dataset.dataset(sorted((folder / "book").glob("*.parquet")), format="parquet")
    pyarrow.parquet.write_table(parts.to_table(), folder / "claims.parquet")
    return folder / "claims.parquet"


def _moved(place: Path) -> Iterator[Figure]:
    """Yield what redrawing takes in the kernel, by the clock and of a processor, beside one sum."""
    claims, contract = read_claims(place), load_contract("meridian")
    made = WhatIf(claims, contract, contract, Dating(date(2027, 1, 1)))
    frame = pd.DataFrame({"group": made.book(Setting()).groups.index, "cents": made.priced.allowed})
    sums = [_taken(lambda: frame.groupby("group")["cents"].sum())[0] for _ in range(9)]
    beside = f"one sum by group with pandas: {statistics.median(sums):.0f} ms"
    for name, (lever, first, step) in LEVERS.items():
        settings = [Setting({lever: first + n * step}) for n in range(MOVES)]
        times = [_taken(functools.partial(redrawn, made, setting)) for setting in settings]
        worked = statistics.median(worked for _, worked in times)
        what = f"{name} moved, {len(claims.lines):,} lines, to the redrawn text ({worked:.0f} ms of a processor)"
        yield _held([clock for clock, _ in times], what, beside)


def _dragged(place: Path) -> Iterator[Figure]:
    """Yield what a moved slider takes in JupyterLab, from the key to the screen."""
    with _notebooks(place) as folder, jupyterlab(folder) as lab, chromium() as watched:
        page = watched.page
        page.set_default_timeout(240_000)
        open_notebook(watched, lab, f"{_inside(folder)}/{EXPLORER}")
        run_all(watched)
        page.wait_for_selector("h3 >> text=Scenario pays the same")
        row = page.locator(".hm-row", has_text="All rates of Per diem").first.element_handle()
        yield _held(page.evaluate(DRAG, [row, MOVES]), "all per diems moved in JupyterLab, from key to screen", "")
        page.get_by_role("button", name="Drugs and shares of the charge").click()
        row = page.locator(".hm-row", has_text="Drugs, the Medicare limit").first.element_handle()
        yield _held(page.evaluate(DRAG, [row, MOVES]), "the drugs moved in JupyterLab, from key to screen", "")


def _opened() -> Iterator[Figure]:
    """Yield seconds from a notebook's address to its controls, on the sample claims, after one time to warm up."""
    with _notebooks() as folder:
        with jupyterlab(folder) as lab:
            times = [_until_controls(lab, folder) for _ in range(3)]
        yield within("explorer in JupyterLab, opened and run, to its controls", statistics.median(times[1:]), READY)
        with voila(folder, EXPLORER) as address:
            times = [_until_shown(address) for _ in range(3)]
        yield within("explorer as an app, from its address to its controls", statistics.median(times[1:]), READY)


def _until_controls(lab: str, folder: Path) -> float:
    """Return seconds from opening the notebook in a JupyterLab that stands to its controls, as one would click."""
    with chromium() as watched:
        page = watched.page
        open_notebook(watched, lab, f"{_inside(folder)}/00_welcome")
        began = time.perf_counter()
        page.locator(".jp-NotebookPanel a", has_text="Scenario explorer").click()
        page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('Scenario explorer')")
        idle(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_selector("h3 >> text=Scenario pays the same")
        took = time.perf_counter() - began
        _stop_kernels(page, lab)
    return took


def _until_shown(address: str) -> float:
    with chromium() as watched:
        began = time.perf_counter()
        watched.page.goto(address)
        watched.page.wait_for_selector("h3 >> text=Scenario pays the same")
        return time.perf_counter() - began


def _stop_kernels(page: Any, lab: str) -> None:
    """End every kernel, so that the next opening starts its own."""
    for kernel in page.request.get(f"{lab}/api/kernels?token={TOKEN}").json():
        page.request.delete(f"{lab}/api/kernels/{kernel['id']}?token={TOKEN}")


@contextlib.contextmanager
def _notebooks(claims: Path | None = None) -> Iterator[Path]:
    """Give a folder with copies of the notebooks, the explorer's on other claims and alone where they are given."""
    folder = paths.reports() / f"benchmark_{os.getpid()}"
    shutil.copytree(paths.notebooks(), folder / "notebooks")
    if claims is not None:
        file = folder / "notebooks" / f"{EXPLORER}.ipynb"
        cells = json.loads(file.read_text(encoding="utf-8"))
        for cell in cells["cells"]:
            lines = [f"claims: str = {str(claims)!r}\n" if x.startswith("claims: str") else x for x in cell["source"]]
            cell["source"] = lines
        cells["cells"] = [c for c in cells["cells"] if "not-in-app" not in c["metadata"].get("tags", [])]
        file.write_text(json.dumps(cells), encoding="utf-8")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _inside(folder: Path) -> str:
    return f"{folder.relative_to(paths.root()).as_posix()}/notebooks"


def _taken(work: Any) -> tuple[float, float]:
    """Return how long some work takes by the clock and of a processor [ms]."""
    clock, worked = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - worked)


def _held(times: list[float], what: str, beside: str) -> Figure:
    """Return median and 95th percentile of milliseconds, held to what is to be reached."""
    median, most = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    reached = median < MEDIAN and most < MOST
    took = f"median {median:.0f} ms, 95th percentile {most:.0f} ms"
    return Figure(what, took, beside, f"median under {MEDIAN} ms, 95th percentile under {MOST} ms", reached)


if __name__ == "__main__":
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else LINES):
        print(f"{figure.what}: {figure.took}. {figure.beside}")
