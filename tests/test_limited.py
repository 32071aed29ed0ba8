"""Work under limits: stopped when it listens, ended when it does not, and nobody else with it."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hitmodel import report
from hitmodel.limited import TookTooMuch, apart, no_longer_than
from hitmodel.report import LEAST_SECONDS, Request, make_report
from hitmodel.runner import Limits, notebook_text
from hitmodel.shell_runner import run_here
from tests.test_batch import SHOW, notebook

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows neither rings nor limits memory")


def deaf() -> None:
    while True:
        try:
            while True:
                pass
        except TookTooMuch:
            pass


def test_work_that_listens_is_told_in_its_own_process() -> None:
    said = r"the time limit of 0.05 seconds was reached\. Give it more time"
    with pytest.raises(TookTooMuch, match=said), no_longer_than(0.05):
        time.sleep(30)
    with no_longer_than(None):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "limits", "said"),
    [
        (partial(time.sleep, 600), Limits(seconds=0.2), "the time limit of 0.2 seconds was reached"),
        (deaf, Limits(seconds=0.2), "ended before it was done. Expected at most 0.2 seconds"),
        (partial(bytearray, 1 << 34), Limits(megabytes=2000), "Expected at most 2,000 MB"),
    ],
)
def test_work_apart_is_ended_and_says_what_to_do(work: Any, limits: Limits, said: str) -> None:
    with pytest.raises(TookTooMuch, match="Give it more time") as caught:
        apart(work, limits)
    assert said in str(caught.value)
    assert apart(partial(sum, (1, 2)), Limits(60)) == 3


def test_the_files_of_a_report_get_what_its_notebook_left_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PDF, page and workbook are written under the run's limits too; a limit reached leaves the last good run."""
    (tmp_path / "rates.ipynb").write_text(notebook_text(notebook(SHOW)))
    asked = Request(str(tmp_path / "rates.ipynb"), out=tmp_path / "out", formats=("html",), limits=Limits(3600, 4000))
    given: list[Limits] = []

    def seen(work: Any, limits: Limits) -> Any:
        given.append(limits)
        return work()

    monkeypatch.setattr(report, "apart", seen)
    good = make_report(asked, run=run_here)
    assert given[0].megabytes == 4000
    assert given[0].seconds is not None
    assert LEAST_SECONDS <= given[0].seconds < 3600

    def too_long(work: Any, limits: Limits) -> Any:
        raise TookTooMuch("the time limit of 5 seconds was reached")

    monkeypatch.setattr(report, "apart", too_long)
    before = good.html.read_bytes()
    assert "time limit" in str(report.attempt_report(asked, run=run_here))
    assert good.html.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
