"""What stands in for evidence that is not there, with the least and the most that hang on it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from hitmodel.pricing import Priced


@dataclass(frozen=True)
class Assumption:
    """One assumption of one contract, over the lines that rest on it.

    ``stated_cents`` is what the lines are priced at, None where the contract prices none of them; ``low_cents`` and
    ``high_cents`` are the least and the most they can come to. ``unbounded`` lines have neither and are in no sum.
    """

    text: str
    lines: int
    stated_cents: int | None
    low_cents: int
    high_cents: int
    unbounded: int = 0


def assumptions(priced: Priced) -> tuple[Assumption, ...]:
    """Return the assumptions about missing evidence that a priced claims set rests on, the widest range first."""
    if priced.range is None:
        return ()
    lines: dict[str, list[int]] = defaultdict(list)
    for line, text in priced.fitted.recount.assumed.items():
        lines[text].append(line)
    found = [_summed(priced, text, members) for text, members in lines.items()]
    return tuple(sorted(found, key=lambda a: (a.low_cents - a.high_cents, a.text)))


def _summed(priced: Priced, text: str, lines: list[int]) -> Assumption:
    assert priced.range is not None
    bounded = [line for line in lines if priced.range.lines[line]]
    known = [line for line in bounded if priced.known[line]]
    return Assumption(
        text=text,
        lines=len(lines),
        stated_cents=int(priced.allowed[known].sum()) if known else None,
        low_cents=int(priced.range.low[bounded].sum()),
        high_cents=int(priced.range.high[bounded].sum()),
        unbounded=len(lines) - len(bounded),
    )
