"""What one rate must come to, in sentences: the same on screen and in a terminal."""

from __future__ import annotations

from hitmodel.explanation import format_exact
from hitmodel.labels import inside
from hitmodel.negotiate import BreakEven


def break_even_words(found: BreakEven, beside: str) -> list[str]:
    """Say where the lever must stand, and what one step less would miss; ``beside`` names what is to be paid."""
    lever, gap = found.lever, found.start - found.target
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
    return lines
