"""What a screen shows: tables, charts and sentences in place, and messages beside the control they are about."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from html import escape
from typing import Any

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.errors import HitmodelError
from hitmodel.pictures import Chart
from hitmodel.table_views import html_text, to_html
from hitmodel.tables import Row, Table

LABEL_WIDTH = "150px"
CONTROLS = {"flex": "0 0 350px", "overflow": "hidden auto", "max_height": "max(420px, calc(100vh - 140px))"}
"""How the column of controls is laid out: never higher than the window, so that what they change stays in sight."""


_UNBROKEN = re.compile(r">(\d{4}-\d\d-\d\d|[A-Z0-9]\d{4}(?:-[A-Z0-9]{2})+)<")
"""Dates and codes with modifiers: they would break at their hyphens."""


class Markup(str):
    """Text that is HTML already."""


WORKING = Markup('<p class="quiet" role="status">Working it out …</p>')
"""What stands in a pane until its answer is there."""
FAULT = (
    "This is a fault in hitmodel, not in what you entered, and there is no answer. Change what you changed last, and "
    "please report it with what the log of the server says."
)
Shown = Table | Chart | Markup | str


_DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""A picture of nothing. Scripts in a widget are run only where something of it is loaded."""


def style() -> widgets.HTML:
    """Return what gives every pane of a screen its look, and sliders their names; a screen holds it once."""
    look, script = (
        (paths.PACKAGE / "workbook" / f"screen.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    started = f'<img alt="" hidden src="{_DOT}" onload="{escape(" ".join(script.split()), quote=True)}">'
    return widgets.HTML(f"<style>{look}</style>{started}")


def html(*things: Shown) -> str:
    """Return records as one piece of HTML: tables with their findings, charts with theirs in words, text as text."""
    return f'<div class="hm-screen">{"".join(_html(thing) for thing in things)}</div>'


@dataclass(frozen=True)
class Scrolled(Table):
    """A table on a screen, which scrolls and has no workbook file beside it: every row is shown."""

    @property
    def shown_rows(self) -> tuple[Row, ...]:
        """All rows."""
        return self.rows


def _html(thing: Shown) -> str:
    if isinstance(thing, Table):
        if thing.hidden_rows:
            thing = Scrolled(**{field.name: getattr(thing, field.name) for field in fields(thing)})
        return _UNBROKEN.sub(r'><span class="whole">\1</span><', to_html(thing))
    if isinstance(thing, Chart):
        return f"<p><strong>{html_text(thing.headline)}</strong><br>{html_text(thing.caption)}</p>{picture(thing)}"
    return thing if isinstance(thing, Markup) else f"<p>{html_text(thing)}</p>"


def picture(chart: Chart) -> Markup:
    """Return a chart's picture with its description in words, for those who do not see it."""
    data = b64encode(chart.svg.encode("utf-8")).decode("ascii")
    return Markup(f'<img alt="{escape(chart.alt, quote=True)}" src="data:image/svg+xml;base64,{data}">')


def heading(text: str, level: int = 3) -> Markup:
    """Return a heading."""
    return Markup(f"<h{level}>{html_text(text)}</h{level}>")


def message(text: str) -> Markup:
    """Return a message about what was entered; screen readers say it at once."""
    return Markup(f'<p class="message" role="alert">{html_text(text)}</p>')


class Pane:
    """A place on the screen whose content is replaced, never added to."""

    def __init__(self, *things: Shown, **layout: str) -> None:
        self.widget = widgets.HTML(html(*things), layout=widgets.Layout(**layout))

    @property
    def is_filled(self) -> bool:
        """Whether anything has been shown."""
        return bool(self.widget.value != html())

    def show(self, *things: Shown) -> None:
        """Put other content in place."""
        self.widget.value = html(*things)


class Beside:
    """A control with room for a message under it."""

    def __init__(self, control: Any) -> None:
        self.control = control
        self._message = Pane()
        self.widget = widgets.VBox([control, self._message.widget])
        self.say("")

    def say(self, text: str) -> None:
        """Put a message under the control; "" takes it away."""
        self._message.show(*([message(text)] if text else []))
        self._message.widget.layout.display = "" if text else "none"


class Folds:
    """Sections under headers that are buttons, so that the keyboard reaches them; one is open at a time.

    What stands in a section is made when it is first opened.
    """

    def __init__(self) -> None:
        self.widget = widgets.VBox([])
        self._headers: list[Any] = []
        self._bodies: list[Any] = []
        self._made: list[Callable[[], Any]] = []

    def build(self, sections: Sequence[tuple[str, Callable[[], Any]]], opened: int = 0) -> None:
        """Show other sections, titles with what makes what stands under them; ``opened`` is the open one's place."""
        layout = widgets.Layout(width="98%")
        self._headers = [widgets.ToggleButton(description=title, layout=layout) for title, _ in sections]
        self._bodies = [widgets.VBox([]) for _ in sections]
        self._made = [make for _, make in sections]
        for header in self._headers:
            header.add_class("hm-fold")
            header.observe(self._pressed, "value")
        self.widget.children = [part for pair in zip(self._headers, self._bodies, strict=True) for part in pair]
        self._open(opened if sections else None)

    def _pressed(self, change: Any) -> None:
        place = self._headers.index(change.owner)
        self._open(place if change.new else None)

    def _open(self, opened: int | None) -> None:
        for place, (header, body) in enumerate(zip(self._headers, self._bodies, strict=True)):
            is_open = place == opened
            if is_open and not body.children:
                body.children = [self._made[place]()]
            header.unobserve(self._pressed, "value")
            header.value, header.icon = is_open, "caret-down" if is_open else "caret-right"
            header.observe(self._pressed, "value")
            body.layout.display = "" if is_open else "none"


def without_place(error: HitmodelError) -> str:
    """Return what an error says beside the field that it is about, which needs no name there."""
    told = HitmodelError(error.what, expected=error.expected, suggestion=error.suggestion, next_step=error.next_step)
    return f"{str(told)[:1].upper()}{str(told)[1:]}"


def trying(pane: Pane, work: Callable[[], None]) -> None:
    """Do some work for a pane; what a user can mend is said there as a sentence, and nothing else is lost."""
    try:
        work()
    except HitmodelError as error:
        pane.show(message(str(error)))


@contextmanager
def faults_in(pane: Pane) -> Iterator[None]:
    """Say in a pane that something went wrong that should not, in the place of what stood there before.

    What went wrong goes on its way, into the log, where it can be read and reported.
    """
    ended = False
    try:
        yield
        ended = True
    finally:
        if not ended:
            what = type(sys.exception()).__name__
            pane.show(message(f"Something went wrong that should not ({what}). {FAULT}"))


def labelled(text: str, width: str = LABEL_WIDTH) -> dict[str, Any]:
    """Return how a control is named on its left."""
    return {"description": text, "style": {"description_width": width}}
