"""``hitmodel days`` as a user meets it."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from hitmodel.commands import days
from hitmodel.errors import InputError

APP = typer.Typer()
days.register(APP)


def run(*arguments: str) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(APP, ["--start", "2026-08-25", "--stop", "2026-09-20", "--every", "12h", *arguments])
    return result.exit_code, result.stdout, result.exception


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_unpaid_days_have_their_reason_and_lines_end_with_their_month() -> None:
    # 25 August to 20 September is 27 days; less 9 and 10 September in hospital and 8 by convention, 24; less the
    # three on hold where they do not count, 21.
    code, text, _ = run(
        "--hold", "2026-09-01..2026-09-03", "--stay", "2026-09-08..2026-09-11", "--edges", "discharge", "--no-hold-days"
    )
    assert code == 0
    assert "21 days, reading 'access'" in text
    assert ["2026-09-01", "2026-09-03", "3", "0", "on", "hold"] in rows(text)
    assert ["2026-09-08", "2026-09-08", "1", "0", "admission", "day"] in rows(text)
    assert ["2026-09-09", "2026-09-10", "2", "0", "inpatient"] in rows(text)
    # As lines: 25–31 August 7, 4–7 September 4, 11–20 September 10.
    for line in (
        ["2026-08-25", "2026-08-31", "7"],
        ["2026-09-04", "2026-09-07", "4"],
        ["2026-09-11", "2026-09-20", "10"],
    ):
        assert line in rows(text)
    assert "Assumed: full days in hospital are not billed (industry habit" in text
    assert "admission and discharge days are both billed" not in text


def test_full_days_in_hospital_can_be_payable() -> None:
    assert "27 days" in run("--stay", "2026-09-08..2026-09-11", "--inpatient-days")[1]


def test_without_a_limit_weekly_doses_count() -> None:
    # 25 August and 1, 8, 15 September.
    _, text, _ = run("--every", "1w", "--limit", "none", "--count", "infusion")
    assert "4 days, reading 'infusion'" in text


def test_beyond_the_limit_there_is_no_number() -> None:
    code, text, _ = run("--every", "1w")
    assert code == 1
    assert "needs its own rate" in text
    assert "0 days" not in text


def test_spans_are_refused_in_the_words_of_their_option() -> None:
    said = {
        "2026-09-03": "--hold: '2026-09-03' is not a span of days. Expected FIRST..LAST.",
        "2026-09-03..2026-09-01": "--hold: 2026-09-03..2026-09-01 ends before it starts.",
        "2026-09-03..x": "--hold: 'x' is not a date. Expected a calendar date as YYYY-MM-DD.",
    }
    for text, message in said.items():
        error = run("--hold", text)[2]
        assert isinstance(error, InputError)
        assert str(error) == message
