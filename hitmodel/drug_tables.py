"""Drugs of a contract comparison: revenue, cost and spread inside the house; revenue alone for others."""

from __future__ import annotations

from decimal import Decimal

from hitmodel.comparison_tables import FEW, audience, measure, side_cells, side_columns
from hitmodel.pooling import FEW_PATIENTS
from hitmodel.sentences import change, counted, listed, money, shortened
from hitmodel.study import Study
from hitmodel.summary import POOLED, DrugGroup
from hitmodel.tables import Cell, Column, Gap, Row, Table

MILLI = 1000


def drug_table(study: Study) -> Table:
    """Return revenue today, acquisition cost, and the spread of each drug under each side; internal.

    Spread is over the lines whose cost is known. A drug with no known cost says so, and the lines without one are
    counted.
    """
    called, drugs, spread = study.titles, study.summary.drugs(pooled=False), study.summary.spread()
    without = sum(d.lines_without_cost for d in drugs)
    notes = [FEW] if any(_is_few(d) for d in drugs) else []
    if any(_is_below(d) for d in drugs):
        notes.append("† paid below cost on at least one side.")
    if without:
        lines = counted(without, "line")
        notes.append(f"{lines} without a known cost: counted in what is paid, in no cost and in no spread.")
    total = ("All", "Drugs and formulas", Gap.NOT_APPLICABLE, sum(d.amounts[0] for d in drugs))
    return Table(
        name="drugs",
        headline=f"{_spread_words(study)}{_below_words(drugs, called)}",
        caption=f"{measure(study.comparison)}; spread: allowed less acquisition cost, on lines whose cost is known",
        columns=(
            Column("code", "Code", "code"),
            Column("drug", "Drug"),
            _units_column(drugs),
            Column("today", called[0], "dollars", "$"),
            Column("cost", "Cost", "dollars", "$"),
            *(
                Column(f"spread_{n}", "Spread", "dollars", shortened(name), signed=True)
                for n, name in enumerate(called)
            ),
            Column("without_cost", "No cost", "count", "lines"),
        ),
        rows=tuple(_drug_row(d) for d in drugs),
        totals=((*total, sum(d.cost for d in drugs), *spread, without or Gap.NONE),),
        notes=tuple(notes),
    )


def drug_revenue_table(study: Study) -> Table:
    """Return what each side pays for each drug, without cost or spread; fit for others when the study is pooled."""
    called, drugs = study.titles, study.summary.drugs()
    amounts = [sum(d.amounts[side] for d in drugs) for side in range(len(called))]
    none = Gap.NOT_APPLICABLE
    return Table(
        name="drug_revenue",
        headline=_revenue_headline(amounts, called),
        caption=f"{measure(study.comparison)}, drugs and formulas",
        columns=(
            Column("code", "Code", "code"),
            Column("drug", "Drug"),
            _units_column(drugs),
            Column("today", called[0], "dollars", "$"),
            *side_columns(called),
        ),
        rows=tuple(_revenue_row(d) for d in drugs if not _is_pool(d)),
        totals=(
            *(_revenue_row(d) for d in drugs if _is_pool(d)),
            ("All", "Drugs and formulas", none, amounts[0], *side_cells(amounts)),
        ),
        audience=audience(study.pooled),
    )


def _drug_row(drug: DrugGroup) -> Row:
    unknown = drug.lines_without_cost == drug.lines
    label = f"{drug.label} †" if _is_below(drug) else drug.label
    cells: list[Cell] = [drug.code, _flagged(label, drug), _units(drug), drug.amounts[0]]
    cells += [Gap.UNKNOWN if unknown else drug.cost, *(Gap.UNKNOWN if s is None else s for s in drug.spreads)]
    return (*cells, drug.lines_without_cost or Gap.NONE)


def _revenue_row(drug: DrugGroup) -> Row:
    named = (Gap.NOT_APPLICABLE, drug.label) if _is_pool(drug) else (drug.code, _flagged(drug.label, drug))
    return (*named, _units(drug), drug.amounts[0], *side_cells(drug.amounts))


def _flagged(label: str, drug: DrugGroup) -> str:
    return f"{label} *" if _is_few(drug) else label


def _is_below(drug: DrugGroup) -> bool:
    return any(drug.is_below_cost(side) for side in range(len(drug.spreads)))


def _is_pool(drug: DrugGroup) -> bool:
    return drug.code == POOLED


def _is_few(drug: DrugGroup) -> bool:
    return 0 < drug.patients <= FEW_PATIENTS


def _units_column(drugs: tuple[DrugGroup, ...]) -> Column:
    """Return the column of billed units: whole numbers where all are."""
    whole = all(d.units_milli is None or d.units_milli % MILLI == 0 for d in drugs)
    return Column("units", "Billed", "count" if whole else "rate", "units")


def _units(drug: DrugGroup) -> Cell:
    if drug.units_milli is None:
        return Gap.NOT_APPLICABLE
    whole, rest = divmod(drug.units_milli, MILLI)
    return Decimal(drug.units_milli).scaleb(-3) if rest else whole


def _spread_words(study: Study) -> str:
    """Say what is left of the drug spread under each proposal."""
    spread = study.summary.spread()
    left = [f"{change(s).lstrip('+')} under {name}" for s, name in zip(spread[1:], study.titles[1:], strict=True)]
    return f"Drug spread {change(spread[0]).lstrip('+')} today, {listed(left)}."


def _below_words(drugs: tuple[DrugGroup, ...], called: tuple[str, ...]) -> str:
    """Say how many drugs each side pays below what they cost; nothing when none is."""
    counts = [sum(d.is_below_cost(side) for d in drugs) for side in range(len(called))]
    if not any(counts):
        return " No drug is paid below cost."
    if len(set(counts)) == 1:
        return f" {counted(counts[0], 'drug is', 'drugs are')} paid below cost on every side."
    told = [f"{n} {'today' if side == 0 else f'under {called[side]}'}" for side, n in enumerate(counts)]
    return f" Drugs paid below cost: {listed(told)}."


def _revenue_headline(amounts: list[int], called: tuple[str, ...]) -> str:
    told = []
    for name, amount in zip(called[1:], amounts[1:], strict=True):
        moved = amount - amounts[0]
        more = "more" if moved > 0 else "less"
        told.append(f"{name} pays {money(moved)} {more} for drugs" if moved else f"{name} pays the same for drugs")
    return f"{'; '.join(told)}."
