"""Pools: few patients never stand alone, nor can they be worked out from what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitmodel.pooling import FEW_PATIENTS, pools


def lines(*blocks: tuple[int, int, int, int]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return lines in two breakdowns from blocks of (a, b, first patient, patient after the last), one line each."""
    rows = [(a, b, patient) for a, b, first, end in blocks for patient in range(first, end)]
    columns = np.array(rows, dtype=np.int64)
    return {"a": columns[:, 0], "b": columns[:, 1]}, columns[:, 2]


def shown(groups: Mapping[str, np.ndarray], held: Mapping[str, frozenset[int]]) -> list[np.ndarray]:
    """Return which lines are in each number shown, the total among them."""
    rows = [np.ones(len(next(iter(groups.values()))), dtype=bool)]
    for name, of in groups.items():
        rows += [of == group for group in np.unique(of) if group not in held[name]]
        if held[name]:
            rows.append(np.isin(of, list(held[name])))
    return rows


def can_be_worked_out(wanted: np.ndarray, known: list[np.ndarray]) -> bool:
    """Say whether ``wanted`` is a sum of multiples of ``known``, by elimination in fractions."""
    basis: list[list[Fraction]] = []
    for vector in (*known, wanted):
        left = [Fraction(int(x)) for x in vector]
        for unit in basis:
            at = next(i for i, x in enumerate(unit) if x)
            if left[at]:
                left = [x - left[at] * y for x, y in zip(left, unit, strict=True)]
        if vector is wanted:
            return not any(left)
        if any(left):
            at = next(i for i, x in enumerate(left) if x)
            basis.append([x / left[at] for x in left])
    raise AssertionError("unreachable")


def test_nothing_is_pooled_where_every_group_is_large() -> None:
    groups, patients = lines((0, 0, 0, 11), (1, 1, 11, 40))
    assert pools(groups, patients) == {"a": frozenset(), "b": frozenset()}


def test_ten_patients_are_few_and_eleven_are_not() -> None:
    of_ten, of_eleven = lines((0, 0, 0, 10), (1, 0, 10, 60)), lines((0, 0, 0, 11), (1, 0, 11, 60))
    assert pools(*of_ten)["a"] == {0, 1}
    assert pools(*of_eleven)["a"] == frozenset()


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    # Alone in its pool it would be the total less the others: 3 patients. Group 2 (12 patients) goes with it.
    groups, patients = lines((0, 0, 0, 3), (1, 0, 3, 53), (2, 0, 53, 65))
    assert pools(groups, patients)["a"] == {0, 2}


def test_a_pool_of_few_patients_grows() -> None:
    # Groups of 2 and 3 patients are 5 together: the next smallest, of 20, joins them.
    groups, patients = lines((0, 0, 0, 2), (1, 0, 2, 5), (2, 0, 5, 25), (3, 0, 25, 85))
    assert pools(groups, patients)["a"] == {0, 1, 2}


def test_the_same_few_patients_in_several_groups_are_few() -> None:
    # Six patients in each of three groups, but the same six: the pool of the three is still of six.
    groups, patients = lines((0, 0, 0, 6), (1, 0, 0, 6), (2, 0, 0, 6), (3, 0, 0, 30), (4, 0, 30, 90))
    assert pools(groups, patients)["a"] == {0, 1, 2, 3}


def test_another_breakdown_does_not_give_a_small_group_away() -> None:
    # a 0 is b 0 (30 patients) and b 1 (4 patients). b withholds 1 and, smallest next, 2; but a 0 − b 0 would be b 1.
    # b comes later, so b 0 goes too.
    groups, patients = lines((0, 0, 0, 30), (0, 1, 30, 34), (1, 2, 40, 60), (1, 3, 60, 120))
    held = pools(groups, patients)
    assert held["a"] == frozenset()
    assert {0, 1} <= held["b"]
    assert not can_be_worked_out(groups["b"] == 1, shown(groups, held))


def test_a_small_group_is_not_left_over_from_several_numbers() -> None:
    # a 0 is b 0 (20 patients), b 1 (25) and b 2 (4). b withholds 2 and, smallest next, 3; no two numbers differ by
    # few patients, but a 0 − b 0 − b 1 would be b 2.
    groups, patients = lines((0, 0, 0, 20), (0, 1, 20, 45), (0, 2, 45, 49), (1, 3, 50, 65), (1, 4, 65, 120))
    held = pools(groups, patients)
    assert held["a"] == frozenset()
    assert held["b"] == {0, 2, 3}
    assert not can_be_worked_out(groups["b"] == 2, shown(groups, held))


def test_what_remains_of_a_number_shown_is_not_of_few_patients() -> None:
    # a 0 holds b 0 but for 5 patients, whose lines are in b 1 with many others: no group of its own.
    groups, patients = lines((0, 0, 0, 30), (0, 1, 30, 35), (1, 1, 40, 100))
    held = pools(groups, patients)
    rows = shown(groups, held)
    for whole in rows:
        for part in rows:
            rest = whole & ~part
            if not (part & ~whole).any() and rest.any():
                assert len(np.unique(patients[rest])) > FEW_PATIENTS


def test_a_book_of_few_patients_is_pooled_whole() -> None:
    groups, patients = lines((0, 0, 0, 4), (1, 1, 4, 8))
    assert pools(groups, patients) == {"a": {0, 1}, "b": {0, 1}}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3), st.integers(0, 40)), min_size=12, max_size=90
    )
)
def test_no_withheld_group_can_be_worked_out(rows: list[tuple[int, int, int, int]]) -> None:
    columns = np.array(rows, dtype=np.int64)
    groups = {"a": columns[:, 0], "b": columns[:, 1], "c": columns[:, 2]}
    patients = columns[:, 3]
    held = pools(groups, patients)
    if len(np.unique(patients)) <= FEW_PATIENTS:
        assert all(held[name] == set(np.unique(of).tolist()) for name, of in groups.items())
        return
    known = shown(groups, held)
    for row in known:
        assert len(np.unique(patients[row])) > FEW_PATIENTS
    for name, of in groups.items():
        for group in np.unique(of):
            if len(np.unique(patients[of == group])) <= FEW_PATIENTS:
                assert group in held[name]
                assert not can_be_worked_out(of == group, known)


def test_the_order_of_lines_does_not_matter() -> None:
    groups, patients = lines((0, 0, 0, 30), (0, 1, 30, 34), (1, 2, 40, 60), (1, 3, 60, 120), (2, 3, 0, 9))
    turned = {name: of[::-1].copy() for name, of in groups.items()}
    assert pools(groups, patients) == pools(turned, patients[::-1].copy())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_earlier_breakdowns_give_way_last(seed: int) -> None:
    draw = np.random.default_rng(seed)
    patients = draw.integers(0, 80, 400)
    of = {"a": draw.integers(0, 3, 400), "b": draw.integers(0, 30, 400)}
    sizes = [len(held) for held in pools(of, patients).values()]
    assert all(earlier <= later for earlier, later in pairwise(sizes))
