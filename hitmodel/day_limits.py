"""A cap or a floor on what a patient's lines pay for one day, shared by amount (catalogue 8.4)."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise

import numpy as np

from hitmodel.group_terms import Limit
from hitmodel.laying import Change, Laid, Scene
from hitmodel.money import to_cents
from hitmodel.prepare import UNKNOWN, Bools, Ints


def share_days(laid: Laid, scene: Scene, lines: Ints, rule: Limit) -> None:
    """Bring each patient's days under a cap, or up to a floor, and share the difference out by amount.

    A line pays its amount in equal parts for its days. The changed amounts of a patient are rounded together, by
    largest remainder, so that they add up to what the days allow.
    """
    by_patient: dict[int, list[int]] = defaultdict(list)
    for line in _reaching(laid, scene, lines, rule).tolist():
        by_patient[int(scene.fitted.prepared.patient[line])].append(line)
    words = f"{rule.id.replace('_', ' ')}: at {'most' if rule.kind == 'cap' else 'least'} {rule.amount:,} a day"
    for members in by_patient.values():
        exact = _shared(laid, scene, members, rule)
        if exact:
            changed = np.array(sorted(exact), dtype=np.int64)
            ids = scene.fitted.prepared.claims.line_ids
            parts = _rounded(
                [exact[line] for line in changed.tolist()], [str(ids.iloc[line]) for line in changed.tolist()]
            )
            laid.put(changed, np.array(parts, dtype=np.int64), Change(rule.id, words, rule.cite))


def doubt_days(laid: Laid, scene: Scene, mine: Bools, unknown: Bools, rule: Limit) -> None:
    """Doubt the lines that share a day with one that has no amount, where that day, paid at its charge, could pass.

    A floor could always be moved.
    """
    prepared, limit = scene.fitted.prepared, Fraction(rule.amount) * 100
    first, after, charge = prepared.first, prepared.last + 1, prepared.quantities.charge
    touched: set[int] = set()
    for patient in np.unique(prepared.patient[unknown]).tolist():
        lines = np.flatnonzero(mine & (prepared.patient == patient) & (laid.priced | unknown)).tolist()
        worth = {n: int(charge[n] if unknown[n] else laid.cents[n]) for n in lines}
        for start, _ in pairwise(sorted({int(d) for n in lines for d in (first[n], after[n])})):
            there = [n for n in lines if first[n] <= start < after[n]]
            doubtful = [n for n in there if unknown[n]]
            total = sum((Fraction(worth[n], int(after[n] - first[n])) for n in there), Fraction(0))
            open_end = rule.kind == "floor" or any(worth[n] == UNKNOWN for n in doubtful)
            if doubtful and (open_end or total > limit):
                touched.update(n for n in there if not unknown[n])
    text = f"{rule.id.replace('_', ' ')} looks at whole days, and another line of one has no amount"
    laid.doubt(np.array(sorted(touched), dtype=np.int64), text)


def _reaching(laid: Laid, scene: Scene, lines: Ints, rule: Limit) -> Ints:
    """Return the lines of patients of whom some day could pass the cap; under a floor all of them."""
    prepared = scene.fitted.prepared
    if rule.kind == "floor" or not len(lines):
        return lines
    first, after = prepared.first[lines], prepared.last[lines] + 1
    daily = -(-laid.cents[lines] // (after - first))  # rounded up, so that no patient is missed
    patient = np.concatenate([prepared.patient[lines], prepared.patient[lines]])
    day, change = np.concatenate([first, after]), np.concatenate([daily, -daily])
    order = np.lexsort((change, day, patient))
    running = np.cumsum(change[order])
    high = np.unique(patient[order][running > to_cents(rule.amount)])
    return lines[np.isin(prepared.patient[lines], high)]


def _shared(laid: Laid, scene: Scene, lines: list[int], rule: Limit) -> dict[int, Fraction]:
    """Return the exact new amounts [cents] of the lines of one patient that a day's limit changes."""
    prepared, limit = scene.fitted.prepared, Fraction(rule.amount) * 100
    first, after = {n: int(prepared.first[n]) for n in lines}, {n: int(prepared.last[n]) + 1 for n in lines}
    daily = {n: Fraction(int(laid.cents[n]), after[n] - first[n]) for n in lines}
    exact = {n: Fraction(int(laid.cents[n])) for n in lines}
    touched: set[int] = set()
    for start, end in pairwise(sorted({*first.values(), *after.values()})):
        there = [n for n in lines if first[n] <= start < after[n]]
        total = sum((daily[n] for n in there), Fraction(0))
        bound = min(total, limit) if rule.kind == "cap" else max(total, limit)
        if there and total and bound != total:
            touched.update(there)
            for n in there:
                exact[n] += (bound / total - 1) * daily[n] * (end - start)
    return {n: exact[n] for n in touched}


def _rounded(exact: list[Fraction], ids: list[str]) -> list[int]:
    """Round amounts so that they add up to their rounded sum: the largest remainders go up, ties by id."""
    parts = [e.numerator // e.denominator for e in exact]
    left = to_cents(sum(exact, Fraction(0)) / 100) - sum(parts)
    order = sorted(range(len(exact)), key=lambda n: (parts[n] - exact[n], ids[n]))
    for n in order[:left]:
        parts[n] += 1
    return parts
