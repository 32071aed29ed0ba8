"""Rounding and sharing out, said once more."""

from __future__ import annotations

from fractions import Fraction


def half_up(value: Fraction, decimals: int = 2) -> Fraction:
    """Round to a number of places; a half goes away from zero."""
    step = Fraction(1, 10**decimals)
    count = abs(value) / step
    whole = count.numerator // count.denominator
    if count - whole >= Fraction(1, 2):
        whole += 1
    return whole * step if value >= 0 else -whole * step


def cents(value: Fraction) -> int:
    """Dollars as whole cents."""
    return int(half_up(value) * 100)


def share_out(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Share whole cents out by weight: everyone gets the floor, the largest fractions one cent more, ties by name."""
    whole = sum(weights.values())
    exact = {
        name: Fraction(total * weight, whole) if whole else Fraction(total, len(weights))
        for name, weight in weights.items()
    }
    parts = {name: value.numerator // value.denominator for name, value in exact.items()}
    while sum(parts.values()) < total:
        fullest = max(sorted(exact), key=lambda name: exact[name] - parts[name])
        parts[fullest] += 1
    return parts
