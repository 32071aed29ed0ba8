"""What a review of a proposal costs, every other reading priced, beside comparing an overlay for each reading.

The comparisons are what somebody would run who wrote each reading as a file: of the same claims, already read. Run by
`make bench`, or alone: `python benchmarks/run.py --only review`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
from figures import Figure, best, held_to

from hitmodel import paths
from hitmodel.claims import Claims, read_claims
from hitmodel.code_exhibit import code_exhibit
from hitmodel.contracts import load_contract, overlaid
from hitmodel.exhibit_units import uses_of
from hitmodel.pricing import Dating, Pricer
from hitmodel.references import default_references
from hitmodel.review import Review, review
from hitmodel.scenario import compare

LINES = 100_000
DAY = date(2027, 1, 1)
PROPOSAL = "meridian_proposal_a"


def figures(lines: int) -> Iterator[Figure]:
    """Yield what a review and an exhibit's units cost, on at most a hundred thousand lines."""
    claims = _many(read_claims(paths.data("samples", "claims_2025.csv")), min(lines, LINES))
    contract, references = load_contract(PROPOSAL), default_references()
    took, made = best(lambda: review(contract, references, Pricer(claims), DAY), runs=2)
    what = f"review of a proposal, {len(claims.lines):,} lines, {_readings(made)} readings priced"
    each = best(lambda: _compared(claims, made), runs=1)[0]
    yield held_to(what, took, "an overlay for each reading, compared", each, most=0.5)
    pricer = Pricer(claims)
    once, _ = best(lambda: pricer.price(contract, Dating(DAY)))
    exhibit = code_exhibit(contract, references, DAY)
    units, _ = best(lambda: uses_of(exhibit, pricer))
    yield held_to(
        f"units by code for an exhibit, {len(claims.lines):,} lines", units, "pricing them again, fit held", once
    )


def _readings(made: Review) -> int:
    return sum(len(clause.worth) for clause in made.clauses)


def _compared(claims: Claims, made: Review) -> None:
    for clause in made.clauses:
        for worth in clause.worth:
            compare(claims, made.contract, [overlaid(made.version, worth.overlay, "reading")], DAY)


def _many(claims: Claims, lines: int) -> Claims:
    """Return a claims set of so many lines: the sample over and over, each time of other patients and claims."""
    copies = -(-lines // len(claims.lines))
    frames = []
    for number in range(copies):
        names = {c: claims.lines[c] + f"~{number}" for c in ("patient_id", "claim_id", "line_id")}
        frames.append(claims.lines.assign(**names))
    return replace(claims, lines=pd.concat(frames, ignore_index=True).head(lines))
