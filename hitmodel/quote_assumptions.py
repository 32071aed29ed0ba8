"""What a quote assumes beside the conventions of billing: charges, claims, prices of quarters to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from hitmodel.acquisition import is_drug
from hitmodel.billing_rules import Assumption, Standing
from hitmodel.claim_lines import Bill
from hitmodel.codes import CodeTable
from hitmodel.dates import Quarter
from hitmodel.evidence_terms import Days
from hitmodel.mechanisms.drug import Drug
from hitmodel.orders import Order
from hitmodel.price_calendar import limit_quarter
from hitmodel.pricing import SERVICE_QUARTER
from hitmodel.terms import Contract, Version


@dataclass(frozen=True)
class Facts:
    """What the pricing of one order met.

    ``unlimited``: lines whose charge limit could not be worked out; ``uncharged``: lines without a charge. ``product``:
    as priced, against ``ordered``, as the order names it. ``newest``: the newest quarter of payment limits held.
    """

    unlimited: int
    uncharged: int
    product: str
    ordered: str
    as_of: date | None
    drug_prices: str
    newest: Quarter


DAY_COUNT = Assumption(
    "day_count", "every day from start to permanent stop is a payable day", Standing.DEDUCED, "count"
)
"""What the published definition of a per diem says and a silent contract leaves open."""


def in_force_words(contract: Contract) -> str:
    """Say on which days a contract is in force."""
    spans = [(v.contract.effective_from, v.contract.effective_through) for v in contract.versions]
    return "in force " + "; ".join(f"{first} to {last}" if last else f"from {first}" for first, last in spans)


def assumed_beside(contract: Contract, version: Version, bill: Bill, facts: Facts) -> tuple[Assumption, ...]:
    """Return what is assumed under one contract beside the conventions of billing."""
    made = (
        *_charges(version, facts),
        *_claims(version, bill),
        *_later_quarters(version, bill, facts),
        *_one_version(contract, bill, facts),
        *_one_way_of_counting(version),
        *_quarter_hours(version, bill),
    )
    if facts.product != facts.ordered:
        made += (_assumed("product", f"the patient's product is {facts.product}: the order names none"),)
    return made


def other_codes(order: Order, codes: CodeTable) -> tuple[Assumption, ...]:
    """Return what is assumed of drugs ordered by a code that stands on no day of their therapy."""
    found = []
    for therapy in order.therapy:
        for drug in therapy.drugs:
            days = codes.days(drug.code) if drug.code else None
            if days and (days[0] > therapy.stop or (days[1] is not None and days[1] < therapy.start)):
                why = codes.why_unknown(drug.code, therapy.start)
                found.append(_assumed(f"code_{drug.code}", f"{why}: the drug is billed by the code of its own days"))
    return tuple(found)


def _assumed(key: str, text: str, standing: Standing = Standing.NOT_RECORDED) -> Assumption:
    return Assumption(key, text, standing)


def _charges(version: Version, facts: Facts) -> Iterator[Assumption]:
    if not facts.unlimited:
        return
    lines = "1 line" if facts.unlimited == 1 else f"{facts.unlimited} lines"
    cite = f" ({version.lesser_of.cite})" if version.lesser_of.cite else ""
    why = "charges are not given" if facts.uncharged else "another line of the claim has no amount"
    whole = "it compares whole claims, and " if version.lesser_of.level == "claim" else ""
    yield _assumed("charge_limit", f"the charge limit{cite} is not applied to {lines}: {whole}{why}")


def _claims(version: Version, bill: Bill) -> Iterator[Assumption]:
    by_claim = version.lesser_of.level == "claim" or any(rule.per == "claim" for rule in version.limit)
    if by_claim and len({(line.first.year, line.first.month) for line in bill.lines}) > 1:
        yield _assumed("claims", "a claim holds the lines of one calendar month", Standing.HABIT)


def _later_quarters(version: Version, bill: Bill, facts: Facts) -> Iterator[Assumption]:
    """Say that the newest payment limits stand in for those of quarters that are not published yet."""
    rule = version.drug_prices
    if facts.drug_prices != SERVICE_QUARTER or not _uses_limits(version):
        return
    wanted = [limit_quarter(rule, line.first) for line in bill.lines if is_drug(line)]
    if wanted and max(wanted) > facts.newest:
        text = f"payment limits of {facts.newest}, the newest held, stand in for those through {max(wanted)}"
        yield _assumed("newest_prices", text)


def _uses_limits(version: Version) -> bool:
    chains = (term.chain for term in version.term if isinstance(term, Drug))
    return any(source.of in ("payment_limit", "raw_asp") for chain in chains for source in chain)


def _one_version(contract: Contract, bill: Bill, facts: Facts) -> Iterator[Assumption]:
    days = [line.first for line in bill.lines] + [line.last for line in bill.lines]
    if facts.as_of is None and days and contract.on(min(days)) != contract.on(max(days)):
        text = "the conventions of the version in force first hold for the whole order; rates change with the version"
        yield _assumed("one_version", text, Standing.HABIT)


def _one_way_of_counting(version: Version) -> Iterator[Assumption]:
    narrow = version.days.count != "billed" and version.days.applies_to != Days().applies_to
    if narrow or version.days.otherwise:
        text = "the contract's way of counting days holds for every per diem, not only for those that it names"
        yield _assumed("one_count", text)


def _quarter_hours(version: Version, bill: Bill) -> Iterator[Assumption]:
    if version.nursing.hours == "quarter_hour" and any(line.role == "nursing" for line in bill.lines):
        text = "further hours are billed whole and paid by the quarters that the visits' times give"
        yield _assumed("quarter_hours", text)
