"""What went wrong, said so that a contract analyst can act on it.

Contract mistakes *raise* (`ContractError`); problems in claim data are *collected* as `Finding` rows so that
one run shows them all. Both keep their parts as attributes and make text only when asked.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to ``name``, or None when nothing is close."""
    folded = {k.lower(): k for k in known}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


class HitmodelError(Exception):
    """An error whose message a user can act on.

    Parameters
    ----------
    what : str
        What is wrong, in one clause.
    where : str
        File, term, field or row.
    expected : str
        What was expected instead.
    suggestion : str or None
        The nearest valid value.
    next_step : str
        A command or an action that helps.
    """

    def __init__(
        self, what: str, *, where: str = "", expected: str = "", suggestion: str | None = None, next_step: str = ""
    ) -> None:
        self.what, self.where, self.expected = what, where, expected
        self.suggestion, self.next_step = suggestion, next_step
        super().__init__(self._message())

    def _message(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if not text.endswith((".", "?", "!")):
            text += "."
        if self.expected:
            text += f" Expected {self.expected.rstrip('.')}."
        if self.suggestion:
            text += f" Did you mean '{self.suggestion}'?"
        if self.next_step:
            text += f" {self.next_step}"
        return text


class ContractError(HitmodelError):
    """A contract file says something that cannot be right."""


class InputError(HitmodelError):
    """A file, an option or a parameter that the user gave cannot be used."""


class MissingReference(HitmodelError):
    """A code table, a price quarter or another reference that was asked for is not there."""


@dataclass(frozen=True)
class Finding:
    """One problem in a claims file, kept so that all are shown together.

    ``row`` is the row as a person sees it in the file (the heading is row 1); ``line_id`` is empty when the line
    has none. ``kind`` is a short steady name that tests and summaries group by. ``blocks`` says that the line
    cannot be priced because of it.
    """

    file: str
    row: int
    field: str
    value: str
    problem: str
    kind: str
    line_id: str = ""
    blocks: bool = False

    def __str__(self) -> str:
        shown = f" {self.value!r}" if self.value else ""
        return f"{self.place}{shown}: {self.problem}"

    @property
    def place(self) -> str:
        """Where it is, as people say it: file, row and field; what is said of a whole file has neither."""
        if not self.row:
            return self.file if self.field == "file" else f"{self.file}, {self.field}"
        return f"{self.file} row {self.row}, {self.field}"


def nothing_usable(findings: Iterable[Finding], where: str) -> InputError:
    """Return the refusal of a table of which no row can be used: the first row's problem, at its place."""
    first = next((finding for finding in findings if finding.row > 0 and finding.problem), None)
    if first is None:
        return InputError("the file has a heading and no row", where=where)
    shown = f"{first.value!r} " if first.value else ""
    return InputError(f"no row of it can be used; {first.field} {shown}{first.problem}", where=first.place)


@dataclass(frozen=True)
class Counted:
    """Findings of one kind in one field, all of them blocking or none: how many, and the first of them."""

    count: int
    first: Finding

    def __str__(self) -> str:
        more = f" (and {self.count - 1:,} more like it)" if self.count > 1 else ""
        return f"{self.first}{more}"


def counted(findings: Iterable[Finding]) -> tuple[Counted, ...]:
    """Return findings added up by kind and field, in order of first appearance."""
    return counted_together([Counted(1, finding) for finding in findings])


def counted_together(parts: Iterable[Counted]) -> tuple[Counted, ...]:
    """Return counts of findings added up."""
    found: dict[tuple[str, str, bool], Counted] = {}
    for part in parts:
        key = (part.first.kind, part.first.field, part.first.blocks)
        before = found.get(key)
        found[key] = Counted(before.count + part.count, before.first) if before else part
    return tuple(found.values())
