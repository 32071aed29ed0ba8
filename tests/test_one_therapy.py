"""One therapy from dates to price, and its tables."""

from __future__ import annotations

from pathlib import Path

import builders
import pytest
from small_book import NOW

from hitmodel.errors import InputError
from hitmodel.one_therapy import OneTherapy, one_therapy
from hitmodel.perdiem import DayCount
from hitmodel.therapy_tables import days_table, prices_table


@pytest.fixture
def therapy() -> OneTherapy:
    return one_therapy("s9501", "2025-03-25", "2025-04-03", "190.00", "J0696", 8, "9.00")


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return builders.write(tmp_path / "now", builders.header(more='title = "A plan"') + NOW).parent


def test_days_are_counted_under_every_reading(therapy: OneTherapy) -> None:
    # 25 March to 3 April: 7 + 3 = 10 days of access; every 12 hours: 20 doses.
    assert therapy.days().total == 10
    assert therapy.days(DayCount.DOSES).total == 20
    table = days_table(therapy)
    assert table.headline == "10 per diem days from 25 March 2025 to 3 April 2025, both counted."
    assert dict(zip(table.column("reading"), table.column("days"), strict=True))["one for each dose"] == 20


def test_a_claim_line_ends_with_its_month(therapy: OneTherapy) -> None:
    # March: 7 days and 56 units; April: 3 days and 24 units. Charges 190 a day and 9 a unit.
    lines = therapy.claims("A payer").lines
    assert list(zip(lines["code"], lines["units_milli"] // 1000, lines["charge_cents"], strict=True)) == [
        ("S9501", 7, 1330_00),
        ("J0696", 56, 504_00),
        ("S9501", 3, 570_00),
        ("J0696", 24, 216_00),
    ]


def test_it_is_priced_as_a_claim_to_the_contracts_payer(therapy: OneTherapy, contract: Path) -> None:
    # 10 × 100 + 80 × 2 = 1,160.
    priced = therapy.under(contract)
    assert priced.total == 1160_00
    table = prices_table([priced])
    assert table.totals[0][-1] == 1160_00
    assert table.headline == "A plan pays $1,160.00."


def test_a_therapy_needs_no_drug(contract: Path) -> None:
    assert one_therapy("S9500", "2025-03-03", "2025-03-03", "190.00").under(contract).total == 100_00


@pytest.mark.parametrize(
    ("code", "start", "stop", "says"),
    [
        ("S9599", "2025-03-03", "2025-03-09", "nearest S9590"),
        ("J0696", "2025-03-03", "2025-03-09", "J0696 is no per diem"),
        ("S9500", "2025-03-09", "2025-03-03", "before it starts"),
        ("S9500", "2025-03-32", "2025-03-03", "is not a date"),
    ],
)
def test_what_cannot_be_used_is_refused(code: str, start: str, stop: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        one_therapy(code, start, stop, "190.00")
