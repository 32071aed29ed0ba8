"""Dose intervals as text."""

from __future__ import annotations

import pytest

from hitmodel.errors import InputError
from hitmodel.intervals import parse_interval


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("12h", 12),
        ("q8h", 8),
        ("Q24H", 24),
        ("48 h", 48),
        ("2d", 48),
        ("7d", 168),
        ("2w", 336),
        ("q72h", 72),
        ("every 12 hours", 12),
        ("bid", 12),
    ],
)
def test_interval_is_read_as_hours(text: str, hours: int) -> None:
    assert parse_interval(text) == hours


@pytest.mark.parametrize("text", ["", "0h", "12", "h", "-8h", "1.5h", "twice", f"{'9' * 5000}h"])
def test_what_is_not_an_interval_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError, match="such as q8h") as error:
        parse_interval(text, "order.toml, therapy 'a', every")
    assert error.value.where == "order.toml, therapy 'a', every"
