"""A report without its notebook: every value as the notebook shows it, for all that cells may hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from hitmodel.document import read_document
from hitmodel.editions import Edition
from hitmodel.html_report import write_html
from hitmodel.numbers import values_of
from hitmodel.parameters import choose, read_parameters
from hitmodel.plain_run import NotPlain, ask_plainly
from hitmodel.report import Request, make_report
from hitmodel.runner import NotebookFailed, find_notebook, notebook_text, read_notebook
from hitmodel.shell_runner import run_here
from tests.test_batch import SHOW, notebook


def code(*sources: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "given", "edition"),
    [
        ("50_contract_comparison", ("proposals=meridian_proposal_a",), "internal"),
        ("50_contract_comparison", (), "external"),
        ("70_contract_review", (), "internal"),
    ],
)
def test_every_value_is_the_one_that_the_notebook_shows(name: str, given: tuple[str, ...], edition: Edition) -> None:
    """Every number, text and picture: the whole page is the same, byte for byte."""
    path = find_notebook(name)
    held = read_notebook(path)
    values = {**choose(read_parameters(held.cells, name), given, name), "edition": edition}
    plain = ask_plainly(held, name, values, edition)
    shown = read_document(run_here(held, name, values, edition), name, edition)
    assert values_of(plain) == values_of(shown)
    assert len(values_of(plain)) > 100
    assert write_html(plain) == write_html(shown)


def test_printed_text_frames_and_last_expressions_are_shown_as_in_a_notebook() -> None:
    held = notebook(SHOW, "'text'; None", "[1, 'two']", "rate;", "rate", "print('a')\nprint('b')\n3")
    values = {"rate": "98.00"}
    plain = ask_plainly(held, "rates", values, "internal")
    assert write_html(plain) == write_html(read_document(run_here(held, "rates", values, "internal"), "r", "internal"))
    assert plain.title == "Rates"
    assert len(plain.blocks) > 6


def test_what_only_a_notebook_can_show_is_refused() -> None:
    with pytest.raises(NotPlain):
        ask_plainly(code("class C:\n    def _ipython_display_(self): pass", "C()"), "n", {}, "internal")
    with pytest.raises(SyntaxError):
        ask_plainly(code("%time 1"), "n", {}, "internal")


def test_cells_that_are_no_plain_python_are_run_as_a_notebook_and_failures_keep_it(tmp_path: Path) -> None:
    (tmp_path / "magic.ipynb").write_text(notebook_text(notebook("%pprint", SHOW)))
    asked = Request(str(tmp_path / "magic.ipynb"), out=tmp_path / "out", formats=("html",), keeps_notebook=False)
    made = make_report(asked, run=run_here)
    assert "95.00" in made.html.read_text()
    assert sorted(p.name for p in made.folder.iterdir()) == ["magic.html", "magic.json", "run.json"]

    (tmp_path / "magic.ipynb").write_text(notebook_text(notebook(SHOW, "1 / 0")))
    with pytest.raises(NotebookFailed, match="code cell 3: ZeroDivisionError"):
        make_report(asked, run=run_here)
    assert "ZeroDivisionError" in (tmp_path / "out-failed/magic.ipynb").read_text()
    assert made.html.is_file()
