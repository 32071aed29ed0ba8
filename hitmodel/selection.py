"""Which term governs a line. The hierarchy is written here once.

First hit: single-case agreement → NDC → code with modifier, place, product or day → code → drug family → therapy
class → role → unlisted-code rule → contract default. Two equal hits are an error naming both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import TypeAlias

from hitmodel.errors import ContractError
from hitmodel.mechanisms.base import LineKind, RateRule
from hitmodel.terms import Concurrency, Selector, Term
from hitmodel.vocabulary import DaySelector

LEVELS = (
    "single-case agreement",
    "NDC match",
    "code match",
    "drug family match",
    "therapy class match",
    "role match",
    "unlisted-code rule",
    "contract default",
)

Level: TypeAlias = tuple[int, bool]
"""How specific a term is, most specific first."""


class TermClash(ContractError):
    """Two terms fit one kind of line equally well; ``terms`` are their ids."""

    def __init__(self, terms: tuple[str, str], kind: LineKind, where: str) -> None:
        self.terms, self.kind = terms, kind
        super().__init__(
            f"terms '{terms[0]}' and '{terms[1]}' fit {_described(kind)} equally well",
            where=where,
            expected="one term that is more specific",
            next_step="Narrow one of them by codes, modifiers, places, products, days or dates.",
        )


@dataclass(frozen=True)
class Choice:
    """The governing term, and the others that would have fitted, each with why it was not used."""

    chosen: Term | None
    not_used: tuple[tuple[str, str], ...] = ()


def speaks_of(selector: Selector, kind: LineKind) -> bool:
    """Say whether a selector could fit a line of this code, whatever else the line says."""
    return (
        (not selector.codes or any(names(item, kind.code) for item in selector.codes))
        and (not selector.families or kind.family in selector.families)
        and (not selector.classes or kind.therapy_class in selector.classes)
        and (not selector.roles or kind.role in selector.roles)
        and not any(names(item, kind.code) for item in selector.without_codes)
        and kind.family not in selector.without_families
        and kind.therapy_class not in selector.without_classes
        and kind.role not in selector.without_roles
    )


def matches(selector: Selector, kind: LineKind) -> bool:
    """Say whether everything that ``selector`` asks for holds for ``kind``."""
    return fits_beside_code(selector, kind) and speaks_of(selector, kind)


def fits_beside_code(selector: Selector, kind: LineKind) -> bool:
    """Say whether everything that a selector asks for beside the code holds for ``kind``."""
    return _fits_but_for_day(selector, kind) and (
        not isinstance(selector, DaySelector) or selector.holds(kind.day_facts)
    )


def fits_but_for_day(selector: Selector, kind: LineKind) -> bool:
    """Say whether every list that ``selector`` gives holds for ``kind``, on some day at least."""
    return _fits_but_for_day(selector, kind) and speaks_of(selector, kind)


def _fits_but_for_day(selector: Selector, kind: LineKind) -> bool:
    return (
        (not selector.patients or kind.patient in selector.patients)
        and (not selector.ndcs or kind.ndc in selector.ndcs)
        and (not selector.modifiers or not kind.modifiers.isdisjoint(selector.modifiers))
        and kind.modifiers.issuperset(selector.all_modifiers)
        and kind.modifiers.isdisjoint(selector.without_modifiers)
        and (not selector.places or kind.place in selector.places)
        and kind.place not in selector.without_places
        and (not selector.products or kind.product in selector.products)
        and kind.product not in selector.without_products
    )


def level(term: Term) -> Level:
    """Return how specific a term is: its place in `LEVELS`, then whether it lacks a modifier, place, product or day."""
    ways = (term.patients, term.ndcs, term.codes, term.families, term.classes, term.roles)
    rules = [len(ways)] * term.unlisted + [len(ways) + 1] * term.default
    place = rules[0] if rules else next(n for n, way in enumerate(ways) if way)
    return place, not term.narrows


def counts_as_therapy(kind: LineKind, rule: Concurrency) -> bool:
    """Say whether a line takes part in the ranking of concurrent therapies and may be reduced.

    An exempt line does neither: it takes no rank from another.
    """
    return (
        kind.is_by_day and matches(rule.counts, kind) and not (rule.exempt is not None and matches(rule.exempt, kind))
    )


def touches(rule: RateRule, term: Term, kind: LineKind) -> bool:
    """Say whether a rate change or escalator touches a term as it prices a kind of line."""
    return term.id in rule.terms if rule.terms else matches(rule.applies_to, kind)


def govern(kind: LineKind, terms: Sequence[Term], where: str = "") -> Choice:
    """Return the term that governs ``kind`` among those in force. ``where`` names the contract file in an error.

    Raises
    ------
    TermClash
        When two terms fit equally well.
    """
    return choose(kind, [t for t in terms if matches(t, kind)], where)


def choose(kind: LineKind, fitting: Sequence[Term], where: str = "") -> Choice:
    """Return which of the terms that fit a kind governs it. Errors as `govern`."""
    return first_of(kind, [(level(term), term) for term in fitting], where)


def first_of(kind: LineKind, fitting: Sequence[tuple[Level, Term]], where: str = "") -> Choice:
    """Return which of the terms that fit a kind governs it, each given with its `level`. Errors as `govern`."""
    if len(fitting) < 2:
        return Choice(fitting[0][1] if fitting else None)
    (best, first), *others = sorted(fitting, key=itemgetter(0))
    if others[0][0] == best:
        raise TermClash((first.id, others[0][1].id), kind, where)
    return Choice(first, tuple((other.id, _why(best, under)) for under, other in others))


def describe_level(at: Level) -> str:
    """Name a level as a person would."""
    place, plain = at
    return LEVELS[place] if plain else f"{LEVELS[place]} with modifier, place, product or day"


@cache
def _why(chosen: Level, other: Level) -> str:
    return f"{_with_article(describe_level(chosen))} outranks {_with_article(describe_level(other))}"


def _with_article(words: str) -> str:
    return f"{'an' if words.lower().startswith(('n', 'u')) else 'a'} {words}"


def _described(kind: LineKind) -> str:
    return "-".join((kind.code, *sorted(kind.modifiers)))


def names(item: str, code: str) -> bool:
    """Say whether an item of a clause's codes, one code or a range such as S9494..S9504, names a code."""
    first, dots, last = item.partition("..")
    return first <= code <= last if dots else item == code
