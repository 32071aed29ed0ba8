"""What would make a proposal pay as much as today's contract: found by repricing, so that limits and rounding count."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.money import as_decimal
from hitmodel.scenario import Comparison
from hitmodel.terms import Contract, RateChange, Selector, Version

STEP = 1000
"""Answers are whole thousandths: tenths of a percent."""
MOST = 1000
"""How far to look: a rise of 100 percent."""
PER_DIEMS = Selector(roles=("per_diem",))
_STRAIGHT = 4  # guesses along a straight line before halving


def per_diem_that_pays(comparison: Comparison, n: int) -> Fraction | None:
    """Return the smallest further increase of a proposal's per diem rates at which it pays what the baseline pays.

    It comes on top of the rates that proposal ``n`` (0 is the first) writes, on every dollar rate of a per diem code,
    each rounded to cents. 0.044 is 4.4 percent, in steps of a tenth of a percent; 0 where the proposal pays enough
    already. None where no increase up to 100 percent is enough, as when charges hold the amounts.
    """
    found = _smallest(lambda step: _total(comparison, n, lambda v: _raised(v, step)), _target(comparison))
    return None if found is None else Fraction(found, STEP)


def drug_multiplier_that_pays(comparison: Comparison, n: int) -> Fraction | None:
    """Return the smallest multiple of the Medicare limit at which proposal ``n``, else as written, pays the baseline.

    In steps of a tenth of a percent above what it writes: 1.073 is 107.3 percent. None where it has no such multiple,
    or several, or where 100 points more are not enough.
    """
    multiples = {m for version in _contract(comparison, n).versions for m in _multiples(version)}
    if len(multiples) != 1:
        return None
    written = Fraction(multiples.pop())

    def total(step: int) -> int:
        return _total(comparison, n, lambda v: _with_multiple(v, as_decimal(written + Fraction(step, STEP))))

    found = _smallest(total, _target(comparison))
    return None if found is None else written + Fraction(found, STEP)


def _contract(comparison: Comparison, n: int) -> Contract:
    return comparison.proposals[n].contract


def _target(comparison: Comparison) -> int:
    return int(comparison.baseline.allowed[comparison.compared].sum())


def _total(comparison: Comparison, n: int, change: Callable[[Version], Version]) -> int:
    """What a proposal pays with every version changed, over the compared lines [cents]."""
    written = comparison.proposals[n].priced
    versions = tuple(change(v) for v in written.contract.versions)
    priced = comparison.pricer.price(written.contract.model_copy(update={"versions": versions}), written.dating)
    known = np.where(priced.known, priced.allowed, written.allowed)
    return int(known[comparison.compared].sum())


def _raised(version: Version, step: int) -> Version:
    change = RateChange(
        id="further_increase", factor=as_decimal(1 + Fraction(step, STEP)), applies_to=PER_DIEMS, clause="per diem"
    )
    return version.model_copy(update={"rate_change": (*version.rate_change, change)}) if step else version


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


def _smallest(total: Callable[[int], int], target: int) -> int | None:
    """Return the smallest step from 0 to `MOST` whose total reaches ``target``; totals must not fall.

    The answer is exact: its total reaches the target, and the total of the step before does not.
    """
    low, high = 0, MOST
    below, above = total(low), 0
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
