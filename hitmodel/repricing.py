"""A changed contract priced from a result that is there: only the lines that the change can touch are worked out.

Everything else, status, amount and working, is taken over as it was.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.laying import Notes
from hitmodel.prepare import Ints, distinct_rows
from hitmodel.pricing import Priced, Pricer
from hitmodel.restrict import restricted
from hitmodel.terms import Contract, Version
from hitmodel.ties import together
from hitmodel.touched import Moments


def reprice(pricer: Pricer, before: Priced, contract: Contract) -> Priced:
    """Return what `Pricer.price` says of a contract, with the dating of a result of the same claims.

    Only lines of which a clause has changed are priced, with those that hang together with them. A contract that
    differs in more than its clauses' rates and wording (its periods, what is cut, ranked or limited) is priced whole.

    Raises `ContractError` and `InputError` as `Pricer.price` does.
    """
    compiled = pricer.compiled(contract, before.dating)
    if before.range is not None or shape(compiled) != shape(before.compiled):
        return pricer.price(contract, before.dating)
    fitted = before.fitted
    moment_of, moments = _moments(before)
    touched = np.zeros(len(moments.rows), dtype=bool)
    touched[moments.touched(before.compiled, compiled)] = True
    lines = np.zeros(fitted.prepared.count, dtype=bool)
    lines[fitted.segments.line[touched[moment_of]]] = True
    some = np.flatnonzero(together(compiled, fitted, lines))
    few = pricer.price_fitted(compiled, restricted(fitted, some), before.dating)
    return _spliced(before, few, some, contract, compiled)


def shape(compiled: Compiled) -> object:
    """Return what two contracts must have in common for one to be priced from the other: all but their rates."""
    return compiled.structure, tuple(beside_rates(period.version) for period in compiled.periods)


def beside_rates(version: Version | None) -> object:
    """Return what a version says that ties lines together or comes after their amounts, beside its structure."""
    if version is None:
        return None
    ranking = version.concurrency.model_copy(update={"shares": (), "cite": ""})
    return version.rounding, ranking, version.lesser_of, version.limit, version.order, version.sequestration


def _moments(priced: Priced) -> tuple[Ints, Moments]:
    segments = priced.fitted.segments
    rows, number = distinct_rows(segments.kind, segments.period, segments.price)
    return number, Moments(rows, priced.fitted.kinds)


def _spliced(before: Priced, few: Priced, some: Ints, contract: Contract, compiled: Compiled) -> Priced:
    """Return a result in which some lines are as they were priced now."""
    status, base, allowed = before.status.copy(), before.base.copy(), before.allowed.copy()
    reasons = {text: number for number, text in enumerate(before.reasons)}
    number = np.array([reasons.setdefault(text, len(reasons)) for text in few.reasons] + [-1], dtype=np.int64)
    reason = before.reason.copy()
    status[some], base[some], allowed[some], reason[some] = few.status, few.base, few.allowed, number[few.reason]
    return replace(
        before,
        contract=contract,
        compiled=compiled,
        rated=_rated(before, few, some),
        status=status,
        reason=reason,
        reasons=tuple(reasons),
        base=base,
        allowed=allowed,
        notes=Notes.of(before.notes.without(some), few.notes.renumbered(some)),
    )


def _rated(before: Priced, few: Priced, some: Ints) -> Rated:
    """Return how every segment is priced: those of some lines as in ``few``, whose resolutions come last."""
    chosen = np.zeros(before.fitted.prepared.count, dtype=bool)
    chosen[some] = True
    theirs = chosen[before.fitted.segments.line]
    resolution, rank = before.rated.resolution.copy(), before.rated.rank.copy()
    resolution[theirs] = few.rated.resolution + len(before.rated.resolutions)
    rank[theirs] = few.rated.rank
    both = (*before.rated.resolutions, *few.rated.resolutions)
    return Rated(resolution, both, rank, few.rated.place)
