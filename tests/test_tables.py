"""Tables keep exact values, say which kind of missing a value is, and show numbers in one format for each column."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup

from hitmodel.errors import HitmodelError
from hitmodel.table_views import FIGURE_SPACE, POINT_SPACE, column_texts, format_amount, to_html, to_text
from hitmodel.tables import Column, Gap, Kind, Table
from tests import report_standin as standin


def made(kind: Kind, *values: Any, signed: bool = False) -> Table:
    """A table of one column."""
    column = Column("value", "Value", kind, signed=signed)
    return Table("small", "It says so.", "What, unit, period.", (column,), tuple((value,) for value in values))


def texts(kind: Kind, *values: Any, signed: bool = False) -> list[str]:
    table = made(kind, *values, signed=signed)
    return column_texts(table.columns[0], list(table.column("value")), pad=" ")


@pytest.mark.parametrize(
    ("cents", "shown"),
    [(999_999, "9,999.99"), (1_000_000, "10,000"), (-1_000_050, "−10,001"), (0, "0.00"), (-5, "−0.05")],
)
def test_dollars_are_whole_from_ten_thousand_and_to_the_cent_below(cents: int, shown: str) -> None:
    assert texts("dollars", cents) == [shown]  # 10,000.50 rounds half away from zero, to 10,001


def test_a_column_has_one_format_set_by_its_largest_amount() -> None:
    assert texts("dollars", 1_000_000, 241_049) == ["10,000", "2,410"]
    assert texts("dollars", 999_999, 241_049) == ["9,999.99", "2,410.49"]


def test_what_would_round_to_nothing_keeps_its_cents_and_its_place_under_the_point() -> None:
    # 0.30 is not shown as 0; "10,000" is filled so that its last digit stands before the point of "0.30"
    assert texts("dollars", 1_000_000, 30) == ["10,000   ", "0.30"]


def test_differences_carry_their_sign_and_nothing_has_none() -> None:
    assert texts("dollars", 250, -250, 0, signed=True) == ["+2.50", "−2.50", "0.00"]
    assert texts("percent", Fraction(31, 1000), Fraction(-1, 3), signed=True) == ["+3.1\u00a0%", "−33.3\u00a0%"]


def test_rates_show_every_place_they_have_and_two_at_least_aligned_on_the_point() -> None:
    assert texts("rate", Decimal("95"), Decimal("2.351"), Decimal("1250.5")) == ["95.00 ", "2.351", "1,250.50 "]
    assert texts("rate", Decimal("95.000001")) == ["95.000001"]


def test_on_a_page_the_filling_is_as_wide_as_digits_and_a_point() -> None:
    column = Column("value", "Value", "shown")
    assert column_texts(column, ["7", "1.25"]) == [f"7{POINT_SPACE}{FIGURE_SPACE}{FIGURE_SPACE}", "1.25"]


def test_words_among_numbers_are_not_filled() -> None:
    assert texts("shown", "1.25", "bundled", "7") == ["1.25", "bundled", "7   "]


def test_each_gap_says_why_nothing_is_there() -> None:
    assert texts("dollars", 100, Gap.NONE, Gap.UNKNOWN, Gap.NOT_APPLICABLE) == ["1.00", "–", "unknown", ""]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("dollars", None),
        ("dollars", 1.5),
        ("dollars", Decimal("1.50")),
        ("dollars", True),
        ("count", "3"),
        ("rate", 95.0),
        ("percent", 0.031),
        ("code", 99601),
        ("text", None),
    ],
)
def test_a_cell_that_its_column_cannot_hold_is_refused(kind: Kind, value: Any) -> None:
    with pytest.raises(HitmodelError, match=r"table 'small', row 1: column 'value' cannot hold"):
        made(kind, value)


def test_whole_numbers_of_numpy_become_plain_ones() -> None:
    value = made("dollars", np.int64(12_345)).rows[0][0]
    assert type(value) is int
    assert value == 12_345


def test_a_row_of_another_length_and_a_bad_name_are_refused() -> None:
    with pytest.raises(HitmodelError, match="2 cells for 1 columns"):
        Table("small", "", "", (Column("a", "A"),), (("x", "y"),))
    with pytest.raises(HitmodelError, match="cannot name a table"):
        Table("../secret", "", "", (Column("a", "A"),), ())
    with pytest.raises(HitmodelError, match="cannot name a table"):
        Table("longer_than_a_sheet_name_can_be", "", "", (Column("a", "A"),), ())


def test_json_gives_back_the_same_table() -> None:
    for table in (standin.rates(), standin.by_therapy(), standin.drug_spread()):
        assert Table.from_json(json.loads(json.dumps(table.to_json()))) == table


def test_text_shows_twenty_rows_then_the_rest_is_in_the_workbook() -> None:
    lines = to_text(standin.rates()).splitlines()
    assert sum(line.startswith("S95") for line in lines) == 20
    assert "… 6 more rows in the workbook file, sheet rates." in lines


def test_text_is_what_it_was() -> None:
    assert to_text(standin.drug_spread()).splitlines() == [
        "Two drugs would be paid below cost.",
        "Allowed less acquisition cost, dollars, 2025 claims",
        "",
        "Code   Spread [$]",
        "-----  ----------",
        "J1561    −123,456",
        "J1569         +22",
    ]


def test_totals_stand_under_a_rule_and_notes_below() -> None:
    lines = to_text(standin.by_therapy()).splitlines()
    assert lines[-3].startswith("----")
    assert lines[-2].startswith("All therapies")
    assert lines[-1] == "(1) Section 2.4: a second therapy on the same day is paid at its share."


def test_html_marks_heads_caption_and_foot_and_escapes() -> None:
    table = Table("t", "A <b> finding", "x", (Column("a", "A & B"), Column("n", "N", "count")), (("<script>", 1),))
    page = BeautifulSoup(to_html(table), "html.parser")
    assert page.caption is not None
    assert page.caption.get_text() == "\nA <b> findingx"
    assert [head["scope"] for head in page.select("thead th")] == ["col", "col"]
    assert [head["scope"] for head in page.select("tbody th")] == ["row"]
    assert page.script is None
    foot = BeautifulSoup(to_html(standin.by_therapy()), "html.parser").tfoot
    assert foot is not None
    assert foot.get_text().startswith("All therapies")


def test_dollar_signs_stand_apart_so_that_jupyter_sets_no_formula() -> None:
    table = Table("t", "From $5 to $6", "", (Column("a", "A", unit="$"),), (("$1 or $2",),), notes=("$3",))
    assert "$" not in to_html(table).replace("<span>$</span>", "")


def test_more_than_seven_columns_are_wide() -> None:
    assert not standin.by_therapy().is_wide  # seven
    assert standin.rates().is_wide  # nine


def test_without_takes_columns_out_everywhere() -> None:
    table = standin.by_therapy().without(["spread"])
    assert "spread" not in [column.key for column in table.columns]
    assert {len(row) for row in (*table.rows, *table.totals)} == {6}


def test_amounts_in_a_sentence() -> None:
    assert format_amount(-9_766_900, whole=True, signed=True) == "−97,669"
