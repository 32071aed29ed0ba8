"""Where lines are cut: the contract's own dates, lines within others, overlapping therapies. Both ends count."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import PER_DIEM, claims, header, outcome, priced, write

from hitmodel.contracts import load_contract
from hitmodel.prepare import to_day
from hitmodel.pricing import Priced, price

CATHETER = """
[[term]]
id = "catheter"
roles = ["catheter_care"]
mechanism = "per_diem"
rate = 18.00
"""
BUNDLE = """
[[bundle]]
id = "within"
lines = { roles = ["catheter_care"] }
into = { roles = ["per_diem"] }
"""
DRUG = """
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.06 }]
"""


def pieces(made: Priced, line: int = 0) -> list[str]:
    """Return the pieces of a line as first and last day, without their year."""
    s = made.fitted.segments
    mine = [n for n in range(s.count) if s.line[n] == line]
    return [f"{to_day(s.first[n]):%m-%d}..{to_day(s.last[n]):%m-%d}" for n in mine]


def two_rates(change: str) -> str:
    """Return a contract whose rate is 95.00 before ``change`` and 96.00 from then on."""
    text = PER_DIEM.replace('"antibiotic_per_diem"', '"before"') + "effective_through = {last}\n"
    after = PER_DIEM.replace('"antibiotic_per_diem"', '"after"').replace("95.00", "96.00")
    return text.replace("{last}", change.split()[0]) + after + f"effective_from = {change.split()[1]}\n"


# --- the contract's own dates ---


@pytest.mark.parametrize(
    ("span", "units", "parts", "cents"),
    [
        ("2025-05-30 2025-05-31", 2, ["05-30..05-31"], 19000),  # ends the day before the new rate
        ("2025-05-31 2025-06-01", 2, ["05-31..05-31", "06-01..06-01"], 19100),  # 95 + 96
        ("2025-06-01 2025-06-02", 2, ["06-01..06-02"], 19200),  # begins with it
        ("2025-06-01 2025-06-01", 1, ["06-01..06-01"], 9600),
        ("2025-05-25 2025-06-07", 14, ["05-25..05-31", "06-01..06-07"], 133700),  # 7 × 95 + 7 × 96
    ],
)
def test_a_line_is_cut_where_the_rate_changes(
    tmp_path: Path, span: str, units: int, parts: list[str], cents: int
) -> None:
    made = priced(tmp_path, two_rates("2025-05-31 2025-06-01"), f"S9500 {span} {units} 9000.00")
    assert pieces(made) == parts
    assert outcome(made) == [("priced", cents)]


def test_a_month_or_a_quarter_cuts_nothing_by_itself(tmp_path: Path) -> None:
    made = priced(tmp_path, PER_DIEM, "S9500 2025-03-25 2025-04-07 14 9000.00")
    assert pieces(made) == ["03-25..04-07"]


def test_a_line_that_is_not_counted_by_days_is_never_cut(tmp_path: Path) -> None:
    """Its units cannot be shared out by day: the first day's terms and prices hold."""
    made = priced(tmp_path, DRUG, "J0696 2025-03-30 2025-04-02 10 900.00")
    assert pieces(made) == ["03-30..04-02"]
    first = priced(tmp_path / "first", DRUG, "J0696 2025-03-30 2025-03-30 10 900.00")
    assert outcome(made) == outcome(first)


def test_units_that_are_not_days_are_in_doubt_only_where_the_days_are_paid_differently(tmp_path: Path) -> None:
    text = two_rates("2025-05-31 2025-06-01")
    made = priced(
        tmp_path,
        text,
        "S9500 2025-05-30 2025-06-02 3 9000.00",  # which three of the four days?
        "S9500 2025-05-01 2025-05-04 3 9000.00 patient=P2",  # all at 95.00: 3 × 95
    )
    assert outcome(made) == [("needs_review", None), ("priced", 28500)]
    assert made.reason_texts[0] == "units disagree with days, and what a day is paid changes within the span"


# --- within another line ---


@pytest.mark.parametrize(
    ("per_diem", "parts", "cents"),
    [
        ("2025-03-04 2025-03-05 2", ["03-01..03-03", "03-04..03-05", "03-06..03-10"], 14400),  # 8 × 18
        ("2025-02-20 2025-03-01 10", ["03-01..03-01", "03-02..03-10"], 16200),  # 9 × 18
        ("2025-03-10 2025-03-12 3", ["03-01..03-09", "03-10..03-10"], 16200),
        ("2025-03-11 2025-03-12 2", ["03-01..03-10"], 18000),  # no day in common
    ],
)
def test_days_within_a_per_diem_are_paid_by_it(tmp_path: Path, per_diem: str, parts: list[str], cents: int) -> None:
    made = priced(
        tmp_path,
        header("2025-01-01") + PER_DIEM + CATHETER + BUNDLE,
        "S5498 2025-03-01 2025-03-10 10 900.00",
        f"S9500 {per_diem} 9000.00",
    )
    assert pieces(made) == parts
    assert outcome(made)[0] == ("priced", cents)


def test_all_days_within_is_a_known_zero(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        PER_DIEM + CATHETER + BUNDLE,
        "S5498 2025-03-01 2025-03-10 10 900.00",
        "S9500 2025-03-01 2025-03-05 5 9000.00",
        "S9501 2025-03-04 2025-03-10 7 9000.00",  # the two together cover every day
        "S5498 2025-03-01 2025-03-10 10 900.00 patient=P2",  # another patient's per diem covers nothing
    )
    assert [outcome(made)[n] for n in (0, 3)] == [("bundled", 0), ("priced", 18000)]


def test_a_bundle_of_one_version_does_not_reach_into_another(tmp_path: Path) -> None:
    write(tmp_path / "c", header("2025-01-01", "2025-03-31") + PER_DIEM + CATHETER)
    write(tmp_path / "c", '[contract]\nextends = "2025.toml"\neffective_from = 2025-04-01\n' + BUNDLE, "2025b.toml")
    read = claims(tmp_path, "S5498 2025-03-30 2025-04-02 4 900.00", "S9500 2025-03-30 2025-04-02 4 9000.00")
    made = price(read, load_contract(tmp_path / "c"))
    assert pieces(made) == ["03-30..03-31", "04-01..04-02"]
    assert outcome(made)[0] == ("priced", 3600)  # two days in March at 18.00


# --- overlapping therapies ---

RERANK = """
[concurrency]
primary_by = "highest_rate"
modifiers = "rerank"
shares = [1, 0.50]
"""
SECOND = (
    PER_DIEM.replace('"antibiotic_per_diem"', '"hydration"')
    .replace('["S9500", "S9501", "S9502"]', '["S9374"]')
    .replace("95.00", "75.00")
)


@pytest.mark.parametrize(
    ("other", "first", "second", "cents"),
    [
        # S9500 at 95.00 on 1 to 10 March is primary throughout; S9374 at 75.00 is halved on the days they share.
        ("2025-03-05 2025-03-14 10", ["03-01..03-04", "03-05..03-10"], ["03-05..03-10", "03-11..03-14"], 52500),
        ("2025-03-10 2025-03-12 3", ["03-01..03-09", "03-10..03-10"], ["03-10..03-10", "03-11..03-12"], 18750),
        ("2025-03-01 2025-03-10 10", ["03-01..03-10"], ["03-01..03-10"], 37500),
        ("2025-03-11 2025-03-12 2", ["03-01..03-10"], ["03-11..03-12"], 15000),
    ],
)
def test_therapies_are_cut_where_the_other_starts_and_stops(
    tmp_path: Path, other: str, first: list[str], second: list[str], cents: int
) -> None:
    made = priced(
        tmp_path,
        header() + RERANK + PER_DIEM + SECOND,
        "S9500 2025-03-01 2025-03-10 10 9000.00",
        f"S9374 {other} 9000.00",
    )
    assert (pieces(made, 0), pieces(made, 1)) == (first, second)
    assert outcome(made) == [("priced", 95000), ("priced", cents)]


def test_trusted_modifiers_need_no_cut(tmp_path: Path) -> None:
    text = header() + "[concurrency]\nshares = [1, 0.50]\n" + PER_DIEM + SECOND
    lines = ("S9500 2025-03-01 2025-03-10 10 9000.00", "S9374-SH 2025-03-05 2025-03-14 10 9000.00")
    made = priced(tmp_path, text, *lines)
    assert (pieces(made, 0), pieces(made, 1)) == (["03-01..03-10"], ["03-05..03-14"])
    assert outcome(made)[1] == ("priced", 37500)  # all ten days by halves, as submitted
