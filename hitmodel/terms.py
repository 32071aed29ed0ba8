"""The words of a contract: what its file may say, as immutable validated records.

A contract is data. Every record here refuses a key it does not know; codes stay text; money is `Decimal`; a
``share`` is a fraction of 0 to 1; spans of dates count both ends. The payment methods are not here: each is one
file in `hitmodel.mechanisms`, which adds its own fields to `Term`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from hitmodel.agreement_terms import Agreement as Agreement
from hitmodel.drug_terms import DrugPrices as DrugPrices
from hitmodel.drug_terms import Sequestration as Sequestration
from hitmodel.evidence_terms import Days, DaysClauses, PaidOnly, VisitTime
from hitmodel.group_terms import Allowance, Episode, Exclusive, Limit, Order
from hitmodel.placeholders import Placeholder
from hitmodel.time_terms import Escalator as Escalator
from hitmodel.time_terms import PhaseIn as PhaseIn
from hitmodel.vocabulary import (
    Change as Change,
)
from hitmodel.vocabulary import (
    Dated as Dated,
)
from hitmodel.vocabulary import (
    DaySelector as DaySelector,
)
from hitmodel.vocabulary import (
    Decimals as Decimals,
)
from hitmodel.vocabulary import (
    Dollars as Dollars,
)
from hitmodel.vocabulary import (
    Exact as Exact,
)
from hitmodel.vocabulary import (
    Multiplier as Multiplier,
)
from hitmodel.vocabulary import (
    NamedQuarter as NamedQuarter,
)
from hitmodel.vocabulary import (
    Names as Names,
)
from hitmodel.vocabulary import (
    Rate as Rate,
)
from hitmodel.vocabulary import (
    Record as Record,
)
from hitmodel.vocabulary import (
    Selector as Selector,
)
from hitmodel.vocabulary import (
    Share as Share,
)
from hitmodel.vocabulary import (
    payer_key,
)


class Bound(Record):
    """So many dollars for each ``per`` of a line: its HCPCS or NDC units, its days, the line, or a dispense."""

    amount: Rate
    per: Literal["unit", "ndc_unit", "day", "line", "dispense"]


class Term(DaySelector, Dated):
    """One clause that sets a price. Each mechanism adds its own fields.

    ``unlisted`` is the rule for codes that no other term reaches, ``default`` what holds where there is no such rule.
    ``clause`` groups terms that are changed together, for the bridge. ``lesser_of = false`` takes the term out of the
    contract's charge limit. ``shares`` replaces the contract's shares for concurrent therapies. ``counted_in`` names
    the episode in which a mechanism that counts (a case rate, a first visit) counts. ``at_least`` and ``at_most`` hold
    the price of a line between bounds, before factors, shares and the charge limit. A line that
    lacks what the term ``requires`` needs review.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="a name in lower case: letters, digits and _")
    mechanism: str
    cite: str = ""
    clause: str = ""
    note: str = ""
    requires: tuple[Literal["ndc", "ndc_quantity", "cost"], ...] = ()
    counted_in: str = ""
    at_least: Bound | None = None
    at_most: Bound | None = None
    unlisted: bool = False
    default: bool = False
    lesser_of: bool = True
    shares: tuple[Share, ...] = ()

    @model_validator(mode="after")
    def _says_which_lines(self) -> Self:
        chosen = self.patients + self.ndcs + self.codes + self.families + self.classes + self.roles
        if not chosen and not self.unlisted and not self.default:
            raise ValueError(
                "the term does not say which lines it prices: codes, families, classes, roles, ndcs, patients, "
                "or unlisted = true, or default = true"
            )
        if self.unlisted and self.default:
            raise ValueError("unlisted and default are two rules: write two terms")
        return self

    @property
    def schedules_named(self) -> tuple[str, ...]:
        """The ids of the schedules that this term prices from; none for most."""
        return ()

    def price_dates(self, look: Any) -> frozenset[date]:
        """Return the days on which this term's reference prices change; none for terms that name their rates."""
        del look
        return frozenset()


class Header(Dated):
    """The ``[contract]`` table: whose contract, when, and where it is written down."""

    title: str = ""
    payers: Names = Field(min_length=1)
    products: Names = ()
    extends: str = ""
    source: str = ""
    note: str = ""
    effective_from: date

    def is_of(self, payer: str) -> bool:
        """Say whether a payer is named; see `payer_key`."""
        return payer_key(payer) in map(payer_key, self.payers)


class Rounding(Record):
    """Where money is rounded half-up. ``unit_rate`` rounds each rate before it is multiplied."""

    place: Literal["line", "segment", "day"] = "line"
    unit_rate: Decimals | None = None


class LesserOf(Record):
    """The charge limit: allowed is the lesser of the contract's amount and ``percent`` of the charge.

    ``level = "claim"`` compares whole claims. Lines that the exclusions name are not limited; under a claim level
    their charges leave the comparison too unless ``excluded_charges = "stay"``.
    """

    level: Literal["none", "line", "claim"] = "none"
    percent: Multiplier = Decimal(1)
    exclude: Selector = Selector()
    excluded_charges: Literal["leave", "stay"] = "leave"
    cite: str = ""


class Concurrency(Record):
    """Several therapies on one day.

    ``shares`` are fractions of the rate by rank, the last repeats. ``modifiers`` says what a claim's SH and SJ are
    worth: ``trust`` takes the rank from them (none first, SH second, SJ third), ``rerank`` ranks each day by
    ``primary_by``, ``refuse`` prices no line whose modifiers disagree with the rank that ``primary_by`` gives.
    ``within = "class"`` ranks only therapies of one class among themselves: two antibiotics, but not an antibiotic
    beside nutrition.
    """

    primary_by: Literal["as_modified", "highest_rate", "first_billed", "first_started"] = "as_modified"
    modifiers: Literal["trust", "rerank", "refuse"] = "trust"
    shares: tuple[Share, ...] = (Decimal(1),)
    within: Literal["patient", "class"] = "patient"
    counts: Selector = Selector(roles=("per_diem",))
    exempt: Selector | None = None
    cite: str = ""

    @model_validator(mode="after")
    def _has_a_way_to_rank(self) -> Self:
        if not self.shares:
            raise ValueError("shares must hold at least the first therapy's share")
        if self.modifiers != "trust" and self.primary_by == "as_modified":
            raise ValueError(
                f'modifiers = "{self.modifiers}" needs primary_by: highest_rate, first_billed or first_started'
            )
        return self


class Schedule(Record):
    """A rate schedule kept as a CSV file: columns ``code``, ``rate``, and if wanted ``modifier``, ``from``,
    ``through``. It lies beside the contract file that names it; ``path`` and ``checksum`` are found on loading.
    """

    id: str
    file: str
    title: str = ""
    cite: str = ""
    path: str = ""
    checksum: str = ""


class RateChange(Record):
    """One change to many rates at once, as proposals are spoken: "per diems up 4 percent".

    It touches the terms in ``terms``, or the lines in ``applies_to``, or without either every dollar rate.
    """

    id: str
    factor: Multiplier
    decimals: Decimals = 2
    terms: Names = ()
    applies_to: Selector = Selector()
    clause: str = ""
    cite: str = ""


class Adjustment(DaySelector):
    """A factor on the base amount of the lines it selects: a suite share, an LPN share, a product multiplier; with
    ``alone`` a share for a visit without a per diem of the day.
    """

    id: str
    factor: Multiplier
    clause: str = ""
    cite: str = ""


class Bundle(Record):
    """Lines paid within others: ``lines`` pay nothing on days on which the same patient has any of ``into``.

    ``exclude`` names lines that are paid all the same. ``same_class``: only lines of its own therapy class hold a line.
    ``by = "descriptor"``: the lines that hold a line are those that its code's descriptor forbids beside it.
    ``unless_cost_per_day_above``: a line whose acquisition cost ÷ days is above so many dollars is paid apart.
    """

    id: str
    lines: Selector = Selector()
    into: Selector = Selector()
    exclude: Selector | None = None
    by: Literal["lines", "descriptor"] = "lines"
    same_class: bool = False
    unless_cost_per_day_above: Dollars | None = None
    clause: str = ""
    cite: str = ""

    @model_validator(mode="after")
    def _names_both_sides(self) -> Self:
        if self.by == "lines" and not {"lines", "into"} <= self.model_fields_set:
            raise ValueError('lines and into must both be given, unless by = "descriptor"')
        return self


class Version(Record):
    """One dated version of a contract, complete: what its file and the files it extends say together.

    ``written`` names what its own file writes, as (table, id), in the file's order; ``placeholders`` are the places
    that a draft leaves open.
    """

    contract: Header
    rounding: Rounding = Rounding()
    lesser_of: LesserOf = LesserOf()
    concurrency: Concurrency = Concurrency()
    drug_prices: DrugPrices = DrugPrices()
    sequestration: Sequestration = Sequestration()
    days: DaysClauses = Days()
    nursing: VisitTime = VisitTime()
    schedule: tuple[Schedule, ...] = ()
    escalator: tuple[Escalator, ...] = ()
    phase_in: tuple[PhaseIn, ...] = ()
    rate_change: tuple[RateChange, ...] = ()
    adjustment: tuple[Adjustment, ...] = ()
    bundle: tuple[Bundle, ...] = ()
    exclusive: tuple[Exclusive, ...] = ()
    paid_only: tuple[PaidOnly, ...] = ()
    episode: tuple[Episode, ...] = ()
    allowance: tuple[Allowance, ...] = ()
    limit: tuple[Limit, ...] = ()
    order: Order = Order()
    agreement: Agreement = Agreement()
    term: tuple[Term, ...] = ()
    file: str = ""
    written: tuple[tuple[str, str], ...] = ()
    placeholders: tuple[Placeholder, ...] = ()

    @property
    def named_patients(self) -> frozenset[str]:
        """Patients whom any clause names: a term, or the lines that any other rule is about."""
        return frozenset(_patients_in(self))

    def in_force(self, day: date) -> bool:
        """Say whether this version governs ``day``."""
        return self.contract.in_force(day)

    def named(self, term_id: str) -> Term | None:
        """Return the term with this id, or None."""
        return next((t for t in self.term if t.id == term_id), None)


def _patients_in(record: Record) -> Iterator[str]:
    for name, value in vars(record).items():
        if name == "patients":
            yield from value
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Record):
                yield from _patients_in(part)


class Contract(Record):
    """A contract: a name and its dated versions, in order, without gap or overlap."""

    name: str
    versions: tuple[Version, ...] = Field(min_length=1)
    files: tuple[str, ...] = ()

    def on(self, day: date) -> Version | None:
        """Return the version in force on ``day``, or None."""
        return next((v for v in self.versions if v.in_force(day)), None)

    @property
    def named_patients(self) -> frozenset[str]:
        """Patients whom any clause of any version names."""
        return frozenset().union(*(v.named_patients for v in self.versions))

    @property
    def latest(self) -> Version:
        """The version with the last dates."""
        return self.versions[-1]

    @property
    def dates(self) -> str:
        """The days that each version is in force, in words, such as 2025-01-01 to 2025-12-31; 2026-01-01 onwards."""
        spans = ((v.contract.effective_from, v.contract.effective_through) for v in self.versions)
        return "; ".join(f"{first} to {last}" if last else f"{first} onwards" for first, last in spans)

    @property
    def title(self) -> str:
        """What people call it: the latest version's title, else its name."""
        return self.latest.contract.title or self.name

    @property
    def payers(self) -> tuple[str, ...]:
        """Every payer named by any version, in order of first mention."""
        return tuple(dict.fromkeys(p for v in self.versions for p in v.contract.payers))

    def is_of(self, payer: str) -> bool:
        """Say whether any version names a payer; see `payer_key`."""
        return any(v.contract.is_of(payer) for v in self.versions)
