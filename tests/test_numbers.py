"""Every printed value has its place, and no difference is too small."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from report_standin import bridge, by_therapy, executed_notebook, front_page

from hitmodel.document import Document, read_document
from hitmodel.numbers import Difference, differences, values_of
from hitmodel.tables import Gap, Table


def document(table: Table) -> Document:
    return Document("Comparison", "internal", (table, bridge()), front_page())


def changed(row: int, column: int, value: object) -> Table:
    table = by_therapy()
    rows = [list(cells) for cells in table.rows]
    rows[row][column] = value  # type: ignore[call-overload]
    return replace(table, rows=tuple(tuple(cells) for cells in rows))


@pytest.mark.parametrize(
    ("table", "where", "was", "now"),
    [
        (changed(2, 2, 130_000_001), "row 3 (Anti-infective), Today", "1,300,000.00", "1,300,000.01"),
        (changed(0, 1, 13), "row 1 (Immune globulin), Patients", "12", "13"),
        (changed(0, 6, Gap.UNKNOWN), "row 1 (Immune globulin), Drug spread", "0.00", "unknown"),
        (replace(by_therapy(), notes=("Section 2.5",)), "note 1", by_therapy().notes[0], "Section 2.5"),
    ],
)
def test_one_changed_value_is_the_one_difference(table: Table, where: str, was: str, now: str) -> None:
    found = differences(values_of(document(by_therapy())), values_of(document(table)))
    assert found == (Difference("table by_therapy", where, was, now),)


def test_a_share_that_looks_the_same_is_shown_exact() -> None:
    almost = Fraction(-102, 3100) + Fraction(1, 10**20)
    (found,) = differences(values_of(document(by_therapy())), values_of(document(changed(0, 5, almost))))
    assert found.was == "-51/1550 of one"  # 299,800,000 − 310,000,000 = −10,200,000 of 310,000,000
    assert found.now.endswith("of one")


def test_charts_the_first_page_and_printed_text_are_values_too() -> None:
    values = values_of(read_document(executed_notebook(), "comparison", "internal"))
    parts = {value.part for value in values}
    assert {"first page", "chart bridge", "chart therapies", "table rates", "text 1"} <= parts
    assert [v.text for v in values if v.where == "6 Proposal"] == ["6,981,277.00"]
    assert any("7 days × 95.00 × 1 = 665.00" in value.text for value in values)
    assert len({(value.part, value.where) for value in values}) == len(values)
