"""What comparisons on one claims file share: claims read, checked and made ready once, sides priced once.

The last claims file that was compared is remembered, for as long as nothing about it has changed on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar, cast

from hitmodel.claim_checks import check_claims
from hitmodel.claim_sets import located
from hitmodel.claims import read_claims
from hitmodel.errors import Finding
from hitmodel.evidence_file import evidence_of, find_evidence
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.references import default_references
from hitmodel.terms import Contract

KEPT_LINES = 3_000_000
"""Priced sides are remembered until their lines come to so many."""
_Stamp = tuple[tuple[str, int, int, int], ...]
_T = TypeVar("_T")


class RememberingPricer(Pricer):
    """A pricer that knows what it has priced already; a contract is known by its value."""

    def price(self, contract: Contract, dating: Dating | None = None) -> Priced:
        """Return the claims priced under ``contract``, as `Pricer.price` does."""
        day = dating or Dating()
        return self.once("price", contract, day, lambda: super(RememberingPricer, self).price(contract, day))

    def once(self, about: str, contract: Contract, dating: Dating, work: Callable[[], _T]) -> _T:
        """Return what ``work`` finds out ``about`` a contract on these claims, remembered from when it was asked."""
        for known, other, day, result in self._held:
            if known == about and day == dating and other == contract:
                return cast(_T, result)
        result = work()
        self._held.append((about, contract, dating, result))
        del self._held[: max(0, len(self._held) - max(8, KEPT_LINES // max(1, self.prepared.count)))]
        return result

    @cached_property
    def _held(self) -> list[tuple[str, Contract, Dating, object]]:
        return []


@dataclass(frozen=True)
class Ground:
    """Claims ready for any comparison: their pricer, and everything wrong with them and their evidence."""

    pricer: RememberingPricer
    findings: tuple[Finding, ...]


def ground(claims: str | Path, evidence: Path | None = None) -> Ground:
    """Return a claims file ready for comparisons.

    ``evidence`` is the folder of companion files; None takes the one beside the claims, if there is one. Raises
    `InputError` as `hitmodel.claims.read_claims` does.
    """
    place = located(claims)
    beside = evidence or find_evidence(place)
    return _ground(place, evidence, (*_stamp(place), *_stamp(beside)), id(default_references()))


@lru_cache(maxsize=1)
def _ground(place: Path, evidence: Path | None, stamp: _Stamp, tables: int) -> Ground:
    del stamp, tables  # the key alone: what has changed is read again
    references = default_references()
    read = read_claims(place)
    recorded = evidence_of(evidence, place)
    pricer = RememberingPricer(read, references, recorded)
    findings = (*read.findings, *recorded.findings, *check_claims(read, references.codes))
    return Ground(pricer, findings)


def _stamp(place: Path | None) -> _Stamp:
    if place is None or not place.exists():
        return ()
    files = sorted(p for p in place.iterdir() if p.is_file()) if place.is_dir() else [place]
    held = [(file, file.stat()) for file in files]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino) for file, stat in held)
