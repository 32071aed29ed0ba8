"""The clauses round the terms at random: every table of a contract file and every option in it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from oracle.generate_terms import terms
from oracle.generate_words import Table, certain_days, multipliers, numbers, rates, seldom, selectors, shares, some

WAYS = ("highest_rate", "first_billed", "first_started")
STAGES = ("lesser_of", "day", "claim", "episode", "year")
LINES = ("roles", "codes", "classes")
THEMES: dict[str, tuple[str, ...]] = {
    "any": (),
    "therapies": ("concurrency", "bundle", "exclusive", "rounding"),
    "drugs": ("adjustment", "lesser_of"),
    "groups": ("limit", "allowance", "order", "sequestration", "lesser_of"),
    "time": ("escalator", "rate_change", "phase_in", "rounding"),
    "evidence": ("concurrency",),
}
"""What a question is mostly about; its claims have more of the lines that this touches."""


@st.composite
def concurrencies(draw: st.DrawFn) -> Table:
    rule: Table = {"shares": draw(st.lists(shares(), min_size=1, max_size=4))}
    rule["modifiers"] = draw(st.sampled_from(["trust", "rerank", "rerank", "refuse"]))
    rule["primary_by"] = draw(st.sampled_from(WAYS if rule["modifiers"] != "trust" else (*WAYS, "as_modified")))
    if seldom(draw, 4):
        rule["within"] = "class"
    if seldom(draw, 3):
        rule["counts"] = draw(selectors(LINES))
    if seldom(draw, 3):
        rule["exempt"] = draw(selectors(("classes", "codes", "modifiers")))
    return rule


@st.composite
def charge_limits(draw: st.DrawFn) -> Table:
    rule: Table = {"level": draw(st.sampled_from(["none", "line", "claim", "claim"]))}
    if seldom(draw, 3):
        rule["percent"] = draw(numbers("0.95", "0.333", "1.2"))
    if draw(st.booleans()):
        rule["exclude"] = draw(selectors((*LINES, "places")))
        rule["excluded_charges"] = draw(st.sampled_from(["leave", "stay"]))
    return rule


@st.composite
def drug_price_rules(draw: st.DrawFn) -> Table:
    rule: Table = {}
    if draw(st.booleans()):
        rule["quarter_lag"] = draw(st.integers(-1, 3))
    if seldom(draw, 4):
        rule["lag_days"] = draw(st.sampled_from([15, 45, 90]))
    if seldom(draw, 4):
        rule["refresh"] = draw(some(("03-01", "04-02", "09-01", "12-01"), 4))
    if seldom(draw, 5):
        rule["quarter"] = draw(st.sampled_from(["2024Q3", "2025Q2"]))
    if draw(st.booleans()):
        rule["ndc_table"] = draw(st.sampled_from(["ndc_sample.csv", "ndc.csv"]))
        if seldom(draw, 4):
            rule["ndc_lag_days"] = draw(st.sampled_from([1, 30]))
        if seldom(draw, 4):
            rule["ndc_refresh"] = draw(some(("01-01", "04-04", "07-01"), 3))
    return rule


@st.composite
def _about_terms(draw: st.DrawFn, ids: list[str]) -> Table:
    """All rates, those of terms by id, or those of the lines of a selector."""
    way = draw(st.integers(0, 2))
    if way == 0 and ids:
        return {"terms": draw(some(tuple(ids)))}
    return {"applies_to": draw(selectors())} if way == 1 else {}


@st.composite
def escalators(draw: st.DrawFn, ids: list[str], number: int) -> Table:
    firsts = [date(2023, 7, 1), date(2024, 2, 29), date(2025, 4, 3), date(2025, 6, 1), date(2026, 1, 1)]
    rule: Table = {"id": f"e{number}", "first": draw(st.sampled_from(firsts))}
    if seldom(draw, 3):
        rule |= {"index": draw(st.sampled_from(["CUUR0000SAM", "CUUR0000SA0"])), "index_month": draw(st.integers(1, 6))}
        rule["index_lag_years"] = draw(st.integers(1, 2))
        if draw(st.booleans()):
            rule["cap"] = draw(numbers("0.03", "0.02"))
            rule["carry_over"] = draw(st.booleans())
        if seldom(draw, 3):
            rule |= {
                "floor": Decimal("0.01"),
                "plus": draw(numbers("0.005", "-0.01")),
                "times": draw(numbers("0.5", "1.5")),
            }
    else:
        rule["percent"] = draw(numbers("0.03", "0.025", "-0.02", "0.1"))
    rule["compounding"] = draw(st.booleans())
    rule["rounding"] = draw(st.sampled_from(["each_year", "at_end"]))
    if seldom(draw, 4):
        rule["last"] = rule["first"] + timedelta(days=draw(st.sampled_from([0, 364, 800])))
    if seldom(draw, 5):
        rule["skip"] = [draw(st.sampled_from([2024, 2025]))]
    return rule | {"decimals": draw(st.integers(0, 4))} | draw(_about_terms(ids))


@st.composite
def rate_changes(draw: st.DrawFn, ids: list[str], number: int) -> Table:
    rule: Table = {"id": f"c{number}", "factor": draw(numbers("1.04", "0.97", "1.005"))}
    return rule | {"decimals": draw(st.integers(0, 4))} | draw(_about_terms(ids))


@st.composite
def phase_ins(draw: st.DrawFn, ids: list[str], number: int) -> Table:
    rule: Table = {
        "id": f"p{number}",
        "first": draw(st.sampled_from([date(2024, 10, 1), date(2025, 3, 31), date(2026, 1, 1)])),
    }
    rule |= {"steps": draw(st.integers(1, 4)), "every_months": draw(st.sampled_from([1, 3, 12]))}
    rule["decimals"] = draw(st.integers(1, 4))
    rule["field"] = draw(st.sampled_from(["rate", "rate", "first", "most"]))
    if ids and draw(st.booleans()):
        return rule | {"from_rate": draw(rates()), "terms": draw(some(tuple(ids)))}
    return rule | {"from_factor": draw(numbers("0.8", "1.2"))} | draw(_about_terms(ids))


@st.composite
def adjustments(draw: st.DrawFn, number: int) -> Table:
    days = draw(certain_days()) if draw(st.booleans()) else {}
    return {"id": f"a{number}", "factor": draw(multipliers()), **draw(selectors()), **days}


@st.composite
def bundles(draw: st.DrawFn, number: int) -> Table:
    rule: Table = {"id": f"b{number}"}
    if seldom(draw, 4):
        rule["by"] = "descriptor"
    else:
        rule |= {"lines": draw(selectors(("roles", "codes"))), "into": draw(selectors(("roles", "codes")))}
        rule["same_class"] = seldom(draw, 4)
        if seldom(draw, 4):
            rule["unless_cost_per_day_above"] = draw(rates())
    if seldom(draw, 4):
        rule["exclude"] = draw(selectors(("codes", "modifiers", "places")))
    return rule


@st.composite
def allowances(draw: st.DrawFn, number: int) -> Table:
    rule: Table = {"id": f"al{number}", "lines": draw(selectors(LINES)), "most": draw(st.integers(0, 20))}
    rule["per"] = draw(st.sampled_from(["day", "week", "month", "year", "episode", "lifetime", "window"]))
    rule["of"] = draw(st.sampled_from(["units", "days"]))
    if rule["per"] == "episode":
        rule["episode"] = "ep"
    if rule["per"] == "window":
        rule["days"] = draw(st.sampled_from([1, 5, 30]))
    if rule["per"] == "week":
        rule["week_starts"] = draw(st.sampled_from(["sunday", "monday"]))
    if seldom(draw, 3):
        rule["weights"] = [{"each": draw(numbers("2", "0.25")), **draw(selectors(("codes", "roles")))}]
    return rule


@st.composite
def group_limits(draw: st.DrawFn, number: int) -> Table:
    rule: Table = {"id": f"l{number}", "kind": draw(st.sampled_from(["cap", "cap", "floor", "stop_loss"]))}
    groups = ["claim", "episode", "year", "lifetime", *(["day"] if rule["kind"] != "stop_loss" else [])]
    rule |= {"per": draw(st.sampled_from(groups)), "amount": draw(st.one_of(rates(), numbers("0", "1000", "5000")))}
    if draw(st.booleans()):
        rule["lines"] = draw(selectors(LINES))
    if rule["per"] == "episode":
        rule["episode"] = "ep"
    if rule["per"] == "year" and draw(st.booleans()):
        rule["year_starts"] = draw(st.sampled_from(["04-01", "07-01"]))
    if rule["kind"] == "stop_loss":
        rule["share"] = draw(shares())
        rule["measure"] = draw(st.sampled_from(["charge", "allowed", "cost"]))
        rule["pays"] = draw(st.sampled_from(["first_dollar", "second_dollar"]))
    return rule


@st.composite
def episodes(draw: st.DrawFn) -> Table:
    rule: Table = {"id": "ep", "lines": draw(st.one_of(st.just({}), selectors(LINES)))}
    rule |= {"by": draw(st.sampled_from(["class", "code", "patient"])), "gap_days": draw(st.sampled_from([0, 3, 60]))}
    return rule | {"restart": draw(st.sampled_from(["gap", "year"]))}


@st.composite
def tables(draw: st.DrawFn, schedule: bool, theme: str) -> Table:
    """Everything of a contract file but its header and schedule: often what the theme is about, seldom the rest."""

    def now(name: str, one_in: int) -> bool:
        """Say whether a table is written: as often as said, or by what the theme is about."""
        if theme == "any":
            return seldom(draw, one_in)
        return not seldom(draw, 4) if name in THEMES[theme] else seldom(draw, 4 * one_in)

    def few(name: str, strategy: st.SearchStrategy[Table], one_in: int) -> list[Table]:
        return [draw(strategy)] if now(name, one_in) else []

    found: Table = {}
    if now("rounding", 2):
        found["rounding"] = {"place": draw(st.sampled_from(["line", "segment", "day"]))}
        if seldom(draw, 3):
            found["rounding"]["unit_rate"] = draw(st.integers(0, 3))
    if now("lesser_of", 2):
        found["lesser_of"] = draw(charge_limits())
    if now("concurrency", 2):
        found["concurrency"] = draw(concurrencies())
    found["drug_prices"] = draw(drug_price_rules())
    if now("sequestration", 6):
        found["sequestration"] = {"percent": Decimal("0.02"), "member_share": draw(numbers("0", "0.2"))}
    if now("order", 4):
        found["order"] = {"steps": draw(st.permutations(STAGES))}
    found["term"] = draw(terms(schedule))
    ids = [t["id"] for t in found["term"]]
    found["escalator"] = few("escalator", escalators(ids, 0), 2) + few("escalator", escalators(ids, 1), 3)
    found["rate_change"] = few("rate_change", rate_changes(ids, 0), 2) + few("rate_change", rate_changes(ids, 1), 3)
    found["phase_in"] = few("phase_in", phase_ins(ids, 0), 3)
    found["adjustment"] = few("adjustment", adjustments(0), 2) + few("adjustment", adjustments(1), 4)
    found["bundle"] = few("bundle", bundles(0), 2) + few("bundle", bundles(1), 3)
    exclusive = st.tuples(selectors(("classes", "codes")), st.sampled_from([*WAYS, "as_modified"]))
    rivals = exclusive.map(lambda pair: {"id": "x0", "among": pair[0], "keep": pair[1]})
    found["exclusive"] = few("exclusive", rivals, 4)
    found["episode"] = [draw(episodes())]
    found["allowance"] = few("allowance", allowances(0), 3) + few("allowance", allowances(1), 5)
    found["limit"] = few("limit", group_limits(0), 3) + few("limit", group_limits(1), 4)
    return {name: value for name, value in found.items() if value}
