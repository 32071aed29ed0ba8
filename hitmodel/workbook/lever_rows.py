"""Rows of controls, one for each lever of a contract: its name and contract value, a slider, and a field to type in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import ipywidgets as widgets

from hitmodel.errors import HitmodelError
from hitmodel.labels import therapy_label
from hitmodel.levers import Lever
from hitmodel.table_views import html_text
from hitmodel.whatif import WhatIf
from hitmodel.workbook.panes import Beside, Folds, without_place

Moved = Callable[[Lever, Decimal], None]
_CHANGES = ("rate_change", "adjustment", "escalator")
SECTIONS: tuple[tuple[str, Callable[[Lever], bool]], ...] = (
    ("Many rates at once", lambda lever: lever.is_change),
    ("Rates in dollars", lambda lever: lever.is_dollars),
    ("Second therapies", lambda lever: lever.name.startswith("concurrency.")),
    ("Changes and yearly increases", lambda lever: lever.name.split(".")[0] in _CHANGES),
    ("Drugs and shares of the charge", lambda lever: True),
)
"""What the rows stand under; a lever stands under the first that holds."""
_WHOLE = Decimal(1)


def volume_lever(therapy: str) -> Lever:
    """Return a therapy's volume as something to move: times today's."""
    return Lever(therapy, therapy_label(therapy), "of today's volume", _WHOLE, 3)


class LeverRow:
    """One lever on the screen. The slider counts in the lever's last decimal place, so no value is ever inexact.

    Its widgets are made when they are first asked for: most rows of a contract stay folded away.
    """

    def __init__(self, lever: Lever, moved: Moved, refused: Callable[[], None], paid: str = "") -> None:
        self.lever, self._moved, self._quiet, self._value = lever, moved, False, lever.written
        self._refused, self._paid = refused, paid

    @cached_property
    def slider(self) -> Any:
        """The slider, which has no text of its own: the field beside it shows the value."""
        low, high, step = _reach(self.lever)
        at = self._position(self._value)
        wide = widgets.Layout(flex="1 1 0")
        made = widgets.IntSlider(
            value=at, min=min(low, at), max=max(high, at), step=step, readout=False, layout=wide, tooltip=self._named
        )
        made.observe(self._slid, "value")
        return made

    @cached_property
    def field(self) -> Any:
        """The field to type a value into."""
        shown, short = self.lever.shown(self._value), widgets.Layout(width="86px")
        made = widgets.Text(shown, continuous_update=False, description=self._named, layout=short)
        made.observe(self._typed, "value")
        return made

    @cached_property
    def beside(self) -> Beside:
        """Slider and field, with room for a message under them."""
        return Beside(widgets.HBox([self.slider, self.field]))

    @cached_property
    def widget(self) -> Any:
        """The whole row, under its name and what the contract writes."""
        lever = self.lever
        written = f"{lever.shown(lever.written)} {lever.unit}" if not lever.is_change else "percent up or down"
        written = ", ".join(part for part in (written, self._paid) if part)
        name = widgets.HTML(
            f'<div class="hm-name" {self._scale}><span class="hm-lever">{html_text(lever.label)}</span> '
            f"<span>{html_text(written)}</span></div>"
        )
        made = widgets.VBox([name, self.beside.widget])
        made.add_class("hm-row")
        return made

    @property
    def _named(self) -> str:
        return f"{self.lever.label}, {self.lever.unit}"

    @property
    def _scale(self) -> str:
        """How the browser says the slider's place: in dollars or percent, which the slider itself does not know."""
        unit, places = ("dollars", self.lever.places) if self.lever.is_dollars else ("%", self.lever.places - 2)
        return f'data-places="{places}" data-unit="{unit}"'

    @property
    def _is_made(self) -> bool:
        return "slider" in self.__dict__ or "field" in self.__dict__

    def show(self, value: Decimal) -> None:
        """Put slider and field where a setting has the lever, without telling anyone."""
        self._value = value
        if not self._is_made:
            return
        self._quiet = True
        at = self._position(value)
        self.slider.min, self.slider.max = min(self.slider.min, at), max(self.slider.max, at)
        self.slider.value, self.field.value = at, self.lever.shown(value)
        self.beside.say("")
        self._quiet = False

    def refuse(self, text: str) -> None:
        """Say under the controls what stands against the value."""
        self.beside.say(text)
        self._refused()

    def _position(self, value: Decimal) -> int:
        return int(value.scaleb(self.lever.places).to_integral_value())

    def _slid(self, change: Any) -> None:
        if not self._quiet:
            self._tell(Decimal(change.new).scaleb(-self.lever.places))

    def _typed(self, change: Any) -> None:
        if self._quiet:
            return
        try:
            value = self.lever.read(change.new)
        except HitmodelError as error:
            self.refuse(without_place(error))
            return
        self._tell(value)

    def _tell(self, value: Decimal) -> None:
        """Show the value first, so that a message about it stands when something does not allow it.

        The field is told the browser last: with what it moves, all is one redraw there.
        """
        with self.field.hold_sync():
            self.show(value)
            self._moved(self.lever, value)


def _reach(lever: Lever) -> tuple[int, int, int]:
    """Return least, most and step of a slider, in the lever's last decimal place."""
    at = int(lever.written.scaleb(lever.places))
    if lever.is_change:
        return -150, 300, 1
    if lever.is_dollars:
        step = 50 if at >= 5000 else 25 if at >= 2000 else 5
        return max(step, at // 2 // step * step), (3 * at // 2) // step * step + step, step
    if lever.unit == "of today's volume":
        return 0, 2000, 10
    if lever.unit == "a year":
        return -100, 150, 1
    if lever.written > 1 or "limit" in lever.unit or "rates before" in lever.unit:
        return at - 250, at + 250, 1
    return 0, 1000, 5


class LeverRows:
    """All rows of one contract, folded into sections, with volumes by therapy as the last."""

    def __init__(self, moved: Moved, volume: Moved, refused: Callable[[], None]) -> None:
        self._moved, self._volume, self._refused = moved, volume, refused
        self.rows: dict[str, LeverRow] = {}
        self.volumes: dict[str, LeverRow] = {}
        self.folds = Folds()
        self._built: object = None

    def build(self, made: WhatIf) -> None:
        """Make the rows of a contract, anew where they are not the ones that stand there."""
        asked = {lever: _paid(lever, made.paid_rates) for lever in made.levers}, made.therapies
        if asked == self._built:
            return
        self._built, (levers, therapies) = asked, asked
        self.rows = {lever.name: LeverRow(lever, self._moved, self._refused, paid) for lever, paid in levers.items()}
        self.volumes = {name: LeverRow(volume_lever(name), self._volume, self._refused) for name in therapies}
        sections: dict[str, list[LeverRow]] = {title: [] for title, _ in SECTIONS}
        for row in self.rows.values():
            sections[next(title for title, holds in SECTIONS if holds(row.lever))].append(row)
        shown = {title: rows for title, rows in sections.items() if rows}
        if self.volumes:
            shown["Volume by therapy"] = list(self.volumes.values())
        self.folds.build([(title, partial(_together, rows)) for title, rows in shown.items()])


def _paid(lever: Lever, rates: Mapping[str, Fraction | None]) -> str:
    """Say what a rate comes to where changes of rates stand on it, which is not what its field holds."""
    if lever.is_change:
        return "on top of changes that the contract has" if rates else ""
    if lever.name not in rates:
        return ""
    rate = rates[lever.name]
    return f"{lever.shown(rate)} with its changes" if rate is not None else "more or less with its changes, by code"


def _together(rows: Sequence[LeverRow]) -> Any:
    return widgets.VBox([row.widget for row in rows])
