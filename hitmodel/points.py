"""Where the controls of a scenario stand, and what that comes to: a setting and its point, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hitmodel.levers import Lever
from hitmodel.terms import Contract
from hitmodel.volumes import checked_volume


@dataclass(frozen=True)
class Setting:
    """Where the controls stand; what is not named is as the contract writes it.

    ``values``: levers by name. ``limit``: the charge limit's level, "" as written. ``volumes``: times today's volume
    by therapy, such as 1.10 for 10 % more.
    """

    values: Mapping[str, Decimal] = field(default_factory=dict)
    limit: str = ""
    volumes: Mapping[str, Decimal] = field(default_factory=dict)

    def beside(self, name: str) -> Setting:
        """Return the setting with one lever, by name, as the contract writes it."""
        return replace(self, values={other: value for other, value in self.values.items() if other != name})

    def with_lever(self, lever: Lever, value: Decimal) -> Setting:
        """Return the setting with one lever moved, or back where the contract has it."""
        rest = self.beside(lever.name)
        return rest if value == lever.written else replace(rest, values={**rest.values, lever.name: value})

    def with_volume(self, therapy: str, times: Decimal) -> Setting:
        """Return the setting with one therapy's volume changed; raise `InputError` outside 0 to `MOST_VOLUME`."""
        checked_volume(times, therapy)
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
