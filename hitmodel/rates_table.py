"""The rate exhibit of a contract comparison: every clause's rate under each side, and by how much it changes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hitmodel.comparison_tables import audience
from hitmodel.exhibit import RateLine, rate_lines
from hitmodel.labels import words
from hitmodel.money import as_decimal
from hitmodel.sentences import counted, shortened
from hitmodel.study import Study
from hitmodel.tables import Cell, Column, Gap, Row, Table

POINTS = ("%", "AWP", "WAC", "ASP", "NADAC", "INVOICE")
"""What marks a rate in words as a part of something, whose change is told in percentage points."""


def exhibit_table(study: Study) -> Table:
    """Return rates side by side, the changed ones first and marked, each with its difference where it can be measured.

    Fit for both editions: it holds the contract's and the proposals' own words and no claim. Single-case agreements
    stay inside.
    """
    lines = [line for line in rate_lines(study.summary.sides) if not (study.pooled and line.for_patients)]
    ordered = [*(line for line in lines if line.changed), *(line for line in lines if not line.changed)]
    columns = [Column("clause", "Clause"), Column("basis", "Unit"), Column("side_0", study.titles[0], "shown")]
    for side, name in enumerate(study.titles[1:], start=1):
        columns += [
            Column(f"side_{side}", shortened(name), "shown"),
            Column(f"difference_{side}", "Difference", "shown"),
            Column(f"percent_{side}", "in %", "percent", signed=True),
        ]
    changed = sum(line.changed for line in lines)
    return Table(
        name="rates",
        headline=f"{counted(changed, 'rate')} of {len(lines)} would change." if changed else "No rate would change.",
        caption=f"Rates by clause as they stand {_day(study)}; those that change first, marked ●",
        columns=(*columns, Column("cite", "Where")),
        rows=tuple(_row(line) for line in ordered),
        audience=audience(study.pooled),
    )


def _day(study: Study) -> str:
    as_of = study.baseline.dating.as_of
    return f"on {as_of}" if as_of else "on the last day priced"


def _row(line: RateLine) -> Row:
    cells: list[Cell] = [_clause(line), line.basis or Gap.NOT_APPLICABLE, line.shown[0]]
    for side in range(1, len(line.shown)):
        cells += [line.shown[side], *_difference(line, side)]
    return (*cells, line.cite or Gap.NONE)


def _clause(line: RateLine) -> str:
    """Return a clause's name, with a mark when it changes and with what it is for where that is codes."""
    codes = f" ({line.covers})" if any(c.isdigit() for c in line.covers) else ""
    return f"{'● ' if line.changed else ''}{words(line.term)}{codes}"


def _difference(line: RateLine, side: int) -> tuple[Cell, Cell]:
    """Return by how much a rate changes, in dollars or percentage points, and in percent of today's."""
    old, new = line.rates[0], line.rates[side]
    if line.shown[side] == line.shown[0]:
        return Gap.NONE, Gap.NONE
    if old is None or new is None or not old or _kind(line.shown[0]) != _kind(line.shown[side]):
        return "other terms", Gap.NOT_APPLICABLE
    moved = new - old
    text = f"{_signed(moved * 100)} points" if _kind(line.shown[0]) else _signed(moved, places=2)
    return text, Fraction(moved) / Fraction(old)


def _kind(shown: str) -> str:
    """Return what a rate in words is a part of, "" for dollars."""
    return next((word for word in POINTS if word in shown), "")


def _signed(value: Decimal, places: int = 0) -> str:
    exact = as_decimal(abs(Fraction(value)))
    exponent = exact.as_tuple().exponent
    has = -exponent if isinstance(exponent, int) else 0
    text = f"{exact:,.{places}f}" if has < places else f"{exact:,}"
    return f"{'−' if value < 0 else '+'}{text}"
