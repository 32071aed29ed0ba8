"""A quote as a record: the order under each contract, line by line: what is paid, what it costs, what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from hitmodel.acquisition import Cost, is_drug
from hitmodel.billing_rules import BillingRules
from hitmodel.charges import ChargeTable
from hitmodel.claim_lines import Bill, ClaimLine, NotBilled
from hitmodel.errors import InputError
from hitmodel.orders import Order
from hitmodel.prices import NdcPriceTable
from hitmodel.pricing import SERVICE_QUARTER
from hitmodel.quote_readings import Assumed
from hitmodel.status import Status
from hitmodel.terms import Contract, Version

_UNDECIDED = ("outside", "needs_evidence", "no_code", "hold_too_long")


@dataclass(frozen=True)
class UnitPrice:
    """What one unit of a line pays.

    ``rate`` is dollars for each ``basis`` (a fraction where the basis is charge or cost) before ``share``, the part
    that a second or later therapy is paid. It is None where the price is more than one rate. ``cite`` is the clause.
    ``follows`` says which published price a drug's rate is a multiple of, "" for a rate that stands by itself.
    """

    rate: Fraction | None = None
    basis: str = ""
    share: Fraction = Fraction(1)
    cite: str = ""
    follows: str = ""


@dataclass(frozen=True)
class QuotedLine:
    """One claim line with what a contract pays for it.

    ``number`` is its place in the bill, from 1. ``allowed`` [cents] is None where no amount is known, and ``reason``
    says why. ``cost`` is None when it is not known. ``unlimited``: the contract's charge limit could not be worked out
    and is not applied. ``held`` is what that limit takes off [cents].
    """

    number: int
    line: ClaimLine
    status: Status
    allowed: int | None
    reason: str = ""
    term: str = ""
    price: UnitPrice = UnitPrice()
    cost: Cost | None = None
    unlimited: bool = False
    held: int = 0

    @property
    def is_open(self) -> bool:
        """Whether no amount can be said."""
        return self.allowed is None

    @property
    def group(self) -> str:
        """What the line counts under: ``per_diem`` (catheter care too), ``drug``, ``nursing`` or ``other``."""
        if is_drug(self.line):
            return "drug"
        return {"per_diem": "per_diem", "catheter_care": "per_diem", "nursing": "nursing"}.get(self.line.role, "other")


@dataclass(frozen=True)
class Used:
    """Drug that is used up and stands on no claim line: discarded, or inside the per diem."""

    line: ClaimLine
    cost: Cost | None


@dataclass(frozen=True)
class Side:
    """The order under one contract: claim lines, what is paid, what it costs, and what is assumed."""

    contract: Contract
    version: Version
    bill: Bill
    rules: BillingRules
    lines: tuple[QuotedLine, ...]
    used: tuple[Used, ...]
    assumptions: tuple[Assumed, ...]

    @property
    def name(self) -> str:
        """The contract's folder name."""
        return self.contract.name

    @property
    def title(self) -> str:
        """What people call the contract."""
        return self.contract.title

    @cached_property
    def open(self) -> tuple[QuotedLine, ...]:
        """Lines without an amount. They are in no total."""
        return tuple(q for q in self.lines if q.is_open)

    @property
    def unbilled(self) -> tuple[NotBilled, ...]:
        """What was ordered, that no line bills, and that nobody has decided: it stands outside the total."""
        return tuple(n for n in self.bill.not_billed if n.kind in _UNDECIDED)

    @property
    def is_complete(self) -> bool:
        """Whether everything ordered has an amount."""
        return not self.open and not self.unbilled

    def allowed(self, group: str = "") -> int:
        """Return the expected payment of the lines whose amount is known, of one group or all [cents]."""
        return sum(q.allowed for q in self.lines if q.allowed is not None and group in ("", q.group))

    def cost(self, group: str = "") -> int | None:
        """Return the cost of all lines of a group, and of drug used and not billed; None when any is unknown."""
        costs = [q.cost for q in self.lines if group in ("", q.group)]
        if group in ("", "drug"):
            costs += [used.cost for used in self.used]
        return sum(c.cents for c in costs if c is not None) if all(costs) else None

    def margin(self, group: str = "") -> int | None:
        """Return expected payment less cost, of one group or all; None when either is not wholly known."""
        cost = self.cost(group)
        if cost is None or any(q.is_open for q in self.lines if group in ("", q.group)):
            return None
        return None if self.unbilled and not group else self.allowed(group) - cost

    @property
    def days(self) -> int:
        """Calendar days with a per diem."""
        return len({day for q in self.lines if q.line.role == "per_diem" for day in q.line.span})


@dataclass(frozen=True)
class LeftOut:
    """A contract that was at hand and not quoted, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Quote:
    """One order under each contract. ``left_out`` are contracts at hand that could not be used.

    ``charges`` is the chargemaster that was asked after the order, as one would write its path; "" for none.
    """

    order: Order
    sides: tuple[Side, ...]
    left_out: tuple[LeftOut, ...]
    as_of: date | None
    drug_prices: str
    release: str
    charges: str = ""

    def side(self, name: str) -> Side:
        """Return the side of a contract; raise `InputError` when it is not quoted."""
        for side in self.sides:
            if side.name == name:
                return side
        raise InputError(f"'{name}' is not among the contracts quoted", expected=", ".join(s.name for s in self.sides))

    @property
    def is_complete(self) -> bool:
        """Whether everything ordered has an amount under every contract."""
        return all(side.is_complete for side in self.sides)


@dataclass(frozen=True)
class Basis:
    """What a quote stands on beside order and contracts.

    ``charges``: the chargemaster, for codes to which the order gives no charge. ``prices``: what NDCs were invoiced
    at. ``as_of`` and ``drug_prices``: as `hitmodel.pricing.Dating`.
    """

    charges: ChargeTable | None = None
    prices: NdcPriceTable | None = None
    as_of: date | None = None
    drug_prices: str = SERVICE_QUARTER
