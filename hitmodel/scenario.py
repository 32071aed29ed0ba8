"""Scenarios: a baseline against proposals on the same lines, and the bridge from one to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from hitmodel.changes import Change, changes
from hitmodel.claims import Claims
from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.dates import Span, spoken
from hitmodel.errors import InputError, nearest
from hitmodel.evidence import Evidence
from hitmodel.evidence_file import evidence_of
from hitmodel.gone_on import gone_on
from hitmodel.kept_claims import is_folder, open_claims
from hitmodel.mechanisms.base import LineKind
from hitmodel.pooling import FEW_PATIENTS
from hitmodel.prepare import Bools, Ints, Prepared, to_day
from hitmodel.pricing import LATEST, SERVICE_QUARTER, Dating, Priced, Pricer
from hitmodel.repricing import reprice
from hitmodel.selection import TermClash
from hitmodel.terms import Contract, Version
from hitmodel.unpaid import NONE_LOST, Lost, Stopped, lost_lines, stopped

OTHER_VERSIONS = "versions for other dates"
OTHER_DATES = "dates in force"


@dataclass(frozen=True)
class BridgeStep:
    """One clause on the way from baseline to proposal.

    ``in_turn`` is what it adds after the clauses before it [cents]; ``alone`` what it would change by itself [cents].
    ``patients`` is the number of patients for whom it changes anything in its turn; ``by_kind`` is what it adds in its
    turn on each kind of line, those of no change left out.
    """

    label: str
    cite: str
    in_turn: int
    alone: int
    patients: int = 0
    by_kind: tuple[tuple[LineKind, int], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Bridge:
    """From the baseline's total to the proposal's, clause by clause; the steps add up to the cent.

    ``interaction`` is what the clauses change together beyond what each changes alone [cents]. Attribution depends on
    the order, which is the proposal file's.
    """

    start: int
    steps: tuple[BridgeStep, ...]
    end: int

    @property
    def interaction(self) -> int:
        """Total change less the sum of the changes alone [cents]."""
        return self.end - self.start - sum(s.alone for s in self.steps)

    def pooled(self) -> Bridge:
        """Return the bridge with the clauses that touch 1 to 10 patients as one last step, with others if need be.

        The pool touches more than 10 patients in two clauses or more, or holds every clause that touches anyone.
        """
        few = [s for s in self.steps if 0 < s.patients <= FEW_PATIENTS]
        rest = sorted((s for s in self.steps if s.patients > FEW_PATIENTS), key=lambda s: s.patients)
        if not few:
            return self
        while rest and (len(few) < 2 or max(s.patients for s in few) <= FEW_PATIENTS):
            few.append(rest.pop(0))
        together = BridgeStep(
            f"{len(few)} clauses together" if len(few) > 1 else few[0].label,
            "",
            sum(s.in_turn for s in few),
            sum(s.alone for s in few),
            max(s.patients for s in few),
        )
        return replace(self, steps=(*(s for s in self.steps if s not in few), together))


@dataclass(frozen=True)
class Scenario:
    """One proposal priced on the baseline's lines, with its bridge, and the lines that it takes the amount from.

    ``stopped`` are the codes that it no longer pays by themselves, those of most dollars first.
    """

    priced: Priced
    bridge: Bridge
    lost: Lost = NONE_LOST
    stopped: tuple[Stopped, ...] = ()

    @property
    def contract(self) -> Contract:
        """The proposal."""
        return self.priced.contract


@dataclass(frozen=True)
class Comparison:
    """A baseline against proposals on the same lines.

    ``as_paid`` is the baseline by dates of service, which remittances are held against; it is ``baseline`` itself
    unless everything is priced as of one day. ``compared`` are the lines that every side prices: all differences are
    over them. ``ended`` is the baseline's last day where it ends before the day that is priced: it is then held at
    what it said on it.
    """

    pricer: Pricer
    baseline: Priced
    proposals: tuple[Scenario, ...]
    as_paid: Priced
    compared: Bools
    ended: date | None = None

    @cached_property
    def shared(self) -> dict[object, object]:
        """What several questions about this comparison need, made by the first one that does."""
        return {}

    @property
    def claims(self) -> Claims:
        """The claims that were compared."""
        return self.baseline.claims

    @property
    def titles(self) -> tuple[str, ...]:
        """What the sides are called: "Today", then each proposal; by folder too where two have one title."""
        named = Counter((self.baseline.contract.title, *(s.contract.title for s in self.proposals)))
        contracts = [s.contract for s in self.proposals]
        return ("Today", *(c.title if named[c.title] == 1 else f"{c.title} ({c.name})" for c in contracts))

    @property
    def service_days(self) -> Span:
        """First to last day of service of the lines that every side prices."""
        prepared = self.pricer.prepared
        return Span(to_day(prepared.first[self.compared].min()), to_day(prepared.last[self.compared].max()))

    @property
    def scope(self) -> str:
        """The claims and the dating in words: 2025 claims as if on 1 January 2027."""
        days, dating = self.service_days, self.baseline.dating
        claims = (
            f"{days.first.year} claims" if days.first.year == days.last.year else f"claims {days.first} to {days.last}"
        )
        priced = f" as if on {spoken(dating.as_of)}" if dating.as_of else " by date of service"
        basis = {SERVICE_QUARTER: "", LATEST: ", newest drug prices"}.get(
            dating.drug_prices, f", drug prices of {dating.drug_prices}"
        )
        return f"{claims}{priced}{basis}"


def compare(
    claims: Claims | Prepared | Pricer | str | Path,
    baseline: Contract | str | Path,
    proposals: Sequence[Contract | str | Path],
    as_of: date | None = None,
    drug_prices: str = SERVICE_QUARTER,
    evidence: Evidence | str | Path | None = None,
) -> Comparison:
    """Price the same claims under a baseline and under each proposal.

    Parameters
    ----------
    claims : Claims, Prepared, Pricer, or path
        A path names a file, imported claims, or a folder of Parquet files, each of whole patients. A pricer brings its
        claims and their evidence ready.
    as_of : date or None
        Price all lines as the contracts in force on that day would; None prices each by its date of service. A
        baseline that ends before the day is taken as it stood on its last one: what follows it is held against that.
    drug_prices : str
        ``service_quarter``, ``latest`` or a quarter such as ``2025Q3``: one basis for all sides.
    evidence : Evidence, path, or None
        As `hitmodel.pricing.price` takes it.

    Raises
    ------
    ContractError, InputError
        For a contract that cannot be read, or that is not in force on ``as_of``; for claims of which no line is
        priced by every side.
    """
    pricer = claims if isinstance(claims, Pricer) else _pricer(claims, evidence)
    dating = Dating(as_of, drug_prices)
    base = _contract(baseline)
    held = gone_on(base, as_of)
    priced = pricer.price(held, dating)
    as_paid = priced if dating == Dating() else pricer.price(base)
    others = [_contract(p) for p in proposals]
    if not others:
        raise InputError("no proposal is named", expected="at least one contract to compare the baseline with")
    sides = [pricer.price(other, dating) for other in others]
    compared = priced_by_all(priced, sides)
    scenarios = tuple(
        Scenario(
            side, bridge(pricer, priced, side, compared), lost_lines(priced, side), stopped(priced, side, compared)
        )
        for side in sides
    )
    ended = base.latest.contract.effective_through if held is not base else None
    return Comparison(pricer, priced, scenarios, as_paid, compared, ended)


def priced_by_all(baseline: Priced, sides: Sequence[Priced]) -> Bools:
    """Return the lines that every side prices; raise `InputError` with what to do where there are none."""
    compared: Bools = np.logical_and.reduce([baseline.known, *(side.known for side in sides)])
    if not compared.any():
        raise InputError(
            "no line of the claims is priced by every side",
            where=baseline.claims.source,
            suggestion=_payer_meant([baseline, *sides]),
            next_step=_why_not([baseline, *sides], baseline.contract),
        )
    return compared


def _payer_meant(sides: Sequence[Priced]) -> str | None:
    """Return the payer of the claims that is nearest to a contract's, where none of theirs is any of its own."""
    named = sorted({str(payer) for payer in sides[0].claims.lines["payer"].unique()})
    for side in sides:
        if not any(map(side.contract.is_of, named)):
            return nearest(side.contract.payers[0], named)
    return None


def _pricer(claims: Claims | Prepared | str | Path, evidence: Evidence | str | Path | None) -> Pricer:
    if isinstance(claims, Claims | Prepared):
        return Pricer(claims, evidence=evidence_of(evidence, None))
    opened = open_claims(claims, code_table())
    return Pricer(opened, evidence=evidence_of(evidence, None if is_folder(claims) else claims))


def _why_not(sides: Sequence[Priced], baseline: Contract) -> str:
    """Say what to do when no line is priced on every side: most often a proposal begins after the claims."""
    for side in sides:
        first = side.contract.versions[0].contract.effective_from
        if side.dating.as_of is None and not side.known.any() and first > side.compiled.periods[-1].span.last:
            return (
                f"{side.contract.name} is in force from {first}: the claims can be priced as of then (--as-of {first})."
            )
    none = [side.contract.title for side in sides if not side.known.any()]
    told = f" {', '.join(none)} {'gives' if len(none) == 1 else 'give'} no line an amount." if none else ""
    lines = f"Lines of {' or '.join(baseline.payers)} are compared."
    return f'{lines}{told} "hitmodel price" says why each line is not priced.'


def bridge(pricer: Pricer, baseline: Priced, proposal: Priced, compared: Bools) -> Bridge:
    """Walk from baseline to proposal, each changed clause by full repricing, in the order of the proposal's file.

    ``compared`` are the lines that every side prices. A line that has no amount half-way keeps the one it had, and
    moves with the clause that gives it one again.
    """
    before, after = _meeting(baseline, proposal)
    start, end, lines = baseline.allowed[compared], proposal.allowed[compared], _Lines.of(pricer.prepared, compared)
    steps, reached = [], start
    for stage in _stages(Walk(pricer, baseline, before, compared), changes(before, after)):
        change = stage.change
        steps.append(lines.step(change.label, change.cite, stage.reached - reached, stage.alone - start))
        reached = stage.reached
    if (reached != end).any():
        several = max(len(side.contract.versions) for side in (baseline, proposal)) > 1
        label = OTHER_VERSIONS if several else OTHER_DATES
        steps.append(lines.step(label, "", end - reached, end - reached))
    return Bridge(int(start.sum()), tuple(steps), int(end.sum()))


@dataclass(frozen=True)
class Stage:
    """One change on the way: the version with it and all before it, and what lines come to then and with it alone."""

    change: Change
    version: Version
    reached: Ints
    alone: Ints


@dataclass(frozen=True)
class Walk:
    """What a bridge walks on: the baseline's version that its changes start from, and the lines that are compared."""

    pricer: Pricer
    baseline: Priced
    before: Version
    compared: Bools

    def stage(self, change: Change, done: list[Stage]) -> Stage:
        """Take one more step. Raises `TermClash` where a term meets one that the proposal has no more."""
        start = self.baseline.allowed[self.compared]
        version, reached = (done[-1].version, done[-1].reached) if done else (self.before, start)
        version, alone = change.apply(version), change.apply(self.before)
        return Stage(change, version, self._allowed(version, reached), self._allowed(alone, start))

    def _allowed(self, version: Version, otherwise: Ints) -> Ints:
        contract = self.baseline.contract
        versions = tuple(version if v is self.before else v for v in contract.versions)
        priced = reprice(self.pricer, self.baseline, contract.model_copy(update={"versions": versions}))
        return np.where(priced.known[self.compared], priced.allowed[self.compared], otherwise)


def _stages(walk: Walk, found: Sequence[Change]) -> list[Stage]:
    """Take the changes in turn. A term and the one that it replaces fit the same lines, so they are one change."""
    waiting, done = list(found), list[Stage]()
    while waiting:
        change = waiting.pop(0)
        try:
            done.append(walk.stage(change, done))
        except TermClash as clash:
            later = next((n for n, other in enumerate(waiting) if other.touches(clash.terms)), None)
            earlier = next((n for n, stage in enumerate(done) if stage.change.touches(clash.terms)), None)
            if later is not None:
                waiting.insert(0, change.with_other(waiting.pop(later)))
            elif earlier is not None:
                again = [stage.change for stage in done[earlier:]]
                waiting[:0] = [again[0].with_other(change), *again[1:]]
                del done[earlier:]
            else:
                raise
    return done


@dataclass(frozen=True)
class _Lines:
    """Whose the compared lines are, and of which kind."""

    patient: Ints
    kind: Ints
    kinds: tuple[LineKind, ...]

    @classmethod
    def of(cls, prepared: Prepared, compared: Bools) -> _Lines:
        return cls(prepared.patient[compared], prepared.kind[compared], prepared.kinds)

    def step(self, label: str, cite: str, in_turn: Ints, alone: Ints) -> BridgeStep:
        moved = in_turn != 0
        touched = len(np.unique(self.patient[moved]))
        sums = np.zeros(len(self.kinds), dtype=np.int64)
        np.add.at(sums, self.kind[moved], in_turn[moved])
        by_kind = tuple((self.kinds[k], int(sums[k])) for k in np.flatnonzero(sums))
        return BridgeStep(label, cite, int(in_turn.sum()), int(alone.sum()), touched, by_kind)


def differences(baseline: Priced, proposal: Priced) -> tuple[Change, ...]:
    """Return the clauses in which a proposal differs, on the day on which the two are compared."""
    return changes(*_meeting(baseline, proposal))


def _meeting(baseline: Priced, proposal: Priced) -> tuple[Version, Version]:
    """Return the two versions to compare: those in force on the as-of day, else on the last day of service held in
    common.
    """
    day = baseline.dating.as_of or baseline.compiled.periods[-1].span.last
    before = baseline.contract.on(day) or baseline.contract.latest
    return before, proposal.contract.on(day) or proposal.contract.latest


def _contract(given: Contract | str | Path) -> Contract:
    return given if isinstance(given, Contract) else load_contract(given)
