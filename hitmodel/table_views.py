"""A table as a person sees it: columns of text aligned on the decimal, plain text, and HTML."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from html import escape

from hitmodel.money import as_decimal, dollars, format_percent, round_half_up
from hitmodel.tables import Cell, Column, Gap, Row, Table

MINUS = "−"
WHOLE_FROM = 1_000_000  # cents: a column that reaches 10,000 dollars is shown in whole dollars
_PLAIN = re.compile(r"[+−-]?[\d,]*\.?\d+")
FIGURE_SPACE, POINT_SPACE, HARD_SPACE = "\u2007", "\u2008", "\u00a0"


def format_amount(cents: int, *, whole: bool, signed: bool = False) -> str:
    """Format cents in whole dollars or to the cent; what would round to nothing keeps its cents."""
    size = abs(cents)
    text = f"{round_half_up(dollars(size), 0).numerator:,}" if whole else f"{dollars(size):,.2f}"
    if text == "0" and size:
        text = f"{dollars(size):,.2f}"
    return _sign(cents, signed) + text


def reaches_whole(amounts: list[int]) -> bool:
    """Say whether amounts that stand together are shown in whole dollars: the largest is 10,000 dollars or more."""
    return any(abs(cents) >= WHOLE_FROM for cents in amounts)


def hold(text: str) -> str:
    """Keep a number and its percent or plus-minus sign on one line."""
    return text.replace(" %", f"{HARD_SPACE}%").replace("± ", f"±{HARD_SPACE}")


def html_text(text: str) -> str:
    """Return text for HTML. Dollar signs stand apart: JupyterLab would set what is between two of them as a formula."""
    return escape(hold(text)).replace("$", "<span>$</span>")


def column_texts(column: Column, cells: list[Cell], *, pad: str = FIGURE_SPACE) -> list[str]:
    """Return the cells of one column as text in one format.

    Numbers are filled on the right so that right-aligned decimal points stand under each other.

    Parameters
    ----------
    cells : list
        Rows and totals of the column together, so that they share a format.
    pad : str
        ``" "`` for a fixed-width surface; otherwise the digit-wide and point-wide spaces of Unicode are used.
    """
    amounts = [c for c in cells if isinstance(c, int)]
    whole = column.kind == "dollars" and not column.to_the_cent and reaches_whole(amounts)
    texts = [c.value if isinstance(c, Gap) else _format(c, column, whole) for c in cells]
    if not column.is_number or column.kind == "percent":
        return texts
    plain = [_PLAIN.fullmatch(text) is not None for text in texts]
    tails = [_tail(text) if is_plain else 0 for is_plain, text in zip(plain, texts, strict=True)]
    longest = max(tails, default=0)
    return [
        text + _filler(longest - tail, tail == 0, pad) if is_plain else text
        for is_plain, text, tail in zip(plain, texts, tails, strict=True)
    ]


def to_text(table: Table) -> str:
    """Return the table as plain text in fixed width: the same table, the same text."""
    body = _texts(table, " ")
    heads = [f"{c.label} [{c.unit}]" if c.unit else c.label for c in table.columns]
    widths = [max(len(text) for text in (head, *texts)) for head, texts in zip(heads, body, strict=True)]

    def line(cells: list[str]) -> str:
        parts = zip(cells, widths, table.columns, strict=True)
        return "  ".join(t.rjust(w) if c.is_number else t.ljust(w) for t, w, c in parts).rstrip()

    rule = "  ".join("-" * width for width in widths)
    shown = len(table.shown_rows)
    rows = [line([texts[i] for texts in body]) for i in range(shown + len(table.totals))]
    lines = [table.headline, table.caption, "", line(heads), rule, *rows[:shown]]
    if table.remainder:
        lines.append(f"… {table.remainder}")
    if table.totals:
        lines += [rule, *rows[shown:]]
    return "\n".join([*lines, *[f"({i}) {note}" for i, note in enumerate(table.notes, start=1)]])


def to_html(table: Table) -> str:
    """Return an accessible HTML table: caption, column heads and row heads marked, totals in the foot."""
    body = _texts(table, FIGURE_SPACE)
    shown = len(table.shown_rows)
    rows = [[texts[i] for texts in body] for i in range(shown + len(table.totals))]
    parts = [
        f'<table class="hm" id="table-{table.name}">',
        '<caption style="text-align:left;width:max-content;max-width:46rem">',
        f"<strong>{html_text(table.headline)}</strong><br>{html_text(table.caption)}</caption>",
        "<thead><tr>" + "".join(_head(column) for column in table.columns) + "</tr></thead>",
        "<tbody>" + "\n".join(_html_row(table, row) for row in rows[:shown]) + "</tbody>",
    ]
    if table.totals:
        parts.append("<tfoot>" + "\n".join(_html_row(table, row, bold=True) for row in rows[shown:]) + "</tfoot>")
    parts.append("</table>")
    below = ([table.remainder] if table.remainder else []) + [
        f"({i}) {html_text(note)}" for i, note in enumerate(table.notes, start=1)
    ]
    return "\n".join(parts) + "".join(f'\n<p class="hm-note">{text}</p>' for text in below)


def _texts(table: Table, pad: str) -> list[list[str]]:
    """One list of texts for each column: the shown rows, then the totals, in one format."""
    picked: tuple[Row, ...] = (*table.shown_rows, *table.totals)
    return [column_texts(column, [row[i] for row in picked], pad=pad) for i, column in enumerate(table.columns)]


def shown_texts(table: Table) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows and the total rows that a page shows, as text with digit-wide filling."""
    columns = _texts(table, FIGURE_SPACE)
    rows = [[texts[i] for texts in columns] for i in range(len(table.shown_rows) + len(table.totals))]
    return rows[: len(table.shown_rows)], rows[len(table.shown_rows) :]


def _head(column: Column) -> str:
    unit = f' <span class="unit">{html_text(column.unit)}</span>' if column.unit else ""
    return f'<th scope="col" style="text-align:{_side(column)}">{html_text(column.label)}{unit}</th>'


def _html_row(table: Table, texts: list[str], *, bold: bool = False) -> str:
    cells = []
    for i, (text, column) in enumerate(zip(texts, table.columns, strict=True)):
        tag, scope = ("th", ' scope="row"') if i == 0 else ("td", "")
        kind = ' class="n"' if column.is_number else ""
        weight = ";font-weight:bold" if bold else ""
        cells.append(f'<{tag}{scope}{kind} style="text-align:{_side(column)}{weight}">{html_text(text)}</{tag}>')
    return f"<tr>{''.join(cells)}</tr>"


def _side(column: Column) -> str:
    return "right" if column.is_number else "left"


def _sign(value: int | Fraction | Decimal, signed: bool) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""


def _format(cell: str | int | Fraction | Decimal, column: Column, whole: bool) -> str:
    if isinstance(cell, str):
        return cell
    if column.kind == "dollars":
        return format_amount(int(cell), whole=whole, signed=column.signed)
    if column.kind == "percent":
        return format_percent(cell, 1, sign=column.signed).replace(" ", HARD_SPACE)
    if column.kind == "rate":
        exact = Decimal(str(cell))
        shown = as_decimal(abs(exact), 6)
        return _sign(exact, column.signed) + (f"{shown:,.2f}" if _places(shown) < 2 else f"{shown:,}")
    return _sign(cell, column.signed) + f"{abs(cell):,}"


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _tail(text: str) -> int:
    """Characters from the decimal point on; 0 when there is none."""
    return len(text) - text.rindex(".") if "." in text else 0


def _filler(missing: int, needs_point: bool, pad: str) -> str:
    if missing <= 0:
        return ""
    if pad == " ":
        return " " * missing
    return POINT_SPACE + FIGURE_SPACE * (missing - 1) if needs_point else FIGURE_SPACE * missing
