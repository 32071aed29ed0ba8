"""Days of therapy: every reading, every convention, worked by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.dates import Span
from hitmodel.errors import InputError
from hitmodel.perdiem import (
    Answer,
    DayCount,
    DayRules,
    Days,
    Run,
    Stay,
    StayEdges,
    Therapy,
    Why,
    conventions,
    count_days,
    planned_doses,
)


def d(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def therapy(start: str, stop: str, every: int | None = 24, **more: object) -> Therapy:
    return Therapy(d(start), d(stop), every, **more)  # type: ignore[arg-type]


def each_day(days: Days) -> list[tuple[date, int, Why]]:
    """Return every day with its units and its reason."""
    return [(day, s.units, s.why) for s in days.stretches for day in s.span]


AUGUST = therapy("08-01", "08-20", stays=(Stay(d("08-08"), d("08-11")),))


def test_both_end_days_count() -> None:
    # 3 to 9 March: 9 − 3 + 1 = 7.
    assert count_days(therapy("03-03", "03-09")).total == 7
    assert count_days(therapy("03-03", "03-03")).total == 1


def test_q72h_is_inside_and_anything_longer_is_outside_without_a_number() -> None:
    assert count_days(therapy("06-01", "06-14", 72)).total == 14
    outside = count_days(therapy("06-01", "06-14", 73))
    assert outside.answer is Answer.OUTSIDE
    assert outside.total is None
    assert "needs its own rate" in outside.note
    assert outside.stretches == ()


def test_a_contract_may_lift_the_limit() -> None:
    # Weekly from 1 to 8 July under a reading by infusions: 1 and 8 July.
    rules = DayRules(count=DayCount.INFUSION, limit_hours=None)
    assert count_days(therapy("07-01", "07-08", 168), rules).total == 2


@pytest.mark.parametrize(
    ("edges", "total", "unpaid"),
    [
        # 1 to 20 August is 20 days; 9 and 10 are wholly in hospital, 8 and 11 its edges.
        (StayEdges.BOTH, 18, {"08-09": Why.INPATIENT, "08-10": Why.INPATIENT}),
        (StayEdges.NEITHER, 16, {"08-08": Why.ADMISSION_DAY, "08-11": Why.DISCHARGE_DAY}),
        (StayEdges.DISCHARGE, 17, {"08-08": Why.ADMISSION_DAY}),
        (StayEdges.ADMISSION, 17, {"08-11": Why.DISCHARGE_DAY}),
    ],
)
def test_hospital_edges(edges: StayEdges, total: int, unpaid: dict[str, Why]) -> None:
    days = count_days(AUGUST, DayRules(edges=edges))
    assert days.total == total
    reasons = {day: why for day, units, why in each_day(days) if not units}
    assert len(reasons) == 20 - total
    assert unpaid.items() <= {f"{day:%m-%d}": why for day, why in reasons.items()}.items()


def test_full_hospital_days_count_when_the_contract_says_so() -> None:
    assert count_days(AUGUST, DayRules(inpatient_days=True)).total == 20


def test_home_and_back_on_the_same_day_is_the_edge_of_two_stays() -> None:
    # 5–8 and 8–11: the 8th is discharge and admission. Only "both" pays it, since each stay must allow the day.
    twice = therapy("08-01", "08-20", stays=(Stay(d("08-05"), d("08-08")), Stay(d("08-08"), d("08-11"))))
    # both: 20 − (6, 7, 9, 10) = 16; discharge: also minus 5 and 8 = 14; neither: minus 5, 8, 11 = 13.
    totals = [count_days(twice, DayRules(edges=e)).total for e in ("both", "discharge", "neither")]  # type: ignore[arg-type]
    assert totals == [16, 14, 13]


def test_a_stay_without_a_night_costs_its_day_only_under_neither() -> None:
    day_case = therapy("08-01", "08-05", stays=(Stay(d("08-03"), d("08-03")),))
    assert [count_days(day_case, DayRules(edges=e)).total for e in StayEdges] == [5, 4, 5, 5]


def test_access_goes_on_through_a_hold_unless_the_contract_says_otherwise() -> None:
    held = therapy("03-01", "03-14", holds=(Span(d("03-05"), d("03-07")),))
    assert count_days(held).total == 14
    days = count_days(held, DayRules(hold_days=False))
    assert days.total == 11  # 14 − 3
    assert [(s.span.first, s.span.last, s.why) for s in days.unpaid] == [(d("03-05"), d("03-07"), Why.HOLD)]


def test_every_other_day_by_access_and_by_infusion() -> None:
    doses = tuple(d(f"06-{day:02}") for day in range(1, 14, 2))
    daptomycin = therapy("06-01", "06-14", 48, dose_dates=doses)
    assert count_days(daptomycin).total == 14
    by_infusion = count_days(daptomycin, DayRules(count=DayCount.INFUSION))
    assert by_infusion.total == 7  # 1, 3, 5, 7, 9, 11, 13
    assert not by_infusion.planned
    assert {s.why for s in by_infusion.unpaid} == {Why.NO_INFUSION}


def test_doses_are_planned_from_the_interval_when_none_are_recorded() -> None:
    days = count_days(therapy("06-01", "06-14", 48), DayRules(count=DayCount.INFUSION))
    assert (days.total, days.planned) == (7, True)
    # Hours 0, 36, 72, 108 from midnight of the 1st: 1st, 2nd at noon, 4th, 5th at noon.
    assert planned_doses(therapy("06-01", "06-05", 36)) == (d("06-01"), d("06-02"), d("06-04"), d("06-05"))


def test_no_dose_is_planned_on_hold_or_in_hospital() -> None:
    away = therapy("06-01", "06-10", holds=(Span(d("06-02"), d("06-03")),), stays=(Stay(d("06-05"), d("06-08")),))
    # 10 days less 2, 3 (hold) and 6, 7 (in hospital); the edges 5 and 8 keep theirs.
    assert [day.day for day in planned_doses(away)] == [1, 4, 5, 8, 9, 10]


def test_a_day_on_hold_says_so_rather_than_that_nothing_was_infused() -> None:
    held = therapy("06-01", "06-05", 24, holds=(Span(d("06-02"), d("06-03")),))
    days = count_days(held, DayRules(count=DayCount.INFUSION))
    assert [why for _, _, why in each_day(days)] == [Why.PAYABLE, Why.HOLD, Why.HOLD, Why.PAYABLE, Why.PAYABLE]


def test_infusion_or_nursing_adds_visit_days() -> None:
    # Doses 1, 3, 5, 7, 9, 11, 13 and visits 1 and 8: 7 + 1 = 8.
    visited = therapy("06-01", "06-14", 48, visit_dates=(d("06-01"), d("06-08")))
    days = count_days(visited, DayRules(count=DayCount.INFUSION_OR_NURSING))
    assert days.total == 8
    assert {s.why for s in days.unpaid} == {Why.NO_INFUSION_OR_VISIT}


def test_doses_count_one_by_one() -> None:
    # q12h over 7 days: 14 doses, two on each day.
    days = count_days(therapy("07-01", "07-07", 12), DayRules(count=DayCount.DOSES))
    assert (days.total, len(days.stretches), days.stretches[0].units) == (14, 1, 2)


@pytest.mark.parametrize(("hours", "units"), [(1, 1), (24, 1), (25, 1), (47, 1), (48, 2), (71, 2), (72, 3)])
def test_a_run_over_24_and_under_48_hours_is_one(hours: int, units: int) -> None:
    begin = datetime(2026, 5, 1, 8)
    run = Run(begin, begin.replace(day=1 + (8 + hours) // 24, hour=(8 + hours) % 24))
    days = count_days(therapy("05-01", "05-05", None, runs=(run,)), DayRules(count=DayCount.ELAPSED_24H))
    assert days.total == units


def test_the_rest_of_a_run_says_that_it_is_already_counted() -> None:
    run = Run(datetime(2026, 5, 1, 8), datetime(2026, 5, 2, 20))  # 36 hours
    days = count_days(therapy("05-01", "05-03", None, runs=(run,)), DayRules(count=DayCount.ELAPSED_24H))
    assert [why for _, _, why in each_day(days)] == [Why.PAYABLE, Why.WITHIN_24H, Why.NO_INFUSION]


@pytest.mark.parametrize("count", [DayCount.ELAPSED_24H, DayCount.DOSES])
def test_a_continuous_infusion_without_times_has_no_count(count: DayCount) -> None:
    days = count_days(therapy("05-01", "05-05", None), DayRules(count=count))
    assert (days.answer, days.total) == (Answer.NEEDS_EVIDENCE, None)
    assert "needs" in days.note


def test_a_continuous_infusion_infuses_every_day() -> None:
    days = count_days(therapy("05-01", "05-05", None), DayRules(count=DayCount.INFUSION))
    assert (days.total, days.planned) == (5, True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: therapy("05-05", "05-01"),
        lambda: therapy("05-01", "05-05", 0),
        lambda: Stay(d("05-05"), d("05-01")),
        lambda: Run(datetime(2026, 5, 1), datetime(2026, 5, 1)),
    ],
)
def test_what_ends_before_it_starts_is_refused(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]


def test_claim_lines_end_with_months_holds_and_stays() -> None:
    away = therapy("08-25", "10-03", holds=(Span(d("09-20"), d("09-21")),), stays=(Stay(d("09-08"), d("09-11")),))
    days = count_days(away, DayRules(hold_days=False, edges=StayEdges.DISCHARGE))
    # 25–31 August 7; 1–7 September 7; 11–19 September 9; 22–30 September 9; 1–3 October 3: 35 days.
    # From 40 days (25 August to 3 October) less 8, 9, 10 September and the two of the hold: 35.
    assert [(s.first, s.last, units) for s, units in days.lines()] == [
        (d("08-25"), d("08-31"), 7),
        (d("09-01"), d("09-07"), 7),
        (d("09-11"), d("09-19"), 9),
        (d("09-22"), d("09-30"), 9),
        (d("10-01"), d("10-03"), 3),
    ]
    assert days.total == 35


def test_a_line_of_infusion_days_runs_from_the_first_to_the_last_of_them() -> None:
    # Doses on 1, 4, 7, 10, 13 June: five units between the 1st and the 13th; cut at the 7th, two and three.
    days = count_days(therapy("06-01", "06-14", 72), DayRules(count=DayCount.INFUSION))
    assert days.lines() == ((Span(d("06-01"), d("06-13")), 5),)
    assert days.lines([d("06-07")]) == ((Span(d("06-01"), d("06-04")), 2), (Span(d("06-07"), d("06-13")), 3))


def test_conventions_are_named_only_where_they_decide() -> None:
    def used(one: Therapy, rules: DayRules | None = None) -> set[str]:
        rules = rules or DayRules()
        return set(conventions(one, count_days(one, rules), rules))

    assert used(therapy("08-01", "08-20")) == set()
    assert used(AUGUST) == {"inpatient_days", "edges"}
    assert used(therapy("08-01", "08-08", stays=AUGUST.stays)) == {"edges"}
    assert used(therapy("08-09", "08-10", stays=AUGUST.stays)) == {"inpatient_days"}
    assert used(therapy("08-12", "08-20", stays=AUGUST.stays)) == set()
    held = therapy("08-01", "08-20", holds=(Span(d("08-03"), d("08-03")),))
    assert used(held) == {"hold_days"}
    assert used(held, DayRules(count=DayCount.INFUSION)) == {"planned_doses"}


offsets = st.integers(0, 40)
pairs = st.tuples(offsets, offsets).map(sorted)
DAY0 = date(2026, 1, 20).toordinal()


@st.composite
def therapies(draw: st.DrawFn) -> Therapy:
    first, last = draw(pairs)
    return Therapy(
        date.fromordinal(DAY0 + first),
        date.fromordinal(DAY0 + last),
        draw(st.sampled_from([3, 8, 12, 24, 36, 48, 72])),
        tuple(
            Span(date.fromordinal(DAY0 + a), date.fromordinal(DAY0 + b)) for a, b in draw(st.lists(pairs, max_size=2))
        ),
        tuple(
            Stay(date.fromordinal(DAY0 + a), date.fromordinal(DAY0 + b)) for a, b in draw(st.lists(pairs, max_size=2))
        ),
        visit_dates=tuple(date.fromordinal(DAY0 + a) for a in draw(st.lists(offsets, max_size=3))),
    )


rules = st.builds(DayRules, st.sampled_from(DayCount), st.booleans(), st.booleans(), st.sampled_from(StayEdges))


@given(therapies(), rules)
def test_every_day_has_one_verdict_and_unpaid_days_a_reason(one: Therapy, how: DayRules) -> None:
    days = count_days(one, how)
    assert [day for day, _, _ in each_day(days)] == list(one.span)
    assert all((units > 0) == (why is Why.PAYABLE) for _, units, why in each_day(days))
    assert days.total == sum(units for _, units, _ in each_day(days)) == sum(units for _, units in days.lines())


@given(therapies(), rules)
def test_a_narrower_reading_never_pays_more_days(one: Therapy, how: DayRules) -> None:
    def total(count: DayCount, edges: StayEdges = how.edges) -> int:
        return count_days(one, DayRules(count, True, how.inpatient_days, edges)).total or 0

    assert total(DayCount.INFUSION) <= total(DayCount.INFUSION_OR_NURSING) <= total(DayCount.ACCESS)
    assert total(DayCount.ELAPSED_24H) <= total(DayCount.ACCESS)
    assert total(how.count, StayEdges.NEITHER) <= total(how.count) <= total(how.count, StayEdges.BOTH)
