"""Which of several concurrent therapies is the first, second, third; decided day by day.

SH marks the second and SJ the third *or any later* concurrent therapy; the first carries neither (HCPCS Level II).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from hitmodel.dates import ONE_DAY, Span
from hitmodel.errors import InputError
from hitmodel.spans import join


class PrimaryBy(StrEnum):
    """How the first of several concurrent therapies is chosen."""

    AS_MODIFIED = "as_modified"
    """The line without SH or SJ first, then SH, then SJ (Texas)."""
    HIGHEST_RATE = "highest_rate"
    """The highest daily rate first; the commonest clause."""
    FIRST_BILLED = "first_billed"
    """In the order of the claim (Idaho)."""
    FIRST_STARTED = "first_started"
    """The therapy that started earliest first (Alaska)."""


@dataclass(frozen=True)
class Contender:
    """Days on which one therapy asks for a rank.

    Parameters
    ----------
    key : str
        The therapy or line. A therapy whose code or rate changes is several contenders with one key and other days.
    spans : tuple of Span
        Its payable days.
    billed : int
        Its place on the claim, from 0. Breaks every tie.
    started : date
        The day the therapy began, which is earlier than its first span after a change or a hold.
    modifiers : frozenset of str
        As submitted; only ``as_modified`` reads them.
    rate : Fraction or None
        Its daily rate [dollars per day]; only ``highest_rate`` reads it.
    """

    key: str
    spans: tuple[Span, ...]
    billed: int
    started: date
    modifiers: frozenset[str] = frozenset()
    rate: Fraction | None = None


@dataclass(frozen=True)
class Ranked:
    """Days in a row on which one contender holds one rank (1 is the primary therapy)."""

    key: str
    span: Span
    rank: int

    @property
    def modifier(self) -> str:
        """The modifier of that rank; see `concurrency_modifier`."""
        return concurrency_modifier(self.rank)


def concurrency_modifier(rank: int) -> str:
    """Return the modifier for a rank: none for the first, SH for the second, SJ for the third *and every later one*."""
    return "" if rank <= 1 else "SH" if rank == 2 else "SJ"


def rank_days(contenders: Sequence[Contender], primary_by: PrimaryBy) -> tuple[Ranked, ...]:
    """Rank concurrent therapies day by day.

    Therapies are concurrent on a calendar day that both hold, whether or not their hours overlap. On each day ranks
    are 1 to the number of contenders. Ties go by place on the claim, then by key.

    Returns
    -------
    tuple of Ranked
        In order of first day, then rank; neighbouring days with the same rank are one span.

    Raises
    ------
    InputError
        With ``highest_rate``, when a therapy that is concurrent with another has no rate.
    """
    changes = sorted({day for c in contenders for span in c.spans for day in (span.first, span.last + ONE_DAY)})
    opens: dict[date, list[Contender]] = {}
    closes: dict[date, list[Contender]] = {}
    for contender in contenders:
        for span in contender.spans:
            opens.setdefault(span.first, []).append(contender)
            closes.setdefault(span.last + ONE_DAY, []).append(contender)
    active: list[Contender] = []
    pieces: dict[str, list[tuple[Span, int]]] = {}
    for day, after in pairwise(changes):
        for leaving in closes.get(day, ()):
            active.remove(leaving)
        active += opens.get(day, ())
        for rank, contender in enumerate(_in_order(active, primary_by, day), start=1):
            pieces.setdefault(contender.key, []).append((Span(day, after - ONE_DAY), rank))
    ranked = [Ranked(key, span, rank) for key, found in pieces.items() for span, rank in join(found)]
    return tuple(sorted(ranked, key=lambda r: (r.span.first, r.rank, r.key)))


def _in_order(active: Sequence[Contender], primary_by: PrimaryBy, day: date) -> list[Contender]:
    if len(active) > 1 and primary_by is PrimaryBy.HIGHEST_RATE:
        unknown = next((c.key for c in active if c.rate is None), None)
        if unknown is not None:
            raise InputError(f"{unknown!r} has no rate on {day}, so concurrent therapies can't be ranked by rate")
    return sorted(active, key=lambda c: (_merit(c, primary_by), c.billed, c.key))


def _merit(contender: Contender, primary_by: PrimaryBy) -> Fraction | int:
    """Return what decides the rank before ties, smallest first."""
    match primary_by:
        case PrimaryBy.AS_MODIFIED:
            return 2 if "SJ" in contender.modifiers else 1 if "SH" in contender.modifiers else 0
        case PrimaryBy.HIGHEST_RATE:
            return -(contender.rate or Fraction(0))
        case PrimaryBy.FIRST_STARTED:
            return contender.started.toordinal()
        case PrimaryBy.FIRST_BILLED:
            return contender.billed
