"""The rate exhibit as a document for PDF and HTML, and as a Word file that a payer's lawyer can mark up."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from hitmodel.code_exhibit import PROPOSED, RATE, TODAY, CodeExhibit, ExhibitRow, place, place_words
from hitmodel.document import Block, Document
from hitmodel.editions import Edition, marking
from hitmodel.exhibit_sheet import day_words
from hitmodel.exports import without_times
from hitmodel.frontpage import FrontPage, Remark
from hitmodel.labels import words
from hitmodel.sentences import counted
from hitmodel.tables import Cell, Column, Gap, Row, Table

TITLE = "Rate exhibit"
MARKS = " · codes that change are marked ●"
DESCRIPTORS = "Descriptors of HCPCS Level II are CMS's, word for word; nursing visit codes have a label of our own."


def exhibit_document(exhibit: CodeExhibit, edition: Edition = "external") -> Document:
    """Return the exhibit as a document: the clauses that no code has, then rates by therapy."""
    day, marks = f"rates on {day_words(exhibit)}", MARKS if exhibit.other else ""
    front = FrontPage(
        title=TITLE,
        headline=headline(exhibit),
        subline=f"{exhibit.beside or exhibit.title} · {day} · dollars{marks}",
        contract=f"{exhibit.title}, terms from {exhibit.version.contract.effective_from}",
        period="",
        remarks=(Remark(f"{paid_words(exhibit)} {DESCRIPTORS}", audience="both"),),
        audience="both",
    )
    blocks: list[Block] = [clauses_table(exhibit)] if exhibit.clauses else []
    blocks += rate_tables(exhibit)
    return Document(TITLE, edition, tuple(blocks), front, dense=True)


def headline(exhibit: CodeExhibit) -> str:
    """Say how many codes have a rate, and how many change."""
    with_rate = sum(row.price.rate is not None for row in exhibit.rows)
    if not exhibit.other:
        return f"{exhibit.title}: {counted(with_rate, 'code')} with a rate."
    changed = sum(row.changed for row in exhibit.rows)
    if exhibit.heads[0] != TODAY:
        return f"{exhibit.title} and {exhibit.other} differ in {counted(changed, 'code')} of {len(exhibit.rows)}."
    return f"{exhibit.title} changes {counted(changed, 'code')} of {len(exhibit.rows)} against {exhibit.other}."


def paid_words(exhibit: CodeExhibit) -> str:
    """Say what is paid of a rate, and what clauses change it."""
    if not exhibit.approximate:
        return "A code is paid its rate for each unit."
    return f"A code is paid its rate for each unit, but {'; '.join(exhibit.approximate)}."


SMALL = 8
"""Points of the text in a Word file's tables."""
PAGE, MARGIN = 7.3, 0.6
"""Inches of text across a letter page, and on either side of it."""
CLAUSES = "Clauses beside the rates by code"
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
    """Return the rates in tables, one for each section."""
    return [_rate_table(exhibit, heading, rows, n) for n, (heading, rows) in enumerate(sections(exhibit).items(), 1)]


def _rate_table(exhibit: CodeExhibit, heading: str, rows: list[ExhibitRow], number: int) -> Table:
    sides = [
        Column("today", exhibit.heads[0], "shown"),
        Column("rate", exhibit.heads[1], "shown"),
        Column("change", "Change", "rate", signed=True),
    ]
    columns = [
        Column("code", "Code", "code"),
        Column("description", "Description"),
        Column("unit", "For each"),
        *(sides if exhibit.other else [Column("rate", "Rate", "shown")]),
        Column("where", "Where"),
    ]
    table = Table(
        name=f"rates_{number}",
        headline=heading,
        caption="",
        columns=tuple(columns),
        rows=tuple(_row(exhibit, row) for row in rows),
        audience="both",
        whole=True,
    )
    return table if any(place_words(row.price) for row in exhibit.rows) else table.without(["where"])


def _row(exhibit: CodeExhibit, row: ExhibitRow) -> Row:
    cells: list[Cell] = [f"{'● ' if row.changed else ''}{row.name}", row.descriptor]
    cells.append(row.unit or Gap.NOT_APPLICABLE)
    if exhibit.other:
        cells.append(row.other_words or Gap.NONE)
    cells.append(row.price.words)
    if exhibit.other:
        cells.append(row.difference or Gap.NONE)
    return (*cells, place_words(row.price) or Gap.NONE)


def clauses_table(exhibit: CodeExhibit) -> Table:
    """Return the clauses that no code has: drugs, second therapies, charge limit, increases."""
    columns = [Column("clause", "Clause"), Column("unit", "Unit")]
    columns += [Column("today", exhibit.other)] if exhibit.other else []
    return Table(
        name="clauses",
        headline=CLAUSES,
        caption="Drugs, therapies of one day, charges and increases, as they stand on the exhibit's day",
        columns=(*columns, Column("says", exhibit.title), Column("where", "Where")),
        rows=tuple((words(c.term), c.basis or Gap.NONE, *c.shown, place(c.cite) or Gap.NONE) for c in exhibit.clauses),
        audience="both",
        whole=True,
    )


def exhibit_docx(exhibit: CodeExhibit, edition: Edition = "external") -> bytes:
    """Return the exhibit as a Word file: a heading for each therapy, tables with heads that repeat on each page."""
    from docx import Document as WordDocument
    from docx.shared import Inches

    made = WordDocument()
    section = made.sections[0]
    section.left_margin = section.right_margin = Inches(MARGIN)
    section.top_margin = section.bottom_margin = Inches(0.8)
    made.core_properties.title, made.core_properties.author = f"{TITLE}, {exhibit.title}", "hitmodel"
    section.header.paragraphs[0].text = marking(edition)
    made.add_heading(f"{TITLE}: {exhibit.title}", level=1)
    marks = f" {MARKS.removeprefix(' · ').capitalize()}." if exhibit.other else ""
    beside = f" {exhibit.beside}." if exhibit.beside else ""
    made.add_paragraph(f"Rates on {day_words(exhibit)}, in dollars. {headline(exhibit)}{beside}{marks}")
    made.add_paragraph(f"{paid_words(exhibit)} {DESCRIPTORS}")
    if exhibit.clauses:
        _word_table(made, _clause_texts(exhibit))
    for heading, rows in sections(exhibit).items():
        _word_table(made, _rate_texts(exhibit, heading, rows))
    held = io.BytesIO()
    made.save(held)
    return without_times(held.getvalue())


@dataclass(frozen=True)
class _Texts:
    """A table of a Word file: its heading, its heads, the text of each cell, and which heads are over rates."""

    heading: str
    heads: list[str]
    rows: list[list[str]]
    rates: tuple[str, ...] = ()


def _clause_texts(exhibit: CodeExhibit) -> _Texts:
    sides = [exhibit.other, exhibit.title] if exhibit.other else [exhibit.title]
    rows = [[words(c.term), c.basis, *c.shown, place(c.cite)] for c in exhibit.clauses]
    return _Texts(CLAUSES, ["Clause", "Unit", *sides, "Where"], rows)


def _rate_texts(exhibit: CodeExhibit, heading: str, rows: list[ExhibitRow]) -> _Texts:
    heads = ["Code", "Description", "For each", *(exhibit.heads if exhibit.other else [RATE]), "Where"]
    return _Texts(heading, heads, [_word_row(exhibit, row) for row in rows], tuple(exhibit.heads))


def _word_row(exhibit: CodeExhibit, row: ExhibitRow) -> list[str]:
    today = [row.other_words or "–"] if exhibit.other else []
    mark = "● " if row.changed else ""
    return [f"{mark}{row.name}", row.descriptor, row.unit, *today, row.price.words, place_words(row.price)]


def _word_table(made: Any, texts: _Texts) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Inches

    made.add_heading(texts.heading, level=2)
    table = made.add_table(rows=1 + len(texts.rows), cols=len(texts.heads))
    table.style, table.autofit = "Light Shading", False
    _without_bands(table)
    widths = _widths(texts)
    for column, inches in zip(table.columns, widths, strict=True):
        column.width = Inches(inches)
    for written, row in zip(table.rows, [texts.heads, *texts.rows], strict=True):
        written._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
        for cell, text, inches in zip(written.cells, row, widths, strict=True):
            _write_cell(cell, text, inches)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _write_cell(cell: Any, text: str, inches: float) -> None:
    from docx.shared import Inches, Pt

    cell.text, cell.width = text, Inches(inches)
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.line_spacing = 1
    paragraph.runs[0].font.size = Pt(SMALL)


def _without_bands(table: Any) -> None:
    """Leave a table its thin rules, without grey rows and a bold first column."""
    from docx.oxml.ns import qn

    look = table._tbl.tblPr.find(qn("w:tblLook"))
    for name, value in (("w:firstRow", "1"), ("w:firstColumn", "0"), ("w:noHBand", "1"), ("w:val", "0620")):
        look.set(qn(name), value)


def _widths(texts: _Texts) -> list[float]:
    """Return the width of each column in inches: the longest text takes what the others leave."""
    narrow = {"Code": 0.85, "For each": 0.7, RATE: 0.75, "Unit": 1.0, "Clause": 1.5, "Where": 1.1}
    narrow |= {head: 0.8 if head in (TODAY, PROPOSED) else 1.0 for head in texts.rates}
    held = [narrow.get(head, 0.0) for head in texts.heads]
    share = (PAGE - sum(held)) / max(held.count(0.0), 1)
    return [inches or share for inches in held]
