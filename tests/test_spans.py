"""Cutting and joining spans never changes the days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hitmodel.dates import Span
from hitmodel.spans import cut, cut_at_months, join, month_firsts, overlaps, subtract

DAY = timedelta(days=1)
days = st.dates(date(2023, 1, 1), date(2026, 12, 31))
spans = st.builds(lambda first, length: Span(first, first + length * DAY), days, st.integers(0, 400))


def test_january_to_february_is_two_spans() -> None:
    # 25–31 January is 7 days, 1–7 February is 7 days.
    pieces = cut_at_months(Span(date(2026, 1, 25), date(2026, 2, 7)))
    assert [(p.first.isoformat(), p.days) for p in pieces] == [("2026-01-25", 7), ("2026-02-01", 7)]


def test_a_rate_change_cuts_too_and_dates_outside_do_not() -> None:
    pieces = cut_at_months(
        Span(date(2024, 2, 1), date(2024, 2, 29)), [date(2024, 2, 15), date(2024, 2, 1), date(2024, 3, 1)]
    )
    assert [p.days for p in pieces] == [14, 15]  # leap February: 1–14 and 15–29


def test_month_firsts_cross_the_year() -> None:
    assert [d.isoformat() for d in month_firsts(Span(date(2025, 11, 30), date(2026, 1, 1)))] == [
        "2025-12-01",
        "2026-01-01",
    ]


@given(spans, st.lists(days, max_size=8))
def test_cutting_never_changes_the_days(span: Span, changes: list[date]) -> None:
    pieces = cut_at_months(span, changes)
    assert sum(p.days for p in pieces) == span.days
    assert [day for p in pieces for day in p] == list(span)
    assert all((p.first.year, p.first.month) == (p.last.year, p.last.month) for p in pieces)


@given(spans, st.lists(days, max_size=8), st.randoms())
def test_joining_undoes_cutting_in_any_order(span: Span, changes: list[date], random: st.random_module) -> None:
    pieces = [(piece, "same") for piece in cut(span, changes)]
    random.shuffle(pieces)  # type: ignore[attr-defined]
    assert join(pieces) == ((span, "same"),)


def test_neighbours_with_a_gap_or_another_label_stay_apart() -> None:
    one, two, three = (Span(date(2026, 1, n), date(2026, 1, n)) for n in (1, 2, 4))
    assert join([(one, "a"), (two, "b"), (three, "b")]) == ((one, "a"), (two, "b"), (three, "b"))


@given(spans, st.lists(spans, max_size=4))
def test_what_is_taken_and_what_is_left_make_the_whole(span: Span, taken: list[Span]) -> None:
    left = {day for piece in subtract([span], taken) for day in piece}
    held = {day for piece in overlaps([span], taken) for day in piece}
    assert left.isdisjoint(held)
    assert left | held == set(span)
