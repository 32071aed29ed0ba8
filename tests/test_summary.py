"""Comparisons added up: every sum by hand from tests/small_book.py."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_book
from small_book import AFTER, LINES, TODAY, small_study, wide_study

from hitmodel.errors import InputError
from hitmodel.status import Status
from hitmodel.study import Study
from hitmodel.summary import BREAKDOWNS, DIMENSIONS, POOLED, Summary


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return wide_study(tmp_path_factory.mktemp("wide"), "external").summary


def test_totals_are_over_the_lines_that_every_side_prices(made: Study) -> None:
    assert made.summary.totals == (TODAY, AFTER)
    total = made.summary.total()
    assert (total.lines, total.patients) == (6, 3)
    assert (total.unpriced_lines, total.unpriced_charge, total.unpriced_patients) == (1, 500_00, 1)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_breakdown_adds_up_to_the_same_totals(made: Study, dimension: str) -> None:
    groups, total = made.summary.by(dimension), made.summary.total()
    for side in range(2):
        assert sum(g.amounts[side] for g in groups) == made.summary.totals[side]
    assert sum(g.lines for g in groups) == total.lines
    assert sum(g.charge for g in groups) == total.charge
    assert sum(g.losses[0] for g in groups) == total.losses[0]
    assert sum(g.unpriced_charge for g in groups) == total.unpriced_charge


def test_by_therapy(made: Study) -> None:
    # Anti-infectives: all but the visit, 1,542 − 120 = 1,422 and 1,477 − 120 = 1,357; 14 per diem days.
    first, nursing, unclassified = made.summary.by("therapy")
    assert (first.label, first.lines, first.patients, first.days) == ("Anti-infectives", 5, 3, 14)
    assert first.amounts == (1422_00, 1357_00)
    assert first.difference(1) == -65_00
    assert (nursing.label, nursing.amounts, nursing.losses) == ("Nursing", (120_00, 120_00), (30_00, 30_00))
    assert (unclassified.lines, unclassified.unpriced_lines) == (0, 1)


def test_months_stand_in_order(made: Study) -> None:
    # April is J0878 alone: 200 and 150.
    march, april = made.summary.by("month")
    assert (march.key, march.amounts) == ("2025-03", (1342_00, 1327_00))
    assert (april.key, april.amounts) == ("2025-04", (200_00, 150_00))


def test_small_groups_say_so(made: Study) -> None:
    assert all(g.is_small for g in made.summary.by("code") if g.patients)


def test_drugs_and_their_spread(made: Study) -> None:
    # J0878: 200 − 250 = −50 and 150 − 250 = −100; J0696: 112 − 60 = 52 and 84 − 60 = 24; J0690: cost unknown.
    daptomycin, ceftriaxone, cefazolin = made.summary.drugs()
    assert (daptomycin.code, daptomycin.spreads, daptomycin.units_milli) == ("J0878", (-50_00, -100_00), 100_000)
    assert daptomycin.is_below_cost(0)
    assert (ceftriaxone.code, ceftriaxone.spreads) == ("J0696", (52_00, 24_00))
    assert not ceftriaxone.is_below_cost(1)
    assert (cefazolin.code, cefazolin.spreads, cefazolin.lines_without_cost) == ("J0690", (None, None), 1)
    assert not cefazolin.is_below_cost(1)
    assert made.summary.spread() == (2_00, -76_00)


def test_what_is_left_out_is_told_for_each_side(made: Study) -> None:
    told = [(x.side, x.status, x.lines, x.charge) for x in made.summary.left_out()]
    assert (0, Status.NEEDS_REVIEW, 1, 500_00) in told
    assert (1, Status.NEEDS_REVIEW, 1, 500_00) in told
    assert (0, Status.OUT_OF_SCOPE, 1, 150_00) in told


def test_a_line_that_one_side_does_not_price_is_in_no_difference(tmp_path: Path) -> None:
    # The offer drops the drugs' term: 372.00 of drugs have no amount there, so 1,170 is compared with 1,198.
    offer = small_book.OFFER.replace('[[term]]\nid = "drugs"\nrate = 1.50\nclause = "drugs 2.00 → 1.50"\n', "")
    offer = 'remove = ["drugs"]\n' + offer
    made = small_study(tmp_path, offer=offer)
    assert made.summary.totals == (1170_00, 1198_00)
    assert made.summary.total().unpriced_lines == 4
    assert [x.lines for x in made.summary.left_out() if x.status is Status.CONTRACT_SILENT] == [1, 1, 1]


def test_a_wrong_dimension_is_refused_with_the_nearest(made: Study) -> None:
    with pytest.raises(InputError, match="Did you mean 'therapy'"):
        made.summary.by("therapie")


def test_the_pool_takes_the_few_and_adds_up(pooled: Summary) -> None:
    # Chelation (3 patients) would be the total less the others, so hydration, 15 patients and smallest, goes with it.
    shown, together = pooled.by("therapy")
    assert (shown.label, shown.patients) == ("Anti-infectives", 25)
    assert (together.key, together.members) == (POOLED, ("chelation", "hydration"))
    assert together.patients == 18  # 15 of hydration and 3 others of chelation
    assert shown.amounts[0] + together.amounts[0] == pooled.totals[0]
    assert together.unpriced_lines == 0


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_no_group_of_few_patients_is_in_a_pooled_breakdown(pooled: Summary, dimension: str) -> None:
    groups = pooled.by(dimension)
    assert all(g.patients > 10 for g in groups)
    for side in range(2):
        assert sum(g.amounts[side] for g in groups) == pooled.totals[side]


def test_no_small_group_is_the_difference_of_amounts_shown(pooled: Summary) -> None:
    """The attack itself: add and take away any two or three amounts shown anywhere; no small group's amount comes out.

    Amounts are chosen apart enough (10 + n units for patient n) that equal sums are no accident.
    """
    shown = {g.amounts[0] for name in DIMENSIONS for g in pooled.by(name)} | {pooled.totals[0]}
    shown |= {d.amounts[0] for d in pooled.drugs()}
    secret = {g.amounts[0] for name in DIMENSIONS for g in pooled.by(name, pooled=False) if g.is_small}
    secret |= {d.amounts[0] for d in pooled.drugs(pooled=False) if d.patients <= 10}
    assert secret
    pairs = {a - b for a in shown for b in shown}
    assert not secret & (shown | pairs | {a - b for a in pairs for b in shown})


def test_drugs_are_pooled_without_units_that_do_not_add_up(pooled: Summary) -> None:
    drugs = pooled.drugs()
    assert [d.units_milli for d in drugs if d.code == POOLED] == [None]
    assert sum(d.amounts[1] for d in drugs) == sum(d.amounts[1] for d in pooled.drugs(pooled=False))


def test_few_patients_have_no_external_edition(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="10 patients or fewer"):
        small_study(tmp_path, edition="external")


def test_every_breakdown_that_can_be_asked_for_is_pooled_with_the_others() -> None:
    assert set(DIMENSIONS) | {"drug"} == set(BREAKDOWNS)


def test_the_order_of_lines_does_not_matter(made: Study, tmp_path: Path) -> None:
    turned = small_study(tmp_path, *reversed(LINES))
    for dimension in DIMENSIONS:
        assert turned.summary.by(dimension) == made.summary.by(dimension)
