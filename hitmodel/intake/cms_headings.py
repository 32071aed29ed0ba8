"""Headings of the tables that CMS publishes: found by several of their names, so that one damaged name is told as such.

CMS types its files by hand: blanks, line ends and capitals in headings differ from quarter to quarter, and columns come
and go over the years.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from hitmodel.errors import Finding, InputError
from hitmodel.intake.headings import plain
from hitmodel.intake.sheets import Sheet

PREAMBLE = 60
"""Rows among which the heading is; CMS has had up to twelve above it."""
_ENOUGH = 3
"""Names of a table that tell its heading even where another name is damaged."""
_NEAR = 0.75


@dataclass(frozen=True)
class Headings:
    """What a table's columns are called: those it must have, those that came later, and those that some had once.

    ``tells`` is a pattern of a heading that no other table has.
    """

    needed: tuple[str, ...]
    later: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    tells: str = "(?!)"

    @property
    def all(self) -> tuple[str, ...]:
        """Every name that a column may have."""
        return (*self.needed, *self.later, *self.once)

    def row_of(self, sheet: Sheet) -> int | None:
        """Return the row (from 0) of a sheet that is the heading, or None: all that is needed, or most of the names."""
        names = {plain(name) for name in self.all}
        needed = {plain(name) for name in self.needed}
        enough = min(len(self.needed), _ENOUGH)
        best: tuple[int, int] | None = None
        for number, row in enumerate(sheet.rows[:PREAMBLE]):
            said = {plain(cell) for cell in row}
            if needed <= said or any(re.fullmatch(self.tells, cell, re.IGNORECASE) for cell in row):
                return number
            if len(said & names) >= enough and len(said & names) * 2 > len(self.needed):
                best = max(best or (0, 0), (len(said & names), -number))
        return None if best is None else -best[1]

    def columns(self, row: Sequence[str], where: str, findings: list[Finding], at: int) -> dict[str, int]:
        """Return in which column each heading is.

        A column that some years do not have is a finding where it is missing; but where a heading nearly says it, that
        heading is damaged. Raises `InputError` for it, and for a missing column that is needed.
        """
        places = {plain(cell): number for number, cell in reversed(list(enumerate(row))) if plain(cell)}
        known = {plain(name) for name in self.all}
        strangers = {plain(cell): cell for cell in row if plain(cell) and plain(cell) not in known}
        found = {}
        for name in self.all:
            if plain(name) in places:
                found[name] = places[plain(name)]
                continue
            near = _nearest(plain(name), strangers)
            if name in self.needed or near:
                said = f"column {name!r} is missing"
                raise InputError(
                    f"{said}; '{strangers[near]}' stands in the heading" if near else said,
                    where=f"{where} row {at + 1}, {name}",
                    expected=f"a heading with {', '.join(self.needed)}",
                )
            if name in self.later:
                said = "is no column of this file: taken as empty"
                findings.append(Finding(where, at + 1, name, "", said, "no_column"))
        return found


def _nearest(name: str, strangers: Collection[str]) -> str:
    return next(iter(get_close_matches(name, strangers, n=1, cutoff=_NEAR)), "")
