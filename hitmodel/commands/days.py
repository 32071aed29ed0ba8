"""``hitmodel days``: count the per diem days of one therapy, under each reading of "a day"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.dates import Span, parse_date
from hitmodel.errors import InputError
from hitmodel.intervals import parse_interval
from hitmodel.perdiem import LONGEST_INTERVAL, Answer, DayCount, DayRules, Stay, StayEdges, Therapy, count_days

if TYPE_CHECKING:
    from hitmodel.perdiem import Days


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(days)


def days(
    start: Annotated[str, typer.Option(metavar="DATE", help="First day of the therapy.")],
    stop: Annotated[str, typer.Option(metavar="DATE", help="Day of the permanent stop, itself counted.")],
    every: Annotated[str, typer.Option(metavar="INTERVAL", help="Between doses: q8h, 12h, 2d, 1w; or continuous.")],
    hold: Annotated[
        list[str] | None,
        typer.Option(metavar="FIRST..LAST", help="A temporary hold, both days on hold. May be given again."),
    ] = None,
    stay: Annotated[
        list[str] | None,
        typer.Option(metavar="ADMITTED..DISCHARGED", help="A hospital stay. May be given again."),
    ] = None,
    count: Annotated[DayCount, typer.Option(help="Which reading of a day to show day by day.")] = DayCount.ACCESS,
    edges: Annotated[StayEdges, typer.Option(help="Which edge days of a stay are payable.")] = StayEdges.BOTH,
    hold_days: Annotated[bool, typer.Option(help="Whether days on hold are days of access.")] = True,
    inpatient_days: Annotated[bool, typer.Option(help="Whether full days in hospital are payable.")] = False,
    limit: Annotated[
        str, typer.Option(metavar="INTERVAL", help="Longest interval paid by the day; none for no limit.")
    ] = f"{LONGEST_INTERVAL}h",
) -> None:
    """Count the billable days of one therapy, and say why the others do not count.

    Dates are written 2026-06-01, and both ends count. Claim lines end with their months.

    hitmodel days --start 2026-06-01 --stop 2026-06-14 --every 48h --hold 2026-06-05..2026-06-06
    """
    therapy = Therapy(
        start=parse_date(start, "--start"),
        stop=parse_date(stop, "--stop"),
        interval_hours=None if every == "continuous" else parse_interval(every, "--every"),
        holds=tuple(_span(text, "--hold") for text in hold or ()),
        stays=tuple(Stay(span.first, span.last) for span in (_span(text, "--stay") for text in stay or ())),
    )
    hours = None if limit == "none" else parse_interval(limit, "--limit")
    rules = {reading: DayRules(reading, hold_days, inpatient_days, edges, hours) for reading in DayCount}
    counted = {reading: count_days(therapy, rules[reading]) for reading in DayCount}
    _show(therapy, counted, count, rules[count])
    if counted[count].answer is not Answer.COUNTED:
        raise typer.Exit(1)


def _span(text: str, where: str) -> Span:
    first, separator, last = text.partition("..")
    if not separator:
        raise InputError(f"{text!r} is not a span of days", where=where, expected="FIRST..LAST")
    begin, end = parse_date(first, where), parse_date(last, where)
    if end < begin:
        raise InputError(f"{text} ends before it starts", where=where)
    return Span(begin, end)


def _show(therapy: Therapy, counted: dict[DayCount, Days], chosen: DayCount, rules: DayRules) -> None:
    from hitmodel.billing_rules import BillingRules, assumptions_in
    from hitmodel.commands.screen import console, table
    from hitmodel.perdiem import conventions

    shown, out = counted[chosen], console()
    if shown.total is None:
        out.print(f"No count, reading '{chosen}': {shown.note}")
    else:
        out.print(f"{shown.total} {'day' if shown.total == 1 else 'days'}, reading '{chosen}'")
        rows = [(str(s.span.first), str(s.span.last), str(s.span.days), str(s.total), s.why) for s in shown.stretches]
        out.print(table(["from", "through", "days", "units", "why"], rows, numbers=["days", "units"]))
        lines = [(str(span.first), str(span.last), str(units)) for span, units in shown.lines()]
        out.print("As claim lines, split at month ends")
        out.print(table(["from", "through", "units"], lines, numbers=["units"]))
    out.print("The same therapy under each reading of a day")
    others = [(reading, "–" if d.total is None else str(d.total), _remark(d)) for reading, d in counted.items()]
    out.print(table(["reading", "units", ""], others, numbers=["units"]))
    for assumed in assumptions_in(conventions(therapy, shown, rules), BillingRules(days=rules)):
        out.print(f"Assumed: {assumed.text} ({assumed.standing}).")


def _remark(counted: Days) -> str:
    return counted.note or ("doses planned from the interval" if counted.planned else "")
