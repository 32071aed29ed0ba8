"""Conventions of billing that differ by contract, and which of them are habits rather than published rules.

Every default that an order turns on and no contract settles comes out as an assumption, so that nobody takes a habit
for a rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hitmodel.perdiem import DayRules
from hitmodel.ranks import PrimaryBy


class Prefer(StrEnum):
    """Which per diem code when both a specific and a general one describe the therapy."""

    SPECIFIC = "specific"
    GENERAL = "general"


class ChangeDay(StrEnum):
    """Whose code the day takes on which one regimen replaces another."""

    NEW = "new"
    OLD = "old"


class BeyondLimit(StrEnum):
    """What becomes of a therapy whose dose interval is too long for a per diem."""

    FLAG = "flag"
    PER_DOSE = "per_dose"
    """The code of its class, one unit for each day with an infusion."""
    NOC_PER_DOSE = "noc_per_dose"
    """The not otherwise classified code, one unit for each day with an infusion."""


class UnitRounding(StrEnum):
    """What is rounded up to whole billing units of a drug."""

    ADMINISTRATION = "administration"
    DAY = "day"
    LINE = "line"


class NursingHours(StrEnum):
    """When an additional hour of a nursing visit counts."""

    MINUTES_31 = "31_minutes"
    ANY_PART = "any_part"
    WHOLE = "whole"


class SecondVisit(StrEnum):
    """How a second visit on the same day is coded."""

    AS_VISIT = "as_visit"
    AS_ADDED_HOURS = "as_added_hours"


class CatheterCare(StrEnum):
    """When catheter care is billed as a per diem of its own."""

    UNCOVERED_DAYS = "uncovered_days"
    """On days that no other therapy's per diem covers (Oregon Admin. R. 410-148-0300)."""
    HOLDS_ONLY = "holds_only"
    """Only while a therapy is on a documented hold of limited length (Blue Cross Blue Shield of Michigan)."""
    NEVER = "never"


@dataclass(frozen=True)
class BillingRules:
    """Conventions under which an order becomes claim lines.

    Parameters
    ----------
    days : DayRules
        How days are counted.
    days_of : tuple of (str, DayRules)
        Per diem codes whose days the contract counts otherwise.
    primary_by : PrimaryBy
        How the first of several concurrent therapies is chosen. Default ``highest_rate`` (habit); it needs rates.
    split_months : bool
        Whether a line ends with its month. Default True (deduced; at least one payer publishes it).
    split_at : tuple of date
        Further first days of new lines, such as those of new rates.
    prefer : Prefer
        Default ``specific``: most general descriptors forbid themselves beside the specific ones.
    interval_as : tuple of (int, int)
        Dose intervals that are coded as another [hours]: ``((48, 24),)``. Without an entry an interval longer than any
        descriptor's takes the longest (habit), and one that lies between two takes the general code (habit).
    change_day : ChangeDay
        Default ``new`` (habit).
    beyond_limit : BeyondLimit
        Default ``flag``: nothing is billed and the therapy is named, unless ``dose_codes`` has a code for it.
    dose_codes : frozenset of (str, str)
        Per diem codes that the contract pays by the dose or the visit, each with its place of service: one unit for
        each day with an infusion, whatever the interval.
    unranked_codes : frozenset of str
        Per diem codes that take no part in the ranking. Catheter care never does.
    distinct_modifier : str
        A modifier that a payer wants beside SH and SJ; default none.
    unit_rounding : UnitRounding
        Default ``administration``, CMS's rule.
    waste : bool
        Whether discarded drug is billed with JW, and its absence attested with JZ. Default True, Medicare's rule.
    standard_formula_inside : bool
        Whether standard parenteral formula lies inside the per diem. Default True, as the descriptors say.
    nursing_hours : NursingHours
        Default ``31_minutes`` (one payer's published rule).
    first_minutes : int
        How long the first unit of a visit lasts [minutes]; default 120, the code's two hours.
    second_visit : SecondVisit
        Default ``as_visit`` (habit).
    catheter_care : CatheterCare
        Default ``uncovered_days`` (one state's regulation).
    longest_hold : int
        Longest hold under ``holds_only`` [days].
    home_place, suite_place : str
        Place of service codes.
    settled : frozenset of str
        Names of fields, of this record or of ``days``, on which the contract agrees with the default in so many
        words. They are not listed as assumptions; nor is a field that is set to something else.
    """

    days: DayRules = field(default_factory=DayRules)
    days_of: tuple[tuple[str, DayRules], ...] = ()
    primary_by: PrimaryBy = PrimaryBy.HIGHEST_RATE
    split_months: bool = True
    split_at: tuple[date, ...] = ()
    prefer: Prefer = Prefer.SPECIFIC
    interval_as: tuple[tuple[int, int], ...] = ()
    change_day: ChangeDay = ChangeDay.NEW
    beyond_limit: BeyondLimit = BeyondLimit.FLAG
    dose_codes: frozenset[tuple[str, str]] = frozenset()
    unranked_codes: frozenset[str] = frozenset()
    distinct_modifier: str = ""
    unit_rounding: UnitRounding = UnitRounding.ADMINISTRATION
    waste: bool = True
    standard_formula_inside: bool = True
    nursing_hours: NursingHours = NursingHours.MINUTES_31
    first_minutes: int = 120
    second_visit: SecondVisit = SecondVisit.AS_VISIT
    catheter_care: CatheterCare = CatheterCare.UNCOVERED_DAYS
    longest_hold: int = 28
    home_place: str = "12"
    suite_place: str = "49"
    settled: frozenset[str] = frozenset()

    def days_for(self, code: str) -> DayRules:
        """Return how days of a therapy are counted that one per diem code describes."""
        return dict(self.days_of).get(code, self.days)


class Standing(StrEnum):
    """How well a convention is founded."""

    HABIT = "industry habit, no published rule found"
    DEDUCED = "deduced from a published rule"
    ONE_PAYER = "published by one payer or regulator"
    NOT_RECORDED = "not recorded"


@dataclass(frozen=True, order=True)
class Assumption:
    """A convention that lines rest on and no contract has settled.

    ``key`` is a steady name that lines refer to, ``setting`` the field of `BillingRules` that would change it ("" when
    the order would have to say more).
    """

    key: str
    text: str
    standing: Standing
    setting: str = ""


def _all(*found: tuple[str, str, Standing, str]) -> dict[str, Assumption]:
    return {key: Assumption(key, text, standing, setting) for key, text, standing, setting in found}


ASSUMPTIONS = _all(
    ("hold_days", "days of a temporary hold count, since access ends at permanent stop", Standing.DEDUCED, "hold_days"),
    ("inpatient_days", "full days in hospital are not billed", Standing.HABIT, "inpatient_days"),
    ("edges", "admission and discharge days are both billed", Standing.HABIT, "edges"),
    ("planned_doses", "doses were given as often as ordered", Standing.NOT_RECORDED, ""),
    (
        "long_interval",
        "an interval longer than any descriptor's takes the code of the longest",
        Standing.HABIT,
        "interval_as",
    ),
    (
        "unnamed_interval",
        "an interval between two descriptors' takes the general code",
        Standing.HABIT,
        "interval_as",
    ),
    ("pump_schedule", "a pump is coded by the dosing schedule that it delivers", Standing.HABIT, "prefer"),
    ("no_schedule", "a continuous infusion without a schedule takes the general code", Standing.HABIT, "prefer"),
    ("no_detail", "without volume or method the general code is taken", Standing.NOT_RECORDED, ""),
    ("up_to_one_litre", "less than one litre a day takes the one-litre code", Standing.DEDUCED, ""),
    ("route", "an infusion is meant where the order does not say", Standing.NOT_RECORDED, ""),
    ("method", "a dose interval means an intermittent infusion", Standing.NOT_RECORDED, ""),
    ("noc", "no specific code describes the therapy: not otherwise classified, usually by report", Standing.HABIT, ""),
    ("change_day", "the day of a change takes the new regimen's code", Standing.HABIT, "change_day"),
    (
        "concurrent",
        "therapies on the same calendar day are concurrent, whether or not their hours overlap",
        Standing.HABIT,
        "",
    ),
    ("primary_by", "the highest-paying therapy of a day is its primary", Standing.HABIT, "primary_by"),
    (
        "no_rates",
        "no rates were given, so the order's own sequence ranks the therapies",
        Standing.NOT_RECORDED,
        "primary_by",
    ),
    ("modifier_order", "concurrency modifiers stand before the others", Standing.HABIT, ""),
    ("split_months", "a line ends with its month", Standing.DEDUCED, "split_months"),
    ("suite_place", "the suite is an independent clinic, place of service 49", Standing.ONE_PAYER, "suite_place"),
    ("no_vials", "without vial sizes no waste is billed and none is attested", Standing.NOT_RECORDED, ""),
    ("waste", "discarded drug is billed with JW, none attested with JZ, as for Medicare", Standing.ONE_PAYER, "waste"),
    ("batch", "doses made together share their vials, and waste is what the batch leaves", Standing.DEDUCED, ""),
    ("unit_per_dose", "the descriptor names no amount: one unit for each administration", Standing.ONE_PAYER, ""),
    ("unit_rounding", "drug units are rounded up for each administration", Standing.ONE_PAYER, "unit_rounding"),
    (
        "nursing_hours",
        "an added nursing hour counts from its 31st minute; the visit's time is as recorded",
        Standing.ONE_PAYER,
        "nursing_hours",
    ),
    ("second_visit", "a second visit on one day is a visit of its own", Standing.HABIT, "second_visit"),
    (
        "catheter_care",
        "catheter care is billed on days that no other per diem covers",
        Standing.ONE_PAYER,
        "catheter_care",
    ),
    (
        "between_doses",
        "catheter care is billed between doses too far apart for a per diem, not on their days",
        Standing.HABIT,
        "catheter_care",
    ),
    ("kits", "a kit is one unit a day, also beside a per diem", Standing.ONE_PAYER, ""),
)


_DEFAULTS = BillingRules()


def assumptions_in(keys: frozenset[str], rules: BillingRules) -> tuple[Assumption, ...]:
    """Return the assumptions with these keys, sorted, but for those that the contract settles.

    A contract settles a convention by saying so in ``rules.settled`` or by setting it to something else than the
    default.
    """
    found = (ASSUMPTIONS[key] for key in sorted(keys))
    return tuple(a for a in found if not a.setting or _is_default(a.setting, rules))


def _is_default(setting: str, rules: BillingRules) -> bool:
    if setting in rules.settled:
        return False
    if hasattr(rules, setting):
        return bool(getattr(rules, setting) == getattr(_DEFAULTS, setting))
    return bool(getattr(rules.days, setting) == getattr(_DEFAULTS.days, setting))
