"""Exact money. The one place where an amount is rounded, and where cents become text.

Amounts are worked as `fractions.Fraction` (a payment limit ÷ 1.06 does not terminate) and kept as integer cents.
No float takes part before a chart is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

CENT = 2
Number = Fraction | Decimal | int


def round_half_up(value: Number, decimals: int = CENT) -> Fraction:
    """Round to ``decimals`` places, half away from zero, so that a void cancels its claim to the cent."""
    scaled = abs(Fraction(value)) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def to_cents(value: Number) -> int:
    """Return dollars as whole cents, rounded half-up by magnitude."""
    return int(round_half_up(value, CENT) * 100)


def dollars(cents: int) -> Decimal:
    """Return whole cents as a Decimal of dollars with two places."""
    return Decimal(int(cents)).scaleb(-CENT)


def as_decimal(value: Number, most: int = 6) -> Decimal:
    """Return a Decimal for showing: exact when it terminates within ``most`` places, else rounded to them."""
    for decimals in range(most + 1):
        rounded = round_half_up(value, decimals)
        if rounded == value or decimals == most:
            return Decimal(rounded.numerator * 10**decimals // rounded.denominator).scaleb(-decimals)
    raise AssertionError("unreachable")


def format_percent(part: Number, whole: Number, *, sign: bool = False) -> str:
    """Format ``part / whole`` to one decimal; a dash when there is no whole to compare with."""
    if whole == 0:
        return "–"
    tenths = round_half_up(Fraction(part) / Fraction(whole) * 100, 1)
    text = f"{abs(as_decimal(tenths, 1)):,.1f} %"
    if tenths < 0:
        return f"−{text}"
    return f"+{text}" if sign and tenths > 0 else text


def largest_remainder(total_cents: int, weights: Sequence[int], keys: Sequence[str]) -> list[int]:
    """Share ``total_cents`` out by ``weights`` so that the parts add up to it exactly.

    Cents left over go to the largest remainders, ties by ``keys``. All-zero weights share equally.

    Parameters
    ----------
    weights : sequence of int
        Not negative; usually each line's own amount in cents.
    keys : sequence of str
        One steady id for each weight (line ids), so that row order does not matter.
    """
    if not weights:
        return []
    base = list(weights) if sum(weights) else [1] * len(weights)
    sign, whole = -1 if total_cents < 0 else 1, sum(base)
    shares = [divmod(abs(total_cents) * w, whole) for w in base]
    parts, remainders = [part for part, _ in shares], [remainder for _, remainder in shares]
    left = abs(total_cents) - sum(parts)
    order = sorted(range(len(base)), key=lambda i: (-remainders[i], keys[i])) if left else []
    for i in order[:left]:
        parts[i] += 1
    return [sign * p for p in parts]
