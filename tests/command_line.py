"""Running commands in the tests' own process, as `hitmodel.cli.main` does for a user."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from hitmodel import cli


@dataclass(frozen=True)
class Ran:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run a command to its end. No traceback may ever be shown, and no fault of hitmodel's own be met."""
    monkeypatch.setattr(sys, "argv", ["hitmodel", *arguments])
    monkeypatch.delenv("HITMODEL_DEBUG", raising=False)
    capsys.readouterr()
    code = 0
    try:
        cli.main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err + printed.out
    assert code != cli.FAULT, printed.err
    return Ran(code, printed.out, printed.err)
