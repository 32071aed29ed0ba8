"""Lines fitted to a contract's shape, whatever its rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from builders import PER_DIEM, claims, contract, header, priced

from hitmodel.fit import Fitted
from hitmodel.pricing import Pricer

RERANK = header() + '[concurrency]\nprimary_by = "highest_rate"\nmodifiers = "rerank"\nshares = [1, 0.50]\n'
HYDRATION = '[[term]]\nid = "h"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 80.00\n'
LINES = (
    "S9500 2025-03-01 2025-03-10 10 900.00",
    "S9374 2025-03-05 2025-03-12 8 900.00",
    "S9500 2025-03-01 2025-03-10 9 900.00 patient=P2",
    "J0696 2025-03-01 2025-03-10 80 900.00",
    "S9500 2025-02-30 2025-03-10 10 900.00 patient=P3",
)


def fitted(folder: Path, text: str = RERANK + PER_DIEM + HYDRATION, *lines: str) -> Fitted:
    return priced(folder, text, *(lines or LINES)).fitted


def test_the_pieces_of_a_line_are_its_days_once_each(tmp_path: Path) -> None:
    made = fitted(tmp_path)
    segments, prepared = made.segments, made.prepared
    for line in np.unique(segments.line):
        mine = np.flatnonzero(segments.line == line)
        days = [d for n in mine for d in range(segments.first[n], segments.last[n] + 1)]
        assert days == list(range(prepared.first[line], prepared.last[line] + 1))


def test_lines_that_are_out_have_no_pieces(tmp_path: Path) -> None:
    made = fitted(tmp_path)
    assert set(made.segments.line.tolist()) == {0, 1, 2, 3}
    assert made.standing.free.tolist() == [True, True, True, True, False]


def test_pieces_on_shared_days_have_one_run_and_others_none(tmp_path: Path) -> None:
    segments = fitted(tmp_path).segments
    runs = {(int(n), k): int(r) for k, (n, r) in enumerate(zip(segments.line, segments.run, strict=True))}
    of_line = {line: [r for (n, _), r in runs.items() if n == line] for line in (0, 1, 2, 3)}
    assert of_line[0] == [-1, of_line[1][0]]  # days 1 to 4 alone, 5 to 10 shared
    assert of_line[1] == [of_line[0][1], -1]
    assert of_line[2] == of_line[3] == [-1]


def test_units_that_are_not_days_are_noticed(tmp_path: Path) -> None:
    assert fitted(tmp_path).uneven.tolist()[:3] == [False, False, True]


def test_a_rate_needs_no_new_fit_and_a_rule_does(tmp_path: Path) -> None:
    pricer = Pricer(claims(tmp_path, *LINES))

    def fit_of(text: str) -> Fitted:
        return pricer.price(contract(tmp_path, text)).fitted

    base = RERANK + PER_DIEM + HYDRATION
    first = fit_of(base)
    assert fit_of(base.replace("95.00", "96.00")) is first
    assert fit_of(base.replace("0.50]", "0.75]")) is first  # shares are rates too
    assert fit_of(base.replace('modifiers = "rerank"', 'modifiers = "trust"')) is not first
    assert (
        fit_of(base + '[[bundle]]\nid = "b"\nlines = { roles = ["drug"] }\ninto = { roles = ["per_diem"] }\n')
        is not first
    )
    assert fit_of(base + "effective_from = 2025-03-05\n") is not first
    assert fit_of(base + '[[term]]\nid = "p"\npatients = ["P2"]\nmechanism = "not_covered"\n') is not first
    assert fit_of(base) is first


def test_no_claim_of_the_payer_is_no_piece_and_no_failure(tmp_path: Path) -> None:
    made = priced(tmp_path, PER_DIEM, "S9500 2025-03-01 2025-03-10 10 900.00 payer=Another")
    assert made.fitted.segments.count == 0
    assert made.total == 0
    assert made.terms == ("",)
