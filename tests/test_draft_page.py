"""The page from a payer's draft to an answer, walked as it stands: every command, every cell that it says to type."""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from hitmodel.cli import app
from hitmodel.contracts import load_contract

PAGE = Path(__file__).resolve().parent.parent / "docs" / "draft.md"
FOUND = 1
"""Exit code of a command that has something to say."""


def steps() -> list[str]:
    """Return the commands and table rows of the page in their order."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.startswith("    hitmodel ") or re.match(r"\| [a-z]", line)]


def run(command: str) -> str:
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    ended = done.exception is None or isinstance(done.exception, SystemExit)
    assert ended, f"{command}: {done.exception!r}"
    assert done.exit_code in (0, FOUND), f"{command}\n{done.output}"
    return done.output


def typed(book: Path, row: str) -> None:
    """Type one row of the page's table into the workbook."""
    _, _, sheet_name, where, column, value, _ = (cell.strip() for cell in row.split("|"))
    opened = load_workbook(book)
    sheet = opened[sheet_name]
    heads = next(
        cells for cells in sheet.iter_rows() if "value" in (c.value for c in cells) or cells[0].value == "term"
    )
    at = next(cell.column for cell in heads if cell.value == column)
    names = where.split(", ")
    row_number = next(
        cells[0].row
        for cells in sheet.iter_rows(min_row=heads[0].row + 1)
        if [cell.value for cell in cells[: len(names)]] == names
    )
    sheet.cell(row_number, at).value = value.strip("`")
    opened.save(book)


@pytest.mark.slow
def test_the_page_leads_from_a_draft_to_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path / "data" / "local"))
    told: dict[str, str] = {}
    for step in steps():
        if step.startswith("| "):
            if not step.startswith("| the draft says"):
                typed(tmp_path / "data" / "local" / "workbooks" / "draft_2027.xlsx", step)
            continue
        if "--edited" in step:
            _ask(tmp_path / "rates.xlsx", "S9500", 98)
        told[" ".join(step.split()[1:3])] = run(step)
    assert "which only you can make clauses of" in told["import fee-schedule"]
    assert "Claims must be submitted within 90 days" in told["import fee-schedule"]
    assert "draft_2027_edited" in told["contract from-xlsx"]
    assert "the multiple is of Medicare's limit" in told["review draft_2027_edited"]
    assert "later ones 50 % instead of the first" in told["diff meridian"]
    draft, counter = (load_contract(name).latest for name in ("draft_2027_edited", "counter_2027"))
    assert draft.contract.title == "Meridian draft 2027"
    assert draft.agreement.timely_filing_days == 90
    assert draft.concurrency.shares == (1, Decimal("0.5"))
    assert [t.id for t in counter.term if t.id not in {d.id for d in draft.term}] == ["rates_per_day_s9500"]
    written = {file.name for file in tmp_path.iterdir() if file.is_file()}
    assert written >= {"review.pdf", "brief.pdf", "diff.html", "rates.xlsx", "counter.pdf", "counter.docx"}


def _ask(book: Path, code: str, rate: int) -> None:
    opened = load_workbook(book)
    sheet = opened["Rates"]
    row = next(cells for cells in sheet.iter_rows(min_row=7) if cells[0].value == code)
    row[5].value = rate
    opened.save(book)
