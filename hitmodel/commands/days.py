"""``hitmodel days``: count the per diem days of one therapy, under each reading of "a day"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.dates import Span, parse_date
from hitmodel.errors import InputError
from hitmodel.intervals import parse_interval
from hitmodel.perdiem import Answer, DayCount, DayRules, StayEdges, Therapy, count_days

if TYPE_CHECKING:
    from hitmodel.perdiem import Days, Stay

_SPAN_HELP = "FIRST..LAST, both counted. May be given again."


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(days)


def days(
    start: Annotated[str, typer.Option(help="First day of the therapy (ISO).")],
    stop: Annotated[str, typer.Option(help="Day of the permanent stop, itself counted (ISO).")],
    every: Annotated[str, typer.Option(help="Hours between doses, such as 12h or q8h; or 'continuous'.")],
    hold: Annotated[list[str] | None, typer.Option(help=f"A temporary hold, {_SPAN_HELP}")] = None,
    stay: Annotated[list[str] | None, typer.Option(help=f"A hospital stay, ADMITTED..DISCHARGED. {_SPAN_HELP}")] = None,
    count: Annotated[DayCount, typer.Option(help="Which reading to show day by day.")] = DayCount.ACCESS,
    edges: Annotated[StayEdges, typer.Option(help="Which edge days of a stay are payable.")] = StayEdges.BOTH,
    hold_days: Annotated[bool, typer.Option(help="Whether days on hold count as days of access.")] = True,
) -> None:
    """Count the billable days of one therapy, and say why the others do not count.

    hitmodel days --start 2026-06-01 --stop 2026-06-14 --every 48h --hold 2026-06-05..2026-06-06
    """
    therapy = Therapy(
        start=parse_date(start, "--start"),
        stop=parse_date(stop, "--stop"),
        interval_hours=None if every == "continuous" else parse_interval(every, "--every"),
        holds=tuple(_span(text, "--hold") for text in hold or ()),
        stays=tuple(_stay(text) for text in stay or ()),
    )
    counted = {
        reading: count_days(therapy, DayRules(count=reading, edges=edges, hold_days=hold_days)) for reading in DayCount
    }
    _show(counted, count)
    if counted[count].answer is not Answer.COUNTED:
        raise typer.Exit(1)


def _span(text: str, where: str) -> Span:
    first, separator, last = text.partition("..")
    if not separator:
        raise InputError(f"{text!r} is not a span of days", where=where, expected="FIRST..LAST")
    return Span(parse_date(first, where), parse_date(last, where))


def _stay(text: str) -> Stay:
    from hitmodel.perdiem import Stay

    span = _span(text, "--stay")
    return Stay(span.first, span.last)


def _show(counted: dict[DayCount, Days], chosen: DayCount) -> None:
    from hitmodel.commands.screen import console, table

    shown = counted[chosen]
    console().print(f"{shown.total} days, reading '{chosen}'" if shown.total is not None else shown.note)
    if shown.stretches:
        rows = [(str(s.span.first), str(s.span.last), str(s.span.days), str(s.total), s.why) for s in shown.stretches]
        console().print(table(["from", "through", "days", "units", "why"], rows, numbers=["days", "units"]))
    others = [(reading, "–" if d.total is None else str(d.total), _remark(d)) for reading, d in counted.items()]
    console().print(table(["reading", "units", ""], others, numbers=["units"]))


def _remark(counted: Days) -> str:
    return counted.note or ("doses planned from the interval" if counted.planned else "")
