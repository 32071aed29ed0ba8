"""What can be said of a line."""

from __future__ import annotations

from hitmodel.status import ORDER, Status


def test_only_three_have_an_amount() -> None:
    assert [s.value for s in ORDER if s.has_amount] == ["priced", "bundled", "not_covered"]


def test_each_has_a_meaning_of_its_own() -> None:
    assert len({s.meaning for s in ORDER}) == len(ORDER) == 6


def test_the_order_is_that_of_every_table() -> None:
    assert ORDER[0] is Status.PRICED
    assert ORDER[-1] is Status.OUT_OF_SCOPE
