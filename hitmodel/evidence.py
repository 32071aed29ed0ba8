"""What was recorded about patients beside their claims: therapies, doses, holds, stays, visits, opening balances.

A file that is not there is no evidence; it never means "none". A file that is there holds everything from
``history_complete_from`` on, so a patient whom it does not name had no hold, no stay and no visit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from hitmodel.dates import Span
from hitmodel.errors import Finding


@dataclass(frozen=True)
class TherapyRecord:
    """One therapy of a patient. ``stop`` is None while it goes on.

    ``interval_hours`` are hours between doses [hours], None when ``continuous`` or not recorded.
    ``code`` or ``therapy_class`` says which claim lines bill it.
    """

    patient_id: str
    therapy_id: str
    code: str
    therapy_class: str
    start: date
    stop: date | None
    interval_hours: int | None
    continuous: bool

    def bills(self, code: str, therapy_class: str) -> bool:
        """Say whether a claim line of this code and class is of this therapy."""
        return self.code == code if self.code else self.therapy_class == therapy_class

    def is_active_in(self, span: Span) -> bool:
        """Say whether the therapy shares a day with ``span``."""
        return self.start <= span.last and (self.stop is None or self.stop >= span.first)


@dataclass(frozen=True)
class DoseRecord:
    """One dose given, of a therapy or, where none is named, of a code. ``minutes`` is None when not recorded."""

    patient_id: str
    therapy_id: str
    code: str
    begin: datetime
    minutes: int | None


@dataclass(frozen=True)
class HoldRecord:
    """A temporary hold of one therapy, or of all of a patient's where ``therapy_id`` is ""."""

    patient_id: str
    therapy_id: str
    span: Span


@dataclass(frozen=True)
class StayRecord:
    """A hospital stay."""

    patient_id: str
    admitted: date
    discharged: date


@dataclass(frozen=True)
class VisitRecord:
    """A nursing visit. ``minutes`` is None when its begin or end is not recorded; ``begin`` is then midnight."""

    patient_id: str
    begin: datetime
    minutes: int | None
    code: str = ""
    licence: str = ""

    @property
    def day(self) -> date:
        """The day on which the visit begins."""
        return self.begin.date()


@dataclass(frozen=True)
class BalanceRecord:
    """What a patient had used of a limit before the history begins: dollars for some limits, units for others.

    ``period`` is the year or the episode that the balance counts in, as written.
    """

    patient_id: str
    limit: str
    period: str
    amount: Decimal | None = None
    days: Decimal | None = None
    visits: Decimal | None = None
    units: Decimal | None = None


class _OfPatient(Protocol):
    @property
    def patient_id(self) -> str: ...


R = TypeVar("R", bound=_OfPatient, covariant=True)


@dataclass(frozen=True)
class Recorded(Generic[R]):
    """The records of one file by patient. ``doubtful`` are patients of whom a row could not be read."""

    by_patient: Mapping[str, tuple[R, ...]] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()

    def of(self, patient: str) -> tuple[R, ...]:
        """Return a patient's records in order of the file."""
        return self.by_patient.get(patient, ())


def recorded(records: Iterable[R], doubtful: Iterable[str] = ()) -> Recorded[R]:
    """Return records gathered by patient."""
    found: dict[str, list[R]] = defaultdict(list)
    for record in records:
        found[record.patient_id].append(record)
    return Recorded({patient: tuple(rows) for patient, rows in found.items()}, frozenset(doubtful))


@dataclass(frozen=True)
class Evidence:
    """What a folder of companion files says. A table is None when its file is not there.

    Attributes
    ----------
    history_complete_from : date or None
        First day from which the files hold everything; None for all days.
    findings : tuple of Finding
        Every problem of every file; the rows they name are set aside.
    source : str
        The folder, as a user would write it.
    checksums : tuple of (str, str)
        File names with the SHA-256 of their bytes.
    """

    therapies: Recorded[TherapyRecord] | None = None
    doses: Recorded[DoseRecord] | None = None
    holds: Recorded[HoldRecord] | None = None
    stays: Recorded[StayRecord] | None = None
    visits: Recorded[VisitRecord] | None = None
    balances: Recorded[BalanceRecord] | None = None
    history_complete_from: date | None = None
    findings: tuple[Finding, ...] = ()
    source: str = ""
    checksums: tuple[tuple[str, str], ...] = ()

    def lacks(self, table: str, patient: str, first: date) -> str:
        """Say why a table is no evidence about a patient from a day on; "" when it is."""
        held: Recorded[_OfPatient] | None = getattr(self, table)
        if held is None:
            return f"there is no record of {table} ({table}.csv)"
        if patient in held.doubtful:
            return f"a row of {table}.csv about this patient cannot be read"
        if self.history_complete_from is not None and first < self.history_complete_from:
            return f"the record of {table} is complete only from {self.history_complete_from}"
        return ""

    def balance(self, patient: str, limit: str, period: str) -> BalanceRecord | None:
        """Return what a patient had used of a limit in a period, or None when nothing is recorded."""
        rows = self.balances.of(patient) if self.balances else ()
        return next((r for r in rows if r.limit == limit and r.period == period), None)


NO_EVIDENCE = Evidence()
