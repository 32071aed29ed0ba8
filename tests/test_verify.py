"""A report that is computed again: the same, or not, number by number."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hitmodel.errors import InputError
from hitmodel.numbers import Difference
from hitmodel.report import Request, make_report
from hitmodel.run_record import write_record
from hitmodel.runner import notebook_text
from hitmodel.verify import verify

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


@pytest.mark.slow
def test_nothing_changed_then_a_rate_by_a_millionth_then_a_file_of_the_report(request_: Request) -> None:
    made = make_report(request_)
    source = made.folder.parent / "rates.csv"
    source.write_text("per diem,95.000001\nnursing,150.00\n")
    verdict = verify(made.folder)
    assert verdict.numbers > 6  # headline, caption, two cells in each of two rows, and how it was made
    assert verdict.differences == (Difference("table rates", "row 1 (per diem), Rate", "95.00", "95.000001"),)
    assert [move.note for move in verdict.changed_inputs] == [f"rates {source} changed"]
    assert not verdict.is_same

    source.write_text("per diem,95.00\nnursing,150.00\n")
    (made.folder / "tables" / "rates.csv").write_text("what,rate\nper diem,96.00\n")
    verdict = verify(made.folder)
    assert (verdict.differences, verdict.changed_inputs) == ((), ())
    assert verdict.altered == ("tables/rates.csv",)
    assert not verdict.is_same


@pytest.mark.slow
def test_a_run_is_compared_with_the_one_before_and_both_tables_are_looked_at_again(request_: Request) -> None:
    first = make_report(replace(request_, out=request_.out.parent / "first")).folder  # type: ignore[union-attr]
    source = first.parent / "rates.csv"
    source.write_text("per diem,98.00\nnursing,150.00\n")
    second = make_report(replace(request_, previous=first))
    assert second.moved == f"Rates {source} changed; the main figures stay the same."
    assert (second.folder / "tables/what_moved.csv").read_text().startswith("what,was,now,note\n")
    verdict = verify(second.folder)
    assert (verdict.is_same, verdict.unchecked) == (True, ())
    (first / "run.json").write_text("{}")
    with pytest.raises(InputError, match="is not the record of a run as it was written"):
        verify(second.folder)


@pytest.mark.slow
def test_an_external_report_and_a_copy_of_it_are_computed_again_from_what_stayed_at_home(request_: Request) -> None:
    home = request_.out.parent / "home"  # type: ignore[union-attr]
    made = make_report(replace(request_, edition="external", out=home / "sent", home=home)).folder
    copy = Path(shutil.copytree(made, home.parent / "elsewhere" / "copy"))
    for text in (p.read_text(errors="replace") for p in made.rglob("*") if p.is_file()):
        assert "rates.csv" not in text.replace("tables/rates.csv", "")
    assert verify(made).is_same
    assert verify(made).numbers == 6  # headline, caption, two cells in each of two rows
    assert verify(copy, home=home).numbers == 6
    assert "Name that folder with --reports" in verify(copy).unchecked[0]

    source = home.parent / "rates.csv"
    source.write_text("per diem,95.01\nnursing,150.00\n")
    verdict = verify(copy, home=home)
    assert verdict.differences == (Difference("table rates", "row 1 (per diem), Rate", "95.00", "95.01"),)
    assert [move.note for move in verdict.changed_inputs] == [f"rates {source} changed"]

    kept = next((home / ".external").glob("*.json"))
    kept.write_bytes(kept.read_bytes().replace(b"95.00", b"95.01"))
    with pytest.raises(InputError, match="what the house kept of this external report is not as it was written"):
        verify(made)


@pytest.mark.slow
def test_a_report_without_its_notebook_is_computed_again_by_a_kernel(request_: Request) -> None:
    made = make_report(replace(request_, keeps_notebook=False)).folder
    assert not (made / "rates.ipynb").exists()
    assert verify(made).is_same
    source = made.parent / "rates.csv"
    source.write_text("per diem,95.01\nnursing,150.00\n")
    verdict = verify(made)
    assert verdict.differences == (Difference("table rates", "row 1 (per diem), Rate", "95.00", "95.01"),)
    (made / "rates.json").write_bytes((made / "rates.json").read_bytes() + b" ")
    assert verify(made).altered == ("rates.json",)
    assert "rates.json was altered, so nothing was computed again" in verify(made).unchecked[0]


@pytest.mark.slow
def test_a_notebook_that_was_altered_is_not_run(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_report(request_).folder
    file = folder / "rates.ipynb"
    file.write_text(file.read_text().replace("Two rates", "Two prices"))
    monkeypatch.setattr("hitmodel.verify.run_notebook", lambda *given, **more: pytest.fail("it was run"))
    verdict = verify(folder)
    assert verdict.altered == ("rates.ipynb",)
    assert verdict.unchecked == ("rates.ipynb was altered, so nothing was computed again. Take the run from a copy.",)


def test_a_folder_that_is_no_report_is_refused_and_of_an_external_one_the_files_are_looked_at(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a report"):
        verify(tmp_path)
    (tmp_path / "page.html").write_text("<p>95.00</p>")
    record = write_record({"report": "x", "edition": "external"}, {"page.html": b"<p>95.00</p>"})
    (tmp_path / "run.json").write_bytes(record)
    assert verify(tmp_path).is_same
    (tmp_path / "page.html").write_text("<p>95.01</p>")
    assert verify(tmp_path).altered == ("page.html",)
