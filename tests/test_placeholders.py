"""Places that a draft leaves open: found wherever a number stands, and nothing else taken for one."""

from __future__ import annotations

from hitmodel.placeholders import STAND_IN, set_aside

TABLES = {
    "contract": {"payers": ["FILL payer"], "title": "A title with FILL in it"},
    "term": [
        {"id": "daily", "rate": "FILL daily_rate", "note": "FILL in later"},
        {"id": "drugs", "chain": [{"of": "wac", "multiplier": "FILL times_wac"}], "at_most": {"amount": "FILL most"}},
    ],
    "remove": ["x"],
}


def test_open_places_are_found_with_where_they_stand() -> None:
    _, found = set_aside(TABLES)
    assert [(p.place, p.name) for p in found] == [
        ("[contract], payers", "payer"),
        ("term 'daily', rate", "daily_rate"),
        ("term 'drugs', chain", "times_wac"),
        ("term 'drugs', at_most", "most"),
    ]


def test_numbers_are_stood_in_for_and_text_stays() -> None:
    made, _ = set_aside(TABLES)
    assert made["term"][0] == {"id": "daily", "rate": STAND_IN, "note": "FILL in later"}
    assert made["term"][1]["chain"] == [{"of": "wac", "multiplier": STAND_IN}]
    assert made["contract"] == TABLES["contract"]


def test_tables_without_open_places_are_as_they_were() -> None:
    tables = {"term": [{"id": "a", "rate": 95}], "lesser_of": {"level": "line"}}
    assert set_aside(tables) == (tables, ())
