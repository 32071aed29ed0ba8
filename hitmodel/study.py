"""A comparison with everything a report says of it: sums, tie-out, habits relied on, findings on the claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from hitmodel import paths
from hitmodel.assumptions import Assumption, assumptions
from hitmodel.dates import parse_date
from hitmodel.errors import Finding
from hitmodel.grounds import ground
from hitmodel.habits import Habit, habits
from hitmodel.pricing import SERVICE_QUARTER, Priced
from hitmodel.scenario import Comparison, Scenario, compare
from hitmodel.summary import Summary
from hitmodel.tieout import TieOut, tie_out


@dataclass(frozen=True)
class Study:
    """One comparison, summed up. ``assumptions`` are those of each side, the baseline's first."""

    comparison: Comparison
    summary: Summary
    tie: TieOut | None
    habits: tuple[Habit, ...]
    findings: tuple[Finding, ...]
    assumptions: tuple[tuple[Assumption, ...], ...]

    @property
    def pooled(self) -> bool:
        """Whether groups of few patients are kept from standing alone, for an external edition."""
        return self.summary.pooled

    @property
    def baseline(self) -> Priced:
        """The baseline as it is compared."""
        return self.comparison.baseline

    @property
    def proposals(self) -> tuple[Scenario, ...]:
        """The proposals in order."""
        return self.comparison.proposals

    @property
    def titles(self) -> tuple[str, ...]:
        """What the sides are called: "Today", then each proposal."""
        return self.comparison.titles

    @property
    def payer(self) -> str:
        """What the contract in force is called."""
        return self.baseline.contract.title


def study(
    claims: str | Path,
    baseline: str | Path,
    proposals: Sequence[str | Path],
    as_of: date | str | None = None,
    drug_prices: str = SERVICE_QUARTER,
    edition: str = "internal",
    evidence: str | Path | None = None,
) -> Study:
    """Compare contracts on a claims file and sum everything up.

    Parameters
    ----------
    claims : path
        From the working folder, else from the project's own.
    as_of : date, ISO text, or None
        As `hitmodel.scenario.compare` takes it; "" is None.
    edition : str
        ``external`` keeps groups of few patients from standing alone.
    evidence : path or None
        The folder of companion files; None or "" takes the one beside the claims file, if there is one.

    Raises
    ------
    ContractError, InputError
        As `hitmodel.scenario.compare`; and for an external edition of 10 patients or fewer.
    """
    ready = ground(claims, paths.located(evidence) if evidence else None)
    pricer = ready.pricer
    made = compare(pricer, baseline, proposals, _day(as_of), drug_prices)
    base, paid = made.baseline, made.as_paid
    sides = (base, *(s.priced for s in made.proposals))
    return Study(
        comparison=made,
        summary=Summary(made, pricer.references.codes, pooled=edition == "external"),
        tie=pricer.once("tie-out", paid.contract, paid.dating, lambda: tie_out(pricer, paid)),
        habits=pricer.once("habits", base.contract, base.dating, lambda: habits(base)),
        findings=ready.findings,
        assumptions=tuple(
            pricer.once("assumptions", side.contract, side.dating, partial(assumptions, side)) for side in sides
        ),
    )


def _day(given: date | str | None) -> date | None:
    if isinstance(given, str):
        return parse_date(given, "as_of") if given else None
    return given
