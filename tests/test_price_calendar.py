"""When a payer uses which published price: lags, and its own days of loading."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from pydantic import ValidationError

from hitmodel.dates import Quarter
from hitmodel.drug_terms import DrugPrices
from hitmodel.price_calendar import limit_quarter, limit_starts, ndc_day, ndc_starts

QUARTERLY = ("03-01", "06-01", "09-01", "12-01")
HELD = (Quarter(2025, 1), Quarter(2025, 2))


@pytest.mark.parametrize(
    ("rule", "day", "quarter"),
    [
        (DrugPrices(), date(2025, 3, 31), "2025Q1"),
        (DrugPrices(quarter_lag=1), date(2025, 3, 31), "2024Q4"),
        (DrugPrices(lag_days=31), date(2025, 4, 30), "2025Q1"),
        (DrugPrices(lag_days=30), date(2025, 5, 1), "2025Q2"),
        (DrugPrices(refresh=QUARTERLY), date(2025, 2, 28), "2024Q4"),  # loaded on 1 December
        (DrugPrices(refresh=QUARTERLY), date(2025, 3, 1), "2025Q1"),
        (DrugPrices(refresh=QUARTERLY, quarter_lag=-1), date(2025, 3, 1), "2025Q2"),
        (DrugPrices(refresh=QUARTERLY, lag_days=10), date(2025, 3, 10), "2024Q4"),
        (DrugPrices(quarter=Quarter(2024, 4), lag_days=90), date(2025, 3, 10), "2024Q4"),
    ],
)
def test_the_quarter_in_use(rule: DrugPrices, day: date, quarter: str) -> None:
    assert str(limit_quarter(rule, day)) == quarter


@pytest.mark.parametrize(
    "rule",
    [
        DrugPrices(),
        DrugPrices(quarter_lag=2),
        DrugPrices(lag_days=45),
        DrugPrices(refresh=QUARTERLY),
        DrugPrices(refresh=QUARTERLY, quarter_lag=-1),
        DrugPrices(refresh=("02-15", "08-15"), lag_days=20, quarter_lag=1),
    ],
)
def test_the_quarter_changes_on_no_other_day_than_those_named(rule: DrugPrices) -> None:
    starts = limit_starts(rule, HELD)
    days = [date.fromordinal(n) for n in range(date(2024, 6, 1).toordinal(), date(2026, 6, 1).toordinal())]
    used = {day: q if (q := limit_quarter(rule, day)) in HELD else None for day in days}
    changed = {day for before, day in pairwise(days) if used[before] != used[day]}
    assert changed
    assert changed <= starts


def test_ndc_prices_have_their_own_days() -> None:
    rule = DrugPrices(ndc_refresh=("01-01", "07-01"), ndc_lag_days=3, refresh=QUARTERLY)
    assert ndc_day(rule, date(2025, 7, 3)) == date(2025, 1, 1)
    assert ndc_day(rule, date(2025, 7, 4)) == date(2025, 7, 1)
    assert date(2025, 7, 4) in ndc_starts(rule, [date(2025, 3, 3)])
    assert ndc_day(DrugPrices(), date(2025, 7, 3)) == date(2025, 7, 3)
    assert ndc_starts(DrugPrices(ndc_lag_days=1), [date(2025, 3, 3)]) == {date(2025, 3, 4)}
    assert ndc_starts(rule, []) == frozenset()


@pytest.mark.parametrize("text", ["02-30", "13-01", "3-1", "02-29", "March 1"])
def test_a_refresh_day_must_be_a_day_of_every_year(text: str) -> None:
    with pytest.raises(ValidationError, match="is no day of every year"):
        DrugPrices(refresh=(text,))
