"""Lines that take back or repeat another: voids, what they void, and duplicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_SAME = ("patient_id", "payer", "code", "modifiers", "service_from", "service_through", "ndc")


@dataclass(frozen=True)
class Repeats:
    """What each line is to the lines like it, one entry for each line of the frame.

    Two lines are alike when patient, payer, code, modifiers in any order, dates, NDC and the sizes of units and charge
    are the same.

    Attributes
    ----------
    void : array of bool
        The line has negative units.
    unmatched_void : array of bool
        A void with no line left that it could take back.
    voided : array of bool
        A void takes this line back.
    duplicate_of : array of str
        For a line that stands twice, with no void between, the id of the first; "" for all others.
    """

    void: NDArray[np.bool_]
    unmatched_void: NDArray[np.bool_]
    voided: NDArray[np.bool_]
    duplicate_of: NDArray[np.object_]

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Lines that are neither a void, nor voided, nor a duplicate."""
        once: NDArray[np.bool_] = np.asarray(self.duplicate_of == "")
        return once & ~self.void & ~self.voided


def find_repeats(lines: pd.DataFrame) -> Repeats:
    """Return what each line of `hitmodel.claims.Claims.lines` is to the lines like it.

    Of some alike, each void takes back one, the earliest in the file first; of those left all but one are duplicates.
    Blocked lines are compared with nothing.
    """
    void = (lines["units_milli"].fillna(0) < 0).to_numpy()
    readable = (lines["blocked"] == "").to_numpy()
    in_order = lines["modifiers"].map({m: " ".join(sorted(m.split())) for m in lines["modifiers"].unique()})
    keys = lines[list(_SAME)].assign(
        modifiers=in_order, units=lines["units_milli"].abs(), charge=lines["charge_cents"].abs()
    )
    alike = readable & keys.duplicated(keep=False).to_numpy()
    voided, unmatched = np.zeros(len(lines), bool), void & readable & ~alike
    duplicate_of = np.full(len(lines), "", dtype=object)
    if not alike.any():
        return Repeats(void, unmatched, voided, duplicate_of)
    some = keys[alike].assign(void=void[alike])
    group = some.groupby(list(keys.columns), sort=False, dropna=False).ngroup()
    rank = some.groupby([group, "void"]).cumcount().to_numpy()
    voids = some["void"].groupby(group).transform("sum").to_numpy()
    bills = (~some["void"]).groupby(group).transform("sum").to_numpy()
    is_void = some["void"].to_numpy()
    unmatched[alike] = is_void & (rank >= bills)
    voided[alike] = ~is_void & (rank < voids)
    first = ~is_void & (rank == voids)
    ids = lines.loc[alike, "line_id"].to_numpy(dtype=object)
    first_id = pd.Series(ids[first], group[first])
    again = ~is_void & (rank > voids)
    duplicate_of[np.flatnonzero(alike)[again]] = first_id[group[again]].to_numpy()
    return Repeats(void, unmatched, voided, duplicate_of)
