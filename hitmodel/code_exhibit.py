"""The rate exhibit of a contract: what each home infusion code is paid on a day, and by how much another paper differs.

Drugs, charges and the clauses round the rates stand beside it in words, since their price is no number by code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from hitmodel import fact_sayings, money_sayings, paths
from hitmodel.code_files import read_table
from hitmodel.codes import CodeEntry
from hitmodel.compile import Compiled, Period, compile_contract
from hitmodel.dates import Span, spoken
from hitmodel.errors import ContractError
from hitmodel.exhibit import RateLine, rate_lines, reference_words
from hitmodel.forms import Amount, Basis, Known, Outcome
from hitmodel.labels import therapy_label
from hitmodel.mechanisms.base import LineKind
from hitmodel.mechanisms.drug import Drug
from hitmodel.money import as_decimal
from hitmodel.references import References
from hitmodel.resolve import Resolver
from hitmodel.sayings import UNPAID, Paper, Saying, kind_of
from hitmodel.selection import choose, matches
from hitmodel.status import Status
from hitmodel.terms import Contract, Term, Version

ROLES = ("per_diem", "catheter_care", "nursing", "pharmacy", "delivery", "noc")
"""What is listed by code; drugs, nutrition formulas, supplies and equipment are told by clause, unless a clause names a
code of theirs to leave it unpaid."""
OPEN = "to be filled in"
RATE, TODAY, PROPOSED = "Rate", "Today", "Proposed"
"""Heads over a contract's own rates, and over those of two papers of which one follows the other."""


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
_FILE = re.compile(r"[^,;]*\.(xlsx?|xlsm|csv|pdf|docx?|toml|txt)\b[^,;]*", re.IGNORECASE)


def place(cite: str) -> str:
    """Return where a clause stands in the paper, as a paper between two parties says it; a file's name is no place."""
    return _FILE.sub("", cite).strip(" ,;")


def place_words(price: Price) -> str:
    """Return where a rate stands in the paper, "" where only a file is named."""
    return place(price.cite)


@dataclass(frozen=True)
class ExhibitRow:
    """One code, as it is billed: with the modifier, place or product that a clause asks for. ``other`` is what the
    paper beside it pays.
    """

    code: str
    mark: str
    descriptor: str
    therapy: str
    price: Price
    other: Price | None = None

    @property
    def name(self) -> str:
        """The code with its mark: ``S9359-SS``."""
        return f"{self.code}-{self.mark}" if self.mark else self.code

    @property
    def changed(self) -> bool:
        """Whether the two papers differ on the code."""
        return self.other is not None and (self.price.words, self.price.unit) != (self.other.words, self.other.unit)

    @property
    def unit(self) -> str:
        """What the rate is for; the other paper's unit where this one says none."""
        return self.price.unit or (self.other.unit if self.other else "")

    @property
    def other_words(self) -> str:
        """What the other paper pays, with its unit where that is another one; "" where there is no other paper."""
        if self.other is None:
            return ""
        if not self.other.unit or self.other.unit == self.unit:
            return self.other.words
        return f"{self.other.words} {self.other.unit if self.other.rate is None else f'per {self.other.unit}'}"

    @property
    def difference(self) -> Decimal | None:
        """The rate less the other paper's, where both are dollars for the same unit."""
        if self.other is None or self.price.rate is None or self.other.rate is None:
            return None
        return self.price.rate - self.other.rate if self.price.unit == self.other.unit else None


@dataclass(frozen=True)
class CodeExhibit:
    """A contract's rates by code on one day, grouped by therapy, with the clauses that no code has.

    ``other`` is the title of the paper beside it, "" for none, and ``other_from`` its first day. ``heads`` stand over
    the other paper's rates and over these: Today and Proposed only where the other is in force until this one begins.
    ``approximate`` says why rate × units is not always what is paid.
    """

    contract: Contract
    version: Version
    day: date
    title: str
    other: str
    rows: tuple[ExhibitRow, ...]
    clauses: tuple[RateLine, ...]
    approximate: tuple[str, ...]
    heads: tuple[str, str] = (RATE, PROPOSED)
    other_from: date | None = None

    @property
    def beside(self) -> str:
        """What stands side by side, with the first days: Today is A plan, terms from …; Proposed is …; "" for one."""
        if self.other_from is None:
            return ""
        sides = zip(self.heads, (self.other, self.title), strict=True)
        days = (self.other_from, self.version.contract.effective_from)
        told = (
            f"{head if head == title else f'{head} is {title}'}, terms from {spoken(day)}"
            for (head, title), day in zip(sides, days, strict=True)
        )
        return "; ".join(told)

    def called(self, title: str) -> CodeExhibit:
        """Return the exhibit under another title."""
        head = self.heads[1] if self.heads[1] != self.title else title
        return replace(self, title=title, heads=(self.heads[0], head))

    @property
    def groups(self) -> dict[str, tuple[ExhibitRow, ...]]:
        """The rows by therapy, in the code table's order."""
        found: dict[str, list[ExhibitRow]] = {}
        for row in self.rows:
            found.setdefault(row.therapy, []).append(row)
        return {therapy: tuple(rows) for therapy, rows in found.items()}


@dataclass(frozen=True)
class Worked:
    """A contract worked out for one day."""

    compiled: Compiled

    @property
    def period(self) -> Period:
        """The day's period."""
        return self.compiled.periods[-1]


def code_exhibit(contract: Contract, references: References, day: date, against: Contract | None = None) -> CodeExhibit:
    """Return a contract's rates by code as they stand on a day.

    Parameters
    ----------
    against : Contract or None
        The paper beside it, such as today's contract beside a proposal; on its own last day when it ends before.

    Raises
    ------
    ContractError
        The contract is not in force on ``day``, or two terms fit a code equally well.
    """
    made = _worked(contract, references, day)
    beside = None if against is None else _worked(against, references, _within(against, day))
    version = made.period.version
    assert version is not None
    more = frozenset().union(*(_left_unpaid(side.period) for side in (made, *((beside,) if beside else ()))))
    others = _prices(beside, references, _entries(references, beside.period.span.first, more)) if beside else {}
    mine = _prices(made, references, _entries(references, made.period.span.first, more))
    rows = [
        ExhibitRow(code, mark, *_named(references, code), price, others.get((code, mark), NO_PRICE) if beside else None)
        for (code, mark), price in mine.items()
    ]
    rows += [
        ExhibitRow(code, mark, *_named(references, code), NO_PRICE, price)
        for (code, mark), price in others.items()
        if (code, mark) not in mine
    ]
    sides = (beside, made) if beside else (made,)
    listed = {
        price.term for row in rows for price in (row.price, row.other) if price and _lists(row, price, references)
    }
    idle = _idle(sides, references)
    clauses = tuple(line for line in rate_lines(sides) if line.term not in listed | idle and not line.for_patients)
    order = _reading_order()
    classes: dict[str, int] = {}
    for row in sorted(rows, key=lambda r: order.get(r.code, len(order))):
        classes.setdefault(row.therapy, len(classes))
    rows.sort(key=lambda r: (classes[r.therapy], order.get(r.code, len(order)), r.code, r.mark))
    clauses += _facts(tuple(s.period.version for s in sides if s.period.version), references)
    other = "" if against is None else against.title if against.title != contract.title else against.name
    exhibit = CodeExhibit(contract, version, day, contract.title, other, tuple(rows), clauses, _approximate(version))
    if against is None or beside is None or beside.period.version is None:
        return exhibit
    begins = version.contract.effective_from
    follows = against.on(begins - timedelta(days=1)) is not None
    heads = (TODAY, PROPOSED) if follows else (other, contract.title)
    return replace(exhibit, heads=heads, other_from=beside.period.version.contract.effective_from)


FACTS: tuple[tuple[str, Callable[[Paper], Saying]], ...] = (
    ("first of several therapies", money_sayings.primary),
    ("amendments", fact_sayings.amendment),
    ("time to file claims", fact_sayings.days_to("timely_filing_days", "to file")),
    ("time to appeal", fact_sayings.days_to("appeal_days", "to appeal")),
    ("payment of clean claims", fact_sayings.clean_claim),
    ("term", fact_sayings.term),
    ("renewal", fact_sayings.renewal),
    ("notice", fact_sayings.notice),
)
"""Clauses that no rate hangs on and a paper between two parties has all the same."""


def _facts(versions: tuple[Version, ...], references: References) -> tuple[RateLine, ...]:
    """Return what either paper says on the facts beside its rates; those on which both are silent are left out."""
    lines = []
    for name, ask in FACTS:
        said = [ask(Paper(version, references)) for version in versions]
        if any(one.words for one in said):
            shown = tuple(one.words or "–" for one in said)
            lines.append(RateLine(name, "", "", said[-1].cite or said[0].cite, shown, (None,) * len(said)))
    return tuple(lines)


def _idle(sides: Iterable[Worked], references: References) -> set[str]:
    """Return the terms that fit codes and govern none on any side, since others outrank them: they say nothing."""
    idle: set[str] = set()
    busy: set[str] = set()
    for made in sides:
        period = made.period
        entries = [e for e in references.codes if not e.is_modifier and e.valid_on(period.span.first)]
        for term in period.terms:
            fitted = [kind for entry in entries if matches(term, kind := _kind(entry, term))]
            by_code = bool(fitted) and not (term.patients or term.ndcs or term.unlisted or term.default)
            if by_code and not any(_governs(term, kind, period) for kind in fitted):
                idle.add(term.id)
            else:
                busy.add(term.id)
    return idle - busy


def _governs(term: Term, kind: LineKind, period: Period) -> bool:
    return choose(kind, [t for t in period.terms if matches(t, kind)]).chosen is term


@cache
def _reading_order() -> dict[str, int]:
    """Return the place of each code in the class files, where therapies stand as people list them."""
    files = ("per_diem.csv", "services.csv", "unlisted.csv")
    rows = (row for file in files for row in read_table(paths.data("codes", "classes", file), ("code",)))
    return {row["code"]: n for n, row in enumerate(rows)}


def _worked(contract: Contract, references: References, day: date) -> Worked:
    if contract.on(day) is None:
        first = contract.versions[0].contract.effective_from
        raise ContractError(
            f"{contract.name} is not in force on {day}",
            expected="a day on which it is",
            next_step=f"Try --as-of {first}.",
        )
    return Worked(compile_contract(contract, references, Span(day, day), Span(day, day)))


def _within(contract: Contract, day: date) -> date:
    """Return the day, or the nearest one on which a contract is in force."""
    if contract.on(day) is not None:
        return day
    last = contract.latest.contract.effective_through
    return last if last is not None and last < day else contract.versions[0].contract.effective_from


def _named(references: References, code: str) -> tuple[str, str]:
    entry = references.codes.entry(code)
    assert entry is not None
    return entry.label if entry.is_cpt else entry.descriptor, therapy_label(entry.therapy_class or entry.role)


def _lists(row: ExhibitRow, price: Price, references: References) -> bool:
    """Say whether a row tells all of the clause that its price is from; the clause of all drugs says more than one."""
    entry = references.codes.entry(row.code)
    return price.words in UNPAID.values() or (entry is not None and entry.role in ROLES)


def _left_unpaid(period: Period) -> frozenset[str]:
    """Return the codes that a clause names to pay them nothing by themselves, whatever their role."""
    return frozenset(code for term in period.terms if term.mechanism in UNPAID for code in term.codes)


def code_prices(
    contract: Contract, references: References, day: date, codes: Iterable[str]
) -> dict[tuple[str, str], Price]:
    """Return what a contract pays for some codes on a day, drugs too, by code and by what a clause asks for beside it.

    It is worked out on its own nearest day where it is not in force. Codes that the code table does not hold are left
    out. Raises `ContractError` when two terms fit a code equally well.
    """
    entries = [entry for code in dict.fromkeys(codes) if (entry := references.codes.entry(code))]
    return _prices(_worked(contract, references, _within(contract, day)), references, entries)


def _prices(made: Worked, references: References, entries: Iterable[CodeEntry]) -> dict[tuple[str, str], Price]:
    """Return what each code is paid, by code and by what a clause asks for beside it."""
    period, resolver = made.period, Resolver()
    found: dict[tuple[str, str], Price] = {}
    day = min(made.compiled.price_starts[-1], references.limits.quarters[-1].span.first)
    for entry in entries:
        for term in period.terms:
            kind = _kind(entry, term)
            if term.patients or term.ndcs or not matches(term, kind):
                continue
            if _governs(term, kind, period):
                resolution = resolver.resolve(kind, period, day)
                found[entry.code, _mark(term)] = _price(resolution.outcome, resolution.factor, term, period)
    return found


def _entries(references: References, day: date, more: frozenset[str]) -> list[CodeEntry]:
    listed = (e for e in references.codes if e.role in ROLES or e.code in more)
    return [e for e in listed if not e.is_modifier and e.valid_on(day)]


def _kind(entry: CodeEntry, term: Term) -> LineKind:
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
    words = "by report" if term.mechanism == "by_report" else "by its clause"
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


def _approximate(version: Version) -> tuple[str, ...]:
    """Say why rate × units is not always what is paid."""
    reasons = []
    if any(share != 1 for share in version.concurrency.shares):
        reasons.append("second and later therapies of a day are paid a share of their rate")
    if version.lesser_of.level != "none":
        what = "each line" if version.lesser_of.level == "line" else "each claim"
        reasons.append(f"{what} is held to its charge")
    if version.limit or version.allowance:
        reasons.append("caps, floors or allowances hold for groups of lines")
    if version.bundle or version.exclusive:
        reasons.append("some lines are paid within others")
    if version.adjustment:
        reasons.append("the suite and other factors change some rates")
    return tuple(reasons)
