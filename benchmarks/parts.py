"""What `make bench` runs. To add a benchmark, add one line to `PARTS`.

A part is a module of this folder with a function ``figures(lines)`` that returns or yields `Figure`s. ``lines`` is how
many lines the largest book of the run has, ten million in a whole run; a part that needs fewer takes a share of them.
Each part runs in a process of its own: what it holds is given back, and a failure or a time limit ends it alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A module of this folder, its heading in the results, and how long a whole run of it may take [minutes]."""

    module: str
    heading: str
    minutes: int = 5


PARTS = (
    Part("measures", "Commands", minutes=8),
    Part("language", "The contract language"),
    Part("intake", "Intake"),
    Part("review", "Contract review"),
    Part("scale", "Scale", minutes=10),
    Part("beside", "Beside other tools", minutes=10),
    Part("exactness", "Beside the oracle"),
    Part("explorer", "The workbook on screen"),
    Part("records", "Reports", minutes=10),
    Part("whole_way", "From Parquet, and two workers", minutes=15),
)
