"""When a payer uses which published drug price: lags, and days of the year on which it loads prices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from hitmodel.dates import Quarter
from hitmodel.drug_terms import DrugPrices


def limit_quarter(rule: DrugPrices, day: date) -> Quarter:
    """Return the quarter whose payment limits are used on ``day``."""
    if rule.quarter is not None:
        return rule.quarter
    return Quarter.of(_loaded(rule.refresh, day - timedelta(rule.lag_days))).shift(-rule.quarter_lag)


def limit_starts(rule: DrugPrices, held: Iterable[Quarter]) -> frozenset[date]:
    """Return the days on which another quarter of those held comes into use, or ceases to be used."""
    if rule.quarter is not None:
        return frozenset()
    quarters = {q.shift(rule.quarter_lag + n) for q in held for n in (0, 1)}
    if not rule.refresh:
        days = {quarter.span.first for quarter in quarters}
    else:
        days = {_in_year(text, year) for text in rule.refresh for year in _years(q.span.first for q in quarters)}
    return frozenset(day + timedelta(rule.lag_days) for day in days)


def ndc_day(rule: DrugPrices, day: date) -> date:
    """Return the day whose row of the NDC price table is used on ``day``."""
    return _loaded(rule.ndc_refresh, day - timedelta(rule.ndc_lag_days))


def ndc_starts(rule: DrugPrices, change_days: Iterable[date]) -> frozenset[date]:
    """Return the days on which another row of the NDC price table comes into use."""
    days = set(change_days)
    if rule.ndc_refresh:
        days = {_in_year(text, year) for text in rule.ndc_refresh for year in _years(days)}
    return frozenset(day + timedelta(rule.ndc_lag_days) for day in days)


def _loaded(refresh: tuple[str, ...], day: date) -> date:
    """Return the last of the days of ``refresh`` on or before ``day``; the day itself where prices are always fresh."""
    if not refresh:
        return day
    return max(d for text in refresh for d in (_in_year(text, day.year), _in_year(text, day.year - 1)) if d <= day)


def _in_year(text: str, year: int) -> date:
    return date(year, int(text[:2]), int(text[3:]))


def _years(days: Iterable[date]) -> range:
    """Return the years of ``days`` and one on either side."""
    found = [day.year for day in days]
    return range(min(found) - 1, max(found) + 2) if found else range(0)
