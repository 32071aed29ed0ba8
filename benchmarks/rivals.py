"""The pricing of fitted lines as a good engineer of DuckDB and of Polars would write it, to stand beside the engine.

Both start, as the engine does, from segments in memory (never exploded days) and a table of resolved rates; rank the
therapies of each shared stretch by rate; multiply in whole numbers; add the pieces of a line before rounding; hold it
to its charge; and give one column of cents and totals by therapy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd
from figures import best

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.forms import Amount
from hitmodel.prepare import UNKNOWN, distinct_rows
from hitmodel.ranking import submitted_rank
from hitmodel.resolve import Resolution

RATE_SCALE = 10**7
"""Rates are whole ten-millionths of a dollar, shares whole hundredths, quantities thousandths: 10¹² in all."""
CENT = RATE_SCALE * 1000 * 100 // 100


@dataclass(frozen=True)
class Segments:
    """What every tool starts from: segments, and rates by moment; ``lines`` is how many lines the claims have."""

    segments: pd.DataFrame
    rates: pd.DataFrame
    lines: int


@dataclass(frozen=True)
class Answer:
    """Cents of every line, 0 where there is no amount, and their totals by therapy, where those are not 0."""

    cents: npt.NDArray[np.int64]
    totals: dict[int, int]

    def hold(self, other: Answer, tool: str) -> None:
        """Refuse an answer that differs on any line or in any total."""
        wrong = int((self.cents != other.cents).sum())
        assert not wrong, f"{tool} differs on {wrong:,} lines"
        assert self.totals == other.totals, f"{tool} differs in its totals"


def segments_of(compiled: Compiled, fitted: Fitted, rated: Rated, therapy: np.ndarray) -> Segments:
    """Return fitted lines as plain tables. Refuses rates that are no whole number at `RATE_SCALE`."""
    segments, quantities = fitted.segments, fitted.prepared.quantities
    rows, moment = distinct_rows(segments.kind, segments.period, segments.price)
    number = np.zeros(len(rows), dtype=np.int64)
    paid = segments.bundle == -1
    number[moment[paid]] = rated.resolution[paid]
    resolutions = [rated.resolutions[n] for n in number]
    source = np.array([next(iter(r.needs), "") for r in resolutions], dtype=object)[moment]
    pieces = np.bincount(segments.line, minlength=fitted.prepared.count)[segments.line]
    days = segments.last - segments.first + 1
    whole = fitted.prepared.last[segments.line] - fitted.prepared.first[segments.line] + 1
    line = segments.line
    quantity = np.where(source == "ndc_quantity", quantities.ndc_quantity[line], quantities.units[line])
    quantity = np.where(source == "charge", 10 * quantities.charge[line], quantity)
    quantity = np.where(pieces > 1, np.sign(quantity) * 1000 * days, quantity)
    assert (whole >= days).all()
    frame = pd.DataFrame(
        {
            "segment": np.arange(segments.count, dtype=np.int32),
            "line": segments.line.astype(np.int32),
            "moment": moment.astype(np.int32),
            "run": segments.run.astype(np.int32),
            "bundled": segments.bundle >= 0,
            "alone": pieces == 1,
            "stated": np.array([submitted_rank(k) for k in fitted.kinds])[segments.kind].astype(np.int8),
            "quantity": quantity,
            "charge": np.where(quantities.charge[segments.line] == UNKNOWN, 0, quantities.charge[segments.line]),
            "therapy": therapy[segments.line].astype(np.int8),
        }
    )
    return Segments(frame, rate_rows(resolutions), fitted.prepared.count)


def rate_rows(resolutions: Sequence[Resolution]) -> pd.DataFrame:
    """Return rates by moment as whole numbers, with what they are multiplied by."""
    rows = []
    for number, resolution in enumerate(resolutions):
        outcome = resolution.outcome
        rate = outcome.rate * resolution.factor if isinstance(outcome, Amount) else Fraction(0)
        scaled = rate * RATE_SCALE
        assert scaled.denominator == 1, f"{resolution.term} has a rate of more places"
        shares = [int(Fraction(s) * 100) for s in resolution.shares or (Fraction(1),)]
        shares += [shares[-1]] * (3 - len(shares))
        source = next(iter(resolution.needs), "")
        rows.append((number, int(scaled), *shares[:3], source, resolution.limited))
    names = ["moment", "rate", "share_1", "share_2", "share_3", "source", "limited"]
    return pd.DataFrame(rows, columns=names)


DUCKDB = """
CREATE OR REPLACE TABLE priced AS
WITH paid AS MATERIALIZED (  -- what one thousandth comes to, by moment and place: a few hundred rows
    SELECT moment * 4 + place AS key, rate * share AS each, limited FROM rates
    CROSS JOIN LATERAL (VALUES (1, share_1), (2, share_2), (3, share_3)) AS shares(place, share)
), ranked AS (
    SELECT segment, row_number() OVER (PARTITION BY run ORDER BY rate DESC, line) AS place
    FROM segments JOIN rates USING (moment) WHERE run >= 0 AND NOT bundled
), few AS (  -- segments that share days, or are pieces of a line
    SELECT s.line, s.therapy, s.charge, p.limited, s.quantity * p.each AS amount
    FROM segments s LEFT JOIN ranked k USING (segment)
    JOIN paid p ON p.key = s.moment * 4 + least(coalesce(k.place, s.stated), 3)
    WHERE (s.run >= 0 OR NOT s.alone) AND NOT s.bundled
), whole AS (
    SELECT s.line, s.therapy, s.charge, p.limited, s.quantity * p.each AS amount
    FROM segments s JOIN paid p ON p.key = s.moment * 4 + s.stated
    WHERE s.run < 0 AND s.alone AND NOT s.bundled
    UNION ALL
    SELECT line, any_value(therapy), any_value(charge), bool_or(limited), sum(amount)::BIGINT FROM few GROUP BY line
), cents AS (
    SELECT line, therapy, charge, limited, (2 * abs(amount) + {cent}) // (2 * {cent}) AS size, amount < 0 AS negative
    FROM whole
), held AS (
    SELECT line, therapy, CASE WHEN limited THEN least(size, abs(charge)) ELSE size END AS size, negative FROM cents
)
SELECT line, therapy, CASE WHEN negative THEN -size ELSE size END AS cents FROM held
"""


def duckdb_seconds(given: Segments, threads: int) -> tuple[float, Answer]:
    """Return seconds, cents by line and totals by therapy, in DuckDB."""
    import duckdb

    with duckdb.connect(config={"threads": threads}) as base:
        for name in ("segments", "rates"):
            base.register("given", getattr(given, name))
            base.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            base.unregister("given")

        def work() -> dict[int, int]:
            base.execute(DUCKDB.format(cent=CENT))
            return {t: int(c) for t, c in base.execute("SELECT therapy, sum(cents) FROM priced GROUP BY 1").fetchall()}

        seconds, totals = best(work)
        found = base.execute("SELECT line, cents FROM priced").fetchnumpy()
    return seconds, _answer(given, found["line"], found["cents"], totals)


def polars_seconds(given: Segments) -> tuple[float, Answer]:
    """Return seconds, cents by line and totals by therapy, in Polars with the threads that POLARS_MAX_THREADS gives."""
    import polars as pl

    segments, rates = pl.from_pandas(given.segments), pl.from_pandas(given.rates)

    def work() -> tuple[pl.DataFrame, pl.DataFrame]:
        # What one thousandth comes to, by moment and place; moments are numbered, so a gather does what a join would.
        each = pl.concat([rates["rate"] * rates[f"share_{place}"] for place in (1, 2, 3)])
        shared = segments.filter((pl.col("run") >= 0) & ~pl.col("bundled"))
        shared = shared.with_columns(rate=rates["rate"].gather(shared["moment"]))
        shared = shared.sort(["run", "rate", "line"], descending=[False, True, False])
        ranked = shared.select("segment", place=pl.min_horizontal(pl.int_range(1, pl.len() + 1).over("run"), 3))
        place = segments["stated"].scatter(ranked["segment"], ranked["place"].cast(pl.Int8))
        cell = segments["moment"] + (place.cast(pl.Int32) - 1) * len(rates)
        pieces = segments.select(
            "line",
            "therapy",
            "charge",
            "alone",
            "bundled",
            amount=segments["quantity"] * each.gather(cell),
            limited=rates["limited"].gather(segments["moment"]),
        )
        wanted = ["line", "therapy", "charge", "limited", "amount"]
        single = pieces.filter(pl.col("alone") & ~pl.col("bundled")).select(wanted)
        several = (
            pieces.filter(~pl.col("alone") & ~pl.col("bundled"))
            .group_by("line")
            .agg(pl.col("therapy").first(), pl.col("charge").first(), pl.col("limited").any(), pl.col("amount").sum())
        )
        size = (2 * pl.col("amount").abs() + CENT) // (2 * CENT)
        held = pl.when("limited").then(pl.min_horizontal(size, pl.col("charge").abs())).otherwise(size)
        cents = pl.when(pl.col("amount") < 0).then(-held).otherwise(held)
        priced = pl.concat([single, several.select(wanted)]).lazy().select("line", "therapy", cents=cents).collect()
        return priced, priced.group_by("therapy").agg(pl.col("cents").sum())

    seconds, (priced, totals) = best(work)
    sums = {int(t): int(c) for t, c in totals.iter_rows()}
    return seconds, _answer(given, priced["line"].to_numpy(), priced["cents"].to_numpy(), sums)


def pandas_seconds(given: Segments) -> tuple[float, Answer]:
    """Return seconds and the answer of a merge with the rates and sums by group, in pandas."""

    def work() -> tuple[pd.DataFrame, pd.Series]:
        joined = given.segments.merge(given.rates, on="moment")
        joined = joined[~joined["bundled"]]
        shared = joined[joined["run"] >= 0].sort_values(["run", "rate", "line"], ascending=[True, False, True])
        place = joined["stated"].astype(np.int64)
        place.loc[shared.index] = shared.groupby("run").cumcount() + 1
        share = np.select([place <= 1, place == 2], [joined["share_1"], joined["share_2"]], joined["share_3"])
        joined["amount"] = joined["quantity"] * joined["rate"] * share
        several = joined[~joined["alone"]].groupby("line", as_index=False)
        added = several.agg({"therapy": "first", "charge": "first", "limited": "any", "amount": "sum"})
        whole = pd.concat([joined.loc[joined["alone"], added.columns], added])
        size = (2 * whole["amount"].abs() + CENT) // (2 * CENT)
        held = np.where(whole["limited"], np.minimum(size, whole["charge"].abs()), size)
        whole["cents"] = np.sign(whole["amount"]) * held
        return whole[["line", "cents"]], whole.groupby("therapy")["cents"].sum()

    seconds, (priced, totals) = best(work)
    sums = {int(t): int(c) for t, c in totals.items()}
    return seconds, _answer(given, priced["line"].to_numpy(), priced["cents"].to_numpy(), sums)


def _answer(given: Segments, line: np.ndarray, cents: np.ndarray, totals: dict[int, int]) -> Answer:
    result = np.zeros(given.lines, dtype=np.int64)
    result[line] = cents
    return Answer(result, {therapy: total for therapy, total in totals.items() if total})
