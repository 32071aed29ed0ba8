"""Relations that hold whatever the contract and the claims are."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from case_files import write_contract, write_rows
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from small_books import (
    CONCURRENCIES,
    LIMITS,
    OTHER_TERMS,
    Row,
    answers,
    claims_of,
    diem_rows,
    diem_terms,
    mixed_rows,
    priced,
)

from hitmodel.claims import read_claims
from hitmodel.explanation import explain
from hitmodel.money import to_cents
from hitmodel.pricing import price

THOROUGH = bool(os.environ.get("HITMODEL_THOROUGH"))
"""Set by `make test-all`."""

FEW = settings(
    max_examples=12 if THOROUGH else 3,
    derandomize=True,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow,),
)
MODIFIED = ("", "", "SH", "SJ")
ways = st.sampled_from(sorted(CONCURRENCIES))
additive = st.sampled_from(["none", "rerank", "started", "ones"])
limits = st.sampled_from(sorted(LIMITS))


def contract(terms: str, way: str = "none", limit: str = "none") -> str:
    return CONCURRENCIES[way] + LIMITS[limit] + terms + OTHER_TERMS


def total(found: dict[str, tuple[str, int | None, int | None]]) -> int:
    return sum(allowed or 0 for _, _, allowed in found.values())


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits, seed=st.randoms(use_true_random=False))
def test_line_order_does_not_matter(rows: list[Row], terms: str, way: str, limit: str, seed: object) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assume(len({(r.patient, r.code) for r in rows}) == len(rows))  # equal rates tie, and the order of billing decides
    text = contract(terms, way, limit)
    assert answers(priced(shuffled, text)) == answers(priced(rows, text))


@FEW
@given(
    rows=diem_rows(patients=1),
    terms=diem_terms(),
    way=st.sampled_from(["none", "rerank", "started", "ones"]),
    at=st.data(),
)
def test_cutting_a_span_keeps_the_total(rows: list[Row], terms: str, way: str, at: st.DataObject) -> None:
    long = [n for n, row in enumerate(rows) if row.days > 1]
    assume(long)
    n = at.draw(st.sampled_from(long))
    halves = rows[n].cut(at.draw(st.integers(1, rows[n].days - 1)))
    text = contract(terms, way)
    whole, cut = answers(priced(rows, text)), answers(priced([*rows[:n], *halves, *rows[n + 1 :]], text))
    assert total(cut) == total(whole)
    assert {i: a for i, a in whole.items() if i != rows[n].id} == {i: cut[i] for i in whole if i != rows[n].id}


@FEW
@given(rows=diem_rows(modifiers=MODIFIED), terms=diem_terms(), at=st.data())
def test_cutting_an_evenly_charged_span_keeps_the_lesser_of(rows: list[Row], terms: str, at: st.DataObject) -> None:
    long = [n for n, row in enumerate(rows) if row.days > 1]
    assume(long)
    n = at.draw(st.sampled_from(long))
    halves = rows[n].cut(at.draw(st.integers(1, rows[n].days - 1)))
    text = contract(terms, "trust", "line")
    assert total(answers(priced([*rows[:n], *halves, *rows[n + 1 :]], text))) == total(answers(priced(rows, text)))


@FEW
@given(rows=diem_rows(modifiers=MODIFIED), terms=diem_terms(), way=ways, limit=limits, times=st.integers(2, 9))
def test_rates_and_charges_scale_together(rows: list[Row], terms: str, way: str, limit: str, times: int) -> None:
    assume(limit != "claim")  # cents left over from sharing a claim out do not scale
    larger = re.sub(r"rate = ([\d.]+)", lambda m: f"rate = {Decimal(m[1]) * times}", terms)
    more = [replace(row, charge=row.charge * times) for row in rows]
    once = answers(priced(rows, CONCURRENCIES[way] + LIMITS[limit] + terms))
    often = answers(priced(more, CONCURRENCIES[way] + LIMITS[limit] + larger))
    assert often == {i: (s, b and b * times, a and a * times) for i, (s, b, a) in once.items()}


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits)
def test_a_void_cancels_its_claim(rows: list[Row], terms: str, way: str, limit: str) -> None:
    found = answers(priced([*rows, *(row.void() for row in rows)], contract(terms, way, limit)))
    for row in rows:
        status, base, allowed = found[row.id]
        assert found[f"{row.id}V"] == (status, base and -base, allowed and -allowed)
    assert total(found) == 0


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits, at=st.data())
def test_what_is_voided_and_billed_again_is_as_if_billed_once(
    rows: list[Row], terms: str, way: str, limit: str, at: st.DataObject
) -> None:
    n = at.draw(st.integers(0, len(rows) - 1))
    text = contract(terms, way, limit)
    wrong = replace(rows[n], id="W", claim="W", charge=rows[n].charge + 7)
    once, twice = answers(priced(rows, text)), answers(priced([wrong, *rows, wrong.void()], text))
    assert {i: twice[i] for i in once} == once
    assert total(twice) == total(once)


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways)
def test_lesser_of_is_never_above_the_charge(rows: list[Row], terms: str, way: str) -> None:
    for row, (status, base, allowed) in zip(
        rows, answers(priced(rows, contract(terms, way, "line"))).values(), strict=True
    ):
        if status == "priced":
            assert allowed == min(base or 0, row.charge)


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways)
def test_a_claims_limit_is_shared_out_to_the_cent(rows: list[Row], terms: str, way: str) -> None:
    found = answers(priced(rows, contract(terms, way, "claim")))
    for claim in {row.claim for row in rows}:
        mine = [row for row in rows if row.claim == claim]
        paid = [row for row in mine if found[row.id][0] == "priced"]
        bundled = [row for row in mine if found[row.id][0] == "bundled"]
        charges = sum(row.charge for row in paid + bundled)
        base = sum(found[row.id][1] or 0 for row in paid)
        assert sum(found[row.id][2] or 0 for row in paid) == min(base, charges) or not paid
        assert all(0 <= (found[row.id][2] or 0) <= (found[row.id][1] or 0) for row in paid)


@FEW
@given(rows=diem_rows(modifiers=MODIFIED), terms=diem_terms(), code=st.sampled_from(["S9500", "S9501", "S9365"]))
def test_raising_a_rate_never_lowers_an_amount(rows: list[Row], terms: str, code: str) -> None:
    change = f'[[rate_change]]\nid = "up"\nfactor = 1.07\napplies_to = {{ codes = ["{code}"] }}\n'
    before = answers(priced(rows, contract(terms, "trust", "line")))
    after = answers(priced(rows, contract(terms, "trust", "line") + change))
    for row in rows:
        assert (after[row.id][1] or 0) >= (before[row.id][1] or 0)
        assert (after[row.id][2] or 0) >= (before[row.id][2] or 0)
        assert row.code == code or after[row.id] == before[row.id]


@FEW
@given(rows=mixed_rows(MODIFIED), others=diem_rows(), terms=diem_terms(), way=ways, limit=limits)
def test_lines_out_of_scope_are_in_no_total(
    rows: list[Row], others: list[Row], terms: str, way: str, limit: str
) -> None:
    strange = [replace(row, id=f"X{row.id}", payer="Another") for row in others]
    text = contract(terms, way, limit)
    alone, beside = priced(rows, text), priced([*strange, *rows], text)
    assert beside.total == alone.total
    found = answers(beside)
    assert {i: found[i] for i in answers(alone)} == answers(alone)
    assert all(found[row.id] == ("out_of_scope", None, None) for row in strange)


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits)
def test_as_of_the_day_of_service_is_the_day_of_service(rows: list[Row], terms: str, way: str, limit: str) -> None:
    day = date(2025, 3, 25)
    same = [replace(row, first=day, days=1, units=row.units if row.days < row.units else 1) for row in rows]
    escalator = '[[escalator]]\nid = "e"\npercent = 0.03\nfirst = 2025-03-25\n'
    text = contract(terms, way, limit) + escalator
    assert answers(priced(same, text, as_of=day)) == answers(priced(same, text))


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits)
def test_pricing_twice_gives_the_same(rows: list[Row], terms: str, way: str, limit: str) -> None:
    text = contract(terms, way, limit)
    first, second = priced(rows, text), priced(rows, text)
    columns = ["status", "allowed_cents", "base_cents", "term"]
    assert first.frame()[columns].equals(second.frame()[columns])


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits)
def test_patients_priced_apart_are_priced_alike(rows: list[Row], terms: str, way: str, limit: str) -> None:
    rows = [replace(row, claim=f"{row.patient}{row.claim}") for row in rows]
    text = contract(terms, way, limit)
    together = answers(priced(rows, text))
    apart = {}
    for patient in {row.patient for row in rows}:
        apart |= answers(priced([row for row in rows if row.patient == patient], text))
    assert apart == together


@FEW
@given(rows=mixed_rows(MODIFIED), terms=diem_terms(), way=ways, limit=limits)
def test_names_of_patients_and_claims_do_not_matter(rows: list[Row], terms: str, way: str, limit: str) -> None:
    renamed = [replace(row, patient=f"Z{row.patient[::-1]}", claim=f"Y{row.claim[::-1]}") for row in rows]
    text = contract(terms, way, limit)
    assert answers(priced(renamed, text)) == answers(priced(rows, text))


@FEW
@given(rows=diem_rows(modifiers=MODIFIED), terms=diem_terms())
def test_full_shares_are_no_concurrency(rows: list[Row], terms: str) -> None:
    assert answers(priced(rows, contract(terms, "ones"))) == answers(priced(rows, contract(terms)))


@FEW
@given(rows=diem_rows(), terms=diem_terms())
def test_right_modifiers_are_trusted_reranked_and_accepted_alike(rows: list[Row], terms: str) -> None:
    rates = dict(
        zip(re.findall(r'codes = \["(\w+)"', terms), map(Fraction, re.findall(r"rate = ([\d.]+)", terms)), strict=True)
    )
    same = {row.patient: row.first for row in rows}
    rows = [replace(row, first=same[row.patient], days=3, units=3) for row in rows]
    assume(len({(row.patient, row.code) for row in rows}) == len(rows))
    modified = []
    for row in rows:
        above = sum(rates[o.code] > rates[row.code] for o in rows if o.patient == row.patient)
        modified.append(replace(row, modifiers=["", "SH", "SJ"][min(above, 2)]))
    found = [answers(priced(modified, contract(terms, way))) for way in ("trust", "rerank", "refuse")]
    assert found[0] == found[1] == found[2]


@FEW
@given(rows=diem_rows(modifiers=MODIFIED), terms=diem_terms(), way=ways)
def test_whole_cents_are_rounded_alike_everywhere(rows: list[Row], terms: str, way: str) -> None:
    found = [
        answers(priced(rows, f'[rounding]\nplace = "{place}"\n' + contract(terms, way)))
        for place in ("line", "segment", "day")
    ]
    assert found[0] == found[1] == found[2]


@FEW
@given(rows=mixed_rows(), terms=diem_terms(), more=diem_rows(most=2))
def test_another_therapy_never_raises_catheter_care(rows: list[Row], terms: str, more: list[Row]) -> None:
    text = contract(terms)
    before = answers(priced(rows, text))
    after = answers(priced([*rows, *(replace(row, id=f"N{row.id}", claim="N") for row in more)], text))
    for row in rows:
        if row.code == "S5498":
            assert (after[row.id][2] or 0) <= (before[row.id][2] or 0)
        else:
            assert after[row.id] == before[row.id]


_ROW = re.compile(r"^(?P<product>.+) = (?P<result>−?[\d,.]+)$")


def shown_number(text: str) -> Fraction:
    found = re.match(r"−?[\d,]+(\.\d+)?", text.strip())
    assert found, text
    return Fraction(found[0].replace(",", "").replace("−", "-"))


@FEW
@given(rows=diem_rows(modifiers=MODIFIED), terms=diem_terms(), way=ways, limit=st.sampled_from(["none", "line"]))
def test_the_steps_rebuild_the_amount(rows: list[Row], terms: str, way: str, limit: str) -> None:
    found = priced(rows, contract(terms, way, limit))
    for row in rows:
        working = explain(found, line_id=row.id)
        if working.amount_cents is None:
            continue
        base = Fraction(0)
        for label, text in working.rows:
            if label in ("amount", "per diem"):
                parts = _ROW.match(re.sub(r" \([^)]*\)", "", text))
                assert parts, text
                product = Fraction(1)
                for factor in parts["product"].split(" × "):
                    product *= shown_number(factor)
                assert product == shown_number(parts["result"]), text
                base += product
        limited = min(to_cents(base), row.charge) if limit == "line" else to_cents(base)
        assert limited == working.amount_cents, str(working)


@FEW
@given(rows=mixed_rows(MODIFIED))
def test_a_book_is_what_its_file_would_be(rows: list[Row]) -> None:
    with TemporaryDirectory() as home:
        read = read_claims(write_rows(Path(home) / "claims.csv", (row.cells for row in rows))).lines
    made = claims_of(rows).lines
    assert made[sorted(made)].equals(read[sorted(made)])


@pytest.mark.parametrize("limit", sorted(LIMITS))
def test_an_empty_overlay_is_its_base(limit: str, tmp_path: Path) -> None:
    base, over = tmp_path / "base", tmp_path / "over"
    base.mkdir()
    over.mkdir()
    diem = Row("L1", "P1", "C1", "S9500", date(2025, 3, 3), 5, 5, 40_000, "SH")
    drug = Row("L2", "P1", "C1", "J1561", date(2025, 3, 3), 1, 60, 90_000)
    terms = '[[term]]\nid = "daily"\nroles = ["per_diem"]\nmechanism = "per_diem"\nrate = 95.00\n'
    write_contract(base, contract(terms, "trust", limit))
    write_contract(over, '[contract]\nextends = "base"\n')
    claims = write_rows(tmp_path / "claims.csv", (diem.cells, drug.cells))
    assert answers(price(claims, over)) == answers(price(claims, base))
