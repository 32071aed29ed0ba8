"""Where a drug's price may come from, and what one source says about one kind of line.

A source that has no price says why in one clause; it is never 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, Self

from pydantic import model_validator

from hitmodel.forms import Amount, Basis, Step
from hitmodel.mechanisms.base import LineKind, Look, RateRow, row_of
from hitmodel.money import round_half_up
from hitmodel.prices import NdcPrice
from hitmodel.terms import Decimals, Multiplier, Record

SIX_PERCENT = "6%"
BY_NDC = ("awp", "wac", "invoice", "nadac")


class PriceSource(Record):
    """One reference and what it is multiplied by.

    ``payment_limit``: Medicare's limit for the code and quarter. ``raw_asp``: that limit without its 6 percent add-on,
    only where the file shows that the add-on is 6 percent. ``awp``, ``wac``, ``invoice``, ``nadac``: the user's NDC
    price table, for each NDC unit. ``schedule``: the payer's own price list (MAC, drug schedule), a ``[[schedule]]``
    named by its id: rows by NDC hold for each NDC unit, rows by code for each HCPCS unit, on the row's own dates.
    ``cost``: the line's own acquisition cost. ``charge``: the line's own charge.
    ``decimals`` rounds the unit price after the multiplier, ``reference_decimals`` the reference before it.
    """

    of: Literal["payment_limit", "raw_asp", "awp", "wac", "invoice", "nadac", "schedule", "cost", "charge"]
    multiplier: Multiplier
    schedule: str = ""
    decimals: Decimals | None = None
    reference_decimals: Decimals | None = None

    @model_validator(mode="after")
    def _names_its_schedule(self) -> Self:
        if (self.of == "schedule") != bool(self.schedule):
            raise ValueError('of = "schedule" goes with schedule = the id of a [[schedule]], and only with it')
        return self


@dataclass(frozen=True)
class Asked:
    """What is asked of a source: a price for ``kind``, looked up under ``code`` where codes are looked up.

    One unit of the line is ``units`` units of that code. ``own`` says that the code is the line's own.
    """

    kind: LineKind
    look: Look
    cite: str
    code: str
    units: Fraction = Fraction(1)

    @property
    def own(self) -> bool:
        """Whether the line is priced as its own code."""
        return self.code == self.kind.code


def form_of(source: PriceSource, asked: Asked) -> Amount | str:
    """Return the price form of one source, or why it has no price."""
    return _READERS[source.of](source, asked)


def price_days(source: PriceSource, look: Look) -> frozenset[date]:
    """Return the days on which this source's prices change."""
    if source.of in ("payment_limit", "raw_asp"):
        return look.limit_starts()
    if source.of in BY_NDC:
        return look.ndc_starts()
    if source.of == "schedule":
        return frozenset(day for row in look.schedules[source.schedule] for day in row.edges)
    return frozenset()


class NotHeld(str):
    """Why a price cannot be looked up although the drug may well have one: our tables do not reach that far.

    What the contract pays a drug without a price is then no answer.
    """


def _limit(source: PriceSource, asked: Asked) -> Amount | str:
    look, kind, quarter = asked.look, asked.kind, asked.look.quarter()
    if quarter not in look.limits.by_quarter and {asked.code, kind.billed_code} & set(look.limits.codes):
        return NotHeld(look.limits.why_missing(asked.code, quarter))
    found = look.limits.find(asked.code, quarter)
    factor = asked.units
    if isinstance(found, str) and asked.own and kind.billed_code != kind.code:
        # An ended code carried to its successor still takes the price of the quarter in which it was given.
        earlier = look.limits.find(kind.billed_code, quarter)
        if not isinstance(earlier, str):
            found, factor = earlier, 1 / kind.units_factor
    if isinstance(found, str):
        return found
    assert found.limit is not None
    reference = Fraction(found.limit)
    name = "payment limit"
    if source.of == "raw_asp":
        if found.add_on != SIX_PERCENT:
            return f"the limit for {asked.code} in {quarter} is not ASP + 6 % ({found.add_on})"
        reference, name = reference / Fraction(106, 100), "ASP"
    shown = (("code", found.code), ("quarter", str(quarter)), ("limit", found.limit))
    return _priced(reference * factor, source, Basis.UNIT, Step(name, shown, asked.cite), look)


def _by_ndc(source: PriceSource, asked: Asked) -> Amount | str:
    kind, look, name = asked.kind, asked.look, source.of.upper()
    if not asked.own:
        return f"the line is priced as {asked.code}, and {name} is known by NDC only"
    if look.ndc_prices is None:
        return f"no NDC price table is named, so {name} is unknown"
    if not kind.ndc:
        return f"the line has no NDC, so {name} is unknown"
    day = look.ndc_day()
    rows = (look.ndc_prices.at(kind.ndc, day, code) for code in (kind.billed_code, kind.code, ""))
    row = next((row for row in rows if row is not None), None)
    if row is None:
        return f"NDC {kind.ndc} has no row on {day} in the price table"
    value = getattr(row, source.of)
    if value is None:
        return f"NDC {kind.ndc} has no {name} on {day}"
    if "ndc_quantity" not in kind.known:
        return _by_hcpcs_units(source, asked, row)
    if kind.ndc_unit and kind.ndc_unit != row.unit:
        return f"NDC {kind.ndc} is billed in {kind.ndc_unit} and priced in {row.unit}"
    shown = (("ndc", kind.ndc), ("price from", str(row.from_date)), (source.of, value))
    return _priced(Fraction(value), source, Basis.NDC_UNIT, Step(name, shown, asked.cite), look)


def _by_hcpcs_units(source: PriceSource, asked: Asked, row: NdcPrice) -> Amount | str:
    kind = asked.kind
    if not row.hcpcs_units or row.code not in (kind.code, kind.billed_code):
        units = f"how many {kind.code} units one {row.unit} is"
        return f"the line has no NDC quantity, and the price table does not say {units}"
    # Billed units of an ended code are counted in its successor's; the table may still speak of either.
    each = Fraction(row.hcpcs_units) * (kind.units_factor if row.code != kind.code else 1)
    value = Fraction(getattr(row, source.of)) / each
    shown = (
        ("ndc", kind.ndc),
        ("price from", str(row.from_date)),
        (source.of, getattr(row, source.of)),
        ("code units in one", each),
    )
    return _priced(value, source, Basis.UNIT, Step(source.of.upper(), shown, asked.cite), asked.look)


def _by_schedule(source: PriceSource, asked: Asked) -> Amount | str:
    kind, look = asked.kind, asked.look
    rows = [row for row in look.schedules[source.schedule] if row.in_force(look.price_day)]
    own = [r for r in rows if asked.own and r.ndc and r.ndc == kind.ndc and r.code in ("", kind.code, kind.billed_code)]
    if own:
        return _by_schedule_ndc(source, asked, own[0])
    units = asked.units
    found = row_of(rows, asked.code, kind, source.schedule)
    if found is None and asked.own and kind.billed_code != kind.code:
        found, units = row_of(rows, kind.billed_code, kind, source.schedule), 1 / kind.units_factor
    if found is None:
        return f"schedule '{source.schedule}' has no row for {asked.code} on {look.price_day}"
    step = Step("schedule", (("schedule", source.schedule), ("code", found.code), ("price", found.rate)), asked.cite)
    return _priced(Fraction(found.rate) * units, source, Basis.UNIT, step, look)


def _by_schedule_ndc(source: PriceSource, asked: Asked, row: RateRow) -> Amount | str:
    kind = asked.kind
    if "ndc_quantity" not in kind.known:
        return f"schedule '{source.schedule}' prices NDC {kind.ndc} by NDC unit, and the line has no NDC quantity"
    if kind.ndc_unit and row.unit and kind.ndc_unit != row.unit:
        return f"NDC {kind.ndc} is billed in {kind.ndc_unit} and priced in {row.unit}"
    step = Step("schedule", (("schedule", source.schedule), ("ndc", kind.ndc), ("price", row.rate)), asked.cite)
    return _priced(Fraction(row.rate), source, Basis.NDC_UNIT, step, asked.look)


def _own(source: PriceSource, asked: Asked) -> Amount | str:
    if source.of not in asked.kind.known:
        return "the line's acquisition cost is unknown" if source.of == "cost" else "the line has no charge"
    basis = Basis(source.of)
    values = (("share", source.multiplier), ("basis", basis.value))
    return Amount(Fraction(source.multiplier), basis, (Step(f"share of {basis.value}", values, asked.cite),))


def _priced(reference: Fraction, source: PriceSource, basis: Basis, step: Step, look: Look) -> Amount:
    if source.reference_decimals is not None:
        reference = round_half_up(reference, source.reference_decimals)
    rate = reference * Fraction(source.multiplier)
    if source.decimals is not None:
        rate = round_half_up(rate, source.decimals)
    rate, rounded = look.unit_rate(rate)
    values = (*step.values, ("multiplier", source.multiplier), ("rate", rate), ("basis", basis.value))
    return Amount(rate, basis, (Step(step.name, values, step.cite), *rounded))


_READERS: dict[str, Callable[[PriceSource, Asked], Amount | str]] = {
    "payment_limit": _limit,
    "raw_asp": _limit,
    **dict.fromkeys(BY_NDC, _by_ndc),
    "schedule": _by_schedule,
    "cost": _own,
    "charge": _own,
}
