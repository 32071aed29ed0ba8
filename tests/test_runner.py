"""Notebooks run with checked parameters, and what they give back holds no time, place or chance."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hitmodel.errors import InputError
from hitmodel.runner import NotebookFailed, find_notebook, notebook_text, read_notebook, run_notebook, without_traces


def made(*cells: Any) -> Any:
    return nbformat.v4.new_notebook(cells=list(cells))


def code(source: str, *tags: str) -> Any:
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def shown(notebook: Any) -> list[str]:
    """What every code cell printed or returned."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def test_a_notebook_is_found_by_name_and_by_path(project: Path) -> None:
    home = project / "notebooks"
    name = sorted(home.glob("*.ipynb"))[0].stem
    assert find_notebook(name).samefile(home / f"{name}.ipynb")
    assert find_notebook(f"{name}.ipynb").samefile(home / f"{name}.ipynb")
    assert find_notebook(str(home / f"{name}.ipynb")).samefile(home / f"{name}.ipynb")


def test_a_notebook_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"there is no notebook 50_contract_comparisons.*'50_contract_comparison'\?"):
        find_notebook("50_contract_comparisons")


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("not json")
    with pytest.raises(InputError, match=r"x\.ipynb: this is not a notebook"):
        read_notebook(tmp_path / "x.ipynb")


@pytest.mark.slow
def test_reading_a_notebook_builds_no_grammars_of_addresses(project: Path) -> None:
    read = "from hitmodel.runner import read_notebook; read_notebook(Path(sys.argv[1]))"
    code = f"import sys; from pathlib import Path; {read}; print('lark' in sys.modules)"
    notebook = next((project / "notebooks").glob("*.ipynb"))
    done = subprocess.run([sys.executable, "-c", code, str(notebook)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"  # it costs more than everything else before the kernel starts


def test_times_places_and_ids_are_taken_out() -> None:
    notebook = made(code("1"))
    notebook.metadata["papermill"] = {"start_time": "now", "output_path": "/somewhere"}
    notebook.cells[0].metadata["execution"] = {"iopub.execute_input": "now"}
    notebook.cells[0].metadata["papermill"] = {"duration": 1}
    text = notebook_text(without_traces(notebook))
    assert "now" not in text
    assert "papermill" not in text
    assert notebook.cells[0]["id"] == "cell-0"


@pytest.mark.slow
def test_parameters_reach_the_run_as_they_were_typed_and_internal_cells_do_not() -> None:
    notebook = made(
        code('text: str = "a"\nnumber: int = 1\nnames: list[str] = []', "parameters"),
        code("print(repr((text, number, names)))"),
        code("secret = 1", "internal"),
        code("print('secret' in dir())"),
    )
    before = notebook_text(notebook)
    executed = run_notebook(notebook, "test", {"text": "0450", "names": ["1E5", "NO"]}, "external")
    assert shown(executed) == ["('0450', 1, ['1E5', 'NO'])\n", "False\n"]
    assert notebook_text(notebook) == before


def test_a_cell_that_raises_stops_the_run_and_says_which_and_why() -> None:
    notebook = made(
        code("done = 1\ndone"),
        code("from hitmodel.errors import InputError\nraise InputError('the file is empty', where='claims.csv')"),
        code("never"),
    )
    with pytest.raises(NotebookFailed) as caught:
        run_notebook(notebook, "test", {}, "internal")
    assert str(caught.value) == "test, code cell 2: claims.csv: the file is empty."
    ran = [cell for cell in caught.value.notebook.cells if cell.cell_type == "code"]
    assert ran[0].outputs[0]["data"]["text/plain"] == "1"
    assert ran[2].outputs == []
