"""Amounts while the contract's later steps are laid on them, and what those steps look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.judging import PRICED
from hitmodel.prepare import Bools, Ints
from hitmodel.scope import Standing
from hitmodel.selection import matches
from hitmodel.status import ORDER, Status
from hitmodel.terms import LesserOf, Selector


@dataclass(frozen=True)
class Change:
    """What a step does, under which rule and clause."""

    rule: str
    words: str
    cite: str


@dataclass(frozen=True)
class Note:
    """What one step did to one line: amounts before and after [cents]."""

    change: Change
    before: int
    after: int


@dataclass
class Laid:
    """Each line's standing and amount [cents], and what each step changed."""

    standing: Standing
    cents: Ints
    notes: dict[int, list[Note]] = field(default_factory=dict)

    @property
    def priced(self) -> Bools:
        """Lines that have an amount from a price."""
        result: Bools = self.standing.status == PRICED
        return result

    def put(self, lines: Ints, cents: Ints, change: Change) -> None:
        """Give lines new amounts; those that change get a note."""
        for place in np.flatnonzero(self.cents[lines] != cents).tolist():
            line = int(lines[place])
            self.notes.setdefault(line, []).append(Note(change, int(self.cents[line]), int(cents[place])))
        self.cents[lines] = cents

    def doubt(self, lines: Ints, text: str) -> None:
        """Put priced lines in doubt: a step could change them, and something that it needs is unknown."""
        self.standing.replace(lines, Status.NEEDS_REVIEW, text)
        self.cents[lines] = 0


def without_amount(laid: Laid) -> Bools:
    """Return the contract's lines that have no amount."""
    silent = [ORDER.index(Status.CONTRACT_SILENT), ORDER.index(Status.NEEDS_REVIEW)]
    return np.isin(laid.standing.status, silent)


@dataclass(frozen=True)
class Scene:
    """What the steps look at."""

    compiled: Compiled
    fitted: Fitted
    rated: Rated

    @cached_property
    def cut(self) -> Bools:
        """Lines that were cut into segments: those that nothing stands against before they are priced."""
        result = np.zeros(self.fitted.prepared.count, dtype=bool)
        result[self.fitted.segments.line] = True
        return result

    def under_rule(self, section: str, rule: object) -> Bools:
        """Return the lines on whose first day a version says a rule: in a section, or among the rows of a table."""
        passing = []
        for number, period in enumerate(self.compiled.periods):
            said = getattr(period.version, section) if period.version else None
            if isinstance(said, LesserOf):
                said = said.model_copy(update={"cite": rule.cite if isinstance(rule, LesserOf) else ""})
            if said == rule or (isinstance(said, tuple) and rule in said):
                passing.append(number)
        return np.isin(self.fitted.period, passing)

    def selected(self, selector: Selector) -> Bools:
        """Return the lines that a selector fits."""
        fitting = np.array([matches(selector, k) for k in self.fitted.kinds], dtype=bool)
        result: Bools = fitting[self.fitted.kind]
        return result
