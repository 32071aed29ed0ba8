"""What was mended, guessed or could not be read while a file came in: counted by kind and field, with first rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hitmodel.intake.claim_cells import GUESSED, REPAIRED, WRONG, Note, shown
from hitmodel.workspace import SHOWN_ROWS, Count

DAY_FIELDS = ("service_from", "service_through")
_RANK = {WRONG: 0, GUESSED: 1, REPAIRED: 2}


@dataclass
class _Same:
    standing: str
    count: int = 0
    rows: list[int] = field(default_factory=list)
    example: str = ""


@dataclass
class Tally:
    """Findings of one import so far. No sentence quotes more of a cell than `claim_cells.shown` gives."""

    unit: str = "row"
    _found: dict[tuple[str, str, str], _Same] = field(default_factory=dict)

    def cells(self, field_name: str, note: Note, rows: NDArray[np.int32], example: str) -> None:
        """Count the cells of a field, in ``rows``, of which the same is to be said; ``example`` is the first's text."""
        quoted = shown(example, day=field_name in DAY_FIELDS)
        said = f"{field_name} {quoted!r}: {note.said}"
        self.add(note.kind, field_name, rows.tolist(), said, note.standing, sort=note.said)

    def add(
        self, kind: str, field_name: str, rows: Iterable[int], said: str, standing: str = WRONG, sort: str = ""
    ) -> None:
        """Count something found in ``rows``, said as a whole sentence; each ``sort`` of a kind has its own example."""
        found = list(rows)
        if not found:
            return
        same = self._found.setdefault((kind, field_name, sort), _Same(standing))
        same.example = same.example or (f"{self.unit} {found[0]}, {said}" if found[0] else said)
        same.count += len(found)
        same.rows += [row for row in found[: SHOWN_ROWS - len(same.rows)] if row]

    def remark(self, kind: str, said: str, standing: str = REPAIRED) -> None:
        """Say something of the file as a whole."""
        self.add(kind, "file", [0], said, standing)

    def counts(self) -> tuple[Count, ...]:
        """Return everything found, what could not be read first and what is sure last."""
        ordered = sorted(self._found.items(), key=lambda item: _RANK[item[1].standing])
        return tuple(
            Count(
                kind,
                name,
                same.count,
                tuple(same.rows),
                same.example,
                same.standing != WRONG,
                same.standing == REPAIRED,
            )
            for (kind, name, _), same in ordered
        )
