"""Every contract with its dates: when its term ends, by when notice must be given, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from hitmodel.contracts import load_draft
from hitmodel.dates import ONE_DAY, add_months
from hitmodel.errors import ContractError
from hitmodel.overlays import contract_names
from hitmodel.prepare import to_day
from hitmodel.pricing import Dating, Pricer
from hitmodel.terms import Contract

Standing = Literal["in force", "ended", "to come", "draft"]
MOST_TERMS = 200
"""How many renewals are counted on from the first term; a contract that old is a slip in a date."""


@dataclass(frozen=True)
class Renewal:
    """One contract on a day.

    ``first`` is its first day, ``ends`` the last day of the term that runs on the day (None when none is said), and
    ``notice_by`` the last day on which notice can be given for it. ``renews`` says what comes then, "" when the
    contract does not. ``cents`` is what it allows on the claims at hand, None without claims or where it cannot be
    priced; a contract that begins after them is priced as if from its first day. ``on`` names the contract that a draft
    or proposal changes.
    """

    name: str
    title: str
    payers: tuple[str, ...]
    products: tuple[str, ...]
    standing: Standing
    first: date
    ends: date | None
    notice_by: date | None
    renews: str
    owner: str
    cents: int | None = None
    on: str = ""

    def days_to_notice(self, day: date) -> int | None:
        """Return how many days are left to give notice, negative when it is too late; None without a deadline."""
        return None if self.notice_by is None else (self.notice_by - day).days


def renewals(day: date, pricer: Pricer | None = None, names: Iterable[str] | None = None) -> tuple[Renewal, ...]:
    """Return every contract at hand as it stands on ``day``: those to act on first, drafts and proposals last.

    A contract that cannot be read is left out, as ``hitmodel check`` says why.
    """
    found = []
    for name in names if names is not None else contract_names():
        try:
            contract = load_draft(name)
        except ContractError:
            continue
        found.append(_renewal(contract, day, pricer))
    return tuple(sorted(found, key=_order))


def _order(renewal: Renewal) -> tuple[object, ...]:
    standing = ("in force", "to come", "ended", "draft").index(renewal.standing)
    return standing, renewal.notice_by or renewal.ends or date.max, renewal.name


def _renewal(contract: Contract, day: date, pricer: Pricer | None) -> Renewal:
    header = contract.versions[0].contract
    facts = (contract.on(day) or contract.latest).agreement
    ends = _term_end(contract, day)
    days = facts.notice_days
    renews = {
        "automatically": f"renews by itself{_each(facts.renewal_months)}",
        "by_agreement": "renews when both agree",
        "ends": "ends",
        None: "",
    }[facts.renews]
    return Renewal(
        name=contract.name,
        title=contract.title,
        payers=() if any(p.field == "payers" for v in contract.versions for p in v.placeholders) else contract.payers,
        products=tuple(dict.fromkeys(p for v in contract.versions for p in v.contract.products)),
        standing=_standing(contract, day, ends),
        first=header.effective_from,
        ends=ends,
        notice_by=ends - timedelta(days=days) if ends is not None and days is not None else None,
        renews=renews,
        owner=facts.owner,
        cents=_worth(contract, pricer),
        on=_named(header.extends),
    )


def _named(extends: str) -> str:
    """Return the contract that ``extends`` names: a name, a name with its version, or a file."""
    parts = Path(extends).parts
    return "" if not parts else parts[-2] if len(parts) > 1 else parts[0]


def _each(months: int | None) -> str:
    if months is None:
        return ""
    return " for a year" if months == 12 else f" for {months} months"


def _standing(contract: Contract, day: date, ends: date | None) -> Standing:
    if contract.versions[0].contract.extends or any(v.placeholders for v in contract.versions):
        return "draft"
    if day < contract.versions[0].contract.effective_from:
        return "to come"
    return "ended" if contract.on(day) is None or (ends is not None and ends < day) else "in force"


def _term_end(contract: Contract, day: date) -> date | None:
    """Return the last day of the term that runs on ``day``: the first term, then each renewal that comes by itself.

    No term outlasts the last day of the contract's last version.
    """
    last = contract.latest.contract.effective_through
    end = _said_end(contract, day)
    return last if end is None or (last is not None and last < end) else end


def _said_end(contract: Contract, day: date) -> date | None:
    version = contract.on(day) or contract.latest
    facts, first = version.agreement, contract.versions[0].contract.effective_from
    if facts.term_through is not None:
        end: date | None = facts.term_through
    elif facts.term_months is not None:
        end = add_months(first, facts.term_months) - ONE_DAY
    else:
        end = None
    if facts.renews != "automatically" or facts.renewal_months is None or end is None:
        return end
    after, renewed = end + ONE_DAY, 0
    while end < day and renewed < MOST_TERMS:
        renewed += 1
        end = add_months(after, renewed * facts.renewal_months) - ONE_DAY
    return end


def _worth(contract: Contract, pricer: Pricer | None) -> int | None:
    if pricer is None or any(v.placeholders for v in contract.versions):
        return None
    first, last = contract.versions[0].contract.effective_from, to_day(pricer.prepared.last.max())
    priced = pricer.price(contract, Dating(first if first > last else None))
    return int(priced.allowed[priced.known].sum()) if priced.known.any() else None
