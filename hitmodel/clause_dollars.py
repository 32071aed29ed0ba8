"""Which clause of a step of the bridge brings what, where several are one step: by what governs each kind of line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hitmodel.contract_diff import ContractDiff, Difference
from hitmodel.mechanisms.base import LineKind
from hitmodel.scenario import BridgeStep
from hitmodel.selection import choose, matches
from hitmodel.terms import Version

Kinds = tuple[tuple[LineKind, int], ...]


@dataclass(frozen=True)
class ClauseDollars:
    """What one clause brings on the kinds of line that it governs [cents]; ``difference`` None for the other lines."""

    difference: Difference | None
    by_kind: Kinds

    @property
    def cents(self) -> int:
        """What it brings in the turn of its step [cents]."""
        return sum(cents for _, cents in self.by_kind)


def clause_dollars(diff: ContractDiff, step: BridgeStep) -> tuple[ClauseDollars, ...]:
    """Return what each clause of a step brings; together they are the step, to the cent.

    A kind of line counts for the changed term that governs it under the second contract, else under the first. Lines
    that none governs count for the one difference of the step that is no term, and for none where there is no such one.
    """
    mine = [d for d in diff.differences if diff.step_of(d) is step]
    terms = {d.record: d for d in mine if d.table == "term"}
    others = [d for d in mine if d.table != "term"]
    rest = others[0] if len(others) == 1 else mine[0] if len(mine) == 1 else None
    found: dict[str, list[tuple[LineKind, int]]] = {}
    for kind, cents in step.by_kind:
        found.setdefault(next(_governing(diff, kind, terms), ""), []).append((kind, cents))
    by_term = (ClauseDollars(terms[name], tuple(found[name])) for name in terms if name in found)
    left = (ClauseDollars(rest, tuple(found[""])),) if "" in found else ()
    return (*by_term, *left)


def _governing(diff: ContractDiff, kind: LineKind, terms: dict[str, Difference]) -> Iterator[str]:
    """Yield the changed terms that govern a kind of line, the second contract's first."""
    for version in (diff.after, diff.before):
        name = _term(version, kind)
        if name in terms:
            yield name


def _term(version: Version, kind: LineKind) -> str:
    chosen = choose(kind, [term for term in version.term if matches(term, kind)]).chosen
    return chosen.id if chosen is not None else ""
