"""Plain lines whose price is more than one rate times one quantity: those that are alike are worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from hitmodel.amounts import Piece, share_of
from hitmodel.fit import Fitted
from hitmodel.forms import Known, Unpriced
from hitmodel.money import to_cents
from hitmodel.prepare import SCALE, UNKNOWN, Ints, distinct_rows
from hitmodel.resolve import Resolution

Numbers: TypeAlias = npt.NDArray[np.int32]
OWN = ("units", "ndc_quantity", "charge", "cost")
"""Quantities that a line has by itself. The kind of a line says which it lacks; units are never lacking here."""


@dataclass(frozen=True)
class Several:
    """Lines whose price is more than one rate times one quantity, those of equal quantities kept as one recipe."""

    line: Ints
    recipe: Ints
    moment: Ints
    quantities: dict[str, Ints]

    @classmethod
    def of(
        cls, fitted: Fitted, moment: npt.NDArray[np.int32], line: Ints, resolutions: Sequence[Resolution]
    ) -> Several:
        """Keep some lines by moment and quantities. ``moment`` is the moment of every line."""
        columns = {}
        for source in OWN:
            needed = np.array([source == "units" or source in r.needs for r in resolutions], dtype=bool)
            columns[source] = np.where(needed[moment[line]], fitted.prepared.quantities.column(source)[line], 0)
        codes = [pd.factorize(column)[0].astype(np.int64) for column in columns.values()]
        _, recipe = distinct_rows(moment[line].astype(np.int64), *codes)
        first = np.zeros(int(recipe.max(initial=-1)) + 1, dtype=np.int64)
        first[recipe[::-1]] = np.arange(len(line))[::-1]
        quantities = {source: column[first] for source, column in columns.items()}
        return cls(line, recipe, moment[line][first].astype(np.int64), quantities)

    def priced(self, wanted: Ints, resolutions: Sequence[Resolution], ranks: Ints, place: Sequence[str]) -> list[int]:
        """Return what a line of each wanted recipe comes to before its limit [cents]."""
        found = []
        for number, moment in zip(wanted.tolist(), self.moment[wanted].tolist(), strict=True):
            resolution = resolutions[moment]
            if isinstance(resolution.outcome, Known | Unpriced):
                found.append(0)
                continue
            share = share_of(resolution, int(ranks[moment]))
            quantities = self._quantities(number, resolution)
            piece = Piece(resolution.outcome, resolution.factor, share, place[moment], quantities)
            found.append(to_cents(piece.value()))
        return found

    def _quantities(self, number: int, resolution: Resolution) -> dict[str, Fraction]:
        columns = {s: int(column[number]) for s, column in self.quantities.items()}
        found = {source: Fraction(value, SCALE[source]) for source, value in columns.items() if value != UNKNOWN}
        found["case"] = Fraction(1 if columns["units"] >= 0 else -1)
        found["units"] *= resolution.kind.units_factor
        return found
