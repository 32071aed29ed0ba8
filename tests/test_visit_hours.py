"""Units of nursing lines from the times of visits, worked by hand."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.evidence import VisitRecord
from hitmodel.evidence_terms import VisitTime
from hitmodel.visit_hours import further_hours, visit_units


@pytest.mark.parametrize(
    ("minutes", "whole", "any_part", "minutes_31", "quarters"),
    [
        (-30, 0, 0, 0, Fraction(0)),
        (0, 0, 0, 0, Fraction(0)),
        (1, 0, 1, 0, Fraction(1, 4)),
        (30, 0, 1, 0, Fraction(2, 4)),
        (31, 0, 1, 1, Fraction(3, 4)),
        (60, 1, 1, 1, Fraction(1)),
        (75, 1, 2, 1, Fraction(5, 4)),
        (91, 1, 2, 2, Fraction(7, 4)),
    ],
)
def test_hours_beyond_the_first(minutes: int, whole: int, any_part: int, minutes_31: int, quarters: Fraction) -> None:
    ways = ("whole", "any_part", "minutes_31", "quarter_hour")
    assert [further_hours(minutes, way) for way in ways] == [whole, any_part, minutes_31, quarters]


@given(st.integers(0, 600))
def test_the_rules_keep_their_order(minutes: int) -> None:
    whole, half, part = (further_hours(minutes, way) for way in ("whole", "minutes_31", "any_part"))
    assert whole <= half <= part
    assert whole <= further_hours(minutes, "quarter_hour") <= part


def visit(hour: int, minutes: int | None) -> VisitRecord:
    return VisitRecord("P1", datetime(2025, 3, 3, hour), minutes)


def test_a_second_visit_is_one_of_its_own_or_added_hours() -> None:
    visits = (visit(16, 100), visit(9, 180))
    own, added = VisitTime(hours="minutes_31"), VisitTime(hours="minutes_31", second_visit="as_added_hours")
    assert visit_units(visits, own, "per_visit") == 2
    assert visit_units(visits, own, "per_hour") == 1, "60 minutes beyond two hours; the second is shorter than two"
    assert visit_units(visits, added, "per_visit") == 1
    assert visit_units(visits, added, "per_hour") == 3, "60 minutes, then 100 minutes: 1 + 2 hours"


def test_without_times_there_are_visits_and_no_hours() -> None:
    clause = VisitTime(hours="whole")
    assert visit_units((visit(9, None),), clause, "per_visit") == 1
    assert visit_units((visit(9, None),), clause, "per_hour") is None


def test_another_length_of_the_first_unit() -> None:
    assert visit_units((visit(9, 120),), VisitTime(hours="whole", first_minutes=60), "per_hour") == 1
