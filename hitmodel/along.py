"""One rate as it moves and everything else as written: totals at any value of it, without the contract in between.

Where every price that the rate takes part in grows evenly with it, which most do, a value needs no more than one
multiplication for each kind of line. Where rates are rounded on the way, or lines hang together, the whole contract is
asked, which is exact too and slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hitmodel.curves import Asked, Curves, Touched
from hitmodel.errors import InputError
from hitmodel.levers import Lever, lever_named, moved
from hitmodel.money import as_decimal
from hitmodel.prepare import Ints
from hitmodel.recipes import CentRate
from hitmodel.terms import Contract

_PROBES = tuple(Decimal(f"0.{digits}") for digits in ("000861204937", "237194621", "539028193", "997273641"))
"""Parts of the way from the least to the greatest value, with more places than any rounding keeps, so that it shows.

A cap or a floor on the way shows too: what bends once, the same way throughout, is on no line with both ends.
"""


class Along:
    """Totals of `Curves` as one lever of a contract moves.

    Raises `InputError` for a lever that the contract does not have.
    """

    def __init__(self, curves: Curves, contract: Contract, name: str, *, at_once: bool = True) -> None:
        self.curves, self.contract = curves, contract
        self.lever: Lever = lever_named(contract, name)
        self._touched: Touched | None = None
        self._lines: list[tuple[str, Fraction, Fraction]] = []
        self._values = self._tries()
        self._asked: list[Asked] = []
        while at_once and self.find_out():
            pass

    @property
    def is_even(self) -> bool:
        """Whether values are answered without the contract in between."""
        return self._touched is not None

    def totals(self, value: Decimal | Fraction) -> Ints:
        """Return totals by group [cents] with the lever at ``value``, the same as repricing every line.

        Raises `InputError` for a value that a contract could not write.
        """
        contract = self.at(value)  # refuses what a contract could not write
        if self._touched is None or not self._values[0] <= value <= self._values[-1]:
            return self.curves.totals(contract)
        rates = [(source, start + slope * Fraction(value)) for source, start, slope in self._lines]
        return self._touched.totals(rates)

    def total(self, value: Decimal | Fraction) -> int:
        """Return what all groups together come to [cents] with the lever at ``value``."""
        return int(self.totals(value).sum())

    def at(self, value: Decimal | Fraction) -> Contract:
        """Return the contract with the lever at ``value``."""
        exact = value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)
        return moved(self.contract, {self.lever.name: exact})

    def find_out(self) -> bool:
        """Do a part of what makes answers quick, as long as one slow answer takes; return whether a part is left."""
        if len(self._asked) > len(self._values):
            return False
        contract = self.at(self._values[len(self._asked) - 1]) if self._asked else self.contract
        self._asked.append(self.curves.asked(contract))
        if len(self._asked) > len(self._values):
            self._find_lines()
        return len(self._asked) <= len(self._values)

    def _tries(self) -> list[Decimal]:
        """Return the values to find out by; none for a percent on many rates, since it rounds every one of them."""
        low, high = Decimal(0), as_decimal(self.lever.greatest or Fraction(1))
        values = [low + (high - low) * probe for probe in _PROBES]
        try:
            for value in values:
                self.at(value)
        except InputError:  # the contract could not write one of them: it is asked itself
            return []
        return [] if self.lever.is_change else values

    def _find_lines(self) -> None:
        """Keep how each rate grows, where every one grows evenly."""
        here, *there = self._asked
        touched = self.curves.touched(here, there) if there else None
        if touched is None:
            return
        found = [_line(self._values, rates) for rates in zip(*touched.rates, strict=True)]
        lines = [line for line in found if line is not None]
        if len(lines) == len(found):
            self._touched, self._lines = touched, lines


def _line(values: Sequence[Decimal], rates: Sequence[CentRate]) -> tuple[str, Fraction, Fraction] | None:
    """Return the source of a rate, where it starts and how it grows; None where it does not grow evenly."""
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates) or len({source for source, _ in known}) > 1:
        return None
    exact = [Fraction(value) for value in values]
    slope = (known[1][1] - known[0][1]) / (exact[1] - exact[0])
    start = known[0][1] - slope * exact[0]
    if any(start + slope * value != rate for value, (_, rate) in zip(exact, known, strict=True)):
        return None
    return known[0][0], start, slope
