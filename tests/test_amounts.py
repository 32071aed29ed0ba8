"""Exact amounts: the fast path in whole numbers comes to the same cents as fractions worked one by one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from builders import PER_DIEM, header, outcome, priced
from hypothesis import given
from hypothesis import strategies as st

from hitmodel import amounts
from hitmodel.forms import Amount, Basis, Known, Sum
from hitmodel.mechanisms.base import LineKind
from hitmodel.money import to_cents
from hitmodel.resolve import Resolution
from hitmodel.status import Status

DAY = "2025-03-03 2025-03-03"
RERANK = '[concurrency]\nprimary_by = "highest_rate"\nmodifiers = "rerank"\nshares = [1, 0.50]\n'


@given(
    st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=5),
    st.lists(st.fractions(min_value=0, max_value=10**6), min_size=1, max_size=3),
    st.data(),
)
def test_whole_numbers_times_rates_are_rounded_as_fractions_are(
    quantities: list[int], rates: list[Fraction], data: st.DataObject
) -> None:
    index = [data.draw(st.integers(0, len(rates) - 1)) for _ in quantities]
    if any(abs(q * rates[i]) > 2**62 for q, i in zip(quantities, index, strict=True)):
        return
    found = amounts.times(np.array(quantities, dtype=np.int64), rates, np.array(index, dtype=np.int64))
    assert found.tolist() == [to_cents(rates[i] * q / 100) for q, i in zip(quantities, index, strict=True)]


def test_a_rate_with_a_huge_numerator_takes_the_slow_way() -> None:
    # 0.123456789012345678 cents each: the numerator alone is near 2**57, times 1,000,000 it is beyond 64 bits.
    rate = Fraction(123456789012345678, 10**18)
    assert amounts.times(np.array([1_000_000, -1_000_000]), [rate], np.array([0, 0])).tolist() == [123457, -123457]


def test_halves_are_rounded_away_from_zero() -> None:
    found = amounts.times(np.array([1, 3, -1, -3, 0]), [Fraction(1, 2)], np.zeros(5, dtype=np.int64))
    assert found.tolist() == [1, 2, -1, -2, 0]


@pytest.mark.parametrize(
    ("term", "lines", "cents"),
    [
        ('mechanism = "per_diem"\nrate = 95.00', [f"S9500 {DAY} 1 900.00"], [9500]),
        ('mechanism = "per_diem"\nrate = 95.005', [f"S9500 {DAY} 1 900.00"], [9501]),  # 95.005 → 95.01
        ('mechanism = "per_diem"\nrate = 33.333333', ["S9500 2025-03-01 2025-03-03 3 900.00"], [10000]),  # 99.999999
        ('mechanism = "per_diem"\nrate = 95.00', [f"S9500 {DAY} 0.5 900.00"], [4750]),
        ('mechanism = "percent_of_charge"\nshare = 0.333', [f"S9500 {DAY} 1 900.55"], [29988]),  # 299.88315
        (
            'mechanism = "fixed"\nper = "case"\nrate = 500.00',
            [f"S9500 {DAY} 1 9.00", f"S9500 {DAY} -1 -9.00"],
            [50000, -50000],
        ),
        ('mechanism = "percent_of_charge"\nshare = 0.5\nmost = 100.00', [f"S9500 {DAY} 1 900.00"], [10000]),  # of 450
        ('mechanism = "percent_of_charge"\nshare = 0.5\nmost = 100.00', [f"S9500 {DAY} 1 150.00"], [7500]),
    ],
)
def test_an_amount_worked_by_hand(tmp_path: Path, term: str, lines: list[str], cents: list[int]) -> None:
    made = priced(tmp_path, f'[[term]]\nid = "t"\ncodes = ["S9500"]\n{term}\n', *lines)
    assert made.allowed.tolist() == cents


def test_factors_and_shares_multiply_before_rounding(tmp_path: Path) -> None:
    # 95.00 × 0.85 × 0.75 × 3 days = 181.6875 → 181.69; rounded day by day it would be 60.56 × 3 = 181.68.
    text = header() + "[concurrency]\nshares = [1, 0.75]\n" + PER_DIEM
    text += '[[adjustment]]\nid = "suite"\nmodifiers = ["SS"]\nfactor = 0.85\n'
    line = "S9500-SS-SH 2025-03-01 2025-03-03 3 900.00"
    assert outcome(priced(tmp_path / "line", text, line)) == [("priced", 18169)]
    by_day = text.replace("[concurrency]", '[rounding]\nplace = "day"\n[concurrency]')
    assert outcome(priced(tmp_path / "day", by_day, line)) == [("priced", 18168)]


def test_days_of_a_cut_line_are_rounded_one_by_one_where_the_contract_says_so(tmp_path: Path) -> None:
    # 95.00 × 0.3335 = 31.6825 → 31.68 a day alone; on the two shared days × 0.5 = 15.84125 → 15.84.
    # Days 1 and 2 shared, 3 and 4 alone: 2 × 15.84 + 2 × 31.68 = 95.04; unrounded 95.0475 → 95.05.
    text = header() + '[rounding]\nplace = "day"\n' + RERANK + PER_DIEM
    text += '[[adjustment]]\nid = "third"\ncodes = ["S9500"]\nfactor = 0.3335\n'
    text += '[[term]]\nid = "h"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 80.00\n'
    lines = ("S9500 2025-03-01 2025-03-04 4 900.00", "S9374 2025-03-01 2025-03-02 2 900.00")
    assert priced(tmp_path / "day", text, *lines).allowed[0] == 9504
    by_line = text.replace('[rounding]\nplace = "day"\n', "")
    assert priced(tmp_path / "line", by_line, *lines).allowed[0] == 9505


def test_segments_are_added_before_they_are_rounded_unless_the_contract_rounds_them(tmp_path: Path) -> None:
    # One day at 10.004 and one at 10.004: together 20.008 → 20.01; each rounded 10.00 + 10.00 = 20.00.
    terms = "\n".join(
        f'[[term]]\nid = "{name}"\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = {rate}\n{dates}\n'
        for name, rate, dates in (
            ("before", "10.004", "effective_through = 2025-03-31"),
            ("after", "10.0041", "effective_from = 2025-04-01"),
        )
    )
    line = "S9500 2025-03-31 2025-04-01 2 900.00"
    assert outcome(priced(tmp_path / "line", terms, line)) == [("priced", 2001)]
    by_segment = header() + '[rounding]\nplace = "segment"\n' + terms
    assert outcome(priced(tmp_path / "segment", by_segment, line)) == [("priced", 2000)]


def test_a_cut_that_changes_nothing_changes_no_cent(tmp_path: Path) -> None:
    """A drug's price quarters cut every line of days; pieces that are paid alike are one again before rounding."""
    drug = '[[term]]\nid = "d"\nroles = ["drug"]\nmechanism = "drug"\n'
    drug += 'chain = [{ of = "payment_limit", multiplier = 1.06 }]\n'
    rounding = header() + '[rounding]\nplace = "segment"\n'
    per_diem = PER_DIEM.replace("95.00", "10.005")  # 4 × 10.005 = 40.02; apart 30.015 and 10.005 → 40.03
    line = "S9500 2025-03-29 2025-04-01 4 900.00"
    alone = priced(tmp_path / "alone", rounding + per_diem, line)
    beside = priced(tmp_path / "beside", rounding + per_diem + drug, line, f"J0696 {DAY} 1 90.00")
    assert alone.fitted.segments.count == 1
    assert beside.fitted.segments.line.tolist() == [0, 0, 1]
    assert alone.allowed[0] == beside.allowed[0] == 4002


def test_a_known_zero_is_zero_and_shares_repeat() -> None:
    kind = LineKind("S9500")
    shares = (Fraction(1), Fraction(1, 2))
    resolution = Resolution(kind, Amount(Fraction(95), Basis.DAY), shares=shares)
    assert [amounts.share_of(resolution, rank) for rank in (1, 2, 3, 9)] == [
        1,
        Fraction(1, 2),
        Fraction(1, 2),
        Fraction(1, 2),
    ]
    assert amounts.share_of(Resolution(kind, resolution.outcome), 2) == 1
    assert Resolution(kind, Known(Status.BUNDLED, "within")).needs == frozenset()
    both = Sum((Amount(Fraction(1), Basis.NDC_UNIT), Amount(Fraction(1), Basis.CHARGE)))
    assert Resolution(kind, both).needs == {"ndc_quantity", "charge"}


def test_the_steps_rebuild_the_amount(tmp_path: Path) -> None:
    """What `segment_piece` says of each piece adds up to the base amount of every line of a mixed claim."""
    text = (
        header() + '[concurrency]\nprimary_by = "highest_rate"\nmodifiers = "rerank"\nshares = [1, 0.50]\n' + PER_DIEM
    )
    text += '[[term]]\nid = "h"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 71.37\n'
    made = priced(
        tmp_path,
        text,
        "S9500 2025-03-01 2025-03-10 10 900.00",
        "S9374 2025-03-04 2025-03-12 9 900.00",
        "S9374 2025-03-04 2025-03-12 -9 -900.00",
    )
    segments = made.fitted.segments
    for line in range(3):
        mine = [n for n in range(segments.count) if segments.line[n] == line]
        whole = sum((p.value() for p, _ in amounts.line_pieces(made.rated, made.fitted, mine)), Fraction(0))
        assert to_cents(whole) == made.base[line]
