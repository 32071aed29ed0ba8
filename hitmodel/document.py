"""An executed notebook read as a document: title, page foot, and blocks in reading order. Code is never shown.

Tables, charts and the first page are taken from the exact records that the notebook put beside what it showed, not
from their looks. One reading serves HTML, PDF and the workbook, so they say the same.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hitmodel import frontpage, pictures, prose, tables
from hitmodel.editions import Edition, cells_for, chart_for, front_for, table_for
from hitmodel.frontpage import FrontPage
from hitmodel.pictures import Chart
from hitmodel.prose import Token
from hitmodel.tables import Cell, Column, Table

_TITLE = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
_NUMBER = re.compile(r"[−+-]?[\d,]*\.?\d+\s*%?")
NOT_IN_REPORT = "not-in-report"


@dataclass(frozen=True)
class Prose:
    """Text that the notebook's author wrote, as Markdown tokens."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Verbatim:
    """Plain text in fixed width, as a working is printed."""

    text: str


Block = Prose | Verbatim | Table | Chart


@dataclass(frozen=True)
class Document:
    """What every surface is made from.

    ``front`` is the first page when the notebook shows one; ``foot`` stands at the foot of each page. A ``dense`` one
    is mostly long tables, which are set small on paper and follow each other without gaps.
    """

    title: str
    edition: Edition
    blocks: tuple[Block, ...]
    front: FrontPage | None = None
    language: str = "en"
    dense: bool = False

    @property
    def foot(self) -> str:
        """Report title, contract and version, and claims period, as far as they are known."""
        return self.front.foot if self.front else self.title

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


def read_document(notebook: Any, name: str, edition: Edition) -> Document:
    """Return the executed ``notebook`` (an nbformat node) as the document that ``edition`` may show.

    An external document holds headings, text and records for ``both``; plain outputs do not say for whom they are and
    are left out. ``name`` is the title when the notebook has no first-level heading.
    """
    reader = Reader(name, edition)
    for cell in cells_for(edition, notebook.cells):
        if NOT_IN_REPORT not in cell.metadata.get("tags", []):
            reader.read(cell)
    return reader.document()


class Reader:
    """Takes cells, or records by themselves, one by one and keeps what ``edition`` may show of them."""

    def __init__(self, title: str, edition: Edition) -> None:
        self.title, self.edition, self.titled = title, edition, False
        self.level = 1
        self.front: list[FrontPage] = []
        self.blocks: list[Block] = []

    def read(self, cell: Any) -> None:
        """Take a cell as it stands after it ran."""
        if cell.cell_type == "markdown":
            self._say(cell.source)
        elif cell.cell_type == "code":
            self.read_outputs(cell.outputs)

    def read_outputs(self, outputs: Iterable[Any]) -> None:
        """Take what a cell's outputs show."""
        for shown in _shown(outputs, self.edition):
            if isinstance(shown, FrontPage):
                self.front.append(shown)
            elif isinstance(shown, str):
                self._say(shown)
            else:
                self.blocks.append(shown)

    def show(self, record: Table | Chart | FrontPage) -> None:
        """Take one record."""
        if isinstance(record, FrontPage):
            page = front_for(self.edition, record)
            self.front += [page] if page else []
        else:
            block = table_for(self.edition, record) if isinstance(record, Table) else chart_for(self.edition, record)
            self.blocks += [block] if block else []

    def document(self) -> Document:
        """Return what was taken as a document."""
        front = self.front[0] if self.front else None
        return Document(front.title if front else self.title, self.edition, tuple(_unique(self.blocks)), front)

    def _say(self, source: str) -> None:
        title = _TITLE.search(source)
        if title and not self.titled:
            self.title, self.titled = title[1], True
            source = _TITLE.sub("", source, count=1)
        tokens, self.level = prose.parse(source, self.level)
        if any(token["type"] != "blank_line" for token in tokens):
            self.blocks.append(Prose(tokens))


def _shown(outputs: Iterable[Any], edition: Edition) -> Iterator[Block | FrontPage | str]:
    """Yield what a cell's outputs show, each chart's finding and picture put together; Markdown as its source."""
    waiting: dict[str, Any] | None = None
    for output in outputs:
        data = output.get("data", {})
        if pictures.MIME in data:
            waiting = data[pictures.MIME]
        elif waiting is not None and "image/svg+xml" in data:
            png = b64decode(_joined(data.get("image/png", "")))
            chart = chart_for(edition, Chart.from_json(waiting, _joined(data["image/svg+xml"]), png))
            waiting = None
            if chart:
                yield chart
        else:
            shown = _record(data, edition) or (_plain(output) if edition == "internal" else None)
            if shown is not None:
                yield shown


def _record(data: dict[str, Any], edition: Edition) -> Table | FrontPage | None:
    if tables.MIME in data:
        return table_for(edition, Table.from_json(data[tables.MIME]))
    if frontpage.MIME in data:
        return front_for(edition, FrontPage.from_json(data[frontpage.MIME]))
    return None


def _plain(output: Any) -> Block | str | None:
    """Return an output that is no record of ours: a frame as a table, Markdown as its source, anything else as text."""
    data = output.get("data", {})
    if output.output_type == "stream":
        return Verbatim(output.text.rstrip()) if output.name == "stdout" and output.text.strip() else None
    if tables.MIME in data or frontpage.MIME in data or "application/vnd.jupyter.widget-view+json" in data:
        return None
    if "text/markdown" in data:
        return _joined(data["text/markdown"])
    if "<table" in _joined(data.get("text/html", "")):
        return _frame(_joined(data["text/html"]))
    if "image/png" in data:
        return _picture(data["image/png"], output.get("metadata", {}))
    text = _joined(data.get("text/plain", ""))
    return Verbatim(text) if text else None


def _picture(png: str | list[str], metadata: dict[str, Any]) -> Chart:
    alt = metadata.get("image/png", {}).get("alt") or "A picture that nobody described."
    return Chart("picture", "", "", alt, (), "", b64decode(_joined(png)))


def _joined(held: str | list[str]) -> str:
    return held if isinstance(held, str) else "".join(held)


def _frame(html: str) -> Table:
    """Return an HTML table, such as a pandas frame, as a table of the texts it shows."""
    from bs4 import BeautifulSoup

    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in BeautifulSoup(html, "html.parser").find_all("tr")
    ]
    width = max(len(row) for row in rows)
    head, *body = [row + [""] * (width - len(row)) for row in rows]
    columns = []
    for i, label in enumerate(head):
        numeric = all(_NUMBER.fullmatch(row[i]) for row in body if row[i]) and any(row[i] for row in body)
        columns.append(Column(f"column_{i + 1}", label, "shown" if numeric else "text"))
    cells: tuple[tuple[Cell, ...], ...] = tuple(tuple(row) for row in body)
    return Table("frame", "", "", tuple(columns), cells)


def _unique(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, a number added to the name of a table or chart that comes again."""
    seen: dict[tuple[type, str], int] = {}
    for block in blocks:
        if isinstance(block, Table | Chart):
            key = (type(block), block.name)
            seen[key] = seen.get(key, 0) + 1
            yield block if seen[key] == 1 else replace(block, name=f"{block.name}_{seen[key]}")
        else:
            yield block
