"""A folder of claims is priced as one file of the same lines would be, and is made ready only once."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hitmodel import kept_claims
from hitmodel.book import many
from hitmodel.book.many import make_many
from hitmodel.claims import Claims, read_claims
from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.kept_claims import prepare_folder
from hitmodel.pricing import Pricer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books") / "book"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "PART_LINES", 400)
        make_many(1000, folder, seed=5)
    return folder


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "book", ignore=shutil.ignore_patterns("_prepared")))


def in_one(folder: Path) -> Claims:
    read = [read_claims(path) for path in sorted(folder.glob("*.parquet"))]
    return Claims(pd.concat([claims.lines for claims in read], ignore_index=True), (), "one", "")


@pytest.mark.parametrize("contract", ["cascade", "lakeshore"])
def test_a_folder_is_priced_as_one_file_would_be(made: Path, contract: str) -> None:
    assert len(list(made.glob("*.parquet"))) > 2
    kept = Pricer(prepare_folder(made, code_table())).price(load_contract(contract))
    whole = Pricer(in_one(made)).price(load_contract(contract))
    np.testing.assert_array_equal(kept.status, whole.status)
    np.testing.assert_array_equal(kept.allowed, whole.allowed)
    np.testing.assert_array_equal(kept.base, whole.base)
    assert kept.reason_texts == whole.reason_texts
    assert kept.claims.lines["line_id"].tolist() == whole.claims.lines["line_id"].tolist()


def test_the_second_time_nothing_is_read(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare_folder(book, code_table())
    monkeypatch.setattr(kept_claims, "read_claims", None)
    again = prepare_folder(book, code_table())
    np.testing.assert_array_equal(again.kind, first.kind)
    assert Pricer(again).price(load_contract("meridian")).total > 0


def test_a_changed_file_is_noticed(book: Path) -> None:
    assert prepare_folder(book, code_table()).count == 1000
    last = sorted(book.glob("*.parquet"))[-1]
    table = pq.read_table(last)
    pq.write_table(table.slice(0, table.num_rows - 10), last)
    assert prepare_folder(book, code_table()).count == 990


def test_a_patient_in_two_files_is_refused(book: Path) -> None:
    shutil.copy(book / "part-00000.parquet", book / "part-00009.parquet")
    with pytest.raises(InputError, match="is in an earlier file too"):
        prepare_folder(book, code_table())
    assert not (book / "_prepared").exists()


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no Parquet files"):
        prepare_folder(tmp_path, code_table())
