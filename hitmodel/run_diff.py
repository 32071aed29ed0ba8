"""Two runs side by side: what went in differently, and every printed value that is not the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hitmodel.document import read_document
from hitmodel.errors import InputError
from hitmodel.moved import Move, moves
from hitmodel.numbers import Difference, Value, differences, values_of
from hitmodel.run_answers import read_answers
from hitmodel.run_record import Facts, read_record
from hitmodel.runner import read_notebook


@dataclass(frozen=True)
class RunDiff:
    """How two runs of one report differ. ``values`` is how many printed values the first one has."""

    moves: tuple[Move, ...]
    differences: tuple[Difference, ...]
    values: int

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, neither what went in nor what came out."""
        return not self.moves and not self.differences


def compare_runs(first: Path, second: Path) -> RunDiff:
    """Return how the second run differs from the first; nothing is computed again.

    Raises `InputError` when one is no internal run, or they are runs of different reports.
    """
    before, after = read_record(first), read_record(second)
    for folder, facts in ((first, before), (second, after)):
        if facts["edition"] != "internal":
            raise InputError(
                f"{folder} is an external report, which holds no notebook to compare",
                next_step="Compare the internal ones of the same days.",
            )
    if before["report"] != after["report"]:
        raise InputError(
            f"{first} is a run of {before['report']} and {second} one of {after['report']}",
            expected="two runs of the same notebook",
        )
    was, now = _values(first, before), _values(second, after)
    return RunDiff(moves(before, after), differences(was, now), len(was))


def _values(folder: Path, facts: Facts) -> tuple[Value, ...]:
    file = folder / f"{facts['report']}.ipynb"
    if not file.is_file():
        return values_of(read_answers(folder / f"{facts['report']}.json").document)
    return values_of(read_document(read_notebook(file), facts["report"], "internal"))
