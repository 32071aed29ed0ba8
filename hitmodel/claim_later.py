"""Two files that hold one claim: which of them speaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hitmodel.claim_held import FIRST, SECOND, THIRD, Bools, Part, among

_LINE = "line_id"


def second_payers(parts: Sequence[Part], facts: Counter[str]) -> list[Bools]:
    """Return the lines that were billed to a second payer while the first one's claim is here, on days that meet."""
    seconds = [(part.frame["payer_order"] != "").to_numpy() for part in parts]
    if not any(mask.any() for mask in seconds):
        return seconds
    both = list(zip(parts, seconds, strict=True))
    asked = pd.concat([part.frame["claim_id"][mask] for part, mask in both]).unique()
    firsts = pd.concat([_spans(part.frame[~mask], asked) for part, mask in both])
    made = []
    for part, mask in both:
        pairs = _spans(part.frame[mask], asked).merge(firsts, on="claim_id", suffixes=("_1", "_2"))
        made.append(mask & among(part.frame["claim_id"], set(pairs["claim_id"][_meet(pairs)])))
    facts["lines billed to a second payer, whose first claim is here; not used"] += sum(int(m.sum()) for m in made)
    alone = sum(int((mask & ~gone).sum()) for mask, gone in zip(seconds, made, strict=True))
    facts["lines billed to a second payer, whose first claim is not here; they stand as if billed first"] += alone
    return made


def supersede(parts: Sequence[Part], gone: Sequence[Bools], facts: Counter[str]) -> list[Bools]:
    """Return the lines of each part for which another speaks. ``gone`` are those that stand no more for other reasons.

    Of two files that hold one claim on days that meet, an 837 speaks before an extract, of two 837s the one made later,
    of two extracts the one imported later. Between extracts that number their lines alike, a line that the later one
    does not repeat stands; everywhere else the claim is taken whole. Days that do not meet are two bills of one number.
    """
    made = [np.zeros(len(part.frame), bool) for part in parts]
    ranks = {at: rank for rank, at in enumerate(sorted(range(len(parts)), key=lambda at: _speaks(parts[at])))}
    pairs = _pairs(parts, gone, ranks)
    if pairs is None:
        return made
    meet = _meet(pairs)
    facts["claim numbers used for days that do not meet, taken as two bills"] += int((~meet).sum())
    for _, some in pairs[meet].groupby(["part_1", "part_2"], sort=False):
        at, other = int(some["part_1"].iloc[0]), int(some["part_2"].iloc[0])
        earlier, later = parts[at], parts[other]
        claims = some["claim_id"].to_numpy()
        again = _again(earlier, later, claims, gone[other]) & ~gone[at] & ~made[at]
        made[at] |= again
        left = among(earlier.frame["claim_id"], claims) & ~gone[at] & ~made[at]
        names = f"lines of {earlier.entry.name}", later.entry.name
        facts[f"{names[0]} taken from {names[1]}, which holds them again"] += int(again.sum())
        facts[f"{names[0]} that stand, though {names[1]} holds their claim without them"] += int(left.sum())
    return made


def _speaks(part: Part) -> tuple[bool, str, int]:
    """What orders parts: of two that hold one claim, the one further on speaks."""
    return not part.is_table, part.made, part.order


def _pairs(parts: Sequence[Part], gone: Sequence[Bools], ranks: dict[int, int]) -> pd.DataFrame | None:
    """Return each claim of which two parts hold lines that stand: the parts, the later behind, and its days in both.

    The later must hold the claim as an original, since what replaces or voids was dealt with before; the earlier may
    hold a replacement where both say when they were made.
    """
    left = [part.frame[~away & (part.classes <= _known(part))] for part, away in zip(parts, gone, strict=True)]
    distinct = pd.concat([pd.Series(some["claim_id"].unique()) for some in left], ignore_index=True)
    shared = distinct[distinct.duplicated() & (distinct != "")].unique()
    if not len(shared):
        return None
    minutes = [part.minute for part in parts]
    halves = enumerate(zip(parts, left, strict=True))
    each = pd.concat([_days_of(part, some, shared, at) for at, (part, some) in halves])
    each = each.assign(rank=each["part"].map(ranks), minute=each["part"].map(dict(enumerate(minutes))))
    both = each.merge(each, on="claim_id", suffixes=("_1", "_2"))
    dated = (both["minute_1"] != "") & (both["minute_1"] < both["minute_2"])
    return both[(both["rank_1"] < both["rank_2"]) & both["original_2"] & (both["original_1"] | dated)]


def _known(part: Part) -> int:
    return FIRST if part.is_table else SECOND


def _days_of(part: Part, frame: pd.DataFrame, claims: NDArray[Any], at: int) -> pd.DataFrame:
    spans = _spans(frame, claims)
    originals = frame["claim_id"][part.classes[frame.index] == FIRST]
    return spans.assign(original=among(spans["claim_id"], originals), part=at)


def _spans(frame: pd.DataFrame, claims: NDArray[Any]) -> pd.DataFrame:
    """Return the first and last day that lines hold of each of some claims."""
    groups = frame[among(frame["claim_id"], claims)].groupby("claim_id", sort=False)
    return pd.DataFrame({"first": groups["service_from"].min(), "last": groups["service_through"].max()}).reset_index()


def _meet(pairs: pd.DataFrame) -> pd.Series:
    """Say of which pairs of spans the days meet; others are two bills of one number."""
    return (pairs["first_1"] <= pairs["last_2"]) & (pairs["first_2"] <= pairs["last_1"])


def _again(earlier: Part, later: Part, claims: NDArray[Any], left: Bools) -> Bools:
    """Return the lines of some claims for which the later part speaks by lines that are not ``left`` out of it."""
    known = SECOND if "" < earlier.minute < later.minute else FIRST
    whole: Bools = among(earlier.frame["claim_id"], claims) & (earlier.classes <= known)
    if not (earlier.is_table and later.is_table):
        return whole
    held = among(later.frame["claim_id"], claims) & (later.classes != THIRD)
    theirs = later.frame[held & ~later.negative & ~left]
    if earlier.numbered and later.numbered:
        found = _repeated(earlier, later, whole, theirs)
    else:
        found = _held_again(earlier, later, whole, theirs)
    return _by_sign(earlier, later, whole, found)


def _by_sign(earlier: Part, later: Part, whole: Bools, found: Bools) -> Bools:
    """Return lines found to be held again: a negative line only with the line that it takes back, or held negative."""
    if not earlier.negative.any():
        return found
    signed = earlier.with_mates(found & ~earlier.negative)
    rows = earlier.lone[whole[earlier.lone]]
    again = set(later.kinds(later.lone))
    signed[[row for row, kind in zip(rows.tolist(), earlier.kinds(rows), strict=True) if kind in again]] = True
    return signed


def _held_again(earlier: Part, later: Part, whole: Bools, theirs: pd.DataFrame) -> Bools:
    """Return the lines of claims that a later extract holds, which numbers no lines.

    A claim of which it takes lines back is not held whole, so that only services it bills again are taken from it.
    """
    if not later.negative.any():
        return whole
    ids = earlier.frame["claim_id"]
    parted = set(later.frame["claim_id"].to_numpy()[later.lone])
    entire = whole & among(ids, set(theirs["claim_id"]) - parted)
    rows = np.flatnonzero(whole & among(ids, parted))
    others = theirs.index[among(theirs["claim_id"], parted)].to_numpy()
    held = {kind[:-1] for kind in later.kinds(others)}
    entire[[row for row, kind in zip(rows.tolist(), earlier.kinds(rows), strict=True) if kind[:-1] in held]] = True
    return entire


def _repeated(earlier: Part, later: Part, whole: Bools, theirs: pd.DataFrame) -> Bools:
    """Return the lines that a later extract repeats by number, or all of a claim that it numbers otherwise."""
    repeated: Bools = whole & among(earlier.frame[_LINE], theirs[_LINE])
    otherwise = whole & ~among(earlier.frame["claim_id"], earlier.frame["claim_id"][repeated])
    if not otherwise.any():
        return repeated
    return repeated | _same_services(earlier, later, otherwise, theirs)


def _same_services(earlier: Part, later: Part, lines: Bools, theirs: pd.DataFrame) -> Bools:
    """Return the lines of claims that share a service with the later part, which numbers its lines otherwise."""
    rows = np.flatnonzero(lines)
    claims = earlier.frame["claim_id"].to_numpy()
    others = theirs.index[among(theirs["claim_id"], set(claims[rows]))].to_numpy()
    held = set(zip(later.frame["claim_id"].to_numpy()[others], later.alike(others), strict=True))
    same = {claim for claim, kind in zip(claims[rows], earlier.alike(rows), strict=True) if (claim, kind) in held}
    found: Bools = lines & among(earlier.frame["claim_id"], same)
    return found
