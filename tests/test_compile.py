"""A contract worked out over time: periods, and what has become of rates by then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from builders import PER_DIEM, contract, header, outcome, priced, write

from hitmodel.compile import Compiled, compile_contract
from hitmodel.contracts import load_contract
from hitmodel.dates import Span
from hitmodel.references import default_references
from hitmodel.terms import Contract

YEAR = Span(date(2025, 1, 1), date(2025, 12, 31))


def compiled(made: Contract, days: Span = YEAR, prices: Span | None = None) -> Compiled:
    return compile_contract(made, default_references(), days, prices or days)


def starts(made: Compiled) -> list[str]:
    return [str(p.span.first) for p in made.periods]


# --- periods ---


def test_a_contract_in_which_nothing_changes_is_one_period(tmp_path: Path) -> None:
    made = compiled(contract(tmp_path))
    assert [p.span for p in made.periods] == [YEAR]
    assert [t.id for t in made.periods[0].terms] == ["antibiotic_per_diem"]
    assert made.price_starts == (YEAR.first,)


def test_a_new_version_begins_a_period_and_days_outside_have_none(tmp_path: Path) -> None:
    write(tmp_path / "c", header("2025-02-01", "2025-06-30") + PER_DIEM)
    write(
        tmp_path / "c",
        '[contract]\nextends = "2025.toml"\neffective_from = 2025-07-01\neffective_through = 2025-11-30\n'
        '[[term]]\nid = "antibiotic_per_diem"\nrate = 98.00\n',
        "2025b.toml",
    )
    made = compiled(load_contract(tmp_path / "c"))
    assert starts(made) == ["2025-01-01", "2025-02-01", "2025-07-01", "2025-12-01"]
    rates = [p.terms[0].rate if p.version else None for p in made.periods]
    assert rates == [None, Decimal("95.00"), Decimal("98.00"), None]


def test_a_term_with_dates_of_its_own_begins_and_ends_periods(tmp_path: Path) -> None:
    text = PER_DIEM + "effective_from = 2025-03-01\neffective_through = 2025-04-30\n"
    made = compiled(contract(tmp_path, text))
    assert starts(made) == ["2025-01-01", "2025-03-01", "2025-05-01"]
    assert [len(p.terms) for p in made.periods] == [0, 1, 0]


def test_dates_that_lie_outside_the_claims_cut_nothing(tmp_path: Path) -> None:
    text = PER_DIEM + "effective_from = 2024-03-01\neffective_through = 2026-04-30\n"
    assert starts(compiled(contract(tmp_path, text))) == ["2025-01-01"]


def test_a_schedule_row_with_dates_cuts_too(tmp_path: Path) -> None:
    text = header() + '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n'
    text += '[[term]]\nid = "t"\nroles = ["per_diem"]\nmechanism = "schedule"\nschedule = "rates"\n'
    write(tmp_path / "c", text)
    rows = "code,rate,from,through\nS9500,90.00,,2025-05-31\nS9500,91.00,2025-06-01,\n"
    (tmp_path / "c" / "rates.csv").write_text(rows)
    assert starts(compiled(load_contract(tmp_path / "c"))) == ["2025-01-01", "2025-06-01"]


def test_reference_prices_change_with_the_quarter_only_where_a_drug_is_priced_by_them(tmp_path: Path) -> None:
    text = PER_DIEM + '[[term]]\nid = "drugs"\nroles = ["drug"]\nmechanism = "drug"\n'
    text += 'chain = [{ of = "payment_limit", multiplier = 1.06 }]\n'
    quarters = compiled(contract(tmp_path, text)).price_starts
    assert quarters[0] == YEAR.first
    assert {date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)} <= set(quarters)
    fixed = Span(date(2025, 7, 1), date(2025, 7, 1))
    assert compiled(contract(tmp_path, text), prices=fixed).price_starts == (date(2025, 7, 1),)


# --- what becomes of a rate ---


def escalated(folder: Path, more: str, day: str, rate: str = "95.00") -> Fraction:
    """Return the rate of the antibiotic per diem on a day under a yearly 3 % from 2025-07-01."""
    text = PER_DIEM.replace("95.00", rate)
    text += f'[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2025-07-01\n{more}\n'
    made = contract(folder, text)
    on = date.fromisoformat(day)
    period = compiled(made, Span(on, on)).periods[0]
    result = Fraction(period.terms[0].rate)
    for rule in period.rules:
        result = rule.apply(result)
    return result


@pytest.mark.parametrize(
    ("more", "day", "rate"),
    [
        ("", "2025-06-30", "95.00"),
        ("", "2025-07-01", "97.85"),  # 95 × 1.03
        ("", "2026-06-30", "97.85"),
        ("", "2026-07-01", "100.79"),  # 97.85 × 1.03 = 100.7855
        ("", "2027-07-01", "103.81"),  # 100.79 × 1.03 = 103.8137
        ('rounding = "at_end"', "2027-07-01", "103.81"),  # 95 × 1.03³ = 103.809065
        ("compounding = false", "2026-07-01", "100.70"),  # 95 × 1.06
        ("last = 2025-12-31", "2027-07-01", "97.85"),  # no increase after the last day
        ("decimals = 0", "2025-07-01", "98"),
    ],
)
def test_a_yearly_increase(tmp_path: Path, more: str, day: str, rate: str) -> None:
    assert escalated(tmp_path, more, day) == Fraction(rate)


def test_rounding_each_year_and_at_the_end_can_part(tmp_path: Path) -> None:
    # Each year: 12.34 → 12.7102 ≈ 12.71 → 13.0913 ≈ 13.09 → 13.4827 ≈ 13.48 → 13.8844 ≈ 13.88.
    # At the end: 12.34 × 1.03⁴ = 12.34 × 1.12550881 = 13.88877… ≈ 13.89.
    assert escalated(tmp_path, "", "2028-07-01", "12.34") == Fraction("13.88")
    assert escalated(tmp_path, 'rounding = "at_end"', "2028-07-01", "12.34") == Fraction("13.89")


def test_an_increase_of_29_february_comes_on_the_28th_where_it_must(tmp_path: Path) -> None:
    text = PER_DIEM + '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2024-02-29\n'
    made = contract(tmp_path, header("2024-01-01") + text)
    days = Span(date(2024, 1, 1), date(2028, 12, 31))
    assert starts(compiled(made, days))[1:] == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_line_across_an_increase_is_paid_both_rates(tmp_path: Path) -> None:
    text = PER_DIEM + '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2025-07-01\n'
    made = priced(tmp_path, text, "S9500 2025-06-28 2025-07-04 7 9000.00")
    assert outcome(made) == [("priced", 67640)]  # 3 × 95.00 + 4 × 97.85 = 285.00 + 391.40


def test_a_rate_change_comes_before_an_increase_and_each_is_rounded(tmp_path: Path) -> None:
    # 95 × 1.037 = 98.515 ≈ 98.52; 98.52 × 1.03 = 101.4756 ≈ 101.48. The other way 97.85 × 1.037 = 101.47045 ≈ 101.47.
    text = PER_DIEM + '[[rate_change]]\nid = "offer"\nfactor = 1.037\n'
    text += '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2025-07-01\n'
    assert outcome(priced(tmp_path, text, "S9500 2025-07-01 2025-07-01 1 9000.00")) == [("priced", 10148)]


def test_the_structure_is_the_same_whatever_the_rates(tmp_path: Path) -> None:
    before = compiled(contract(tmp_path))
    after = compiled(contract(tmp_path, PER_DIEM.replace("95.00", "96.00")))
    assert before.structure == after.structure
    more = PER_DIEM + "effective_through = 2025-06-30\n"
    assert compiled(contract(tmp_path, more)).structure != before.structure
