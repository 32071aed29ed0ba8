"""A folder priced file by file gives what pricing it whole gives, here and on a cluster that loses a worker."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import run

from hitmodel.book import many
from hitmodel.book.many import make_many
from hitmodel.bulk import Job, columns, price_file, price_folder
from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError, InputError
from hitmodel.kept_claims import claim_files, prepare_folder
from hitmodel.pricing import Dating, Pricer
from hitmodel.tally import Tally, tally

pytestmark = pytest.mark.slow

JOB = Job("lakeshore", Dating())


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books") / "book"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "PART_LINES", 300)
        make_many(1500, folder, seed=6)
    return folder


@pytest.fixture(scope="module")
def whole(book: Path) -> tuple[Tally, pa.Table]:
    priced = Pricer(prepare_folder(book, code_table())).price(load_contract("lakeshore"))
    return tally(priced), columns(priced)


def written(folder: Path) -> pa.Table:
    """Read a folder's files as pyarrow does: one that begins with a dot is a draft of a worker that was lost."""
    paths = sorted(folder.glob("[!.]*.parquet"))
    return pa.concat_tables([pq.read_table(path) for path in paths]).unify_dictionaries()


def assert_same(folder: Path, table: pa.Table) -> None:
    assert written(folder).to_pydict() == table.to_pydict()


def test_file_by_file_is_the_same_as_whole(book: Path, whole: tuple[Tally, pa.Table], tmp_path: Path) -> None:
    told: list[int] = []
    done = price_folder(book, Job("lakeshore", Dating(), tmp_path / "priced"), tick=told.append)
    assert done == whole[0]
    assert done.lines == 1500
    assert told == [1, 2, 3, 4, 5]
    assert_same(tmp_path / "priced", whole[1])


def test_what_a_lost_worker_had_begun_to_write_is_not_left(
    book: Path, whole: tuple[Tally, pa.Table], tmp_path: Path
) -> None:
    target = tmp_path / "priced"

    def lose(done: int) -> None:
        (making,) = tmp_path.glob(f".{target.name}-*")
        (making / "finished" / f".part-{done}.parquet.begun.parquet").touch()

    price_folder(book, Job("lakeshore", Dating(), target), tick=lose)
    assert [path.name for path in target.glob(".*")] == []
    assert_same(target, whole[1])


def test_the_command_on_a_folder(
    book: Path, whole: tuple[Tally, pa.Table], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(monkeypatch, capsys, "price", str(book), "--contract", "lakeshore")
    assert ran.code == 0
    assert "1,500 lines" in ran.out
    cents = whole[0].allowed
    assert f"{cents // 100:,}.{cents % 100:02}" in ran.out


def test_nothing_is_written_when_a_file_cannot_be_read(book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    for path in claim_files(book)[:2]:
        (folder / path.name).write_bytes(path.read_bytes())
    pq.write_table(pa.table({"patient_id": ["X"]}), folder / "part-00009.parquet")
    with pytest.raises(InputError, match="part-00009"):
        price_folder(folder, Job("lakeshore", Dating(), tmp_path / "priced"))
    assert not (tmp_path / "priced").exists()


def test_a_wrong_contract_is_found_before_any_file_is_read(book: Path) -> None:
    with pytest.raises(ContractError, match="lakeshor"):
        price_folder(book, Job("lakeshor", Dating()))


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same(
    book: Path, whole: tuple[Tally, pa.Table], tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is an optional extra")
    from hitmodel.cluster import on_client
    from hitmodel.tally import together

    job = Job("lakeshore", Dating(), tmp_path)
    local = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with local, distributed.Client(local) as client:
        pids = list(client.run(os.getpid).values())

        def lose_one(done: int) -> None:
            if done == 1:
                os.kill(pids[0], signal.SIGKILL)

        parts = on_client(client, price_file, claim_files(book), job, lose_one)
        assert pids[0] not in client.run(os.getpid).values()
    assert together(parts) == whole[0]
    assert_same(tmp_path, whole[1])


@pytest.mark.slow
def test_a_cluster_of_its_own_and_one_that_is_not_there(book: Path, whole: tuple[Tally, pa.Table]) -> None:
    pytest.importorskip("distributed", reason="Dask is an optional extra")
    assert price_folder(book, JOB, "local") == whole[0]
    with pytest.raises(InputError, match="no cluster answers there"):
        price_folder(book, JOB, "tcp://127.0.0.1:9")
