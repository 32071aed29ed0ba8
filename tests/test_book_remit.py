"""The remittance of the sample book: what the contracts allow but for listed deviations, and the status of its dirt."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest

from hitmodel import paths
from hitmodel.book import book_rows, book_tables
from hitmodel.book.lines import Row, Tables
from hitmodel.book.make import CAUSES, CLAIMS, DIRT
from hitmodel.book.plan import Deviation
from hitmodel.book.remit import Amounts, Paid, contract_amounts, remit
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.dates import Quarter
from hitmodel.money import to_cents
from hitmodel.pricing import Pricer

pytestmark = pytest.mark.slow

MERIDIAN = "Meridian Health Plan"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return book_tables()


@pytest.fixture(scope="module")
def rows(tables: Tables) -> tuple[Row, ...]:
    return book_rows(tables)


@pytest.fixture(scope="module")
def priced(tables: Tables) -> pd.DataFrame:
    """Each line priced under its own payer's contract; lines of another payer under Meridian's."""
    pricer = Pricer(read_claims(paths.data("samples", CLAIMS)))
    frames = [(payer.name, pricer.price(load_contract(payer.contract)).frame()) for payer in tables.plan.payer]
    own = pd.concat([frame[frame["payer"] == name] for name, frame in frames])
    others = frames[0][1]
    return pd.concat([own, others[~others["payer"].isin([name for name, _ in frames])]]).set_index("line_id")


def few(rows: tuple[Row, ...], *codes: str) -> list[Row]:
    """The first clean line of Meridian with each code."""
    return [next(r for r in rows if r.line.code == c and r.line.payer == MERIDIAN and not r.line.dirt) for c in codes]


def deviating(tables: Tables, cause: str, lines: int = 1) -> Tables:
    only = (Deviation(payer=MERIDIAN, cause=cause, lines=lines),)
    return replace(tables, plan=tables.plan.model_copy(update={"deviation": only}))


def same(amounts: dict[str, int], **changed: dict[str, int]) -> Amounts:
    return Amounts(**{"allowed": amounts, "quarter_late": amounts, "unreduced": amounts} | changed)


# ---- remit, by hand ------------------------------------------------------------------------------------------------


def test_a_line_without_deviation_is_paid_as_allowed(rows, tables):
    (row,) = few(rows, "S9500")
    paid = remit([row], same({row.line_id: 9500}), deviating(tables, "denied", 0))
    assert paid == {row.line_id: Paid(9500, 9500)}


def test_a_line_without_an_amount_has_no_remittance(rows, tables):
    (row,) = few(rows, "S9500")
    assert remit([row], same({}), tables) == {}


@pytest.mark.parametrize(("cause", "actual"), [("denied", 0), ("one_cent", 9499)])
def test_denied_and_a_cent_off(rows, tables, cause, actual):
    (row,) = few(rows, "S9500")
    paid = remit([row], same({row.line_id: 9500}), deviating(tables, cause))
    assert paid[row.line_id] == Paid(actual, 9500, cause)


def test_a_late_quarter_touches_only_drugs_whose_amount_differs(rows, tables):
    drug, same_price, per_diem = few(rows, "J0696", "J0690", "S9500")
    amounts = {drug.line_id: 481, same_price.line_id: 300, per_diem.line_id: 9500}
    late = amounts | {drug.line_id: 493, per_diem.line_id: 9000}
    paid = remit([drug, same_price, per_diem], same(amounts, quarter_late=late), deviating(tables, "wrong_quarter", 9))
    assert {i: p.actual_cents for i, p in paid.items() if p.cause} == {drug.line_id: 493}


def test_a_late_quarter_leaves_a_code_without_a_limit_then_alone(rows, tables):
    # J3373 began on 2025-07-01: a payer a quarter late has no limit for it, so that would not be this mistake.
    row = next(r for r in rows if r.line.code == "J3373" and r.line.span.first.month < 10 and not r.line.dirt)
    paid = remit(
        [row], same({row.line_id: 600}, quarter_late={row.line_id: 700}), deviating(tables, "wrong_quarter", 1)
    )
    assert paid[row.line_id] == Paid(600, 600)


def test_a_missed_reduction_pays_the_second_therapy_in_full(rows, tables):
    first, second = few(rows, "S9500", "S9502")
    # 10 days at 95.00 and, at 75 %, 71.25.
    amounts = {first.line_id: 95_000, second.line_id: 71_250}
    full = {first.line_id: 95_000, second.line_id: 95_000}
    paid = remit([first, second], same(amounts, unreduced=full), deviating(tables, "missed_reduction", 2))
    assert paid == {
        first.line_id: Paid(95_000, 95_000),
        second.line_id: Paid(95_000, 71_250, "missed_reduction"),
    }


def test_dirty_and_voided_lines_never_deviate_and_duplicates_are_paid_nothing(rows, tables):
    void = next(r for r in rows if r.line.of and r.line.units < 0)
    voided = next(r for r in rows if r.line is void.line.of)
    copy = next(r for r in rows if r.line.of and r.line.units > 0)
    amounts = {voided.line_id: 9500, void.line_id: -9500}
    paid = remit([void, voided, copy], same(amounts), deviating(tables, "denied", 9))
    assert paid == {voided.line_id: Paid(9500, 9500), void.line_id: Paid(-9500, -9500), copy.line_id: Paid(0, 0)}


# ---- the committed book ---------------------------------------------------------------------------------------------


def test_every_dirty_line_gets_the_status_that_the_table_names(priced):
    with paths.data("samples", DIRT).open("rb") as file:
        dirt = tomllib.load(file)["line"]
    assert {d["id"]: d["status"] for d in dirt} == {d["id"]: priced["status"][d["id"]] for d in dirt}


def test_a_void_takes_back_what_its_line_brought(priced):
    with paths.data("samples", DIRT).open("rb") as file:
        voids = [d for d in tomllib.load(file)["line"] if d["kind"] == "void"]
    assert voids
    for void in voids:
        assert priced["allowed_cents"][void["id"]] == -priced["allowed_cents"][void["of"]] < 0


def test_remittance_and_contract_differ_only_where_the_causes_say(priced):
    with paths.data("samples", CAUSES).open() as file:
        causes = {row["line_id"]: row for row in csv.DictReader(file)}
    known = priced[priced["allowed_cents"].notna()]
    differing = set(known.index[known["allowed_cents"] != known["actual_allowed_cents"]])
    assert differing == set(causes)
    for line_id, cause in causes.items():
        assert f"{known['allowed_cents'][line_id] / 100:.2f}" == cause["allowed"]
        assert f"{known['actual_allowed_cents'][line_id] / 100:.2f}" == cause["actual_allowed"]


def test_lines_without_an_amount_have_no_remittance_but_duplicates(priced):
    unknown = priced[priced["allowed_cents"].isna() & priced["actual_allowed_cents"].notna()]
    assert set(unknown["status"]) == {"out_of_scope"}
    assert set(unknown["actual_allowed_cents"]) == {0}


def test_there_are_as_many_deviations_as_the_plan_says(tables, priced):
    with paths.data("samples", CAUSES).open() as file:
        found = Counter((priced["payer"][row["line_id"]], row["cause"]) for row in csv.DictReader(file))
    assert found == {(d.payer, d.cause): d.lines for d in tables.plan.deviation}


def test_one_missed_reduction_of_meridian_worked_by_hand(priced):
    """Anti-infective SH at 75 %: units × 95.00 instead of units × 71.25."""
    with paths.data("samples", CAUSES).open() as file:
        missed = [row["line_id"] for row in csv.DictReader(file) if row["cause"] == "missed_reduction"]
    lines = priced.loc[missed]
    lines = lines[(lines["payer"] == MERIDIAN) & lines["code"].str.startswith("S95")]
    assert len(lines) > 5
    assert (lines["actual_allowed_cents"] * 1000 == lines["units_milli"] * 9500).all()
    assert (lines["allowed_cents"] * 1000 == lines["units_milli"] * 7125).all()


def test_a_wrong_quarter_is_108_percent_of_the_limit_before(tables, priced):
    with paths.data("samples", CAUSES).open() as file:
        late = [row["line_id"] for row in csv.DictReader(file) if row["cause"] == "wrong_quarter"]
    assert late
    for line in priced.loc[late].itertuples():
        before = tables.limits.get(line.code, Quarter.of(line.service_from.date()).shift(-1))
        amount = Fraction(before.limit) * Fraction(108, 100) * line.units_milli / 1000
        assert line.actual_allowed_cents == min(to_cents(amount), line.charge_cents)


def test_a_few_per_cent_of_meridians_lines_are_held_to_the_charge(priced):
    lines = priced[(priced["payer"] == MERIDIAN) & (priced["status"] == "priced")]
    held = (lines["allowed_cents"] < lines["base_cents"]).mean()
    assert 0.02 < held < 0.08


@pytest.mark.slow
def test_contract_amounts_cover_each_payers_lines(tables):
    amounts = contract_amounts(paths.data("samples", CLAIMS), [payer.contract for payer in tables.plan.payer])
    assert set(amounts.allowed) == set(amounts.quarter_late) == set(amounts.unreduced)
    assert len(amounts.allowed) > 12_000
