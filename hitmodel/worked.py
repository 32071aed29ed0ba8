"""Lines worked out by every rule of a contract: rates, ranks, amounts, then what is laid on them.

This is the whole of pricing. Lines that no rule ties to others come to the same by `hitmodel.plain`, in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.evidence import Evidence
from hitmodel.fit import Fitted
from hitmodel.group_limits import lay_limits
from hitmodel.judging import PRICED, judge
from hitmodel.laying import Laid, Notes, Scene
from hitmodel.prepare import Ints
from hitmodel.rating import rate
from hitmodel.resolve import Resolver
from hitmodel.sequestration import sequester


@dataclass(frozen=True)
class Worked:
    """What came of the lines of a fit: the columns are those of `hitmodel.pricing.Priced`."""

    fitted: Fitted
    rated: Rated
    status: Ints
    reason: Ints
    reasons: tuple[str, ...]
    base: Ints
    allowed: Ints
    notes: Notes


def work_out(resolver: Resolver, compiled: Compiled, fitted: Fitted, evidence: Evidence) -> Worked:
    """Return what a contract says of every line of a fit.

    Raises `ContractError` when two terms fit a line equally well.
    """
    rated, unrankable = rate(resolver, compiled, fitted)
    standing, base = judge(rated, fitted, unrankable)
    laid = Laid(standing, base.copy())
    scene = Scene(compiled, fitted, rated)
    lay_limits(laid, scene, evidence)
    sequester(laid, scene)
    base[standing.status != PRICED] = 0
    reasons = tuple(standing.reasons)
    return Worked(fitted, rated, standing.status, standing.reason, reasons, base, laid.cents, laid.notes)


def spliced(before: Worked, few: Worked, some: Ints) -> Worked:
    """Return a result in which some lines are as they were worked out now; everything else is taken over."""
    status, base, allowed = before.status.copy(), before.base.copy(), before.allowed.copy()
    reasons, number = renumbered(before.reasons, few.reasons)
    reason = before.reason.copy()
    status[some], base[some], allowed[some], reason[some] = few.status, few.base, few.allowed, number[few.reason]
    return replace(
        before,
        rated=_rated(before, few, some),
        status=status,
        reason=reason,
        reasons=reasons,
        base=base,
        allowed=allowed,
        notes=Notes.of(before.notes.without(some), few.notes.renumbered(some)),
    )


def renumbered(reasons: tuple[str, ...], more: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """Return reasons with more of them behind, and the number that each of these now has; last -1, which stays."""
    numbers = {text: number for number, text in enumerate(reasons)}
    new = np.array([numbers.setdefault(text, len(numbers)) for text in more] + [-1], dtype=np.int64)
    return tuple(numbers), new


def _rated(before: Worked, few: Worked, some: Ints) -> Rated:
    """Return how every segment is priced: those of some lines as in ``few``, whose resolutions come last."""
    chosen = np.zeros(before.fitted.prepared.count, dtype=bool)
    chosen[some] = True
    theirs = chosen[before.fitted.segments.line]
    resolution, rank = before.rated.resolution.copy(), before.rated.rank.copy()
    resolution[theirs] = few.rated.resolution + len(before.rated.resolutions)
    rank[theirs] = few.rated.rank
    both = (*before.rated.resolutions, *few.rated.resolutions)
    return Rated(resolution, both, rank, few.rated.place)
