"""The command line: what it prints, its exit codes, and that no traceback reaches a user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hitmodel import cli, paths
from hitmodel.errors import InputError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a process of its own."""
    command = [sys.executable, "-m", "hitmodel.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment or None)


def test_codes_are_found_as_they_were_on_a_day() -> None:
    before, after = run("codes", "vancomycin", "--on", "2025-06-30"), run("codes", "vancomycin", "--on", "2025-07-01")
    assert (before.exit_code, after.exit_code) == (0, 0)
    assert "J3370" in before.stdout
    assert "J3373 follows on 2025-07-01" in " ".join(before.stdout.split())
    assert "J3373" in after.stdout
    assert "J3370" not in after.stdout


def test_one_code_is_described() -> None:
    result = run("codes", "s9500", "--on", "2025-03-03")
    assert result.exit_code == 0
    assert "once every 24 hours" in result.stdout
    assert "drugs and nursing visits coded separately" in result.stdout


def test_a_cpt_code_has_our_label_only() -> None:
    result = run("codes", "99601")
    assert result.exit_code == 0
    assert "Infusion nursing visit" in result.stdout
    assert "descriptor" not in result.stdout


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("S9599", "nearest S9590"),
        ("J3370", "ended on 2025-06-30; J3373 follows it"),
        ("xyzzy", "Nothing on 2026-01-01 has 'xyzzy'"),
    ],
)
def test_a_code_that_is_not_there_says_what_is(query: str, says: str) -> None:
    result = run("codes", query, "--on", "2026-01-01")
    assert result.exit_code == 1
    assert says in result.stdout


def test_days_are_counted_under_each_reading() -> None:
    # 1 to 14 June every 48 hours: 14 days of access; doses on the odd days 1, 3 … 13 are 7.
    result = run("days", "--start", "2026-06-01", "--stop", "2026-06-14", "--every", "48h")
    assert result.exit_code == 0
    assert "14 days, reading 'access'" in result.stdout
    readings = [line.split()[:2] for line in result.stdout.splitlines()]
    assert ["access", "14"] in readings
    assert ["infusion", "7"] in readings


def test_a_hospital_stay_takes_its_inner_days() -> None:
    # 1 to 20 August, in hospital from the 8th, home on the 11th: the 9th and 10th are lost, 18 days remain; with
    # neither edge payable the 8th and 11th go too, 16.
    stay = ("--start", "2026-08-01", "--stop", "2026-08-20", "--every", "24h", "--stay", "2026-08-08..2026-08-11")
    assert "18 days" in run("days", *stay).stdout
    assert "16 days" in run("days", *stay, "--edges", "neither").stdout


def test_days_without_a_count_are_not_zero() -> None:
    result = run("days", "--start", "2026-07-01", "--stop", "2026-07-08", "--every", "1w")
    assert result.exit_code == 1
    assert "needs its own rate" in result.stdout
    assert " 0 " not in result.stdout


def test_a_user_error_is_a_sentence_on_standard_error() -> None:
    result = shell("days", "--start", "2026-06-01", "--stop", "June", "--every", "48h")
    assert (result.returncode, result.stdout) == (cli.USAGE, "")
    assert result.stderr == "hitmodel: --stop: 'June' is not a date. Expected a calendar date as YYYY-MM-DD.\n"


@pytest.mark.parametrize("arguments", [("days",), ("nonsense",), ("codes", "--at", "2025-01-01")])
def test_a_wrong_call_exits_with_2(arguments: tuple[str, ...]) -> None:
    result = shell(*arguments)
    assert result.returncode == cli.USAGE
    assert "Traceback" not in result.stderr
    assert "--help" in result.stderr


def fail_with(error: BaseException) -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (InputError("the rate is negative", where="x.toml"), cli.USAGE, "hitmodel: x.toml: the rate is negative."),
        (KeyError("S9500"), cli.FAULT, "This is a fault in hitmodel, not in your files"),
        (RecursionError("deep"), cli.FAULT, "HITMODEL_DEBUG=1"),
    ],
)
def test_no_traceback_reaches_a_user(
    error: BaseException, code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", fail_with(error))
    monkeypatch.setattr(sys, "argv", ["hitmodel"])
    monkeypatch.delenv("HITMODEL_DEBUG", raising=False)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == code
    shown = capsys.readouterr().err
    assert says in shown
    assert shown.count("\n") == 1


def test_the_traceback_is_there_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", fail_with(KeyError("S9500")))
    monkeypatch.setattr(sys, "argv", ["hitmodel"])
    monkeypatch.setenv("HITMODEL_DEBUG", "1")
    with pytest.raises(SystemExit):
        cli.main()
    assert "Traceback" in capsys.readouterr().err


def test_every_command_has_help_and_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from hitmodel import cli; from typer.testing import CliRunner; run = CliRunner().invoke;"
        "names = [c.name or c.callback.__name__ for c in cli.app.registered_commands];"
        "assert names; assert all(run(cli.app, [name, '--help']).exit_code == 0 for name in names);"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'pyarrow', 'papermill'} & set(sys.modules); assert not heavy, heavy"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_a_pipe_that_closes_ends_a_command_quietly(own_workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `hitmodel price … | head -2` closes it, while the answer is being kept."""
    monkeypatch.setenv("HITMODEL_ANSWERS", "on")
    asked = ("price", str(paths.data("samples", "claims_2025.csv")), "--contract", "meridian", "--fresh")
    command = [sys.executable, "-m", "hitmodel.cli", *asked, "--workspace", str(own_workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        assert begun.stderr is not None
        begun.stdout.close()
        told = begun.stderr.read()
    assert begun.returncode in (0, 1)
    assert "went wrong" not in told
    assert "Traceback" not in told


@pytest.mark.slow
def test_claims_are_priced_from_a_workspace_that_is_named(
    own_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(own_workspace))
    rows = "Claim #,Line,MRN,Payor,DOS From,HCPCS,Qty,Billed Amt\n1001,1,77,Meridian Health Plan,2025-03-03,S9500,1,200"
    (tmp_path / "march.csv").write_text(rows)
    there = ("--workspace", str(tmp_path / "there"))
    assert run("import", "claims", str(tmp_path / "march.csv"), *there).exit_code == 0
    assert run("price", "workspace", "--contract", "meridian").exit_code != 0
    found = run("price", "workspace", "--contract", "meridian", *there)
    assert "Meridian Health Plan" in found.stdout
    assert str(tmp_path / "there") in found.stdout
