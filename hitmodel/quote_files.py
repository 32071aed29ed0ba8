"""A quote as a folder of files, whole or not at all: PDF, HTML, workbook, tables, claims, and a rate sheet."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from hitmodel.claim_lines import claims_csv
from hitmodel.document import Document
from hitmodel.errors import InputError
from hitmodel.exports import to_csv, to_workbook
from hitmodel.files import folder_written_whole
from hitmodel.html_report import write_html
from hitmodel.order_file import ORDER_FILE, order_text
from hitmodel.quote_page import checksums, quote_document, releases
from hitmodel.quotes import Quote
from hitmodel.rate_sheet import rate_sheet

RUN_FILE = "run.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")


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
    files[ORDER_FILE] = order_text(quote.order).encode()
    files |= {f"tables/{table.name}.csv": to_csv(table).encode() for table in document.tables}
    for side in quote.sides:
        files[f"claims_{side.name}.csv"] = claims_csv(side.bill, "Q").encode()
    if sheet:
        files["rate_sheet.pdf"] = _pdf(rate_sheet(quote, quote.side(sheet)))
    files[RUN_FILE] = _facts(quote, files, inputs)
    return files


def quote_folder(quote: Quote, home: Path, name: str = "") -> Path:
    """Return the folder for a quote: ``home/quote_NAME``, with a number behind it where another quote stands there.

    Parameters
    ----------
    name : str
        Letters, digits, - and _; by default the first contract's name and the order's first day. An earlier quote of
        the same order, contracts and charges is the same quote, which is written again.

    Raises
    ------
    InputError
        A name that cannot be one of a folder.
    """
    name = name or f"{re.sub(r'[^A-Za-z0-9_-]', '_', quote.sides[0].name)[:45]}_{quote.order.span.first}"
    if not _NAME.fullmatch(name):
        raise InputError(f"'{name}' cannot name a quote", expected="letters, digits, - and _, such as tpn_2025-06")
    folders = (home / f"quote_{name}{f'_{n}' if n > 1 else ''}" for n in count(1))
    return next(folder for folder in folders if not folder.exists() or _is_of(folder, quote))


def _is_of(folder: Path, quote: Quote) -> bool:
    """Say whether a folder holds an earlier quote of the same, whatever the prices and rates were then."""
    try:
        held = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        order = (folder / ORDER_FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    asked = _asked(quote)
    return order == order_text(quote.order) and {name: held.get(name) for name in asked} == asked


def _asked(quote: Quote) -> dict[str, object]:
    return {
        "contracts": [side.name for side in quote.sides],
        "as_of": str(quote.as_of) if quote.as_of else None,
        "drug_prices": quote.drug_prices,
        "charges": quote.charges or None,
    }


def _pdf(document: Document) -> bytes:
    from hitmodel.pdf_report import write_pdf

    return write_pdf(document)


def _facts(quote: Quote, files: dict[str, bytes], inputs: tuple[Path, ...]) -> bytes:
    facts = {
        "quote": quote.order.file,
        **_asked(quote),
        "inputs": checksums(quote, inputs),
        "versions": releases(quote),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()
