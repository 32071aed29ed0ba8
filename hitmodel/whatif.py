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
from hitmodel.prepare import UNKNOWN, Ints
from hitmodel.pricing import Dating, Pricer
from hitmodel.scenario import Bridge, BridgeStep, bridge
from hitmodel.selection import TermClash
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
class Point:
    """What one setting comes to: in all, by therapy, by code, and drug by drug."""

    setting: Setting
    contract: Contract
    total: Amounts
    therapies: tuple[Amounts, ...]
    codes: tuple[Amounts, ...]
    drugs: tuple[DrugSpread, ...]

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


class WhatIf:
    """Claims under a baseline, and under any setting of the terms of one contract: the baseline itself or a proposal.

    Parameters
    ----------
    baseline, contract : Contract
        What is compared with, and whose terms move.
    as_of, drug_prices
        As `hitmodel.pricing.Dating`.

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
        written = self.pricer.price(contract, self.dating)
        self.compared = self.priced.known & written.known
        if not self.compared.any():
            raise InputError(
                "no line of the claims is priced by both contracts",
                where=claims.source,
                next_step=f'"hitmodel price" says why lines of {" or ".join(baseline.payers)} are not priced.',
            )
        self.groups = self._grouped()
        self.curves = Curves(self.pricer, contract, self.dating, self.groups.index)
        self.today = self._added(self.priced.allowed)
        cost = self.pricer.prepared.quantities.cost
        self.costs = self._added(np.where(cost == UNKNOWN, 0, cost))

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
        sums = self._by(self.groups.therapies, self.today)
        return tuple(sorted(sums, key=lambda name: (-sums[name], name)))

    def changed(self, setting: Setting) -> Contract:
        """Return the contract as a setting has it. Raises `InputError` for a value that it could not write."""
        contract = moved(self.contract, setting.values)
        return contract if setting.limit in ("", self.limit) else with_limit(contract, setting.limit)

    def point(self, setting: Setting) -> Point:
        """Return what a setting comes to."""
        contract = self.changed(setting)
        cents = self.curves.totals(contract)
        at_volume, scaled, costs = (self._at(setting, sums) for sums in (self.today, cents, self.costs))
        therapies = self._amounts(self.groups.therapies, (self.today, at_volume, scaled))
        found = {name: Amounts(name, therapy_label(name), *held) for name, held in therapies.items()}
        codes = self._amounts(self.groups.codes, (self.today, at_volume, scaled))
        totals = tuple(sum(held[n] for held in therapies.values()) for n in range(3))
        return Point(
            setting,
            contract,
            Amounts("all", "All", *totals),
            tuple(found[name] for name in self.therapies),
            tuple(
                self._code(code, held) for code, held in sorted(codes.items(), key=lambda item: (-item[1][0], item[0]))
            ),
            self._drugs(scaled, costs),
        )

    def bridge(self, point: Point) -> Bridge:
        """Return the bridge from the baseline to a point's contract on today's volume, clause by clause.

        The same to the cent as `hitmodel.scenario.bridge`, from totals alone; patients are not counted.
        """
        before = self._in_force(self.baseline)
        start, end = int(self.today.sum()), int(self.curves.totals(point.contract).sum())
        version, reached, steps = before, start, []
        try:
            for change in changes(before, self._in_force(point.contract)):
                version = change.apply(version)
                total = self._total(version)
                steps.append(
                    BridgeStep(change.label, change.cite, total - reached, self._total(change.apply(before)) - start)
                )
                reached = total
        except TermClash:
            return bridge(self.pricer, self.priced, self.pricer.price(point.contract, self.dating), self.compared)
        if reached != end:
            steps.append(BridgeStep("other dates or versions", "", end - reached, end - reached))
        return Bridge(start, tuple(steps), end)

    def _total(self, version: Version) -> int:
        """What the baseline comes to with another version in the place of the one in force [cents]."""
        before = self._in_force(self.baseline)
        versions = tuple(version if v is before else v for v in self.baseline.versions)
        return self.curves.total(self.baseline.model_copy(update={"versions": versions}))

    def _in_force(self, contract: Contract) -> Version:
        day = self.dating.as_of or self.priced.compiled.periods[-1].span.last
        return contract.on(day) or contract.latest

    def _grouped(self) -> Groups:
        """Group lines by therapy, code, and whether they are drug lines whose cost is known."""
        prepared = self.pricer.prepared
        keys = [(therapy_of(kind.role, kind.therapy_class), kind.code) for kind in prepared.kinds]
        drug = np.array([kind.role in DRUG_ROLES for kind in prepared.kinds], dtype=bool)
        place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        of_kind = np.array([place[key] for key in keys], dtype=np.int64)
        costed = drug[prepared.kind] & (prepared.quantities.cost != UNKNOWN)
        number = 2 * of_kind[prepared.kind] + costed
        present, dense = np.unique(number[self.compared], return_inverse=True)
        index = np.full(prepared.count, -1, dtype=np.int64)
        index[self.compared] = dense
        named = list(place)
        found = [named[n // 2] for n in present.tolist()]
        flags = tuple(bool(n % 2) for n in present.tolist())
        return Groups(index, tuple(therapy for therapy, _ in found), tuple(code for _, code in found), flags)

    def _added(self, cents: Ints) -> Ints:
        sums = np.zeros(len(self.groups.codes), dtype=np.int64)
        there = self.groups.index >= 0
        np.add.at(sums, self.groups.index[there], cents[there])
        return sums

    def _at(self, setting: Setting, sums: Ints) -> list[int]:
        """Return sums by group at the setting's volume, each group rounded to the cent."""
        if not setting.volumes:
            return [int(x) for x in sums]
        times = [Fraction(setting.volumes.get(therapy, 1)) for therapy in self.groups.therapies]
        return [int(round_half_up(int(x) * factor, 0)) for x, factor in zip(sums, times, strict=True)]

    def _by(self, keys: tuple[str, ...], sums: Iterable[int]) -> dict[str, int]:
        """Add groups up by a key."""
        found: dict[str, int] = {}
        for key, cents in zip(keys, sums, strict=True):
            found[key] = found.get(key, 0) + int(cents)
        return found

    def _amounts(self, keys: tuple[str, ...], columns: Sequence[Iterable[int]]) -> dict[str, tuple[int, int, int]]:
        today, at_volume, amount = (self._by(keys, column) for column in columns)
        return {key: (today[key], at_volume[key], amount[key]) for key in today}

    def _code(self, code: str, held: tuple[int, int, int]) -> Amounts:
        entry = self.pricer.references.codes.entry(code)
        return Amounts(code, entry.label if entry else "not classified", *held)

    def _drugs(self, scaled: Sequence[int], costs: Sequence[int]) -> tuple[DrugSpread, ...]:
        """Return the drugs with a line whose cost is known, the largest payment today first."""
        today, cost_today = self.today, self.costs
        found = []
        for number, code in enumerate(self.groups.codes):
            if self.groups.costed[number]:
                label = self._code(code, (0, 0, 0)).label
                held = (int(today[number]), scaled[number], int(cost_today[number]), costs[number])
                found.append(DrugSpread(code, label, *held))
        return tuple(sorted(found, key=lambda drug: (-drug.today, drug.code)))


def with_limit(contract: Contract, level: str) -> Contract:
    """Return a contract with its charge limit at another level in every version; the rest of the clause stays."""
    if level not in LIMITS:
        raise InputError(f"'{level}' is no level of the charge limit", expected=", ".join(LIMITS))
    versions = tuple(
        v.model_copy(update={"lesser_of": v.lesser_of.model_copy(update={"level": level})}) for v in contract.versions
    )
    return contract.model_copy(update={"versions": versions})
