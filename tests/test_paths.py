"""Where data and notebooks are found, and how a path is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.errors import MissingReference


def test_data_and_notebooks_are_those_of_the_checkout(project: Path) -> None:
    assert paths.root() == project
    assert paths.data("codes").is_dir()
    assert paths.data("contracts", "meridian", "2025.toml").is_file()
    assert paths.notebooks() == project / "notebooks"


def test_reports_go_to_the_checkout(project: Path) -> None:
    assert paths.is_checkout()
    assert paths.reports() == project / "reports"


def installed(home: Path, monkeypatch: pytest.MonkeyPatch, *folders: str) -> Path:
    """Put the package where an installer would, with some of what belongs to it packed inside."""
    package = home / "site-packages" / "hitmodel"
    package.mkdir(parents=True)
    for folder in folders:
        (package / "_bundled" / folder).mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", package)
    monkeypatch.chdir(home)
    return package


def test_an_installed_package_finds_what_was_packed_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = installed(tmp_path, monkeypatch, "data/codes", "notebooks")
    assert paths.root() == package / "_bundled"
    assert not paths.is_checkout()
    assert paths.reports() == tmp_path / "reports"


def test_an_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, "data/codes")
    with pytest.raises(MissingReference, match="Install hitmodel again"):
        paths.root()


def test_a_path_is_meant_from_the_working_folder_first(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.located("data/contracts") == project / "data" / "contracts"
    (tmp_path / "data" / "contracts").mkdir(parents=True)
    assert paths.located("data/contracts").resolve() == tmp_path / "data" / "contracts"
    assert paths.located(tmp_path / "not there") == tmp_path / "not there"


def test_a_path_is_shown_as_a_user_would_write_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.shown(tmp_path / "march.csv") == "march.csv"
    assert paths.shown(project / "data" / "contracts") == "data/contracts"
    assert paths.shown(Path("/somewhere/else.csv")) == "/somewhere/else.csv"
