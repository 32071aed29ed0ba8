"""A contract's terms on sliders, and what our own claims would come to: totals, therapies, drugs, bridge, marks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.dates import parse_date
from hitmodel.errors import HitmodelError, InputError
from hitmodel.evidence_file import evidence_of
from hitmodel.heat_chart import heat_chart
from hitmodel.live_bars import bars_svg
from hitmodel.overlays import contract_names
from hitmodel.prices import payment_limits
from hitmodel.pricing import LATEST, SERVICE_QUARTER, Dating
from hitmodel.scenario_file import save_scenario
from hitmodel.whatif import LIMITS, Lever, Point, Setting, WhatIf
from hitmodel.whatif_page import NAME, bridge_to
from hitmodel.whatif_tables import (
    marks_table,
    point_words,
    settings_table,
    spread_table,
    therapies_table,
)
from hitmodel.workbook.lever_rows import LeverRows
from hitmodel.workbook.panes import Beside, Markup, Pane, heading, labelled, message, style
from hitmodel.workspace import default_folder

TITLES = ["By therapy", "Drugs", "Bridge", "Marks", "Heat map"]
REPORT = "50_contract_comparison"
FIRST = "96px"
WORKING = Markup('<p class="quiet" role="status">Working it out …</p>')
_LIMIT_WORDS = {"none": "off", "line": "on, line by line", "claim": "on, claim by claim"}


class ExplorerScreen:
    """Controls on the left, results beside them. Of the views only the one that is seen is made."""

    def __init__(self, claims: str, baseline: str, contract: str, as_of: date | None, drug_prices: str) -> None:
        wide, names = widgets.Layout(width="98%"), list(contract_names())
        self.claims = widgets.Combobox(value=claims, options=_claims_files(), layout=wide, **labelled("Claims", FIRST))
        self.baseline = widgets.Dropdown(options=names, value=baseline, layout=wide, **labelled("Baseline", FIRST))
        self.contract = widgets.Dropdown(options=names, value=contract, layout=wide, **labelled("Begin with", FIRST))
        self.as_of = widgets.DatePicker(value=as_of, layout=wide, **labelled("As if on", FIRST))
        held = [(str(q), str(q)) for q in reversed(payment_limits().quarters)]
        bases = [("of each service quarter", SERVICE_QUARTER), ("the newest", LATEST), *held]
        self.prices = widgets.Dropdown(options=bases, value=drug_prices, layout=wide, **labelled("Drug prices", FIRST))
        self.limit = widgets.Dropdown(options=_limits(), layout=wide, **labelled("Charge limit", FIRST))
        self.rows = LeverRows(self._moved, self._volume)
        self.headline, self.said = Pane(), Pane()
        self.panes = [Pane() for _ in TITLES]
        self.tabs = widgets.Tab([pane.widget for pane in self.panes], titles=TITLES)
        short = widgets.Layout(width="210px")
        self.name = widgets.Text("", placeholder="counter_offer_1", layout=short, **labelled("Name", "44px"))
        self.named = Beside(self.name)
        self.buttons = {
            text: _button(text, press)
            for text, press in (
                ("Mark", self._mark),
                ("Undo", self._undo),
                ("As written", self._reset),
                ("Save as scenario file", self._save),
                ("Make the report", self._report),
            )
        }
        self.whatif: WhatIf | None = None
        self.point: Point | None = None
        self.setting, self.marks = Setting(), list[tuple[str, Point]]()
        self._before: list[tuple[str, Setting]] = []
        self._stale: set[int] = set()
        self._quiet = False
        self.widget = self._laid_out()
        for control in (self.claims, self.baseline, self.contract, self.as_of, self.prices):
            control.observe(lambda change: self._open(), "value")
        self.limit.observe(self._limited, "value")
        self.tabs.observe(lambda change: self._view(), "selected_index")
        self._open()

    def _laid_out(self) -> widgets.Widget:
        chosen = [self.claims, self.baseline, self.contract, self.as_of, self.prices, self.limit]
        left = widgets.VBox(
            [*chosen, self.rows.folds.widget],
            layout=widgets.Layout(flex="0 0 350px", overflow="hidden auto", max_height="700px"),
        )
        move = [self.buttons[text] for text in ("Mark", "Undo", "As written")]
        keep = [self.buttons[text] for text in ("Save as scenario file", "Make the report")]
        bar = widgets.HBox([*move, self.named.widget, *keep], layout=widgets.Layout(flex_flow="row wrap"))
        right = widgets.VBox(
            [self.headline.widget, bar, self.said.widget, self.tabs],
            layout=widgets.Layout(flex="1 1 0", min_width="0"),
        )
        box = widgets.HBox([left, right], layout=widgets.Layout(grid_gap="12px"))
        box.add_class("hm-controls")
        return widgets.VBox([style(), box])

    # --- what is compared -----------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Price both contracts on the claims, and build the controls of the one that moves."""
        self.headline.show(WORKING)
        self.said.show()
        try:
            place = paths.located(str(self.claims.value).strip())
            made = WhatIf(
                read_claims(place),
                load_contract(str(self.baseline.value)),
                load_contract(str(self.contract.value)),
                Dating(self.as_of.value, str(self.prices.value)),
                evidence_of(None, place),
            )
        except HitmodelError as error:
            self.whatif = self.point = None
            self.headline.show(message(str(error)))
            return
        self.whatif, self.marks, self._before = made, [], []
        self.rows.build(made.levers, made.therapies)
        self._quiet = True
        self.limit.value = made.limit
        self._quiet = False
        self._set(Setting())

    # --- moving ---------------------------------------------------------------------------------------------------

    def _moved(self, lever: Lever, value: Decimal) -> None:
        self._try(lever.name, lambda: self.setting.with_lever(lever, value), self.rows.rows[lever.name].refuse)

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

    def _refuse(self, text: str) -> None:
        self.said.show(message(text))

    def _try(self, what: str, make: Callable[[], Setting], refuse: Callable[[str], None]) -> None:
        """Go to another setting and keep the way back; a value that cannot be is refused beside its control."""
        before = self.setting
        try:
            self._set(make())
        except HitmodelError as error:
            refuse(str(error))
            return
        if not self._before or self._before[-1][0] != what:  # a slider that is dragged is one step back
            self._before.append((what, before))

    def _set(self, setting: Setting) -> None:
        if self.whatif is None:
            return
        self.point = self.whatif.point(setting)
        self.setting = setting
        self.headline.show(heading(point_words(self.point, NAME)))
        self._stale = set(range(len(TITLES)))
        self._view()

    def _undo(self, button: Any) -> None:
        del button
        if self._before:
            self._show_setting(self._before.pop()[1])

    def _reset(self, button: Any) -> None:
        del button
        if self.setting != Setting():
            self._before.append(("as written", self.setting))
            self._show_setting(Setting())

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

    def _view(self) -> None:
        """Make the view that is seen, where what it shows is out of date."""
        seen = self.tabs.selected_index
        if self.point is None or seen not in self._stale:
            return
        views = [self._therapies, self._drugs, self._bridge, self._marked, self._heat]
        try:
            views[seen](self.point, self.panes[seen])
        except HitmodelError as error:
            self.panes[seen].show(message(str(error)))
        self._stale.discard(seen)

    def _therapies(self, point: Point, pane: Pane) -> None:
        pane.show(Markup(bars_svg(point.therapies[:12], NAME)), therapies_table(point, NAME))

    def _drugs(self, point: Point, pane: Pane) -> None:
        pane.show(spread_table(point))

    def _bridge(self, point: Point, pane: Pane) -> None:
        if self.whatif is None:
            return
        pane.show(bridge_to(self.whatif, point))

    def _marked(self, point: Point, pane: Pane) -> None:
        if self.whatif is None:
            return
        marks = [*self.marks, (NAME, point)]
        settings = [(name, marked.setting) for name, marked in marks]
        pane.show(marks_table(marks), settings_table(settings, self.whatif.levers, self.whatif.limit))

    def _heat(self, point: Point, pane: Pane) -> None:
        pane.show(heat_chart([*self.marks, (NAME, point)]))

    def _mark(self, button: Any) -> None:
        del button
        if self.point is not None:
            self.marks.append((f"Mark {len(self.marks) + 1}", self.point))
            self.said.show(f"{self.marks[-1][0]} kept: {point_words(self.point, self.marks[-1][0])}")
            self._stale |= {3, 4}
            self._view()

    # --- keeping --------------------------------------------------------------------------------------------------

    def _save(self, button: Any) -> None:
        del button
        saved = self._saved()
        if saved is not None:
            self.said.show(f"Saved: {paths.shown(saved)}, a contract by the name of {saved.name}.")

    def _saved(self) -> Path | None:
        """Keep the setting as contract files; a name that cannot be is refused beside its field."""
        self.named.say("")
        if self.whatif is None or self.point is None:
            return None
        try:
            remark = "; ".join(
                f"volume of {name}: {times} times today's" for name, times in self.setting.volumes.items()
            )
            return save_scenario(str(self.name.value).strip(), self.whatif.contract, self.point.contract, remark)
        except HitmodelError as error:
            self.named.say(str(error))
            return None

    def _report(self, button: Any) -> None:
        """Save the setting and write the report of it against the baseline."""
        from hitmodel.report import Request, make_report

        del button
        saved = self._saved()
        if saved is None:
            return
        self.said.show(Markup('<p class="quiet" role="status">Making the report: this takes some ten seconds …</p>'))
        asked = {
            "claims": str(self.claims.value).strip(),
            "baseline": str(self.baseline.value),
            "proposals": saved.name,
            "as_of": str(self.as_of.value or ""),
            "drug_prices": str(self.prices.value),
        }
        try:
            given = tuple(f"{name}={value}" for name, value in asked.items())
            made = make_report(Request(REPORT, given, out=paths.reports() / f"scenario_{saved.name}"))
        except HitmodelError as error:
            self.said.show(message(str(error)))
            return
        without = " Volumes are not part of it: it prices the claims as they are." if self.setting.volumes else ""
        self.said.show(f"{made.headline} Report: {paths.shown(made.folder)}.{without}")


def explorer_screen(
    claims: str, baseline: str, contract: str, as_of: str = "", drug_prices: str = SERVICE_QUARTER
) -> widgets.Widget:
    """Return the screen, ready to show. Raises as `load_contract` for the name of a contract that is not there."""
    for name in (baseline, contract):
        if load_contract(name).name not in contract_names():
            raise InputError(f"'{name}' is not found by name", expected=", ".join(contract_names()))
    day = parse_date(as_of, "as_of") if as_of else None
    return ExplorerScreen(claims, baseline, contract, day, drug_prices).widget


def _claims_files() -> list[str]:
    """Return the claims files at hand, as one would write them."""
    places = [*paths.data("samples").glob("claims*.csv"), *paths.data("samples").glob("claims*.parquet")]
    own = [p for p in default_folder().glob("*") if p.suffix in (".csv", ".parquet")]
    return [paths.shown(p) for p in sorted([*places, *own])]


def _limits() -> list[tuple[str, str]]:
    return [(_LIMIT_WORDS[level], level) for level in LIMITS]


def _button(text: str, press: Callable[[Any], None]) -> Any:
    width = "92px" if len(text) < 12 else "164px"
    button = widgets.Button(description=text, layout=widgets.Layout(width=width))
    button.on_click(press)
    return button
