"""``hitmodel report`` and ``hitmodel demo`` from the outside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hitmodel.cli import app
from hitmodel.commands.report import report
from hitmodel.errors import InputError
from hitmodel.report import Report, Request


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Request]:
    """What the commands ask for, without anything being run."""
    found: list[Request] = []

    def make(request: Request, **kwargs: Any) -> Report:
        found.append(request)
        pdf = tmp_path / "x.pdf" if "pdf" in request.formats else None
        return Report(tmp_path, tmp_path / "x.html", pdf, "Proposal A pays less.")

    monkeypatch.setattr("hitmodel.report.make_report", make)
    monkeypatch.setattr("hitmodel.run_books.record_all", lambda place, runs, times: [])
    return found


def test_options_become_a_request_and_the_answer_says_where(asked: list[Request], tmp_path: Path) -> None:
    command = ["report", "50_contract_comparison", "-p", "contract=cascade", "-p", "as_of=", "--edition", "external"]
    result = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "here"), "--no-pdf"])
    assert result.exit_code == 0, result.output
    given = ("contract=cascade", "as_of=")
    assert asked == [
        Request("50_contract_comparison", given, "external", tmp_path / "here", ("html", "xlsx", "csv", "svg", "png"))
    ]
    assert result.output.splitlines()[0] == "Proposal A pays less."
    assert "x.html" in result.output
    assert "PDF" not in result.output


def test_the_demo_compares_the_sample_contract(asked: list[Request]) -> None:
    result = CliRunner().invoke(app, ["demo"])
    assert asked == [Request("50_contract_comparison")]
    assert [line.split()[0] for line in result.output.splitlines()[1:]] == ["PDF", "HTML", "all"]


def test_an_unknown_edition_is_refused(asked: list[Request]) -> None:
    result = CliRunner().invoke(app, ["report", "50_contract_comparison", "--edition", "public"])
    assert isinstance(result.exception, InputError)
    assert asked == []


def test_parameters_are_listed_without_a_run(asked: list[Request]) -> None:
    result = CliRunner().invoke(app, ["report", "50_contract_comparison", "--parameters"])
    assert "edition: str = 'internal'" in result.output
    assert asked == []


def test_the_example_in_the_help_sets_parameters_that_the_notebook_has() -> None:
    shown = CliRunner().invoke(app, ["report", "50_contract_comparison", "--parameters"]).output
    named = re.findall(r"-p (\w+)=", report.__doc__ or "")
    assert named == ["baseline", "proposals"]
    assert all(name in shown for name in named)
