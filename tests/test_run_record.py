"""The record of a run: one changed byte in any file, the record too, is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitmodel.errors import InputError
from hitmodel.run_record import RUN_FILE, altered_files, read_record, write_record

FILES = {"report.html": b"<p>$95.00</p>", "report.pdf": bytes(range(256)), "tables/rates.csv": b"what,rate\n"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name, content in {**FILES, RUN_FILE: write_record({"report": "report", "edition": "internal"}, FILES)}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_as_written_nothing_is_altered(run: Path) -> None:
    assert altered_files(run, read_record(run)) == ()


@pytest.mark.parametrize("name", FILES)
def test_every_single_byte_of_every_file_counts(run: Path, name: str) -> None:
    facts = read_record(run)
    for at in range(len(FILES[name])):
        changed = bytearray(FILES[name])
        changed[at] ^= 1
        (run / name).write_bytes(bytes(changed))
        assert altered_files(run, facts) == (name,), at


def is_seen(run: Path) -> bool:
    try:
        return RUN_FILE in altered_files(run, read_record(run))
    except InputError:
        return True


def test_every_single_byte_of_the_record_counts(run: Path) -> None:
    content = (run / RUN_FILE).read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1
        (run / RUN_FILE).write_bytes(bytes(changed))
        assert is_seen(run), at


def test_a_file_that_is_gone_or_was_added_counts(run: Path) -> None:
    (run / "report.pdf").unlink()
    (run / "tables/extra.csv").write_text("x")
    assert altered_files(run, read_record(run)) == ("report.pdf", "tables/extra.csv")
