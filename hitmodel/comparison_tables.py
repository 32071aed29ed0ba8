"""The tables of a contract comparison that say what changes: totals, clauses, groups, drugs, rates; and their files.

What is made from a pooled summary or bridge is fit for both editions; anything else is internal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hitmodel.errors import InputError
from hitmodel.exports import to_csv, to_workbook
from hitmodel.files import written_whole
from hitmodel.labels import inside
from hitmodel.pooling import FEW_PATIENTS
from hitmodel.scenario import Bridge, Comparison
from hitmodel.sentences import as_it_ended, change, counted, money, no_longer_paid, pays, shortened, without_amount
from hitmodel.study import Study
from hitmodel.summary import Group, Summary
from hitmodel.tables import Audience, Cell, Column, Gap, Row, Table

TOGETHER = 2
"""So many proposals stand side by side on a page; three columns each, and a landscape page is full."""
_OF_A_SIDE = re.compile(r"(?:proposal|difference|percent|side)_(\d+)")
FEW = f"* {FEW_PATIENTS} patients or fewer: keep inside the house."
HEADS = {"therapy": "Therapy", "code": "Code", "role": "Service", "month": "Month", "term": "Clause"}


def measure(comparison: Comparison) -> str:
    """Say what the amounts of a table or chart are: measure, unit and period."""
    return f"Expected allowed, dollars, {comparison.scope}"


def audience(pooled: bool) -> Audience:
    """Return for whom a record is: only pooled numbers may leave the house."""
    return "both" if pooled else "internal"


def bridge_of(study: Study, n: int) -> Bridge:
    """Return the bridge to proposal ``n`` (0 is the first) as the study's edition may show it."""
    bridge = study.proposals[n].bridge
    return bridge.pooled() if study.pooled else bridge


def assumed_range(study: Study, side: int) -> tuple[int, int] | None:
    """Return by how much missing evidence could move a side (0 is today's) down and up [cents]; None where it can't."""
    found = [a for a in study.assumptions[side] if a.stated_cents is not None]
    if not found:
        return None
    stated = sum(a.stated_cents or 0 for a in found)
    return sum(a.low_cents for a in found) - stated, sum(a.high_cents for a in found) - stated


def share(part: int, whole: int) -> Cell:
    """Return a part of a whole, or a dash when there is no whole."""
    return Fraction(part, whole) if whole else Gap.NONE


def totals_table(study: Study) -> Table:
    """Return each side's total beside the baseline's."""
    return totals_of(study.summary)


def totals_of(summary: Summary) -> Table:
    """Return each side's total beside the baseline's, over the lines that every side prices.

    Where the sides do not price the same lines, each one's lines without an amount stand beside it, and what it comes
    to on all lines that it prices itself.
    """
    totals, called = summary.totals, summary.comparison.titles
    uneven = summary.prices_unevenly and not summary.pooled
    rows: list[Row] = []
    for side, (name, total) in enumerate(zip(called, totals, strict=True)):
        cells: list[Cell] = [name, total, Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE]
        if side:
            cells[2:] = [total - totals[0], share(total - totals[0], totals[0])]
        rows.append((*cells, *_own_cells(summary, side)) if uneven else tuple(cells))
    return Table(
        name="totals",
        headline=f"{'; '.join(_told(summary))}.",
        caption=f"{measure(summary.comparison)}; the {counted(summary.total().lines, 'line')} that every side prices",
        columns=(
            Column("side", "Contract"),
            Column("allowed", "Expected allowed", "dollars", "$"),
            Column("difference", "Difference", "dollars", "$", signed=True),
            Column("percent", "in %", "percent", signed=True),
            *(OWN_COLUMNS if uneven else ()),
        ),
        rows=tuple(rows),
        notes=(*_unpriced_notes(summary), *_lost_notes(summary), *_ended_notes(summary)),
        audience=audience(summary.pooled),
    )


OWN_COLUMNS = (
    Column("unpriced_lines", "Not priced", "count", "lines"),
    Column("unpriced_charge", "Not priced", "dollars", "$ charged"),
    Column("own", "On all it prices", "dollars", "$"),
)


def _told(summary: Summary) -> list[str]:
    """Say what each proposal pays, and what it takes the amount from where another side prices it."""
    totals, made = summary.totals, summary.comparison
    told = []
    for name, total, one in zip(made.titles[1:], totals[1:], made.proposals, strict=True):
        lost = "" if summary.pooled else without_amount(one.lost)
        ends = "" if summary.pooled else no_longer_paid(one.stopped)
        told.append(", ".join(filter(None, (pays(name, total - totals[0], totals[0]), ends, lost and f"and {lost}"))))
    return told


def _own_cells(summary: Summary, side: int) -> list[Cell]:
    lines, charge = summary.unpriced(side)
    priced = summary.sides[side]
    return [lines or Gap.NONE, charge if lines else Gap.NONE, int(priced.allowed[priced.known].sum())]


def groups_table(summary: Summary, by: str) -> Table:
    """Return amounts along a dimension, each proposal's with its difference; what is not priced beside every total.

    A pool of small groups stands with the totals, which a page never cuts off.

    Parameters
    ----------
    by : str
        ``therapy``, ``code``, ``role``, ``month`` or ``term``.

    Raises
    ------
    InputError
        For any other dimension.
    """
    groups, total, called = summary.by(by), summary.total(), summary.comparison.titles
    left_out = bool(total.unpriced_lines) and not summary.pooled
    columns = [Column(by, HEADS[by], "code" if by == "code" else "text")]
    columns += [Column("label", "What it is")] if by == "code" else []
    columns += [Column("patients", "Patients", "count"), Column("days", "Per diem", "days", "days")]
    columns += [Column("today", called[0], "dollars", "$"), *side_columns(called)]
    if left_out:
        columns += [
            Column("unpriced_lines", "Not priced", "count", "lines"),
            Column("unpriced_charge", "Not priced", "dollars", "$ charged"),
        ]
    flagged = [g.label for g in groups if g.is_small]
    return Table(
        name=f"by_{by}",
        headline=_movers(groups, called),
        caption=f"{measure(summary.comparison)}; the {counted(total.lines, 'line')} that every side prices",
        columns=tuple(columns),
        rows=tuple(_group_row(g, by, left_out) for g in groups if not g.members),
        totals=(
            *(_group_row(g, by, left_out) for g in groups if g.members),
            _group_row(total, by, left_out, total=True),
        ),
        notes=(
            *_pool_notes(groups),
            *((FEW,) if flagged else ()),
            *_unpriced_notes(summary),
            *_lost_notes(summary),
            *_ended_notes(summary),
        ),
        audience=audience(summary.pooled),
    )


def side_columns(called: Sequence[str]) -> list[Column]:
    """Return three columns for each proposal: its amount, the difference, and the difference in percent."""
    columns = []
    for side, name in enumerate(called[1:], start=1):
        columns += [
            Column(f"proposal_{side}", shortened(name), "dollars", "$"),
            Column(f"difference_{side}", "Difference", "dollars", "$", signed=True),
            Column(f"percent_{side}", "in %", "percent", signed=True),
        ]
    return columns


def side_cells(amounts: Sequence[int]) -> list[Cell]:
    """Return the cells for `side_columns` from amounts of which the first is the baseline's."""
    cells: list[Cell] = []
    for amount in amounts[1:]:
        cells += [amount, amount - amounts[0], share(amount - amounts[0], amounts[0])]
    return cells


def in_parts(table: Table, together: int = TOGETHER) -> list[Table]:
    """Return a table with columns for each proposal as tables of no more than ``together`` proposals each."""
    sides = [_side(column) for column in table.columns]
    starts = range(1, max(sides, default=0) + 1, together)
    if len(starts) < 2:
        return [table]
    parts = []
    for number, start in enumerate(starts, start=1):
        shown = {0, *range(start, start + together)}
        part = table.without([c.key for c, side in zip(table.columns, sides, strict=True) if side not in shown])
        name, headline = f"{table.name}_{number}", f"{table.headline} (continued)"
        parts.append(part if number == 1 else replace(part, name=name, headline=headline))
    return parts


def _side(column: Column) -> int:
    """Return the proposal that a column is about, 0 for none of them."""
    found = _OF_A_SIDE.fullmatch(column.key)
    return int(found[1]) if found else 0


def _group_row(group: Group, by: str, left_out: bool, *, total: bool = False) -> Row:
    label = "All" if total else f"{group.label} *" if group.is_small else group.label
    first: list[Cell] = [label]
    if by == "code":
        first = ["All", ""] if total else ["" if group.members else group.key, label]
    amounts: list[Cell] = [group.amounts[0], *side_cells(group.amounts)]
    if not group.lines:
        amounts = [Gap.NONE] * len(amounts)
    cells = [*first, group.patients or Gap.NONE, group.days or Gap.NONE, *amounts]
    if left_out:
        cells += [group.unpriced_lines or Gap.NONE, group.unpriced_charge if group.unpriced_lines else Gap.NONE]
    return tuple(cells)


def _movers(groups: Sequence[Group], called: Sequence[str]) -> str:
    """Say from which group each proposal takes most, or to which it gives most."""
    told = []
    for side, name in enumerate(called[1:], start=1):
        most = max(groups, key=lambda g: abs(g.difference(side)))
        moved = most.difference(side)
        does = "takes most from" if moved < 0 else "gives most to"
        told.append(f"{name} {does} {inside(most.label)} ({change(moved)})" if moved else f"{name} moves nothing")
    return f"{'; '.join(told)}."


def _pool_notes(groups: Sequence[Group]) -> tuple[str, ...]:
    return tuple(
        f"“{g.label}” are shown as one, so that no number is of {FEW_PATIENTS} patients or fewer or leads to one."
        for g in groups
        if g.members
    )


def _lost_notes(summary: Summary) -> tuple[str, ...]:
    """Say of each proposal what it takes the amount from altogether; never outside, as it may be of few patients."""
    made = summary.comparison
    told = [(title, without_amount(one.lost)) for title, one in zip(made.titles[1:], made.proposals, strict=True)]
    return () if summary.pooled else tuple(f"{title}: {said}." for title, said in told if said)


def _ended_notes(summary: Summary) -> tuple[str, ...]:
    """Say as of when the baseline is priced, where it ends before the day."""
    made = summary.comparison
    told = as_it_ended(f"{made.titles[0]} is {made.baseline.contract.title}", made.ended)
    return (f"{told}.",) if told else ()


def _unpriced_notes(summary: Summary) -> tuple[str, ...]:
    total = summary.total()
    if not total.unpriced_lines:
        return ("Every line of this contract is priced on every side.",)
    if summary.withholds_unpriced:
        return ("Some lines are not priced and in no amount here.",)
    charged = f", {money(total.unpriced_charge)} of charges,"
    lines = counted(total.unpriced_lines, "line")
    verb, by = "is" if total.unpriced_lines == 1 else "are", " by every side" if summary.prices_unevenly else ""
    return (f"{lines}{charged} {verb} not priced{by} and in no amount here.",)


def bridge_table(comparison: Comparison, n: int, *, pooled: bool = False) -> Table:
    """Return the clauses that proposal ``n`` (0 is the first) changes: each in its turn and alone, adding up exactly.

    ``pooled`` puts clauses that touch 1 to 10 patients together with others, and leaves out what each does alone:
    alone a clause can touch other patients than in its turn.
    """
    bridge, name = comparison.proposals[n].bridge, comparison.titles[n + 1]
    bridge = bridge.pooled() if pooled else bridge
    total = bridge.end - bridge.start
    rows: list[Row] = [
        (s.label, s.cite or Gap.NONE, s.patients, s.in_turn, share(s.in_turn, bridge.start), s.alone)
        for s in bridge.steps
    ]
    none = Gap.NOT_APPLICABLE
    together: tuple[Row, ...] = ()
    if bridge.interaction and not pooled:
        together = (("Together, beyond each alone", none, none, none, none, bridge.interaction),)
    in_turn = (
        "In turn: each clause repriced in full after those above it, in the order of the proposal's file; another"
        " order would share the same total out otherwise."
    )
    table = Table(
        name=f"bridge_{n + 1}",
        headline=_bridge_headline(name, len(rows), total, None if pooled else bridge.interaction),
        caption=f"{measure(comparison)}; from {money(bridge.start)} today to {money(bridge.end)}",
        columns=(
            Column("clause", "Clause"),
            Column("cite", "Where"),
            Column("patients", "Patients", "count", "touched", audience="internal"),
            Column("in_turn", "In turn", "dollars", "$", signed=True),
            Column("percent", "Of today", "percent", signed=True),
            Column("alone", "Alone", "dollars", "$", signed=True),
        ),
        rows=tuple(rows),
        totals=(*together, ("All clauses", none, none, total, share(total, bridge.start), total)),
        notes=(in_turn if pooled else f"{in_turn} Alone: the clause by itself.",),
        audience=audience(pooled),
    )
    return table.without(["alone"]) if pooled else table


def bridge_tables(study: Study) -> list[Table]:
    """Return the bridge table of each proposal."""
    return [bridge_table(study.comparison, n, pooled=study.pooled) for n in range(len(study.proposals))]


def _bridge_headline(name: str, clauses: int, total: int, interaction: int | None) -> str:
    """Say what the clauses come to, and how much of it only together; None keeps that inside."""
    if not clauses:
        return f"{name} changes no clause."
    does = "gives" if total > 0 else "takes"
    told = f"{counted(clauses, 'clause')} of {name} {does if clauses == 1 else does[:-1]} {money(total)}"
    if clauses == 1 or interaction is None:
        return f"{told}."
    if not interaction:
        return f"{told}; none depends on another."
    return f"{told}; {change(interaction)} of it only because they meet."


def write_tables(tables: Sequence[Table], path: Path) -> None:
    """Write all tables as a workbook (``.xlsx``), or the first one as ``.csv``; the whole file or none.

    Raises
    ------
    InputError
        Another ending, or a folder that is not there or cannot be written to.
    """
    ending = path.suffix.lower()
    if ending not in (".xlsx", ".csv"):
        raise InputError(f"{path} does not end as a file of tables does", where="--out", expected=".xlsx or .csv")
    content = to_workbook(tables, "Contract comparison") if ending == ".xlsx" else to_csv(tables[0]).encode("utf-8")
    with written_whole(path) as draft:
        draft.write_bytes(content)
