"""A contract read clause by clause: what it leaves unsaid, what cuts the wrong way, and what each is worth on claims.

Every dollar is the difference that `hitmodel.scenario.compare` would give for the same overlay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from hitmodel import fact_sayings, money_sayings, sayings
from hitmodel.positions import Position, positions
from hitmodel.prepare import UNKNOWN
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.readings import Worth, all_asked, worth_of
from hitmodel.references import References
from hitmodel.sayings import Paper, Saying
from hitmodel.status import Status
from hitmodel.terms import Contract, Version
from hitmodel.unpaid import by_report

QUESTIONS: Mapping[str, Callable[[Paper], Saying]] = {
    "day": sayings.day,
    "interval": sayings.interval,
    "beyond_interval": sayings.beyond_interval,
    "drugs_apart": sayings.apart("drug", "drugs"),
    "nursing_apart": sayings.apart("nursing", "visits"),
    "inside": sayings.inside,
    "unpriced": sayings.unpriced,
    "unlisted": sayings.unlisted,
    "new_codes": fact_sayings.new_codes,
    "ended_codes": fact_sayings.ended_codes,
    "concurrent": money_sayings.concurrent,
    "primary": money_sayings.primary,
    "catheter": money_sayings.catheter,
    "holds": money_sayings.holds,
    "stays": money_sayings.stays,
    "suite": money_sayings.suite,
    "drug_source": money_sayings.drug_source,
    "drug_quarter": money_sayings.drug_quarter,
    "drug_update": money_sayings.drug_update,
    "new_drugs": money_sayings.new_drugs,
    "waste": money_sayings.waste,
    "nursing_hours": money_sayings.nursing_hours,
    "charge_limit": money_sayings.charge_limit,
    "charge_increases": money_sayings.charge_increases,
    "escalator": money_sayings.escalator,
    "rounding": money_sayings.rounding,
    "amendment": fact_sayings.amendment,
    "timely_filing": fact_sayings.days_to("timely_filing_days", "to file"),
    "appeal": fact_sayings.days_to("appeal_days", "to appeal"),
    "clean_claim": fact_sayings.clean_claim,
    "term": fact_sayings.term,
    "renewal": fact_sayings.renewal,
    "notice": fact_sayings.notice,
}
"""What is asked of a contract, by the id of the clause in ``data/review/clauses.toml``."""


@dataclass(frozen=True)
class Clause:
    """One clause of a review: the question with its position, what the contract says, what other readings are worth."""

    position: Position
    saying: Saying
    worth: tuple[Worth, ...] = ()

    @property
    def is_finding(self) -> bool:
        """Whether the clause is unsaid, said in part, or against us."""
        return self.saying.standing in ("silent", "in part", "against us")

    @property
    def stake(self) -> int:
        """The most that hangs on the clause either way [cents], 0 where nothing was priced."""
        return max((w.stake for w in self.worth), default=0)

    @property
    def gain(self) -> int:
        """The most that the position itself would add [cents]; 0 where it adds nothing or was not priced."""
        return max((w.most for w in self.worth if w.reading.asked), default=0)

    @property
    def costs(self) -> int:
        """What the position itself would take on these claims for certain [cents]; 0 where a form of it may not."""
        ends = [w.high if w.high is not None else w.cents or 0 for w in self.worth if w.reading.asked]
        return max(-max(ends, default=0), 0)

    @property
    def guards(self) -> int:
        """The most that another reading than the one asked for would take [cents], where the contract leaves room."""
        if self.saying.standing == "against us":
            return 0
        return -min((w.least for w in self.worth if not w.reading.asked), default=0)

    @property
    def firm(self) -> int:
        """The most that hangs on it either way for certain, whatever evidence is missing [cents]."""
        return max((abs(w.cents or 0) for w in self.worth if w.low is None), default=0)

    @property
    def is_bound(self) -> bool:
        """Whether the most that hangs on it is the end of a range, as the claims do not show what it turns on."""
        return self.stake > self.firm


@dataclass(frozen=True)
class Review:
    """A contract version read clause by clause. ``priced`` is what it allows on the claims at hand, if there are any.

    ``clauses`` stand by what hangs on them, the most first; those without dollars in their usual order after them.
    Other readings are priced of clauses that leave room for one, not of those that are said and in line. ``together``
    is what the positions that gain anything are worth at once: by themselves they overlap.
    """

    contract: Contract
    version: Version
    clauses: tuple[Clause, ...]
    priced: Priced | None = None
    together: Worth | None = None

    @property
    def findings(self) -> tuple[Clause, ...]:
        """The clauses that are unsaid, said in part, or against us."""
        return tuple(clause for clause in self.clauses if clause.is_finding)

    def clause(self, name: str) -> Clause:
        """Return one clause by its id."""
        return next(clause for clause in self.clauses if clause.position.id == name)


def review(
    contract: Contract, references: References, pricer: Pricer | None = None, as_of: date | None = None
) -> Review:
    """Read a contract clause by clause.

    Parameters
    ----------
    contract : Contract
        A draft with places left open can be read too, and priced only when it has none.
    pricer : Pricer or None
        The claims on which other readings are priced; None for no dollars.
    as_of : date or None
        The day whose version is read, and as of which claims are priced; None takes the latest version, and each
        line's own dates.

    Raises
    ------
    ContractError
        A contract that is not in force on ``as_of``, or of which two terms fit a code equally well.
    """
    version = _version(contract, as_of)
    paper = Paper(version, references)
    priced = None if pricer is None else pricer.price(_alone(contract, version), Dating(as_of))
    clauses = []
    for position in positions():
        saying = QUESTIONS[position.id](paper)
        clause = Clause(position, saying)
        if pricer is not None and priced is not None and clause.is_finding:
            clause = Clause(position, saying, worth_of(position, paper, pricer, priced))
        clauses.append(clause)
    asked = [max((w for w in c.worth if w.reading.asked), key=lambda w: w.most) for c in clauses if c.gain]
    together = all_asked(asked, paper, pricer, priced) if pricer is not None and priced is not None and asked else None
    return Review(contract, version, tuple(sorted(clauses, key=lambda c: -c.stake)), priced, together)


@dataclass(frozen=True)
class LeftOut:
    """Lines of a contract that have no amount: how many, what was charged [cents], how many are priced by report."""

    lines: int
    charge: int
    by_report: int


def left_out(priced: Priced) -> LeftOut:
    """Return which of a contract's lines stand without an amount, outside every total."""
    mine = priced.has(Status.CONTRACT_SILENT) | priced.has(Status.NEEDS_REVIEW)
    charge = priced.fitted.prepared.quantities.charge[mine]
    return LeftOut(int(mine.sum()), int(charge[charge != UNKNOWN].sum()), int((mine & by_report(priced)).sum()))


def _version(contract: Contract, as_of: date | None) -> Version:
    return (contract.on(as_of) if as_of else None) or contract.latest


def _alone(contract: Contract, version: Version) -> Contract:
    """Return the contract with one version, since a reading is an overlay on one file."""
    return contract.model_copy(update={"versions": (version,)})
