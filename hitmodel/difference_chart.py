"""Amounts by group, such as therapy, and beside them what each proposal changes.

Every panel of differences has the same scale. It is seldom the scale of the amounts, and then the picture says in
words how many times larger it is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hitmodel import chart_style as style
from hitmodel.errors import HitmodelError
from hitmodel.money import format_percent
from hitmodel.pictures import Chart
from hitmodel.table_views import HARD_SPACE, format_amount, reaches_whole
from hitmodel.tables import Audience

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW, TALL_ROW, HEAD, FOOT = 0.31, 0.4, 0.3, 0.28  # inches, as all that follow
LABELS, GAP = 1.95, 0.15
LABEL_CHARACTERS = 30
BESIDE = 1.35  # room for the label beside a bar


@dataclass(frozen=True)
class Group:
    """One group of lines: the baseline's amount and each proposal's, in cents."""

    label: str
    baseline: int
    amounts: tuple[int, ...]

    def change(self, at: int) -> int:
        """Difference of the proposal at place ``at`` [cents]."""
        return self.amounts[at] - self.baseline


@dataclass(frozen=True)
class _Layout:
    """The groups with everything that the panels share. Limits in cents, widths in inches."""

    groups: tuple[Group, ...]
    baseline: str
    proposals: tuple[str, ...]

    @property
    def amounts_width(self) -> float:
        return 1.75 if len(self.proposals) == 1 else 1.0

    @property
    def width(self) -> float:
        return (style.WIDTH - LABELS - self.amounts_width) / len(self.proposals)

    @property
    def row(self) -> float:
        """Height of a row, more where a label takes two lines."""
        return TALL_ROW if any(len(g.label) > LABEL_CHARACTERS for g in self.groups) else ROW

    @property
    def largest(self) -> int:
        return max(abs(amount) for g in self.groups for amount in (g.baseline, *g.amounts)) or 1

    @property
    def limits(self) -> tuple[float, float]:
        """Left and right limit of a panel of differences."""
        changes = [g.change(i) for g in self.groups for i in range(len(self.proposals))]
        low, high = min(0, *changes), max(0, *changes)
        inch = (high - low or 1) / max(self.width - GAP - BESIDE, 0.3)
        return low - GAP * inch, high + BESIDE * inch

    @property
    def times_larger(self) -> float:
        left, right = self.limits
        return (self.largest / (self.amounts_width - GAP)) / ((right - left) / self.width)

    @property
    def whole(self) -> bool:
        return reaches_whole([g.change(i) for g in self.groups for i in range(len(self.proposals))])

    def text(self, group: Group, at: int) -> str:
        """A difference with its sign and its part of the baseline."""
        percent = format_percent(group.change(at), group.baseline, sign=True)
        return f"{format_amount(group.change(at), whole=self.whole, signed=True)} ({percent})".replace(
            " %", HARD_SPACE + "%"
        )


def plot_differences(
    groups: Sequence[Group],
    *,
    baseline: str,
    proposals: Sequence[str],
    name: str,
    headline: str,
    caption: str,
    audience: Audience = "internal",
) -> Chart:
    """Draw each group's amounts, and beside them the differences on one scale for every proposal.

    Parameters
    ----------
    groups : sequence
        In the order in which they are to stand; at least one, each with an amount for every proposal.
    baseline, proposals : str and sequence of str
        What the amounts are called.
    """
    if not groups or any(len(group.amounts) != len(proposals) for group in groups):
        raise HitmodelError("each group needs one amount for each proposal", where=f"chart '{name}'")
    layout = _Layout(tuple(groups), baseline, tuple(proposals))
    with style.canvas(layout.row * len(groups) + HEAD + FOOT) as figure:
        _draw_amounts(figure, layout)
        for at in range(len(proposals)):
            _draw_differences(figure, layout, at)
        style.footline(figure, _scale_words(layout.times_larger))
        svg, png = style.files(figure)
    return Chart(name, headline, caption, _alt(layout), tuple(_values(layout)), svg, png, audience)


def _alt(layout: _Layout) -> str:
    told = []
    for at, proposal in enumerate(layout.proposals):
        parts = "; ".join(f"{group.label} {layout.text(group, at)}" for group in layout.groups)
        told.append(f"{proposal} less {layout.baseline}: {parts}.")
    return f"Bars by group, in dollars. {' '.join(told)}"


def _values(layout: _Layout) -> list[tuple[str, str]]:
    values = []
    for group in layout.groups:
        values.append((f"{group.label}, {layout.baseline}", format_amount(group.baseline, whole=False)))
        for at, proposal in enumerate(layout.proposals):
            change = format_amount(group.change(at), whole=False, signed=True)
            amount = format_amount(group.amounts[at], whole=False)
            values.append((f"{group.label}, {proposal}", f"{amount} ({change})"))
    return values


def _scale_words(times: float) -> str:
    if 0.95 <= times <= 1.05:
        return "Amounts and differences share one scale."
    if times < 1:
        return f"Differences are drawn {1 / times:,.1f} times smaller than amounts."
    return f"Differences are drawn {times:,.{0 if times >= 10 else 1}f} times larger than amounts."


def _panel(figure: Figure, layout: _Layout, left: float, width: float) -> Axes:
    height = figure.get_figheight()
    axes = figure.add_axes((left / style.WIDTH, FOOT / height, width / style.WIDTH, (height - HEAD - FOOT) / height))
    axes.set_axis_off()
    axes.set_ylim(len(layout.groups) - 0.5, -0.5)
    return axes


def _head(figure: Figure, left: float, text: str, colour: str) -> float:
    """Write a panel's head and return how wide it is [inches]."""
    y = 1 - 0.15 / figure.get_figheight()
    shown = figure.text(left / style.WIDTH, y, text, fontsize=style.SMALL, color=colour, va="center", weight="bold")
    return float(shown.get_window_extent().width) / figure.dpi


def _draw_amounts(figure: Figure, layout: _Layout) -> None:
    """Draw the baseline's bars, and beside them the proposal's when there is only one."""
    width = layout.amounts_width
    axes = _panel(figure, layout, LABELS, width)
    axes.set_xlim(0, layout.largest * width / (width - GAP))
    named = [(layout.baseline, style.BASELINE)]
    if len(layout.proposals) == 1:
        named.append((layout.proposals[0], style.PROPOSALS[0]))
    thick = 0.68 / len(named)
    for at, group in enumerate(layout.groups):
        label = textwrap.fill(group.label, LABEL_CHARACTERS)
        axes.text(-LABELS / width, at, label, transform=axes.get_yaxis_transform(), va="center")
        for i, amount in enumerate((group.baseline, *group.amounts)[: len(named)]):
            axes.barh(at - 0.34 + thick * (i + 0.5), amount, height=thick * 0.92, color=named[i][1])
    left = LABELS if sum(len(name) for name, _ in named) <= 22 else 0.0
    for name, colour in named:
        left += _head(figure, left, name, colour) + GAP


def _draw_differences(figure: Figure, layout: _Layout, at: int) -> None:
    start = LABELS + layout.amounts_width + at * layout.width
    axes = _panel(figure, layout, start, layout.width)
    left, right = layout.limits
    axes.set_xlim(left, right)
    several = len(layout.proposals) > 1
    colour = style.proposal_colour(at) if several and at < 2 else style.INK  # paler blues are for bars only
    zero = start + layout.width * (0 - left) / (right - left) if several else start
    _head(figure, zero, layout.proposals[at] if several else "Difference", colour)
    axes.plot([0, 0], [-0.5, len(layout.groups) - 0.5], color=style.RULE, linewidth=0.8, zorder=1)
    for row, group in enumerate(layout.groups):
        change = group.change(at)
        axes.barh(row, change, height=0.5, color=style.tone(change), zorder=2)
        beside = max(change, 0) + 0.06 * (right - left) / layout.width
        axes.text(beside, row, layout.text(group, at), va="center", fontsize=style.SMALL, color=style.tone(change))
