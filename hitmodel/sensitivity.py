"""Which rates matter: what a contract pays with each of its rates a little lower and a little higher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hitmodel.along import Along
from hitmodel.curves import Curves
from hitmodel.levers import Lever, levers
from hitmodel.money import as_decimal, round_half_up
from hitmodel.terms import Contract


@dataclass(frozen=True)
class Swing:
    """What moving one rate down and up does: the values, and the change of the total at each [cents].

    Changes differ in size where charges hold a rise back, or where a share cannot rise above 1.
    """

    lever: Lever
    low: Decimal
    high: Decimal
    loss: int
    gain: int

    @property
    def size(self) -> int:
        """From the lower total to the higher [cents]."""
        return self.gain - self.loss


def sensitivity(
    curves: Curves, contract: Contract, by: Fraction = Fraction(5, 100), chosen: Sequence[Lever] | None = None
) -> tuple[Swing, ...]:
    """Return the swing of each rate that a contract writes, moved by a part of itself: the widest first.

    Parameters
    ----------
    by : Fraction
        The part of a rate by which it is moved, 5 percent; a percent on many rates is moved by so many points.
    chosen : sequence of Lever or None
        The rates to move; None takes every number of the contract, and no percent on many, which would count twice.
    """
    base = curves.total(contract)
    found = []
    for lever in chosen if chosen is not None else [x for x in levers(contract) if not x.is_change]:
        along = Along(curves, contract, lever.name)
        size = by if lever.is_change else Fraction(lever.written) * by
        low, high = (_written(lever, Fraction(lever.written) + way * size) for way in (-1, 1))
        found.append(Swing(lever, low, high, along.total(low) - base, along.total(high) - base))
    return tuple(sorted(found, key=lambda swing: (-abs(swing.size), swing.lever.name)))


def _written(lever: Lever, value: Fraction) -> Decimal:
    """Return a value as a contract would write it: dollars in cents, a share of no more than 1."""
    if lever.is_share:
        value = min(max(value, Fraction(0)), Fraction(1))
    return as_decimal(round_half_up(value, 2 if lever.is_dollars else 4))
