"""Codes that a contract names and does not pay: not covered, or within another payment (catalogue 5.6, 9.2, 9.3)."""

from __future__ import annotations

from typing import Literal

from hitmodel.forms import Known, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.status import Status
from hitmodel.terms import Term


class NotCovered(Term):
    """The contract does not pay these lines: a known 0.00."""

    mechanism: Literal["not_covered"] = "not_covered"


class Bundled(Term):
    """These lines are paid within another: a known 0.00. ``into`` says in words within what."""

    mechanism: Literal["bundled"] = "bundled"
    into: str = "the per diem"


def not_covered(kind: LineKind, term: NotCovered, look: Look) -> Outcome:
    """Return a known 0.00 for a line that the contract excludes."""
    return Known(Status.NOT_COVERED, "the contract does not cover it", (Step("not covered", (), term.cite),))


def bundled(kind: LineKind, term: Bundled, look: Look) -> Outcome:
    """Return a known 0.00 for a line that is paid within another."""
    return Known(Status.BUNDLED, f"paid within {term.into}", (Step("bundled", (("into", term.into),), term.cite),))


NOT_COVERED = Mechanism("not_covered", NotCovered, not_covered, "named and not paid")
BUNDLED = Mechanism("bundled", Bundled, bundled, "paid within another line")
