"""Contracts and their dates as a table, and drawn as a calendar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hitmodel import chart_style as style
from hitmodel.dates import MONTHS, add_months, spoken
from hitmodel.pictures import Chart
from hitmodel.renewals import Renewal
from hitmodel.sentences import counted, money, shortened
from hitmodel.tables import Cell, Column, Gap, Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOON = 120
"""Days to a deadline from which it is named first."""
BACK, AHEAD = 6, 24  # months drawn before and after the day
LABEL_DAYS = 40
"""Days that the name of a month takes on the calendar."""
FOOTLINE = (
    "Bars: the term that runs, hatched for drafts. Diamonds: last day of notice. Arrow: no last day is said, or later."
)
PAGE_ROWS = 14
"""Contracts that one page of the calendar holds, below its title and headline."""
LABELS, ROW, HEAD, FOOT = 2.2, 0.5, 0.35, 0.55  # inches


def renewals_table(found: Sequence[Renewal], day: date) -> Table:
    """Return every contract with payers, products, dates, deadlines and worth, as of ``day``."""
    priced = any(r.cents is not None for r in found)
    columns = [
        Column("contract", "Contract"),
        Column("payers", "Payers and products"),
        Column("standing", "Standing"),
        Column("first", "First day"),
        Column("ends", "Term ends"),
        Column("notice", "Notice by"),
        Column("then", "Then"),
        Column("worth", "On these claims", "dollars", "$"),
        Column("owner", "Owner"),
    ]
    table = Table(
        name="contracts",
        headline=headline(found, day),
        caption=f"Every contract at hand, as of {spoken(day)}; drafts and proposals last",
        columns=tuple(columns),
        rows=tuple(_row(r, day) for r in found),
        notes=(
            "A term without a last day, or a date without notice days, is not said in the contract's file.",
            *(("A contract that begins after the claims is priced as if from its first day.",) if priced else ()),
        ),
    )
    empty = [key for key, said in (("worth", "cents"), ("owner", "owner")) if not any(getattr(r, said) for r in found)]
    return table.without(empty)


def headline(found: Sequence[Renewal], day: date) -> str:
    """Say which deadline comes next, and which is missed or unknown."""
    running = [r for r in found if r.standing in ("in force", "to come")]
    ahead = [(r.notice_by, r) for r in running if r.notice_by is not None and r.notice_by >= day]
    told = [f"{counted(len(running), 'contract')} in force or to come"]
    if ahead:
        by, next_one = min(ahead, key=lambda pair: (pair[0], pair[1].name))
        worth = f", {money(next_one.cents)} on these claims" if next_one.cents else ""
        told.append(f"next notice: {next_one.title} by {spoken(by)}, in {counted((by - day).days, 'day')}{worth}")
    late = [r for r in running if r.notice_by is not None and r.notice_by < day]
    if late:
        told.append(f"too late for {', '.join(map(_too_late, late))}")
    unknown = [r for r in running if r.notice_by is None]
    if unknown:
        told.append(f"no deadline known for {', '.join(r.title for r in unknown)}")
    return f"{'; '.join(told)}."


def _too_late(renewal: Renewal) -> str:
    """Name a contract whose notice was missed, with what comes of it."""
    worth = f", {money(renewal.cents)} on these claims" if renewal.cents else ""
    return (
        f"{renewal.title} ({renewal.renews} after {spoken(renewal.ends)}{worth})"
        if renewal.renews and renewal.ends
        else renewal.title
    )


def _row(renewal: Renewal, day: date) -> Row:
    on = f", on {renewal.on}" if renewal.on else ""
    return (
        f"{renewal.title} ({renewal.name})",
        ", ".join((*renewal.payers, *renewal.products)) or Gap.NONE,
        f"{renewal.standing}{on}",
        renewal.first.isoformat(),
        renewal.ends.isoformat() if renewal.ends else Gap.NONE,
        _notice(renewal, day),
        renewal.renews or Gap.NONE,
        Gap.NONE if renewal.cents is None else renewal.cents,
        renewal.owner or Gap.NONE,
    )


def _notice(renewal: Renewal, day: date) -> Cell:
    left = renewal.days_to_notice(day)
    if renewal.notice_by is None or left is None:
        return Gap.NONE
    if renewal.standing == "draft":
        return renewal.notice_by.isoformat()
    return f"{renewal.notice_by.isoformat()}, {'passed' if left < 0 else f'in {left} days'}"


def renewals_calendars(found: Sequence[Renewal], day: date) -> tuple[Chart, ...]:
    """Draw the terms of all contracts as calendars round ``day``, each of no more rows than a page holds.

    A draft that another draft was made of stands in the table only.
    """
    shown = _drawn(found)
    pages = max(math.ceil(len(shown) / PAGE_ROWS), 1)
    rows = max(math.ceil(len(shown) / pages), 1)
    whole = headline(found, day)
    charts = [_calendar(shown[first : first + rows], day, whole) for first in range(0, max(len(shown), 1), rows)]
    return tuple(
        chart
        if number == 0
        else replace(
            chart,
            name=f"{chart.name}_{number + 1}",
            headline=f"Contracts {number * rows + 1} to {number * rows + len(chart.values)} of {len(shown)}",
        )
        for number, chart in enumerate(charts)
    )


def renewals_calendar(found: Sequence[Renewal], day: date) -> Chart:
    """Draw the terms of all contracts as one calendar round ``day``, with deadlines; drafts hatched, below the others.

    A draft that another draft was made of stands in the table only.
    """
    return _calendar(_drawn(found), day, headline(found, day))


def _drawn(found: Sequence[Renewal]) -> list[Renewal]:
    carried_on = {renewal.on for renewal in found if renewal.standing == "draft"}
    return [renewal for renewal in found if renewal.standing != "draft" or renewal.name not in carried_on]


def _calendar(shown: Sequence[Renewal], day: date, says: str) -> Chart:
    first, last = add_months(day.replace(day=1), -BACK), add_months(day.replace(day=1), AHEAD)
    with style.canvas(ROW * max(len(shown), 1) + HEAD + FOOT) as figure:
        height = figure.get_figheight()
        box = (LABELS / style.WIDTH, FOOT / height, 1 - LABELS / style.WIDTH, (height - HEAD - FOOT) / height)
        axes = figure.add_axes(box)
        axes.set_axis_off()
        axes.set_xlim(0, (last - first).days)
        axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
        _draw_months(axes, first, last, len(shown))
        for row, renewal in enumerate(shown):
            _draw_term(axes, row, renewal, (first, last))
        axes.plot([(day - first).days] * 2, [-0.5, len(shown) - 0.5], color=style.INK, linewidth=1.2)
        axes.text((day - first).days, -0.62, spoken(day), fontsize=style.SMALL, ha="center", va="bottom")
        style.footline(figure, FOOTLINE)
        svg, png = style.files(figure)
    values = tuple((f"{r.title}{_draft(r)}", _values(r)) for r in shown)
    alt = f"Calendar of contract terms. {' '.join(f'{title}: {said}.' for title, said in values)}"
    caption = f"{spoken(first)} to {spoken(last)}"
    return Chart("renewals", says, caption, alt, values, svg, png)


def _values(renewal: Renewal) -> str:
    ends = renewal.ends.isoformat() if renewal.ends else "no last day"
    notice = f", notice by {renewal.notice_by.isoformat()}" if renewal.notice_by else ""
    return f"{renewal.first.isoformat()} to {ends}{notice}"


def _draw_months(axes: Axes, first: date, last: date, rows: int) -> None:
    month = first
    while month < last:
        at = (month - first).days
        quarter = month.month in (1, 4, 7, 10)
        axes.plot(
            [at, at],
            [-0.5, rows - 0.5],
            color=style.RULE if month.month == 1 else style.UNPRICED,
            linewidth=0.6,
            zorder=0,
        )
        if quarter and (last - month).days > LABEL_DAYS:
            label = MONTHS[month.month - 1][:3] if month.month != 1 else str(month.year)
            axes.text(at + 2, rows - 0.42, label, fontsize=style.SMALL, color=style.MUTED, va="top")
        month = add_months(month, 1)


def _draw_term(axes: Axes, row: int, renewal: Renewal, window: tuple[date, date]) -> None:
    first, last = window
    span = (last - first).days
    left, right = max((renewal.first - first).days, 0), min((renewal.ends - first).days if renewal.ends else span, span)
    colour = style.PROPOSALS[1] if renewal.standing != "ended" else style.BASELINE_LIGHT
    is_draft = renewal.standing == "draft"
    if right > left:
        face, hatch = ("white", "////") if is_draft else (colour, None)
        axes.barh(row, right - left, left=left, height=0.36, facecolor=face, edgecolor=colour, hatch=hatch)
    if renewal.ends is None or right == span:
        axes.plot([span], [row], marker=">", color=colour, markersize=8, clip_on=False)
    else:
        said = f"{'ended' if right <= 0 else 'to'} {renewal.ends.isoformat()}"
        axes.text(max(right, 0) + 6, row, said, fontsize=style.SMALL, color=style.MUTED, va="center")
    if renewal.notice_by is not None and first <= renewal.notice_by <= last:
        at = (renewal.notice_by - first).days
        face = "white" if is_draft else style.WORSE
        axes.plot([at], [row], marker="D", color=style.WORSE, markerfacecolor=face, markersize=7)
    label = f"{shortened(renewal.title, 26 - len(_draft(renewal)))}{_draft(renewal)}"
    beside = axes.get_yaxis_transform()
    if renewal.cents is None:
        axes.text(-0.02, row, label, transform=beside, ha="right", va="center")
        return
    axes.text(-0.02, row - 0.03, label, transform=beside, ha="right", va="bottom")
    worth = f"{money(renewal.cents)} on these claims"
    axes.text(-0.02, row + 0.05, worth, transform=beside, ha="right", va="top", fontsize=style.SMALL, color=style.MUTED)


def _draft(renewal: Renewal) -> str:
    """Return the mark of a draft, where its title does not say that it is one."""
    says_so = any(word in renewal.title.lower() for word in ("draft", "proposal"))
    return " (draft)" if renewal.standing == "draft" and not says_so else ""
