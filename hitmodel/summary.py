"""Comparisons added up: by therapy, code, role, month or term; drug spread; what is left out.

Sides are compared on the lines that every side prices, so that no difference hides a missing price; what a side leaves
out stands beside every total. All amounts are cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from hitmodel.codes import CodeTable
from hitmodel.errors import InputError, nearest
from hitmodel.prepare import UNKNOWN, Bools, Ints, to_day
from hitmodel.pricing import Priced
from hitmodel.scenario import Comparison
from hitmodel.status import ORDER, Status

Dimension = Literal["therapy", "code", "role", "month", "term"]
DIMENSIONS: tuple[str, ...] = get_args(Dimension)
DRUG_ROLES = ("drug", "nutrition", "noc")
UNCLASSIFIED = "not classified"
FEW_PATIENTS = 10


@dataclass(frozen=True)
class Group:
    """One row of a breakdown, over the lines that every side prices.

    ``days`` are billed per diem days, ``amounts`` the baseline's allowed and then each proposal's, ``losses`` what
    the charge limit takes from each. ``unpriced_lines`` and ``unpriced_charge`` are in scope and outside the amounts.
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
    """

    code: str
    label: str
    lines: int
    patients: int
    units_milli: int
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
    """Lines outside a side's total, by status and reason."""

    side: str
    status: Status
    reason: str
    lines: int
    charge: int


class Summary:
    """A comparison laid out for adding up."""

    def __init__(self, comparison: Comparison, codes: CodeTable) -> None:
        self.comparison, self.codes = comparison, codes
        self.sides: tuple[Priced, ...] = (comparison.baseline, *(s.priced for s in comparison.proposals))

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

    def by(self, dimension: str) -> tuple[Group, ...]:
        """Return groups along a dimension, largest baseline amount first; months in order.

        Raises `InputError` for a dimension that is none of therapy, code, role, month, term.
        """
        if dimension not in DIMENSIONS:
            raise InputError(
                f"'{dimension}' is nothing to group by",
                expected=f"one of {', '.join(DIMENSIONS)}",
                suggestion=nearest(dimension, DIMENSIONS),
            )
        keys = self._keys(dimension)
        index, names = pd.factorize(np.array(keys, dtype=object), sort=True)
        groups = self._groups(index.astype(np.int64), list(names), [self._label(dimension, n) for n in names])
        used = [g for g in groups if g.lines or g.unpriced_lines]
        return tuple(sorted(used, key=lambda g: g.key if dimension == "month" else (-g.amounts[0], g.key)))

    def drugs(self) -> tuple[DrugGroup, ...]:
        """Return each drug's revenue, cost and spread, largest baseline revenue first."""
        codes = self.comparison.claims.lines["code"].to_numpy(dtype=object)
        chosen = self.comparable & self.is_drug
        found = [self._drug(str(code), chosen & (codes == code)) for code in np.unique(codes[chosen].astype(str))]
        return tuple(sorted(found, key=lambda d: (-d.amounts[0], d.code)))

    def spread(self) -> tuple[int, ...]:
        """Return each side's drug spread over the lines whose cost is known."""
        return self._spread(self.comparable & self.is_drug)[0]

    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the lines in no side's total, or outside one side's, by side, status and reason."""
        charge = self._charge
        found = []
        for side in self.sides:
            title = side.contract.title
            for number, status in enumerate(ORDER):
                if status.has_amount:
                    continue
                there = side.status == number
                for reason in np.unique(side.reason[there]):
                    lines = there & (side.reason == reason)
                    text = side.reasons[reason] if reason >= 0 else status.meaning
                    found.append(LeftOut(title, status, text, int(lines.sum()), int(charge[lines].sum())))
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
        losses = [added(side.base - side.allowed, there) for side in self.sides]
        columns = [added(ones, there), _distinct(self._patients, index, there, count), added(self._days, there)]
        columns += [added(self._charge, there), added(ones, unpriced), added(self._charge, unpriced)]
        lines, patients, days, charge, left, left_charge = columns
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
            )
            for n in range(count)
        ]

    @cached_property
    def _patients(self) -> Ints:
        return self.sides[0].fitted.prepared.patient

    def _keys(self, dimension: str) -> Sequence[str]:
        prepared = self.sides[0].fitted.prepared
        match dimension:
            case "code":
                return list(self.comparison.claims.lines["code"])
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
        return key if dimension == "month" else words(key)

    def _drug(self, code: str, where: Bools) -> DrugGroup:
        entry = self.codes.entry(code)
        spreads, cost, without = self._spread(where)
        none_known = without == int(where.sum())
        return DrugGroup(
            code=code,
            label=entry.label if entry else UNCLASSIFIED,
            lines=int(where.sum()),
            patients=len(np.unique(self._patients[where])),
            units_milli=int(self.sides[0].fitted.prepared.quantities.units[where].sum()),
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
    return "nursing" if role == "nursing" else therapy_class or UNCLASSIFIED


def words(key: str) -> str:
    """Return a steady name as a reader would write it: anti_infective is Anti-infective."""
    text = key.replace("anti_", "anti-").replace("_noc_", " not otherwise classified ").replace("_", " ")
    text = {"noc": "not otherwise classified", "nursing professional": "nursing"}.get(text, text)
    return text[:1].upper() + text[1:]


def _distinct(ids: Ints, index: Ints, where: Bools, count: int) -> list[int]:
    pairs = pd.DataFrame({"group": index[where], "id": ids[where]}).drop_duplicates()
    sizes = np.bincount(pairs["group"].to_numpy(dtype=np.int64), minlength=count)
    return [int(x) for x in sizes]
