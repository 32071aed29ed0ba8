"""``hitmodel import``, ``claims`` and ``lookup`` as a user runs them; and that no name gets through."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from hitmodel.claim_sets import claims_file
from hitmodel.claims import read_claims
from hitmodel.cli import app
from hitmodel.errors import HitmodelError
from hitmodel.workspace import Workspace
from tests.x12_text import claim, remittance, submission

HEADING = "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS"
DIEM = "100234,1,77,Meridian Health Plan,03/01/2025,03/07/2025,S9500,,7,$1050.00,12"
X_DIEM = "SV1*HC:S9500*1050*UN*7*12**1~DTP*472*RD8*20250301-20250307"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: object) -> str:
    """Return what a command refuses with; `hitmodel.cli.main` makes it exit code 2."""
    error = run(*arguments).exception
    assert isinstance(error, HitmodelError)
    return str(error)


def extract(folder: Path, *rows: str, name: str = "march.csv", heading: str = HEADING) -> Path:
    (folder / name).write_text("\n".join((heading, *rows)) + "\n")
    return folder / name


@pytest.mark.slow
def test_an_extract_comes_in_and_is_priced_by_name(tmp_path: Path, own_workspace: Path) -> None:
    result = run("import", "claims", extract(tmp_path, DIEM))
    assert result.exit_code == 0, result.output
    for said in ("Claim #", "march.toml", "1 row in, 1 kept", "dollar sign left out", "hitmodel price march"):
        assert said in result.output
    assert run("import", "claims", tmp_path / "march.csv").output == (
        "march.csv is in the workspace already, as 'march'; nothing has changed.\n"
    )
    priced = run("price", "march", "--contract", "meridian")
    assert priced.exit_code == 0
    assert "priced" in priced.output


@pytest.mark.slow
def test_findings_leave_with_one_and_a_refusal_with_two(tmp_path: Path, own_workspace: Path) -> None:
    result = run("import", "claims", extract(tmp_path, DIEM, "1,2"))
    assert (result.exit_code, "left out" in result.output) == (1, True)
    unnamed = extract(tmp_path, "1", name="a.csv", heading=HEADING.replace("Payor,", ""))
    assert "no column was recognised as payer" in refused("import", "claims", unnamed)
    said = refused("import", "claims", unnamed, "--set", "payr=M")
    assert "'payr=M' sets nothing" in said
    assert "Did you mean 'payer'" in said


@pytest.mark.slow
def test_a_map_can_be_written_first(tmp_path: Path, own_workspace: Path) -> None:
    path = extract(tmp_path, DIEM, heading=HEADING.replace("HCPCS", "Thing"))
    result = run("import", "claims", path, "--map-template", tmp_path / "map.toml")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "map.toml").read_text().replace('# code = ""', 'code = "Thing"')
    (tmp_path / "map.toml").write_text(text)
    assert run("import", "claims", path, "--map", tmp_path / "map.toml").exit_code == 0
    assert read_claims("march").lines["code"].tolist() == ["S9500"]


@pytest.mark.slow
def test_x12_files_come_in_one_by_one(tmp_path: Path, own_workspace: Path) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "a.837").write_text(submission(claim("100234", [X_DIEM], "1050")))
    (folder / "b.837").write_text("nothing")
    result = run("import", "837", folder)
    assert result.exit_code == 1
    assert "a.837: 1 row in, 1 kept" in result.output
    assert "this is no X12 file" in result.output
    assert run("import", "835", folder / "a.837").exit_code == 2


@pytest.mark.slow
def test_a_corrected_file_says_what_changed(tmp_path: Path, own_workspace: Path) -> None:
    """Of three claims of 1,050.00 one stays, one becomes 900.00 and one goes; a fourth comes: 3,150.00 to 3,000.00."""
    rows = [DIEM.replace("100234", f"10023{n}") for n in range(4)]
    run("import", "claims", extract(tmp_path, *rows[:3]))
    result = run("import", "claims", extract(tmp_path, rows[0], rows[1].replace("$1050.00", "$900.00"), rows[3]))
    said = "1 claim changed, 1 came, 1 went; lines 3 → 3, charges $3,150.00 → $3,000.00"
    assert said in " ".join(result.output.split())


@pytest.mark.slow
def test_files_refused_for_one_reason_are_named_together(tmp_path: Path, own_workspace: Path) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()
    for number in range(9):
        (folder / f"note{number}.txt").write_text("nothing")
    (folder / "a.837").write_text(submission(claim("100234", [X_DIEM], "1050")))
    result = run("import", "837", folder)
    assert result.exit_code == 1
    assert result.output.count("this is no X12 file") == 1
    assert "the same of 8 other files" in result.output
    assert "and 5 more" in result.output
    assert "9 of 10 files were refused" in result.output


@pytest.mark.slow
def test_findings_in_the_workspace_name_the_file_that_a_line_came_from(tmp_path: Path, own_workspace: Path) -> None:
    """The line without a code is row 3 of its file and the second line of the workspace's."""
    run("import", "claims", extract(tmp_path, DIEM, DIEM.replace("100234", "100235").replace("S9500", "")))
    result = run("check", claims_file(Workspace.open(own_workspace)))
    assert result.exit_code == 1
    assert "march.csv row 3, code" in result.output
    assert "workspace.parquet row" not in result.output


@pytest.mark.slow
def test_a_payer_that_no_contract_names_is_told(tmp_path: Path, own_workspace: Path) -> None:
    result = run("import", "claims", extract(tmp_path, DIEM.replace("Meridian Health Plan", "MERIDIAN HLTH PLN")))
    assert "No contract here names the payer 'MERIDIAN HLTH PLN'. If it is Meridian Health Plan" in result.output
    result = run("claims")
    assert result.exit_code == 1, "no line at all can be priced"
    assert "1 line with charges of $1,050.00" in " ".join(result.output.split())


@pytest.mark.slow
def test_what_is_in_the_workspace_is_shown(tmp_path: Path, own_workspace: Path) -> None:
    run("import", "claims", extract(tmp_path, DIEM, DIEM.replace("100234", "100235").replace(",77,", ",78,")))
    result = run("claims")
    assert result.exit_code == 0, result.output
    for said in (
        "march.csv",
        "2 lines of 2 claims and 2 patients",
        "Meridian Health Plan",
        "2025-03",
        "S9500",
        "2,100.00",
    ):
        assert said in result.output
    assert "per_diem_without_drug" in result.output


@pytest.mark.slow
def test_the_owner_finds_a_claim_again(tmp_path: Path, own_workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", "claims", extract(tmp_path, DIEM))
    line = read_claims("march").lines["line_id"].iloc[0]
    result = run("lookup", line)
    assert result.output == "claim 100234, line 01\n  march.csv (claims 'march'), row 2\n"
    claim_id = line.partition("-")[0]
    assert run("lookup", claim_id).output.startswith("claim 100234\n")
    assert run("lookup", "100234").output == (
        f"claim 100234 is {claim_id} here\n  {line}  S9500 2025-03-01 to 2025-03-07, charge 1,050.00\n"
        "  march.csv (claims 'march'), row 2\n"
    )
    assert "no claim is known by 100235" in refused("lookup", "100235")
    monkeypatch.setenv("HITMODEL_KEY_FOLDER", str(tmp_path / "another's"))
    assert "no claim is known by" in refused("lookup", line)


@pytest.mark.slow
def test_a_claim_known_from_a_remittance_alone_is_found(tmp_path: Path, own_workspace: Path) -> None:
    paid = ("CLP*77*1*1050*665**12*ICN1", "SVC*HC:S9500*1050*665**7", "DTM*150*20250301", "CAS*CO*45*385.00")
    path = tmp_path / "april.835"
    path.write_text(remittance(paid))
    run("import", "835", path)
    said = run("lookup", "77").output.splitlines()
    assert said[0].startswith("claim 77 is c")
    assert said[1].startswith("  april.835 (remittance 'april'), segment ")


CANARIES = (
    *("CANARYLAST", "CANARYFIRST", "CANARYMEMBER77", "CANARY STREET", "1950-01-31", "01/31/1950", "19500131"),
    *("555-12-3456", "555123456", "CANARYCLAIM1", "CANARYCLAIM2", "CANARYCLAIM3"),
)


def seeded_files(folder: Path) -> list[tuple[str, Path]]:
    """Return imports with names, birth dates, member ids and addresses in every place where people put them."""
    heading = "Claim #,Line,Member ID,Last Name,First Name,DOB,Address,SSN,Payor,DOS From,HCPCS,Qty,Charge,NDC,Notes"
    who = "CANARYMEMBER77,CANARYLAST,CANARYFIRST,01/31/1950,12 CANARY STREET,555-12-3456"
    rows = (
        f"CANARYCLAIM1,1,{who},Meridian Health Plan,03/01/2025,S9500,7,1050.00,,call CANARYLAST",
        f"CANARYCLAIM1,2,{who},Meridian Health Plan,CANARYLAST,CANARYFIRST,CANARYLAST,555-12-3456,CANARYLAST,",
        f"CANARYCLAIM1,3,{who},Meridian Health Plan,1950-01-31x,01/31/1950,01/31/1950,555123456,555123456789,",
        f"CANARYCLAIM1,4,{who},Meridian Health Plan,03/01/2025,S9500",
        *(f"CANARYCLAIM1,{n},{who},Meridian Health Plan,03/0{n}/2025,S9500,1,150.00,," for n in (5, 6, 7, 8, 9)),
    )
    names_only = [",".join((row.split(",")[0], *row.split(",")[3:])) for row in (heading, *rows)]
    text = submission(claim("CANARYCLAIM2", [X_DIEM], "1050", member="CANARYMEMBER77"))
    bad = text.replace("CANARYCLAIM2", "CANARYCLAIM3").replace("*1050*UN*7*", "*CANARYLAST*UN*CANARYFIRST*")
    bad = bad.replace("HC:S9500", "HC:CANARYLAST")
    paid = ("CLP*CANARYCLAIM2*1*1050*665**12*CANARYCLAIM3", "NM1*QC*1*CANARYLAST*CANARYFIRST****MI*CANARYMEMBER77")
    paid += ("SVC*HC:CANARYLAST*1050*665", "DTM*472*20250301", "CAS*CO*CANAR*385")
    companions = folder / "march_evidence"
    companions.mkdir()
    visits = "Member ID,Visit Date,Time In,License,Name\nCANARYMEMBER77,CANARYLAST,CANARYLAST,CANARYFIRST,CANARYLAST\n"
    therapies = "Member ID,Order,HCPCS,Start,Every\nCANARYMEMBER77,CANARYCLAIM1,CANARYLAST,CANARYFIRST,CANARYLAST\n"
    (companions / "visits.csv").write_text(visits)
    (companions / "therapies.csv").write_text(therapies)
    book = Workbook()
    for name in ("Jan", "Feb"):
        sheet = book.create_sheet(name)
        for row in (heading, *rows):
            sheet.append(row.split(","))
    book.save(folder / "months.xlsx")
    (folder / "a.837").write_text(text)
    (folder / "b.837").write_text(bad)
    (folder / "cut.837").write_text(text[:-50])
    (folder / "a.835").write_text(remittance(paid))
    shutil.copy(Path(__file__).parent / "files" / "canaries.xls", folder / "old.xls")
    table = "\n".join((heading, *rows)).encode()
    (folder / "packed.csv.gz").write_bytes(gzip.compress(table.replace(b"CANARYCLAIM1", b"CANARYCLAIM3")))
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("b.835", remittance((paid[0].replace("*1050*665*", "*1050*660*"), *paid[1:])))
    return [
        ("claims", extract(folder, *rows, heading=heading)),
        ("claims", extract(folder, *names_only[1:], name="names.csv", heading=names_only[0])),
        ("claims", extract(folder, *rows, name="no_heading.csv", heading=rows[0])),
        *(("claims", folder / name) for name in ("months.xlsx", "old.xls", "packed.csv.gz")),
        ("evidence", companions),
        *(("837", folder / name) for name in ("a.837", "b.837", "cut.837")),
        *(("835", folder / name) for name in ("a.835", "b.zip")),
        ("prices", folder / "march.csv"),  # a file of another kind is refused without a word of it
        ("fee-schedule", folder / "march.csv"),
        ("asp", folder / "march.csv"),
        ("crosswalk", folder / "march.csv"),
        ("hcpcs", folder / "march.csv"),
        ("index", folder / "march.csv"),
    ]


REFUSED = (("price", "no_such_import", "--contract", "meridian"), ("lookup", "c0000000000000000"))


def written(out: Path, workspace: Path) -> list[tuple[object, ...]]:
    """Return commands that write what they make of imported claims, to files, the screen or both."""
    line = read_claims("workspace").lines["line_id"].iloc[0]
    pair = ("--baseline", "meridian", "--proposal", "meridian_proposal_a")
    report = ("-p", "claims=workspace", "-p", "proposals=meridian_proposal_a", "--no-pdf", "--out")
    return [
        ("claims",),
        ("explain", "workspace", "--contract", "meridian", "--line", line),
        ("check", workspace / "views" / "workspace.parquet"),
        *(
            ("price", "workspace", "--contract", "meridian", "--out", out / f"priced.{end}")
            for end in ("csv", "parquet")
        ),
        ("compare", "workspace", *pair),
        ("review", "meridian", "--claims", "workspace"),
        ("diff", "meridian", "meridian_proposal_a", "--claims", "workspace"),
        ("contracts", "--claims", "workspace"),
        ("exhibit", "meridian", "--claims", "workspace", "--out", out / "rates.xlsx"),
        ("sensitivity", "workspace", "--contract", "meridian"),
        ("report", "50_contract_comparison", *report, out / "internal"),
        ("report", "50_contract_comparison", "--edition", "external", *report, out / "external"),
        *REFUSED,
    ]


def as_text(path: Path) -> bytes:
    """Return a file's bytes, and behind them what is compressed in it."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        content += str(pq.read_table(path).to_pylist()).encode()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(map(archive.read, archive.namelist()))
    return content


@pytest.mark.slow
def test_no_name_no_birth_date_and_no_id_gets_through(
    tmp_path: Path, own_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte of workspace, outputs, kept answers, temporary files and errors is searched for what stood in the
    files; beside the key lie claim numbers, and nothing else of a person.
    """
    folders = {name: tmp_path / name for name in ("in", "out", "temporary", "runs")}
    for folder in folders.values():
        folder.mkdir()
    monkeypatch.setenv("HITMODEL_ANSWERS", "on")
    monkeypatch.setattr("tempfile.tempdir", str(folders["temporary"]))
    said = []
    for kind, path in seeded_files(folders["in"]):
        result = run("import", kind, path, *(["--into", "meridian"] if kind == "fee-schedule" else []))
        said += [result.output, str(result.exception or "")]
    for arguments in written(folders["out"], own_workspace):
        result = run(*arguments)
        said += [f"{arguments[0]}: {result.output}", str(result.exception or "")]
        assert result.exit_code < 2 or arguments in REFUSED, f"{arguments}: {result.output}"
    made = {path.name for path in folders["out"].rglob("*") if path.is_file()}
    assert {"priced.csv", "priced.parquet", "rates.xlsx", "run.json"} <= made, "what was to be written was written"
    places = (own_workspace, folders["out"], folders["temporary"])
    held = {path: as_text(path) for place in places for path in place.rglob("*") if path.is_file()}
    assert len(held) > 40
    for canary in CANARIES:
        for path, content in held.items():
            assert canary.encode() not in content, f"{canary} is in {path.name}"
        for text in said:
            assert canary not in text, f"{canary}: {text}"
    secret = b"".join(as_text(path) for path in (tmp_path / "own key").rglob("*") if path.is_file())
    assert b"CANARYCLAIM1" in secret, "by which a claim can be looked up"
    assert not [canary for canary in CANARIES if canary.encode() in secret and "CLAIM" not in canary]
