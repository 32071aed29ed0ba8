"""Headings as billing systems write them are recognised; a map is kept as a file that can be corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitmodel.errors import InputError
from hitmodel.intake.claim_columns import DAY_FIRST, ColumnMap, guess, split_span
from hitmodel.intake.claim_headings import canonical, rank
from hitmodel.intake.claim_maps import read_map, write_map

LAYOUTS = {
    "a billing system": (
        "Claim #,Line #,Patient ID,Patient Name,DOB,Payor,DOS From,DOS Thru,HCPCS,Mod1,Mod2,Billed Qty,Billed Amt,POS,"
        "NDC,NDC Qty,NDC UOM,Cost,Allowed Amt,Paid Amt",
        "claim_id=Claim #; line_id=Line #; patient_id=Patient ID; payer=Payor; service_from=DOS From; "
        "service_through=DOS Thru; code=HCPCS; modifiers=Mod1+Mod2; units=Billed Qty; charge=Billed Amt; "
        "place_of_service=POS; ndc=NDC; ndc_quantity=NDC Qty; ndc_unit=NDC UOM; acquisition_cost=Cost; "
        "actual_allowed=Allowed Amt",
    ),
    "camel case": (
        "InvoiceNumber,MRN,InsuranceName,ServiceDate,ThruDate,ProcedureCode,Modifiers,Units,TotalCharges,COGS",
        "claim_id=InvoiceNumber; patient_id=MRN; payer=InsuranceName; service_from=ServiceDate; "
        "service_through=ThruDate; code=ProcedureCode; modifiers=Modifiers; units=Units; charge=TotalCharges; "
        "acquisition_cost=COGS",
    ),
    "short words": (
        "Ticket No,Acct No,Carrier,Svc Dt From,Svc Dt To,CPT Code,M1,M2,Qty Billed,Chg Amt,Loc,Line Item Seq",
        "claim_id=Ticket No; line_id=Line Item Seq; patient_id=Acct No; payer=Carrier; service_from=Svc Dt From; "
        "service_through=Svc Dt To; code=CPT Code; modifiers=M1+M2; units=Qty Billed; charge=Chg Amt; "
        "place_of_service=Loc",
    ),
    "abbreviations": (
        "Clm #,Ln #,Chart No,Subscriber ID,Pri Ins,Eff Dt,Term Dt,Proc Cd,Mod1,Mod2,Unit of Svc,Tot Chg,Place of Svc,"
        "Bill Freq,Orig Claim #,NDC #,NDC Qty,NDC U/M",
        "claim_id=Clm #; line_id=Ln #; patient_id=Chart No; payer=Pri Ins; service_from=Eff Dt; "
        "service_through=Term Dt; code=Proc Cd; modifiers=Mod1+Mod2; units=Unit of Svc; charge=Tot Chg; "
        "place_of_service=Place of Svc; "
        "frequency=Bill Freq; original=Orig Claim #; ndc=NDC #; ndc_quantity=NDC Qty; ndc_unit=NDC U/M",
    ),
    "a record number beside an account and a subscriber": (
        "CLAIM_ID,LINE,SUBSCRIBER_ID,HSP_ACCOUNT_ID,PAT_MRN_ID,PAYOR_NAME,SERVICE_DATE_FROM,SERVICE_DATE_TO,CPT_CODE,"
        "MODIFIER_ONE,PROCEDURE_QUANTITY,CHARGE_AMT",
        "claim_id=CLAIM_ID; line_id=LINE; patient_id=PAT_MRN_ID; payer=PAYOR_NAME; service_from=SERVICE_DATE_FROM; "
        "service_through=SERVICE_DATE_TO; code=CPT_CODE; modifiers=MODIFIER_ONE; units=PROCEDURE_QUANTITY; "
        "charge=CHARGE_AMT",
    ),
    "an invoice's detail": (
        "Invoice Number,MR#,Policy Payor Name,Invoice Detail DOS From,Invoice Detail DOS To,Invoice Detail Proc Code,"
        "Invoice Detail Modifier 1,Invoice Detail Qty,Invoice Detail Charge,Invoice Detail Allow",
        "claim_id=Invoice Number; patient_id=MR#; payer=Policy Payor Name; service_from=Invoice Detail DOS From; "
        "service_through=Invoice Detail DOS To; code=Invoice Detail Proc Code; modifiers=Invoice Detail Modifier 1; "
        "units=Invoice Detail Qty; charge=Invoice Detail Charge; actual_allowed=Invoice Detail Allow",
    ),
    "words run together": (
        "ID,CLAIMID,CHARGEID,PATIENTID,PAYERNAME,AMOUNT,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,MODIFIER1,MODIFIER2,"
        "UNITS",
        "claim_id=CLAIMID; line_id=CHARGEID; patient_id=PATIENTID; payer=PAYERNAME; charge=AMOUNT; "
        "service_from=FROMDATE; service_through=TODATE; place_of_service=PLACEOFSERVICE; code=PROCEDURECODE; "
        "modifiers=MODIFIER1+MODIFIER2; "
        "units=UNITS",
    ),
    "Medicare's carrier file": (
        "BENE_ID,CLM_ID,CLM_FROM_DT,CLM_THRU_DT,CARR_PAYER,LINE_NUM,LINE_PLACE_OF_SRVC_CD,LINE_1ST_EXPNS_DT,"
        "LINE_LAST_EXPNS_DT,HCPCS_CD,HCPCS_1ST_MDFR_CD,HCPCS_2ND_MDFR_CD,LINE_SRVC_CNT,LINE_SBMTD_CHRG_AMT,"
        "LINE_ALOWD_CHRG_AMT,LINE_NDC_CD,PAYER",
        "claim_id=CLM_ID; line_id=LINE_NUM; patient_id=BENE_ID; payer=PAYER; service_from=LINE_1ST_EXPNS_DT; "
        "service_through=LINE_LAST_EXPNS_DT; code=HCPCS_CD; modifiers=HCPCS_1ST_MDFR_CD+HCPCS_2ND_MDFR_CD; "
        "units=LINE_SRVC_CNT; charge=LINE_SBMTD_CHRG_AMT; place_of_service=LINE_PLACE_OF_SRVC_CD; ndc=LINE_NDC_CD; "
        "actual_allowed=LINE_ALOWD_CHRG_AMT",
    ),
    "no id of a patient": (
        "Claim Number,Last Name,First Name,Date of Birth,Primary Insurance,Date of Service,CPT/HCPCS,Qty,Charge Amount",
        "claim_id=Claim Number; patient_id=Last Name+First Name+Date of Birth; payer=Primary Insurance; "
        "service_from=Date of Service; code=CPT/HCPCS; units=Qty; charge=Charge Amount",
    ),
    "a warehouse": (
        "claim_id,claim_line_number,person_id,member_id,payer,plan,claim_start_date,claim_end_date,"
        "claim_line_start_date,claim_line_end_date,place_of_service_code,service_unit_quantity,hcpcs_code,"
        "hcpcs_modifier_1,hcpcs_modifier_2,paid_amount,allowed_amount,charge_amount,total_cost_amount",
        "claim_id=claim_id; line_id=claim_line_number; patient_id=person_id; payer=payer; "
        "service_from=claim_line_start_date; service_through=claim_line_end_date; code=hcpcs_code; "
        "modifiers=hcpcs_modifier_1+hcpcs_modifier_2; units=service_unit_quantity; charge=charge_amount; "
        "place_of_service=place_of_service_code; actual_allowed=allowed_amount",
    ),
}


QUANTITIES = {
    "HCPCS,Mod,Mod (2),Qty,NDC,Qty (2),UOM": ("Qty", "Qty (2)"),
    "NDC,Qty,UOM,HCPCS,Mod,Mod (2),Qty (2)": ("Qty (2)", "Qty"),
    "NDC,UOM,Qty,HCPCS,Mod,Mod (2),Units": ("Units", "Qty"),
    "Mod,Mod (2),Qty Dispensed,HCPCS,NDC,Units": ("Units", ""),  # another is less likely the units
    "Mod,Mod (2),HCPCS,NDC,Qty,Charge": ("Qty", ""),
}


@pytest.mark.parametrize("headings", QUANTITIES)
def test_the_quantity_beside_an_ndc_is_the_drugs(headings: str) -> None:
    units, quantity = QUANTITIES[headings]
    columns = guess(headings.split(","), []).columns
    assert (columns["units"], columns.get("ndc_quantity", ("",))) == ((units,), (quantity,))
    assert columns["modifiers"] == ("Mod", "Mod (2)")


def as_text(made: ColumnMap) -> set[str]:
    return {f"{name}={'+'.join(columns)}" for name, columns in made.columns.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_headings_are_recognised(layout: str) -> None:
    headings, expected = LAYOUTS[layout]
    made = guess(headings.split(","), [])
    assert as_text(made) == set(expected.split("; "))
    assert made.missing == ()


def test_cells_speak_against_a_heading() -> None:
    """'Procedure' holds words here, so the codes are in 'Item Code' or nowhere; 'Billed' holds dates, not dollars."""
    made = guess(["Procedure", "Code", "Billed", "Charge"], [["Infusion of drug", "S9500", "03/01/2025", "95.00"]])
    assert made.columns["code"] == ("Code",)
    assert made.columns["charge"] == ("Charge",)


def test_the_order_of_day_and_month_and_the_decimal_mark_are_told_from_the_cells() -> None:
    headings = ["DOS", "Charge"]
    assert guess(headings, [["13/04/2026", "1.050,00"], ["02/04/2026", "95,50"]]).dates == DAY_FIRST
    assert guess(headings, [["13/04/2026", "1.050,00"], ["02/04/2026", "95,50"]]).decimal == ","
    assert guess(headings, [["04/02/2026", "1,050.00"]]).dates != DAY_FIRST
    assert guess(headings, [["04/02/2026", "1,050.00"]]).decimal == "."


def test_two_days_in_one_cell_fill_both_ends() -> None:
    made = guess(["DOS"], [["01/05/2026 - 01/18/2026"]])
    assert made.columns["service_from"] == made.columns["service_through"] == ("DOS",)
    assert split_span("2026-01-05") == ("2026-01-05", "2026-01-05")
    assert split_span("20260105-20260118") == ("20260105", "20260118")
    assert split_span("1/5/26 to 1/18/26") == ("1/5/26", "1/18/26")


def test_words_for_one_thing_are_one() -> None:
    assert canonical("DOS Thru") == canonical("Service Date To") == "service date through"
    assert canonical("HCPCS Mod 1") == canonical("hcpcsModifier1") == "hcpcs modifier 1"


def test_a_map_is_kept_and_read_again(tmp_path: Path) -> None:
    made = guess(LAYOUTS["no id of a patient"][0].split(","), [])
    made = ColumnMap(made.columns, made.headings, {"place_of_service": "12"}, {"BCBS IL 0450": "BCBS"}, DAY_FIRST, ",")
    write_map(made, tmp_path / "maps" / "a.toml")
    assert read_map(tmp_path / "maps" / "a.toml") == made


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[columns]\ncod = 'HCPCS'", "'cod' is not known here.*Did you mean 'code'"),
        ("[columns]\ncode = 'HCPC'", "the file has no column 'HCPC'.*Did you mean 'HCPCS'"),
        ("[columns]\ncode = ['HCPCS', 'Units']", "code is read from one column"),
        ("[columns]\ncode = 7", "code is read from one column"),
        ("columns = 7", "'columns' is not a table"),
        ("dates = 'year first'", "dates 'year first' is not known"),
        ("[fixed]\npatient_id = 'x'", "'patient_id' is not known here"),
        ("[payers]\nA = 7", "these are not texts by name"),
        ("[columns", "not valid TOML"),
    ],
)
def test_a_mistake_in_a_map_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(InputError, match=problem):
        read_map(tmp_path / "map.toml", ["HCPCS", "Units"])
    with pytest.raises(InputError, match="cannot be read"):
        read_map(tmp_path / "other.toml")


@pytest.mark.parametrize(
    ("heading", "wanted"), [("INSURANCECO", "payer"), ("payer_nm", "payer"), ("Drug UoM", "ndc_unit")]
)
def test_headings_with_words_cut_short_or_run_together(heading: str, wanted: str) -> None:
    assert rank(wanted, canonical(heading)) >= 0
