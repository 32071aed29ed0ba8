"""Days of therapy: which count, and why the others do not.

One *per diem* is one day on which the patient has access to a prescribed therapy, from the day it starts to the day
it is permanently stopped, for dose intervals up to and including every 72 hours (NHIA's public definition; Oregon
Admin. R. 410-148-0100 says the same). Both end days count. Contracts read "a day" differently, so the reading and
the conventions beside it are arguments (`DayRules`), and a day that does not count keeps its reason.

Everything here is a pure function of frozen records. Work goes from change point to change point, never day by day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from hitmodel.dates import ONE_DAY, Span
from hitmodel.errors import InputError
from hitmodel.spans import cut, cut_at_months, join

LONGEST_INTERVAL = 72
"""Longest dose interval [hours] that the published definition of a per diem covers, itself included."""


class DayCount(StrEnum):
    """What makes a day payable."""

    ACCESS = "access"
    """Every day from start to permanent stop (NHIA's definition; Alaska)."""
    INFUSION = "infusion"
    """Days with an infusion (Blue Cross Blue Shield of North Dakota)."""
    INFUSION_OR_NURSING = "infusion_or_nursing"
    """Days with an infusion or a nursing visit (Blue Cross and Blue Shield of Texas)."""
    ELAPSED_24H = "elapsed_24h"
    """Hours of infusion ÷ 24: a run over 24 and under 48 hours is one (Blue Cross NC)."""
    DOSES = "doses"
    """One for each dose, as scheduled (Montana allows per day or per dose)."""


class StayEdges(StrEnum):
    """Which edge days of a hospital stay are payable. No published standard says; contracts differ."""

    BOTH = "both"
    NEITHER = "neither"
    DISCHARGE = "discharge"
    ADMISSION = "admission"


class Why(StrEnum):
    """Why a day does, or does not, count."""

    PAYABLE = "payable"
    INPATIENT = "inpatient"
    ADMISSION_DAY = "admission day"
    DISCHARGE_DAY = "discharge day"
    HOLD = "on hold"
    NO_INFUSION = "no infusion that day"
    NO_INFUSION_OR_VISIT = "no infusion or nursing visit that day"
    WITHIN_24H = "within 24 hours already counted"


_AWAY = (Why.INPATIENT, Why.ADMISSION_DAY, Why.DISCHARGE_DAY, Why.HOLD)


class Answer(StrEnum):
    """Whether a count of days could be given."""

    COUNTED = "counted"
    OUTSIDE = "outside"
    """The dose interval is longer than the per diem covers: the therapy needs its own rate."""
    NEEDS_EVIDENCE = "needs_evidence"
    """The reading asks for something that is not recorded."""


@dataclass(frozen=True, order=True)
class Stay:
    """A hospital stay from the day of admission to the day of discharge."""

    admitted: date
    discharged: date

    def __post_init__(self) -> None:
        if self.discharged < self.admitted:
            raise InputError(f"the stay ends on {self.discharged}, before it starts on {self.admitted}")

    def unpaid_reason(self, day: date, edges: StayEdges) -> Why | None:
        """Return why ``day`` is not payable under ``edges``, or None when this stay does not forbid it.

        A stay without a night has one day that is both edges; it is payable unless ``edges`` is ``neither``.
        """
        if not self.admitted <= day <= self.discharged:
            return None
        if self.admitted == self.discharged:
            return Why.ADMISSION_DAY if edges is StayEdges.NEITHER else None
        if day == self.admitted:
            return None if edges in (StayEdges.BOTH, StayEdges.ADMISSION) else Why.ADMISSION_DAY
        if day == self.discharged:
            return None if edges in (StayEdges.BOTH, StayEdges.DISCHARGE) else Why.DISCHARGE_DAY
        return Why.INPATIENT

    def holds_whole(self, day: date) -> bool:
        """Say whether the patient spends the whole of ``day`` in hospital."""
        return self.admitted < day < self.discharged


@dataclass(frozen=True, order=True)
class Run:
    """One uninterrupted infusion, from ``begin`` to ``end``."""

    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.begin:
            raise InputError(f"the infusion ends at {self.end}, not after it begins at {self.begin}")

    @property
    def counted(self) -> int:
        """Days this run counts for [days]: completed 24-hour periods, at least one."""
        return max(1, (self.end - self.begin) // (24 * (ONE_DAY / 24)))


@dataclass(frozen=True)
class Therapy:
    """One therapy as it was ordered and given; what the readings of a day need to know.

    Parameters
    ----------
    start, stop : date
        First day and day of permanent stop, both counted.
    interval_hours : int or None
        Hours between doses [hours]; None for a continuous infusion.
    holds : tuple of Span
        Temporary holds. A hold is not a stop.
    stays : tuple of Stay
        Hospital stays.
    dose_dates : tuple of date, or None
        A date for each dose given, repeated when there were several; None when not recorded, and then doses are
        planned from ``interval_hours``. Dates outside start to stop play no part.
    visit_dates : tuple of date
        Days with a nursing visit.
    runs : tuple of Run, or None
        Begin and end of each infusion; None when not recorded.
    """

    start: date
    stop: date
    interval_hours: int | None
    holds: tuple[Span, ...] = ()
    stays: tuple[Stay, ...] = ()
    dose_dates: tuple[date, ...] | None = None
    visit_dates: tuple[date, ...] = ()
    runs: tuple[Run, ...] | None = None

    def __post_init__(self) -> None:
        if self.stop < self.start:
            raise InputError(f"the therapy stops on {self.stop}, before it starts on {self.start}")
        if self.interval_hours is not None and self.interval_hours <= 0:
            raise InputError(f"the dose interval is {self.interval_hours} hours", expected="more than zero")

    @property
    def span(self) -> Span:
        """Start to stop, both counted."""
        return Span(self.start, self.stop)


@dataclass(frozen=True)
class DayRules:
    """How a contract counts days.

    Parameters
    ----------
    count : DayCount
        The reading of "a day". Default ``access``, the published definition.
    hold_days : bool
        Whether days of a temporary hold count under ``access``. Default True: the definition ends a therapy only at
        its *permanent* stop, and a hold is not one. That is a deduction from the definition; payers may refuse.
    inpatient_days : bool
        Whether full days in hospital count. Default False, an industry habit: no published rule was found, and a
        provider may argue from the definition for True.
    edges : StayEdges
        Which of admission and discharge day are payable. Default ``both``, an industry habit.
    limit_hours : int or None
        Longest dose interval that is priced by the day [hours]; None for no limit. Default 72, the definition's.
    """

    count: DayCount = DayCount.ACCESS
    hold_days: bool = True
    inpatient_days: bool = False
    edges: StayEdges = StayEdges.BOTH
    limit_hours: int | None = LONGEST_INTERVAL


@dataclass(frozen=True)
class Stretch:
    """Days in a row that count alike: ``units`` on each day (0 when not payable), and why."""

    span: Span
    units: int
    why: Why

    @property
    def total(self) -> int:
        """Units over the whole stretch."""
        return self.units * self.span.days


@dataclass(frozen=True)
class Days:
    """The days of one therapy under one set of rules.

    ``stretches`` cover start to stop without gap or overlap when the answer is ``counted``, else there are none.
    ``note`` says in words why there is no count. ``planned`` says that dose dates were worked out from the interval
    because none were recorded.
    """

    answer: Answer
    stretches: tuple[Stretch, ...] = ()
    note: str = ""
    planned: bool = False

    @property
    def total(self) -> int | None:
        """Payable units; None, never zero, when there is no count."""
        return sum(s.total for s in self.stretches) if self.answer is Answer.COUNTED else None

    @property
    def payable(self) -> tuple[Stretch, ...]:
        """Only the stretches that count."""
        return tuple(s for s in self.stretches if s.units)

    @property
    def unpaid(self) -> tuple[Stretch, ...]:
        """Only the stretches that do not count, each with its reason."""
        return tuple(s for s in self.stretches if not s.units)

    @property
    def at_home(self) -> tuple[Span, ...]:
        """Runs of days that neither a hospital day nor a hold, where those do not count, interrupts."""
        return tuple(span for span, _ in join((s.span, None) for s in self.stretches if s.why not in _AWAY))

    def lines(self, changes: Iterable[date] = ()) -> tuple[tuple[Span, int], ...]:
        """Return first to last payable day and units of each claim line: one a month, cut also at ``changes``."""
        changes = tuple(changes)
        found = []
        for run in self.at_home:
            for block in cut_at_months(run, changes):
                inside = [(met, s.units) for s in self.payable if (met := s.span.meet(block))]
                if inside:
                    units = sum(span.days * each for span, each in inside)
                    found.append((Span(inside[0][0].first, inside[-1][0].last), units))
        return tuple(found)


def planned_doses(therapy: Therapy) -> tuple[date, ...]:
    """Return a date for each dose that the interval plans, none on days of hold or wholly in hospital.

    Doses are timed from the start of the first day, so q12h plans two on every day and q48h every other day. A
    continuous infusion plans none.
    """
    if therapy.interval_hours is None:
        return ()
    hours = range(0, therapy.span.days * 24, therapy.interval_hours)
    days = (therapy.start + (hour // 24) * ONE_DAY for hour in hours)
    return tuple(day for day in days if not _is_away(therapy, day))


def _is_away(therapy: Therapy, day: date) -> bool:
    return any(day in hold for hold in therapy.holds) or any(stay.holds_whole(day) for stay in therapy.stays)


def count_days(therapy: Therapy, rules: DayRules | None = None) -> Days:
    """Count the payable days of one therapy.

    Parameters
    ----------
    therapy : Therapy
        What was ordered and given.
    rules : DayRules, optional
        The contract's reading; by default the published definition and the habits `DayRules` names.

    Returns
    -------
    Days
        Stretches with units [per diem days] and reasons. ``outside`` when the dose interval exceeds
        ``rules.limit_hours``; ``needs_evidence`` when the reading asks for times or doses that are not known.
    """
    rules = rules or DayRules()
    if rules.limit_hours is not None and (therapy.interval_hours or 0) > rules.limit_hours:
        return Days(
            Answer.OUTSIDE,
            note=f"a dose every {therapy.interval_hours} hours is outside a per diem that covers intervals up to "
            f"{rules.limit_hours} hours: needs its own rate",
        )
    lacking = _lacking(therapy, rules.count)
    if lacking:
        return Days(Answer.NEEDS_EVIDENCE, note=lacking)
    given = _given(therapy, rules.count)
    stretches = [(piece, _judge(therapy, rules, given, piece.first)) for piece in _pieces(therapy, given)]
    counted = tuple(Stretch(span, *verdict) for span, verdict in join(stretches))
    return Days(Answer.COUNTED, counted, planned=_is_planned(therapy, rules.count))


def conventions(therapy: Therapy, days: Days, rules: DayRules) -> frozenset[str]:
    """Return which conventions decided about days of this therapy, by the names of their settings.

    ``hold_days``, ``inpatient_days`` and ``edges`` are those of `DayRules`; ``planned_doses`` says that doses were
    worked out from the interval.
    """
    span, stays = therapy.span, therapy.stays
    used = {
        "hold_days": rules.count is DayCount.ACCESS and any(span.meet(hold) for hold in therapy.holds),
        "inpatient_days": any(stay.holds_whole(day) for stay in stays for day in span),
        "edges": any(stay.admitted in span or stay.discharged in span for stay in stays),
        "planned_doses": days.planned,
    }
    return frozenset(name for name, yes in used.items() if yes)


def _is_planned(therapy: Therapy, count: DayCount) -> bool:
    recorded = therapy.dose_dates is not None or (count is not DayCount.DOSES and therapy.runs is not None)
    return count is not DayCount.ACCESS and not recorded


def _lacking(therapy: Therapy, count: DayCount) -> str:
    if therapy.interval_hours is not None or therapy.dose_dates is not None:
        return ""
    if count is DayCount.ELAPSED_24H and therapy.runs is None:
        return "hours ÷ 24 needs the begin and end time of each run of a continuous infusion"
    if count is DayCount.DOSES:
        return "counting doses needs the dates of the doses of a continuous infusion"
    return ""


def _given(therapy: Therapy, count: DayCount) -> Counter[date]:
    """Return what the reading counts on each day; for ``access`` nothing is asked of a day."""
    match count:
        case DayCount.ACCESS:
            return Counter()
        case DayCount.DOSES:
            return Counter(planned_doses(therapy) if therapy.dose_dates is None else therapy.dose_dates)
        case DayCount.INFUSION:
            return Counter(infusion_days(therapy))
        case DayCount.INFUSION_OR_NURSING:
            return Counter(infusion_days(therapy).union(therapy.visit_dates))
        case DayCount.ELAPSED_24H if therapy.runs is not None:
            return Counter({run.begin.date() + i * ONE_DAY: 1 for run in therapy.runs for i in range(run.counted)})
        case DayCount.ELAPSED_24H:
            return Counter(infusion_days(therapy))


def infusion_days(therapy: Therapy) -> set[date]:
    """Return the days with an infusion: as recorded, else as planned (a continuous infusion: every day at home)."""
    if therapy.dose_dates is not None:
        return set(therapy.dose_dates)
    if therapy.runs is not None:
        return {day for run in therapy.runs for day in Span(run.begin.date(), run.end.date())}
    if therapy.interval_hours is None:
        return {day for day in therapy.span if not _is_away(therapy, day)}
    return set(planned_doses(therapy))


def _pieces(therapy: Therapy, given: Counter[date]) -> tuple[Span, ...]:
    """Return start to stop cut wherever the verdict on a day could change."""
    edges = [day for hold in therapy.holds for day in (hold.first, hold.last + ONE_DAY)]
    for stay in therapy.stays:
        for day in (stay.admitted, stay.discharged):
            edges += [day, day + ONE_DAY]
    edges += [day for run in therapy.runs or () for day in (run.begin.date(), run.end.date() + ONE_DAY)]
    return cut(therapy.span, (*edges, *given, *(day + ONE_DAY for day in given)))


def _judge(therapy: Therapy, rules: DayRules, given: Counter[date], day: date) -> tuple[int, Why]:
    if not rules.inpatient_days:
        for stay in therapy.stays:
            if reason := stay.unpaid_reason(day, rules.edges):
                return 0, reason
    on_hold = any(day in hold for hold in therapy.holds)
    if rules.count is DayCount.ACCESS:
        return (0, Why.HOLD) if on_hold and not rules.hold_days else (1, Why.PAYABLE)
    if given[day]:
        return given[day], Why.PAYABLE
    return 0, Why.HOLD if on_hold else _nothing_given(therapy, rules.count, day)


def _nothing_given(therapy: Therapy, count: DayCount, day: date) -> Why:
    if count is DayCount.INFUSION_OR_NURSING:
        return Why.NO_INFUSION_OR_VISIT
    if count is DayCount.ELAPSED_24H and any(r.begin.date() <= day <= r.end.date() for r in therapy.runs or ()):
        return Why.WITHIN_24H
    return Why.NO_INFUSION
