"""The guards themselves: each way in which a notebook could pass without testing anything, or fail falsely."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.nbval_guards import refusals

PROJECT = Path(__file__).resolve().parent.parent

CONTRACT = """
[contract]
title = "Test payer"
payers = ["Test payer"]
effective_from = 2025-01-01

[[term]]
id = "per_diem"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 95.00
cite = "section 1"
"""
RATES = """
from hitmodel import load_contract
from hitmodel.tables import Column, Table
terms = load_contract("./payer.toml").latest.term
columns = (Column("term", "Term"), Column("rate", "Rate", "rate", "$ per day"))
Table("rates", "One rate.", "Rates, dollars per day", columns, tuple((t.id, t.rate) for t in terms))
"""
CHART = """
from hitmodel.charts import Bar, plot_bridge
bars = [Bar("Today", 100_000, "total"), Bar("Per diem", 2_500), Bar("Proposal", 102_500, "total")]
plot_bridge(bars, name="bridge", headline="It pays more.", caption="Dollars")
"""
CELLS = (RATES, CHART, "6 * 7", "print('kept'); 6 * 7;")


def made(*sources: str) -> Any:
    """A notebook of these cells, not run."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )


def ran(*sources: str) -> Any:
    """A notebook of these cells as if it had run and shown nothing."""
    notebook = made(*sources)
    for count, cell in enumerate(notebook.cells, start=1):
        cell.execution_count = count
    return notebook


def output(**data: str) -> Any:
    names = {"text": "text/plain", "png": "image/png", "svg": "image/svg+xml"}
    return nbformat.v4.new_output("display_data", data={names[kind]: held for kind, held in data.items()})


def test_a_notebook_that_ran_from_top_to_bottom_is_taken() -> None:
    assert refusals(ran("a = 1", "a")) == []


def test_a_stripped_notebook_is_refused() -> None:
    assert refusals(made("a = 1"))[0].startswith("code cell 1 was never run")


def test_one_cell_that_was_not_run_is_enough() -> None:
    notebook = ran("a = 1", "a")
    notebook.cells[1].execution_count = None
    assert "code cell 2 was never run" in refusals(notebook)[0]


def test_cells_run_out_of_order_are_refused() -> None:
    notebook = ran("a = 1", "a")
    notebook.cells[1].execution_count = 7
    assert refusals(notebook) == ["its cells were not run once each from top to bottom"]


def test_a_kept_error_is_refused() -> None:
    notebook = ran("1 / 0")
    notebook.cells[0].outputs = [nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])]
    assert refusals(notebook) == ["code cell 1 keeps an error"]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_alone_is_refused_and_one_with_its_values_is_not(kind: str) -> None:
    notebook = ran("draw()")
    notebook.cells[0].outputs = [output(**{kind: "…", "text": "<Figure>"})]
    assert "only a picture" in refusals(notebook)[0]
    notebook.cells[0].outputs.insert(0, output(text="Today 1,000.00"))
    assert refusals(notebook) == []


def test_a_notebook_without_code_is_refused() -> None:
    assert "nothing would be tested" in refusals(nbformat.v4.new_notebook())[0]


def compared(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run nbval with the guards over every notebook of a folder."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.nbval_guards", "--nbval", "--nbval-current-env", "-q"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(folder), "-c", "/dev/null", *more]
    return subprocess.run([*command, str(folder)], cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_stripped_notebook_stops_at_collection(tmp_path: Path) -> None:
    nbformat.write(made("1"), tmp_path / "stripped.ipynb")
    result = compared(tmp_path, "--collect-only")
    assert result.returncode != 0
    assert "code cell 1 was never run" in result.stdout


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The cells after a real run beside their contract."""
    folder = tmp_path_factory.mktemp("executed")
    (folder / "payer.toml").write_text(CONTRACT)
    return NotebookClient(made(*CELLS), kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()


def failed_cells(folder: Path) -> list[str]:
    """Names of the cells that nbval fails in ``folder``."""
    result = compared(folder, "-rf")
    lines = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    assert "passed" in result.stdout or lines, result.stdout + result.stderr
    return [line.split("::")[1].split(" - ")[0].strip() for line in lines]


@pytest.mark.slow
def test_an_unchanged_notebook_passes_semicolon_and_all(tmp_path: Path, executed: Any) -> None:
    (tmp_path / "payer.toml").write_text(CONTRACT)
    nbformat.write(executed, tmp_path / "same.ipynb")
    assert failed_cells(tmp_path) == []


@pytest.mark.slow
def test_a_rate_changed_by_a_millionth_is_caught(tmp_path: Path, executed: Any) -> None:
    (tmp_path / "payer.toml").write_text(CONTRACT.replace("95.00", "95.000001"))
    nbformat.write(executed, tmp_path / "rate.ipynb")
    assert failed_cells(tmp_path) == ["Cell 0"]


@pytest.mark.slow
def test_a_stored_number_that_was_changed_is_caught(tmp_path: Path, executed: Any) -> None:
    (tmp_path / "payer.toml").write_text(CONTRACT)
    changed = nbformat.reads(nbformat.writes(executed), as_version=4)
    changed.cells[2].outputs[0].data["text/plain"] = "43"
    nbformat.write(changed, tmp_path / "stored.ipynb")
    assert failed_cells(tmp_path) == ["Cell 2"]


@pytest.mark.slow
def test_a_chart_of_other_data_is_caught(tmp_path: Path, executed: Any) -> None:
    (tmp_path / "payer.toml").write_text(CONTRACT)
    changed = nbformat.reads(nbformat.writes(executed), as_version=4)
    changed.cells[1].source = changed.cells[1].source.replace("2_500", "2_501")
    nbformat.write(changed, tmp_path / "chart.ipynb")
    assert failed_cells(tmp_path) == ["Cell 1"]  # 100,000 + 2,501 is not 102,500: the bridge refuses to be drawn
    changed.cells[1].source = changed.cells[1].source.replace("102_500", "102_501")
    nbformat.write(changed, tmp_path / "chart.ipynb")
    assert failed_cells(tmp_path) == ["Cell 1"]  # it is drawn, and its printed values differ by a cent


@pytest.mark.slow
def test_a_cell_that_raises_is_caught(tmp_path: Path, executed: Any) -> None:
    (tmp_path / "payer.toml").write_text(CONTRACT)
    changed = nbformat.reads(nbformat.writes(executed), as_version=4)
    changed.cells[2].source = "raise RuntimeError"
    nbformat.write(changed, tmp_path / "raises.ipynb")
    assert failed_cells(tmp_path) == ["Cell 2"]
