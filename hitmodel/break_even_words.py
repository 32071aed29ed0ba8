"""What one rate must come to, in sentences: the same on screen and in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from hitmodel.explanation import format_exact
from hitmodel.labels import inside
from hitmodel.levers import Lever
from hitmodel.negotiate import BreakEven
from hitmodel.terms import Contract


def moved_words(contract: Contract, before: Mapping[Lever, Decimal], after: Mapping[Lever, Decimal]) -> list[str]:
    """Say from where to where each rate goes, and where the contract has written it when it starts elsewhere."""
    begun, written = {lever.name: value for lever, value in before.items()}, {lever.name: lever for lever in before}
    lines = []
    for lever, value in after.items():
        known = written.get(lever.name, lever)
        start = begun.get(lever.name, lever.written)
        at = "" if start == known.written else f"; {contract.title} writes {known.shown(known.written)}"
        lines.append(f"{_named(lever)} from {lever.shown(start)} to {_of(lever, value)}{at}.")
    ended = {lever.name for lever in after}
    stay = [(lever, value) for lever, value in before.items() if lever.name not in ended]
    return lines + [f"{_named(lever)} at {_of(lever, value)} before and after." for lever, value in stay]


def _named(lever: Lever) -> str:
    """Return the lever's name without what its unit says already: drugs, and not drugs, the Medicare limit."""
    return lever.label.removesuffix(f", {lever.unit.removeprefix('of ')}")


def _of(lever: Lever, value: Decimal) -> str:
    return lever.shown(value) if _named(lever) == lever.label else f"{lever.shown(value)} {lever.unit}"


def break_even_words(found: BreakEven, beside: str) -> list[str]:
    """Say where the lever must stand, and what one step less would miss; ``beside`` names what is to be paid."""
    lever, gap = found.lever, found.start - found.target
    if not gap:
        return [f"Together that pays {format_exact(found.start)}, the same as {beside}.", "Nothing has to be paid for."]
    side = "more" if gap > 0 else "less"
    told = f"{format_exact(abs(gap))} {side} than the {format_exact(found.target)} of {beside}"
    lines = [f"Together that pays {format_exact(found.start)}: {told}."]
    if found.value is None or found.total is None:
        lines.append(f"No value of {inside(lever.label)} reaches it: charges hold the amounts, or it has no room.")
        return lines
    stands = "" if lever.is_change else f" instead of {lever.shown(lever.written)}"
    pays = "still pays it" if gap > 0 else "pays it"
    over = format_exact(found.total - found.target)
    lines.append(f"{lever.label} at {lever.shown(found.value)}{stands} {pays}, with {over} to spare.")
    if found.below is not None:
        lines.append(f"One step less misses it by {format_exact(found.target - found.below)}.")
    if lever.is_change:
        lines.append("Each raised rate is rounded to the cent, so the total is not that percent more to the cent.")
    return lines
