"""What one contract version changes against another: which clauses, by what name, in which order."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import PER_DIEM, header, version, write

from hitmodel.changes import NAMED_BY_OTHERS, SECTIONS, UNPRICED, Change, Part, changes
from hitmodel.contracts import load_contract
from hitmodel.overlays import NAMED_TABLES
from hitmodel.terms import Schedule, Version

BASE = (
    header()
    + '[concurrency]\nprimary_by = "first_billed"\nshares = [1, 0.75]\n'
    + PER_DIEM
    + 'clause = "per diem"\ncite = "line 1"\n'
    + '[[term]]\nid = "hydration"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 75.00\nclause = "per diem"\n'
    + '[[term]]\nid = "visit_rate"\nroles = ["nursing"]\nmechanism = "nursing"\nfirst = 150.00\nfurther = 65.00\n'
)


def pair(folder: Path, over: str, base: str = BASE, top: str = "") -> tuple[Version, Version]:
    """Return the version that ``base`` says, and the one that ``over`` makes of it."""
    write(folder / "base", base)
    write(folder / "proposal", f'{top}\n[contract]\nextends = "base"\n{over}')
    return load_contract(folder / "base").latest, load_contract(folder / "proposal").latest


def found(folder: Path, over: str, base: str = BASE, top: str = "") -> tuple[Change, ...]:
    return changes(*pair(folder, over, base, top))


def labels(folder: Path, over: str, base: str = BASE, top: str = "") -> list[str]:
    return [change.label for change in found(folder, over, base, top)]


def test_every_part_of_a_contract_is_watched() -> None:
    """Otherwise a proposal could move money under no name."""
    watched = {*SECTIONS, *NAMED_TABLES, "contract"}
    assert watched == set(Version.model_fields) - {"file", "written", "placeholders", *UNPRICED}
    assert set(NAMED_BY_OTHERS) <= set(NAMED_TABLES)


def test_equal_versions_differ_in_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, "") == ()
    same = version(tmp_path)
    assert changes(same, same) == ()


def test_citations_titles_and_notes_are_no_clauses(tmp_path: Path) -> None:
    over = 'title = "another"\nsource = "letter"\n'
    over += '[[term]]\nid = "hydration"\ncite = "new line"\nnote = "hm"\nclause = "x"\n'
    assert found(tmp_path, over) == ()


def test_rows_of_one_clause_are_one_change(tmp_path: Path) -> None:
    over = '[[term]]\nid = "antibiotic_per_diem"\nrate = 99.00\n[[term]]\nid = "hydration"\nrate = 78.00\n'
    (change,) = found(tmp_path, over)
    assert (change.label, change.cite) == ("per diem", "line 1")
    assert [part.row_id for part in change.parts] == ["antibiotic_per_diem", "hydration"]


def test_a_row_without_a_clause_goes_by_its_id(tmp_path: Path) -> None:
    assert labels(tmp_path, '[[term]]\nid = "visit_rate"\nfurther = 70.00\n') == [
        "visit rate: each further hour 65.00 → 70.00"
    ]


def test_changes_come_in_the_order_of_the_proposals_file(tmp_path: Path) -> None:
    over = (
        '[[term]]\nid = "visit_rate"\nfirst = 155.00\n'
        "[concurrency]\nshares = [1, 0.50]\n"
        '[[term]]\nid = "hydration"\nrate = 80.00\n'
    )
    # TOML gathers [[term]] where its first row stands, so the terms come before the section.
    assert labels(tmp_path, over) == [
        "visit rate: first hours of a visit 150.00 → 155.00",
        "per diem",
        "concurrent therapies 100 / 75 → 100 / 50 %",
    ]
    turned = "[concurrency]\nshares = [1, 0.50]\n" + '[[term]]\nid = "hydration"\nrate = 80.00\n'
    assert labels(tmp_path / "turned", turned) == ["concurrent therapies 100 / 75 → 100 / 50 %", "per diem"]


def test_what_is_removed_is_a_change_and_comes_last(tmp_path: Path) -> None:
    over = '[[term]]\nid = "hydration"\nrate = 80.00\n'
    assert labels(tmp_path, over, top='remove = ["visit_rate"]') == ["per diem", "visit rate removed"]


@pytest.mark.parametrize(
    ("over", "label"),
    [
        ("[concurrency]\nshares = [1, 0.50, 0.25]", "concurrent therapies 100 / 75 → 100 / 50 / 25 %"),
        ('[concurrency]\nprimary_by = "highest_rate"', "which concurrent therapy is primary"),
        ('[concurrency]\nexempt = { codes = ["S9374"] }', "which therapies count as concurrent"),
        ('[lesser_of]\nlevel = "line"', "charge limit none → line"),
        ('[lesser_of]\nlevel = "claim"\npercent = 0.90', "charge limit none → claim at 90 %"),
        ('[lesser_of]\nexclude = { roles = ["drug"] }', "what the charge limit holds for"),
        ('[rounding]\nplace = "day"', "rounding line → day"),
        ("[rounding]\nunit_rate = 2", "rounding of rates"),
        ('[[rate_change]]\nid = "up"\nfactor = 1.04\nclause = "all +4 %"', "all +4 %"),
    ],
)
def test_sections_are_named_by_what_they_change(tmp_path: Path, over: str, label: str) -> None:
    assert labels(tmp_path, over) == [label]


def test_another_payer_is_a_change_and_another_date_is_none(tmp_path: Path) -> None:
    assert labels(tmp_path, 'payers = ["A payer", "Another"]\neffective_from = 2026-01-01\n') == ["payers and products"]


def test_applying_every_change_makes_the_proposal(tmp_path: Path) -> None:
    over = (
        "[concurrency]\nshares = [1, 0.50]\n"
        '[[term]]\nid = "hydration"\nrate = 80.00\n'
        '[[term]]\nid = "new"\ncodes = ["S9348"]\nmechanism = "per_diem"\nrate = 165.00\n'
        '[[rate_change]]\nid = "up"\nfactor = 1.04\n'
    )
    before, after = pair(tmp_path, over, top='remove = ["visit_rate"]')
    made = before
    for change in changes(before, after):
        made = change.apply(made)
    assert changes(made, after) == ()
    assert [t.id for t in made.term] == [t.id for t in after.term]


def test_a_part_can_be_applied_twice() -> None:
    """A schedule that two clauses name is part of both."""
    before = Version.model_construct(schedule=())
    row = Schedule(id="s", file="rates.csv")
    part = Part("schedule", "s", row)
    once = part.apply(before)
    assert part.apply(once).schedule == once.schedule == (row,)
    assert Part("schedule", "s", None).apply(once).schedule == ()
    assert Part("schedule", "s", None).apply(before).schedule == ()


# --- what cannot stand by itself ---


def with_schedules(folder: Path) -> None:
    for name, rate in (("base", "90.00"), ("proposal", "98.00")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "rates.csv").write_text(f"code,rate\nS9500,{rate}\nS9374,70.00\n")


def by_schedule(term_id: str) -> str:
    return f'[[term]]\nid = "{term_id}"\nmechanism = "schedule"\nschedule = "rates"\n'


SCHEDULE = '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n'


def test_a_new_schedule_comes_with_each_clause_that_names_it(tmp_path: Path) -> None:
    with_schedules(tmp_path)
    over = by_schedule("visit_rate") + 'roles = ["per_diem"]\n' + by_schedule("hydration") + SCHEDULE
    both = found(tmp_path, over)
    assert [c.label for c in both] == ["visit rate", "per diem"]
    assert [[(p.table, p.row_id) for p in c.parts] for c in both] == [
        [("schedule", "rates"), ("term", "visit_rate")],
        [("schedule", "rates"), ("term", "hydration")],
    ]


def test_a_schedule_that_nothing_names_any_more_is_no_change(tmp_path: Path) -> None:
    with_schedules(tmp_path)
    base = BASE + SCHEDULE + by_schedule("by_list") + 'codes = ["S9348"]\n'
    over = '[[term]]\nid = "by_list"\nmechanism = "per_diem"\nrate = 88.00\n'
    assert labels(tmp_path, over, base, top='remove = ["rates"]') == ["by list"]


def test_another_file_is_a_change_only_where_it_holds_other_rates(tmp_path: Path) -> None:
    with_schedules(tmp_path)
    base = BASE + SCHEDULE + by_schedule("by_list") + 'codes = ["S9348"]\n'
    assert labels(tmp_path, SCHEDULE, base) == ["rates"]
    (tmp_path / "proposal" / "rates.csv").write_text((tmp_path / "base" / "rates.csv").read_text())
    assert labels(tmp_path, SCHEDULE, base) == []


def test_two_changes_become_one_under_both_names() -> None:
    one, other = Change("a", "", (Part("term", "x", None),)), Change("b", "line 2", (Part("term", "y", None),))
    both = one.with_other(other)
    assert (both.label, both.cite, len(both.parts)) == ("a and b", "line 2", 2)
    assert both.touches(("y", "z"))
    assert not both.touches(("z",))


# --- the order of rows ---

UP, DOWN, MORE = (
    f'[[rate_change]]\nid = "{name}"\nfactor = {factor}\n'
    for name, factor in (("up", "1.035"), ("down", "0.333"), ("more", "1.01"))
)
CAP, FLOOR = (
    f'[[limit]]\nid = "{kind}"\nkind = "{kind}"\nper = "claim"\namount = 500.00\n' for kind in ("cap", "floor")
)


def alone(folder: Path, *rows: str) -> Version:
    """Return a version that stands by itself, with these rows."""
    return load_contract(write(folder, BASE + "".join(rows)).parent).latest


def applied(before: Version, after: Version) -> Version:
    for change in changes(before, after):
        before = change.apply(before)
    return before


def test_rows_in_another_order_are_a_change_of_their_own(tmp_path: Path) -> None:
    before, after = alone(tmp_path / "a", UP, DOWN, CAP, FLOOR), alone(tmp_path / "b", DOWN, UP, FLOOR, CAP)
    assert [change.label for change in changes(before, after)] == ["order of rate changes", "order of limits"]
    made = applied(before, after)
    assert (made.rate_change, made.limit) == (after.rate_change, after.limit)


def test_a_new_row_stands_where_its_file_writes_it(tmp_path: Path) -> None:
    before, after = alone(tmp_path / "a", UP, DOWN), alone(tmp_path / "b", MORE, UP, DOWN)
    assert [change.label for change in changes(before, after)] == ["more"]
    assert applied(before, after).rate_change == after.rate_change


def test_order_new_rows_and_removed_ones_come_together(tmp_path: Path) -> None:
    before, after = alone(tmp_path / "a", UP, FLOOR, DOWN), alone(tmp_path / "b", DOWN, MORE, UP, CAP)
    labels = [change.label for change in changes(before, after)]
    assert labels == ["more", "cap", "floor removed", "order of rate changes"]
    made = applied(before, after)
    assert (made.rate_change, made.limit) == (after.rate_change, after.limit)
    assert changes(made, after) == ()
