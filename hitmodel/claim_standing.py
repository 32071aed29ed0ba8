"""Which of the imported claim lines stand: the later of two files, replacements and voids, and what was remitted.

Lines of several files are held against one another by their hashed claim numbers. Nothing is deleted: a line that does
not stand stays in its part, and `Standing.facts` says how many there are and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hitmodel import claim_parts
from hitmodel.claim_parts import REPLACEMENT, VOID
from hitmodel.workspace import Entry, Workspace

Bools = NDArray[np.bool_]
_READ = ("claim_id", "line_id", "service_from", "service_through", "frequency", "original", "bill")


@dataclass
class Part:
    """One file's lines as far as standing goes.

    ``stands`` and ``negated`` are said for each line; ``again`` is the number of a line whose id stood before, else 0.
    """

    entry: Entry
    frame: pd.DataFrame
    stands: Bools
    negated: Bools
    again: NDArray[np.int64]

    @classmethod
    def of(cls, workspace: Workspace, entry: Entry) -> Part:
        """Read a part's keys."""
        table = pq.read_table(workspace.files(entry)[0], columns=list(_READ))
        names = ("claim_id", "frequency", "original")
        plain = {name: table[name].cast(pa.string()).fill_null("") for name in names}
        days = {name: table[name].cast(pa.int32()).fill_null(0) for name in ("service_from", "service_through")}
        whole = pa.table({**plain, **days, "line_id": table["line_id"], "bill": table["bill"].fill_null(-1)})
        frame = whole.to_pandas()
        count = len(frame)
        return cls(entry, frame, np.ones(count, bool), np.zeros(count, bool), np.zeros(count, np.int64))

    @property
    def numbered(self) -> bool:
        """Whether the file numbered its lines, so that one can be known again."""
        return self.entry.about.get("numbered") == "yes"


@dataclass
class Standing:
    """What stands of all parts, in the order in which they were imported, and why the rest does not."""

    parts: list[Part]
    facts: Counter[str] = field(default_factory=Counter)


def settle(workspace: Workspace, only: str = "") -> Standing:
    """Say which lines of a workspace stand, or of the one import that is called ``only``."""
    entries = [e for e in workspace.of_kind(claim_parts.KIND) if only in ("", e.name)]
    standing = Standing([Part.of(workspace, entry) for entry in entries])
    payers_numbers = _numbers_of_payers(workspace)
    for later, part in enumerate(standing.parts):
        for earlier in standing.parts[:later]:
            _supersede(earlier, part, standing.facts)
        _take_back(standing.parts[: later + 1], part, payers_numbers, standing.facts)
    _number_again(standing)
    return standing


def _number_again(standing: Standing) -> None:
    """Tell lines of one id apart: two bills under one number, or a line number used twice."""
    ids = pd.concat([part.frame["line_id"].where(part.stands, "") for part in standing.parts], ignore_index=True)
    doubled = ids.duplicated(keep=False) & (ids != "")
    if not doubled.any():
        return
    numbers = np.zeros(len(ids), np.int64)
    numbers[doubled.to_numpy()] = ids[doubled].groupby(ids[doubled]).cumcount().to_numpy()
    numbers[numbers > 0] += 1
    standing.facts["lines whose number stood before, told apart by ~2, ~3 …"] += int((numbers > 0).sum())
    ends = np.cumsum([len(part.frame) for part in standing.parts])[:-1]
    for part, own in zip(standing.parts, np.split(numbers, ends), strict=True):
        part.again = own


# --- two files that hold one claim -----------------------------------------------------------------------------------


def _supersede(earlier: Part, later: Part, facts: Counter[str]) -> None:
    """Let the later file speak for claims that both hold, where their days meet.

    Where both number their lines, a line that the later file does not repeat stands. A claim number under which the
    two files hold days that do not meet is two bills, and both stand.
    """
    shared = np.intersect1d(earlier.frame["claim_id"].unique(), later.frame["claim_id"].unique())
    if not len(shared) or shared.tolist() == [""]:
        return
    ours, theirs = (_days_of(part.frame, shared) for part in (earlier, later))
    both = ours.merge(theirs, left_index=True, right_index=True, suffixes=("_1", "_2"))
    meet = both.index[(both["first_1"] <= both["last_2"]) & (both["first_2"] <= both["last_1"])]
    facts["claim numbers used for days that do not meet, taken as two bills"] += len(both) - len(meet)
    again = earlier.stands & earlier.frame["claim_id"].isin(meet[meet != ""]).to_numpy()
    if earlier.numbered and later.numbered:
        again &= (
            earlier.frame["line_id"].isin(later.frame.loc[later.frame["claim_id"].isin(meet), "line_id"]).to_numpy()
        )
    again &= earlier.stands
    facts[f"lines of {earlier.entry.name} taken from {later.entry.name}, which holds them again"] += int(again.sum())
    earlier.stands = earlier.stands & ~again


def _days_of(frame: pd.DataFrame, claims: NDArray[Any]) -> pd.DataFrame:
    some = frame[frame["claim_id"].isin(claims)]
    days = some.groupby("claim_id", sort=False)
    return pd.DataFrame({"first": days["service_from"].min(), "last": days["service_through"].max()})


# --- replacements and voids ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Bill:
    """A claim that replaces or voids another: where its lines are, and by what the other is known."""

    part: Part
    lines: Bools
    claim: str
    original: str
    frequency: str
    number: int

    @property
    def days(self) -> tuple[int, int]:
        frame = self.part.frame[self.lines]
        return int(frame["service_from"].min()), int(frame["service_through"].max())


def _take_back(parts: Sequence[Part], part: Part, payers_numbers: dict[str, str], facts: Counter[str]) -> None:
    """Let each replacement and void of a part, in its order, take back the claim that it names."""
    for bill in _bills(part):
        found = sum(_set_aside(earlier, bill, payers_numbers) for earlier in parts)
        if bill.frequency == VOID:
            own = bill.lines & part.stands
            if found:
                part.stands = part.stands & ~own
            else:
                part.negated = part.negated | own
                facts["claims that void a claim which is not here; kept as negative lines"] += 1
        elif not found:
            facts["claims that replace a claim which is not here; they stand"] += 1
        word = "voided" if bill.frequency == VOID else "replaced"
        facts[f"lines {word} by a later claim"] += found


def _bills(part: Part) -> Iterator[_Bill]:
    frame = part.frame
    special = frame["frequency"].isin([REPLACEMENT, VOID])
    if not special.any():
        return
    keys = ["claim_id", "bill", "frequency", "original"]
    for _, rows in frame[special].groupby(keys, sort=False):
        lines = np.zeros(len(frame), bool)
        lines[rows.index] = True
        claim, number, frequency, original = (rows[key].iloc[0] for key in keys)
        yield _Bill(part, lines, str(claim), str(original), str(frequency), int(number))


def _set_aside(earlier: Part, bill: _Bill, payers_numbers: dict[str, str]) -> int:
    """Take the claim that ``bill`` names out of what stands in a part; return how many lines that were."""
    frame = earlier.frame
    named = payers_numbers.get(bill.original, "") if bill.original else ""
    first, last = bill.days
    meets = ((frame["service_from"] <= last) & (frame["service_through"] >= first)).to_numpy()
    same = meets & frame["claim_id"].isin([bill.claim, named or bill.claim]).to_numpy()
    if earlier is bill.part:
        known = bill.number >= 0
        before = frame["bill"] < bill.number if known else ~frame["frequency"].isin([REPLACEMENT, VOID])
        same = same & ~bill.lines & before.to_numpy()
    same = same & earlier.stands
    earlier.stands = earlier.stands & ~same
    return int(same.sum())


def _numbers_of_payers(workspace: Workspace) -> dict[str, str]:
    """Return our claim for each number by which a payer knows it, from the remittances."""
    found: dict[str, str] = {}
    for entry in workspace.of_kind(claim_parts.REMITTANCE_KIND):
        table = pq.read_table(workspace.files(entry)[0], columns=["claim_id", "payer_claim"])
        found |= dict(zip(table["payer_claim"].to_pylist(), table["claim_id"].to_pylist(), strict=True))
    found.pop("", None)
    return found
