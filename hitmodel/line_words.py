"""Which lines, and which days of theirs, a clause is about, in words."""

from __future__ import annotations

from hitmodel.labels import role_label, therapy_label
from hitmodel.vocabulary import DaySelector, Selector

MOST_NAMED = 4
"""How many codes or drugs are named before it is said how many more there are."""


def lines_words(selector: Selector) -> str:
    """Return what lines a selector is about, briefly: "ceftriaxone", "per diems with SH", "any line"."""
    classes, roles = [therapy_label(c) for c in selector.classes], [role_label(r) for r in selector.roles]
    named = (*selector.ndcs, *(code.replace("..", "–") for code in selector.codes), *selector.families)
    said = ", ".join(named[:MOST_NAMED]) + (f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else "")
    said = ", ".join(filter(None, (said, *classes, *(_lower(role) for role in roles)))) or "any line"
    marks = (*selector.modifiers, *selector.all_modifiers, *selector.places, *selector.products)
    without = (
        *(*selector.without_modifiers, *selector.without_codes, *selector.without_families, *selector.without_places),
        *(*selector.without_products, *(therapy_label(c) for c in selector.without_classes)),
        *(_lower(role_label(r)) for r in selector.without_roles),
    )
    return said + "".join(f" with {mark}" for mark in marks) + (f" without {', '.join(without)}" if without else "")


def days_words(selector: DaySelector) -> str:
    """Return on which days a term or factor holds: "beside ceftriaxone, on Sat and Sun"; "" for every day."""
    said = []
    if selector.beside is not None:
        said.append(f"beside {lines_words(selector.beside)}")
    if selector.alone is not None:
        said.append(f"on days without {lines_words(selector.alone)}")
    if selector.weekdays:
        *most, last = (day.capitalize() for day in selector.weekdays)
        said.append(f"on {', '.join(most)} and {last}" if most else f"on {last}")
    return ", ".join(said)


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
