"""What the charge limit takes and the charge that would clear it, worked by hand."""

from __future__ import annotations

from pathlib import Path

from case_files import write_contract, write_lines

from hitmodel.charge_losses import ChargeLoss, charge_losses
from hitmodel.pricing import Priced, price

DAILY = '[[term]]\nid = "daily"\nroles = ["per_diem"]\nmechanism = "per_diem"\nrate = 95.00\n'


def priced(home: Path, limit: str, *lines: str) -> Priced:
    (home / "contract").mkdir()
    write_contract(home / "contract", limit + DAILY)
    return price(write_lines(home / "claims.csv", lines, "A payer"), home / "contract")


def test_the_charge_that_would_clear_every_line(tmp_path: Path) -> None:
    lines = (
        "S9500 2025-03-03 2025-03-09 7 560.00",
        "S9500 2025-04-01 2025-04-02 2 180.00",
        "S9501 2025-03-03 2025-03-03 1 95.00",
    )
    found = charge_losses(priced(tmp_path, '[lesser_of]\nlevel = "line"\n', *lines))
    # 7 × 95 = 665 held to 560: 105 lost, charged 80 a day; 2 × 95 = 190 held to 180: 10 lost, charged 90 a day
    assert found == (ChargeLoss("S9500", 2, 115_00, 80_00, 95_00),)


def test_a_limit_in_percent_needs_a_higher_charge(tmp_path: Path) -> None:
    limit = '[lesser_of]\nlevel = "line"\npercent = 0.95\n'
    found = charge_losses(priced(tmp_path, limit, "S9500 2025-03-03 2025-03-03 1 95.00"))
    # 95 % of 95.00 is 90.25: 4.75 lost; 95 ÷ 0.95 = 100.00 clears it
    assert found == (ChargeLoss("S9500", 1, 4_75, 95_00, 100_00),)


def test_whole_claims_name_no_charge_for_a_unit(tmp_path: Path) -> None:
    found = charge_losses(priced(tmp_path, '[lesser_of]\nlevel = "claim"\n', "S9500 2025-03-03 2025-03-04 2 150.00"))
    assert found == (ChargeLoss("S9500", 1, 40_00, None, None),)  # 190 held to 150


def test_nothing_is_lost_where_charges_suffice(tmp_path: Path) -> None:
    assert charge_losses(priced(tmp_path, '[lesser_of]\nlevel = "line"\n', "S9500 2025-03-03 2025-03-03 1 95.00")) == ()
