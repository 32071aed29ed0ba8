"""An HCPCS release taken in: a new dated code table, and what it changes in words, colour and contracts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from builders import PER_DIEM, header, write
from workspace_tools import run
from workspace_tools import workspace as workspace

from hitmodel import paths
from hitmodel.codes import code_table
from hitmodel.errors import InputError
from hitmodel.imported import imported
from hitmodel.intake.release_changes import changed_words
from hitmodel.intake.release_import import import_release

WIDTH = 293  # characters of a record since 2025; 320 before


def record(code: str, text: str, first: str, action: str = "", last: str = "", kind: int = 3) -> str:
    head = f"{code:>5}00100{kind}{text[:80]:<80}".ljust(268)
    return f"{head}{first:<8}{action or first:<8}{last:<8}N".ljust(WIDTH)


def release_file(folder: Path, changes: dict[str, str], name: str = "HCPC2027_JAN_ANWEB.txt") -> Path:
    """Write a release of January 2027: every code of ours as it is, but for ``changes`` (record by code, "" to leave
    it out).
    """
    lines = []
    for code in code_table().codes:
        entry = code_table().entry(code)
        assert entry is not None
        if code in changes or entry.is_cpt:
            continue
        days = [f"{day:%Y%m%d}" if day else "" for day in (entry.first_day, entry.last_day)]
        words = entry.descriptor
        chunks = [words[n : n + 80] for n in range(0, len(words), 80)]
        kind = 7 if len(code) == 2 else 3
        lines.append(record(code, chunks[0], days[0], "", days[1], kind))
        lines += [record(code, chunk, "", "", "", kind + 1) for chunk in chunks[1:]]
    lines += [line for line in changes.values() if line]
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


NEW = record("S9599", "Home infusion therapy, a new one, per diem", "20270101")
ENDED = record("S9500", "Home infusion therapy, antibiotic", "20020101", "20270101", "20270331")
REWORDED = record("S9379", "Home infusion therapy, other words, per diem", "20020101", "20270101")
DRUG = record("J9998", "Injection, a new drug, 1 mg", "20270101")


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    return release_file(tmp_path, {"S9599": NEW, "S9500": ENDED, "S9379": REWORDED, "J9998": DRUG})


def test_a_release_becomes_a_dated_code_table(workspace: Path, changed: Path) -> None:
    assert not code_table().exists_ever("S9599")
    made = import_release(changed)
    assert (made.landed.entry.name, made.in_force_from) == ("2027-01", date(2027, 1, 1))
    table = code_table()
    assert table.release == "2027-01"
    assert table.is_known("S9599", date(2027, 1, 1))
    assert not table.is_known("S9599", date(2026, 12, 31))
    assert table.is_known("S9500", date(2027, 3, 31))
    assert not table.is_known("S9500", date(2027, 4, 1))
    before, after = (table.get("S9379", day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert before is not None
    assert after is not None
    assert before.descriptor != after.descriptor == "Home infusion therapy, other words, per diem"


def test_the_change_names_what_was_added_ended_and_reworded(workspace: Path, changed: Path) -> None:
    change = import_release(changed).change
    assert [(one.code, one.classified) for one in change.added] == [("S9599", False)]
    assert [one.code for one in change.drugs] == ["J9998"]
    assert {(one.code, one.last_day) for one in change.ended} >= {("S9500", date(2027, 3, 31))}
    assert {one.code: one.after for one in change.reworded}["S9379"] == "Home infusion therapy, other words, per diem"


def test_contracts_that_name_an_ended_code_are_named(workspace: Path, changed: Path) -> None:
    """Named one by one, in a schedule, or not at all; and an agreement that ends before the code does."""
    contracts = workspace / "contracts"
    write(contracts / "named", header() + PER_DIEM)
    write(contracts / "over", header(last="2027-03-31") + PER_DIEM)
    schedule = '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n'
    term = '[[term]]\nid = "t"\nroles = ["per_diem"]\nmechanism = "schedule"\nschedule = "rates"\n'
    write(contracts / "scheduled", header() + schedule + term).with_name("rates.csv").write_text("code,rate\nS9500,1\n")
    found = {(one.contract, one.place.split(", ")[-1]) for one in import_release(changed).change.contracts}
    mine = {one for one in found if one[0] in ("named", "over", "scheduled")}
    assert mine == {("named", "term 'antibiotic_per_diem'"), ("scheduled", "schedule 'rates'")}


@pytest.mark.slow
def test_contracts_elsewhere_are_held_against_it_too(workspace: Path, changed: Path, tmp_path: Path) -> None:
    """One in the workspace that is named, one given by its path, and one that cannot be loaded."""
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "contracts" / "there", header() + PER_DIEM)
    write(tmp_path / "drafts" / "draft", header() + PER_DIEM)
    write(elsewhere / "contracts" / "broken", header() + PER_DIEM.replace("per_diem", "no_such_thing"))
    code, out, _ = run(
        "import", "hcpcs", changed, "--workspace", elsewhere, "--contract", tmp_path / "drafts" / "draft"
    )
    assert code == 1
    rows = [line.split()[:2] for line in out.splitlines()]
    assert ["S9500", "there"] in rows
    assert ["S9500", "draft"] in rows
    assert "Could not be read, so not looked at:" in out
    assert "contracts/broken;hitmodelchecksayswhy." in "".join(out.split())
    assert run("import", "hcpcs", changed, "--contract", "no_such_contract")[0] == 2


@pytest.mark.slow
def test_the_command_says_it_in_words(workspace: Path, changed: Path) -> None:
    code, out, err = run("import", "hcpcs", changed)
    assert (code, err) == (1, ""), "contracts that ship name S9500 beyond its end"
    assert "added      S9599 Home infusion therapy, a new one, per diem (from 2027-01-01)" in out
    assert "ended      S9500" in out
    assert "last day 2027-03-31" in " ".join(out.split())
    assert "now        S9379 Home infusion therapy, [other words,] per diem" in out
    assert "Not yet classified: S9599." in out
    assert run("import", "hcpcs", changed)[1].startswith(f"{changed.name}: held already as hcpcs '2027-01'")


def test_a_list_of_codes_ends_no_modifier(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "hcpcs_2027_q1_codes.txt"
    path.write_text("\n".join(code for code in code_table().codes if len(code) == 5 and code not in ("99601", "99602")))
    change = import_release(path).change
    assert not [one.code for one in change.ended if len(one.code) == 2]
    assert not change.reworded


def test_a_file_that_would_end_most_codes_is_refused(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.txt"
    path.write_bytes(NEW.encode())
    with pytest.raises(InputError, match=r"it holds 0 of the \d+ home infusion codes"):
        import_release(path)
    assert not imported("hcpcs")


def test_a_file_that_does_not_say_which_release_it_is(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("\n".join(code for code in code_table().codes if len(code) == 5 and code[0].isalpha()))
    with pytest.raises(InputError, match="--release 2026-10"):
        import_release(path)
    assert import_release(path, release="2027-04").landed.entry.name == "2027-04"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (record("S9599", "New", "2027010x"), "line 1, first day: '2027010x' is not a date"),
        (record("S9599", "New", "20270101", kind=4), "line 1, code: the text of 'S9599' is continued before it begins"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(workspace: Path, tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "broken.txt"
    path.write_bytes(line.encode())
    with pytest.raises(InputError) as refused:
        import_release(path)
    assert said in str(refused.value)


def test_changed_words_are_marked_on_both_sides() -> None:
    was, now = changed_words("a drug, per day", "a drug (brand), per day")
    assert was == [("a", False), ("drug,", True), ("per day", False)]
    assert now == [("a", False), ("drug (brand),", True), ("per day", False)]


@pytest.mark.slow
def test_every_published_release_is_taken_in(real_files: Path, workspace: Path) -> None:
    """The five releases that ship are these files: taken in again they say the same of every code of ours."""
    before = {entry.code: code_table().wordings(entry.code) for entry in code_table()}
    names = {}
    for path in sorted((real_files / "hcpcs").iterdir()):
        made = import_release(path)
        names[path.name] = made.landed.entry.name
        with (imported("hcpcs")[-1].path / imported("hcpcs")[-1].name / "codes.csv").open() as file:
            assert next(csv.reader(file)) == ["code", "first_day", "last_day"]
    assert sorted(names.values()) == sorted(p.name for p in paths.data("codes").glob("20*"))
    after = {entry.code: code_table().wordings(entry.code) for entry in code_table()}
    assert after == before


@pytest.mark.slow
def test_a_release_cut_off_at_a_line_is_refused(workspace: Path, tmp_path: Path) -> None:
    """Without T1502 and T1503, the last of ours, it is taken and they end; without T1031 too it is cut off: as sorted,
    it ends before them. Most of ours stand before the cut, so that their number alone does not tell.
    """
    last = ("T1031", "T1502", "T1503")
    made = import_release(release_file(tmp_path, dict.fromkeys(last[1:], "")), release="2027-01")
    assert [one.code for one in made.change.ended] == list(last[1:])
    with pytest.raises(
        InputError, match=r"home infusion codes in force before it and ends at .*; it lacks T1031, T1502"
    ):
        import_release(release_file(tmp_path, dict.fromkeys(last, "")), release="2027-04")
    assert [one.name for one in imported("hcpcs")] == ["2027-01"]
