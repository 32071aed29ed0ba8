"""Codes that the payer prices case by case, from a report: individual consideration (catalogue 1.3)."""

from __future__ import annotations

from typing import Literal

from hitmodel.forms import Outcome, Unpriced
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.status import Status
from hitmodel.terms import Term


class ByReport(Term):
    """The contract covers these lines and sets no amount: the payer decides each by report. ``note`` says what it
    asks.
    """

    mechanism: Literal["by_report"] = "by_report"


def by_report(kind: LineKind, term: ByReport, look: Look) -> Outcome:
    """Return no amount: the contract speaks of the line, so it is not silent, and nobody knows what it will pay."""
    asked = f" ({term.note})" if term.note else ""
    return Unpriced(Status.NEEDS_REVIEW, f"the payer prices {kind.code} by report{asked}; no amount is known before")


MECHANISM = Mechanism("by_report", ByReport, by_report, "priced by the payer case by case: no amount is known")
