"""Counts that run over lines: episodes, what an allowance leaves, which line takes its turn first."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import header, outcome, priced

VISITS = '[[term]]\nid = "v"\ncodes = ["99601", "99602"]\nmechanism = "nursing"\nfirst = 100.00\nfurther = 40.00\n'


def allowance(most: int, per: str, more: str = "") -> str:
    return f'[[allowance]]\nid = "most"\nlines = {{ roles = ["nursing"] }}\nmost = {most}\nper = "{per}"\n{more}\n'


def paid(folder: Path, rule: str, *lines: str) -> list[tuple[str, int | None]]:
    return outcome(priced(folder, header() + VISITS + rule, *lines))


def visit(day: str, more: str = "") -> str:
    return f"99601 2025-{day} 2025-{day} 1 300.00 {more}"


ZERO = ("not_covered", 0)
ONE = ("priced", 10000)


@pytest.mark.parametrize(
    ("rule", "days", "said"),
    [
        # 2 and 3 March 2025 are a Sunday and a Monday.
        (allowance(1, "day"), ["03-02", "03-03"], [ONE, ONE]),
        (allowance(1, "week"), ["03-01", "03-02", "03-03"], [ONE, ONE, ZERO]),  # weeks begin on Sunday
        (allowance(1, "week", 'week_starts = "monday"'), ["03-01", "03-02", "03-03"], [ONE, ZERO, ONE]),
        (allowance(2, "month"), ["03-02", "03-30", "03-31", "04-01"], [ONE, ONE, ZERO, ONE]),
        (allowance(1, "year"), ["03-02", "12-31"], [ONE, ZERO]),
        (allowance(1, "lifetime"), ["03-02", "12-31"], [ONE, ZERO]),
        # ten days that end on the line's own: the 2nd is within them up to the 11th
        (allowance(1, "window", "days = 10"), ["03-02", "03-11"], [ONE, ZERO]),
        (allowance(1, "window", "days = 10"), ["03-02", "03-12"], [ONE, ONE]),
        (allowance(0, "day"), ["03-02"], [ZERO]),
    ],
)
def test_what_lies_beyond_an_allowance_is_a_known_zero(
    tmp_path: Path, rule: str, days: list[str], said: list[tuple[str, int | None]]
) -> None:
    assert paid(tmp_path, rule, *map(visit, days)) == said


def test_part_of_a_line_is_paid(tmp_path: Path) -> None:
    # Five further hours of which three are left: 3 × 40.00.
    line = "99602 2025-03-03 2025-03-03 5 300.00"
    assert paid(tmp_path, allowance(3, "day"), line) == [("priced", 12000)]


def test_lines_take_their_turn_by_date_and_patients_apart(tmp_path: Path) -> None:
    lines = (visit("03-05"), visit("03-03"), visit("03-06", "patient=P2"))
    assert paid(tmp_path, allowance(1, "month"), *lines) == [ZERO, ONE, ONE]


def test_a_voided_line_uses_up_nothing(tmp_path: Path) -> None:
    lines = (visit("03-03"), "99601 2025-03-03 2025-03-03 -1 -300.00", visit("03-04"))
    assert paid(tmp_path, allowance(1, "month"), *lines) == [ONE, ("priced", -10000), ONE]


CASE = '[[term]]\nid = "c"\nroles = ["per_diem"]\nmechanism = "case_rate"\nrate = 1000.00\ndays = 10\nfurther = 50.00\n'
CASE += 'counted_in = "course"\n'


def course(folder: Path, gap: int, *lines: str, more: str = "") -> list[int | None]:
    rule = f'[[episode]]\nid = "course"\nlines = {{ roles = ["per_diem"] }}\ngap_days = {gap}\n{more}\n'
    return [cents for _, cents in outcome(priced(folder, header() + CASE + rule, *lines))]


def test_days_are_counted_through_an_episode(tmp_path: Path) -> None:
    # The case of 1,000 for ten days comes with the first line; days 8 to 10 are in it, 11 to 14 are 4 × 50.
    lines = ("S9500 2025-03-01 2025-03-07 7 9000.00", "S9500 2025-03-08 2025-03-14 7 9000.00")
    assert course(tmp_path, 5, *lines) == [100000, 20000]


@pytest.mark.parametrize(("begins", "cents"), [("2025-03-13 2025-03-13", 0), ("2025-03-14 2025-03-14", 100000)])
def test_a_longer_gap_begins_a_new_episode(tmp_path: Path, begins: str, cents: int) -> None:
    """The first line ends on the 7th: up to the 13th five days lie between, and six are more than five."""
    lines = ("S9500 2025-03-01 2025-03-07 7 9000.00", f"S9500 {begins} 1 9000.00")
    assert course(tmp_path, 5, *lines) == [100000, cents]


def test_episodes_are_counted_apart_by_class_code_or_patient(tmp_path: Path) -> None:
    lines = (
        "S9500 2025-03-01 2025-03-07 7 9000.00",
        "S9501 2025-03-08 2025-03-08 1 9000.00",  # the same class
        "S9374 2025-03-09 2025-03-09 1 9000.00",  # another
    )
    assert course(tmp_path / "class", 5, *lines) == [100000, 0, 100000]
    assert course(tmp_path / "code", 5, *lines, more='by = "code"') == [100000, 100000, 100000]
    assert course(tmp_path / "patient", 5, *lines, more='by = "patient"') == [100000, 0, 0]
