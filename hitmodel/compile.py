"""A contract worked out over time: what is in force in each period, with every rate as it stands then.

Escalators and rate changes are applied here, once, and leave their own steps for the explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.contracts import read_schedule
from hitmodel.dates import ONE_DAY, Span, add_years
from hitmodel.forms import Step
from hitmodel.mechanisms.base import Look, RateRow
from hitmodel.references import References
from hitmodel.terms import Adjustment, Contract, Escalator, RateChange, Selector, Term, Version


@dataclass(frozen=True)
class DatedTerm:
    """A term as it stands in one period: ``notes`` tell how its rates came to be what they are."""

    term: Term
    notes: tuple[Step, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Period:
    """A run of days in which nothing in the contract changes. ``version`` is None outside every version."""

    span: Span
    version: Version | None
    terms: tuple[DatedTerm, ...]
    look: Look | None

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Factors in force in this period."""
        return self.version.adjustment if self.version else ()


@dataclass(frozen=True)
class Compiled:
    """A contract over a span of days, as periods, and the days on which its reference prices change."""

    contract: Contract
    periods: tuple[Period, ...]
    price_starts: tuple[date, ...]

    @property
    def structure(self) -> object:
        """What `fit` depends on: everything but the rates. Equal structures share one fit."""
        versions = tuple(
            (v.contract.payers, v.contract.products, v.contract.effective_from, v.bundle, _ranking(v))
            for v in self.contract.versions
        )
        named = frozenset(p for v in self.contract.versions for t in v.term for p in t.patients)
        starts = tuple((p.span, p.version is None) for p in self.periods)
        return (versions, named, starts, self.price_starts)


def _ranking(version: Version) -> object:
    """What a fit needs of the concurrency rule: which lines share days, where the contract ranks them itself."""
    return version.concurrency.counts if version.concurrency.modifiers != "trust" else None


def compile_contract(contract: Contract, references: References, days: Span, price_days: Span) -> Compiled:
    """Work a contract out over ``days``, its reference prices over ``price_days``.

    Raises `ContractError` for a schedule that cannot be read.
    """
    schedules = {s.id: read_schedule(s) for v in contract.versions for s in v.schedule}
    starts = sorted({days.first, *(d for d in _term_starts(contract, schedules, days) if d in days)})
    ends = [d - ONE_DAY for d in starts[1:]] + [days.last]
    periods = tuple(_period(contract, Span(a, b), references, schedules) for a, b in zip(starts, ends, strict=True))
    price_starts = {price_days.first}
    for period in periods:
        for dated in period.terms:
            price_starts |= {d for d in dated.term.price_dates(period.look) if d in price_days}
    return Compiled(contract, periods, tuple(sorted(price_starts)))


def applies(rule: Escalator | RateChange, term: Term) -> bool:
    """Say whether an escalator or rate change touches a term: by its id, or by what the term selects."""
    if rule.terms:
        return term.id in rule.terms
    return overlaps(rule.applies_to, term)


def overlaps(wanted: Selector, term: Term) -> bool:
    """Say whether a term is among those that a selector speaks of: every list given is shared with the term."""
    return all(
        not set(getattr(wanted, name)).isdisjoint(getattr(term, name))
        for name in ("codes", "classes", "roles", "ndcs", "modifiers", "places", "products", "patients")
        if getattr(wanted, name)
    )


def _term_starts(contract: Contract, schedules: Mapping[str, tuple[RateRow, ...]], days: Span) -> Iterable[date]:
    for version in contract.versions:
        for dated in (version.contract, *version.term):
            yield from _edges(dated.effective_from, dated.effective_through)
        for escalator in version.escalator:
            yield from _anniversaries(escalator, days.last)
    for rows in schedules.values():
        for row in rows:
            yield from _edges(row.first_day, row.last_day)


def _edges(first: date | None, last: date | None) -> Iterable[date]:
    if first is not None:
        yield first
    if last is not None:
        yield last + ONE_DAY


def _anniversaries(escalator: Escalator, until: date) -> list[date]:
    last = min(until, escalator.last or until)
    years = range(max(0, last.year - escalator.first.year) + 1)
    return [day for n in years if (day := add_years(escalator.first, n)) <= last]


def _period(
    contract: Contract, span: Span, references: References, schedules: Mapping[str, tuple[RateRow, ...]]
) -> Period:
    version = contract.on(span.first)
    if version is None:
        return Period(span, None, (), None)
    terms = tuple(_dated(term, version, span.first) for term in version.term if term.in_force(span.first))
    look = Look(
        day=span.first,
        price_day=span.first,
        codes=references.codes,
        limits=references.limits,
        ndc_prices=references.ndc_prices(version),
        schedules=schedules,
        drug_prices=version.drug_prices,
        rounding=version.rounding,
    )
    return Period(span, version, terms, look)


def _dated(term: Term, version: Version, day: date) -> DatedTerm:
    notes: list[Step] = []
    for change in version.rate_change:
        if applies(change, term):
            scaled = term.scaled(Fraction(change.factor), change.decimals)
            notes += _notes("rate change", term, scaled, ("factor", change.factor), change.cite)
            term = scaled
    for escalator in version.escalator:
        years = len(_anniversaries(escalator, day))
        if years and applies(escalator, term):
            scaled = _escalated(term, escalator, years)
            notes += _notes("escalator", term, scaled, ("percent", escalator.percent), escalator.cite, years)
            term = scaled
    return DatedTerm(term, tuple(notes), version.file)


def _escalated(term: Term, escalator: Escalator, years: int) -> Term:
    yearly = 1 + Fraction(escalator.percent)
    if not escalator.compounding:
        return term.scaled(1 + years * Fraction(escalator.percent), escalator.decimals)
    if escalator.rounding == "at_end":
        return term.scaled(yearly**years, escalator.decimals)
    for _ in range(years):
        term = term.scaled(yearly, escalator.decimals)
    return term


def _notes(name: str, before: Term, after: Term, by: tuple[str, Decimal], cite: str, years: int = 0) -> list[Step]:
    notes = []
    for field in before.dollar_fields:
        old, new = getattr(before, field), getattr(after, field)
        if old is not None:
            values: tuple[tuple[str, object], ...] = (("field", field), ("before", old), by, ("after", new))
            notes.append(Step(name, (*values, ("years", years)) if years else values, cite))
    return notes
