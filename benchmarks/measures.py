"""Whole commands as a user runs them, each beside another command of the same run. Part of `make bench`.

To add one, add a `Measure` to `MEASURES`. ``beside`` names the measure that it is shown as a multiple of.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, failed, held_to, within

PROJECT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CLAIMS = "data/samples/claims_2025.csv"


@dataclass(frozen=True)
class Measure:
    """One thing to time: its name, the command, how often it is run, and what to compare it with.

    ``again`` is for what may be answered from the answers kept; everything else is worked out each time.
    """

    name: str
    command: tuple[str, ...]
    runs: int = 5
    beside: str = ""
    again: bool = False


def python(program: str) -> tuple[str, ...]:
    """Return the command that runs a line of Python."""
    return (sys.executable, "-c", program)


def hitmodel(*arguments: str) -> tuple[str, ...]:
    """Return a command of hitmodel."""
    return (str(BIN / "hitmodel"), *arguments)


MEASURES = (
    Measure("bare Python", python("pass"), runs=21),
    Measure("import hitmodel", python("import hitmodel"), runs=21, beside="bare Python"),
    Measure("hitmodel --help", hitmodel("--help"), runs=9, beside="bare Python"),
    Measure("import pandas", python("import pandas"), runs=5, beside="bare Python"),
    Measure(
        "read and check the sample claims",
        python(
            "import hitmodel; from hitmodel.claim_checks import check_claims;"
            f"check_claims(hitmodel.read_claims('{CLAIMS}'), hitmodel.code_table())"
        ),
        beside="import pandas",
    ),
    Measure(
        "hitmodel price, sample claims", hitmodel("price", CLAIMS, "--contract", "meridian"), beside="import pandas"
    ),
    Measure(
        "hitmodel compare, sample claims, one proposal",
        hitmodel(
            "compare", CLAIMS, "--baseline", "meridian", "--proposal", "meridian_proposal_a", "--as-of", "2027-01-01"
        ),
        runs=3,
        beside="import pandas",
    ),
    Measure(
        "the same asked again, from the answers kept",
        hitmodel(
            "compare", CLAIMS, "--baseline", "meridian", "--proposal", "meridian_proposal_a", "--as-of", "2027-01-01"
        ),
        beside="hitmodel compare, sample claims, one proposal",
        again=True,
    ),
    Measure("hitmodel demo", hitmodel("demo"), runs=3, beside="import pandas"),
)


def figures(lines: int) -> Iterator[Figure]:
    """Yield the median time of every measure after one run to warm up. They are of one size, whatever ``lines``."""
    del lines
    taken: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as workspace:
        for measure in MEASURES:
            where = {"HITMODEL_WORKSPACE": workspace, "HITMODEL_ANSWERS": "on" if measure.again else "off"}
            _, failure = once(measure.command, where)
            if failure:
                yield failed(measure.name, failure)
                continue
            seconds = statistics.median(once(measure.command, where)[0] for _ in range(measure.runs))
            taken[measure.name] = seconds
            if measure.beside in taken:
                yield held_to(measure.name, seconds, measure.beside, taken[measure.beside])
            else:
                yield within(measure.name, seconds)


def once(command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[float, str]:
    """Return how long a command took [seconds], and how it failed, "" when it did not."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=PROJECT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - start
    failure = done.returncode not in (0, 1)  # 1 means that there are findings
    return took, f"exit code {done.returncode}: {done.stderr}" if failure else ""
