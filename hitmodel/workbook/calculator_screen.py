"""A per diem calculator on a screen: an order on the left; its days, claim lines and price beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.calendar_chart import calendar_chart
from hitmodel.charges import read_charges
from hitmodel.contracts import load_contract
from hitmodel.errors import HitmodelError
from hitmodel.orders import load_order
from hitmodel.overlays import contract_names
from hitmodel.quote_files import write_quote
from hitmodel.quote_grid import day_marks, read_every_way
from hitmodel.quote_tables import (
    assumptions_table,
    expected_table,
    headline,
    left_out_table,
    lines_table,
    margin_table,
    not_billed_table,
)
from hitmodel.quotes import Basis, Quote
from hitmodel.quoting import quote
from hitmodel.reading_tables import readings_table
from hitmodel.workbook.links import written
from hitmodel.workbook.order_form import FIRST, OrderForm
from hitmodel.workbook.panes import CONTROLS, WORKING, Pane, heading, labelled, message, style

TITLES = ["Days", "Claim lines", "Every contract", "Every reading"]


class CalculatorScreen:
    """An order form, a choice of contract, and four views of the same quote. Only the view that is seen is made."""

    def __init__(self, order: str, contract: str, charges: str) -> None:
        self.basis = Basis(charges=read_charges(paths.located(charges)) if charges else None)
        wide = widgets.Layout(width="98%")
        files = sorted(paths.data("samples", "orders").glob("*.toml"))
        self.examples = widgets.Dropdown(
            options=[(_spoken(f), str(f)) for f in files], layout=wide, **labelled("Example", FIRST)
        )
        self.contract = widgets.Dropdown(
            options=list(contract_names()), value=contract, layout=wide, **labelled("Contract", FIRST)
        )
        self.terms_of = widgets.DatePicker(value=None, layout=wide, **labelled("Terms as of", FIRST))
        self.headline = Pane()
        self.panes = [Pane() for _ in TITLES]
        self.tabs = widgets.Tab([pane.widget for pane in self.panes], titles=TITLES)
        self.write = widgets.Button(description="Write the quote", icon="file", layout=widgets.Layout(width="190px"))
        self.written = Pane()
        self.form = OrderForm(self._refresh)
        self._made: Quote | None = None
        self._stale: set[int] = set()
        self.widget = self._laid_out()
        self.examples.observe(lambda change: self._load(change.new), "value")
        for control in (self.contract, self.terms_of):
            control.observe(lambda change: self._refresh(), "value")
        self.tabs.observe(lambda change: self._view(), "selected_index")
        self.write.on_click(self._write)
        place = str(paths.located(order))
        if place in [value for _, value in self.examples.options]:
            self.examples.value = place
        self._load(place)

    def _laid_out(self) -> widgets.Widget:
        left = widgets.VBox(
            [self.examples, self.contract, self.terms_of, self.form.widget],
            layout=widgets.Layout(**CONTROLS),
        )
        right = widgets.VBox(
            [self.headline.widget, self.tabs, widgets.HBox([self.write, self.written.widget])],
            layout=widgets.Layout(flex="1 1 0", min_width="0"),
        )
        box = widgets.HBox([left, right], layout=widgets.Layout(grid_gap="16px"))
        box.add_class("hm-controls")
        return widgets.VBox([style(), box])

    def _load(self, place: str) -> None:
        try:
            order = load_order(Path(place))
        except HitmodelError as error:
            self.headline.show(message(str(error)))
            return
        self.form.load(order)

    def _refresh(self) -> None:
        """Quote what the form shows under the chosen contract; what stood there before goes only for a new answer."""
        order = self.form.order()
        self.written.show()
        self.tabs.add_class("hm-stale")
        self._made = None
        if order is None:
            self.headline.show(message("The order is not complete: see the fields on the left."))
            return
        self.basis = Basis(self.basis.charges, self.basis.prices, self.terms_of.value, self.basis.drug_prices)
        try:
            self._made = quote(order, [str(self.contract.value)], self.basis)
        except HitmodelError as error:
            self.headline.show(message(str(error)))
            return
        self.tabs.remove_class("hm-stale")
        self.headline.show(heading(headline(self._made)))
        self._stale = set(range(len(TITLES)))
        self._view()

    def _view(self) -> None:
        """Make the view that is seen, if what it shows is out of date."""
        seen = self.tabs.selected_index
        if self._made is None or seen not in self._stale:
            return
        views: list[Callable[[Quote, Pane], None]] = [_days, _lines, self._contracts, self._readings]
        pane = self.panes[seen]
        try:
            views[seen](self._made, pane)
        except HitmodelError as error:
            pane.show(message(str(error)))
        self._stale.discard(seen)

    def _contracts(self, made: Quote, pane: Pane) -> None:
        pane.show(WORKING)
        every = quote(made.order, (), self.basis)
        tables = [expected_table(every), margin_table(every)]
        pane.show(*tables, *([left_out_table(every)] if every.left_out else []))

    def _readings(self, made: Quote, pane: Pane) -> None:
        pane.show(WORKING)
        side = made.sides[0]
        pane.show(readings_table(read_every_way(made.order, side.contract, self.basis, side.rules), side.title))

    def _write(self, button: Any) -> None:
        del button
        if self._made is None:
            self.written.show(message("There is no quote to write yet."))
            return
        target = paths.reports() / f"quote_{self._made.sides[0].name}"
        self.written.show(WORKING)
        try:
            write_quote(self._made, target)
        except HitmodelError as error:
            self.written.show(message(str(error)))
            return
        self.written.show(written("PDF, page, workbook and claim lines", target, target / "quote.pdf"))


def _days(made: Quote, pane: Pane) -> None:
    side = made.sides[0]
    pane.show(calendar_chart(day_marks(side), side.title))


def _lines(made: Quote, pane: Pane) -> None:
    side = made.sides[0]
    tables = (lines_table(side), not_billed_table(side), assumptions_table(side))
    pane.show(*(table for table in tables if table.rows))


def _spoken(file: Path) -> str:
    return file.stem.replace("_", " ").capitalize()


def calculator_screen(order: str, contract: str, charges: str) -> widgets.Widget:
    """Return the screen, ready to show, with an order worked out. Raises as `load_contract` for a contract's name."""
    load_contract(contract)
    return CalculatorScreen(order, contract, charges).widget
