"""Contracts at random: every mechanism and every option of the language, as the text of contract files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
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
MODIFIERS = ("SH", "SJ", "SS", "TE", "59", "JW")
NDCS = ("00143985625", "00143935710", "13533080020", "00000000001")
PLACES = ("12", "49")
PER = ("visit", "hour", "dose", "dispense", "week", "month", "unit", "ndc_unit", "case")
SOURCES = ("payment_limit", "raw_asp", "awp", "wac", "invoice", "nadac", "cost", "charge")
CHANGE_DAYS = (date(2025, 3, 28), date(2025, 4, 1), date(2025, 4, 6), date(2025, 7, 1))

Table = dict[str, Any]
_COMMON = (
    *("id", "mechanism", "shares", "lesser_of", "codes", "ndcs", "patients", "classes", "roles", "unlisted", "default"),
    *("modifiers", "without_modifiers", "places", "products", "effective_from", "effective_through"),
)
_FIELDS: dict[str, tuple[str, ...]] = {
    "per_diem": ("rate",),
    "fixed": ("rate", "per"),
    "percent_of_charge": ("share", "most"),
    "drug": ("chain", "choose"),
    "nursing": ("first", "further"),
    "manual": ("amount", "per"),
    "not_covered": (),
    "bundled": (),
    "schedule": ("schedule", "multiplier", "decimals", "per"),
}


@dataclass(frozen=True)
class Written:
    """The files of a contract, by path from the folder in which ``contract/`` lies."""

    files: dict[str, str] = field(default_factory=dict)


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


def rates() -> st.SearchStrategy[Decimal]:
    """Dollars above zero: mostly cents, sometimes finer."""
    cents = st.integers(1, 40_000).map(lambda n: Decimal(n).scaleb(-2))
    finer = st.integers(1, 4_000_000).map(lambda n: Decimal(n).scaleb(-4))
    return st.one_of(cents, cents, finer)


def shares() -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(x) for x in ("0", "0.25", "0.333", "0.5", "0.75", "0.8", "1")])


def multipliers() -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(x) for x in ("0.85", "1", "1.04", "1.06", "1.1", "1.375")])


def some(values: tuple[str, ...], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


@st.composite
def selectors(draw: st.DrawFn, lists: tuple[str, ...] = ("roles", "codes", "classes", "modifiers")) -> Table:
    """One or two lists of a selector."""
    choices = {
        "roles": some(ROLES),
        "codes": st.one_of(some(CODES, 5), st.just(["S9494..S9504", "S9365..S9368"])),
        "classes": some(CLASSES),
        "modifiers": some(MODIFIERS, 2),
        "without_modifiers": some(MODIFIERS, 2),
        "places": some(PLACES, 1),
        "patients": some(("P1", "P2"), 1),
        "ndcs": some(NDCS, 2),
        "products": some(("ppo", "hmo"), 1),
    }
    names = draw(st.lists(st.sampled_from(lists), min_size=1, max_size=2, unique=True))
    return {name: draw(choices[name]) for name in names}


@st.composite
def price_sources(draw: st.DrawFn) -> Table:
    source: Table = {"of": draw(st.sampled_from(SOURCES)), "multiplier": draw(multipliers())}
    if draw(st.integers(0, 3)) == 0:
        source["decimals"] = draw(st.integers(0, 4))
    if draw(st.integers(0, 3)) == 0:
        source["reference_decimals"] = draw(st.integers(0, 3))
    return source


@st.composite
def mechanisms(draw: st.DrawFn, schedule: bool) -> Table:
    """One payment method with its own fields."""
    names = [
        "per_diem",
        "per_diem",
        "fixed",
        "percent_of_charge",
        "drug",
        "nursing",
        "not_covered",
        "bundled",
        "manual",
    ]
    name = draw(st.sampled_from([*names, *(["schedule"] * 2 if schedule else [])]))
    said: Table = {"mechanism": name}
    if name == "per_diem":
        said["rate"] = draw(rates())
    elif name == "fixed":
        said |= {"rate": draw(rates()), "per": draw(st.sampled_from(PER))}
    elif name == "percent_of_charge":
        said["share"] = draw(shares())
        if draw(st.booleans()):
            said["most"] = draw(rates())
    elif name == "drug":
        said["chain"] = draw(st.lists(price_sources(), min_size=1, max_size=3))
        said["choose"] = draw(st.sampled_from(["first", "first", "least"]))
    elif name == "nursing":
        said |= {"first": draw(rates()), "further": draw(rates())}
    elif name == "manual":
        said |= {"amount": draw(rates()), "per": draw(st.sampled_from(["day", "visit", "unit", "case"]))}
    elif name == "schedule":
        said |= {"schedule": "base", "multiplier": draw(multipliers()), "decimals": draw(st.integers(0, 4))}
        said["per"] = draw(st.sampled_from(["day", "day", "visit", "unit"]))
    return said


@st.composite
def which_lines(draw: st.DrawFn) -> list[Table]:
    """Selections of terms that seldom fit one line equally well."""
    chosen: list[Table] = []
    spread = draw(st.permutations(CODES))
    for n in range(draw(st.integers(0, 3))):
        chosen.append({"codes": list(spread[n * 3 : n * 3 + draw(st.integers(1, 3))])})
    if draw(st.integers(0, 4)) == 0:
        chosen.append(draw(selectors(("codes", "modifiers", "places", "without_modifiers", "products"))))
    if draw(st.integers(0, 5)) == 0:
        chosen.append({"ndcs": draw(some(NDCS, 2))})
    if draw(st.integers(0, 7)) == 0:
        chosen.append({"patients": ["P2"]})
    chosen += [
        {"classes": [name], "roles": ["per_diem"]} for name in draw(st.sets(st.sampled_from(CLASSES), max_size=3))
    ]
    chosen += [{"roles": [role]} for role in sorted(draw(st.sets(st.sampled_from(ROLES), min_size=5)))]
    if draw(st.integers(0, 4)) == 0:
        chosen.append({"unlisted": True})
    if draw(st.integers(0, 2)) == 0:
        chosen.append({"default": True})
    return [c for c in chosen if set(c) & {"codes", "ndcs", "patients", "classes", "roles", "unlisted", "default"}]


@st.composite
def terms(draw: st.DrawFn, schedule: bool) -> list[Table]:
    """The terms of a contract; some come in two, one after the other in time."""
    found: list[Table] = []
    for selection in draw(which_lines()):
        term = {"id": f"t{len(found)}", **selection, **draw(mechanisms(schedule))}
        if draw(st.integers(0, 7)) == 0:
            term["shares"] = draw(st.lists(shares(), min_size=1, max_size=3))
        if draw(st.integers(0, 7)) == 0:
            term["lesser_of"] = False
        if draw(st.integers(0, 7)) == 0:
            first_after = draw(st.sampled_from(CHANGE_DAYS))
            later = {**term, **draw(mechanisms(schedule))} if draw(st.booleans()) else dict(term)
            later = {k: v for k, v in later.items() if k in _FIELDS[later["mechanism"]] or k in _COMMON}
            later |= {"id": f"t{len(found)}_later", "effective_from": first_after}
            term["effective_through"] = first_after - timedelta(days=1)
            found.append(later)
        found.append(term)
    return found


@st.composite
def concurrencies(draw: st.DrawFn) -> Table:
    rule: Table = {"shares": draw(st.lists(shares(), min_size=1, max_size=4))}
    rule["modifiers"] = draw(st.sampled_from(["trust", "rerank", "rerank", "refuse"]))
    ways = ["highest_rate", "first_billed", "first_started"]
    rule["primary_by"] = draw(st.sampled_from(ways if rule["modifiers"] != "trust" else [*ways, "as_modified"]))
    if draw(st.integers(0, 2)) == 0:
        rule["counts"] = draw(selectors(("roles", "classes", "codes")))
    if draw(st.integers(0, 2)) == 0:
        rule["exempt"] = draw(selectors(("classes", "codes", "modifiers")))
    return rule


@st.composite
def charge_limits(draw: st.DrawFn) -> Table:
    rule: Table = {"level": draw(st.sampled_from(["none", "line", "claim", "claim"]))}
    if draw(st.integers(0, 2)) == 0:
        rule["percent"] = draw(st.sampled_from([Decimal("0.95"), Decimal("0.333"), Decimal("1.2")]))
    if draw(st.booleans()):
        rule["exclude"] = draw(selectors(("roles", "codes", "classes", "places")))
        rule["excluded_charges"] = draw(st.sampled_from(["leave", "stay"]))
    return rule


@st.composite
def drug_price_rules(draw: st.DrawFn) -> Table:
    rule: Table = {}
    if draw(st.booleans()):
        rule["quarter_lag"] = draw(st.integers(0, 3))
    if draw(st.integers(0, 4)) == 0:
        rule["quarter"] = draw(st.sampled_from(["2024Q3", "2025Q2"]))
    if draw(st.booleans()):
        rule["ndc_table"] = draw(st.sampled_from(["ndc_sample.csv", "ndc.csv"]))
    return rule


@st.composite
def rate_rules(draw: st.DrawFn, ids: list[str], escalator: bool, number: int) -> Table:
    """A rate change or an escalator, for all rates, for terms by id, or for the lines of a selector."""
    rule: Table = {"id": f"{'e' if escalator else 'c'}{number}"}
    if escalator:
        rule["percent"] = draw(st.sampled_from([Decimal(x) for x in ("0.03", "0.025", "-0.02", "0.1")]))
        firsts = [date(2023, 7, 1), date(2024, 2, 29), date(2025, 4, 3), date(2025, 6, 1), date(2026, 1, 1)]
        rule["first"] = draw(st.sampled_from(firsts))
        rule["compounding"] = draw(st.booleans())
        rule["rounding"] = draw(st.sampled_from(["each_year", "at_end"]))
        if draw(st.integers(0, 3)) == 0:
            rule["last"] = rule["first"] + timedelta(days=draw(st.sampled_from([0, 364, 800])))
    else:
        rule["factor"] = draw(st.sampled_from([Decimal(x) for x in ("1.04", "0.97", "1.005")]))
    rule["decimals"] = draw(st.integers(0, 4))
    way = draw(st.integers(0, 2))
    if way == 0 and ids:
        rule["terms"] = draw(some(tuple(ids)))
    elif way == 1:
        rule["applies_to"] = draw(selectors())
    return rule


@st.composite
def tables(draw: st.DrawFn, schedule: bool) -> Table:
    """Everything of a contract file but its header and schedule."""
    found: Table = {}
    if draw(st.booleans()):
        found["rounding"] = {"place": draw(st.sampled_from(["line", "segment", "day"]))}
        if draw(st.integers(0, 2)) == 0:
            found["rounding"]["unit_rate"] = draw(st.integers(0, 3))
    if draw(st.booleans()):
        found["lesser_of"] = draw(charge_limits())
    if draw(st.booleans()):
        found["concurrency"] = draw(concurrencies())
    found["drug_prices"] = draw(drug_price_rules())
    found["term"] = draw(terms(schedule))
    ids = [t["id"] for t in found["term"]]
    found["escalator"] = [draw(rate_rules(ids, True, n)) for n in range(draw(st.integers(0, 2)))]
    found["rate_change"] = [draw(rate_rules(ids, False, n)) for n in range(draw(st.integers(0, 2)))]
    found["adjustment"] = [
        {"id": f"a{n}", "factor": draw(multipliers()), **draw(selectors())} for n in range(draw(st.integers(0, 2)))
    ]
    found["bundle"] = [
        {"id": f"b{n}", "lines": draw(selectors(("roles", "codes"))), "into": draw(selectors(("roles", "codes")))}
        for n in range(draw(st.integers(0, 2)))
    ]
    return {name: value for name, value in found.items() if value}
