"""Ids held as bytes: plain or not, their numbers, and whether one stands twice."""

from __future__ import annotations

import pyarrow as pa
import pytest

from hitmodel.typed_ids import are_distinct, are_plain, numbered

LONG = "N" * 70


@pytest.mark.parametrize("cell", ["", None, "A 1", " A1", "Ä1", "1.2E+11", "A\t1"])
def test_an_id_that_is_not_plain_is_found_wherever_it_stands(cell: str | None) -> None:
    for cells in ([cell, "A1", "A2"], ["A1", cell, "A2"], ["A1", "A2", cell]):
        assert not are_plain(pa.array(cells, pa.string()))
        assert are_plain(pa.array([*cells, "A3"], pa.string()).filter(pa.array([c != cell for c in cells] + [True])))


def test_a_plus_that_begins_an_id_after_one_that_ends_in_e_is_read_cell_by_cell() -> None:
    """The two bytes stand beside each other though no cell holds both; to be wrong this way costs time alone."""
    assert not are_plain(pa.array(["1E", "+2"]))
    assert are_plain(pa.array(["1E", "2+", "+E"]))


def test_numbers_go_by_first_appearance_in_a_slice_too() -> None:
    cells = pa.array(["x", "b", "b", "a", "b", "c", "c", "a"])[1:]
    number, distinct = numbered(cells)
    assert number.tolist() == [0, 0, 1, 0, 2, 2, 1]
    assert distinct.to_pylist() == ["b", "a", "c"]
    assert numbered(pa.array(["only"]))[0].tolist() == [0]


@pytest.mark.parametrize("first", ["A1", "A", LONG])
def test_an_id_that_stands_twice_is_found_at_any_length(first: str) -> None:
    others = [f"{first}{n}" for n in range(300)]
    assert are_distinct(pa.array([first, *others]))
    assert are_distinct(pa.array(["zz", first, *others])[1:])
    assert not are_distinct(pa.array([first, *others, first]))
    assert not are_distinct(pa.array([*others, first, others[-1]]))
