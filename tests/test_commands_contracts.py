"""``hitmodel check``: contracts and claims files, verdicts, exit codes, what prices each code, the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import PER_DIEM, claims, header, write
from command_line import Ran, run

from hitmodel.mechanisms.registry import MECHANISMS

Command = Callable[..., Ran]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run commands in a folder with a sound contract, a broken one, and one whose terms clash."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "sound", header("2025-01-01", "2025-12-31") + PER_DIEM)
    write(tmp_path / "broken", header() + PER_DIEM.replace("95.00", "0").replace("codes", "code"))
    write(tmp_path / "clash", header() + PER_DIEM + PER_DIEM.replace('"antibiotic_per_diem"', '"b"'))
    return lambda *arguments: run(monkeypatch, capsys, *arguments)


def test_a_sound_contract(command: Command) -> None:
    ran = command("check", "sound")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "sound: sound, 2025-01-01 to 2025-12-31, 1 term: no findings\n"


def test_every_mistake_of_a_broken_contract(command: Command) -> None:
    ran = command("check", "broken")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "broken/2025.toml, term 'antibiotic_per_diem': 'code' is not known here. Did you mean 'codes'?",
        "broken/2025.toml, term 'antibiotic_per_diem': rate = 0 is not above 0. Expected dollars for each unit of the "
        "basis, above zero.",
    ]
    assert ran.out == "broken: 2 mistakes; it cannot be loaded\n"


def test_what_the_code_tables_say_against_a_contract(command: Command) -> None:
    ran = command("check", "clash", "--coverage")
    assert ran.code == 1
    assert ran.err.startswith("mistake: clash/2025.toml, terms: 'antibiotic_per_diem' and 'b' fit S9500, S9501, S9502")
    assert "What prices each code cannot be said while terms fit it equally well." in ran.out


def test_a_note_alone_is_no_failure(command: Command, tmp_path: Path) -> None:
    write(
        tmp_path / "noted",
        header() + PER_DIEM + '[[rate_change]]\nid = "up"\nfactor = 1.04\nterms = []\n'
        '[[escalator]]\nid = "e"\npercent = 0.03\nfirst = 2025-07-01\napplies_to = { codes = ["S9379"] }\n',
    )
    ran = command("check", "noted")
    assert ran.code == 0
    assert ran.err.startswith("note: noted/2025.toml, escalator 'e': no term that prices a line is touched by it")


def test_what_prices_each_code(command: Command) -> None:
    ran = command("check", "sound", "--coverage")
    assert ran.code == 0
    rows = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert any(r.startswith("S9500 ") and r.endswith("2025-01-01 to 2025-12-31 antibiotic_per_diem") for r in rows)
    assert any(r.startswith("S9379 ") and r.endswith("SILENT: no term speaks of S9379") for r in rows)


def test_several_at_once_are_all_checked(command: Command) -> None:
    ran = command("check", "sound", "broken", "clash")
    assert ran.code == 1
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["sound", "broken", "clash"]


def test_without_a_name_all_contracts_that_ship_are_checked(command: Command) -> None:
    ran = command("check")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split(":")[0] for line in ran.out.splitlines()][:3] == ["cascade", "lakeshore", "meridian"]


def test_a_claims_file_is_checked_too(command: Command, tmp_path: Path) -> None:
    claims(tmp_path, "S9500 2025-02-30 2025-03-09 7 1050.00")
    ran = command("check", "claims.csv")
    assert ran.code == 1
    assert "claims.csv row 2, service_from '2025-02-30': not a date" in ran.err
    assert ran.out.startswith("claims.csv: 1 line, ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "meridan"), "there is no contract 'meridan'."),
        (("check", "no.csv"), "no.csv: the file cannot be read (No such file or directory)."),
        (
            ("check", "--schema", "no/schema.json"),
            "no/schema.json: the file cannot be written: No such file or directory.",
        ),
    ],
)
def test_a_wrong_call_is_answered_with_a_sentence(command: Command, arguments: tuple[str, ...], says: str) -> None:
    ran = command(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"hitmodel: {says}")


def test_mechanisms_are_listed_with_their_fields(command: Command) -> None:
    ran = command("check", "--mechanisms")
    assert ran.code == 0
    first_words = {line.split()[0] for line in ran.out.splitlines() if line.split()}
    assert set(MECHANISMS) <= first_words


def test_the_schema_is_written_for_editors(command: Command, tmp_path: Path) -> None:
    assert command("check", "--schema", "schema.json").code == 0
    assert json.loads((tmp_path / "schema.json").read_text())["title"] == "hitmodel contract"
