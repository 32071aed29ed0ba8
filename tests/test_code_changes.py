"""What changes between HCPCS releases, and a code's history."""

from __future__ import annotations

from datetime import date

import pytest

from hitmodel.code_changes import history, release_changes
from hitmodel.codes import code_table
from hitmodel.errors import InputError


def test_a_new_code_an_ended_one_and_another_wording() -> None:
    """J3373 began on 1 July 2025 and J3370 ended the day before; S9562 was widened on 1 April 2023 (CMS releases)."""
    found = {(c.entry.code, c.what): c for c in release_changes("2020-10", "2025-10", code_table())}
    assert found["J3373", "new"].day == date(2025, 7, 1)
    assert found["J3370", "ended"].day == date(2025, 6, 30)
    reworded = found["S9562", "reworded"]
    assert reworded.day == date(2023, 4, 1)
    assert "palivizumab" in reworded.before
    assert "monoclonal antibody for rsv" in reworded.after
    assert "monoclonal" not in reworded.before


def test_only_one_code_that_we_classify_is_new_in_january_2026() -> None:
    assert [(c.entry.code, c.what) for c in release_changes("2025-10", "2026-01", code_table())] == [("J3376", "new")]


def test_releases_stand_in_order_and_are_held() -> None:
    with pytest.raises(InputError, match="chosen twice"):
        release_changes("2025-10", "2025-10", code_table())
    with pytest.raises(InputError, match="does not come after"):
        release_changes("2025-10", "2020-10", code_table())
    with pytest.raises(InputError, match="is not held"):
        release_changes("2025-01", "2025-10", code_table())


def test_the_history_of_a_code_that_ended() -> None:
    begins, ends = history("J3370", code_table())
    assert (begins.what, begins.wording) == ("begins", "Injection, vancomycin hcl, 500 mg")
    assert (ends.day, ends.what) == (date(2025, 6, 30), "last day; J3373 follows, 50 units for each")


def test_what_a_code_takes_over_from_and_a_code_without_history() -> None:
    assert "takes over from J3370, 50 units for each" in [e.what for e in history("J3373", code_table())]
    assert history("99601", code_table()) == ()
