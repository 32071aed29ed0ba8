"""Rates side by side: what changes, by how much, and single-case agreements for nobody else."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from small_book import NOW, OFFER, small_study, wide_lines

from hitmodel.rates_table import exhibit_table
from hitmodel.study import Study
from hitmodel.tables import Gap, Table


def row(table: Table, first: str) -> dict[str, Any]:
    """Return the cells of the row or total row that begins with ``first``."""
    found = next(r for r in (*table.rows, *table.totals) if r[0] == first)
    return dict(zip((c.key for c in table.columns), found, strict=True))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


def test_the_exhibit_marks_what_changes_and_by_how_much(made: Study) -> None:
    table = exhibit_table(made)
    changed = row(table, "● Per diem")
    assert (changed["side_0"], changed["side_1"], changed["difference_1"]) == ("100.00", "110.00", "+10.00")
    assert changed["percent_1"] == Fraction(1, 10)
    same = row(table, "Nursing (99601, 99602)")
    assert (same["difference_1"], same["percent_1"]) == (Gap.NONE, Gap.NONE)
    assert table.headline == "3 rates of 6 would change."
    # the second therapy's share, 50 → 40 %, is the third of the changed rows
    assert [str(r[0]).startswith("●") for r in table.rows] == [True, True, True, False, False, False]


AGREED = """
[[term]]
id = "agreed"
patients = ["P1"]
codes = ["S9502"]
mechanism = "per_diem"
rate = 81.23

[[term]]
id = "by_limit"
codes = ["J2543"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.08 }]
"""
CHANGED = """
[[term]]
id = "by_limit"
chain = [{ of = "payment_limit", multiplier = 1.045 }]
"""


@pytest.mark.slow
def test_multiples_change_by_points(tmp_path: Path) -> None:
    # 108 → 104.5 % are −3.5 points, −3.5 ÷ 108 = −3.2 %.
    cells = row(exhibit_table(small_study(tmp_path, now=NOW + AGREED, offer=OFFER + CHANGED)), "● By limit (J2543)")
    assert (cells["difference_1"], cells["percent_1"]) == ("−3.5 points", Fraction(-35, 1080))


def test_a_clause_that_becomes_another_kind_is_not_measured(tmp_path: Path) -> None:
    offer = OFFER + '\n[[term]]\nid = "nursing"\nmechanism = "percent_of_charge"\nshare = 0.5\n'
    table = exhibit_table(small_study(tmp_path, offer=offer))
    assert {r[3 + 1] for r in table.rows if "99601" in str(r[0])} == {"other terms"}


@pytest.mark.slow
def test_single_case_agreements_stay_inside(tmp_path: Path) -> None:
    inside = small_study(tmp_path, now=NOW + AGREED)
    assert "Agreed" in str(exhibit_table(inside))
    outside = small_study(tmp_path, *wide_lines(), now=NOW + AGREED, edition="external")
    assert "81.23" not in str(exhibit_table(outside))
