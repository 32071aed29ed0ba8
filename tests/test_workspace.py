"""A workspace takes imports whole or not at all, and knows what came from which file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.errors import Finding, InputError
from hitmodel.workspace import CATALOGUE, Entry, Workspace, checksum_of, counted_findings, default_folder, name_for

FIRST, SECOND = "a" * 64, "b" * 64


def entry(name: str = "march", checksum: str = FIRST, kind: str = "claims") -> Entry:
    return Entry(kind, name, f"{name}.csv", checksum, rows_in=3, rows_kept=2, about={"quarter": "2026Q1"})


def bring_in(place: Path, made: Entry, text: str = "cells") -> Path:
    with Workspace.open(place).changing() as change:
        target = change.place(made.kind, made.name, made.checksum, ".txt")
        target.write_text(text)
        change.add(made, target)
    return target


def everything(place: Path) -> dict[str, str]:
    return {p.relative_to(place).as_posix(): p.read_text() for p in place.rglob("*") if p.is_file() and p.suffix}


def test_what_was_imported_is_found_again(tmp_path: Path) -> None:
    target = bring_in(tmp_path, entry())
    held = Workspace.open(tmp_path)
    (one,) = held.of_kind("claims")
    assert (one.name, one.rows_in, one.rows_kept, one.about) == ("march", 3, 2, {"quarter": "2026Q1"})
    assert one.imported
    assert held.files(one) == (target,)
    assert held.holding("claims", FIRST) == held.named("claims", "march") == one
    assert held.holding("claims", SECOND) is None
    assert held.named("asp", "march") is None


def test_a_corrected_file_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    earlier = bring_in(tmp_path, entry())
    later = bring_in(tmp_path, entry(checksum=SECOND), "other cells")
    (one,) = Workspace.open(tmp_path).entries
    assert (one.checksum, one.replaced) == (SECOND, (FIRST,))
    assert later.read_text() == "other cells"
    assert not earlier.exists()


def test_names_stand_once_for_each_kind(tmp_path: Path) -> None:
    for made in (entry(), entry(kind="asp"), entry("april", SECOND)):
        bring_in(tmp_path, made)
    assert [(e.kind, e.name) for e in Workspace.open(tmp_path).entries] == [
        ("claims", "march"),
        ("asp", "march"),
        ("claims", "april"),
    ]
    with Workspace.open(tmp_path).changing() as change:
        assert change.free_name("claims", "march") == "march-2"
        assert change.free_name("claims", "may") == "may"


def test_an_import_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    bring_in(tmp_path, entry())
    before = everything(tmp_path)

    def fail() -> None:
        with Workspace.open(tmp_path).changing() as change:
            change.place("claims", "april", SECOND, ".txt").write_text("half")
            change.note("key", "other")
            raise InputError("the file is damaged")

    with pytest.raises(InputError, match="damaged"):
        fail()
    assert everything(tmp_path) == before


CRASH = """
import os, sys
from pathlib import Path
from hitmodel import workspace
from tests.test_workspace import entry, SECOND
def die(path): os._exit(9)
if sys.argv[2] == "catalogue":
    workspace._flush = die
with workspace.Workspace.open(Path(sys.argv[1])).changing() as change:
    target = change.place("claims", "march", SECOND, ".txt")
    target.write_text("half")
    if sys.argv[2] == "file":
        die(target)
    change.add(entry(checksum=SECOND), target)
"""


@pytest.mark.parametrize("moment", ["file", "catalogue"])
def test_a_crash_leaves_the_workspace_as_it_was(tmp_path: Path, moment: str) -> None:
    """The process dies while writing its file, or with the new catalogue written and not yet in place."""
    first = bring_in(tmp_path, entry())
    before = Workspace.open(tmp_path)
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path), moment], cwd=paths.root(), check=False)
    assert done.returncode == 9
    after = Workspace.open(tmp_path)
    assert after == before
    assert first.read_text() == "cells"
    assert len(list((tmp_path / "imported" / "claims").iterdir())) == 2, "what the crash left lies there"
    bring_in(tmp_path, entry("april"))
    assert len(list((tmp_path / "imported" / "claims").iterdir())) == 2, "and the next import sweeps it away"


def test_files_of_the_user_are_never_swept_away(tmp_path: Path) -> None:
    own = [tmp_path / "march.csv", tmp_path / "contracts" / "mine.toml", tmp_path / "imported" / "claims" / "notes.txt"]
    for path in own:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    bring_in(tmp_path, entry())
    bring_in(tmp_path, entry(checksum=SECOND))
    assert [path.read_text() for path in own] == ["mine"] * 3


def test_a_change_of_nothing_does_not_touch_the_catalogue(tmp_path: Path) -> None:
    bring_in(tmp_path, entry())
    stamp = (tmp_path / CATALOGUE).stat().st_mtime_ns
    with Workspace.open(tmp_path).changing():
        pass
    assert (tmp_path / CATALOGUE).stat().st_mtime_ns == stamp


def test_the_state_changes_with_every_import(tmp_path: Path) -> None:
    empty = Workspace.open(tmp_path).state
    bring_in(tmp_path, entry())
    one = Workspace.open(tmp_path).state
    assert len({empty, one}) == 2
    assert Workspace.open(tmp_path).state == one


def test_a_damaged_catalogue_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / CATALOGUE).write_text("{")
    with pytest.raises(InputError, match="catalogue of the workspace cannot be read"):
        Workspace.open(tmp_path)
    (tmp_path / CATALOGUE).write_text(json.dumps({"format": 99, "entries": [], "about": {}}))
    with pytest.raises(InputError, match="another version of hitmodel"):
        Workspace.open(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written to"):
        bring_in(tmp_path / "inside", entry())


def test_findings_are_added_up_by_kind_and_field() -> None:
    many = [Finding("a.csv", row, "units", "x", "not a number", "unreadable_number") for row in range(2, 12)]
    (count, zeros) = counted_findings([*many, Finding("a.csv", 4, "ndc", "", "lost", "lost_zeros")], ["lost_zeros"])
    assert (count.kind, count.field, count.count, count.rows, count.repaired) == (
        "unreadable_number",
        "units",
        10,
        (2, 3, 4, 5, 6),
        False,
    )
    assert count.example == "a.csv row 2, units 'x': not a number"
    assert zeros.repaired


def test_names_and_checksums_of_files(tmp_path: Path) -> None:
    assert name_for(Path("Claims Q1 (final).csv")) == "Claims_Q1_final"
    assert name_for(Path("2026.03.export.csv")) == "2026_03_export"
    assert name_for(Path("???.csv")) == "unnamed"
    (tmp_path / "a.csv").write_bytes(b"abc")
    assert checksum_of(tmp_path / "a.csv").startswith("ba7816bf8f01cfea"), "the published SHA-256 of 'abc'"
    with pytest.raises(InputError, match=r"Did you mean 'a\.csv'"):
        checksum_of(tmp_path / "b.csv")


def test_the_default_is_where_git_does_not_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HITMODEL_WORKSPACE", raising=False)
    assert default_folder() == paths.data("local")
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path))
    assert default_folder() == Workspace.open().folder == tmp_path


def test_findings_that_say_different_things_have_their_own_example() -> None:
    """What differs in codes, numbers and quoted cells alone is one kind of thing; a repair that is not sure says so."""
    said = (
        (2, "'135,50'", "comma taken as the decimal point: 135.50", "mended_unsure"),
        (3, "'12,75'", "comma taken as the decimal point: 12.75", "mended_unsure"),
        (4, "'50%'", "taken as 50% of charges", "mended_unsure"),
        (5, "'$98.50'", "dollar sign left out", "mended"),
    )
    found = [Finding("f.xlsx", row, "rate", value, problem, kind) for row, value, problem, kind in said]
    counts = counted_findings(found, ("mended", "mended_unsure"))
    assert [(one.count, one.rows, one.sure) for one in counts] == [
        (2, (2, 3), False),
        (1, (4,), False),
        (1, (5,), True),
    ]
