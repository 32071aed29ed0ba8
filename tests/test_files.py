"""Files appear whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hitmodel.errors import InputError
from hitmodel.files import folder_written_whole, written_whole


def test_a_file_appears_when_the_writing_ends_well(tmp_path: Path) -> None:
    target = tmp_path / "priced.csv"
    with written_whole(target) as draft:
        draft.write_text("a,b\n")
        assert not target.exists()
        assert draft.suffix == ".csv"
        assert draft.parent == tmp_path  # one file system, so that the last step is one rename
    assert target.read_text() == "a,b\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [target]


def test_a_writer_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "priced.csv"
    target.write_text("old")

    def fail() -> None:
        with written_whole(target) as draft:
            draft.write_text("half a fi")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "priced.csv"
    with pytest.raises(InputError) as raised, written_whole(target):
        pass
    assert str(raised.value) == (
        f"{target}: the file cannot be written: No such file or directory. "
        "Expected a file name in a folder that is there and may be written to."
    )


def test_a_folder_in_the_files_place_is_a_sentence(tmp_path: Path) -> None:
    target = tmp_path / "priced.csv"
    target.mkdir()
    with pytest.raises(InputError, match="the file cannot be written"), written_whole(target) as draft:
        draft.write_text("x")
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_appears_whole_and_replaces_only_its_own_kind(tmp_path: Path) -> None:
    target = tmp_path / "result"
    for text in ("first", "second"):
        with folder_written_whole(target, "marker") as making:
            (making / "marker").write_text(text, encoding="utf-8")
        assert (target / "marker").read_text(encoding="utf-8") == text
    assert [p.name for p in tmp_path.iterdir()] == ["result"]


def test_a_folder_that_fails_half_way_leaves_the_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with folder_written_whole(target, "marker") as making:
        (making / "marker").write_text("first", encoding="utf-8")

    def half() -> None:
        with folder_written_whole(target, "marker") as making:
            (making / "marker").write_text("half", encoding="utf-8")
            raise KeyError("half way")

    with pytest.raises(KeyError):
        half()
    assert (target / "marker").read_text(encoding="utf-8") == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["result"]


def test_a_folder_or_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for target in (tmp_path, tmp_path / "file"):
        with (
            pytest.raises(InputError, match="was not written by this command"),
            folder_written_whole(target, "marker"),
        ):
            pass
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
