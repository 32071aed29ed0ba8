"""A heat map of codes by scenario: what each pays more or less than today, in percent, printed in every cell."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from hitmodel import chart_style as style
from hitmodel.money import format_percent
from hitmodel.pictures import Chart
from hitmodel.points import Amounts, Point
from hitmodel.sentences import change, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 20
LABELS, AMOUNT, ROW, HEAD = 2.75, 0.8, 0.26, 0.42  # inches
ROOM = 38  # characters
DEEPEST = Fraction(1, 10)
"""A change of so much, either way, has the deepest colour."""


def heat_chart(marks: Sequence[tuple[str, Point]]) -> Chart:
    """Draw the codes that pay most today as rows, scenarios as columns; signs are printed, colour is never alone."""
    codes = marks[0][1].codes[:SHOWN]
    by_code = [{code.key: code for code in point.codes} for _, point in marks]
    cells = [[held.get(code.key, Amounts(code.key, code.label, 0, 0, 0)) for held in by_code] for code in codes]
    width = (style.WIDTH - LABELS - AMOUNT) / max(len(marks), 3)
    with style.canvas(HEAD + ROW * len(codes) + 0.05) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, style.WIDTH)
        axes.set_ylim(figure.get_figheight(), 0)
        _heads(axes, [name for name, _ in marks], width)
        for row, (code, across) in enumerate(zip(codes, cells, strict=True)):
            _draw_row(axes, HEAD + ROW * (row + 0.5), code, across, width)
        svg, png = style.files(figure)
    values = [
        (f"{code.key}, {name}", change(cell.difference))
        for code, across in zip(codes, cells, strict=True)
        for (name, _), cell in zip(marks, across, strict=True)
    ]
    told = "; ".join(f"{label} {value}" for label, value in values)
    return Chart(
        "heat",
        _headline(marks, codes, cells),
        f"{_codes(len(codes))} today; change against today in percent of each code",
        f"Heat map of codes by scenario, change in dollars: {told}.",
        tuple(values),
        svg,
        png,
    )


def _codes(count: int) -> str:
    return "The code that pays" if count == 1 else f"The {count} codes that pay most"


def _headline(marks: Sequence[tuple[str, Point]], codes: Sequence[Amounts], cells: Sequence[Sequence[Amounts]]) -> str:
    found = [
        (abs(cell.difference), code, name, cell.difference)
        for code, across in zip(codes, cells, strict=True)
        for (name, _), cell in zip(marks, across, strict=True)
    ]
    most = max(found, key=lambda item: item[0], default=None)
    if most is None or not most[0]:
        return "No code pays otherwise than today."
    return f"{most[1].key} ({most[1].label}) moves most: {change(most[3])} under {most[2]}."


def _heads(axes: Axes, names: Sequence[str], width: float) -> None:
    look = {"weight": "bold", "color": style.MUTED, "va": "center", "fontsize": style.SMALL}
    axes.text(0, 0.22, "Code", **look)  # type: ignore[arg-type]
    axes.text(LABELS + AMOUNT - 0.1, 0.22, "Today $", ha="right", **look)  # type: ignore[arg-type]
    for n, name in enumerate(names):
        middle = LABELS + AMOUNT + width * (n + 0.5)
        axes.text(middle, 0.22, _on_two_lines(name, max(1, int(width * 12))), ha="center", **look)  # type: ignore[arg-type]


def _on_two_lines(name: str, most: int) -> str:
    """Return a column's name as its head has room for it: broken once before anything is cut."""
    first, *rest = textwrap.wrap(name, most) or [""]
    return "\n".join([first, *([shortened(" ".join(rest), most)] if rest else [])])


def _draw_row(axes: Axes, middle: float, code: Amounts, across: Sequence[Amounts], width: float) -> None:
    from matplotlib.patches import Rectangle

    axes.text(0, middle, f"{code.key}  {_label(code.label)}", va="center", fontsize=style.SMALL)
    axes.text(LABELS + AMOUNT - 0.1, middle, f"{code.today // 100:,}", va="center", ha="right", fontsize=style.SMALL)
    for n, cell in enumerate(across):
        left = LABELS + AMOUNT + width * n
        colour, depth = style.tone(cell.difference), _depth(cell)
        axes.add_patch(
            Rectangle((left, middle - ROW / 2 + 0.01), width - 0.02, ROW - 0.02, facecolor=colour, alpha=depth)
        )
        ink = "white" if depth > 0.6 else style.INK
        text = format_percent(cell.difference, cell.today, sign=True) if cell.difference else "–"
        axes.text(left + width / 2, middle, text, ha="center", va="center", fontsize=style.SMALL, color=ink)


def _label(label: str) -> str:
    """Return a code's label as its row has room for it: without the unit at its end, before anything else is cut."""
    if len(label) <= ROOM:
        return label
    name, _, unit = label.rpartition(", ")
    return shortened(name if name and unit[:1].isdigit() else label, ROOM)


def _depth(cell: Amounts) -> float:
    """How deep a cell's colour is, from 0 for no change."""
    if not cell.today or not cell.difference:
        return 0.0
    return float(min(abs(Fraction(cell.difference, cell.today)) / DEEPEST, Fraction(1))) * 0.85 + 0.08
