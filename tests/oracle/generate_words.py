"""Small strategies that contracts at random are made of, and the writer of their files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

CODES_OF = {
    "per_diem": ("S9500", "S9501", "S9502", "S9494", "S9365", "S9366", "S9374", "S9379", "S9338", "S9061", "S9340"),
    "catheter_care": ("S5498", "S5501"),
    "nursing": ("99601", "99602", "S9123", "T1002"),
    "drug": ("J0696", "J0878", "J1561", "Q5103", "J3370", "J3373", "J1745", "J2941"),
    "nutrition": ("B4185", "B4189"),
    "noc": ("J3490", "J3590"),
    "supplies": ("A4221", "A4222", "S5517"),
    "delivery": ("S9381",),
    "pharmacy": ("S9810",),
}
CODES = tuple(code for codes in CODES_OF.values() for code in codes)
ROLES = tuple(CODES_OF)
CLASSES = ("anti_infective", "parenteral_nutrition", "hydration", "immunotherapy", "noc", "enteral_nutrition")
FAMILIES = ("ceftriaxone", "vancomycin", "daptomycin", "infliximab")
MODIFIERS = ("SH", "SJ", "SS", "TE", "59", "JW", "JZ")
NDCS = ("00143985625", "00143935710", "13533080020", "00000000001")
PLACES = ("12", "49")
CHANGE_DAYS = (date(2025, 3, 28), date(2025, 4, 1), date(2025, 4, 6), date(2025, 7, 1))

Table = dict[str, Any]


def toml(tables: Table) -> str:
    """Write tables as TOML: plain values first, then tables, then lists of tables."""
    top = [f"{k} = {_value(v)}" for k, v in tables.items() if not isinstance(v, dict) and not _is_rows(v)]
    parts = ["\n".join(top)]
    for name, value in tables.items():
        if isinstance(value, dict):
            parts.append(f"[{name}]\n" + _keys(value))
        elif _is_rows(value):
            parts += [f"[[{name}]]\n" + _keys(row) for row in value]
    return "\n".join(parts)


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _keys(table: Table) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def seldom(draw: st.DrawFn, one_in: int) -> bool:
    """Say yes about once in so many times."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


def rates() -> st.SearchStrategy[Decimal]:
    """Dollars above zero: mostly cents, sometimes finer."""
    cents = st.integers(1, 40_000).map(lambda n: Decimal(n).scaleb(-2))
    finer = st.integers(1, 4_000_000).map(lambda n: Decimal(n).scaleb(-4))
    return st.one_of(cents, cents, finer)


def numbers(*values: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(value) for value in values])


def shares() -> st.SearchStrategy[Decimal]:
    return numbers("0", "0.25", "0.333", "0.5", "0.75", "0.8", "1")


def multipliers() -> st.SearchStrategy[Decimal]:
    return numbers("0.85", "1", "1.04", "1.06", "1.1", "1.375")


def some(values: tuple[str, ...], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


@st.composite
def certain_days(draw: st.DrawFn) -> Table:
    """What a term or a factor asks of a day."""
    name = draw(st.sampled_from(["beside", "alone", "weekdays", "weekdays"]))
    if name == "weekdays":
        return {name: draw(st.sampled_from([["sat", "sun"], ["mon", "tue", "wed", "thu", "fri"], ["mon"]]))}
    return {name: draw(selectors(("roles", "classes", "codes", "families")))}


@st.composite
def selectors(draw: st.DrawFn, lists: tuple[str, ...] = ("roles", "codes", "classes", "modifiers")) -> Table:
    """One or two lists of a selector."""
    choices: dict[str, st.SearchStrategy[list[str]]] = {
        "roles": some(ROLES),
        "codes": st.one_of(some(CODES, 5), st.just(["S9494..S9504", "S9365..S9368"])),
        "classes": some(CLASSES),
        "families": some(FAMILIES, 2),
        "modifiers": some(MODIFIERS, 2),
        "without_modifiers": some(MODIFIERS, 2),
        "places": some(PLACES, 1),
        "patients": some(("P1", "P2"), 1),
        "ndcs": some(NDCS, 2),
        "products": some(("ppo", "hmo"), 1),
        "all_modifiers": some(MODIFIERS[:3], 2),
        "without_codes": some(CODES, 4),
        "without_classes": some(CLASSES, 2),
        "without_families": some(FAMILIES, 1),
        "without_roles": some(ROLES, 2),
        "without_places": some(PLACES, 1),
        "without_products": some(("ppo", "hmo"), 1),
    }
    names = draw(st.lists(st.sampled_from(lists), min_size=1, max_size=2, unique=True))
    if seldom(draw, 5):
        names.append(draw(st.sampled_from(sorted(set(choices) - set(names)))))
    return {name: draw(choices[name]) for name in names}
