"""What a setting of terms comes to, as tables: by therapy, drug by drug, marks side by side. Internal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from hitmodel.labels import therapy_label
from hitmodel.levers import Lever
from hitmodel.money import as_decimal, format_percent
from hitmodel.points import Amounts, Point, Setting
from hitmodel.sentences import change, counted, listed, money, pays, shortened
from hitmodel.tables import Cell, Column, Gap, Row, Table

Mark: TypeAlias = tuple[str, Point]
"""A point with what it is called."""
OTHERS = 12
"""Therapies that stand alone on a screen; the others stand together."""


def point_words(point: Point, name: str) -> str:
    """Say what a setting pays against today, and how much of it is volume."""
    return f"{total_words(point.total, name)}."


def total_words(total: Amounts, name: str) -> str:
    """Say the same of a total, without the full stop."""
    told = pays(name, total.difference, total.today)
    if not total.difference:
        told += f" as today, {money(total.today)}"
    if total.by_volume:
        told += f": rates {change(total.by_rates)}, volume {change(total.by_volume)}"
    return told


def spread_words(point: Point) -> str:
    """Say what the drugs leave, today and under a setting, and which are paid below cost."""
    if not point.drugs:
        return "The cost of no drug is known, so nothing can be said of spread."
    today, spread = sum(d.spread_today for d in point.drugs), sum(d.spread for d in point.drugs)
    told = f"Drug spread {change(today).lstrip('+')} → {change(spread).lstrip('+')}"
    if not point.below_cost:
        return f"{told}; no drug is paid below cost."
    names = [drug.label for drug in point.below_cost]
    shown = names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]
    return f"{told}; paid below cost: {listed(shown)}."


def therapies_table(point: Point, name: str, beside: Sequence[Mark] = ()) -> Table:
    """Return amounts by therapy, today and under a setting, and what proposals beside it pay more or less than today.

    Small therapies stand together.
    """
    table = amounts_table(
        "therapies",
        (point.therapies, point.total),
        name,
        headline=point_words(point, name),
        caption="Expected allowed by therapy, dollars, on the lines that every contract here prices",
        with_volume=bool(point.setting.volumes),
        notes=_left_out(point),
    )
    columns = [
        Column(f"beside_{n}", f"{shortened(title, 24)} difference", "dollars", "$", signed=True)
        for n, (title, _) in enumerate(beside)
    ]
    others = [(*(group.difference for group in _few(other.therapies)), other.total.difference) for _, other in beside]
    rows = [(*row, *(held[n] for held in others)) for n, row in enumerate((*table.rows, *table.totals))]
    return replace(table, columns=(*table.columns, *columns), rows=tuple(rows[:-1]), totals=(rows[-1],))


def amounts_table(
    key: str,
    amounts: tuple[Sequence[Amounts], Amounts],
    name: str,
    *,
    headline: str,
    caption: str,
    with_volume: bool = True,
    notes: tuple[str, ...] = (),
) -> Table:
    """Return amounts by therapy with their total: today, today's terms at another volume, a setting, its difference."""
    columns = [Column("therapy", "Therapy"), Column("today", "Today", "dollars", "$")]
    columns += [Column("at_volume", "Today's terms at this volume", "dollars", "$")] if with_volume else []
    columns += [
        Column("amount", shortened(name, 24), "dollars", "$"),
        Column("difference", "Difference", "dollars", "$", signed=True),
        Column("percent", "Difference", "percent", "%", signed=True),
    ]
    return Table(
        name=key,
        headline=headline,
        caption=caption,
        columns=tuple(columns),
        rows=tuple(_row(group, with_volume) for group in _few(amounts[0])),
        totals=(_row(amounts[1], with_volume),),
        notes=notes,
    )


def _left_out(point: Point) -> tuple[str, ...]:
    """Say what is in no total, since one of the contracts gives it no amount."""
    out = point.left_out
    if not out.lines:
        return ()
    return (
        f"{counted(out.lines, 'line')}, {money(out.charge)} of charges, not priced by every contract and in no total.",
    )


def _few(groups: Sequence[Amounts]) -> list[Amounts]:
    if len(groups) <= OTHERS + 1:
        return list(groups)
    rest = groups[OTHERS:]
    together = Amounts(
        "others",
        f"{len(rest)} smaller therapies",
        sum(g.today for g in rest),
        sum(g.today_at_volume for g in rest),
        sum(g.amount for g in rest),
    )
    return [*groups[:OTHERS], together]


def _row(group: Amounts, with_volume: bool) -> Row:
    part: Cell = Fraction(group.difference, group.today) if group.today else Gap.NONE
    middle = (group.today_at_volume,) if with_volume else ()
    return (group.label, group.today, *middle, group.amount, group.difference, part)


def spread_table(point: Point) -> Table:
    """Return payment, cost and spread of each drug whose cost is known, those below cost first."""
    below = set(point.below_cost)
    drugs = [*point.below_cost, *(d for d in point.drugs if d not in below)]
    return Table(
        name="spread",
        headline=spread_words(point),
        caption="Drugs whose acquisition cost is known, dollars; spread is payment less cost; † paid below cost",
        columns=(
            Column("code", "Code", "code"),
            Column("drug", "Drug"),
            Column("paid", "Paid", "dollars", "$"),
            Column("cost", "Cost", "dollars", "$"),
            Column("spread_today", "Spread today", "dollars", "$", signed=True),
            Column("spread", "Spread", "dollars", "$", signed=True),
        ),
        rows=tuple(
            (d.code, f"{d.label} †" if d in below else d.label, d.amount, d.cost, d.spread_today, d.spread)
            for d in drugs
        ),
        totals=(
            (
                "All",
                counted(len(drugs), "drug"),
                sum(d.amount for d in drugs),
                sum(d.cost for d in drugs),
                sum(d.spread_today for d in drugs),
                sum(d.spread for d in drugs),
            ),
        ),
    )


def marks_table(marks: Sequence[Mark]) -> Table:
    """Return marked points side by side: by therapy, what each pays more or less than today."""
    first = marks[0][1]
    rows: list[Row] = [
        (group.label, group.today, *(point.therapies[n].difference for _, point in marks))
        for n, group in enumerate(first.therapies)
        if any(point.therapies[n].difference for _, point in marks)
    ]
    return Table(
        name="marks",
        headline=_most(marks),
        caption="Today in dollars, and what each pays more or less; therapies that none changes are left out",
        columns=(
            Column("therapy", "Therapy"),
            Column("today", "Today", "dollars", "$"),
            *(Column(f"mark_{n}", _head(name), "dollars", "$", signed=True) for n, (name, _) in enumerate(marks)),
        ),
        rows=tuple(rows),
        totals=(("All", first.total.today, *(point.total.difference for _, point in marks)),),
        notes=_fewer_lines(marks),
    )


def _most(marks: Sequence[Mark]) -> str:
    """Say which of several marks pays most, and how much more or less than today that is."""
    if len(marks) == 1:
        return point_words(marks[0][1], marks[0][0])
    most = max(point.total.difference for _, point in marks)
    best = [name for name, point in marks if point.total.difference == most]
    told = f"Of {len(marks)} side by side, {listed(best)} {'pay' if len(best) > 1 else 'pays'} most"
    if not most:
        return f"{told}: the same as today."
    part = format_percent(most, marks[0][1].total.today, sign=True)
    return f"{told}: {money(most)} {'more' if most > 0 else 'less'} than today ({part})."


def _fewer_lines(marks: Sequence[Mark]) -> tuple[str, ...]:
    """Say which marks are compared on other lines than the first, since their charge limit leaves some open."""
    first = marks[0][1].left_out
    other = [name for name, point in marks if point.left_out != first]
    return (f"On other lines, since its charge limit leaves some open: {listed(other)}.",) if other else ()


def settings_table(marks: Sequence[tuple[str, Setting]], levers: Sequence[Lever], limit: str) -> Table:
    """Return where marks differ from the contract: each lever that any of them moves, and volumes."""
    moved = [lever for lever in levers if any(lever.name in setting.values for _, setting in marks)]
    rows: list[Row] = [(lever.label, lever.shown(lever.written), *_stands(lever, marks)) for lever in moved]
    if any(setting.limit for _, setting in marks):
        rows.append(("Charge limit", limit, *(setting.limit or limit for _, setting in marks)))
    therapies = dict.fromkeys(name for _, setting in marks for name in setting.volumes)
    for name in therapies:
        rows.append((f"Volume: {therapy_label(name)}", "100 %", *(_volume(s.volumes, name) for _, s in marks)))
    return Table(
        name="settings",
        headline=f"{counted(len(rows), 'term')} moved." if rows else "Nothing is moved: the contract as it is written.",
        caption="Terms as the contract writes them, and where each mark has them",
        columns=(
            Column("term", "Term"),
            Column("written", "Contract", "shown"),
            *(Column(f"mark_{n}", _head(name), "shown") for n, (name, _) in enumerate(marks)),
        ),
        rows=tuple(rows),
    )


def _head(name: str) -> str:
    """Return a mark's name as the head of a column, in one line."""
    return shortened(name, 20).replace(" ", "\u00a0")


def _stands(lever: Lever, marks: Sequence[tuple[str, Setting]]) -> tuple[str, ...]:
    return tuple(lever.shown(setting.values.get(lever.name, lever.written)) for _, setting in marks)


def _volume(volumes: Mapping[str, Decimal], name: str) -> str:
    return f"{as_decimal(volumes.get(name, Decimal(1)) * 100)} %"
