"""Weeks and months in a span of days, begun or in part."""

from __future__ import annotations

from fractions import Fraction

from hitmodel.dates import Span, month_end
from hitmodel.spans import cut_at_months


def periods_in(span: Span, days: int | None, *, started: bool) -> Fraction:
    """Return the weeks or months in a span: those begun, or exact parts.

    ``days`` [days] is the length of one, counted from the first day of the span; None is calendar months, of which
    each that the span touches is begun, and a part is its days ÷ the days of that month.
    """
    if days is not None:
        return Fraction(-(-span.days // days)) if started else Fraction(span.days, days)
    months = cut_at_months(span)
    if started:
        return Fraction(len(months))
    return sum((Fraction(part.days, month_end(part.first).day) for part in months), Fraction(0))
