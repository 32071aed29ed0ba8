"""Claims that another program writes as 837P and 835 come back equal, line by line, remittances matched."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hitmodel.claims import read_claims
from hitmodel.errors import InputError
from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.x835 import import_835
from hitmodel.intake.x837 import import_837
from hitmodel.workspace import Workspace

CODES = ("S9500", "S9501", "S9338", "S9366", "99601", "99602", "J1459", "J0696", "B4185")


def book(chance: random.Random, claims: int) -> dict[str, list[tuple[str, int, Decimal, Decimal]]]:
    """Return claims by number, each with lines (code, units, charge, allowed) that differ in code or charge."""
    made = {}
    for number in range(claims):
        lines = []
        for code in chance.sample(CODES, chance.randint(1, 5)):
            charge = Decimal(chance.randint(100, 2_000_000)) / 100
            lines.append(
                (code, chance.randint(1, 99), charge, (charge * chance.randint(0, 100) / 100).quantize(Decimal("0.01")))
            )
        made[f"PCN{number:06}"] = lines
    return made


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_generated_claims_and_remittances_come_back_equal(tmp_path: Path, own_workspace: Path, seed: int) -> None:
    from x12_writer import paid, submitted  # the generator takes seconds to load, in every run that only finds tests

    chance = random.Random(seed)
    claims = book(chance, 60)
    (tmp_path / "a.837").write_text(submitted(claims, chance, seed))
    (tmp_path / "a.835").write_text(paid(claims, chance, seed))
    entry, _ = import_837(tmp_path / "a.837", Workspace.open(own_workspace))
    remitted, _ = import_835(tmp_path / "a.835", Workspace.open(own_workspace))
    assert entry.findings == ()
    assert {(c.kind, c.field) for c in remitted.findings} <= {("missing", "service_from")}, (
        "the generator dates no line"
    )
    lines = read_claims("workspace").lines
    found = lines[["code", "units_milli", "charge_cents", "actual_allowed_cents"]].itertuples(index=False, name=None)
    expected = [
        (code, units * 1000, int(charge * 100), int(allowed * 100))
        for held in claims.values()
        for code, units, charge, allowed in held
    ]
    assert list(found) == expected
    assert lines["claim_id"].nunique() == len(claims)
    assert lines["patient_id"].nunique() == len(claims), "each claim was given a patient of its own"


@pytest.mark.slow
def test_a_claims_file_comes_back_equal_but_for_its_ids(project: Path, own_workspace: Path) -> None:
    sample = project / "data" / "samples" / "claims_2025.csv"
    import_claims(sample, Workspace.open(own_workspace))
    before, after = read_claims(sample).lines, read_claims("workspace").lines
    ids = ["claim_id", "line_id", "patient_id"]
    columns = [name for name in before.columns if name not in (*ids, "blocked")]
    assert after[columns].equals(before[columns])
    for name in ids:
        pairs = before[[name]].assign(hashed=after[name]).drop_duplicates()
        assert not pairs[name].duplicated().any()
        assert not pairs["hashed"].duplicated().any()


@pytest.mark.slow
def test_another_projects_tables(real_files: Path, own_workspace: Path) -> None:
    """The Tuva tables here are headings alone; with a line below, a medical claim comes in."""
    medical = real_files / "claims" / "tuva_demo_medical_claim.csv"
    with pytest.raises(InputError, match="a heading and no lines"):
        import_claims(medical, Workspace.open(own_workspace))
    for name in ("tuva_demo_eligibility.csv", "tuva_demo_pharmacy_claim.csv"):
        with pytest.raises(InputError, match=r"no row is a heading|no column was recognised|no lines"):
            import_claims(real_files / "claims" / name, Workspace.open(own_workspace))
    headings = medical.read_text().strip().split(",")
    cells = {
        **{"claim_id": "C1", "claim_line_number": "1", "person_id": "P1", "payer": "Aetna", "hcpcs_code": "S9500"},
        **{"claim_line_start_date": "2025-03-01", "claim_line_end_date": "2025-03-07", "charge_amount": "1050.00"},
        **{
            "service_unit_quantity": "7",
            "place_of_service_code": "12",
            "hcpcs_modifier_1": "SH",
            "allowed_amount": "665",
        },
    }
    text = ",".join(headings) + "\n" + ",".join(cells.get(name, "") for name in headings) + "\n"
    path = own_workspace.parent / "tuva.csv"
    path.write_text(text)
    made = import_claims(path, Workspace.open(own_workspace))
    (line,) = pq.read_table(Workspace.open(own_workspace).files(made.entry)[0]).to_pylist()
    assert (line["code"], line["modifiers"], line["units"], line["actual_allowed"]) == ("S9500", "SH", 7, 665)
