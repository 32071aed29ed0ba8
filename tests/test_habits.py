"""Habits relied on, with the dollars that hang on each."""

from __future__ import annotations

from pathlib import Path

from small_book import NOW, small_study

from hitmodel.habits import Habit

RERANKED = NOW.replace("shares = [1, 0.5]", 'shares = [1, 0.5]\nmodifiers = "rerank"\nprimary_by = "first_billed"')
SAME = '[contract]\nextends = "now"\ntitle = "Same"\neffective_from = 2025-01-01\n'


def found(folder: Path, *lines: str, now: str = NOW) -> dict[str, Habit]:
    return {habit.name: habit for habit in small_study(folder, *lines, now=now, offer=SAME).habits}


def test_modifiers_as_submitted_are_worth_the_reduction(tmp_path: Path) -> None:
    # 7 days at 100 × 50 % = 350: the SH takes 350.
    habits = found(tmp_path, "S9501-SH 2025-03-03 2025-03-09 7 1050.00")
    assert (habits["Modifiers as submitted"].lines, habits["Modifiers as submitted"].cents) == (1, 350_00)


def test_a_contract_that_ranks_itself_relies_on_no_modifier(tmp_path: Path) -> None:
    lines = ("S9500 2025-03-03 2025-03-09 7 1050.00", "S9501-SH 2025-03-03 2025-03-09 7 1050.00")
    assert found(tmp_path, *lines, now=RERANKED) == {}


def test_units_that_are_not_days_are_priced_as_billed(tmp_path: Path) -> None:
    # 8 units on 7 days: 800 are allowed on the line.
    habit = found(tmp_path, "S9500 2025-03-03 2025-03-09 8 1050.00")["Billed units decide"]
    assert (habit.lines, habit.cents, habit.measure) == (1, 800_00, "allowed on these lines")


def test_the_first_of_equal_lines_stands(tmp_path: Path) -> None:
    line = "S9500 2025-03-03 2025-03-09 7 1050.00"
    habit = found(tmp_path, line, line)["The first of equal lines stands"]
    assert (habit.lines, habit.cents, habit.measure) == (1, 1050_00, "charges set aside")


def test_a_drug_over_a_price_change_takes_its_first_day(tmp_path: Path) -> None:
    # 28 March to 3 April: .035 a unit, the first quarter's limit, × 1,000 = 35.00.
    drugs = """
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.00 }]
"""
    habit = found(tmp_path, "J0878 2025-03-28 2025-04-03 1000 900.00", now=drugs)["First day of a span"]
    assert (habit.lines, habit.cents) == (1, 35_00)


def test_claims_that_rely_on_nothing_have_no_habits(tmp_path: Path) -> None:
    assert found(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00") == {}


def test_a_contract_that_pays_every_therapy_in_full_relies_on_no_modifier(tmp_path: Path) -> None:
    full = NOW.replace("shares = [1, 0.5]", "shares = [1]")
    assert found(tmp_path, "S9501-SH 2025-03-03 2025-03-09 7 1050.00", now=full) == {}
