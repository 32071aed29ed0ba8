"""A therapy order as a form: one box for each therapy, stays and visits below, each problem beside its own field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import ipywidgets as widgets

from hitmodel.codes import code_table
from hitmodel.dates import ONE_DAY
from hitmodel.labels import therapy_label, therapy_labels
from hitmodel.order_checks import Problem
from hitmodel.order_entry import UNITS, OrderEntry, TherapyEntry, entry_of, order_from, unseen, without_unseen
from hitmodel.orders import Order
from hitmodel.workbook.panes import Beside, Folds, Pane, labelled, message

FIRST = "112px"
MOST = 6
"""Therapies on one screen; an order file may hold more."""


class TherapyBox:
    """The fields of one therapy."""

    def __init__(self, typed: TherapyEntry, changed: Callable[[Any], None]) -> None:
        self.typed = typed
        known = sorted(
            {e.therapy_class for e in code_table().entries if e.role == "per_diem" and e.therapy_class},
            key=therapy_label,
        )
        classes = [("(the drug's own)", ""), *((therapy_labels().get(name, name), name) for name in known)]
        held = typed.therapy_class if typed.therapy_class in known else ""
        self.fields: dict[str, Any] = {
            "drug": _text("Drug or code", typed.drug, "vancomycin, J0696; empty for none"),
            "therapy_class": widgets.Dropdown(options=classes, value=held, **_wide("Therapy")),
            "dose": _text("Dose", typed.dose, "1.25"),
            "unit": widgets.Dropdown(options=UNITS, value=typed.unit, **_wide("Unit of the dose")),
            "every": _text("Every", typed.every, "12h, 2d, bid or continuous"),
            "litres": _text("Litres a day", typed.litres, "nutrition and hydration: 1.8"),
            "start": widgets.DatePicker(value=typed.start, **_wide("First day")),
            "stop": widgets.DatePicker(value=typed.stop, **_wide("Last day")),
            "holds": _text("On hold", typed.holds, f"{_hint(typed.start, 3)}..{_hint(typed.start, 4)}, …"),
        }
        self.beside = {name: Beside(control) for name, control in self.fields.items()}
        self.widget = widgets.VBox([beside.widget for beside in self.beside.values()])
        for control in self.fields.values():
            control.observe(changed, "value")

    def shown(self) -> Any:
        """Return the fields, one under the other."""
        return self.widget

    def entry(self) -> TherapyEntry:
        """Return what is typed."""
        return replace(self.typed, **{name: control.value for name, control in self.fields.items()})


class OrderForm:
    """A form that begins with an order and gives back the order that it shows; ``changed`` is called on each change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed, self._loading = changed, False
        self.base: Order | None = None
        self.boxes: list[TherapyBox] = []
        self.therapies = Folds()
        self.stays = Beside(_lines("Hospital stays", 1))
        self.visits = Beside(_lines("Nurse visits", 4))
        self.also = Pane()
        self.whole = Pane()
        self.more = _button("Add a therapy", "plus", self._add)
        self.fewer = _button("Remove the last", "minus", self._remove)
        self.leave = _button("Leave these out", "eraser", self._leave_out)
        for beside in (self.stays, self.visits):
            beside.control.observe(self._edited, "value")
        buttons = widgets.HBox([self.more, self.fewer])
        below = [self.stays.widget, self.visits.widget, self.also.widget, self.leave]
        self.widget = widgets.VBox([self.whole.widget, self.therapies.widget, buttons, *below])

    def load(self, order: Order) -> None:
        """Show an order."""
        self._loading, self.base = True, order
        entry = entry_of(order)
        self.stays.control.value, self.visits.control.value = entry.stays, entry.visits
        first = order.span.first
        self.stays.control.placeholder = f"{_hint(first, 3)}..{_hint(first, 5)}, …"
        self.visits.control.placeholder = f"{_hint(first, 0)} 14:00-16:40, …"
        self._show([TherapyBox(typed, self._edited) for typed in entry.therapies[:MOST]])
        self._loading = False
        self._say_unseen()
        self._edited()

    def _say_unseen(self) -> None:
        """Say what the order brings that has no field here; without anything, nothing is said."""
        brought = unseen(self.base) if self.base is not None else ()
        self.also.show(*([f"Also taken from the example: {'; '.join(brought)}."] if brought else []))
        self.leave.layout.display = "" if brought else "none"

    def _leave_out(self, button: Any) -> None:
        del button
        if self.base is not None:
            self.base = without_unseen(self.base)
            self._say_unseen()
            self._edited()

    def order(self) -> Order | None:
        """Return the order as the form shows it, or None with each problem beside its field."""
        if self.base is None:
            return None
        entry = OrderEntry(
            tuple(box.entry() for box in self.boxes), self.stays.control.value, self.visits.control.value
        )
        order, problems = order_from(entry, self.base, code_table())
        self._say(problems)
        return order

    def _say(self, problems: Sequence[Problem]) -> None:
        said = {problem.field: problem.text for problem in problems}
        for number, box in enumerate(self.boxes):
            for name, beside in box.beside.items():
                beside.say(said.get(f"{number}.{name}", ""))
        self.stays.say(said.get("stays", ""))
        self.visits.say(said.get("visits", ""))
        self.whole.show(*([message(said[""])] if "" in said else []))

    def _show(self, boxes: list[TherapyBox]) -> None:
        self.boxes = boxes
        self.therapies.build([(box.typed.name, box.shown) for box in boxes], len(boxes) - 1)
        self.more.disabled, self.fewer.disabled = len(boxes) >= MOST, len(boxes) <= 1

    def _add(self, button: Any) -> None:
        del button
        names = {box.typed.name for box in self.boxes}
        free = (f"therapy {n}" for n in range(len(self.boxes) + 1, 2 * MOST + 2))
        name = next(name for name in free if name not in names)
        before = self.boxes[-1].entry() if self.boxes else TherapyEntry("")
        typed = TherapyEntry(name, start=before.start, stop=before.stop)
        self._show([*self.boxes, TherapyBox(typed, self._edited)])
        self._edited()

    def _remove(self, button: Any) -> None:
        del button
        self._show(self.boxes[:-1])
        self._edited()

    def _edited(self, change: Any = None) -> None:
        del change
        if not self._loading:
            self._changed()


def _wide(label: str) -> dict[str, Any]:
    return {**labelled(label, FIRST), "layout": widgets.Layout(width="98%")}


def _text(label: str, value: str, hint: str) -> Any:
    return widgets.Text(value, placeholder=hint, continuous_update=False, **_wide(label))


def _lines(label: str, rows: int) -> Any:
    return widgets.Textarea("", continuous_update=False, rows=rows, **_wide(label))


def _hint(first: date | None, days: int) -> str:
    """Return a day soon after the first, as an example of how one is written."""
    return str((first or date.today()) + days * ONE_DAY)


def _button(text: str, icon: str, press: Callable[[Any], None]) -> Any:
    button = widgets.Button(description=text, icon=icon, layout=widgets.Layout(width="170px"))
    button.on_click(press)
    return button
