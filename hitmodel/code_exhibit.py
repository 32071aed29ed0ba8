"""The rate exhibit of a contract: what each home infusion code is paid on a day, and by how much another paper differs.

Drugs, charges and the clauses round the rates stand beside it in words, since their price is no number by code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from hitmodel import fact_sayings, money_sayings, paths
from hitmodel.code_files import read_table
from hitmodel.code_prices import (
    NO_PRICE,
    ROLES,
    Price,
    Worked,
    governs,
    is_told_by_code,
    kind_for,
    listed_entries,
    prices_of,
    told_by_code,
    within,
    worked,
)
from hitmodel.dates import spoken
from hitmodel.exhibit import RateLine, rate_lines
from hitmodel.labels import therapy_label
from hitmodel.references import References
from hitmodel.sayings import UNPAID, Paper, Saying
from hitmodel.selection import matches
from hitmodel.terms import Contract, Version

RATE, TODAY, PROPOSED = "Rate", "Today", "Proposed"
"""Heads over a contract's own rates, and over those of two papers of which one follows the other."""


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
    made = worked(contract, references, day)
    beside = None if against is None else worked(against, references, within(against, day))
    version = made.period.version
    assert version is not None
    sides = (beside, made) if beside else (made,)
    rows = _rows(made, beside, references)
    by_code = {term.id for side in sides for term in side.period.terms if is_told_by_code(term)}
    prices = [(row, price) for row in rows for price in (row.price, row.other) if price]
    listed = {price.term for row, price in prices if price.term in by_code or _lists(row, price, references)}
    idle = _idle(sides, references)
    clauses = tuple(line for line in rate_lines(sides) if line.term not in listed | idle and not line.for_patients)
    clauses += _facts(tuple(s.period.version for s in sides if s.period.version), references)
    other = "" if against is None else against.title if against.title != contract.title else against.name
    exhibit = CodeExhibit(contract, version, day, contract.title, other, rows, clauses, _approximate(version))
    if against is None or beside is None or beside.period.version is None:
        return exhibit
    follows = against.on(version.contract.effective_from - timedelta(days=1)) is not None
    heads = (TODAY, PROPOSED) if follows else (other, contract.title)
    return replace(exhibit, heads=heads, other_from=beside.period.version.contract.effective_from)


def _rows(made: Worked, beside: Worked | None, references: References) -> tuple[ExhibitRow, ...]:
    """Return the codes of either paper with what each pays, by therapy in the order in which people list them."""
    more = told_by_code(made.period) | (told_by_code(beside.period) if beside else frozenset())
    mine, others = (
        prices_of(side, references, listed_entries(references, side.period.span.first, more)) if side else {}
        for side in (made, beside)
    )
    rows = [
        ExhibitRow(*key, *_named(references, key[0]), price, others.get(key, NO_PRICE) if beside else None)
        for key, price in mine.items()
    ]
    rows += [
        ExhibitRow(*key, *_named(references, key[0]), NO_PRICE, price)
        for key, price in others.items()
        if key not in mine
    ]
    order = _reading_order()
    classes: dict[str, int] = {}
    for row in sorted(rows, key=lambda r: order.get(r.code, len(order))):
        classes.setdefault(row.therapy, len(classes))
    return tuple(sorted(rows, key=lambda r: (classes[r.therapy], order.get(r.code, len(order)), r.code, r.mark)))


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
            fitted = [kind for entry in entries if matches(term, kind := kind_for(entry, term))]
            by_code = bool(fitted) and not (term.patients or term.ndcs or term.unlisted or term.default)
            if by_code and not any(governs(term, kind, period) for kind in fitted):
                idle.add(term.id)
            else:
                busy.add(term.id)
    return idle - busy


@cache
def _reading_order() -> dict[str, int]:
    """Return the place of each code in the class files, where therapies stand as people list them."""
    files = ("per_diem.csv", "services.csv", "unlisted.csv")
    rows = (row for file in files for row in read_table(paths.data("codes", "classes", file), ("code",)))
    return {row["code"]: n for n, row in enumerate(rows)}


def _named(references: References, code: str) -> tuple[str, str]:
    entry = references.codes.entry(code)
    assert entry is not None
    return entry.label if entry.is_cpt else entry.descriptor, therapy_label(entry.therapy_class or entry.role)


def _lists(row: ExhibitRow, price: Price, references: References) -> bool:
    """Say whether rows tell all of the clause that a price is from; the clause of all drugs says more than one."""
    entry = references.codes.entry(row.code)
    return price.words in UNPAID.values() or (entry is not None and entry.role in ROLES)


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
