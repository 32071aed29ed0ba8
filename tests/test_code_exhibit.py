"""The rate exhibit by code, as a workbook, a document and a Word file; and an edited one as an overlay."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import builders
import pytest
from docx import Document as WordDocument
from openpyxl import load_workbook
from openpyxl.comments import Comment
from test_pdf_report import pages
from typer.testing import CliRunner

from hitmodel.cli import app
from hitmodel.code_exhibit import CodeExhibit, code_exhibit
from hitmodel.contracts import load_contract, load_draft
from hitmodel.document_files import write_document
from hitmodel.errors import ContractError, InputError
from hitmodel.exhibit_edits import Edit, Edits, check_of_edits, overlay_of_edits, read_edits
from hitmodel.exhibit_pages import clauses_table, exhibit_document, exhibit_docx, rate_tables
from hitmodel.exhibit_sheet import (
    AMOUNT,
    CHANGE,
    CODE,
    HEAD_ROW,
    MARK,
    PROPOSED,
    RATES,
    TODAY,
    UNIT,
    exhibit_workbook,
)
from hitmodel.exhibit_units import Use, Uses
from hitmodel.overlay_file import write_contract_file
from hitmodel.paths import located
from hitmodel.references import default_references
from hitmodel.terms import Contract

DAY = date(2025, 6, 1)
PAPER = """
[concurrency]
shares = [1, 0.75]
[[rate_change]]
id = "up"
factor = 1.04
terms = ["antibiotic"]
[[term]]
id = "antibiotic"
classes = ["anti_infective"]
roles = ["per_diem"]
mechanism = "per_diem"
rate = 95.00
cite = "line 1"
[[term]]
id = "suite"
codes = ["S9359"]
modifiers = ["SS"]
mechanism = "fixed"
per = "dose"
rate = 140.00
[[term]]
id = "nursing"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 65.00
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.08 }]
[[term]]
id = "unlisted"
unlisted = true
mechanism = "percent_of_charge"
share = 0.55
"""


def paper(folder: Path, text: str = PAPER, name: str = "paper") -> Contract:
    return builders.contract(folder, text, name)


def shown(contract: Contract, against: Contract | None = None) -> CodeExhibit:
    return code_exhibit(contract, default_references(), DAY, against)


def rates(exhibit: CodeExhibit) -> dict[str, str]:
    return {row.name: f"{row.price.words} {row.price.unit}" for row in exhibit.rows}


def test_each_code_has_the_rate_of_the_day_with_its_official_descriptor(tmp_path: Path) -> None:
    """95.00 × 1.04 = 98.80 for each antibiotic; the suite's own rate stands under its modifier."""
    found = shown(paper(tmp_path))
    assert rates(found)["S9500"] == "98.80 day"
    assert rates(found)["S9359-SS"] == "140.00 dose"
    assert rates(found)["99602"] == "65.00 hour"
    assert rates(found)["S9338"] == "55 % of charge"
    row = next(row for row in found.rows if row.code == "S9500")
    assert row.descriptor == default_references().codes.wordings("S9500")[-1].descriptor
    assert row.therapy == "Anti-infectives"


def test_what_has_no_price_by_code_is_told_in_words(tmp_path: Path) -> None:
    told = {(row[0], row[2]) for row in clauses_table(shown(paper(tmp_path))).rows}
    assert ("Drugs", "108 % of Medicare limit, about ASP + 14.5 %") in told
    assert ("Second therapy of a day and later", "75 %") in told


def test_beside_another_paper_the_changes_are_marked(tmp_path: Path) -> None:
    offer = paper(tmp_path, PAPER.replace("rate = 140.00", "rate = 150.00"), "offer")
    found = shown(offer, paper(tmp_path))
    assert [(row.name, row.difference) for row in found.rows if row.changed] == [("S9359-SS", Decimal(10))]


def test_a_day_outside_the_contract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="not in force on 2024-01-01"):
        code_exhibit(paper(tmp_path), default_references(), date(2024, 1, 1))


def test_places_left_open_are_shown_as_such() -> None:
    found = code_exhibit(load_draft("starter"), default_references(), date(2027, 1, 1))
    assert rates(found)["S9500"] == "to be filled in day"


LISTED = (
    PAPER
    + """
[[schedule]]
id = "fees"
file = "../fees.csv"
[[term]]
id = "visits"
codes = ["G0068..G0069", "S9376"]
mechanism = "schedule"
schedule = "fees"
per = "visit"
[[term]]
id = "formulas"
codes = ["B4185"]
mechanism = "fixed"
per = "unit"
rate = 8.60
[[term]]
id = "one_case"
patients = ["P1"]
codes = ["J0713"]
mechanism = "fixed"
per = "unit"
rate = 3.00
"""
)


@pytest.mark.slow
def test_codes_of_any_service_stand_with_the_rate_that_a_clause_names_for_them(tmp_path: Path) -> None:
    """G0068 and G0069 are no per diems, B4185 is nutrition: their rates are numbers by code all the same."""
    (tmp_path / "fees.csv").write_text("code,rate,from\nG0068,150,\nG0069,185,\nS9376,70,2025-07-01\n")
    found = shown(paper(tmp_path, LISTED))
    told = rates(found)
    assert [told[code] for code in ("G0068", "G0069", "B4185")] == ["150.00 visit", "185.00 visit", "8.60 unit"]
    assert "J0713" not in told, "one patient's agreement is nobody's rate"
    assert not {"visits", "formulas"} & {clause.term for clause in found.clauses}
    changed = shown(paper(tmp_path, LISTED.replace("8.60", "9.00"), "offer"), paper(tmp_path, LISTED))
    assert [(row.name, row.difference) for row in changed.rows if row.changed] == [("B4185", Decimal("0.40"))]
    assert rates(shown(again(tmp_path, paper(tmp_path, LISTED), {("G0069", PROPOSED): 190})))["G0069"] == "190.00 visit"


@pytest.mark.slow
def test_a_code_whose_rate_begins_later_has_no_rate_on_this_day(tmp_path: Path) -> None:
    """S9376 has a rate from 1 July 2025, and the exhibit is of 1 June."""
    (tmp_path / "fees.csv").write_text("code,rate,from\nG0068,150,\nG0069,185,\nS9376,70,2025-07-01\n")
    contract = paper(tmp_path, LISTED)
    assert rates(shown(contract))["S9376"] == "no rate on this day "
    assert rates(code_exhibit(contract, default_references(), date(2025, 7, 1)))["S9376"] == "70.00 visit"


# --- the files ---


def slow(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.slow)


def sheet_of(exhibit: CodeExhibit, **more: Any) -> Any:
    return load_workbook(io.BytesIO(exhibit_workbook(exhibit, **more)))[RATES]


def row_of(sheet: Any, name: str) -> int:
    code, _, mark = name.partition("-")
    rows = range(HEAD_ROW, sheet.max_row + 1)
    return next(n for n in rows if (sheet.cell(n, CODE).value, sheet.cell(n, MARK).value or "") == (code, mark))


def test_the_workbook_has_live_formulas(tmp_path: Path) -> None:
    offer = paper(tmp_path, PAPER.replace("rate = 140.00", "rate = 150.00"), "offer")
    uses = Uses({("S9359", "SS"): Use(Fraction(12), 1800_00, lines=12, patients=12)}, 0, 0, 0)
    sheet = sheet_of(shown(offer, paper(tmp_path)), uses=uses)
    at = row_of(sheet, "S9359-SS")
    assert (sheet.cell(at, TODAY).value, sheet.cell(at, PROPOSED).value) == (140, 150)
    assert (sheet.cell(at, CHANGE).value, sheet.cell(at, AMOUNT).value) == (
        f"=F{at}-E{at}",
        f'=IF(H{at}="","",F{at}*H{at})',
    )
    assert sheet.cell(at, 8).value == 12
    assert sheet.cell(sheet.max_row, AMOUNT).value.startswith("=SUM(I")
    assert "approximate where second and later therapies" in sheet["A4"].value


@pytest.mark.slow
def test_the_same_exhibit_gives_the_same_bytes(tmp_path: Path) -> None:
    found = shown(paper(tmp_path))
    assert exhibit_workbook(found) == exhibit_workbook(found)
    assert exhibit_docx(found) == exhibit_docx(found)


@pytest.mark.slow
def test_the_word_file_repeats_the_heads_of_its_tables(tmp_path: Path) -> None:
    made = exhibit_docx(shown(paper(tmp_path)))
    word = WordDocument(io.BytesIO(made))
    heads = [[cell.text for cell in table.rows[0].cells] for table in word.tables]
    assert heads[0][:2] == ["Clause", "Unit"]
    assert heads[1] == ["Code", "Description", "For each", "Rate", "Where"]
    body = zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml").decode()
    assert body.count("w:tblHeader") == len(word.tables)


def test_every_row_stands_on_a_page_and_an_external_edition_holds_them(tmp_path: Path) -> None:
    found = shown(paper(tmp_path))
    tables = rate_tables(found)
    assert sum(len(table.shown_rows) for table in tables) == len(found.rows)
    assert all(table.audience == "both" for table in exhibit_document(found).tables)


# --- edited ---


def edited(
    folder: Path, contract: Contract, cells: dict[tuple[str, int], Any], against: Contract | None = None
) -> Path:
    """Return the exhibit of a contract in which some cells, by code and column, were written over."""
    book = load_workbook(io.BytesIO(exhibit_workbook(shown(contract, against))))
    for (code, column), value in cells.items():
        at = HEAD_ROW if code == "head" else row_of(book[RATES], code)
        book[RATES].cell(at, column).value = value
    book.save(folder / "edited.xlsx")
    return folder / "edited.xlsx"


def again(
    folder: Path, contract: Contract, cells: dict[tuple[str, int], Any], against: Contract | None = None
) -> Contract:
    """Return the contract that an edited exhibit makes."""
    references = default_references()
    edits = read_edits(edited(folder, contract, cells, against), contract, references)
    assert edits.not_taken == ()
    file = str(located(contract.latest.file).resolve())
    tables = overlay_of_edits(edits, contract, references, file)
    target = folder / "counter" / "2025.toml"
    return load_contract(write_contract_file(tables, target, check=check_of_edits(edits, contract, references)).parent)


@pytest.mark.slow
def test_an_edited_rate_comes_back_as_an_overlay_with_that_rate(tmp_path: Path) -> None:
    """One code of a class that a rate change touches, a rate for a modifier, and one field of two."""
    before = paper(tmp_path)
    wanted = {("S9500", PROPOSED): 104.30, ("S9359-SS", PROPOSED): 151, ("99602", PROPOSED): 70.25}
    after = again(tmp_path, before, wanted)
    old, new = rates(shown(before)), rates(shown(after))
    moved = {name: words for name, words in new.items() if words != old[name]}
    assert moved == {"S9500": "104.30 day", "S9359-SS": "151.00 dose", "99602": "70.25 hour"}
    # 104.30 ÷ 1.04 = 100.288…; 100.29 × 1.04 = 104.3016, rounded 104.30.
    own = after.latest.named("antibiotic_s9500")
    assert own is not None
    assert own.rate == Decimal("100.29")
    assert after.latest.rate_change[0].terms == ("antibiotic", "antibiotic_s9500")
    assert after.latest.named("suite").rate == Decimal("151.00")


@pytest.mark.slow
def test_all_codes_of_a_clause_at_one_rate_change_the_clause(tmp_path: Path) -> None:
    before = paper(tmp_path)
    codes = [row.code for row in shown(before).rows if row.price.term == "antibiotic"]
    after = again(tmp_path, before, {(code, PROPOSED): 104 for code in codes})
    assert [t.id for t in after.latest.term] == [t.id for t in before.latest.term]
    assert after.latest.named("antibiotic").rate == Decimal("100.00")  # × 1.04 = 104.00


@pytest.mark.slow
def test_what_is_changed_beside_the_proposed_rates_is_named(tmp_path: Path) -> None:
    contract, references = paper(tmp_path), default_references()
    cells = {("S9500", 4): "dose", ("S9501", TODAY): 50, ("S9502", 12): "see letter", ("99602", PROPOSED): 650.01}
    file = edited(tmp_path, contract, cells)
    book = load_workbook(file)
    book[RATES].delete_rows(row_of(book[RATES], "S9359-SS"))
    at = next(r for r in range(2, 30) if book["Other clauses"].cell(r, 4).value == "75 %")
    book["Other clauses"].cell(at, 4).value = "50 %"
    book.save(file)
    edits = read_edits(file, contract, references)
    told = "; ".join(edits.not_taken)
    assert "Rates!D14 of S9500 says 'dose' where 'day' stood" in told
    assert "of S9501 says '50' where '98.8' stood" in told
    assert "holds a note: 'see letter'" in told
    assert "the row of S9359-SS is gone, 140 stays" in told
    assert f"Other clauses!D{at} of Second therapy" in told
    assert "says '50 %' where '75 %' stood" in told
    assert len(edits.not_taken) == 5
    assert "99602 is to be 650.01 instead of 65" in edits.questions[0]


@pytest.mark.slow
def test_many_new_rates_within_one_clause_of_named_codes(tmp_path: Path) -> None:
    """Each code that takes a rate of its own leaves the clause, the ones in the middle too."""
    text = PAPER.replace('classes = ["anti_infective"]\n', 'codes = ["S9500", "S9501", "S9502", "S9503", "S9504"]\n', 1)
    before = paper(tmp_path, text)
    wanted = {"S9500": 95, "S9501": 115, "S9502": 130, "S9504": 230}
    after = again(tmp_path, before, {(code, PROPOSED): rate for code, rate in wanted.items()})
    assert sorted(after.latest.named("antibiotic").without_codes) == sorted(wanted)
    new = rates(shown(after))
    assert [new[code] for code in wanted] == ["95.00 day", "115.00 day", "130.00 day", "230.00 day"]
    assert new["S9503"] == "98.80 day"  # 95.00 × 1.04, as before


@pytest.mark.slow
def test_an_overlay_that_does_not_pay_what_was_typed_is_not_written(tmp_path: Path) -> None:
    before, references = paper(tmp_path), default_references()
    edits = read_edits(edited(tmp_path, before, {("S9500", PROPOSED): 104}), before, references)
    tables = overlay_of_edits(edits, before, references, str(located(before.latest.file).resolve()))
    tables["term"][0]["rate"] = Decimal("90.00")
    target = tmp_path / "counter" / "2025.toml"
    with pytest.raises(InputError, match="would not pay the rates as changed: S9500"):
        write_contract_file(tables, target, check=check_of_edits(edits, before, references))
    assert not target.exists()


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        (("S9500", CODE), "S9599", "Rates!A14 says S9599, which is no row of this exhibit; did you mean S9590?"),
        (("S9500", PROPOSED), "ninety", "Rates!F14 of S9500 says 'ninety', which is not an amount of money"),
        slow(("S9500", PROPOSED), -5, "Rates!F14 of S9500 says '-5', which is not above zero"),
        slow(("S9338", PROPOSED), 120, "S9338 says '120', which is a new rate, and 'of charge' stands under For each"),
        slow(
            ("S9338", PROPOSED), "45 %", "S9338 says '45 %', which is no rate in dollars: change it in the contract's"
        ),
        (("head", PROPOSED), "Rate", "Rates!F6 says 'Rate' where 'Proposed' stood: columns must stay in their places"),
        slow(("head", CODE), None, "Rates!A6 is empty where 'Code' stood"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_cell(
    cell: tuple[str, int], value: object, said: str, tmp_path: Path
) -> None:
    contract = paper(tmp_path)
    with pytest.raises(InputError) as raised:
        read_edits(edited(tmp_path, contract, {cell: value}), contract, default_references())
    assert said in str(raised.value)


@pytest.mark.slow
def test_every_wrong_cell_is_named_together(tmp_path: Path) -> None:
    contract = paper(tmp_path)
    cells = {("S9500", PROPOSED): "ninety", ("S9501", PROPOSED): "tbd"}
    with pytest.raises(InputError) as raised:
        read_edits(edited(tmp_path, contract, cells), contract, default_references())
    assert "S9500 says 'ninety'" in str(raised.value)
    assert "S9501 says 'tbd'" in str(raised.value)


@pytest.mark.slow
def test_a_code_that_stands_twice_is_refused_by_both_cells(tmp_path: Path) -> None:
    """A row put in above another moves it down by one; either rate could be meant, the untouched one too."""
    contract = paper(tmp_path)
    file = edited(tmp_path, contract, {})
    book = load_workbook(file)
    sheet = book[RATES]
    at = row_of(sheet, "S9500")
    sheet.insert_rows(at + 1)
    sheet.cell(at + 1, CODE).value, sheet.cell(at + 1, UNIT).value, sheet.cell(at + 1, PROPOSED).value = (
        "S9500",
        "day",
        99,
    )
    book.save(file)
    with pytest.raises(InputError, match=f"S9500 stands twice, in Rates!F{at} and Rates!F{at + 1}: leave one"):
        read_edits(file, contract, default_references())


def test_an_exhibit_in_which_nothing_changed_is_no_overlay(tmp_path: Path) -> None:
    contract = paper(tmp_path)
    edits = read_edits(edited(tmp_path, contract, {}), contract, default_references())
    assert edits.changed == ()
    assert edits.not_taken == ()
    with pytest.raises(InputError, match="no rate was changed"):
        overlay_of_edits(edits, contract, default_references(), "paper")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["meridian", "cascade", "lakeshore"])
def test_one_rate_of_every_clause_comes_back_and_moves_no_other(name: str, tmp_path: Path) -> None:
    """Clauses that name their codes, schedules, classes, marks: one row of each is edited by itself."""
    contract, references = load_contract(name), default_references()
    before = shown(contract)
    editable = [row for row in before.rows if row.price.field]
    ends = {row.price.term: row for row in editable} | {f"{row.price.term} ": row for row in reversed(editable)}
    assert len(ends) > 1
    for number, row in enumerate(ends.values()):
        assert row.price.rate is not None
        edits = Edits(DAY, (Edit(row, row.price.rate + 10, "Rates!F9"),))
        tables = overlay_of_edits(edits, contract, references, str(located(contract.latest.file).resolve()))
        made = load_contract(write_contract_file(tables, tmp_path / f"{name}_{number}" / "2025.toml").parent)
        old, new = rates(before), rates(shown(made))
        assert [mark for mark in new if new[mark] != old[mark]] == [row.name]


@pytest.mark.slow
def test_a_clause_that_never_governs_is_none_of_the_exhibit(tmp_path: Path) -> None:
    """A class's rate that codes of its own outrank everywhere says nothing, and a payer is not shown it as a clause."""
    codes = [e.code for e in default_references().codes if e.therapy_class == "anti_infective" and e.role == "per_diem"]
    own = f'[[term]]\nid = "each"\ncodes = {codes}\nmechanism = "per_diem"\nrate = 90.00\n'.replace("'", '"')
    found = shown(paper(tmp_path, PAPER + own))
    assert {line.term for line in found.clauses} & {"antibiotic", "each"} == set()
    assert "drugs" in {line.term for line in found.clauses}


# --- headed truthfully, and read with another paper beside it ---

SUITE_BY_REPORT = PAPER.replace('mechanism = "fixed"\nper = "dose"\nrate = 140.00', 'mechanism = "by_report"')
LEFT_OUT = """
[[term]]
id = "included"
codes = ["B4185"]
mechanism = "bundled"
"""


def on_from(folder: Path, text: str, first: str, name: str) -> Contract:
    return load_contract(builders.write(folder / name, builders.header(first, more=f'title = "{name}"') + text).parent)


@pytest.mark.slow
def test_two_papers_are_headed_by_what_they_are(tmp_path: Path) -> None:
    """Only what is in force until the other begins is today's; any other two stand under their own titles."""
    now, draft = on_from(tmp_path, PAPER, "2025-01-01", "Now"), on_from(tmp_path, PAPER, "2027-01-01", "Draft")
    counter = on_from(tmp_path, PAPER, "2027-01-01", "Counter")
    day, references = date(2027, 1, 1), default_references()
    cases = (
        (draft, now, ("Today", "Proposed")),
        (now, draft, ("Draft", "Now")),
        (counter, draft, ("Draft", "Counter")),
        (now, None, ("Rate", "Proposed")),
    )
    for one, other, heads in cases:
        found = code_exhibit(one, references, day, other)
        sheet = sheet_of(found)
        assert (sheet.cell(HEAD_ROW, TODAY).value, sheet.cell(HEAD_ROW, PROPOSED).value) == heads
        word = WordDocument(io.BytesIO(exhibit_docx(found)))
        assert [cell.text for cell in word.tables[1].rows[0].cells][3:-1] == list(heads if other else ["Rate"])
        assert [c.label for c in rate_tables(found)[0].columns if c.key in ("today", "rate")] == list(
            heads if other else ["Rate"]
        )
    told = "Today is Now, terms from 1 January 2025; Proposed is Draft, terms from 1 January 2027"
    front = exhibit_document(code_exhibit(draft, references, day, now)).front
    assert front is not None
    assert front.subline.startswith(told)
    assert told in sheet_of(code_exhibit(draft, references, day, now))["A3"].value
    both = code_exhibit(now, references, day, draft)
    assert both.beside == "Draft, terms from 1 January 2027; Now, terms from 1 January 2025"
    assert exhibit_document(both).front.headline == f"Now and Draft differ in 0 codes of {len(both.rows)}."  # type: ignore[union-attr]
    assert both.called("Exhibit B").heads == ("Draft", "Exhibit B")


@pytest.mark.slow
def test_an_exhibit_headed_by_titles_is_read_back(tmp_path: Path) -> None:
    now, offer = paper(tmp_path), paper(tmp_path, PAPER, "offer")
    assert shown(offer, now).heads == ("paper", "offer")
    after = again(tmp_path, offer, {("S9359-SS", PROPOSED): 151}, now)
    assert rates(shown(after))["S9359-SS"] == "151.00 dose"
    with pytest.raises(InputError, match="Rates!F6 says 'paper' where 'offer' stood"):
        read_edits(edited(tmp_path, offer, {("head", PROPOSED): "paper"}, now), offer, default_references())


@pytest.mark.slow
def test_a_rate_for_another_unit_stands_with_its_unit_and_no_change(tmp_path: Path) -> None:
    text = PAPER.replace('mechanism = "fixed"\nper = "dose"\nrate = 140.00', 'mechanism = "per_diem"\nrate = 125.00')
    found = shown(paper(tmp_path, text, "offer"), paper(tmp_path))
    row = next(row for row in found.rows if row.name == "S9359-SS")
    assert (row.unit, row.other_words, row.price.words, row.difference) == (
        "day",
        "140.00 per dose",
        "125.00",
        None,
    )
    sheet = sheet_of(found)
    at = row_of(sheet, "S9359-SS")
    assert sheet.cell(at, TODAY).value == "140.00 per dose"
    assert sheet.cell(at, CHANGE).value is None


@pytest.mark.slow
def test_a_code_by_report_takes_a_rate_for_what_today_pays_it(tmp_path: Path) -> None:
    draft = paper(tmp_path, SUITE_BY_REPORT, "draft")
    after = again(tmp_path, draft, {("S9359-SS", PROPOSED): 135}, paper(tmp_path))
    assert rates(shown(after))["S9359-SS"] == "135.00 dose"
    assert after.latest.named("suite") is None  # it named no other code
    old, new = rates(shown(draft)), rates(shown(after))
    assert [name for name in new if new[name] != old[name]] == ["S9359-SS"]


@pytest.mark.slow
def test_a_code_that_is_included_takes_a_rate_once_its_unit_is_written(tmp_path: Path) -> None:
    draft = paper(tmp_path, PAPER + LEFT_OUT, "draft")
    cells: dict[tuple[str, int], Any] = {("B4185", PROPOSED): 9.5}
    with pytest.raises(InputError, match=r"B4185 says '9\.5', which is a new rate, and nothing stands under For each"):
        read_edits(edited(tmp_path, draft, cells), draft, default_references())
    after = again(tmp_path, draft, {**cells, ("B4185", UNIT): "unit"})
    (term,) = (term for term in after.latest.term if "B4185" in term.codes)
    assert (term.mechanism, term.per, term.rate) == ("fixed", "unit", Decimal("9.50"))


@pytest.mark.slow
def test_codes_that_only_the_other_paper_has_are_read_and_may_be_given_a_rate(tmp_path: Path) -> None:
    """The increase of 4 percent is for the antibiotic's clause alone, so 150.00 is written as it is."""
    bare = PAPER.split('[[term]]\nid = "suite"')[0]
    mine, other = paper(tmp_path, bare, "mine"), paper(tmp_path)
    found = shown(mine, other)
    assert next(row.price.words for row in found.rows if row.name == "S9359-SS") == "no rate"
    untouched = read_edits(edited(tmp_path, mine, {}, other), mine, default_references())
    assert (untouched.changed, untouched.not_taken) == ((), ())
    after = again(tmp_path, mine, {("S9359-SS", PROPOSED): 150}, other)
    assert rates(shown(after))["S9359-SS"] == "150.00 dose"
    (term,) = (term for term in after.latest.term if "S9359" in term.codes)
    assert term.modifiers == ("SS",)


@pytest.mark.slow
def test_meridian_stands_beside_lakeshore_and_comes_back(tmp_path: Path) -> None:
    """Lakeshore lacks 13 rows that Meridian prices; its exhibit with them beside is read again, nothing changed."""
    references = default_references()
    found = code_exhibit(load_contract("lakeshore"), references, DAY, load_contract("meridian"))
    assert len([row for row in found.rows if not row.price.term]) == 13
    (tmp_path / "both.xlsx").write_bytes(exhibit_workbook(found))
    edits = read_edits(tmp_path / "both.xlsx", load_contract("lakeshore"), references)
    assert (edits.changed, edits.not_taken) == ((), ())


@pytest.mark.slow
def test_every_other_change_of_an_exhibit_beside_another_is_named(tmp_path: Path) -> None:
    """The other paper's rates and clauses, descriptors, places, comments, sheets."""
    mine, other = paper(tmp_path, PAPER.replace("0.75", "0.60"), "mine"), paper(tmp_path)
    file = edited(tmp_path, mine, {("S9500", TODAY): 80, ("S9501", 3): "Antibiotic", ("S9502", 10): "line 9"}, other)
    book = load_workbook(file)
    book[RATES].cell(row_of(book[RATES], "S9503"), PROPOSED).comment = Comment("too low", "payer")
    at = next(r for r in range(2, 30) if book["Other clauses"].cell(r, 4).value == "75 %")
    book["Other clauses"].cell(at, 4).value = "50 %"
    book["Other clauses"].append(["Audit", "", "", "", "once a year"])
    book[RATES]["A4"] = "Amounts are final."
    book.create_sheet("Payer notes")["A1"] = "call us"
    book.save(file)
    named = read_edits(file, mine, default_references()).not_taken
    told = "; ".join(named)
    for said in (
        "of S9500 says '80' where '98.8' stood",
        "of S9501 says 'Antibiotic' where 'Home infusion therapy",
        "of S9502 says 'line 9' where 'line 1' stood",
        "has a comment: 'too low'",
        f"Other clauses!D{at} of Second therapy of a day and later, % of rate says '50 %' where '75 %' stood",
        "is a clause that was not there: Audit",
        "Rates!A4 says 'Amounts are final.' where 'Amount is rate × units.",
        "the sheet Payer notes is none of the exhibit's",
    ):
        assert said in told
    assert len(named) == 8


@pytest.mark.slow
def test_without_its_kept_sheets_an_exhibit_says_that_only_rates_were_held(tmp_path: Path) -> None:
    contract = paper(tmp_path)
    file = edited(tmp_path, contract, {("S9500", PROPOSED): 104, ("S9501", TODAY): 50})
    book = load_workbook(file)
    assert {book[name].sheet_state for name in book.sheetnames[2:]} == {"hidden"}
    for name in book.sheetnames[2:]:
        del book[name]
    book.save(file)
    edits = read_edits(file, contract, default_references())
    assert [edit.row.name for edit in edits.changed] == ["S9500"]
    assert len(edits.not_taken) == 1
    assert "nothing but the proposed rates could be held against what was sent" in edits.not_taken[0]


@pytest.mark.slow
def test_the_command_names_what_it_did_not_take_and_ends_with_findings(tmp_path: Path) -> None:
    contract = paper(tmp_path)
    cells = {("S9500", PROPOSED): 104, ("S9501", TODAY): 50}
    place, out = str(tmp_path / "paper"), str(tmp_path / "counter" / "2025.toml")
    ask = ["exhibit", place, "--edited", str(edited(tmp_path, contract, cells)), "--out", out, "--title", "Counter"]
    found = CliRunner().invoke(app, ask)
    assert found.exit_code == 1
    assert "not taken: Rates!E13 of S9501 says '50' where '98.8' stood" in found.output
    assert "S9500: 98.80 → 104.00 for each day" in found.output
    assert load_contract(tmp_path / "counter").title == "Counter"
    clean = ["exhibit", place, "--edited", str(edited(tmp_path, contract, {("S9500", PROPOSED): 104})), "--out", out]
    assert CliRunner().invoke(app, clean).exit_code == 0


@pytest.mark.slow
def test_a_drug_that_is_included_leaves_the_clause_of_all_drugs_in_its_place(tmp_path: Path) -> None:
    """B4185 stands by code, paid under the clause for drugs today; that clause is told for all other drugs."""
    found = shown(paper(tmp_path, PAPER.replace('roles = ["drug"]', 'roles = ["drug", "nutrition"]') + LEFT_OUT, "a"))
    beside = shown(found.contract, paper(tmp_path, PAPER.replace('roles = ["drug"]', 'roles = ["drug", "nutrition"]')))
    row = next(row for row in beside.rows if row.code == "B4185")
    assert (row.other_words, row.price.words, row.changed) == ("108 % of Medicare limit", "included", True)
    for one in (found, beside):
        assert "drugs" in {line.term for line in one.clauses}
        assert "included" not in {line.term for line in one.clauses}


@pytest.mark.slow
def test_long_titles_over_rates_do_not_squeeze_the_descriptions(tmp_path: Path) -> None:
    """Each code's descriptor has the room that it has under Today and Proposed: as many pages, give or take one."""
    title = 'title = "Our counter-proposal of November to the third amendment"'
    long = load_contract(builders.write(tmp_path / "long", builders.header(more=title) + PAPER).parent)
    now, draft = on_from(tmp_path, PAPER, "2025-01-01", "Now"), on_from(tmp_path, PAPER, "2027-01-01", "Draft")
    short = code_exhibit(draft, default_references(), date(2027, 1, 1), now)
    lengths = [
        len(pages(write_document(exhibit_document(one), tmp_path / "e.pdf"))) for one in (shown(long, now), short)
    ]
    assert abs(lengths[0] - lengths[1]) <= 1
