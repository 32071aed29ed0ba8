"""A document as a tagged PDF (PDF/UA-1), set by Typst with the fonts that matplotlib ships.

The look is in ``report.typ``; the content goes there as JSON, so no text of a notebook is ever read as markup. No time
or machine enters: the same document is the same bytes.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hitmodel import paths
from hitmodel.document import Block, Document, Prose, Verbatim
from hitmodel.editions import marking
from hitmodel.frontpage import FrontPage, Step, step_texts, tone_of
from hitmodel.pictures import Chart
from hitmodel.table_views import hold, shown_texts
from hitmodel.tables import Column, Table

LANDSCAPE_COLUMNS = 12
UPRIGHT_CHARACTERS, LANDSCAPE_CHARACTERS = 95, 129  # of the body's size across a page
COLUMN_GAP, LONG = 2, 26
RATE_HEAD = 14
"""Characters of a line of a head over rates."""
NARROWEST = 0.6
"""A long column is at least so wide beside the widest."""
_SVG_WIDTH = re.compile(r'<svg[^>]*\swidth="([\d.]+)pt"')


def write_pdf(document: Document) -> bytes:
    """Return the document as PDF bytes."""
    import typst
    from matplotlib import get_data_path

    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "report.typ").write_bytes((paths.PACKAGE / "report.typ").read_bytes())
        (place / "document.json").write_text(json.dumps(_content(document, place)), encoding="utf-8")
        fonts = Path(get_data_path()) / "fonts" / "ttf"
        compiler = typst.Compiler(
            str(place / "report.typ"), root=str(place), font_paths=[str(fonts)], ignore_system_fonts=True
        )
        pdf = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


def _content(document: Document, place: Path) -> dict[str, Any]:
    return {
        "title": document.title,
        "description": document.front.headline if document.front else document.title,
        "language": document.language,
        "foot": document.foot,
        "marking": marking(document.edition),
        "dense": document.dense,
        "front": _front(document.front) if document.front else None,
        "blocks": _turned([item for block in document.blocks for item in _block(block, place)]),
    }


def _turned(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with each run of wide tables, and the text that leads to it, on landscape pages of its own."""
    held: list[dict[str, Any]] = []
    for item in items:
        if not item.get("wide"):
            held.append(item)
            continue
        leading: list[dict[str, Any]] = []
        while held and held[-1]["kind"] == "prose":
            leading.insert(0, held.pop())
        if not held or held[-1]["kind"] != "landscape":
            held.append({"kind": "landscape", "items": []})
        held[-1]["items"] += [*leading, item]
    return held


def _front(page: FrontPage) -> dict[str, Any]:
    return {
        "headline": hold(page.headline),
        "subline": hold(page.subline),
        "strips": [_strip(strip) for strip in page.strips],
        "remarks": [{"lead": remark.lead, "text": hold(remark.text)} for remark in page.remarks],
    }


def _strip(strip: Sequence[Step]) -> list[dict[str, str]]:
    steps = zip(step_texts(strip), strip, strict=True)
    return [{"label": hold(label), "amount": text, "tone": tone_of(step)} for (label, text), step in steps]


def _block(block: Block, place: Path) -> Iterator[dict[str, Any]]:
    if isinstance(block, Prose):
        yield {"kind": "prose", "tokens": [t for t in block.tokens if t["type"] != "blank_line"]}
    elif isinstance(block, Verbatim):
        yield {"kind": "verbatim", "text": block.text}
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield _chart(block, place)


def _chart(chart: Chart, place: Path) -> dict[str, Any]:
    file = place / f"{chart.name}.{'svg' if chart.svg else 'png'}"
    file.write_bytes(chart.svg.encode("utf-8") or chart.png)
    width = _SVG_WIDTH.search(chart.svg)
    return {
        "kind": "chart",
        "file": file.name,
        "alt": chart.alt,
        "headline": hold(chart.headline),
        "caption": hold(chart.caption),
        "width": min(7.0, float(width[1]) / 72) if width else 7.0,
    }


def _table(table: Table) -> Iterator[dict[str, Any]]:
    """Yield a table, in parts with the first column repeated when it is wider than a landscape page."""
    rows, totals = shown_texts(table)
    notes = ([table.remainder] if table.remainder else []) + [f"({i}) {n}" for i, n in enumerate(table.notes, start=1)]
    parts = _column_parts(len(table.columns))
    weights = _weights(table, [*rows, *totals])
    for number, part in enumerate(parts):
        yield {
            "kind": "table",
            "wide": table.is_wide,
            "headline": hold(table.headline) + (" (continued)" if number else ""),
            "caption": hold(table.caption),
            "columns": [
                {"label": hold(_head(c)), "unit": c.unit, "right": c.is_number, "weight": weights[i]}
                for i, c in ((i, table.columns[i]) for i in part)
            ],
            "rows": [[hold(row[i]) for i in part] for row in rows],
            "totals": [[hold(row[i]) for i in part] for row in totals],
            "notes": [hold(note) for note in notes] if number == len(parts) - 1 else [],
        }


def _head(column: Column) -> str:
    """Return a column's head; over rates a long title of a contract breaks before it widens the column."""
    return "\n".join(textwrap.wrap(column.label, RATE_HEAD)) if column.kind == "shown" else column.label


def _weights(table: Table, rows: Sequence[Sequence[str]]) -> list[float]:
    """Return for each column its part of the width that is left over, 0 for columns as wide as their longest text.

    Only where a table is too wide do its long columns share what the short ones leave, by how much they hold.
    """
    lengths = [[len(row[i]) for row in rows] or [0] for i in range(len(table.columns))]
    heads = [max(len(part) for part in (*_head(column).split("\n"), column.unit)) for column in table.columns]
    width = sum(max(head, *held) + COLUMN_GAP for head, held in zip(heads, lengths, strict=True))
    if width <= (LANDSCAPE_CHARACTERS if table.is_wide else UPRIGHT_CHARACTERS):
        return [0.0] * len(lengths)
    weights = [round((max(held) * sum(held) / len(held)) ** 0.5, 2) if max(held) > LONG else 0.0 for held in lengths]
    least = max(weights) * NARROWEST
    return [max(weight, least) if weight else 0.0 for weight in weights]


def _column_parts(columns: int) -> list[list[int]]:
    """Return which columns stand together: all, or groups that each begin with the first."""
    if columns <= LANDSCAPE_COLUMNS:
        return [list(range(columns))]
    each = LANDSCAPE_COLUMNS - 1
    return [[0, *range(start, min(start + each, columns))] for start in range(1, columns, each)]
