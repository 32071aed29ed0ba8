"""Drugs by reference: a chain or the least of several published prices (catalogue 4.1 to 4.11).

Every source that is passed over stays in the explanation with its reason, and a missing price is never 0.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from pydantic import Field

from hitmodel.forms import Amount, Basis, Min, Outcome, PriceForm, Step, Unpriced
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.money import as_decimal, round_half_up
from hitmodel.prices import NdcPrice
from hitmodel.status import Status
from hitmodel.terms import Decimals, Multiplier, Record, Term

SIX_PERCENT = "6%"


class PriceSource(Record):
    """One reference and what it is multiplied by.

    ``payment_limit``: Medicare's limit for the code and quarter. ``raw_asp``: that limit without its 6 percent add-on,
    only where the file shows that the add-on is 6 percent. ``awp``, ``wac``, ``invoice``, ``nadac``: the user's NDC
    price table, for each NDC unit. ``cost``: the line's own acquisition cost. ``charge``: the line's own charge.
    ``decimals`` rounds the unit price after the multiplier, ``reference_decimals`` the reference before it.
    """

    of: Literal["payment_limit", "raw_asp", "awp", "wac", "invoice", "nadac", "cost", "charge"]
    multiplier: Multiplier
    decimals: Decimals | None = None
    reference_decimals: Decimals | None = None


class Drug(Term):
    """``chain`` lists price sources; ``choose`` takes the first that has a price, or the least of those that have."""

    mechanism: Literal["drug"] = "drug"
    chain: tuple[PriceSource, ...] = Field(min_length=1)
    choose: Literal["first", "least"] = "first"

    def price_dates(self, look: Look) -> frozenset[object]:  # type: ignore[override]
        """Return the days on which a quarter begins or the user's price table changes."""
        days: set[object] = {q.shift(look.drug_prices.quarter_lag).span.first for q in look.limits.quarters}
        days |= {q.shift(look.drug_prices.quarter_lag + 1).span.first for q in look.limits.quarters}
        if look.ndc_prices is not None and any(s.of in _BY_NDC for s in self.chain):
            days |= set(look.ndc_prices.change_days)
        return frozenset(days)


_BY_NDC = ("awp", "wac", "invoice", "nadac")


def drug(kind: LineKind, term: Drug, look: Look) -> Outcome:
    """Price a kind of drug line from the first source that has a price for it, or from the least of them."""
    found: list[PriceForm] = []
    passed: list[Step] = []
    for source in term.chain:
        form = _form(kind, source, look, term.cite)
        if isinstance(form, str):
            passed.append(Step("passed over", (("source", source.of), ("because", form)), term.cite))
            continue
        found.append(form)
        if term.choose == "first":
            break
    if not found:
        reasons = "; ".join(str(dict(step.values)["because"]) for step in passed)
        return Unpriced(Status.CONTRACT_SILENT, f"no price for {kind.code}: {reasons}", tuple(passed))
    if len(found) == 1:
        only = found[0]
        assert isinstance(only, Amount)
        return Amount(only.rate, only.basis, (*passed, *only.steps))
    return Min(tuple(found), tuple(passed))


def _form(kind: LineKind, source: PriceSource, look: Look, cite: str) -> PriceForm | str:
    """Return the price form of one source, or why it has no price."""
    return _READERS[source.of](kind, source, look, cite)


def _limit(kind: LineKind, source: PriceSource, look: Look, cite: str) -> PriceForm | str:
    quarter = look.quarter()
    found = look.limits.find(kind.code, quarter)
    factor = Fraction(1)
    if isinstance(found, str) and kind.billed_code != kind.code:
        # An ended code carried to its successor still takes the price of the quarter in which it was given.
        earlier = look.limits.find(kind.billed_code, quarter)
        if not isinstance(earlier, str):
            found, factor = earlier, 1 / kind.units_factor
    if isinstance(found, str):
        return found
    assert found.limit is not None
    reference = Fraction(found.limit) * factor
    name = "payment limit"
    if source.of == "raw_asp":
        if found.add_on != SIX_PERCENT:
            return f"the limit for {kind.code} in {quarter} is not ASP + 6 % ({found.add_on})"
        reference, name = reference / Fraction(106, 100), "ASP"
    shown = (("code", found.code), ("quarter", str(quarter)), ("limit", found.limit))
    return _priced(reference, source, Basis.UNIT, Step(name, shown, cite), look)


def _by_ndc(kind: LineKind, source: PriceSource, look: Look, cite: str) -> PriceForm | str:
    if look.ndc_prices is None:
        return f"no NDC price table is named, so {source.of.upper()} is unknown"
    if not kind.ndc:
        return f"the line has no NDC, so {source.of.upper()} is unknown"
    rows = (look.ndc_prices.at(kind.ndc, look.price_day, code) for code in (kind.billed_code, kind.code, ""))
    row = next((row for row in rows if row is not None), None)
    if row is None:
        return f"NDC {kind.ndc} has no row on {look.price_day} in the price table"
    value = getattr(row, source.of)
    if value is None:
        return f"NDC {kind.ndc} has no {source.of.upper()} on {look.price_day}"
    if "ndc_quantity" not in kind.known:
        return _by_hcpcs_units(kind, source, look, row, cite)
    if kind.ndc_unit and kind.ndc_unit != row.unit:
        return f"NDC {kind.ndc} is billed in {kind.ndc_unit} and priced in {row.unit}"
    shown = (("ndc", kind.ndc), ("price from", str(row.from_date)), (source.of, value))
    return _priced(Fraction(value), source, Basis.NDC_UNIT, Step(source.of.upper(), shown, cite), look)


def _by_hcpcs_units(kind: LineKind, source: PriceSource, look: Look, row: NdcPrice, cite: str) -> PriceForm | str:
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
        ("code units in one", as_decimal(each)),
    )
    return _priced(value, source, Basis.UNIT, Step(source.of.upper(), shown, cite), look)


def _own(kind: LineKind, source: PriceSource, look: Look, cite: str) -> PriceForm | str:
    if source.of not in kind.known:
        return "the line's acquisition cost is unknown" if source.of == "cost" else "the line has no charge"
    basis = Basis(source.of)
    values = (("share", source.multiplier), ("basis", basis.value))
    return Amount(Fraction(source.multiplier), basis, (Step(f"share of {basis.value}", values, cite),))


def _priced(reference: Fraction, source: PriceSource, basis: Basis, step: Step, look: Look) -> PriceForm:
    if source.reference_decimals is not None:
        reference = round_half_up(reference, source.reference_decimals)
    rate = reference * Fraction(source.multiplier)
    if source.decimals is not None:
        rate = round_half_up(rate, source.decimals)
    rate, rounded = look.unit_rate(rate)
    values = (*step.values, ("multiplier", source.multiplier), ("rate", as_decimal(rate)), ("basis", basis.value))
    return Amount(rate, basis, (Step(step.name, values, step.cite), *rounded))


_READERS: dict[str, Callable[[LineKind, PriceSource, Look, str], PriceForm | str]] = {
    "payment_limit": _limit,
    "raw_asp": _limit,
    **dict.fromkeys(_BY_NDC, _by_ndc),
    "cost": _own,
    "charge": _own,
}

MECHANISM = Mechanism(
    "drug", Drug, drug, "a multiple of a published price, with a fallback chain or the least of a set"
)
