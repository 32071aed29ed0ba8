"""Priced claims as a file: what came in as it came in, amounts beside it, harmless in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from builders import PER_DIEM, contract, header
from case_files import claim_row, write_rows

from hitmodel.claims import read_claims
from hitmodel.errors import InputError
from hitmodel.priced_file import ADDED, priced_frame, write_priced
from hitmodel.pricing import Priced, price

LINES = (
    "S9500 2025-03-03 2025-03-09 7 1050.00",
    "S9500 2025-03-03 2025-03-09 -7 -1050.00",
    "S9379 2025-03-03 2025-03-09 7 840.00",
    "A4221 2025-03-03 2025-03-03 1 30.00",
    "S9501 2025-02-30 2025-03-03 1.50 1,050.00",  # not a date, and a comma in the charge
)
TEXT = 'lesser_of = "line"\n' + header() + PER_DIEM
TEXT += '[[term]]\nid = "s"\nroles = ["supplies"]\nmechanism = "bundled"\n'


def made(folder: Path, **changes: str) -> tuple[Priced, Path]:
    """Write claims, with ``changes`` to the first line's cells, and price them."""
    rows = [claim_row(text, n) for n, text in enumerate(LINES, start=1)]
    rows[0] |= changes
    path = write_rows(folder / "claims.csv", rows)
    return price(read_claims(path), contract(folder, TEXT)), path


def written(folder: Path, name: str = "priced.csv", **changes: str) -> list[dict[str, str]]:
    priced, path = made(folder, **changes)
    write_priced(priced, path, folder / name)
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_line_keeps_its_row_and_has_what_it_is_worth(tmp_path: Path) -> None:
    rows = written(tmp_path)
    assert [r["line_id"] for r in rows] == ["L1", "L2", "L3", "L4", "L5"]
    assert [tuple(r[name] for name in ADDED[:4]) for r in rows] == [
        ("priced", "665.00", "665.00", "antibiotic_per_diem"),
        ("priced", "-665.00", "-665.00", "antibiotic_per_diem"),
        ("contract_silent", "", "", ""),
        ("bundled", "0.00", "0.00", "s"),
        ("needs_review", "", "", ""),
    ]
    assert rows[0]["reason"] == ""
    assert rows[2]["reason"] == "no term speaks of S9379"


def test_what_came_in_comes_back_as_it_was(tmp_path: Path) -> None:
    """Unreadable cells too: someone has to find and repair them."""
    rows = written(tmp_path)
    assert (rows[4]["service_from"], rows[4]["charge"], rows[4]["units"]) == ("2025-02-30", "1,050.00", "1.50")
    assert rows[1]["charge"] == "-1050.00"
    assert rows[0]["code"] == "S9500"


def test_columns_that_the_file_did_not_have_are_not_added(tmp_path: Path) -> None:
    columns = list(written(tmp_path)[0])
    assert "ndc" not in columns
    assert "acquisition_cost" not in columns
    assert tuple(columns[-len(ADDED) :]) == ADDED
    with_ndc = list(written(tmp_path, ndc="00409128331")[0])
    assert "ndc" in with_ndc


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_formula_among_the_claims_does_not_run_in_a_spreadsheet(tmp_path: Path, start: str) -> None:
    formula = f'{start}HYPERLINK("http://example.org")'
    (row, *_) = written(tmp_path, patient_id=formula)
    assert row["patient_id"] == f"'{formula}"


def test_numbers_are_left_alone(tmp_path: Path) -> None:
    """A void's minus sign is not a formula's."""
    assert written(tmp_path)[1]["units"] == "-7"


def test_parquet_holds_the_same_text(tmp_path: Path) -> None:
    priced, path = made(tmp_path, patient_id="=1+1")
    write_priced(priced, path, tmp_path / "priced.parquet")
    held = pd.read_parquet(tmp_path / "priced.parquet")
    expected = priced_frame(priced, path)
    assert list(held.columns) == list(expected.columns)
    assert held["allowed"].tolist() == ["665.00", "-665.00", "", "0.00", ""]
    assert held["patient_id"].tolist()[0] == "=1+1"  # no spreadsheet opens it


def test_the_same_claims_give_the_same_bytes(tmp_path: Path) -> None:
    priced, path = made(tmp_path)
    for name in ("one.csv", "other.csv"):
        write_priced(priced, path, tmp_path / name)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()
    assert b"\r" not in (tmp_path / "one.csv").read_bytes()


@pytest.mark.parametrize("name", ["priced.txt", "priced", "priced.xlsx"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    priced, path = made(tmp_path)
    with pytest.raises(InputError, match=r"Expected a name ending in \.csv or \.parquet"):
        write_priced(priced, path, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_the_claims_file_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    priced, path = made(tmp_path)
    before = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    for target in (path, Path("claims.csv"), tmp_path / "example" / ".." / "claims.csv"):
        with pytest.raises(InputError, match="would replace the claims file"):
            write_priced(priced, path, target)
    assert path.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    priced, path = made(tmp_path)
    target = tmp_path / "priced.csv"
    target.write_text("yesterday's")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(RuntimeError, match="the disk is full"):
        write_priced(priced, path, target)
    assert target.read_text() == "yesterday's"
    assert not list(tmp_path.glob(".priced*"))
