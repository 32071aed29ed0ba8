"""Replacements and voids among imported claims: which lines each takes back, in whatever order files were imported.

A replacement or void takes back what came before it. In one 837 that is what stands above it, between two 837s the one
made earlier; an extract says neither, nor do two 837s of one minute, so there the originals came first, then
replacements, then voids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitmodel.claim_held import FIRST, THIRD, Bools, Part, among

_Rows = NDArray[np.int64]
_Service = tuple[object, ...]
_Masks = list[Bools]


@dataclass(frozen=True)
class _Bill:
    """A claim that replaces or voids another: where its lines are, and the claims that it can mean."""

    part: Part
    rows: _Rows
    claims: tuple[str, ...]
    kind: int
    number: int
    days: tuple[int, int]


def take_back(
    parts: Sequence[Part], aside: Sequence[Bools], payers_numbers: Mapping[str, str], facts: Counter[str]
) -> _Masks:
    """Return the lines of each part that a replacement or void takes back, with voids that found their claim.

    A void that finds none is marked as ``negated`` in its part. Lines in ``aside`` take nothing back. What was done is
    counted in ``facts``.
    """
    bills = [bill for part, left in zip(parts, aside, strict=True) for bill in _bills(part, left, payers_numbers)]
    voided, replaced = ([np.zeros(len(part.frame), bool) for part in parts] for _ in range(2))
    named = {claim for bill in bills for claim in bill.claims}
    places = [_places(part, named) for part in parts]
    for bill in bills:
        masks = voided if bill.kind == THIRD else replaced
        found = [_before(bill, part, place) for part, place in zip(parts, places, strict=True)]
        if bill.kind == THIRD:
            own = masks[next(at for at, part in enumerate(parts) if part is bill.part)]
            _void(bill, own, any(map(len, found)), facts)
            found = _meant(bill, parts, found)
        elif not any(map(len, found)):
            facts["claims that replace a claim which is not here; they stand"] += 1
        for mask, rows in zip(masks, found, strict=True):
            mask[rows] = True
    outdone = _outdone(bills)
    for bill in outdone:
        replaced[next(at for at, part in enumerate(parts) if part is bill.part)][bill.rows] = True
    facts["replacements that a later replacement of the same claim takes back"] += len(outdone)
    facts["lines voided by a later claim"] += sum(
        int(mask[part.classes != THIRD].sum()) for part, mask in zip(parts, voided, strict=True)
    )
    facts["lines replaced by a later claim"] += sum(
        int((mask & ~void).sum()) for mask, void in zip(replaced, voided, strict=True)
    )
    return [void | mask for void, mask in zip(voided, replaced, strict=True)]


def _outdone(bills: Sequence[_Bill]) -> list[_Bill]:
    """Return replacements of which a later one replaces the same claim, each under a number of its own."""
    named: dict[str, list[_Bill]] = {}
    for bill in bills:
        if bill.kind != THIRD:
            for claim in bill.claims:
                named.setdefault(claim, []).append(bill)
    found = {
        id(bill): bill
        for some in named.values()
        for bill in some
        if any(other.claims[0] != bill.claims[0] and _meet(bill, other) and _is_later(other, bill) for other in some)
    }
    return list(found.values())


def _meet(one: _Bill, other: _Bill) -> bool:
    return one.days[0] <= other.days[1] and other.days[0] <= one.days[1]


def _is_later(one: _Bill, other: _Bill) -> bool:
    """Say which of two replacements came later: by the 837s' own time, else the one that names the other's number."""
    if not one.part.is_table and not other.part.is_table and one.part.minute != other.part.minute:
        return one.part.minute > other.part.minute
    names, named = other.claims[0] in one.claims, one.claims[0] in other.claims
    if names != named:
        return names
    return _said(one) > _said(other)


def _said(bill: _Bill) -> tuple[bool, str, int, int, int]:
    """What orders bills where neither time nor number does: an 837 before an extract, the later import, the place."""
    part = bill.part
    return not part.is_table, part.made, part.order, bill.number, int(bill.rows[0])


def _void(bill: _Bill, gone: Bools, found: bool, facts: Counter[str]) -> None:
    """Say what becomes of a void's own lines."""
    if found:
        gone[bill.rows] = True
    else:
        bill.part.negated[bill.rows] = True
        facts["claims that void a claim which is not here; kept as negative lines"] += 1


def _bills(part: Part, aside: Bools, payers_numbers: Mapping[str, str]) -> Iterator[_Bill]:
    frame = part.frame
    special = (part.classes != FIRST) & ~aside
    if not special.any():
        return
    for key, some in frame[special].groupby(["claim_id", "bill", "frequency", "original"], sort=False):
        claim, number, _, original = key
        rows = some.index.to_numpy(np.int64)
        others = (payers_numbers.get(one, one) for one in str(original).split())
        claims = tuple(dict.fromkeys((str(claim), *others)))
        days = int(some["service_from"].min()), int(some["service_through"].max())
        yield _Bill(part, rows, claims, int(part.classes[rows[0]]), int(number), days)


def _places(part: Part, claims: set[str]) -> dict[str, _Rows]:
    """Return the rows of each of some claims."""
    rows = np.flatnonzero(among(part.frame["claim_id"], claims))
    found = part.frame["claim_id"].to_numpy()[rows]
    groups: dict[str, list[int]] = {}
    for row, claim in zip(rows.tolist(), found, strict=True):
        groups.setdefault(claim, []).append(row)
    groups.pop("", None)
    return {claim: np.array(some, np.int64) for claim, some in groups.items()}


def _before(bill: _Bill, part: Part, places: Mapping[str, _Rows]) -> _Rows:
    """Return the lines of a part that came before a bill, under a number that it means, on days that meet its own."""
    here = [places[claim] for claim in bill.claims if claim in places]
    if not here:
        return np.empty(0, np.int64)
    rows = np.concatenate(here)
    some = part.frame.iloc[rows]
    first, last = bill.days
    meets = (some["service_from"] <= last) & (some["service_through"] >= first)
    kinds = part.classes[rows]
    earlier = meets.to_numpy() & (kinds != THIRD)
    if part is bill.part and bill.number >= 0:
        earlier &= some["bill"].to_numpy() < bill.number
    else:
        earlier &= kinds < _classes_before(bill, part)
    found: _Rows = rows[earlier]
    return found


def _classes_before(bill: _Bill, part: Part) -> int:
    """Return below which class all lines of another part came before a bill: 0 for none, `THIRD` for all claims."""
    own = bill.part
    as_ordered = bill.kind + ((part.made, part.order) < (own.made, own.order))
    if part.is_table and own.is_table:
        return as_ordered
    if part.is_table:
        return THIRD
    if own.is_table:
        return bill.kind
    if part.minute != own.minute:
        return THIRD if part.minute < own.minute else FIRST
    return as_ordered


def _meant(bill: _Bill, parts: Sequence[Part], found: Sequence[_Rows]) -> list[_Rows]:
    """Return what a void takes back of what was found: all of it, but for a claim that was billed again in an extract.

    An extract does not say whether it holds a claim as it was before the void or as billed again under its number. It
    is the latter where one extract holds every line of the void, and there or elsewhere one holds it otherwise.
    """
    if not any(part.is_table and len(rows) for part, rows in zip(parts, found, strict=True)):
        return list(found)
    wanted = Counter(bill.part.alike(bill.rows))
    kept, whole = [], False
    for part, rows in zip(parts, found, strict=True):
        originals = part.classes[rows] == FIRST if part.is_table else np.zeros(len(rows), bool)
        alike = part.alike(rows[originals])
        whole = whole or set(alike) >= wanted.keys()
        kept.append(np.concatenate([rows[~originals], _taken(rows[originals], alike, wanted)]))
    return kept if whole else list(found)


def _taken(rows: _Rows, alike: Sequence[_Service], wanted: Counter[_Service]) -> _Rows:
    """Return the lines of an extract that are the claim as it was before the void whose lines are ``wanted``."""
    left = wanted.copy()
    mates = []
    for at, kind in enumerate(alike):
        if left[kind] > 0:
            left[kind] -= 1
            mates.append(at)
    others = set(range(len(alike))) - set(mates)
    if not set(alike) >= wanted.keys():
        return rows if not others else rows[:0]
    services = {kind[:-1] for kind in wanted}
    again = any(alike[at][:-1] in services for at in others)
    return rows[mates] if again else rows
