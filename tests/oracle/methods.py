"""What a term says of a line on a day: so many dollars for each unit of something, a known nothing, or no answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from hitmodel.codes import code_table
from hitmodel.prices import NdcPriceTable, PaymentLimit, payment_limits
from oracle.contract_file import CannotPrice, Table, Version
from oracle.lines import Line
from oracle.money import half_up
from oracle.rates import rate_on, rounded_rate

QUANTITY_OF = {"ndc_unit": "ndc_quantity", "charge": "charge", "cost": "cost", "case": "case"}


@dataclass(frozen=True)
class Rate:
    """Dollars for each unit of ``per``."""

    dollars: Fraction
    per: str

    @property
    def quantity(self) -> str:
        """Which of the line's quantities it is multiplied by."""
        return QUANTITY_OF.get(self.per, "units")


@dataclass(frozen=True)
class Answer:
    """``status`` is "" for an amount: the least, by size, of the rates times their quantities."""

    status: str = ""
    rates: tuple[Rate, ...] = ()
    term: str = ""


@dataclass(frozen=True)
class Moment:
    """The day whose terms hold and the day whose drug prices hold."""

    version: Version
    day: date
    price_day: date


def answer(line: Line, term: Table, at: Moment) -> Answer:
    """What one term says of one line."""
    method = term["mechanism"]
    if method in ("not_covered", "bundled"):
        return Answer(status=method)
    if method == "drug":
        return _drug(line, term, at)
    if method == "nursing":
        return _nursing(line, term, at)
    if method == "schedule":
        return _schedule(line, term, at)
    if method == "percent_of_charge":
        return _percent(line, term, at)
    if method == "manual":
        return Answer(rates=(Rate(rounded_rate(at.version, Fraction(term["amount"])), term.get("per", "case")),))
    per = "day" if method == "per_diem" else term["per"]
    return Answer(rates=(Rate(rate_on(at.version, term, term["rate"], line, at.day), per),))


def _percent(line: Line, term: Table, at: Moment) -> Answer:
    rates = [Rate(Fraction(term["share"]), "charge")]
    if "most" in term:
        rates.append(Rate(rate_on(at.version, term, term["most"], line, at.day), "unit"))
    return Answer(rates=tuple(rates))


def _nursing(line: Line, term: Table, at: Moment) -> Answer:
    entry = code_table().get(line.code, at.day)
    if entry is None or entry.billing_basis not in ("per_visit", "per_hour"):
        return Answer(status="contract_silent")
    field, per = ("first", "visit") if entry.billing_basis == "per_visit" else ("further", "hour")
    return Answer(rates=(Rate(rate_on(at.version, term, term[field], line, at.day), per),))


def _schedule(line: Line, term: Table, at: Moment) -> Answer:
    rows = [
        row
        for row in at.version.schedule(term["schedule"])
        if row.code == line.code
        and (not row.modifier or row.modifier in line.modifiers)
        and (row.first or date.min) <= at.day <= (row.last or date.max)
    ]
    if not rows:
        return Answer(status="contract_silent")
    named = [r for r in rows if r.modifier] or rows
    if len(named) > 1:
        raise CannotPrice(f"schedule {term['schedule']} has {len(named)} rows for {line.code}")
    (row,) = named
    base = half_up(row.rate * Fraction(term.get("multiplier", 1)), term.get("decimals", 2))
    return Answer(rates=(Rate(rate_on(at.version, term, base, line, at.day), term.get("per", "day")),))


def _drug(line: Line, term: Table, at: Moment) -> Answer:
    found = [rate for source in term["chain"] if (rate := _source(line, source, at)) is not None]
    if not found:
        return Answer(status="contract_silent")
    return Answer(rates=tuple(found if term.get("choose") == "least" else found[:1]))


def _source(line: Line, source: Table, at: Moment) -> Rate | None:
    """The rate of one price source, or None when it has no price for this line."""
    name, multiplier = source["of"], Fraction(source["multiplier"])
    if name == "charge":
        return None if line.charge is None else Rate(multiplier, "charge")
    if name == "cost":
        return None if line.cost is None else Rate(multiplier, "cost")
    reference = _limit(line, name, at) if name in ("payment_limit", "raw_asp") else _by_ndc(line, name, at)
    if reference is None:
        return None
    dollars = reference.dollars
    if "reference_decimals" in source:
        dollars = half_up(dollars, source["reference_decimals"])
    dollars *= multiplier
    if "decimals" in source:
        dollars = half_up(dollars, source["decimals"])
    return Rate(rounded_rate(at.version, dollars), reference.per)


def _limit(line: Line, name: str, at: Moment) -> Rate | None:
    quarter = _quarter(at)
    row, factor = _limit_row(line.code, quarter), Fraction(1)
    if row is None and line.code != line.billed_code:
        # A carried code takes the price of the quarter in which the old one was given, for as much of the drug.
        row, factor = _limit_row(line.billed_code, quarter), 1 / line.units_factor
    if row is None or row.limit is None:
        return None
    dollars = Fraction(row.limit) * factor
    if name == "raw_asp":
        if row.add_on != "6%":
            return None
        dollars = dollars / Fraction("1.06")
    return Rate(dollars, "unit")


def _quarter(at: Moment) -> str:
    rules = at.version.table("drug_prices")
    if "quarter" in rules:
        return str(rules["quarter"])
    number = at.price_day.year * 4 + (at.price_day.month - 1) // 3 - rules.get("quarter_lag", 0)
    return f"{number // 4}Q{number % 4 + 1}"


def _limit_row(code: str, quarter: str) -> PaymentLimit | None:
    for held in payment_limits().quarters:
        if str(held) == quarter:
            row = payment_limits().get(code, held)
            return row if row is not None and row.limit is not None else None
    return None


def _by_ndc(line: Line, name: str, at: Moment) -> Rate | None:
    table = at.version.table("drug_prices").get("ndc_table")
    if not table or not line.ndc:
        return None
    row = _ndc_table(table, at.version.folder).at(line.ndc, at.price_day, line.billed_code)
    price = None if row is None else getattr(row, name)
    if row is None or price is None:
        return None
    if line.ndc_quantity is not None:
        return Rate(Fraction(price), "ndc_unit") if line.ndc_unit in ("", row.unit) else None
    if row.hcpcs_units is None or row.code != line.billed_code:
        return None
    return Rate(Fraction(price) / Fraction(row.hcpcs_units) / line.units_factor, "unit")


@cache
def _ndc_table(name: str, folder: Path) -> NdcPriceTable:
    shipped = Path(__file__).resolve().parents[2] / "data" / "prices" / name
    return NdcPriceTable.load(folder / name if (folder / name).is_file() else shipped)
