"""Every value that a document prints, each with its place: what two runs are compared by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hitmodel import prose
from hitmodel.document import Document, Prose, Verbatim
from hitmodel.frontpage import FrontPage
from hitmodel.money import as_decimal, dollars
from hitmodel.pictures import Chart
from hitmodel.table_views import column_texts
from hitmodel.tables import Cell, Column, Gap, Table

MISSING = "not there"


@dataclass(frozen=True)
class Value:
    """One printed value: ``part`` is the table, chart or page it stands in, ``where`` its place there.

    ``text`` is what a reader is shown: amounts to the cent, shares to six decimals of a percent; ``exact`` is what
    is compared, the same but for shares, which are fractions there.
    """

    part: str
    where: str
    text: str
    exact: str = ""


@dataclass(frozen=True)
class Difference:
    """One value that is not the same in two documents: where it stands, what it was, what it is."""

    part: str
    where: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.part}, {self.where}: {self.was} in the report, {self.now} now"


def values_of(document: Document) -> tuple[Value, ...]:
    """Return every value of a document in reading order: first page, tables, charts, printed and written text."""
    return tuple(_values(document))


def differences(was: tuple[Value, ...], now: tuple[Value, ...]) -> tuple[Difference, ...]:
    """Return the values that differ, in the order of the first document; a value that only one has is one of them."""
    before = {(value.part, value.where): value for value in was}
    after = {(value.part, value.where): value for value in now}
    return tuple(
        Difference(*key, *_texts(before.get(key), after.get(key)))
        for key in dict.fromkeys((*before, *after))
        if _compared(before.get(key)) != _compared(after.get(key))
    )


def _compared(value: Value | None) -> tuple[str, str] | None:
    return (value.text, value.exact) if value else None


def _texts(was: Value | None, now: Value | None) -> tuple[str, str]:
    """Return both values as text, exact where they look the same."""
    texts = tuple(value.text if value else MISSING for value in (was, now))
    if was and now and was.text == now.text:
        return was.exact, now.exact
    return texts[0], texts[1]


def _values(document: Document) -> Iterator[Value]:
    if document.front:
        yield from _front_values(document.front)
    texts = 0
    for block in document.blocks:
        if isinstance(block, Table):
            yield from _table_values(block)
        elif isinstance(block, Chart):
            yield Value(f"chart {block.name}", "headline", block.headline)
            for number, (label, value) in enumerate(block.values, start=1):
                yield Value(f"chart {block.name}", f"{number} {label}", value)
        else:
            texts += 1
            yield from _text_values(block, texts)


def _front_values(page: FrontPage) -> Iterator[Value]:
    for name in ("headline", "subline", "contract", "period"):
        yield Value("first page", name, getattr(page, name))
    for strip, steps in enumerate(page.strips, start=1):
        for number, step in enumerate(steps, start=1):
            where = f"{step.label}" if len(page.strips) == 1 else f"{step.label} (line {strip})"
            yield Value("first page", f"{number} {where}", _amount(step.cents))
    for number, remark in enumerate(page.remarks, start=1):
        yield Value("first page", f"remark {number} {remark.lead}".strip(), remark.text)


def _table_values(table: Table) -> Iterator[Value]:
    part = f"table {table.name}"
    yield Value(part, "headline", table.headline)
    yield Value(part, "caption", table.caption)
    labels = [column.label for column in table.columns]
    heads = [c.label if labels.count(c.label) == 1 else f"{c.label} ({c.key})" for c in table.columns]
    names = column_texts(table.columns[0], [row[0] for row in (*table.rows, *table.totals)], pad="")
    for number, (name, row) in enumerate(zip(names, (*table.rows, *table.totals), strict=True), start=1):
        for column, head, cell in zip(table.columns, heads, row, strict=True):
            yield Value(part, f"row {number} ({name.strip()}), {head}", *_cell_texts(cell, column))
    for number, note in enumerate(table.notes, start=1):
        yield Value(part, f"note {number}", note)


def _cell_texts(cell: Cell, column: Column) -> tuple[str, str]:
    """Return a cell as a reader sees it, and exact."""
    if isinstance(cell, Gap):
        return cell.value or "nothing", cell.name
    if column.kind == "dollars" and isinstance(cell, int):
        return _amount(cell), ""
    if isinstance(cell, Fraction):
        return f"{as_decimal(cell * 100)} %".replace("-", "−"), f"{cell} of one"
    return str(cell), ""


def _amount(cents: int) -> str:
    return f"{dollars(cents):,.2f}".replace("-", "−")


def _text_values(block: Prose | Verbatim, number: int) -> Iterator[Value]:
    lines = block.text.splitlines() if isinstance(block, Verbatim) else [prose.to_html(block.tokens)]
    for at, line in enumerate(lines, start=1):
        yield Value(f"text {number}", f"line {at}", line)
