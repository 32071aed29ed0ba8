"""Volumes that go with a saved scenario: kept as a table, read by comparisons, to the cent as on screen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import claims
from builders import contract as example

from hitmodel import paths
from hitmodel.comparison_page import front_page
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.method_tables import method_table
from hitmodel.negotiate import PER_DIEMS
from hitmodel.points import Setting
from hitmodel.pricing import Dating
from hitmodel.scenario import compare
from hitmodel.scenario_file import save_scenario
from hitmodel.scenario_volumes import at_saved_volumes
from hitmodel.study import study
from hitmodel.volumes import volumes_of
from hitmodel.whatif import WhatIf


def test_volumes_by_hand(tmp_path: Path) -> None:
    """Seven days at 95.00: 665.00. At 10 % more a day 731.50, and at half as much again 997.50 and 1,097.25."""
    start = example(tmp_path)
    lines = claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 2000.00")
    setting = Setting({PER_DIEMS: Decimal("0.10")}, volumes={"anti_infective": Decimal("1.5")})
    made = WhatIf(lines, start, start)
    point = made.point(setting)
    folder = save_scenario("more", start, point.contract, setting.volumes, tmp_path / "own")
    saved = load_contract(folder)
    assert volumes_of(saved) == {"anti_infective": Decimal("1.5")}
    found = at_saved_volumes(compare(lines, start, [saved]), 0)
    assert found is not None
    assert found.total == point.total
    assert (found.total.today, found.total.today_at_volume, found.total.amount) == (66500, 99750, 109725)
    assert found.therapies == point.therapies
    compared = study(lines.source, Path(start.files[0]).parent, [folder])
    assert front_page(compared).headline.startswith("At today's volume, More pays $66.50 more")
    assert "today's" in next(row[1] for row in method_table(compared).rows if row[0] == "Volume")
    bridge = made.bridge(point)
    assert next((step.label, step.in_turn) for step in bridge.steps) == ("Volume", 33250)
    assert bridge.start + sum(step.in_turn for step in bridge.steps) == bridge.end == 109725


def test_most_contracts_have_none() -> None:
    assert volumes_of(load_contract("meridian")) == {}


@pytest.mark.parametrize("written", ["hydration,a lot", "hydration", "hydration,9", "hydration,-1", "hydration,NaN"])
def test_a_table_that_is_none_says_where(tmp_path: Path, written: str) -> None:
    folder = tmp_path / "plan"
    start = example(tmp_path)
    save_scenario("plan", start, start, {"hydration": Decimal(2)}, tmp_path)
    (folder / "volumes.csv").write_text(f"therapy,times\n{written}\n")
    with pytest.raises(InputError, match=r"volumes\.csv, row 2"):
        volumes_of(load_contract(folder))
    (folder / "volumes.csv").write_text("class,factor\n")
    with pytest.raises(InputError, match="therapy,times"):
        volumes_of(load_contract(folder))


@pytest.mark.slow
def test_on_the_sample_claims_screen_and_files_agree_by_therapy(tmp_path: Path) -> None:
    start = load_contract("meridian")
    dating = Dating(date(2027, 1, 1))
    from hitmodel.claims import read_claims

    lines = read_claims(paths.data("samples", "claims_2025.csv"))
    setting = Setting(
        {PER_DIEMS: Decimal("0.03"), "drugs.chain[0].multiplier": Decimal("1.03")},
        volumes={"immunotherapy": Decimal("1.13"), "hydration": Decimal("0.87")},
    )
    point = WhatIf(lines, start, start, dating).point(setting)
    saved = load_contract(save_scenario("offer", start, point.contract, setting.volumes, tmp_path))
    found = at_saved_volumes(compare(lines, start, [saved], date(2027, 1, 1)), 0)
    assert found is not None
    assert (found.total, found.therapies) == (point.total, point.therapies)
