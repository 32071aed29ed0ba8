"""Which rate of a comparison brings what: the dollars of each clause shared out over the codes that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hitmodel.code_exhibit import ExhibitRow
from hitmodel.contract_diff import ContractDiff
from hitmodel.mechanisms.base import LineKind
from hitmodel.scenario import BridgeStep

Key = tuple[str, str]
"""A row of an exhibit: its code, and the modifier, place or product that it is billed with."""

INCREASES = frozenset({"escalator", "phase_in", "rate_change"})
"""Tables of clauses that change the rates of others."""


@dataclass(frozen=True)
class RateDollars:
    """What the changed rates bring in the turn of their clauses [cents].

    ``rows`` holds every changed rate that moves anything; ``others`` is what the same clauses move on lines of other
    codes, as a rate changes which therapy is first, or a clause says more than rates. Together they are ``total``, the
    steps of those clauses on the bridge.
    """

    rows: Mapping[Key, int]
    others: int

    @property
    def total(self) -> int:
        """What the clauses of these rates bring in their turn [cents]."""
        return sum(self.rows.values()) + self.others


def rate_dollars(diff: ContractDiff, step: BridgeStep | None = None) -> RateDollars:
    """Return what each changed rate brings, in the turn of one step of the bridge, or of every step that has rates."""
    found: dict[Key, int] = {}
    others = 0
    for one in dict.fromkeys(filter(None, map(diff.step_of, diff.differences))):
        mine = rates_of(diff, one)
        if not mine or (step is not None and one is not step):
            continue
        for kind, cents in one.by_kind:
            row = _row_of(kind, mine)
            if row is None:
                others += cents
            else:
                found[row.code, row.mark] = found.get((row.code, row.mark), 0) + cents
    return RateDollars(found, others)


def rates_of(diff: ContractDiff, step: BridgeStep) -> tuple[ExhibitRow, ...]:
    """Return the changed rates that come from the clauses of a step, on either side; an increase can be in any."""
    mine = [d for d in diff.differences if d.record and diff.step_of(d) is step]
    if any(d.table in INCREASES for d in mine):
        return diff.rates
    terms = {d.record for d in mine}
    return tuple(row for row in diff.rates if {row.price.term, row.other.term if row.other else ""} & terms)


def _row_of(kind: LineKind, rows: tuple[ExhibitRow, ...]) -> ExhibitRow | None:
    """Return the row that a kind of line is billed as: of several rows of its code the one that asks for most."""
    held = {*kind.modifiers, f"place {kind.place}", kind.product}
    mine = [row for row in rows if row.code == kind.code and _fits(row.mark, held)]
    return max(mine, key=lambda row: len(row.mark), default=None)


def _fits(mark: str, held: set[str]) -> bool:
    """Say whether a line has all that a row's mark asks for: modifiers, "place 12", a product."""
    words = mark.replace("place ", "place_").split()
    return all(word.replace("place_", "place ") in held for word in words)
