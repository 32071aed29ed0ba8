"""Claims made ready once for every contract: the kind of each line, its quantities, and what is wrong with it.

No contract takes part. The distinct kinds number in the thousands even where lines number millions, so rules are
worked out on kinds and lines are only ever touched by integer array operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hitmodel.claim_repeats import Repeats, find_repeats
from hitmodel.claims import Claims
from hitmodel.codes import CodeTable, is_cpt_shaped
from hitmodel.companions import Companions, SaidBeside
from hitmodel.mechanisms.base import LineKind
from hitmodel.status import ORDER, Status

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
UNKNOWN = np.iinfo(np.int64).min
"""Stands for a quantity that the line does not have. Never part of any sum."""

DUPLICATE = "a duplicate of line "
"""Begins the reason of a line that stands twice; the id of the first follows."""

IDS = ("patient_id", "claim_id")
TEXT = ("payer", "product", "code", "modifiers", "place_of_service", "ndc", "ndc_unit")
_KIND_COLUMNS = ["code", "modifiers", "place_of_service", "product", "ndc", "ndc_unit"]


@dataclass(frozen=True)
class Quantities:
    """What a line's rates are multiplied by: thousandths of units and NDC units, cents of charge and cost.

    What lines say beside each other is worked out by ``companions`` when it is first asked for.
    """

    units: Ints
    ndc_quantity: Ints
    charge: Ints
    cost: Ints
    companions: SaidBeside

    def column(self, source: str) -> Ints:
        """Return the whole-number column behind a price form's source."""
        column: Ints = getattr(self.companions if source in BESIDE else self, source)
        return column

    def fraction(self, source: str, line: int) -> Fraction | None:
        """Return one line's quantity in units or dollars, or None when it is unknown."""
        if source == "case":
            return Fraction(1 if self.units[line] >= 0 else -1)
        value = int(self.column(source)[line])
        return None if value == UNKNOWN else Fraction(value, SCALE[source])


BESIDE = ("service_days", "dispenses", "beside")
SCALE = {"units": 1000, "ndc_quantity": 1000, "charge": 100, "cost": 100} | {
    "service_days": 1,
    "dispenses": 1,
    "beside": 1000,
}


@dataclass(frozen=True)
class Prepared:
    """A claims set ready for pricing.

    ``kind`` indexes ``kinds`` for each line; ``first`` and ``last`` are days since 1970; ``status`` indexes
    `hitmodel.status.ORDER` and holds what no contract can change (a duplicate, a line that cannot be read), with
    ``reason`` indexing ``reasons``; -1 where nothing stands against the line. A line and the void that takes it back
    are ``paired``: they add to nothing, and other lines are priced as if they were not there. ``blocked`` lines cannot
    be read.
    """

    claims: Claims
    kinds: tuple[LineKind, ...]
    kind: Ints
    first: Ints
    last: Ints
    patient: Ints
    claim: Ints
    payer: Ints
    payers: tuple[tuple[str, str], ...]
    quantities: Quantities
    paired: Bools
    blocked: Bools
    status: Ints
    reason: Ints
    reasons: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of lines."""
        return len(self.kind)


def to_day(number: int) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(days=int(number))


def day_number(day: date) -> int:
    """Return days since 1970."""
    return (day - EPOCH).days


def distinct_rows(*columns: Ints) -> tuple[list[tuple[int, ...]], Ints]:
    """Return the distinct rows of columns of numbers from 0 up, and for each row its place among them."""
    index = row_numbers(*columns)
    first = np.zeros(int(index.max(initial=-1)) + 1, dtype=np.int64)
    first[index[::-1]] = np.arange(len(index))[::-1]
    rows = np.stack([column[first] for column in columns], axis=1) if len(first) else np.zeros((0, len(columns)), int)
    return [tuple(row) for row in rows.tolist()], index


def row_numbers(*columns: Ints) -> Ints:
    """Number the rows of columns of numbers from 0 up: equal rows have one number, in order of first appearance."""
    return pd.factorize(_key(*columns))[0].astype(np.int64)


def _key(*columns: Ints) -> Ints:
    """Return one number for each row of columns of numbers from 0 up, the same for equal rows alone."""
    key = columns[0].copy()
    for column in columns[1:]:
        key *= int(column.max(initial=0)) + 1
        key += column
    return key


@dataclass(frozen=True)
class Column:
    """A column of text: each line's number among the distinct cells, which are in order of first appearance."""

    number: Ints
    cells: Sequence[str]


@dataclass(frozen=True)
class Columns:
    """Claim lines as whole numbers. ``patient`` and ``claim`` number what has the same id, ``text`` holds columns of
    text by name.

    ``first`` and ``last`` are day numbers, 0 where no day can be read; the amounts are those of `Quantities`, as they
    were typed; ``blocked`` says why lines cannot be read, for those; ``line_ids`` returns the ids of some lines.
    """

    patient: Ints
    claim: Ints
    text: Mapping[str, Column]
    first: Ints
    last: Ints
    units: Ints
    ndc_quantity: Ints
    charge: Ints
    cost: Ints
    blocked: Mapping[int, str]
    line_ids: Callable[[Ints], Sequence[str]]


def prepare(claims: Claims, codes: CodeTable) -> Prepared:
    """Return claims ready for pricing under any contract."""
    lines = claims.lines
    blocked = np.flatnonzero((lines["blocked"] != "").to_numpy()).tolist()
    patient, claim = (pd.factorize(lines[name])[0].astype(np.int64) for name in IDS)
    columns = Columns(
        patient=patient,
        claim=claim,
        text={name: _column(lines[name]) for name in TEXT},
        first=_days(lines["service_from"]),
        last=_days(lines["service_through"]),
        units=_integers(lines["units_milli"]),
        ndc_quantity=_integers(lines["ndc_quantity_milli"]),
        charge=_integers(lines["charge_cents"]),
        cost=_integers(lines["acquisition_cost_cents"]),
        blocked=dict(zip(blocked, lines["blocked"].iloc[blocked].tolist(), strict=True)),
        line_ids=lambda some: claims.line_ids.iloc[some].tolist(),
    )
    return prepare_columns(columns, claims, codes)


def prepare_columns(columns: Columns, claims: Claims, codes: CodeTable) -> Prepared:
    """Return claims ready for pricing, of which the lines are here as whole numbers."""
    count, text = len(columns.first), columns.text
    blocked = np.zeros(count, dtype=bool)
    blocked[list(columns.blocked)] = True
    repeats = _repeats(columns, blocked)
    paired = (repeats.void & ~repeats.unmatched_void) | repeats.voided
    stands = ~blocked & np.asarray(repeats.duplicate_of == "")
    quantities = _quantities(columns, Companions(claims, stands, paired, UNKNOWN))
    kind, kinds = _kinds(columns, quantities, codes)
    pairs, payer = distinct_rows(text["payer"].number, text["product"].number)
    status, reason, reasons = _standing(columns, repeats, codes)
    return Prepared(
        claims=claims,
        kinds=kinds,
        kind=kind,
        first=columns.first,
        last=columns.last,
        patient=columns.patient,
        claim=columns.claim,
        payer=payer,
        payers=tuple((text["payer"].cells[name], text["product"].cells[product]) for name, product in pairs),
        quantities=quantities,
        paired=paired,
        blocked=blocked,
        status=status,
        reason=reason,
        reasons=reasons,
    )


def _repeats(columns: Columns, blocked: Bools) -> Repeats:
    """Find what takes back or repeats another among the few lines of one patient, code and days."""
    near = _shared(_key(columns.patient, columns.text["code"].number, columns.first, columns.last))
    some = near[~blocked[near]]
    void = (columns.units < 0) & (columns.units != UNKNOWN)
    unmatched, voided = void & ~blocked, np.zeros(len(void), dtype=bool)
    duplicate_of = np.full(len(void), "", dtype=object)
    if len(some):
        found = find_repeats(_as_frame(columns, some))
        unmatched[some], voided[some], duplicate_of[some] = found.unmatched_void, found.voided, found.duplicate_of
    return Repeats(void, unmatched, voided, duplicate_of)


def _shared(key: Ints) -> Ints:
    """Return the places, in order, of the numbers that stand more than once."""
    order = np.argsort(key)
    same = key[order[1:]] == key[order[:-1]]
    shared = np.append(same, False) | np.append(False, same)
    return np.sort(order[shared])


def _as_frame(columns: Columns, some: Ints) -> pd.DataFrame:
    """Return some lines as `find_repeats` looks at them."""
    frame = pd.DataFrame({name: column.number[some] for name, column in columns.text.items()})
    cells = np.array(columns.text["modifiers"].cells, dtype=object)
    return frame.assign(
        patient_id=columns.patient[some],
        modifiers=cells[columns.text["modifiers"].number[some]],
        service_from=columns.first[some],
        service_through=columns.last[some],
        units_milli=columns.units[some],
        charge_cents=columns.charge[some],
        line_id=np.array(columns.line_ids(some), dtype=object),
        blocked="",
    )


def _quantities(columns: Columns, companions: Companions) -> Quantities:
    """Read the quantities. A line of negative units is a void: what it takes back is negative whatever was typed."""
    units = columns.units
    void = np.flatnonzero((units < 0) & (units != UNKNOWN))
    ndc, charge, cost = (_negative(other, void) for other in (columns.ndc_quantity, columns.charge, columns.cost))
    return Quantities(units, ndc, charge, cost, companions)


def _negative(amounts: Ints, void: Ints) -> Ints:
    """Return amounts, those of voids below zero where they are known."""
    theirs, result = amounts[void], amounts.copy()
    result[void] = np.where(theirs == UNKNOWN, UNKNOWN, -np.abs(theirs))
    return result


def _integers(column: pd.Series[Any]) -> Ints:
    return column.fillna(UNKNOWN).to_numpy(dtype=np.int64)


def _days(column: pd.Series[Any]) -> Ints:
    days = column.to_numpy(dtype="datetime64[D]").astype(np.int64)
    return np.where(column.isna().to_numpy(), 0, days)


def _column(cells: pd.Series[Any]) -> Column:
    number, distinct = pd.factorize(cells)
    return Column(number.astype(np.int64), [str(cell) for cell in distinct])


def _kinds(columns: Columns, quantities: Quantities, codes: CodeTable) -> tuple[Ints, tuple[LineKind, ...]]:
    text = [columns.text[name] for name in _KIND_COLUMNS]
    known = [(quantities.column(name) != UNKNOWN).astype(np.int64) for name in ("ndc_quantity", "charge", "cost")]
    rows, kind = distinct_rows(*(column.number for column in text), *known)
    cells = [[column.cells[n] for column, n in zip(text, row, strict=False)] for row in rows]
    return kind, tuple(line_kind((*c, *map(bool, row[len(text) :])), codes) for c, row in zip(cells, rows, strict=True))


def line_kind(row: tuple[Any, ...], codes: CodeTable) -> LineKind:
    """Return a kind from its code, modifiers, place, product, NDC and NDC unit, and whether it has an NDC quantity,
    charge and cost.
    """
    code, modifiers, place, product, ndc, ndc_unit, *known = row
    entry = codes.entry(code)
    return LineKind(
        code=code,
        modifiers=frozenset(modifiers.split()),
        place=place,
        product=product,
        ndc=ndc,
        ndc_unit=ndc_unit,
        role=entry.role if entry else "",
        therapy_class=entry.therapy_class if entry else "",
        family=entry.family if entry else "",
        billed_code=code,
        known=frozenset(n for n, there in zip(("ndc_quantity", "charge", "cost"), known, strict=True) if there),
    )


def _standing(columns: Columns, repeats: Repeats, codes: CodeTable) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Find what stands against a line whatever the contract: unreadable, a code that did not exist, a duplicate."""
    status = np.full(len(columns.first), -1, dtype=np.int64)
    reason = status.copy()
    reasons: dict[str, int] = {}

    def mark(what: Status, texts: Mapping[int, str]) -> None:
        for line, text in texts.items():
            if status[line] == -1:
                status[line] = ORDER.index(what)
                reason[line] = reasons.setdefault(text, len(reasons))

    again = np.flatnonzero(repeats.duplicate_of != "").tolist()
    mark(Status.NEEDS_REVIEW, columns.blocked)
    mark(Status.OUT_OF_SCOPE, {line: f"{DUPLICATE}{repeats.duplicate_of[line]}" for line in again})
    mark(Status.NEEDS_REVIEW, _code_doubts(columns, codes))
    return status, reason, tuple(reasons)


def _code_doubts(columns: Columns, codes: CodeTable) -> dict[int, str]:
    """Say why the codes of lines cannot stand on their dates, for the few lines of which that is so."""
    first, last = columns.first, columns.last
    number, distinct = columns.text["code"].number, columns.text["code"].cells
    held = [_valid_days(code, codes) for code in distinct]
    begins, ends = (np.array([days[end] for days in held], dtype=np.int64)[number] for end in (0, 1))
    doubts: dict[int, str] = {}
    said: dict[tuple[str, int], str] = {}
    for line in np.flatnonzero((first > 0) & ((first < begins) | (last > ends))).tolist():
        code = distinct[number[line]]
        day = int(first[line] if first[line] < begins[line] or first[line] > ends[line] else last[line])
        if (code, day) not in said:
            said[code, day] = _with_successor_units(code, to_day(day), codes)
        doubts[line] = said[code, day]
    return doubts


def _valid_days(code: str, codes: CodeTable) -> tuple[int, int]:
    """Return the first and last day number of a code; an empty range for one that does not exist."""
    always = np.iinfo(np.int64)
    if is_cpt_shaped(code):
        return always.min, always.max
    days = codes.days(code)
    if days is None:
        return always.max, always.min
    return day_number(days[0]), always.max if days[1] is None else day_number(days[1])


def _with_successor_units(code: str, day: date, codes: CodeTable) -> str:
    why = codes.why_unknown(code, day)
    follows, factor = codes.carried_to(code, day)
    return f"{why} ({factor} of its units for each old one)" if follows != code else why
