"""Which value of one rate pays for everything that was moved: the rate, what is to be paid, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import ipywidgets as widgets

from hitmodel.break_even_words import break_even_words
from hitmodel.levers import Lever
from hitmodel.negotiate import PER_DIEMS, BreakEven
from hitmodel.points import Point
from hitmodel.whatif import WhatIf
from hitmodel.whatif_tables import Mark
from hitmodel.workbook.panes import Pane, heading, labelled

TODAY = "the baseline"
FIRST = "130px"


class BreakEvenPane:
    """The question is asked anew whenever a choice changes; ``take`` is told a lever and its answer to move there."""

    def __init__(self, asked: Callable[[], None], take: Callable[[Lever, Decimal], None]) -> None:
        wide = widgets.Layout(width="460px")
        self.by = widgets.Dropdown(options=[], layout=wide, **labelled("What pays for it", FIRST))
        self.beside = widgets.Dropdown(options=[TODAY], layout=wide, **labelled("As much as", FIRST))
        self.go = widgets.Button(description="Move it there", disabled=True, layout=widgets.Layout(width="150px"))
        self.pane = Pane()
        self.widget = widgets.VBox([self.by, self.beside, self.pane.widget, self.go])
        self._take, self._quiet = take, False
        self._found: BreakEven | None = None
        self._marks: dict[str, Point] = {}
        for control in (self.by, self.beside):
            control.observe(lambda change: None if self._quiet else asked(), "value")
        self.go.on_click(self._go)

    def offer(self, levers: Sequence[Lever], marks: Sequence[Mark]) -> None:
        """Offer levers and marks to choose from; what is chosen stays where it can."""
        self._quiet, self._marks = True, dict(marks)
        by, beside = self.by.value or PER_DIEMS, self.beside.value
        names = [lever.name for lever in levers]
        self.by.options = [(f"{lever.label}, {lever.unit}", lever.name) for lever in levers]
        self.by.value = by if by in names else next(iter(names), None)
        self.beside.options = [TODAY, *self._marks]
        self.beside.value = beside if beside in self._marks else TODAY
        self._quiet = False

    def answer(self, made: WhatIf, point: Point) -> None:
        """Say what the chosen rate must come to with every other control where it stands. Raises as `WhatIf`."""
        self._found, self.go.disabled = None, True  # an answer to other terms is not to be moved to
        found = made.break_even(point.setting, str(self.by.value), self._marks.get(self.beside.value))
        self._found = found
        self.go.disabled = found.value is None
        first, *rest = break_even_words(found, str(self.beside.value))
        asked = f"With every other control where it stands, {first[:1].lower()}{first[1:]}"
        self.pane.show(heading(rest[0], 4), *rest[1:], asked)

    def _go(self, button: Any) -> None:
        del button
        if self._found is not None and self._found.value is not None:
            self._take(self._found.lever, self._found.value)
