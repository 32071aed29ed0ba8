"""A contract held against the code tables: what is named and is not there, what clashes, what can never apply.

And which code is priced by what, on which dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from hitmodel.clause_checks import ContractFinding as ContractFinding
from hitmodel.clause_checks import clause_findings, known_until
from hitmodel.codes import ROLES, CodeEntry, CodeTable
from hitmodel.compile import Compiled, Period, compile_contract
from hitmodel.dates import Span, add_years
from hitmodel.errors import ContractError, nearest
from hitmodel.forms import Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.references import References
from hitmodel.resolve import Resolver
from hitmodel.selection import govern, matches
from hitmodel.terms import Contract, Selector, Version

OPEN_YEARS = 2
"""How far an evergreen contract is checked beyond its first day."""

MOST_NAMED = 20
"""How many names a message lists; a longer list helps nobody."""

COVERED_ROLES = ("per_diem", "catheter_care", "nursing", "drug", "nutrition", "pharmacy", "delivery")


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
        compiled = _compiled(contract, version, references)
        found += _names(version, references.codes)
        found += _code_dates(version, references.codes)
        found += _clashes_and_shadows(version, compiled)
        found += clause_findings(version, references.codes, _last_day(version))
    return tuple(dict.fromkeys(found))


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


def _selectors(version: Version) -> Iterator[tuple[str, Selector]]:
    """Every selector of a contract, with the place it stands in."""
    for term in version.term:
        yield f"term '{term.id}'", term
    for adjustment in version.adjustment:
        yield f"adjustment '{adjustment.id}'", adjustment
    for bundle in version.bundle:
        yield f"bundle '{bundle.id}', lines", bundle.lines
        yield f"bundle '{bundle.id}', into", bundle.into
        if bundle.exclude is not None:
            yield f"bundle '{bundle.id}', exclude", bundle.exclude
    for rule in version.paid_only:
        yield f"paid_only '{rule.id}', lines", rule.lines
    yield "[days] applies_to", version.days.applies_to
    for escalator in version.escalator:
        yield f"escalator '{escalator.id}', applies_to", escalator.applies_to
    for phase in version.phase_in:
        yield f"phase_in '{phase.id}', applies_to", phase.applies_to
    for change in version.rate_change:
        yield f"rate_change '{change.id}', applies_to", change.applies_to
    yield "[concurrency] counts", version.concurrency.counts
    yield "[lesser_of] exclude", version.lesser_of.exclude
    if version.concurrency.exempt is not None:
        yield "[concurrency] exempt", version.concurrency.exempt


def _names(version: Version, codes: CodeTable) -> Iterator[ContractFinding]:
    classes = tuple(dict.fromkeys(e.therapy_class for e in codes if e.therapy_class))
    families = tuple(dict.fromkeys(e.family for e in codes if e.family))
    known = {"roles": ROLES, "classes": classes, "families": families}
    for place, selector in _selectors(version):
        for field, names in known.items():
            for name in getattr(selector, field):
                if name not in names:
                    close = nearest(name, names)
                    hint = f"; did you mean '{close}'?" if close else _listed(names)
                    problem = f"{field} names '{name}', which is not known{hint}"
                    yield ContractFinding(version.file, place, problem, "unknown_name")
        for modifier in (*selector.modifiers, *selector.without_modifiers):
            if not codes.exists_ever(modifier):
                problem = f"modifier '{modifier}' is in no release of HCPCS Level II held here"
                yield ContractFinding(version.file, place, problem, "unknown_modifier")


def _listed(names: tuple[str, ...]) -> str:
    return f"; there are {', '.join(names)}" if len(names) <= MOST_NAMED else ""


def _code_dates(version: Version, codes: CodeTable) -> Iterator[ContractFinding]:
    header = version.contract
    for place, selector in _selectors(version):
        for code in selector.codes:
            if ".." in code:
                first, _, last = code.partition("..")
                if not any(first <= known <= last for known in codes.codes):
                    yield ContractFinding(version.file, place, f"no code lies in {code}", "unknown_code")
                continue
            if not codes.exists_ever(code):
                yield ContractFinding(
                    version.file, place, codes.why_unknown(code, header.effective_from), "unknown_code"
                )
                continue
            days = codes.days(code)
            if days is None:
                continue
            if days[1] is not None and days[1] < header.effective_from:
                problem = f"{codes.why_unknown(code, header.effective_from)}, before the contract begins"
                yield ContractFinding(version.file, place, problem, "code_not_valid")
            elif days[1] is not None and (header.effective_through is None or days[1] < header.effective_through):
                follows = codes.successor(code)
                after = f"; {follows.new} follows it" if follows else ""
                problem = f"{code} ends on {days[1]}, while the contract is in force{after}"
                named = follows is not None and follows.new in selector.codes
                if not named:
                    yield ContractFinding(version.file, place, problem, "code_ends", serious=False)


def _clashes_and_shadows(version: Version, compiled: Compiled) -> Iterator[ContractFinding]:
    """Find terms that fit a kind of line equally well, and terms that another outranks on every kind they fit."""
    used: set[str] = set()
    reached: set[str] = set()
    for period in compiled.periods:
        for kind in _kinds(period):
            fitting = tuple(t for t in period.terms if matches(t, kind))
            reached.update(t.id for t in fitting)
            try:
                chosen = govern(kind, fitting, version.file).chosen
            except ContractError as error:
                yield ContractFinding(version.file, "terms", f"{error.what}; {error.next_step}", "clash")
                used.update(t.id for t in fitting)
                continue
            if chosen is not None:
                used.add(chosen.id)
    for term in version.term:
        place = f"term '{term.id}'"
        if term.id in used or term.ndcs or term.patients or term.unlisted or term.default:
            continue
        if term.id in reached:
            problem = "another term outranks it on every line that it fits, so it can never apply"
        else:
            problem = "no code of the tables fits it, so it can never apply"
        yield ContractFinding(version.file, place, problem, "never_applies", serious=False)


def _kinds(period: Period) -> Iterator[LineKind]:
    """Every kind of line that the terms of a period could tell apart: each code, plain and as terms single it out."""
    assert period.look is not None
    terms = period.terms
    marks = {(), *((m,) for t in terms for m in t.modifiers)}
    places = {"", *(p for t in terms for p in t.places)}
    products = {"", *(p for t in terms for p in t.products)}
    for entry in period.look.codes:
        if entry.is_modifier or not entry.valid_on(period.span.first):
            continue
        for modifiers in sorted(marks):
            for place in sorted(places):
                for product in sorted(products):
                    yield _kind(entry, modifiers, place, product)


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
