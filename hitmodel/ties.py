"""Which lines hang together: those whose amount a change of rates could move through another line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hitmodel.compile import Compiled
from hitmodel.cuts import exclusive_rules
from hitmodel.fit import Fitted
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Bools, Ints
from hitmodel.selection import matches
from hitmodel.status import ORDER, Status
from hitmodel.terms import Selector, Version


def tied(compiled: Compiled, fitted: Fitted) -> Bools:
    """Return the lines that are not priced by themselves.

    Their rank may change with the rates, or a step over several lines looks at them, or something is taken off what
    the charge limit leaves.
    """
    segments = fitted.segments
    result = np.zeros(fitted.prepared.count, dtype=bool)
    by_rate = _periods(compiled, _ranks_by_rate)[segments.period] & (segments.run >= 0)
    keeps = [rule.keep == "highest_rate" for rule in exclusive_rules(compiled)]
    rival = np.array([keeps[rule] for rule in fitted.rivals.values()], dtype=bool)
    excluding = np.isin(segments.rival, np.array(list(fitted.rivals), dtype=np.int64)[rival])
    result[segments.line[by_rate | excluding]] = True
    for number, period in enumerate(compiled.periods):
        here = fitted.period == number
        for selector in _looked_at(period.version):
            result |= here & _fitting(selector, fitted.kinds)[fitted.kind]
    return result & in_scope(fitted)


def together(compiled: Compiled, fitted: Fitted, lines: Bools) -> Bools:
    """Return lines with all others that the same rules look at together with them."""
    segments, prepared = fitted.segments, fitted.prepared
    versions = [period.version for period in compiled.periods if period.version]
    shared = []
    if any(v.lesser_of.level == "claim" for v in versions) or any(v.limit for v in versions):
        shared.append(prepared.claim)
    if any(v.limit or _ranks_by_start(v) for v in versions):
        shared.append(prepared.patient)
    result, before, scope = lines.copy(), -1, in_scope(fitted)
    while before != (before := int(result.sum())):
        for number in (segments.run, segments.rival):
            result[segments.line[_sharing(number, result[segments.line])]] = True
        for number in shared:
            result |= _sharing(number, result) & scope
    return result


def settings(compiled: Compiled) -> object:
    """Return what two contracts must have in common for the same lines to hang together: all but their rates."""
    return compiled.structure, tuple(_beside_rates(period.version) for period in compiled.periods)


def _beside_rates(version: Version | None) -> object:
    """Return what a version says that ties lines together or comes after their amounts, beside its structure."""
    if version is None:
        return None
    ranking = version.concurrency.model_copy(update={"shares": (), "cite": ""})
    return version.rounding, ranking, version.lesser_of, version.limit, version.order, version.sequestration


def in_scope(fitted: Fitted) -> Bools:
    """Return the lines that are the contract's; no rule sees the others."""
    result: Bools = fitted.standing.status != ORDER.index(Status.OUT_OF_SCOPE)
    return result


def _sharing(number: Ints, chosen: Bools) -> Bools:
    """Say which entries have a number, 0 or more, that one of the chosen entries has."""
    there = np.zeros(int(number.max(initial=-1)) + 2, dtype=bool)
    there[number[chosen]] = True
    there[-1] = False  # the place of -1, which is no number
    result: Bools = there[number]
    return result


def _periods(compiled: Compiled, holds: Callable[[Version], bool]) -> Bools:
    return np.array([bool(p.version and holds(p.version)) for p in compiled.periods], dtype=bool)


def _ranks_by_rate(version: Version) -> bool:
    return version.concurrency.modifiers != "trust" and version.concurrency.primary_by == "highest_rate"


def _ranks_by_start(version: Version) -> bool:
    return version.concurrency.modifiers != "trust" and version.concurrency.primary_by == "first_started"


def _looked_at(version: Version | None) -> list[Selector]:
    """Return the selectors of the lines that a version's later steps look at, other than one by one."""
    if version is None:
        return []
    found = [rule.lines for rule in version.limit]
    if version.lesser_of.level == "claim":
        found.append(Selector())
    if version.sequestration.percent:
        found.append(version.sequestration.applies_to)
    return found


def _fitting(selector: Selector, kinds: tuple[LineKind, ...]) -> Bools:
    return np.array([matches(selector, kind) for kind in kinds], dtype=bool)
