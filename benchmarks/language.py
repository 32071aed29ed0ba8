"""What the contract language costs at size: resolving 5,000 kinds, and the group steps on a million lines.

Each figure stands beside a yardstick of the same run: reading the same lines' amounts with pandas and summing them by
claim, which any tool must do at least once. Run by `make bench`, or alone: `python benchmarks/language.py`.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from figures import Figure, held_to

from hitmodel import paths
from hitmodel.claims import Claims, read_claims
from hitmodel.compile import compile_contract
from hitmodel.contracts import load_contract
from hitmodel.dates import Span
from hitmodel.group_limits import lay_limits
from hitmodel.judging import judge
from hitmodel.laying import Laid, Scene
from hitmodel.mechanisms.base import LineKind
from hitmodel.pricing import Dating, Pricer
from hitmodel.rating import rate
from hitmodel.references import default_references
from hitmodel.resolve import Resolver
from hitmodel.terms import Contract

LINES, KINDS = 1_000_000, 5_000
GROUPS = """
[contract]
extends = "{base}"
payers = ["Meridian Health Plan", "Cascade Mutual", "Lakeshore Employers Trust"]
effective_from = 2025-01-01
[lesser_of]
level = "claim"
[concurrency]
modifiers = "rerank"
primary_by = "highest_rate"
shares = [1, 0.75, 0.50]
[[limit]]
id = "day_cap"
kind = "cap"
per = "day"
amount = 300.00
lines = {{ roles = ["per_diem"] }}
[[limit]]
id = "claim_outlier"
kind = "stop_loss"
per = "claim"
amount = 50000.00
share = 0.60
pays = "second_dollar"
[[limit]]
id = "year_cap"
kind = "cap"
per = "year"
amount = 250000.00
"""


def figures(lines: int) -> Iterator[Figure]:
    """Yield what resolving, ranking and the group steps cost; on at most a million lines."""
    claims = _many(read_claims(paths.data("samples", "claims_2025.csv")), min(lines, LINES))
    yardstick = _timed(lambda: claims.lines.groupby("claim_id", sort=False)["charge_cents"].sum())
    beside = f"pandas: charges of {len(claims.lines):,} lines by claim"
    yield held_to(f"resolve {KINDS:,} kinds, meridian", _resolve("meridian"), beside, yardstick)
    ranks, limits = _group_steps(claims)
    yield held_to(f"ranks of {len(claims.lines):,} lines after fit", ranks, beside, yardstick)
    yield held_to(f"caps, stop-loss and claim limit on {len(claims.lines):,} lines", limits, beside, yardstick)


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _many(claims: Claims, lines: int) -> Claims:
    """Return the sample again and again, each time with patients and claims of its own, up to so many lines."""
    copies = -(-lines // len(claims.lines))
    frames = []
    for number in range(copies):
        names = {c: claims.lines[c] + f"~{number}" for c in ("patient_id", "claim_id", "line_id")}
        frames.append(claims.lines.assign(**names))
    return replace(claims, lines=pd.concat(frames, ignore_index=True).head(lines))


def _resolve(name: str) -> float:
    references, day = default_references(), date(2025, 3, 1)
    codes = {e.code: e for e in references.codes if not e.is_modifier}.values()
    modifiers = [frozenset(m) for m in ((), ("SH",), ("SJ",), ("SS",), ("SH", "SS"))]
    kinds = [
        LineKind(
            code=e.code,
            modifiers=m,
            place=place,
            role=e.role,
            therapy_class=e.therapy_class,
            family=e.family,
            billed_code=e.code,
            known=frozenset({"charge", "cost", "ndc_quantity"}),
        )
        for e, m, place in itertools.product(codes, modifiers, ("12", "11", "49"))
    ][:KINDS]
    month = Span(day, date(2025, 3, 31))
    period = compile_contract(load_contract(name), references, month, month).periods[0]
    resolver = Resolver()
    return _timed(lambda: [resolver.resolve(kind, period, day) for kind in kinds])


def _group_steps(claims: Claims) -> tuple[float, float]:
    """Return seconds for ranking and for the limits, both after everything that a fit holds."""
    pricer = Pricer(claims)
    contract = _contract()
    compiled = pricer.compiled(contract, Dating())
    fitted = pricer.fitted(compiled, Dating())
    rate(pricer.resolver, compiled, fitted)
    ranks = _timed(lambda: rate(pricer.resolver, compiled, fitted))
    rated, unrankable = rate(pricer.resolver, compiled, fitted)
    standing, base = judge(rated, fitted, unrankable)
    laid = Laid(standing, base.copy())
    limits = _timed(lambda: lay_limits(laid, Scene(compiled, fitted, rated)))
    assert np.abs(laid.cents).sum() > 0
    return ranks, limits


def _contract() -> Contract:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "groups.toml"
        file.write_text(GROUPS.format(base=paths.data("contracts", "meridian", "2025.toml")), encoding="utf-8")
        return load_contract(file)


if __name__ == "__main__":
    for figure in figures(LINES):
        print(f"{figure.what}: {figure.took}  {figure.beside}")
