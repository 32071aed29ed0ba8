"""Which lines a rule is about, and which term governs a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from oracle.contract_file import CannotPrice, Table, Version, in_force
from oracle.lines import Line

HIERARCHY = ("patients", "ndcs", "codes", "families", "classes", "roles", "unlisted", "default")
NARROWER = (
    *("modifiers", "all_modifiers", "places", "products", "without_modifiers", "without_places", "without_products"),
    *("beside", "alone", "weekdays"),
)

CARRIED = tuple(
    (name, f"without_{name}", field)
    for name, field in (
        ("patients", "patient"),
        ("ndcs", "ndc"),
        ("families", "family"),
        ("places", "place"),
        ("products", "product"),
        ("classes", "therapy_class"),
        ("roles", "role"),
    )
)
"""What a selector lists of lines, what it bars, and the field of a line that both are held against."""


def about(selector: Table, line: Line) -> bool:
    """Every list that is written must hold."""
    for name, without, field in CARRIED:
        if selector.get(name) and getattr(line, field) not in selector[name]:
            return False
        if selector.get(without) and getattr(line, field) in selector[without]:
            return False
    if selector.get("codes") and not any(_covers(item, line.code) for item in selector["codes"]):
        return False
    if any(_covers(item, line.code) for item in selector.get("without_codes", ())):
        return False
    if selector.get("modifiers") and not line.modifiers & set(selector["modifiers"]):
        return False
    if not set(selector.get("all_modifiers", ())) <= line.modifiers:
        return False
    return not line.modifiers & set(selector.get("without_modifiers", ()))


def says_something(selector: Table) -> bool:
    return any(selector.values())


def _covers(item: str, code: str) -> bool:
    if ".." in item:
        first, last = item.split("..")
        return first <= code <= last
    return item == code


def governing(version: Version, line: Line, day: date, holds: Callable[[Table], bool]) -> Table | None:
    """The most specific term in force that fits the line on a day; two that are equally specific are an error.

    ``holds`` says whether what a term asks of the day is so.
    """
    fitting = [t for t in version.rows("term") if in_force(t, day) and about(t, line) and holds(t)]
    if not fitting:
        return None
    best = min(_place(t) for t in fitting)
    first = [t for t in fitting if _place(t) == best]
    if len(first) > 1:
        raise CannotPrice(f"{first[0]['id']} and {first[1]['id']} fit line {line.id} equally well")
    return first[0]


def _place(term: Table) -> tuple[int, int]:
    if term.get("unlisted"):
        place = HIERARCHY.index("unlisted")
    elif term.get("default"):
        place = HIERARCHY.index("default")
    else:
        place = next(n for n, name in enumerate(HIERARCHY) if term.get(name))
    return place, 0 if any(term.get(name) or (name in ("beside", "alone") and name in term) for name in NARROWER) else 1
