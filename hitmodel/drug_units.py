"""Billing units of a drug: doses in the code's own measure, rounded up, and the vials that give them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd, lcm

from hitmodel.errors import InputError
from hitmodel.money import Number

_MASS = {"mcg": Fraction(1, 1000), "mg": Fraction(1), "g": Fraction(1000)}
_VOLUME = {"ml": Fraction(1), "l": Fraction(1000)}
_ACTIVITY = {"units": Fraction(1), "IU": Fraction(1)}
_KINDS = (_MASS, _VOLUME, _ACTIVITY, {"mEq": Fraction(1)}, {"kcal": Fraction(1)})


def convert(amount: Number, measure: str, into: str, where: str = "") -> Fraction:
    """Return ``amount`` [``measure``] in ``into``, exactly.

    Raises `InputError` when one measures something else than the other (milligrams and millilitres).
    """
    for kind in _KINDS:
        if measure in kind and into in kind:
            return Fraction(amount) * kind[measure] / kind[into]
    raise InputError(f"{measure} can't be turned into {into}", where=where, expected=f"a dose in {into}")


def units_for(amount: Number, unit_quantity: Number) -> int:
    """Return whole billing units that hold ``amount``, rounded up, both in one measure."""
    return ceil(Fraction(amount) / Fraction(unit_quantity))


def vials_for(amount: Number, sizes: Sequence[Number]) -> Fraction:
    """Return the smallest total that whole vials of these sizes can give for ``amount``, all in one measure.

    CMS bills waste against the smallest combination of vials that gives the dose. Raises `InputError` without sizes.
    """
    if not sizes:
        raise InputError("no vial sizes are given")
    exact = [Fraction(amount), *(Fraction(size) for size in sizes)]
    scale = lcm(*(f.denominator for f in exact))
    need, *whole = (int(f * scale) for f in exact)
    step = gcd(*whole)
    smallest = -(-need // step)
    steps = sorted({size // step for size in whole})
    reachable = 1  # bit n is set where whole vials make up n steps
    most = smallest + steps[0]
    for size in steps:
        reach = size
        while reach <= most:
            reachable |= reachable << reach
            reach *= 2
    total = next(n for n in range(smallest, most + 1) if reachable >> n & 1)
    return Fraction(total * step, scale)
