"""A quote as a folder of files, whole or not at all: PDF, HTML, workbook, tables, claims, and a rate sheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from hitmodel.claim_lines import claims_csv
from hitmodel.document import Document
from hitmodel.exports import to_csv, to_workbook
from hitmodel.files import folder_written_whole
from hitmodel.html_report import write_html
from hitmodel.quote_page import checksums, quote_document, releases
from hitmodel.quotes import Quote
from hitmodel.rate_sheet import rate_sheet

RUN_FILE = "run.json"


def write_quote(quote: Quote, folder: Path, *, sheet: str = "", pdf: bool = True, inputs: Iterable[Path] = ()) -> None:
    """Write a quote into a folder.

    Parameters
    ----------
    folder : Path
        New, empty, or an earlier quote to replace.
    sheet : str
        The contract whose rates a rate sheet offers; "" for none.
    pdf : bool
        Whether to set PDFs; a rate sheet is always one.
    inputs : paths
        Files that went in beside order and contracts.

    Raises
    ------
    InputError
        A folder that holds something else, or a rate sheet that cannot be made. Nothing is written.
    """
    files = quote_files(quote, sheet, pdf=pdf, inputs=inputs)
    with folder_written_whole(folder, RUN_FILE) as making:
        for name, content in files.items():
            place = making / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)


def quote_files(quote: Quote, sheet: str = "", *, pdf: bool = True, inputs: Iterable[Path] = ()) -> dict[str, bytes]:
    """Return every file of a quote by name. The same quote gives the same bytes."""
    inputs = tuple(inputs)
    document = quote_document(quote, inputs)
    files = {"quote.html": write_html(document).encode()}
    if pdf:
        files["quote.pdf"] = _pdf(document)
    files["quote.xlsx"] = to_workbook(document.tables, document.title)
    files |= {f"tables/{table.name}.csv": to_csv(table).encode() for table in document.tables}
    for side in quote.sides:
        files[f"claims_{side.name}.csv"] = claims_csv(side.bill, "Q").encode()
    if sheet:
        files["rate_sheet.pdf"] = _pdf(rate_sheet(quote, quote.side(sheet)))
    files[RUN_FILE] = _facts(quote, files, inputs)
    return files


def _pdf(document: Document) -> bytes:
    from hitmodel.pdf_report import write_pdf

    return write_pdf(document)


def _facts(quote: Quote, files: dict[str, bytes], inputs: tuple[Path, ...]) -> bytes:
    facts = {
        "quote": quote.order.file,
        "contracts": [side.name for side in quote.sides],
        "as_of": str(quote.as_of) if quote.as_of else None,
        "drug_prices": quote.drug_prices,
        "inputs": checksums(quote, inputs),
        "versions": releases(quote),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()
