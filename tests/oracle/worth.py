"""What a line is worth under a term: so many dollars for each of something, added, compared, or counted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

QUANTITY_OF = {
    "ndc_unit": "ndc_quantity",
    "charge": "charge",
    "cost": "cost",
    "case": "case",
    "line": "case",
    "service_day": "service_days",
    "dispensed": "dispenses",
    "beside": "beside",
}
Have = Callable[[str], Fraction | None]


@dataclass(frozen=True)
class Rate:
    """Dollars for each unit of ``per``."""

    dollars: Fraction
    per: str

    @property
    def quantity(self) -> str:
        """Which of the line's quantities it is multiplied by."""
        return self.per if self.per.startswith("period ") else QUANTITY_OF.get(self.per, "units")


@dataclass(frozen=True)
class Together:
    """The parts added."""

    parts: tuple[Worth, ...]


@dataclass(frozen=True)
class Least:
    """The least of the parts by size, so that a void mirrors its bill."""

    parts: tuple[Worth, ...]


@dataclass(frozen=True)
class Most:
    """The greatest of the parts by size."""

    parts: tuple[Worth, ...]


@dataclass(frozen=True)
class Steps:
    """Each unit in the band in which it lies: bands of (units above, dollars each), rising."""

    bands: tuple[tuple[Fraction, Fraction], ...]

    def up_to(self, count: Fraction) -> Fraction:
        """Dollars for so many units counted from the first."""
        total = Fraction(0)
        for number, (over, dollars) in enumerate(self.bands):
            end = self.bands[number + 1][0] if number + 1 < len(self.bands) else count
            total += max(Fraction(0), min(count, end) - over) * dollars
        return total


@dataclass(frozen=True)
class Counted:
    """What a line adds to its episode: ``once`` when the count begins, and each unit by its place in the count."""

    once: Fraction
    steps: Steps
    episode: str

    def added(self, before: Fraction, units: Fraction) -> Fraction:
        """Dollars for ``units`` more than ``before``; a void is the mirror of a bill in its place."""
        sign = -1 if units < 0 else 1
        after = before + abs(units)
        begins = self.once if before <= 0 < after else Fraction(0)
        return sign * (begins + self.steps.up_to(after) - self.steps.up_to(max(before, Fraction(0))))


Worth = Rate | Together | Least | Most | Counted


def value(worth: Worth, have: Have) -> Fraction | None:
    """Return dollars, or None when a quantity that is needed is not there."""
    if isinstance(worth, Rate):
        quantity = have(worth.quantity)
        return None if quantity is None else worth.dollars * quantity
    if isinstance(worth, Counted):
        before, units = have(f"before {worth.episode}"), have("units")
        return None if before is None or units is None else worth.added(before, units)
    found = [value(part, have) for part in worth.parts]
    if any(part is None for part in found):
        return None
    known = [part for part in found if part is not None]
    if isinstance(worth, Together):
        return sum(known, Fraction(0))
    return (min if isinstance(worth, Least) else max)(known, key=abs)


Bound = tuple[Callable[..., Fraction], Worth]


def held(worth: Worth) -> tuple[Bound, ...]:
    """The bounds for a whole line, and those around them, inmost first: what to pick of two, and the bound."""
    if not isinstance(worth, Least | Most) or len(worth.parts) != 2:
        return ()
    within, bound = worth.parts
    deeper = held(within)
    if not deeper and not (isinstance(bound, Rate) and bound.per == "line"):
        return ()
    return (*deeper, (min if isinstance(worth, Least) else max, bound))


def inside(worth: Worth) -> Worth:
    """What a bound for the whole line holds."""
    for _ in held(worth):
        assert isinstance(worth, Least | Most)
        worth = worth.parts[0]
    return worth


def daily(worth: Worth) -> bool:
    """Whether it is dollars for each day and nothing else."""
    if isinstance(worth, Rate):
        return worth.per == "day"
    return isinstance(worth, Together | Least | Most) and all(daily(part) for part in worth.parts)


def scaled(worth: Worth, by: Fraction, per: str = "") -> Worth:
    """Return ``worth`` times a number, and with ``per`` for each of another quantity."""
    if isinstance(worth, Rate):
        return Rate(worth.dollars * by, per or worth.per)
    assert not isinstance(worth, Counted)
    return type(worth)(tuple(scaled(part, by, per) for part in worth.parts))


def quantities(worth: Worth) -> set[str]:
    """Return the names of all quantities that are needed."""
    if isinstance(worth, Rate):
        return {worth.quantity}
    if isinstance(worth, Counted):
        return {"units", f"before {worth.episode}"}
    return set().union(*(quantities(part) for part in worth.parts))
