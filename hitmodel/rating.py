"""Segments with what prices them: each distinct kind and moment resolved once, bundles laid over, therapies ranked."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np

from hitmodel.amounts import Rated, lacking
from hitmodel.bundles import COST_UNKNOWN, PARTLY_BUNDLED
from hitmodel.compile import Compiled
from hitmodel.cuts import bundle_rules, exclusive_rules
from hitmodel.fit import Fitted
from hitmodel.forms import Known, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Bools, Ints
from hitmodel.ranking import in_order, merits, ranked
from hitmodel.resolve import Resolution, Resolver
from hitmodel.status import Status

_DOUBTS = {
    PARTLY_BUNDLED: "it is paid within another line on some of its days, and its units cannot be shared out by day",
    COST_UNKNOWN: "whether it is paid within another line hangs on its acquisition cost, which is unknown",
}
Changes: TypeAlias = list[tuple[Ints, Outcome]]
"""Segments that come out otherwise than their own terms say, and how."""
_UNLIKE = "its days would be paid in different ways, and its units cannot be shared out by day"


def rate(resolver: Resolver, compiled: Compiled, fitted: Fitted) -> tuple[Rated, dict[int, str]]:
    """Return every segment with its resolution and rank, and the lines that cannot be ranked, each with the reason."""
    resolution = fitted.moments.number.astype(np.int64)
    rated = Rated(resolution, resolved(resolver, compiled, fitted), np.ones_like(resolution), places(compiled))
    rated = _replaced(rated, _unlike_by_day(resolver, compiled, fitted))
    rated = _replaced(rated, _unpaid(fitted))
    rated = _replaced(rated, _bundled(compiled, fitted))
    rated = _replaced(rated, _used_up(fitted))
    rated = _replaced(rated, _excluded(rated, compiled, fitted))
    return ranked(rated, compiled, fitted)


def resolved(resolver: Resolver, compiled: Compiled, fitted: Fitted) -> tuple[Resolution, ...]:
    """Return how each moment of a fit is priced."""
    return tuple(
        resolver.resolve(fitted.kinds[kind], compiled.periods[period], compiled.price_starts[price])
        for kind, period, price in fitted.moments.rows
    )


def places(compiled: Compiled) -> tuple[str, ...]:
    """Return the rounding place of each period of a contract."""
    return tuple(p.version.rounding.place if p.version else "line" for p in compiled.periods)


def _replaced(rated: Rated, changes: Changes) -> Rated:
    """Let segments come out otherwise than their own terms say; equal outcomes of one kind share a resolution."""
    if not changes:
        return rated
    resolution, resolutions = rated.resolution.copy(), list(rated.resolutions)
    made: dict[tuple[LineKind, Outcome], int] = {}
    for segments, outcome in changes:
        rule = str(dict(outcome.steps[0].values)["rule"]) if outcome.steps else ""
        before = rated.resolution[segments]
        number = np.zeros(len(rated.resolutions), dtype=np.int64)
        for one in np.unique(before).tolist():
            kind = rated.resolutions[one].kind
            number[one] = made.setdefault((kind, outcome), len(resolutions))
            if number[one] == len(resolutions):
                resolutions.append(Resolution(kind, outcome, term=rule.replace(" ", "_")))
        resolution[segments] = number[before]
    return replace(rated, resolution=resolution, resolutions=tuple(resolutions))


def _gathered(outcomes: dict[int, Outcome]) -> Changes:
    """Return segments by how they come out."""
    found: dict[Outcome, list[int]] = {}
    for segment, outcome in outcomes.items():
        found.setdefault(outcome, []).append(segment)
    return [(np.array(segments, dtype=np.int64), outcome) for outcome, segments in found.items()]


def _unlike_by_day(resolver: Resolver, compiled: Compiled, fitted: Fitted) -> Changes:
    """Lines that cannot be cut and would be paid otherwise on some of their days than on others."""
    segments = fitted.segments
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(np.isin(segments.line, list(fitted.further_kinds))).tolist():
        period = compiled.periods[segments.period[segment]]
        price_day = compiled.price_starts[segments.price[segment]]
        kinds = fitted.further_kinds[int(segments.line[segment])]
        if len({_way(resolver.resolve(fitted.kinds[kind], period, price_day)) for kind in kinds}) > 1:
            found[segment] = Unpriced(Status.NEEDS_REVIEW, _UNLIKE)
    return _gathered(found)


def _way(resolution: Resolution) -> tuple[object, ...]:
    """What must be equal for two days to be paid alike."""
    outcome = resolution.outcome
    said = outcome.status if isinstance(outcome, Known | Unpriced) else outcome
    return said, resolution.factor, resolution.shares, resolution.limited


def _known(status: Status, reason: str, rule: str, cite: str) -> Known:
    return Known(status, f"{reason} ({rule})", (Step(status.value, (("rule", rule.replace("_", " ")),), cite),))


def _bundled(compiled: Compiled, fitted: Fitted) -> Changes:
    """Pieces that are paid within another line of the day."""
    rules, changes = bundle_rules(compiled), Changes()
    there = np.flatnonzero(fitted.segments.bundle != -1)
    numbers = fitted.segments.bundle[there]
    for number in np.unique(numbers).tolist():
        outcome: Outcome
        if number in _DOUBTS:
            outcome = Unpriced(Status.NEEDS_REVIEW, _DOUBTS[number])
        else:
            rule = rules[number]
            outcome = _known(Status.BUNDLED, "another line of the day holds it", rule.id, rule.cite)
        changes.append((there[numbers == number], outcome))
    return changes


def _unpaid(fitted: Fitted) -> Changes:
    """Pieces that evidence, as the contract counts it, gives nothing for."""
    segments, recount = fitted.segments, fitted.recount
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(np.isin(segments.line, list(recount.runs))).tolist():
        run = recount.run_on(int(segments.line[segment]), int(segments.first[segment]))
        if run is not None and run.unpaid is not None:
            why = run.unpaid
            step = Step("not paid", (("because", why.text), ("rule", why.rule.replace("_", " "))), why.cite)
            found[segment] = Known(Status.NOT_COVERED, f"{why.text} ({why.rule})", (step,))
    return _gathered(found)


def _used_up(fitted: Fitted) -> Changes:
    """Lines of which an allowance pays for no unit any more."""
    spent = [line for line, allotted in fitted.allotted.items() if allotted.part == 0]
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(np.isin(fitted.segments.line, spent)).tolist():
        rule = fitted.allotted[int(fitted.segments.line[segment])].rule
        text = f"beyond {rule.most} units a {rule.per}"
        found[segment] = _known(Status.NOT_COVERED, text, rule.id, rule.cite)
    return _gathered(found)


def _excluded(rated: Rated, compiled: Compiled, fitted: Fitted) -> Changes:
    """Pieces beside which another line of the day is paid that excludes them."""
    segments, rules = fitted.segments, exclusive_rules(compiled)
    paid = np.array([not isinstance(r.outcome, Known) for r in rated.resolutions], dtype=bool)[rated.resolution]
    contending = np.flatnonzero((segments.rival >= 0) & paid)
    if not len(contending):
        return []
    number = np.array([fitted.rivals[int(run)] for run in segments.rival[contending]], dtype=np.int64)
    merit = np.zeros(segments.count, dtype=np.int64)
    for place, rule in enumerate(rules):
        here = contending[number == place]
        if len(here):
            merit[here] = merits(rule.keep, rated, fitted, here)
    rank = in_order(segments.rival, merit, contending)
    unknown = _without_rate(rated, fitted)
    doubtful = np.isin(segments.rival, np.unique(segments.rival[contending[unknown[contending]]]))
    text = "one line a day is paid of several, and the amount of one is not known"
    found: dict[int, Outcome] = {}
    for segment, place in zip(contending.tolist(), number.tolist(), strict=True):
        if doubtful[segment] and rules[place].keep == "highest_rate":
            if not unknown[segment]:
                found[segment] = Unpriced(Status.NEEDS_REVIEW, text)
        elif rank[segment] > 1:
            rule = rules[place]
            found[segment] = _known(Status.BUNDLED, "one line a day is paid of these", rule.id, rule.cite)
    return _gathered(found)


def _without_rate(rated: Rated, fitted: Fitted) -> Bools:
    silent = np.array([isinstance(r.outcome, Unpriced) for r in rated.resolutions], dtype=bool)[rated.resolution]
    result: Bools = silent | (lacking(rated, fitted) >= 0)
    return result
