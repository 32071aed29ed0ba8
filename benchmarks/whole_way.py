"""From Parquet to cents: hitmodel beside DuckDB doing the same with the same files; then one Dask worker beside two.

DuckDB is given what a contract comes to for each kind of line as a table, and does the rest in SQL as a good engineer
of it would write this one contract: what stands twice or is taken back, codes out of date, catheter care paid within
another line, therapies that share days ranked by rate, the charge limit. hitmodel reads the contract and does the same
for any. Alone: ``python benchmarks/run.py --only whole_way --lines 1000000``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from books import HOME, book, everyone
from figures import Figure, attempt, best, held_to, said
from rivals import CENT, Answer, rate_rows

from hitmodel.bulk import Job, price_file
from hitmodel.cluster import on_client
from hitmodel.codes import code_table
from hitmodel.kept_claims import FOLDER, claim_files, prepare_files
from hitmodel.prepare import day_number
from hitmodel.pricing import Dating, Priced, Pricer
from hitmodel.selection import counts_as_therapy
from hitmodel.tally import together

NO_END = 2**31 - 1
SQL = """
CREATE OR REPLACE TABLE lines AS
SELECT p.file_row_number + f.start AS line, k.kind, k.by_day, k.catheter, k.per_diem, k.therapy, patient_id,
       service_from - DATE '1970-01-01' AS first, service_through - DATE '1970-01-01' AS last,
       (units * 1000)::BIGINT AS units, (p.ndc_quantity * 1000)::BIGINT AS ndc_quantity,
       (charge * 100)::BIGINT AS charge,
       hash(patient_id, p.code, service_from, service_through) AS alike,
       payer IN (SELECT payer FROM payers) AS mine, service_from - DATE '1970-01-01' >= k.begins
       AND service_through - DATE '1970-01-01' <= k.ends AS coded
FROM read_parquet({files}, filename = true, file_row_number = true) p
JOIN files f USING (filename)
JOIN kinds k ON p.code = k.code AND p.modifiers = k.modifiers AND p.place_of_service = k.place AND p.ndc = k.ndc
    AND p.ndc_unit = k.ndc_unit AND (p.ndc_quantity IS NOT NULL) = k.has_ndc_quantity
    AND (p.acquisition_cost IS NOT NULL) = k.has_cost;

-- Of some alike, each void takes back one, the first in the file first; of those left all but one are duplicates.
CREATE OR REPLACE TABLE repeated AS
WITH near AS (
    SELECT * FROM lines WHERE alike IN (SELECT alike FROM lines GROUP BY alike HAVING count(*) > 1)
), counted AS (
    SELECT line, units < 0 AS void, count(*) FILTER (units < 0) OVER same AS voids,
           count(*) FILTER (units > 0) OVER same AS bills,
           row_number() OVER (PARTITION BY patient_id, mine, kind, first, last, abs(units), abs(charge), units < 0
                              ORDER BY line) AS place
    FROM near WINDOW same AS (PARTITION BY patient_id, mine, kind, first, last, abs(units), abs(charge))
)
SELECT line, NOT void AND place > voids + 1 AS again,
       (void AND place <= bills) OR (NOT void AND place <= voids) AS paired
FROM counted WHERE voids > 0 OR bills > 1;

CREATE OR REPLACE TABLE live AS
SELECT l.* EXCLUDE (alike, mine, coded), units > 0 AND NOT coalesce(paired, false) AS stands
FROM lines l LEFT JOIN repeated USING (line) WHERE mine AND coded AND NOT coalesce(again, false);

CREATE OR REPLACE TABLE within AS  -- days of catheter care that another line holds
SELECT line, count(DISTINCT day) AS days FROM (
    SELECT c.line, unnest(range(greatest(c.first, d.first), least(c.last, d.last) + 1)) AS day
    FROM live c JOIN live d USING (patient_id)
    WHERE c.catheter AND d.per_diem AND d.stands AND c.first <= d.last AND d.first <= c.last) GROUP BY line;

CREATE OR REPLACE TABLE shared AS  -- therapies of which another shares days
SELECT DISTINCT a.line, a.patient_id, a.kind, a.first, a.last, r.rate, r.share_1, r.share_2, r.share_3
FROM live a JOIN live b USING (patient_id) JOIN (SELECT DISTINCT ON (kind) * FROM rates) r ON r.kind = a.kind
WHERE a.therapy AND b.therapy AND a.stands AND b.stands AND a.line <> b.line
  AND a.first <= b.last AND b.first <= a.last;

CREATE OR REPLACE TABLE reduced AS  -- what their days come to, in days of the whole rate times 100
WITH edges AS (SELECT patient_id, first AS day FROM shared UNION SELECT patient_id, last + 1 FROM shared),
stretches AS (
    SELECT patient_id, day, lead(day) OVER (PARTITION BY patient_id ORDER BY day) AS after FROM edges
), placed AS (
    SELECT s.line, t.after - t.day AS days, s.share_1, s.share_2, s.share_3,
           row_number() OVER (PARTITION BY s.patient_id, t.day ORDER BY s.rate DESC, s.line) AS place
    FROM stretches t JOIN shared s ON s.patient_id = t.patient_id AND s.first <= t.day AND t.day <= s.last
)
SELECT line, sum(days * CASE place WHEN 1 THEN share_1 WHEN 2 THEN share_2 ELSE share_3 END)::BIGINT AS days,
       count(DISTINCT least(place, 3)) > 1 AS unlike FROM placed GROUP BY line;

CREATE OR REPLACE TABLE priced AS
WITH fitting AS (
    SELECT l.line, l.kind, l.charge, r.limited, l.last - l.first + 1 AS length, l.units,
           coalesce(d.days, 100 * (l.last - l.first + 1 - coalesce(w.days, 0)))::BIGINT AS days,
           d.line IS NOT NULL OR w.line IS NOT NULL AS cut,
           coalesce(d.unlike, w.days < l.last - l.first + 1, false) AS unlike,
           CASE r.source WHEN 'ndc_quantity' THEN l.ndc_quantity WHEN 'charge' THEN 10 * l.charge
                ELSE l.units END AS quantity,
           r.rate * r.share_1 AS each, r.rate
    FROM live l LEFT JOIN within w USING (line) LEFT JOIN reduced d USING (line)
    ASOF JOIN rates r ON r.kind = l.kind AND r.starts <= l.first
), amounts AS (
    SELECT line, kind, charge, limited,
           CASE WHEN NOT cut THEN (2 * abs(quantity) * each + {cent}) // (2 * {cent})
                WHEN unlike AND units <> 1000 * length THEN 0
                ELSE (2 * abs(quantity)::HUGEINT * rate * days + {cent} * length) // (2 * {cent} * length)
           END::BIGINT AS size,
           quantity < 0 AS negative
    FROM fitting
)
SELECT line, kind, CASE WHEN negative THEN -1 ELSE 1 END
    * CASE WHEN limited THEN least(size, abs(charge)) ELSE size END AS cents FROM amounts
"""


def figures(lines: int) -> Iterator[Figure]:
    """Yield the whole way beside DuckDB, then one worker beside two."""
    yield from attempt("from Parquet", lambda: _beside_duckdb(lines))
    yield from attempt("Dask", lambda: _workers(lines))


def _beside_duckdb(lines: int) -> Iterator[Figure]:
    folder, cores = book(lines), pa.cpu_count()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory(dir=HOME) as home:

        def work() -> Priced:
            kept = Path(tempfile.mkdtemp(dir=home)) / "kept"
            return Pricer(prepare_files(claim_files(folder), kept, code_table())).price(everyone())

        mine, priced = best(work, runs=2)
        pa.set_cpu_count(cores)
        theirs, cents = _duckdb(priced, folder)
        Answer(priced.allowed, {}).hold(Answer(cents, {}), "DuckDB")
    what = f"prepare, compile, fit and price {lines:,} lines from Parquet, one thread"
    yield held_to(what, mine, "DuckDB", theirs, 1)
    yield Figure("the same, which of their answers differ", "none of any line")


def _duckdb(priced: Priced, folder: Path) -> tuple[float, np.ndarray]:
    """Return seconds and cents by line of DuckDB, from the same files."""
    import duckdb

    files = [str(path) for path in claim_files(folder)]
    tables = _tables(priced, files)
    with duckdb.connect(config={"threads": 1, "memory_limit": "7GB"}) as base:
        for name, frame in tables.items():
            base.register("given", frame)
            base.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            base.unregister("given")

        def work() -> list[tuple[int, int]]:
            base.execute(SQL.format(files=files, cent=CENT))
            return base.execute("SELECT kind, sum(cents) FROM priced GROUP BY kind").fetchall()

        took, _ = best(work, runs=2)
        found = base.execute("SELECT line, cents FROM priced").fetchnumpy()
    cents = np.zeros(len(priced.status), dtype=np.int64)
    cents[found["line"]] = found["cents"]
    return took, cents


def _tables(priced: Priced, files: list[str]) -> dict[str, pd.DataFrame]:
    """Return what SQL is given: files with their first lines, payers, kinds of line, and rates by kind and quarter."""
    import pyarrow.parquet as pq

    fitted, compiled = priced.fitted, priced.compiled
    counts = np.cumsum([0, *(pq.ParquetFile(file).metadata.num_rows for file in files)])
    version = compiled.periods[-1].version
    assert version is not None
    assert all(period.version == version for period in compiled.periods), "SQL here knows one version"
    codes, kinds = code_table(), []
    for number, kind in enumerate(fitted.kinds):
        days = codes.days(kind.code)
        anyhow = not kind.code.startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        begins, ends = (
            (0, NO_END)
            if anyhow
            else (NO_END, 0)
            if days is None
            else (day_number(days[0]), NO_END if days[1] is None else day_number(days[1]))
        )
        kinds.append({
            "kind": number, "code": kind.code, "modifiers": " ".join(sorted(kind.modifiers)), "place": kind.place,
            "ndc": kind.ndc, "ndc_unit": kind.ndc_unit, "has_ndc_quantity": "ndc_quantity" in kind.known,
            "has_cost": "cost" in kind.known, "by_day": kind.is_by_day, "catheter": kind.role == "catheter_care",
            "per_diem": kind.role == "per_diem", "therapy": counts_as_therapy(kind, version.concurrency),
            "begins": begins, "ends": ends,
        })  # fmt: skip
    rows = rate_rows(priced.resolutions)
    moments = pd.DataFrame(fitted.moments.rows, columns=["kind", "period", "price"])
    rates = pd.concat([moments, rows], axis=1).drop_duplicates(["kind", "price"])
    rates["starts"] = [day_number(compiled.price_starts[price]) for price in rates["price"]]
    return {
        "files": pd.DataFrame({"filename": files, "start": counts[:-1]}),
        "payers": pd.DataFrame({"payer": list(compiled.contract.payers)}),
        "kinds": pd.DataFrame(kinds),
        "rates": rates.sort_values(["kind", "starts"]),
    }


def _workers(lines: int) -> Iterator[Figure]:
    """Price a folder with one worker of one thread and with two, from Parquet, nothing kept from before."""
    from distributed import Client, LocalCluster

    everyone()
    job = Job(str(HOME / "everyone.toml"), Dating())
    files, took, sums = claim_files(book(lines)), {}, {}
    for workers in (1, 2):
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            client.wait_for_workers(workers)
            on_client(client, price_file, files[:workers], job, int)  # a worker's imports are no part of the work
            shutil.rmtree(book(lines) / f"{FOLDER}_files", ignore_errors=True)
            took[workers], parts = best(partial(on_client, client, price_file, files, job, int), runs=1)
            sums[workers] = together(parts)
    assert sums[1] == sums[2], "two workers differ from one"
    speed = took[1] / took[2]
    beside = f"one worker: {said(took[1])}; the same sums; {len(files)} files, at most one in a worker"
    what = f"two Dask workers, {lines:,} lines from Parquet"
    yield Figure(what, f"{said(took[2])}, {speed:.2f} × as fast", beside, "at least 1.6 ×", speed >= 1.6)
