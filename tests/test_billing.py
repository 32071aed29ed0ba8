"""Therapy orders as claim lines: the worked cases of ``cases/days.toml``, and relations that always hold."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitmodel import paths
from hitmodel.billing import bill_order
from hitmodel.billing_rules import (
    ASSUMPTIONS,
    BeyondLimit,
    BillingRules,
    CatheterCare,
    ChangeDay,
    NursingHours,
    Prefer,
    SecondVisit,
    UnitRounding,
)
from hitmodel.claim_lines import Bill, ClaimLine, claims_csv
from hitmodel.errors import InputError
from hitmodel.orders import load_order, parse_order
from hitmodel.perdiem import DayCount, DayRules, StayEdges
from hitmodel.ranks import PrimaryBy

CASES = tomllib.loads((Path(__file__).parent / "cases" / "days.toml").read_text(encoding="utf-8"), parse_float=Decimal)[
    "order_case"
]
WORDS: dict[str, Callable[[str], Any]] = {
    "primary_by": PrimaryBy,
    "prefer": Prefer,
    "change_day": ChangeDay,
    "beyond_limit": BeyondLimit,
    "unit_rounding": UnitRounding,
    "nursing_hours": NursingHours,
    "second_visit": SecondVisit,
    "catheter_care": CatheterCare,
    "count": DayCount,
    "edges": StayEdges,
    "split_at": tuple,
    "dose_codes": lambda pairs: frozenset(tuple(pair) for pair in pairs),
    "unranked_codes": frozenset,
}


def rules_from(said: dict[str, Any]) -> BillingRules:
    def words(some: dict[str, Any]) -> dict[str, Any]:
        return {name: WORDS[name](value) if name in WORDS else value for name, value in some.items()}

    days = DayRules(**words(said.get("days", {})))
    return BillingRules(days=days, **words({name: value for name, value in said.items() if name != "days"}))


def bill(case: dict[str, Any]) -> Bill:
    rates = case.get("rates")
    rate = None if rates is None else (lambda code, day: Fraction(rates[code]))
    order = parse_order({"patient": "P-0000", **case["order"]})
    return bill_order(order, rules_from(case.get("rules", {})), rate=rate)


def shown(line: ClaimLine, place: bool) -> str:
    code = "-".join((line.code, *line.modifiers))
    return f"{code} {line.first} {line.last} {line.units}" + (f" {line.place}" if place else "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any]) -> None:
    found = bill(case)
    places = any(len(line.split()) == 5 for line in case["lines"])
    assert [shown(line, places) for line in found.lines] == case["lines"]
    assert [f"{n.kind} {n.span.first} {n.span.last}" for n in found.not_billed] == case.get("not_billed", [])
    keys = {a.key for a in found.assumptions}
    assert keys >= set(case.get("assumptions", []))
    assert keys.isdisjoint(case.get("without", []))
    assert {key for line in found.lines for key in line.assumptions} <= ASSUMPTIONS.keys()


def order(**therapy: Any) -> dict[str, Any]:
    made = {"id": "it", "every": "24h", "start": date(2026, 3, 1), "stop": date(2026, 3, 10), **therapy}
    return {"order": {"therapy": [made]}}


def test_what_no_code_describes_is_named_not_guessed() -> None:
    found = bill(order(**{"class": "dialysis"}))
    assert found.lines == ()
    assert [(n.kind, n.reason) for n in found.not_billed] == [
        ("no_code", "method or code must say which of S9335, S9339 is meant")
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"class": "anti_infectve"},
            "the order, therapy 'it': class 'anti_infectve' is no therapy that we know. Expected anti-infectives or",
        ),
        (
            {"class": "hydration", "method": "continous"},
            "the order, therapy 'it': method 'continous' is not known. Did you mean 'continuous'?",
        ),
        ({}, "the order, therapy 'it': 'class' is missing, and no drug tells it."),
        ({"code": "S9599"}, "the order, therapy 'it', code: S9599 is not a per diem code that we classify."),
        (
            {"class": "hydration", "drugs": [{"code": "J0696", "dose": 1, "unit": "l"}]},
            "the order, therapy 'it': l can't be turned into mg. Expected a dose in mg.",
        ),
        (
            {"class": "hydration", "drugs": [{"code": "J06966", "dose": 1, "unit": "g"}]},
            "the order, therapy 'it': J06966 is not an HCPCS code.",
        ),
        (
            {"class": "hydration", "drugs": [{"family": "ceftriaxon", "dose": 1, "unit": "g"}]},
            "the order, therapy 'it': 'ceftriaxon' is not a drug we classify. Did you mean 'ceftriaxone'?",
        ),
    ],
)
def test_a_name_that_is_none_is_refused_with_the_nearest(said: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        bill(order(**said))
    assert str(error.value).startswith(message)


def drug_units(code: str, dose: str, unit: str) -> int:
    drugs = [{"code": code, "dose": Decimal(dose), "unit": unit}]
    found = bill(order(**{"class": "hydration", "stop": date(2026, 3, 1), "drugs": drugs}))
    return next(line.units for line in found.lines if line.code == code)


@pytest.mark.parametrize(("dose", "units"), [("250", 1), ("500", 2), ("600", 3), ("0.25", 1), ("250.01", 2)])
def test_drug_units_are_rounded_up_for_each_dose(dose: str, units: int) -> None:
    # Ceftriaxone, 250 mg: 600 ÷ 250 = 2.4, so 3.
    assert drug_units("J0696", dose, "mg") == units


def test_rounding_up_each_dose_differs_from_rounding_up_the_line() -> None:
    drugs = [{"code": "J0696", "dose": 600, "unit": "mg"}]
    twice = {"class": "anti_infective", "every": "12h", "stop": date(2026, 3, 2), "drugs": drugs}
    units = {
        how: next(
            line.units for line in bill(order(**twice) | {"rules": {"unit_rounding": how}}).lines if line.role == "drug"
        )
        for how in UnitRounding
    }
    # Four doses of 2.4 units: 4 × 3 = 12; two days of 4.8: 2 × 5 = 10; the line 9.6: 10.
    assert units == {"administration": 12, "day": 10, "line": 10}


def test_ndc_quantity_is_for_the_whole_line_and_charges_follow_units() -> None:
    drugs = [
        {
            "code": "J0696",
            "dose": 1,
            "unit": "g",
            "ndc": "00000000001",
            "ndc_quantity": Decimal("0.5"),
            "ndc_unit": "UN",
        }
    ]
    case = order(**{"class": "anti_infective", "drugs": drugs})
    case["order"]["charges"] = {"J0696": Decimal("2.50"), "S9500": Decimal(150)}
    diem, drug = bill(case).lines
    # 10 daily doses: 10 × 0.5 = 5 vials; 40 units × 2.50 = 100; 10 days × 150 = 1,500.
    assert (drug.ndc_quantity, drug.charge, diem.charge) == (5, 100, 1500)
    assert (drug.amount, drug.measure) == (10, "g")


def test_a_convention_that_the_contract_settles_is_no_assumption() -> None:
    stay = {"admitted": date(2026, 3, 4), "discharged": date(2026, 3, 6)}
    case = order(**{"class": "anti_infective"})
    case["order"]["stay"] = [stay]
    silent = bill(case)
    assert {"edges", "inpatient_days"} <= {a.key for a in silent.assumptions}
    told = parse_order({"patient": "P-0000", **case["order"]})
    settled = bill_order(told, BillingRules(settled=frozenset({"edges"})))
    assert settled.lines == silent.lines
    assert "edges" not in {a.key for a in settled.assumptions}


def test_a_bill_is_a_claims_file_without_findings(tmp_path: Path) -> None:
    from hitmodel.claims import read_claims

    drugs = [
        {
            "code": "J0696",
            "dose": 1,
            "unit": "g",
            "ndc": "00000-0000-01",
            "ndc_quantity": Decimal("0.5"),
            "ndc_unit": "UN",
        }
    ]
    case = order(**{"class": "anti_infective", "drugs": drugs, "place": "suite"})
    case["order"] |= {"payer": "Example PPO", "charges": {"J0696": Decimal("2.5051"), "S9500": Decimal(150)}}
    file = tmp_path / "claim.csv"
    file.write_text(claims_csv(bill(case), "C-1"), encoding="utf-8")
    claims = read_claims(file)
    assert claims.findings == ()
    assert claims.lines["code"].tolist() == ["S9500", "J0696"]
    assert claims.lines["modifiers"].tolist() == ["SS", ""]
    assert claims.lines["units_milli"].tolist() == [10_000, 40_000]
    assert claims.lines["charge_cents"].tolist() == [150_000, 10_020]  # 10 × 150.00; 40 × 2.5051 = 100.204
    assert claims.lines["ndc_quantity_milli"].tolist()[1] == 5_000
    assert claims.lines["place_of_service"].tolist() == ["49", "49"]


SAMPLES = sorted(paths.data("samples", "orders").glob("*.toml"))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_every_sample_order_becomes_lines(file: Path) -> None:
    found = bill_order(load_order(file))
    assert found.lines
    assert all(line.units > 0 for line in found.lines)
    assert all(line.charge is not None for line in found.lines)
    assert [a.key for a in found.assumptions] == sorted({a.key for a in found.assumptions})


def test_there_are_sample_orders() -> None:
    assert len(SAMPLES) >= 3


DAY0 = date(2026, 1, 20)
pairs = st.tuples(st.integers(0, 45), st.integers(0, 45)).map(sorted)
therapies = st.lists(
    st.tuples(pairs, st.sampled_from(["3h", "8h", "12h", "24h", "48h", "72h"])), min_size=1, max_size=4
)
stays = st.lists(pairs, max_size=2)


def day(number: int) -> date:
    return DAY0 + timedelta(days=number)


@given(therapies, stays, st.sampled_from(DayCount), st.booleans(), st.sampled_from(StayEdges))
def test_units_are_the_payable_days_and_modifiers_number_each_day(
    some: list[tuple[list[int], str]], away: list[list[int]], count: DayCount, months: bool, edges: StayEdges
) -> None:
    case = {
        "order": {
            "therapy": [
                {"id": f"t{n}", "class": "anti_infective", "every": every, "start": day(a), "stop": day(b)}
                for n, ((a, b), every) in enumerate(some)
            ],
            "stay": [{"admitted": day(a), "discharged": day(b)} for a, b in away],
        },
        "rules": {"primary_by": "first_billed", "split_months": months, "days": {"count": count, "edges": edges}},
    }
    found = bill(case)
    for name, days in found.days:
        lines = found.of(name)
        assert sum(line.units for line in lines) == days.total
        assert all(one.last < two.first for one, two in pairwise(lines))
        assert all(not months or one.first.month == one.last.month for one in lines)
    if count is DayCount.ACCESS:
        ranks: Counter[tuple[date, str]] = Counter()
        for line in found.lines:
            ranks.update((d, line.modifiers[0] if line.modifiers else "") for d in line.span)
        for (on, modifier), times in ranks.items():
            assert times == 1 if modifier != "SJ" else ranks[on, "SH"] == 1
            assert ranks[on, ""] == 1
