"""What people type into a cell, as exact values; what could be read another way says so."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hitmodel.intake import cells
from hitmodel.intake.cells import Unread


@pytest.mark.parametrize(
    ("text", "value", "sure"),
    [
        ("95", "95", True),
        ("$95", "95", True),
        ("$1,234.50", "1234.50", True),
        ("1,234,567.8", "1234567.8", True),
        ("(12.00)", "-12.00", True),
        ("$(12.00)", "-12.00", True),
        ("($12.00)", "-12.00", True),
        ("-$12.00", "-12.00", True),
        ("12.00-", "-12.00", True),
        ("95.00 USD", "95.00", True),
        (".5", "0.5", True),
        ("95,50", "95.50", False),
        ("1.234,50", "1234.50", False),
    ],
)
def test_money(text: str, value: str, sure: bool) -> None:
    read = cells.amount(text)
    assert (read.value, read.sure) == (Decimal(value), sure)


@pytest.mark.parametrize("text", ["", "TBD", "95 per day", "12,34,5", "1.2.3", "$", "#REF!", "1e5", "()", "--5"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(Unread):
        cells.amount(text)


@pytest.mark.parametrize(
    ("text", "value", "sure"),
    [
        ("85%", "0.85", True),
        ("85 %", "0.85", True),
        ("85 percent", "0.85", True),
        ("0.85", "0.85", True),
        ("1.04", "1.04", True),
        ("104%", "1.04", True),
        ("85", "0.85", False),
        ("2.5%", "0.025", True),
    ],
)
def test_shares(text: str, value: str, sure: bool) -> None:
    read = cells.share(text)
    assert (read.value, read.sure) == (Decimal(value), sure)


@pytest.mark.parametrize(
    ("text", "value", "sure"),
    [
        ("2026-01-31", date(2026, 1, 31), True),
        ("1/31/2026", date(2026, 1, 31), True),
        ("01/31/26", date(2026, 1, 31), True),
        ("31.01.2026", date(2026, 1, 31), True),
        ("3/4/2026", date(2026, 3, 4), False),
        ("20260131", date(2026, 1, 31), True),
        ("46053", date(2026, 1, 31), False),
        ("Jan 31, 2026", date(2026, 1, 31), True),
        ("31-Jan-26", date(2026, 1, 31), True),
        ("January 31 2026", date(2026, 1, 31), True),
        ("2026-01-31 00:00:00", date(2026, 1, 31), True),
        ("12/31/9999", None, True),
    ],
)
def test_days(text: str, value: date | None, sure: bool) -> None:
    """46053: Excel counts 2026-01-01 as 46023, and 30 days later is 31 January."""
    read = cells.day(text)
    assert (read.value, read.sure) == (value, sure)


def test_a_day_that_can_be_read_two_ways_is_not_sure() -> None:
    read = cells.day("3/4/2026", month_first=False)
    assert (read.value, read.sure) == (date(2026, 4, 3), False)
    read = cells.day("3/4/2026")
    assert (read.value, read.mended, read.sure) == (date(2026, 3, 4), "taken as 2026-03-04, month first", False)
    assert cells.day("3/4/2026", told=True).sure
    assert cells.day("4/4/2026").sure, "either way it is the fourth of April"
    read = cells.day("13/1/2027")
    assert (read.value, read.mended, read.sure) == (date(2027, 1, 13), "day before month: taken as 2027-01-13", True)


@pytest.mark.parametrize("text", ["", "2025-02-30", "13/13/2025", "soon", "12", "99999999"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unread):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("S9500", "S9500"), (" s9500 ", "S9500"), ("99601.0", "99601"), ("99601", "99601"), ("HCPCS S9500", "S9500"),
     ("S 9500", "S9500"), ("0450T", "0450T")],
)  # fmt: skip
def test_codes(text: str, value: str) -> None:
    assert cells.code(text).value == value


@pytest.mark.parametrize("text", ["", "9500", "Total", "S95000", "S9500-S9504"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Unread):
        cells.code(text)


@pytest.mark.parametrize(
    ("text", "value", "sure"),
    [
        ("00143-9856-25", "00143985625", True),
        ("0143-9856-25", "00143985625", True),
        ("00143-985-25", "00143098525", True),
        ("00143985625", "00143985625", True),
        ("143985625", "00143985625", False),
        ("2735101.0", None, False),
    ],
)
def test_ndcs(text: str, value: str | None, sure: bool) -> None:
    if value is None:
        with pytest.raises(Unread):
            cells.ndc(text)
    else:
        assert (cells.ndc(text).value, cells.ndc(text).sure) == (value, sure)


def test_an_ndc_cut_by_a_spreadsheet_is_refused_as_such() -> None:
    with pytest.raises(Unread, match="cut to a few digits"):
        cells.ndc("1.43986E+08")


@pytest.mark.parametrize(
    "text", ["March 9, 2025", "Mar 9 2025", "9 March 2025", "09-Mar-2025", "09-Mar-25", "Mar-09-2025", "Mar. 9th, 2025"]
)
def test_days_in_words(text: str) -> None:
    assert cells.day(text).value == date(2025, 3, 9)


def test_no_name_of_a_month_hangs_on_the_language_of_the_computer() -> None:
    """In a German locale strptime knows no March, and strftime writes März."""
    package = Path(cells.__file__).parents[1]
    named = re.compile(r"[{:\"' ,-]%[Bb]\b|%[Bb][ ,}-]")
    assert not [path.name for path in package.rglob("*.py") if named.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("text", ["Marx 9, 2025", "March 32, 2025", "Ma 9 2025", "March 2025"])
def test_what_is_no_day_in_words_is_refused(text: str) -> None:
    with pytest.raises(Unread):
        cells.day(text)
