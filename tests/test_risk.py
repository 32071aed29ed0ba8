"""Years drawn at random: equal to pricing each of them in full, and by hand where nothing but volume moves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from few_lines import ANTIBIOTIC, few_lines

from hitmodel import paths
from hitmodel import risk as risk_module
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.curves import Curves
from hitmodel.levers import moved
from hitmodel.money import as_decimal
from hitmodel.price_history import ONE, scaled_limits
from hitmodel.pricing import Pricer
from hitmodel.risk import PER_DIEMS, Doubts, Year, _drawn, risk

TERMS = """\
[lesser_of]
level = "line"
"""
LINES = """\
C1,L1,P1,Ours,2025-03-03,2025-03-09,S9500,,7,1050.00,12
C2,L2,P2,Ours,2025-03-03,2025-03-05,S9500,,3,290.00,12
"""


@pytest.fixture
def small(tmp_path: Path) -> Year:
    return Year(*few_lines(tmp_path, TERMS + ANTIBIOTIC.format(rate="100.00"), LINES))


def test_without_any_doubt_a_year_is_the_claims(small: Year) -> None:
    # 7 × 100.00, and 3 × 100.00 held to 290.00.
    found = risk(small, doubts=Doubts(volume=0, mix=0, drugs=False), draws=100)
    assert found.base == 990_00
    assert set(found.totals.tolist()) == {990_00}
    assert found.error == 0


def test_volume_moves_the_whole(small: Year) -> None:
    found = risk(small, doubts=Doubts(volume=100, mix=0, drugs=False), draws=500)
    assert 990_00 * 9 // 10 <= found.totals[0] < 990_00 < found.totals[-1] <= 990_00 * 11 // 10
    assert {total % 99 for total in found.totals.tolist()} == {0}  # whole thousandths of 990.00
    assert [point.drawn for point in found.points] == sorted(point.exact for point in found.points)


def some_claims(tmp_path: Path, lines: int = 120) -> Pricer:
    head, *rows = (paths.data("samples", "claims_2025.csv")).read_text(encoding="utf-8").splitlines()
    ours = [row for row in rows if "Meridian" in row][:lines]
    (tmp_path / "claims.csv").write_text("\n".join([head, *ours]) + "\n", encoding="utf-8")
    return Pricer(read_claims(tmp_path / "claims.csv"))


BY_CLAIM = """
[contract]
extends = "{base}"
effective_from = 2025-01-01
[lesser_of]
level = "claim"
"""
"""Lines of a claim hang together, so none is in the curves."""


@pytest.mark.slow
@pytest.mark.parametrize("level", ["line", "claim"])
def test_every_year_is_what_pricing_it_in_full_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    # With totals worked out at every thousandth, nothing is left to straight lines.
    monkeypatch.setattr(risk_module, "STEP", 1)
    (tmp_path / "by_claim.toml").write_text(BY_CLAIM.format(base=paths.data("contracts", "meridian", "2025.toml")))
    contract = load_contract("meridian" if level == "line" else tmp_path / "by_claim.toml")
    pricer = some_claims(tmp_path, 120 if level == "line" else 40)
    year, doubts = Year(pricer, contract), Doubts(volume=0, mix=0, index="CUUR0000SAM")
    found = risk(year, doubts=doubts, draws=4, seed=3)
    dice = np.random.Generator(np.random.PCG64(3))
    drawn = _drawn(pricer.references.limits, year.groups, doubts, 4, dice)
    slow = []
    for number in range(4):
        factors = dict(zip(year.groups.codes, drawn.drug[:, number].tolist(), strict=True))
        limits = scaled_limits(pricer.references.limits, {code: f for code, f in factors.items() if code and f != ONE})
        rise = as_decimal(Fraction(int(drawn.rise[number]), ONE))
        slow.append(pricer.with_limits(limits).price(moved(contract, {PER_DIEMS: rise})).total)
    assert len(set(slow)) > 1
    assert bool(year.curves.lines_direct) == (level == "claim")
    assert found.totals.tolist() == sorted(slow)
    assert all(point.error == 0 for point in found.points)


@pytest.mark.slow
def test_straight_lines_are_off_by_what_is_said_and_no_more_is_worked_out_than_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    year, asked = Year(some_claims(tmp_path), load_contract("meridian")), []
    work: Callable[..., object] = Curves.totals_of
    monkeypatch.setattr(Curves, "totals_of", lambda *given: asked.append(int(given[2].sum())) or work(*given))
    found = risk(year, draws=300, doubts=Doubts(volume=0, mix=0))
    exactly = [point.exact for point in found.points]
    assert found.error == max(abs(p.drawn - e) for p, e in zip(found.points, exactly, strict=True))
    assert found.error < found.base // 500
    assert asked
    assert min(asked) < max(asked), "the steps that few drugs come near are worked out for all of them"


def test_another_contract_is_asked_of_the_same_claims(small: Year) -> None:
    # 7 × 96.00, and 3 × 96.00, which is below 290.00.
    lower = moved(small.curves.contract, {"antibiotic.rate": Decimal("96.00")})
    assert risk(small, lower, Doubts(volume=0, mix=0, drugs=False), draws=100).base == 960_00
