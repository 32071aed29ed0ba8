"""What only an extract knows of a line, such as its cost, laid on the same line of the 837 that speaks for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hitmodel.claim_held import FIRST, Part, among
from hitmodel.claim_standing import Standing

FIELDS = ("acquisition_cost", "actual_allowed", "product")
"""Fields that an 837 does not have, or seldom."""
FACT = "lines of 837s with a cost, product or allowed amount from an extract"
_KEYS = ["claim", "code", "from", "through", "cents"]


def filled(standing: Standing) -> dict[int, pa.Table]:
    """Return for parts of 837s what extracts know of their lines: `FIELDS` for every line, null where nothing is known.

    Lines are the same by claim, code, days and charge; alike ones pair off in order.
    """
    tables = [part for part in standing.parts if part.is_table and not part.stands.all()]
    sent = [at for at, part in enumerate(standing.parts) if not part.is_table]
    if not tables or not sent:
        return {}
    claims = set().union(*(part.frame["claim_id"][~part.stands] for part in tables))
    known = [_known(part, claims) for part in tables]
    values = pa.concat_tables(table for table, _ in known)
    if not any(values[name].null_count < len(values) for name in FIELDS):
        return {}
    donors = pd.concat([frame for _, frame in known], ignore_index=True)
    donors = donors.assign(donor=np.arange(len(donors)), nth=donors.groupby(_KEYS).cumcount())
    made: dict[int, pa.Table] = {}
    for at in sent:
        part = standing.parts[at]
        lines = _keyed(part, np.flatnonzero(part.stands & among(part.frame["claim_id"], claims)))
        lines = lines.assign(nth=lines.groupby(_KEYS).cumcount())
        pairs = lines.merge(donors, on=[*_KEYS, "nth"])
        if len(pairs):
            index = np.full(len(part.frame), -1)
            index[pairs["row_x"].to_numpy()] = pairs["donor"].to_numpy()
            made[at] = values.take(pa.array(index, mask=index < 0))
            standing.facts[FACT] += len(pairs)
    return made


def laid(batch: pa.Table, more: pa.Table) -> pa.Table:
    """Return a block of lines with what is known beside, where they themselves say nothing."""
    for name in FIELDS:
        own = batch[name].cast(more[name].type)
        if pa.types.is_string(own.type):
            own = pc.if_else(pc.equal(own, ""), pa.scalar(None, pa.string()), own)
        batch = batch.set_column(batch.column_names.index(name), name, pc.coalesce(own, more[name]))
    return batch


def _known(part: Part, claims: set[str]) -> tuple[pa.Table, pd.DataFrame]:
    """Return what an extract knows of its originals of some claims that do not stand, and by what they are known."""
    here = among(part.frame["claim_id"], claims) & ~part.stands & (part.classes == FIRST)
    rows = np.flatnonzero(here)
    table = pq.read_table(part.file, columns=list(FIELDS)).take(pa.array(rows))
    at = table.column_names.index("product")
    return table.set_column(at, "product", table["product"].cast(pa.string())), _keyed(part, rows)


def _keyed(part: Part, rows: NDArray[np.int64]) -> pd.DataFrame:
    keys = part.alike(rows)
    frame = pd.DataFrame(keys, columns=_KEYS[1:]).assign(claim=part.frame["claim_id"].to_numpy()[rows], row=rows)
    return frame.assign(cents=[str(cents) for cents in frame["cents"]])
