"""Spans cut at change points and joined again where nothing changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from hitmodel.dates import ONE_DAY, Span, month_end

Label = TypeVar("Label", bound=Hashable)


def cut(span: Span, firsts: Iterable[date]) -> tuple[Span, ...]:
    """Return ``span`` in pieces, a new one beginning at each of ``firsts`` that lies inside it."""
    begins = sorted({span.first, *(day for day in firsts if span.first < day <= span.last)})
    ends = [day - ONE_DAY for day in begins[1:]] + [span.last]
    return tuple(map(Span, begins, ends))


def month_firsts(span: Span) -> Iterator[date]:
    """Yield the first day of each later month that ``span`` reaches."""
    day = month_end(span.first) + ONE_DAY
    while day <= span.last:
        yield day
        day = month_end(day) + ONE_DAY


def cut_at_months(span: Span, changes: Iterable[date] = ()) -> tuple[Span, ...]:
    """Return ``span`` in pieces of at most one calendar month, cut also at each date of ``changes`` (new rates)."""
    return cut(span, (*month_firsts(span), *changes))


def join(pieces: Iterable[tuple[Span, Label]]) -> tuple[tuple[Span, Label], ...]:
    """Return the pieces in order of date, neighbours that touch and carry the same label made one."""
    joined: list[tuple[Span, Label]] = []
    for span, label in sorted(pieces, key=lambda piece: piece[0]):
        if joined and joined[-1][1] == label and joined[-1][0].last + ONE_DAY == span.first:
            joined[-1] = (Span(joined[-1][0].first, span.last), label)
        else:
            joined.append((span, label))
    return tuple(joined)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return the days of ``spans`` that lie in none of ``taken``, in order of date."""
    left = sorted(spans)
    for hole in taken:
        left = [piece for span in left for piece in _without(span, hole)]
    return tuple(left)


def _without(span: Span, hole: Span) -> Iterator[Span]:
    if span.meet(hole) is None:
        yield span
        return
    if span.first < hole.first:
        yield Span(span.first, hole.first - ONE_DAY)
    if hole.last < span.last:
        yield Span(hole.last + ONE_DAY, span.last)


def overlaps(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """Return the days that both hold, a span for each pair that meets, in order of date."""
    others = tuple(others)
    return tuple(sorted(met for span in spans for other in others if (met := span.meet(other))))
