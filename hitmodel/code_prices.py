"""What a contract pays for each code on a day, by what a clause asks for beside the code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.codes import CodeEntry
from hitmodel.compile import Compiled, Period, compile_contract
from hitmodel.dates import Span
from hitmodel.errors import ContractError
from hitmodel.exhibit import reference_words
from hitmodel.forms import Amount, Basis, Known, Outcome
from hitmodel.mechanisms.base import LineKind
from hitmodel.mechanisms.drug import Drug
from hitmodel.money import as_decimal
from hitmodel.references import References
from hitmodel.resolve import Resolver
from hitmodel.sayings import UNPAID, kind_of
from hitmodel.selection import choose, matches, names
from hitmodel.status import Status
from hitmodel.terms import Contract, Term

ROLES = ("per_diem", "catheter_care", "nursing", "pharmacy", "delivery", "noc")
"""What is listed by code; drugs, nutrition formulas, supplies and equipment are told by clause, unless a clause names a
code of theirs to give it a rate or leave it unpaid."""
RATED = ("per_diem", "fixed", "schedule")
"""Ways to pay a rate in dollars for a unit, so that a code's row says all of it."""
OPEN = "to be filled in"
NO_RATE_TODAY = "no rate on this day"
"""What a schedule pays a code whose rates begin later or have ended."""


@dataclass(frozen=True)
class Price:
    """What one code is paid: a rate in dollars for each ``unit``, or words where it is no such number.

    ``field`` is the dollar field of the term that the rate comes from, "" where a rate cannot be set by itself.
    """

    rate: Decimal | None
    words: str
    unit: str
    term: str = ""
    field: str = ""
    cite: str = ""


NO_PRICE = Price(None, "no rate", "")


@dataclass(frozen=True)
class Worked:
    """A contract worked out for one day."""

    compiled: Compiled

    @property
    def period(self) -> Period:
        """The day's period."""
        return self.compiled.periods[-1]


def worked(contract: Contract, references: References, day: date) -> Worked:
    """Return a contract worked out for a day. Raises `ContractError` where it is not in force then."""
    if contract.on(day) is None:
        first = contract.versions[0].contract.effective_from
        raise ContractError(
            f"{contract.name} is not in force on {day}",
            expected="a day on which it is",
            next_step=f"Try --as-of {first}.",
        )
    return Worked(compile_contract(contract, references, Span(day, day), Span(day, day)))


def within(contract: Contract, day: date) -> date:
    """Return the day, or the nearest one on which a contract is in force."""
    if contract.on(day) is not None:
        return day
    last = contract.latest.contract.effective_through
    return last if last is not None and last < day else contract.versions[0].contract.effective_from


def governs(term: Term, kind: LineKind, period: Period) -> bool:
    """Say whether a term is what pays a kind of line in a period."""
    return choose(kind, [t for t in period.terms if matches(t, kind)]).chosen is term


def told_by_code(period: Period) -> frozenset[str]:
    """Return the codes that a clause names to pay them a rate, or nothing by themselves, whatever their role."""
    terms = (term for term in period.terms if is_told_by_code(term))
    items = frozenset(item for term in terms for item in term.codes)
    ranges = [item for item in items if ".." in item]
    assert period.look is not None
    return items | {entry.code for entry in period.look.codes if any(names(item, entry.code) for item in ranges)}


def is_told_by_code(term: Term) -> bool:
    """Say whether rows by code tell all of a clause: it names codes, and pays them a rate or nothing by themselves."""
    is_plain = not (term.patients or term.ndcs)
    return bool(term.codes) and is_plain and (term.mechanism in UNPAID or term.mechanism in RATED)


def code_prices(
    contract: Contract, references: References, day: date, codes: Iterable[str]
) -> dict[tuple[str, str], Price]:
    """Return what a contract pays for some codes on a day, drugs too, by code and by what a clause asks for beside it.

    It is worked out on its own nearest day where it is not in force. Codes that the code table does not hold are left
    out. Raises `ContractError` when two terms fit a code equally well.
    """
    entries = [entry for code in dict.fromkeys(codes) if (entry := references.codes.entry(code))]
    return prices_of(worked(contract, references, within(contract, day)), references, entries)


def prices_of(made: Worked, references: References, entries: Iterable[CodeEntry]) -> dict[tuple[str, str], Price]:
    """Return what each code is paid, by code and by what a clause asks for beside it."""
    period, resolver = made.period, Resolver()
    found: dict[tuple[str, str], Price] = {}
    day = min(made.compiled.price_starts[-1], references.limits.quarters[-1].span.first)
    for entry in entries:
        for term in period.terms:
            kind = kind_for(entry, term)
            if term.patients or term.ndcs or not matches(term, kind):
                continue
            if governs(term, kind, period):
                resolution = resolver.resolve(kind, period, day)
                found[entry.code, _mark(term)] = _price(resolution.outcome, resolution.factor, term, period)
    return found


def listed_entries(references: References, day: date, more: frozenset[str]) -> list[CodeEntry]:
    """Return the codes that an exhibit lists on a day: those of `ROLES`, and some more."""
    listed = (e for e in references.codes if e.role in ROLES or e.code in more)
    return [e for e in listed if not e.is_modifier and e.valid_on(day)]


def kind_for(entry: CodeEntry, term: Term) -> LineKind:
    """Return the plainest line of a code that a term can fit."""
    plain = kind_of(entry, (*term.modifiers[:1], *term.all_modifiers))
    return replace(
        plain,
        place=next(iter(term.places), ""),
        product=next(iter(term.products), ""),
        known=frozenset({"ndc_quantity", "charge", "cost"}),
    )


def _mark(term: Term) -> str:
    places = tuple(f"place {place}" for place in term.places[:1])
    return " ".join((*term.modifiers[:1], *term.all_modifiers, *places, *term.products[:1]))


def _price(outcome: Outcome, factor: Fraction, term: Term, period: Period) -> Price:
    if _is_open(term, period):
        unit = unit_words(outcome.basis) if isinstance(outcome, Amount) else ""
        return Price(None, OPEN, unit, term.id, "", term.cite)
    if isinstance(outcome, Known):
        words = "included" if outcome.status is Status.BUNDLED else "not covered"
        return Price(None, words, "", term.id, "", term.cite)
    if isinstance(term, Drug):
        told = (reference_words(s.schedule or s.of, s.multiplier, plain_asp=False) for s in term.sources[:2])
        return Price(None, ", else ".join(told), "", term.id, "", term.cite)
    if isinstance(outcome, Amount) and outcome.basis not in (Basis.CHARGE, Basis.COST):
        rate = as_decimal(outcome.rate * factor, 4)
        field = _field(term, outcome.basis) if factor == 1 else ""
        return Price(rate, _dollars(rate), unit_words(outcome.basis), term.id, field, term.cite)
    if isinstance(outcome, Amount):
        share = as_decimal(outcome.rate * 100, 4).normalize()
        return Price(None, f"{share:f} %", f"of {outcome.basis.value}", term.id, "", term.cite)
    words = {"by_report": "by report", "schedule": NO_RATE_TODAY}.get(term.mechanism, "by its clause")
    return Price(None, words, "", term.id, "", term.cite)


def _is_open(term: Term, period: Period) -> bool:
    placeholders = period.version.placeholders if period.version else ()
    return any(place.table == "term" and place.row_id == term.id for place in placeholders)


def _field(term: Term, basis: Basis) -> str:
    """Return the field that a rate is written in; a schedule's row is a rate too, in a file of its own."""
    if term.mechanism in ("per_diem", "fixed", "schedule"):
        return "rate"
    return {Basis.VISIT: "first", Basis.HOUR: "further"}.get(basis, "") if term.mechanism == "nursing" else ""


def unit_words(basis: Basis) -> str:
    """Return what a rate is for, as an exhibit says it: day, visit, NDC unit."""
    return basis.value.replace("_", " ")


def _dollars(rate: Decimal) -> str:
    text = f"{rate:,.4f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents:0<2}"
