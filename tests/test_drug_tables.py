"""Drugs: cost and spread inside the house, revenue alone for others; an unknown cost is a word."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_book import small_study, wide_study

from hitmodel.drug_tables import drug_revenue_table, drug_table
from hitmodel.study import Study
from hitmodel.tables import Gap, Table


def row(table: Table, first: str) -> dict[str, Any]:
    """Return the cells of the row or total row that begins with ``first``."""
    found = next(r for r in (*table.rows, *table.totals) if r[0] == first)
    return dict(zip((c.key for c in table.columns), found, strict=True))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def outward(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return wide_study(tmp_path_factory.mktemp("wide"), "external")


def test_drugs_show_cost_spread_and_what_is_not_known(made: Study) -> None:
    table = drug_table(made)
    below, unknown = row(table, "J0878"), row(table, "J0690")
    assert (below["units"], below["cost"], below["spread_0"], below["spread_1"]) == (100, 250_00, -50_00, -100_00)
    assert below["drug"].endswith("† *")
    assert unknown["cost"] is unknown["spread_1"] is Gap.UNKNOWN
    assert unknown["without_cost"] == 1
    total = row(table, "All")
    assert (total["today"], total["cost"], total["spread_0"], total["spread_1"]) == (372_00, 310_00, 2_00, -76_00)
    assert table.headline == "Drug spread 2.00 today, −76.00 under Offer. 1 drug is paid below cost on every side."
    assert table.audience == "internal"


def test_drugs_for_others_hold_no_cost_and_no_spread(outward: Study) -> None:
    table = drug_revenue_table(outward)
    assert {c.key for c in table.columns} == {
        *("code", "drug", "units", "today", "proposal_1", "difference_1", "percent_1")
    }
    assert table.totals[0][0] is Gap.NOT_APPLICABLE
    assert str(table.totals[0][1]).startswith("Others, ")
    today = [r[3] for r in (*table.rows, table.totals[0])]
    assert sum(today) == table.totals[-1][3]  # type: ignore[arg-type]


def test_units_that_are_not_whole_are_shown_as_they_are(tmp_path: Path) -> None:
    table = drug_table(small_study(tmp_path, "J0696 2025-03-03 2025-03-03 2.5 40.00"))
    assert table.rows[0][2] == Decimal("2.5")


def test_drugs_without_any_cost_have_no_spread(tmp_path: Path) -> None:
    table = drug_table(small_study(tmp_path, "J0696 2025-03-03 2025-03-03 2 40.00"))
    assert list(table.rows[0][4:7]) == [Gap.UNKNOWN] * 3


def test_inside_every_drug_stands_alone(outward: Study) -> None:
    assert {r[0] for r in drug_table(outward).rows} == {"J0696", "J7120", "J0895"}
