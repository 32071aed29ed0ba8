"""Engine and oracle on two hundred thousand lines of the book: the same status and the same cents on every one."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from everyone import everyone
from oracle_book import Held, hold

from hitmodel.book import many
from hitmodel.book.many import make_many
from hitmodel.kept_claims import claim_files

LINES = int(os.environ.get("HITMODEL_ORACLE_LINES", "200000"))


def _held(path: Path, contract: Path, scratch: Path) -> Held:
    scratch.mkdir()
    return hold(path, contract, {}, scratch)


@pytest.mark.slow
def test_engine_and_oracle_agree_on_every_line_of_a_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "PART_LINES", LINES // 2)
    make_many(LINES, tmp_path / "book", seed=7)
    contract = everyone(tmp_path)
    whole = Held()
    with ProcessPoolExecutor(2, get_context("spawn")) as workers:
        files = claim_files(tmp_path / "book")
        for held in workers.map(_held, files, [contract] * len(files), [tmp_path / f.stem for f in files]):
            whole.add(held)
    assert whole.different == [], f"{len(whole.different):,} of {whole.lines:,} lines differ"
    assert whole.lines == LINES
    assert whole.asked > 0.8 * LINES, "too many patients are alike for this to say much"
    assert whole.statuses["priced"] > 0.9 * LINES
    assert {"bundled", "needs_review", "out_of_scope"} <= whole.statuses.keys()
