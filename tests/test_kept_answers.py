"""Answers kept on disk: the same at once, and never from other facts than those of now."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command_line import Ran
from command_line import run as run_command
from test_curves import CLAIMS, CONTRACT

from hitmodel import paths, run_inputs
from hitmodel.kept_answers import Answer, KeptAnswers, key_of

Run = Callable[..., Ran]
AGAIN = "As answered before"
OVERLAY = """
[contract]
extends = "{base}"
title = "Offer"
effective_from = 2025-01-01
[[term]]
id = "antibiotic"
rate = 96.00
"""


def test_an_answer_comes_back_as_it_was(tmp_path: Path) -> None:
    kept, answer = KeptAnswers(tmp_path / "answers"), Answer("7,242,904.39\nÄ –\n", ("row 3: no code",), 1)
    assert kept.get("a") is None
    assert kept.put("a", answer)
    assert kept.get("a") == answer
    assert kept.get("b") is None


@pytest.mark.parametrize("spoil", [b"", b"\xff\xfe", b"{}", None])
def test_a_damaged_answer_is_none(tmp_path: Path, spoil: bytes | None) -> None:
    kept = KeptAnswers(tmp_path)
    kept.put("a", Answer("1,000.00"))
    (file,) = kept.files()
    file.write_bytes(file.read_bytes().replace(b"1,000", b"2,000") if spoil is None else spoil)
    assert kept.get("a") is None
    kept.put("a", Answer("1,000.00"))
    assert kept.get("a") == Answer("1,000.00")


def test_an_answer_under_another_name_is_none(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    kept.put("a", Answer("1"))
    kept.files()[0].rename(tmp_path / "b.answer")
    assert kept.get("b") is None


def test_what_was_not_asked_for_longest_is_dropped(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, most_bytes=1000)
    for number, name in enumerate("abc"):
        kept.put(name, Answer(100 * name))
        os.utime(tmp_path / f"{name}.answer", (number, number))
    assert kept.get("a") is not None  # asked for just now
    for name in "def":
        kept.put(name, Answer(100 * name))
    assert kept.bytes <= 1000
    assert kept.get("a") is not None
    assert kept.get("b") is None
    assert not kept.put("large", Answer("x" * 1000)), "one answer would fill the room of all"


def test_many_at_once_leave_whole_answers(tmp_path: Path) -> None:
    def both(number: int) -> bool:
        kept, name = KeptAnswers(tmp_path, most_bytes=3000), f"k{number % 7}"
        kept.put(name, Answer(name * 50))
        return kept.get(name) in (None, Answer(name * 50))

    with ThreadPoolExecutor(8) as workers:
        assert all(workers.map(both, range(200)))
    assert not [p for p in tmp_path.iterdir() if p.suffix != ".answer"], "drafts are left"


def test_a_folder_that_cannot_be_written_stops_no_answer(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert not KeptAnswers(tmp_path / "taken").put("a", Answer("1"))
    assert KeptAnswers(tmp_path / "taken").get("a") is None


def test_every_fact_is_in_the_name() -> None:
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2}) != key_of({"a": "2"})


@pytest.fixture
def home(own_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for everything that an answer hangs on: claims, contracts, tables."""
    for name in ("codes", "prices", "indexes"):
        shutil.copytree(paths.data(name), tmp_path / "data" / name)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "small.toml").write_text(CONTRACT)
    (tmp_path / "offer.toml").write_text(OVERLAY.format(base=tmp_path / "small.toml"))
    (tmp_path / "claims.csv").write_text(CLAIMS)
    monkeypatch.setattr(paths, "root", lambda: tmp_path)
    monkeypatch.setenv("HITMODEL_ANSWERS", "on")
    return tmp_path


@pytest.fixture
def ask(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def asked(*options: str) -> Ran:
        where = (str(home / "claims.csv"), "--contract", str(home / "offer.toml"))
        return run_command(monkeypatch, capsys, "breakeven", *where, "--by", "antibiotic", "--target", "1400", *options)

    return asked


def append(path: Path, text: str = "#") -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def evidence(home: Path) -> None:
    folder = home / "claims_evidence"
    folder.mkdir()
    (folder / "stays.csv").write_text("patient_id,from,through\n")


def one_byte(path: Path) -> None:
    """Change one byte, and put the file's time back, as some programs do."""
    facts, held = path.stat(), path.read_text(encoding="utf-8")
    path.write_text(held.replace("1050.00", "1050.01").replace("rate = 96.00", "rate = 96.01"), encoding="utf-8")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    run_inputs._sum.cache_clear()  # a new process begins with nothing remembered


CHANGES: dict[str, Callable[[Path], object]] = {
    "the contract": lambda home: one_byte(home / "offer.toml"),
    "what it extends": lambda home: append(home / "small.toml"),
    "the claims": lambda home: one_byte(home / "claims.csv"),
    "a price table": lambda home: append(sorted((home / "data" / "prices").rglob("*.csv"))[0], "\n"),
    "a code table": lambda home: append(sorted((home / "data" / "codes").rglob("*.csv"))[0], "\n"),
    "an index": lambda home: append(sorted((home / "data" / "indexes").rglob("*.csv"))[0], "\n"),
    "evidence beside the claims": evidence,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_file_is_another_question(home: Path, ask: Run, what: str) -> None:
    ask()
    assert AGAIN in ask().err
    CHANGES[what](home)
    run_inputs._sum.cache_clear()
    assert AGAIN not in ask().err


@pytest.mark.slow
def test_the_same_is_answered_the_same_and_says_so(ask: Run) -> None:
    first, again = ask(), ask()
    assert again.out == first.out != ""
    assert (AGAIN in first.err, AGAIN in again.err) == (False, True)
    assert AGAIN not in ask("--fresh").err
    assert AGAIN not in ask("--as-of", "2025-06-01").err
    assert AGAIN not in ask("--drug-prices", "latest").err


@pytest.mark.slow
def test_another_program_answers_anew(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    other = run_inputs.program() | {"hitmodel": "99.0"}
    monkeypatch.setattr(run_inputs, "program", lambda: other)
    assert AGAIN not in ask().err


@pytest.mark.slow
def test_answers_are_counted_dropped_and_switched_off(
    ask: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask()
    assert "1 answer in " in run_command(monkeypatch, capsys, "answers").out
    assert "1 answer dropped" in run_command(monkeypatch, capsys, "answers", "--clear").out
    assert AGAIN not in ask().err
    monkeypatch.setenv("HITMODEL_ANSWERS", "off")
    assert AGAIN not in ask().err


@pytest.mark.slow
def test_claims_that_change_meanwhile_are_not_kept(home: Path, ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from hitmodel import pricing

    work = pricing.Pricer.price

    def meanwhile(*given: object) -> object:
        one_byte(home / "claims.csv")
        return work(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(pricing.Pricer, "price", meanwhile)
        ask()
    assert KeptAnswers().files() == []


@pytest.mark.slow
def test_findings_and_the_exit_code_come_back_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    append(home / "claims.csv", "C5,L5,P5,Ours,2025-02-30,2025-03-09,S9500,,7,1050.00,12\n")
    asked = ("price", str(home / "claims.csv"), "--contract", str(home / "small.toml"))
    first, again = (run_command(monkeypatch, capsys, *asked) for _ in range(2))
    assert first.code == again.code == 1
    assert "2025-02-30" in first.err
    assert again.err.startswith(first.err)
    assert again.out == first.out
    mistake = ("price", str(home / "claims.csv"), "--contract", "nobody")
    assert {run_command(monkeypatch, capsys, *mistake).code for _ in range(2)} == {2}


def test_what_is_not_there_is_said_as_ever(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for claims in ("none.csv", "none"):
        ran = run_command(monkeypatch, capsys, "price", str(home / claims), "--contract", str(home / "small.toml"))
        assert ran.code == 2
        assert claims in ran.err
    (home / "empty").mkdir()
    ran = run_command(monkeypatch, capsys, "price", str(home / "empty"), "--contract", str(home / "small.toml"))
    assert "the folder holds no Parquet files" in ran.err
