"""835 remittances: what was allowed, by whose word, and what does not balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hitmodel.claim_sets import claims_file
from hitmodel.claims import read_claims
from hitmodel.errors import InputError
from hitmodel.intake.x835 import import_835
from hitmodel.intake.x837 import files_of, import_837
from hitmodel.workspace import Entry, Workspace
from tests.x12_text import claim, remittance, submission

CLAIM = "CLP*CLM1*1*1050*500*165*12*ICN1*12*1"


def bring_in(text: str, folder: Path, name: str = "april.835") -> Entry:
    (folder.parent / name).write_text(text)
    return import_835(folder.parent / name, Workspace.open(folder))[0]


def rows(entry: Entry, folder: Path) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = pq.read_table(Workspace.open(folder).files(entry)[0]).to_pylist()
    return made


def one(folder: Path, *segments: str) -> tuple[dict[str, Any], set[str]]:
    entry = bring_in(remittance(segments), folder)
    (row,) = rows(entry, folder)
    return row, {count.kind for count in entry.findings}


def test_what_the_payer_states_as_allowed_is_taken(own_workspace: Path) -> None:
    row, findings = one(
        own_workspace,
        *(CLAIM, "SVC*HC:S9500:SH*1050*500**7", "DTM*150*20260301", "DTM*151*20260307"),
        *("CAS*CO*45*385", "CAS*PR*2*165", "REF*6R*LINE1", "AMT*B6*665"),
    )
    assert (row["charge"], row["paid"], row["allowed"], row["allowed_by"]) == (1050, 500, 665, "stated")
    assert (row["code"], row["modifiers"], row["units"]) == ("S9500", "SH", 7)
    assert (row["service_from"], row["service_through"]) == (date(2026, 3, 1), date(2026, 3, 7))
    assert (row["patient_share"], row["adjustments"]) == (165, "CO-45 385.00; PR-2 165.00")
    assert (row["payer"], row["paid_on"], row["status"]) == ("MERIDIAN HEALTH PLAN", date(2026, 4, 1), "1")
    assert findings == set(), "1,050 = 500 + 385 + 165"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("adjustments", "paid", "allowed"),
    [
        ("CAS*CO*45*385", 665, 665),  # 1,050 - 385
        ("CAS*CO*45*385~CAS*PR*1*100*1*2*65", 500, 665),  # the patient's share is part of the price
        ("CAS*CO*45*385**253*13.30", "651.70", 665),  # sequestration comes after the price
        ("CAS*CO*45*385~CAS*OA*23*400", 265, 665),  # another payer's payment too
        ("CAS*PI*45*385", 665, 665),
        ("CAS*OA*94*-50", 1100, 1100),  # paid above the charge
        ("CAS*CO*97*1050", 0, 0),  # bundled: nothing allowed
    ],
)
def test_what_is_allowed_is_worked_out_of_the_adjustments(
    own_workspace: Path, adjustments: str, paid: object, allowed: int
) -> None:
    row, findings = one(
        own_workspace, CLAIM.replace("*500*", f"*{paid}*"), f"SVC*HC:S9500*1050*{paid}", *adjustments.split("~")
    )
    assert (row["allowed"], row["allowed_by"]) == (allowed, "worked out")
    assert findings == {"missing"}, "the line has no date; it balances"


@pytest.mark.slow
def test_what_does_not_balance_is_said(own_workspace: Path) -> None:
    row, findings = one(own_workspace, CLAIM, "SVC*HC:S9500*1040*500", "DTM*472*20260301", "CAS*CO*45*385")
    assert findings == {"line_balance", "claim_balance", "claim_total"}
    assert row["allowed"] == Decimal("655.00")


def test_an_adjustment_of_a_whole_claim(own_workspace: Path) -> None:
    """On one line it is that line's; on several nobody knows whose, unless the allowed amount is stated."""
    row, _ = one(own_workspace, "CLP*CLM1*1*800*450*300*12", "CAS*CO*A2*50", "SVC*HC:S9500*800*500", "CAS*PR*1*300")
    assert row["allowed"] == 750, "800 - 50"
    entry = bring_in(
        remittance(
            ("CLP*CLM1*1*900*550*300*12", "CAS*CO*A2*50", "SVC*HC:S9500*800*500", "CAS*PR*1*300"),
            ("SVC*HC:99601*100*100", "AMT*B6*95"),
        ),
        own_workspace,
        "two.835",
    )
    first, second = rows(entry, own_workspace)
    assert (first["allowed"], second["allowed"]) == (None, 95)
    assert "claim_adjustment" in {count.kind for count in entry.findings}


@pytest.mark.slow
def test_a_claim_paid_as_a_whole(own_workspace: Path) -> None:
    row, findings = one(own_workspace, "CLP*CLM1*1*900*700**12", "CAS*CO*45*200", "DTM*232*20260301")
    assert (row["level"], row["allowed"], row["code"]) == ("claim", 700, "")
    assert "claim_level" in findings


@pytest.mark.slow
def test_money_on_no_claim_is_listed(own_workspace: Path) -> None:
    text = remittance((CLAIM, "SVC*HC:S9500*1050*500", "CAS*CO*45*550"), ("PLB*1234567893*20261231*WO:1*250",))
    entry = bring_in(text, own_workspace)
    found = {count.kind: count.example for count in entry.findings}
    assert found["provider_level_WO"] == "segment 15, PLB: 250.00 taken from the payment as a whole for WO, on no claim"
    assert "500.00 is not what the claims are paid, 500.00, less PLB, 250.00" in found["payment_balance"]


@pytest.mark.slow
def test_a_payment_less_what_the_payer_takes_back_balances(own_workspace: Path) -> None:
    """500 paid on the claim, 250 taken back, 1.50 interest added (negative in PLB): 251.50."""
    claims = (CLAIM, "SVC*HC:S9500*1050*500", "CAS*CO*45*550", "DTM*472*20260301")
    text = remittance(claims, ("PLB*1234567893*20261231*WO:1*250*L6*-1.50",), paid="251.50")
    entry = bring_in(text, own_workspace)
    assert {count.kind for count in entry.findings} == {"provider_level_WO", "provider_level_L6"}


@pytest.mark.slow
def test_what_a_patient_owes_beyond_the_price_is_not_allowed(own_workspace: Path) -> None:
    """Not covered (PR-96), the patient owes all of it: the payer allows nothing of the 1,050."""
    row, _ = one(own_workspace, "CLP*CLM1*4*1050*0*1050*12", "SVC*HC:S9500*1050*0", "CAS*PR*96*1050")
    assert (row["allowed"], row["patient_share"]) == (0, 1050)


@pytest.mark.slow
def test_a_line_paid_under_another_code_is_the_line_as_billed(own_workspace: Path) -> None:
    row, findings = one(
        own_workspace, CLAIM, "SVC*HC:S9501*1050*500**7*HC:S9500:SH*7", "DTM*472*20260301", "CAS*CO*45*550"
    )
    assert (row["code"], row["modifiers"]) == ("S9500", "SH")
    assert findings == {"paid_as_another_code"}


@pytest.mark.slow
@pytest.mark.parametrize("status", ["23", "25"])
def test_what_was_only_forwarded_or_estimated_prices_nothing(status: str, own_workspace: Path) -> None:
    row, findings = one(
        own_workspace, f"CLP*CLM1*{status}*1050*0**12", "SVC*HC:S9500*1050*0", "DTM*472*20260301", "CAS*OA*101*1050"
    )
    assert (row["status"], findings) == (status, {"no_payment"})


@pytest.mark.slow
def test_a_payment_without_claims_is_taken_and_said(own_workspace: Path) -> None:
    """100.00 paid for no claim, by an adjustment of -100.00 (PLB); beside it, a claim's payment is matched as ever."""
    entry = bring_in(remittance(("PLB*1234567893*20261231*CS:ADJ*-100",), paid="100"), own_workspace)
    assert (entry.rows_in, entry.rows_kept) == (0, 0)
    assert {count.kind for count in entry.findings} == {"no_claims", "provider_level_CS"}
    assert "a payment of 100.00 without claims" in str(entry.findings)
    service = "SV1*HC:S9500*1050*UN*7*12**1~DTP*472*D8*20260301"
    (own_workspace.parent / "a.837").write_text(submission(claim("CLM1", [service], "1050")))
    import_837(own_workspace.parent / "a.837", Workspace.open(own_workspace))
    claims = (CLAIM, "SVC*HC:S9500*1050*500", "CAS*CO*45*550", "DTM*472*20260301")
    assert read_claims(claims_file(Workspace.open(own_workspace))).lines["actual_allowed_cents"].isna().all()
    bring_in(remittance(claims), own_workspace, "b.835")
    assert read_claims(claims_file(Workspace.open(own_workspace))).lines["actual_allowed_cents"].tolist() == [50000]


@pytest.mark.slow
def test_what_is_no_remittance_is_refused(own_workspace: Path) -> None:
    with pytest.raises(InputError, match="hitmodel import 837 reads claims"):
        bring_in(submission(claim("CLM1", ["SV1*HC:S9500*1*UN*1***1"], "1")), own_workspace)
    with pytest.raises(InputError, match="cut off"):
        bring_in(remittance((CLAIM, "SVC*HC:S9500*1050*500"))[:-40], own_workspace)
    with pytest.raises(InputError, match="pays no claim"):
        bring_in(remittance(()), own_workspace)


def test_published_examples(real_files: Path, own_workspace: Path) -> None:
    """Their own AMT*B6 agree with the charge less the adjustments wherever only the primary payer speaks."""
    found = {}
    for path in files_of([real_files / "x12" / "stupidedi" / "005010X221A1" / "pass"]):
        entry, _ = import_835(path, Workspace.open(own_workspace))
        found[path.name] = (len(rows(entry, own_workspace)), {count.kind for count in entry.findings})
    assert found["era-sample.edi"] == (5, {"other_code"})
    assert found["multiple-claims-single-check.edi"] == (33, {"other_code"})
    assert found["dollars-and-data-sent-separate.edi"] == (2, set())
    assert found["dollars-and-data-sent-together.edi"] == (2, {"claim_level", "provider_level_CV"})
    assert found["tertiary-payments.edi"] == (1, {"second_payer"})
    assert len(found) == 7
