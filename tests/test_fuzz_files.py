"""Broken files are read or refused with file, place and field: no other error, no hang, little memory."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import fuzz_claims
import fuzz_tables
import pytest
from fuzz_files import MEGABYTES, Outcome, Seeds, broken, lacking, outcomes

from hitmodel.errors import InputError

SEEDS = {"tables": fuzz_tables.SEEDS, "claims": fuzz_claims.SEEDS}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*fuzz_tables.SEEDS, *fuzz_claims.SEEDS])
def test_the_unbroken_files_are_read(name: str, tmp_path: Path, own_workspace: Path) -> None:
    content, reader = (fuzz_tables.SEEDS | fuzz_claims.SEEDS)[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert reader(path)


def refused_properly(seeds: Seeds, count: int, seed: int) -> list[Outcome]:
    found = list(outcomes(seeds, count, seed))
    assert [f"{one.name} {one.number}, {one.wrong}: {one.refusal}" for one in found if one.wrong] == []
    return found


def test_a_few_broken_files() -> None:
    refused_properly(fuzz_tables.SEEDS, 40, seed=7)


@pytest.mark.slow
@pytest.mark.parametrize(("which", "count"), [("tables", 2_000), ("claims", 500)])
def test_many_broken_files(which: str, count: int) -> None:
    import resource

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # by whatever this process did before
    found = refused_properly(SEEDS[which], count, seed=11)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
    assert more / 1024 < MEGABYTES
    ends = Counter((one.name, one.refusal is None) for one in found)
    assert all(ends[name, True] and ends[name, False] for name in SEEDS[which]), (
        "some damage does no harm, and some does"
    )


@pytest.mark.parametrize(
    ("where", "what", "lacks"),
    [
        ("in/march.csv row 5, Payment Limit", "'x' is no amount", ""),
        ("march.csv, Rates!C14, rate", "is no amount", ""),
        ("march.csv segment 12, SE", "the file is cut off: a transaction does not end", ""),
        ("march.csv", "the file is empty", ""),
        ("march.csv row 5", "'x' is no amount", "the field"),
        ("march.csv", "'x' is no amount", "the place"),
        ("row 5, Payment Limit", "'x' is no amount", "the file"),
    ],
)
def test_a_refusal_that_says_too_little_is_found(where: str, what: str, lacks: str) -> None:
    assert lacking("march.csv", InputError(what, where=where)) == lacks


def test_the_same_seed_breaks_a_file_in_the_same_way() -> None:
    content = fuzz_tables.ASP
    assert broken(content, random.Random(3)) == broken(content, random.Random(3)) != content
