"""What a contract says about one kind of line at one moment: the governing term, its price form, and why.

Worked out once for each kind and moment, then shared by every line of that kind. A changed rate touches only the
kinds that its term could govern, because a resolution is remembered under the terms that fit the kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.compile import Period
from hitmodel.forms import Known, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.mechanisms.bounds import bounded
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.selection import counts_as_therapy, govern, matches, touches
from hitmodel.status import Status
from hitmodel.terms import Adjustment, LesserOf, Term, Version


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
    factor: Fraction = Fraction(1)
    factor_steps: tuple[Step, ...] = ()
    shares: tuple[Fraction, ...] = ()
    share_cite: str = ""
    limited: bool = False


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
        if version is None:
            return Resolution(
                kind, Unpriced(Status.CONTRACT_SILENT, "the contract is not in force on every day of the line")
            )
        fitting = tuple(t for t in period.terms if matches(t, kind))
        factors = tuple(a for a in version.adjustment if matches(a, kind))
        rules = tuple(r for r in period.rules if any(touches(r, t, kind) for t in fitting))
        about = (version.concurrency, version.lesser_of, version.rounding, version.drug_prices, version.schedule)
        key = (kind, period.span.first, price_day, fitting, factors, rules, about)
        if key not in self._known:
            self.worked_out += 1
            self._known[key] = _resolve(kind, period, price_day, fitting, factors)
        return self._known[key]


def _resolve(
    kind: LineKind, period: Period, price_day: date, fitting: tuple[Term, ...], factors: tuple[Adjustment, ...]
) -> Resolution:
    assert period.version is not None
    assert period.look is not None
    choice = govern(kind, fitting, period.version.file)
    term = choice.chosen
    if term is None:
        name = "-".join((kind.code, *sorted(kind.modifiers)))
        silent = Unpriced(Status.CONTRACT_SILENT, f"no term speaks of {name}")
        return Resolution(kind, silent, limited=is_limited(kind, period.version.lesser_of))
    rules = tuple(rule for rule in period.rules if touches(rule, term, kind))
    look = period.look.at(price_day, rules)
    outcome = bounded(MECHANISMS[term.mechanism].price(kind, term, look), kind, term, look)
    factor, steps = (Fraction(1), ()) if isinstance(outcome, Known | Unpriced) else _factor(factors)
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
    return not _says_something(rule) or not matches(rule.exclude, kind)


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
