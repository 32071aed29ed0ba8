"""Many reports at once: the same bytes as one by one, in order, and one that fails fails alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hitmodel.batch import Batch, make_batch
from hitmodel.ledger import read_ledger
from hitmodel.report import Request, make_report
from hitmodel.runner import Limits, NotebookFailed, notebook_text, run_notebook
from hitmodel.shell_runner import run_here
from hitmodel.timetable import Item

PARAMETERS = 'rate: str = "95.00"  # [amount]\ndie: bool = False\nedition: str = "internal"'
SHOW = """
import os, sys
from decimal import Decimal
import pandas as pd
from hitmodel.tables import Column, Table
if die:
    os._exit(9)
print("before"); print("noise", file=sys.stderr)
display(Table("rates", f"{rate} a day.", "Dollars per day", (Column("rate", "Rate", "rate", "$"),), [(Decimal(rate),)]))
print("after", end="")
pd.DataFrame({"rate": [rate]})
"""
LAST = "seen = 1 / (Decimal(rate) - 13)\nrate"


def notebook(*sources: str) -> Any:
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Rates"), *cells])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "rates.ipynb").write_text(notebook_text(notebook(SHOW, LAST)))
    return tmp_path / "rates.ipynb"


@pytest.mark.slow
def test_a_run_in_this_process_is_what_a_kernel_makes_of_it() -> None:
    given = notebook(SHOW, "'text'; None", "[1, 'two']", LAST, "", "rate;  # not shown")
    here = run_here(given, "rates", {"rate": "98.00"}, "internal")
    assert notebook_text(here) == notebook_text(run_notebook(given, "rates", {"rate": "98.00"}, "internal"))
    assert [output.output_type for output in here.cells[3].outputs] == [
        "stream", "stream", "display_data", "stream", "execute_result"
    ]  # fmt: skip


@pytest.mark.slow
def test_nothing_of_one_run_is_left_for_the_next() -> None:
    run_here(notebook("left = 1"), "n", {}, "internal")
    with pytest.raises(NotebookFailed, match=r"n, code cell 2: NameError: name 'left' is not defined"):
        run_here(notebook("left"), "n", {}, "internal")


def test_one_that_fails_fails_alone_and_the_rest_are_in_order(path: Path, tmp_path: Path) -> None:
    rates = {"c": "98.00", "a": "13.00", "b": "cheap", "d": "99.00"}
    items = tuple(Item(name, {"rate": rate}) for name, rate in rates.items())
    steps: list[int] = []
    made = make_batch(Batch(str(path), items, tmp_path / "out", formats=("html",)), 1, steps.append)
    assert [(m.name, m.is_good) for m in made] == [("c", True), ("a", False), ("b", False), ("d", True)]
    assert "DivisionByZero" in made[1].error
    assert "'cheap' is not a number" in made[2].error
    assert steps == [1, 2, 3, 4]
    entries = [(e["item"], e["status"]) for e in read_ledger(tmp_path / "out").runs()]
    assert entries == [("c", "ok"), ("a", "failed"), ("b", "failed"), ("d", "ok")]
    assert (tmp_path / "out/index.html").read_text().count('class="state good"') == 2


@pytest.mark.slow
def test_a_process_that_dies_takes_nobody_with_it(path: Path, tmp_path: Path) -> None:
    items = tuple(Item(f"r{n}", {"rate": f"{n}.00", "die": n == 3}) for n in range(6))
    made = make_batch(Batch(str(path), items, tmp_path / "out"), 2)
    assert [m.is_good for m in made] == [True, True, True, False, True, True]
    assert "the process died" in made[3].error
    alone = make_report(Request(str(path), ("rate=5.00",), out=tmp_path / "alone")).folder
    held = tmp_path / "out/r5"
    names = [str(p.relative_to(alone)) for p in alone.rglob("*") if p.is_file() and p.name != "run.json"]
    assert [name for name in names if (held / name).read_bytes() != (alone / name).read_bytes()] == []


HANG = "import time\nif rate == '13.00':\n    while True:\n        time.sleep(0.01)"
DEAF = """
while rate == '13.00':
    try:
        while True:
            pass
    except BaseException:
        pass
"""
EAT = "held = [bytearray(1 << 26) for _ in range(1000)] if rate == '13.00' else []"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows neither rings nor limits a process's memory")
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize(
    ("fault", "said", "limits"),
    [
        (HANG, "the time limit of 9 seconds was reached", Limits(9, None)),
        (EAT, "MemoryError", Limits(60, 1800)),
    ],
)
def test_one_that_hangs_or_eats_memory_ends_alone(
    tmp_path: Path, fault: str, said: str, limits: Limits, keeps: bool
) -> None:
    (tmp_path / "rates.ipynb").write_text(notebook_text(notebook(fault, SHOW)))
    items = tuple(Item(f"r{rate}", {"rate": f"{rate}.00"}) for rate in (12, 13, 14))
    asked = Batch(str(tmp_path / "rates.ipynb"), items, tmp_path / "out", "internal", ("html",), limits, keeps)
    made = make_batch(asked, 2)
    assert [m.is_good for m in made] == [True, False, True]
    assert said in made[1].error
    assert (tmp_path / "out/r13-failed/rates.ipynb").is_file() == (keeps or fault == EAT)
    assert not (tmp_path / "out/r13").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there the process is ended at once")
def test_one_that_does_not_heed_its_limit_is_ended_with_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rates.ipynb").write_text(notebook_text(notebook(DEAF, SHOW)))
    monkeypatch.setenv("HITMODEL_GRACE_SECONDS", "1")
    items = tuple(Item(f"r{rate}", {"rate": f"{rate}.00"}) for rate in (12, 13, 14))
    made = make_batch(Batch(str(tmp_path / "rates.ipynb"), items, tmp_path / "out", limits=Limits(9)), 2)
    assert [m.is_good for m in made] == [True, False, True]
    assert "did not heed its time limit" in made[1].error
