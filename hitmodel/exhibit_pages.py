"""The rate exhibit as a document for PDF and HTML, and as a Word file that a payer's lawyer can mark up."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

from hitmodel.code_exhibit import CodeExhibit, ExhibitRow
from hitmodel.document import Block, Document
from hitmodel.editions import Edition, marking
from hitmodel.exhibit_sheet import approximate_words, day_words
from hitmodel.exports import without_times
from hitmodel.frontpage import FrontPage, Remark
from hitmodel.labels import words
from hitmodel.sentences import counted
from hitmodel.tables import SHOWN_ROWS, Cell, Column, Gap, Row, Table

TITLE = "Rate exhibit"
DESCRIPTORS = "Descriptors of HCPCS Level II are CMS's, word for word; nursing visit codes have a label of our own."


def exhibit_document(exhibit: CodeExhibit, edition: Edition = "external") -> Document:
    """Return the exhibit as a document: the clauses that no code has, then rates by therapy."""
    front = FrontPage(
        title=TITLE,
        headline=headline(exhibit),
        subline=f"{exhibit.title} · rates on {day_words(exhibit)} · dollars",
        contract=f"{exhibit.title}, terms from {exhibit.version.contract.effective_from}",
        period="",
        remarks=(Remark(f"{approximate_words(exhibit)} {DESCRIPTORS}", audience="both"),),
        audience="both",
    )
    blocks: list[Block] = [clauses_table(exhibit)] if exhibit.clauses else []
    blocks += rate_tables(exhibit)
    return Document(TITLE, edition, tuple(blocks), front)


def headline(exhibit: CodeExhibit) -> str:
    """Say how many codes have a rate, and how many change."""
    with_rate = sum(row.price.rate is not None for row in exhibit.rows)
    if not exhibit.other:
        return f"{exhibit.title}: {counted(with_rate, 'code')} with a rate."
    changed = sum(row.changed for row in exhibit.rows)
    return f"{exhibit.title} changes {counted(changed, 'code')} of {len(exhibit.rows)} against {exhibit.other}."


SMALL = 9
"""Points of the text in a Word file's tables."""
PAGE = 9.0
"""Inches of text across a landscape page."""
OTHERS = "Other therapies and services"
OWN_TABLE = 3
"""Codes of a therapy from which it has a table of its own."""


def sections(exhibit: CodeExhibit) -> dict[str, list[ExhibitRow]]:
    """Return the rows by heading: therapies of a few codes and more by themselves, the others together at the end."""
    found: dict[str, list[ExhibitRow]] = {}
    others: list[ExhibitRow] = []
    for therapy, rows in exhibit.groups.items():
        if len({row.code for row in rows}) >= OWN_TABLE:
            found[therapy] = list(rows)
        else:
            others += rows
    return {**found, OTHERS: others} if others else found


def rate_tables(exhibit: CodeExhibit) -> list[Table]:
    """Return the rates in tables that a page shows whole, one for each section or for a part of it."""
    parts = [
        (heading if start == 0 else f"{heading} (continued)", rows[start : start + SHOWN_ROWS])
        for heading, rows in sections(exhibit).items()
        for start in range(0, len(rows), SHOWN_ROWS)
    ]
    return [_rate_table(exhibit, heading, rows, number) for number, (heading, rows) in enumerate(parts, start=1)]


def _rate_table(exhibit: CodeExhibit, heading: str, rows: list[ExhibitRow], number: int) -> Table:
    sides = [
        Column("today", "Today", "shown"),
        Column("rate", "Proposed", "shown"),
        Column("change", "Change", "rate", signed=True),
        Column("percent", "in %", "percent", signed=True),
    ]
    columns = [
        Column("code", "Code", "code"),
        Column("description", "Description"),
        Column("unit", "For each"),
        *(sides if exhibit.other else [Column("rate", "Rate", "shown")]),
        Column("where", "Where"),
    ]
    return Table(
        name=f"rates_{number}",
        headline=heading,
        caption="Dollars; changes are marked ●" if exhibit.other else "Dollars",
        columns=tuple(columns),
        rows=tuple(_row(exhibit, row) for row in rows),
        audience="both",
    )


def _row(exhibit: CodeExhibit, row: ExhibitRow) -> Row:
    cells: list[Cell] = [f"{'● ' if row.changed else ''}{row.name}", row.descriptor]
    cells.append(row.price.unit or Gap.NOT_APPLICABLE)
    if exhibit.other:
        cells.append(row.other.words if row.other else Gap.NONE)
    cells.append(row.price.words)
    if exhibit.other:
        moved, today = row.difference, row.other.rate if row.other else None
        cells += [moved, Fraction(moved) / Fraction(today)] if moved and today else [Gap.NONE, Gap.NONE]
    return (*cells, row.price.cite or Gap.NONE)


def clauses_table(exhibit: CodeExhibit) -> Table:
    """Return the clauses that no code has: drugs, second therapies, charge limit, increases."""
    columns = [Column("clause", "Clause"), Column("unit", "Unit")]
    columns += [Column("today", exhibit.other)] if exhibit.other else []
    return Table(
        name="clauses",
        headline="Clauses beside the rates by code",
        caption="Drugs, therapies of one day, charges and increases, as they stand on the exhibit's day",
        columns=(*columns, Column("says", exhibit.title), Column("where", "Where")),
        rows=tuple((words(c.term), c.basis or Gap.NONE, *c.shown, c.cite or Gap.NONE) for c in exhibit.clauses),
        audience="both",
    )


def exhibit_docx(exhibit: CodeExhibit, edition: Edition = "external") -> bytes:
    """Return the exhibit as a Word file: a heading for each therapy, tables with heads that repeat on each page."""
    from docx import Document as WordDocument
    from docx.enum.section import WD_ORIENT

    made = WordDocument()
    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    made.core_properties.title, made.core_properties.author = f"{TITLE}, {exhibit.title}", "hitmodel"
    section.header.paragraphs[0].text = marking(edition)
    made.add_heading(f"{TITLE}: {exhibit.title}", level=1)
    made.add_paragraph(f"Rates on {day_words(exhibit)}, in dollars. {headline(exhibit)}")
    made.add_paragraph(f"{approximate_words(exhibit)} {DESCRIPTORS}")
    for heading, rows in sections(exhibit).items():
        made.add_heading(heading, level=2)
        heads = ["Code", "Description", "For each", *(["Today", "Proposed"] if exhibit.other else ["Rate"]), "Where"]
        _word_table(made, heads, [_word_row(exhibit, row) for row in rows])
    if exhibit.clauses:
        made.add_heading("Clauses beside the rates by code", level=2)
        sides = [exhibit.other, exhibit.title] if exhibit.other else [exhibit.title]
        body = [[words(c.term), c.basis, *c.shown, c.cite] for c in exhibit.clauses]
        _word_table(made, ["Clause", "Unit", *sides, "Where"], body)
    held = io.BytesIO()
    made.save(held)
    return without_times(held.getvalue())


def _word_row(exhibit: CodeExhibit, row: ExhibitRow) -> list[str]:
    today = [row.other.words if row.other else "–"] if exhibit.other else []
    mark = "● " if row.changed else ""
    return [f"{mark}{row.name}", row.descriptor, row.price.unit, *today, row.price.words, row.price.cite]


def _word_table(made: Any, heads: list[str], rows: list[list[str]]) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Inches, Pt

    table = made.add_table(rows=1 + len(rows), cols=len(heads))
    table.style, table.autofit = "Light Shading", False
    _without_bands(table)
    for cell, text in zip(table.rows[0].cells, heads, strict=True):
        cell.text = text
    for column, inches in zip(table.columns, _widths(heads), strict=True):
        column.width = Inches(inches)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    for written, row in zip(table.rows[1:], rows, strict=True):
        for cell, text, inches in zip(written.cells, row, _widths(heads), strict=True):
            cell.text, cell.width = text, Inches(inches)
            cell.paragraphs[0].runs[0].font.size = Pt(SMALL)


def _without_bands(table: Any) -> None:
    """Leave a table its thin rules, without grey rows and a bold first column."""
    from docx.oxml.ns import qn

    look = table._tbl.tblPr.find(qn("w:tblLook"))
    for name, value in (("w:firstRow", "1"), ("w:firstColumn", "0"), ("w:noHBand", "1"), ("w:val", "0620")):
        look.set(qn(name), value)


def _widths(heads: list[str]) -> list[float]:
    """Return the width of each column in inches: the longest text takes what the others leave."""
    narrow = {"Code": 0.95, "For each": 0.8, "Today": 0.9, "Proposed": 1.05, "Rate": 0.9, "Unit": 1.2, "Clause": 2.0}
    held = [narrow.get(head, 1.3 if head == "Where" else 0.0) for head in heads]
    share = (PAGE - sum(held)) / max(held.count(0.0), 1)
    return [inches or share for inches in held]
