"""What claims would come to with a contract's terms moved: one point after another, exact, and fast enough to drag.

A setting says where each lever, the charge limit and the volumes stand. The levers are the contract's own
(`hitmodel.levers`); totals come from `hitmodel.curves`, which equal full pricing to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.changes import changes
from hitmodel.claims import Claims
from hitmodel.curves import Curves
from hitmodel.errors import InputError
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.labels import therapy_label
from hitmodel.levers import Lever as Lever
from hitmodel.levers import lever_named, levers, moved
from hitmodel.money import round_half_up
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.pricing import Dating, Pricer
from hitmodel.scenario import Bridge, BridgeStep, bridge
from hitmodel.selection import TermClash
from hitmodel.status import Status
from hitmodel.summary import DRUG_ROLES, therapy_of
from hitmodel.terms import Contract, Version

LIMITS = ("none", "line", "claim")
MOST_VOLUME = Decimal(5)
PER_DIEMS = "roles:per_diem"


@dataclass(frozen=True)
class Setting:
    """Where the controls stand; what is not named is as the contract writes it.

    ``values``: levers by name. ``limit``: the charge limit's level, "" as written. ``volumes``: times today's volume
    by therapy, such as 1.10 for 10 % more.
    """

    values: Mapping[str, Decimal] = field(default_factory=dict)
    limit: str = ""
    volumes: Mapping[str, Decimal] = field(default_factory=dict)

    def with_lever(self, lever: Lever, value: Decimal) -> Setting:
        """Return the setting with one lever moved, or back where the contract has it."""
        rest = {name: held for name, held in self.values.items() if name != lever.name}
        return replace(self, values=rest if value == lever.written else {**rest, lever.name: value})

    def with_volume(self, therapy: str, times: Decimal) -> Setting:
        """Return the setting with one therapy's volume changed; raise `InputError` outside 0 to `MOST_VOLUME`."""
        if not 0 <= times <= MOST_VOLUME:
            raise InputError(f"{times} is no volume", where=therapy, expected=f"times today's, 0 to {MOST_VOLUME}")
        rest = {name: held for name, held in self.volumes.items() if name != therapy}
        return replace(self, volumes=rest if times == 1 else {**rest, therapy: times})


@dataclass(frozen=True)
class Amounts:
    """One group of lines: today's contract on today's volume, the same on the setting's, and the setting [cents]."""

    key: str
    label: str
    today: int
    today_at_volume: int
    amount: int

    @property
    def difference(self) -> int:
        """The setting less today."""
        return self.amount - self.today

    @property
    def by_rates(self) -> int:
        """What of the difference the terms make, on the setting's volume."""
        return self.amount - self.today_at_volume

    @property
    def by_volume(self) -> int:
        """What of the difference the volume makes, at today's terms."""
        return self.today_at_volume - self.today


@dataclass(frozen=True)
class DrugSpread:
    """A drug's payment and cost over the lines whose cost is known [cents]."""

    code: str
    label: str
    today: int
    amount: int
    cost_today: int
    cost: int

    @property
    def spread(self) -> int:
        """Payment less cost under the setting."""
        return self.amount - self.cost

    @property
    def spread_today(self) -> int:
        """Payment less cost today."""
        return self.today - self.cost_today


@dataclass(frozen=True)
class LeftOut:
    """Lines in scope that one of the two contracts gives no amount, and their charges [cents]: in no total."""

    lines: int
    charge: int


@dataclass(frozen=True)
class Point:
    """What one setting comes to: in all, by therapy, by code, and drug by drug; and what is in none of these."""

    setting: Setting
    contract: Contract
    total: Amounts
    therapies: tuple[Amounts, ...]
    codes: tuple[Amounts, ...]
    drugs: tuple[DrugSpread, ...]
    left_out: LeftOut

    @property
    def below_cost(self) -> tuple[DrugSpread, ...]:
        """The drugs that the setting pays below cost, the largest loss first."""
        return tuple(sorted((d for d in self.drugs if d.spread < 0), key=lambda d: d.spread))


@dataclass(frozen=True)
class Groups:
    """How lines are grouped: the therapy and code of each group, and whether it is drug lines of known cost."""

    index: Ints
    therapies: tuple[str, ...]
    codes: tuple[str, ...]
    costed: tuple[bool, ...]

    def added(self, cents: Ints) -> Ints:
        """Return what lines come to by group; lines in no group are in no sum."""
        sums = np.zeros(len(self.codes), dtype=np.int64)
        there = self.index >= 0
        np.add.at(sums, self.index[there], cents[there])
        return sums


@dataclass(frozen=True)
class Book:
    """The lines that the baseline and the contract both price, under one level of the charge limit.

    ``today`` and ``costs`` are the baseline's allowed and the acquisition cost by group [cents].
    """

    groups: Groups
    curves: Curves
    today: Ints
    costs: Ints
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
        What is compared with, and whose terms move.
    dating : Dating or None
        As `hitmodel.pricing.Pricer.price` takes it; one for both.

    Raises
    ------
    ContractError, InputError
        As `Pricer.price`; for claims of which no line is priced by both.
    """

    def __init__(
        self,
        claims: Claims,
        baseline: Contract,
        contract: Contract,
        dating: Dating | None = None,
        evidence: Evidence = NO_EVIDENCE,
    ) -> None:
        self.baseline, self.contract, self.dating = baseline, contract, dating or Dating()
        self.pricer = Pricer(claims, evidence=evidence)
        self.priced = self.pricer.price(baseline, self.dating)
        self._books: dict[str, Book] = {}
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
        other = self.pricer.price(contract, self.dating)
        compared = self.priced.known & other.known
        if not compared.any():
            raise InputError(
                "no line of the claims is priced by both contracts",
                where=self.pricer.prepared.claims.source,
                next_step=f'"hitmodel price" says why lines of {" or ".join(self.baseline.payers)} are not priced.',
            )
        groups = grouped(self.pricer, compared)
        quantities = self.pricer.prepared.quantities
        waiting = ~compared & ~(self.priced.has(Status.OUT_OF_SCOPE) & other.has(Status.OUT_OF_SCOPE))
        charge = np.where(quantities.charge == UNKNOWN, 0, quantities.charge)
        return Book(
            groups,
            Curves(self.pricer, contract, self.dating, groups.index),
            groups.added(self.priced.allowed),
            groups.added(np.where(quantities.cost == UNKNOWN, 0, quantities.cost)),
            LeftOut(int(waiting.sum()), int(charge[waiting].sum())),
        )

    @property
    def levers(self) -> tuple[Lever, ...]:
        """What can be moved: all per diems at once, every clause at once, and every number that the contract writes."""
        own = levers(self.contract)
        many = [lever for lever in own if lever.is_change]
        return (lever_named(self.contract, PER_DIEMS), *many, *(lever for lever in own if not lever.is_change))

    @property
    def limit(self) -> str:
        """The level of the contract's charge limit."""
        return self.contract.latest.lesser_of.level

    @property
    def therapies(self) -> tuple[str, ...]:
        """The therapies of the compared lines, the largest today first."""
        book = self.book(Setting())
        sums = _by(book.groups.therapies, book.today)
        return tuple(sorted(sums, key=lambda name: (-sums[name], name)))

    def changed(self, setting: Setting) -> Contract:
        """Return the contract as a setting has it. Raises `InputError` for a value that it could not write."""
        contract = moved(self.contract, setting.values)
        return contract if setting.limit in ("", self.limit) else with_limit(contract, setting.limit)

    def point(self, setting: Setting) -> Point:
        """Return what a setting comes to."""
        contract, book = self.changed(setting), self.book(setting)
        groups, cents = book.groups, book.curves.totals(contract)
        at_volume, scaled, costs = (_at(setting, groups, sums) for sums in (book.today, cents, book.costs))
        columns = (book.today, at_volume, scaled)
        therapies = _amounts(groups.therapies, columns)
        codes = [self._code(code, held) for code, held in _amounts(groups.codes, columns).items()]
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

    def bridge(self, point: Point) -> Bridge:
        """Return the bridge from the baseline to a point's contract on today's volume, clause by clause.

        The same to the cent as `hitmodel.scenario.bridge`, from totals alone; patients are not counted.
        """
        before = self._in_force(self.baseline)
        book = self.book(point.setting)
        start, end = int(book.today.sum()), book.curves.total(point.contract)
        version, reached, steps = before, start, []
        try:
            for change in changes(before, self._in_force(point.contract)):
                version = change.apply(version)
                total = self._total(book, version)
                alone = self._total(book, change.apply(before)) - start
                steps.append(BridgeStep(change.label, change.cite, total - reached, alone))
                reached = total
        except TermClash:
            return bridge(self.pricer, self.priced, self.pricer.price(point.contract, self.dating), book.compared)
        if reached != end:
            steps.append(BridgeStep("other dates or versions", "", end - reached, end - reached))
        return Bridge(start, tuple(steps), end)

    def _total(self, book: Book, version: Version) -> int:
        """What the baseline comes to with another version in the place of the one in force [cents]."""
        before = self._in_force(self.baseline)
        versions = tuple(version if v is before else v for v in self.baseline.versions)
        return book.curves.total(self.baseline.model_copy(update={"versions": versions}))

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


def grouped(pricer: Pricer, compared: Bools) -> Groups:
    """Group the compared lines by therapy, code, and whether they are drug lines whose cost is known."""
    prepared = pricer.prepared
    keys = [(therapy_of(kind.role, kind.therapy_class), kind.code) for kind in prepared.kinds]
    drug = np.array([kind.role in DRUG_ROLES for kind in prepared.kinds], dtype=bool)
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    of_kind = np.array([place[key] for key in keys], dtype=np.int64)
    costed = drug[prepared.kind] & (prepared.quantities.cost != UNKNOWN)
    present, dense = np.unique((2 * of_kind[prepared.kind] + costed)[compared], return_inverse=True)
    index = np.full(prepared.count, -1, dtype=np.int64)
    index[compared] = dense
    named = list(place)
    found = [named[number // 2] for number in present.tolist()]
    flags = tuple(bool(number % 2) for number in present.tolist())
    return Groups(index, tuple(therapy for therapy, _ in found), tuple(code for _, code in found), flags)


def _at(setting: Setting, groups: Groups, sums: Ints) -> list[int]:
    """Return sums by group at the setting's volume, each group rounded to the cent."""
    if not setting.volumes:
        return [int(x) for x in sums]
    times = [Fraction(setting.volumes.get(therapy, 1)) for therapy in groups.therapies]
    return [int(round_half_up(int(x) * factor, 0)) for x, factor in zip(sums, times, strict=True)]


def _by(keys: tuple[str, ...], sums: Iterable[int]) -> dict[str, int]:
    """Add groups up by a key."""
    found: dict[str, int] = {}
    for key, cents in zip(keys, sums, strict=True):
        found[key] = found.get(key, 0) + int(cents)
    return found


def _amounts(keys: tuple[str, ...], columns: Sequence[Iterable[int]]) -> dict[str, tuple[int, int, int]]:
    today, at_volume, amount = (_by(keys, column) for column in columns)
    return {key: (today[key], at_volume[key], amount[key]) for key in today}


def with_limit(contract: Contract, level: str) -> Contract:
    """Return a contract with its charge limit at another level in every version; the rest of the clause stays."""
    if level not in LIMITS:
        raise InputError(f"'{level}' is no level of the charge limit", expected=", ".join(LIMITS))
    versions = tuple(
        v.model_copy(update={"lesser_of": v.lesser_of.model_copy(update={"level": level})}) for v in contract.versions
    )
    return contract.model_copy(update={"versions": versions})
