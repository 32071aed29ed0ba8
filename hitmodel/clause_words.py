"""Clauses about time and drugs in the words that people use for them, for bridges and rate exhibits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hitmodel.dates import MONTHS, spoken
from hitmodel.drug_terms import DrugPrices, Sequestration
from hitmodel.mechanisms.base import Look
from hitmodel.mechanisms.drug import Drug
from hitmodel.money import as_decimal
from hitmodel.terms import Bound, Escalator, PhaseIn, Term

Told = dict[str, tuple[str, Decimal | None]]
"""What a clause pays by the name of each part: in words, and as a number where a change can be measured."""


def percent(share: Decimal | Fraction) -> str:
    """Return a share as a reader says it: 2.5 %."""
    return f"{as_decimal(Fraction(share) * 100, 4).normalize():f} %".replace("-", "−")


def dollars(rate: Decimal) -> str:
    """Return a rate with cents at least, and no more places than it has."""
    exponent = rate.as_tuple().exponent
    return f"{rate:,.2f}" if isinstance(exponent, int) and exponent > -2 else f"{rate:,}"


def escalator_words(rule: Escalator) -> str:
    """Say what a yearly increase is: "3 % from 1 January 2026", "CUUR0000SAM to September, 2 % to 4 %, from …"."""
    said = [_change(rule)]
    if rule.floor is not None or rule.cap is not None:
        said.append(_between(rule.floor, rule.cap))
    if rule.carry_over:
        said.append("the rest carried over")
    if rule.assumed is not None:
        said.append(f"{percent(rule.assumed)} assumed where not yet published")
    if not rule.compounding:
        said.append("not compounding")
    if rule.skip:
        said.append(f"not in {', '.join(map(str, rule.skip))}")
    until = f" until {spoken(rule.last)}" if rule.last else ""
    return f"{', '.join(said)}, from {spoken(rule.first)}{until}"


def _change(rule: Escalator) -> str:
    if rule.percent is not None:
        return percent(rule.percent)
    month = MONTHS[(rule.index_month or 1) - 1]
    share = f"{percent(rule.times)} of " if rule.times != 1 else ""
    more = f" plus {percent(rule.plus)}" if rule.plus else ""
    return f"{share}{rule.index} to {month}{more}"


def _between(floor: Decimal | None, cap: Decimal | None) -> str:
    if floor is not None and cap is not None:
        return f"{percent(floor)} to {percent(cap)}"
    return f"at most {percent(cap)}" if cap is not None else f"at least {percent(floor or Decimal(0))}"


def phase_words(rule: PhaseIn) -> str:
    """Say how rates are phased in: "from 95.00 in 3 yearly steps from 1 January 2026"."""
    start = (
        dollars(rule.from_rate) if rule.from_rate is not None else f"{percent(rule.from_factor or Decimal(1))} of it"
    )
    every = {12: "yearly", 6: "half-yearly", 3: "quarterly", 1: "monthly"}.get(rule.every_months)
    pace = f"{every} steps" if every else f"steps of {rule.every_months} months"
    return f"from {start} in {rule.steps} {pace} from {spoken(rule.first)}"


def price_day_words(rule: DrugPrices) -> str:
    """Say which published price is used: "of service", "before that of service", "of service, 45 days late"."""
    if rule.quarter is not None:
        said = str(rule.quarter)
    elif rule.quarter_lag < 0:
        said = f"{-rule.quarter_lag} ahead"
    else:
        lag = f"{rule.quarter_lag} " if rule.quarter_lag > 1 else ""
        said = f"{lag}before that of service" if rule.quarter_lag else "of service"
    said += _pace(rule.lag_days, rule.refresh)
    ndc = _pace(rule.ndc_lag_days, rule.ndc_refresh)
    return f"{said}; NDC prices{ndc.removeprefix(',')}" if ndc else said


def _pace(lag_days: int, refresh: tuple[str, ...]) -> str:
    late = f", {lag_days} days late" if lag_days else ""
    return f"{late}, loaded {', '.join(refresh)}" if refresh else late


def sequestration_words(rule: Sequestration) -> str:
    """Say what sequestration takes: "2 % of the plan's 80 %", "none"."""
    return f"{percent(rule.percent)} of the plan's {percent(1 - rule.member_share)}" if rule.percent else "none"


def drug_extras(term: Drug, look: Look) -> Told:
    """Return what a drug term says beside its price: the code it is priced as, fees, waste."""
    told: Told = {}
    if term.price_as:
        told["priced as"] = (term.price_as, None)
    if term.fee:
        fee = as_decimal(look.rate(term.fee, "fee")[0])
        told[f"fee, $ per {_called(term.fee_per)}"] = (dollars(fee), fee)
    if term.fee_share:
        told["fee, part of the whole"] = (percent(term.fee_share), term.fee_share)
    if term.fee_most is not None:
        most = as_decimal(look.rate(term.fee_most, "fee_most")[0])
        told["fee, at most $"] = (dollars(most), most)
    if term.waste == "not_paid":
        told["waste"] = ("not paid", None)
    elif term.waste_share is not None:
        told["waste"] = (f"up to {percent(term.waste_share)} of what is given", term.waste_share)
    if term.waste_modifiers == "required":
        told["JZ or a JW line"] = ("required", None)
    return told


def bound_words(term: Term, look: Look) -> Told:
    """Return the least and the most that a term pays, where it says so."""
    told: Told = {}
    for name in ("at_least", "at_most"):
        bound: Bound | None = getattr(term, name)
        if bound is not None:
            rate = as_decimal(look.rate(bound.amount, name)[0])
            told[f"{name.replace('_', ' ')}, $ per {_called(bound.per)}"] = (dollars(rate), rate)
    return told


def charge_limit_words(term: Any) -> str:
    """Say how a share of charges is held when charges rise, "" where it is not."""
    if term.charge_increase_limit is None:
        return ""
    return f", charges up {percent(term.charges_rose)} against {percent(term.charge_increase_limit)} allowed"


def _called(per: str) -> str:
    return per.replace("_", " ").replace("ndc", "NDC")
