"""A folder of claims priced file by file, in this process or on a cluster: the same answers in the same order.

Every file holds whole patients, and no rule of a contract reaches across patients, so a file is priced by itself. No
process holds more than one file at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hitmodel.contracts import load_contract
from hitmodel.evidence import NO_EVIDENCE, Evidence
from hitmodel.files import folder_written_whole, written_whole
from hitmodel.kept_claims import claim_files, prepare_files, refuse_shared_patients
from hitmodel.prepare import Ints
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.references import default_references
from hitmodel.status import ORDER
from hitmodel.tally import Tally, tally, together
from hitmodel.terms import Contract

MARKER = "priced.json"


@dataclass(frozen=True)
class Job:
    """What is done with each file: the contract as its name or path, how it is dated, and where the lines go.

    ``out`` is None where only totals are asked for.
    """

    contract: str
    dating: Dating
    out: Path | None = None
    evidence: Evidence = NO_EVIDENCE


def price_folder(folder: Path, job: Job, cluster: str = "", tick: Callable[[int], object] = int) -> Tally:
    """Price every file of a folder under one contract.

    Parameters
    ----------
    cluster : str
        "" for this process, ``local`` for two workers of a Dask cluster of its own, or a scheduler's address,
        ``tcp://…``; its workers need hitmodel and the folder under the same path.
    tick : callable
        Told how many files are done.

    Returns
    -------
    Tally
        What came of all lines. With ``job.out`` every file's lines are written beside it, in a folder that appears
        whole or not at all: `columns` of each line, in the order of the claims.

    Raises
    ------
    InputError, ContractError
        As `prepare_folder` and `Pricer.price` do; MissingReference where a cluster is asked for without Dask.
    """
    files = claim_files(folder)
    refuse_shared_patients(files)
    load_contract(job.contract)  # a mistake in it is found before any file is read
    if job.out is None:
        return together(_each(files, job, cluster, tick))
    with folder_written_whole(job.out, MARKER) as making:
        written = Job(job.contract, job.dating, making, job.evidence)
        done = together(_each(files, written, cluster, tick))
        for draft in making.glob(".*"):  # what a worker had begun to write when it was lost
            draft.unlink()
        (making / MARKER).write_text(f'{{"lines": {done.lines}, "allowed_cents": {done.allowed}}}\n', encoding="utf-8")
    return done


def _each(files: tuple[Path, ...], job: Job, cluster: str, tick: Callable[[int], object]) -> list[Tally]:
    if cluster:
        from hitmodel.cluster import on_cluster

        return on_cluster(cluster, price_file, files, job, tick)
    done = []
    for path in files:
        done.append(price_file(path, job))
        tick(len(done))
    return done


def price_file(path: Path, job: Job) -> Tally:
    """Price one file, write its lines where the job says so, and return what came of them."""
    references = default_references()
    prepared = prepare_files((path,), path.parent / "_prepared_files" / path.stem, references.codes)
    priced = Pricer(prepared, references, job.evidence).price(_contract(job.contract), job.dating)
    if job.out is not None:
        with written_whole(job.out / path.name) as draft:
            pq.write_table(columns(priced), draft, compression="zstd", store_decimal_as_integer=True)
    return tally(priced)


@cache
def _contract(name: str) -> Contract:
    return load_contract(name)


def columns(priced: Priced) -> pa.Table:
    """Return line id, status, allowed and base in cents, null where not known, the term, and the reason."""
    known, codes = priced.known, np.arange(len(ORDER))
    statuses = pa.array([ORDER[n].value for n in codes])
    reasons = pa.array([*priced.reasons, ""])
    terms = np.array(priced.terms, dtype=object)
    return pa.table(
        {
            "line_id": pa.array(priced.claims.line_ids.tolist(), pa.string()),
            "status": pa.DictionaryArray.from_arrays(pa.array(priced.status.astype(np.int8)), statuses),
            "allowed_cents": _where_known(priced.allowed, known),
            "base_cents": _where_known(priced.base, known),
            "term": pa.array(terms, pa.string()).dictionary_encode(),
            "reason": reasons.take(pa.array(np.where(priced.reason < 0, len(priced.reasons), priced.reason))),
        }
    )


def _where_known(cents: Ints, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pa.Array:
    return pa.array(cents, mask=~known)
