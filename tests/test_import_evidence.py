"""What was recorded beside claims comes in with hashed ids, and imported claims are priced with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import contract, outcome
from typer.testing import CliRunner

from hitmodel.claim_sets import located
from hitmodel.cli import app
from hitmodel.errors import InputError
from hitmodel.evidence_file import find_evidence, read_evidence
from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.evidence_import import import_evidence
from hitmodel.pricing import price
from hitmodel.workspace import Workspace

CLAIMS = """Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS
1001,1,MRN 77,A payer,2025-06-01,2025-06-07,S9500,,7,900.00,12
1002,1,78,A payer,2025-06-01,2025-06-07,S9500,,7,900.00,12
"""
DOSES = """MRN,Order #,HCPCS,Dose Date,Patient Name
mrn 77,RX1,S9500,6/1/2025,Jane Canary
MRN 77,RX1,S9500,6/3/2025,Jane Canary
MRN 77,RX1,S9500,6/5/2025,Jane Canary
78,RX2,S9500,6/1/2025,John Canary
"""
THERAPIES = """MRN,Order #,HCPCS,Start Date,DOB
mrn 77,RX1,S9500,6/1/2025,1/2/1950
78,rx2,S9500,6/1/2025,1/2/1950
"""
INFUSION_DAYS = """
[days]
count = "infusion"
[[term]]
id = "daily"
codes = ["S9500"]
mechanism = "per_diem"
rate = 90.00
"""


def companions(folder: Path, name: str = "march_evidence", **files: str) -> Path:
    place = folder / name
    place.mkdir(exist_ok=True)
    for what, text in files.items():
        (place / f"{what}.csv").write_text(text, encoding="utf-8")
    return place


def bring_in(folder: Path, workspace: Path) -> Path:
    """Import the claims and the doses; return the claims file that pricing reads."""
    (folder / "march.csv").write_text(CLAIMS, encoding="utf-8")
    import_claims(folder / "march.csv", Workspace.open(workspace))
    import_evidence([companions(folder, doses=DOSES, therapies=THERAPIES)], workspace)
    return located("workspace")


@pytest.mark.slow
def test_imported_claims_are_priced_with_imported_evidence(tmp_path: Path, own_workspace: Path) -> None:
    """Of 7 billed days 3 had a dose, and 1 of the other patient's: 3 × 90 and 1 × 90."""
    claims = bring_in(tmp_path, own_workspace)
    priced = price(str(claims), contract(tmp_path, INFUSION_DAYS))
    assert sorted(outcome(priced)) == [("priced", 90_00), ("priced", 270_00)]


@pytest.mark.slow
def test_nothing_of_a_person_is_kept_and_the_same_evidence_changes_nothing(tmp_path: Path, own_workspace: Path) -> None:
    bring_in(tmp_path, own_workspace)
    kept = [path for path in own_workspace.rglob("*") if path.is_file() and path.suffix in (".csv", ".toml", ".json")]
    text = "".join(path.read_text(encoding="utf-8") for path in kept)
    assert not [word for word in ("Canary", "MRN 77", "RX1", "RX2") if word in text]
    state = Workspace.open(own_workspace).state
    assert import_evidence([tmp_path / "march_evidence"], own_workspace).again
    assert Workspace.open(own_workspace).state == state


@pytest.mark.slow
def test_a_row_that_cannot_be_used_stays_doubtful_without_its_words(tmp_path: Path, own_workspace: Path) -> None:
    (tmp_path / "march.csv").write_text(CLAIMS, encoding="utf-8")
    import_claims(tmp_path / "march.csv", Workspace.open(own_workspace))
    stays = "Patient,Admit Date,Discharge Date\n78,Jane Canary,2025-06-04\n77,6/2/2025,6/1/2025\n"
    landed = import_evidence([companions(tmp_path, stays=stays)], own_workspace)
    findings = {count.field: count for count in landed.entry.findings if not count.repaired}
    assert findings["admitted"].example.startswith("stays.csv row 2, admitted 'AAAA AAAAAA'")
    assert findings["discharged"].example.startswith(
        "stays.csv row 3, discharged '2025-06-01': it lies before admitted"
    )
    folder = find_evidence(located("workspace"))
    assert folder is not None
    assert len(read_evidence(folder).stays.doubtful) == 2


@pytest.mark.slow
def test_later_evidence_takes_the_place_of_the_same_record(tmp_path: Path, own_workspace: Path) -> None:
    (tmp_path / "march.csv").write_text(CLAIMS, encoding="utf-8")
    import_claims(tmp_path / "march.csv", Workspace.open(own_workspace))
    heading = "patient_id,therapy_id,code,start,stop\n"
    first = companions(tmp_path, "one_evidence", therapies=heading + "77,RX1,S9500,2025-06-01,\n")
    later = companions(tmp_path, "two_evidence", therapies=heading + "77,RX1,S9500,2025-06-01,2025-06-07\n")
    (first / "evidence.toml").write_text("history_complete_from = 2025-01-01\n", encoding="utf-8")
    for place in (first, later):
        import_evidence([place], own_workspace)
    folder = find_evidence(located("workspace"))
    assert folder is not None
    read = read_evidence(folder)
    (therapies,) = read.therapies.by_patient.values()
    assert [str(record.stop) for record in therapies] == ["2025-06-07"]
    assert str(read.history_complete_from) == "2025-01-01"
    assert not read.findings


@pytest.mark.slow
def test_what_is_no_evidence_is_refused(tmp_path: Path, own_workspace: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="nothing says what the file holds"):
        import_evidence([tmp_path / "notes.csv"], own_workspace)
    with pytest.raises(InputError, match="there is no such file"):
        import_evidence([tmp_path / "visits.csv"], own_workspace)
    place = companions(tmp_path, visits="MRN,Nurse\n77,RN\n")
    with pytest.raises(InputError, match=r"visits.csv, row 1, date: no row of it is the heading"):
        import_evidence([place], own_workspace)
    assert not Workspace.open(own_workspace).entries


@pytest.mark.slow
def test_the_command_says_how_many_patients_meet(tmp_path: Path, own_workspace: Path) -> None:
    (tmp_path / "march.csv").write_text(CLAIMS, encoding="utf-8")
    runner = CliRunner()
    place = companions(tmp_path, doses=DOSES + "99,RX3,S9500,6/1/2025,x\n")
    result = runner.invoke(app, ["import", "claims", str(tmp_path / "march.csv")])
    assert "hitmodel import evidence" in result.output, "the folder beside it is named"
    result = runner.invoke(app, ["import", "evidence", str(place)])
    assert "2 of its 3 patients have claim lines here" in result.output
    assert result.exit_code == 0, result.output
