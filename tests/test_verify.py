"""A report that is computed again: the same, or not, number by number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hitmodel.errors import InputError
from hitmodel.report import Request, make_report
from hitmodel.runner import notebook_text
from hitmodel.verify import Difference, verify

PARAMETERS = 'rates: str = "rates.csv"  # [file]\nedition: str = "internal"'
SHOW = """
import csv
from decimal import Decimal
from hitmodel import paths
from hitmodel.tables import Column, Table
with open(paths.located(rates), newline="") as file:
    rows = [(name, Decimal(rate)) for name, rate in csv.reader(file)]
columns = (Column("what", "What"), Column("rate", "Rate", "rate", "$"))
Table("rates", "Two rates.", "Dollars per day", columns, rows, audience="both")
"""


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    """A report on a file of two rates."""
    (tmp_path / "rates.csv").write_text("per diem,95.00\nnursing,150.00\n")
    source = PARAMETERS.replace("rates.csv", str(tmp_path / "rates.csv"))
    cells: list[Any] = [
        nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(SHOW),
    ]
    (tmp_path / "rates.ipynb").write_text(notebook_text(nbformat.v4.new_notebook(cells=cells)))
    return Request(str(tmp_path / "rates.ipynb"), out=tmp_path / "out", formats=("html", "xlsx", "csv"))


def test_nothing_changed_then_a_rate_by_a_millionth_then_a_file_of_the_report(request_: Request) -> None:
    made = make_report(request_)
    verdict = verify(made.folder)
    assert verdict.is_same
    assert verdict.numbers == 5  # the headline and two cells in each of two rows

    source = made.folder.parent / "rates.csv"
    source.write_text("per diem,95.000001\nnursing,150.00\n")
    verdict = verify(made.folder)
    assert verdict.differences == (Difference("table rates, row 1 (per diem), rate", "95.00", "95.000001"),)
    assert verdict.changed_inputs == (str(source),)
    assert not verdict.is_same

    source.write_text("per diem,95.00\nnursing,150.00\n")
    (made.folder / "tables" / "rates.csv").write_text("what,rate\nper diem,96.00\n")
    verdict = verify(made.folder)
    assert verdict.differences == ()
    assert verdict.altered == ("tables/rates.csv",)
    assert not verdict.is_same


def test_a_folder_that_is_no_report_and_an_external_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a report"):
        verify(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"report": "x", "edition": "external"}))
    with pytest.raises(InputError, match="is an external report, which holds no notebook"):
        verify(tmp_path)
