"""Totals under any rates: by hand on a small book, and equal to full pricing on contracts and rates made at random."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from case_files import write_rows
from few_lines import ANTIBIOTIC, COLUMNS, OURS, few_lines
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from oracle.generate import Question, questions

from hitmodel.along import Along
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.curves import Curves
from hitmodel.errors import HitmodelError, InputError
from hitmodel.levers import Lever, levers, moved
from hitmodel.pricing import Dating, Pricer
from hitmodel.repricing import reprice
from hitmodel.terms import Contract, RateChange

TERMS = """\
[lesser_of]
level = "line"
[concurrency]
shares = [1, 0.50]
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "percent_of_charge"
share = 0.40
"""
LINES = """\
C1,L1,P1,Ours,2025-03-03,2025-03-09,S9500,,7,1050.00,12
C2,L2,P2,Ours,2025-03-03,2025-03-09,S9500,,7,770.00,12
C3,L3,P3,Ours,2025-03-03,2025-03-05,S9500,SH,3,900.00,12
C4,L4,P4,Ours,2025-03-03,2025-03-03,J0696,,4,33.33,12
"""
CONTRACT = OURS + TERMS + ANTIBIOTIC.format(rate="100.00")
CLAIMS = COLUMNS + LINES
SHORT = settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
)


@pytest.fixture
def small(tmp_path: Path) -> tuple[Pricer, Contract]:
    return few_lines(tmp_path, TERMS + ANTIBIOTIC.format(rate="100.00"), LINES)


def test_totals_by_hand(small: tuple[Pricer, Contract]) -> None:
    # 7 × 100 twice, 3 × 100 × .5, and .4 × 33.33 = 13.332, rounded 13.33.
    pricer, contract = small
    curves = Curves(pricer, contract, index=np.array([0, 1, 2, 0]))
    assert curves.totals().tolist() == [700_00 + 13_33, 700_00, 150_00]
    # At 115.00 the second line reaches its charge of 770.00, which is 7 × 110.00; the others do not.
    raised = moved(contract, {"antibiotic.rate": Decimal("115.00")})
    assert curves.totals(raised).tolist() == [805_00 + 13_33, 770_00, 172_50]
    assert curves.lines_direct == 0


def test_a_rate_at_the_charge_is_not_held_and_a_cent_above_is(small: tuple[Pricer, Contract]) -> None:
    pricer, contract = small
    curves = Curves(pricer, contract, index=np.array([-1, 0, -1, -1]))
    found = [curves.total(moved(contract, {"antibiotic.rate": Decimal(rate)})) for rate in ("109.99", "110", "110.01")]
    assert found == [769_93, 770_00, 770_00]


def test_shares_and_the_charge_limit_may_change_too(small: tuple[Pricer, Contract]) -> None:
    pricer, contract = small
    curves = Curves(pricer, contract)
    assert curves.total(moved(contract, {"concurrency.shares[1]": Decimal("0.75")})) == 1563_33 + 75_00
    lesser = contract.latest.lesser_of.model_copy(update={"percent": Decimal("0.80")})
    version = contract.latest.model_copy(update={"lesser_of": lesser})
    assert curves.total(contract.model_copy(update={"versions": (version,)})) == 1563_33 - 84_00  # .8 × 770 = 616
    assert curves.total() == 1563_33


def _values(lever: Lever, dice: random.Random) -> Decimal:
    """Return a value that a contract could write, near or far, with more places than rates usually have."""
    if lever.is_change:
        return Decimal(dice.randrange(-400, 900)) / 1000
    by = Decimal(dice.choice((dice.randrange(900, 1100), dice.randrange(100, 5000)))) / 1000
    value = max(lever.written, Decimal("0.01")) * by
    share = "share" in lever.name or "concurrency" in lever.name
    return min(value, Decimal(1 if share else 9)) if not lever.is_dollars else value


def ask(how: settings) -> Counter[str]:
    asked: Counter[str] = Counter()

    @seed(2)
    @how
    @given(questions(), st.integers(0, 10**9))
    def one(question: Question, number: int) -> None:
        with tempfile.TemporaryDirectory() as home:
            asked.update(_compare(question, random.Random(number), Path(home)))

    one()
    return asked


def _compare(question: Question, dice: random.Random, home: Path) -> Counter[str]:
    claims = write_rows(home / "claims.csv", question.rows)
    dating = Dating(question.as_of, question.drug_prices)
    try:
        contract, pricer = load_contract(question.write(home)), Pricer(read_claims(claims))
        groups = np.array([dice.randrange(-1, 3) for _ in range(pricer.prepared.count)])
        curves, base = Curves(pricer, contract, dating, groups), pricer.price(contract, dating)
    except HitmodelError:
        return Counter({"refused": 1})
    found = levers(contract)
    asked = Counter({"lines": curves.lines, "direct": curves.lines_direct})
    for _ in range(4):
        some = dice.sample(found, min(len(found), dice.choice((1, 1, 2, 4))))
        try:
            changed = moved(contract, {lever.name: _values(lever, dice) for lever in some})
            priced = pricer.price(changed, dating)
        except HitmodelError:
            continue
        allowed = np.where(priced.known, priced.allowed, 0)
        expected = [int(allowed[groups == group].sum()) for group in range(curves.groups)]
        assert curves.totals(changed).tolist() == expected, f"{[x.name for x in some]}\n{question.files}"
        along = Along(curves, changed, dice.choice(found).name)
        value = _values(along.lever, dice)
        with contextlib.suppress(HitmodelError):
            assert along.totals(value).tolist() == curves.totals(along.at(value)).tolist()
            asked["even"] += along.is_even
        again = reprice(pricer, base, changed)
        assert (again.status.tolist(), again.allowed.tolist()) == (priced.status.tolist(), priced.allowed.tolist())
        assert (again.base.tolist(), again.reason_texts) == (priced.base.tolist(), priced.reason_texts)
        assert (again.terms, again.charge_losses.tolist()) == (priced.terms, priced.charge_losses.tolist())
        asked["asked"] += 1
        asked["moved"] += expected != curves.totals().tolist()
    return asked


def test_curves_equal_full_pricing() -> None:
    asked = ask(SHORT)
    assert asked["moved"] > 1, f"hardly any question moves anything: {asked}"
    assert asked["direct"] < asked["lines"], f"no line is on a curve: {asked}"


@pytest.mark.slow
def test_curves_equal_full_pricing_at_length() -> None:
    asked = ask(settings(SHORT, max_examples=80))
    assert asked["moved"] > 5, f"hardly any question moves anything: {asked}"


def test_one_rate_along_its_way(small: tuple[Pricer, Contract]) -> None:
    pricer, contract = small
    along = Along(Curves(pricer, contract, index=np.array([0, 1, 2, 0])), contract, "antibiotic")
    assert along.is_even
    assert along.totals(Decimal("115.00")).tolist() == [805_00 + 13_33, 770_00, 172_50]
    with pytest.raises(InputError, match="it must be more than 0"):
        along.total(Decimal(0))


def test_a_rate_that_is_rounded_on_the_way_is_asked_of_the_contract(small: tuple[Pricer, Contract]) -> None:
    pricer, contract = small
    raised = moved(contract, {"roles:per_diem": Decimal("0.015")})
    along = Along(Curves(pricer, contract), raised, "antibiotic")
    assert not along.is_even
    # 100.01 × 1.015 = 101.51015, rounded 101.51: 7 × 101.51 twice and 3 × 101.51 × .5 = 152.265, rounded 152.27.
    assert along.total(Decimal("100.01")) == 2 * 710_57 + 152_27 + 13_33


def test_the_order_of_rate_changes_counts(small: tuple[Pricer, Contract]) -> None:
    # 100 × 1.035 = 103.50, × .333 = 34.4655: 34.47; the other way round 33.30 × 1.035 = 34.4655: 34.47. At 95.00 the
    # first gives 32.74 and the second 32.75.
    pricer, contract = small
    up, down = (RateChange(id=name, factor=Decimal(by)) for name, by in (("up", "1.035"), ("down", "0.333")))
    start = moved(contract, {"antibiotic.rate": Decimal("95.00")})
    first, second = (
        start.model_copy(update={"versions": (start.latest.model_copy(update={"rate_change": order}),)})
        for order in ((up, down), (down, up))
    )
    curves = Curves(pricer, first, index=np.array([0, -1, -1, -1]))
    assert [curves.total(first), curves.total(second)] == [7 * 32_74, 7 * 32_75]
    assert reprice(pricer, pricer.price(first), second).allowed[0] == 7 * 32_75
