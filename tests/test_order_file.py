"""An order as a file: the same order when it is read again."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.order_entry import without_unseen
from hitmodel.order_file import order_text
from hitmodel.orders import load_order, parse_order

EXAMPLES = sorted(paths.data("samples", "orders").glob("*.toml"))


@pytest.mark.slow
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_order_is_read_again_as_it_was(file: Path) -> None:
    order = load_order(file)
    for made in (order, without_unseen(order)):
        again = parse_order(tomllib.loads(order_text(made), parse_float=Decimal))
        assert again.model_copy(update={"file": made.file}) == made
        assert order_text(again) == order_text(made)


def test_an_interval_stands_in_hours_and_what_nobody_gave_is_left_out() -> None:
    text = order_text(load_order(paths.data("samples", "orders", "two_antibiotics.toml")))
    assert 'every = "12h"' in text
    assert "replaces" not in text
