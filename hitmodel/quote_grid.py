"""One order under every reading of "a day" and every rule for which of concurrent therapies comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from hitmodel.billing_rules import BillingRules
from hitmodel.dates import Span
from hitmodel.orders import Order, TherapyOrder
from hitmodel.perdiem import DayCount, Why
from hitmodel.quotes import Basis, Side
from hitmodel.quoting import quote_read_as
from hitmodel.ranks import PrimaryBy
from hitmodel.terms import Contract

RULES = (PrimaryBy.HIGHEST_RATE, PrimaryBy.FIRST_BILLED, PrimaryBy.FIRST_STARTED)
"""``as_modified`` is not among them: an order has no modifiers before somebody sets them by one of these rules."""

ON_HOLD, IN_HOSPITAL = "on hold", "hospital stay"


@dataclass(frozen=True)
class ReadAs:
    """An order under one contract, days counted and therapies ranked in one way.

    ``lacks_hours``: hours are to be counted and the order does not say them, so that days with an infusion stand in.
    """

    count: DayCount
    primary_by: PrimaryBy
    side: Side
    is_contracts_own: bool
    lacks_hours: bool = False


def read_every_way(order: Order, contract: Contract, basis: Basis, own: BillingRules) -> tuple[ReadAs, ...]:
    """Return the order under every day count and, for each, every primary rule. ``own`` is what the contract says."""
    ways = [(count, rule) for count in DayCount for rule in RULES]
    hours_given = all(therapy.runs is not None for therapy in order.therapy)
    sides = quote_read_as(order, contract, [_reading(*way) for way in ways], basis)
    return tuple(
        ReadAs(
            count,
            rule,
            side,
            not own.days_of and (count, rule) == (own.days.count, own.primary_by),
            count is DayCount.ELAPSED_24H and count is not own.days.count and not hours_given,
        )
        for (count, rule), side in zip(ways, sides, strict=True)
    )


def _reading(count: DayCount, rule: PrimaryBy) -> Callable[[BillingRules], BillingRules]:
    return lambda rules: replace(rules, days=replace(rules.days, count=count), days_of=(), primary_by=rule)


@dataclass(frozen=True)
class DayMark:
    """One day of one therapy on the bill: its rank, or why no per diem is billed.

    ``rank`` is 1 for the first therapy of the day, None where none is billed; then ``why`` says the reason. ``away``
    says of a day that is billed although the therapy is on hold or the patient in hospital which of the two it is.
    """

    therapy: str
    day: date
    rank: int | None
    why: str
    away: str = ""


def day_marks(side: Side, order: Order) -> tuple[DayMark, ...]:
    """Return every day of every therapy of an order's bill, therapies in the order in which they were ordered."""
    counted = dict(side.bill.days)
    marks = (
        mark
        for therapy, days in counted.items()
        for stretch in days.stretches
        for mark in _marks(side, therapy, stretch.span, stretch.why, bool(stretch.units))
    )
    away = {(therapy.id, day): how for therapy in order.therapy for day, how in _away(order, therapy).items()}
    return tuple(replace(m, away=away.get((m.therapy, m.day), "")) if m.rank is not None else m for m in marks)


def _away(order: Order, therapy: TherapyOrder) -> dict[date, str]:
    """Return the days on which a therapy is on hold or the patient in hospital, a stay's first and last day too."""
    stays = {day: IN_HOSPITAL for s in order.stay for day in Span(s.admitted, s.discharged)}
    return stays | {day: ON_HOLD for hold in therapy.holds for day in hold.span}


def _marks(side: Side, therapy: str, span: Span, why: Why, counts: bool) -> list[DayMark]:
    if not counts:
        return [DayMark(therapy, day, None, str(why)) for day in span]
    lines = side.bill.of(therapy)
    left = [n for n in side.bill.not_billed if n.therapy == therapy]
    marks = []
    for day in span:
        line = next((line for line in lines if day in line.span), None)
        reason = next((n.reason for n in left if day in n.span), "no per diem line")
        marks.append(DayMark(therapy, day, (line.rank or 1) if line else None, "" if line else reason))
    return marks
