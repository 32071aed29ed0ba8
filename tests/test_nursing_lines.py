"""Nursing visits under each hour rule."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hitmodel.billing_rules import BillingRules, NursingHours, SecondVisit
from hitmodel.nursing_lines import added_hours, nursing_lines
from hitmodel.orders import Order, parse_order

NINE = datetime(2026, 3, 2, 9)


def order(*visits: tuple[datetime, int], **more: object) -> Order:
    made = [{"begin": begin, "end": begin + timedelta(minutes=minutes)} for begin, minutes in visits]
    return parse_order({"patient": "P-0000", "visit": made, **more})


def shown(found: Order, rules: BillingRules | None = None) -> list[tuple[str, int]]:
    return [(line.code, line.units) for line in nursing_lines(found, rules or BillingRules())]


@pytest.mark.parametrize(
    ("minutes", "by_31", "any_part", "whole"),
    [
        (-120, 0, 0, 0),
        (0, 0, 0, 0),
        (1, 0, 1, 0),
        (30, 0, 1, 0),
        (31, 1, 1, 0),
        (60, 1, 1, 1),
        (75, 1, 2, 1),  # 3.25 hours less the first two
        (90, 1, 2, 1),
        (91, 2, 2, 1),
        (120, 2, 2, 2),
    ],
)
def test_added_hours(minutes: int, by_31: int, any_part: int, whole: int) -> None:
    assert [added_hours(minutes, how) for how in NursingHours] == [by_31, any_part, whole]


@pytest.mark.parametrize(
    ("minutes", "lines"),
    [
        (20, [("99601", 1)]),
        (120, [("99601", 1)]),
        (150, [("99601", 1)]),  # two hours and 30 minutes
        (151, [("99601", 1), ("99602", 1)]),  # two hours and 31 minutes
        (300, [("99601", 1), ("99602", 3)]),
    ],
)
def test_a_visit_is_up_to_two_hours_and_then_hours(minutes: int, lines: list[tuple[str, int]]) -> None:
    assert shown(order((NINE, minutes))) == lines


def test_a_second_visit_that_day_is_a_visit_or_added_hours() -> None:
    twice = order((NINE + timedelta(hours=8), 90), (NINE, 60), (NINE + timedelta(days=1), 60))
    assert shown(twice) == [("99601", 1), ("99601", 1), ("99601", 1)]
    # 90 minutes are one whole hour and 30 minutes, too few for another.
    hours = BillingRules(second_visit=SecondVisit.AS_ADDED_HOURS)
    assert shown(twice, hours) == [("99601", 1), ("99602", 1), ("99601", 1)]
    lines = list(nursing_lines(twice, BillingRules()))
    assert [("second_visit" in line.assumptions) for line in lines] == [False, True, False]


def test_a_visit_in_the_suite_carries_its_modifier_first() -> None:
    visit = {"begin": NINE, "end": NINE + timedelta(hours=4), "place": "suite", "modifiers": ["TD"]}
    lines = list(nursing_lines(parse_order({"patient": "P-0000", "visit": [visit]}), BillingRules(suite_place="11")))
    assert [(line.code, line.modifiers, line.place) for line in lines] == [
        ("99601", ("SS", "TD"), "11"),
        ("99602", ("SS", "TD"), "11"),
    ]


def test_a_visit_over_midnight_belongs_to_the_day_it_begins() -> None:
    late = datetime(2026, 3, 2, 23)
    assert [line.first.day for line in nursing_lines(order((late, 240)), BillingRules())] == [2, 2]
