"""The ledger: any change is named, and a line that a power cut left half-written does no harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hitmodel.errors import InputError
from hitmodel.ledger import LEDGER_FILE, START, add_to_ledger, read_ledger


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for number in range(3):
        add_to_ledger(tmp_path, [{"event": "run", "run": f"r{number}", "headline": "$95.00 – ün"}])
    return tmp_path


def test_each_entry_holds_the_hash_of_the_one_before(home: Path) -> None:
    entries = read_ledger(home).entries
    assert [entry["number"] for entry in entries] == [1, 2, 3]
    assert [entry["previous"] for entry in entries] == [START, entries[0]["hash"], entries[1]["hash"]]
    assert read_ledger(home).broken == ""


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_line_is_named_and_nothing_is_added_after_it(home: Path, line: int) -> None:
    file = home / LEDGER_FILE
    lines = file.read_text().splitlines()
    lines[line] = lines[line].replace("95.00", "95.01")
    file.write_text("\n".join(lines) + "\n")
    assert read_ledger(home).broken == f"{file}, line {line + 1}"
    with pytest.raises(InputError, match=f"line {line + 1}: the ledger was changed"):
        add_to_ledger(home, [{"event": "run", "run": "r4"}])


def test_a_line_taken_out_or_made_up_whole_breaks_the_chain(home: Path) -> None:
    file = home / LEDGER_FILE
    first, _second, third = file.read_text().splitlines()
    file.write_text(f"{first}\n{third}\n")
    assert read_ledger(home).broken.endswith("line 2")
    file.write_text(f"{first}\n{json.dumps({'event': 'run'})}\n{third}\n")
    assert read_ledger(home).broken.endswith("line 2")


@pytest.mark.parametrize("torn", ['{"number": 4, "eve', "\x00" * 40])
def test_a_half_written_line_is_cut_off_before_the_next(home: Path, torn: str) -> None:
    with (home / LEDGER_FILE).open("a") as file:
        file.write(torn)
    assert len(read_ledger(home).entries) == 3
    add_to_ledger(home, [{"event": "run", "run": "r4"}])
    held = read_ledger(home)
    assert ([entry["run"] for entry in held.entries], held.broken) == (["r0", "r1", "r2", "r4"], "")
