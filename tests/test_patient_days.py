"""Runs of patient days."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hitmodel.patient_days import STRIDE, DayRuns

spans = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 6)).map(
        lambda s: (s[0] * STRIDE + s[1], s[0] * STRIDE + s[1] + s[2])
    ),
    max_size=8,
)


def arrays(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    made = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return made[:, 0], made[:, 1]


def test_neighbouring_lines_make_one_run_and_patients_never_touch() -> None:
    # Patient 0: days 1-3 and 4-5 join, 8-9 stands apart; patient 1: days 1-2.
    runs = DayRuns.of(*arrays([(8, 9), (1, 3), (4, 5), (STRIDE + 1, STRIDE + 2)]))
    assert runs.first.tolist() == [1, 8, STRIDE + 1]
    assert runs.last.tolist() == [5, 9, STRIDE + 2]
    assert runs.days.tolist() == [5, 2, 2]


def test_a_gap_of_two_days_can_be_bridged() -> None:
    first, last = arrays([(1, 5), (8, 9)])
    assert DayRuns.of(first, last, gap=1).first.tolist() == [1, 8]
    assert DayRuns.of(first, last, gap=2).first.tolist() == [1]


@given(spans, spans)
def test_runs_answer_as_sets_of_days_do(covered: list[tuple[int, int]], asked: list[tuple[int, int]]) -> None:
    days = {day for first, last in covered for day in range(first, last + 1)}
    runs = DayRuns.of(*arrays(covered))
    first, last = arrays(asked)
    lines = [set(range(a, b + 1)) for a, b in asked]
    assert runs.touch(first, last).tolist() == [bool(line & days) for line in lines]
    assert runs.hold(first, last).tolist() == [line <= days for line in lines]
    assert int(runs.days.sum()) == len(days)
