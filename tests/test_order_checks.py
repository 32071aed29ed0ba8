"""Slips in an order whose records are each right by themselves: what nobody is given, what lies elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from hitmodel.codes import code_table
from hitmodel.errors import InputError
from hitmodel.order_checks import check_order, order_problems
from hitmodel.orders import parse_order

DRUG = {"family": "vancomycin", "dose": Decimal("1.25"), "unit": "g"}


def ordered(therapy: dict[str, Any] | None = None, drug: dict[str, Any] | None = None, **more: Any) -> Any:
    """Return an order of 2 to 15 June 2025 with something in it otherwise."""
    made = {
        "id": "vancomycin",
        "every": "12h",
        "start": date(2025, 6, 2),
        "stop": date(2025, 6, 15),
        "drugs": [DRUG | (drug or {})],
    }
    return parse_order({"therapy": [made | (therapy or {})], **more}, "order.toml")


def problems(order: Any) -> dict[str, str]:
    return {problem.field: problem.text for problem in order_problems(order, code_table())}


def visit(day: date) -> dict[str, list[dict[str, datetime]]]:
    begin = datetime(day.year, day.month, day.day, 14)
    return {"visit": [{"begin": begin, "end": begin.replace(hour=16)}]}


def stay(first: date, last: date) -> dict[str, list[dict[str, date]]]:
    return {"stay": [{"admitted": first, "discharged": last}]}


def hold(first: date, last: date) -> dict[str, list[dict[str, date]]]:
    return {"holds": [{"first": first, "last": last}]}


WATER = {"class": "hydration", "drugs": []}


@pytest.mark.parametrize(
    "order",
    [
        ordered(),
        ordered(drug={"dose": Decimal(1000)}),  # a kilogram, the most
        ordered(WATER | {"litres_per_day": Decimal(10)}),
        ordered(hold(date(2025, 6, 2), date(2025, 6, 15))),
        ordered(**stay(date(2025, 5, 20), date(2025, 6, 2))),  # discharged on the first day
        ordered(**visit(date(2025, 5, 2))),  # 31 days before 2 June
        ordered(**visit(date(2025, 7, 16))),  # 31 days after 15 June
        ordered({"start": date(2023, 6, 16)}),  # 16 June 2023 to 15 June 2025
    ],
)
def test_what_can_be_is_let_through(order: Any) -> None:
    assert problems(order) == {}


@pytest.mark.parametrize(
    ("order", "field", "says"),
    [
        (ordered(drug={"dose": Decimal("1000.1")}), "0.dose", "1,000.1 g is more than a dose holds: 1,000 g at most"),
        (ordered(drug={"dose": Decimal(10**21)}), "0.dose", "1,000 g at most"),
        (ordered(drug={"vials": (Decimal(10**21),)}), "0.dose", "more than a vial holds"),
        (ordered(WATER | {"litres_per_day": Decimal(18)}), "0.litres", "18 litres a day is more than anybody is given"),
        (ordered({"litres_per_day": Decimal("1.8")}), "0.litres", "Litres a day are for nutrition and hydration"),
        (ordered(hold(date(2024, 6, 5), date(2024, 6, 6))), "0.holds", "outside the therapy's days, 2025-06-02 to"),
        (ordered(hold(date(2025, 6, 5), date(2026, 6, 6))), "0.holds", "2025-06-05 to 2026-06-06 lies outside"),
        (ordered(**stay(date(2024, 6, 9), date(2024, 6, 12))), "stays", "2024-06-09 to 2024-06-12 lies outside"),
        (ordered(**stay(date(2025, 5, 20), date(2025, 6, 1))), "stays", "lies outside"),
        (ordered(**visit(date(2026, 6, 5))), "visits", "2026-06-05 lies outside the days of therapy"),
        (ordered(**visit(date(2025, 7, 17))), "visits", "by more than a month"),
        (ordered({"stop": date(2028, 6, 2)}), "0.stop", "1,097 days: three years at most"),  # 2028 has its 29 February
        (ordered({"start": date(202, 6, 2)}), "0.start", "The year is 202"),
        (ordered({"every": 999_999}), "0.every", "Once a year at least"),
        (ordered(costs={"J3370": Decimal(10**9)}), "", "a cost of 1,000,000,000 dollars a unit"),
    ],
)
def test_a_slip_is_told_with_its_field(order: Any, field: str, says: str) -> None:
    assert says in problems(order)[field]


def test_an_order_names_its_therapy_and_every_slip() -> None:
    order = ordered(hold(date(2024, 6, 5), date(2024, 6, 6)), {"dose": Decimal(2000)})
    with pytest.raises(InputError) as caught:
        check_order(order, code_table())
    assert str(caught.value) == (
        "order.toml: therapy 'vancomycin', holds: 2024-06-05 to 2024-06-06 lies outside the therapy's days, "
        "2025-06-02 to 2025-06-15. Also: therapy 'vancomycin', dose: 2,000 g is more than a dose holds: 1,000 g at "
        "most. Check the number and its unit."
    )
