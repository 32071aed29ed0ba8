"""Defaults that a result relies on and that are industry habit rather than a published rule, with what hangs on them.

A contract that says its own rule in these places takes the matter out of habit's hands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hitmodel.amounts import share_of
from hitmodel.mechanisms.base import DAY_ROLES
from hitmodel.money import round_half_up
from hitmodel.prepare import UNKNOWN, Bools, day_number
from hitmodel.pricing import Priced
from hitmodel.status import Status


@dataclass(frozen=True)
class Habit:
    """One default. ``cents`` is what hangs on it, in the unit that ``measure`` names."""

    name: str
    rule: str
    lines: int
    cents: int
    measure: str


def habits(priced: Priced) -> tuple[Habit, ...]:
    """Return the habits that a priced claims set relies on; those that touch no line are left out."""
    found = (_billed_units(priced), _submitted_ranks(priced), _first_day_prices(priced), _duplicates(priced))
    return tuple(h for h in found if h.lines)


def _billed_units(priced: Priced) -> Habit:
    there = priced.has(Status.PRICED) & priced.fitted.uneven & _with_roles(priced, DAY_ROLES)
    return Habit(
        "Billed units decide",
        "A per diem line whose units are not its days is priced on its units.",
        int(there.sum()),
        int(priced.allowed[there].sum()),
        "allowed on these lines",
    )


def _submitted_ranks(priced: Priced) -> Habit:
    lines, lost = set(), 0
    segments = priced.fitted.segments
    trusting = [bool(p.version and p.version.concurrency.modifiers == "trust") for p in priced.compiled.periods]
    known = priced.has(Status.PRICED)
    for n in np.flatnonzero(priced.rated.rank > 1):
        line = int(segments.line[n])
        share = share_of(priced.rated.resolutions[priced.rated.resolution[n]], int(priced.rated.rank[n]))
        if trusting[segments.period[n]] and known[line] and 0 < share < 1 and line not in lines:
            lines.add(line)
            lost += int(round_half_up(int(priced.base[line]) / share - int(priced.base[line]), 0))
    return Habit(
        "Modifiers as submitted",
        "SH and SJ on the claim decide which therapy is second or later; histories are not ranked again.",
        len(lines),
        lost,
        "reduction on these lines",
    )


def _first_day_prices(priced: Priced) -> Habit:
    edges = np.array([day_number(d) for d in priced.compiled.price_starts], dtype=np.int64)
    prepared = priced.fitted.prepared
    crossing = np.searchsorted(edges, prepared.first, side="right") != np.searchsorted(
        edges, prepared.last, side="right"
    )
    there = crossing & priced.has(Status.PRICED) & ~_with_roles(priced, DAY_ROLES)
    return Habit(
        "First day of a span",
        "A drug line whose span holds a price change takes the price of its first day.",
        int(there.sum()),
        int(priced.allowed[there].sum()),
        "allowed on these lines",
    )


def _duplicates(priced: Priced) -> Habit:
    repeated = np.array([text.startswith("a duplicate of") for text in priced.reason_texts], dtype=bool)
    cells = priced.claims.lines["payer"]
    payers = cells.isin([name for name in cells.unique() if priced.contract.is_of(name)]).to_numpy()
    charge = priced.fitted.prepared.quantities.charge
    there = repeated & payers & (charge != UNKNOWN)
    return Habit(
        "The first of equal lines stands",
        "Lines equal in patient, code, modifiers, dates, units, charge and NDC are one line and its duplicates.",
        int(there.sum()),
        int(charge[there].sum()),
        "charges set aside",
    )


def _with_roles(priced: Priced, roles: tuple[str, ...]) -> Bools:
    kinds = np.array([k.role in roles for k in priced.fitted.kinds], dtype=bool)
    result: Bools = kinds[priced.fitted.prepared.kind]
    return result
