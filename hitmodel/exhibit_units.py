"""What claims hold of each row of a rate exhibit: its units, what the model pays, and why that is not rate × units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.amounts import segment_piece, share_of
from hitmodel.code_exhibit import CodeExhibit, ExhibitRow
from hitmodel.code_prices import unit_words
from hitmodel.forms import Amount
from hitmodel.money import as_decimal, to_cents
from hitmodel.pooling import FEW_PATIENTS
from hitmodel.prepare import SCALE, Ints, distinct_rows
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.resolve import Resolution
from hitmodel.status import Status

Key = tuple[str, str]
"""A row of an exhibit: its code, and the modifier, place or product that it is billed with."""

SECOND = "second therapies are paid a share"
CHARGE = "lines are held to their charge"
OTHER_RATE = "a factor or another rate holds for some lines"
STEPS = "caps, floors or bundling"
CENTS = "lines are rounded by themselves"


@dataclass(frozen=True)
class Use:
    """What claims hold of one row.

    ``units`` are in the rate's own unit; ``cents`` is what the contract allows on these lines, with every clause;
    ``why`` says what parts the two, empty where rate × units is what is allowed.
    """

    units: Fraction
    cents: int
    lines: int
    patients: int
    why: tuple[str, ...] = ()

    @property
    def few(self) -> bool:
        """Whether so few patients are behind it that no external edition shows it."""
        return self.patients <= FEW_PATIENTS


@dataclass(frozen=True)
class Uses:
    """What claims hold of an exhibit: row by row, and the rest of what the contract allows on them.

    ``other_cents`` is allowed on lines that no row with a rate speaks of, such as drugs and shares of charge;
    ``open_lines`` of the contract's lines have no amount and are in no sum.
    """

    rows: Mapping[Key, Use]
    other_cents: int
    other_lines: int
    open_lines: int

    @property
    def cents(self) -> int:
        """What the contract allows on the claims in all."""
        return sum(use.cents for use in self.rows.values()) + self.other_cents

    def shown(self) -> Uses:
        """Return the rows that an external edition may show."""
        return replace(self, rows={key: use for key, use in self.rows.items() if not use.few})


@dataclass
class _Tally:
    units: Fraction = Fraction(0)
    lines: set[int] = field(default_factory=set)
    why: set[str] = field(default_factory=set)


def uses_of(exhibit: CodeExhibit, pricer: Pricer) -> Uses:
    """Return what claims hold of each row that has a rate, priced as of the exhibit's day.

    A line counts for the row of its code and governing clause; one that is paid by several rows counts for none, nor
    does one that the clause pays otherwise than by the rate.

    Raises `ContractError` and `InputError` as `Pricer.price` does.
    """
    priced = pricer.price(exhibit.contract, Dating(exhibit.day))
    rows = {(row.code, row.price.term): row for row in exhibit.rows if row.price.rate is not None}
    tallies = _tallied(priced, rows)
    patients = priced.claims.lines["patient_id"].to_numpy()
    taken = np.zeros(len(priced.allowed), dtype=bool)
    found: dict[Key, Use] = {}
    for row in rows.values():
        tally = tallies.get((row.code, row.mark))
        if tally is None:
            continue
        lines = np.array(sorted(tally.lines), dtype=np.int64)
        taken[lines] = True
        cents = int(priced.allowed[lines].sum())
        use = Use(tally.units, cents, len(lines), len(set(patients[lines])))
        found[row.code, row.mark] = replace(use, why=_why(row, use, tally))
    rest = priced.known & ~taken
    open_lines = priced.has(Status.CONTRACT_SILENT) | priced.has(Status.NEEDS_REVIEW)
    return Uses(found, int(priced.allowed[rest].sum()), int(rest.sum()), int(open_lines.sum()))


def _tallied(priced: Priced, rows: Mapping[Key, ExhibitRow]) -> dict[Key, _Tally]:
    segments, rated = priced.fitted.segments, priced.rated
    row_of = [_row(rows, resolution) for resolution in rated.resolutions]
    mine = np.array([row is not None for row in row_of], dtype=bool)[rated.resolution]
    several = np.isin(segments.line, list(_of_several_rows(priced, row_of)))
    chosen = np.flatnonzero(priced.has(Status.PRICED)[segments.line] & mine & ~several)
    ways, index = distinct_rows(rated.resolution[chosen], rated.rank[chosen])
    found: dict[Key, _Tally] = {}
    for way, (number, rank) in enumerate(ways):
        row, resolution = row_of[number], rated.resolutions[number]
        assert row is not None
        here = chosen[index == way]
        tally = found.setdefault((row.code, row.mark), _Tally())
        tally.units += _units(priced, resolution, here)
        tally.lines.update(segments.line[here].tolist())
        if share_of(resolution, rank) != 1:
            tally.why.add(SECOND)
        tally.why |= _steps(priced, segments.line[here])
        if _rate_of(resolution) != row.price.rate:
            tally.why.add(OTHER_RATE)
    return found


def _row(rows: Mapping[Key, ExhibitRow], resolution: Resolution) -> ExhibitRow | None:
    """Return the row by whose unit a resolution pays; None where it pays otherwise, or no row is of its clause."""
    row = rows.get((resolution.kind.code, resolution.term))
    outcome = resolution.outcome
    pays_so = row is not None and isinstance(outcome, Amount) and unit_words(outcome.basis) == row.price.unit
    return row if pays_so else None


def _rate_of(resolution: Resolution) -> Decimal:
    assert isinstance(resolution.outcome, Amount)
    return as_decimal(resolution.outcome.rate * resolution.factor, 4)


def _units(priced: Priced, resolution: Resolution, here: Ints) -> Fraction:
    """Return the quantity of some segments of one way to pay: added in whole numbers where lines are whole."""
    assert isinstance(resolution.outcome, Amount)
    fitted, source = priced.fitted, resolution.outcome.basis.source
    line = fitted.segments.line[here]
    days = fitted.segments.last[here] - fitted.segments.first[here]
    whole = days == (fitted.prepared.last - fitted.prepared.first)[line]
    whole &= ~np.isin(line, [*fitted.allotted, *fitted.recount.units]) & (source in SCALE)
    one_by_one = (segment_piece(priced.rated, fitted, n).quantities[source] for n in here[~whole].tolist())
    total = sum(one_by_one, Fraction(0))
    if whole.any():
        counted = Fraction(int(fitted.prepared.quantities.column(source)[line[whole]].sum()), SCALE[source])
        total += counted * (resolution.kind.units_factor if source in ("units", "beside") else 1)
    return total


def _steps(priced: Priced, lines: Ints) -> set[str]:
    """Say which steps after the rate change some of these lines."""
    held = priced.charge_losses[lines] != 0
    other = (priced.base[lines] != priced.allowed[lines]) & ~held
    return {why for why, so in ((CHARGE, held.any()), (STEPS, other.any())) if so}


def _of_several_rows(priced: Priced, row_of: list[ExhibitRow | None]) -> set[int]:
    """Return the lines of which parts are paid by different rows, or only a part by any."""
    names = {id(row): number for number, row in enumerate(row_of)}
    row = np.array([names[id(row)] for row in row_of], dtype=np.int64)[priced.rated.resolution]
    line = priced.fitted.segments.line
    first = np.full(len(priced.status), -1, dtype=np.int64)
    first[line[::-1]] = row[::-1]
    return set(line[row != first[line]].tolist())


def _why(row: ExhibitRow, use: Use, tally: _Tally) -> tuple[str, ...]:
    assert row.price.rate is not None
    if to_cents(Fraction(row.price.rate) * use.units) == use.cents:
        return ()
    return tuple(w for w in (SECOND, CHARGE, OTHER_RATE, STEPS) if w in tally.why) or (CENTS,)
