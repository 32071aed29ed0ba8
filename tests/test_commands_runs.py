"""``hitmodel schedule``, ``runs`` and ``batch`` from the outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from run_standin import Press, schedules_in
from typer.testing import CliRunner

from hitmodel import report
from hitmodel.cli import app
from hitmodel.commands.runs import diff_runs
from hitmodel.errors import InputError
from hitmodel.ledger import LEDGER_FILE
from hitmodel.report import Request
from hitmodel.run_record import write_record

pytestmark = pytest.mark.usefixtures("own_workspace")  # runs keep there what went into them

TEXT = """
[[schedule]]
name = "monthly"
notebook = "n"
cron = "0 6 2 * *"
time_zone = "America/New_York"
over = [ { name = "a", payer = "x" }, { name = "b", payer = "y" } ]
[[schedule]]
name = "watch"
notebook = "n"
on_change = ["prices"]
"""


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    made = Press()
    monkeypatch.setattr(report, "make_report", made)
    return made


@pytest.fixture
def place(tmp_path: Path, press: Press) -> list[str]:
    return ["--file", str(schedules_in(tmp_path, TEXT)), "--reports", str(tmp_path / "reports")]


def call(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_schedules_are_listed_in_words(place: list[str]) -> None:
    shown = call("schedule", "list", *place[:2])
    assert shown.exit_code == 0, shown.output
    assert "At 06:00 on the second day of every month" in " ".join(shown.output.split())
    assert "on new prices" in shown.output
    following = call("schedule", "next", "--count", "2", *place[:2])
    assert following.output.count("America/New_York") == 2
    assert "when its inputs change" in following.output


def test_a_run_by_hand_its_ledger_and_the_ledger_changed(place: list[str], press: Press, tmp_path: Path) -> None:
    done = call("schedule", "run", "monthly", "--item", "b", *place)
    assert done.exit_code == 0, done.output
    assert "monthly b internal: done" in done.output

    def refuse(request: Request) -> None:
        raise InputError("there is no file claims.csv")

    press.before = refuse
    failed = call("schedule", "run", "monthly", *place)
    assert failed.exit_code == 1
    assert failed.output.count("FAILED") == 2
    listed = call("runs", "--failed", *place[2:])
    assert listed.exit_code == 0, listed.output
    assert "2 runs; 3 entries in the ledger" in listed.output
    assert "there is no file claims.csv" in listed.output

    ledger = tmp_path / "reports" / LEDGER_FILE
    ledger.write_text(ledger.read_text().replace("A finding", "A funding"))
    broken = call("runs", *place[2:])
    assert broken.exit_code == 1
    assert "The ledger was changed" in broken.output


def test_an_unknown_schedule_is_refused_with_the_nearest(place: list[str]) -> None:
    result = call("schedule", "run", "monthy", *place)
    assert "Did you mean 'monthly'?" in str(result.exception)
    assert "Copy data/samples/schedules.toml" in str(call("schedule", "list", "--file", "nowhere.toml").exception)


def test_what_is_due_runs_once_and_says_so(place: list[str]) -> None:
    first = call("schedule", "run-due", *place)
    assert "watch internal: done" in first.output  # a schedule without hours runs at first sight
    assert "Nothing is due" in call("schedule", "run-due", *place).output
    assert call("schedule", "run-due", "--quiet", *place).output == ""


def test_timers_are_written_to_a_folder(place: list[str], tmp_path: Path) -> None:
    written = call("schedule", "export", "--cron", "--systemd", "--windows", "--out", str(tmp_path / "t"), *place)
    assert written.exit_code == 0, written.output
    names = sorted(p.name for p in (tmp_path / "t").iterdir())
    assert names == ["hitmodel.cron", "hitmodel.service", "hitmodel.timer", "hitmodel.xml"]
    assert (tmp_path / "t/hitmodel.xml").read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert "no timer is named" in str(call("schedule", "export", *place).exception)


def test_runs_of_different_reports_or_editions_are_not_compared(tmp_path: Path) -> None:
    for name, edition in (("one", "internal"), ("two", "internal"), ("three", "external")):
        (tmp_path / name).mkdir()
        facts = {"report": name, "edition": edition, "inputs": []}
        (tmp_path / name / "run.json").write_bytes(write_record(facts, {}))
    with pytest.raises(InputError, match=r"is a run of one and .* one of two"):
        diff_runs(tmp_path / "one", tmp_path / "two")
    with pytest.raises(InputError, match="external report, which holds no notebook"):
        diff_runs(tmp_path / "one", tmp_path / "three")


def test_the_page_of_runs_escapes_what_others_wrote(place: list[str], press: Press, tmp_path: Path) -> None:
    def refuse(request: Request) -> None:
        raise InputError("<script>alert(1)</script> & more")

    press.before = refuse
    call("schedule", "run", "monthly", *place)
    page = (tmp_path / "reports/index.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "http" not in page.replace("http-equiv", "")  # opens offline: nothing is fetched
    assert json.loads((tmp_path / "reports" / LEDGER_FILE).read_text().splitlines()[0])["status"] == "failed"
