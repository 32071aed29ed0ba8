"""Which per diem code a therapy takes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hitmodel.billing_rules import BillingRules, Prefer
from hitmodel.codes import code_table
from hitmodel.orders import parse_order
from hitmodel.regimen import code_spans


def codes(rules: BillingRules | None = None, **said: Any) -> list[str]:
    made = {"id": "it", "every": "24h", "start": date(2026, 3, 1), "stop": date(2026, 3, 10), **said}
    therapy = parse_order({"patient": "P-0000", "therapy": [made]}).therapy[0]
    return [choice.code for _, choice in code_spans(therapy, rules or BillingRules(), code_table())]


@pytest.mark.parametrize(
    ("wanted", "litres", "code"),
    [
        # "One liter", more than one to two, more than two to three, more than three litres a day.
        ("hydration", "0.5", "S9374"),
        ("hydration", "1.000", "S9374"),
        ("hydration", "1.001", "S9375"),
        ("hydration", "2.000", "S9375"),
        ("hydration", "3.000", "S9376"),
        ("hydration", "3.001", "S9377"),
        ("parenteral_nutrition", "1.0", "S9365"),
        ("parenteral_nutrition", "1.8", "S9366"),
        ("parenteral_nutrition", "2.0", "S9366"),
        ("parenteral_nutrition", "3.0", "S9367"),
        ("parenteral_nutrition", "3.1", "S9368"),
    ],
)
def test_volume_chooses_the_code_at_its_edges(wanted: str, litres: str, code: str) -> None:
    assert codes(**{"class": wanted, "litres_per_day": Decimal(litres)}) == [code]


@pytest.mark.parametrize(
    ("every", "code"),
    [
        ("3h", "S9497"),
        ("4h", "S9504"),
        ("6h", "S9503"),
        ("8h", "S9502"),
        ("12h", "S9501"),
        ("24h", "S9500"),
        ("36h", "S9500"),
        ("72h", "S9500"),
        ("5h", "S9494"),
        ("18h", "S9494"),
    ],
)
def test_interval_chooses_the_anti_infective_code(every: str, code: str) -> None:
    assert codes(**{"class": "anti_infective", "every": every}) == [code]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"class": "pain_management", "method": "continuous"}, "S9326"),
        ({"class": "pain_management", "method": "intermittent"}, "S9327"),
        ({"class": "pain_management", "method": "implanted_pump"}, "S9328"),
        ({"class": "pain_management"}, "S9327"),
        ({"class": "chemotherapy", "method": "continuous"}, "S9330"),
        ({"class": "immunotherapy", "route": "infusion"}, "S9338"),
        ({"class": "immunotherapy", "route": "injection"}, "S9563"),
        ({"class": "immunotherapy"}, "S9338"),
        ({"class": "anticoagulant", "route": "infusion"}, "S9336"),
        ({"class": "anticoagulant", "route": "injection"}, "S9372"),
        ({"class": "anti_emetic", "route": "injection"}, "S9370"),
        ({"class": "anti_emetic", "route": "infusion"}, "S9351"),
        ({"class": "enteral_nutrition"}, "S9340"),
        ({"class": "enteral_nutrition", "method": "bolus"}, "S9343"),
        ({"class": "dialysis", "method": "peritoneal"}, "S9339"),
        ({"class": "insulin", "method": "continuous"}, "S9353"),
        ({"class": "hematopoietic"}, "S9537"),
        ({"class": "corticosteroid", "route": "injection"}, "S9542"),
        ({"class": "iron", "route": "infusion"}, "S9379"),
        ({"class": "hydration"}, "S9373"),
        ({"code": "S9379"}, "S9379"),
    ],
)
def test_method_and_route_choose_the_code(said: dict[str, str], code: str) -> None:
    assert codes(**said) == [code]


def test_a_contract_may_code_an_interval_as_another() -> None:
    every_48 = {"class": "anti_infective", "every": "48h"}
    assert codes(BillingRules(interval_as=((48, 12),)), **every_48) == ["S9501"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("anti_infective", "S9494"), ("parenteral_nutrition", "S9364"), ("hydration", "S9373"), ("insulin", "S9353")],
)
def test_a_contract_may_want_the_general_code(wanted: str, code: str) -> None:
    assert codes(BillingRules(prefer=Prefer.GENERAL), **{"class": wanted}) == [code]


def test_a_pump_takes_the_code_of_its_schedule_or_the_general_one() -> None:
    pump = {"class": "anti_infective", "method": "continuous"}
    assert codes(**pump, every="4h") == ["S9504"]
    assert codes(**pump | {"every": None}) == ["S9494"]


def test_the_class_comes_from_the_first_drug_that_tells_it() -> None:
    assert codes(every="8h", drugs=[{"family": "meropenem", "dose": 1, "unit": "g"}]) == ["S9502"]


def test_a_code_that_begins_in_mid_course_cuts_the_therapy() -> None:
    shots = {"class": "immunotherapy", "route": "injection", "start": date(2023, 3, 30), "stop": date(2023, 4, 2)}
    assert codes(**shots) == ["S9542", "S9563"]
