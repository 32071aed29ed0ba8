"""Rates side by side: what each clause pays under each contract, in the words of contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from hitmodel.clause_words import (
    Told,
    bound_words,
    charge_limit_words,
    dollars,
    drug_extras,
    escalator_words,
    percent,
    phase_words,
    price_day_words,
    sequestration_words,
)
from hitmodel.codes import CodeEntry
from hitmodel.compile import Compiled, Period
from hitmodel.labels import role_label, therapy_label
from hitmodel.line_words import days_words
from hitmodel.mechanisms.base import LineKind, Look, RateRule
from hitmodel.money import as_decimal, round_half_up
from hitmodel.selection import matches, touches
from hitmodel.terms import LesserOf, Term
from hitmodel.vocabulary import Condition

ASP_ADD_ON = Fraction(106, 100)


class Worked(Protocol):
    """A contract worked out over some days, as pricing and exhibits hold it."""

    @property
    def compiled(self) -> Compiled:
        """What it came to."""


@dataclass(frozen=True)
class RateLine:
    """One clause under every side: its rate in words, and as a number where the change can be measured.

    ``for_patients``: a single-case agreement, which speaks of patients by name and is nobody else's business.
    """

    term: str
    covers: str
    basis: str
    cite: str
    shown: tuple[str, ...]
    rates: tuple[Decimal | None, ...]
    for_patients: bool = False

    @property
    def changed(self) -> bool:
        """Whether any proposal says something else than the baseline."""
        return any(text != self.shown[0] for text in self.shown[1:])


def rate_lines(sides: Sequence[Worked]) -> tuple[RateLine, ...]:
    """Return every clause of every side, in the baseline's order, with rates as they stand on the last day priced.

    A clause whose codes have come to different rates, because a change touched some of them, is several lines.
    """
    clauses = [_clauses(side) for side in sides]
    lines: list[RateLine] = []
    for term_id in dict.fromkeys(name for side in clauses for name in side):
        found = [side.get(term_id) for side in clauses]
        term = next(clause.term for clause in found if clause is not None)
        alike = _alike(found)
        for codes, parts in alike:
            covers = _covers(term) if len(alike) == 1 else f"{_few(codes, _TOLD_APART)} {_beside(term)}".rstrip()
            for basis in dict.fromkeys(b for side in parts for b in side):
                told = [side.get(basis, ("–", None)) for side in parts]
                shown, rates = tuple(t for t, _ in told), tuple(r for _, r in told)
                lines.append(RateLine(term.id, covers, basis, term.cite, shown, rates, bool(term.patients)))
    return (*lines, *_share_lines(sides), *_time_lines(sides))


def _share_lines(sides: Sequence[Worked]) -> Iterator[RateLine]:
    """Yield what second and later therapies of a day are paid, and the charge limit, where any side says so."""
    versions = [side.compiled.periods[-1].version for side in sides]
    rules = [version.concurrency if version else None for version in versions]
    ranks = max((len(rule.shares) for rule in rules if rule), default=1)
    for rank in range(2, ranks + 1):
        shares = [rule.shares[min(rank, len(rule.shares)) - 1] if rule else None for rule in rules]
        cite = next((rule.cite for rule in rules if rule), "")
        shown = tuple("–" if share is None else f"{percent(share)}" for share in shares)
        name = f"{_RANKS.get(rank, f'{rank}th')} therapy of a day"
        yield RateLine(name if rank < ranks else f"{name} and later", "", "% of rate", cite, shown, tuple(shares))
    limits = [version.lesser_of if version else None for version in versions]
    if any(rule and rule.level != "none" for rule in limits):
        words = tuple("–" if rule is None else _limit_words(rule) for rule in limits)
        cite = next((rule.cite for rule in limits if rule), "")
        yield RateLine("charge limit", "", "lesser of", cite, words, tuple(None for _ in limits))


_RANKS = {2: "second", 3: "third"}


def _limit_words(rule: LesserOf) -> str:
    if rule.level == "none":
        return "none"
    part = "" if rule.percent == 1 else f" at {percent(rule.percent)}"
    return f"{'each line' if rule.level == 'line' else 'whole claim'}{part}"


def _time_lines(sides: Sequence[Worked]) -> Iterator[RateLine]:
    """Yield the clauses that change rates over time, and those about drug prices as a whole where any side has them."""
    versions = [side.compiled.periods[-1].version for side in sides]
    for table, basis, words in (
        ("escalator", "yearly increase", escalator_words),
        ("phase_in", "phased in", phase_words),
    ):
        rows = [{row.id: row for row in getattr(v, table)} if v else {} for v in versions]
        for row_id in dict.fromkeys(key for side in rows for key in side):
            found = [side.get(row_id) for side in rows]
            shown = tuple(words(row) if row else "–" for row in found)
            rates = tuple(getattr(row, "percent", None) for row in found)
            cite = next(row.cite for row in found if row)
            yield RateLine(row_id, "", basis, cite, shown, rates)
    for section, basis, say in (
        ("drug_prices", "quarter", price_day_words),
        ("sequestration", "% of plan-paid", sequestration_words),
    ):
        said = [getattr(v, section) if v else None for v in versions]
        shown = tuple(say(rule) if rule else "–" for rule in said)
        if any(rule and say(rule) != say(type(rule)()) for rule in said):
            cite = next((rule.cite for rule in said if rule and rule.cite), "")
            yield RateLine(section, "", basis, cite, shown, tuple(None for _ in said))


def reference_words(of: str, multiplier: Decimal, *, plain_asp: bool = True) -> str:
    """Name a multiple of a reference as people do: "104 % of Medicare limit, about ASP + 10.2 %".

    The second name holds only for drugs whose limit is ASP + 6 percent, and so says "about".
    """
    share = percent(multiplier)
    if of == "payment_limit":
        over = round_half_up((Fraction(multiplier) * ASP_ADD_ON - 1) * 100, 1)
        sign = "+" if over >= 0 else "−"
        also = f", about ASP {sign} {as_decimal(abs(over), 1)} %" if plain_asp else ""
        return f"{share} of Medicare limit{also}"
    if of == "raw_asp":
        return f"{share} of ASP"
    if of in ("cost", "charge") or of.endswith(" schedule"):
        return f"{share} of {of}"
    return _less(of.upper(), multiplier)


@dataclass(frozen=True)
class _Clause:
    """A term with what each of its codes is paid; "" stands for its codes where none is known."""

    term: Term
    told: Mapping[str, Told]

    def of(self, code: str) -> Told:
        """Return what a code is paid; what all others are, where the term does not know it."""
        every = list(self.told.values())
        return self.told.get(code) or (every[0] if all(told == every[0] for told in every) else {})


def _clauses(side: Worked) -> dict[str, _Clause]:
    """Return each term by its id, with what it pays for each code under the changes of rates that touch it."""
    result: dict[str, _Clause] = {}
    for term, codes, look in looks(side.compiled.periods[-1]):
        told = dict.fromkeys(codes or ("",), _parts(term, look))
        before = result[term.id].told if term.id in result else {}
        result[term.id] = _Clause(term, {**before, **told})
    return result


def looks(period: Period) -> Iterator[tuple[Term, tuple[str, ...], Look]]:
    """Yield each term of a period with codes that it prices and the references that these see.

    A term comes as often as the changes of rates that touch its codes differ. No codes: none of the table's fits it.
    """
    assert period.look is not None
    kinds: dict[_Place, tuple[LineKind, ...]] = {}  # most terms ask for the same ones
    for term in period.terms:
        place = _place_of(term)
        if place not in kinds:
            kinds[place] = tuple(_kind(entry, place) for entry in period.look.codes if not entry.is_modifier)
        for rules, codes in _variants(period, term, kinds[place]).items():
            yield term, codes, period.look.at(period.look.price_day, rules)


def _alike(found: Sequence[_Clause | None]) -> list[tuple[tuple[str, ...], list[Told]]]:
    """Group a clause's codes by what every side pays for them."""
    groups: dict[object, tuple[list[str], list[Told]]] = {}
    for code in dict.fromkeys(code for clause in found if clause for code in clause.told):
        parts = [clause.of(code) if clause else {} for clause in found]
        groups.setdefault(tuple(tuple(told.items()) for told in parts), ([], parts))[0].append(code)
    return [(tuple(codes), parts) for codes, parts in groups.values()]


def _variants(period: Period, term: Term, kinds: Sequence[LineKind]) -> dict[tuple[RateRule, ...], tuple[str, ...]]:
    """Group the codes that a term can price by the rate changes that touch them; ``kinds`` is a line of each code."""
    found: dict[tuple[RateRule, ...], tuple[str, ...]] = {}
    for kind in kinds:
        if matches(term, kind):
            rules = tuple(rule for rule in period.rules if touches(rule, term, kind))
            found[rules] = tuple(dict.fromkeys((*found.get(rules, ()), kind.code)))
    return found or {tuple(rule for rule in period.rules if term.id in rule.terms): ()}


_Place = tuple[frozenset[str], str, str, str, str, frozenset[Condition]]


def _place_of(term: Term) -> _Place:
    """Return what beside its code a line would have to be for a term to fit it."""
    return (
        frozenset((*term.modifiers[:1], *term.all_modifiers)),
        next(iter(term.places), ""),
        next(iter(term.products), ""),
        next(iter(term.ndcs), ""),
        next(iter(term.patients), ""),
        frozenset(condition for condition in term.conditions if condition != term.alone),
    )


def _kind(entry: CodeEntry, place: _Place) -> LineKind:
    modifiers, where, product, ndc, patient, day_facts = place
    return LineKind(
        code=entry.code,
        modifiers=modifiers,
        place=where,
        product=product,
        ndc=ndc,
        patient=patient,
        role=entry.role,
        therapy_class=entry.therapy_class,
        family=entry.family,
        day_facts=day_facts,
    )


def _covers(term: Term) -> str:
    """Say what a clause is about, briefly: its codes, else its class, else its service."""
    classes, roles = [therapy_label(c) for c in term.classes], [role_label(r) for r in term.roles]
    if term.patients:
        return "one patient" if len(term.patients) == 1 else f"{len(term.patients)} patients"
    named = term.ndcs or term.codes or term.families or classes or roles
    if not named:
        return "Unlisted codes" if term.unlisted else "All other codes"
    return f"{_few([n.replace('..', '–') for n in named])} {_beside(term)}".rstrip()


def _beside(term: Term) -> str:
    """Say what beside its code a line must have for a clause to be about it."""
    with_these = " ".join(f"with {m}" for m in (*term.modifiers, *term.places, *term.products))
    return f"{with_these} {days_words(term)}".strip()


_TOLD_APART = 12
"""Codes that are listed where a clause's codes have come to different rates."""


def _few(names: Sequence[str], most: int = 4) -> str:
    """List names, the first ``most`` of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _less(name: str, multiplier: Decimal) -> str:
    over = Fraction(multiplier) - 1
    if over == 0:
        return name
    return f"{name} {'+' if over > 0 else '−'} {percent(abs(over))}"


def _one_rate(basis: str, written: Decimal, look: Look, field: str = "rate") -> Told:
    rate = as_decimal(look.rate(written, field)[0])
    return {f"$ per {basis.replace('_', ' ')}": (dollars(rate), rate)}


def _per_diem(term: Any, look: Look) -> Told:
    return _one_rate("day", term.rate, look)


def _fixed(term: Any, look: Look) -> Told:
    return _one_rate(term.per, term.rate, look)


def _nursing(term: Any, look: Look) -> Told:
    first = _one_rate("visit, first hours", term.first, look, "first")
    return {**first, **_one_rate("further hour", term.further, look, "further")}


def _charge(term: Any, look: Look) -> Told:
    most = f", at most {dollars(as_decimal(look.rate(term.most, 'most')[0]))} a unit" if term.most else ""
    return {"% of charge": (f"{percent(term.share)}{most}{charge_limit_words(term)}", term.share)}


def _schedule(term: Any, look: Look) -> Told:
    shown = "as listed" if term.multiplier == 1 else f"× {term.multiplier}"
    return {"rates by code": (shown, term.multiplier)}


def _drug(term: Any, look: Look) -> Told:
    told: Told = {}
    first, later = ("lesser of", "and") if term.choose == "least" else ("price", "if there is none")
    for place, source in enumerate(term.chain, 1):
        name = first if place == 1 else later if place == 2 else f"{later}, {place}."
        of = f"{source.schedule} schedule" if source.schedule else source.of
        told[name] = (reference_words(of, source.multiplier), source.multiplier)
    for place, source in enumerate(term.fallback, 1):
        of = f"{source.schedule} schedule" if source.schedule else source.of
        told["else" if place == 1 else f"else, {place}."] = (reference_words(of, source.multiplier), source.multiplier)
    return {**told, **drug_extras(term, look)}


def _compare(term: Any, look: Look) -> Told:
    """Return what each way pays, the ways numbered in the contract's order."""
    told: Told = {}
    for place, way in enumerate(term.of, 1):
        for name, part in _parts(way, look).items():
            told[f"{term.pay} of, {place}. {name}".rstrip()] = part
    return told


def _manual(term: Any, look: Look) -> Told:
    return {f"$ per {term.per}, entered by hand": (dollars(term.amount), term.amount)}


_PARTS: dict[str, Callable[[Any, Look], Told]] = {
    "per_diem": _per_diem,
    "fixed": _fixed,
    "nursing": _nursing,
    "percent_of_charge": _charge,
    "schedule": _schedule,
    "drug": _drug,
    "manual": _manual,
    "compare": _compare,
}


def _parts(term: Term, look: Look) -> Told:
    told = _PARTS[term.mechanism](term, look) if term.mechanism in _PARTS else None
    return {**(told or {"": (term.mechanism.replace("_", " "), None)}), **bound_words(term, look)}
