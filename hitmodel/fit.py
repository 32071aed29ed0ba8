"""Lines fitted to a contract's shape: in or out of scope, and cut into segments in which nothing changes.

Rates take no part, so that a changed rate needs no new fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hitmodel.beside import REASON, lines_in_doubt
from hitmodel.codes import CodeTable
from hitmodel.compile import Compiled
from hitmodel.counting import Allotment, allotments, episode_numbers, episode_rules, units_before
from hitmodel.cuts import DAYS, Cuts, find_cuts, keys
from hitmodel.day_facts import other_kinds, with_facts
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.material import Material, stretch_of
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Bools, Ints, Prepared, day_number, distinct_rows
from hitmodel.recount import Assume, Counter, Recount
from hitmodel.scope import Standing, carried, scoped, with_named_patients
from hitmodel.status import Status


@dataclass(frozen=True)
class Segments:
    """Pieces of lines, in order of line and day. ``line``, ``kind``, ``period`` and ``price`` are numbers of these.

    ``first`` and ``last`` are day numbers, both counted. ``run`` numbers the stretch of days that concurrent therapies
    of one patient share, -1 where the piece is alone; ``bundle`` is the rule under which it is paid within another,
    -1 where it is not; ``rival`` numbers the stretch of days on which it and other lines exclude each other.
    """

    line: Ints
    kind: Ints
    period: Ints
    price: Ints
    first: Ints
    last: Ints
    run: Ints
    bundle: Ints
    rival: Ints

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.line)


@dataclass(frozen=True)
class Numbered:
    """Numbers of a kind, a period and a price, by which segments are resolved; ``number`` is each segment's row."""

    rows: tuple[tuple[int, int, int], ...]
    number: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Fitted:
    """Claims fitted to a contract's structure.

    ``kind`` and ``period`` are numbers for every line: its kind, and the contract period of its first day, -1 where
    no day can be read. ``standing`` says which lines are out of scope or in doubt before any rate is looked at; the
    others have segments. ``uneven`` lines bill other units than they have days. ``counts`` holds, for each episode
    rule, the units [thousandths] that went before each line in its episode; ``allotted`` the part of a line's units
    that an allowance still pays for, for lines of which not all are. ``further_kinds`` are the kinds that lines which
    cannot be cut are of on some of their days. ``recount`` is what evidence makes of lines;
    the units of ``prepared`` are those counted.
    """

    prepared: Prepared
    kinds: tuple[LineKind, ...]
    kind: Ints
    period: Ints
    segments: Segments
    further_kinds: dict[int, tuple[int, ...]]
    standing: Standing
    uneven: Bools
    counts: dict[str, Ints]
    episodes: dict[str, Ints]
    allotted: dict[int, Allotment]
    rivals: dict[int, int]
    recount: Recount

    @cached_property
    def moments(self) -> Numbered:
        """The distinct (kind, period, price) of the segments."""
        segments = self.segments
        rows, number = distinct_rows(segments.kind, segments.period, segments.price)
        return Numbered(tuple((kind, period, price) for kind, period, price in rows), number.astype(np.int32))


def fit(
    prepared: Prepared,
    compiled: Compiled,
    codes: CodeTable,
    as_of: date | None = None,
    evidence: Evidence = NO_EVIDENCE,
    assume: Assume = "stated",
) -> Fitted:
    """Cut claims to a contract.

    Parameters
    ----------
    as_of : date or None
        Price every line by the terms of this day; ended codes are carried to their successors. None prices each day
        of a line by its own date.
    evidence : Evidence
        What is on record beside the claims; looked at only where the contract says so.
    assume : str
        What lines get whose evidence is missing: what the contract states, or their ``low`` or ``high`` units.
    """
    starts = np.array([day_number(p.span.first) for p in compiled.periods], dtype=np.int64)
    kinds, kind = with_named_patients(prepared, compiled)
    ended: dict[int, str] = {}
    if as_of is not None:
        kinds, ended = carried(kinds, as_of, codes)
    dated = np.zeros(prepared.count, dtype=np.int64) if as_of is not None else stretch_of(starts, prepared.first)
    period = np.where(prepared.first > 0, dated, -1)
    standing = scoped(prepared, compiled, period, as_of)
    for number, text in ended.items():
        standing.mark(kind == number, Status.NEEDS_REVIEW, text)
    fixed = as_of is not None
    versions = tuple(zip(starts.tolist(), (p.version for p in compiled.periods), strict=True))
    free = np.flatnonzero(standing.free)
    recount = Counter(
        prepared, kinds, kind, free, versions[:1] if fixed else versions, evidence, codes, assume
    ).recount()
    for line, text in recount.lacking.items():
        standing.mark([line], Status.NEEDS_REVIEW, text)
    live = np.flatnonzero(standing.free)
    prepared = recount.applied(prepared)
    material = Material(prepared, compiled, kinds, kind, live, starts, fixed, codes, recount)
    if recount.lacking:
        standing.mark(lines_in_doubt(material, recount.lacking), Status.NEEDS_REVIEW, REASON)
        material = replace(material, live=np.flatnonzero(standing.free))
    cuts = find_cuts(material)
    segments = _segments(material, cuts)
    kinds, of_piece = with_facts(cuts.facts, kinds, segments.kind, segments.line, segments.first)
    segments = replace(segments, kind=of_piece)
    kinds, further = other_kinds(cuts.facts, material, kinds)
    uneven = np.abs(prepared.quantities.units) != 1000 * (prepared.last - prepared.first + 1)
    uneven[list(recount.counted)] = False
    return Fitted(
        prepared=prepared,
        kinds=kinds,
        kind=kind,
        period=period,
        segments=segments,
        further_kinds=further,
        standing=standing,
        uneven=uneven,
        counts={rule.id: units_before(material, rule) for rule in episode_rules(compiled)},
        episodes={rule.id: episode_numbers(material, rule) for rule in episode_rules(compiled)},
        allotted=allotments(material),
        rivals=cuts.rivals,
        recount=recount,
    )


def _segments(material: Material, cuts: Cuts) -> Segments:
    live, prepared = material.live, material.prepared
    lines, firsts, lasts = _pieces(live, prepared.first, prepared.last, *cuts.inside())
    prices = np.array([day_number(d) for d in material.compiled.price_starts], dtype=np.int64)
    bundle, rival = (
        (keys(found), np.array(list(found.values()), dtype=np.int64)) for found in (cuts.bundle, cuts.rival)
    )
    return Segments(
        line=lines,
        kind=material.kind[lines],
        period=material.periods_on(firsts),
        price=stretch_of(prices, firsts),
        first=firsts,
        last=lasts,
        run=_known_of(*cuts.run(), lines, firsts),
        bundle=_known_of(*bundle, lines, firsts),
        rival=_known_of(*rival, lines, firsts),
    )


def _pieces(live: Ints, first: Ints, last: Ints, cut: Ints, day: Ints) -> tuple[Ints, Ints, Ints]:
    """Return lines, first and last days of the pieces of live lines, which are cut before some days, in order."""
    place = np.searchsorted(live, cut)
    there = live[np.minimum(place, len(live) - 1)] == cut if len(live) else np.zeros(len(cut), dtype=bool)
    place, day = place[there], day[there]
    count = np.bincount(place, minlength=len(live)) + 1
    lines = np.repeat(live, count)
    firsts, lasts = first[lines], last[lines]
    begins = np.arange(1, len(place) + 1) + place  # before it: a piece for each line up to its own, and for each cut
    firsts[begins], lasts[begins - 1] = day, day - 1
    return lines, firsts, lasts


def _known_of(wanted: Ints, numbers: Ints, lines: Ints, firsts: Ints) -> Ints:
    """Return what was found for the piece of a line that begins on a day, -1 for most; pieces are in that order."""
    result = np.full(len(lines), -1, dtype=np.int64)
    if len(wanted) and len(lines):
        pieces = lines * DAYS + firsts
        piece = np.minimum(np.searchsorted(pieces, wanted), len(pieces) - 1)
        there = pieces[piece] == wanted
        result[piece[there]] = numbers[there]
    return result
