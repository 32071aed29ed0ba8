"""The days of one claim line counted again from what is on record of its therapy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from hitmodel.dates import ONE_DAY, Span
from hitmodel.evidence import DoseRecord, Evidence, HoldRecord, TherapyRecord
from hitmodel.evidence_terms import Days
from hitmodel.perdiem import Answer, DayCount, DayRules, Run, Stay, StayEdges, Therapy, count_days
from hitmodel.perdiem import Days as Counted
from hitmodel.spans import join, subtract

NO_THERAPY = "no therapy on record that day"


@dataclass(frozen=True)
class Asked:
    """Whose days are asked for: one claim line. ``span`` is its first to last day of service."""

    patient: str
    code: str
    therapy_class: str
    span: Span


@dataclass(frozen=True)
class DayRun:
    """Days in a row that count alike: ``units`` for each day, 0 when not payable, and then why not."""

    span: Span
    units: int
    why: str


@dataclass(frozen=True)
class LineDays:
    """The days of a line.

    ``runs`` cover its span without gap when ``lacking`` is "", else there are none and it says what is missing.
    ``planned`` says that doses were worked out from the order. ``records`` names what was counted from.
    """

    runs: tuple[DayRun, ...] = ()
    lacking: str = ""
    planned: bool = False
    records: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        """Units over the whole span [per diem days or doses]."""
        return sum(run.units * run.span.days for run in self.runs)


def count_line(evidence: Evidence, asked: Asked, clause: Days) -> LineDays:
    """Count the days of a line as a contract's ``clause`` does.

    Returns
    -------
    LineDays
        What is missing, instead of a count, when the clause asks for something that is not on record: no therapy, doses
        that were not written down (unless ``as_ordered``), stays, holds or visits of which there is no file, or two
        therapies on record of which the line could be either.
    """
    if lacking := _lacking(evidence, asked, clause):
        return LineDays(lacking=lacking)
    records = _therapies(evidence, asked, clause)
    if not records:
        return LineDays(lacking=f"no therapy is on record for {asked.code} on these days")
    counted = []
    for record in records:
        if lacking := _too_little(evidence, record, clause):
            return LineDays(lacking=lacking)
        days = count_days(_as_therapy(evidence, record, asked), _rules(clause))
        if days.answer is not Answer.COUNTED:
            return LineDays(lacking=days.note)
        if days.planned and not clause.as_ordered:
            return LineDays(lacking=f"the doses of {_named(record)} are not on record, only its order")
        counted.append(days)
    runs = [_within(days, asked.span) for days in counted]
    if any(_disagree(one, other) for one, other in combinations(runs, 2)):
        names = " and ".join(_named(record) for record in records)
        return LineDays(lacking=f"{names} are on record for these days, and the line could be either")
    return LineDays(
        runs=tuple(_joined(runs, asked.span)),
        planned=any(days.planned for days in counted),
        records=tuple(_described(evidence, record, asked, clause) for record in records),
    )


def bounds(clause: Days, days: int, interval_hours: int | None) -> tuple[int, int] | None:
    """Return the least and the most units [days or doses] that a line of so many service days can count for.

    Within a per diem a dose falls on at least one day in each ``limit_hours``, reckoned from the line's first day;
    under ``access`` nothing bounds the days from below. ``doses`` are bounded above by the code's own
    ``interval_hours`` [hours]; None when it has none.
    """
    if clause.count == "access":
        return 0, days
    least = -(-days * 24 // clause.limit_hours)
    if clause.count != "doses":
        return least, days
    if interval_hours is None:
        return None
    return least, max(least, days * 24 // interval_hours)


def _lacking(evidence: Evidence, asked: Asked, clause: Days) -> str:
    needed = []
    if clause.count == "access" or evidence.doses is None:
        needed.append("therapies")
    elif evidence.therapies is None:
        needed.append("doses")
    if clause.count == "infusion_or_nursing":
        needed.append("visits")
    if clause.needs_stays:
        needed.append("stays")
    if clause.count == "access" and not clause.holds_pay:
        needed.append("holds")
    there = [name for name in ("therapies", "doses", "stays", "holds") if getattr(evidence, name) is not None]
    checks = (evidence.lacks(name, asked.patient, asked.span.first) for name in dict.fromkeys((*needed, *there)))
    return next((text for text in checks if text), "")


def _too_little(evidence: Evidence, record: TherapyRecord, clause: Days) -> str:
    """Say what a therapy's own records lack; perdiem takes a therapy without an interval for a continuous one."""
    doses = _doses(evidence, record)
    if clause.count != "access" and not doses and record.interval_hours is None and not record.continuous:
        return f"neither doses nor a dose interval of {_named(record)} are on record"
    if clause.count == "elapsed_24h" and record.continuous and any(dose.minutes is None for dose in doses):
        return f"hours ÷ 24 needs the hours of each run of {_named(record)}"
    return ""


def _therapies(evidence: Evidence, asked: Asked, clause: Days) -> list[TherapyRecord]:
    """Return the therapies on record that a line can bill; where only doses are, its own doses make one."""
    held = evidence.therapies.of(asked.patient) if evidence.therapies else ()
    found = [r for r in held if r.bills(asked.code, asked.therapy_class) and r.is_active_in(asked.span)]
    if found or clause.count == "access" or evidence.therapies is not None:
        return found
    doses = evidence.doses.of(asked.patient) if evidence.doses else ()
    if not any(dose.code == asked.code for dose in doses):
        return []
    first, last = asked.span.first, asked.span.last
    return [TherapyRecord(asked.patient, "", asked.code, "", first, last, None, continuous=False)]


def _as_therapy(evidence: Evidence, record: TherapyRecord, asked: Asked) -> Therapy:
    doses = _doses(evidence, record)
    timed = [dose for dose in doses if dose.minutes is not None]
    return Therapy(
        start=record.start,
        stop=record.stop or max(asked.span.last, record.start),
        interval_hours=record.interval_hours,
        holds=tuple(hold.span for hold in _holds(evidence, record)),
        stays=tuple(Stay(s.admitted, s.discharged) for s in evidence.stays.of(record.patient_id))
        if evidence.stays
        else (),
        dose_dates=tuple(dose.begin.date() for dose in doses) if doses else None,
        visit_dates=tuple(v.day for v in evidence.visits.of(record.patient_id)) if evidence.visits else (),
        runs=_runs(timed) if timed and len(timed) == len(doses) else None,
    )


def _runs(doses: Iterable[DoseRecord]) -> tuple[Run, ...]:
    return tuple(Run(d.begin, d.begin + timedelta(minutes=d.minutes)) for d in doses if d.minutes is not None)


def _doses(evidence: Evidence, record: TherapyRecord) -> list[DoseRecord]:
    held = evidence.doses.of(record.patient_id) if evidence.doses else ()
    own = [d for d in held if d.therapy_id and d.therapy_id == record.therapy_id]
    return own or [d for d in held if not d.therapy_id and record.code and d.code == record.code]


def _holds(evidence: Evidence, record: TherapyRecord) -> list[HoldRecord]:
    held = evidence.holds.of(record.patient_id) if evidence.holds else ()
    return [h for h in held if h.therapy_id in ("", record.therapy_id)]


def _rules(clause: Days) -> DayRules:
    return DayRules(
        count=DayCount(clause.count),
        hold_days=clause.holds_pay,
        inpatient_days=bool(clause.inpatient_pays),
        edges=StayEdges(clause.stay_edges or "both"),
        limit_hours=clause.limit_hours,
    )


def _within(days: Counted, span: Span) -> list[DayRun]:
    met = ((s.span.meet(span), s) for s in days.stretches)
    return [DayRun(part, s.units, "" if s.units else s.why.value) for part, s in met if part is not None]


def _disagree(one: list[DayRun], other: list[DayRun]) -> bool:
    return any(a.span.meet(b.span) and a.units != b.units for a in one for b in other)


def _joined(found: list[list[DayRun]], span: Span) -> Iterator[DayRun]:
    """Yield the days of all therapies in order, and those of none as not payable."""
    taken: list[Span] = []
    pieces: list[tuple[Span, tuple[int, str]]] = []
    for runs in found:
        for run in runs:
            pieces += [(part, (run.units, run.why)) for part in subtract([run.span], taken)]
        taken += [run.span for run in runs]
    pieces += [(part, (0, NO_THERAPY)) for part in subtract([span], taken)]
    return (DayRun(part, units, why) for part, (units, why) in join(pieces))


def _named(record: TherapyRecord) -> str:
    return f"therapy {record.therapy_id}" if record.therapy_id else f"the therapy of {record.code}"


def _described(evidence: Evidence, record: TherapyRecord, asked: Asked, clause: Days) -> str:
    """Say what is on record, as the working of a line shows it."""
    said = [f"{_named(record)} {record.start} to {record.stop or 'still going on'}"] if record.therapy_id else []
    if record.interval_hours:
        said.append(f"every {record.interval_hours} hours")
    doses = [d for d in _doses(evidence, record) if d.begin.date() in asked.span]
    if clause.count != "access" and doses:
        said.append(f"{len(doses)} doses in these days")
    said += [f"hold {h.span.first} to {h.span.last}" for h in _holds(evidence, record) if h.span.meet(asked.span)]
    stays = evidence.stays.of(record.patient_id) if evidence.stays else ()
    said += [
        f"in hospital {s.admitted} to {s.discharged}" for s in stays if Span(s.admitted, s.discharged).meet(asked.span)
    ]
    if clause.count == "infusion_or_nursing" and evidence.visits:
        visits = {v.day for v in evidence.visits.of(record.patient_id) if v.day in asked.span}
        said.append(f"visits on {len(visits)} of these days")
    return ", ".join(said)


def hold_days(evidence: Evidence, patient: str, most_days: int | None) -> set[date]:
    """Return the days of a patient's holds; a hold of more than ``most_days`` days gives none."""
    held = evidence.holds.of(patient) if evidence.holds else ()
    spans = [h.span for h in held if most_days is None or h.span.days <= most_days]
    return {span.first + n * ONE_DAY for span in spans for n in range(span.days)}
