"""Take the figures of every part and write RESULTS.md. Run it through ``make bench`` on an idle machine.

``--quick`` takes everything at a hundredth of the size, ``--lines N`` at another, ``--only PART`` one part alone; none
of these writes RESULTS.md. Progress goes to the screen as figures are taken.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from figures import Figure, failed
from parts import PARTS, Part

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "benchmarks" / "RESULTS.md"
WHOLE, QUICK = 10_000_000, 100_000
MEMORY = 9 << 30
"""What one process of a benchmark may hold [bytes]."""
PACKAGES = ("hitmodel", "numpy", "pandas", "pyarrow", "duckdb", "polars", "dask", "distributed")
HEAD = """\
# Last figures

Written by `make bench` for {lines:,} lines. Compare times on one machine only; the multiples travel better. Figures are
the best of a few runs with a warm disk cache, commands the median of whole runs; one thread unless a row says two.

{machine}

"""


def main() -> int:
    """Measure what was asked for, print the tables, and rewrite RESULTS.md after a whole run."""
    asked = _asked()
    if asked.part:
        return _child(asked.part, asked.lines)
    parts = [part for part in PARTS if asked.only in ("", part.module)]
    text = HEAD.format(lines=asked.lines, machine=_machine())
    for part in parts:
        print(f"{part.heading}: at most {part.minutes} minutes", file=sys.stderr, flush=True)
        start = time.perf_counter()
        rows = list(_figures(part, asked.lines))
        print(f"{part.heading}: {time.perf_counter() - start:,.0f} s", file=sys.stderr, flush=True)
        text += f"## {part.heading}\n\n{_table(rows)}\n\n"
    print(text)
    if asked.lines == WHOLE and not asked.only:
        RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")
        print(f"written to {RESULTS.relative_to(PROJECT)}", file=sys.stderr)
    return 0


def _asked() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lines = int(os.environ.get("HITMODEL_BENCH_LINES", WHOLE))
    reader.add_argument("--lines", type=int, default=lines, help="how many lines the largest book has")
    reader.add_argument("--quick", dest="lines", action="store_const", const=QUICK, help=f"the same as --lines {QUICK}")
    reader.add_argument("--only", choices=["", *(part.module for part in PARTS)], default="", help="one part alone")
    reader.add_argument("--part", default="", help=argparse.SUPPRESS)
    return reader.parse_args()


def _child(module: str, lines: int) -> int:
    """Hand the figures of one part over on standard output, one JSON record a line."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    records, sys.stdout = sys.stdout, sys.stderr  # what a part prints is no record
    for figure in importlib.import_module(module).figures(lines):
        print(json.dumps(asdict(figure)), file=records, flush=True)
    return 0


def _figures(part: Part, lines: int) -> Iterator[Figure]:
    """Yield the figures of a part as its process hands them over, and a last one when it does not end well."""
    command = [sys.executable, __file__, "--part", part.module, "--lines", str(lines)]
    path = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path, "HITMODEL_BENCH_LINES": str(lines)}
    started = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    limit = threading.Timer(60 * part.minutes, _end, [started])
    limit.start()
    assert started.stdout is not None
    for line in started.stdout:
        figure = Figure(**json.loads(line))
        print(f"  {figure.what}: {figure.took}  {figure.beside}", file=sys.stderr, flush=True)
        yield figure
    code = started.wait()
    in_time = limit.is_alive()
    limit.cancel()
    if code:
        why = f"ended with code {code}" if in_time else f"ended after {part.minutes} minutes"
        yield failed(f"{part.heading}, what was left of it", why)


def _end(started: subprocess.Popen[str]) -> None:
    """End a part with everything it started."""
    os.killpg(started.pid, signal.SIGKILL)


def _table(rows: list[Figure]) -> str:
    """Return figures as a Markdown table."""
    shown = ["| what | beside | to reach | measured | reached |", "|---|---|---|---|---|"]
    words = {True: "yes", False: "no", None: ""}
    for row in rows:
        cells = (row.what, row.beside, row.target, row.took, words[row.reached])
        shown.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(shown)


def _machine() -> str:
    """Return the machine, how busy it was, and the versions, as a sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    busy = f"{os.getloadavg()[0]:.1f} of the cores busy with other work at the start"
    machine = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}; {busy}"
    return f"{machine}.\nPython {platform.python_version()}; {versions}."


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    return next((row.split(":", 1)[1].strip() for row in told.splitlines() if row.startswith("model name")), "")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.exit(main())
