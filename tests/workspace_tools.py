"""A workspace of its own for tests of imports, and commands run within it."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitmodel import cli


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code and what it printed to both outputs."""
    out, err = io.StringIO(), io.StringIO()
    with _arguments(arguments), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
    return code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def _arguments(arguments: tuple[str | Path, ...]) -> Iterator[None]:
    before, sys.argv = sys.argv, ["hitmodel", *map(str, arguments)]
    try:
        yield
    finally:
        sys.argv = before


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default workspace of this test, empty."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("HITMODEL_WORKSPACE", str(folder))
    return folder
