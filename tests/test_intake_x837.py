"""837P claims: each line with its dates, units, modifiers, charge and NDC; other guides and broken files refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hitmodel.errors import InputError
from hitmodel.intake.x837 import files_of, import_837
from hitmodel.workspace import Entry, Workspace
from tests.x12_text import claim, submission

DIEM = "SV1*HC:S9500:SH*665*UN*7*12**1~DTP*472*RD8*20260301-20260307~REF*6R*LINE1"
DRUG = "SV1*HC:J0696*95.5*UN*56*12**1~DTP*472*D8*20260301~LIN**N4*00338004938~CTP****7*UN"


def bring_in(text: str, folder: Path, name: str = "batch.837", encoding: str = "utf-8") -> Entry:
    path = folder.parent / name
    path.write_bytes(text.encode(encoding))
    return import_837(path, Workspace.open(folder))[0]


def lines(entry: Entry, folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(Workspace.open(folder).files(entry)[0]).to_pylist()
    return rows


def kinds(entry: Entry) -> dict[str, tuple[int, ...]]:
    return {count.kind: count.rows for count in entry.findings}


def test_a_claim_gives_its_lines(own_workspace: Path) -> None:
    entry = bring_in(submission(claim("CLM1", [DIEM, DRUG], "760.5")), own_workspace)
    assert (entry.rows_in, entry.rows_kept, entry.findings) == (2, 2, ())
    diem, drug = lines(entry, own_workspace)
    assert (diem["code"], diem["modifiers"], diem["units"], diem["charge"]) == ("S9500", "SH", 7, Decimal(665))
    assert (diem["service_from"], diem["service_through"]) == (date(2026, 3, 1), date(2026, 3, 7))
    assert (drug["service_from"], drug["service_through"]) == (date(2026, 3, 1), date(2026, 3, 1))
    assert (drug["ndc"], drug["ndc_quantity"], drug["ndc_unit"]) == ("00338004938", 7, "UN")
    assert (drug["payer"], drug["place_of_service"]) == ("MERIDIAN HEALTH PLAN", "12")
    assert [line["line_id"] for line in (diem, drug)] == [f"{diem['claim_id']}-01", f"{diem['claim_id']}-02"]
    assert (diem["row"], drug["row"]) == (15, 19), "the segments of LX, counted from ISA"


@pytest.mark.slow
def test_a_file_broken_into_lines_of_eighty_is_joined_and_said(own_workspace: Path) -> None:
    whole = submission(claim("CLM1", [DIEM, DRUG], "760.5")).replace("\n", "")
    broken = "\r\n".join(whole[at : at + 80] for at in range(0, len(whole), 80))
    entry = bring_in(broken, own_workspace)
    assert entry.rows_kept == 2
    assert [count.kind for count in entry.findings] == ["wrapped"]


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["UN", "ML", "GR", "F2", "ME"])
def test_each_unit_of_an_ndc(own_workspace: Path, unit: str) -> None:
    service = f"SV1*HC:J0696*95.5*UN*8*12**1~DTP*472*D8*20260301~LIN**N4*00143-9856-25~CTP****2.5*{unit}"
    (line,) = lines(bring_in(submission(claim("CLM1", [service], "95.5")), own_workspace), own_workspace)
    assert (line["ndc"], line["ndc_quantity"], line["ndc_unit"]) == ("00143985625", Decimal("2.5"), unit)


@pytest.mark.slow
def test_what_a_line_says_twice_or_otherwise_is_said(own_workspace: Path) -> None:
    """The prescription's date (471) is no service date; a second service date and a UPC are left out, and said."""
    service = "SV1*HC:J0696*95.5*UN*8*12**1~DTP*472*D8*20260301~DTP*471*D8*20260101~DTP*472*D8*20260303~LIN**EN*1"
    entry = bring_in(submission(claim("CLM1", [service], "95.5")), own_workspace)
    (line,) = lines(entry, own_workspace)
    assert (line["service_from"], line["ndc"]) == (date(2026, 3, 1), "")
    assert kinds(entry) == {"second_date": (19,), "other_product": (20,)}


def test_members_of_one_family_are_different_patients(own_workspace: Path) -> None:
    text = submission(
        claim("CLM1", [DIEM], "665"), claim("CLM2", [DIEM], "665", dependent="KIT"), claim("CLM3", [DIEM], "665")
    )
    own, childs, again = (line["patient_id"] for line in lines(bring_in(text, own_workspace), own_workspace))
    assert own == again != childs


@pytest.mark.slow
def test_what_other_payers_did_is_not_ours(own_workspace: Path) -> None:
    """Loop 2320 names another subscriber, another payer and another claim number."""
    other = "SBR*P*01*******CI~NM1*IL*1*CANARYOTHER*X****MI*OTHERID~NM1*PR*2*OTHER PAYER*****PI*1~REF*F8*OTHERICN"
    segments = claim("CLM1", [DIEM], "665")
    at = segments.index("LX*1")
    text = submission([*segments[:at], *other.split("~"), *segments[at:]])
    (line,) = lines(bring_in(text, own_workspace), own_workspace)
    assert (line["payer"], line["original"]) == ("MERIDIAN HEALTH PLAN", "")


@pytest.mark.slow
def test_separators_encodings_and_several_interchanges(own_workspace: Path) -> None:
    text = submission(claim("CLM1", [DIEM], "665"))
    other = text.replace("\n", "").replace("*", "|").replace(":", ">").replace("~", "\x1c").replace("CLM1", "CLM2")
    entry = bring_in("\ufeff" + text + other, own_workspace)
    assert [line["code"] for line in lines(entry, own_workspace)] == ["S9500", "S9500"]
    accented = text.replace("MERIDIAN", "MÉRIDIAN").replace("CLM1", "CLM3")
    entry = bring_in(accented, own_workspace, "accented.837", "cp1252")
    assert lines(entry, own_workspace)[0]["payer"] == "MÉRIDIAN HEALTH PLAN"


def test_what_does_not_add_up_is_said_with_its_segment(own_workspace: Path) -> None:
    wrong = DIEM.replace("S9500", "S95000").replace("*UN*", "*MJ*")
    text = submission(claim("CLM1", [wrong, "SV1*HC:J0696*abc*UN**12**1"], "700"))
    entry = bring_in(text.replace("SE*", "SE*9"), own_workspace)
    expected = {"claim_total", "misshapen_code", "unit_basis", "unreadable_number", "missing", "envelope"}
    assert set(kinds(entry)) == expected
    assert kinds(entry)["claim_total"] == (13,)
    assert "700.00 is not the sum" in str(entry.findings) or "700 is not the sum" in str(entry.findings)


@pytest.mark.parametrize(
    ("guide", "kind", "problem"),
    [
        ("005010X223A2", "837", "this is 837I, institutional claims"),
        ("005010X221A1", "835", "hitmodel import 835 reads remittances"),
        ("004010X098A1", "837", "837P of the earlier version 4010"),
        ("005010X231A1", "999", "this is 999, implementation acknowledgments"),
        ("005010X999", "277", "this is 277, claim status"),
    ],
)
def test_another_guide_is_refused_by_its_name(own_workspace: Path, guide: str, kind: str, problem: str) -> None:
    text = submission(claim("CLM1", [DIEM], "665")).replace("ST*837", f"ST*{kind}").replace("005010X222A1", guide)
    with pytest.raises(InputError, match=problem):
        bring_in(text, own_workspace)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cut", "problem"),
    [
        (slice(None, -30), "the file is cut off"),
        (slice(None, 600), "the file is cut off"),
        (slice(107, None), "without its ISA segment"),
        (slice(0, 60), "not 106 characters long"),
        (slice(0, 0), "the file is empty"),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_kept(own_workspace: Path, cut: slice, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        bring_in(submission(claim("CLM1", [DIEM, DRUG], "760.5"))[cut], own_workspace)
    assert not Workspace.open(own_workspace).entries


@pytest.mark.slow
def test_the_same_batch_twice_and_another_of_its_name(own_workspace: Path) -> None:
    text = submission(claim("CLM1", [DIEM], "665"))
    first = bring_in(text, own_workspace)
    assert bring_in(text, own_workspace) == first
    other = bring_in(text.replace("CLM1", "CLM2"), own_workspace)
    assert (other.name, len(Workspace.open(own_workspace).entries)) == ("batch-2", 2)


@pytest.mark.slow
def test_a_folder_means_all_its_files(tmp_path: Path) -> None:
    for name in ("b/2.837", "b/1.837", "a.837", "b/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files_of([tmp_path / "a.837", tmp_path / "b"]) == [tmp_path / n for n in ("a.837", "b/1.837", "b/2.837")]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no files"):
        files_of([tmp_path / "empty"])


@pytest.mark.slow
def test_published_examples(real_files: Path, own_workspace: Path) -> None:
    """The home infusion example of the implementation guide: S9500 x 7, five NDCs, and lines that sum to 2,232.93."""
    folder = real_files / "x12" / "stupidedi" / "005010X222A1" / "pass"
    for path in files_of([folder]):
        entry, _ = import_837(path, Workspace.open(own_workspace))
        made = lines(entry, own_workspace)
        second = {"second_payer"} if re.search("payer-b|secondary", path.name) else set()
        assert {count.kind for count in entry.findings} <= {"unit_basis"} | second, path.name
        if not path.name.startswith("home-infusion"):
            continue
        assert [(line["code"], line["units"], line["ndc"]) for line in made] == [
            ("S9500", 7, ""),
            ("S5001", 7, "00004196501"),
            ("S5000", 14, "63323024910"),
            ("S5000", 7, "00338004938"),
            ("S5000", 14, "08290033010"),
            ("S5000", 7, "08290038005"),
        ]
        assert sum(line["charge"] for line in made) == Decimal("2232.93")
        days = {(line["service_from"], line["service_through"]) for line in made}
        assert days == {(date(2004, 2, 1), date(2004, 2, 7))}
    assert len(Workspace.open(own_workspace).entries) == len(files_of([folder]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("badx12_errors/bad_file.edi", "this is no X12 file"),
        ("badx12_errors/segment_terminator.edi", "holds no transaction"),
        ("badx12_errors/unknown_segment_error.edi", "270/271, eligibility"),
        ("badx12_errors/error_validation.edi", "835, remittances"),
        ("imsweb/277_5010/x12_277CA_accepted.txt", "277CA, claim acknowledgments"),
        ("imsweb/837_5010/x12_no_isa_line.txt", "without its ISA segment"),
    ],
)
def test_published_broken_files_are_refused(real_files: Path, own_workspace: Path, name: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        import_837(real_files / "x12" / name, Workspace.open(own_workspace))


@pytest.mark.slow
def test_a_wrong_segment_count_is_a_finding(real_files: Path, own_workspace: Path) -> None:
    place = Workspace.open(own_workspace)
    entry, _ = import_837(real_files / "x12/imsweb/837_5010/x12_no_errors.txt", place)
    assert {"envelope", "claim_total"} == set(kinds(entry))
