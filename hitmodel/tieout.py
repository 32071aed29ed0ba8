"""The model held against what was remitted: how much agrees to the cent, and the largest causes of the gap.

A cause is named only where pricing the line that way gives the remitted amount to the cent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from hitmodel.dates import Quarter
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.pricing import Priced, Pricer
from hitmodel.terms import Contract, Version

UNEXPLAINED = "not explained"


@dataclass(frozen=True)
class Cause:
    """Lines that were remitted otherwise than the model prices them, for one reason.

    ``gap`` is remitted less modelled [cents].
    """

    label: str
    lines: int
    gap: int


@dataclass(frozen=True)
class TieOut:
    """How the model agrees with remittances.

    Only lines with both a known model amount and a remittance take part. ``remitted`` and ``modelled`` are cents;
    ``exact_lines`` agree to the cent, and ``exact_remitted`` is their amount.
    """

    lines: int
    exact_lines: int
    remitted: int
    exact_remitted: int
    modelled: int
    causes: tuple[Cause, ...]
    lines_without: int

    @property
    def gap(self) -> int:
        """Remitted less modelled [cents]."""
        return self.remitted - self.modelled


def tie_out(pricer: Pricer, priced: Priced) -> TieOut | None:
    """Hold a priced baseline against ``actual_allowed``; None when no line has a remittance.

    ``priced`` must be priced by dates of service: remittances were.
    """
    lines = priced.claims.lines
    remitted = lines["actual_allowed_cents"].fillna(UNKNOWN).to_numpy(dtype=np.int64)
    there = (remitted != UNKNOWN) & priced.known
    if not there.any():
        return None
    exact = there & (remitted == priced.allowed)
    return TieOut(
        lines=int(there.sum()),
        exact_lines=int(exact.sum()),
        remitted=int(remitted[there].sum()),
        exact_remitted=int(remitted[exact].sum()),
        modelled=int(priced.allowed[there].sum()),
        causes=_causes(pricer, priced, remitted, there & ~exact),
        lines_without=int((priced.known & (remitted == UNKNOWN)).sum()),
    )


def _causes(pricer: Pricer, priced: Priced, remitted: Ints, open_lines: Bools) -> tuple[Cause, ...]:
    causes = []
    for label, explains in _hypotheses(pricer, priced, remitted):
        found = open_lines & explains()
        if found.any():
            causes.append(Cause(label, int(found.sum()), int((remitted - priced.allowed)[found].sum())))
            open_lines = open_lines & ~found
    if open_lines.any():
        gap = int((remitted - priced.allowed)[open_lines].sum())
        causes.append(Cause(UNEXPLAINED, int(open_lines.sum()), gap))
    return tuple(sorted(causes, key=lambda c: (-abs(c.gap), c.label)))


def _hypotheses(pricer: Pricer, priced: Priced, remitted: Ints) -> list[tuple[str, Callable[[], Bools]]]:
    """Ways in which a payer goes astray, the surest first."""

    def like(change: Callable[[Version], Version]) -> Bools:
        versions = tuple(change(v) for v in priced.contract.versions)
        other = pricer.price(_with(priced.contract, versions), priced.dating)
        result: Bools = other.known & (other.allowed == remitted) & (other.allowed != priced.allowed)
        return result

    return [
        ("denied or not paid", lambda: remitted == 0),
        ("one cent of rounding", lambda: np.abs(remitted - priced.allowed) == 1),
        ("second or later therapy paid in full", lambda: like(_unshared)),
        ("drug priced with the quarter before", lambda: like(lambda v: _lagged(v, 1))),
        ("drug priced with the quarter after", lambda: like(lambda v: _lagged(v, -1))),
        ("paid at the full charge", lambda: remitted == priced.fitted.prepared.quantities.charge),
    ]


def _with(contract: Contract, versions: tuple[Version, ...]) -> Contract:
    return contract.model_copy(update={"versions": versions})


def _unshared(version: Version) -> Version:
    whole = version.concurrency.model_copy(update={"shares": (Decimal(1),)})
    return version.model_copy(update={"concurrency": whole})


def _lagged(version: Version, quarters: int) -> Version:
    prices = version.drug_prices
    named: Quarter | None = None if prices.quarter is None else prices.quarter.shift(-quarters)
    moved = prices.model_copy(update={"quarter_lag": prices.quarter_lag + quarters, "quarter": named})
    return version.model_copy(update={"drug_prices": moved})
