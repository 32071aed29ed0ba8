"""Caps, floors and stop-loss over groups of lines, and the order in which all later steps are laid on (catalogue 8.3,
8.4).

A group step whose result could change with a line that has no amount puts the lines it would touch in doubt.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.charge_limit import hold_to_charges
from hitmodel.day_limits import doubt_days, share_days
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.group_terms import Limit
from hitmodel.laying import Change, Laid, Scene, without_amount
from hitmodel.limits import totals
from hitmodel.money import dollars, largest_remainder, to_cents
from hitmodel.prepare import UNKNOWN, Bools, Ints, row_numbers
from hitmodel.status import ORDER, Status

_MEASURES = {"charge": "charges", "allowed": "amounts", "cost": "costs"}


def lay_limits(laid: Laid, scene: Scene, evidence: Evidence = NO_EVIDENCE) -> None:
    """Lay the charge limit and all group limits on amounts, in the order that the contract gives."""
    orders = dict.fromkeys(p.version.order.steps for p in scene.compiled.periods if p.version)
    for steps in orders:
        here = np.zeros(len(laid.cents), dtype=bool)
        for order in {p.version.order for p in scene.compiled.periods if p.version and p.version.order.steps == steps}:
            here |= scene.under_rule("order", order)
        for stage in steps:
            if stage == "lesser_of":
                hold_to_charges(laid, scene, here)
                continue
            for rules in _rules(scene, stage):
                under = np.logical_or.reduce([scene.under_rule("limit", rule) for rule in rules])
                _lay(laid, scene, here & under, rules, evidence)


def _rules(scene: Scene, stage: str) -> list[tuple[Limit, ...]]:
    """Return the limits of a stage, each as its versions have it: an amendment that changes a limit keeps its count."""
    found: dict[Limit | str, dict[Limit, None]] = {}
    for period in scene.compiled.periods:
        for rule in period.version.limit if period.version else ():
            if rule.stage == stage:
                # A day belongs to one version, so a limit on days is looked at version by version.
                found.setdefault(rule if rule.per == "day" else rule.id, {})[rule] = None
    return [tuple(rules) for rules in found.values()]


def _lay(laid: Laid, scene: Scene, here: Bools, rules: tuple[Limit, ...], evidence: Evidence) -> None:
    """Lay one limit on; where versions differ the last stands, and caps hold each line to its own day's amount."""
    prepared, rule = scene.fitted.prepared, rules[-1]
    mine = here & scene.selected(rule.lines) & ~prepared.paired & (prepared.quantities.units > 0)
    group = _groups(scene, rule)
    _doubt_beside_unknown(laid, scene, mine, group, rule)
    if rule.kind == "stop_loss":
        _doubt_without_measure(laid, scene, mine & laid.priced & (group >= 0), group, rule)
    if rule.opening:
        _doubt_without_opening(laid, scene, mine, rule, evidence)
    if rule.per == "day":
        share_days(laid, scene, np.flatnonzero(mine & laid.priced), rule)
        return
    measured = mine & (laid.priced | _within_others(laid)) if rule.measure == "charge" else mine & laid.priced
    binding = _binding(laid, scene, measured, group, rules)
    for members in _members(binding & laid.priced, group, prepared.first):
        before = laid.cents[members]
        if rule.kind == "cap":
            used = _opening(scene, int(members[0]), rule, evidence)
            after = _capped(before, _amounts(scene, members, rules) - used)
            earlier = f", after {_money(used)} before these claims" if used else ""
            working = f"the lines of the {rule.per} come to {_money(int(before.sum()))}{earlier}, paid in turn"
        elif rule.kind == "floor":
            after = _raised(before, to_cents(rule.amount), _ids(scene, members))
            working = (
                f"the lines of the {rule.per} come to {_money(int(before.sum()))}; the rest is shared by their amounts"
            )
        else:
            same = np.flatnonzero(measured & (group == group[members[0]]))
            after, working = _stop_loss(laid, scene, members, same, rule)
        laid.put(members, after, Change(rule.id, _words(rule), rule.cite, working))


def _within_others(laid: Laid) -> Bools:
    """Lines that are paid within others: their charges count where a limit looks at the charges of a group."""
    return np.isin(laid.standing.status, [ORDER.index(Status.BUNDLED)])


def _amounts(scene: Scene, members: Ints, rules: tuple[Limit, ...]) -> Ints:
    """Return the amount [cents] that the version in force on each line's first day gives a limit."""
    result = np.full(len(members), to_cents(rules[-1].amount), dtype=np.int64)
    for rule in rules[:-1]:
        result[scene.under_rule("limit", rule)[members]] = to_cents(rule.amount)
    return result


def _groups(scene: Scene, rule: Limit) -> Ints:
    """Number the group of each line; -1 for none."""
    prepared = scene.fitted.prepared
    if rule.per == "claim":
        return prepared.claim
    if rule.per == "episode":
        return scene.fitted.episodes[rule.episode]
    if rule.per in ("lifetime", "day"):
        return prepared.patient
    years = _years(prepared.first, rule)
    return row_numbers(prepared.patient, years - years.min(initial=0))


def _years(first: Ints, rule: Limit) -> Ints:
    """Return the year in which each day lies, counted from the day on which the rule's years begin."""
    days = first.astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64)
    begins = np.array([f"{1970 + year}-{rule.year_starts}" for year in np.unique(years)], dtype="datetime64[D]")
    return 1970 + years - (days < begins[np.unique(years, return_inverse=True)[1]])


def _members(mine: Bools, group: Ints, first: Ints) -> list[Ints]:
    """Return the lines of each group in turn: by first day, then in order of the file."""
    lines = np.flatnonzero(mine & (group >= 0))
    order = lines[np.lexsort((lines, first[lines], group[lines]))]
    return [part for part in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(part)]


def _binding(laid: Laid, scene: Scene, mine: Bools, group: Ints, rules: tuple[Limit, ...]) -> Bools:
    """Return the lines of groups that the limit could change, so that the others need no look."""
    rule = rules[-1]
    if rule.opening:
        return mine
    lines = np.flatnonzero(mine & (group >= 0))
    groups, index = np.unique(group[lines], return_inverse=True)
    measured = _measured(laid, scene, lines, rule.measure if rule.kind == "stop_loss" else "allowed")
    sums = totals(np.where(measured == UNKNOWN, 0, measured), index, len(groups))
    least = min(to_cents(each.amount) for each in rules)
    beyond = sums < to_cents(rule.amount) if rule.kind == "floor" else sums > least
    result = np.zeros_like(mine)
    result[lines[beyond[index]]] = True
    return result


def _measured(laid: Laid, scene: Scene, lines: Ints, measure: str) -> Ints:
    """Return the charge, amount or cost of lines [cents]."""
    quantities = scene.fitted.prepared.quantities
    return {"charge": quantities.charge, "allowed": laid.cents, "cost": quantities.cost}[measure][lines]


def _capped(amounts: Ints, caps: Ints) -> Ints:
    """Pay lines in turn until the cap is used up, each line to the cap of its own day."""
    paid, used = np.zeros_like(amounts), 0
    for place, (amount, cap) in enumerate(zip(amounts.tolist(), caps.tolist(), strict=True)):
        paid[place] = min(amount, max(cap - used, 0))
        used += int(paid[place])
    return paid


def _raised(amounts: Ints, floor: int, ids: list[str]) -> Ints:
    if amounts.sum() >= floor:
        return amounts
    return np.array(largest_remainder(floor, amounts.tolist(), ids), dtype=np.int64)


def _stop_loss(laid: Laid, scene: Scene, members: Ints, measured: Ints, rule: Limit) -> tuple[Ints, str]:
    """Return the new amounts of a group's priced lines, and the working.

    ``measured`` are all lines that the threshold looks at.
    """
    amounts = laid.cents[members]
    values = _measured(laid, scene, measured, rule.measure)
    total = int(values[values != UNKNOWN].sum())
    threshold = to_cents(rule.amount)
    if total <= threshold or rule.share is None:
        return amounts, ""
    charge = scene.fitted.prepared.quantities.charge
    share, ids = Fraction(rule.share), _ids(scene, members)
    weights = np.where(charge[members] == UNKNOWN, 0, charge[members]).tolist()
    above = f"{_MEASURES[rule.measure]} of {_money(total)} are above {_money(threshold)}: {rule.share} × "
    if rule.pays == "first_dollar":
        charges = int(charge[measured][charge[measured] != UNKNOWN].sum())
        pot = to_cents(share * charges / 100)
        working = f"{above}charges of {_money(charges)} = {_money(pot)}, shared by charge"
        return np.array(largest_remainder(pot, weights, ids), dtype=np.int64), working
    pot = to_cents(share * (total - threshold) / 100)
    working = f"{above}{_money(total - threshold)} = {_money(pot)} more, shared by charge"
    return amounts + np.array(largest_remainder(pot, weights, ids), dtype=np.int64), working


def _money(cents: int) -> str:
    return f"{dollars(cents):,.2f}"


def _ids(scene: Scene, members: Ints) -> list[str]:
    return [str(i) for i in scene.fitted.prepared.claims.line_ids.iloc[members]]


def _opening(scene: Scene, line: int, rule: Limit, evidence: Evidence) -> int:
    """Return what a patient had used of a limit before these claims [cents]; 0 where the rule asks for no balance."""
    found = _balance(scene, line, rule, evidence) if rule.opening else None
    return to_cents(found) if found is not None else 0


def _balance(scene: Scene, line: int, rule: Limit, evidence: Evidence) -> Decimal | None:
    prepared = scene.fitted.prepared
    patient = str(prepared.claims.lines["patient_id"].iloc[line])
    period = str(_years(prepared.first[line : line + 1], rule)[0]) if rule.per == "year" else ""
    record = evidence.balance(patient, rule.id, period)
    return record.amount if record else None


def _doubt_without_opening(laid: Laid, scene: Scene, mine: Bools, rule: Limit, evidence: Evidence) -> None:
    lines = np.flatnonzero(mine & laid.priced).tolist()
    without = [line for line in lines if _balance(scene, line, rule, evidence) is None]
    text = f"the opening balance for {rule.id.replace('_', ' ')} is not recorded (balances.csv)"
    laid.doubt(np.array(without, dtype=np.int64), text)


def _doubt_beside_unknown(laid: Laid, scene: Scene, mine: Bools, group: Ints, rule: Limit) -> None:
    """Doubt the lines of groups in which a line without amount could move the result: paid at its charge, say."""
    unknown = mine & without_amount(laid) & (group >= 0)
    if rule.per == "day":
        doubt_days(laid, scene, mine, unknown, rule)
        return
    inside = np.flatnonzero(mine & np.isin(group, np.unique(group[unknown])))
    numbers, index = np.unique(group[inside], return_inverse=True)
    charge = scene.fitted.prepared.quantities.charge[inside]
    uncharged = unknown[inside] & (charge == UNKNOWN)
    charges = np.where(charge == UNKNOWN, 0, np.abs(charge))  # a line in doubt may have the wrong sign
    amounts = np.where(laid.priced[inside], laid.cents[inside], np.where(unknown[inside], charges, 0))
    open_end = totals(uncharged.astype(np.int64), index, len(numbers)) > 0
    limit = to_cents(rule.amount)
    if rule.kind == "floor":
        moves = np.ones(len(numbers), dtype=bool)
    elif rule.kind == "stop_loss" and rule.measure == "charge":
        moves = open_end | (totals(charges, index, len(numbers)) > limit)
    else:
        moves = open_end | (totals(amounts, index, len(numbers)) > limit)
    touched = inside[moves[index] & laid.priced[inside]]
    laid.doubt(touched, f"{rule.id.replace('_', ' ')} looks at a whole {rule.per}, and a line of it has no amount")


def _doubt_without_measure(laid: Laid, scene: Scene, inside: Bools, group: Ints, rule: Limit) -> None:
    """Doubt the lines of groups for which a stop-loss needs a charge or cost that is not known."""
    quantities = scene.fitted.prepared.quantities
    measured = {"charge": quantities.charge, "allowed": laid.cents, "cost": quantities.cost}[rule.measure][inside]
    numbers, index = np.unique(group[inside], return_inverse=True)
    known = totals(np.where(measured == UNKNOWN, 0, measured), index, len(numbers))
    unknown = totals((measured == UNKNOWN).astype(np.int64), index, len(numbers)) > 0
    uncharged = totals((quantities.charge[inside] == UNKNOWN).astype(np.int64), index, len(numbers)) > 0
    above = uncharged | (unknown & (rule.pays == "second_dollar"))
    doubtful = np.where(known > to_cents(rule.amount), above, unknown)
    text = f"{rule.id.replace('_', ' ')} looks at the {rule.measure} of a whole {rule.per}, and a line's is unknown"
    laid.doubt(np.flatnonzero(inside)[doubtful[index]], text)


def _words(rule: Limit) -> str:
    name = rule.id.replace("_", " ")
    return {"cap": f"{name}: at most", "floor": f"{name}: at least", "stop_loss": f"{name}: stop-loss above"}[
        rule.kind
    ] + f" {rule.amount:,} a {rule.per}"
