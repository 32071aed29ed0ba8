"""Drugs by reference price: where a price comes from, fees on top of it, waste."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

from hitmodel.prices import NdcPriceTable, PaymentLimit, payment_limits
from oracle.contract_file import CannotPrice, ScheduleRow, Table
from oracle.lines import Line
from oracle.moments import Answer, Moment
from oracle.money import half_up
from oracle.rates import rate_on, rounded_rate
from oracle.worth import Least, Rate, Together, Worth, quantities, scaled

FEE_PER = {"line": "case", "dispense": "dispensed", "day": "service_day", "unit": "unit", "ndc_unit": "ndc_unit"}


def drug(line: Line, term: Table, at: Moment) -> Answer:
    """The first source that has a price, or the least of those that have; then waste and fee."""
    waste = "JW" in line.modifiers
    if waste and term.get("waste") == "not_paid":
        return Answer(status="not_covered")
    found: list[Rate] = []
    for source in [*term["chain"], *term.get("fallback", [])]:
        if found and (term.get("choose", "first") == "first" or source not in term["chain"]):
            break
        if _is_not_held(line, term, source, at):
            return Answer(status="contract_silent")
        rate = _source(line, term, source, at)
        found += [] if rate is None else [rate]
    if not found:
        return Answer(status="contract_silent")
    price: Worth = found[0] if term.get("choose", "first") == "first" or len(found) == 1 else Least(tuple(found))
    if waste:
        return _waste(price, term)
    if term.get("waste_modifiers") == "required" and "JZ" not in line.modifiers:
        price = Together((price, Rate(Fraction(0), "beside")))
    if term.get("fee") or term.get("fee_share"):
        price = _with_fee(price, line, term, at)
    return Answer(worth=price)


def _is_not_held(line: Line, term: Table, source: Table, at: Moment) -> bool:
    """A drug that Medicare prices in some quarter, asked for one that our tables do not hold."""
    if source["of"] not in ("payment_limit", "raw_asp"):
        return False
    asked = {term.get("price_as") or line.code, line.billed_code}
    limits = payment_limits()
    held = {str(quarter) for quarter in limits.quarters}
    return _quarter(at) not in held and bool(asked & set(limits.codes))


def _waste(price: Worth, term: Table) -> Answer:
    """Waste is held to a share of the units given on the other lines of the day."""
    if "waste_share" not in term:
        return Answer(worth=price)
    if quantities(price) != {"units"}:
        return Answer(status="needs_review")
    return Answer(worth=Least((price, scaled(price, Fraction(term["waste_share"]), "beside"))))


def _with_fee(price: Worth, line: Line, term: Table, at: Moment) -> Worth:
    """The whole is (price + fee) ÷ (1 − share); the fee part of it at most ``fee_most``."""
    share = Fraction(term.get("fee_share", 0))
    fixed = rate_on(at.version, term, term.get("fee", 0), line, at.day, "fee")
    fee: Worth = Rate(fixed / (1 - share), FEE_PER[term.get("fee_per", "line")])
    if share:
        fee = Together((fee, scaled(price, share / (1 - share))))
    if "fee_most" in term:
        fee = Least((fee, Rate(rate_on(at.version, term, term["fee_most"], line, at.day, "fee_most"), "case")))
    return Together((price, fee))


def _source(line: Line, term: Table, source: Table, at: Moment) -> Rate | None:
    """The rate of one price source, or None when it has no price for this line."""
    name, multiplier = source["of"], Fraction(source["multiplier"])
    if name in ("charge", "cost"):
        there = line.charge if name == "charge" else line.cost
        return None if there is None else Rate(multiplier, name)
    asked, each = term.get("price_as") or line.code, Fraction(term.get("price_as_units", 1))
    if name in ("payment_limit", "raw_asp"):
        reference = _limit(line, name, asked, each, at)
    elif name == "schedule":
        reference = _by_schedule(line, source["schedule"], asked, each, at)
    else:
        reference = _by_ndc(line, name, at) if asked == line.code else None
    if reference is None:
        return None
    dollars = reference.dollars
    if "reference_decimals" in source:
        dollars = half_up(dollars, source["reference_decimals"])
    dollars *= multiplier
    if "decimals" in source:
        dollars = half_up(dollars, source["decimals"])
    return Rate(rounded_rate(at.version, dollars), reference.per)


def _limit(line: Line, name: str, asked: str, each: Fraction, at: Moment) -> Rate | None:
    quarter = _quarter(at)
    row = _limit_row(asked, quarter)
    if row is None and asked == line.code != line.billed_code:
        # A carried code takes the price of the quarter in which the old one was given, for as much of the drug.
        row, each = _limit_row(line.billed_code, quarter), 1 / line.units_factor
    if row is None or row.limit is None:
        return None
    dollars = Fraction(row.limit)
    if name == "raw_asp":
        if row.add_on != "6%":
            return None
        dollars = dollars / Fraction("1.06")
    return Rate(dollars * each, "unit")


def _quarter(at: Moment) -> str:
    rules = at.version.table("drug_prices")
    if "quarter" in rules:
        return str(rules["quarter"])
    day = _loaded(at.price_day - timedelta(rules.get("lag_days", 0)), rules.get("refresh", []))
    number = day.year * 4 + (day.month - 1) // 3 - rules.get("quarter_lag", 0)
    return f"{number // 4}Q{number % 4 + 1}"


def _loaded(day: date, refresh: list[str]) -> date:
    """The last day on or before ``day`` on which the payer loads prices; the day itself when it loads them at once."""
    while refresh and f"{day:%m-%d}" not in refresh:
        day -= timedelta(1)
    return day


def _limit_row(code: str, quarter: str) -> PaymentLimit | None:
    limits = payment_limits()
    for held in limits.quarters:
        if str(held) == quarter:
            row = limits.get(code, held)
            return row if row is not None and row.limit is not None else None
    return None


def _by_ndc(line: Line, name: str, at: Moment) -> Rate | None:
    rules = at.version.table("drug_prices")
    if not rules.get("ndc_table") or not line.ndc:
        return None
    day = _loaded(at.price_day - timedelta(rules.get("ndc_lag_days", 0)), rules.get("ndc_refresh", []))
    row = ndc_table(rules["ndc_table"], at.version.folder).at(line.ndc, day, line.billed_code)
    price = None if row is None else getattr(row, name)
    if row is None or price is None:
        return None
    if line.ndc_quantity is not None:
        return Rate(Fraction(price), "ndc_unit") if line.ndc_unit in ("", row.unit) else None
    if row.hcpcs_units is None or row.code not in (line.billed_code, line.code):
        return None
    each = Fraction(row.hcpcs_units) * (line.units_factor if row.code != line.code else 1)
    return Rate(Fraction(price) / each, "unit")


@cache
def ndc_table(name: str, folder: Path) -> NdcPriceTable:
    """The price table beside the contract, else the one under data/prices."""
    shipped = Path(__file__).resolve().parents[2] / "data" / "prices" / name
    return NdcPriceTable.load(folder / name if (folder / name).is_file() else shipped)


def _by_schedule(line: Line, name: str, asked: str, each: Fraction, at: Moment) -> Rate | None:
    """The payer's own price list: a row by NDC for each NDC unit comes before one by code for each billing unit."""
    rows = [row for row in at.version.schedule(name) if row.in_force(at.price_day)]
    if asked == line.code:
        own = [r for r in rows if r.ndc and r.ndc == line.ndc and r.code in ("", line.code, line.billed_code)]
        if own:
            fits = line.ndc_quantity is not None and (not line.ndc_unit or own[0].unit in ("", line.ndc_unit))
            return Rate(own[0].rate, "ndc_unit") if fits else None
    row = _plain_row(rows, line, asked)
    if row is None and asked == line.code != line.billed_code:
        row, each = _plain_row(rows, line, line.billed_code), 1 / line.units_factor
    return None if row is None else Rate(row.rate * each, "unit")


def _plain_row(rows: list[ScheduleRow], line: Line, code: str) -> ScheduleRow | None:
    fitting = [r for r in rows if r.code == code and not r.ndc and set(r.modifier.split()) <= line.modifiers]
    most = max((len(r.modifier.split()) for r in fitting), default=0)
    best = [r for r in fitting if len(r.modifier.split()) == most]
    if len(best) > 1:
        raise CannotPrice(f"two rows for {code} fit line {line.id} equally well")
    return best[0] if best else None
