"""Take the figures of every part and write RESULTS.md. Run it through ``make bench`` on an idle machine.

Each part takes its place in RESULTS.md as it ends, so a run that is stopped keeps what it has; ``--only PART`` takes
one part again. ``--quick`` takes everything at a hundredth of the size, ``--lines N`` at another, and writes nothing.
Progress goes to the screen as figures are taken.
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
    """Measure what was asked for, print the tables, and keep those of the whole size in RESULTS.md."""
    asked = _asked()
    if asked.part:
        return _child(asked.part, asked.lines)
    head = HEAD.format(lines=asked.lines, machine=_machine())
    for part in PARTS:
        if asked.only in ("", part.module):
            table = _measured(part, asked.lines)
            print(table)
            if asked.lines == WHOLE:
                _keep(part, table, head)
    return 0


def _measured(part: Part, lines: int) -> str:
    """Return a part's section: what else the machine was doing when it began, and its table."""
    print(f"{part.heading}: at most {part.minutes} minutes", file=sys.stderr, flush=True)
    busy, start = os.getloadavg()[0], time.perf_counter()
    rows = list(_figures(part, lines))
    print(f"{part.heading}: {time.perf_counter() - start:,.0f} s", file=sys.stderr, flush=True)
    return f"Load of the machine in the minute before: {busy:.1f}.\n\n{_table(rows)}"


def _keep(part: Part, section: str, head: str) -> None:
    """Put a section in its place in RESULTS.md; those of another machine or other versions are left out."""
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    held = before.split("\n## ")
    sections = dict(text.split("\n\n", 1) for text in held[1:]) if held[0] == head else {}
    sections[part.heading] = section
    kept = [f"\n## {one.heading}\n\n{sections[one.heading].strip()}\n" for one in PARTS if one.heading in sections]
    RESULTS.write_text(head + "".join(kept), encoding="utf-8")


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
    """Return the machine and the versions, as sentences."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    machine = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"
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
