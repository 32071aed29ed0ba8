"""The PDF is tagged, repeats its heads and feet, embeds its fonts, and is the same bytes each time."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hitmodel.document import Document, Prose, Verbatim, read_document
from hitmodel.pdf_report import _weights, write_pdf
from hitmodel.prose import parse
from hitmodel.tables import Column, Table
from tests import report_standin as standin

poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="poppler-utils (pdftotext, pdfinfo) is not installed"
)


@pytest.fixture(scope="module")
def document() -> Document:
    return read_document(standin.executed_notebook(), "fallback", "internal")


@pytest.fixture(scope="module")
def pdf(document: Document, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(write_pdf(document))
    return path


def run(*command: str | Path) -> str:
    told = subprocess.run([str(c) for c in command], capture_output=True, check=True).stdout
    return told.decode("utf-8", errors="replace")  # pdfinfo writes the titles of tags in UTF-16


def pages(pdf: Path) -> list[str]:
    return run("pdftotext", "-layout", pdf, "-").split("\f")[:-1]


def written(path: Path, document: Document) -> Path:
    path.write_bytes(write_pdf(document))
    return path


def test_the_same_document_is_the_same_bytes_and_small(document: Document) -> None:
    first = write_pdf(document)
    assert first == write_pdf(document)
    assert len(first) < 2_000_000


def test_it_declares_pdf_ua_language_and_title(pdf: Path) -> None:
    content = pdf.read_bytes()
    assert b"pdfuaid:part>1<" in content
    assert b"/MarkInfo" in content
    assert b"/Lang(en)" in content
    assert b"Contract comparison" in content


@pytest.mark.slow
@poppler
def test_headings_heads_captions_and_pictures_are_tagged(pdf: Path) -> None:
    told = run("pdfinfo", "-struct-text", pdf)
    assert re.findall(r'^  H1 .*\n +"(.*)"', told, re.MULTILINE) == [
        "Proposal A pays $97,669 less a year (−1.4 %) and takes 42 % of ".replace(" %", "\u00a0%")
    ]
    assert len(re.findall(r"^\s+H2 ", told, re.MULTILINE)) == 5
    assert told.count("Table (block)") == 3
    assert told.count("THead") == 3
    assert len(re.findall(r"^\s+TH ", told, re.MULTILINE)) == 7 + 9 + 2  # columns of the three tables
    assert told.count("/Scope /Column") == 7 + 9 + 2
    assert len(re.findall(r"^\s+Caption$", told, re.MULTILINE)) == 5  # of three tables and two pictures


def test_pictures_carry_their_words(pdf: Path) -> None:
    # text in PDF strings is UTF-16 where it holds a minus sign, so the tag is looked for, not the words
    assert pdf.read_bytes().count(b"/Alt") == 2


@poppler
def test_every_page_has_its_marking_foot_and_number(pdf: Path) -> None:
    found = pages(pdf)
    assert len(found) >= 3
    for number, page in enumerate(found, start=1):
        assert "CONFIDENTIAL – internal" in page
        assert "Example PPO 2025, amendment 3 · claims 2025-01-01 to 2025-12-31" in page
        assert f"page {number} of {len(found)}" in page


@poppler
def test_an_external_pdf_is_not_marked_and_holds_nothing_internal(tmp_path: Path) -> None:
    external = read_document(standin.executed_notebook(), "fallback", "external")
    text = "".join(pages(written(tmp_path / "external.pdf", external)))
    assert "CONFIDENTIAL" not in text
    assert "spread" not in text.lower()
    assert "J1561" not in text
    assert "Immune globulin" in text


@poppler
def test_wide_tables_turn_the_page_and_take_their_heading_along(pdf: Path) -> None:
    sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", run("pdfinfo", "-l", "9", pdf))
    turned = [float(width) > float(height) for width, height in sizes]
    assert turned.count(True) == 1
    page = pages(pdf)[turned.index(True)]
    assert "Rates, side by side" in page
    assert "6 more rows in the workbook file, sheet rates." in page


@poppler
def test_heads_are_repeated_where_a_table_goes_on(tmp_path: Path, document: Document) -> None:
    tall = replace(standin.drug_spread(), rows=tuple((f"J{i:04d}", i) for i in range(20)))
    filler = tuple(Prose(parse("Text.\n\n" * 30)[0]) for _ in range(1))
    found = pages(written(tmp_path / "tall.pdf", replace(document, front=None, blocks=(*filler, tall))))
    holding = [page for page in found if re.search(r"J00\d\d", page)]
    assert len(holding) == 2
    assert all("Spread" in page for page in holding)


@poppler
@pytest.mark.parametrize("paragraphs", range(28, 40, 2))
def test_a_long_table_begins_only_where_some_of_its_rows_fit(
    tmp_path: Path, document: Document, paragraphs: int
) -> None:
    tall = replace(standin.drug_spread(), rows=tuple((f"J{i:04d}", i) for i in range(20)))
    filler = Prose(parse("Text.\n\n" * paragraphs)[0])
    found = pages(written(tmp_path / "tall.pdf", replace(document, front=None, blocks=(filler, tall))))
    first = next(page for page in found if "J0000" in page)
    assert len(re.findall(r"J00\d\d", first)) >= 5


def test_only_long_columns_of_a_table_that_is_too_wide_share_the_width() -> None:
    def weights(*texts: str) -> list[float]:
        columns = tuple(Column(f"c{i}", "C") for i in range(len(texts)))
        return _weights(Table("t", "", "", columns, (texts,)), [texts])

    assert weights("short", "x" * 60) == [0.0, 0.0]  # 5 + 60 characters and two gaps fit on an upright page
    assert weights("short", "x" * 60, "y" * 30) == [0.0, 60.0, 36.0]


@poppler
def test_more_columns_than_a_landscape_page_holds_come_in_parts_with_the_first_column(
    tmp_path: Path, document: Document
) -> None:
    columns = (Column("name", "Name"), *(Column(f"c{i}", f"Month {i}", "count") for i in range(1, 25)))
    huge = Table("huge", "Two years.", "Lines by month", columns, (("Cefazolin", *range(24)),))
    text = "\n".join(pages(written(tmp_path / "huge.pdf", replace(document, blocks=(huge,)))))
    assert text.count("Cefazolin") == 3  # 24 months, 11 to a part
    assert "Two years. (continued)" in text
    assert "Month 24" in text


@poppler
def test_fonts_are_embedded(pdf: Path) -> None:
    rows = run("pdffonts", pdf).splitlines()[2:]
    assert rows
    assert all(re.search(r"\byes +yes +yes\b", row) for row in rows)  # embedded, subset, Unicode


@poppler
def test_text_is_never_read_as_markup(tmp_path: Path, document: Document) -> None:
    odd = '#import "x" $a$ *b* _c_ \\ <label> @ref // comment'
    text = "".join(
        pages(written(tmp_path / "odd.pdf", replace(document, front=None, blocks=(Verbatim(odd),), title=odd)))
    )
    assert text.count('#import "x" $a$ *b* _c_ \\ <label> @ref // comment') >= 2


@poppler
def test_lists_quotes_links_code_and_tables_of_markdown_are_set(tmp_path: Path, document: Document) -> None:
    source = (
        "- one\n- two\n  1. deep\n\n> quoted\n\n`code` **bold** [link](https://example.org)\n\n"
        "```\nblock\n```\n\n| a | b |\n|---|--:|\n| cell | 7 |\n\n---\n"
    )
    prose = Prose(parse(source)[0])
    path = written(tmp_path / "prose.pdf", replace(document, front=None, blocks=(prose,)))
    text = "".join(pages(path))
    assert all(word in text for word in ("one", "deep", "quoted", "code", "bold", "link", "block", "cell"))
    assert b"https://example.org" in path.read_bytes()
