"""A study: what it takes and what it hands on."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_book

from hitmodel.errors import InputError
from hitmodel.study import study


def test_a_day_may_be_text_and_empty_text_is_none(tmp_path: Path) -> None:
    made = small_book.small_study(tmp_path, as_of="2027-01-01")
    assert str(made.baseline.dating.as_of) == "2027-01-01"
    assert small_book.small_study(tmp_path, as_of="").baseline.dating.as_of is None
    with pytest.raises(InputError, match="as_of"):
        small_book.small_study(tmp_path, as_of="next year")


def test_claims_are_found_from_the_projects_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = study("data/samples/claims_2025.csv", "lakeshore", ["lakeshore"])
    assert made.payer == "Lakeshore Employers Trust"
    assert made.summary.totals[0] == made.summary.totals[1] > 0


def test_findings_are_those_of_reading_and_of_the_checks(tmp_path: Path) -> None:
    kinds = {
        f.kind
        for f in small_book.small_study(tmp_path, *small_book.LINES, "S9500 2025-02-30 2025-03-02 7 9.00").findings
    }
    assert "unknown_code" in kinds
    assert any("date" in kind for kind in kinds)


def test_the_edition_decides_about_pools(tmp_path: Path) -> None:
    assert small_book.wide_study(tmp_path, "external").pooled
    assert not small_book.wide_study(tmp_path, "internal").pooled
