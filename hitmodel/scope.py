"""Which lines are a contract's at all: payer, product, dates; and what stands against a line whatever the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from hitmodel.codes import CodeTable
from hitmodel.compile import Compiled
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Bools, Ints, Prepared, to_day
from hitmodel.status import ORDER, Status
from hitmodel.terms import Contract, Version


@dataclass
class Standing:
    """Status and reason of each line while they are being found; the first mark stands."""

    status: Ints
    reason: Ints
    reasons: dict[str, int]

    @classmethod
    def open(cls, lines: int) -> Standing:
        """Return a standing in which nothing is said of any line."""
        return cls(np.full(lines, -1, dtype=np.int64), np.full(lines, -1, dtype=np.int64), {})

    def copy(self) -> Standing:
        """Return a standing of its own with the same marks."""
        return Standing(self.status.copy(), self.reason.copy(), dict(self.reasons))

    @property
    def free(self) -> Bools:
        """Lines of which nothing is said yet."""
        result: Bools = self.status == -1
        return result

    def mark(self, where: Bools | Ints | list[int], what: Status, text: str) -> None:
        """Mark lines (a mask, or their numbers) of which nothing is said yet."""
        lines = np.asarray(where)
        lines = np.flatnonzero(lines) if lines.dtype == bool else lines.astype(np.int64)
        lines = lines[self.status[lines] == -1]
        if len(lines):
            self.status[lines] = ORDER.index(what)
            self.reason[lines] = self.reasons.setdefault(text, len(self.reasons))

    def replace(self, where: Ints, what: Status, text: str) -> None:
        """Mark lines whatever was said of them."""
        self.status[where] = -1
        self.mark(where, what, text)


def scoped(prepared: Prepared, compiled: Compiled, period: Ints, as_of: date | None) -> Standing:
    """Return the lines that are not the contract's, then those against which something stands in any contract.

    ``period`` indexes the contract's periods for each line, by its first day, -1 where that cannot be read.
    """
    standing, contract = Standing.open(prepared.count), compiled.contract
    for line in np.flatnonzero(prepared.blocked).tolist():
        _scope_unread(standing, prepared, contract, line, as_of)
    for payer, (name, product) in enumerate(prepared.payers):
        if name and not contract.is_of(name):
            standing.mark(prepared.payer == payer, Status.OUT_OF_SCOPE, f"{name} is not a payer of {contract.name}")
        for number, there in enumerate(compiled.periods):
            for what, text in _against(contract, there.version, name, product):
                standing.mark((prepared.payer == payer) & (period == number), what, text)
    against = np.flatnonzero(prepared.reason >= 0)
    for reason, text in enumerate(prepared.reasons):
        found = against[prepared.reason[against] == reason]
        standing.mark(found, ORDER[prepared.status[found[0]]], text)
    return standing


def _against(contract: Contract, version: Version | None, payer: str, product: str) -> Iterator[tuple[Status, str]]:
    """Yield what stands against all lines of a payer and product on the days of one version of a contract."""
    if version is None:
        if payer:
            yield Status.CONTRACT_SILENT, not_in_force(contract)
        return
    header = version.contract
    if payer and not header.is_of(payer):
        yield Status.OUT_OF_SCOPE, f"{payer} is not a payer of {contract.name} on these dates"
    if header.products and product not in header.products:
        yield Status.OUT_OF_SCOPE, f"product {product or 'unknown'} is not of {contract.name}"


def _scope_unread(standing: Standing, prepared: Prepared, contract: Contract, line: int, as_of: date | None) -> None:
    """Mark a line that cannot be priced, by its own day: periods are worked out over the days of other lines."""
    name, product = prepared.payers[prepared.payer[line]]
    day = as_of or (to_day(prepared.first[line]) if prepared.first[line] > 0 else None)
    version = contract.on(day) if day else None
    if name and not (version.contract if version else contract).is_of(name):
        standing.mark([line], Status.OUT_OF_SCOPE, f"{name} is not a payer of {contract.name}")
    elif version and version.contract.products and product not in version.contract.products:
        standing.mark([line], Status.OUT_OF_SCOPE, f"product {product or 'unknown'} is not of {contract.name}")
    elif day and version is None:
        standing.mark([line], Status.CONTRACT_SILENT, not_in_force(contract))
    else:
        standing.mark([line], Status.NEEDS_REVIEW, prepared.reasons[prepared.reason[line]])


def not_in_force(contract: Contract) -> str:
    """Say on which days a contract is in force."""
    return (
        f"{contract.name} is not in force on the service date (in force: {contract.dates}; --as-of prices as on a day)"
    )


def with_named_patients(prepared: Prepared, compiled: Compiled) -> tuple[tuple[LineKind, ...], Ints]:
    """Return the kinds, where lines of patients whom the contract names have kinds of their own."""
    named = compiled.contract.named_patients
    if not named:
        return prepared.kinds, prepared.kind
    patients = prepared.claims.lines["patient_id"].to_numpy(dtype=object)
    kinds, kind = list(prepared.kinds), prepared.kind.copy()
    known: dict[LineKind, int] = {}
    for line in np.flatnonzero([p in named for p in patients]):
        own = replace(prepared.kinds[kind[line]], patient=str(patients[line]))
        if own not in known:
            known[own] = len(kinds)
            kinds.append(own)
        kind[line] = known[own]
    return tuple(kinds), kind


def carried(kinds: tuple[LineKind, ...], as_of: date, codes: CodeTable) -> tuple[tuple[LineKind, ...], dict[int, str]]:
    """Return kinds with ended codes carried to what stands for them on a day, and those that nothing stands for."""
    result, ended = [], {}
    for number, kind in enumerate(kinds):
        code, factor = codes.carried_to(kind.code, as_of)
        entry = codes.entry(code)
        if code != kind.code and entry is not None:
            kind = replace(kind, code=code, units_factor=factor, role=entry.role, family=entry.family)
            kind = replace(kind, therapy_class=entry.therapy_class)
        if entry is not None and not codes.is_known(code, as_of):
            ended[number] = f"{codes.why_unknown(code, as_of)}; nothing stands for it on {as_of}"
        result.append(kind)
    return tuple(result), ended
