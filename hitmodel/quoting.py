"""Quote one patient: a therapy order under any number of contracts, from billable days to expected payment and margin.

Each contract's own conventions turn the order into claim lines, and its own terms price them. A line without a price
says why, a cost that is not known makes a margin unknown, and whatever is assumed is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from hitmodel.acquisition import Cost, cost_of, unbilled_drugs
from hitmodel.amounts import share_of
from hitmodel.bill_claims import claims_of, evidence_in, joined, with_charges
from hitmodel.billing import bill_order
from hitmodel.billing_rules import BillingRules
from hitmodel.claim_lines import Bill, ClaimLine
from hitmodel.codes import CodeTable
from hitmodel.compile import compile_contract
from hitmodel.contracts import load_contract
from hitmodel.conventions import Reader, billing_rules
from hitmodel.dates import Quarter, Span
from hitmodel.errors import ContractError, InputError
from hitmodel.evidence_terms import Days
from hitmodel.exhibit import reference_words
from hitmodel.forms import Amount
from hitmodel.order_checks import check_order
from hitmodel.orders import Order, load_order
from hitmodel.overlays import contract_names
from hitmodel.prices import PaymentLimits
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.quote_assumptions import Facts, assumed_beside, in_force_words, other_codes
from hitmodel.quote_readings import weighed
from hitmodel.quote_standing import Said, settle
from hitmodel.quotes import Basis, LeftOut, Quote, QuotedLine, Side, UnitPrice, Used
from hitmodel.ranks import PrimaryBy
from hitmodel.references import References, default_references
from hitmodel.resolve import Resolution, Resolver
from hitmodel.scenario_file import is_saved
from hitmodel.terms import Contract, LesserOf, Record, Version

SAVED = "a saved scenario, quoted only where it is named"
REFERENCES = {"payment limit": "payment_limit", "ASP": "raw_asp", "AWP": "awp", "WAC": "wac", "NADAC": "nadac"}
"""Steps that price a drug by a published reference, with what a contract calls it."""


class NotInForce(InputError):
    """A contract, or every one at hand, is not in force on the days of the order, or on the day that was asked for."""


def quote(
    order: Order | str | Path, contracts: Iterable[Contract | str | Path] = (), basis: Basis | None = None
) -> Quote:
    """Quote an order.

    Parameters
    ----------
    order : Order or path
        As `load_order` takes it.
    contracts : names, paths or contracts
        Where none is named, every contract at hand that is in force on all days of the order; saved scenarios are
        left out, since they are in force nowhere.
    basis : Basis, optional
        Charges, costs and dates.

    Raises
    ------
    InputError, ContractError
        An order or contract that cannot be used.
    NotInForce
        A contract named that is in force on no day of the order; none at all that is.
    """
    basis = basis or Basis()
    order = order if isinstance(order, Order) else load_order(order)
    references = default_references()
    _check_codes(order, references.codes)
    check_order(order, references.codes)
    named = tuple(c if isinstance(c, Contract) else load_contract(c) for c in contracts)
    chosen, left_out = (named, ()) if named else _at_hand(order.span, basis.as_of)
    maker = _Maker(order, basis, References(references.codes, _carried_on(references.limits, order.span.last)))
    sides = tuple(maker.side(contract) for contract in chosen)
    charges = basis.charges.source if basis.charges else ""
    return Quote(order, sides, left_out, basis.as_of, basis.drug_prices, references.codes.release, charges)


def quote_read_as(
    order: Order, contract: Contract, readings: Iterable[Callable[[BillingRules], BillingRules]], basis: Basis
) -> tuple[Side, ...]:
    """Return an order under one contract once for each reading of its billing conventions, without assumptions.

    A contract that ranks therapies itself ranks them by the reading's rule; one that goes by the modifiers of the claim
    finds them set by that rule. Raises as `quote`.
    """
    references = default_references()
    maker = _Maker(order, basis, References(references.codes, _carried_on(references.limits, order.span.last)))
    return tuple(maker.read_as(contract, readings))


def _check_codes(order: Order, codes: CodeTable) -> None:
    """Raise `InputError` for a charge or a cost of a code that there has never been."""
    for table in ("charges", "costs"):
        for code in getattr(order, table):
            if not codes.exists_ever(code):
                raise InputError(
                    f"{code} is not an HCPCS code",
                    where=f"{order.file or 'the order'}, [{table}]",
                    suggestion=codes.nearest(code),
                )


def _at_hand(days: Span, as_of: date | None) -> tuple[tuple[Contract, ...], tuple[LeftOut, ...]]:
    """Return every contract that is in force on all days, and the others with what stands against them."""
    wanted = Span(as_of, as_of) if as_of else days
    found, left = [], []
    for name in contract_names():
        if is_saved(name):
            left.append(LeftOut(name, SAVED))
            continue
        try:
            contract = load_contract(name)
        except ContractError as error:
            left.append(LeftOut(name, str(error)))
            continue
        if all(contract.on(day) for day in wanted):
            found.append(contract)
        else:
            left.append(LeftOut(name, in_force_words(contract)))
    if not found:
        told = "; ".join(f"{out.name}: {out.reason}" for out in left)
        raise NotInForce(
            f"no contract at hand is in force on all days from {wanted.first} to {wanted.last}",
            expected="one named with --contract, or terms of another day with --as-of",
            next_step=f"There are: {told}." if told else "",
        )
    return tuple(found), tuple(left)


def _days_words(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"any day from {days[0]} to {days[-1]}"


def _carried_on(limits: PaymentLimits, last: date) -> PaymentLimits:
    """Return the payment limits with the newest quarter standing in for every later one through ``last``."""
    newest, held = limits.quarters[-1], dict(limits.by_quarter)
    quarter = newest.shift(1)
    while quarter <= Quarter.of(last).shift(1):  # a payer may use the quarter that is still to come
        held[quarter] = held[newest]
        quarter = quarter.shift(1)
    return replace(limits, by_quarter=held)


@dataclass(frozen=True)
class _Maker:
    """Makes the sides of one quote."""

    order: Order
    basis: Basis
    references: References

    def side(self, contract: Contract) -> Side:
        """Return the order under one contract."""
        version = self._version(contract)
        reader, splits = self._reader(contract, version)
        rules = billing_rules(reader, version, self.order.span.first, splits)
        payer = version.contract.payers[0]
        bill = self._bill(reader, rules, payer)
        lines = self._priced(bill, contract)
        made = Side(contract, version, bill, rules, lines, self._used(rules, bill), ())

        def otherwise(other: BillingRules) -> int | None:
            read = self._bill(reader, other, payer)
            if read.lines == bill.lines:
                return made.allowed()
            side = replace(made, bill=read, lines=self._priced(read, contract))
            return side.allowed() if side.is_complete or not made.is_complete else None

        beside = (
            *assumed_beside(contract, version, bill, self._facts(lines, reader.product)),
            *other_codes(self.order, self.references.codes),
        )
        return replace(made, assumptions=weighed((*bill.assumptions, *beside), rules, made.allowed(), otherwise))

    def read_as(self, contract: Contract, readings: Iterable[Callable[[BillingRules], BillingRules]]) -> Iterator[Side]:
        """Yield the order under one contract for each reading; readings that bill alike are priced once."""
        version = self._version(contract)
        reader, splits = self._reader(contract, version)
        own = billing_rules(reader, version, self.order.span.first, splits)
        priced: dict[object, tuple[QuotedLine, ...]] = {}
        for reading in readings:
            rules = reading(own)
            bill = self._bill(reader, rules, version.contract.payers[0])
            ranked = _ranked_by(contract, rules.primary_by)
            key = (bill.lines, tuple(v.concurrency.primary_by for v in ranked.versions))
            if key not in priced:
                priced[key] = self._priced(bill, ranked)
            yield Side(contract, version, bill, rules, priced[key], self._used(rules, bill), ())

    def _used(self, rules: BillingRules, bill: Bill) -> tuple[Used, ...]:
        lines = unbilled_drugs(self.order, rules, bill, self.references.codes)
        return tuple(Used(line, cost_of(line, self.order, self.basis.prices)) for line in lines)

    def _bill(self, reader: Reader, rules: BillingRules, payer: str) -> Bill:
        bill = bill_order(self.order, rules, self.references.codes, reader.day_rate)
        bill = replace(bill, payer=payer, product=reader.product)
        return with_charges(joined(bill), self.basis.charges)

    def _version(self, contract: Contract) -> Version:
        """Return the version whose conventions hold: that of the order's first day on which there is one."""
        days = [self.basis.as_of] if self.basis.as_of else list(self.order.span)
        version = next((v for day in days if (v := contract.on(day)) is not None), None)
        if version is None:
            raise NotInForce(
                f"contract '{contract.name}' is not in force on {_days_words(days)}",
                where=self.order.file,
                expected=in_force_words(contract),
                next_step="--as-of DATE prices the order by the terms of another day.",
            )
        return version

    def _reader(self, contract: Contract, version: Version) -> tuple[Reader, tuple[date, ...]]:
        span = self.order.span
        days = span if self.basis.as_of is None else Span(self.basis.as_of, self.basis.as_of)
        fixed = Dating(self.basis.as_of, self.basis.drug_prices).price_day(self.references)
        compiled = compile_contract(contract, self.references, days, Span(fixed, fixed) if fixed else span)
        products = version.contract.products
        reader = Reader(
            compiled=compiled,
            codes=self.references.codes,
            resolver=Resolver(),
            product=self.order.product or (products[0] if products else ""),
            patient=self.order.patient,
            suite=self.order.place == "suite",
        )
        return reader, () if self.basis.as_of else tuple(p.span.first for p in compiled.periods[1:])

    def _priced(self, bill: Bill, contract: Contract) -> tuple[QuotedLine, ...]:
        if not bill.lines:
            return ()
        costs = {n: c for n, line in enumerate(bill.lines) if (c := cost_of(line, self.order, self.basis.prices))}
        contract = _days_as_billed(contract)
        claims = claims_of(bill, costs, self.order.file or "the order")
        pricer = Pricer(claims, self.references, evidence_in(self.order))
        dating = Dating(self.basis.as_of, self.basis.drug_prices)
        limited = pricer.price(contract, dating)
        free = limited
        if not limited.known.all():
            free = pricer.price(_without_charge_limit(contract), dating)
        return tuple(
            _quoted(number, line, settle(number, line, bill.lines, limited, free), costs.get(number), free)
            for number, line in enumerate(bill.lines)
        )

    def _facts(self, lines: Sequence[QuotedLine], product: str) -> Facts:
        return Facts(
            unlimited=sum(q.unlimited for q in lines),
            uncharged=sum(q.line.charge is None for q in lines),
            product=product,
            ordered=self.order.product,
            as_of=self.basis.as_of,
            drug_prices=self.basis.drug_prices,
            newest=default_references().limits.quarters[-1],
        )


def _ranked_by(contract: Contract, rule: PrimaryBy) -> Contract:
    """Return the contract with another way to choose the primary therapy, where it chooses and the claim does not."""
    versions = tuple(
        v
        if v.concurrency.modifiers == "trust"
        else v.model_copy(update={"concurrency": v.concurrency.model_copy(update={"primary_by": rule.value})})
        for v in contract.versions
    )
    return contract.model_copy(update={"versions": versions})


def _days_as_billed(contract: Contract) -> Contract:
    """Return the contract without its clause on counting days: the bill has been counted by it."""
    return _with(contract, days=Days())


def _without_charge_limit(contract: Contract) -> Contract:
    return _with(contract, lesser_of=LesserOf())


def _with(contract: Contract, **clauses: Record) -> Contract:
    versions = tuple(v.model_copy(update=clauses) for v in contract.versions)
    return contract.model_copy(update={"versions": versions})


def _quoted(number: int, line: ClaimLine, said: Said, cost: Cost | None, priced: Priced) -> QuotedLine:
    resolution = priced.resolution_of(number)
    rank = int(priced.rated.rank[priced.first_segment[number]])
    return QuotedLine(
        number=number + 1,
        line=line,
        status=said.status,
        allowed=said.allowed,
        reason=said.reason,
        term=priced.terms[number],
        price=UnitPrice() if resolution is None else _shown(resolution, rank),
        cost=cost,
        unlimited=said.unlimited,
        held=said.held,
    )


def _shown(resolution: Resolution, rank: int) -> UnitPrice:
    outcome = resolution.outcome
    if not isinstance(outcome, Amount):
        return UnitPrice()
    cite = next((step.cite for step in reversed(outcome.steps) if step.cite), "")
    each = resolution.kind.units_factor if outcome.basis.source == "units" else 1
    share = share_of(resolution, rank)
    return UnitPrice(outcome.rate * resolution.factor * each, outcome.basis.value, share, cite, _follows(outcome))


def _follows(outcome: Amount) -> str:
    """Return the published price that an amount is a multiple of, as people name it; "" for none."""
    found = (dict(step.values).get("multiplier") for step in outcome.steps if step.name in REFERENCES)
    names = [REFERENCES[step.name] for step in outcome.steps if step.name in REFERENCES]
    multiplier = next((m for m in found if isinstance(m, Decimal)), None)
    return "" if multiplier is None else reference_words(names[0], multiplier, plain_asp=False)
