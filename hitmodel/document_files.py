"""A document as one file, whole or not at all: PDF, HTML page, or its tables as a workbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hitmodel.document import Block, Document
from hitmodel.errors import InputError
from hitmodel.exports import to_workbook
from hitmodel.files import written_whole
from hitmodel.html_report import write_html
from hitmodel.tables import SHOWN_ROWS, Table

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
    whole = replace(document, blocks=tuple(part for block in document.blocks for part in _parts(block)))
    if ending == ".html":
        return write_html(whole).encode("utf-8")
    from hitmodel.pdf_report import write_pdf

    return write_pdf(whole)


def _parts(block: Block) -> list[Block]:
    """Return a block as parts that are shown whole: a file by itself has no workbook beside it for further rows."""
    if not isinstance(block, Table) or not block.hidden_rows:
        return [block]
    starts = range(0, len(block.rows), SHOWN_ROWS)
    parts: list[Block] = []
    for number, start in enumerate(starts, start=1):
        last = number == len(starts)
        parts.append(
            replace(
                block,
                name=block.name if number == 1 else f"{block.name}_{number}",
                headline=block.headline if number == 1 else f"{block.headline.rstrip('.')} (continued)",
                rows=block.rows[start : start + SHOWN_ROWS],
                totals=block.totals if last else (),
                notes=block.notes if last else (),
            )
        )
    return parts
