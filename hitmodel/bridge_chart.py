"""The main picture: the bridge from the baseline's total through each change to the proposal's.

It takes exact cents, refuses steps that do not add up, and returns a `Chart`. Floats appear in drawing only.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hitmodel import chart_style as style
from hitmodel.errors import HitmodelError
from hitmodel.pictures import Chart
from hitmodel.table_views import format_amount, reaches_whole
from hitmodel.tables import Audience

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BarKind = Literal["total", "subtotal", "change", "estimate", "unpriced"]
CUT_FROM = 0.6  # bars of totals are cut when the lowest level is above this part of the highest

ROW, LINE, THICK = 0.3, 0.15, 0.21  # inches, as all that follow: a row at least, a line of its label, a bar
LABELS, LABEL_CHARACTERS = 2.6, 38
BARS = style.WIDTH - LABELS
VALUE_ROOM = 1.15


@dataclass(frozen=True)
class Bar:
    """One row of a bridge.

    Parameters
    ----------
    label, note : str
        What it is, and the clause or condition it stands on.
    kind : str
        ``total`` (the first bar, then the end), ``subtotal``, ``change``; after the end also ``estimate`` (a range
        from ``cents`` to ``high``, hatched) and ``unpriced`` (``cents`` of charges that are in no total).
    cents : int
        The amount or the difference.
    """

    label: str
    cents: int
    kind: BarKind = "change"
    note: str = ""
    high: int = 0


@dataclass(frozen=True)
class _Scale:
    """Where bars of totals begin [cents], how amounts are written, and the colour of the end."""

    origin: int
    whole: bool
    end: str


def plot_bridge(
    bars: Sequence[Bar],
    *,
    name: str,
    headline: str,
    caption: str,
    proposal: int = 0,
    audience: Audience = "internal",
) -> Chart:
    """Draw the bridge from a baseline total through its changes to a proposal's total.

    Totals start at zero. Where the changes would be too small to see beside them, the bars of totals are cut and the
    picture says so in words; changes always share one scale.

    Parameters
    ----------
    bars : sequence
        The baseline's total first.
    proposal : int
        Which proposal this is, from 0: the colour of its total.

    Raises
    ------
    HitmodelError
        The steps do not add up to a total or subtotal.
    """
    levels = _levels(bars)
    whole = reaches_whole([bar.cents for bar in bars])
    scale = _Scale(_origin(bars, levels), whole, style.proposal_colour(proposal))
    words = _cut_words(scale)
    rows = _rows(bars)
    below = 0.3 if words else 0.05
    with style.canvas(sum(row.height for row in rows) + below) as figure:
        axes = _plot_area(figure, bars, levels, scale, below)
        for bar, level, row in zip(bars, levels, rows, strict=True):
            _write_label(axes, bar, row)
            _draw_bar(axes, bar, level, row, scale)
        _draw_connectors(axes, bars, levels, rows)
        if words:
            style.footline(figure, words)
        svg, png = style.files(figure)
    values = tuple((bar.label, _value_text(bar, whole=False)) for bar in bars)
    return Chart(name, headline, caption, bridge_alt(bars, words), values, svg, png, audience)


def bridge_alt(bars: Sequence[Bar], words: str = "") -> str:
    """Say in words what a bridge shows."""
    whole = reaches_whole([bar.cents for bar in bars])
    parts = [f"{bar.label} {_value_text(bar, whole)}" for bar in bars]
    return f"Bridge of {len(bars)} bars, in dollars: {'; '.join(parts)}.{f' {words}' if words else ''}"


def _levels(bars: Sequence[Bar]) -> list[int]:
    """Return where the running total stands after each bar, in cents."""
    if not bars or bars[0].kind != "total":
        raise HitmodelError("a bridge begins with the baseline's total")
    running, levels = bars[0].cents, []
    for bar in bars:
        if bar.kind == "change":
            running += bar.cents
        elif bar.kind in ("total", "subtotal") and bar.cents != running:
            raise HitmodelError(
                f"the steps lead to {format_amount(running, whole=False)}, not to"
                f" {format_amount(bar.cents, whole=False)}",
                where=f"bridge, '{bar.label}'",
            )
        levels.append(running)
    return levels


def _ends(bar: Bar, level: int, origin: int) -> tuple[int, int]:
    """Return the left and right end of a bar, in cents."""
    if bar.kind == "change":
        return min(level - bar.cents, level), max(level - bar.cents, level)
    if bar.kind == "estimate":
        return level + min(bar.cents, bar.high), level + max(bar.cents, bar.high)
    return min(origin, level), max(origin, level)


def _origin(bars: Sequence[Bar], levels: Sequence[int]) -> int:
    """Return where bars of totals begin: zero, or a round number just below when they must be cut."""
    seen = [end for bar, level in zip(bars, levels, strict=True) for end in _ends(bar, level, level)]
    low, high = min(seen), max(seen)
    if low <= 0 or low < CUT_FROM * high or low == high:
        return 0
    below = low - max(1, (high - low) * 2 // 5)
    step = int(10 ** (len(str(high - low)) - 1))
    return below // step * step


def _cut_words(scale: _Scale) -> str:
    if not scale.origin:
        return ""
    begins = format_amount(scale.origin, whole=scale.whole)
    return f"Bars of totals are cut: the scale begins at {begins}, so that steps can be seen."


def _value_text(bar: Bar, whole: bool) -> str:
    if bar.kind == "estimate":
        low, high = (format_amount(c, whole=whole, signed=True) for c in (bar.cents, bar.high))
        return f"{low} to {high}"
    if bar.kind == "unpriced":
        return f"{format_amount(bar.cents, whole=whole)} of charges, in no total"
    return format_amount(bar.cents, whole=whole, signed=bar.kind == "change")


@dataclass(frozen=True)
class _Row:
    """Where a bar stands [inches from the top], and whether it is the baseline."""

    middle: float
    height: float
    is_first: bool


def _rows(bars: Sequence[Bar]) -> tuple[_Row, ...]:
    """Return a row for each bar, high enough for its label."""
    top, rows = 0.0, []
    for i, bar in enumerate(bars):
        height = max(ROW, len(_label_lines(bar)) * LINE + 0.08)
        rows.append(_Row(top + height / 2, height, i == 0))
        top += height
    return tuple(rows)


def _label_lines(bar: Bar) -> list[str]:
    return textwrap.wrap(bar.label, LABEL_CHARACTERS) + ([bar.note] if bar.note else [])


def _plot_area(figure: Figure, bars: Sequence[Bar], levels: Sequence[int], scale: _Scale, below: float) -> Axes:
    height = figure.get_figheight()
    axes = figure.add_axes((LABELS / style.WIDTH, below / height, BARS / style.WIDTH, 1 - below / height))
    axes.set_axis_off()
    axes.set_ylim(height - below, 0)
    ends = [end for bar, level in zip(bars, levels, strict=True) for end in _ends(bar, level, scale.origin)]
    low, high = min([scale.origin, *ends]), max([scale.origin, *ends])
    axes.set_xlim(low, low + (high - low or 1) * BARS / (BARS - VALUE_ROOM))
    return axes


def _write_label(axes: Axes, bar: Bar, row: _Row) -> None:
    """Write a bar's label and, smaller, its note, centred on the bar."""
    lines = _label_lines(bar)
    for i, text in enumerate(lines):
        is_note = bool(bar.note) and i == len(lines) - 1
        axes.text(
            -LABELS / BARS,
            row.middle + (i - (len(lines) - 1) / 2) * LINE,
            text,
            transform=axes.get_yaxis_transform(),
            va="center",
            weight="bold" if bar.kind in ("total", "subtotal") else "normal",
            fontsize=style.SMALL if is_note else style.TEXT,
            color=style.MUTED if is_note else style.INK,
        )


def _draw_bar(axes: Axes, bar: Bar, level: int, row: _Row, scale: _Scale) -> None:
    left: float
    right: float
    left, right = _ends(bar, level, scale.origin)
    start, end = axes.get_xlim()
    if bar.kind == "unpriced":  # charges, not allowed amounts: a swatch, not a length
        left, right = start, start + 0.06 * (end - start)
    look = _look(bar, style.BASELINE if row.is_first else scale.end)
    axes.barh(row.middle, right - left, left=left, height=THICK, zorder=2, **look)
    bold = bar.kind in ("total", "subtotal")
    axes.text(
        right + 0.012 * (end - start),
        row.middle,
        _value_text(bar, scale.whole),
        va="center",
        weight="bold" if bold else "normal",
        color=style.tone(bar.cents) if bar.kind == "change" else style.INK,
        zorder=4,
    )
    if scale.origin and bold:
        _draw_cut(axes, row.middle, left)


def _look(bar: Bar, total: str) -> dict[str, Any]:
    if bar.kind == "total":
        return {"facecolor": total}
    if bar.kind == "subtotal":
        return {"facecolor": style.BASELINE_LIGHT}
    if bar.kind == "estimate":
        return {"facecolor": "white", "edgecolor": style.tone(bar.cents + bar.high), "hatch": "////", "linewidth": 0.8}
    if bar.kind == "unpriced":
        return {"facecolor": style.UNPRICED, "edgecolor": style.RULE, "hatch": "xx", "linewidth": 0.5}
    return {"facecolor": style.tone(bar.cents)}


def _draw_cut(axes: Axes, middle: float, left: float) -> None:
    """Draw the white slanted gap that says a bar does not begin at zero."""
    span = axes.get_xlim()[1] - axes.get_xlim()[0]
    start, lean, gap, half = left + 0.035 * span, 0.012 * span, 0.009 * span, 0.65 * THICK
    corners = [(start, half), (start + lean, -half), (start + lean + gap, -half), (start + gap, half)]
    axes.fill([x for x, _ in corners], [middle + y for _, y in corners], color="white", linewidth=0, zorder=3)


def _draw_connectors(axes: Axes, bars: Sequence[Bar], levels: Sequence[int], rows: Sequence[_Row]) -> None:
    for at in range(len(bars) - 1):
        if "unpriced" not in (bars[at].kind, bars[at + 1].kind):
            ends = [rows[at].middle + THICK / 2, rows[at + 1].middle - THICK / 2]
            axes.plot([levels[at]] * 2, ends, color=style.RULE, linewidth=0.8, zorder=1)
