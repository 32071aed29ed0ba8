"""Quotes: the worked cases of ``cases/quotes.toml`` from order to dollars, and what a quote says beside them."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import contract
from case_files import CASES

from hitmodel.charges import ChargeTable
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError, InputError
from hitmodel.money import to_cents
from hitmodel.orders import Order, parse_order
from hitmodel.prices import NdcPriceTable
from hitmodel.quote_tables import lines_table
from hitmodel.quotes import Basis, Quote, Side
from hitmodel.quoting import quote
from hitmodel.scenario_file import save_scenario

QUOTES = tomllib.loads((CASES / "quotes.toml").read_text(encoding="utf-8"), parse_float=Decimal)["quote_case"]
PAYER = "A payer"
RATES = f"""
[contract]
payers = ["{PAYER}"]
effective_from = 2025-01-01
""" + "".join(
    f'[[term]]\nid = "{code.lower()}"\ncodes = ["{code}"]\nmechanism = "per_diem"\nrate = {rate}\n'
    for code, rate in {"S9500": 90, "S9501": 105, "S9502": 115, "S9503": 125, "S9366": 250, "S5498": 20}.items()
)
RATES += '[[term]]\nid = "nursing"\ncodes = ["99601", "99602"]\nmechanism = "nursing"\nfirst = 150\nfurther = 65\n'


def under(folder: Path, order: dict[str, Any], more: str = "", basis: Basis | None = None) -> Side:
    """Return an order quoted under the rates above with ``more`` in the contract: whole tables, or one line."""
    text = f"{more}\n{RATES}" if "[[" not in more and not more.startswith("[") else f"{RATES}\n{more}"
    made = parse_order({"patient": "P-0000", **order}, "order.toml")
    return quote(made, [contract(folder, text)], basis).sides[0]


def therapy(**said: Any) -> dict[str, Any]:
    made = {"id": "it", "class": "anti_infective", "every": "24h", "start": date(2026, 3, 2), "stop": date(2026, 3, 3)}
    return {"therapy": [made | said]}


def shown(side: Side) -> list[str]:
    found = []
    for q in side.lines:
        said = q.status.value if q.allowed is None else f"{Decimal(q.allowed) / 100:.2f}"
        found.append(f"{'-'.join((q.line.code, *q.line.modifiers))} {q.line.first} {q.line.last} {q.line.units} {said}")
    return found


@pytest.mark.parametrize("case", QUOTES, ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any], tmp_path: Path) -> None:
    side = under(tmp_path, case["order"], case.get("contract", "").strip())
    assert shown(side) == case["lines"], f"by hand: {case['work']}"
    assert side.allowed() == to_cents(case["total"])
    assert [n.kind for n in side.unbilled] == case.get("not_billed", [])
    assert side.is_complete == (not side.unbilled and all(word[-1].isdigit() for word in case["lines"]))


@pytest.mark.parametrize(
    ("kind", "litres", "code"),
    [
        *(("hydration", *row) for row in (("1.000", "S9374"), ("1.001", "S9375"), ("2.000", "S9375"))),
        *(("hydration", *row) for row in (("3.000", "S9376"), ("3.001", "S9377"))),
        *(("parenteral_nutrition", *row) for row in (("1.000", "S9365"), ("1.800", "S9366"), ("2.000", "S9366"))),
        *(("parenteral_nutrition", *row) for row in (("3.000", "S9367"), ("3.100", "S9368"))),
    ],
)
def test_volume_decides_code_and_dollars(kind: str, litres: str, code: str, tmp_path: Path) -> None:
    # Each code pays its own last two digits a day, so two days of S9375 are 150.
    codes = [f"S93{n}" for n in (*range(65, 69), *range(74, 78))]
    rates = "".join(
        f'[[term]]\nid = "v{c.lower()}"\ncodes = ["{c}"]\nmechanism = "per_diem"\nrate = {c[3:]}\n'
        for c in codes
        if c != "S9366"
    )
    order = {**therapy(), "therapy": [{**therapy()["therapy"][0], "class": kind, "litres_per_day": Decimal(litres)}]}
    side = under(tmp_path, order, rates)
    each = 250 if code == "S9366" else int(code[3:])
    assert [(q.line.code, q.allowed) for q in side.lines] == [(code, 2 * each * 100)]


# --- cost and margin ---------------------------------------------------------------------------------------------

DRUG = '[[term]]\nid = "drug"\ncodes = ["J3373"]\nmechanism = "fixed"\nper = "unit"\nrate = 0.05\n'
WASTE_UNPAID = DRUG + '[[term]]\nid = "waste"\ncodes = ["J3373"]\nmodifiers = ["JW"]\nmechanism = "not_covered"\n'
WASTING = [{"code": "J3373", "dose": 305, "unit": "mg", "vials": [400]}]


def test_an_unknown_cost_makes_the_margin_unknown_and_never_zero(tmp_path: Path) -> None:
    side = under(tmp_path, {**therapy(drugs=WASTING), "costs": {"S9500": 40}}, DRUG)
    assert (side.cost("per_diem"), side.margin("per_diem")) == (8000, 10000)
    assert side.cost("drug") is None
    assert side.margin("drug") is None
    assert side.margin() is None


def test_margin_is_payment_less_every_cost(tmp_path: Path) -> None:
    # Two days: 2 × (90 − 40) = 100.00. Drug: 62 units at 0.05 = 3.10 and 18 wasted at 0.05 = 0.90; 80 units cost 0.03
    # each, 2.40; spread 1.60.
    side = under(tmp_path, {**therapy(drugs=WASTING), "costs": {"S9500": 40, "J3373": Decimal("0.03")}}, DRUG)
    assert (side.allowed("drug"), side.cost("drug"), side.margin("drug")) == (400, 240, 160)
    assert side.margin() == 10160


def test_waste_that_is_not_paid_still_costs_the_vial(tmp_path: Path) -> None:
    # 3.10 paid, 80 units at 0.03 = 2.40 bought: 0.70.
    order = {**therapy(drugs=WASTING), "costs": {"S9500": 40, "J3373": Decimal("0.03")}}
    side = under(tmp_path, order, WASTE_UNPAID)
    assert [q.status.value for q in side.lines] == ["priced", "priced", "not_covered"]
    assert side.margin("drug") == 70


def test_standard_formula_inside_the_per_diem_costs_though_no_line_bills_it(tmp_path: Path) -> None:
    # Two days: 2 × 250 = 500.00 paid; formula, one unit a day, 2 × 30 = 60; per diem 2 × 100 = 200: 240.00.
    formula = [{"code": "B4193", "dose": 60, "unit": "g", "per": "day", "standard_formula": True}]
    order = therapy(**{"class": "parenteral_nutrition", "litres_per_day": Decimal("1.8"), "drugs": formula})
    side = under(tmp_path, {**order, "costs": {"B4193": 30, "S9366": 100}})
    assert [(used.line.code, used.line.units, used.cost and used.cost.cents) for used in side.used] == [
        ("B4193", 2, 6000)
    ]
    assert side.margin() == 24000
    assert side.is_complete, "what the contract puts inside the per diem is not left open"


def prices(folder: Path, row: str) -> NdcPriceTable:
    path = folder / "prices.csv"
    path.write_text(
        f"ndc,from_date,awp,wac,invoice,nadac,package,unit,code,units_per_ndc_unit\n{row}\n", encoding="utf-8"
    )
    return NdcPriceTable.load(path)


def test_cost_comes_from_the_invoice_by_code_units_so_that_waste_counts(tmp_path: Path) -> None:
    # A vial of 400 mg is 40 units and invoiced at 6.00, 0.15 a unit: 31 units 4.65, 9 discarded 1.35.
    drugs = [WASTING[0] | {"ndc": "99999-0001-01"}]
    table = prices(tmp_path, "99999000101,2026-01-01,,,6.00,,1,UN,J3373,40")
    order = therapy(drugs=[{**drugs[0], "ndc": "99999000101"}], stop=date(2026, 3, 2))
    side = under(tmp_path, order, DRUG, Basis(prices=table))
    assert [q.cost and q.cost.cents for q in side.lines] == [None, 465, 135]


def test_cost_comes_from_the_ndc_quantity_where_code_units_are_not_known(tmp_path: Path) -> None:
    # 1 vial a dose at 6.00, two doses; what a discarded unit costs is not known then.
    drugs = [{**WASTING[0], "ndc": "99999000101", "ndc_quantity": 1, "ndc_unit": "UN"}]
    table = prices(tmp_path, "99999000101,2026-01-01,,,6.00,,1,UN,,")
    side = under(tmp_path, therapy(drugs=drugs), DRUG, Basis(prices=table))
    assert [q.cost and q.cost.cents for q in side.lines] == [None, 1200, None]


# --- charges and their limit --------------------------------------------------------------------------------------

LINE_LIMIT = 'lesser_of = "line"'


def keys(side: Side) -> set[str]:
    return {a.assumption.key for a in side.assumptions}


def test_without_a_charge_the_limit_is_left_off_and_said_so(tmp_path: Path) -> None:
    side = under(tmp_path, therapy(), LINE_LIMIT)
    assert [(q.allowed, q.unlimited) for q in side.lines] == [(18000, True)]
    assert "charge_limit" in keys(side)
    assert "charges are not given" in next(
        a.assumption.text for a in side.assumptions if a.assumption.key == "charge_limit"
    )


def test_a_charge_of_the_order_goes_before_the_chargemaster_and_limits(tmp_path: Path) -> None:
    # 2 × 80 charged against 2 × 90; from the chargemaster 2 × 70.
    table = ChargeTable({"S9500": ((date(2026, 1, 1), Decimal(70)),)}, "charges.csv")
    own = under(tmp_path, {**therapy(), "charges": {"S9500": 80}}, LINE_LIMIT, Basis(charges=table))
    theirs = under(tmp_path, therapy(), LINE_LIMIT, Basis(charges=table))
    assert (own.allowed(), theirs.allowed()) == (16000, 14000)
    assert "charge_limit" not in keys(own) | keys(theirs)


def test_a_line_held_to_its_charge_says_so(tmp_path: Path) -> None:
    # 2 × 80 charged against 2 × 90: 20.00 less.
    side = under(tmp_path, {**therapy(), "charges": {"S9500": 80}}, LINE_LIMIT)
    assert [q.held for q in side.lines] == [2000]
    table = lines_table(side)
    assert table.rows[0][6] == "90.00 per day, held to the charge"
    assert table.notes == ("Line 1: the contract pays the charge at most, which is $20.00 less than its rates.",)
    assert lines_table(under(tmp_path, {**therapy(), "charges": {"S9500": 90}}, LINE_LIMIT)).notes == ()


def test_a_code_of_other_days_is_billed_by_the_code_of_the_day_and_said_so(tmp_path: Path) -> None:
    drug = {"code": "J3373", "dose": Decimal(1), "unit": "g"}
    ordered = therapy(start=date(2025, 6, 2), stop=date(2025, 6, 3), drugs=[drug])
    side = under(tmp_path, ordered)
    assert [q.line.code for q in side.lines] == ["S9500", "J3370"]
    said = [a.assumption.text for a in side.assumptions if a.assumption.key == "code_J3373"]
    assert said == ["J3373 begins on 2025-07-01: the drug is billed by the code of its own days"]
    assert "code_J3373" not in keys(
        under(tmp_path, therapy(start=date(2025, 7, 2), stop=date(2025, 7, 3), drugs=[drug]))
    )


@pytest.mark.slow
def test_a_saved_scenario_is_quoted_only_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path))
    start = load_contract("meridian")
    raised = start.model_copy(
        update={
            "versions": tuple(
                v.model_copy(update={"lesser_of": v.lesser_of.model_copy(update={"percent": Decimal("0.9")})})
                for v in start.versions
            )
        }
    )
    save_scenario("trial_a", start, raised)
    order = parse_order({**therapy()}, "order.toml")
    every = quote(order)
    assert "trial_a" not in [side.name for side in every.sides]
    assert ("trial_a", "a saved scenario, quoted only where it is named") in [
        (o.name, o.reason) for o in every.left_out
    ]
    assert [side.name for side in quote(order, ["trial_a"]).sides] == ["trial_a"]


def test_a_claim_level_limit_compares_calendar_months(tmp_path: Path) -> None:
    # January: 90 a day paid, 100 charged, 7 days 630. February: charged 50 a day, 7 × 50 = 350. One claim would be
    # 14 × 90 = 1,260 against 1,050.
    table = ChargeTable({"S9500": ((date(2026, 1, 1), Decimal(100)), (date(2026, 2, 1), Decimal(50)))}, "charges.csv")
    order = therapy(start=date(2026, 1, 25), stop=date(2026, 2, 7))
    side = under(tmp_path, order, 'lesser_of = "claim"', Basis(charges=table))
    assert [q.allowed for q in side.lines] == [63000, 35000]
    assert "claims" in keys(side)


def test_a_share_of_a_charge_that_is_not_given_has_no_amount(tmp_path: Path) -> None:
    share = '[[term]]\nid = "share"\ncodes = ["S9374"]\nmechanism = "percent_of_charge"\nshare = 0.6\n'
    side = under(tmp_path, therapy(**{"class": "hydration", "litres_per_day": 1}), share)
    assert [(q.status.value, q.allowed) for q in side.lines] == [("needs_review", None)]
    assert "no charge" in side.open[0].reason


# --- time ---------------------------------------------------------------------------------------------------------

BY_LIMIT = """
[[term]]
id = "drug"
codes = ["J0696"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.00 }]
"""
CEFTRIAXONE = [{"code": "J0696", "dose": 1, "unit": "g", "vials": [1]}]


def test_quarters_to_come_take_the_newest_limits_held_and_say_so(tmp_path: Path) -> None:
    # 4 units a dose, one dose a day, at the limit of 2026Q1 in every later quarter.
    known = under(tmp_path, therapy(drugs=CEFTRIAXONE), BY_LIMIT)
    late = under(tmp_path, therapy(drugs=CEFTRIAXONE, start=date(2027, 3, 2), stop=date(2027, 3, 3)), BY_LIMIT)
    assert [q.allowed for q in late.lines] == [q.allowed for q in known.lines]
    assert "newest_prices" in keys(late)
    assert "newest_prices" not in keys(known)


def test_terms_of_another_day(tmp_path: Path) -> None:
    later = RATES.replace("2025-01-01", "2027-01-01")
    offer = contract(tmp_path, later)
    order = parse_order({"patient": "P-0000", **therapy()}, "order.toml")
    with pytest.raises(InputError, match="not in force on any day from 2026-03-02 to 2026-03-03") as error:
        quote(order, [offer])
    assert "--as-of" in str(error.value)
    made = quote(order, [offer], Basis(as_of=date(2027, 6, 1)))
    assert made.sides[0].allowed() == 18000


def test_days_after_a_contract_ends_have_no_amount(tmp_path: Path) -> None:
    ending = RATES.replace("effective_from = 2025-01-01", "effective_from = 2025-01-01\neffective_through = 2026-03-02")
    order = parse_order({"patient": "P-0000", **therapy()}, "order.toml")
    side = quote(order, [contract(tmp_path, ending)]).sides[0]
    assert [(str(q.line.first), q.allowed) for q in side.lines] == [("2026-03-02", 9000), ("2026-03-03", None)]


# --- what is assumed, and what hangs on it -------------------------------------------------------------------------


def hanging(side: Side) -> dict[str, tuple[int | None, int | None]]:
    return {a.assumption.key: (a.low, a.high) for a in side.assumptions}


def test_the_dollars_on_an_assumption_are_those_of_its_other_readings(tmp_path: Path) -> None:
    # Twenty days less two in hospital, 18 × 90. Neither edge day payable: −180; one of them: −90. Full days payable:
    # +180.
    order = therapy(start=date(2026, 8, 1), stop=date(2026, 8, 20))
    stay = {"stay": [{"admitted": date(2026, 8, 8), "discharged": date(2026, 8, 11)}]}
    found = hanging(under(tmp_path, order | stay))
    assert found["edges"] == (-18000, -9000)
    assert found["inpatient_days"] == (18000, 18000)
    assert "day_count" not in found, "a daily dose counts alike under every reading"


def test_what_a_contract_says_is_not_assumed(tmp_path: Path) -> None:
    order = therapy(start=date(2026, 8, 1), stop=date(2026, 8, 20))
    stay = {"stay": [{"admitted": date(2026, 8, 8), "discharged": date(2026, 8, 11)}]}
    said = 'days = { count = "access", stay_edges = "both", inpatient_pays = false }'
    assert hanging(under(tmp_path, order | stay, said)).keys().isdisjoint({"edges", "inpatient_days", "day_count"})


def test_a_silent_contract_leaves_open_what_a_day_is(tmp_path: Path) -> None:
    # 14 days of access or 7 of infusion: −7 × 90.
    found = hanging(under(tmp_path, therapy(every="48h", start=date(2026, 6, 1), stop=date(2026, 6, 14))))
    assert found["day_count"] == (-63000, -63000)


# --- which contracts ------------------------------------------------------------------------------------------------


def sample(**said: Any) -> Order:
    return parse_order({"patient": "P-0000", **therapy(**said)}, "order.toml")


def test_every_contract_in_force_is_quoted_and_the_others_are_named() -> None:
    made = quote(sample(start=date(2025, 3, 3), stop=date(2025, 3, 4)))
    assert {side.name for side in made.sides} >= {"cascade", "lakeshore", "meridian"}
    assert {out.name for out in made.left_out} >= {"meridian_proposal_a", "meridian_proposal_b"}


def test_none_in_force_is_an_error_that_names_what_there_is() -> None:
    with pytest.raises(InputError, match="no contract at hand is in force on all days from 2019-03-03") as error:
        quote(sample(start=date(2019, 3, 3), stop=date(2019, 3, 4)))
    assert "meridian: in force from 2025-01-01" in str(error.value)


def test_an_unknown_contract_is_named_with_its_nearest() -> None:
    with pytest.raises(ContractError, match="Did you mean 'meridian'"):
        quote(sample(), ["meridan"])


@pytest.mark.parametrize("table", ["charges", "costs"])
def test_a_charge_or_cost_of_no_code_is_refused(table: str) -> None:
    order = parse_order({"patient": "P-0000", **therapy(), table: {"S9599": 1}}, "order.toml")
    with pytest.raises(InputError, match=rf"order.toml, \[{table}\]: S9599 is not an HCPCS code. Did you mean"):
        quote(order, ["meridian"])


def test_a_side_is_found_by_name() -> None:
    made: Quote = quote(sample(start=date(2025, 3, 3), stop=date(2025, 3, 4)), ["meridian"])
    assert made.side("meridian").title == "Meridian Health Plan"
    with pytest.raises(InputError, match="'cascade' is not among the contracts quoted"):
        made.side("cascade")


def test_ranking_by_rate_uses_the_contracts_own_rates(tmp_path: Path) -> None:
    # Under these rates q24h pays more than q12h, against the usual: ceftriaxone leads.
    dear = RATES.replace("rate = 90", "rate = 200")
    two = [{**therapy()["therapy"][0], "id": "one", "every": "12h"}, {**therapy()["therapy"][0], "id": "two"}]
    order = parse_order({"patient": "P-0000", "therapy": two}, "order.toml")
    side = quote(order, [contract(tmp_path, f"concurrency = {{ shares = [1, 0.5] }}\n{dear}")]).sides[0]
    # 2 × 105 × 50 % = 105; 2 × 200 = 400.
    assert shown(side) == ["S9501-SH 2026-03-02 2026-03-03 2 105.00", "S9500 2026-03-02 2026-03-03 2 400.00"]


def test_a_margin_over_lines_without_amount_is_unknown(tmp_path: Path) -> None:
    # Hydration has no rate: what its two days bring is not 0, so they have no margin, and the whole has none.
    fluids = {**therapy()["therapy"][0], "id": "fluids", "class": "hydration", "litres_per_day": 1}
    order = {"therapy": [*therapy()["therapy"], fluids], "costs": {"S9500": 40, "S9374": 30}}
    side = under(tmp_path, order)
    assert (side.allowed(), side.cost()) == (18000, 14000)
    assert side.margin("per_diem") is None
    assert side.margin() is None
