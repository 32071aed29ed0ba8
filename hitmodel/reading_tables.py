"""One order under every reading of "a day" and every primary rule, side by side. Internal."""

from __future__ import annotations

from collections.abc import Sequence

from hitmodel.perdiem import DayCount
from hitmodel.quote_grid import ReadAs
from hitmodel.ranks import PrimaryBy
from hitmodel.sentences import money
from hitmodel.tables import Column, Gap, Row, Table

COUNTS = {
    DayCount.ACCESS: "every day from start to stop",
    DayCount.INFUSION: "days with an infusion",
    DayCount.INFUSION_OR_NURSING: "days with an infusion or a visit",
    DayCount.ELAPSED_24H: "hours of infusion ÷ 24",
    DayCount.DOSES: "one for each dose",
}
PRIMARY = {
    PrimaryBy.HIGHEST_RATE: "highest rate first",
    PrimaryBy.FIRST_BILLED: "first on the claim first",
    PrimaryBy.FIRST_STARTED: "first started first",
}


def readings_table(read: Sequence[ReadAs], title: str) -> Table:
    """Return expected payment of an order by how days are counted (rows) and which therapy comes first (columns)."""
    counts = list(dict.fromkeys(r.count for r in read))
    rules = list(dict.fromkeys(r.primary_by for r in read))
    by_way = {(r.count, r.primary_by): r for r in read}
    own = next((r for r in read if r.is_contracts_own), None)
    rows: list[Row] = []
    for count in counts:
        sides = [by_way[count, rule].side for rule in rules]
        days = _units(by_way[count, rules[0]])
        if by_way[count, rules[0]].lacks_hours:
            rows.append((f"{COUNTS[count]}: hours not given", Gap.NONE, *(Gap.NONE for _ in rules)))
            continue
        paid = [side.allowed() if side.is_complete else Gap.UNKNOWN for side in sides]
        rows.append((COUNTS[count] + (" *" if own and own.count is count else ""), days, *paid))
    notes = ["* as this contract counts" + (f", with {PRIMARY[own.primary_by]}" if own else "")] if own else []
    if any(Gap.UNKNOWN in row for row in rows):
        notes.append("“unknown”: something ordered has no amount under that reading")
    notes.append("A contract that goes by the claim's own modifiers finds them set by the rule of the column")
    return Table(
        name="readings",
        headline=_headline(read),
        caption=f"{title}: expected payment in dollars under every reading of “a day” and every primary rule",
        columns=(
            Column("count", "What counts as a day"),
            Column("units", "Per diem units", "count"),
            *(Column(rule.value, PRIMARY[rule].capitalize(), "dollars", "$") for rule in rules),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _units(read: ReadAs) -> int | Gap:
    lines = [q.line for q in read.side.lines if q.line.role == "per_diem"]
    return sum(line.units for line in lines) if lines or read.side.is_complete else Gap.UNKNOWN


def _headline(read: Sequence[ReadAs]) -> str:
    paid = [r.side.allowed() for r in read if r.side.is_complete and not r.lacks_hours]
    if not paid:
        return "No reading gives everything ordered an amount."
    if min(paid) == max(paid):
        return f"Every reading pays the same: {money(paid[0])}."
    return f"The readings lie {money(max(paid) - min(paid))} apart, from {money(min(paid))} to {money(max(paid))}."
