"""An order as it is typed on a screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from hitmodel import paths
from hitmodel.codes import code_table
from hitmodel.order_entry import OrderEntry, TherapyEntry, drug_meant, entry_of, order_from, unseen, without_unseen
from hitmodel.orders import Order, load_order

EXAMPLES = sorted(paths.data("samples", "orders").glob("*.toml"))


@pytest.fixture(scope="module")
def base() -> Order:
    return load_order(paths.data("samples", "orders", "two_antibiotics.toml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_order_that_nobody_changes_comes_back_whole(file: object) -> None:
    order = load_order(str(file))
    read, problems = order_from(entry_of(order), order, code_table())
    assert problems == ()
    assert read is not None
    assert read.model_copy(update={"file": order.file}) == order


def changed(base: Order, **fields: object) -> tuple[Order | None, dict[str, str]]:
    entry = entry_of(base)
    first = replace(entry.therapies[0], **fields)
    order, problems = order_from(replace(entry, therapies=(first, *entry.therapies[1:])), base, code_table())
    return order, {problem.field: problem.text for problem in problems}


def test_what_is_typed_is_what_is_ordered(base: Order) -> None:
    order, problems = changed(
        base, drug="Daptomycin", dose="0.5", unit="g", every="q24h", holds="2025-06-22..2025-06-23"
    )
    assert problems == {}
    assert order is not None
    therapy = order.therapy[0]
    assert (therapy.drugs[0].family, therapy.drugs[0].dose, therapy.every) == ("daptomycin", Decimal("0.5"), 24)
    assert [hold.span.days for hold in therapy.holds] == [2]
    assert therapy.drugs[0].vials == (), "the vials were those of another drug"
    assert order.charges == base.charges, "what a screen does not show stays"


def test_doses_on_record_go_when_dates_change() -> None:
    base = load_order(paths.data("samples", "orders", "nutrition_cycled.toml"))
    assert base.therapy[0].doses is not None
    order, _ = changed(base, stop=date(2025, 9, 20))
    assert order is not None
    assert order.therapy[0].doses is None


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"start": None}, "0.start", "Choose the day of the start"),
        ({"stop": date(2025, 1, 1)}, "0.stop", "lies before the start, 2025-06-20"),
        ({"dose": "99999"}, "0.dose", "1,000 g at most"),
        ({"litres": "1.8"}, "0.litres", "nutrition and hydration"),
        ({"drug": ""}, "0.drug", "Which drug? A dose is given"),
        ({"drug": "", "dose": "", "therapy_class": ""}, "0.drug", "Or choose the therapy"),
        ({"holds": "2024-06-22"}, "0.holds", "outside the therapy's days"),
        ({"every": "often"}, "0.every", "not a dose interval"),
        ({"every": ""}, "0.every", "How often?"),
        ({"litres": "much", "every": ""}, "0.litres", "not an amount"),
        ({"drug": "vancomycine"}, "0.drug", "Did you mean 'vancomycin'?"),
        ({"dose": ""}, "0.dose", "the amount is missing"),
        ({"dose": "0"}, "0.dose", "not an amount"),
        ({"holds": "2025-02-30"}, "0.holds", "not a date"),
        ({"holds": "2025-06-23..2025-06-22"}, "0.holds", "ends before it starts"),
    ],
)
def test_a_problem_is_said_beside_its_field(base: Order, fields: dict[str, object], field: str, says: str) -> None:
    order, problems = changed(base, **fields)
    assert order is None
    assert says in problems[field]


@pytest.mark.parametrize(
    ("part", "text", "says"),
    [
        ("stays", "2025-07-03 to 2025-13-01", "not a date"),
        ("stays", "2024-06-09..2024-06-12", "outside the days of therapy"),
        ("visits", "2026-06-20 14:00-16:00", "by more than a month"),
        ("visits", "2025-06-20", "not a visit"),
        ("visits", "2025-06-20 16:00-14:00", "ends before it begins"),
        ("visits", "2025-06-20 14:00-25:00", "no such time"),
    ],
)
def test_stays_and_visits_are_read_alike(base: Order, part: str, text: str, says: str) -> None:
    _, problems = order_from(replace(entry_of(base), **{part: text}), base, code_table())
    assert [problem.field for problem in problems] == [part]
    assert says in problems[0].text


def test_days_and_intervals_are_read_as_they_are_said(base: Order) -> None:
    order, problems = changed(base, holds="6/22/2025..6/23/2025", every="every 12 hours")
    assert problems == {}
    assert order is not None
    assert [(h.first, h.last) for h in order.therapy[0].holds] == [(date(2025, 6, 22), date(2025, 6, 23))]
    assert order.therapy[0].every == 12
    entry = replace(entry_of(base), visits="6/20/2025 14:00-16:40", stays="7/3/2025 to 7/5/2025")
    order, problems = order_from(entry, base, code_table())
    assert problems == ()
    assert order is not None
    assert (order.stay, order.visit) == (base.stay, base.visit[:1])


def test_a_new_therapy_stands_beside_those_of_the_example(base: Order) -> None:
    entry = entry_of(base)
    tpn = TherapyEntry("tpn", "parenteral_nutrition", litres="1.8", start=date(2025, 6, 20), stop=date(2025, 7, 3))
    order, problems = order_from(OrderEntry((*entry.therapies, tpn)), base, code_table())
    assert problems == ()
    assert order is not None
    assert [t.id for t in order.therapy] == ["vancomycin", "ceftriaxone", "tpn"]
    assert order.stay == ()


def test_the_whole_is_checked_too(base: Order) -> None:
    entry = entry_of(base)
    twice = replace(entry, therapies=(entry.therapies[0], entry.therapies[0]))
    order, problems = order_from(twice, base, code_table())
    assert order is None
    assert problems[0].field == ""
    assert "two therapies" in problems[0].text


@pytest.mark.slow
def test_what_an_example_brings_without_a_field_is_said_and_can_be_left_out() -> None:
    order = load_order(paths.data("samples", "orders", "vancomycin_beside_nutrition.toml"))
    assert unseen(order) == (
        "patient P-0004",
        "payer Meridian Health Plan",
        "B4185, 20 g a day, with nutrition",
        "a charge for S9501, S9366, J3370, B4185",
        "a cost for S9501, S9366, J3370, B4185, B4193",
    )
    bare = without_unseen(order)
    assert unseen(bare) == ()
    read, problems = order_from(entry_of(bare), bare, code_table())
    assert problems == ()
    assert read is not None
    assert [len(therapy.drugs) for therapy in read.therapy] == [1, 1]
    assert (read.charges, read.costs, read.patient) == ({}, {}, "no reference")


def test_a_beginning_of_one_drug_alone_is_that_drug() -> None:
    assert [drug_meant(text, code_table()) for text in ("vanc", "VANCOMYCIN", "van", "xyzz")] == [
        *("vancomycin", "vancomycin", "", "")
    ]
