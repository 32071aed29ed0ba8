"""One therapy in tables: its days under every reading, what contracts pay for it, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence

from hitmodel.dates import spoken
from hitmodel.errors import HitmodelError
from hitmodel.explanation import explain_line
from hitmodel.one_therapy import READINGS, OneTherapy
from hitmodel.perdiem import DayCount
from hitmodel.prepare import to_day
from hitmodel.pricing import Priced
from hitmodel.sentences import counted, listed, money
from hitmodel.status import ORDER
from hitmodel.tables import Cell, Column, Gap, Row, Table

MILLI = 1000
READING_WORDS = {
    DayCount.ACCESS: "days of access, from start to stop: the published definition",
    DayCount.INFUSION: "days with an infusion",
    DayCount.INFUSION_OR_NURSING: "days with an infusion or a nursing visit",
    DayCount.ELAPSED_24H: "hours of infusion ÷ 24",
    DayCount.DOSES: "one for each dose",
}


def days_table(therapy: OneTherapy) -> Table:
    """Return the billable days under each reading of "a day"."""
    counts = {reading: therapy.days(reading) for reading in READINGS}
    days = counts[DayCount.ACCESS].total
    told = f"{counted(days, 'per diem day')}" if days is not None else "No per diem day"
    rows = tuple(
        (READING_WORDS[reading], Gap.UNKNOWN if d.total is None else d.total, _remark(d.note, d.planned))
        for reading, d in counts.items()
    )
    return Table(
        name="days",
        headline=f"{told} from {spoken(therapy.start)} to {spoken(therapy.stop)}, both counted.",
        caption=f"{therapy.entry.code} {therapy.entry.label}, under each reading of “a day” that contracts use",
        columns=(Column("reading", "A day is"), Column("days", "Days", "days"), Column("remark", "Remark")),
        rows=rows,
        notes=(f"{therapy.entry.code}: {therapy.entry.descriptor}",),
    )


def _remark(note: str, planned: bool) -> Cell:
    return note or ("doses planned from the interval" if planned else Gap.NOT_APPLICABLE)


def prices_table(sides: Sequence[Priced]) -> Table:
    """Return what each contract pays for each line; the first is the one asked about."""
    names = [side.contract.title for side in sides]
    lines = sides[0].claims.lines
    amounts = [_amounts(side) for side in sides]
    rows = []
    for n, (line, code, units) in enumerate(zip(lines["line_id"], lines["code"], lines["units_milli"], strict=True)):
        cells = [Gap.UNKNOWN if side[n] is None else side[n] for side in amounts]
        rows.append((line, code, _days(sides[0], n), int(units) // MILLI, int(lines["charge_cents"].iloc[n]), *cells))
    none = Gap.NOT_APPLICABLE
    totals = [sum(a for a in side if a is not None) for side in amounts]
    total: Row = ("All", none, none, none, int(lines["charge_cents"].sum()), *totals)
    return Table(
        name="prices",
        headline=_headline(names, amounts),
        caption="Expected allowed, dollars, as if each contract's own payer were billed",
        columns=(
            Column("line", "Line", "code"),
            Column("code", "Code", "code"),
            Column("dates", "Dates"),
            Column("units", "Units", "count"),
            Column("charge", "Charge", "dollars", "$"),
            *(Column(f"side_{n}", name, "dollars", "$") for n, name in enumerate(names)),
        ),
        rows=tuple(rows),
        totals=(total,),
        notes=tuple(_why_not(side) for side in sides if not side.known.all()),
    )


def _amounts(side: Priced) -> list[int | None]:
    return [int(a) if known else None for a, known in zip(side.allowed, side.known.tolist(), strict=True)]


def _days(side: Priced, line: int) -> str:
    prepared = side.fitted.prepared
    return f"{to_day(prepared.first[line])} to {to_day(prepared.last[line])}"


def _headline(names: Sequence[str], amounts: Sequence[Sequence[int | None]]) -> str:
    told = []
    for name, side in zip(names, amounts, strict=True):
        known = [a for a in side if a is not None]
        open_lines = len(side) - len(known)
        without = f" without {counted(open_lines, 'line')} of unknown amount" if open_lines else ""
        told.append(f"{name} pays {money(sum(known))}{without}")
    return f"{'; '.join(told)}."


def _why_not(side: Priced) -> str:
    reasons = dict.fromkeys(text for text, known in zip(side.reason_texts, side.known, strict=True) if not known)
    return f"{side.contract.title}: {'; '.join(reasons)}."


def therapy_checks_table(therapy: OneTherapy, sides: Sequence[Priced]) -> Table:
    """Return what must agree: days in units, lines in lines out, explanations in the total.

    Raises
    ------
    HitmodelError
        Something does not agree.
    """
    checks: list[tuple[str, int, int]] = []
    for side in sides:
        name, lines = side.contract.title, side.claims.lines
        billed = int(lines.loc[lines["code"] == therapy.entry.code, "units_milli"].sum()) // MILLI
        checks.append((f"per diem days = units billed, {name}", therapy.days().total or 0, billed))
        found = sum(int(side.has(status).sum()) for status in ORDER)
        checks.append((f"lines in = lines with a status, {name}", len(lines), found))
        explained = sum(explain_line(side, str(line)).amount_cents or 0 for line in lines["line_id"])
        checks.append((f"lines as explained = total, in cents, {name}", explained, side.total))
    wrong = [what for what, one, other in checks if one != other]
    if wrong:
        raise HitmodelError("the therapy's numbers do not agree", where=listed(wrong))
    rows: tuple[Row, ...] = tuple(checks)
    return Table(
        name="checks",
        headline=f"All {len(checks)} checks agree.",
        caption="Days, lines and cents, counted twice",
        columns=(Column("check", "Check"), Column("one", "One way", "count"), Column("other", "The other", "count")),
        rows=rows,
    )
