"""The same inputs give the same bytes: on another day, in another zone, language, hash seed and folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from hitmodel import report
from hitmodel.document import read_document
from tests import report_standin as standin

HERE = Path(__file__).resolve().parent
SOURCES = Path("/usr/share/i18n/locales/de_DE")


def made(out: Path, folder: Path, **surroundings: str) -> Path:
    """Make the comparison in a process of its own, working in ``folder`` with these surroundings."""
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(HERE.parent), **surroundings}
    command = [sys.executable, "-m", "hitmodel.cli", "report", "50_contract_comparison", "--out", str(out)]
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("usual")
    return contents(made(place / "out", HERE.parent, TZ="UTC", PYTHONHASHSEED="1", LC_ALL="C.UTF-8"))


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if which("localedef") is None or not SOURCES.is_file():
        pytest.skip("the package locales is not installed, so there is no other language to run in")
    place = tmp_path_factory.mktemp("locales")
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", str(place / "de_DE.UTF-8")], check=True)
    return {"LOCPATH": str(place), "LC_ALL": "de_DE.UTF-8"}


ELSEWHERE = {
    "another day": {"PYTHONPATH": f"{HERE / 'another_day'}:{HERE.parent}", "LC_ALL": "C.UTF-8"},
    "another time zone": {"TZ": "Asia/Kathmandu"},
    "another language": {"PYTHONPATH": f"{HERE / 'another_day'}:{HERE.parent}"},
    "another hash seed": {"PYTHONHASHSEED": "4242"},
    "another folder": {},
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ELSEWHERE)
def test_every_file_is_the_same(
    what: str, usual: dict[str, bytes], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    language = request.getfixturevalue("german") if what == "another language" else {}
    folder = tmp_path if what == "another folder" else HERE.parent
    surroundings = {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", **ELSEWHERE[what], **language}
    again = contents(made(tmp_path / "out", folder, **surroundings))
    assert {Path(name).suffix for name in again} == {
        ".html", ".pdf", ".xlsx", ".csv", ".svg", ".png", ".ipynb", ".json"
    }  # fmt: skip
    assert sorted(again) == sorted(usual)
    assert [name for name in again if again[name] != usual[name]] == []


def test_nothing_that_makes_a_report_asks_what_time_it_is() -> None:
    """Runs are dated by the ledger, imports by their catalogue; where no day is given a screen takes today."""
    asking = re.compile(r"\.(now|today|utcnow)\(|time\.time\(")
    files = (HERE.parent / "hitmodel").rglob("*.py")
    texts = {f.name: f.read_text(encoding="utf-8") for f in files if f.parent.name != "commands"}
    found = {name for name, text in texts.items() if asking.search(text)}
    screens = {"order_form.py", "codes_screen.py"}
    assert found == {"due.py", "schedule_server.py", "workspace.py", *screens}


def test_the_other_day_is_another_day() -> None:
    """The surroundings really are other ones: without this, the tests above could not fail."""
    asked = "import time, datetime, sys; print(time.time() - float(sys.argv[1]) > 1e8, hash('a'))"
    import time

    for seed in ("1", "4242"):
        env = {"PYTHONPATH": str(HERE / "another_day"), "PYTHONHASHSEED": seed, "PATH": os.environ["PATH"]}
        command = [sys.executable, "-c", asked, str(time.time())]
        assert subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.startswith("True")


@pytest.mark.slow
def test_pictures_have_the_same_bytes_when_drawn_again() -> None:
    first, second = standin.bridge(), standin.bridge()
    assert (first.svg, first.png) == (second.svg, second.png)
    document = read_document(standin.executed_notebook(), "comparison", "internal")
    once, twice = (report._contents(document, "c", report.FORMATS) for _ in range(2))
    assert {Path(name).suffix for name in once} >= {".svg", ".html", ".pdf", ".xlsx", ".csv"}
    assert [name for name in once if once[name] != twice[name]] == []
