"""An order as a notebook shows it without a browser: its calendar, its lines and price, and every other reading."""

from __future__ import annotations

from dataclasses import dataclass

from hitmodel import paths
from hitmodel.calendar_chart import calendar_chart
from hitmodel.charges import read_charges
from hitmodel.pictures import Chart
from hitmodel.quote_grid import day_marks, read_every_way
from hitmodel.quote_tables import assumptions_table, expected_table, lines_table, not_billed_table
from hitmodel.quotes import Basis
from hitmodel.quoting import quote
from hitmodel.reading_tables import readings_table
from hitmodel.tables import Table


@dataclass(frozen=True)
class OrderOnPage:
    """What is shown of one order under one contract."""

    calendar: Chart
    tables: tuple[Table, ...]
    readings: Table


def order_on_page(order: str, contract: str, charges: str = "") -> OrderOnPage:
    """Return an order file worked out under a contract. Raises as `hitmodel.quoting.quote` and `read_charges`."""
    basis = Basis(charges=read_charges(paths.located(charges)) if charges else None)
    made = quote(paths.located(order), [contract], basis)
    side = made.sides[0]
    tables = (expected_table(made), lines_table(side), not_billed_table(side), assumptions_table(side))
    return OrderOnPage(
        calendar=calendar_chart(day_marks(side, made.order), side.title),
        tables=tuple(table for table in tables if table.rows),
        readings=readings_table(read_every_way(made.order, side.contract, basis, side.rules), side.title),
    )
