"""Exact amounts for many segments: each distinct (resolution, rank, quantities) is worked once, as a fraction.

Segments of one line are added before they are rounded, unless the contract rounds earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from hitmodel.fit import Fitted
from hitmodel.forms import Known, Unpriced, sources
from hitmodel.money import round_half_up, to_cents
from hitmodel.prepare import SCALE, UNKNOWN, Bools, Ints
from hitmodel.resolve import Resolution

DAY = Fraction(1)


@dataclass(frozen=True)
class Rated:
    """Segments with what prices them: ``resolution`` indexes ``resolutions``, ``rank`` is 1 for the primary therapy.

    ``place`` is the contract's rounding place for each segment's period.
    """

    resolution: Ints
    resolutions: tuple[Resolution, ...]
    rank: Ints
    place: tuple[str, ...]


def share_of(resolution: Resolution, rank: int) -> Fraction:
    """Return the fraction of the rate that a rank is paid; the last share repeats."""
    shares = resolution.shares
    return shares[min(rank, len(shares)) - 1] if shares else Fraction(1)


def segment_value(resolution: Resolution, rank: int, quantities: dict[str, Fraction], place: str = "line") -> Fraction:
    """Return dollars for one segment, before the charge limit: form × factor × share, rounded where the contract
    says.
    """
    outcome = resolution.outcome
    assert not isinstance(outcome, Unpriced)
    if isinstance(outcome, Known):
        return Fraction(0)
    by = resolution.factor * share_of(resolution, rank)
    if place == "day" and sources(outcome) == {"units"}:
        return round_half_up(outcome.value({"units": DAY}) * by) * quantities["units"]
    value = outcome.value(quantities) * by
    return round_half_up(value) if place == "segment" else value


def missing(rated: Rated, fitted: Fitted) -> list[str]:
    """Name for each segment the quantity that its price form needs and the line lacks; "" for most."""
    result = np.full(fitted.segments.count, "", dtype=object)
    quantities = fitted.prepared.quantities
    for source in SCALE:
        needs = np.array([source in _needs(r) for r in rated.resolutions], dtype=bool)
        absent = quantities.column(source)[fitted.segments.line] == UNKNOWN
        result[needs[rated.resolution] & absent & (result == "")] = source
    return [str(x) for x in result]


def line_cents(rated: Rated, fitted: Fitted, usable: Bools) -> Ints:
    """Return each line's amount before the charge limit, in cents; 0 for lines that have no usable segment."""
    segments, count = fitted.segments, fitted.prepared.count
    cents = np.zeros(count, dtype=np.int64)
    pieces = np.bincount(segments.line, minlength=count) if segments.count else np.zeros(count, dtype=np.int64)
    alone = usable & (pieces[segments.line] == 1)
    cents[segments.line[alone]] = _looked_up(rated, fitted, np.flatnonzero(alone))
    for line, members in _groups(segments.line, np.flatnonzero(usable & ~alone)):
        cents[line] = to_cents(_added(rated, fitted, line, members))
    return cents


def piece_quantities(fitted: Fitted, segment: int, needed: frozenset[str]) -> dict[str, Fraction]:
    """Return one segment's quantities: its days for units where the span was cut, and charges in proportion."""
    segments, quantities = fitted.segments, fitted.prepared.quantities
    line = int(segments.line[segment])
    first, last = int(fitted.prepared.first[line]), int(fitted.prepared.last[line])
    part = Fraction(int(segments.last[segment] - segments.first[segment]) + 1, last - first + 1)
    result = {}
    for source in needed | {"units"}:
        value = quantities.fraction(source, line)
        if value is not None:
            result[source] = value * part if part != 1 and source != "case" else value
    if "units" in result:
        result["units"] *= fitted.kinds[segments.kind[segment]].units_factor
    return result


def _needs(resolution: Resolution) -> frozenset[str]:
    outcome = resolution.outcome
    return frozenset() if isinstance(outcome, Known | Unpriced) else sources(outcome)


def _groups(lines: Ints, members: Ints) -> list[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for segment in members.tolist():
        found.setdefault(int(lines[segment]), []).append(segment)
    return list(found.items())


def _added(rated: Rated, fitted: Fitted, line: int, members: Sequence[int]) -> Fraction:
    total = Fraction(0)
    for segment in members:
        resolution = rated.resolutions[rated.resolution[segment]]
        quantities = piece_quantities(fitted, segment, _needs(resolution))
        place = rated.place[fitted.segments.period[segment]]
        total += segment_value(resolution, int(rated.rank[segment]), quantities, place)
    return total


def _looked_up(rated: Rated, fitted: Fitted, chosen: Ints) -> Ints:
    """Work each distinct (resolution, rank, quantities) once and look the cents up for every segment."""
    lines = fitted.segments.line[chosen]
    resolution = rated.resolution[chosen]
    columns = [resolution, rated.rank[chosen], fitted.segments.period[chosen]]
    needs = [_needs(r) for r in rated.resolutions]
    for source in SCALE:
        wanted = np.array([source in n or (source == "units" and "case" in n) for n in needs], dtype=bool)
        columns.append(np.where(wanted[resolution], fitted.prepared.quantities.column(source)[lines], 0))
    distinct, index = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    cents = [_row_cents(row.tolist(), rated, needs) for row in distinct]
    return np.array(cents, dtype=np.int64)[index.ravel()]


def _row_cents(row: list[int], rated: Rated, needs: list[frozenset[str]]) -> int:
    number, rank, period, *values = row
    resolution = rated.resolutions[number]
    amounts = zip(SCALE, values, strict=True)
    quantities = {source: Fraction(value, SCALE[source]) for source, value in amounts if value != UNKNOWN}
    if "case" in needs[number]:
        quantities["case"] = Fraction(1 if quantities.get("units", DAY) >= 0 else -1)
    if "units" in quantities:
        quantities["units"] *= resolution.kind.units_factor
    return to_cents(segment_value(resolution, rank, quantities, rated.place[period]))
