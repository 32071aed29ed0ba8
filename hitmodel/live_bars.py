"""Bars of differences that are redrawn while a slider moves: SVG written out, since drawing anew takes too long.

The same colours, order and words as the pictures of a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from hitmodel import chart_style as style
from hitmodel.money import format_percent
from hitmodel.points import Amounts
from hitmodel.sentences import shortened
from hitmodel.table_views import format_amount, reaches_whole

WIDTH, LABELS, AMOUNTS, ROW, HEAD = 820, 320, 120, 24, 24
LABEL_CHARACTERS = 46
BESIDE = 150
"""Room for the words beside a bar, on either side of the scale."""


def bars_svg(groups: Sequence[Amounts], name: str) -> str:
    """Return amounts today and differences by group as one SVG picture with its description in words."""
    height = HEAD + ROW * len(groups) + 6
    largest = max((abs(g.today) for g in groups), default=0) or 1
    zero, inch = _scale([g.difference for g in groups])
    parts = [_text(LABELS, 15, "Today", weight="bold", colour=style.MUTED)]
    parts.append(_text(zero, 15, f"{name} less today", weight="bold", colour=style.MUTED))
    for row, group in enumerate(groups):
        top = HEAD + ROW * row
        parts.append(_text(0, top + 15, shortened(group.label, LABEL_CHARACTERS)))
        parts.append(_bar(LABELS, top, max(abs(group.today) / largest * (AMOUNTS - 30), 0), style.BASELINE))
        width = abs(group.difference) * inch
        parts.append(_bar(zero - (width if group.difference < 0 else 0), top, width, style.tone(group.difference)))
        across = zero + (width if group.difference > 0 else 0) + 6
        parts.append(_text(across, top + 15, _words(group, groups), colour=style.tone(group.difference)))
    axis = f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="{HEAD}" y2="{height}" stroke="{style.RULE}"/>'
    told = escape(bars_words(groups, name), quote=True)
    size = f'viewBox="0 0 {WIDTH} {height}" width="100%" style="max-width:62rem"'
    head = f'<svg role="img" aria-label="{told}" {size}'
    return f'{head} font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">{axis}{"".join(parts)}</svg>'


def bars_words(groups: Sequence[Amounts], name: str) -> str:
    """Say what the bars show."""
    parts = "; ".join(f"{group.label} {_words(group, groups)}" for group in groups)
    return f"{name} less today by therapy, in dollars: {parts}."


def _words(group: Amounts, groups: Sequence[Amounts]) -> str:
    whole = reaches_whole([g.difference for g in groups])
    percent = format_percent(group.difference, group.today, sign=True)
    return f"{format_amount(group.difference, whole=whole, signed=True)} ({percent})"


def _scale(differences: Sequence[int]) -> tuple[float, float]:
    """Return where zero stands [px], and pixels for a cent; labels of losses stand right of zero too."""
    low, high = min(0, *differences, 0), max(0, *differences, 0)
    room = WIDTH - LABELS - AMOUNTS - BESIDE
    inch = room / ((high - low) or 1)
    return LABELS + AMOUNTS - low * inch, inch


def _bar(left: float, top: float, width: float, colour: str) -> str:
    return f'<rect x="{left:.1f}" y="{top + 3}" width="{width:.1f}" height="{ROW - 8}" fill="{colour}"/>'


def _text(left: float, base: float, words: str, *, weight: str = "normal", colour: str = style.INK) -> str:
    return f'<text x="{left:.1f}" y="{base}" font-weight="{weight}" fill="{colour}">{escape(words)}</text>'
