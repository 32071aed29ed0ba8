"""Time what `measures` lists and write RESULTS.md. Run it through ``make bench`` on an idle machine."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from measures import MEASURES, Measure

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "benchmarks" / "RESULTS.md"


def once(command: tuple[str, ...]) -> tuple[float, str]:
    """Return how long a command took [seconds], and how it failed, "" when it did not."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    failed = done.returncode not in (0, 1)  # 1 means that there are findings
    return took, f"exit code {done.returncode}" if failed else ""


def timed(measure: Measure) -> tuple[float | None, str]:
    """Return the median time [seconds] after one run to warm up, or None and how it failed."""
    _, failure = once(measure.command)
    if failure:
        return None, failure
    return statistics.median(once(measure.command)[0] for _ in range(measure.runs)), ""


def table(taken: dict[str, float | None], failures: dict[str, str]) -> str:
    """Return the results as a Markdown table."""
    rows = ["| what | median | runs | as a multiple |", "|---|---:|---:|---|"]
    for measure in MEASURES:
        seconds, other = taken[measure.name], taken.get(measure.beside)
        if seconds is None:
            rows.append(f"| {measure.name} | not measured | | {failures[measure.name]} |")
            continue
        multiple = f"{seconds / other:.1f} × {measure.beside}" if other else ""
        rows.append(f"| {measure.name} | {1000 * seconds:,.0f} ms | {measure.runs} | {multiple} |")
    return "\n".join(rows)


def language_table() -> str:
    """Return what the contract language costs, as a Markdown table."""
    import language

    rows = ["| what | seconds | as a multiple |", "|---|---:|---|"]
    for what, seconds, beside, other in language.figures():
        rows.append(f"| {what} | {seconds:.2f} | {seconds / other:.1f} × {beside} ({other:.2f} s) |")
    return "\n".join(rows)


def scale_table() -> str:
    """Return how pricing grows with the lines, as a Markdown table."""
    import scale

    rows = ["| what | took | beside it | to reach |", "|---|---:|---|---|"]
    rows += [f"| {f.what} | {f.took} | {f.beside} | {f.target} |" for f in scale.figures()]
    return "\n".join(rows)


def main() -> None:
    """Measure everything and rewrite RESULTS.md."""
    taken: dict[str, float | None] = {}
    failures: dict[str, str] = {}
    busy = os.getloadavg()[0]
    for measure in MEASURES:
        taken[measure.name], failures[measure.name] = timed(measure)
        print(f"{measure.name}: {taken[measure.name] or failures[measure.name]}", file=sys.stderr)
    names = ("hitmodel", "pandas", "numpy", "pyarrow", "duckdb", "polars", "typer")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    load = f"{busy:.1f} of them busy with other work at the start"
    RESULTS.write_text(
        "# Last figures\n\n"
        "Written by `make bench`. Compare times on one machine only; the multiples travel better. Commands are "
        "medians of whole runs with a warm disk cache, the rest the best of a few runs.\n\n"
        f"Python {platform.python_version()} on {os.cpu_count()} cores, {load}; {versions}.\n\n"
        f"## Commands\n\n{table(taken, failures)}\n\n"
        f"## The contract language\n\n{language_table()}\n\n"
        f"## Scale\n\n{scale_table()}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
