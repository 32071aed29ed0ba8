"""A contract worked out over time: what is in force in each period, and what has become of its rates by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hitmodel.dates import ONE_DAY, Span
from hitmodel.mechanisms.base import Look, RateRule
from hitmodel.rate_rules import rate_rules, rule_starts
from hitmodel.references import References
from hitmodel.schedules import read_schedule
from hitmodel.terms import Adjustment, Contract, Dated, DaySelector, Term, Version


@dataclass(frozen=True)
class Period:
    """A run of days in which nothing in the contract changes. ``version`` is None outside every version.

    ``terms`` are those in force, ``rules`` the rate changes and escalators as they stand in these days.
    """

    span: Span
    version: Version | None
    terms: tuple[Term, ...]
    rules: tuple[RateRule, ...]
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

    @cached_property
    def structure(self) -> object:
        """What `fit` depends on: everything but the rates. Equal structures share one fit."""
        versions = tuple(
            (v.contract.payers, v.contract.products, v.contract.effective_from, _ranking(v), _groups(v))
            for v in self.contract.versions
        )
        named = self.contract.named_patients
        starts = tuple((p.span, p.version is None) for p in self.periods)
        return (versions, named, starts, self.price_starts)


def compile_contract(contract: Contract, references: References, days: Span, price_days: Span) -> Compiled:
    """Work a contract out over ``days``, its reference prices over ``price_days``.

    Raises `ContractError` for a schedule that cannot be read.
    """
    starts = sorted({days.first, *(d for d in _term_starts(contract, days) if d in days)})
    ends = [d - ONE_DAY for d in starts[1:]] + [days.last]
    periods = tuple(_period(contract, Span(first, last), references) for first, last in zip(starts, ends, strict=True))
    price_starts = {price_days.first}
    for period in periods:
        for term in period.terms:
            price_starts |= {d for d in term.price_dates(period.look) if d in price_days}
    return Compiled(contract, periods, tuple(sorted(price_starts)))


def _groups(version: Version) -> object:
    """What a fit needs of the rules that look at more than one line, or at evidence."""
    evidence = (version.days, version.nursing, version.paid_only)
    return (version.bundle, version.exclusive, version.episode, version.allowance, evidence, _on_days(version))


def _on_days(version: Version) -> object:
    """What a fit needs of terms and factors that hold on certain days: their lines and dates, not their rates."""
    asked = (*DaySelector.model_fields, *Dated.model_fields)
    rules = (rule for rule in (*version.term, *version.adjustment) if rule.conditions)
    return tuple(tuple(getattr(rule, name, None) for name in asked) for rule in rules)


def _ranking(version: Version) -> object:
    """What a fit needs of the concurrency rule: which lines share days, where the contract ranks them itself."""
    rule = version.concurrency
    return (rule.counts, rule.exempt, rule.within) if rule.modifiers != "trust" else None


def _term_starts(contract: Contract, days: Span) -> Iterable[date]:
    for version in contract.versions:
        for dated in (version.contract, *version.term):
            yield from _edges(dated.effective_from, dated.effective_through)
        yield from rule_starts(version, days.last)
        for schedule in version.schedule:
            for row in read_schedule(schedule):
                yield from _edges(row.first_day, row.last_day)


def _edges(first: date | None, last: date | None) -> Iterable[date]:
    if first is not None:
        yield first
    if last is not None:
        yield last + ONE_DAY


def _period(contract: Contract, span: Span, references: References) -> Period:
    version = contract.on(span.first)
    if version is None:
        return Period(span, None, (), (), None)
    look = Look(
        day=span.first,
        price_day=span.first,
        codes=references.codes,
        limits=references.limits,
        ndc_prices=references.ndc_prices(version),
        schedules={s.id: read_schedule(s) for s in version.schedule},
        drug_prices=version.drug_prices,
        rounding=version.rounding,
    )
    terms = tuple(t for t in version.term if t.in_force(span.first))
    return Period(span, version, terms, rate_rules(version, span.first), look)
