"""Pricing: claims under a contract, every line with a status, exact to the cent.

`Pricer` keeps what does not depend on rates, so that a second contract over the same claims costs little.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hitmodel.amounts import Rated
from hitmodel.charge_limit import RULE as CHARGE_LIMIT
from hitmodel.claims import Claims, read_claims
from hitmodel.compile import Compiled, compile_contract
from hitmodel.contracts import load_contract
from hitmodel.dates import Quarter, Span
from hitmodel.errors import InputError
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.evidence_file import evidence_of
from hitmodel.fit import Fitted, fit
from hitmodel.laying import Notes
from hitmodel.plain import Plain, Said, forms
from hitmodel.prepare import Bools, Ints, Prepared, prepare, to_day
from hitmodel.prices import PaymentLimits
from hitmodel.rating import resolved
from hitmodel.recount import Assume
from hitmodel.references import References, default_references
from hitmodel.resolve import Resolution, Resolver
from hitmodel.status import ORDER, Status
from hitmodel.terms import Contract
from hitmodel.ties import settings
from hitmodel.worked import Worked, renumbered

SERVICE_QUARTER, LATEST = "service_quarter", "latest"
_PLAIN_KEPT = 4


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

        Raises `InputError` for a basis that is none of the three, and for a quarter that is not held.
        """
        held = references.limits.quarters
        if self.drug_prices == SERVICE_QUARTER:
            return None
        if self.drug_prices == LATEST:
            return held[-1].span.first
        quarter = Quarter.parse(self.drug_prices, "drug prices")
        if quarter not in held:
            raise InputError(
                f"payment limits of {quarter} are not held", where="drug prices", expected=f"{held[0]} to {held[-1]}"
            )
        return quarter.span.first


@dataclass(frozen=True)
class Range:
    """Least and most that lines come to whose evidence is missing, in cents; ``lines`` are those that both know."""

    low: Ints
    high: Ints
    lines: Bools

    @classmethod
    def of(cls, low: Priced, high: Priced, assumed: Iterable[int]) -> Range:
        """Return the range of the lines that rest on an assumption."""
        lines = np.zeros(len(low.status), dtype=bool)
        lines[list(assumed)] = True
        return cls(
            np.minimum(low.allowed, high.allowed), np.maximum(low.allowed, high.allowed), lines & low.known & high.known
        )


@dataclass(frozen=True)
class Asked:
    """A contract worked out over time, and what it says of each moment of a fit."""

    compiled: Compiled
    dating: Dating
    resolutions: tuple[Resolution, ...]
    said: Said
    references: References
    evidence: Evidence


@dataclass(frozen=True)
class Priced:
    """Claims priced under one contract.

    Arrays run over the lines: ``status`` and ``reason`` index `hitmodel.status.ORDER` and ``reasons``; ``base`` is
    the amount before the charge limit and ``allowed`` after it, in cents, 0 where the status has no amount. All but
    ``allowed`` are looked up when they are first asked for.
    ``plain`` lines were priced by the ``resolutions`` of their moments, which ``said`` holds as tables, the ``few``
    others by every rule.
    ``references`` and ``evidence`` are what the run looked things up in. ``range`` is there when lines rest on an
    assumption about evidence that is missing.
    """

    contract: Contract
    dating: Dating
    compiled: Compiled
    plain: Plain
    resolutions: tuple[Resolution, ...]
    said: Said
    few: Worked
    allowed: Ints
    references: References
    evidence: Evidence
    range: Range | None = None

    @classmethod
    def of(cls, asked: Asked, plain: Plain, allowed: Ints, few: Worked) -> Priced:
        """Put the plain lines of a result and the others together; ``allowed`` is changed for that."""
        allowed[plain.others] = few.allowed
        return cls(
            contract=asked.compiled.contract,
            dating=asked.dating,
            compiled=asked.compiled,
            plain=plain,
            resolutions=asked.resolutions,
            said=asked.said,
            few=few,
            allowed=allowed,
            references=asked.references,
            evidence=asked.evidence,
        )

    @property
    def fitted(self) -> Fitted:
        """The claims as they were fitted to the contract."""
        return self.plain.fitted

    @cached_property
    def status(self) -> npt.NDArray[np.int8]:
        """Each line's status."""
        status = self.said.status[self.plain.moment]
        status[self.plain.others] = self.few.status
        return status

    @cached_property
    def reason(self) -> npt.NDArray[np.int32]:
        """Why each line has no amount or a known 0.00; -1 for none."""
        reason = self.said.reason[self.plain.moment]
        reason[self.plain.others] = self._reasons[1][self.few.reason]
        return reason

    @property
    def reasons(self) -> tuple[str, ...]:
        """The texts that ``reason`` indexes."""
        return self._reasons[0]

    @cached_property
    def _reasons(self) -> tuple[tuple[str, ...], Ints]:
        return renumbered(self.said.reasons, self.few.reasons)

    @cached_property
    def base(self) -> Ints:
        """Each line's amount before the charge limit [cents]."""
        base = self.plain.price(self.said, limited=False)
        base[self.plain.others] = self.few.base
        return base

    @cached_property
    def rated(self) -> Rated:
        """Every segment with what prices it."""
        plain, few = self.plain, self.few.rated
        number = self.fitted.moments.number
        resolution, rank = number.astype(np.int64), plain.rank[number]
        resolution[plain.segments] = few.resolution + len(self.resolutions)
        rank[plain.segments] = few.rank
        return Rated(resolution, (*self.resolutions, *few.resolutions), rank, few.place)

    @cached_property
    def notes(self) -> Notes:
        """What the contract's later steps did to lines."""
        plain = self.plain
        return Notes.of(plain.notes(self.compiled, self.base, self.allowed), self.few.notes.renumbered(plain.others))

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
        return int(self.allowed.sum())

    @cached_property
    def charge_losses(self) -> Ints:
        """What the charge limit takes from each line, in cents; what other limits do is not in it."""
        return np.where(self.known, self.notes.taken(CHARGE_LIMIT, len(self.allowed)), 0)

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

    def __init__(
        self,
        claims: Claims | Prepared,
        references: References | None = None,
        evidence: Evidence = NO_EVIDENCE,
        threads: int = 1,
    ) -> None:
        self.evidence = evidence
        self.references = references or default_references()
        self.prepared = claims if isinstance(claims, Prepared) else prepare(claims, self.references.codes)
        self.resolver = Resolver()
        self.threads = threads
        self._fits: dict[object, Fitted] = {}
        self._plain: dict[object, Plain] = {}

    def with_limits(self, limits: PaymentLimits) -> Pricer:
        """Return a pricer of the same claims that looks drug prices up in other payment limits, of the same quarters.

        It shares what does not depend on prices.
        """
        other = copy(self)
        other.references = replace(self.references, limits=limits)
        other.resolver = Resolver()
        return other

    def price(self, contract: Contract, dating: Dating | None = None) -> Priced:
        """Return the claims priced under ``contract``.

        Raises `ContractError` when two terms fit a line equally well or a file that the contract names is not there.
        """
        stated = self._priced(contract, dating or Dating(), "stated")
        if not stated.fitted.recount.assumed:
            return stated
        low, high = (self._priced(contract, stated.dating, assume) for assume in ("low", "high"))
        return replace(stated, range=Range.of(low, high, stated.fitted.recount.assumed))

    def _priced(self, contract: Contract, dating: Dating, assume: Assume) -> Priced:
        compiled = self.compiled(contract, dating)
        return self.price_fitted(compiled, self.fitted(compiled, dating, assume), dating)

    def price_fitted(self, compiled: Compiled, fitted: Fitted, dating: Dating) -> Priced:
        """Return the lines of a fit priced under a contract worked out over time.

        With several threads, one works out the lines that rules tie together while the others go through the rest.
        """
        asked, plain = self.asked(compiled, fitted, dating)
        tied = partial(plain.few.worked, self.resolver, compiled, self.evidence)
        if self.threads == 1:
            return Priced.of(asked, plain, plain.price(asked.said), tied())
        with ThreadPoolExecutor(1) as beside:
            few = beside.submit(tied)
            return Priced.of(asked, plain, plain.price(asked.said, self.threads - 1), few.result())

    def asked(self, compiled: Compiled, fitted: Fitted, dating: Dating) -> tuple[Asked, Plain]:
        """Return what a contract says of each moment of a fit, and the lines that are priced by that alone."""
        resolutions = resolved(self.resolver, compiled, fitted)
        key = (id(fitted), settings(compiled), forms(resolutions))
        if key not in self._plain:
            while len(self._plain) >= _PLAIN_KEPT:
                del self._plain[next(iter(self._plain))]
            self._plain[key] = Plain.of(compiled, fitted, resolutions)
        plain = self._plain[key]
        said = plain.said(resolutions)
        return Asked(compiled, dating, resolutions, said, self.references, self.evidence), plain

    @cached_property
    def service_days(self) -> Span:
        """First to last day of service of the lines that can be priced; a blocked line's 9999-12-31 is no day."""
        readable = (self.prepared.first > 0) & ~self.prepared.blocked
        if not readable.any():
            source = self.prepared.claims.source
            raise InputError(
                "no line can be priced: each has a finding that blocks it",
                where=source,
                next_step=f'"hitmodel check {source}" lists them.',
            )
        return Span(to_day(self.prepared.first[readable].min()), to_day(self.prepared.last[readable].max()))

    def compiled(self, contract: Contract, dating: Dating) -> Compiled:
        """Return a contract worked out over the days of these claims, or over the one day as of which they are priced.

        Raises `InputError` for a contract that is not in force on that day, `ContractError` as `price` does.
        """
        days = self.service_days if dating.as_of is None else Span(dating.as_of, dating.as_of)
        fixed = dating.price_day(self.references)
        prices = self.service_days if fixed is None else Span(fixed, fixed)
        compiled = compile_contract(contract, self.references, days, prices)
        if dating.as_of is not None and compiled.periods[0].version is None:
            raise InputError(
                f"contract '{contract.name}' is not in force on {dating.as_of}",
                expected=f"a day within {contract.dates}",
            )
        return compiled

    def fitted(self, compiled: Compiled, dating: Dating, assume: Assume = "stated") -> Fitted:
        """Return the claims cut to a contract's structure; contracts of one structure share a fit."""
        key = (compiled.contract.name, compiled.structure, dating.as_of, assume)
        if key not in self._fits:
            codes = self.references.codes
            self._fits[key] = fit(self.prepared, compiled, codes, dating.as_of, self.evidence, assume)
        return self._fits[key]


def price(
    claims: Claims | str | Path,
    contract: Contract | str | Path,
    as_of: date | None = None,
    drug_prices: str = SERVICE_QUARTER,
    evidence: Evidence | str | Path | None = None,
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
    evidence : Evidence, path, or None
        What is on record beside the claims, or the folder of it; None takes the folder beside the claims file if there
        is one. It is looked at only where the contract says so.
    """
    read = claims if isinstance(claims, Claims) else read_claims(claims)
    terms = contract if isinstance(contract, Contract) else load_contract(contract)
    beside = claims if evidence is None and not isinstance(claims, Claims) else None
    return Pricer(read, evidence=evidence_of(evidence, beside)).price(terms, Dating(as_of, drug_prices))
