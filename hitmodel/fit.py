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
from hitmodel.cuts import DAYS, Cuts, find_cuts
from hitmodel.day_facts import other_kinds, with_facts
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.material import Material
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
    period = np.where(prepared.first > 0, _numbers(starts, prepared.first, as_of is not None), -1)
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
    days = prepared.last - prepared.first + 1
    return Fitted(
        prepared=prepared,
        kinds=kinds,
        kind=kind,
        period=period,
        segments=segments,
        further_kinds=further,
        standing=standing,
        uneven=(np.abs(prepared.quantities.units) != days * 1000)
        & ~np.isin(np.arange(prepared.count), list(recount.counted)),
        counts={rule.id: units_before(material, rule) for rule in episode_rules(compiled)},
        episodes={rule.id: episode_numbers(material, rule) for rule in episode_rules(compiled)},
        allotted=allotments(material),
        rivals=cuts.rivals,
        recount=recount,
    )


def _numbers(starts: Ints, days: Ints, fixed: bool) -> Ints:
    """Return the number of the stretch that each day lies in; the first where one day's terms hold for all."""
    if fixed:
        return np.zeros(len(days), dtype=np.int64)
    return np.maximum(np.searchsorted(starts, days, side="right") - 1, 0).astype(np.int64)


def _segments(material: Material, cuts: Cuts) -> Segments:
    prepared, live = material.prepared, material.live
    points = [(line, sorted(days)) for line, days in sorted(cuts.points.items()) if days]
    cut = np.array([line for line, _ in points], dtype=np.int64)
    is_cut = np.zeros(prepared.count, dtype=bool)
    is_cut[cut] = True
    whole = live[~is_cut[live]]
    begins = np.array([day for _, days in points for day in days], dtype=np.int64)
    pieces = np.repeat(cut, [len(days) for _, days in points])
    lines = np.concatenate([whole, cut, pieces])
    firsts = np.concatenate([prepared.first[whole], prepared.first[cut], begins])
    order = np.lexsort((firsts, lines))
    lines, firsts = lines[order], firsts[order]
    lasts = np.where(np.diff(lines, append=-1) == 0, np.roll(firsts, -1) - 1, prepared.last[lines])
    prices = np.array([day_number(d) for d in material.compiled.price_starts], dtype=np.int64)
    return Segments(
        line=lines,
        kind=material.kind[lines],
        period=_numbers(material.term_starts, firsts, material.fixed),
        price=_numbers(prices, firsts, fixed=False),
        first=firsts,
        last=lasts,
        run=_known_of(cuts.run, lines, firsts),
        bundle=_known_of(cuts.bundle, lines, firsts),
        rival=_known_of(cuts.rival, lines, firsts),
    )


def _known_of(found: dict[tuple[int, int], int], lines: Ints, firsts: Ints) -> Ints:
    """Return what was found for the piece of a line that begins on a day, -1 for most; pieces are in that order."""
    result = np.full(len(lines), -1, dtype=np.int64)
    if found:
        pieces = lines * DAYS + firsts
        wanted = np.array([line * DAYS + day for line, day in found], dtype=np.int64)
        piece = np.minimum(np.searchsorted(pieces, wanted), max(len(pieces) - 1, 0))
        there = pieces[piece] == wanted if len(pieces) else np.zeros(len(wanted), dtype=bool)
        result[piece[there]] = np.array(list(found.values()), dtype=np.int64)[there]
    return result
