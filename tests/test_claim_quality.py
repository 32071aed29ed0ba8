"""Doubts about claims by kind, with lines and dollars."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitmodel.claim_quality import OTHER_DAYS, UNDER_LIMIT, UNDER_USUAL, Doubt, quality
from hitmodel.claims import read_claims
from hitmodel.codes import code_table
from hitmodel.prices import payment_limits

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
