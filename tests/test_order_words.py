"""Therapy orders in a few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hitmodel.codes import code_table
from hitmodel.order_words import order_said
from hitmodel.ordered_table import ordered_table

pytestmark = pytest.mark.slow
FIRST, LAST = date(2025, 6, 2), date(2025, 6, 15)


def test_drug_dose_interval_litres_and_days_are_read() -> None:
    said = [
        "vancomycin 1.25 g every 12 hours",
        "tpn 1.8 litres a day for 2 weeks",
        "milrinone 10 mg continuous",
        "J0696 2 g q24",
    ]
    order = order_said(said, FIRST, LAST, code_table())
    first, second, third, fourth = order.therapy
    assert (first.drugs[0].family, first.drugs[0].dose, first.drugs[0].unit) == ("vancomycin", Decimal("1.25"), "g")
    assert (first.every, first.stop, fourth.every, fourth.drugs[0].code) == (12, LAST, 24, "J0696")
    assert (second.therapy_class, second.litres_per_day) == ("parenteral_nutrition", Decimal("1.8"))
    assert second.stop == LAST, "two weeks from 2 June, the first day counted"
    assert third.is_continuous


def test_what_was_ordered_stands_in_the_quote() -> None:
    said = ["vancomycin 1.25 g every 12 hours", "tpn 1 litre a day", "J0696 2 g every 48h"]
    rows = ordered_table(order_said(said, FIRST, LAST, code_table())).rows
    assert rows[0][:-1] == ("vancomycin", "vancomycin", "1.25 g", "every 12 hours", "2025-06-02", "2025-06-15")
    assert rows[1][:1] + rows[1][3:4] == ("tpn (Parenteral nutrition)", "1 litre a day")
    assert rows[2][3] == "every 2 days"
