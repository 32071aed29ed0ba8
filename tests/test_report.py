"""A report is one folder, whole or not at all; what cannot be used is refused before anything runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hitmodel.editions import Edition
from hitmodel.errors import InputError
from hitmodel.report import FORMATS, Request, make_report
from hitmodel.runner import NotebookFailed, notebook_text

QUICK = ("html", "xlsx", "csv")
PARAMETERS = (
    'rate: str = "95.00"  # dollars [amount]\nedition: str = "internal"  # for whom [one of internal, external]'
)
SHOW = """
from decimal import Decimal
from hitmodel.tables import Column, Table
from hitmodel.frontpage import FrontPage, Remark
assert Decimal(rate) > 0, "a rate is greater than zero"
remark = Remark("Our cost is 60.00")
page = FrontPage("Rates", f"The rate is {rate}.", "Dollars a day", "Payer", "2025", remarks=(remark,), audience="both")
cost = Column("cost", "Cost", "rate", "$", audience="internal")
columns = (Column("what", "What"), Column("rate", "Rate", "rate", "$"), cost)
row = ("per diem", Decimal(rate), Decimal("60.00"))
display(page, Table("rates", "One rate.", "Dollars a day", columns, (row,), audience="both"))
"""
SECRET = "display(Table('margin', 'Margin is 35.00.', '', columns[:2], (('margin', Decimal('35.00')),)))"


def cell(source: str, *tags: str) -> Any:
    return nbformat.v4.new_code_cell(source.strip(), metadata={"tags": list(tags)})


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A small notebook with a first page, a table with an internal column, and an internal cell."""
    cells = [cell(PARAMETERS, "parameters"), cell(SHOW), cell(SECRET, "internal"), cell("print('working: 95 - 60')")]
    path = tmp_path / "rates.ipynb"
    path.write_text(notebook_text(nbformat.v4.new_notebook(cells=cells)))
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def request(notebook: Path, *given: str, edition: Edition = "internal", pdf: bool = True) -> Request:
    return Request(str(notebook), given, edition, notebook.parent / "out", FORMATS if pdf else QUICK)


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when a notebook would be run."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        pytest.fail("a kernel would have been started")

    monkeypatch.setattr("hitmodel.report.run_notebook", refuse)


@pytest.mark.usefixtures("no_run")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("rat=1", r"'rat' is not a parameter of rates\.ipynb.*Did you mean 'rate'\?"),
        ("rate=cheap", "parameter 'rate': 'cheap' is not a number"),
        ("edition=external", "'edition' is not a parameter of"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_runs(notebook: Path, given: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_report(request(notebook, given))
    assert not (notebook.parent / "out").exists()


@pytest.mark.usefixtures("no_run")
def test_a_folder_that_holds_something_else_is_not_touched(notebook: Path) -> None:
    out = notebook.parent / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is there already and is not a report"):
        make_report(request(notebook))
    assert files(out) == {"thesis.txt": b"years of work"}


@pytest.mark.usefixtures("no_run")
def test_a_notebook_without_an_edition_has_no_external_one(notebook: Path) -> None:
    text = notebook.read_text().replace("edition: str", "other: str")
    notebook.write_text(text)
    with pytest.raises(InputError, match="is for inside only: nothing in it is marked as fit for a payer"):
        make_report(request(notebook, edition="external"))


def test_a_report_is_one_folder_and_the_same_twice(notebook: Path) -> None:
    made = make_report(request(notebook, "rate=0098.80"))
    first = files(made.folder)
    assert sorted(first) == [
        "rates.html",
        "rates.ipynb",
        "rates.pdf",
        "rates.xlsx",
        "run.json",
        "tables/made_with.csv",
        "tables/margin.csv",
        "tables/rates.csv",
    ]
    facts = json.loads(first["run.json"])
    assert facts["parameters"] == {"rate": "0098.80", "edition": "internal"}
    assert facts["contract"] == "Payer"
    assert set(facts["files"]) == set(first) - {"run.json"}
    assert made.headline == "The rate is 0098.80."
    assert first["tables/rates.csv"] == b"what,rate,cost\nper diem,98.80,60.00\n"
    assert b"CONFIDENTIAL" in first["rates.html"]
    assert b"working: 95 - 60" in first["rates.html"]
    assert files(make_report(request(notebook, "rate=0098.80")).folder) == first
    assert [p.name for p in notebook.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.slow
def test_an_external_report_holds_nothing_internal_anywhere(notebook: Path) -> None:
    made = make_report(request(notebook, edition="external"))
    held = files(made.folder)
    assert sorted(held) == ["rates.html", "rates.pdf", "rates.xlsx", "run.json", "tables/rates.csv"]
    from openpyxl import load_workbook

    sheet = load_workbook(made.folder / "rates.xlsx")
    values = [str(cell.value) for page in sheet for row in page.iter_rows() for cell in row]
    everything = b"".join(held.values()) + " ".join(values).encode()
    for secret in (
        b"60.00",
        b"35.00",
        b"Margin is",
        b"margin.csv",
        b"CONFIDENTIAL",
        b"working",
        str(notebook.parent).encode(),
    ):
        assert secret not in everything, secret
    assert "parameters" not in json.loads(held["run.json"])
    assert held["tables/rates.csv"] == b"what,rate\nper diem,95.00\n"


@pytest.mark.slow
def test_a_run_that_fails_leaves_the_earlier_report_and_the_notebook_as_far_as_it_got(notebook: Path) -> None:
    out = notebook.parent / "out"
    make_report(request(notebook, pdf=False))
    before = files(out)
    assert "rates.pdf" not in before
    with pytest.raises(NotebookFailed) as caught:
        make_report(request(notebook, "rate=-1"))
    assert re.search(
        r"rates, code cell \d+: .*No report was written; the notebook as far as it got is", str(caught.value)
    )
    assert files(out) == before
    kept = notebook.parent / "out-failed" / "rates.ipynb"
    assert "output_type" in kept.read_text()
    assert [p.name for p in notebook.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.slow
def test_of_an_external_run_that_fails_only_the_error_is_kept(notebook: Path) -> None:
    text = notebook.read_text().replace("print('working: 95 - 60')", "1 / 0")
    notebook.write_text(text)
    with pytest.raises(NotebookFailed, match="ZeroDivisionError"):
        make_report(request(notebook, edition="external"))
    kept = nbformat.read(notebook.parent / "out-failed" / "rates.ipynb", as_version=4)
    outputs = [output for cell in kept.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.output_type for output in outputs] == ["error"]


@pytest.mark.slow
def test_contracts_and_files_that_go_in_are_named_with_their_checksums(tmp_path: Path, project: Path) -> None:
    source = 'contract: str = "meridian"  # [contract]\nclaims: str = "data/samples/claims_2025.csv"  # [file]'
    path = tmp_path / "inputs.ipynb"
    path.write_text(notebook_text(nbformat.v4.new_notebook(cells=[cell(source, "parameters"), cell("1 + 1")])))
    made = make_report(Request(str(path), (), "internal", tmp_path / "out", QUICK))
    inputs = json.loads((made.folder / "run.json").read_text())["inputs"]
    assert [(e["role"], e["file"]) for e in inputs] == [
        ("claims", "data/samples/claims_2025.csv"),
        ("contract", "data/contracts/meridian/2025.toml"),
    ]
    assert all(re.fullmatch("[0-9a-f]{64}", entry["sha256"]) for entry in inputs)
    assert inputs[0]["bytes"] == (project / "data/samples/claims_2025.csv").stat().st_size
