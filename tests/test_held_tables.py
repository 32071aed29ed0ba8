"""What is at hand."""

from __future__ import annotations

from hitmodel.held_tables import contracts_table, references_table


def test_contracts_at_hand_have_payers_and_dates() -> None:
    rows = {row[0]: row[1:] for row in contracts_table().rows}
    assert rows["meridian"] == ("Meridian Health Plan", "Meridian Health Plan", "2025-01-01 onwards")


def test_published_tables_name_their_newest() -> None:
    table = references_table()
    assert [row[0] for row in table.rows] == ["HCPCS Level II", "Medicare payment limits"]
    assert "2026-07" in table.headline
