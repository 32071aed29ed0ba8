"""Which of the imported claim lines stand: two files that hold one claim, second payers, replacements and voids.

Lines of several files are held against one another by their hashed claim numbers. Nothing is deleted: a line that does
not stand stays in its part, and `Standing.facts` says how many there are and why. In which order files were imported
matters only where nothing in them says which is the later: two extracts that hold one claim.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from hitmodel import claim_parts
from hitmodel.claim_held import Part
from hitmodel.claim_later import second_payers, supersede
from hitmodel.claim_negative import take_back_negatives
from hitmodel.claim_taken_back import take_back
from hitmodel.workspace import Workspace


@dataclass
class Standing:
    """What stands of all parts, in an order that hangs on the files alone, and why the rest does not."""

    parts: list[Part]
    facts: Counter[str] = field(default_factory=Counter)


def settle(workspace: Workspace, only: str = "") -> Standing:
    """Say which lines of a workspace stand, or of the one import that is called ``only``."""
    entries = [e for e in workspace.of_kind(claim_parts.KIND) if only in ("", e.name)]
    parts = [Part.of(workspace, entry, at) for at, entry in enumerate(entries)]
    standing = Standing(sorted(parts, key=lambda part: part.canonical))
    aside = second_payers(standing.parts, standing.facts)
    taken = take_back(standing.parts, aside, _numbers_of_payers(workspace), standing.facts)
    gone = [one | other for one, other in zip(aside, taken, strict=True)]
    reversed_lines = take_back_negatives(standing.parts, gone, standing.facts)
    gone = [one | other for one, other in zip(gone, reversed_lines, strict=True)]
    spoken = supersede(standing.parts, gone, standing.facts)
    for part, left, again in zip(standing.parts, gone, spoken, strict=True):
        part.stands = ~left & ~again
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


def _numbers_of_payers(workspace: Workspace) -> dict[str, str]:
    """Return our claim for each number by which a payer knows it, from the remittances."""
    found: dict[str, str] = {}
    for entry in workspace.of_kind(claim_parts.REMITTANCE_KIND):
        table = pq.read_table(workspace.files(entry)[0], columns=["claim_id", "payer_claim"])
        found |= dict(zip(table["payer_claim"].to_pylist(), table["claim_id"].to_pylist(), strict=True))
    found.pop("", None)
    return found
