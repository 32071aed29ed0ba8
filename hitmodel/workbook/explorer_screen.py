"""A contract's terms on sliders, and what our own claims would come to: totals, therapies, drugs, bridge, marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.contracts import load_contract
from hitmodel.dates import parse_date
from hitmodel.errors import HitmodelError, InputError
from hitmodel.heat_chart import heat_chart
from hitmodel.levers import Lever
from hitmodel.live_bars import bars_svg
from hitmodel.overlays import contract_names
from hitmodel.pictures import Chart
from hitmodel.points import Point, Setting
from hitmodel.pricing import SERVICE_QUARTER, Dating
from hitmodel.scenario_file import is_saved, save_scenario
from hitmodel.volumes import volumes_of
from hitmodel.whatif import LIMITS, WhatIf
from hitmodel.whatif_page import NAME, bridge_to
from hitmodel.whatif_tables import (
    Mark,
    marks_table,
    point_words,
    settings_table,
    spread_table,
    spread_words,
    therapies_table,
)
from hitmodel.workbook.break_even_pane import BreakEvenPane
from hitmodel.workbook.choices import FIRST, Asked, Choices
from hitmodel.workbook.history import History, Stand
from hitmodel.workbook.lever_rows import LeverRows
from hitmodel.workbook.panes import (
    CONTROLS,
    WORKING,
    Beside,
    Markup,
    Pane,
    faults_in,
    heading,
    labelled,
    message,
    style,
    without_place,
)
from hitmodel.workbook.prompt import leave_alone, soon
from hitmodel.workbook.report_errand import ReportErrand

TITLES = ["By therapy", "Drugs", "By clause", "Marks", "Heat map", "Break-even"]
_LIMIT_WORDS = {"none": "off", "line": "on, line by line", "claim": "on, claim by claim"}


class ExplorerScreen:
    """Controls on the left, results beside them. Of the views only the one that is seen is made."""

    def __init__(self, asked: Asked) -> None:
        self.choices = Choices(asked, self._chosen)
        wide = widgets.Layout(width="98%")
        self.limit = widgets.Dropdown(options=_limits(), layout=wide, **labelled("Charge limit", FIRST))
        self.rows = LeverRows(self._moved, self._volume, lambda: self._dim(self.tabs, self.headline.widget))
        self.headline, self.said = Pane(), Pane()
        self.even = BreakEvenPane(lambda: self._again("Break-even"), self._take)
        self.panes = [*(Pane() for _ in TITLES[:-1]), self.even.pane]
        views = [*(pane.widget for pane in self.panes[:-1]), self.even.widget]
        self.tabs = widgets.Tab(views, titles=TITLES)
        short = widgets.Layout(width="164px")
        self.name = widgets.Text("", placeholder="counter_offer_1", layout=short, **labelled("Name", "40px"))
        self.report = ReportErrand(self.said)
        self.buttons = {
            "Mark": _button("Mark", "74px", self._mark),
            "Undo": _button("Undo", "74px", self._undo),
            "As written": _button("As written", "88px", self._reset),
            "Save as scenario file": _button("Save as scenario file", "164px", self._save),
            "Make the report": self.report.button,
        }
        self.report.button.on_click(self._report)
        self.whatif: WhatIf | None = None
        self.point: Point | None = None
        self.setting = self.written = Setting()
        self.marks: list[Mark] = []
        self._moving, self._noted = "", False
        self._marks_of: dict[str, list[Mark]] = {}
        self._history = History()
        self._stale: set[str] = set()
        self._bridges: dict[object, Chart] = {}
        self._own_names: set[str] = set()
        self._quiet = False
        self.widget = self._laid_out()
        self.limit.observe(self._limited, "value")
        self.tabs.observe(lambda change: self._view(), "selected_index")
        self._open()

    def _laid_out(self) -> widgets.Widget:
        left = widgets.VBox(
            [*self.choices.widgets, self.limit, self.rows.folds.widget],
            layout=widgets.Layout(**CONTROLS),
        )
        move = [self.buttons[text] for text in ("Mark", "Undo", "As written")]
        keep = [self.buttons[text] for text in ("Save as scenario file", "Make the report")]
        self.named = Beside(widgets.HBox([*move, self.name, *keep], layout=widgets.Layout(flex_flow="row wrap")))
        right = widgets.VBox(
            [self.headline.widget, self.named.widget, self.said.widget, self.tabs],
            layout=widgets.Layout(flex="1 1 0", min_width="0"),
        )
        box = widgets.HBox([left, right], layout=widgets.Layout(grid_gap="12px"))
        box.add_class("hm-controls")
        return widgets.VBox([style(), box])

    # --- what is compared -----------------------------------------------------------------------------------------

    def _chosen(self) -> None:
        """Go on with what has been chosen; where that is another contract's terms, Undo leads back."""
        before = Stand(self._moving, self.setting)
        with faults_in(self.headline):
            self._open()
        if self.whatif is not None and before.contract and self._moving != before.contract:
            self._history.keep("", before)
            self._note(f"Begun with {self._moving} as it is written. Undo leads back to {before.contract}.")

    def _open(self, setting: Setting | None = None) -> None:
        """Price the contracts on the claims, and build the controls of the one that moves.

        Controls and marks stay where they are, whatever else is compared. Another contract begins with its own marks,
        and as it is written where no ``setting`` is given.
        """
        self.headline.show(WORKING)
        self._note("")
        try:
            made = self.choices.opened()
            written = _written(made)
            going_on = made.contract.name == self._moving
            setting = _carried(made, setting or (self.setting if going_on else written))
            marks = self.marks if going_on else self._marks_of.get(made.contract.name, [])
            marks = [(name, made.point(_carried(made, mark.setting))) for name, mark in marks]
            made.point(setting)
        except HitmodelError as error:
            self.whatif = self.point = None
            self.headline.show(message(str(error)))
            self._dim(self.tabs)
            return
        self._marks_of[self._moving], self._moving = self.marks, made.contract.name
        self.whatif, self.marks, self.written, self._bridges = made, marks, written, {}
        leave_alone()
        self.rows.build(made)
        self._show_setting(setting)

    @property
    def beside(self) -> list[Mark]:
        """The proposals that are ticked and the marks: what the scenario is compared with, with their names."""
        return [*self._proposals(), *self.marks]

    def _proposals(self) -> list[Mark]:
        if self.whatif is None:
            return []
        points = self.whatif.points_beside(self.setting)
        return [(point.contract.title, point) for point in points]

    # --- moving ---------------------------------------------------------------------------------------------------

    def _moved(self, lever: Lever, value: Decimal) -> None:
        self._try(lever.name, lambda: self.setting.with_lever(lever, value), self.rows.rows[lever.name].refuse)
        soon(partial(self._make_ready, self.whatif, lever.name))

    def _make_ready(self, made: WhatIf | None, by: str) -> bool:
        """Have the next moves of a lever answered sooner, as long as nothing else is compared."""
        return made is not None and made is self.whatif and made.make_ready(self.setting, by)

    def _take(self, lever: Lever, value: Decimal) -> None:
        self.rows.rows[lever.name].show(value)
        self._moved(lever, value)

    def _volume(self, lever: Lever, value: Decimal) -> None:
        row = self.rows.volumes[lever.name]
        self._try(f"volume of {lever.name}", lambda: self.setting.with_volume(lever.name, value), row.refuse)

    def _limited(self, change: Any) -> None:
        if not self._quiet and self.whatif is not None:
            level = "" if change.new == self.whatif.limit else str(change.new)
            values, volumes = self.setting.values, self.setting.volumes
            self._try(
                "charge limit", lambda: Setting(values, level, volumes), lambda text: self.said.show(message(text))
            )

    def _try(self, what: str, make: Callable[[], Setting], refuse: Callable[[str], None]) -> None:
        """Go to another setting and keep the way back; a value that cannot be is refused beside its control."""
        before = Stand(self._moving, self.setting)
        with faults_in(self.headline):
            try:
                self._set(make())
            except HitmodelError as error:
                refuse(without_place(error))
                return
        if self.setting != before.setting:
            self._history.keep(what, before)

    def _set(self, setting: Setting) -> None:
        if self.whatif is None:
            return
        self.point = self.whatif.point(setting)
        self.setting = setting
        self._stale = set(TITLES)
        self._view()
        self.headline.show(heading(point_words(self.point, NAME)))
        self._dim()
        if self._noted:
            self._note("")

    def _dim(self, *parts: Any) -> None:
        """Show these parts as what they are, left from before: something was entered that has no answer."""
        for part in (self.tabs, self.headline.widget):
            (part.add_class if part in parts else part.remove_class)("hm-stale")

    def _note(self, text: str) -> None:
        """Say what a button or a choice did, until something is moved; what is said of a report stays."""
        if text or not self.report.is_running:
            self.said.show(*([text] if text else []))
        self._noted = bool(text)

    def _undo(self, button: Any) -> None:
        del button
        before = self._history.back() if self.whatif is not None else None
        if before is None:
            return
        if before.contract == self._moving:
            self._show_setting(before.setting)
        else:
            self.choices.begin_with(before.contract)
            self._open(before.setting)

    def _reset(self, button: Any) -> None:
        del button
        if self.setting != self.written:
            self._history.keep("", Stand(self._moving, self.setting))
            self._show_setting(self.written)

    def _show_setting(self, setting: Setting) -> None:
        """Go to a setting, and put every control where it has it."""
        if self.whatif is None:
            return
        for name, row in self.rows.rows.items():
            row.show(setting.values.get(name, row.lever.written))
        for name, row in self.rows.volumes.items():
            row.show(setting.volumes.get(name, row.lever.written))
        self._quiet = True
        self.limit.value = setting.limit or self.whatif.limit
        self._quiet = False
        self._set(setting)

    # --- seeing ---------------------------------------------------------------------------------------------------

    def _again(self, title: str) -> None:
        self._stale.add(title)
        self._view()

    def _view(self) -> None:
        """Make the view that is seen, where what it shows is out of date."""
        seen = int(self.tabs.selected_index or 0)
        if self.whatif is None or self.point is None or TITLES[seen] not in self._stale:
            return
        pane, views = self.panes[seen], [_therapies, _drugs, self._bridge, self._marked, _heat, self._even]
        if not pane.is_filled:
            pane.show(WORKING)
        with faults_in(pane):
            try:
                views[seen](self.whatif, self.point, pane, self.beside)
            except HitmodelError as error:
                pane.show(message(str(error)))
        self._stale.discard(TITLES[seen])

    def _bridge(self, made: WhatIf, point: Point, pane: Pane, beside: Sequence[Mark]) -> None:
        """Show the scenario's bridge, and under it those of the proposals, which stay as they are."""
        others = []
        for name, other in self._proposals():
            key = (name, point.setting.limit, *sorted(point.setting.volumes.items()))
            if key not in self._bridges:
                self._bridges[key] = bridge_to(made, other, name)
            others.append(self._bridges[key])
        pane.show(bridge_to(made, point), *others)

    def _marked(self, made: WhatIf, point: Point, pane: Pane, beside: Sequence[Mark]) -> None:
        settings = [(name, marked.setting) for name, marked in (*self.marks, (NAME, point))]
        pane.show(marks_table([*beside, (NAME, point)]), settings_table(settings, made.levers, made.limit))

    def _even(self, made: WhatIf, point: Point, pane: Pane, beside: Sequence[Mark]) -> None:
        del pane
        self.even.offer(made.levers, beside)
        self.even.answer(made, point)

    def _mark(self, button: Any) -> None:
        del button
        if self.point is not None:
            self.marks.append((f"Mark {len(self.marks) + 1}", self.point))
            self._history.cut()
            self._note(f"{self.marks[-1][0]} kept: {point_words(self.point, self.marks[-1][0])}")
            self._stale |= {"Marks", "Heat map", "Break-even"}
            self._view()

    # --- keeping --------------------------------------------------------------------------------------------------

    def _save(self, button: Any) -> None:
        del button
        saved = self._saved()
        if saved is not None:
            self._note(
                f"Saved: {paths.shown(saved)}, a contract named {saved.name}. Choose it at “Begin with” to go on."
            )

    def _saved(self) -> Path | None:
        """Keep the setting as contract files; a name that cannot be is refused beside its field."""
        self.named.say("")
        if self.whatif is None or self.point is None:
            return None
        name, start = str(self.name.value).strip(), self.whatif.contract
        if self._asks_first(name):
            return None
        try:
            saved = save_scenario(name, start, self.point.contract, self.setting.volumes)
        except HitmodelError as error:
            self.named.say(str(error))
            return None
        self._own_names.add(name)
        self.choices.look_again()
        return saved

    def _asks_first(self, name: str) -> bool:
        """Ask once before a scenario is replaced that was not saved here."""
        if name in self._own_names or not is_saved(name):
            return False
        self._own_names.add(name)
        self.named.say(f"There is a scenario “{name}” already. Press again to replace it, or give another name.")
        return True

    def _report(self, button: Any) -> None:
        """Save the setting and have the report of it written, with the proposals that are ticked; or stop it."""
        del button
        if self.report.is_running:
            self.report.stop()
            return
        if self.whatif is None:
            self.said.show(message("There is nothing to report on yet: see above."))
            return
        if self.setting == self.written and self.choices.as_written:
            self.named.say("")
            self.report.start("as_written", self.choices.parameters(self.choices.as_written))
            return
        saved = self._saved()
        if saved is not None:
            self.report.start(saved.name, self.choices.parameters([saved.name, *self.choices.beside]))


def explorer_screen(
    claims: str,
    baseline: str,
    contract: str,
    as_of: str = "",
    drug_prices: str = SERVICE_QUARTER,
    proposals: Sequence[str] = (),
) -> widgets.Widget:
    """Return the screen, ready to show. Raises as `load_contract` for the name of a contract that is not there."""
    for name in (baseline, contract, *proposals):
        if load_contract(name).name not in contract_names():
            raise InputError(f"'{name}' is not found by name", expected=", ".join(contract_names()))
    day = parse_date(as_of, "as_of") if as_of else None
    return ExplorerScreen(Asked(claims, baseline, contract, tuple(proposals), Dating(day, drug_prices))).widget


def _written(made: WhatIf) -> Setting:
    """Return where the controls of a contract begin: the volumes saved with it, all else as it is written."""
    volumes = volumes_of(made.contract)
    return Setting(volumes={name: volumes[name] for name in volumes if name in made.therapies})


def _carried(made: WhatIf, setting: Setting) -> Setting:
    """Return a setting as far as what is compared now has what it moves."""
    names = {lever.name for lever in made.levers}
    return Setting(
        {name: value for name, value in setting.values.items() if name in names},
        setting.limit,
        {name: times for name, times in setting.volumes.items() if name in made.therapies},
    )


def _therapies(made: WhatIf, point: Point, pane: Pane, beside: Sequence[Mark]) -> None:
    proposals = beside[: len(made.beside)]
    pane.show(Markup(bars_svg(point.therapies[:12], NAME)), therapies_table(point, NAME, proposals))


def _drugs(made: WhatIf, point: Point, pane: Pane, beside: Sequence[Mark]) -> None:
    others = [f"{name}: {spread_words(other)}" for name, other in beside[: len(made.beside)]]
    pane.show(spread_table(point) if point.drugs else spread_words(point), *others)


def _heat(made: WhatIf, point: Point, pane: Pane, beside: Sequence[Mark]) -> None:
    del made
    pane.show(heat_chart([*beside, (NAME, point)]))


def _limits() -> list[tuple[str, str]]:
    return [(_LIMIT_WORDS[level], level) for level in LIMITS]


def _button(text: str, width: str, press: Callable[[Any], None]) -> Any:
    button = widgets.Button(description=text, layout=widgets.Layout(width=width))
    button.on_click(press)
    return button
