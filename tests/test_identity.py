"""Ids become keyed hashes; the key is its owner's alone; the way back leads to claim numbers only."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from hitmodel.errors import InputError
from hitmodel.identity import CLAIM, PATIENT, Identity, bind, key_folder
from hitmodel.workspace import Workspace


def test_a_hash_is_keyed_and_steady(tmp_path: Path) -> None:
    one, other = Identity.load(tmp_path / "a"), Identity.load(tmp_path / "b")
    assert one.hashed(CLAIM, "100234") == Identity.load(tmp_path / "a").hashed(CLAIM, "100234")
    assert one.hashed(CLAIM, "100234") != other.hashed(CLAIM, "100234"), "another key, another hash"
    assert one.hashed(CLAIM, "100234") != one.hashed(PATIENT, "100234")[:1] + one.hashed(CLAIM, "100234")[1:]
    plain = hashlib.blake2b(b"c:100234", digest_size=8).hexdigest()
    assert one.hashed(CLAIM, "100234") != f"c{plain}", "without the key nobody can try claim numbers one by one"


def test_capitals_and_blanks_make_no_other_patient(tmp_path: Path) -> None:
    identity = Identity.load(tmp_path)
    assert identity.hashed(PATIENT, " mrn  12 ") == identity.hashed(PATIENT, "MRN 12")
    assert identity.hashed(PATIENT, "  ") == ""


@pytest.mark.skipif(os.name != "posix", reason="owners and rights of files are POSIX's")
def test_only_the_owner_can_read_the_key_and_the_crosswalk(tmp_path: Path) -> None:
    identity = Identity.load(tmp_path / "own")
    with identity.crosswalk("s" * 64) as remember:
        remember(["c1"], ["100234"])
    for path in (tmp_path / "own").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    (tmp_path / "own" / "key").chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        Identity.load(tmp_path / "own")


def test_the_crosswalk_leads_back_to_claim_numbers(tmp_path: Path) -> None:
    identity = Identity.load(tmp_path)
    with identity.crosswalk("a" * 64) as remember:
        remember([identity.hashed(CLAIM, "100234"), identity.hashed(CLAIM, "100235")], ["100234", "100235"])
    with identity.crosswalk("b" * 64) as remember:
        remember([identity.hashed(CLAIM, "7")], ["7"])
    wanted = [identity.hashed(CLAIM, "100235"), identity.hashed(CLAIM, "7"), "c0000"]
    assert identity.claim_numbers(wanted) == {wanted[0]: "100235", wanted[1]: "7"}


def test_a_crosswalk_of_an_import_that_failed_is_not_kept(tmp_path: Path) -> None:
    identity = Identity.load(tmp_path)

    def fail() -> None:
        with identity.crosswalk("a" * 64) as remember:
            remember(["c1"], ["100234"])
            raise InputError("the file is damaged")

    with pytest.raises(InputError):
        fail()
    assert not list((tmp_path / "crosswalk").iterdir())


def test_a_workspace_belongs_to_one_key(tmp_path: Path) -> None:
    one, other = Identity.load(tmp_path / "a"), Identity.load(tmp_path / "b")
    place = tmp_path / "workspace"
    for _ in range(2):
        with Workspace.open(place).changing() as change:
            bind(change, one)

    def bind_other() -> None:
        with Workspace.open(place).changing() as change:
            bind(change, other)

    with pytest.raises(InputError, match="made with another key"):
        bind_other()


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not a key")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        Identity.load(tmp_path)
    (tmp_path / "key").write_text("ab" * 8)
    with pytest.raises(InputError, match="damaged"):
        Identity.load(tmp_path)


def test_the_key_lies_outside_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HITMODEL_KEY_FOLDER", raising=False)
    assert key_folder() == Path.home() / ".hitmodel"
    monkeypatch.setenv("HITMODEL_KEY_FOLDER", str(tmp_path))
    assert key_folder() == tmp_path
    assert Identity.load().key.hex() not in repr(Identity.load()), "a key is never printed"
