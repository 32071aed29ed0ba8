"""Exact amounts for many segments: each distinct (resolution, rank, quantities) is worked once, as a fraction.

Segments of one line are added before they are rounded, unless the contract rounds earlier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

from hitmodel.dates import Span
from hitmodel.fit import Fitted
from hitmodel.forms import (
    BEFORE,
    PERIOD,
    PERIODS,
    Amount,
    Basis,
    Held,
    Known,
    Min,
    Outcome,
    Unpriced,
    apart,
    is_by_day,
)
from hitmodel.money import round_half_up, to_cents
from hitmodel.periods import periods_in
from hitmodel.prepare import SCALE, UNKNOWN, Bools, Ints, Prepared, distinct_rows, row_numbers, to_day
from hitmodel.resolve import Resolution

ZERO, ONE = Fraction(0), Fraction(1)
MOST, MOST_BELOW = 2**61, 10**12
"""Whole numbers stay under the first; a denominator that rates share is at most the second."""
ONE_DAY = {"units": ONE}


@dataclass(frozen=True)
class Rated:
    """Segments with what prices them: ``resolution`` indexes ``resolutions``, ``rank`` is 1 for the primary therapy.

    ``place`` is the contract's rounding place for each of its periods.
    """

    resolution: Ints
    resolutions: tuple[Resolution, ...]
    rank: Ints
    place: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A run of days of one line that is paid in one way, with its quantities by source column."""

    outcome: Outcome
    factor: Fraction
    share: Fraction
    place: str
    quantities: dict[str, Fraction]

    @property
    def way(self) -> tuple[Outcome, Fraction, Fraction, str]:
        """What must be equal for two neighbours to be one piece."""
        return self.outcome, self.factor, self.share, self.place

    def value(self) -> Fraction:
        """Return dollars before the charge limit: form × factor × share, rounded where the contract says.

        A bound for each line holds a piece to its part of it; `line_value` says what the pieces of a line come to.
        """
        if isinstance(self.outcome, Known):
            return Fraction(0)
        assert not isinstance(self.outcome, Unpriced)
        form, held = apart(self.outcome)
        within = form.value(self.quantities)
        value = _bounded(within, held, [self.quantities])
        by = self.factor * self.share
        if self.place == "day" and is_by_day(form) and value == within:
            return round_half_up(form.value(ONE_DAY) * by) * self.quantities["units"]
        return round_half_up(value * by) if self.place == "segment" else value * by

    @property
    def unbound(self) -> Piece:
        """The piece without the bounds that hold its whole line."""
        if isinstance(self.outcome, Known | Unpriced):
            return self
        return replace(self, outcome=apart(self.outcome)[0])


def line_value(pieces: Sequence[Piece]) -> Fraction | None:
    """Return the dollars of one line, its pieces added and then held to the bounds for each line.

    None where such a bound may change the amount and does not hold all pieces alike: their bounds, factors or shares
    differ, or a part of the line is not paid.
    """
    added = sum((piece.unbound.value() for piece in pieces), Fraction(0))
    paid = [(piece, *apart(piece.outcome)) for piece in pieces if not isinstance(piece.outcome, Known | Unpriced)]
    if not any(held for _, _, held in paid):
        return added
    if len(pieces) == 1:
        return pieces[0].value()
    within = sum((form.value(piece.quantities) for piece, form, _ in paid), Fraction(0))
    ways = {(held, piece.factor, piece.share) for piece, _, held in paid}
    if len(ways) == 1 and len(paid) == len(pieces):
        ((held, factor, share),) = ways
        value = _bounded(within, held, [p.quantities for p in pieces])
        return added if value == within else value * factor * share
    for piece, form, held in paid:
        part, whole = form.value(piece.quantities), [_whole(piece)]
        if _bounded(part, held, [piece.quantities]) != part or _bounded(within, held, whole) != within:
            return None
    return added


def _bounded(value: Fraction, held: tuple[Held, ...], parts: Sequence[Mapping[str, Fraction]]) -> Fraction:
    """Hold dollars to bounds, each taken for the quantities of all parts together."""
    for hold, bound in held:
        limit = sum((bound.value(quantities) for quantities in parts), Fraction(0))
        value = (min if hold is Min else max)((value, limit), key=abs)
    return value


def _whole(piece: Piece) -> dict[str, Fraction]:
    """Return what a piece's quantities would be if it were its whole line."""
    part = abs(piece.quantities.get("case", ONE)) or ONE
    return {source: quantity / part for source, quantity in piece.quantities.items()}


def share_of(resolution: Resolution, rank: int) -> Fraction:
    """Return the fraction of the rate that a rank is paid; the last share repeats."""
    shares = resolution.shares
    return shares[min(rank, len(shares)) - 1] if shares else ONE


def lacking(rated: Rated, fitted: Fitted) -> Ints:
    """Return for each segment the quantity that its form needs and the line lacks, as its place in `SCALE`; else -1."""
    result = np.full(fitted.segments.count, -1, dtype=np.int64)
    for place, source in reversed(list(enumerate(SCALE))):  # what comes first in `SCALE` is said
        needed = np.array([source in r.needs for r in rated.resolutions], dtype=bool)
        if needed.any():
            there = np.flatnonzero(needed[rated.resolution])
            column = fitted.prepared.quantities.column(source)
            result[there[column[fitted.segments.line[there]] == UNKNOWN]] = place
    return result


def line_pieces(rated: Rated, fitted: Fitted, segments: Sequence[int]) -> list[tuple[Piece, list[int]]]:
    """Return the pieces of one line, each with its segments: neighbours that are paid alike are one piece."""
    pieces: list[tuple[Piece, list[int]]] = []
    for segment in segments:
        piece, members = segment_piece(rated, fitted, segment), [segment]
        if pieces and pieces[-1][0].way == piece.way:
            before, earlier = pieces.pop()
            together = {
                s: before.quantities[s] if s.startswith(BEFORE) else before.quantities[s] + q
                for s, q in piece.quantities.items()
            }
            piece, members = Piece(*piece.way, quantities=together), [*earlier, segment]
        pieces.append((piece, members))
    return pieces


def segment_piece(rated: Rated, fitted: Fitted, segment: int) -> Piece:
    """Return one segment as a piece: its days for units where the span was cut, everything else in proportion."""
    segments, prepared = fitted.segments, fitted.prepared
    line = int(segments.line[segment])
    resolution = rated.resolutions[rated.resolution[segment]]
    quantities = {}
    for source in resolution.needs | {"units"}:
        if source.startswith(BEFORE):
            quantities[source] = _count_before(fitted, source.removeprefix(BEFORE), segment)
            continue
        value = _quantity(prepared, source, line)
        if value is not None:
            quantities[source] = value * _part(fitted, segment, source) * _allotted(fitted, line)
    for source in quantities.keys() & {"units", "beside"}:
        quantities[source] *= fitted.kinds[segments.kind[segment]].units_factor
    share = share_of(resolution, int(rated.rank[segment]))
    return Piece(resolution.outcome, resolution.factor, share, rated.place[segments.period[segment]], quantities)


def _quantity(prepared: Prepared, source: str, line: int) -> Fraction | None:
    """Return a line's quantity, None where it is unknown; weeks and months come of its days."""
    if not source.startswith(PERIOD):
        return prepared.quantities.fraction(source, line)
    span = Span(to_day(prepared.first[line]), to_day(prepared.last[line]))
    length, started = PERIODS[Basis(source.removeprefix(PERIOD))]
    count = periods_in(span, length, started=started)
    return count if prepared.quantities.units[line] >= 0 else -count


def _part(fitted: Fitted, segment: int, source: str) -> Fraction:
    """Return a segment's part of its line: by calendar days, or by the units that evidence gives each day."""
    segments, prepared, recount = fitted.segments, fitted.prepared, fitted.recount
    line, first = int(segments.line[segment]), int(segments.first[segment])
    here = int(segments.last[segment]) - first + 1
    part = Fraction(here, int(prepared.last[line] - prepared.first[line]) + 1)
    run = recount.run_on(line, first)
    if run is not None and run.units is not None and recount.units[line]:
        part = Fraction(1000 * run.units * here, recount.units[line])
    return part if source == "units" else part * recount.kept(line)


def _allotted(fitted: Fitted, line: int) -> Fraction:
    """Return the part of a line's units that allowances still pay for."""
    found = fitted.allotted.get(line)
    return found.part if found else ONE


def _count_before(fitted: Fitted, counter: str, segment: int) -> Fraction:
    """Return the units that went before a segment in its episode: earlier lines', then the line's own earlier days."""
    segments = fitted.segments
    line = int(segments.line[segment])
    own = fitted.recount.units_before(line, int(segments.first[segment]), int(fitted.prepared.first[line]))
    return Fraction(int(fitted.counts[counter][line]), SCALE["units"]) + own


def line_cents(rated: Rated, fitted: Fitted, usable: Bools) -> tuple[Ints, list[int]]:
    """Return each line's amount before the charge limit, in cents, and the lines that `line_value` gives none for.

    Lines that have no usable segment have 0.
    """
    segments, count = fitted.segments, fitted.prepared.count
    cents, unlike = np.zeros(count, dtype=np.int64), list[int]()
    pieces = np.bincount(segments.line, minlength=count)
    partly = _partly(rated, fitted)
    alone = usable & (pieces[segments.line] == 1) & ~partly
    cents[segments.line[alone]] = _looked_up(rated, fitted, np.flatnonzero(alone))
    several = np.flatnonzero(usable & ~alone)
    lines, found, left = _added(rated, fitted, several, partly)
    cents[lines], several = found, several[left]
    alike = _alike(rated, fitted, several, partly)
    worked: dict[tuple[int, ...], int | None] = {}
    for line, members in grouped(segments.line, several):
        key = tuple(alike[segment] for segment in members)
        if key not in worked or key[0] < 0:
            value = line_value([piece for piece, _ in line_pieces(rated, fitted, members)])
            worked[key] = None if value is None else to_cents(value)
        amount = worked[key]
        if amount is None:
            unlike.append(line)
        else:
            cents[line] = amount
    return cents, unlike


def _partly(rated: Rated, fitted: Fitted) -> Bools:
    """Say which segments are not simply their line's quantities: an allowance or evidence takes part in them.

    Counted units stand in the line; they are more than that only where days differ, or where a charge is cut with them.
    """
    line, recount = fitted.segments.line, fitted.recount
    counted = np.isin(line, [*recount.units]) & ~_by_units(rated)
    by_run = [number for number in recount.runs if number in recount.units]
    result: Bools = counted | np.isin(line, [*fitted.allotted, *by_run])
    return result


def _by_units(rated: Rated) -> Bools:
    """Say which segments are priced by their line's units alone."""
    result: Bools = np.array([r.needs <= {"units"} for r in rated.resolutions], dtype=bool)[rated.resolution]
    return result


def _added(rated: Rated, fitted: Fitted, chosen: Ints, partly: Bools) -> tuple[Ints, Ints, Bools]:
    """Add lines whose pieces are each so much a unit, in whole numbers over one denominator.

    Returns these lines with their cents, and which of the chosen segments are left.
    """
    segments, prepared = fitted.segments, fitted.prepared
    line = segments.line[chosen]
    distinct, index = distinct_rows(rated.resolution[chosen], rated.rank[chosen], segments.period[chosen])
    known = [cent_rate(rated.resolutions[number], rank, rated.place[period]) for number, rank, period in distinct]
    by_units = [rate is not None and rate[0] == "units" for rate in known]
    by_units = [fits and rated.place[p] != "segment" for fits, (_, _, p) in zip(by_units, distinct, strict=True)]
    units, days = np.abs(prepared.quantities.units[line]), prepared.last[line] - prepared.first[line] + 1
    here = segments.last[chosen] - segments.first[chosen] + 1
    most = int(units.max(initial=0)) * int(days.max(initial=0))
    above, below, apart = over_one(
        [rate[1] if rate and fits else ZERO for rate, fits in zip(known, by_units, strict=True)],
        np.full(len(known), most),
    )
    fits = np.array(by_units, dtype=bool)
    fits[apart] = False
    left = np.zeros(prepared.count, dtype=bool)
    left[line[~fits[index] | partly[chosen]]] = True
    kept = ~left[line]
    first = np.flatnonzero(kept)[np.flatnonzero(np.diff(line[kept], prepend=-1))]
    sums = np.add.reduceat(np.where(kept, here * above[index], 0), first) if len(first) else first
    size = (units[first] * sums + below // 2 * days[first]) // (below * days[first])
    return line[first], np.sign(prepared.quantities.units[line[first]]) * size, ~kept


def _alike(rated: Rated, fitted: Fitted, chosen: Ints, partly: Bools) -> dict[int, int]:
    """Number the chosen segments so that lines with the same numbers come to the same; -1 where more is looked at.

    A segment that is priced by its line's units alone is like another of the same price, place in its line and units.
    """
    segments, prepared = fitted.segments, fitted.prepared
    line = segments.line[chosen]
    plain = _by_units(rated)[chosen]
    other = np.zeros(prepared.count, dtype=bool)
    other[line[~plain | partly[chosen]]] = True
    start, days = segments.first[chosen] - prepared.first[line], prepared.last[line] - prepared.first[line]
    price = row_numbers(rated.resolution[chosen], rated.rank[chosen], segments.period[chosen])
    place = row_numbers(start, segments.last[chosen] - segments.first[chosen], days)
    units = np.unique(prepared.quantities.units[line], return_inverse=True)[1].astype(np.int64)
    number = row_numbers(price, place, units)
    return dict(zip(chosen.tolist(), np.where(other[line], -1, number).tolist(), strict=True))


def ways(rated: Rated, fitted: Fitted, chosen: Ints) -> Ints:
    """Number the ways in which segments are paid: those of one number are paid alike."""
    distinct, index = distinct_rows(rated.resolution[chosen], rated.rank[chosen], fitted.segments.period[chosen])
    known: dict[object, int] = {}
    numbers = []
    for number, rank, period in distinct:
        resolution = rated.resolutions[number]
        way = (resolution.outcome, resolution.factor, share_of(resolution, rank), rated.place[period])
        numbers.append(known.setdefault(way, len(known)))
    return np.array(numbers, dtype=np.int64)[index]


def grouped(lines: Ints, segments: Ints) -> list[tuple[int, list[int]]]:
    """Return segments by line, in order."""
    found: dict[int, list[int]] = {}
    for segment in segments.tolist():
        found.setdefault(int(lines[segment]), []).append(segment)
    return list(found.items())


def _looked_up(rated: Rated, fitted: Fitted, chosen: Ints) -> Ints:
    """Price whole lines: in integers where the form is one rate times one quantity, else one by one."""
    distinct, index = distinct_rows(rated.resolution[chosen], rated.rank[chosen], fitted.segments.period[chosen])
    rates = [cent_rate(rated.resolutions[number], rank, rated.place[period]) for number, rank, period in distinct]
    cents = np.zeros(len(chosen), dtype=np.int64)
    for source in SCALE:
        mine = np.array([rate is not None and rate[0] == source for rate in rates], dtype=bool)[index]
        if not mine.any():
            continue
        quantity = fitted.prepared.quantities.column(source)[fitted.segments.line[chosen[mine]]]
        cents[mine] = times(quantity, [rate[1] if rate else Fraction(0) for rate in rates], index[mine])
    for place in np.flatnonzero(np.array([rate is None for rate in rates], dtype=bool)[index]).tolist():
        cents[place] = to_cents(segment_piece(rated, fitted, int(chosen[place])).value())
    return cents


def is_one_rate(resolution: Resolution) -> bool:
    """Say whether a resolution comes to one rate times one quantity, or to nothing at all."""
    outcome = resolution.outcome
    return isinstance(outcome, Known | Unpriced) or (isinstance(outcome, Amount) and outcome.basis.source in SCALE)


def cent_rate(resolution: Resolution, rank: int, place: str) -> tuple[str, Fraction] | None:
    """Return the source column and cents for each of its whole numbers; None where the form is more than one rate."""
    known = resolution.cent_rates
    if (rank, place) not in known:
        known[rank, place] = _cent_rate(resolution, rank, place)
    return known[rank, place]


def _cent_rate(resolution: Resolution, rank: int, place: str) -> tuple[str, Fraction] | None:
    outcome = resolution.outcome
    if isinstance(outcome, Known | Unpriced):
        return "units", ZERO
    if not is_one_rate(resolution):
        return None
    assert isinstance(outcome, Amount)
    source = outcome.basis.source
    rate = outcome.rate * resolution.factor * share_of(resolution, rank)
    if place == "day" and outcome.basis is Basis.DAY:
        rate = round_half_up(rate)
    each = resolution.kind.units_factor if source == "units" else ONE
    return source, rate * each * 100 / SCALE[source]


def over_one(rates: Sequence[Fraction], most: Ints) -> tuple[Ints, int, Ints]:
    """Return rates as whole numbers over one even denominator, that denominator, and the places of rates left out.

    Those have 0: they need another denominator, or, times the ``most`` that each is multiplied by, more than 64 bits.
    """
    ratios, below = [rate.as_integer_ratio() for rate in rates], 2
    for denominator in sorted({2 * under for _, under in ratios}):
        if lcm(below, denominator) <= MOST_BELOW:
            below = lcm(below, denominator)
    above, apart = [], []
    for number, ((over, under), times_most) in enumerate(zip(ratios, most[: len(ratios)].tolist(), strict=True)):
        whole, left = divmod(over * below, under)
        fits = not left and max(times_most, 1) * whole + below < MOST
        above.append(whole if fits else 0)
        if not fits:
            apart.append(number)
    return np.array(above, dtype=np.int64), below, np.array(apart, dtype=np.int64)


def times(quantity: Ints, rates: list[Fraction], index: Ints) -> Ints:
    """Multiply whole numbers by exact rates and round half-up by magnitude; Python integers where 64 bits are few."""
    most = int(np.abs(quantity).max(initial=0))
    if any(most * abs(r.numerator) + r.denominator >= 2**61 for r in rates):
        return np.array(
            [to_cents(rates[i] * q / 100) for q, i in zip(quantity.tolist(), index.tolist(), strict=True)],
            dtype=np.int64,
        )
    above = np.array([abs(r.numerator) for r in rates], dtype=np.int64)[index]
    below = np.array([r.denominator for r in rates], dtype=np.int64)[index]
    size = (2 * np.abs(quantity) * above + below) // (2 * below)
    signed: Ints = np.sign(quantity) * size
    return signed
