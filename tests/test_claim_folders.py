"""Every command that takes claims takes a folder of files too, and says the same as of one file with the same lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Ran
from command_line import run as run_command
from test_curves import CLAIMS, CONTRACT

from hitmodel.codes import code_table
from hitmodel.errors import InputError
from hitmodel.kept_claims import file_of_line, prepare_folder

pytestmark = pytest.mark.slow

Run = Callable[..., Ran]
OFFER = CONTRACT.replace("rate = 100.00", "rate = 96.00")
WRONG = """C5,L5,P5,Ours,2025-02-30,2025-03-09,S9500,,7,1050.00,12
C6,L6,P6,Ours,2025-03-32,2025-03-09,S9500,,7,1050.00,12
C7,L7,P7,Ours,2025-03-03,2025-03-09,S9500,,seven,1050.00,12
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text(CONTRACT)
    (tmp_path / "offer.toml").write_text(OFFER)
    (tmp_path / "claims.csv").write_text(CLAIMS + WRONG)
    lines = pd.read_csv(tmp_path / "claims.csv", dtype=str, keep_default_na=False)
    (tmp_path / "book").mkdir()
    for number, part in enumerate((lines[:3], lines[3:])):
        pq.write_table(pa.Table.from_pandas(part, preserve_index=False), tmp_path / "book" / f"part-{number}.parquet")
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def asked(command: str, claims: str, *options: str) -> Ran:
        named = [str(home / option) if option.endswith(".toml") else option for option in options]
        return run_command(monkeypatch, capsys, command, str(home / claims), *named)

    return asked


QUESTIONS = (
    ("breakeven", "--contract", "small.toml", "--proposal", "offer.toml", "--by", "antibiotic"),
    ("sensitivity", "--contract", "small.toml", "--by", "20%"),
    ("risk", "--contract", "small.toml", "--draws", "200"),
    ("explain", "--contract", "small.toml", "--line", "L4"),
    ("compare", "--baseline", "small.toml", "--proposal", "offer.toml"),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[0])
def test_a_folder_answers_as_its_lines_in_one_file(run: Run, question: tuple[str, ...]) -> None:
    command, *options = question
    whole, parts = (run(command, claims, *options) for claims in ("claims.csv", "book"))
    assert parts.out == whole.out != ""
    assert parts.code == whole.code


@pytest.mark.parametrize("command", ["price", "compare"])
def test_what_is_wrong_with_the_files_is_counted_by_kind(run: Run, command: str) -> None:
    options = {"price": QUESTIONS[1][1:3], "compare": QUESTIONS[4][1:]}[command]
    ran = run(command, "book", *options)
    assert ran.code == 1
    dates, units = ran.err.splitlines()[:2]
    assert dates.startswith(("part-1.parquet", str(Path("book") / "part-1.parquet"))) or "part-1.parquet" in dates
    assert "2025-02-30" in dates
    assert "(and 1 more like it)" in dates
    assert "seven" in units
    assert "more like it" not in units


def test_findings_are_kept_with_what_was_made_ready(home: Path) -> None:
    for _ in range(2):  # the second time from disk
        claims = prepare_folder(home / "book", code_table()).claims
        assert [(one.count, one.first.field, one.first.value) for one in claims.counted] == [
            (2, "service_from", "2025-02-30"),
            (1, "units", "seven"),
        ]


def test_the_file_of_a_line(home: Path) -> None:
    assert file_of_line(home / "book", "L2").name == "part-0.parquet"
    assert file_of_line(home / "book", "L4").name == "part-1.parquet"
    with pytest.raises(InputError, match="there is no line 'L9'"):
        file_of_line(home / "book", "L9")
