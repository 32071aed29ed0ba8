"""The tables of a comparison: exact cells, what is left out beside every total, and files written whole."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import builders
import pytest
from openpyxl import load_workbook
from small_book import AFTER, LINES, NOW, OFFER, TODAY, contracts, small_study, wide_study

from hitmodel.comparison_charts import therapy_charts
from hitmodel.comparison_tables import bridge_table, bridge_tables, groups_table, in_parts, totals_table, write_tables
from hitmodel.drug_tables import drug_revenue_table
from hitmodel.errors import InputError
from hitmodel.rates_table import exhibit_table
from hitmodel.study import Study, study
from hitmodel.summary import DIMENSIONS
from hitmodel.tables import Gap, Table


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def outward(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return wide_study(tmp_path_factory.mktemp("wide"), "external")


def row(table: Table, first: str) -> dict[str, Any]:
    """Return the cells of the row or total row that begins with ``first``."""
    found = next(r for r in (*table.rows, *table.totals) if r[0] == first)
    return dict(zip((c.key for c in table.columns), found, strict=True))


def test_groups_hold_every_side_with_its_difference(made: Study) -> None:
    table = groups_table(made.summary, "therapy")
    # Anti-infectives 1,422 → 1,357: −65, −65 ÷ 1,422. All three patients are few, so the group is flagged.
    cells = row(table, "Anti-infectives *")
    assert (cells["patients"], cells["days"]) == (3, 14)
    assert (cells["today"], cells["proposal_1"], cells["difference_1"]) == (1422_00, 1357_00, -65_00)
    assert cells["percent_1"] == Fraction(-65, 1422)
    assert table.headline == "Offer takes most from anti-infectives (−65.00)."


def test_what_is_not_priced_stands_beside_its_group_and_the_total(made: Study) -> None:
    table = groups_table(made.summary, "therapy")
    cells = row(table, "Not classified")
    assert (cells["unpriced_lines"], cells["unpriced_charge"]) == (1, 500_00)
    assert cells["today"] is Gap.NONE, "no amount is known, which is not a zero"
    assert row(table, "All")["unpriced_charge"] == 500_00
    assert "1 line, $500.00 of charges, is not priced and in no amount here." in table.notes


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_breakdown_has_a_table_that_adds_up(made: Study, outward: Study, dimension: str) -> None:
    for one in (made, outward):
        table = groups_table(one.summary, dimension)
        pools = list(table.totals[:-1])
        for key in ("today", "proposal_1", "difference_1"):
            at = [c.key for c in table.columns].index(key)
            cells = [r[at] for r in (*table.rows, *pools)]
            assert sum(c for c in cells if isinstance(c, int)) == table.totals[-1][at]


def test_a_code_stands_with_its_label(made: Study) -> None:
    table = groups_table(made.summary, "code")
    assert row(table, "S9500")["label"] == "Anti-infective q24h *"


def test_the_bridge_adds_up_to_the_cent_in_turn_and_alone(made: Study) -> None:
    table = bridge_table(made.comparison, 0)
    assert sum(table.column("in_turn")) == AFTER - TODAY  # type: ignore[arg-type]
    together = row(table, "Together, beyond each alone")["alone"]
    assert together == -7_00
    assert sum(table.column("alone")) + together == AFTER - TODAY  # type: ignore[arg-type]
    assert row(table, "All clauses")["in_turn"] == row(table, "All clauses")["alone"] == -65_00
    assert "in the order of the proposal's file" in table.notes[0]
    assert table.headline == "3 clauses of Offer take $65.00; −7.00 of it only because they meet."


def test_clauses_of_few_patients_stand_together_outside(outward: Study, made: Study) -> None:
    # In the small book every clause touches one to three patients: outside they are one step.
    assert len(bridge_tables(outward)) == 1
    table = bridge_table(made.comparison, 0, pooled=True)
    assert [r[0] for r in table.rows] == ["3 clauses together"]
    assert table.rows[0][3] == AFTER - TODAY


def test_what_a_clause_does_alone_stays_inside(outward: Study, tmp_path: Path) -> None:
    # Fourteen patients of 7 days and one, P20, of 20 under a cap of 5,000 a claim. Per diem 100 → 200 in turn:
    # 14 × 700 + 2,000 = 11,800. Its cap of 1,000 in turn: 14 × −400 − 3,000 = −8,600, of 15 patients; alone it takes
    # from P20 only, 2,000 → 1,000.
    lines = [f"S9500 2025-03-03 2025-03-09 7 90000.00 patient=P{n} claim=C{n}" for n in range(14)]
    lines.append("S9500 2025-05-01 2025-05-20 20 90000.00 patient=P20 claim=C20")
    capped = NOW + '[[limit]]\nid = "cap"\nkind = "cap"\nper = "claim"\namount = 5000.00\n'
    offer = '[contract]\nextends = "now"\neffective_from = 2025-01-01\n'
    offer += '[[term]]\nid = "per_diem"\nrate = 200.00\n[[limit]]\nid = "cap"\namount = 1000.00\n'
    for edition in ("internal", "external"):
        (tmp_path / edition).mkdir()
        one = small_study(tmp_path / edition, *lines, now=capped, offer=offer, edition=edition)
        (table,) = bridge_tables(one)
        assert table.column("in_turn") == (11_800_00, -8_600_00)
        assert ("alone" in [c.key for c in table.columns]) is (edition == "internal")
        assert ("lone" in str(table.to_json())) is (edition == "internal"), "no column, total row or note of it"
    assert table.headline == "2 clauses of offer give $3,200.00."


def test_the_number_of_lines_without_a_price_stays_inside_where_it_is_of_few(outward: Study) -> None:
    # The wide book has one such line, of P1.
    assert totals_table(outward).notes == ("Some lines are not priced and in no amount here.",)


def test_totals_say_what_each_proposal_pays(made: Study) -> None:
    table = totals_table(made)
    assert row(table, "Offer")["difference"] == -65_00
    assert table.headline == "Offer pays $65.00 less (−4.2 %)."  # 65 ÷ 1,542 = 4.215 %


def test_only_pooled_tables_may_leave_the_house(made: Study, outward: Study) -> None:
    for one, audience in ((made, "internal"), (outward, "both")):
        tables = [groups_table(one.summary, d) for d in DIMENSIONS]
        tables += [totals_table(one), *bridge_tables(one), drug_revenue_table(one), exhibit_table(one)]
        assert {t.audience for t in tables} == {audience}


@pytest.mark.slow
def test_many_proposals_stand_two_by_two(tmp_path: Path) -> None:
    now, offer = contracts(tmp_path)
    claims = builders.write_lines(tmp_path / "claims.csv", LINES, builders.PAYER)
    folders = [offer]
    for name in ("a proposal with a name too long", "third"):
        changed = OFFER.replace('title = "Offer"', f'title = "{name}"')
        folders.append(builders.write(tmp_path / name.split()[-1], changed).parent)
    table = groups_table(study(claims, now, folders).summary, "role")
    first, second = in_parts(table)
    assert [c.key for c in second.columns] == [
        *("role", "patients", "days", "today", "proposal_3", "difference_3", "percent_3"),
        *("unpriced_lines", "unpriced_charge"),
    ]
    assert (first.name, second.name) == ("by_role", "by_role_2")
    assert [c.label for c in first.columns if c.key == "proposal_2"] == ["a proposal with a…"]
    assert in_parts(first) == [first]
    assert len(therapy_charts(study(claims, now, folders))) == 2


def test_tables_are_written_as_a_workbook(made: Study, tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    write_tables([groups_table(made.summary, "role"), bridge_table(made.comparison, 0)], target)
    assert load_workbook(target).sheetnames[1:] == ["by_role", "bridge_1"]


def test_a_csv_holds_the_first_table(made: Study, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    write_tables([groups_table(made.summary, "month"), bridge_table(made.comparison, 0)], target)
    assert target.read_text(encoding="utf-8").splitlines()[1].startswith("2025-03 *,2,14,1342.00,1327.00,-15.00,")


def test_another_ending_is_refused_and_nothing_is_written(made: Study, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Expected .xlsx or .csv"):
        write_tables([totals_table(made)], tmp_path / "out.pdf")
    with pytest.raises(InputError, match="cannot be written"):
        write_tables([totals_table(made)], tmp_path / "nowhere" / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_table_prints_as_text(made: Study) -> None:
    assert str(totals_table(made)).splitlines()[0] == "Offer pays $65.00 less (−4.2 %)."


UNEVEN = """
[[term]]
id = "antibiotic"
codes = ["S9500"]
mechanism = "per_diem"
rate = {rate}
[[term]]
id = "hydration"
codes = ["S9374"]
{hydration}
"""


@pytest.mark.slow
def test_what_one_of_two_proposals_does_not_price_is_named_in_the_headline_and_beside_each_total(
    tmp_path: Path,
) -> None:
    """S9500: 7 × 95 today, 7 × 90, 7 × 96. Hydration, 3 × 70 of 300 charged, is by report under the first alone."""
    paid = 'mechanism = "per_diem"\nrate = 70.00'
    for name, rate, hydration in (("now", 95, paid), ("first", 90, 'mechanism = "by_report"'), ("second", 96, paid)):
        text = UNEVEN.format(rate=rate, hydration=hydration)
        builders.write(tmp_path / name, builders.header(more=f'title = "{name.title()}"') + text)
    lines = ("S9500 2025-03-03 2025-03-09 7 1050.00", "S9374 2025-03-03 2025-03-05 3 300.00 patient=P2")
    builders.write_lines(tmp_path / "claims.csv", lines, builders.PAYER)
    made = study(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "first", tmp_path / "second"])
    table = totals_table(made)
    assert table.headline == (
        "First pays $35.00 less (−5.3 %), and a further $210.00 paid today, on 1 line, would be priced by report; "
        "Second pays $7.00 more (+1.1 %)."
    )
    cells = {name: row(table, name) for name in ("Today", "First", "Second")}
    assert [one["allowed"] for one in cells.values()] == [665_00, 630_00, 672_00]
    assert [one["own"] for one in cells.values()] == [875_00, 630_00, 882_00]
    assert (cells["First"]["unpriced_lines"], cells["First"]["unpriced_charge"]) == (1, 300_00)
    assert cells["Second"]["unpriced_lines"] is Gap.NONE
    notes = groups_table(made.summary, "therapy").notes
    assert "First: a further $210.00 paid today, on 1 line, would be priced by report." in notes
    assert "1 line, $300.00 of charges, is not priced by every side and in no amount here." in notes


@pytest.mark.slow
def test_what_becomes_included_is_counted_only_where_it_is_part_of_the_difference(tmp_path: Path) -> None:
    """Hydration is included under the first, and by report under the second, so that it is in neither's difference."""
    paid, included = 'mechanism = "per_diem"\nrate = 70.00', 'mechanism = "bundled"'
    for name, rate, hydration in (
        ("now", 95, paid),
        ("first", 90, included),
        ("second", 96, 'mechanism = "by_report"'),
    ):
        text = UNEVEN.format(rate=rate, hydration=hydration)
        builders.write(tmp_path / name, builders.header(more=f'title = "{name.title()}"') + text)
    lines = ("S9500 2025-03-03 2025-03-09 7 1050.00", "S9374 2025-03-03 2025-03-05 3 300.00 patient=P2")
    builders.write_lines(tmp_path / "claims.csv", lines, builders.PAYER)
    both = study(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "first", tmp_path / "second"])
    assert "counting" not in str(totals_table(both).headline)
    alone = study(tmp_path / "claims.csv", tmp_path / "now", [tmp_path / "first"])
    assert "counting $210.00 paid today that would be included (S9374)" in str(totals_table(alone).headline)
