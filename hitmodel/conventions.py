"""How a contract wants an order billed, read once from its own words: days, ranks, holds, hours, waste, doses.

What the contract says in so many words is settled; the rest stays a default of `BillingRules` and is listed as an
assumption by whoever bills.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from hitmodel.billing_rules import BillingRules, CatheterCare, NursingHours, SecondVisit
from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.compile import Compiled, Period
from hitmodel.evidence_terms import Days
from hitmodel.forms import Amount, Basis, Known
from hitmodel.mechanisms.base import LineKind
from hitmodel.mechanisms.drug import Drug
from hitmodel.nursing_lines import SUITE_MODIFIER
from hitmodel.perdiem import DayCount, DayRules, StayEdges
from hitmodel.ranks import PrimaryBy
from hitmodel.resolve import Resolution, Resolver
from hitmodel.selection import counts_as_therapy, matches
from hitmodel.terms import Version

BY_DOSE = (Basis.DOSE, Basis.VISIT)
NO_LIMIT = 3660
"""Days; longer than any hold of an order."""
_HOURS = {
    "whole": NursingHours.WHOLE,
    "any_part": NursingHours.ANY_PART,
    "minutes_31": NursingHours.MINUTES_31,
    "quarter_hour": NursingHours.ANY_PART,
}
_WASTE_FIELDS = frozenset({"waste", "waste_share", "waste_modifiers"})
_EXAMPLES = ("S5498", "S9500")  # one code for catheter care and one for another per diem, to ask a bundle rule about


@dataclass(frozen=True)
class Reader:
    """A contract over the days of an order, and what may decide between its terms."""

    compiled: Compiled
    codes: CodeTable
    resolver: Resolver
    product: str = ""
    patient: str = ""
    suite: bool = False

    def resolution(self, code: str, day: date, place: str) -> Resolution:
        """Return what the contract says of ``code`` on ``day`` at a place of service, as a first therapy."""
        period = self._period(day)
        return self.resolver.resolve(self.kind(code, place, period), period, self._price_day(day))

    def kind(self, code: str, place: str, period: Period) -> LineKind:
        """Return the kind of line that a therapy's code is."""
        entry = self.codes.entry(code)
        named = any(period.version is version for version in self._naming)
        return LineKind(
            code=code,
            billed_code=code,
            modifiers=frozenset({SUITE_MODIFIER} if place != BillingRules.home_place else ()),
            place=place,
            product=self.product,
            role=entry.role if entry else "",
            therapy_class=entry.therapy_class if entry else "",
            patient=self.patient if named else "",
        )

    @cached_property
    def _naming(self) -> tuple[Version, ...]:
        """The versions in which some clause names the patient."""
        versions = [p.version for p in self.compiled.periods if p.version is not None]
        return tuple(v for v in versions if self.patient in v.named_patients)

    def day_rate(self, code: str, day: date) -> Fraction | None:
        """Return dollars a day for a per diem code before any share; None where the contract names no such rate."""
        place = BillingRules.suite_place if self.suite else BillingRules.home_place
        found = self.resolution(code, day, place)
        if isinstance(found.outcome, Known):
            return Fraction(0)
        if isinstance(found.outcome, Amount) and found.outcome.basis.source == "units":
            return found.outcome.rate * found.factor
        return None

    def _period(self, day: date) -> Period:
        begun = [p for p in self.compiled.periods if p.span.first <= day]
        return begun[-1] if begun else self.compiled.periods[0]

    def _price_day(self, day: date) -> date:
        begun = [first for first in self.compiled.price_starts if first <= day]
        return begun[-1] if begun else self.compiled.price_starts[0]


def billing_rules(reader: Reader, version: Version, day: date, split_at: tuple[date, ...] = ()) -> BillingRules:
    """Return the conventions of a contract version.

    Parameters
    ----------
    reader : Reader
        The contract, to ask what it pays by the dose.
    version : Version
        The version whose words count.
    day : date
        The day on which codes are looked at: the order's first.
    split_at : tuple of date
        First days of new lines, such as those of new rates.
    """
    by_code = {entry.code: _days_said(version, _plain(entry)) for entry in _per_diems(reader.codes, day)}
    days = _days_said(version)
    spoken = {**_nursing_said(version), **_catheter_said(reader, version)}
    settled = {*spoken, *set(days).intersection(*by_code.values())}
    if version.concurrency.primary_by != "as_modified":
        settled.add("primary_by")
    if _says_waste(version):
        settled.add("waste")
    return BillingRules(
        days=DayRules(**days),
        days_of=tuple((code, DayRules(**said)) for code, said in by_code.items() if said != days),
        **spoken,
        primary_by=_primary(version),
        split_at=split_at,
        dose_codes=_dose_codes(reader, day),
        unranked_codes=_unranked(reader, version),
        settled=frozenset(settled),
    )


def _days_said(version: Version, kind: LineKind | None = None) -> dict[str, Any]:
    """Return what the contract says of counting days, in the words of `DayRules`; nothing where it is silent.

    That is the clause which fits a kind of line, or the first for none.
    """
    clauses = version.days.clauses
    clause = clauses[0] if kind is None else next((c for c in clauses if matches(c.applies_to, kind)), Days())
    written = clause.model_fields_set
    found: dict[str, Any] = {}
    if clause.count != "billed":
        found["count"] = DayCount(clause.count)
    if clause.stay_edges is not None:
        found["edges"] = StayEdges(clause.stay_edges)
    if clause.inpatient_pays is not None:
        found["inpatient_days"] = clause.inpatient_pays
    if "holds_pay" in written:
        found["hold_days"] = clause.holds_pay
    if "limit_hours" in written:
        found["limit_hours"] = clause.limit_hours
    return found


def _nursing_said(version: Version) -> dict[str, Any]:
    """Return what the contract says of visits. Hours that are paid by quarters are billed whole."""
    clause = version.nursing
    if clause.hours == "billed":
        return {}
    return {
        "nursing_hours": _HOURS[clause.hours],
        "first_minutes": clause.first_minutes,
        "second_visit": SecondVisit(clause.second_visit),
    }


def _catheter_said(reader: Reader, version: Version) -> dict[str, Any]:
    """Return when catheter care is billed: during holds where it is paid only then, else beside no other per diem."""
    care, other = (_plain(entry) for code in _EXAMPLES if (entry := reader.codes.entry(code)) is not None)
    rule = next((rule for rule in version.paid_only if matches(rule.lines, care)), None)
    if rule is not None:
        longest = {} if rule.most_days is None else {"longest_hold": rule.most_days}
        return {"catheter_care": CatheterCare.HOLDS_ONLY, "longest_hold": NO_LIMIT, **longest}
    bundles = (b for b in version.bundle if b.by == "lines")
    if any(matches(b.lines, care) and matches(b.into, other) for b in bundles):
        return {"catheter_care": CatheterCare.UNCOVERED_DAYS}
    return {}


def _says_waste(version: Version) -> bool:
    terms = [term for term in version.term if isinstance(term, Drug)]
    return bool(terms) and all(_WASTE_FIELDS & term.model_fields_set for term in terms)


def _primary(version: Version) -> PrimaryBy:
    """Return who goes first. Where ranks follow the modifiers, the biller leaves the best-paid without one."""
    said = version.concurrency.primary_by
    return PrimaryBy.HIGHEST_RATE if said == "as_modified" else PrimaryBy(said)


def _per_diems(codes: CodeTable, day: date) -> list[CodeEntry]:
    return [e for e in codes.entries if e.role == "per_diem" and e.valid_on(day)]


def _dose_codes(reader: Reader, day: date) -> frozenset[tuple[str, str]]:
    found = set()
    for entry in _per_diems(reader.codes, day):
        for place in (BillingRules.home_place, BillingRules.suite_place):
            outcome = reader.resolution(entry.code, day, place).outcome
            if isinstance(outcome, Amount) and outcome.basis in BY_DOSE:
                found.add((entry.code, place))
    return frozenset(found)


def _unranked(reader: Reader, version: Version) -> frozenset[str]:
    kinds = [_plain(entry) for entry in reader.codes.entries if entry.role == "per_diem"]
    return frozenset(kind.code for kind in kinds if not counts_as_therapy(kind, version.concurrency))


def _plain(entry: CodeEntry) -> LineKind:
    return LineKind(code=entry.code, role=entry.role, therapy_class=entry.therapy_class)
