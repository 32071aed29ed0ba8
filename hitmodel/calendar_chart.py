"""Days of therapy on a calendar: which are billed, as first, second or later therapy, and why the others are not."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hitmodel import chart_style as style
from hitmodel.dates import Span, month_end, month_spoken
from hitmodel.pictures import Chart
from hitmodel.quote_grid import ON_HOLD, DayMark
from hitmodel.sentences import counted, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEEKDAYS = "MTWTFSS"
RANKS = (
    ("1", "first therapy of the day", style.PROPOSALS[0], "white"),
    ("SH", "second, SH", style.PROPOSALS[2], style.INK),
    ("SJ", "third or later, SJ", "#dbe6f1", style.INK),
)
LABELS, CELL, ROW, HEAD, GAP, LEGEND = 1.28, 0.184, 0.24, 0.42, 0.14, 0.24  # inches
SMALLEST = 7.0  # points: two letters in a cell
LABEL_CHARACTERS = 17
REASONS = "abcdefghijklmnop"


@dataclass(frozen=True)
class _Key:
    """What a cell is marked with for each reason that a day is not billed, in order of first appearance."""

    letters: dict[str, str]

    @classmethod
    def of(cls, marks: Sequence[DayMark]) -> _Key:
        reasons = dict.fromkeys(mark.why for mark in marks if mark.rank is None)
        return cls({reason: REASONS[min(n, len(REASONS) - 1)] for n, reason in enumerate(reasons)})


def calendar_chart(marks: Sequence[DayMark], title: str) -> Chart:
    """Draw therapies as rows and days as columns, one block for each month; ``title`` says under which contract.

    An order without a therapy that is counted by the day gives a picture that says so.
    """
    months, key = _months(marks), _Key.of(marks)
    therapies = list(dict.fromkeys(mark.therapy for mark in marks))
    legend = _legend(marks, key)
    block = HEAD + ROW * len(therapies) + GAP
    height = max(block * len(months) + LEGEND * len(legend), 0.4)
    with style.canvas(height) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, style.WIDTH)
        axes.set_ylim(height, 0)
        for number, month in enumerate(months):
            _draw_month(axes, month, [m for m in marks if m.day in month], therapies, number * block, key)
        for number, entry in enumerate(legend):
            _draw_entry(axes, entry, len(months) * block + (number + 0.5) * LEGEND)
        if not marks:
            axes.text(0, 0.2, "No therapy of this order is counted by the day.", va="center")
        svg, png = style.files(figure)
    return Chart(
        "calendar",
        _headline(marks),
        f"{title}; each cell is one day of one therapy",
        _alt(marks),
        _values(marks),
        svg,
        png,
    )


def _months(marks: Sequence[DayMark]) -> list[Span]:
    firsts = sorted({mark.day.replace(day=1) for mark in marks})
    return [Span(first, month_end(first)) for first in firsts]


def _draw_month(
    axes: Axes, month: Span, marks: Sequence[DayMark], therapies: Sequence[str], top: float, key: _Key
) -> None:
    axes.text(0, top + 0.3, month_spoken(month.first), weight="bold", va="center")
    for day in month:
        across = LABELS + CELL * (day.day - 0.5)
        axes.text(
            across, top + 0.14, WEEKDAYS[day.weekday()], fontsize=SMALLEST, color=style.MUTED, ha="center", va="center"
        )
        axes.text(across, top + 0.31, str(day.day), fontsize=SMALLEST, color=style.MUTED, ha="center", va="center")
    for row, therapy in enumerate(therapies):
        middle = top + HEAD + ROW * (row + 0.5)
        axes.text(
            0, middle, textwrap.shorten(therapy, LABEL_CHARACTERS, placeholder="…"), va="center", fontsize=style.SMALL
        )
        for mark in marks:
            if mark.therapy == therapy:
                _draw_cell(axes, LABELS + CELL * (mark.day.day - 1), middle, *_look(mark, key))
                if mark.away:
                    _draw_away(axes, LABELS + CELL * (mark.day.day - 1), middle + 0.112, mark.away)


def _look(mark: DayMark, key: _Key) -> tuple[str, str, str]:
    """Return text, colour and text colour of a day's cell."""
    if mark.rank is None:
        return key.letters[mark.why], style.UNPRICED, style.INK
    text, _, colour, ink = RANKS[min(mark.rank, len(RANKS)) - 1]
    return text, colour, ink


def _draw_cell(axes: Axes, left: float, middle: float, text: str, colour: str, ink: str) -> None:
    from matplotlib.patches import Rectangle

    unpaid = colour == style.UNPRICED
    look = {"hatch": "////", "edgecolor": style.RULE, "linewidth": 0.4} if unpaid else {"edgecolor": "white"}
    axes.add_patch(Rectangle((left, middle - 0.1), CELL - 0.012, 0.2, facecolor=colour, **look))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6} if unpaid else None
    axes.text(left + CELL / 2, middle, text, fontsize=SMALLEST, color=ink, ha="center", va="center", bbox=box)


def _draw_away(axes: Axes, left: float, top: float, away: str) -> None:
    """Draw a bar under a day that is billed though nothing is given at home: whole on hold, in parts in hospital."""
    from matplotlib.patches import Rectangle

    width = CELL - 0.012
    parts = [(left, width)] if away == ON_HOLD else [(left, 0.4 * width), (left + 0.6 * width, 0.4 * width)]
    for start, length in parts:
        axes.add_patch(Rectangle((start, top), length, 0.035, facecolor=style.INK, edgecolor="none"))


@dataclass(frozen=True)
class _Entry:
    """One line of the legend: the cell and what it means."""

    look: tuple[str, str, str]
    words: str
    away: str = ""


def _legend(marks: Sequence[DayMark], key: _Key) -> list[_Entry]:
    found = []
    for number, (text, words, colour, ink) in enumerate(RANKS, start=1):
        days = sum(1 for mark in marks if mark.rank is not None and min(mark.rank, len(RANKS)) == number)
        if days:
            found.append(_Entry((text, colour, ink), f"{words}: {counted(days, 'day')}"))
    for away in dict.fromkeys(mark.away for mark in marks if mark.away):
        days = sum(1 for mark in marks if mark.away == away)
        found.append(_Entry(("", "white", style.INK), f"{away}, billed all the same: {counted(days, 'day')}", away))
    for reason, letter in key.letters.items():
        days = sum(1 for mark in marks if mark.rank is None and mark.why == reason)
        found.append(_Entry((letter, style.UNPRICED, style.INK), f"not billed, {reason}: {counted(days, 'day')}"))
    return found


def _draw_entry(axes: Axes, entry: _Entry, middle: float) -> None:
    _draw_cell(axes, LABELS, middle, *entry.look)
    if entry.away:
        _draw_away(axes, LABELS, middle - 0.0175, entry.away)
    axes.text(LABELS + CELL + 0.08, middle, entry.words, va="center", fontsize=style.SMALL)


def _headline(marks: Sequence[DayMark]) -> str:
    billed = [mark for mark in marks if mark.rank is not None]
    days = len({mark.day for mark in billed})
    left = len(marks) - len(billed)
    told = f"{counted(days, 'day')} with a per diem, {counted(len(billed), 'therapy day')} in all"
    return f"{told}; {counted(left, 'therapy day')} not billed." if left else f"{told}."


def _alt(marks: Sequence[DayMark]) -> str:
    told = [f"{label} {value}" for label, value in _values(marks)]
    return f"Calendar of therapy days. {'; '.join(told)}." if told else "Calendar without a day."


def _values(marks: Sequence[DayMark]) -> tuple[tuple[str, str], ...]:
    """Return runs of days alike: therapy and how they are billed, and which days."""
    runs: list[tuple[str, str, list[date]]] = []
    for mark in marks:
        how = RANKS[min(mark.rank, len(RANKS)) - 1][1] if mark.rank is not None else f"not billed, {mark.why}"
        how += f", {mark.away}" if mark.away else ""
        if runs and runs[-1][:2] == (mark.therapy, how):
            runs[-1][2].append(mark.day)
        else:
            runs.append((mark.therapy, how, [mark.day]))
    return tuple((f"{therapy}, {how}", _span_words(days)) for therapy, how, days in runs)


def _span_words(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else listed([str(days[0]), str(days[-1])]).replace(" and ", " to ")
