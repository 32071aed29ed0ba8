"""What claims would come to with a contract's terms moved: one point after another, exact, and fast enough to drag.

A setting says where each lever, the charge limit and the volumes stand. The levers are the contract's own
(`hitmodel.levers`); totals come from `hitmodel.curves`, which equal full pricing to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from hitmodel.along import Along
from hitmodel.changes import changes
from hitmodel.claims import Claims
from hitmodel.curves import Curves
from hitmodel.errors import InputError
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.exhibit import looks
from hitmodel.gone_on import gone_on
from hitmodel.labels import therapy_label
from hitmodel.levers import Lever, lever_named, levers, moved
from hitmodel.line_groups import Groups, at_volume, by_key, grouped, three_by_key
from hitmodel.negotiate import PER_DIEMS, BreakEven, break_even
from hitmodel.points import Amounts, DrugSpread, LeftOut, Point, Setting
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.pricing import Dating, Pricer
from hitmodel.scenario import Bridge, BridgeStep, bridge, priced_by_all
from hitmodel.selection import TermClash
from hitmodel.status import Status
from hitmodel.terms import Contract, Version

LIMITS = ("none", "line", "claim")


@dataclass(frozen=True)
class Book:
    """The lines that the baseline, the contract and the proposals beside it all price, under one charge limit level.

    ``today`` and ``costs`` are the baseline's allowed and the acquisition cost by group [cents], ``beside`` what each
    of the other proposals allows.
    """

    groups: Groups
    curves: Curves
    today: Ints
    costs: Ints
    beside: tuple[Ints, ...]
    left_out: LeftOut

    @property
    def compared(self) -> Bools:
        """Lines that both price."""
        result: Bools = self.groups.index >= 0
        return result


class WhatIf:
    """Claims under a baseline, and under any setting of the terms of one contract: the baseline itself or a proposal.

    Parameters
    ----------
    baseline, contract : Contract
        What is compared with, and whose terms move. A baseline that ends before ``dating`` is as on its last day.
    dating : Dating or None
        As `hitmodel.pricing.Pricer.price` takes it; one for all.
    beside : contracts
        Proposals to be seen beside the setting, as they are written.

    Raises
    ------
    ContractError, InputError
        As `Pricer.price`; for claims of which no line is priced by all of them.
    """

    def __init__(
        self,
        claims: Claims,
        baseline: Contract,
        contract: Contract,
        dating: Dating | None = None,
        evidence: Evidence = NO_EVIDENCE,
        beside: Sequence[Contract] = (),
    ) -> None:
        self.dating = dating or Dating()
        self.baseline, self.contract = gone_on(baseline, self.dating.as_of), contract
        self.pricer = Pricer(claims, evidence=evidence)
        self.priced = self.pricer.price(self.baseline, self.dating)
        self.beside = tuple(self.pricer.price(other, self.dating) for other in beside)
        self._books: dict[str, Book] = {}
        self._points_beside: dict[object, tuple[Point, ...]] = {}
        self._moving: Moving | None = None
        self._asked: Moving | None = None
        self.book(Setting())

    def book(self, setting: Setting) -> Book:
        """Return the lines that a setting is compared on: what a charge limit by claim leaves open is in no total.

        Rates never decide whether a line has an amount, so there is one book for each level of the charge limit.
        """
        level = setting.limit or self.limit
        if level not in self._books:
            self._books[level] = self._made(with_limit(self.contract, level))
        return self._books[level]

    def _made(self, contract: Contract) -> Book:
        sides = (self.priced, self.pricer.price(contract, self.dating), *self.beside)
        compared = priced_by_all(self.priced, sides[1:])
        groups = grouped(self.pricer, compared)
        quantities = self.pricer.prepared.quantities
        waiting = ~compared & ~np.logical_and.reduce([side.has(Status.OUT_OF_SCOPE) for side in sides])
        charge = np.where(quantities.charge == UNKNOWN, 0, quantities.charge)
        return Book(
            groups,
            Curves(self.pricer, contract, self.dating, groups.index),
            groups.added(self.priced.allowed),
            groups.added(np.where(quantities.cost == UNKNOWN, 0, quantities.cost)),
            tuple(groups.added(side.allowed) for side in self.beside),
            LeftOut(int(waiting.sum()), int(charge[waiting].sum())),
        )

    @property
    def levers(self) -> tuple[Lever, ...]:
        """What can be moved: all per diems at once, every clause at once, and every number that the contract writes."""
        own = levers(self.contract)
        many = [lever for lever in own if lever.is_change]
        return (lever_named(self.contract, PER_DIEMS), *many, *(lever for lever in own if not lever.is_change))

    @cached_property
    def paid_rates(self) -> Mapping[str, Fraction | None]:
        """What dollar levers, by name, pay where changes of rates stand on what is written; None for several amounts.

        Levers whose rate is paid as it is written are not in it.
        """
        period = self.pricer.compiled(self.contract, self.dating).periods[-1]
        of_term: dict[str, list[Lever]] = {}
        for lever in self.levers:
            if lever.is_dollars:
                of_term.setdefault(lever.name.split(".")[0], []).append(lever)
        found: dict[Lever, set[Fraction]] = {}
        for term, _, look in looks(period):
            for lever in of_term.get(term.id, ()):
                found.setdefault(lever, set()).add(look.rate(lever.written, lever.name.split(".")[1])[0])
        return {
            lever.name: next(iter(rates)) if len(rates) == 1 else None
            for lever, rates in found.items()
            if rates != {Fraction(lever.written)}
        }

    @property
    def limit(self) -> str:
        """The level of the contract's charge limit."""
        return self.contract.latest.lesser_of.level

    @property
    def therapies(self) -> tuple[str, ...]:
        """The therapies of the compared lines, the largest today first."""
        book = self.book(Setting())
        sums = by_key(book.groups.therapies, book.today)
        return tuple(sorted(sums, key=lambda name: (-sums[name], name)))

    def changed(self, setting: Setting) -> Contract:
        """Return the contract as a setting has it. Raises `InputError` for a value that it could not write."""
        contract = moved(self.contract, setting.values)
        return contract if setting.limit in ("", self.limit) else with_limit(contract, setting.limit)

    def point(self, setting: Setting) -> Point:
        """Return what a setting comes to."""
        contract = self.changed(setting)
        for name, value in setting.values.items():
            if self._moving is not None and self._moving.is_about(setting.beside(name), name):
                return self._point(setting, contract, self._moving.along.totals(value))
        return self._point(setting, contract, self.book(setting).curves.totals(contract))

    def make_ready(self, setting: Setting, by: str) -> bool:
        """Do a part of what has `point` answer sooner, and the same, while one lever moves and all else stays.

        A part takes as long as a slow answer. Returns whether a part is left to do. Raises `InputError` for a lever
        that the contract does not have.
        """
        held = setting.beside(by)
        if self._moving is None or not self._moving.is_about(held, by):
            self._moving = self._made_ready(held, by, at_once=False)
        return self._moving.along.find_out()

    def _made_ready(self, held: Setting, by: str, *, at_once: bool) -> Moving:
        along = Along(self.book(held).curves, self.changed(held), by, at_once=at_once)
        return Moving(replace(held, volumes={}), along)

    def points_beside(self, setting: Setting) -> tuple[Point, ...]:
        """Return what the proposals beside come to as they are written, on a setting's lines and volume."""
        at = replace(setting, values={})
        key = (at.limit, *sorted(at.volumes.items()))
        if key not in self._points_beside:
            sides = zip(self.beside, self.book(at).beside, strict=True)
            self._points_beside[key] = tuple(self._point(at, side.contract, cents) for side, cents in sides)
        return self._points_beside[key]

    def _point(self, setting: Setting, contract: Contract, cents: Ints) -> Point:
        book = self.book(setting)
        groups = book.groups
        other, scaled, costs = (at_volume(setting.volumes, groups, sums) for sums in (book.today, cents, book.costs))
        columns = (book.today.tolist(), other, scaled)
        therapies = three_by_key(groups.therapies, columns)
        codes = [self._code(code, held) for code, held in three_by_key(groups.codes, columns).items()]
        totals = tuple(sum(held[n] for held in therapies.values()) for n in range(3))
        return Point(
            setting,
            contract,
            Amounts("all", "All", *totals),
            tuple(Amounts(n, therapy_label(n), *therapies.get(n, (0, 0, 0))) for n in self.therapies),
            tuple(sorted(codes, key=lambda c: (-c.today, c.key))),
            self._drugs(book, scaled, costs),
            book.left_out,
        )

    def break_even(self, setting: Setting, by: str, mark: Point | None = None) -> BreakEven:
        """Return where a lever, by name, makes a setting pay what today's contract pays, or what a mark pays.

        All at the setting's volume; the answer takes the place of where the setting has the lever. Raises `InputError`
        for a lever that the contract does not have.
        """
        held = setting.beside(by)
        if self._asked is None or not self._asked.is_about(held, by):
            self._asked = self._made_ready(held, by, at_once=True)
        book = self.book(held)
        along = AtVolume(self._asked.along, held, book.groups)
        if mark is None:
            return break_even(along, sum(at_volume(held.volumes, book.groups, book.today)))
        return break_even(along, self.point(replace(mark.setting, volumes=held.volumes)).total.amount)

    def bridge(self, point: Point) -> Bridge:
        """Return the bridge from the baseline to a point: its volume first, then its contract clause by clause.

        On today's volume the same to the cent as `hitmodel.scenario.bridge`, from totals alone; patients are not
        counted.
        """
        before = self._in_force(self.baseline)
        start, end = point.total.today_at_volume, point.total.amount
        volume = point.total.by_volume
        steps = [BridgeStep("Volume", "", volume, volume)] if volume else []
        version, reached = before, start
        try:
            for change in changes(before, self._in_force(point.contract)):
                version = change.apply(version)
                total = self._total(point, version)
                alone = self._total(point, change.apply(before)) - start
                steps.append(BridgeStep(change.label, change.cite, total - reached, alone))
                reached = total
        except TermClash:
            full = self.pricer.price(point.contract, self.dating)
            return bridge(self.pricer, self.priced, full, self.book(point.setting).compared)
        if reached != end:
            steps.append(BridgeStep("other dates or versions", "", end - reached, end - reached))
        return Bridge(point.total.today, tuple(steps), end)

    def _total(self, point: Point, version: Version) -> int:
        """What the baseline comes to at a point's volume, with another version in the place of the one in force."""
        before, book = self._in_force(self.baseline), self.book(point.setting)
        versions = tuple(version if v is before else v for v in self.baseline.versions)
        sums = book.curves.totals(self.baseline.model_copy(update={"versions": versions}))
        return sum(at_volume(point.setting.volumes, book.groups, sums))

    def _in_force(self, contract: Contract) -> Version:
        day = self.dating.as_of or self.priced.compiled.periods[-1].span.last
        return contract.on(day) or contract.latest

    def _code(self, code: str, held: tuple[int, int, int]) -> Amounts:
        entry = self.pricer.references.codes.entry(code)
        return Amounts(code, entry.label if entry else "not classified", *held)

    def _drugs(self, book: Book, scaled: Sequence[int], costs: Sequence[int]) -> tuple[DrugSpread, ...]:
        """Return the drugs with a line whose cost is known, the largest payment today first."""
        found = []
        for number, code in enumerate(book.groups.codes):
            if book.groups.costed[number]:
                label = self._code(code, (0, 0, 0)).label
                held = (int(book.today[number]), scaled[number], int(book.costs[number]), costs[number])
                found.append(DrugSpread(code, label, *held))
        return tuple(sorted(found, key=lambda drug: (-drug.today, drug.code)))


@dataclass(frozen=True)
class Moving:
    """One lever made ready to move from where a setting has all others; volumes do not matter to it."""

    held: Setting
    along: Along

    def is_about(self, held: Setting, name: str) -> bool:
        """Whether this is about a lever, by name, with all else as ``held`` has it."""
        return self.along.lever.name == name and (self.held.values, self.held.limit) == (held.values, held.limit)


@dataclass(frozen=True)
class AtVolume:
    """The total of a setting's volume as one lever moves."""

    along: Along
    setting: Setting
    groups: Groups

    @property
    def lever(self) -> Lever:
        """The lever that moves."""
        return self.along.lever

    def total(self, value: Decimal) -> int:
        """Return the total [cents] with the lever at ``value``; raise `InputError` where it cannot stand there."""
        return sum(at_volume(self.setting.volumes, self.groups, self.along.totals(value)))


def with_limit(contract: Contract, level: str) -> Contract:
    """Return a contract with its charge limit at another level in every version; the rest of the clause stays."""
    if level not in LIMITS:
        raise InputError(f"'{level}' is no level of the charge limit", expected=", ".join(LIMITS))
    versions = tuple(
        v.model_copy(update={"lesser_of": v.lesser_of.model_copy(update={"level": level})}) for v in contract.versions
    )
    return contract.model_copy(update={"versions": versions})
