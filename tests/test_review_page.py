"""A review as a document and as one page for leadership."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from offers import offered
from test_pdf_report import pages
from test_review import LINES, PAPER

from hitmodel.document import Document
from hitmodel.document_files import write_document
from hitmodel.errors import InputError
from hitmodel.renewals import renewals
from hitmodel.review import Review
from hitmodel.review_asks import POSITIONS, TAKEN
from hitmodel.review_page import brief_document, front_page, review_document
from hitmodel.review_tables import findings_table, positions_table, readings_table

needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils (pdftotext) is not installed")


@cache
def made() -> tuple[Review, Document, Document]:
    read = offered(PAPER, "[concurrency]\nshares = [1, 0.4]\n", LINES)
    review, diff = read.review, read.diff
    renewal = renewals(review.version.contract.effective_from, None, [str(read.folder / "offer")])[0]
    return review, review_document(review, diff, renewal), brief_document(review, diff, renewal)


def test_the_first_page_says_how_much_what_is_open_and_by_when() -> None:
    """Second therapy 350.00 → 280.00 of 1,420.00 today: 700 + 350 + 150 (held to charge) + 120 (held to charge)."""
    front = made()[1].front
    assert front is not None
    assert front.headline.startswith("Offer pays $70.00 less (−5.3 %), leaves ")
    assert [remark.lead for remark in front.remarks] == [
        *("What it is worth", "Against us", "Unsaid", "Said in part", "Dates", "How sure"),
    ]
    assert front.remarks[4].text == "No last day is said, so no deadline can be named."


def test_every_finding_stands_in_the_review_with_position_and_source() -> None:
    review = made()[0]
    assert len(findings_table(review).rows) == len(review.findings) == len(positions_table(review).rows)
    assert len(readings_table(review).rows) == sum(len(c.worth) for c in review.findings)


def test_a_review_and_a_brief_stay_inside() -> None:
    for document in made()[1:]:
        assert document.edition == "internal"
        assert {table.audience for table in document.tables} == {"internal"}
        assert document.front is not None
        assert document.front.audience == "internal"


@needs_poppler
def test_the_brief_is_one_page(tmp_path: Path) -> None:
    document = made()[2]
    assert len(document.tables[0].rows) <= TAKEN + POSITIONS
    (page,) = pages(write_document(document, tmp_path / "brief.pdf"))
    assert "CONFIDENTIAL" in page


def test_a_document_is_written_as_its_ending_says(tmp_path: Path) -> None:
    document = made()[2]
    assert "<html" in write_document(document, tmp_path / "b.html").read_text(encoding="utf-8")
    assert write_document(document, tmp_path / "b.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(InputError, match="does not end as a document does"):
        write_document(document, tmp_path / "b.doc")


@needs_poppler
@pytest.mark.slow
def test_a_file_by_itself_shows_every_row(tmp_path: Path) -> None:
    """A review has more findings than a page of a report shows; there is no workbook beside it to look the rest up."""
    review, document, _ = made()
    assert len(review.findings) > 20
    text = " ".join("".join(pages(write_document(document, tmp_path / "review.pdf"))).split())
    assert "workbook file" not in text
    assert all(" ".join(clause.position.title.split()[:2]) in text for clause in review.findings)
    page = write_document(document, tmp_path / "review.html").read_text(encoding="utf-8")
    assert "workbook file" not in page
    assert all(clause.position.title in page for clause in review.findings)


@pytest.mark.slow
def test_a_term_that_may_start_again_with_a_draft_is_no_fact() -> None:
    """Twenty-four months from 1 January 2025 end on 31 December 2026; ninety days before is 2 October."""
    agreement = '[agreement]\nterm_months = 24\nnotice_days = 90\nrenews = "ends"\n'
    read = offered(PAPER + agreement, "[concurrency]\nshares = [1, 0.4]\n", LINES)
    day = read.review.version.contract.effective_from
    renewal = renewals(day, None, [str(read.folder / "offer")])[0]
    front = front_page(read.review, read.diff, renewal)
    told = next(remark.text for remark in front.remarks if remark.lead == "Dates")
    assert told == (
        "The term ends on 31 December 2026 if its 24 months start on 1 January 2025, which we assume; "
        "notice by 2 October 2026; ends."
    )
