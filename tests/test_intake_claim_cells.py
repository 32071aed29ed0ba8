"""Cells of claims extracts as people type them: what they are taken for, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hitmodel.intake import claim_cells as read
from hitmodel.intake.claim_cells import GUESSED, REPAIRED, WRONG, Cell, shown

MONEY, COMMA, UNITS = read.number(2, "."), read.number(2, ","), read.number(3, ".", unit_words=True)
COMMA_UNITS = read.number(3, ",", unit_words=True)
US, EUROPEAN, LAST = read.day(True), read.day(False), read.day(True, last=True)


def said(cell: Cell) -> list[tuple[str, str]]:
    return [(note.kind, note.standing) for note in cell.notes]


@pytest.mark.parametrize(
    ("reader", "text", "value", "notes"),
    [
        (MONEY, "1050.00", "1050.00", []),
        (MONEY, "$1,234.50", "1234.50", [("dollar_sign", REPAIRED), ("thousands_commas", REPAIRED)]),
        (MONEY, "(12.00)", "-12.00", [("negative_form", REPAIRED)]),
        (MONEY, "12.00-", "-12.00", [("negative_form", REPAIRED)]),
        (MONEY, "12.00 CR", "-12.00", [("negative_form", REPAIRED)]),
        (MONEY, "95,5", "95.50", [("decimal_comma", GUESSED)]),
        (MONEY, "0.30000000000000004", "0.30", [("computed_digits", REPAIRED)]),
        (MONEY, "10.125", "10.13", [("rounded", GUESSED)]),
        (MONEY, "-10.125", "-10.13", [("rounded", GUESSED)]),
        (MONEY, f"50.{'0' * 42}", "50.00", []),
        (MONEY, "N/A", None, [("word_for_nothing", REPAIRED)]),
        (MONEY, "", None, []),
        (MONEY, "85%", None, [("unreadable_number", WRONG)]),
        (MONEY, "1E5", None, [("unreadable_number", WRONG)]),
        (MONEY, "555123456", None, [("unreadable_number", WRONG)]),
        (COMMA, "1.050,00", "1050.00", []),
        (COMMA, "1.380", "1380.00", []),
        (COMMA, "1,400", "1.40", [("comma_or_thousands", GUESSED)]),
        (COMMA, "1380.00", None, [("unreadable_number", WRONG)]),
        (COMMA, "4.5", None, [("unreadable_number", WRONG)]),
        (COMMA_UNITS, "1.500", "1500.000", [("thousands_or_point", GUESSED)]),
        (UNITS, "7 EA", "7.000", [("unit_word", REPAIRED)]),
        (UNITS, "7", "7", []),
        (US, "2025-03-09", date(2025, 3, 9), []),
        (US, "3/9/2025", date(2025, 3, 9), [("date_form", REPAIRED)]),
        (US, "03/09/25", date(2025, 3, 9), [("two_digit_year", REPAIRED)]),
        (US, "19/01/2026", date(2026, 1, 19), [("other_order", GUESSED)]),
        (US, "01/19/2026", date(2026, 1, 19), [("date_form", REPAIRED)]),
        (EUROPEAN, "01/19/2026", date(2026, 1, 19), [("other_order", GUESSED)]),
        (US, "20250309", date(2025, 3, 9), [("date_form", REPAIRED)]),
        (US, "2025-03-09 00:00:00", date(2025, 3, 9), [("date_form", REPAIRED)]),
        (US, "2025-03-09T08:30:00", date(2025, 3, 9), [("date_form", REPAIRED)]),
        (US, "3/9/2025 8:30 AM", date(2025, 3, 9), [("date_form", REPAIRED)]),
        (US, "2025-03-09T23:30:00Z", date(2025, 3, 9), [("time_zone", GUESSED)]),
        (US, "09-Mar-2025", date(2025, 3, 9), [("date_form", REPAIRED)]),
        (US, "45725", date(2025, 3, 9), [("date_serial", GUESSED)]),  # 45725 days after 1899-12-30
        (EUROPEAN, "03/09/2025", date(2025, 9, 3), [("day_before_month", GUESSED)]),
        (US, "01/05/2026 - 01/18/2026", date(2026, 1, 5), [("date_span", REPAIRED)]),
        (LAST, "01/05/2026 - 01/18/2026", date(2026, 1, 18), [("date_span", REPAIRED)]),
        (LAST, "20260105-20260118", date(2026, 1, 18), [("date_span", REPAIRED)]),
        (US, "2025-02-30", None, [("unreadable_date", WRONG)]),
        (US, "12/31/9999", None, [("unreadable_date", WRONG)]),
        (read.code, "S9500", "S9500", []),
        (read.code, "99601.0", "99601", [("code_as_number", REPAIRED)]),
        (read.code, "s9500", "S9500", []),
        (read.code, "VANCOMYCIN", "", [("misshapen_code", WRONG)]),
        (read.code, "J33", "J33", [("misshapen_code", WRONG)]),
        (read.modifiers, "SH, SS", "SH SS", []),
        (read.modifiers, "SHSS", "SH SS", [("modifiers_together", REPAIRED)]),
        (read.modifiers, "SH SJ 59 25 76", "SH SJ 59 25", [("too_many_modifiers", WRONG)]),
        (read.modifiers, "59.0", "59", []),
        (read.ndc, "00338-0049-38", "00338004938", []),
        (read.ndc, "0338-0049-38", "00338004938", [("ndc_filled", REPAIRED)]),
        (read.ndc, "338004938", "00338004938", [("ndc_lost_zeros", GUESSED)]),
        (read.ndc, "0338004938", "00338004938", [("ndc_ten_digits", GUESSED)]),
        (read.ndc, "N400338004938", "00338004938", []),
        (read.ndc, "3.38005E+8", "", [("misshapen_ndc", WRONG)]),
        (read.ndc, "00000000000", "", []),
        (read.ndc_unit, "vial", "UN", [("ndc_unit_spelled", REPAIRED)]),
        (read.ndc_unit, "BOX", "", [("unknown_ndc_unit", WRONG)]),
        (read.place, "2", "02", [("place_lost_zero", REPAIRED)]),
        (read.place, "12 - Home", "12", [("place_words", REPAIRED)]),
        (read.place, "Home", "12", [("place_spelled", REPAIRED)]),
        (read.frequency, "7", "7", []),
        (read.frequency, "Original", "", []),
        (read.frequency, "9", "", [("unknown_frequency", GUESSED)]),
        (read.words, " Meridian  Health ", "Meridian Health", []),
    ],
)
def test_a_cell_is_taken_for(reader: Callable[[str], Cell], text: str, value: object, notes: object) -> None:
    cell = reader(text)
    assert cell.value == value
    assert said(cell) == notes


@pytest.mark.parametrize("text", ["S9500-SH", "S9500 SH", "S9500SH", "HC:S9500:SH"])
def test_modifiers_behind_a_code_are_parted_from_it(text: str) -> None:
    cell = read.code(text)
    assert (cell.value, cell.more, said(cell)) == ("S9500", "SH", [("modifier_in_code", REPAIRED)])


@pytest.mark.parametrize("text", ["$1,050.00", "(12.00)", "1234567.89", "S9500", "S9500-SH", "EA", "45717"])
def test_a_cell_that_can_be_nobodys_is_quoted(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize("text", ["3/9/25", "2025-02-30", "20250309", "01/05/2026 - 01/18/2026"])
def test_a_day_is_quoted_only_where_days_of_service_stand(text: str) -> None:
    assert shown(text, day=True) == text
    assert "9" in shown(text)
    assert text not in shown(text)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Smith, Jane", "AAAAA, AAAA"),
        ("123-45-6789", "999-99-9999"),
        ("XQW123456789", "AAA999999999"),
        ("123456789", "999999999"),
        ("12 Élm Street", "99 AAA AAAAAA"),
        ("JONES", "AAAAA"),
    ],
)
def test_a_cell_that_could_be_somebodys_shows_its_shape(text: str, shape: str) -> None:
    assert shown(text) == shape


def test_what_is_no_quantity_is_not_called_money() -> None:
    assert [read.number(places, ".")("SEVEN").notes[0].said for places in (2, 3)] == [
        "is not an amount of money",
        "is not a number",
    ]
