"""Broken tables are read or refused with their file named: no other error, no hang."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_tables import SECONDS, SEEDS, outcomes


@pytest.mark.parametrize("name", SEEDS)
def test_the_unbroken_files_are_read(name: str, tmp_path: Path, own_workspace: Path) -> None:
    content, reader = SEEDS[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert reader(path)


def refused_properly(count: int, seed: int) -> None:
    for name, said, seconds in outcomes(count, seed):
        assert seconds < SECONDS, f"{name} took {seconds:.1f} s"
        assert said == "read" or name in said, said


def test_a_few_broken_files() -> None:
    refused_properly(60, seed=7)


@pytest.mark.slow
def test_many_broken_files() -> None:
    refused_properly(4_000, seed=11)
