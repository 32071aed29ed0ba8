"""Drugs by reference: a chain or the least of several published prices, with fees and waste (catalogue 4.1 to 4.16).

Every source that is passed over stays in the explanation with its reason, and a missing price is never 0.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitmodel.companions import WASTE
from hitmodel.forms import Amount, Basis, Known, Min, Outcome, PriceForm, Step, Sum, Unpriced, scaled, sources
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.mechanisms.price_sources import Asked, NotHeld, PriceSource, form_of, price_days
from hitmodel.status import Status
from hitmodel.terms import Dollars, Exact, Rate, Share, Term

NO_WASTE = "JZ"
"""HCPCS modifier: zero drug amount discarded, not administered to any patient."""
FeeShare = Annotated[Exact, Field(ge=0, lt=1, description="a fraction of 0 to less than 1: 2 percent is 0.02")]
UnitsInOne = Annotated[Exact, Field(gt=0, le=100_000, description="units of the other code in one unit of this one")]


class Drug(Term):
    """``chain`` lists price sources; ``choose`` takes the first that has a price, or the least of those that have.

    ``fallback`` lists sources that are looked at only when none of the chain has a price, the first of them that has
    one. A quarter that our tables do not hold is no drug without a price: such a line has no amount.

    ``price_as``: codes are looked up as this one instead of the line's own, as where a biosimilar is paid as its
    reference product; one unit of the line is ``price_as_units`` units of it.

    A fee for dispensing or furnishing comes on top: ``fee`` dollars ``fee_per`` line, ``dispense`` (once for the lines
    of one patient, code and first day), service ``day``, HCPCS ``unit`` or ``ndc_unit``; not on lines of waste. With
    ``fee_share`` (v) the whole is (price + fee) ÷ (1 − v), as where a share of the payment is taken for something else.
    ``fee_most`` caps the fee of a line.

    Waste is billed on a line of its own with JW. ``waste = "not_paid"`` pays it a known 0.00; ``waste_share`` pays it
    up to so large a share of the units given on the other lines of that patient, code and day. ``waste_modifiers =
    "required"`` asks every line for JZ, or for a line of waste beside it; a line that has neither needs review.
    """

    mechanism: Literal["drug"] = "drug"
    chain: tuple[PriceSource, ...] = Field(min_length=1)
    choose: Literal["first", "least"] = "first"
    fallback: tuple[PriceSource, ...] = ()
    price_as: str = ""
    price_as_units: UnitsInOne = Decimal(1)
    fee: Dollars = Decimal(0)
    fee_per: Literal["line", "dispense", "day", "unit", "ndc_unit"] = "line"
    fee_share: FeeShare = Decimal(0)
    fee_most: Rate | None = None
    waste: Literal["paid", "not_paid"] = "paid"
    waste_share: Share | None = None
    waste_modifiers: Literal["any", "required"] = "any"

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.price_as_units != 1 and not self.price_as:
            raise ValueError("price_as_units goes with price_as")
        if not self.fee and not self.fee_share and {"fee_per", "fee_most"} & self.model_fields_set:
            raise ValueError("fee_per and fee_most go with fee or fee_share")
        if self.waste_share is not None and self.waste == "not_paid":
            raise ValueError('waste_share limits waste that is paid; waste = "not_paid" pays none')
        return self

    def price_dates(self, look: Look) -> frozenset[date]:
        """Return the days on which a price of the chain changes: quarters, price table rows, schedule rows."""
        return frozenset().union(*(price_days(source, look) for source in self.sources))

    @property
    def sources(self) -> tuple[PriceSource, ...]:
        """Every source that could price a drug, in the order in which they are looked at."""
        return (*self.chain, *self.fallback)

    @property
    def schedules_named(self) -> tuple[str, ...]:
        """The schedules that the chain names."""
        return tuple(source.schedule for source in self.sources if source.schedule)


def drug(kind: LineKind, term: Drug, look: Look) -> Outcome:
    """Price a kind of drug line from the first source that has a price for it, or from the least of them."""
    wasted = WASTE in kind.modifiers
    if wasted and term.waste == "not_paid":
        return Known(Status.NOT_COVERED, "drug waste is not paid", (Step("waste not paid", (), term.cite),))
    price = _chain(kind, term, look)
    if isinstance(price, Unpriced):
        return price
    if wasted:
        return price if term.waste_share is None else _limited_waste(price, term)
    if term.waste_modifiers == "required" and NO_WASTE not in kind.modifiers:
        price = Sum((price, Amount(Fraction(0), Basis.BESIDE_UNIT, (_waste_step(term),))))
    return _with_fee(price, term, look) if term.fee or term.fee_share else price


def _chain(kind: LineKind, term: Drug, look: Look) -> PriceForm | Unpriced:
    asked = Asked(kind, look, term.cite, term.price_as or kind.code, Fraction(term.price_as_units))
    found: list[Amount] = []
    passed = [] if asked.own else [_priced_as(asked, term)]
    for source in term.sources:
        if found and (term.choose == "first" or source not in term.chain):
            break
        form = form_of(source, asked)
        if isinstance(form, NotHeld):
            return Unpriced(Status.CONTRACT_SILENT, f"no price for {kind.code}: {form}", tuple(passed))
        if isinstance(form, str):
            passed.append(Step("passed over", (("source", source.of), ("because", form)), term.cite))
            continue
        found.append(form)
    if not found:
        reasons = "; ".join(str(dict(s.values)["because"]) for s in passed if s.name == "passed over")
        return Unpriced(Status.CONTRACT_SILENT, f"no price for {kind.code}: {reasons}", tuple(passed))
    if len(found) == 1:
        return Amount(found[0].rate, found[0].basis, (*passed, *found[0].steps))
    return Min(tuple(found), tuple(passed))


def _priced_as(asked: Asked, term: Drug) -> Step:
    return Step("priced as", (("code", asked.code), ("units of it in one", asked.units)), term.cite)


def _limited_waste(price: PriceForm, term: Drug) -> Outcome:
    """Hold waste to a share of what was given beside it. Both are counted in HCPCS units."""
    if sources(price) != {"units"}:
        reason = "waste is limited by HCPCS units, and its price is for something else"
        return Unpriced(Status.NEEDS_REVIEW, reason)
    assert term.waste_share is not None
    share = Fraction(term.waste_share)
    step = Step("waste at most", (("share of units given", term.waste_share),), term.cite)
    return Min((price, scaled(price, share, Basis.BESIDE_UNIT)), (step,))


def _waste_step(term: Drug) -> Step:
    return Step("waste stated", (("by", "a line with JW beside it"),), term.cite)


def _with_fee(price: PriceForm, term: Drug, look: Look) -> Sum:
    """Add the fee: (price + fee) ÷ (1 − share) − price, at most the cap."""
    fixed, steps = look.rate(term.fee, "fee")
    left = 1 - Fraction(term.fee_share)
    basis = _FEE_BASES[term.fee_per]
    values: tuple[tuple[str, object], ...] = (("rate", fixed), ("basis", basis.value))
    if term.fee_share:
        values = (*values, ("share of the whole", term.fee_share))
    fee: PriceForm = Amount(fixed / left, basis, (*steps, Step("fee", values, term.cite)))
    if term.fee_share:
        fee = Sum((fee, scaled(price, Fraction(term.fee_share) / left)))
    if term.fee_most is not None:
        most, more = look.rate(term.fee_most, "fee_most")
        cap = Step("fee at most", (("rate", most), ("basis", "line")), term.cite)
        fee = Min((fee, Amount(most, Basis.CASE, (*more, cap))))
    return Sum((price, fee))


_FEE_BASES = {
    "line": Basis.CASE,
    "dispense": Basis.DISPENSED,
    "day": Basis.SERVICE_DAY,
    "unit": Basis.UNIT,
    "ndc_unit": Basis.NDC_UNIT,
}

MECHANISM = Mechanism(
    "drug", Drug, drug, "a multiple of a published price, with a fallback chain or the least of a set"
)
