"""What time makes of a rate: increases by an index, skipped years, phase-ins; and what such clauses may not say."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from builders import header, version

from hitmodel.dates import add_months
from hitmodel.errors import ContractError
from hitmodel.rate_rules import anniversaries, increases, rate_rules, reference_month, rule_starts
from hitmodel.terms import Escalator, Version

TERM = '[[term]]\nid = "daily"\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = 95.00\n'
BASKET = "month,value\n2024-09,100\n2025-09,106\n2026-09,107.06\n2027-09,110.2718\n"


def written(folder: Path, clause: str) -> Version:
    """A version with one term and a clause, and an index of its own beside it."""
    (folder / "example").mkdir(exist_ok=True)
    (folder / "example" / "basket.csv").write_text(BASKET, encoding="utf-8")
    return version(folder, header() + TERM + clause)


def by_index(**words: object) -> Escalator:
    return Escalator(**({"id": "e", "index": "CUUR0000SAM", "index_month": 9, "first": date(2026, 1, 1)} | words))


@pytest.mark.parametrize(
    ("month", "lag", "day", "expected"),
    [
        (9, None, date(2026, 1, 1), date(2025, 9, 1)),  # September 2025 is the last that has ended
        (9, None, date(2026, 10, 1), date(2026, 9, 1)),
        (10, None, date(2026, 10, 1), date(2025, 10, 1)),  # October has not ended on its first day
        (12, None, date(2026, 1, 1), date(2025, 12, 1)),
        (3, 1, date(2026, 7, 1), date(2025, 3, 1)),
        (3, 0, date(2026, 7, 1), date(2026, 3, 1)),
    ],
)
def test_the_reference_month(month: int, lag: int | None, day: date, expected: date) -> None:
    assert reference_month(by_index(index_month=month, index_lag_years=lag), day) == expected


def test_anniversaries_leave_skipped_years_out_and_end() -> None:
    rule = by_index(first=date(2026, 7, 1), last=date(2029, 6, 30), skip=(2027,))
    assert anniversaries(rule, date(2035, 1, 1)) == [date(2026, 7, 1), date(2028, 7, 1)]


def test_each_increase_says_how_it_came_about(tmp_path: Path) -> None:
    # 6 percent held to 4, 2 carried; 1 + 2 = 3 percent.
    clause = '[[escalator]]\nid = "e"\nindex = "basket"\nindex_month = 9\nfirst = 2026-01-01\n'
    made = written(tmp_path, f"{clause}cap = 0.04\ncarry_over = true\n")
    first, second = increases(made.escalator[0], date(2027, 1, 1), made.file)
    assert (first.change, second.change) == (Fraction(4, 100), Fraction(3, 100))
    assert dict(first.values) == {
        "basket, twelve months to September 2025": "6 %",
        "cap": "4 %",
        "change": "4 %",
        "carried on": "2 %",
    }
    assert dict(second.values)["carried over"] == "2 %"


def test_an_increase_of_each_year_is_a_rule_of_its_own(tmp_path: Path) -> None:
    clause = '[[escalator]]\nid = "e"\nindex = "basket"\nindex_month = 9\nfirst = 2026-01-01\n'
    made = written(tmp_path, clause)
    rules = rate_rules(made, date(2027, 6, 1))
    # 95 × 1.06 = 100.70; × 1.01 = 101.707
    assert [rule.apply(rate) for rule, rate in zip(rules, (Fraction(95), Fraction("100.70")), strict=True)] == [
        Fraction("100.70"),
        Fraction("101.71"),
    ]
    assert rate_rules(made, date(2025, 12, 31)) == ()


def test_a_phase_in_is_gone_once_it_is_done(tmp_path: Path) -> None:
    clause = '[[phase_in]]\nid = "p"\nfrom_rate = 80.00\nfirst = 2026-01-31\nsteps = 3\nterms = ["daily"]\n'
    made = written(tmp_path, f"{clause}every_months = 1\n")
    days = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert list(rule_starts(made, date(2030, 1, 1))) == days
    rates = [[r.apply(Fraction(95)) for r in rate_rules(made, day)] for day in (date(2026, 1, 30), *days)]
    assert rates == [[80], [85], [90], []]


def test_a_phase_in_speaks_of_one_field_only(tmp_path: Path) -> None:
    clause = '[[phase_in]]\nid = "p"\nfrom_factor = 1.10\nfirst = 2026-01-01\nsteps = 2\nfield = "first"\n'
    (rule,) = rate_rules(written(tmp_path, clause), date(2025, 6, 1))
    assert rule.speaks_of("first")
    assert not rule.speaks_of("rate")
    assert rule.apply(Fraction(100)) == 110


def test_add_months_keeps_to_the_end_of_a_month() -> None:
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        ('percent = 0.03\nindex = "basket"\nindex_month = 9', "say either percent = 0.03, or index"),
        ("", "say either percent = 0.03, or index"),
        ("percent = 3", "percent = 3 is not below 1. Expected a yearly change as a fraction: 3 percent is 0.03"),
        ("percent = 0.03\ncap = 0.04", "cap goes with index"),
        ('index = "basket"', "index needs index_month"),
        ('index = "basket"\nindex_month = 13', "index_month = 13 is above 12"),
        ('index = "basket"\nindex_month = 9\ncap = 0.02\nfloor = 0.03', "floor 0.03 lies above cap 0.02"),
        ('index = "basket"\nindex_month = 9\ncarry_over = true', "there is no cap"),
        ('index = "baskett"\nindex_month = 9', "Did you mean 'basket'?"),
        ('index = "basket"\nindex_month = 9\nmissing = "guess"', 'missing = "guess" is not known'),
    ],
)
def test_an_escalator_that_cannot_be_right_is_refused(tmp_path: Path, clause: str, says: str) -> None:
    with pytest.raises(ContractError) as raised:
        written(tmp_path, f'[[escalator]]\nid = "e"\nfirst = 2026-01-01\n{clause}\n')
    assert says in str(raised.value)
    assert "escalator 'e'" in str(raised.value)


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        ("steps = 3", "say either from_rate, in dollars, or from_factor"),
        ("steps = 3\nfrom_rate = 95.00", "name them in terms"),
        ('steps = 0\nfrom_rate = 95.00\nterms = ["daily"]', "steps = 0 is below 1"),
        ('steps = 3\nfrom_rate = 95.00\nterms = ["dayly"]', "Did you mean 'daily'?"),
    ],
)
def test_a_phase_in_that_cannot_be_right_is_refused(tmp_path: Path, clause: str, says: str) -> None:
    with pytest.raises(ContractError) as raised:
        written(tmp_path, f'[[phase_in]]\nid = "p"\nfirst = 2026-01-01\n{clause}\n')
    assert says in str(raised.value)
