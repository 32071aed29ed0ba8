"""One therapy in tables: an unknown amount is a word, and what does not agree stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import builders
import pytest
from small_book import NOW

from hitmodel.errors import HitmodelError
from hitmodel.one_therapy import OneTherapy, one_therapy
from hitmodel.tables import Gap
from hitmodel.therapy_tables import prices_table, therapy_checks_table


@pytest.fixture
def therapy() -> OneTherapy:
    return one_therapy("S9501", "2025-03-25", "2025-04-03", "190.00", "J0696", 8, "9.00")


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return builders.write(tmp_path / "now", builders.header(more='title = "A plan"') + NOW).parent


def test_an_amount_that_is_not_known_is_the_word(therapy: OneTherapy, tmp_path: Path) -> None:
    silent = builders.write(tmp_path / "silent", builders.header(more='title = "Silent"') + builders.PER_DIEM).parent
    table = prices_table([therapy.under(silent)])
    assert [row[-1] for row in table.rows] == [665_00, Gap.UNKNOWN, 285_00, Gap.UNKNOWN]  # 7 × 95 and 3 × 95
    assert table.headline == "Silent pays $950.00 without 2 lines of unknown amount."
    assert table.notes[0].startswith("Silent: ")


def test_everything_agrees(therapy: OneTherapy, contract: Path) -> None:
    table = therapy_checks_table(therapy, [therapy.under(contract)])
    assert [(row[1], row[2]) for row in table.rows] == [(10, 10), (4, 4), (1160_00, 1160_00)]


def test_what_does_not_agree_stops(therapy: OneTherapy, contract: Path) -> None:
    longer = replace(therapy, stop=date(2025, 4, 4))
    with pytest.raises(HitmodelError, match="per diem days = units billed, A plan"):
        therapy_checks_table(longer, [therapy.under(contract)])
