"""Ways to count days that never hold, and rates of a schedule of which a line with two modifiers gets neither."""

from __future__ import annotations

from pathlib import Path

import builders
import pytest

from hitmodel.contract_checks import check_contract
from hitmodel.references import default_references

pytestmark = pytest.mark.slow
DAYS = """
[[days]]
count = "access"
applies_to = { classes = ["parenteral_nutrition"], roles = ["per_diem"] }
[[days]]
count = "infusion"
applies_to = { roles = ["per_diem"] }
[[days]]
count = "doses"
applies_to = { codes = ["S9338"] }
"""
SCHEDULE = (
    builders.PER_DIEM + '[[schedule]]\nid = "base"\nfile = "base.csv"\n[[term]]\nid = "based"\nroles = ["per_diem"]\n'
)
SCHEDULE += 'mechanism = "schedule"\nschedule = "base"\n'


def problems(folder: Path, text: str, kind: str) -> list[str]:
    found = check_contract(builders.contract(folder, text), default_references())
    return [str(f).split(": ", 1)[0].split(", ", 1)[1] + ": " + f.problem for f in found if f.kind == kind]


def test_a_way_to_count_that_an_earlier_one_covers_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, DAYS + builders.PER_DIEM, "never_applies") == [
        "[[days]] clause 3: an earlier one fits every line that it fits, so it never holds; the first that fits a line "
        "counts its days"
    ]


def test_the_narrow_way_before_the_wide_one_is_well(tmp_path: Path) -> None:
    first, second, third = (f"[[days]]{part}" for part in DAYS.split("[[days]]")[1:])
    assert problems(tmp_path, third + first + second + builders.PER_DIEM, "never_applies") == []


def test_a_way_for_a_modifier_is_not_covered_by_one_without_it(tmp_path: Path) -> None:
    suite = '[[days]]\ncount = "access"\napplies_to = { roles = ["per_diem"], modifiers = ["SS"] }\n'
    wide = '[[days]]\ncount = "infusion"\napplies_to = { roles = ["per_diem"] }\n'
    assert problems(tmp_path, suite + wide + builders.PER_DIEM, "never_applies") == []
    assert len(problems(tmp_path / "other", wide + suite + builders.PER_DIEM, "never_applies")) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("S9359,90,SH\nS9359,80,SS\n", 1),
        ("S9359,90,SH\nS9359,80,SS\nS9359,70,SH SS\n", 0),
        ("S9359,90,SH\nS9359,80,SJ\n", 0),  # no therapy is second and third
        ("S9359,100,\nS9359,80,SS\n", 0),  # the row with more of them governs
    ],
)
def test_rates_for_two_modifiers_that_one_line_may_have(rows: str, said: int, tmp_path: Path) -> None:
    folder = tmp_path / "example"
    folder.mkdir()
    (folder / "base.csv").write_text(f"code,rate,modifier\n{rows}", encoding="utf-8")
    found = problems(tmp_path, SCHEDULE, "clash_of_rows")
    assert len(found) == said
    assert all("a line with both gets neither" in one and '"SH SS"' in one for one in found)
