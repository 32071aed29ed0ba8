"""A contract as a workbook and back: without loss for every contract there is, with every mistake by sheet and cell."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import header, write
from case_files import CASES, Case, read_cases
from openpyxl import load_workbook
from workspace_tools import run
from workspace_tools import workspace as workspace

from hitmodel import contract_to_excel as contract_to_excel_module
from hitmodel import paths
from hitmodel.codes import code_table
from hitmodel.contract_book import contract_from_excel, contract_to_excel, template
from hitmodel.contract_from_excel import read_workbook
from hitmodel.contract_mistakes import WorkbookMistakes
from hitmodel.contract_to_excel import complete_tables
from hitmodel.contracts import load_contract, load_draft, read_contract
from hitmodel.errors import InputError
from hitmodel.overlays import read_layered, version_files

SHIPPED = sorted(paths.data("contracts").glob("*/*.toml"))
CASE_FILES = sorted(CASES.glob("*.toml"))
CASES_BY_FILE = {path: [case for case in read_cases(path) if not case.error] for path in CASE_FILES}


def same(one: Any, other: Any) -> bool:
    """Equal in value and kind; of numbers the value, however many zeros it is written with."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    numbers = (int, Decimal)
    alike = type(one) is type(other) or (type(one) in numbers and type(other) in numbers)
    return alike and bool(one == other)


def refuse_loss(file: Path, folder: Path) -> None:
    """Assert that a contract file comes back from its workbook as it was, cell for cell."""
    book = folder / "book.xlsx"
    contract_to_excel(str(file), book)
    read = read_workbook(book)
    assert read.mistakes == []
    tables = complete_tables(read_layered(file.resolve()).tables)
    tables["schedule"] = [{n: v for n, v in row.items() if n != "path"} for row in tables.get("schedule", [])]
    kept = {name: value for name, value in tables.items() if value not in ({}, [])}
    found = {name: value for name, value in read.tables.items() if value not in ({}, [])}
    assert same(found, kept), (found, kept)
    assert contract_from_excel(book, folder / "out" / "again.toml").file is None


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks without what is only for reading and without spare rows, which are most of the time."""
    monkeypatch.setattr(contract_to_excel_module, "SPARE_ROWS", 1)
    for sheet in ("explain", "codes_list"):
        monkeypatch.setattr(contract_to_excel_module._Book, sheet, lambda book: None)


@pytest.mark.slow
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_contract_that_ships_comes_back_as_it_was(file: Path, tmp_path: Path) -> None:
    refuse_loss(file, tmp_path)


def contract_files(case: Case, folder: Path) -> list[Path]:
    place = case.folder(folder)
    return [file for file in version_files(place) if read_contract(file)[0] is not None]


@pytest.mark.slow
@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.stem)
def test_every_contract_of_the_worked_cases_comes_back_as_it_was(path: Path, bare: None, tmp_path: Path) -> None:
    seen = set()
    for number, case in enumerate(CASES_BY_FILE[path]):
        if case.contract or (case.contract_toml, str(case.files)) in seen:
            continue
        seen.add((case.contract_toml, str(case.files)))
        home = tmp_path / str(number)
        home.mkdir()
        for file in contract_files(case, home):
            refuse_loss(file, home)


def policy_files() -> list[Path]:
    return sorted(file for file in (CASES / "policies").rglob("*.toml") if read_contract(file)[0] is not None)


@pytest.mark.slow
def test_every_policy_contract_comes_back_as_it_was(bare: None, tmp_path: Path) -> None:
    files = policy_files()
    assert files
    for number, file in enumerate(files):
        home = tmp_path / str(number)
        home.mkdir()
        refuse_loss(file, home)


def edited(book: Path, cells: dict[str, Any]) -> Path:
    """Type something into cells (``Rates!G5``) of a workbook, as a person would."""
    made = load_workbook(book)
    for place, value in cells.items():
        sheet, cell = place.split("!")
        made[sheet][cell] = value
    made.save(book)
    return book


def cell_of(book: Path, sheet: str, row_id: str, heading: str) -> str:
    """Return where the field of a clause stands."""
    made = load_workbook(book)[sheet]
    (top,) = [row for row in made.iter_rows(max_row=6) if any(cell.value == "id" for cell in row)]
    column = next(cell.column_letter for cell in top if cell.value == heading)
    keys = next(cell.column_letter for cell in top if cell.value == "id")
    row = next(cell.row for cell in made[keys] if cell.value == row_id)
    return f"{sheet}!{column}{row}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return contract_to_excel("meridian", tmp_path_factory.mktemp("book") / "meridian.xlsx")


@pytest.fixture
def meridian(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path / "meridian.xlsx"))


@pytest.mark.slow
def test_an_edited_workbook_becomes_an_overlay_of_what_changed(workspace: Path, meridian: Path) -> None:
    """A rate typed with its dollar sign, a share as a percent, a new row, a row taken out."""
    rate = cell_of(meridian, "Rates", "inotrope_per_diem", "rate")
    share = cell_of(meridian, "Rates", "unclassified_drugs", "share")
    gone = cell_of(meridian, "Rates", "pharmacist_hour", "id")
    book = load_workbook(meridian)
    book["Rates"].delete_rows(int("".join(c for c in gone.split("!")[1] if c.isdigit())))
    book.save(meridian)
    edited(meridian, {rate: "$171.30", share: "37.5%"})
    new = load_workbook(meridian)["Rates"]
    top = next(row for row in new.iter_rows(max_row=6) if row[0].value == "id")
    free = next(row[0].row for row in new.iter_rows(min_row=top[0].row + 1) if row[0].value is None)
    letters = {cell.value: cell.column_letter for cell in top}
    typed = {"codes": "S9500", "modifiers": "SS", "mechanism": "per diem", "rate": 88}
    edited(meridian, {f"Rates!{letters[name]}{free}": value for name, value in typed.items()})
    made = contract_from_excel(meridian)
    assert made.file == workspace / "contracts" / "meridian_edited" / "2025.toml"  # "meridian" is the one it extends
    assert made.base == "meridian"
    text = made.file.read_text()
    assert 'id = "hydration_per_diem"' not in text, "what was not touched is not named"
    after = load_contract(made.file).latest
    named = {term.id: term for term in after.term}
    assert named["inotrope_per_diem"].rate == Decimal("171.30")  # type: ignore[attr-defined]
    assert named["unclassified_drugs"].share == Decimal("0.375")  # type: ignore[attr-defined]
    assert named["s9500_per_diem"].rate == Decimal(88)  # type: ignore[attr-defined]
    assert "pharmacist_hour" not in named
    before = load_contract("meridian").latest
    assert {t.id for t in before.term} - {"pharmacist_hour"} == set(named) - {"s9500_per_diem"}


@pytest.mark.slow
def test_an_edited_schedule_is_kept_beside_the_overlay(workspace: Path, tmp_path: Path) -> None:
    book = contract_to_excel("lakeshore", tmp_path / "lake.xlsx")
    sheet = load_workbook(book)["Schedule rates"]
    row = next(cell.row for cell in sheet["B"] if cell.value == "S9500")
    edited(book, {f"Schedule rates!D{row}": "$64.25"})
    made = contract_from_excel(book)
    assert made.file is not None
    assert (made.file.parent / "base.csv").is_file()
    after = load_contract(made.file).latest
    assert "S9500,64.25" in Path(after.schedule[0].path).read_text()
    assert after.named("per_diems") == load_contract("lakeshore").latest.named("per_diems")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sheet", "row_id", "heading", "typed", "told"),
    [
        ("Rates", "inotrope_per_diem", "rate", "85%", "'85%' is a percent, and rate is in dollars"),
        ("Rates", "inotrope_per_diem", "rate", "TBD", "'TBD' is not an amount of money"),
        ("Rates", "inotrope_per_diem", "rate", -3, "rate = -3 is not above 0"),
        ("Rates", "inotrope_per_diem", "mechanism", "perdiem", "'perdiem' is not known. Did you mean 'per_diem'?"),
        ("Rates", "unclassified_drugs", "share", "$40", "'$40' is in dollars, and share is a share"),
        ("Rates", "unclassified_drugs", "share", 40, "share = 40 is above 1"),
        ("Rates", "inotrope_per_diem", "effective through", "soon", "'soon' is not a date"),
        ("Clauses", "catheter_care_within_per_diem", "lines", "catheter care", "does not say which lines"),
        ("Clauses", "catheter_care_within_per_diem", "what", "bundel", "is no kind of clause. Did you mean 'bundle'?"),
        ("Nursing", "nursing", "first", "", "'first' is missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_sheet_and_cell(
    meridian: Path, sheet: str, row_id: str, heading: str, typed: Any, told: str
) -> None:
    place = cell_of(meridian, sheet, row_id, heading)
    edited(meridian, {place: typed or None})
    with pytest.raises(WorkbookMistakes) as refused:
        contract_from_excel(meridian, meridian.with_suffix(".toml"))
    (sentence,) = refused.value.sentences
    assert told in sentence
    assert sentence.startswith(place) or typed == ""
    assert not meridian.with_suffix(".toml").exists()


@pytest.mark.slow
def test_all_mistakes_are_told_at_once(meridian: Path) -> None:
    cells = {
        cell_of(meridian, "Rates", "inotrope_per_diem", "rate"): "x",
        cell_of(meridian, "Rates", "hydration_per_diem", "rate"): "y",
    }
    edited(meridian, cells)
    code, _, err = run("contract", "from-xlsx", meridian)
    assert code == 2
    assert "the workbook has 2 mistakes:" in err
    assert all(place in err for place in cells)


@pytest.mark.slow
def test_a_misspelt_heading_is_named(meridian: Path) -> None:
    top = cell_of(meridian, "Rates", "inotrope_per_diem", "rate")
    letter = top.split("!")[1].rstrip("0123456789")
    edited(meridian, {f"Rates!{letter}3": "rat"})
    with pytest.raises(WorkbookMistakes, match=rf"Rates!{letter}3: 'rat' is not known here. Did you mean 'rate'"):
        contract_from_excel(meridian)


@pytest.mark.slow
def test_a_drug_source_of_no_term_is_named(meridian: Path) -> None:
    edited(meridian, {"Drug prices!A4": "drug"})
    with pytest.raises(WorkbookMistakes, match=r"Drug prices!A4: there is no term 'drug' .* Did you mean 'drugs'"):
        contract_from_excel(meridian)


@pytest.mark.slow
def test_a_contract_that_changed_meanwhile_is_not_overlaid(tmp_path: Path, workspace: Path) -> None:
    file = workspace / "contracts" / "mine" / "2025.toml"
    file.parent.mkdir(parents=True)
    shutil.copy(paths.data("contracts", "meridian", "2025.toml"), file)
    book = contract_to_excel("mine", tmp_path / "mine.xlsx")
    file.write_text(file.read_text().replace("165.00", "166.00"))
    with pytest.raises(InputError, match="has changed since the workbook was made"):
        contract_from_excel(book)
    file.unlink()
    with pytest.raises(InputError, match="is not there"):
        contract_from_excel(book)


@pytest.mark.slow
def test_the_template_becomes_a_contract(tmp_path: Path, workspace: Path) -> None:
    book = template(tmp_path / "new_payer.xlsx")
    made = contract_from_excel(book)
    assert made.file == workspace / "contracts" / "new_payer" / "2027.toml"
    assert load_draft("new_payer").latest.placeholders, "what says FILL is open, and said to be"
    cells = {
        "Contract!C6": "New Payer",
        cell_of(book, "Rates", "anti_infective_per_diem", "rate"): "$95",
        cell_of(book, "Rates", "other_per_diem", "rate"): 120,
        cell_of(book, "Nursing", "nursing", "first"): "150.00",
        cell_of(book, "Nursing", "nursing", "further"): 65,
        "Drug prices!D4": "104%",
    }
    edited(book, cells)
    contract_from_excel(book)
    filled = load_draft("new_payer").latest
    drugs = filled.named("drugs")
    assert drugs is not None
    assert drugs.chain[0].multiplier == Decimal("1.04")  # type: ignore[attr-defined]
    assert not [place for place in filled.placeholders if place.table == "term"]


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("code,rate\nS9500,95\n")
    with pytest.raises(InputError, match="hitmodel import fee-schedule"):
        contract_from_excel(tmp_path / "rates.csv")


@pytest.mark.slow
def test_the_same_contract_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (contract_to_excel("meridian", tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    assert one.read_bytes() == other.read_bytes()


def test_descriptors_are_cms_own_and_cpt_has_none(meridian: Path) -> None:
    sheet = load_workbook(meridian)["Rates"]
    text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    entry = code_table().entry("S9348")
    assert entry is not None
    assert f"S9348: {entry.descriptor}" in text
    nursing = load_workbook(meridian)["Nursing"]
    words = " ".join(str(cell.value) for row in nursing.iter_rows() for cell in row if cell.value)
    assert "99601: " in words


@pytest.mark.slow
def test_what_begins_like_a_formula_is_text(tmp_path: Path) -> None:
    """A payer's title that begins with an equals sign must not become a live formula, and comes back as it was."""
    text = (
        header(more='title = "=1+1"\nnote = " spaced "')
        + '[[term]]\nid = "t"\nroles = ["drug"]\nmechanism = "manual"\n'
    )
    text += 'amount = 1.00\nper = "unit"\nnote = "\\"quoted\\""\n'
    file = write(tmp_path / "c", text)
    refuse_loss(file, tmp_path)


@pytest.mark.slow
def test_mistakes_of_every_depth_are_told_in_one_go(meridian: Path) -> None:
    """Cells that cannot be read, values that cannot be, names that are none and a field that is missing: what one of
    them would hide from the others is looked at all the same.
    """
    typed: dict[tuple[str, str, str], Any] = {
        ("Rates", "inotrope_per_diem", "rate"): "x",
        ("Rates", "inotrope_per_diem", "codes"): "S934B",
        ("Rates", "hydration_per_diem", "rate"): -4,
        ("Rates", "other_per_diem", "roles"): "perdiem",
        ("Rates", "unclassified_drugs", "share"): 40,
        ("Clauses", "catheter_care_within_per_diem", "lines"): "roles: cathcare",
    }
    cells = {cell_of(meridian, *where): value for where, value in typed.items()}
    cells |= {"Drug prices!D4": "x", "Drug prices!D5": -1, "Contract!C4": None}
    edited(meridian, cells)
    with pytest.raises(WorkbookMistakes) as refused:
        contract_from_excel(meridian, meridian.with_suffix(".toml"))
    told = refused.value.sentences
    assert {re.split(r"[:,] ", sentence)[0] for sentence in told} == set(cells)
    assert len(told) == len(cells)
    assert next(s for s in told if "S934B" in s).startswith(
        f"{cell_of(meridian, 'Rates', 'inotrope_per_diem', 'codes')}, codes: 'S934B' names 'S934B', which is not a code"
    )


@pytest.mark.slow
def test_rows_without_an_id_have_their_own_cells(meridian: Path) -> None:
    book = load_workbook(meridian)
    sheet = book["Rates"]
    column = {cell.value: cell.column for cell in sheet[3]}
    free = next(n for n in range(4, 90) if sheet.cell(n, 1).value is None)
    for n, (code, rate) in enumerate((("S9500", -1), ("S9501", -2))):
        for name, value in (("codes", code), ("mechanism", "per diem"), ("rate", rate)):
            sheet.cell(free + n, column[name]).value = value
    book.save(meridian)
    letter = sheet.cell(3, column["rate"]).column_letter
    with pytest.raises(WorkbookMistakes) as refused:
        contract_from_excel(meridian)
    assert [one.split(":")[0] for one in refused.value.sentences] == [
        f"Rates!{letter}{free}",
        f"Rates!{letter}{free + 1}",
    ]


@pytest.mark.slow
def test_an_id_that_stands_twice_is_told_with_both_cells(meridian: Path) -> None:
    at = cell_of(meridian, "Rates", "inotrope_per_diem", "id")
    other = cell_of(meridian, "Rates", "hydration_per_diem", "id")
    edited(meridian, {at: "hydration_per_diem"})
    with pytest.raises(WorkbookMistakes) as refused:
        contract_from_excel(meridian)
    assert refused.value.sentences == [f"{other}, id: 'hydration_per_diem' is there twice, at {at} too."]


@pytest.mark.slow
def test_days_that_can_be_read_two_ways_are_refused_and_others_listed(meridian: Path, workspace: Path) -> None:
    """The third of April or the fourth of March; 13/1/2027 can only be the thirteenth of January."""
    cell = cell_of(meridian, "Rates", "inotrope_per_diem", "effective through")
    edited(meridian, {cell: "3/4/2027"})
    with pytest.raises(WorkbookMistakes, match="can be read two ways: write it year first"):
        contract_from_excel(meridian)
    edited(meridian, {cell: "13/1/2027"})
    assert contract_from_excel(meridian).notes == (
        f"{cell}, effective through: '13/1/2027' day before month: taken as 2027-01-13",
    )
    edited(meridian, {cell: "1/31/2027"})
    assert not contract_from_excel(meridian).notes


@pytest.mark.slow
def test_a_code_that_no_release_has_is_taken_and_told_with_its_cell(meridian: Path, workspace: Path) -> None:
    """It may be one of next year's, or a payer's own."""
    cell = cell_of(meridian, "Rates", "inotrope_per_diem", "codes")
    edited(meridian, {cell: "S9348, S9580"})
    code, out, _ = run("contract", "from-xlsx", meridian)
    assert code == 1
    assert f"{cell}: term 'inotrope_per_diem': S9580 is not in the" in " ".join(out.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "typed", "told"),
    [
        ("D", "95,50", "'95,50' can be read two ways"),
        ("D", 0, "'0' is not above 0"),
        ("F", "3/4/2027", "'3/4/2027' can be read two ways"),
        ("B", "S934B", "'S934B' is not a code"),
    ],
)
def test_a_schedules_cells_are_read_as_strictly(tmp_path: Path, column: str, typed: Any, told: str) -> None:
    book = contract_to_excel("lakeshore", tmp_path / "lake.xlsx")
    row = next(cell.row for cell in load_workbook(book)["Schedule rates"]["B"] if cell.value == "S9500")
    edited(book, {f"Schedule rates!{column}{row}": typed})
    with pytest.raises(WorkbookMistakes) as refused:
        contract_from_excel(book)
    assert refused.value.sentences[0].startswith(f"Schedule rates!{column}{row}")
    assert told in refused.value.sentences[0]


@pytest.mark.slow
def test_every_sheet_can_be_read_printed_and_typed_into(meridian: Path) -> None:
    """Headings stay in sight and on each page, rows are as high as their words, choices go to the last row."""
    book = load_workbook(meridian)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        head = next(row for row in sheet.iter_rows(max_row=12) if row[0].font.b and row[0].row > 2)[0].row
        assert sheet.freeze_panes == f"B{head + 1}", sheet.title
        assert sheet.print_title_rows == f"${head}:${head}", sheet.title
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0), sheet.title
        for row in sheet.iter_rows(min_row=head + 1):
            for cell in row:
                text = cell.value if isinstance(cell.value, str) and not cell.value.startswith("=") else ""
                lines = min(20, -(-len(text) // sheet.column_dimensions[cell.column_letter].width))
                assert lines <= 1 or sheet.row_dimensions[cell.row].height >= 15 * lines, (
                    f"{sheet.title}!{cell.coordinate}"
                )
    rates = book["Rates"]
    letter = next(cell.column_letter for cell in rates[3] if cell.value == "mechanism")
    last = max(cell.row for cell in rates["A"] if cell.value) + 40
    assert f"{letter}4:{letter}{last}" in {str(rule.sqref) for rule in rates.data_validations.dataValidation}
