"""The HTML page opens offline, is accessible, and holds what the document holds."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from hitmodel.document import Document, Verbatim, read_document
from hitmodel.html_report import write_html
from tests import report_standin as standin


@pytest.fixture(scope="module")
def document() -> Document:
    return read_document(standin.executed_notebook(), "fallback", "internal")


@pytest.fixture(scope="module")
def page(document: Document) -> BeautifulSoup:
    return BeautifulSoup(write_html(document), "html.parser")


def test_nothing_is_fetched_from_elsewhere(document: Document) -> None:
    html = write_html(document)
    assert not re.findall(r"<(?:script|link|iframe|object|embed)\b|@import|url\(", html)
    sources = re.findall(r'\bsrc="([^"]{0,30})', html)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert re.findall(r'href="([^"]+)"', html) == ["https://example.org/rule"]  # the author's own link stays a link


def test_language_title_and_one_first_heading(page: BeautifulSoup) -> None:
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert page.title is not None
    assert page.title.get_text().startswith("Contract comparison: Proposal A pays $97,669 less")
    assert [h.get_text()[:25] for h in page.select("h1")] == ["Proposal A pays $97,669 l"]


def test_headings_never_skip_a_level(page: BeautifulSoup) -> None:
    levels = [int(h.name[1]) for h in page.find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_says_what_it_shows_and_is_the_one_that_was_drawn(page: BeautifulSoup) -> None:
    pictures = page.find_all("img")
    assert [str(p["alt"])[:20] for p in pictures] == ["Bridge of 9 bars, in", "Bars by group, in do"]
    held = base64.b64decode(str(pictures[0]["src"]).split(",")[1]).decode()
    assert held == standin.bridge().svg


def test_tables_mark_their_heads_and_can_be_reached_by_keyboard(page: BeautifulSoup) -> None:
    assert len(page.select("table")) == 3
    assert all(table.caption for table in page.select("table"))
    assert {head["scope"] for head in page.select("thead th")} == {"col"}
    assert {box["tabindex"] for box in page.select(".scroll")} == {"0"}


def test_no_code_is_shown(document: Document) -> None:
    assert "show(it)" not in write_html(document)


def test_the_marking_stands_on_the_internal_edition_only(document: Document, page: BeautifulSoup) -> None:
    assert len(page.select(".marking")) == 2
    external = write_html(read_document(standin.executed_notebook(), "fallback", "external"))
    assert "CONFIDENTIAL" not in external
    assert "spread" not in external.lower()


def test_the_page_foot_is_printed_and_cannot_break_out_of_the_style(document: Document) -> None:
    assert document.front is not None
    evil = replace(document, front=replace(document.front, contract='"; } </style><b>'))
    html = write_html(evil)
    assert html.count("</style>") == 1
    assert 'counter(page) " of " counter(pages)' in html


def test_printed_text_is_escaped(document: Document) -> None:
    assert "&lt;b&gt;" in write_html(replace(document, blocks=(Verbatim("<b>"),)))


def test_the_same_document_is_the_same_page_and_small(document: Document) -> None:
    assert write_html(document) == write_html(document)
    assert len(write_html(document)) < 2_000_000
