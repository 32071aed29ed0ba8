"""``hitmodel price``, ``explain`` and ``compare``: what they print, exit codes, and what wrong calls are told."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from builders import PER_DIEM, claims, header, write
from command_line import Ran, run
from openpyxl import load_workbook
from typer.testing import CliRunner

from hitmodel.cli import app
from hitmodel.evidence_file import TABLES

Command = Callable[..., Ran]
PRICE = ("price", "claims.csv", "--contract", "base")
EXPLAIN = ("explain", "claims.csv", "--contract", "base")
COMPARE = ("compare", "claims.csv", "--baseline", "base", "--proposal", "offer")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run commands in a folder with a contract, a proposal and some claims."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "base", header("2025-01-01", "2025-12-31", 'title = "The base"') + PER_DIEM)
    offer = '[contract]\nextends = "base"\ntitle = "The offer"\n[[term]]\nid = "antibiotic_per_diem"\nrate = 99.00\n'
    write(tmp_path / "offer", offer)
    lines = ("S9500 2025-03-03 2025-03-09 7 1050.00 id=C25-01", "S9379 2025-03-03 2025-03-09 7 840.00 id=C25-02")
    claims(tmp_path, *lines)
    claims(tmp_path, *lines, "S9500 2025-02-30 2025-03-09 7 1050.00", name="faulty.csv")
    return lambda *arguments: run(monkeypatch, capsys, *arguments)


# --- price ---


def test_price_shows_every_status_and_why(command: Command) -> None:
    ran = command(*PRICE)
    assert (ran.code, ran.err) == (0, "")
    rows = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert rows[0] == "The base: claims.csv"
    assert "priced 1 1,050.00 665.00 the contract sets an amount" in rows  # 7 × 95.00
    assert "contract_silent 1 840.00 unknown the contract says nothing that prices it: no amount" in rows
    assert "The 2 lines of this contract come to 665.00 allowed; 1 of them without an amount (840.00 charged)." in rows
    assert "contract_silent 1 no term speaks of S9379" in rows


def test_findings_are_shown_and_leave_with_1(command: Command) -> None:
    ran = command("price", "faulty.csv", "--contract", "base")
    assert ran.code == 1
    assert ran.err == "faulty.csv row 4, service_from '2025-02-30': not a date: there is no such day\n"
    assert "needs_review" in ran.out


def test_every_line_can_be_written(command: Command, tmp_path: Path) -> None:
    ran = command(*PRICE, "--out", "priced.csv")
    assert (ran.code, "Every line is in priced.csv." in ran.out) == (0, True)
    with (tmp_path / "priced.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["line_id"], r["status"], r["allowed"]) for r in rows] == [
        ("C25-01", "priced", "665.00"),
        ("C25-02", "contract_silent", ""),
    ]
    assert command(*PRICE, "--out", "priced.parquet").code == 0
    assert pd.read_parquet(tmp_path / "priced.parquet")["allowed"].tolist() == ["665.00", ""]


def test_prices_as_of_a_day_and_by_other_drug_prices(command: Command) -> None:
    assert command(*PRICE, "--as-of", "2025-12-31").code == 0
    assert command(*PRICE, "--drug-prices", "latest").code == 0


# --- explain ---


def test_explain_shows_the_working(command: Command) -> None:
    ran = command(*EXPLAIN, "--line", "C25-01")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "S9500  2025-03-03 to 2025-03-09   charge 1,050.00   allowed 665.00   priced",
        "  days        7 service dates, inclusive; agrees with 7 units",
        "  term        antibiotic_per_diem (base 2025)",
        "  per diem    7 days × 95.00 × 1 = 665.00",
    ]


# --- compare ---


def test_compare_shows_groups_and_the_bridge(command: Command) -> None:
    ran = command(*COMPARE)
    assert (ran.code, ran.err) == (0, "")
    assert "665.00" in ran.out
    assert "693.00" in ran.out  # 7 × 99.00
    assert "+28.00" in ran.out
    assert "antibiotic per diem" in ran.out


@pytest.mark.parametrize(
    "by", ["therapy", *(pytest.param(by, marks=pytest.mark.slow) for by in ("code", "role", "month", "term"))]
)
def test_compare_groups_by_what_is_asked(command: Command, by: str) -> None:
    assert command(*COMPARE, "--by", by).code == 0


def test_the_tables_can_be_written(command: Command, tmp_path: Path) -> None:
    ran = command(*COMPARE, "--out", "tables.xlsx")
    assert (ran.code, "The tables are in tables.xlsx." in ran.out) == (0, True)
    assert len(load_workbook(tmp_path / "tables.xlsx").sheetnames) >= 3
    assert command(*COMPARE, "--out", "tables.csv").code == 0
    assert "665.00" in (tmp_path / "tables.csv").read_text()


# --- wrong calls: a sentence on standard error, exit code 2, nothing written ---

CANNOT_WRITE = "Expected a file name in a folder that is there and may be written to."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("price", "claim.csv", "--contract", "base"),
            "claim.csv: the file cannot be read (No such file or directory). Did you mean 'claims.csv'?",
        ),
        (("price", "base", "--contract", "base"), "base: the folder holds no Parquet files. Expected claims as files"),
        (("price", "empty.csv", "--contract", "base"), "empty.csv: the file is empty."),
        (
            ("price", "claims.csv", "--contract", "meridan"),
            "there is no contract 'meridan'. Expected the name of a folder under data/contracts, or a path to a "
            "contract file or folder. Did you mean 'meridian'?",
        ),
        (
            ("price", "claims.csv", "--contract", "claims.csv"),
            "claims.csv: this is no contract file. Expected a .toml file, or a folder of them.",
        ),
        (("price", "claims.csv", "--contract", ""), "no contract is named."),
        (
            ("price", "claims.csv", "--contract", "bad"),
            "bad/2025.toml, term 'antibiotic_per_diem': rate = 0 is not above 0.",
        ),
        (
            ("price", "claims.csv", "--contract", "clash"),
            "clash/2025.toml: terms 'antibiotic_per_diem' and 'b' fit S9500 equally well.",
        ),
        (
            (*PRICE, "--as-of", "31/12/2025"),
            "--as-of: '31/12/2025' is not a date. Expected a calendar date as YYYY-MM-DD.",
        ),
        (
            (*PRICE, "--as-of", "2030-01-01"),
            "contract 'base' is not in force on 2030-01-01. Expected a day within 2025-01-01 to 2025-12-31.",
        ),
        (
            (*PRICE, "--drug-prices", "newest"),
            "drug prices: 'newest' is not a quarter. Expected a quarter such as 2025Q3.",
        ),
        (
            (*PRICE, "--out", "priced.txt"),
            "'priced.txt' is no kind of file that can be written. Expected a name ending in .csv or .parquet.",
        ),
        (
            (*PRICE, "--out", "claims.csv"),
            "claims.csv: the output would replace the claims file. Expected another name.",
        ),
        (
            (*PRICE, "--out", "no/priced.csv"),
            f"no/priced.csv: the file cannot be written: No such file or directory. {CANNOT_WRITE}",
        ),
        ((*PRICE, "--out", "folder.csv"), f"folder.csv: the file cannot be written: Is a directory. {CANNOT_WRITE}"),
        ((*PRICE, "--evidence", "no"), "no: there is no such folder of evidence."),
        (
            (*EXPLAIN, "--line", "C25-1"),
            "claims.csv: there is no line 'C25-1'. Did you mean 'C25-01'? Line ids are in the column \"line_id\".",
        ),
        ((*COMPARE[:-1], "base", "--proposal", "ofer"), "there is no contract 'ofer'."),
        (
            (*COMPARE, "--by", "nonsense"),
            "'nonsense' is nothing to group by. Expected one of therapy, code, role, month, term.",
        ),
        (
            (*COMPARE, "--out", "tables.doc"),
            "--out: tables.doc does not end as a file of tables does. Expected .xlsx or .csv.",
        ),
        (
            (*COMPARE, "--out", "no/tables.xlsx"),
            f"no/tables.xlsx: the file cannot be written: No such file or directory. {CANNOT_WRITE}",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_call_is_answered_with_a_sentence(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "folder.csv").mkdir()
    write(tmp_path / "bad", header() + PER_DIEM.replace("95.00", "0"))
    write(tmp_path / "clash", header() + PER_DIEM + PER_DIEM.replace('"antibiotic_per_diem"', '"b"'))
    before = sorted(tmp_path.rglob("*"))
    ran = command(*arguments)
    assert ran.code == 2
    assert ran.err.startswith(f"hitmodel: {says}")
    assert ran.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments", [("price", "claims.csv"), EXPLAIN, ("compare", "claims.csv", "--baseline", "base")]
)
def test_what_is_missing_is_named(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments)
    assert ran.code == 2
    assert "Missing option" in ran.err


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    ran = command(*PRICE, "--out", "locked/priced.csv")
    assert (ran.code, "Permission denied" in ran.err) == (2, True)


def test_claims_of_which_no_line_can_be_priced(command: Command, tmp_path: Path) -> None:
    claims(tmp_path, "S9500 2025-02-30 2025-03-09 7 1050.00", name="all.csv")
    ran = command("price", "all.csv", "--contract", "base")
    assert ran.code == 2
    assert 'no line can be priced: each has a finding that blocks it. "hitmodel check all.csv" lists them.' in ran.err


@pytest.mark.parametrize("command", ["price", "explain", "compare"])
def test_help_names_every_companion_file(command: str) -> None:
    told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "300"}).output
    assert [name for name in TABLES if f"{name}.csv" not in told] == []
