"""Lines cut to a contract's shape: in or out of scope, and segments in which nothing changes.

A span is cut where the contract's rates change, where a drug price changes, where another therapy starts or stops
(when the contract ranks them itself) and where a line is paid within another. Rates take no part, so that a changed
rate needs no new fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from hitmodel.codes import CodeTable
from hitmodel.compile import Compiled, Period
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import DAY_ROLES, Bools, Ints, Prepared, day_number
from hitmodel.selection import matches
from hitmodel.status import ORDER, Status
from hitmodel.terms import Selector


@dataclass(frozen=True)
class Segments:
    """Pieces of lines. ``line``, ``kind``, ``period`` and ``price`` index the lines, kinds, periods and price dates.

    ``first`` and ``last`` are day numbers, both counted. ``run`` numbers the stretch of days that concurrent therapies
    of one patient share, -1 where the piece is alone; ``bundle`` is the rule under which it is paid within another,
    or -1.
    """

    line: Ints
    kind: Ints
    period: Ints
    price: Ints
    first: Ints
    last: Ints
    run: Ints
    bundle: Ints

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.line)


@dataclass(frozen=True)
class Fitted:
    """Claims fitted to a contract's structure. Line ``status`` and ``reason`` are as in `Prepared`, with scope
    added.
    """

    prepared: Prepared
    kinds: tuple[LineKind, ...]
    segments: Segments
    status: Ints
    reason: Ints
    reasons: tuple[str, ...]
    uneven: Bools


def fit(prepared: Prepared, compiled: Compiled, codes: CodeTable, as_of: date | None = None) -> Fitted:
    """Cut claims to a contract.

    Parameters
    ----------
    as_of : date or None
        Price every line by the terms of this day; ended codes are carried to their successors. None prices each day
        of a line by its own date.
    """
    status, reason, reasons = prepared.status.copy(), prepared.reason.copy(), list(prepared.reasons)

    def mark(where: Bools, what: Status, text: str) -> None:
        free = where & (status == -1)
        if free.any():
            status[free] = ORDER.index(what)
            reason[free] = _index(reasons, text)

    kinds, kind = _named_patients(prepared, compiled)
    if as_of is not None:
        kinds, ended = _carried(kinds, as_of, codes)
        for n, text in ended.items():
            mark(kind == n, Status.NEEDS_REVIEW, text)
    starts = np.array([day_number(p.span.first) for p in compiled.periods])
    period = np.searchsorted(starts, prepared.first, side="right") - 1 if as_of is None else np.zeros_like(kind)
    for n, there in enumerate(compiled.periods):
        for payer, (name, product) in enumerate(prepared.payers):
            status_text = _scope(there, name, product, compiled)
            if status_text is not None:
                mark((prepared.payer == payer) & (period == n), *status_text)
    live = np.flatnonzero(status == -1)
    cuts = _Cuts(prepared, compiled, kinds, kind, live, as_of)
    segments = cuts.segments(starts)
    days = prepared.last - prepared.first + 1
    uneven = np.abs(prepared.quantities.units) != days * 1000
    return Fitted(prepared, kinds, segments, status, reason, tuple(reasons), uneven)


def _index(texts: list[str], text: str) -> int:
    if text not in texts:
        texts.append(text)
    return texts.index(text)


def _scope(period: Period, payer: str, product: str, compiled: Compiled) -> tuple[Status, str] | None:
    contract = compiled.contract
    if period.version is None:
        if payer not in contract.payers:
            return Status.OUT_OF_SCOPE, f"{payer or 'no payer'} is not a payer of {contract.name}"
        dates = "; ".join(
            f"{v.contract.effective_from} to {v.contract.effective_through or 'open'}" for v in contract.versions
        )
        return Status.CONTRACT_SILENT, f"{contract.name} is not in force on the service date (in force: {dates})"
    header = period.version.contract
    if payer not in header.payers:
        return Status.OUT_OF_SCOPE, f"{payer or 'no payer'} is not a payer of {contract.name}"
    if header.products and product not in header.products:
        return Status.OUT_OF_SCOPE, f"product {product or 'unknown'} is not of {contract.name}"
    return None


def _named_patients(prepared: Prepared, compiled: Compiled) -> tuple[tuple[LineKind, ...], Ints]:
    """Give lines of patients whom the contract names kinds of their own."""
    named = {p for v in compiled.contract.versions for t in v.term for p in t.patients}
    if not named:
        return prepared.kinds, prepared.kind
    patients = prepared.claims.lines["patient_id"].to_numpy(dtype=object)
    kinds, kind = list(prepared.kinds), prepared.kind.copy()
    known: dict[LineKind, int] = {}
    for i in np.flatnonzero([p in named for p in patients]):
        own = replace(prepared.kinds[kind[i]], patient=str(patients[i]))
        if own not in known:
            known[own] = len(kinds)
            kinds.append(own)
        kind[i] = known[own]
    return tuple(kinds), kind


def _carried(kinds: tuple[LineKind, ...], as_of: date, codes: CodeTable) -> tuple[tuple[LineKind, ...], dict[int, str]]:
    """Carry ended codes to what stands for them on a day; name those that nothing stands for."""
    carried, ended = [], {}
    for n, kind in enumerate(kinds):
        code, factor = codes.carried_to(kind.code, as_of)
        entry = codes.entry(code)
        if code != kind.code and entry is not None:
            kind = replace(kind, code=code, units_factor=factor, role=entry.role, therapy_class=entry.therapy_class)
        if entry is not None and not codes.is_known(code, as_of):
            ended[n] = f"{codes.why_unknown(code, as_of)}; nothing stands for it on {as_of}"
        carried.append(kind)
    return tuple(carried), ended


class _Cuts:
    """Collects where lines are cut, then cuts them all at once."""

    def __init__(
        self,
        prepared: Prepared,
        compiled: Compiled,
        kinds: tuple[LineKind, ...],
        kind: Ints,
        live: Ints,
        as_of: date | None,
    ) -> None:
        self.prepared, self.compiled, self.kinds, self.kind = prepared, compiled, kinds, kind
        self.live, self.as_of = live, as_of
        by_day = np.array([k.role in DAY_ROLES for k in kinds], dtype=bool)
        self.by_day = by_day[kind] if len(kinds) else np.zeros(0, dtype=bool)
        self.points: dict[int, set[int]] = defaultdict(set)
        self.run: dict[tuple[int, int], int] = {}
        self.bundle: dict[tuple[int, int], int] = {}
        self._period_points()
        self._bundle_points()
        if any(p.version and p.version.concurrency.modifiers != "trust" for p in compiled.periods):
            self._concurrent_points()

    def _period_points(self) -> None:
        price = [day_number(d) for d in self.compiled.price_starts]
        term = [] if self.as_of else [day_number(p.span.first) for p in self.compiled.periods]
        edges = np.unique(np.array([*price, *term], dtype=np.int64))
        first, last = self.prepared.first[self.live], self.prepared.last[self.live]
        crossing = np.searchsorted(edges, first, side="right") != np.searchsorted(edges, last, side="right")
        for i in self.live[crossing & self.by_day[self.live]]:
            inside = edges[(edges > self.prepared.first[i]) & (edges <= self.prepared.last[i])]
            self.points[int(i)].update(int(d) for d in inside)

    def _selected(self, selector: Selector) -> Ints:
        fitting = np.array([matches(selector, k) for k in self.kinds], dtype=bool)
        chosen: Ints = self.live[fitting[self.kind[self.live]]]
        return chosen

    def _by_patient(self, lines: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for i in lines:
            if self.prepared.quantities.units[i] > 0:
                found[int(self.prepared.patient[i])].append(int(i))
        return found

    def _concurrent_points(self) -> None:
        """Cut lines wherever another therapy of the patient starts or stops, and number the stretches they share."""
        version = next(p.version for p in self.compiled.periods if p.version)
        first, last = self.prepared.first, self.prepared.last
        runs = 0
        for lines in self._by_patient(self._selected(version.concurrency.counts)).values():
            edges = sorted({d for i in lines for d in (int(first[i]), int(last[i]) + 1, *self.points.get(i, ()))})
            for start, after in pairwise(edges):
                there = [i for i in lines if first[i] <= start and last[i] >= after - 1]
                if len(there) < 2:
                    continue
                for i in there:
                    self.points[i].update(d for d in (start, after) if first[i] < d <= last[i])
                    self.run[(i, start)] = runs
                runs += 1

    def _bundle_points(self) -> None:
        """Cut lines into the days on which they are paid within another line of the patient, and the other days."""
        rules = [b for p in self.compiled.periods if p.version for b in p.version.bundle]
        self.rules = tuple(dict.fromkeys(rules))
        first, last = self.prepared.first, self.prepared.last
        for number, rule in enumerate(self.rules):
            into = self._by_patient(self._selected(rule.into))
            for i in self._selected(rule.lines):
                others = [j for j in into.get(int(self.prepared.patient[i]), []) if j != i]
                self._cover(int(i), [(int(first[j]), int(last[j])) for j in others], number)

    def _cover(self, line: int, spans: list[tuple[int, int]], rule: int) -> None:
        first, last = int(self.prepared.first[line]), int(self.prepared.last[line])
        for start, end in spans:
            if start > last or end < first:
                continue
            if not self.by_day[line]:
                self.bundle[(line, first)] = rule
                continue
            self.points[line].update(d for d in (start, end + 1) if first < d <= last)
            for day in range(max(start, first), min(end, last) + 1):
                self.bundle[(line, day)] = rule

    def segments(self, starts: Ints) -> Segments:
        """Return all segments, in order of line and day."""
        cut = np.array(sorted(self.points), dtype=np.int64)
        whole = self.live[~np.isin(self.live, cut)] if len(cut) else self.live
        line = [whole]
        first, last = [self.prepared.first[whole]], [self.prepared.last[whole]]
        for i in cut:
            begins = [int(self.prepared.first[i]), *sorted(self.points[int(i)])]
            ends = [b - 1 for b in begins[1:]] + [int(self.prepared.last[i])]
            line.append(np.full(len(begins), i))
            first.append(np.array(begins))
            last.append(np.array(ends))
        lines, firsts, lasts = np.concatenate(line), np.concatenate(first), np.concatenate(last)
        order = np.lexsort((firsts, lines))
        lines, firsts, lasts = lines[order], firsts[order], lasts[order]
        price_starts = np.array([day_number(d) for d in self.compiled.price_starts])
        return Segments(
            line=lines,
            kind=self.kind[lines],
            period=np.zeros_like(lines) if self.as_of else np.searchsorted(starts, firsts, side="right") - 1,
            price=np.maximum(np.searchsorted(price_starts, firsts, side="right") - 1, 0),
            first=firsts,
            last=lasts,
            run=_looked_up(self.run, lines, firsts),
            bundle=_looked_up(self.bundle, lines, firsts),
        )


def _looked_up(found: dict[tuple[int, int], int], lines: Ints, firsts: Ints) -> Ints:
    result = np.full(len(lines), -1, dtype=np.int64)
    if found:
        for n, key in enumerate(zip(lines.tolist(), firsts.tolist(), strict=True)):
            result[n] = found.get(key, -1)
    return result
