"""Dollars by cause: worked by hand on a report whose figure is lines × rate × price."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest

from hitmodel.due import utc_now
from hitmodel.intake.asp_import import import_asp
from hitmodel.report import Request, make_report
from hitmodel.run_record import read_record
from hitmodel.runner import notebook_text
from hitmodel.scheduled import Desk, run_now
from hitmodel.shell_runner import run_here
from hitmodel.timetable import load_schedules
from hitmodel.verify import verify
from tests import builders
from tests.run_standin import schedules_in
from tests.small_book import contracts, wide_lines
from tests.test_import_asp import quarter_file

PARAMETERS = """
claims: str = "{claims}"  # [file]
rates: str = "{rates}"  # [file]
times: int = 1
edition: str = "internal"
"""
SHOW = """
from decimal import Decimal
from hitmodel import paths
from hitmodel.dates import Quarter
from hitmodel.frontpage import FrontPage, Step
from hitmodel.prices import payment_limits
lines = len(paths.located(claims).read_text().split()) - 1
rate = int(paths.located(rates).read_text())
FrontPage("Sum", "A sum.", "", "", "", ((Step("Today", 100 * lines * rate * times, "total"),),))
"""
OWN_RATE = "int(paths.located(rates).read_text())"
SHIPPED_LIMIT = "int(1000 * payment_limits().get('J0690', Quarter(2026, 1)).limit)"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three claim lines, a rate of 5 and a notebook that multiplies them, in a place with a workspace of its own."""
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path / "own"))
    (tmp_path / "claims.csv").write_text("id\na\nb\nc\n")
    (tmp_path / "rates.txt").write_text("5")
    source = PARAMETERS.format(claims=tmp_path / "claims.csv", rates=tmp_path / "rates.txt")
    cells = [nbformat.v4.new_code_cell(source.strip(), metadata={"tags": ["parameters"]})]
    cells.append(nbformat.v4.new_code_cell(SHOW))
    (tmp_path / "sum.ipynb").write_text(notebook_text(nbformat.v4.new_notebook(cells=cells)))
    return tmp_path


def run(world: Path, times: int = 1) -> Path:
    """Run the schedule once and return the folder of the run."""
    file = schedules_in(
        world,
        f'[[schedule]]\nname = "sum"\nnotebook = "{world}/sum.ipynb"\non_change = ["claims"]\n'
        f'formats = ["html", "csv"]\nparameters = {{ times = {times} }}\n',
    )
    desk = Desk(world / "reports", file, utc_now)
    (outcome,) = run_now(desk, load_schedules(file)[0])
    assert outcome.is_good, outcome.message
    return world / "reports" / str(outcome.entry["run"])


def rows(folder: Path) -> list[list[str]]:
    return list(csv.reader((folder / "tables/what_moved_dollars.csv").read_text().splitlines()))


@pytest.mark.slow
def test_lines_a_table_and_a_parameter_each_with_its_dollars(world: Path) -> None:
    run(world)  # 3 lines × 5 × 1 = 15.00
    (world / "claims.csv").write_text("id\na\nb\nc\nd\n")
    (world / "rates.txt").write_text("7")
    second = run(world, times=2)
    # Asked twice: 3 × 5 × 2 = 30.00, +15.00. A line more: 4 × 5 × 2 = 40.00, +10.00. The rate: 4 × 7 × 2 = 56.00.
    assert rows(second) == [
        ["cause", "figure_1"],
        ["As it was", "15.00"],
        ["what was asked", "15.00"],
        ["claim lines", "10.00"],
        ["rates", "16.00"],
        ["As it is", "56.00"],
    ]
    said = "Today +41.00: what was asked +15.00, claim lines +10.00 and rates +16.00."
    page = (second / "sum.html").read_text()
    assert said in page.replace("\u00a0", " ").replace("\u202f", " ")
    short = "Today by cause: what was asked +15.00, claim lines +10.00 and rates +16.00."
    assert short in (world / "reports/index.html").read_text().replace("\u00a0", " ").replace("\u202f", " ")
    assert verify(second).is_same


@pytest.mark.slow
def test_a_restated_price_quarter_stands_by_itself(world: Path) -> None:
    (world / "sum.ipynb").write_text((world / "sum.ipynb").read_text().replace(OWN_RATE, SHIPPED_LIMIT))
    run(world)  # 3 lines × 0.827, CMS's limit of J0690 in 2026Q1, shown a thousandfold: 3 × 827 = 2,481.00
    (world / "claims.csv").write_text("id\na\nb\nc\nd\n")
    rows_of_quarter = "J0690,Cefazolin,500 MG,1.000,20,,,,,,\r\n"
    import_asp(quarter_file(world, rows_of_quarter, "January 1, 2026 through March 31, 2026"), whole=False)
    # A line more at the limit as it was: +827.00; then four lines at 1.000: 4,000.00 − 3,308.00 = +692.00.
    assert rows(run(world))[1:] == [
        ["As it was", "2481.00"],
        ["claim lines", "827.00"],
        ["published prices and indexes", "692.00"],
        ["As it is", "4000.00"],
    ]


@pytest.mark.slow
def test_a_file_that_is_gone_is_said_and_what_it_moved_stands_first(world: Path) -> None:
    run(world)
    for kept in (world / "own/earlier_inputs").iterdir():
        if kept.read_bytes().startswith(b"id\n"):
            kept.unlink()
    (world / "claims.csv").write_text("id\na\nb\nc\nd\n")
    (world / "rates.txt").write_text("7")
    second = run(world)
    # 3 × 5 = 15.00; with four lines 20.00; with the rate of 7 28.00
    assert rows(second)[1:] == [
        ["As it was", "15.00"],
        ["claim lines", "5.00"],
        ["rates", "8.00"],
        ["As it is", "28.00"],
    ]
    assert "files are no longer at hand (claims.csv)." in (second / "sum.html").read_text()


@pytest.mark.slow
def test_only_what_last_runs_need_is_kept(world: Path) -> None:
    first = run(world)
    store = world / "own/earlier_inputs"
    was = {e["sha256"] for e in read_record(first)["inputs"]}
    assert was <= {p.name for p in store.iterdir()}
    (world / "claims.csv").write_text("id\na\n")
    second = run(world)
    now = {e["sha256"] for e in read_record(second)["inputs"]}
    assert {p.name for p in store.iterdir()} & (was - now) == set()
    assert now <= {p.name for p in store.iterdir()}


@pytest.mark.slow
def test_a_contract_and_claim_lines_of_a_real_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten lines fewer, then a higher rate in the contract in force: the parts are those of two runs by themselves."""
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path / "own"))
    claims = builders.write_lines(tmp_path / "claims.csv", wide_lines(), builders.PAYER)
    now, offer = contracts(tmp_path)
    file = schedules_in(
        tmp_path,
        '[[schedule]]\nname = "offer"\nnotebook = "50_contract_comparison"\non_change = ["claims"]\n'
        f'formats = ["csv"]\n[schedule.parameters]\nclaims = "{claims}"\nbaseline = "{now}"\n'
        f'proposals = ["{offer}"]\nas_of = ""\n',
    )
    desk = Desk(tmp_path / "reports", file, utc_now)

    def today(name: str) -> int:
        given = (f"claims={claims}", f"baseline={now}", f"proposals={offer}", "as_of=")
        asked = Request("50_contract_comparison", given, out=tmp_path / name, formats=("html",))
        (first, *_) = read_record(make_report(asked, run=run_here).folder)["figures"]
        return int(first["cents"])

    run_now(desk, load_schedules(file)[0])
    start = today("one")
    builders.write_lines(tmp_path / "claims.csv", wide_lines()[10:], builders.PAYER)
    fewer = today("two")
    (contract,) = now.rglob("*.toml") if now.is_dir() else [now]
    contract.write_text(contract.read_text().replace("rate = 100", "rate = 110"))
    end = today("three")
    assert len({start, fewer, end}) == 3
    (outcome,) = run_now(desk, load_schedules(file)[0])
    found = rows(tmp_path / "reports" / str(outcome.entry["run"]))
    assert [row[0] for row in found[1:]] == ["As it was", "claim lines", f"contract {contract.parent.name}", "As it is"]
    cents = [round(100 * float(row[1])) for row in found[1:]]
    assert cents == [start, fewer - start, end - fewer, end]
