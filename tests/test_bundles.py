"""Which lines can hold another under a bundle rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import PER_DIEM, header, outcome, priced

DRUG = '[[term]]\nid = "d"\nroles = ["drug", "nursing"]\nmechanism = "percent_of_charge"\nshare = 0.50\n'
DAY = "2025-03-03 2025-03-03"
PER = f"S9500 {DAY} 1 900.00"


def bundle(more: str = "", lines: str = '{ roles = ["drug"] }', into: str = '{ roles = ["per_diem"] }') -> str:
    return f'[[bundle]]\nid = "b"\nlines = {lines}\ninto = {into}\n{more}\n'


def said(folder: Path, rule: str, *lines: str) -> list[tuple[str, int | None]]:
    return outcome(priced(folder, header() + PER_DIEM + DRUG + rule, *lines))


def test_a_line_is_held_by_another_of_the_patient_on_that_day(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        bundle(),
        PER,
        f"J0696 {DAY} 4 50.00",
        "J0696 2025-03-04 2025-03-04 4 50.00",  # the day after
        f"J0696 {DAY} 4 50.00 patient=P2",
    )
    assert found[1:] == [("bundled", 0), ("priced", 2500), ("priced", 2500)]


def test_a_voided_line_and_a_line_of_another_payer_hold_nothing(tmp_path: Path) -> None:
    voided = (PER, f"S9500 {DAY} -1 -900.00", f"J0696 {DAY} 4 50.00")
    assert said(tmp_path / "void", bundle(), *voided)[2] == ("priced", 2500)
    other = (f"{PER} payer=Another", f"J0696 {DAY} 4 50.00")
    assert said(tmp_path / "other", bundle(), *other)[1] == ("priced", 2500)


def test_no_line_holds_itself(tmp_path: Path) -> None:
    rule = bundle(lines='{ roles = ["per_diem"] }')
    assert said(tmp_path, rule, PER) == [("priced", 9500)]


def test_named_lines_are_paid_all_the_same(tmp_path: Path) -> None:
    rule = bundle('exclude = { codes = ["J0696"] }')
    assert said(tmp_path, rule, PER, f"J0696 {DAY} 4 50.00", f"J0690 {DAY} 4 50.00")[1:] == [
        ("priced", 2500),
        ("bundled", 0),
    ]


def test_only_the_lines_own_class_may_hold_it(tmp_path: Path) -> None:
    rule = bundle("same_class = true")
    found = said(tmp_path, rule, PER, f"J0696 {DAY} 4 50.00", f"J7030 {DAY} 1 50.00")
    assert found[1:] == [("bundled", 0), ("priced", 2500)]  # saline belongs to hydration


@pytest.mark.parametrize(
    ("cost", "found"),
    [("cost=100.00", ("bundled", 0)), ("cost=100.01", ("priced", 2500)), ("", ("needs_review", None))],
)
def test_dear_drugs_are_paid_apart(tmp_path: Path, cost: str, found: tuple[str, int | None]) -> None:
    rule = bundle("unless_cost_per_day_above = 100.00")
    assert said(tmp_path, rule, PER, f"J0696 {DAY} 4 50.00 {cost}")[1] == found


def test_units_cannot_be_shared_out_over_covered_and_uncovered_days(tmp_path: Path) -> None:
    line = "J0696 2025-03-03 2025-03-04 8 50.00"
    assert said(tmp_path, bundle(), PER, line)[1] == ("needs_review", None)
    whole = "S9500 2025-03-03 2025-03-04 2 900.00"
    assert said(tmp_path / "whole", bundle(), whole, line)[1] == ("bundled", 0)
