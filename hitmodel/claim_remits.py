"""Remittances laid on claim lines: which payment of a line counts in the end, and which line it speaks of.

A reversal takes back the payment before it; a later payment of the same line takes the place of an earlier one; a
second payer's payment, and the denial of a duplicate, say nothing of the price.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hitmodel import claim_parts
from hitmodel.claim_held import Part
from hitmodel.claim_parts import DENIED, REVERSAL, SECONDARY, UNDECIDED
from hitmodel.claim_standing import Standing
from hitmodel.money import dollars
from hitmodel.workspace import Workspace

Cents = NDArray[np.int64]
UNKNOWN = np.iinfo(np.int64).min
"""Stands for an amount that no remittance says."""

NAMED = 5
"""Claims that are named where payments find no line."""
_READ = ("claim_id", "bill", "status", "paid_on", "level", "control", "service_from", "code", "modifiers", "charge")
_DUPLICATE = r"(?:CO|OA|PI)-18 "
_TIERS = (
    ("claim_id", "control"),
    ("claim_id", "code", "modifiers", "day", "charge"),
    ("claim_id", "code", "day", "charge"),
    ("claim_id", "code", "modifiers", "charge"),
    ("claim_id", "code", "charge"),
    ("claim_id", "code", "day"),
)
"""What must agree for a payment to be a line's, the surest first."""


def remitted(workspace: Workspace, standing: Standing) -> list[Cents] | None:
    """Return for each part what was allowed on each line [cents], `UNKNOWN` where nothing says; None without any 835.

    What did not match is counted in ``standing.facts``.
    """
    payments = _payments(workspace)
    if payments is None:
        return None
    final = _final(payments, standing.facts)
    lines = pd.concat([_lines(workspace, part, at) for at, part in enumerate(standing.parts)], ignore_index=True)
    lines = lines[lines["claim_id"].isin(final["claim_id"])]
    found = _match(lines, final)
    unmatched = final[~final.index.isin(found["at_paid"])]
    if len(unmatched):
        standing.facts[_unmatched_words(unmatched)] += len(unmatched)
    standing.facts["lines matched to a remittance"] += len(found)
    amounts = [np.full(len(part.frame), UNKNOWN, np.int64) for part in standing.parts]
    known = found[found["allowed"].notna()]
    for at, rows in known.groupby("part"):
        amounts[int(str(at))][rows["place"].to_numpy(dtype=np.int64)] = rows["allowed"].to_numpy(dtype=np.int64)
    return amounts


def _unmatched_words(payments: pd.DataFrame) -> str:
    """Say which claims payments speak of that no line here is of, as reports name them, and what they allowed."""
    claims = list(dict.fromkeys(payments["claim_id"]))
    named = ", ".join(claims[:NAMED]) + (f" and {len(claims) - NAMED:,} more" if len(claims) > NAMED else "")
    allowed = dollars(int(payments["allowed"].sum()))
    what = "claim" if len(claims) == 1 else "claims"
    return f"lines paid in a remittance that no claim line here matches, {allowed:,} allowed: {what} {named}"


def _cents(column: pa.ChunkedArray) -> pd.Series:
    whole = pc.multiply(column, pa.scalar(100)).cast(pa.int64())
    return pd.Series(whole.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))


def _payments(workspace: Workspace) -> pd.DataFrame | None:
    frames = []
    entries = workspace.of_kind(claim_parts.REMITTANCE_KIND)
    in_order = sorted(entries, key=lambda entry: (entry.about.get(claim_parts.MADE, ""), entry.source, entry.checksum))
    for order, entry in enumerate(in_order):
        table = pq.read_table(workspace.files(entry)[0], columns=[*_READ, "allowed", "adjustments"])
        frame = table.drop_columns(["charge", "allowed", "service_from", "paid_on"]).to_pandas()
        days = {name: table[name].cast(pa.int32()).fill_null(0).to_numpy() for name in ("service_from", "paid_on")}
        frame = frame.assign(
            charge=_cents(table["charge"]),
            allowed=_cents(table["allowed"]),
            day=days["service_from"],
            paid_on=days["paid_on"],
            order=order,
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else None


def _final(payments: pd.DataFrame, facts: Counter[str]) -> pd.DataFrame:
    """Return the payments that count in the end."""
    second = payments["status"].isin(SECONDARY)
    undecided = payments["status"].isin(UNDECIDED)
    facts["lines forwarded to another payer, or only estimated, not used"] += int(undecided.sum())
    facts["lines paid by a second payer, not used"] += int(second.sum())
    again = (payments["status"] == DENIED) & payments["adjustments"].str.contains(_DUPLICATE, regex=True)
    facts["denials of duplicates, not used"] += int(again.sum())
    kept = payments[~second & ~undecided & ~again].sort_values(
        ["paid_on", "order", "bill"], kind="stable", ignore_index=True
    )
    in_order = [" ".join(sorted(text.split())) for text in kept["modifiers"]]
    kept["modifiers"] = pd.Series(in_order, kept.index, dtype=kept["modifiers"].dtype)  # which may hold none
    bills = kept.groupby("claim_id")[["order", "bill"]].transform("nunique").max(axis=1)
    several = (bills > 1) | (kept["status"] == REVERSAL)
    stands = np.ones(len(kept), bool)
    for _, rows in kept[several].groupby("claim_id", sort=False):
        _settle_claim(rows, stands, facts)
    return kept[stands].reset_index(drop=True)


def _settle_claim(rows: pd.DataFrame, stands: NDArray[np.bool_], facts: Counter[str]) -> None:
    """Go through the payments of one claim in order and say which stand."""
    live: dict[tuple[object, ...], list[tuple[int, tuple[int, int]]]] = {}
    found: list[Any] = list(rows.itertuples())
    for row in found:
        key = (row.code, row.modifiers, row.day, abs(row.charge), row.level)
        payment, there = (row.order, row.bill), live.setdefault(key, [])
        if row.status == REVERSAL:
            stands[row.Index] = False
            if there:
                stands[there.pop()[0]] = False
                facts["payments taken back by a reversal"] += 1
            else:
                facts["reversals of payments that are not here"] += 1
            continue
        earlier = [one for one in there if one[1] != payment]
        for index, _ in earlier:
            stands[index] = False
        facts["payments in the place of which a later one stands"] += len(earlier)
        live[key] = [one for one in there if one[1] == payment] + [(row.Index, payment)]


def _lines(workspace: Workspace, part: Part, at: int) -> pd.DataFrame:
    table = pq.read_table(workspace.files(part.entry)[0], columns=["code", "modifiers", "charge", "control"])
    plain = {name: table[name].cast(pa.string()).fill_null("").to_pandas() for name in ("code", "modifiers", "control")}
    frame = pd.DataFrame(plain).assign(
        claim_id=part.frame["claim_id"],
        day=part.frame["service_from"],
        charge=_cents(table["charge"]),
        part=at,
        place=np.arange(len(part.frame)),
    )
    sorted_once = {text: " ".join(sorted(text.split())) for text in frame["modifiers"].unique()}
    return frame.assign(modifiers=frame["modifiers"].map(sorted_once))[part.stands]


def _match(lines: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of line and payment, each at most once: what the payment allowed, and where the line is."""
    payments = final[final["level"] == "line"]
    pairs: list[pd.DataFrame] = []
    for tier in _TIERS:
        keys = list(tier)
        ours, theirs = _countable(lines, keys), _countable(payments, keys)
        joined = ours.merge(theirs[[*keys, "nth", "allowed", "at"]], on=[*keys, "nth"], suffixes=("", "_paid"))
        pairs.append(joined[["part", "place", "allowed", "at_paid"]])
        lines = lines[~lines.index.isin(joined["at"])]
        payments = payments[~payments.index.isin(joined["at_paid"])]
    whole = final[final["level"] != "line"]
    alone = lines[~lines["claim_id"].duplicated(keep=False)].reset_index(names="at")
    joined = alone.merge(whole.reset_index(names="at_paid"), on="claim_id", suffixes=("", "_paid"))
    pairs.append(joined.drop_duplicates("at")[["part", "place", "allowed", "at_paid"]])
    return pd.concat(pairs, ignore_index=True)


def _countable(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return rows with all keys, each with its number among those alike, so that alike ones pair off one to one."""
    there = frame
    if "control" in keys:
        there = frame[frame["control"].fillna("") != ""]
    return there.assign(nth=there.groupby(list(keys)).cumcount()).reset_index(names="at")
