"""Days, spans with both ends counted, quarters, anniversaries."""

from __future__ import annotations

from datetime import date

import pytest

from hitmodel.dates import Quarter, Span, add_years, month_end, parse_date, typed_date
from hitmodel.errors import InputError


def test_an_iso_date_is_read() -> None:
    assert parse_date(" 2025-03-09 ") == date(2025, 3, 9)
    assert parse_date("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["2025-02-30", "2025-3-9", "20250309", "03/09/2025", "2025-W10-7", "", "2025-02-29"])
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_date(text, "--as-of")
    assert str(raised.value) == f"--as-of: {text!r} is not a date. Expected a calendar date as YYYY-MM-DD."


def test_a_day_may_be_typed_month_first() -> None:
    assert typed_date("6/30/2025") == typed_date("2025-06-30") == date(2025, 6, 30)
    for wrong in ("30/6/2025", "6/30/25"):
        with pytest.raises(InputError):
            typed_date(wrong)


def test_both_ends_of_a_span_count() -> None:
    span = Span(date(2025, 3, 3), date(2025, 3, 9))
    assert span.days == 7
    assert list(span) == [date(2025, 3, day) for day in range(3, 10)]
    assert date(2025, 3, 3) in span
    assert date(2025, 3, 9) in span
    assert date(2025, 3, 10) not in span
    assert Span(span.first, span.first).days == 1


def test_a_span_across_the_clock_change_and_a_leap_day_counts_calendar_days() -> None:
    assert Span(date(2024, 2, 28), date(2024, 3, 10)).days == 12  # 28, 29 February and 1 to 10 March
    assert Span(date(2025, 3, 8), date(2025, 3, 10)).days == 3  # clocks change on 9 March


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InputError, match="ends on 2025-03-02, before it starts on 2025-03-03"):
        Span(date(2025, 3, 3), date(2025, 3, 2))


def test_spans_meet_in_the_days_that_both_hold() -> None:
    march = Span(date(2025, 3, 1), date(2025, 3, 31))
    assert march.meet(Span(date(2025, 3, 31), date(2025, 4, 2))) == Span(date(2025, 3, 31), date(2025, 3, 31))
    assert march.meet(Span(date(2025, 4, 1), date(2025, 4, 2))) is None


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2025-01-01", "2025Q1"), ("2025-03-31", "2025Q1"), ("2025-04-01", "2025Q2"), ("2025-12-31", "2025Q4")],
)
def test_a_day_lies_in_its_quarter(day: str, quarter: str) -> None:
    assert str(Quarter.of(date.fromisoformat(day))) == quarter
    assert date.fromisoformat(day) in Quarter.parse(quarter).span


def test_quarters_shift_across_years() -> None:
    assert Quarter(2025, 1).shift(-1) == Quarter(2024, 4)
    assert Quarter(2025, 4).shift(1) == Quarter(2026, 1)
    assert Quarter(2025, 2).shift(-9) == Quarter(2023, 1)
    assert Quarter(2025, 4).span == Span(date(2025, 10, 1), date(2025, 12, 31))
    assert sorted([Quarter(2025, 1), Quarter(2024, 4)]) == [Quarter(2024, 4), Quarter(2025, 1)]


@pytest.mark.parametrize("text", ["2025Q5", "2025q3", "2025-Q3", "25Q3", "2025Q", " 2025Q3"])
def test_a_quarter_is_written_one_way(text: str) -> None:
    with pytest.raises(InputError) as raised:
        Quarter.parse(text, "drug prices")
    assert str(raised.value) == f"drug prices: {text!r} is not a quarter. Expected a quarter such as 2025Q3."


def test_months_end_on_their_last_day() -> None:
    assert month_end(date(2025, 2, 1)) == date(2025, 2, 28)
    assert month_end(date(2024, 2, 29)) == date(2024, 2, 29)
    assert month_end(date(2025, 12, 31)) == date(2025, 12, 31)


def test_a_year_after_29_february_is_28_february() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert add_years(date(2025, 7, 1), 3) == date(2028, 7, 1)
