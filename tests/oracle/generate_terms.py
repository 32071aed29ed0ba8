"""Terms at random: every mechanism with every field."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from oracle.generate_words import (
    CHANGE_DAYS,
    CLASSES,
    CODES_OF,
    FAMILIES,
    NDCS,
    ROLES,
    Table,
    certain_days,
    multipliers,
    numbers,
    rates,
    seldom,
    selectors,
    shares,
    some,
)

PER = ("visit", "hour", "dose", "dispense", "week", "month", "unit", "ndc_unit", "case")
SOURCES = ("payment_limit", "payment_limit", "raw_asp", "awp", "wac", "invoice", "nadac", "cost", "charge", "schedule")
SIMPLE = ("per_diem", "fixed", "percent_of_charge", "drug", "nursing")
EVERY_TERM_HAS = (
    *("id", "mechanism", "shares", "lesser_of", "codes", "ndcs", "patients", "families", "classes", "roles"),
    *("unlisted", "default", "modifiers", "without_modifiers", "places", "products", "at_least", "at_most"),
    *("requires", "all_modifiers", "without_codes", "without_classes", "without_families", "without_roles"),
    *("without_places", "without_products", "beside", "alone", "weekdays"),
)


PLAUSIBLE = {
    "per_diem": (*["per_diem"] * 5, "fixed", "percent_of_charge", "case_rate", "compare"),
    "catheter_care": (*["per_diem"] * 3, "fixed"),
    "nursing": ("nursing", "nursing", "fixed", "first_visit"),
    "drug": (*["drug"] * 5, "fixed", "percent_of_charge", "compare"),
    "nutrition": ("drug", "fixed"),
    "noc": ("percent_of_charge", "drug", "manual"),
    "supplies": ("bundled", "fixed", "manual"),
    "delivery": ("fixed", "not_covered"),
    "pharmacy": ("not_covered", "by_report", "percent_of_charge"),
}
"""What is usually said of each role; now and then anything is said of any."""
METHODS = (
    *("per_diem", "fixed", "percent_of_charge", "drug", "nursing", "manual", "not_covered", "bundled", "by_report"),
    *("compare", "first_visit", "case_rate", "schedule"),
)


@st.composite
def mechanisms(draw: st.DrawFn, schedule: bool, role: str = "") -> Table:
    """One payment method with its own fields. ``schedule`` says that the contract has one, with the id "base"."""
    usual = METHODS if seldom(draw, 6) else PLAUSIBLE.get(role, METHODS)
    if schedule:
        usual = (*usual, "schedule")
    name = draw(st.sampled_from([method for method in usual if schedule or method != "schedule"]))
    if name in SIMPLE:
        return draw(simple(name, schedule))
    said: Table = {"mechanism": name}
    if name == "manual":
        said |= {"amount": draw(rates()), "per": draw(st.sampled_from(["day", "visit", "unit", "case"]))}
    elif name == "compare":
        said["pay"] = draw(st.sampled_from(["lesser", "greater"]))
        said["of"] = draw(st.lists(compared(schedule), min_size=2, max_size=3))
    elif name == "first_visit":
        said |= {"first": draw(rates()), "later": draw(rates()), "visits": draw(st.integers(1, 4)), "counted_in": "ep"}
    elif name == "case_rate":
        said |= {"rate": draw(rates()), "days": draw(st.integers(1, 12)), "counted_in": "ep"}
        said["prorated"] = draw(st.booleans())
        if draw(st.booleans()):
            said["further"] = draw(rates())
    elif name == "schedule":
        said |= {"schedule": "base", "multiplier": draw(multipliers()), "decimals": draw(st.integers(0, 4))}
        said["per"] = draw(st.sampled_from(["day", "day", "visit", "unit"]))
    return said


@st.composite
def compared(draw: st.DrawFn, schedule: bool) -> Table:
    """One way to pay among others, now and then between bounds of its own or asking for something of its own."""
    way = draw(simple(draw(st.sampled_from(SIMPLE)), schedule))
    for name in ("at_least", "at_most"):
        if seldom(draw, 5):
            way[name] = draw(bounds())
    if seldom(draw, 12):
        way["requires"] = draw(some(("ndc", "ndc_quantity", "cost"), 2))
    return way


def role_of(selection: Table) -> str:
    """The role that a selection is mostly about, "" where it could be any."""
    if "roles" in selection:
        return str(selection["roles"][0])
    if "ndcs" in selection or "families" in selection:
        return "drug"
    first = selection.get("codes", [""])[0][:5]
    return next((role for role, codes in CODES_OF.items() if first in codes), "")


@st.composite
def simple(draw: st.DrawFn, name: str, schedule: bool) -> Table:
    """One of the methods that may also be compared."""
    said: Table = {"mechanism": name}
    if name == "per_diem":
        said["rate"] = draw(rates())
    elif name == "nursing":
        said |= {"first": draw(rates()), "further": draw(rates())}
    elif name == "drug":
        said |= draw(drug_fields(schedule))
    elif name == "fixed":
        said |= {"rate": draw(rates()), "per": draw(st.sampled_from(PER))}
        if said["per"] in ("week", "month") and draw(st.booleans()):
            said["counted"] = draw(st.sampled_from(["started", "prorated"]))
            if said["per"] == "month":
                said["month"] = draw(st.sampled_from(["calendar", 28, 30]))
    elif name == "percent_of_charge":
        said["share"] = draw(shares())
        if draw(st.booleans()):
            said["most"] = draw(rates())
        if seldom(draw, 4):
            said |= {"charge_increase_limit": draw(numbers("0.03")), "charges_rose": draw(numbers("0.02", "0.08"))}
            if draw(st.booleans()):
                said["share_decimals"] = draw(st.integers(2, 4))
    return said


@st.composite
def price_sources(draw: st.DrawFn, schedule: bool) -> Table:
    source: Table = {
        "of": draw(st.sampled_from(SOURCES if schedule else SOURCES[:-1])),
        "multiplier": draw(multipliers()),
    }
    if source["of"] == "schedule":
        source["schedule"] = "base"
    if source["of"] not in ("cost", "charge"):
        if seldom(draw, 4):
            source["decimals"] = draw(st.integers(0, 4))
        if seldom(draw, 4):
            source["reference_decimals"] = draw(st.integers(0, 3))
    return source


@st.composite
def drug_fields(draw: st.DrawFn, schedule: bool) -> Table:
    """A chain of prices; sometimes priced as another code, with a fee, with clauses on waste."""
    said: Table = {"chain": draw(st.lists(price_sources(schedule), min_size=1, max_size=3))}
    said["choose"] = draw(st.sampled_from(["first", "first", "least"]))
    if seldom(draw, 6):
        said |= {"price_as": draw(st.sampled_from(["J1745", "J0696"])), "price_as_units": draw(numbers("1", "2.5"))}
    if seldom(draw, 4):
        said["fee"] = draw(rates())
        said["fee_per"] = draw(st.sampled_from(["line", "dispense", "day", "unit", "ndc_unit"]))
        if draw(st.booleans()):
            said["fee_most"] = draw(rates())
    if seldom(draw, 6):
        said["fee_share"] = draw(numbers("0.02", "0.1"))
    way = draw(st.sampled_from(["", "", "", "not_paid", "share", "required"]))
    if way == "not_paid":
        said["waste"] = "not_paid"
    elif way == "share":
        said["waste_share"] = draw(numbers("0.05", "0.5"))
    elif way == "required":
        said["waste_modifiers"] = "required"
    return said


@st.composite
def which_lines(draw: st.DrawFn) -> list[Table]:
    """Selections of terms that seldom fit one line equally well."""
    chosen: list[Table] = []
    spoken: set[str] = set()
    for role in draw(st.lists(st.sampled_from(ROLES), max_size=4)):
        codes = [code for code in draw(some(CODES_OF[role])) if code not in spoken]
        spoken.update(codes)
        chosen += [{"codes": codes}] if codes else []
    if seldom(draw, 8):
        chosen.append(
            draw(selectors(("codes", "modifiers", "places", "without_modifiers", "all_modifiers", "products")))
        )
    if seldom(draw, 6):
        chosen.append({"ndcs": draw(some(NDCS, 2))})
    if seldom(draw, 8):
        chosen.append({"patients": ["P2"]})
    if seldom(draw, 4):
        chosen.append({"families": draw(some(FAMILIES, 2))})
    classes = draw(st.lists(st.sampled_from(CLASSES), max_size=3, unique=True))
    chosen += [{"classes": [name], "roles": ["per_diem"]} for name in classes]
    chosen += [{"roles": [role]} for role in sorted(draw(st.sets(st.sampled_from(ROLES), min_size=8)))]
    if seldom(draw, 5):
        chosen.append({"unlisted": True})
    if seldom(draw, 2):
        chosen.append({"default": True})
    says = {"codes", "ndcs", "patients", "families", "classes", "roles", "unlisted", "default"}
    chosen = [selection for selection in chosen if set(selection) & says]
    on_days = [{**selection, **draw(certain_days())} for selection in chosen if seldom(draw, 12)]
    return [*chosen, *on_days]


@st.composite
def bounds(draw: st.DrawFn) -> Table:
    return {"amount": draw(rates()), "per": draw(st.sampled_from(["unit", "ndc_unit", "day", "line", "dispense"]))}


@st.composite
def terms(draw: st.DrawFn, schedule: bool) -> list[Table]:
    """The terms of a contract; some come in two, one after the other in time."""
    found: list[Table] = []
    for selection in draw(which_lines()):
        term = {"id": f"t{len(found)}", **selection, **draw(mechanisms(schedule, role_of(selection)))}
        if seldom(draw, 8):
            term["shares"] = draw(st.lists(shares(), min_size=1, max_size=3))
        if seldom(draw, 8):
            term["lesser_of"] = False
        if seldom(draw, 12):
            term["requires"] = draw(some(("ndc", "ndc_quantity", "cost"), 2))
        for name in ("at_least", "at_most"):
            if seldom(draw, 10):
                term[name] = draw(bounds())
        if seldom(draw, 8):
            first_after = draw(st.sampled_from(CHANGE_DAYS))
            kept = {name: value for name, value in term.items() if name in EVERY_TERM_HAS}
            later = {**kept, **draw(mechanisms(schedule, role_of(selection)))} if draw(st.booleans()) else dict(term)
            found.append(later | {"id": f"t{len(found)}_later", "effective_from": first_after})
            term["effective_through"] = first_after - timedelta(days=1)
        found.append(term)
    return found
