"""A share of the billed charge (catalogue 1.4, 3.4, 4.7, 9.8)."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import model_validator

from hitmodel.forms import Amount, Basis, Min, Outcome, Step
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.money import round_half_up
from hitmodel.terms import Change, Decimals, Rate, Share, Term


class PercentOfCharge(Term):
    """``share`` of the charge, at most ``most`` dollars for each billed unit when that is given.

    With a ``charge_increase_limit`` the share falls when charges rise faster: share × (1 + limit) ÷ (1 + rise), where
    ``charges_rose`` is what the provider's charges have risen by since the base date of the clause. ``share_decimals``
    rounds the share that comes of it.
    """

    mechanism: Literal["percent_of_charge"] = "percent_of_charge"
    share: Share
    most: Rate | None = None
    charge_increase_limit: Change | None = None
    charges_rose: Change | None = None
    share_decimals: Decimals | None = None

    @model_validator(mode="after")
    def _limits_a_rise(self) -> Self:
        if (self.charge_increase_limit is None) != (self.charges_rose is None):
            raise ValueError(
                "charge_increase_limit and charges_rose go together: the limit, and the rise it is held to"
            )
        if self.share_decimals is not None and self.charges_rose is None:
            raise ValueError("share_decimals rounds what a charge_increase_limit makes of the share")
        return self


def percent_of_charge(kind: LineKind, term: PercentOfCharge, look: Look) -> Outcome:
    """Price a kind of line at a share of what was charged for it."""
    share, steps = _share(term)
    values = (("share", share), ("basis", "charge"))
    charged = Amount(share, Basis.CHARGE, (*steps, Step("share of charge", values, term.cite)))
    if term.most is None:
        return charged
    most, more = look.rate(term.most, "most")
    cap = Step("at most", (("rate", most), ("basis", "unit")), term.cite)
    return Min((charged, Amount(most, Basis.UNIT, (*more, cap))))


def _share(term: PercentOfCharge) -> tuple[Fraction, tuple[Step, ...]]:
    """Return the share as it stands after charges have risen, and the step to it."""
    share = Fraction(term.share)
    if term.charge_increase_limit is None or term.charges_rose is None:
        return share, ()
    limit, rose = Fraction(term.charge_increase_limit), Fraction(term.charges_rose)
    if rose <= limit:
        return share, ()
    held = share * (1 + limit) / (1 + rose)
    if term.share_decimals is not None:
        held = round_half_up(held, term.share_decimals)
    values = (
        ("share", term.share),
        ("charges rose", term.charges_rose),
        ("limit", term.charge_increase_limit),
        ("becomes", held),
    )
    return held, (Step("charge increase limit", values, term.cite),)


MECHANISM = Mechanism("percent_of_charge", PercentOfCharge, percent_of_charge, "a share of the billed charge")
