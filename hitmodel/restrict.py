"""Some lines of a fit as a fit of their own, so that a few lines can be priced without touching millions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from hitmodel.claims import Claims, LazyClaims
from hitmodel.fit import Fitted, Segments
from hitmodel.prepare import Ints, Prepared, Quantities
from hitmodel.recount import Recount
from hitmodel.scope import Standing

T = TypeVar("T")


@dataclass(frozen=True)
class SomeCompanions:
    """What some lines say beside all the others, worked out over the whole claims when it is asked for."""

    whole: Quantities
    lines: Ints

    @property
    def service_days(self) -> Ints:
        """As `hitmodel.companions.Companions.service_days`."""
        return self.whole.column("service_days")[self.lines]

    @property
    def dispenses(self) -> Ints:
        """As `hitmodel.companions.Companions.dispenses`."""
        return self.whole.column("dispenses")[self.lines]

    @property
    def beside(self) -> Ints:
        """As `hitmodel.companions.Companions.beside`."""
        return self.whole.column("beside")[self.lines]


def restricted(fitted: Fitted, lines: Ints) -> Fitted:
    """Return the fit of some lines alone, numbered from 0 in the order given, which must rise.

    The caller sees to it that no rule ties one of the lines to a line that is left out.
    """
    number = np.full(fitted.prepared.count, -1, dtype=np.int64)
    number[lines] = np.arange(len(lines))
    standing, segments = fitted.standing, fitted.segments
    chosen = np.flatnonzero(number[segments.line] >= 0)
    columns = {name: getattr(segments, name)[chosen] for name in Segments.__dataclass_fields__}
    return replace(
        fitted,
        prepared=_prepared(fitted.prepared, lines),
        kind=fitted.kind[lines],
        further_kinds=_renumbered(fitted.further_kinds, number),
        period=fitted.period[lines],
        segments=Segments(**columns | {"line": number[columns["line"]]}),
        standing=Standing(standing.status[lines], standing.reason[lines], dict(standing.reasons)),
        uneven=fitted.uneven[lines],
        counts={name: count[lines] for name, count in fitted.counts.items()},
        episodes={name: episode[lines] for name, episode in fitted.episodes.items()},
        allotted=_renumbered(fitted.allotted, number),
        recount=_recount(fitted.recount, number),
    )


def _prepared(prepared: Prepared, lines: Ints) -> Prepared:
    quantities, claims = prepared.quantities, prepared.claims
    columns = ("kind", "first", "last", "patient", "claim", "payer", "paired", "blocked", "status", "reason")
    return replace(
        prepared,
        claims=LazyClaims(lambda names: _some(claims, lines, names), claims.source, claims.checksum),
        quantities=Quantities(
            units=quantities.units[lines],
            ndc_quantity=quantities.ndc_quantity[lines],
            charge=quantities.charge[lines],
            cost=quantities.cost[lines],
            companions=SomeCompanions(quantities, lines),
        ),
        **{name: getattr(prepared, name)[lines] for name in columns},
    )


def _some(claims: Claims, lines: Ints, names: tuple[str, ...]) -> pd.DataFrame:
    if names == ("line_id",):
        return claims.line_ids.iloc[lines].to_frame()
    return claims.lines.iloc[lines]


def _recount(recount: Recount, number: Ints) -> Recount:
    return Recount(
        runs=_renumbered(recount.runs, number),
        units=_renumbered(recount.units, number),
        lacking=_renumbered(recount.lacking, number),
        assumed=_renumbered(recount.assumed, number),
        records=_renumbered(recount.records, number),
        billed=_renumbered(recount.billed, number),
    )


def _renumbered(by_line: Mapping[int, T], number: Ints) -> dict[int, T]:
    return {int(number[line]): found for line, found in by_line.items() if number[line] >= 0}
