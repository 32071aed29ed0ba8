"""Claims under a contract: every line with a status and none lost, voids and duplicates, dating, exactness."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from builders import PER_DIEM, claims, contract, header, outcome, priced

from hitmodel.dates import Quarter
from hitmodel.errors import ContractError, InputError
from hitmodel.money import to_cents
from hitmodel.prices import payment_limits
from hitmodel.pricing import Dating, Pricer, price
from hitmodel.references import default_references
from hitmodel.status import Status

DAY = "2025-03-03 2025-03-03"
EVERYTHING = (
    PER_DIEM
    + '[[term]]\nid = "supplies"\nroles = ["supplies"]\nmechanism = "bundled"\n'
    + '[[term]]\nid = "hour"\ncodes = ["S9810"]\nmechanism = "not_covered"\n'
    + '[[term]]\nid = "drugs"\nroles = ["drug"]\nmechanism = "drug"\nchain = [{ of = "cost", multiplier = 1.10 }]\n'
)
LINES = (
    f"S9500 {DAY} 1 900.00",
    f"A4221 {DAY} 1 30.00",
    f"S9810 {DAY} 1 60.00",
    f"S9379 {DAY} 1 900.00",
    f"J0696 {DAY} 4 50.00",  # its cost is unknown
    f"S9501 {DAY} 1 900.00 payer=Another",
    f"S9502 {DAY} 1 ten",  # blocked: no charge can be read
)


def test_every_line_has_a_status_and_none_is_lost(tmp_path: Path) -> None:
    made = priced(tmp_path, EVERYTHING, *LINES)
    assert outcome(made) == [
        ("priced", 9500),
        ("bundled", 0),
        ("not_covered", 0),
        ("contract_silent", None),
        ("contract_silent", None),
        ("out_of_scope", None),
        ("needs_review", None),
    ]
    assert made.total == 9500
    assert made.known.tolist() == [True, True, True, False, False, False, False]
    assert made.has(Status.BUNDLED).tolist() == [False, True, *[False] * 5]


def test_the_frame_holds_the_lines_as_they_came_with_what_they_are_worth(tmp_path: Path) -> None:
    made = priced(tmp_path, EVERYTHING, *LINES)
    frame = made.frame()
    assert frame["line_id"].tolist() == [f"L{n}" for n in range(1, 8)]
    assert frame["allowed_cents"].tolist()[:3] == [9500, 0, 0]
    assert all(value is pd.NA for value in frame["allowed_cents"].tolist()[3:])  # never zero for "don't know"
    assert frame["base_cents"].isna().tolist() == frame["allowed_cents"].isna().tolist()
    assert frame["term"].tolist()[:3] == ["antibiotic_per_diem", "supplies", "hour"]
    assert frame["reason"].tolist()[0] == ""
    assert all(frame["reason"].tolist()[1:])


def test_a_line_that_could_not_be_read_keeps_its_reason(tmp_path: Path) -> None:
    made = priced(tmp_path, EVERYTHING, *LINES)
    assert made.reason_texts[6].startswith("charge: ")
    assert made.first_segment[6] == -1
    assert made.resolution_of(6) is None
    assert made.resolution_of(0).term == "antibiotic_per_diem"


# --- voids and duplicates ---


def test_a_void_cancels_and_its_rebill_stands(tmp_path: Path) -> None:
    made = priced(tmp_path, PER_DIEM, f"S9500 {DAY} 1 900.00", f"S9500 {DAY} -1 -900.00", f"S9500 {DAY} 1 900.00")
    assert outcome(made) == [("priced", 9500), ("priced", -9500), ("priced", 9500)]


def test_a_line_that_stands_twice_counts_once(tmp_path: Path) -> None:
    made = priced(
        tmp_path, PER_DIEM, f"S9500-SH-59 {DAY} 1 900.00", f"S9500-59-SH {DAY} 1 900.00", f"S9500-SH {DAY} 1 900.00"
    )
    assert outcome(made) == [("priced", 9500), ("out_of_scope", None), ("priced", 9500)]
    assert made.reason_texts[1] == "a duplicate of line L1"


def test_a_void_of_what_is_not_there_takes_back_all_the_same(tmp_path: Path) -> None:
    assert outcome(priced(tmp_path, PER_DIEM, f"S9500 {DAY} -1 -900.00")) == [("priced", -9500)]


def test_a_void_takes_back_cost_and_ndc_quantity_whatever_was_typed(tmp_path: Path) -> None:
    line = "J0696 2025-03-03 2025-03-03 {} cost=10.00"
    made = priced(tmp_path, EVERYTHING, line.format("4 50.00"), line.format("-4 -50.00"))
    assert outcome(made) == [("priced", 1100), ("priced", -1100)]  # 110 % of 10.00


# --- codes and days ---


def test_a_code_that_did_not_exist_that_day_needs_review(tmp_path: Path) -> None:
    text = '[[term]]\nid = "drugs"\nroles = ["drug"]\nmechanism = "fixed"\nper = "unit"\nrate = 2.00\n'
    made = priced(
        tmp_path,
        text,
        "J3370 2025-06-30 2025-06-30 4 50.00",  # its last day
        "J3370 2025-07-01 2025-07-01 4 50.00",
        "J3370 2025-06-30 2025-07-01 4 50.00 patient=P2",
    )
    assert outcome(made) == [("priced", 800), ("needs_review", None), ("needs_review", None)]
    assert "J3373 follows it" in made.reason_texts[1]
    assert "50 of its units for each old one" in made.reason_texts[1]


def test_a_day_far_off_in_a_line_that_cannot_be_priced_does_no_harm(tmp_path: Path) -> None:
    """Exports write 9999-12-31 for an open end; working an escalator out to then would take for ever."""
    text = header("2024-01-01") + PER_DIEM + '[[escalator]]\nid = "e"\npercent = 0.03\nfirst = 2024-07-01\n'
    made = priced(tmp_path, text, f"S9500 {DAY} 1 900.00", "S9501 2025-03-03 9999-12-31 1 900.00")
    assert outcome(made) == [("priced", 9785), ("needs_review", None)]  # 95.00 × 1.03
    assert len(made.compiled.periods) == 1


def test_a_file_without_a_line_that_can_be_priced_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        priced(tmp_path, PER_DIEM, "S9500 2025-02-30 2025-03-03 1 900.00")
    assert "no line can be priced" in str(raised.value)
    assert "hitmodel check" in str(raised.value)


# --- by which dates ---

YEARS = (
    header("2025-01-01")
    + PER_DIEM.replace('"antibiotic_per_diem"', '"now"')
    + "effective_through = 2026-12-31\n"
    + PER_DIEM.replace('"antibiotic_per_diem"', '"then"').replace("95.00", "99.00")
    + "effective_from = 2027-01-01\n"
)


def test_as_of_a_day_every_line_takes_the_terms_of_that_day(tmp_path: Path) -> None:
    lines = (f"S9500 {DAY} 1 900.00", "S9500 2025-12-30 2026-01-02 4 900.00")
    assert priced(tmp_path / "now", YEARS, *lines).allowed.tolist() == [9500, 38000]
    as_if = priced(tmp_path / "then", YEARS, *lines, as_of=date(2027, 1, 1))
    assert as_if.allowed.tolist() == [9900, 39600]
    assert as_if.terms == ("then", "then")


def test_as_of_a_day_outside_the_contract_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        priced(tmp_path, header("2025-01-01", "2025-12-31") + PER_DIEM, f"S9500 {DAY} 1 900.00", as_of=date(2027, 1, 1))
    assert str(raised.value) == (
        "contract 'example' is not in force on 2027-01-01. Expected a day within 2025-01-01 to 2025-12-31."
    )


DRUG = (
    header()
    + '[[term]]\nid = "d"\nroles = ["drug"]\nmechanism = "drug"\n'
    + 'chain = [{ of = "payment_limit", multiplier = 1.06 }]\n'
)


def limit(code: str, quarter: str) -> Decimal:
    """Return Medicare's published limit for a code and quarter, as the price tables hold it."""
    found = payment_limits().get(code, Quarter.parse(quarter))
    assert found is not None
    assert found.limit is not None
    return found.limit


def test_drug_prices_are_those_of_the_quarter_of_service(tmp_path: Path) -> None:
    made = priced(tmp_path, DRUG, "J0696 2025-03-31 2025-03-31 8 900.00", "J0696 2025-04-01 2025-04-01 8 900.00")
    expected = [to_cents(8 * limit("J0696", quarter) * Decimal("1.06")) for quarter in ("2025Q1", "2025Q2")]
    assert made.allowed.tolist() == expected


def test_drug_prices_of_one_quarter_hold_for_every_line(tmp_path: Path) -> None:
    lines = ("J0696 2025-03-31 2025-03-31 8 900.00", "J0696 2025-04-01 2025-04-01 8 900.00")
    made = priced(tmp_path / "named", DRUG, *lines, drug_prices="2025Q3")
    assert made.allowed.tolist() == [to_cents(8 * limit("J0696", "2025Q3") * Decimal("1.06"))] * 2
    newest = str(payment_limits().quarters[-1])
    latest = priced(tmp_path / "latest", DRUG, *lines, drug_prices="latest")
    assert latest.allowed.tolist() == [to_cents(8 * limit("J0696", newest) * Decimal("1.06"))] * 2


def test_as_of_a_day_drugs_keep_the_prices_of_their_own_quarter(tmp_path: Path) -> None:
    """One day's terms, each line's own prices: otherwise a price rise would look like a change of contract."""
    lines = ("J0696 2025-03-31 2025-03-31 8 900.00", "J0696 2025-04-01 2025-04-01 8 900.00")
    own = priced(tmp_path / "own", DRUG, *lines)
    as_if = priced(tmp_path / "as_if", DRUG, *lines, as_of=date(2027, 1, 1))
    assert as_if.allowed.tolist() == own.allowed.tolist()


def test_an_ended_code_carried_to_a_day_keeps_the_price_of_its_own_quarter(tmp_path: Path) -> None:
    """28 × 500 mg at the first quarter's limit, whether counted as 28 units or as 28 × 50 of 10 mg."""
    line = "J3370 2025-03-03 2025-03-03 28 900.00"
    own = priced(tmp_path / "own", DRUG, line)
    assert own.allowed.tolist() == [to_cents(28 * limit("J3370", "2025Q1") * Decimal("1.06"))]
    as_if = priced(tmp_path / "as_if", DRUG, line, as_of=date(2026, 3, 1))
    assert as_if.fitted.kinds[as_if.fitted.segments.kind[0]].code == "J3373"
    assert as_if.allowed.tolist() == own.allowed.tolist()


@pytest.mark.parametrize("basis", ["newest", "2025-Q3", "2025"])
def test_another_price_basis_is_refused(basis: str) -> None:
    with pytest.raises(InputError, match=f"drug prices: '{basis}' is not a quarter"):
        Dating(drug_prices=basis).price_day(default_references())


def test_price_days_by_basis() -> None:
    references = default_references()
    assert Dating().price_day(references) is None
    assert Dating(drug_prices="2025Q3").price_day(references) == date(2025, 7, 1)
    assert Dating(drug_prices="latest").price_day(references) == references.limits.quarters[-1].span.first


# --- the short way ---


def test_names_and_paths_will_do(tmp_path: Path) -> None:
    claims(tmp_path, f"S9500 {DAY} 1 900.00")
    contract(tmp_path, PER_DIEM)
    made = price(tmp_path / "claims.csv", str(tmp_path / "example"))
    assert outcome(made) == [("priced", 9500)]
    assert made.claims.source.endswith("claims.csv")


def test_two_terms_that_fit_equally_are_an_error_not_a_guess(tmp_path: Path) -> None:
    text = PER_DIEM + PER_DIEM.replace('"antibiotic_per_diem"', '"another"')
    with pytest.raises(ContractError, match="terms 'antibiotic_per_diem' and 'another' fit S9500 equally well"):
        priced(tmp_path, text, f"S9500 {DAY} 1 900.00")


def test_one_pricer_serves_many_contracts(tmp_path: Path) -> None:
    pricer = Pricer(claims(tmp_path, f"S9500 {DAY} 1 900.00", "S9500 2025-12-31 2026-01-01 2 900.00"))
    for rate, expected in (("95.00", [9500, 19000]), ("96.00", [9600, 19200]), ("95.00", [9500, 19000])):
        made = pricer.price(contract(tmp_path, PER_DIEM.replace("95.00", rate)))
        assert made.allowed.tolist() == expected


def test_line_order_does_not_matter(tmp_path: Path) -> None:
    lines = [
        f"S9500 {DAY} 1 50.00 id=a",
        f"S9501-SH {DAY} 1 60.00 id=b",
        f"A4221 {DAY} 1 30.00 id=c",
        f"S9500 {DAY} -1 -50.00 id=d",
        f"J0696 {DAY} 4 50.00 cost=10.00 id=e",
    ]
    text = header() + '[lesser_of]\nlevel = "claim"\n[concurrency]\nshares = [1, 0.5]\n' + EVERYTHING
    one, other = (priced(tmp_path / name, text, *order) for name, order in (("a", lines), ("b", lines[::-1])))
    by_id = [dict(zip(m.claims.lines["line_id"], outcome(m), strict=True)) for m in (one, other)]
    assert by_id[0] == by_id[1]
