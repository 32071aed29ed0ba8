"""One order under every reading of a day and every primary rule, and its days one by one."""

from __future__ import annotations

from datetime import date

import pytest

from hitmodel.calendar_chart import calendar_chart
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError
from hitmodel.order_on_page import order_on_page
from hitmodel.ordered_table import ordered_table
from hitmodel.orders import Order, parse_order
from hitmodel.perdiem import DayCount
from hitmodel.quote_grid import ReadAs, day_marks, read_every_way
from hitmodel.quotes import Basis, Side
from hitmodel.quoting import quote
from hitmodel.ranks import PrimaryBy
from hitmodel.reading_tables import readings_table
from hitmodel.tables import Gap


def order() -> Order:
    """Vancomycin every 12 hours for ten days, nutrition on the last six of them; a stay of three days."""
    start, stop = date(2025, 3, 3), date(2025, 3, 12)
    return parse_order(
        {
            "patient": "P1",
            "therapy": [
                {"id": "vancomycin", "class": "anti_infective", "every": "48h", "start": start, "stop": stop},
                {
                    "id": "tpn", "class": "parenteral_nutrition", "litres_per_day": 2,
                    "start": date(2025, 3, 7), "stop": stop,
                },
            ],
            "stay": [{"admitted": date(2025, 3, 9), "discharged": date(2025, 3, 11)}],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def side() -> Side:
    return quote(order(), ["meridian"]).sides[0]


@pytest.fixture(scope="module")
def read(side: Side) -> dict[tuple[DayCount, PrimaryBy], ReadAs]:
    found = read_every_way(order(), side.contract, Basis(), side.rules)
    return {(way.count, way.primary_by): way for way in found}


@pytest.mark.slow
def test_days_that_are_billed_on_hold_or_in_hospital_are_marked() -> None:
    """Meridian bills held days, 5 and 6 March, and both edges of a stay, 9 and 11; 10 March is not billed."""
    held = order().model_dump(by_alias=True, exclude_unset=True)
    held["therapy"][0]["holds"] = [{"first": date(2025, 3, 5), "last": date(2025, 3, 6)}]
    made = parse_order(held)
    marks = day_marks(quote(made, ["meridian"]).sides[0], made)
    away = {m.day.day: m.away for m in marks if m.therapy == "vancomycin" and m.away}
    assert away == {5: "on hold", 6: "on hold", 9: "hospital stay", 11: "hospital stay"}
    chart = calendar_chart(marks, "Meridian")
    assert ("vancomycin, first therapy of the day, on hold", "2025-03-05 to 2025-03-06") in chart.values
    [row, _] = ordered_table(made).rows
    assert row[-1] == "2025-03-05 to 2025-03-06"
    assert ordered_table(made).notes == ("In hospital: 2025-03-09 to 2025-03-11.",)


def test_each_reading_by_hand(read: dict[tuple[DayCount, PrimaryBy], ReadAs]) -> None:
    """Meridian pays 95.00 a day for anti-infectives and 225.00 for nutrition, 75 % of the second of a day.

    Access: 10 days less 10 March in hospital, so 9 of vancomycin and 5 of nutrition (7, 8, 9, 11, 12). Nutrition first:
    5 × 225.00 + 4 × 95.00 + 5 × 71.25 = 1,861.25. Vancomycin first, as it started first: 9 × 95.00 + 5 × 168.75 =
    1,698.75. Days with an infusion, every 48 hours from 3 March: 3, 5, 7, 9, 11; nutrition on its 5:
    5 × 225.00 + 2 × 95.00 + 3 × 71.25 = 1,528.75.
    """
    assert read[DayCount.ACCESS, PrimaryBy.HIGHEST_RATE].side.allowed() == 186125
    assert read[DayCount.ACCESS, PrimaryBy.FIRST_STARTED].side.allowed() == 169875
    assert read[DayCount.INFUSION, PrimaryBy.HIGHEST_RATE].side.allowed() == 152875


def test_the_contracts_own_reading_is_the_quote(read: dict[tuple[DayCount, PrimaryBy], ReadAs], side: Side) -> None:
    own = [way for way in read.values() if way.is_contracts_own]
    assert [(way.count, way.primary_by) for way in own] == [(DayCount.ACCESS, PrimaryBy.HIGHEST_RATE)]
    assert own[0].side.allowed() == side.allowed()


@pytest.mark.slow
def test_a_contract_that_ranks_itself_is_read_by_the_rule_too() -> None:
    """Lakeshore ranks by rate whatever the claim says; under another rule the order pays otherwise."""
    contract = load_contract("lakeshore")
    own = quote(order(), [contract]).sides[0].rules
    paid = {way.primary_by: way.side.allowed() for way in read_every_way(order(), contract, Basis(), own)[:3]}
    assert paid[PrimaryBy.FIRST_STARTED] < paid[PrimaryBy.HIGHEST_RATE]


def test_the_table_marks_the_contracts_own_row(read: dict[tuple[DayCount, PrimaryBy], ReadAs]) -> None:
    table = readings_table(tuple(read.values()), "Meridian")
    assert table.rows[0][:3] == ("every day from start to stop *", 14, 186125)
    assert len(table.rows) == len(DayCount)
    assert all(isinstance(cell, int | Gap) for row in table.rows for cell in row[1:])
    assert ("hours of infusion ÷ 24: hours not given", *[Gap.NONE] * 4) in table.rows


def test_every_day_has_its_mark(side: Side) -> None:
    marks = {(m.therapy, m.day.day): m for m in day_marks(side, order())}
    assert len(marks) == 16
    assert marks["vancomycin", 3].rank == 1
    assert (marks["vancomycin", 7].rank, marks["tpn", 7].rank) == (2, 1)
    assert (marks["tpn", 10].rank, marks["tpn", 10].why) == (None, "inpatient")


def test_the_calendar_says_in_words_what_it_draws(side: Side) -> None:
    marks = day_marks(side, order())
    chart = calendar_chart(marks, "Meridian")
    assert chart.headline == "9 days with a per diem, 14 therapy days in all; 2 therapy days not billed."
    assert ("vancomycin, first therapy of the day", "2025-03-03 to 2025-03-06") in chart.values
    assert ("tpn, not billed, inpatient", "2025-03-10") in chart.values
    assert "tpn, not billed, inpatient 2025-03-10" in chart.alt
    assert calendar_chart((), "Meridian").headline == "0 days with a per diem, 0 therapy days in all."


@pytest.mark.slow
def test_an_order_on_a_page() -> None:
    page = order_on_page("data/samples/orders/nutrition_cycled.toml", "meridian")
    assert page.calendar.values == (("nutrition, first therapy of the day", "2025-09-01 to 2025-09-26"),)
    assert [table.name for table in page.tables][:2] == ["expected", "lines_meridian"]
    assert page.readings.name == "readings"
    with pytest.raises(ContractError, match="there is no contract"):
        order_on_page("data/samples/orders/nutrition_cycled.toml", "meridan")
