"""What a quote writes: whole or not at all, the same bytes each time, and a rate sheet with nothing of ours in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.charges import read_charges
from hitmodel.claims import read_claims
from hitmodel.document import Document
from hitmodel.errors import InputError
from hitmodel.html_report import write_html
from hitmodel.orders import load_order
from hitmodel.pricing import price
from hitmodel.quote_files import RUN_FILE, quote_files, quote_folder, write_quote
from hitmodel.quote_page import quote_document
from hitmodel.quotes import Basis, Quote
from hitmodel.quoting import quote
from hitmodel.rate_sheet import rate_sheet
from hitmodel.tables import Table

pytestmark = pytest.mark.slow

SAMPLE = paths.data("samples", "orders", "two_antibiotics.toml")
FORMULA = paths.data("samples", "orders", "nutrition_cycled.toml")


@pytest.fixture(scope="module")
def made() -> Quote:
    return quote(SAMPLE, ["meridian"])


@pytest.fixture(scope="module")
def files(made: Quote) -> dict[str, bytes]:
    return quote_files(made, "meridian")


def test_the_same_quote_gives_the_same_bytes(made: Quote, files: dict[str, bytes]) -> None:
    assert quote_files(quote(SAMPLE, ["meridian"]), "meridian") == files


def test_every_file_is_there(files: dict[str, bytes]) -> None:
    assert {"quote.pdf", "quote.html", "quote.xlsx", "claims_meridian.csv", "rate_sheet.pdf", RUN_FILE} <= files.keys()
    assert {name for name in files if name.startswith("tables/")} >= {
        *("tables/expected.csv", "tables/margin.csv", "tables/lines_meridian.csv", "tables/days_meridian.csv"),
        *("tables/assumed_meridian.csv", "tables/made_from.csv"),
    }


def test_files_name_the_charges_and_the_order_stands_beside(tmp_path: Path) -> None:
    charges = paths.data("samples", "chargemaster.csv")
    quoted = quote(SAMPLE, ["meridian"], Basis(charges=read_charges(charges)))
    files = quote_files(quoted, pdf=False)
    facts = json.loads(files[RUN_FILE])
    assert facts["charges"] == "data/samples/chargemaster.csv"
    assert facts["inputs"]["data/samples/chargemaster.csv"] == hashlib.sha256(charges.read_bytes()).hexdigest()
    assert "the order's own, then data/samples/chargemaster.csv" in files["tables/made_from.csv"].decode()
    (tmp_path / "order.toml").write_bytes(files["order.toml"])
    assert load_order(tmp_path / "order.toml").model_copy(update={"file": ""}) == quoted.order.model_copy(
        update={"file": ""}
    )


def test_no_quote_takes_the_place_of_anothers(made: Quote, tmp_path: Path) -> None:
    first = quote_folder(made, tmp_path)
    assert first == tmp_path / "quote_meridian_2025-06-20"
    write_quote(made, first, pdf=False)
    assert quote_folder(made, tmp_path) == first, "the same order is the same quote"
    other = quote(load_order(SAMPLE).model_copy(update={"stay": ()}), ["meridian"])
    assert quote_folder(other, tmp_path) == tmp_path / "quote_meridian_2025-06-20_2"
    assert quote_folder(other, tmp_path, "tpn-2") == tmp_path / "quote_tpn-2"
    with pytest.raises(InputError, match="cannot name a quote"):
        quote_folder(made, tmp_path, "../outside")


def test_the_claim_lines_read_back_and_price_to_the_same_total(
    made: Quote, files: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(files["claims_meridian.csv"])
    claims = read_claims(path)
    assert not claims.findings
    assert price(claims, "meridian").total == made.side("meridian").allowed()


def test_the_internal_document_says_cost_margin_and_assumptions(made: Quote) -> None:
    page = write_html(quote_document(made))
    assert "CONFIDENTIAL" in page
    assert "+2,045.94" in page  # 4,376.04 less 2,330.10 of costs: 2,101.00 of services and 229.10 of drugs
    assert "admission and discharge days are both billed" in page
    assert "P-0001" not in page, "no patient in a report"


def test_a_rate_sheet_holds_no_cost_margin_assumption_or_patient(made: Quote) -> None:
    sheet = rate_sheet(made, made.side("meridian"))
    page = write_html(sheet)
    assert sheet.edition == "external"
    for word in (
        "cost",
        "argin",
        "spread",
        "ssum",
        "habit",
        "CONFIDENTIAL",
        "P-0001",
        "two_antibiotics",
        made.order.note,
    ):
        assert word not in page.split("</style>")[1], word
    assert "$4,376.04 expected for 32 days at these rates." in page


def rows(sheet: Document) -> list[tuple[object, ...]]:
    return [row for block in sheet.blocks if isinstance(block, Table) for row in block.rows]


def test_a_rate_sheet_adds_up_by_code_and_rate(made: Quote) -> None:
    found = {(row[0], row[1]): row[2:] for row in rows(rate_sheet(made, made.side("meridian")))}
    # S9501: 11 + 3 + 6 days at 95.00. S9500-SH: 4 + 3 + 6 at 95.00 × 75 % = 71.25.
    assert found[("S9501", "Anti-infective q12h")] == ("95.00", "day", 20, 190000)
    assert found[("S9500-SH", "Anti-infective q24h, second therapy of a day")] == ("71.25", "day", 13, 92625)
    assert found[("J0696", "Ceftriaxone, 250 mg, from 2025-07-01")][:3] == (
        "108 % of Medicare limit",
        "billing unit",
        128,
    )


def test_what_has_no_rate_yet_is_to_be_agreed() -> None:
    made = quote(paths.data("samples", "orders", "monthly_immune_globulin.toml"), ["lakeshore"])
    sheet = rate_sheet(made, made.side("lakeshore"))
    assert sheet.front is not None
    assert sheet.front.headline.endswith("and what is still to be agreed.")
    [table] = [block for block in sheet.blocks if isinstance(block, Table)]
    assert table.notes == ("To be agreed: per diem, immune globulin, 2025-03-03 to 2025-05-26.",)
    assert ("99601", "Infusion nursing visit, first 2 h", "included") in [row[:3] for row in table.rows]


def test_anothers_rates_are_not_offered() -> None:
    made = quote(SAMPLE, ["cascade"])
    with pytest.raises(InputError, match="'cascade' is no contract of the order's payer, Meridian Health Plan"):
        rate_sheet(made, made.side("cascade"))
    unnamed = replace(made, order=load_order(SAMPLE).model_copy(update={"payer": ""}))
    with pytest.raises(InputError, match="whom the order does not name"):
        rate_sheet(unnamed, made.side("cascade"))


def test_a_folder_is_written_whole_or_not_at_all(made: Quote, tmp_path: Path) -> None:
    target = tmp_path / "quotes" / "one"
    write_quote(made, target, pdf=False)
    first = sorted(p.name for p in target.iterdir())
    write_quote(made, target, pdf=False)
    assert sorted(p.name for p in target.iterdir()) == first
    assert [p.name for p in target.parent.iterdir()] == ["one"]
    with pytest.raises(InputError, match="not among the contracts quoted"):
        write_quote(made, target, sheet="cascade", pdf=False)
    assert sorted(p.name for p in target.iterdir()) == first


def test_a_folder_of_something_else_is_left_alone(made: Quote, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="was not written by this command"):
        write_quote(made, tmp_path, pdf=False)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="pdfinfo (poppler-utils) is not installed")
def test_a_rate_sheet_is_one_tagged_page(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(files["rate_sheet.pdf"])
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert "Pages:           1\n" in told
    assert "Tagged:          yes\n" in told


def test_drug_used_up_and_not_billed_is_shown() -> None:
    side = quote(FORMULA, ["cascade"]).side("cascade")
    [shown] = [b for b in quote_document(quote(FORMULA, ["cascade"])).tables if b.name == "unbilled_cascade"]
    assert side.margin() is None
    assert shown.rows[0][4] == "standard formula lies inside the per diem"
    assert "units used up and not billed" in str(shown.rows[1][4])
