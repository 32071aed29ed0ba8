"""Work on many files spread over the workers of a Dask cluster; Dask is an optional extra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hitmodel.errors import InputError, MissingReference

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
LOCAL = "local"
WORKERS = 2
RETRIES = 3
"""How often a file is tried again on another worker, when the one that had it is lost."""


def on_cluster(
    where: str, work: Callable[[Path, Any], T], files: Sequence[Path], job: Any, tick: Callable[[int], object]
) -> list[T]:
    """Return what ``work`` says of each file, in the order of the files, whichever worker did it and when.

    Raises `MissingReference` without Dask, `InputError` for a cluster that cannot be reached; an error of the work
    itself comes back as it was raised.
    """
    with _client(where) as client:
        return on_client(client, work, files, job, tick)


def on_client(
    client: Client, work: Callable[[Path, Any], T], files: Sequence[Path], job: Any, tick: Callable[[int], object]
) -> list[T]:
    """As `on_cluster`, on a client that is there already."""
    from distributed import as_completed

    futures = [client.submit(work, path, job, retries=RETRIES, pure=False) for path in files]
    for done, _ in enumerate(as_completed(futures), start=1):
        tick(done)
    return [future.result() for future in futures]


def _client(where: str) -> Client:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingReference(
            "a cluster needs Dask, which is not installed", next_step='pip install "hitmodel[cluster]" installs it.'
        ) from None
    if where == LOCAL:
        return Client(LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None))
    try:
        return Client(where, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no cluster answers there ({error})",
            where=where,
            expected="'local', or a scheduler such as tcp://host:8786",
        ) from None
