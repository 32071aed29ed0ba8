"""Chargemasters: the charge of a day, and what is wrong with a file by row and field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.charges import read_charges
from hitmodel.errors import InputError


def write(folder: Path, text: str) -> Path:
    path = folder / "charges.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_charge_of_a_day(tmp_path: Path) -> None:
    table = read_charges(
        write(tmp_path, "# ours\ncode,from,charge\nS9500,2025-07-01,198.00\nS9500,2025-01-01,192.00\n")
    )
    assert table.at("S9500", date(2024, 12, 31)) is None
    assert table.at("S9500", date(2025, 6, 30)) == Decimal(192)
    assert table.at("S9500", date(2025, 7, 1)) == Decimal(198)
    assert table.at("S9501", date(2025, 7, 1)) is None


def test_the_sample_chargemaster_is_one() -> None:
    assert read_charges(paths.data("samples", "chargemaster.csv")).at("S9500", date(2025, 7, 1)) == Decimal(198)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "charges.csv: column 'code' is missing."),
        (
            "code,form,charge\n",
            "charges.csv: column 'from' is missing. Expected code, from, charge. Did you mean 'form'?",
        ),
        ("code,from,charge\nS9500,1/1/25,9\n", "charges.csv row 2, from: '1/1/25' is not a date."),
        ("code,from,charge\nS9500,2025-01-01,-9\n", "charges.csv row 2, charge: '-9' is not a charge."),
        ("#x\ncode,from,charge\n\nS9500,2025-01-01,$9\n", "charges.csv row 4, charge: '$9' is not a charge."),
        ("code,from,charge\n,2025-01-01,9\n", "charges.csv row 2, code: a code is needed."),
        ("code,from,charge\nS1,2025-01-01,9\nS1,2025-01-01,8\n", "charges.csv: S1 has two charges from 2025-01-01."),
    ],
)
def test_what_is_wrong_is_named_by_row_and_field(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        read_charges(Path("charges.csv"))
    assert str(error.value).startswith(message)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the chargemaster is not there"):
        read_charges(tmp_path / "none.csv")
