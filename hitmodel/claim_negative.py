"""Reversals without a frequency code: negative lines of an extract take back what an earlier file billed.

In one file a line and its reversal stand side by side and add up to nothing. Where the line came in another file, both
are left out here, so that the reversal is never taken for the claim's newer state.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from hitmodel.claim_held import THIRD, Bools, Part, among

_Found = list[tuple[int, int]]


def take_back_negatives(parts: Sequence[Part], gone: Sequence[Bools], facts: Counter[str]) -> list[Bools]:
    """Return the lines of each part that negative lines of another part take back, with those negative lines.

    A negative line takes back the lines like it (claim, code, days, size of the charge) of 837s and of extracts
    imported before its own. Only where there is none it takes back those of extracts imported after. ``gone`` are lines
    that stand no more for other reasons.
    """
    made = [np.zeros(len(part.frame), bool) for part in parts]
    for at, part in enumerate(parts):
        rows = part.lone[~gone[at][part.lone]] if len(part.lone) else part.lone
        if not len(rows):
            continue
        before, after = _like(part, rows, parts, gone)
        for row, kind in zip(rows.tolist(), part.kinds(rows), strict=True):
            found = before[kind] or after[kind]
            made[at][row] |= bool(found)
            for other, line in found:
                made[other][line] = True
    both = [part.with_mates(mask) for part, mask in zip(parts, made, strict=True)]
    back = sum(int((mask & ~part.negative).sum()) for part, mask in zip(parts, both, strict=True))
    facts["lines taken back by negative lines of another extract; neither stands"] += back
    return both


def _like(
    part: Part, rows: np.ndarray, parts: Sequence[Part], gone: Sequence[Bools]
) -> tuple[dict[tuple[object, ...], _Found], dict[tuple[object, ...], _Found]]:
    """Return the lines like some negative ones, in parts that came before and in extracts that came after."""
    wanted = Counter(part.kinds(rows))
    claims = {str(kind[0]) for kind in wanted}
    before: dict[tuple[object, ...], _Found] = defaultdict(list)
    after: dict[tuple[object, ...], _Found] = defaultdict(list)
    for at, other in enumerate(parts):
        if other is part:
            continue
        held = among(other.frame["claim_id"], claims) & (other.classes != THIRD) & ~other.negative & ~gone[at]
        lines, left = np.flatnonzero(held), wanted.copy()
        found = after if other.is_table and other.order > part.order else before
        for line, kind in zip(lines.tolist(), other.kinds(lines), strict=True):
            if left[kind] > 0:
                left[kind] -= 1
                found[kind].append((at, line))
    return before, after
