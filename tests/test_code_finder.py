"""Codes found by what a person types."""

from __future__ import annotations

from datetime import date

import pytest

from hitmodel.code_finder import Query, find_codes, of_other_days, read_query, respelled
from hitmodel.codes import code_table

DAY = date(2026, 7, 1)


def found(text: str, on: date = DAY) -> list[str]:
    return [hit.entry.code for hit in find_codes(text, on, code_table())]


@pytest.mark.parametrize(
    ("text", "words", "every"),
    [
        ("vancomycin every 12 hours", "vancomycin", 12),
        ("vancomycin q12h", "vancomycin", 12),
        ("q 8 h ceftriaxone", "ceftriaxone", 8),
        ("immune globulin every 4 weeks", "immune globulin", 672),
        ("daptomycin daily", "daptomycin", 24),
        ("2d", "", 48),
        ("vanco q12", "vanco", 12),
        ("vancomycin BID", "vancomycin", 12),
        ("cefazolin three times a day", "cefazolin", 8),
        ("S9500", "S9500", None),
        ("  home   nursing ", "home nursing", None),
    ],
)
def test_an_interval_is_read_out_of_what_is_typed(text: str, words: str, every: int | None) -> None:
    assert read_query(text) == Query(words, every)


def test_a_drug_and_its_interval_find_the_per_diem_first() -> None:
    assert found("vancomycin every 12 hours") == ["S9501", "J3373", "J3374", "J3375", "J3376"]


def test_the_day_decides_which_code_a_drug_has() -> None:
    """Vancomycin was J3370 through 30 June 2025 and is J3373 from 1 July (CMS, October 2025 release)."""
    assert "J3370" in found("vancomycin", date(2025, 6, 30))
    assert "J3370" not in found("vancomycin", date(2025, 7, 1))


def test_a_drug_alone_finds_the_per_diems_of_its_therapy_after_it() -> None:
    codes = found("vancomycin")
    assert codes[0] == "J3373"
    assert codes.index("S9500") > codes.index("J3376")


def test_beyond_every_interval_the_longest_is_named_as_such() -> None:
    first = find_codes("vancomycin q48h", DAY, code_table())[0]
    assert first.entry.code == "S9500"
    assert "48 hours has none of its own" in first.because


def test_between_intervals_the_general_code_is_found() -> None:
    assert found("vancomycin q5h")[0] == "S9494"


def test_an_interval_alone_finds_the_per_diems_that_have_it() -> None:
    assert found("q8h") == ["S9502"]


@pytest.mark.parametrize("text", ["", "   ", "xyzzy", "xyzzy every 12 hours"])
def test_nothing_is_found_for_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.slow
def test_a_misspelt_drug_is_taken_as_its_nearest() -> None:
    assert found("vancomicin q12h") == []
    assert respelled("vancomicin q12h", DAY, code_table()) == "vancomycin q12h"
    assert respelled("zzzzzz", DAY, code_table()) == ""
    assert respelled("vancomycin", DAY, code_table()) == "", "it is found as it is"


@pytest.mark.slow
def test_on_its_last_day_a_code_says_what_follows() -> None:
    """CMS ended J3370 on 30 June 2025; J3373 began on 1 July."""
    because = {h.entry.code: h.because for h in find_codes("vancomycin", date(2025, 6, 30), code_table())}
    assert because["J3370"] == "its last day; J3373 follows on 2025-07-01"
    before = find_codes("vancomycin", date(2025, 6, 29), code_table())
    assert not any("its last day" in hit.because for hit in before)


def test_the_code_that_is_meant_is_named_where_it_is_not_valid_on_the_day() -> None:
    """S9501 began on 1 January 2002 (CMS); in 1995 only the drug's own code is found."""
    codes = code_table()
    asked = "vancomycin every 12 hours"
    assert found(asked, date(1995, 6, 30)) == ["J3370"]
    assert of_other_days(asked, date(1995, 6, 30), codes) == "S9501 begins on 2002-01-01"
    assert of_other_days(asked, date(2025, 6, 30), codes) == ""
    assert of_other_days("xyzzy", date(2025, 6, 30), codes) == ""


def test_a_drug_that_begins_so_comes_before_one_that_holds_the_letters() -> None:
    on = date(2026, 7, 1)
    named = [entry.label.split(",")[0].lower() for entry in code_table().search("vanc", on)]
    assert named[0].startswith("vancomycin")
    assert named.index("dalbavancin") > named.index(named[0])
