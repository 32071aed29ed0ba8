"""A document as one file, whole or not at all: PDF, HTML page, or its tables as a workbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hitmodel.document import Block, Document
from hitmodel.errors import InputError
from hitmodel.exports import to_workbook
from hitmodel.files import written_whole
from hitmodel.html_report import write_html
from hitmodel.tables import Table

ENDINGS = (".html", ".pdf", ".xlsx")


def write_document(document: Document, target: Path) -> Path:
    """Write a document to ``target`` and return it; its ending says as what.

    Raises `InputError` for another ending, or a folder that is not there or cannot be written to.
    """
    ending = target.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{target} does not end as a document does", where="--out", expected=", ".join(ENDINGS))
    content = _content(document, ending)
    with written_whole(target) as draft:
        draft.write_bytes(content)
    return target


def _content(document: Document, ending: str) -> bytes:
    if ending == ".xlsx":
        return to_workbook(document.tables, document.title)
    whole = replace(document, blocks=tuple(map(_whole, document.blocks)))
    if ending == ".html":
        return write_html(whole).encode("utf-8")
    from hitmodel.pdf_report import write_pdf

    return write_pdf(whole)


def _whole(block: Block) -> Block:
    """Return a block that is shown whole: a file by itself has no workbook beside it for further rows."""
    return replace(block, whole=True) if isinstance(block, Table) else block
