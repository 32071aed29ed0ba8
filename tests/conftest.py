"""What several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
# What this machine's user has imported must not change what the tests see, nor those that run as commands.
os.environ["HITMODEL_WORKSPACE"] = str(PROJECT / "no-workspace-in-tests")
# A test asks for what is worked out now, not for what an earlier test was told.
os.environ["HITMODEL_ANSWERS"] = "off"


@pytest.fixture(scope="session")
def project() -> Path:
    """The top folder of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of published files that are not part of the checkout, named by HITMODEL_REAL_FILES."""
    named = os.environ.get("HITMODEL_REAL_FILES")
    if not named:
        pytest.skip("HITMODEL_REAL_FILES names no folder of published files (CMS releases, X12 samples)")
    folder = Path(named).resolve()
    if not folder.is_dir():
        pytest.fail(f"HITMODEL_REAL_FILES is {named!r}, which is not a folder")
    return folder


@pytest.fixture
def own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace and a key of the test's own, as the default ones; returns the workspace's folder."""
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("HITMODEL_KEY_FOLDER", str(tmp_path / "own key"))
    return tmp_path / "workspace"
