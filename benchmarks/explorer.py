"""What a moved slider costs at size: from the new value to the redrawn table and picture, on a million lines.

The yardstick is the least that any tool must do: the same lines summed by therapy once with pandas. Run it alone:
``python benchmarks/explorer.py [LINES]``; it makes the claims it needs in a temporary folder.
"""

from __future__ import annotations

import functools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.dataset
import pyarrow.parquet

from hitmodel.book.many import make_many
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.live_bars import bars_svg
from hitmodel.negotiate import PER_DIEMS
from hitmodel.points import Setting
from hitmodel.pricing import Dating
from hitmodel.whatif import WhatIf
from hitmodel.whatif_tables import point_words, therapies_table
from hitmodel.workbook.panes import Markup, html

MOVES = 60
LINES = 1_000_000


def redrawn(made: WhatIf, setting: Setting) -> str:
    """Return what the screen shows of a setting, as the explorer makes it."""
    point = made.point(setting)
    shown = Markup(bars_svg(point.therapies[:12], "Scenario"))
    return point_words(point, "Scenario") + html(shown, therapies_table(point, "Scenario"))


def taken(work: Callable[[], object]) -> float:
    """Return how long some work takes [ms]."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main(lines: int) -> None:
    """Make the claims, drag three sliders, and print medians and 95th percentiles."""
    with tempfile.TemporaryDirectory() as folder:
        make_many(lines, Path(folder) / "book")
        parts = pyarrow.dataset.dataset(sorted((Path(folder) / "book").glob("*.parquet")), format="parquet")
        pyarrow.parquet.write_table(parts.to_table(), Path(folder) / "claims.parquet")
        claims = read_claims(Path(folder) / "claims.parquet")
    contract = load_contract("meridian")
    made = WhatIf(claims, contract, contract, Dating(date(2027, 1, 1)))
    frame = pd.DataFrame({"group": made.book(Setting()).groups.index, "cents": made.priced.allowed})
    yardstick = statistics.median(taken(lambda: frame.groupby("group")["cents"].sum()) for _ in range(9))
    dragged = {
        "one per diem": ("anti_infective_per_diem.rate", Decimal("80.00"), Decimal("0.50")),
        "drugs, part of the Medicare limit": ("drugs.chain[0].multiplier", Decimal("1.000"), Decimal("0.001")),
        "all per diems": (PER_DIEMS, Decimal("0.001"), Decimal("0.001")),
    }
    every: list[float] = []
    for name, (lever, first, step) in dragged.items():
        settings = [Setting({lever: first + n * step}) for n in range(MOVES)]
        times = [taken(functools.partial(redrawn, made, setting)) for setting in settings]
        every += times
        print(f"{name}: {said(times)}")
    multiple = statistics.median(every) / yardstick
    print(f"all moves on {len(claims.lines):,} lines: {said(every)}")
    print(f"as a multiple: {multiple:.1f} × one sum with pandas, {yardstick:.0f} ms")


def said(times: list[float]) -> str:
    """Return median and 95th percentile in words."""
    return f"median {statistics.median(times):.0f} ms, 95th percentile {statistics.quantiles(times, n=20)[-1]:.0f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
