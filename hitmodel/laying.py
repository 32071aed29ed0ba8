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
    """What a step does, under which rule and clause; ``working`` is the arithmetic where lines share one."""

    rule: str
    words: str
    cite: str
    working: str = ""


@dataclass(frozen=True)
class Note:
    """What one step did to one line: amounts before and after [cents]."""

    change: Change
    before: int
    after: int


class Notes:
    """What the steps did, kept in columns: millions of lines may be held to their charges, few are ever asked about."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._parts: list[Ints] = []

    def add(self, change: Change, lines: Ints, before: Ints, after: Ints) -> None:
        """Note what one step did to lines: amounts before and after [cents]."""
        number = np.full(len(lines), len(self._changes), dtype=np.int64)
        self._changes.append(change)
        self._parts.append(np.stack([lines, number, before, after]))
        self.__dict__.pop("_columns", None)

    @cached_property
    def _columns(self) -> Ints:
        """Line, number of the change, before and after of every note: by line, then in the order of the steps."""
        together = np.concatenate(self._parts, axis=1) if self._parts else np.zeros((4, 0), dtype=np.int64)
        result: Ints = together[:, np.argsort(together[0], kind="stable")]
        return result

    @classmethod
    def of(cls, *several: Notes) -> Notes:
        """Return the notes of several steps after one another."""
        result = cls()
        for notes in several:
            shift = np.array([[0], [len(result._changes)], [0], [0]], dtype=np.int64)
            result._changes += notes._changes
            result._parts += [part + shift for part in notes._parts]
        return result

    def without(self, lines: Ints) -> Notes:
        """Return the notes on all other lines."""
        return self._with([part[:, ~np.isin(part[0], lines)] for part in self._parts])

    def renumbered(self, lines: Ints) -> Notes:
        """Return the notes on lines that are now numbered as ``lines`` says."""
        return self._with([np.vstack([lines[part[0]][None, :], part[1:]]) for part in self._parts])

    def _with(self, parts: list[Ints]) -> Notes:
        result = Notes()
        result._changes, result._parts = list(self._changes), parts
        return result

    def on(self, line: int) -> list[Note]:
        """Return what each step did to a line, in turn; nothing for most lines."""
        start, end = np.searchsorted(self._columns[0], [line, line + 1])
        found = self._columns[1:, start:end].T.tolist()
        return [Note(self._changes[number], before, after) for number, before, after in found]

    def taken(self, rule: str, lines: int) -> Ints:
        """Return what a rule took from each of so many lines [cents]; less than 0 where it added."""
        line, number, before, after = self._columns
        mine = np.array([change.rule == rule for change in self._changes], dtype=bool)[number]
        result = np.zeros(lines, dtype=np.int64)
        np.add.at(result, line[mine], (before - after)[mine])
        return result


@dataclass
class Laid:
    """Each line's standing and amount [cents], and what each step changed."""

    standing: Standing
    cents: Ints
    notes: Notes = field(default_factory=Notes)

    @property
    def priced(self) -> Bools:
        """Lines that have an amount from a price."""
        result: Bools = self.standing.status == PRICED
        return result

    def put(self, lines: Ints, cents: Ints, change: Change) -> None:
        """Give lines new amounts; those that change get a note."""
        before = self.cents[lines]
        changed = before != cents
        if changed.any():
            self.notes.add(change, lines[changed], before[changed], cents[changed])
        self.cents[lines] = cents

    def doubt(self, lines: Ints, text: str) -> None:
        """Put priced lines in doubt: a step could change them, and something that it needs is unknown."""
        self.standing.replace(lines, Status.NEEDS_REVIEW, text)
        self.cents[lines] = 0


def without_amount(laid: Laid) -> Bools:
    """Return the contract's lines that have no amount."""
    silent = np.array([s in (Status.CONTRACT_SILENT, Status.NEEDS_REVIEW) for s in ORDER])
    found: Bools = silent[laid.standing.status]
    return found


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
