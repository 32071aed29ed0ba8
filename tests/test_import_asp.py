"""A quarter of Medicare's drug prices taken in: found by pricing at once, restated, vanished codes with successors."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from workspace_tools import run
from workspace_tools import workspace as workspace

from hitmodel.codes import code_table
from hitmodel.dates import Quarter
from hitmodel.errors import InputError
from hitmodel.imported import imported
from hitmodel.intake import asp_import
from hitmodel.intake.asp_import import import_crosswalk
from hitmodel.prices import payment_limits
from hitmodel.references import default_references
from hitmodel.run_inputs import reference_entries
from hitmodel.workspace import Workspace

HEADING = "HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%,"
HEADING += "Vaccine Limit,Blood AWP%,Blood limit,Clotting Factor,Notes\r\n"
Q2 = Quarter(2026, 2)
import_asp = partial(asp_import.import_asp, whole=False)
"""Most files here hold a code or two."""


def quarter_file(folder: Path, rows: str, effective: str = "April 1, 2026 through June 30, 2026") -> Path:
    path = folder / "limits.csv"
    preamble = f'Payment Allowance Limits\r\n\r\n"Effective {effective}"\r\n"based on 4Q25 ASP data"\r\n'
    path.write_bytes((preamble + HEADING + rows).encode("cp1252"))
    return path


def noc_file(folder: Path, limit: str = "$2.462") -> Path:
    path = folder / "noc.csv"
    title = '"Effective April 1, 2026 through June 30, 2026"\r\n\r\n'
    path.write_text(
        f"{title}Drug Generic Name (Trade Name),Dosage,Payment Limit,Notes\r\nVasopressin,1 UNIT,{limit},\r\n"
    )
    return path


def test_an_imported_quarter_is_priced_with_at_once(workspace: Path, tmp_path: Path) -> None:
    assert Q2 not in payment_limits().by_quarter
    import_asp(quarter_file(tmp_path, "J0690,Cefazolin,500 MG,0.900,20,,,,,,\r\n"))
    found = default_references().limits.get("J0690", Q2)
    assert found is not None
    assert (found.limit, found.dosage) == (Decimal("0.900"), "500 MG")
    assert Quarter(2026, 1) in payment_limits().by_quarter, "the quarters that ship stay"


def test_a_restated_quarter_replaces_the_one_that_ships_and_says_so(workspace: Path, tmp_path: Path) -> None:
    """In 2026Q1 as it ships, J0690 has the limit that CMS first published; the restated file says 9.999."""
    shipped = payment_limits().get("J0690", Quarter(2026, 1))
    assert shipped is not None
    rows = "J0690,Cefazolin,500 MG,9.999,20,,,,,,\r\n"
    first_quarter = "January 1, 2026 through March 31, 2026"
    path = quarter_file(tmp_path, rows, first_quarter)
    (made,), _ = import_asp(path)
    moved = next(one for one in made.change.restated if one.code == "J0690")
    assert (moved.before, moved.after) == (shipped.limit, Decimal("9.999"))
    code, out, _ = run(
        "import",
        "asp",
        "--partial",
        quarter_file(tmp_path, rows.replace("9.999", "9.998"), "January 1, 2026 through March 31, 2026"),
    )
    assert code == 0
    assert "takes the place of an earlier import" in out
    assert "2026Q1 is restated: 1 limit of our codes changed" in out


def test_the_same_file_twice_changes_nothing(workspace: Path, tmp_path: Path) -> None:
    path = quarter_file(tmp_path, "J0690,Cefazolin,500 MG,0.900,20,,,,,,\r\n")
    import_asp(path)
    before = Workspace.open(workspace).state
    code, out, _ = run("import", "asp", "--partial", path)
    assert (code, out.strip()) == (0, "limits.csv: held already as asp '2026Q2'; nothing changed")
    assert Workspace.open(workspace).state == before


def test_a_vanished_code_is_named_with_its_successor(workspace: Path, tmp_path: Path) -> None:
    """J3370 ended on 2025-06-30; 500 mg of it are 50 units of J3373. The file leaves both, and others, out."""
    path = quarter_file(tmp_path, "J0690,Cefazolin,500 MG,1,20,,,,,,\r\n", "July 1, 2025 through September 30, 2025")
    (made,), _ = import_asp(path)
    why = {one.code: one.why for one in made.change.vanished}
    assert why["J3370"].endswith("the code ended on 2025-06-30; J3373 follows it, 50 new units for each old one")
    assert why["J0878"].startswith("no row for J0878 in 2025Q3")


def test_a_zip_with_prices_and_noc_prices_gives_both(workspace: Path, tmp_path: Path) -> None:
    archive = tmp_path / "april-2026.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.write(quarter_file(tmp_path, "J0690,Cefazolin,500 MG,0.900,20,,,,,,\r\n"), "section 508/limits.csv")
        made.write(noc_file(tmp_path), "noc.csv")
        made.writestr("readme.pdf", "%PDF")
    quarters, others = import_asp(archive)
    assert [one.change.quarter for one in quarters] == [Q2]
    assert [(one.entry.kind, one.entry.name, one.entry.rows_kept) for one in others] == [("noc", "2026Q2", 1)]
    (kept,) = imported("noc")
    assert (kept.path / "2026Q2.csv").read_text() == "name,dosage,limit,notes\nVasopressin,1 UNIT,2.462,\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("J0690,C,500 MG,abc,20,,,,,,\r\n", "limits.csv row 6, Payment Limit: the payment limit of J0690 is 'abc'"),
        ("J069,C,500 MG,1,20,,,,,,\r\n", "limits.csv row 6, HCPCS Code: 'J069' is not a code"),
        ("J0690,C,500 MG,1,x,,,,,,\r\n", "limits.csv row 6, Co-insurance Percentage: the coinsurance of J0690 is 'x'"),
        ("J0690,C,,1,,,,,,,\r\nJ0690,C,,1,,,,,,,\r\n", "limits.csv row 7, HCPCS Code: code J0690 stands in it twice"),
        ("", "the file has a heading and no row"),
    ],
)
def test_a_mistake_is_named_with_row_and_field(workspace: Path, tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        import_asp(quarter_file(tmp_path, rows))
    assert said in str(refused.value)
    assert not imported("asp")


def test_one_bad_file_of_several_is_named_and_the_others_stay(workspace: Path, tmp_path: Path) -> None:
    good = quarter_file(tmp_path, "J0690,Cefazolin,500 MG,0.900,20,,,,,,\r\n")
    bad = noc_file(tmp_path, "free")
    code, _, err = run("import", "asp", "--partial", bad, good)
    assert code == 1
    assert "noc.csv row 4, Payment Limit: the payment limit is 'free'" in err
    assert [one.name for one in imported("asp")] == ["2026Q2"]


CROSSWALK = (
    "April 2026 ASP NDC - HCPCS Crosswalk\r\n_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,"
    "PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG\r\nJ0696,x,Hikma,00143-9856-25,Ceftriaxone,250 MG,1,25,8,200\r\n"
)


def test_a_crosswalk_lands_under_its_quarter(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "crosswalk.csv"
    path.write_text(CROSSWALK)
    assert import_crosswalk(path, whole=False).entry.name == "2026Q2"
    path.write_text(CROSSWALK.replace("April 2026 ", ""))
    with pytest.raises(InputError, match="--quarter 2026Q1"):
        import_crosswalk(path)
    assert import_crosswalk(path, quarter=Quarter(2026, 3), whole=False).entry.name == "2026Q3"


def test_every_published_file_is_taken_in_or_refused_for_the_right_reason(real_files: Path, workspace: Path) -> None:
    taken: dict[str, list[str]] = {"limits": [], "noc": [], "crosswalk": []}
    for path in sorted((real_files / "asp").iterdir()):
        try:
            quarters, others = asp_import.import_asp(path)
            taken["limits"] += [str(one.change.quarter) for one in quarters]
            taken["noc"] += [one.entry.name for one in others]
        except InputError as error:
            assert "hitmodel import crosswalk takes it in" in str(error)  # noqa: PT017
            taken["crosswalk"].append(import_crosswalk(path).entry.name)
    quarters_of = [f"{year}Q{n}" for year in (2024, 2025) for n in (1, 2, 3, 4)]
    assert sorted(taken["limits"]) == [*quarters_of, "2026Q1"]
    assert taken["noc"] == ["2025Q4"]
    assert sorted(taken["crosswalk"]) == ["2024Q2", "2025Q1", "2025Q4-noc", "2026Q1"]
    shipped, ours = payment_limits(workspace / "empty"), frozenset(code_table().codes)
    for quarter, rows in payment_limits().by_quarter.items():
        of_ours = {code: row for code, row in rows.items() if code in ours}
        assert of_ours == dict(shipped.by_quarter[quarter]), quarter


def test_a_run_lists_the_files_that_were_imported(workspace: Path, tmp_path: Path) -> None:
    import_asp(quarter_file(tmp_path, "J0690,Cefazolin,500 MG,0.900,20,,,,,,\r\n"))
    listed = [entry["file"] for entry in reference_entries() if "imported" in entry["file"]]
    assert [Path(file).name for file in listed] == ["2026Q2.csv", "2026Q2.toml"]


ROW = "{code},x,1 MG,1.5,20,,,,,,\r\n"


def rows_of(codes: list[str]) -> str:
    return "".join(ROW.format(code=code) for code in codes)


@pytest.fixture
def second_quarter(workspace: Path, tmp_path: Path) -> list[str]:
    """2026Q2 with a hundred codes is held: J1000 to J1099."""
    codes = [f"J{number}" for number in range(1000, 1100)]
    import_asp(quarter_file(tmp_path, rows_of(codes)))
    return codes


THIRD = "July 1, 2026 through September 30, 2026"


@pytest.mark.slow
def test_a_quarter_cut_off_at_a_row_is_refused_and_says_what_it_lacks(
    second_quarter: list[str], tmp_path: Path
) -> None:
    """Three codes at the end, J1097 to J1099, are more than one quarter drops there; 2026Q2 held 100."""
    path = quarter_file(tmp_path, rows_of(second_quarter[:97]), THIRD)
    code, _, err = run("import", "asp", path)
    assert code == 2
    assert (
        "limits.csv row 102, HCPCS Code: the file is cut off, or of a part only: it holds 97 rows and ends at J1096"
        in err
    )
    assert "2026Q2 has 100 and goes on to J1099. Of the codes that we know it lacks J1097, J1098, J1099." in err
    assert "say so with --partial" in err
    assert [one.name for one in imported("asp")] == ["2026Q2"]
    assert run("import", "asp", "--partial", path)[0] == 0
    assert [one.name for one in imported("asp")] == ["2026Q2", "2026Q3"]


@pytest.mark.slow
def test_a_quarter_without_its_last_row_is_taken_and_says_where_it_ends(
    second_quarter: list[str], tmp_path: Path
) -> None:
    code, out, _ = run("import", "asp", quarter_file(tmp_path, rows_of(second_quarter[:99]), THIRD))
    assert code == 1
    assert "2026Q2 goes on to J1099" in " ".join(out.split())
    assert run("import", "asp", quarter_file(tmp_path, rows_of([*second_quarter, "J1101"]), THIRD))[0] == 0


@pytest.mark.slow
def test_a_quarter_that_drops_a_quarter_of_its_codes_is_taken_and_one_that_drops_more_is_not(
    second_quarter: list[str], tmp_path: Path
) -> None:
    """One quarter apart, 0.75 × 0.97 = 72.75 percent of the codes make a whole file: 73 of 100, not 72."""
    few = quarter_file(tmp_path, rows_of([*second_quarter[:71], "J1099"]), THIRD)
    with pytest.raises(InputError, match="it holds 72 rows"):
        asp_import.import_asp(few)
    asp_import.import_asp(quarter_file(tmp_path, rows_of([*second_quarter[:72], "J1099"]), THIRD))


@pytest.mark.slow
def test_a_restated_quarter_cut_off_leaves_the_one_that_is_held(second_quarter: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2026Q2 as it is held has 100"):
        asp_import.import_asp(quarter_file(tmp_path, rows_of(second_quarter[:90])))
    assert len(payment_limits().by_quarter[Q2]) == 100


def test_a_price_file_that_ends_within_a_row_is_refused(workspace: Path, tmp_path: Path) -> None:
    """Cut within the limit, 0.900 would be read as 0.9 or as 0."""
    path = quarter_file(tmp_path, "J0690,Cefazolin,500 MG,0.900,20,,,,,,\r\nJ0691,Cefazolin,500 MG,0.9")
    with pytest.raises(InputError, match=r"limits\.csv row 7, its last cells: the file ends within a row"):
        import_asp(path)


@pytest.mark.slow
def test_a_crosswalk_cut_off_is_refused_beside_the_prices_or_the_crosswalk_before(
    workspace: Path, tmp_path: Path
) -> None:
    path = tmp_path / "crosswalk.csv"
    path.write_text(CROSSWALK)
    with pytest.raises(InputError, match=r"the price file of 2026Q1 has .* goes on to Q5135"):
        import_crosswalk(path)
    row = CROSSWALK.splitlines(keepends=True)[-1]
    path.write_text(CROSSWALK + "".join(row.replace("J0696", f"J07{n:02}") for n in range(40)))
    import_crosswalk(path, whole=False)
    path.write_text(CROSSWALK.replace("April", "July"))
    with pytest.raises(InputError, match="the crosswalk of 2026Q2 has 41 and goes on to J0739"):
        import_crosswalk(path)


@pytest.mark.slow
def test_noc_prices_of_which_most_are_missing_are_refused(workspace: Path, tmp_path: Path) -> None:
    """The second quarter held eight drugs; 0.75 × 0.97 of eight are more than five."""
    whole = noc_file(tmp_path)
    row = whole.read_text().splitlines(keepends=True)[-1]
    head = whole.read_text().removesuffix(row)
    whole.write_text(head + "".join(row.replace("Vasopressin", f"Vasopressin {n}") for n in range(8)))
    asp_import.import_asp(whole)
    later = head.replace("April 1", "July 1").replace("June 30", "September 30")
    whole.write_text(later + "".join(row.replace("Vasopressin", f"Vasopressin {n}") for n in range(5)))
    with pytest.raises(InputError, match="it holds 5 rows and ends at Vasopressin 4; 2026Q2 has 8"):
        asp_import.import_asp(whole)
    whole.write_text(later + "".join(row.replace("Vasopressin", f"Vasopressin {n}") for n in range(6)))
    asp_import.import_asp(whole)
