"""The tables of a contract comparison that say what changes: totals, clauses, rates, therapies, drugs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hitmodel.comparison_page import bridge_of, measure
from hitmodel.exhibit import rate_lines
from hitmodel.pooling import FEW_PATIENTS
from hitmodel.sentences import change, counted, money, pays
from hitmodel.study import Study
from hitmodel.summary import Group
from hitmodel.tables import Cell, Column, Gap, Row, Table

FEW = f"* totals of {FEW_PATIENTS} patients or fewer"


def totals_table(study: Study) -> Table:
    """Return each side's total beside the baseline's."""
    totals, called = study.summary.totals, study.titles
    best = max(range(1, len(totals)), key=lambda side: totals[side])
    rows: list[Row] = [(called[0], totals[0], Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE)]
    rows += [
        (name, total, total - totals[0], share(total - totals[0], totals[0]))
        for name, total in zip(called[1:], totals[1:], strict=True)
    ]
    compared = pays(called[best], totals[best] - totals[0], totals[0])
    return Table(
        name="totals",
        headline=f"{compared}; no other proposal pays more." if len(totals) > 2 else f"{compared}.",
        caption=f"{measure(study)}; the {study.summary.total().lines:,} lines that every side prices",
        columns=(
            Column("side", "Contract"),
            Column("allowed", "Expected allowed", "dollars", "$"),
            Column("difference", "Difference", "dollars", "$", signed=True),
            Column("percent", "Difference", "percent", signed=True),
        ),
        rows=tuple(rows),
        audience="both",
    )


def clause_table(study: Study, proposal: int = 1) -> Table:
    """Return the clauses that one proposal (1 is the first) changes: each in its turn and by itself."""
    bridge = bridge_of(study, proposal)
    total = bridge.end - bridge.start
    rows = [
        (step.label, step.cite or Gap.NOT_APPLICABLE, step.in_turn, share(step.in_turn, bridge.start), step.alone)
        for step in bridge.steps
    ]
    apart = sum(step.alone for step in bridge.steps)
    return Table(
        name=f"clauses_{proposal}",
        headline=_clause_headline(study.titles[proposal], len(rows), total, bridge.interaction),
        caption=f"{measure(study)}; each clause in its turn, and alone",
        columns=(
            Column("clause", "Clause"),
            Column("cite", "Where"),
            Column("in_turn", "In turn", "dollars", "$", signed=True),
            Column("percent", "Of today", "percent", signed=True),
            Column("alone", "Alone", "dollars", "$", signed=True),
        ),
        rows=tuple(rows),
        totals=(("All clauses", Gap.NOT_APPLICABLE, total, share(total, bridge.start), apart),),
        notes=("The amounts in turn depend on the order, which is that of the proposal's file.",),
        audience="both",
    )


def _clause_headline(name: str, clauses: int, total: int, interaction: int) -> str:
    does = "gives" if total > 0 else "takes"
    told = f"{counted(clauses, 'clause')} of {name} {does if clauses == 1 else does[:-1]} {money(total)}"
    if clauses < 2:
        return f"{told}."
    if not interaction:
        return f"{told}; none depends on another."
    return f"{told}; {change(interaction)} of it only because they meet."


def rates_table(study: Study) -> Table:
    """Return the rates of every clause side by side, the changed ones first."""
    lines = rate_lines(study.summary.sides)
    changed = [line for line in lines if line.changed]
    rest = [line for line in lines if not line.changed]
    sides = [Column(f"side_{i}", name, "shown") for i, name in enumerate(study.titles)]
    return Table(
        name="rates",
        headline=f"{counted(len(changed), 'rate')} of {len(lines)} would change.",
        caption="Rates by clause as they stand on the last day priced; the changed ones first",
        columns=(Column("covers", "What"), Column("basis", "Basis"), *sides, Column("cite", "Where")),
        rows=tuple((line.covers, line.basis, *line.shown, line.cite) for line in (*changed, *rest)),
        audience="both",
    )


def therapy_table(study: Study) -> Table:
    """Return amounts by therapy, largest first; groups of few patients are flagged, or pooled in an external one."""
    groups = [g for g in study.summary.by("therapy") if g.lines]
    columns = [
        Column("therapy", "Therapy"),
        Column("patients", "Patients", "count", audience="internal"),
        Column("today", "Today", "dollars", "$"),
    ]
    for side, name in enumerate(study.titles[1:], start=1):
        columns += [
            Column(f"proposal_{side}", name, "dollars", "$"),
            Column(f"difference_{side}", "Difference", "dollars", "$", signed=True),
            Column(f"percent_{side}", "Difference", "percent", signed=True),
        ]
    total = study.summary.total()
    few = any(g.is_small for g in groups) and not study.pooled
    return Table(
        name="therapies",
        headline=_winners(groups, study.titles),
        caption=f"{measure(study)}; the {total.lines:,} lines that every side prices",
        columns=tuple(columns),
        rows=tuple(_therapy_row(g, flag=not study.pooled) for g in groups),
        totals=(_therapy_row(replace(total, label="All therapies")),),
        notes=(FEW,) if few else (),
        audience="both",
    )


def _winners(groups: Sequence[Group], called: Sequence[str]) -> str:
    """Say how many therapies gain and how many lose under each proposal."""
    told = []
    for side, name in enumerate(called[1:], start=1):
        changes = [group.difference(side) for group in groups]
        gain = counted(sum(c > 0 for c in changes), "therapy gains", "therapies gain")
        lose = counted(sum(c < 0 for c in changes), "loses", "lose")
        told.append(f"{name}: {gain}, {lose}")
    return f"{'; '.join(told)}."


def _therapy_row(group: Group, *, flag: bool = False) -> Row:
    label = f"{group.label} *" if flag and group.is_small else group.label
    cells: list[Cell] = [label, group.patients, group.amounts[0]]
    for side in range(1, len(group.amounts)):
        difference = group.difference(side)
        cells += [group.amounts[side], difference, share(difference, group.amounts[0])]
    return tuple(cells)


def drug_table(study: Study) -> Table:
    """Return revenue, cost and spread of each drug under each side; internal."""
    called, drugs, spread = study.titles, study.summary.drugs(), study.summary.spread()
    columns = [
        Column("code", "Code", "code"),
        Column("drug", "Drug"),
        Column("today", "Today", "dollars", "$"),
        Column("cost", "Cost", "dollars", "$"),
        Column("spread_today", "Spread today", "dollars", "$", signed=True),
    ]
    columns += [
        Column(f"spread_{side}", f"Spread, {name}", "dollars", "$", signed=True)
        for side, name in enumerate(called[1:], start=1)
    ]
    columns.append(Column("without_cost", "Without cost", "count", "lines"))
    below = {d.code for d in drugs for side in range(1, len(called)) if d.is_below_cost(side)}
    worst = min(range(1, len(spread)), key=lambda side: spread[side])
    without = sum(d.lines_without_cost for d in drugs)
    today, cost = sum(d.amounts[0] for d in drugs), sum(d.cost for d in drugs)
    return Table(
        name="drugs",
        headline=f"{called[worst]} leaves {money(spread[worst])} of {money(spread[0])} of drug spread;"
        f" {counted(len(below), 'drug')} would be paid below cost.",
        caption=f"{measure(study)}; spread is allowed less acquisition cost, where that is known",
        columns=tuple(columns),
        rows=tuple(
            (d.code, d.label, d.amounts[0], d.cost, *(_or_unknown(s) for s in d.spreads), d.lines_without_cost)
            for d in drugs
        ),
        totals=(("All drugs", Gap.NOT_APPLICABLE, today, cost, *spread, without),),
        notes=("Lines without a known cost count in Today and not in cost or spread.",) if without else (),
    )


def share(part: int, whole: int) -> Cell:
    """Return a part of a whole, or a dash when there is no whole."""
    return Fraction(part, whole) if whole else Gap.NONE


def _or_unknown(cents: int | None) -> Cell:
    return Gap.UNKNOWN if cents is None else cents
