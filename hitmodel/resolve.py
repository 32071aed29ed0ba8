"""What a contract says about one kind of line at one moment: the governing term, its price form, and why.

Worked out once for each kind and moment, then shared by every line of that kind. A changed rate touches only the
kinds that its term could govern, because a resolution is remembered under the terms that fit the kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.compile import DatedTerm, Period
from hitmodel.forms import Amount, Known, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.selection import govern, matches
from hitmodel.status import Status
from hitmodel.terms import Adjustment, Concurrency, LesserOf, Version


@dataclass(frozen=True)
class Resolution:
    """How one kind of line is priced at one moment.

    ``factor`` multiplies the base amount (suite share and the like). ``shares`` are the fractions by concurrent rank,
    empty where the line is not reduced. ``limited`` says whether the charge limit holds for it.
    """

    kind: LineKind
    outcome: Outcome
    term: str = ""
    file: str = ""
    mechanism: str = ""
    notes: tuple[Step, ...] = ()
    not_used: tuple[tuple[str, str], ...] = ()
    factor: Fraction = Fraction(1)
    factor_steps: tuple[Step, ...] = ()
    shares: tuple[Fraction, ...] = ()
    share_cite: str = ""
    limited: bool = False

    @property
    def day_rate(self) -> Fraction:
        """Dollars a day, by which concurrent therapies are ranked; 0 where the form is not a simple rate."""
        return self.outcome.rate * self.factor if isinstance(self.outcome, Amount) else Fraction(0)


class Resolver:
    """Resolves kinds, and remembers what it resolved. One serves many contracts over the same references."""

    def __init__(self) -> None:
        self._known: dict[object, Resolution] = {}
        self.worked_out = 0

    def resolve(self, kind: LineKind, period: Period, price_day: date) -> Resolution:
        """Return what a contract says about ``kind`` in ``period``, with drug prices of ``price_day``.

        Raises `ContractError` when two terms fit equally well.
        """
        version = period.version
        assert version is not None
        assert period.look is not None
        fitting = tuple(t for t in period.terms if matches(t.term, kind))
        factors = tuple(a for a in version.adjustment if matches(a, kind))
        key = (
            kind,
            period.span.first,
            price_day,
            fitting,
            factors,
            version.concurrency,
            version.lesser_of,
            version.rounding,
            version.drug_prices,
            version.schedule,
        )
        if key not in self._known:
            self.worked_out += 1
            self._known[key] = _resolve(kind, period, price_day, fitting, factors)
        return self._known[key]


def _resolve(
    kind: LineKind, period: Period, price_day: date, fitting: tuple[DatedTerm, ...], factors: tuple[Adjustment, ...]
) -> Resolution:
    assert period.version is not None
    assert period.look is not None
    choice = govern(kind, fitting)
    if choice.chosen is None:
        name = "-".join((kind.code, *sorted(kind.modifiers)))
        return Resolution(kind, Unpriced(Status.CONTRACT_SILENT, f"no term speaks of {name}"))
    term = choice.chosen.term
    look = period.look.at(period.span.first, price_day)
    outcome = MECHANISMS[term.mechanism].price(kind, term, look)
    factor, steps = _factor(factors)
    return Resolution(
        kind=kind,
        outcome=outcome,
        term=term.id,
        file=choice.chosen.file,
        mechanism=term.mechanism,
        notes=choice.chosen.notes,
        not_used=choice.not_used,
        factor=Fraction(1) if isinstance(outcome, Known | Unpriced) else factor,
        factor_steps=() if isinstance(outcome, Known | Unpriced) else steps,
        shares=_shares(kind, period.version, tuple(term.shares)),
        share_cite=period.version.concurrency.cite,
        limited=term.lesser_of and is_limited(kind, period.version.lesser_of),
    )


def is_limited(kind: LineKind, rule: LesserOf) -> bool:
    """Say whether the contract's charge limit holds for a kind of line."""
    if rule.level == "none":
        return False
    return not _says_something(rule) or not matches(rule.exclude, kind)


def counts_as_therapy(kind: LineKind, rule: Concurrency) -> bool:
    """Say whether a line takes part in the ranking of concurrent therapies and may be reduced."""
    return matches(rule.counts, kind) and not (rule.exempt is not None and matches(rule.exempt, kind))


def _says_something(rule: LesserOf) -> bool:
    return any(getattr(rule.exclude, name) for name in type(rule.exclude).model_fields)


def _shares(kind: LineKind, version: Version, own: tuple[Decimal, ...]) -> tuple[Fraction, ...]:
    if not counts_as_therapy(kind, version.concurrency):
        return ()
    return tuple(Fraction(s) for s in own or version.concurrency.shares)


def _factor(factors: tuple[Adjustment, ...]) -> tuple[Fraction, tuple[Step, ...]]:
    product, steps = Fraction(1), []
    for adjustment in factors:
        product *= Fraction(adjustment.factor)
        steps.append(Step("factor", (("id", adjustment.id), ("factor", adjustment.factor)), adjustment.cite))
    return product, tuple(steps)
