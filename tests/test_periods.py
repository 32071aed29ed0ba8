"""Weeks and months in a span, worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.dates import ONE_DAY, Span
from hitmodel.periods import periods_in

JAN_31_TO_MAR_1 = Span(date(2025, 1, 31), date(2025, 3, 1))  # 1 + 28 + 1 = 30 days


@pytest.mark.parametrize(("days", "begun"), [(1, 1), (7, 1), (8, 2), (14, 2), (15, 3)])
def test_a_week_begins_every_seventh_day(days: int, begun: int) -> None:
    span = Span(date(2025, 3, 1), date(2025, 3, 1) + (days - 1) * ONE_DAY)
    assert periods_in(span, 7, started=True) == begun
    assert periods_in(span, 7, started=False) == Fraction(days, 7)


def test_calendar_months_are_those_touched_and_their_parts() -> None:
    assert periods_in(JAN_31_TO_MAR_1, None, started=True) == 3
    assert periods_in(JAN_31_TO_MAR_1, None, started=False) == Fraction(1, 31) + 1 + Fraction(1, 31)


def test_months_of_one_length_count_from_the_first_day() -> None:
    assert periods_in(JAN_31_TO_MAR_1, 28, started=True) == 2
    assert periods_in(JAN_31_TO_MAR_1, 30, started=True) == 1
    assert periods_in(JAN_31_TO_MAR_1, 28, started=False) == Fraction(30, 28)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(0, 400))
def test_parts_add_up_however_a_span_is_cut(first: date, before: int, after: int) -> None:
    left = Span(first, first + before * ONE_DAY)
    right = Span(left.last + ONE_DAY, left.last + (1 + after) * ONE_DAY)
    whole = Span(left.first, right.last)
    for days in (None, 7, 28, 30):
        parts = periods_in(left, days, started=False) + periods_in(right, days, started=False)
        assert parts == periods_in(whole, days, started=False)
        assert periods_in(whole, days, started=True) >= periods_in(whole, days, started=False)
