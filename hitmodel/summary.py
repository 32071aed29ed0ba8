"""Comparisons added up: by therapy, code, role, month or term; drug spread; what is left out.

Sides are compared on the lines that every side prices, so that no difference hides a missing price; what a side leaves
out stands beside every total. All amounts are cents. For an external edition groups of few patients are pooled, in all
breakdowns together (see `hitmodel.pooling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from hitmodel.codes import CodeTable
from hitmodel.errors import InputError, nearest
from hitmodel.labels import NURSING, UNCLASSIFIED, role_label, therapy_label, words
from hitmodel.pooling import FEW_PATIENTS, pools
from hitmodel.prepare import UNKNOWN, Bools, Ints, to_day
from hitmodel.pricing import Priced
from hitmodel.scenario import Comparison
from hitmodel.status import ORDER, Status

Dimension = Literal["therapy", "code", "role", "month", "term"]
DIMENSIONS: tuple[str, ...] = get_args(Dimension)
DRUG_ROLES = ("drug", "nutrition", "noc")
NO_DRUG = ""
POOLED = "pooled"
BREAKDOWNS = ("therapy", "role", "month", "drug", "code", "term")
"""Everything that an external edition may break totals down by, the most telling first: those after it give way."""


@dataclass(frozen=True)
class Group:
    """One row of a breakdown, over the lines that every side prices.

    ``days`` are billed per diem days, ``amounts`` the baseline's allowed and then each proposal's, ``losses`` what
    the charge limit takes from each. ``unpriced_lines``, ``unpriced_charge`` and ``unpriced_patients`` are in scope
    and outside the amounts. ``members`` are the groups that a pool holds.
    """

    key: str
    label: str
    lines: int
    patients: int
    days: int
    charge: int
    amounts: tuple[int, ...]
    losses: tuple[int, ...]
    unpriced_lines: int = 0
    unpriced_charge: int = 0
    unpriced_patients: int = 0
    members: tuple[str, ...] = ()

    @property
    def is_small(self) -> bool:
        """Whether the group holds 1 to 10 patients."""
        return 0 < self.patients <= FEW_PATIENTS

    def difference(self, side: int) -> int:
        """Return a proposal's amount less the baseline's; ``side`` 1 is the first proposal."""
        return self.amounts[side] - self.amounts[0]


@dataclass(frozen=True)
class DrugGroup:
    """One drug's revenue and cost under each side.

    ``spreads`` are allowed less acquisition cost over the lines whose cost is known; None where it is known for none.
    ``units_milli`` is None for a pool: units of several drugs do not add up.
    """

    code: str
    label: str
    lines: int
    patients: int
    units_milli: int | None
    amounts: tuple[int, ...]
    cost: int
    spreads: tuple[int | None, ...]
    lines_without_cost: int

    def is_below_cost(self, side: int) -> bool:
        """Say whether the drug is paid below what it cost under a side; unknown cost says no."""
        spread = self.spreads[side]
        return spread is not None and spread < 0


@dataclass(frozen=True)
class LeftOut:
    """Lines outside a side's total, by status and reason. ``side`` 0 is the baseline, 1 the first proposal."""

    side: int
    status: Status
    reason: str
    lines: int
    charge: int


class Summary:
    """A comparison laid out for adding up.

    Parameters
    ----------
    pooled : bool
        Keep groups of 1 to 10 patients from standing alone wherever a method is not told otherwise.

    Raises
    ------
    InputError
        With ``pooled``, when the whole book holds 10 patients or fewer.
    """

    def __init__(self, comparison: Comparison, codes: CodeTable, *, pooled: bool = False) -> None:
        self.comparison, self.codes, self.pooled = comparison, codes, pooled
        self.sides: tuple[Priced, ...] = (comparison.baseline, *(s.priced for s in comparison.proposals))
        if pooled and len(np.unique(self._patients[self.comparable])) <= FEW_PATIENTS:
            raise InputError(
                f"the lines that every side prices are of {FEW_PATIENTS} patients or fewer",
                where=comparison.claims.source,
                next_step="There is no external edition of so few; make an internal one.",
            )

    @cached_property
    def comparable(self) -> Bools:
        """Lines with a known amount on every side."""
        return self.comparison.compared

    @cached_property
    def in_scope(self) -> Bools:
        """Lines that belong to at least one side, duplicates and other payers' lines apart."""
        out = [side.has(Status.OUT_OF_SCOPE) for side in self.sides]
        result: Bools = ~np.logical_and.reduce(out)
        return result

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The role of each line's code, "" where we do not classify it."""
        kinds = self.sides[0].fitted.prepared.kinds
        return tuple(kinds[k].role for k in self.sides[0].fitted.prepared.kind)

    @cached_property
    def is_drug(self) -> Bools:
        """Lines that are drugs or nutrition formula, whose revenue stands against an acquisition cost."""
        return np.isin(np.array(self.roles, dtype=object), DRUG_ROLES)

    @property
    def totals(self) -> tuple[int, ...]:
        """Each side's allowed over the comparable lines."""
        return tuple(int(side.allowed[self.comparable].sum()) for side in self.sides)

    def total(self) -> Group:
        """Return the whole book as one group."""
        return self._groups(np.zeros(len(self.roles), dtype=np.int64), ["all"], ["Total"])[0]

    @property
    def prices_unevenly(self) -> bool:
        """Whether some side prices a line of this contract that another one leaves without an amount."""
        known = [side.known[self.in_scope] for side in self.sides]
        return bool((np.logical_or.reduce(known) & ~np.logical_and.reduce(known)).any())

    def unpriced(self, side: int) -> tuple[int, int]:
        """Return how many lines a side leaves without an amount, and their charges [cents]; 0 is the baseline."""
        mine = self.in_scope & ~self.sides[side].known
        charge = self.sides[0].fitted.prepared.quantities.charge[mine]
        return int(mine.sum()), int(charge[charge != UNKNOWN].sum())

    @property
    def withholds_unpriced(self) -> bool:
        """Whether the lines that are not priced are of so few patients that their number stays inside."""
        return self.pooled and 0 < self.total().unpriced_patients <= FEW_PATIENTS

    def by(self, dimension: str, *, pooled: bool | None = None) -> tuple[Group, ...]:
        """Return groups along a dimension, largest baseline amount first; months in order; a pool last.

        ``pooled`` overrides the summary's own. Groups that hold nothing but unpriced lines are left out of a pooled
        breakdown, whose total still counts them.

        Raises `InputError` for a dimension that is none of therapy, code, role, month, term.
        """
        if dimension not in DIMENSIONS:
            raise InputError(
                f"'{dimension}' is nothing to group by",
                expected=f"one of {', '.join(DIMENSIONS)}",
                suggestion=nearest(dimension, DIMENSIONS),
            )
        index, names = self._partition(dimension)
        labels = [self._label(dimension, n) for n in names]
        if not (self.pooled if pooled is None else pooled):
            groups = [g for g in self._groups(index, names, labels) if g.lines or g.unpriced_lines]
        else:
            index, names, labels = self._with_pool(dimension, index, names, labels)
            groups = [self._outward(g, dimension) for g in self._groups(index, names, labels) if g.lines]
        return tuple(
            sorted(
                groups,
                key=lambda g: (
                    (g.key == POOLED, g.key) if dimension == "month" else (g.key == POOLED, -g.amounts[0], g.key)
                ),
            )
        )

    def drugs(self, *, pooled: bool | None = None) -> tuple[DrugGroup, ...]:
        """Return each drug's revenue, cost and spread, largest baseline revenue first; a pool last."""
        index, names = self._partition("drug")
        labels = [self._label("code", n) for n in names]
        if self.pooled if pooled is None else pooled:
            index, names, labels = self._with_pool("drug", index, names, labels)
        chosen = self.comparable & self.is_drug
        found = [self._drug(names[n], labels[n], chosen & (index == n)) for n in np.unique(index[chosen]).tolist()]
        return tuple(sorted(found, key=lambda d: (d.code == POOLED, -d.amounts[0], d.code)))

    def spread(self) -> tuple[int, ...]:
        """Return each side's drug spread over the lines whose cost is known."""
        return self._spread(self.comparable & self.is_drug)[0]

    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the lines in no side's total, or outside one side's, by side, status and reason."""
        charge = self._charge
        found = []
        for place, side in enumerate(self.sides):
            for number, status in enumerate(ORDER):
                if status.has_amount:
                    continue
                there = side.status == number
                for reason in np.unique(side.reason[there]):
                    lines = there & (side.reason == reason)
                    text = side.reasons[reason] if reason >= 0 else status.meaning
                    found.append(LeftOut(place, status, text, int(lines.sum()), int(charge[lines].sum())))
        return tuple(sorted(found, key=lambda x: (list(ORDER).index(x.status), -x.charge, x.reason)))

    @cached_property
    def _charge(self) -> Ints:
        charge = self.sides[0].fitted.prepared.quantities.charge
        return np.where(charge == UNKNOWN, 0, charge)

    @cached_property
    def _days(self) -> Ints:
        """Billed per diem days in thousandths: units of lines that are priced by the day."""
        per_day = np.isin(np.array(self.roles, dtype=object), ("per_diem", "catheter_care"))
        units = self.sides[0].fitted.prepared.quantities.units
        return np.where(per_day & (units != UNKNOWN), units, 0)

    def _groups(self, index: Ints, keys: Sequence[str], labels: Sequence[str]) -> list[Group]:
        count, there = len(keys), self.comparable
        unpriced = self.in_scope & ~there

        def added(values: Ints, where: Bools) -> list[int]:
            sums = np.zeros(count, dtype=np.int64)
            np.add.at(sums, index[where], values[where])
            return [int(x) for x in sums]

        ones = np.ones(len(index), dtype=np.int64)
        amounts = [added(side.allowed, there) for side in self.sides]
        losses = [added(side.charge_losses, there) for side in self.sides]
        columns = [added(ones, there), _distinct(self._patients, index, there, count), added(self._days, there)]
        columns += [added(self._charge, there), added(ones, unpriced), added(self._charge, unpriced)]
        columns.append(_distinct(self._patients, index, unpriced, count))
        lines, patients, days, charge, left, left_charge, left_patients = columns
        return [
            Group(
                key=keys[n],
                label=labels[n],
                lines=lines[n],
                patients=patients[n],
                days=days[n] // 1000,
                charge=charge[n],
                amounts=tuple(side[n] for side in amounts),
                losses=tuple(side[n] for side in losses),
                unpriced_lines=left[n],
                unpriced_charge=left_charge[n],
                unpriced_patients=left_patients[n],
            )
            for n in range(count)
        ]

    @cached_property
    def _patients(self) -> Ints:
        return self.sides[0].fitted.prepared.patient

    def _partition(self, dimension: str) -> tuple[Ints, list[str]]:
        """Return each line's group number along a dimension, and the groups' keys."""
        if dimension not in self._partitions:
            index, names = pd.factorize(np.array(self._keys(dimension), dtype=object), sort=True)
            self._partitions[dimension] = index.astype(np.int64), [str(n) for n in names]
        return self._partitions[dimension]

    @cached_property
    def _partitions(self) -> dict[str, tuple[Ints, list[str]]]:
        return {}

    @cached_property
    def _pools(self) -> dict[str, frozenset[int]]:
        there = self.comparable
        return pools({name: self._partition(name)[0][there] for name in BREAKDOWNS}, self._patients[there])

    def _with_pool(
        self, dimension: str, index: Ints, names: list[str], labels: list[str]
    ) -> tuple[Ints, list[str], list[str]]:
        """Return a partition with its pool as one more group, after the others."""
        held = self._pools[dimension]
        moved = np.where(np.isin(index, list(held)), len(names), index)
        return moved, [*names, POOLED], [*labels, f"Others, {len(held)} together"]

    def _outward(self, group: Group, dimension: str) -> Group:
        """Return a group as it may leave the house: no unpriced lines, which may be of few patients."""
        names = self._partition(dimension)[1]
        members = tuple(names[n] for n in sorted(self._pools[dimension])) if group.key == POOLED else ()
        return replace(group, unpriced_lines=0, unpriced_charge=0, unpriced_patients=0, members=members)

    def _keys(self, dimension: str) -> Sequence[str]:
        prepared = self.sides[0].fitted.prepared
        match dimension:
            case "code":
                return list(self.comparison.claims.lines["code"])
            case "drug":
                codes = self.comparison.claims.lines["code"]
                return [code if drug else NO_DRUG for code, drug in zip(codes, self.is_drug, strict=True)]
            case "role":
                return [role or UNCLASSIFIED for role in self.roles]
            case "month":
                return [f"{to_day(day):%Y-%m}" if day else "unknown" for day in prepared.first]
            case "term":
                return [term or "none" for term in self.sides[0].terms]
            case _:
                return [therapy_of(prepared.kinds[k].role, prepared.kinds[k].therapy_class) for k in prepared.kind]

    def _label(self, dimension: str, key: str) -> str:
        if dimension == "code":
            entry = self.codes.entry(key)
            return entry.label if entry else UNCLASSIFIED
        named = {"therapy": therapy_label, "role": role_label, "term": words}.get(dimension)
        return named(key) if named else key

    def _drug(self, code: str, label: str, where: Bools) -> DrugGroup:
        spreads, cost, without = self._spread(where)
        none_known = without == int(where.sum())
        units = self.sides[0].fitted.prepared.quantities.units
        return DrugGroup(
            code=code,
            label=label,
            lines=int(where.sum()),
            patients=len(np.unique(self._patients[where])),
            units_milli=None if code == POOLED else int(units[where & (units != UNKNOWN)].sum()),
            amounts=tuple(int(side.allowed[where].sum()) for side in self.sides),
            cost=cost,
            spreads=tuple(None if none_known else spread for spread in spreads),
            lines_without_cost=without,
        )

    def _spread(self, where: Bools) -> tuple[tuple[int, ...], int, int]:
        cost = self.sides[0].fitted.prepared.quantities.cost
        known = where & (cost != UNKNOWN)
        spent = int(cost[known].sum())
        spreads = tuple(int(side.allowed[known].sum()) - spent for side in self.sides)
        return spreads, spent, int(where.sum() - known.sum())


def therapy_of(role: str, therapy_class: str) -> str:
    """Return the group in which a line stands when revenue is shown by therapy."""
    return NURSING if role == "nursing" else therapy_class or UNCLASSIFIED


def _distinct(ids: Ints, index: Ints, where: Bools, count: int) -> list[int]:
    pairs = pd.DataFrame({"group": index[where], "id": ids[where]}).drop_duplicates()
    sizes = np.bincount(pairs["group"].to_numpy(dtype=np.int64), minlength=count)
    return [int(x) for x in sizes]
