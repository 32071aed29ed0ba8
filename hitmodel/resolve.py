"""What a contract says about one kind of line at one moment: the governing term, its price form, and why.

Worked out once for each kind and moment, then shared by every line of that kind. A changed rate touches only the
kinds that its term could govern, because a resolution is remembered under the terms that fit the kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property

from hitmodel.compile import Period
from hitmodel.forms import Known, Outcome, Step, Unpriced, sources
from hitmodel.line_words import days_words
from hitmodel.mechanisms.base import LineKind, RateRule
from hitmodel.mechanisms.registry import priced_by
from hitmodel.selection import Level, counts_as_therapy, first_of, fits_beside_code, level, matches, speaks_of, touches
from hitmodel.status import Status
from hitmodel.terms import Adjustment, LesserOf, Term, Version

ONE = Fraction(1)


@dataclass(frozen=True)
class Resolution:
    """How one kind of line is priced at one moment.

    ``factor`` multiplies the base amount (suite share and the like). ``shares`` are the fractions by concurrent rank,
    empty where the line is not reduced. ``limited`` says whether the charge limit holds for it.
    """

    kind: LineKind
    outcome: Outcome
    term: str = ""
    mechanism: str = ""
    not_used: tuple[tuple[str, str], ...] = ()
    factor: Fraction = ONE
    factor_steps: tuple[Step, ...] = ()
    shares: tuple[Fraction, ...] = ()
    share_cite: str = ""
    limited: bool = False

    @cached_property
    def needs(self) -> frozenset[str]:
        """The line columns that the outcome needs."""
        return frozenset() if isinstance(self.outcome, Known | Unpriced) else sources(self.outcome)

    @cached_property
    def cent_rates(self) -> dict[tuple[int, str], tuple[str, Fraction] | None]:
        """What `hitmodel.amounts.cent_rate` has said of it, by rank and rounding place."""
        return {}


class Resolver:
    """Resolves kinds, and remembers what it resolved. One serves many contracts over the same references.

    Records of a contract are known by their value: a contract read again, or one with a changed rate, finds every
    resolution that its own terms already gave.
    """

    def __init__(self) -> None:
        self._known: dict[object, Resolution] = {}
        self._tokens: dict[object, int] = {}
        self._ready: dict[int, _Ready] = {}
        self.worked_out = 0

    def resolve(self, kind: LineKind, period: Period, price_day: date) -> Resolution:
        """Return what a contract says about ``kind`` in ``period``, with drug prices of ``price_day``.

        Raises `ContractError` when two terms fit equally well.
        """
        ready = self._ready.get(id(period))
        if ready is None or ready.period is not period:
            ready = self._ready[id(period)] = _Ready(period, self._tokens)
        found = ready.resolved.get((kind, price_day))
        if found is None:
            found = ready.resolved[kind, price_day] = self._resolved(ready, kind, price_day)
        return found

    def _resolved(self, ready: _Ready, kind: LineKind, price_day: date) -> Resolution:
        period = ready.period
        if period.version is None:
            text = "the contract is not in force on every day of the line"
            return Resolution(kind, Unpriced(Status.CONTRACT_SILENT, text))
        near = ready.near(kind)
        fitting = tuple((at, t) for at, t in near.terms if fits_beside_code(t, kind))
        factors = tuple(a for a in near.factors if fits_beside_code(a, kind))
        terms = [t for _, t in fitting]
        rules = tuple(r for r in period.rules if any(touches(r, t, kind) for t in terms)) if period.rules else ()
        said: tuple[Term | Adjustment | RateRule, ...] = (*terms, *factors, *rules)
        key = (kind, price_day, ready.about, *(ready.token(record) for record in said))
        found = self._known.get(key)
        if found is None:
            self.worked_out += 1
            found = self._known[key] = _resolve(kind, period, price_day, fitting, factors)
        return found


@dataclass(frozen=True)
class _Near:
    """The terms, each with its level, and the factors of a period that could fit a code, whatever else a line says."""

    terms: tuple[tuple[Level, Term], ...]
    factors: tuple[Adjustment, ...]


class _Ready:
    """A period made ready: its records numbered by value, and what could fit each code found once."""

    def __init__(self, period: Period, tokens: dict[object, int]) -> None:
        self.period, self._tokens = period, tokens
        self._numbers: dict[int, int] = {}
        self._by_code: dict[tuple[str, str, str, str], _Near] = {}
        self.resolved: dict[tuple[LineKind, date], Resolution] = {}
        version = period.version
        shared = (
            (version.concurrency, version.lesser_of, version.rounding, version.drug_prices, version.schedule)
            if version
            else None
        )
        self.about = tokens.setdefault((period.span.first, shared), len(tokens))

    def token(self, record: Term | Adjustment | RateRule) -> int:
        """Return the number that all records of this value share."""
        number = self._numbers.get(id(record))
        if number is None:
            number = self._numbers[id(record)] = self._tokens.setdefault(record, len(self._tokens))
        return number

    def near(self, kind: LineKind) -> _Near:
        """Return what could fit the kind's code."""
        about = (kind.code, kind.family, kind.therapy_class, kind.role)
        found = self._by_code.get(about)
        if found is None:
            factors = self.period.adjustments
            found = self._by_code[about] = _Near(
                tuple((level(t), t) for t in self.period.terms if speaks_of(t, kind)),
                tuple(a for a in factors if speaks_of(a, kind)),
            )
        return found


def _resolve(
    kind: LineKind,
    period: Period,
    price_day: date,
    fitting: tuple[tuple[Level, Term], ...],
    factors: tuple[Adjustment, ...],
) -> Resolution:
    assert period.version is not None
    assert period.look is not None
    choice = first_of(kind, fitting, period.version.file)
    term = choice.chosen
    if term is None:
        name = "-".join((kind.code, *sorted(kind.modifiers)))
        silent = Unpriced(Status.CONTRACT_SILENT, f"no term speaks of {name}")
        return Resolution(kind, silent, limited=is_limited(kind, period.version.lesser_of))
    rules = tuple(rule for rule in period.rules if touches(rule, term, kind))
    look = period.look.at(price_day, rules)
    outcome = priced_by(kind, term, look)
    factor, steps = _factor(() if isinstance(outcome, Known | Unpriced) else factors)
    return Resolution(
        kind=kind,
        outcome=outcome,
        term=term.id,
        mechanism=term.mechanism,
        not_used=choice.not_used,
        factor=factor,
        factor_steps=steps,
        shares=_shares(kind, period.version, term.shares),
        share_cite=period.version.concurrency.cite,
        limited=term.lesser_of and is_limited(kind, period.version.lesser_of),
    )


def is_limited(kind: LineKind, rule: LesserOf) -> bool:
    """Say whether the contract's charge limit holds for a kind of line."""
    if rule.level == "none":
        return False
    excludes_any = any(vars(rule.exclude).values())
    return not excludes_any or not matches(rule.exclude, kind)


def _shares(kind: LineKind, version: Version, own: tuple[Decimal, ...]) -> tuple[Fraction, ...]:
    if not counts_as_therapy(kind, version.concurrency):
        return ()
    return _fractions(own or version.concurrency.shares)


@cache
def _fractions(shares: tuple[Decimal, ...]) -> tuple[Fraction, ...]:
    return tuple(Fraction(s) for s in shares)


def _factor(factors: tuple[Adjustment, ...]) -> tuple[Fraction, tuple[Step, ...]]:
    product, steps = ONE, []
    for adjustment in factors:
        product *= Fraction(adjustment.factor)
        when = (("when", days_words(adjustment)),) if adjustment.conditions else ()
        said = (("id", adjustment.id), ("factor", adjustment.factor), *when)
        steps.append(Step("factor", said, adjustment.cite))
    return product, tuple(steps)
