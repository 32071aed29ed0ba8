"""A contract held against the code tables: what is named and is not there, what clashes, what can never apply.

And which code is priced by what, on which dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, pairwise

from hitmodel.clause_checks import ContractFinding as ContractFinding
from hitmodel.clause_checks import clause_findings, known_until
from hitmodel.codes import ROLES, CodeEntry, CodeTable
from hitmodel.compile import Compiled, Period, compile_contract
from hitmodel.dates import Span, add_years
from hitmodel.forms import Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.name_checks import check_names
from hitmodel.references import References
from hitmodel.resolve import Resolver
from hitmodel.row_checks import covered_days, schedule_clashes
from hitmodel.selection import TermClash, choose, matches
from hitmodel.terms import Contract, Escalator, PhaseIn, RateChange, Term, Version

OPEN_YEARS = 2
"""How far an evergreen contract is checked beyond its first day."""

MOST_CODES = 6
"""How many codes a message lists before it says how many more there are."""

UNPAID = ("not_covered", "bundled")
FROM_NARROW = ("day", "claim", "episode", "year")
"""Groups of lines that limits look at, the narrowest first."""

BY_DAY = "per_diem"
"""The mechanism that pays by the day whatever the code is billed in."""

NDC_PRICES = ("awp", "wac", "invoice", "nadac")


COVERED_ROLES = ("per_diem", "catheter_care", "nursing", "drug", "nutrition", "pharmacy", "delivery", "noc")


@dataclass(frozen=True)
class Covered:
    """What prices a code on a run of days; ``term`` is "" where the contract is silent, and ``why`` says it."""

    code: str
    label: str
    role: str
    first: date
    last: date
    term: str
    why: str = ""


def check_contract(contract: Contract, references: References) -> tuple[ContractFinding, ...]:
    """Return everything about a contract that a person should look at, in the order of its files."""
    found: list[ContractFinding] = []
    for version in contract.versions:
        found += _open_places(version)
        compiled = _compiled(contract, version, references)
        found += check_names(version, references.codes)
        found += _price_table(version, references)
        named = {f.place for f in found if f.kind.startswith("unknown") and f.file == version.file}
        found += [f for f in _reach(version, compiled) if f.kind != "never_applies" or f.place not in named]
        found += clause_findings(version, references.codes, _last_day(version))
        found += (*covered_days(version, references.codes), *schedule_clashes(version))
        found += _order_of_steps(version)
    return tuple(dict.fromkeys(found))


def _open_places(version: Version) -> Iterator[ContractFinding]:
    """List what a draft leaves open, which has to be written before anything can be priced."""
    for place in version.placeholders:
        yield ContractFinding(version.file, place.place, f"still to be filled in: {place.name}", "open_place")


def _order_of_steps(version: Version) -> Iterator[ContractFinding]:
    """Find limits on wide groups laid before those on narrow ones: a year's cap would count what a day's then takes."""
    used = {rule.stage: rule.id for rule in version.limit}
    steps = [step for step in version.order.steps if step in used]
    for before, after in pairwise(steps):
        if FROM_NARROW.index(before) > FROM_NARROW.index(after):
            problem = (
                f"'{used[before]}' on a whole {before} is laid before '{used[after]}' on a {after}, "
                f"so it counts dollars that '{used[after]}' then takes away"
            )
            yield ContractFinding(version.file, "[order] steps", problem, "order", serious=False)


def coverage(contract: Contract, references: References) -> tuple[Covered, ...]:
    """Return what prices every home infusion code without modifiers, on which dates.

    Raises `ContractError` where two terms fit a code equally well.
    """
    found: list[Covered] = []
    newest = references.limits.quarters[-1].span.first
    resolver = Resolver()
    for version in contract.versions:
        for period in _compiled(contract, version, references).periods:
            for entry in _entries(references.codes, period.span, COVERED_ROLES):
                resolution = resolver.resolve(_kind(entry), period, min(period.span.first, newest))
                unpriced = isinstance(resolution.outcome, Unpriced)
                why = resolution.outcome.reason if isinstance(resolution.outcome, Unpriced) else ""
                found.append(_covered(entry, period.span, "" if unpriced else resolution.term, why))
    return _joined(found)


def _compiled(contract: Contract, version: Version, references: References) -> Compiled:
    """Return a version worked out over its days; no further than the indexes that it follows are known."""
    first = version.contract.effective_from
    span = Span(first, max(first, known_until(version, _last_day(version))))
    return compile_contract(contract, references, span, span)


def _last_day(version: Version) -> date:
    header = version.contract
    return header.effective_through or add_years(header.effective_from, OPEN_YEARS)


@dataclass
class Reach:
    """What the terms of a version come to on every kind of line that they could tell apart.

    ``fitted`` are terms that fit some kind, ``used`` those that govern one; ``clashes`` has the kinds that two terms
    fit equally well; ``by_day`` the codes that are not counted in days and yet are priced by the day, by term;
    ``changed`` the rate changes, escalators and phase-ins that touch a governing term, as (table, id); ``paid_anyway``
    the codes that one term would leave unpaid somewhere and another, more specific one pays there.
    """

    version: Version
    fitted: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    clashes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    by_day: dict[str, list[str]] = field(default_factory=dict)
    changed: set[tuple[str, str]] = field(default_factory=set)
    paid_anyway: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def look_at(self, kind: LineKind, period: Period) -> None:
        """Take in what governs one kind."""
        fitting = [t for t in period.terms if matches(t, kind)]
        self.fitted.update(t.id for t in fitting)
        try:
            chosen = choose(kind, fitting).chosen
        except TermClash as clash:
            self.clashes.setdefault(clash.terms, []).append("-".join((kind.code, *sorted(kind.modifiers))))
            self.used.update(clash.terms)
            return
        if chosen is None:
            return
        self.used.add(chosen.id)
        if not kind.is_by_day and chosen.mechanism == BY_DAY and not kind.modifiers:
            self.by_day.setdefault(chosen.id, []).append(kind.code)
        for term in fitting:
            if (
                term.mechanism in UNPAID
                and chosen.mechanism not in UNPAID
                and _narrowed_by(term) - _narrowed_by(chosen)
            ):
                self.paid_anyway.setdefault((term.id, chosen.id), []).append(kind.code)
        for table, row in _rate_rows(self.version):
            if chosen.id in row.terms if row.terms else matches(row.applies_to, kind):
                self.changed.add((table, row.id))


def _narrowed_by(term: Term) -> frozenset[str]:
    """Return what a term asks of a line beside its code: modifiers, a place, a product, a day."""
    asked = {
        "modifiers": term.modifiers + term.all_modifiers + term.without_modifiers,
        "places": term.places + term.without_places,
        "products": term.products + term.without_products,
        "days": term.conditions,
    }
    return frozenset(name for name, lists in asked.items() if lists)


def _rate_rows(version: Version) -> Iterator[tuple[str, Escalator | PhaseIn | RateChange]]:
    yield from (("escalator", row) for row in version.escalator)
    yield from (("phase_in", row) for row in version.phase_in)
    yield from (("rate_change", row) for row in version.rate_change)


def _reach(version: Version, compiled: Compiled) -> Iterator[ContractFinding]:
    """Find terms that fit a line equally well, that can never apply, or that pay drug units and visits by the day."""
    reach = Reach(version)
    for period in compiled.periods:
        for kind in _kinds(period):
            reach.look_at(kind, period)
    for (one, other), kinds in reach.clashes.items():
        problem = f"'{one}' and '{other}' fit {_some(kinds)} equally well; narrow one of them by codes, modifiers, "
        yield ContractFinding(version.file, "terms", problem + "places, products, days or dates", "clash")
    for (unpaid, paying), codes in reach.paid_anyway.items():
        problem = (
            f"'{paying}' is more specific and pays {_some(codes)} there too; name these codes in '{unpaid}' as well"
        )
        yield ContractFinding(version.file, f"term '{unpaid}'", problem, "paid_anyway", serious=False)
    for term in version.term:
        place = f"term '{term.id}'"
        if term.id in reach.by_day:
            problem = f"it pays by the day, and these codes are billed in other units: {_some(reach.by_day[term.id])}"
            yield ContractFinding(version.file, place, problem, "other_units")
        if term.id in reach.used or term.ndcs or term.patients or term.unlisted or term.default:
            continue
        yield ContractFinding(version.file, place, _why_never(term, version, reach), "never_applies", serious=False)
    for table, row in _rate_rows(version):
        if (table, row.id) not in reach.changed:
            problem = "no term that prices a line is touched by it, so it changes nothing"
            yield ContractFinding(version.file, f"{table} '{row.id}'", problem, "never_applies", serious=False)


def _why_never(term: Term, version: Version, reach: Reach) -> str:
    first, last = version.contract.effective_from, version.contract.effective_through
    ends_before = term.effective_through is not None and term.effective_through < first
    begins_after = term.effective_from is not None and last is not None and term.effective_from > last
    if ends_before or begins_after:
        why = "its dates lie outside the contract's"
    elif term.codes and term.without_codes and term.id not in reach.fitted:
        why = "every code that it was for is taken out of it"
    elif term.id in reach.fitted:
        why = "every code that it is for has a more specific clause of its own"
    else:
        why = "no code of the tables fits it"
    return f"{why}, so it can never apply"


def _some(names: list[str]) -> str:
    """List a few of many names."""
    distinct = list(dict.fromkeys(names))
    rest = f" and {len(distinct) - MOST_CODES} more" if len(distinct) > MOST_CODES else ""
    return ", ".join(distinct[:MOST_CODES]) + rest


def _price_table(version: Version, references: References) -> Iterator[ContractFinding]:
    """Find rows of the NDC price table that cannot be used, and prices of NDCs asked of no table."""
    table = references.ndc_prices(version)
    if table is not None:
        for row in table.findings:
            yield ContractFinding(version.file, "[drug_prices]", str(row), "price_table")
        return
    for term in version.term:
        asked = sorted({source.of for source in getattr(term, "sources", ()) if source.of in NDC_PRICES})
        if asked:
            problem = f"it asks for {' and '.join(asked)}, and no ndc_table is named under [drug_prices]"
            yield ContractFinding(version.file, f"term '{term.id}'", problem, "price_table")


def _kinds(period: Period) -> Iterator[LineKind]:
    """Every kind of line that the terms of a period could tell apart: each code, plain and as terms single it out."""
    assert period.look is not None
    terms = period.terms
    marks = {(), *((m,) for t in terms for m in t.modifiers), *(t.all_modifiers for t in terms)}
    places = {"", *(p for t in terms for p in t.places)}
    products = {"", *(p for t in terms for p in t.products)}
    conditions = dict.fromkeys(c for t in terms for c in t.conditions)
    days = [so for count in range(3) for so in combinations(conditions, count)]
    for entry in _entries(period.look.codes, period.span, ROLES):
        if entry.is_modifier:
            continue
        for modifiers in sorted(marks):
            for place in sorted(places):
                for product in sorted(products):
                    kind = _kind(entry, modifiers, place, product)
                    yield from (replace(kind, day_facts=frozenset(so)) for so in days)


def _kind(entry: CodeEntry, modifiers: tuple[str, ...] = (), place: str = "", product: str = "") -> LineKind:
    return LineKind(
        code=entry.code,
        modifiers=frozenset(modifiers),
        place=place,
        product=product,
        role=entry.role,
        therapy_class=entry.therapy_class,
        family=entry.family,
        billed_code=entry.code,
        known=frozenset({"ndc_quantity", "charge", "cost"}),
    )


def _entries(codes: CodeTable, span: Span, roles: tuple[str, ...]) -> Iterable[CodeEntry]:
    latest = {e.code: e for e in codes if e.role in roles and e.first_day <= span.last}
    return [e for e in latest.values() if e.last_day is None or e.last_day >= span.first]


def _covered(entry: CodeEntry, span: Span, term: str, why: str) -> Covered:
    first = max(span.first, entry.first_day)
    last = min(span.last, entry.last_day or date.max)
    return Covered(entry.code, entry.label, entry.role, first, last, term, why)


def _joined(found: list[Covered]) -> tuple[Covered, ...]:
    """Join neighbouring runs of days on which one term prices a code."""
    joined: list[Covered] = []
    for row in sorted(found, key=lambda c: (COVERED_ROLES.index(c.role), c.code, c.first)):
        if joined and (joined[-1].code, joined[-1].term) == (row.code, row.term):
            before = joined.pop()
            row = Covered(row.code, row.label, row.role, before.first, row.last, row.term, row.why)
        joined.append(row)
    return tuple(joined)
