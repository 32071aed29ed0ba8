"""The synthetic book: same bytes from the same seed, the shape it is meant to have, and its dirt."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from hitmodel import paths
from hitmodel.book import book_rows, book_tables, make_book
from hitmodel.book.draws import Draws, to_total
from hitmodel.book.lines import DRUG, PER_DIEM, Row, Tables
from hitmodel.book.make import CAUSES, CLAIMS, DIRT
from hitmodel.dates import Quarter, month_end

pytestmark = pytest.mark.slow

MERIDIAN = "Meridian Health Plan"
BIOLOGICS = {"S9359", "S9379"}
GENERIC = re.compile(r"J(?!1459|1561|1569|1559|1745|3380|2323|2350)\d{4}")


@pytest.fixture(scope="module")
def tables() -> Tables:
    return book_tables()


@pytest.fixture(scope="module")
def rows(tables: Tables) -> tuple[Row, ...]:
    return book_rows(tables)


@pytest.fixture(scope="module")
def of_drug(tables: Tables) -> dict[str, str]:
    """Therapy by drug code."""
    code = {drug.code: drug.name for drug in tables.plan.drug}
    therapy = {item.drug: regimen.therapy for regimen in tables.plan.regimen for item in regimen.drugs}
    return {c: therapy[name] for c, name in code.items()}


@pytest.fixture(scope="module")
def of_per_diem(tables: Tables) -> dict[str, str]:
    """Therapy by per diem code."""
    return {regimen.code: regimen.therapy for regimen in tables.plan.regimen}


def meridian(rows: tuple[Row, ...]) -> list[Row]:
    return [row for row in rows if row.line.payer == MERIDIAN]


# ---- the same book from the same seed -------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_committed_book_is_made_again_byte_for_byte(tmp_path):
    make_book(out_dir=tmp_path)
    for name in (CLAIMS, DIRT, CAUSES):
        assert (tmp_path / name).read_bytes() == paths.data("samples", name).read_bytes(), name


@pytest.mark.slow
def test_another_seed_makes_another_book_of_the_same_shape(tables, rows):
    other = book_rows(replace(tables, plan=tables.plan.model_copy(update={"seed": 7})))
    assert [row.line for row in other[:50]] != [row.line for row in rows[:50]]
    assert abs(len(other) - len(rows)) < len(rows) * 0.05


def test_draws_are_those_of_numpys_pcg64():
    # np.random.default_rng([1, 2]).random(4) is 0.448…, 0.430…, 0.419…, 0.277…
    draws = Draws(1, 2)
    assert [draws.below(1000) for _ in range(4)] == [448, 430, 419, 277]


def test_to_total_meets_its_total_within_the_bounds():
    counts = to_total(Draws(3), 700, [1] * 30, [7] * 30, [42] * 30)
    assert sum(counts) == 700
    assert min(counts) >= 7
    assert max(counts) <= 42


def test_to_total_stops_at_the_bounds():
    # Three courses of at most 5 days cannot make 100; they stop at 15.
    assert sum(to_total(Draws(3), 100, [1, 1, 1], [1, 1, 1], [5, 5, 5])) == 15


# ---- shape ----------------------------------------------------------------------------------------------------------


def test_every_payer_has_its_patients(tables, rows):
    for payer in tables.plan.payer:
        seen = {row.patient_id for row in rows if row.line.payer == payer.name}
        assert len(seen) == payer.patients


@pytest.mark.parametrize(
    ("therapy", "patients", "days", "charge_a_day"),
    [
        ("anti_infective", 390, 8600, 215),
        ("parenteral_nutrition", 24, 3100, 490),
        ("immune_globulin", 40, 660, 320),
        ("biologic", 60, 390, 300),
        ("inotrope", 9, 1440, 340),
        ("hydration", 45, 540, 165),
        ("enteral", 25, 5250, 46),
        ("catheter_care", 120, 1080, 45),
    ],
)
def test_meridian_has_the_patients_days_and_charges_of_its_therapies(
    rows, of_per_diem, therapy, patients, days, charge_a_day
):
    lines = [
        row.line
        for row in meridian(rows)
        if of_per_diem.get(row.line.code) == therapy and not {"SH", "SJ"} & set(row.line.modifiers.split())
    ]
    billed = sum(line.units for line in lines)
    assert len({line.patient for line in lines}) == pytest.approx(patients, rel=0.03)
    assert billed == pytest.approx(days, rel=0.02)
    assert sum(line.charge_cents for line in lines) / billed / 100 == pytest.approx(charge_a_day, rel=0.03)


def test_meridians_other_therapies_have_20_patients_and_570_days(rows, of_per_diem):
    other = {"pain", "chemotherapy", "corticosteroid", "chelation", "diuretic"}
    lines = [row.line for row in meridian(rows) if of_per_diem.get(row.line.code) in other]
    assert len({line.patient for line in lines}) == 20
    assert sum(line.units for line in lines) == 570


# Drugs at 108 % of the limit of the service quarter, at most the charge; those without a limit at 40 % of the charge.
@pytest.mark.parametrize(
    ("therapies", "allowed", "cost"),
    [
        ({"anti_infective"}, 120_000, 82_000),
        ({"parenteral_nutrition"}, 56_000, 41_000),
        ({"immune_globulin"}, 2_100_000, 1_900_000),
        ({"biologic"}, 2_100_000, 1_900_000),
        ({"inotrope"}, 19_000, 13_000),
        ({"hydration"}, 3_000, 2_000),
        ({"pain", "chemotherapy", "corticosteroid", "chelation", "diuretic"}, 17_000, 13_000),
        ({"enteral"}, 74_000, 55_000),
    ],
)
def test_meridians_drugs_come_to_the_dollars_meant(rows, tables, of_drug, therapies, allowed, cost):
    worth, paid = Fraction(0), Fraction(0)
    for row in meridian(rows):
        line = row.line
        if line.sort != DRUG or line.dirt is not None or of_drug[line.code] not in therapies:
            continue
        limit = tables.limits.get(line.code, Quarter.of(line.span.first))
        charge = Fraction(line.charge_cents, 100)
        amount = Fraction(limit.limit) * Fraction(108, 100) * line.units if limit else charge * Fraction(40, 100)
        worth += min(amount, charge)
        # A line without a cost is counted at nine tenths of its allowed amount.
        paid += amount * Fraction(9, 10) if line.cost_cents is None else Fraction(line.cost_cents, 100)
    assert float(worth) == pytest.approx(allowed, rel=0.10)
    assert float(paid) == pytest.approx(cost, rel=0.10)


def test_anti_infective_intervals_are_mixed_as_meant(rows):
    first: dict[int, str] = {}
    for row in meridian(rows):
        if row.line.code in {"S9500", "S9501", "S9502", "S9503", "S9504"} and not row.line.modifiers:
            first.setdefault(row.line.patient, row.line.code)
    share = Counter(first.values())
    # q24h and q48h together 48 %, q12h 14, q8h 22, q6h 8, q4h 8.
    meant = {"S9500": 0.48, "S9501": 0.14, "S9502": 0.22, "S9503": 0.08, "S9504": 0.08}
    for code, part in meant.items():
        assert share[code] / len(first) == pytest.approx(part, abs=0.02), code


def test_second_and_third_therapies_and_nursing_are_as_many_as_meant(rows):
    days, visits = Counter(), Counter()
    for row in meridian(rows):
        days[row.line.modifiers] += row.line.units if row.line.sort == PER_DIEM else 0
        visits[row.line.code] += row.line.units
    assert days["SH"] == pytest.approx(900, rel=0.03)
    assert 0 < days["SJ"] < 50
    assert visits["99601"] == pytest.approx(2900, rel=0.03)
    assert visits["99602"] == pytest.approx(900, rel=0.08)


def test_a_second_therapy_lies_on_days_of_an_unmodified_one(rows):
    covered: dict[tuple[str, str], set[date]] = defaultdict(set)
    soiled = {row.patient_id for row in rows if row.line.dirt is not None}
    for row in rows:
        if row.line.sort == PER_DIEM and row.patient_id not in soiled:
            rank = next((m for m in ("SH", "SJ") if m in row.line.modifiers.split()), "")
            covered[row.patient_id, rank] |= set(row.line.span)
    ranked = [key for key in covered if key[1]]
    assert len(ranked) > 60
    for patient, rank in ranked:
        assert covered[patient, rank] <= covered[patient, {"SH": "", "SJ": "SH"}[rank]]


def test_lines_keep_within_a_month_and_the_year(rows):
    for row in rows:
        assert date(2025, 1, 1) <= row.line.span.first <= row.line.span.last <= month_end(row.line.span.first)
        assert row.line.span.first.year == 2025


def test_every_hour_has_its_visit(rows):
    visits = {(row.claim_id, row.line.span.first) for row in rows if row.line.code == "99601"}
    hours = [row for row in rows if row.line.code == "99602"]
    assert hours
    assert all((row.claim_id, row.line.span.first) in visits for row in hours)


def test_suite_infusions_carry_ss_and_are_mostly_eight_weeks_apart(rows):
    dates: dict[str, list[date]] = defaultdict(list)
    for row in meridian(rows):
        if row.line.code in BIOLOGICS:
            assert (row.line.modifiers, row.line.place) == ("SS", "49")
            dates[row.patient_id].append(row.line.span.first)
    gaps = Counter((b - a).days for each in dates.values() for a, b in pairwise(each))
    assert gaps.most_common(1)[0][0] == 56


# ---- charges, costs, units ------------------------------------------------------------------------------------------


def test_charges_are_the_chargemasters(rows, tables):
    for row in rows:
        if row.line.dirt is None:
            charge = tables.chargemaster.charge(row.line.code, row.line.span.first)
            assert Decimal(row.line.charge_cents).scaleb(-2) == charge * row.line.units


def test_generics_are_charged_5_to_20_times_the_limit_and_brands_12_to_18_tenths(tables):
    """On the day that the charge was set, or the first day with a limit."""
    with paths.data("samples", "chargemaster.csv").open() as file:
        charged = [(r["code"], date.fromisoformat(r["from"]), Decimal(r["charge"])) for r in csv.DictReader(file)]
    checked = 0
    for code, day, charge in charged:
        quarters = [q for q in tables.limits.quarters if q >= Quarter.of(day) and tables.limits.get(code, q)]
        if quarters:
            times = charge / tables.limits.get(code, quarters[0]).limit
            low, high = (5, 20) if GENERIC.fullmatch(code) else (Decimal("1.2"), Decimal("1.8"))
            assert low <= times <= high, (code, day, times)
            checked += 1
    assert checked > 35


def test_two_biosimilars_cost_more_than_they_bring(rows, tables):
    above = Counter()
    for row in meridian(rows):
        line = row.line
        limit = tables.limits.get(line.code, Quarter.of(line.span.first)) if line.sort == DRUG else None
        if limit and line.cost_cents and line.dirt is None:
            allowed = Fraction(limit.limit) * Fraction(108, 100) * line.units * 100
            above[line.code, line.cost_cents > allowed] += 1
    assert {code for code, loss in above if loss} == {"Q5103", "Q5121"}
    assert not {code for code, loss in above if not loss} & {"Q5103", "Q5121"}


def test_vancomycin_counts_500_mg_until_june_and_10_mg_from_july(rows):
    seen = {row.line.code: [] for row in rows if row.line.code in {"J3370", "J3373"}}
    for row in rows:
        if row.line.code in seen and row.line.dirt is None:
            seen[row.line.code].append(row.line)
    assert max(line.span.last for line in seen["J3370"]) <= date(2025, 6, 30)
    assert min(line.span.first for line in seen["J3373"]) >= date(2025, 7, 1)
    # 1 g every 12 hours: 2 g a day is 4 units of 500 mg, 200 units of 10 mg; 1.5 g: 6 and 300.
    assert {line.units / line.span.days for line in seen["J3370"]} == {4, 6}
    assert {line.units / line.span.days for line in seen["J3373"]} == {200, 300}


def test_a_dose_that_is_no_whole_number_of_units_rounds_up_each_time(rows):
    # Fluorouracil 4,320 mg or 4,080 mg in units of 500 mg: 8.64 and 8.16 both make 9.
    assert {row.line.units for row in rows if row.line.code == "J9190"} == {9}


def test_ndc_quantities_follow_the_units(rows, tables):
    for row in rows:
        line = row.line
        if line.ndc and line.dirt is None:
            held = tables.ndc_prices.at(line.ndc, line.span.first, line.code)
            assert (held.code, held.unit) == (line.code, line.ndc_unit)
            assert float(line.ndc_quantity * Decimal(1)) == pytest.approx(
                float(line.units / held.hcpcs_units), abs=1e-3
            )


def test_some_drug_lines_have_no_cost(rows):
    drugs = [row.line for row in rows if row.line.sort == DRUG]
    missing = sum(line.cost_cents is None for line in drugs)
    assert 0.01 < missing / len(drugs) < 0.05


# ---- dirt -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dirt() -> list[dict[str, str]]:
    with paths.data("samples", DIRT).open("rb") as file:
        return tomllib.load(file)["line"]


def dirty(rows, dirt, kind):
    by_id = {row.line_id: row.line for row in rows}
    found = [
        (by_id[piece["id"]], by_id.get(piece.get("of", "")), piece["status"]) for piece in dirt if piece["kind"] == kind
    ]
    assert found, kind
    return found


def test_every_dirty_line_is_in_the_table_and_nothing_else(rows, dirt):
    assert {piece["id"] for piece in dirt} == {row.line_id for row in rows if row.line.dirt is not None}


def test_unknown_codes(rows, dirt, tables):
    for line, _, status in dirty(rows, dirt, "unknown_code"):
        assert not tables.codes.exists_ever(line.code)
        assert status == "needs_review"


@pytest.mark.parametrize(("kind", "sign"), [("units_over_days", 1), ("units_under_days", -1)])
def test_units_that_disagree_with_dates(rows, dirt, kind, sign):
    for line, _, status in dirty(rows, dirt, kind):
        assert (line.units - line.span.days) * sign > 0
        assert status == "priced"


def test_clean_per_diems_have_a_unit_for_each_day(rows, dirt):
    odd = {piece["id"] for piece in dirt if piece["kind"].startswith("units_") or piece["kind"] == "void"}
    for row in rows:
        if row.line.sort == PER_DIEM and row.line_id not in odd:
            assert row.line.units == row.line.span.days


def test_duplicates(rows, dirt):
    for line, of, status in dirty(rows, dirt, "duplicate"):
        same = ("payer", "patient", "span", "code", "modifiers", "units", "charge_cents", "ndc")
        assert [getattr(line, name) for name in same] == [getattr(of, name) for name in same]
        assert status == "out_of_scope"


def test_nothing_else_stands_twice(rows, dirt):
    copies = {piece["id"] for piece in dirt if piece["kind"] == "duplicate"}
    seen = Counter(
        (r.line.payer, r.patient_id, r.line.span, r.line.code, r.line.modifiers, r.line.units)
        for r in rows
        if r.line_id not in copies
    )
    assert max(seen.values()) == 1


def test_voids_cancel_an_earlier_line(rows, dirt):
    for line, of, status in dirty(rows, dirt, "void"):
        assert (line.code, line.span, line.patient) == (of.code, of.span, of.patient)
        assert (line.units, line.charge_cents) == (-of.units, -of.charge_cents)
        assert line.units < 0
        assert status == "priced"


def test_ended_codes(rows, dirt, tables):
    for line, _, status in dirty(rows, dirt, "ended_code"):
        assert tables.codes.entry(line.code).last_day < line.span.first
        assert status == "needs_review"


def test_another_payers_lines(rows, dirt, tables):
    for line, _, status in dirty(rows, dirt, "other_payer"):
        assert line.payer not in {payer.name for payer in tables.plan.payer}
        assert status == "out_of_scope"


def test_unlisted_codes(rows, dirt, tables):
    for line, _, status in dirty(rows, dirt, "unlisted_code"):
        assert tables.codes.entry(line.code).role == "noc"
        assert (line.ndc != "", line.ndc_quantity) == (True, line.units)
        assert status == "priced"


def test_a_missing_ndc(rows, dirt):
    for line, _, status in dirty(rows, dirt, "missing_ndc"):
        assert (line.ndc, line.ndc_unit, line.ndc_quantity) == ("", "", None)
        assert status == "priced"


# ---- nothing real ---------------------------------------------------------------------------------------------------


def test_nothing_in_the_file_could_be_a_persons():
    with paths.data("samples", CLAIMS).open(newline="") as file:
        reader = csv.DictReader(file)
        assert not {"name", "birth_date", "dob", "sex", "address", "zip", "member_id", "ssn"} & set(reader.fieldnames)
        ids = Counter()
        for row in reader:
            assert re.fullmatch(r"SYN-\d{4}", row["patient_id"])
            assert re.fullmatch(r"C25-\d{6}", row["claim_id"])
            assert re.fullmatch(r"C25-\d{6}-\d{2}", row["line_id"])
            ids[row["line_id"]] += 1
    assert max(ids.values()) == 1


def test_the_file_stays_small():
    assert paths.data("samples", CLAIMS).stat().st_size < 1_500_000
