"""Doubts about claims by kind, with lines and dollars."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hitmodel.claim_quality import FUTURE, OTHER_DAYS, TWICE, UNDER_LIMIT, UNDER_USUAL, Doubt, quality
from hitmodel.claim_sets import claims_file
from hitmodel.claims import read_claims
from hitmodel.codes import code_table
from hitmodel.intake.claim_table import import_claims
from hitmodel.prices import payment_limits
from hitmodel.workspace import Workspace

HEADING = "claim_id,line_id,patient_id,payer,service_from,service_through,code,modifiers,units,charge,place_of_service"


def doubts(folder: Path, *rows: str) -> dict[str, Doubt]:
    (folder / "c.csv").write_text("\n".join((HEADING, *rows)) + "\n")
    found = quality(read_claims(folder / "c.csv"), code_table(), payment_limits())
    return {doubt.kind: doubt for doubt in found}


def test_a_drug_charged_under_its_payment_limit(tmp_path: Path) -> None:
    """J1459 is one of the codes with a limit; 60 units at a cent less each, and at a cent more, than the limit."""
    row = payment_limits().get("J1459", payment_limits().quarters[-5])
    assert row is not None
    assert row.limit is not None
    under, over = (int(row.limit * 100) * 60 / 100 + cents for cents in (-0.6, 0.6))
    day = f"{row.quarter.year}-{3 * row.quarter.number - 2:02}-10"
    lines = [f"1,{n},P,M,{day},{day},J1459,,60,{charge:.2f},12" for n, charge in ((1, under), (2, over + 60))]
    found = doubts(tmp_path, *lines)
    assert (found[UNDER_LIMIT].lines, found[UNDER_LIMIT].charge) == (1, round(under * 100))


@pytest.mark.slow
def test_days_of_a_per_diem_that_are_billed_twice(tmp_path: Path) -> None:
    """1 to 7 and 4 to 10 March of one patient meet on 4 days; 8 to 14, another patient and a second therapy do not."""
    rows = (
        "1,1,P,M,2025-03-01,2025-03-07,S9500,,7,1050.00,12",
        "2,2,P,M,2025-03-04,2025-03-10,S9500,,7,1060.00,12",
        "3,3,Q,M,2025-03-01,2025-03-07,S9500,,7,1050.00,12",
        "4,4,Q,M,2025-03-08,2025-03-14,S9500,,7,1050.00,12",
        "5,5,Q,M,2025-03-01,2025-03-07,S9500,SH,7,525.00,12",
    )
    found = doubts(tmp_path, *rows)
    assert (found[TWICE].lines, found[TWICE].charge) == (1, 106_000)


@pytest.mark.slow
def test_service_after_the_day_of_asking(tmp_path: Path) -> None:
    """Asked on 7 March 2025: a line to that day has come, one to the 8th has not."""
    rows = ("1,1,P,M,2025-03-01,2025-03-07,S9500,,7,1050.00,12", "2,2,Q,M,2025-03-02,2025-03-08,S9500,,7,1060.00,12")
    (tmp_path / "c.csv").write_text("\n".join((HEADING, *rows)) + "\n")
    found = quality(read_claims(tmp_path / "c.csv"), code_table(), payment_limits(), date(2025, 3, 7))
    assert [(doubt.lines, doubt.charge) for doubt in found if doubt.kind == FUTURE] == [(1, 106_000)]


@pytest.mark.slow
def test_a_line_without_units_keeps_no_drug_from_its_limit(tmp_path: Path) -> None:
    """J0696, 56 units for 1.00: 1.8 cents a unit, under any limit of it. The per diem beside it has no units."""
    rows = ("1,1,P,M,2025-03-01,2025-03-07,J0696,,56,1.00,12", "1,2,P,M,2025-03-01,2025-03-07,S9500,,,1386.00,12")
    found = doubts(tmp_path, *rows)
    assert (found[UNDER_LIMIT].lines, found[UNDER_LIMIT].charge) == (1, 100)
    assert (found["missing_value"].lines, found["missing_value"].charge) == (1, 138_600)


def test_a_per_diem_charged_far_under_what_is_usual(tmp_path: Path) -> None:
    """150.00 a day is usual; 7 days for 500.00 are 71.43 a day, under half of it; 525.00 are 75.00, exactly half."""
    charges = ("1050.00", "1050.00", "1050.00", "500.00", "525.00")
    rows = [f"{n},{n},P{n},M,2025-03-01,2025-03-07,S9500,,7,{charge},12" for n, charge in enumerate(charges)]
    found = doubts(tmp_path, *rows)
    assert (found[UNDER_USUAL].lines, found[UNDER_USUAL].charge) == (1, 50_000)


def test_a_drug_of_one_day_beside_a_per_diem_of_several(tmp_path: Path) -> None:
    rows = (
        "1,1,P,M,2025-03-01,2025-03-07,S9500,,7,1050.00,12",
        "1,2,P,M,2025-03-01,2025-03-01,J0696,,56,95.50,12",
        "2,3,Q,M,2025-03-01,2025-03-01,J0696,,8,20.00,12",
    )
    assert doubts(tmp_path, *rows)[OTHER_DAYS].lines == 1


def test_lines_that_cannot_be_priced_come_first(tmp_path: Path) -> None:
    rows = (
        "1,1,P,M,2025-03-01,2025-03-07,S9500,,7,9999.00,12",
        "1,2,P,M,2025-03-01,2025-03-01,S9599,,7,1.00,12",
        "1,3,P,M,2025-03-01,2025-03-01,,,7,2.00,12",
    )
    found = doubts(tmp_path, *rows)
    assert [kind for kind, doubt in found.items() if doubt.blocks] == ["missing_value", "unknown_code"]
    assert next(iter(found)) == "missing_value"
    assert all(doubt.meaning.endswith(".") for doubt in found.values())


@pytest.mark.slow
def test_the_sample_has_the_doubts_that_were_put_into_it(project: Path) -> None:
    found = quality(read_claims(project / "data/samples/claims_2025.csv"), code_table(), payment_limits())
    assert {"duplicate_line", "units_not_days", "unknown_code"} <= {doubt.kind for doubt in found}


DOUBTFUL = (
    "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS,Frequency",
    # Six units for seven days.
    "1,1,A,Meridian,2025-03-03,2025-03-09,S9500,,6,1050,12,1",
    "1,2,A,Meridian,2025-03-03,2025-03-09,J0696,,56,300,12,1",
    "1,3,A,Meridian,2025-03-04,2025-03-04,99601,,1,200,12,1",
    # A per diem each day, its immune globulin once in the week.
    "2,1,B,Meridian,2025-03-03,2025-03-09,S9338,,7,1050,12,1",
    "2,2,B,Meridian,2025-03-05,2025-03-05,J1569,,80,6000,12,1",
    "2,3,B,Meridian,2025-03-05,2025-03-05,99601,,1,200,12,1",
    # SH, and no first therapy.
    "3,1,C,Meridian,2025-03-03,2025-03-09,S9500,SH,7,1050,12,1",
    "3,2,C,Meridian,2025-03-03,2025-03-09,J0696,,56,300,12,1",
    "3,3,C,Meridian,2025-03-04,2025-03-04,99601,,1,200,12,1",
    # A drug without any per diem.
    "4,1,D,Meridian,2025-03-03,2025-03-03,J0696,,56,300,12,1",
    # A per diem without any drug.
    "5,1,E,Meridian,2025-03-03,2025-03-09,S9500,,7,1050,12,1",
    "5,2,E,Meridian,2025-03-04,2025-03-04,99601,,1,200,12,1",
    # A per diem twice.
    "6,1,F,Meridian,2025-03-03,2025-03-09,S9500,,7,1050,12,1",
    "6,2,F,Meridian,2025-03-03,2025-03-09,S9500,,7,1050,12,1",
    "6,3,F,Meridian,2025-03-03,2025-03-09,J0696,,56,300,12,1",
    "6,4,F,Meridian,2025-03-04,2025-03-04,99601,,1,200,12,1",
    # A void of what is not here.
    "7,1,G,Meridian,2025-03-03,2025-03-09,S9500,,7,1050,12,8",
    # J3370 ended on 2025-06-30.
    "8,1,H,Meridian,2025-07-03,2025-07-09,S9500,,7,1050,12,1",
    "8,2,H,Meridian,2025-07-03,2025-07-09,J3370,,28,300,12,1",
    "8,3,H,Meridian,2025-07-04,2025-07-04,99601,,1,200,12,1",
    # 50.00 a day where 150.00 is usual, 3.00 for 14 g of ceftriaxone, a visit at 50.00 of 200.00.
    "9,1,I,Meridian,2025-03-03,2025-03-09,S9500,,7,350,12,1",
    "9,2,I,Meridian,2025-03-03,2025-03-09,J0696,,56,3,12,1",
    "9,3,I,Meridian,2025-03-04,2025-03-04,99601,,1,50,12,1",
    # A claim, and its replacement at 900.00.
    "10,1,J,Meridian,2025-03-03,2025-03-09,S9500,,7,1050,12,1",
    "10,2,J,Meridian,2025-03-03,2025-03-09,J0696,,56,300,12,1",
    "10,3,J,Meridian,2025-03-04,2025-03-04,99601,,1,200,12,1",
    "10,1,J,Meridian,2025-03-03,2025-03-09,S9500,,7,900,12,7",
    "10,2,J,Meridian,2025-03-03,2025-03-09,J0696,,56,300,12,7",
    "10,3,J,Meridian,2025-03-04,2025-03-04,99601,,1,200,12,7",
)


@pytest.mark.slow
def test_every_doubt_that_an_analyst_would_want_to_know(tmp_path: Path, own_workspace: Path) -> None:
    """A claim with each doubt, imported: each is found on its own lines and nowhere else, replaced lines are gone."""
    (tmp_path / "q.csv").write_text("\n".join(DOUBTFUL) + "\n", encoding="utf-8")
    import_claims(tmp_path / "q.csv", Workspace.open(own_workspace))
    read = read_claims(claims_file(Workspace.open(own_workspace)))
    found = {d.kind: (d.lines, d.charge) for d in quality(read, code_table(), payment_limits())}
    assert found == {
        "units_not_days": (1, 105_000),
        OTHER_DAYS: (1, 600_000),
        "second_without_first": (1, 105_000),
        "drug_without_per_diem": (1, 30_000),
        "per_diem_without_drug": (1, 105_000),
        "duplicate_line": (1, 105_000),
        "void_without_original": (1, -105_000),
        "code_not_valid": (1, 30_000),
        UNDER_USUAL: (2, 35_000 + 5_000),
        UNDER_LIMIT: (1, 300),
    }
    assert len(read.lines) == len(DOUBTFUL) - 1 - 3, "all rows but the heading and the three that were replaced"
