"""What one rate must come to so that a contract pays so much: found on exact totals, limits and rounding included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

import numpy as np

from hitmodel.curves import Curves
from hitmodel.levers import Lever, moved
from hitmodel.money import as_decimal
from hitmodel.scenario import Comparison
from hitmodel.terms import Contract, Version

STEP = 1000
"""Answers are whole thousandths: tenths of a percent."""
MOST = 1000
"""How far to look: a rise of 100 percent."""
PER_DIEMS = "roles:per_diem"
_STRAIGHT = 4  # guesses along a straight line before halving


@dataclass(frozen=True)
class BreakEven:
    """Where a lever makes a contract pay a target.

    ``value`` is the least value, in whole steps of the lever's decimal places, at which the total reaches ``target``
    [cents]; None where none does. ``total`` is what it then comes to and ``below`` what one step less comes to
    [cents]; None where there is none. ``start`` is the total with the lever as written.
    """

    lever: Lever
    target: int
    start: int
    value: Decimal | None
    total: int | None
    below: int | None

    @property
    def by(self) -> Decimal | None:
        """How far the lever moves from where it is written; None where nothing is enough."""
        return None if self.value is None else self.value - self.lever.written


class Moving(Protocol):
    """Something that comes to other totals as one lever moves: `Along`, or the same at another volume."""

    @property
    def lever(self) -> Lever:
        """The lever that moves."""

    def total(self, value: Decimal) -> int:
        """Return the total [cents] with the lever at ``value``."""


def break_even(along: Moving, target: int) -> BreakEven:
    """Return where a lever makes its contract pay ``target`` cents or the least above it.

    A total that a rate can only raise reaches the target at every value from the answer on. Where therapies are ranked
    by rate a rise may lower it somewhere: the answer then reaches the target, and one step less does not.
    """
    lever = along.lever
    unit = 10**lever.places
    low, high = _range(lever, unit)

    def total(step: int) -> int:
        return along.total(Decimal(step).scaleb(-lever.places))

    start = along.total(lever.written)
    found = smallest(total, target, low, high)
    if found is None:
        return BreakEven(lever, target, start, None, None, None)
    below = total(found - 1) if found > low else None
    return BreakEven(lever, target, start, Decimal(found).scaleb(-lever.places), total(found), below)


def _range(lever: Lever, unit: int) -> tuple[int, int]:
    """Return the least and greatest steps to look at: what a contract could write."""
    low = 1 - unit if lever.is_change else 0 if lever.is_share else 1
    return low, int(lever.greatest * unit)


def smallest(total: Callable[[int], int], target: int, low: int, high: int) -> int | None:
    """Return the smallest step from ``low`` to ``high`` whose total reaches ``target``; totals must not fall.

    The answer is exact: its total reaches the target, and the total of the step before does not. None where the total
    of ``high`` does not reach it.
    """
    below = total(low)
    if below >= target:
        return low
    above = total(high)
    if above < target:
        return None
    tries = 0
    while high - low > 1:
        guess = (low + high) // 2
        if tries < _STRAIGHT:
            guess = low - (below - target) * (high - low) // (above - below)
        guess = min(max(guess, low + 1), high - 1)
        reached = total(guess)
        low, below, high, above = (low, below, guess, reached) if reached >= target else (guess, reached, high, above)
        tries += 1
    return high


def per_diem_that_pays(comparison: Comparison, n: int) -> Fraction | None:
    """Return the smallest further increase of a proposal's per diem rates at which it pays what the baseline pays.

    It comes on top of the rates that proposal ``n`` (0 is the first) writes, on every dollar rate of a per diem code,
    each rounded to cents. 0.044 is 4.4 percent, in steps of a tenth of a percent; 0 where the proposal pays enough
    already. None where no increase up to 100 percent is enough, as when charges hold the amounts.
    """
    curves, contract = curves_of(comparison, n), _contract(comparison, n)

    def total(step: int) -> int:
        return curves.total(moved(contract, {PER_DIEMS: as_decimal(Fraction(step, STEP))}))

    found = smallest(total, _target(comparison), 0, MOST)
    return None if found is None else Fraction(found, STEP)


def drug_multiplier_that_pays(comparison: Comparison, n: int) -> Fraction | None:
    """Return the smallest multiple of the Medicare limit at which proposal ``n``, else as written, pays the baseline.

    In steps of a tenth of a percent above what it writes: 1.073 is 107.3 percent. None where it has no such multiple,
    or several, or where 100 points more are not enough.
    """
    contract = _contract(comparison, n)
    multiples = {m for version in contract.versions for m in _multiples(version)}
    if len(multiples) != 1:
        return None
    written, curves = Fraction(multiples.pop()), curves_of(comparison, n)

    def total(step: int) -> int:
        multiple = as_decimal(written + Fraction(step, STEP))
        versions = tuple(_with_multiple(version, multiple) for version in contract.versions)
        return curves.total(contract.model_copy(update={"versions": versions}))

    found = smallest(total, _target(comparison), 0, MOST)
    return None if found is None else written + Fraction(found, STEP)


def curves_of(comparison: Comparison, n: int) -> Curves:
    """Return the totals of a proposal, over the lines that every side prices, as its rates move."""
    curves = comparison.shared.get((Curves, n))
    if not isinstance(curves, Curves):
        written = comparison.proposals[n].priced
        index = np.where(comparison.compared, 0, -1)
        curves = Curves(comparison.pricer, written.contract, written.dating, index)
        comparison.shared[Curves, n] = curves
    return curves


def _contract(comparison: Comparison, n: int) -> Contract:
    return comparison.proposals[n].contract


def _target(comparison: Comparison) -> int:
    return int(comparison.baseline.allowed[comparison.compared].sum())


def _multiples(version: Version) -> set[Decimal]:
    """The multiples of the Medicare limit with which the drug terms of a version begin."""
    chains = [getattr(term, "chain", ()) for term in version.term]
    return {chain[0].multiplier for chain in chains if chain and chain[0].of == "payment_limit"}


def _with_multiple(version: Version, multiple: Decimal) -> Version:
    terms = []
    for term in version.term:
        chain = getattr(term, "chain", ())
        if chain and chain[0].of == "payment_limit":
            first = chain[0].model_copy(update={"multiplier": multiple})
            term = term.model_copy(update={"chain": (first, *chain[1:])})
        terms.append(term)
    return version.model_copy(update={"term": tuple(terms)})
