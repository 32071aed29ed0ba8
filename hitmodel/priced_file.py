"""Priced claims as a file: the columns that came in, as they came in, with what each line is worth beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from hitmodel.claim_file import read_text_table
from hitmodel.claim_sets import located
from hitmodel.claim_shape import OPTIONAL
from hitmodel.errors import InputError
from hitmodel.exports import neutral
from hitmodel.files import written_whole
from hitmodel.pricing import Priced
from hitmodel.status import ORDER

ADDED = ("status", "allowed", "before_charge_limit", "term", "reason")
NUMBERS = ("units", "charge", "ndc_quantity", "acquisition_cost", "actual_allowed")


def priced_frame(priced: Priced, claims_file: Path) -> pd.DataFrame:
    """Return the file's own columns as text, and `ADDED` beside them; amounts that are not known are empty."""
    own: pd.DataFrame = read_text_table(located(claims_file)).frame
    known = priced.known
    added = {
        "status": [ORDER[s].value for s in priced.status],
        "allowed": _dollars(priced.allowed, known),
        "before_charge_limit": _dollars(priced.base, known),
        "term": list(priced.terms),
        "reason": list(priced.reason_texts),
    }
    absent = [name for name in OPTIONAL if not own[name].any()]
    return own.drop(columns=["row", *absent]).assign(**added)


def write_priced(priced: Priced, claims_file: Path, target: Path) -> None:
    """Write priced claims as CSV or Parquet, whole or not at all.

    In CSV, text that a spreadsheet would run as a formula is neutralised; numbers stay as they are. Raises `InputError`
    for another kind of file, and for a target that is the claims file itself.
    """
    kind = target.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise InputError(
            f"'{target.name}' is no kind of file that can be written", expected="a name ending in .csv or .parquet"
        )
    if target.resolve() == located(claims_file).resolve():
        raise InputError("the output would replace the claims file", where=str(target), expected="another name")
    frame = priced_frame(priced, claims_file)
    with written_whole(target) as draft:
        if kind == ".parquet":
            frame.to_parquet(draft, index=False)
        else:
            _harmless(frame).to_csv(draft, index=False, lineterminator="\n")


def _dollars(
    cents: np.ndarray[tuple[int], np.dtype[np.int64]], known: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[str]:
    return [_as_text(c) if k else "" for c, k in zip(cents.tolist(), known.tolist(), strict=True)]


def _as_text(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _harmless(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {*NUMBERS, "allowed", "before_charge_limit"}
    return frame.assign(**{c: frame[c].map(neutral) for c in frame.columns if c not in numbers})
