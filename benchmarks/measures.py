"""What is timed. Each measure is a list of commands run in turn; the figure is the median of its runs.

To add one, add a `Measure` to `MEASURES`. ``beside`` names the measure that it is shown as a multiple of.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
CLAIMS = "data/samples/claims_2025.csv"


@dataclass(frozen=True)
class Measure:
    """One thing to time: its name, the command, how often it is run, and what to compare it with."""

    name: str
    command: tuple[str, ...]
    runs: int = 5
    beside: str = ""


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
    Measure("make demo, once set up", ("make", "demo"), runs=3, beside="import pandas"),
)
