"""What moved since the last run of a report: what went in differently, what figures did, and the dollars of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hitmodel.moved import Move, headline, moved_table, moves
from hitmodel.moved_dollars import MovedDollars, cause_words, dollars_table, moved_dollars
from hitmodel.parameters import Parameter
from hitmodel.run_record import Facts
from hitmodel.tables import Table


@dataclass(frozen=True)
class Moved:
    """What moved, and in dollars by cause; ``dollars`` is None where no main figure moved."""

    moves: tuple[Move, ...]
    dollars: MovedDollars | None

    @property
    def headline(self) -> str:
        """What moved in a sentence or two: for the message, the index and the head of the table."""
        causes = cause_words(self.dollars, with_total=False) if self.dollars else ""
        missing = self.dollars.missing if self.dollars else ""
        return " ".join(part for part in (headline(self.moves), causes, missing) if part)

    def tables(self, against: str) -> tuple[Table, ...]:
        """Return what a report opens with; ``against`` names the earlier run."""
        told = moved_table(self.moves, against)
        return (told, dollars_table(self.dollars, against)) if self.dollars else (told,)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "moved": [vars(move).copy() for move in self.moves],
            "dollars": self.dollars.to_json() if self.dollars else None,
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Moved:
        """Read back what `to_json` wrote."""
        dollars = held.get("dollars")
        rows = tuple(Move(**row) for row in held["moved"])
        return cls(rows, MovedDollars.from_json(dollars) if dollars else None)


def what_moved(before: Facts, after: Facts, notebook: Any, parameters: Sequence[Parameter]) -> Moved:
    """Return what moved from one run to the next; ``notebook`` and ``parameters`` are those of today."""
    return Moved(moves(before, after), moved_dollars(before, after, notebook, parameters))
