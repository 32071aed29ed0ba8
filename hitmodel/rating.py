"""Segments with what prices them: each distinct kind and moment resolved once, bundles laid over, therapies ranked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hitmodel.amounts import Rated, lacking
from hitmodel.bundles import COST_UNKNOWN, PARTLY_BUNDLED
from hitmodel.compile import Compiled
from hitmodel.cuts import bundle_rules, exclusive_rules
from hitmodel.fit import Fitted
from hitmodel.forms import Known, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Bools
from hitmodel.ranking import in_order, merits, ranked
from hitmodel.resolve import Resolution, Resolver
from hitmodel.status import Status

_DOUBTS = {
    PARTLY_BUNDLED: "it is paid within another line on some of its days, and its units cannot be shared out by day",
    COST_UNKNOWN: "whether it is paid within another line hangs on its acquisition cost, which is unknown",
}


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


def _replaced(rated: Rated, by_segment: dict[int, Outcome]) -> Rated:
    """Let segments come out otherwise than their own terms say; equal outcomes of one kind share a resolution."""
    if not by_segment:
        return rated
    resolution, resolutions = rated.resolution.copy(), list(rated.resolutions)
    made: dict[tuple[LineKind, Outcome], int] = {}
    for segment, outcome in by_segment.items():
        before = rated.resolutions[rated.resolution[segment]]
        key = (before.kind, outcome)
        if key not in made:
            made[key] = len(resolutions)
            rule = str(dict(outcome.steps[0].values)["rule"]) if outcome.steps else ""
            resolutions.append(Resolution(before.kind, outcome, term=rule.replace(" ", "_")))
        resolution[segment] = made[key]
    return replace(rated, resolution=resolution, resolutions=tuple(resolutions))


def _unlike_by_day(resolver: Resolver, compiled: Compiled, fitted: Fitted) -> dict[int, Outcome]:
    """Lines that cannot be cut and would be paid otherwise on some of their days than on others."""
    segments = fitted.segments
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(np.isin(segments.line, list(fitted.further_kinds))).tolist():
        period = compiled.periods[segments.period[segment]]
        price_day = compiled.price_starts[segments.price[segment]]
        kinds = fitted.further_kinds[int(segments.line[segment])]
        if len({_way(resolver.resolve(fitted.kinds[kind], period, price_day)) for kind in kinds}) > 1:
            found[segment] = Unpriced(Status.NEEDS_REVIEW, _UNLIKE)
    return found


def _way(resolution: Resolution) -> tuple[object, ...]:
    """What must be equal for two days to be paid alike."""
    outcome = resolution.outcome
    said = outcome.status if isinstance(outcome, Known | Unpriced) else outcome
    return said, resolution.factor, resolution.shares, resolution.limited


def _known(status: Status, reason: str, rule: str, cite: str) -> Known:
    return Known(status, f"{reason} ({rule})", (Step(status.value, (("rule", rule.replace("_", " ")),), cite),))


def _bundled(compiled: Compiled, fitted: Fitted) -> dict[int, Outcome]:
    """Pieces that are paid within another line of the day."""
    rules = bundle_rules(compiled)
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(fitted.segments.bundle != -1).tolist():
        number = int(fitted.segments.bundle[segment])
        if number in _DOUBTS:
            found[segment] = Unpriced(Status.NEEDS_REVIEW, _DOUBTS[number])
        else:
            rule = rules[number]
            found[segment] = _known(Status.BUNDLED, "another line of the day holds it", rule.id, rule.cite)
    return found


def _unpaid(fitted: Fitted) -> dict[int, Outcome]:
    """Pieces that evidence, as the contract counts it, gives nothing for."""
    segments, recount = fitted.segments, fitted.recount
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(np.isin(segments.line, list(recount.runs))).tolist():
        run = recount.run_on(int(segments.line[segment]), int(segments.first[segment]))
        if run is not None and run.unpaid is not None:
            why = run.unpaid
            step = Step("not paid", (("because", why.text), ("rule", why.rule.replace("_", " "))), why.cite)
            found[segment] = Known(Status.NOT_COVERED, f"{why.text} ({why.rule})", (step,))
    return found


def _used_up(fitted: Fitted) -> dict[int, Outcome]:
    """Lines of which an allowance pays for no unit any more."""
    spent = [line for line, allotted in fitted.allotted.items() if allotted.part == 0]
    found: dict[int, Outcome] = {}
    for segment in np.flatnonzero(np.isin(fitted.segments.line, spent)).tolist():
        rule = fitted.allotted[int(fitted.segments.line[segment])].rule
        text = f"beyond {rule.most} units a {rule.per}"
        found[segment] = _known(Status.NOT_COVERED, text, rule.id, rule.cite)
    return found


def _excluded(rated: Rated, compiled: Compiled, fitted: Fitted) -> dict[int, Outcome]:
    """Pieces beside which another line of the day is paid that excludes them."""
    segments, rules = fitted.segments, exclusive_rules(compiled)
    paid = np.array([not isinstance(r.outcome, Known) for r in rated.resolutions], dtype=bool)[rated.resolution]
    contending = np.flatnonzero((segments.rival >= 0) & paid)
    if not len(contending):
        return {}
    number = np.array([fitted.rivals[int(run)] for run in segments.rival[contending]], dtype=np.int64)
    merit = np.zeros(segments.count, dtype=np.int64)
    for place, rule in enumerate(rules):
        here = contending[number == place]
        if len(here):
            merit[here] = merits(rule.keep, rated, fitted, here)
    rank = in_order(segments.rival, merit, contending, segments.line)
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
    return found


def _without_rate(rated: Rated, fitted: Fitted) -> Bools:
    silent = np.array([isinstance(r.outcome, Unpriced) for r in rated.resolutions], dtype=bool)[rated.resolution]
    result: Bools = silent | (lacking(rated, fitted) >= 0)
    return result
