"""Days of a claim line counted again from records, held against a count that goes day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.dates import ONE_DAY, Span
from hitmodel.evidence import (
    DoseRecord,
    Evidence,
    HoldRecord,
    StayRecord,
    TherapyRecord,
    VisitRecord,
    recorded,
)
from hitmodel.evidence_terms import Days
from hitmodel.therapy_days import NO_THERAPY, Asked, LineDays, bounds, count_line, hold_days

START = date(2025, 6, 1)
LINE = Span(START, START + 13 * ONE_DAY)


def day(number: int) -> date:
    """Return the nth of June 2025, from 1."""
    return START + (number - 1) * ONE_DAY


def therapy(first: int = 1, last: int | None = 14, hours: int | None = 24, name: str = "T1") -> TherapyRecord:
    stop = None if last is None else day(last)
    return TherapyRecord("P1", name, "S9500", "", day(first), stop, hours, continuous=False)


def dose(number: int, therapy_id: str = "T1") -> DoseRecord:
    return DoseRecord("P1", therapy_id, "", datetime.combine(day(number), time(9)), None)


def count(evidence: Evidence, clause: Days, span: Span = LINE) -> LineDays:
    return count_line(evidence, Asked("P1", "S9500", "anti_infective", span), clause)


def test_a_therapy_is_found_by_code_or_by_class() -> None:
    by_class = TherapyRecord("P1", "T1", "", "anti_infective", day(1), day(14), 24, continuous=False)
    other = TherapyRecord("P1", "T1", "S9325", "", day(1), day(14), 24, continuous=False)
    assert count(Evidence(therapies=recorded([by_class])), Days(count="access")).units == 14
    found = count(Evidence(therapies=recorded([other])), Days(count="access"))
    assert found.lacking == "no therapy is on record for S9500 on these days"


def test_a_therapy_still_going_on_counts_to_the_end_of_the_line() -> None:
    assert count(Evidence(therapies=recorded([therapy(3, None)])), Days(count="access")).units == 12


def test_two_therapies_one_after_the_other_are_both_counted() -> None:
    found = count(Evidence(therapies=recorded([therapy(1, 5), therapy(8, 20, name="T2")])), Days(count="access"))
    assert [(r.span, r.units, r.why) for r in found.runs] == [
        (Span(day(1), day(5)), 1, ""),
        (Span(day(6), day(7)), 0, NO_THERAPY),
        (Span(day(8), day(14)), 1, ""),
    ]


def test_two_therapies_that_disagree_leave_the_line_in_doubt() -> None:
    evidence = Evidence(
        therapies=recorded([therapy(), therapy(name="T2")]), doses=recorded([dose(1), dose(2), dose(1, "T2")])
    )
    assert "the line could be either" in count(evidence, Days(count="infusion")).lacking
    assert count(evidence, Days(count="access")).units == 14, "both give every day, so it does not matter which"


LACKING = [
    (Evidence(), Days(count="access"), "no record of therapies"),
    (Evidence(doses=recorded([dose(1)])), Days(count="access"), "no record of therapies"),
    (Evidence(therapies=recorded([therapy()])), Days(count="infusion"), "doses of therapy T1 are not on record"),
    (Evidence(therapies=recorded([therapy(hours=None)])), Days(count="infusion"), "neither doses nor a dose interval"),
    (
        Evidence(therapies=recorded([therapy()]), doses=recorded([dose(1)])),
        Days(count="infusion_or_nursing"),
        "no record of visits",
    ),
    (Evidence(therapies=recorded([therapy()])), Days(count="access", stay_edges="both"), "no record of stays"),
    (Evidence(therapies=recorded([therapy()])), Days(count="access", holds_pay=False), "no record of holds"),
    (Evidence(therapies=recorded([therapy(hours=168)])), Days(count="access"), "every 168 hours is outside"),
    (Evidence(therapies=recorded([therapy()], ["P1"])), Days(count="access"), "cannot be read"),
    (
        Evidence(therapies=recorded([therapy()]), stays=recorded([], ["P1"])),
        Days(count="access"),
        "a row of stays.csv about this patient cannot be read",
    ),
]


@pytest.mark.parametrize(("evidence", "clause", "text"), LACKING)
def test_what_is_missing_is_named(evidence: Evidence, clause: Days, text: str) -> None:
    found = count(evidence, clause)
    assert text in found.lacking
    assert found.runs == ()


def test_a_longer_interval_is_counted_where_the_contract_allows_it() -> None:
    evidence = Evidence(therapies=recorded([therapy(hours=168)]), doses=recorded([dose(1), dose(8)]))
    assert count(evidence, Days(count="infusion", limit_hours=168)).units == 2


def test_a_continuous_run_without_hours_cannot_be_divided_by_24() -> None:
    record = TherapyRecord("P1", "T1", "S9500", "", day(1), day(14), None, continuous=True)
    evidence = Evidence(therapies=recorded([record]), doses=recorded([dose(1)]))
    assert "needs the hours of each run" in count(evidence, Days(count="elapsed_24h")).lacking


@pytest.mark.parametrize(
    ("clause", "days", "hours", "expected"),
    [
        (Days(count="access"), 14, None, (0, 14)),
        (Days(count="infusion"), 14, None, (5, 14)),  # 336 hours ÷ 72 = 4.67
        (Days(count="infusion"), 15, None, (5, 15)),  # 360 ÷ 72 = 5
        (Days(count="infusion", limit_hours=168), 14, None, (2, 14)),
        (Days(count="doses"), 14, 8, (5, 42)),  # three doses a day
        (Days(count="doses"), 14, None, None),
    ],
)
def test_bounds_of_a_line(clause: Days, days: int, hours: int | None, expected: tuple[int, int] | None) -> None:
    assert bounds(clause, days, hours) == expected


def test_a_hold_that_is_too_long_gives_no_day() -> None:
    holds = [HoldRecord("P1", "", Span(day(1), day(3))), HoldRecord("P1", "", Span(day(5), day(14)))]
    evidence = Evidence(holds=recorded(holds))
    assert hold_days(evidence, "P1", 9) == {day(1), day(2), day(3)}
    assert len(hold_days(evidence, "P1", None)) == 13


numbers = st.integers(1, 14)
records = st.tuples(
    st.lists(numbers, min_size=1, max_size=9),
    st.lists(st.tuples(numbers, numbers).map(sorted), max_size=2),
    st.lists(st.tuples(numbers, numbers).map(sorted), max_size=2),
    st.lists(numbers, max_size=4),
    st.tuples(numbers, numbers).map(sorted),
)
clauses = st.builds(
    Days,
    count=st.sampled_from(["access", "infusion", "infusion_or_nursing", "doses"]),
    stay_edges=st.sampled_from(["both", "neither", "discharge", "admission"]),
    inpatient_pays=st.booleans(),
    holds_pay=st.booleans(),
)


def by_hand(
    clause: Days, given: Counter[int], held: set[int], away: set[int], visits: set[int], active: set[int]
) -> int:
    """Count day by day, from the words of the clause alone."""
    total = 0
    for number in range(1, 15):
        if number not in active or number in away:
            continue
        if clause.count == "access":
            total += clause.holds_pay or number not in held
        elif clause.count == "doses":
            total += given[number]
        else:
            total += given[number] > 0 or (clause.count == "infusion_or_nursing" and number in visits)
    return total


def unpaid_in_hospital(clause: Days, first: int, last: int) -> set[int]:
    """Return the days of a stay that are not paid. A stay without a night is unpaid only where neither edge is paid."""
    if clause.inpatient_pays:
        return set()
    if first == last:
        return {first} if clause.stay_edges == "neither" else set()
    paid = {"both": {first, last}, "neither": set(), "discharge": {last}, "admission": {first}}
    return set(range(first, last + 1)) - paid[str(clause.stay_edges)]


@given(records, clauses)
def test_the_count_agrees_with_going_day_by_day(
    found: tuple[list[int], list[list[int]], list[list[int]], list[int], list[int]], clause: Days
) -> None:
    doses, holds, stays, visits, (first, last) = found
    evidence = Evidence(
        therapies=recorded([therapy(first, last)]),
        doses=recorded([dose(n) for n in doses]),
        holds=recorded([HoldRecord("P1", "T1", Span(day(a), day(b))) for a, b in holds]),
        stays=recorded([StayRecord("P1", day(a), day(b)) for a, b in stays]),
        visits=recorded([VisitRecord("P1", datetime.combine(day(n), time(9)), 60) for n in visits]),
    )
    made = count(evidence, clause)
    away = {n for a, b in stays for n in unpaid_in_hospital(clause, a, b)}
    held = {n for a, b in holds for n in range(a, b + 1)}
    active = set(range(first, last + 1))
    assert made.units == by_hand(clause, Counter(doses), held, away, set(visits), active)
    assert [d for run in made.runs for d in run.span] == list(LINE), "every day of the line once, in order"
    assert all((run.units == 0) == bool(run.why) for run in made.runs)


@given(records, clauses, st.integers(2, 14))
def test_a_line_billed_in_two_counts_for_the_same(
    found: tuple[list[int], list[list[int]], list[list[int]], list[int], list[int]], clause: Days, cut: int
) -> None:
    doses, holds, stays, visits, _ = found
    evidence = Evidence(
        therapies=recorded([therapy()]),
        doses=recorded([dose(n) for n in doses]),
        holds=recorded([HoldRecord("P1", "", Span(day(a), day(b))) for a, b in holds]),
        stays=recorded([StayRecord("P1", day(a), day(b)) for a, b in stays]),
        visits=recorded([VisitRecord("P1", datetime.combine(day(n), time(9)), 60) for n in visits]),
    )
    parts = (Span(day(1), day(cut - 1)), Span(day(cut), day(14)))
    assert sum(count(evidence, clause, part).units for part in parts) == count(evidence, clause).units
