"""Pricing: claims under a contract, every line with a status, exact to the cent.

`Pricer` keeps what does not depend on rates, so that a second contract over the same claims costs little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from hitmodel.amounts import Rated, line_cents, missing
from hitmodel.claims import Claims, read_claims
from hitmodel.compile import Compiled, compile_contract
from hitmodel.contracts import load_contract
from hitmodel.dates import Quarter, Span
from hitmodel.errors import InputError
from hitmodel.fit import Fitted, fit
from hitmodel.forms import Known, Outcome, Step, Unpriced
from hitmodel.limits import claim_limited, line_limited, share_of_charge
from hitmodel.prepare import UNKNOWN, Bools, Ints, prepare, to_day
from hitmodel.ranking import disagreeing, ranks
from hitmodel.references import References, default_references
from hitmodel.resolve import Resolution, Resolver
from hitmodel.status import ORDER, Status
from hitmodel.terms import Contract, LesserOf

SERVICE_QUARTER, LATEST = "service_quarter", "latest"


@dataclass(frozen=True)
class Dating:
    """By which dates claims are priced.

    ``as_of``: the terms of that day for every line; None for each line's own dates. ``drug_prices``: the reference
    prices of each line's own date of service (``service_quarter``), of the newest quarter held (``latest``), or of a
    quarter such as
    ``2025Q3``.
    """

    as_of: date | None = None
    drug_prices: str = SERVICE_QUARTER

    def price_day(self, references: References) -> date | None:
        """Return the one day whose prices hold for every line, or None for each line's own.

        Raises `InputError` for a basis that is none of the three.
        """
        if self.drug_prices == SERVICE_QUARTER:
            return None
        if self.drug_prices == LATEST:
            return references.limits.quarters[-1].span.first
        return Quarter.parse(self.drug_prices, "drug prices").span.first


@dataclass(frozen=True)
class Priced:
    """Claims priced under one contract.

    Arrays run over the lines: ``status`` and ``reason`` index `hitmodel.status.ORDER` and ``reasons``; ``base`` is
    the amount before the charge limit and ``allowed`` after it, in cents, 0 where the status has no amount.
    """

    contract: Contract
    dating: Dating
    compiled: Compiled
    fitted: Fitted
    rated: Rated
    status: Ints
    reason: Ints
    reasons: tuple[str, ...]
    base: Ints
    allowed: Ints
    limited: Bools

    @property
    def claims(self) -> Claims:
        """The claims that were priced."""
        return self.fitted.prepared.claims

    @property
    def known(self) -> Bools:
        """Lines with a known amount: priced, bundled, not covered."""
        return np.isin(self.status, [n for n, s in enumerate(ORDER) if s.has_amount])

    @property
    def total(self) -> int:
        """Allowed over all lines with a known amount, in cents."""
        return int(self.allowed[self.known].sum())

    def has(self, status: Status) -> Bools:
        """Say for each line whether it has this status."""
        result: Bools = self.status == ORDER.index(status)
        return result

    @cached_property
    def first_segment(self) -> Ints:
        """The first segment of each line, -1 for lines that were not priced at all."""
        result = np.full(len(self.status), -1, dtype=np.int64)
        line = self.fitted.segments.line
        result[line[::-1]] = np.arange(len(line))[::-1]
        return result

    def resolution_of(self, line: int) -> Resolution | None:
        """Return how the first segment of a line was resolved, or None when it was not."""
        segment = self.first_segment[line]
        return None if segment < 0 else self.rated.resolutions[self.rated.resolution[segment]]

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The governing term of each line, "" where none governs; several joined by " + "."""
        names = np.array([r.term for r in self.rated.resolutions] + [""], dtype=object)
        result = np.full(len(self.status), "", dtype=object)
        segments, number = self.fitted.segments, self.rated.resolution
        there = self.first_segment >= 0
        result[there] = names[number[self.first_segment[there]]]
        different = number != number[self.first_segment[segments.line]] if segments.count else number
        for segment in np.flatnonzero(different):
            line, name = segments.line[segment], names[number[segment]]
            if name not in result[line].split(" + "):
                result[line] = f"{result[line]} + {name}" if result[line] else name
        return tuple(str(t) for t in result)

    @cached_property
    def reason_texts(self) -> tuple[str, ...]:
        """Why a line has no amount or a known 0.00, "" for priced lines."""
        return tuple(self.reasons[r] if r >= 0 else "" for r in self.reason)

    def frame(self) -> pd.DataFrame:
        """Return the claims' lines with status, allowed [cents, <NA> when unknown], base, term and reason beside
        them.
        """
        known = pd.array(np.where(self.known, self.allowed, 0), dtype="Int64")
        known[~self.known] = pd.NA
        base = pd.array(np.where(self.known, self.base, 0), dtype="Int64")
        base[~self.known] = pd.NA
        return self.claims.lines.assign(
            status=[ORDER[s].value for s in self.status],
            allowed_cents=known,
            base_cents=base,
            term=list(self.terms),
            reason=list(self.reason_texts),
        )


class Pricer:
    """Prices one set of claims under any number of contracts.

    Preparation is done once, a fit once for each contract structure, and a kind of line is resolved again only when a
    term that could govern it has changed.
    """

    def __init__(self, claims: Claims, references: References | None = None) -> None:
        self.references = references or default_references()
        self.prepared = prepare(claims, self.references.codes)
        self.resolver = Resolver()
        self._fits: dict[object, Fitted] = {}

    def price(self, contract: Contract, dating: Dating | None = None) -> Priced:
        """Return the claims priced under ``contract``.

        Raises `ContractError` when two terms fit a line equally well or a file that the contract names is not there.
        """
        dating = dating or Dating()
        compiled = self._compiled(contract, dating)
        fitted = self._fit(compiled, dating)
        rated = self._rate(compiled, fitted)
        return _priced(contract, dating, compiled, fitted, rated)

    @cached_property
    def service_days(self) -> Span:
        """First to last day of service of the lines that can be read."""
        readable = self.prepared.first > 0
        if not readable.any():
            raise InputError("no line has dates that can be read", where=self.prepared.claims.source)
        return Span(to_day(self.prepared.first[readable].min()), to_day(self.prepared.last[readable].max()))

    def _compiled(self, contract: Contract, dating: Dating) -> Compiled:
        days = self.service_days if dating.as_of is None else Span(dating.as_of, dating.as_of)
        fixed = dating.price_day(self.references)
        prices = self.service_days if fixed is None else Span(fixed, fixed)
        compiled = compile_contract(contract, self.references, days, prices)
        if dating.as_of is not None and compiled.periods[0].version is None:
            spans = "; ".join(
                f"{v.contract.effective_from} to {v.contract.effective_through or 'open'}" for v in contract.versions
            )
            raise InputError(
                f"contract '{contract.name}' is not in force on {dating.as_of}", expected=f"a day within {spans}"
            )
        return compiled

    def _fit(self, compiled: Compiled, dating: Dating) -> Fitted:
        key = (compiled.contract.name, compiled.structure, dating.as_of)
        if key not in self._fits:
            self._fits[key] = fit(self.prepared, compiled, self.references.codes, dating.as_of)
        return self._fits[key]

    def _rate(self, compiled: Compiled, fitted: Fitted) -> Rated:
        segments = fitted.segments
        moments = np.stack([segments.kind, segments.period, segments.price], axis=1)
        distinct, index = np.unique(moments, axis=0, return_inverse=True)
        resolutions = [
            self.resolver.resolve(fitted.kinds[kind], compiled.periods[period], compiled.price_starts[price])
            for kind, period, price in distinct.tolist()
        ]
        resolution, resolutions = _with_bundles(index.ravel(), resolutions, compiled, fitted)
        place = tuple(p.version.rounding.place if p.version else "line" for p in compiled.periods)
        unranked = Rated(resolution, tuple(resolutions), np.ones_like(resolution), place)
        return Rated(resolution, tuple(resolutions), ranks(unranked, compiled, fitted), place)


def price(
    claims: Claims | str | Path,
    contract: Contract | str | Path,
    as_of: date | None = None,
    drug_prices: str = SERVICE_QUARTER,
) -> Priced:
    """Price claims under one contract: the short way to `Pricer`.

    Parameters
    ----------
    claims : Claims or path
        As `read_claims` returns them, or the file to read.
    contract : Contract, name or path
        As `load_contract` takes it.
    as_of : date or None
        See `Dating`.
    """
    read = claims if isinstance(claims, Claims) else read_claims(claims)
    terms = contract if isinstance(contract, Contract) else load_contract(contract)
    return Pricer(read).price(terms, Dating(as_of, drug_prices))


def _with_bundles(
    resolution: Ints, resolutions: list[Resolution], compiled: Compiled, fitted: Fitted
) -> tuple[Ints, list[Resolution]]:
    """Replace the resolution of pieces that are paid within another line by a known 0.00 under the bundle rule."""
    bundle = fitted.segments.bundle
    if not (bundle >= 0).any():
        return resolution, resolutions
    rules = tuple(dict.fromkeys(b for p in compiled.periods if p.version for b in p.version.bundle))
    resolution = resolution.copy()
    made: dict[tuple[int, int], int] = {}
    for segment in np.flatnonzero(bundle >= 0):
        key = (int(fitted.segments.kind[segment]), int(bundle[segment]))
        if key not in made:
            rule = rules[key[1]]
            outcome = Known(
                Status.BUNDLED, f"another line of the day holds it ({rule.id})", (Step("bundled", (), rule.cite),)
            )
            made[key] = len(resolutions)
            resolutions.append(Resolution(fitted.kinds[key[0]], outcome, term=rule.id))
        resolution[segment] = made[key]
    return resolution, resolutions


class _Marks:
    """Status and reason of each line while they are being found; the first mark stands."""

    def __init__(self, fitted: Fitted) -> None:
        self.status, self.reason = fitted.status.copy(), fitted.reason.copy()
        self.reasons = {text: n for n, text in enumerate(fitted.reasons)}

    def put(self, lines: Ints | Sequence[int], status: Status, text: str) -> None:
        for line in lines:
            if self.status[line] == -1:
                self.status[line] = ORDER.index(status)
                self.reason[line] = self.reasons.setdefault(text, len(self.reasons))

    def take_back(self, lines: Ints, status: Status, text: str) -> None:
        self.status[lines] = -1
        self.put(lines, status, text)


def _priced(contract: Contract, dating: Dating, compiled: Compiled, fitted: Fitted, rated: Rated) -> Priced:
    marks = _Marks(fitted)
    usable = _unpriced_out(marks, rated, fitted)
    _review_uneven(marks, rated, fitted)
    for line, text in disagreeing(rated, compiled, fitted).items():
        marks.put([line], Status.NEEDS_REVIEW, text)
    usable &= marks.status[fitted.segments.line] == -1
    base = line_cents(rated, fitted, usable)
    _known_zeros(marks, rated, fitted, usable)
    base[marks.status != -1] = 0
    marks.status[marks.status == -1] = ORDER.index(Status.PRICED)
    allowed, limited = _limited(marks, base, compiled, fitted, rated)
    return Priced(
        contract,
        dating,
        compiled,
        fitted,
        rated,
        marks.status,
        marks.reason,
        tuple(marks.reasons),
        base,
        allowed,
        limited,
    )


def _unpriced_out(marks: _Marks, rated: Rated, fitted: Fitted) -> Bools:
    """Mark lines of which any piece has no price or lacks a quantity; return which segments can be priced."""
    line = fitted.segments.line
    usable = np.ones(len(line), dtype=bool)
    for number, resolution in enumerate(rated.resolutions):
        if isinstance(resolution.outcome, Unpriced):
            there = rated.resolution == number
            usable[there] = False
            marks.put(line[there], resolution.outcome.status, resolution.outcome.reason)
    lacking = np.array(missing(rated, fitted), dtype=object)
    for source in sorted({text for text in lacking if text}):
        there = lacking == source
        usable[there] = False
        marks.put(line[there], Status.NEEDS_REVIEW, f"the line has no {source.replace('_', ' ').replace('ndc', 'NDC')}")
    return usable


def _review_uneven(marks: _Marks, rated: Rated, fitted: Fitted) -> None:
    """A line whose units are not its days can be cut only where every piece is paid alike."""
    line = fitted.segments.line
    pieces = np.bincount(line, minlength=fitted.prepared.count)
    doubtful = fitted.uneven[line] & (pieces[line] > 1)
    alike: dict[int, tuple[Outcome, Fraction, int]] = {}
    for segment in np.flatnonzero(doubtful):
        resolution = rated.resolutions[rated.resolution[segment]]
        paid = (resolution.outcome, resolution.factor, int(rated.rank[segment]))
        if alike.setdefault(int(line[segment]), paid) != paid:
            text = "units disagree with days, and what a day is paid changes within the span"
            marks.put([int(line[segment])], Status.NEEDS_REVIEW, text)


def _known_zeros(marks: _Marks, rated: Rated, fitted: Fitted, usable: Bools) -> None:
    """Mark lines all of whose pieces the contract pays nothing for."""
    line = fitted.segments.line
    zero = np.array([isinstance(r.outcome, Known) for r in rated.resolutions], dtype=bool)[rated.resolution]
    paid = np.zeros(fitted.prepared.count, dtype=bool)
    paid[line[usable & ~zero]] = True
    for number, resolution in enumerate(rated.resolutions):
        if isinstance(resolution.outcome, Known):
            lines = line[(rated.resolution == number) & usable]
            marks.put(lines[~paid[lines]], resolution.outcome.status, resolution.outcome.reason)


def _limited(marks: _Marks, base: Ints, compiled: Compiled, fitted: Fitted, rated: Rated) -> tuple[Ints, Bools]:
    """Hold amounts to charges, line by line or claim by claim as the version in force says."""
    priced = marks.status == ORDER.index(Status.PRICED)
    allowed, limited = base.copy(), np.zeros(len(base), dtype=bool)
    subject = np.zeros(len(base), dtype=bool)
    under = np.full(len(base), -1, dtype=np.int64)
    flags = np.array([r.limited for r in rated.resolutions], dtype=bool)
    subject[fitted.segments.line[flags[rated.resolution]]] = True
    under[fitted.segments.line] = fitted.segments.period
    charge = fitted.prepared.quantities.charge
    for rule in dict.fromkeys(p.version.lesser_of for p in compiled.periods if p.version):
        periods = [n for n, p in enumerate(compiled.periods) if p.version and p.version.lesser_of == rule]
        here = priced & np.isin(under, periods)
        if rule.level != "none":
            unknown = here & subject & (charge == UNKNOWN)
            marks.take_back(
                np.flatnonzero(unknown), Status.NEEDS_REVIEW, "the charge limit needs the charge, which is unknown"
            )
            here &= ~unknown
        if rule.level == "line":
            lines = np.flatnonzero(here & subject)
            allowed[lines] = line_limited(base[lines], share_of_charge(charge[lines], Fraction(rule.percent)))
        elif rule.level == "claim":
            _limit_claims(marks, allowed, here, subject, charge, rule, fitted)
    allowed[marks.status != ORDER.index(Status.PRICED)] = 0
    limited = allowed != base
    return allowed, limited & (marks.status == ORDER.index(Status.PRICED))


def _limit_claims(
    marks: _Marks, allowed: Ints, here: Bools, subject: Bools, charge: Ints, rule: LesserOf, fitted: Fitted
) -> None:
    claim = fitted.prepared.claim
    stays = rule.excluded_charges == "stay"
    taking_part = here & (subject | stays) & (charge != UNKNOWN)
    doubtful = np.isin(marks.status, [ORDER.index(s) for s in (Status.CONTRACT_SILENT, Status.NEEDS_REVIEW)])
    touched = here & subject & np.isin(claim, np.unique(claim[doubtful]))
    text = "the charge limit compares whole claims, and another line of the claim has no amount"
    marks.take_back(np.flatnonzero(touched), Status.NEEDS_REVIEW, text)
    lines = np.flatnonzero(taking_part & ~touched)
    ids = fitted.prepared.claims.lines["line_id"].to_numpy(dtype=object)[lines]
    limit = share_of_charge(charge[lines], Fraction(rule.percent))
    allowed[lines] = claim_limited(allowed[lines], limit, claim[lines], [str(i) for i in ids])
