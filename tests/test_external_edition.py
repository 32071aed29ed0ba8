"""Nothing of the house in an external report: every byte of every file is searched for planted secrets."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import builders
import pytest
from small_book import contracts, wide_lines

from hitmodel.report import Request, make_report

SECRETS = {
    "acquisition cost": r"42[.,]42",
    "its total": r"3,?563[.,]28",  # 84 lines × 42.42
    "remittance": r"77[.,]77",
    "another payer": r"Zebra|Rival",
    "the words": r"(?i)spread|acquisition|remit|margin|below cost|habit|assum",
    "a patient": r"\bP\d{1,2}\b",
    "a claim": r"\b[CD]\d{1,2}\b|claims\.csv",
    "a small group": r"(?i)chelation|J0895|S9355|deferoxamine",
    "the charge of one patient": r"613[.,]13",
    "the house's marking": r"(?i)confidential",
}


def contents(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every file: what a reader, or anybody with an editor, could find in it.

    Left out are looks: styles of a page, outlines of a picture, and in workbooks everything but cells and properties.
    """
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(file.relative_to(folder))
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                for part in book.namelist():
                    text = book.read(part).decode("utf-8", errors="replace")
                    yield f"{name}/{part}", "\n".join(re.findall(r">([^<>]+)</(?:\w+:)?(?:t|v|title|creator)>", text))
        elif file.suffix == ".png":
            continue  # points of colour: what else they hold is looked at below
        elif file.suffix == ".pdf":
            if which("pdftotext"):
                command = ["pdftotext", "-layout", str(file), "-"]
                yield name, subprocess.run(command, capture_output=True, text=True, check=True).stdout
        else:
            text = file.read_text(encoding="utf-8", errors="replace")
            yield name, re.sub(r"(?s)<style>.*?</style>|base64,[\w+/=]+|\sd=\\?\"[^\"]*\"", "", text)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("reports")
    claims = builders.write_lines(home / "claims.csv", wide_lines(), builders.PAYER)
    now, offer = contracts(home)
    given = (f"claims={claims}", f"baseline={now}", f"proposals={offer}", "as_of=")
    made = {}
    for edition in ("internal", "external"):
        request = Request("50_contract_comparison", given, edition, home / edition, home=home)  # type: ignore[arg-type]
        made[edition] = make_report(request).folder
    return made


@pytest.mark.slow
@pytest.mark.parametrize("secret", SECRETS)
def test_no_file_of_the_external_report_holds_a_secret(reports: dict[str, Path], secret: str) -> None:
    found = [
        f"{name}: {match[0]!r} in …{text[max(0, match.start() - 40) : match.end() + 40]}…"
        for name, text in contents(reports["external"])
        for match in re.finditer(SECRETS[secret], text)
    ]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("secret", ["another payer", "the words", "a small group", "the charge of one patient"])
def test_the_search_would_find_them(reports: dict[str, Path], secret: str) -> None:
    """The internal report holds them, so that finding none outside says something."""
    assert any(re.search(SECRETS[secret], text) for _, text in contents(reports["internal"]))


@pytest.mark.slow
def test_the_workbook_has_no_place_where_something_could_hide(reports: dict[str, Path]) -> None:
    """No hidden sheet, row or column, no comment, no formula, no link or name that leads elsewhere, no properties of
    its own; pictures hold no text but their words."""
    (workbook,) = reports["external"].glob("*.xlsx")
    with zipfile.ZipFile(workbook) as book:
        parts = {name: book.read(name).decode("utf-8") for name in book.namelist()}
    odd = r"comments|vml|external|customXml|custom\.xml|media|embed|pivot"
    assert [name for name in parts if re.search(odd, name, re.IGNORECASE)] == []
    secretive = r'hidden="(1|true)|state="hidden|veryHidden|visibility="[^v]|<f>|Target="(http|file)'
    assert [n for n, text in parts.items() if re.search(secretive, text)] == []
    names = re.findall(r"<definedName [^>]*>([^<]*)", parts["xl/workbook.xml"])
    assert all(re.fullmatch(r"'?\w+'?!\$4:\$4", name) for name in names)
    pictures = list((reports["external"] / "charts").glob("*.svg"))
    assert pictures
    assert [
        p.name for p in pictures if re.search(r"<(text|title|desc|metadata|script)\b[^>]*>[^<]", p.read_text())
    ] == []
    for png in (reports["external"] / "charts").glob("*.png"):
        assert not re.search(rb"tEXt|iTXt|zTXt|eXIf", png.read_bytes())


@pytest.mark.slow
def test_no_edition_names_a_patient(reports: dict[str, Path]) -> None:
    assert not [name for name, text in contents(reports["internal"]) if re.search(SECRETS["a patient"], text)]


@pytest.mark.slow
def test_the_external_report_is_whole_without_them(reports: dict[str, Path]) -> None:
    names = {p.name for p in reports["external"].rglob("*.csv")}
    assert {"by_therapy.csv", "bridge_1.csv", "drug_revenue.csv", "rates.csv", "totals.csv"} <= names
    assert not names & {"drugs.csv", "tie_out.csv", "left_out.csv", "habits.csv", "findings.csv", "checks.csv"}
    facts = json.loads((reports["external"] / "run.json").read_text(encoding="utf-8"))
    assert "inputs" not in facts
    assert facts["edition"] == "external"
