"""One look for every picture: colours with fixed meaning, one type family in two sizes, deterministic files.

Fonts are the ones that matplotlib ships, text becomes outlines, and nothing in a file depends on the time or the
machine, so the same picture is the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 7.0  # inches: the text width of an upright page
TEXT, SMALL = 9.0, 8.0  # points

INK = "#1f2933"
MUTED = "#52606d"
RULE = "#9aa5b1"
BASELINE = "#6b7784"
BASELINE_LIGHT = "#cbd2d9"
PROPOSALS = ("#1f3a5f", "#3d6a9e", "#7ba0c9", "#a9c1dc")
BETTER = "#0f766e"
WORSE = "#b8520a"
UNPRICED = "#e4e7eb"

_RULES = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "svg.fonttype": "path",
    "svg.hashsalt": "hitmodel",
    "hatch.linewidth": 0.7,
    "text.color": INK,
    "axes.unicode_minus": True,
}
_draws_png = ContextVar("draws_png", default=True)
_NO_DATE = {"Date": None, "Creator": None, "Format": None, "Type": None}


def proposal_colour(at: int) -> str:
    """Return the colour of the proposal at place ``at``, in the one fixed order."""
    return PROPOSALS[min(at, len(PROPOSALS) - 1)]


def tone(cents: int) -> str:
    """Return the colour of a difference: blue-green is better for us, orange is worse."""
    return BETTER if cents > 0 else WORSE if cents < 0 else MUTED


@contextmanager
def canvas(height: float, width: float = WIDTH) -> Iterator[Figure]:
    """Open a figure of ``width`` × ``height`` inches under the house rules."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_RULES):  # type: ignore[arg-type]
        yield Figure(figsize=(width, height))


def footline(figure: Figure, words: str) -> None:
    """Write a line of small print at the foot of the picture."""
    figure.text(0.0, 0.04 / figure.get_figheight(), words, fontsize=SMALL, color=MUTED, va="bottom")


@contextmanager
def without_png() -> Iterator[None]:
    """Draw pictures as SVG alone while the block runs, which halves the work where nobody asked for PNG."""
    token = _draws_png.set(False)
    try:
        yield
    finally:
        _draws_png.reset(token)


def files(figure: Figure) -> tuple[str, bytes]:
    """Return the figure as SVG text and as PNG bytes, which are empty under `without_png`."""
    svg, png = io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata=_NO_DATE)
    if _draws_png.get():
        figure.savefig(png, format="png", dpi=120, metadata={"Software": None})
    text = svg.getvalue().decode("utf-8")
    return text[text.index("<svg") :], png.getvalue()
