"""A per diem calculator on a screen: an order on the left; its days, claim lines and price beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.calendar_chart import calendar_chart
from hitmodel.charges import ChargeTable, read_charges
from hitmodel.contracts import load_contract
from hitmodel.errors import HitmodelError, InputError
from hitmodel.order_file import ORDER_FILE
from hitmodel.orders import load_order
from hitmodel.overlays import contract_names
from hitmodel.quote_files import quote_folder, write_quote
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
from hitmodel.quoting import NotInForce, quote
from hitmodel.reading_tables import readings_table
from hitmodel.scenario_file import is_saved
from hitmodel.workbook.links import written
from hitmodel.workbook.order_form import FIRST, OrderForm
from hitmodel.workbook.panes import CONTROLS, WORKING, Beside, Pane, faults_in, heading, labelled, message, style
from hitmodel.workspace import default_folder

TITLES = ["Days", "Claim lines", "Every contract", "Every reading"]


class CalculatorScreen:
    """An order form, a choice of contract, and four views of the same quote. Only the view that is seen is made."""

    def __init__(self, order: str, contract: str, charges: str) -> None:
        wide = widgets.Layout(width="98%")
        self.examples = widgets.Dropdown(options=_orders(), layout=wide, **labelled("Begin with", FIRST))
        self.contract = widgets.Dropdown(
            options=_contract_choices(), value=contract, layout=wide, **labelled("Contract", FIRST)
        )
        self.terms_of = Beside(widgets.DatePicker(value=None, layout=wide, **labelled("Terms as of", FIRST)))
        self.charges = Beside(_charges_field(charges))
        self.headline = Pane()
        self.panes = [Pane() for _ in TITLES]
        self.tabs = widgets.Tab([pane.widget for pane in self.panes], titles=TITLES)
        self.name = Beside(_name_field())
        self.write = widgets.Button(description="Write the quote", icon="file", layout=widgets.Layout(flex="0 0 170px"))
        self.written = Pane()
        self.form = OrderForm(self._refresh)
        self.basis = Basis()
        self._made: Quote | None = None
        self._stale: set[int] = set()
        self._quiet = False
        self.widget = self._laid_out()
        self.examples.observe(lambda change: None if self._quiet else self._load(change.new), "value")
        for control in (self.contract, self.terms_of.control, self.charges.control):
            control.observe(lambda change: None if self._quiet else self._refresh(), "value")
        self.tabs.observe(lambda change: self._view(), "selected_index")
        self.write.on_click(self._write)
        place = str(paths.located(order))
        if place in [value for _, value in self.examples.options]:
            self.examples.value = place
        self._load(place)

    def _laid_out(self) -> widgets.Widget:
        asked = [self.examples, self.contract, self.terms_of.widget, self.charges.widget]
        left = widgets.VBox([*asked, self.form.widget], layout=widgets.Layout(**CONTROLS))
        self.name.widget.layout.flex = "0 0 auto"
        written = widgets.HBox([self.write, self.name.widget, self.written.widget])
        right = widgets.VBox(
            [self.headline.widget, self.tabs, written], layout=widgets.Layout(flex="1 1 0", min_width="0")
        )
        box = widgets.HBox([left, right], layout=widgets.Layout(grid_gap="16px"))
        box.add_class("hm-controls")
        return widgets.VBox([style(), box])

    def _load(self, place: str) -> None:
        try:
            order = load_order(Path(place))
        except HitmodelError as error:
            self._refuse(str(error))
            return
        self.form.load(order)

    def _refresh(self) -> None:
        """Quote what the form shows under the chosen contract; what stood there before goes only for a new answer.

        The headline comes with the view that is seen, so that it never stands above one of another order.
        """
        self.written.show()
        self._made = None
        self.tabs.add_class("hm-stale")
        self.headline.widget.add_class("hm-stale")
        with faults_in(self.headline):
            self._look_again()
            made = self._quoted()
            if made is not None:
                self._made, self._stale = made, set(range(len(TITLES)))
                self._view()
                self.headline.show(heading(headline(made)))
                self.tabs.remove_class("hm-stale")
        self.headline.widget.remove_class("hm-stale")

    def _quoted(self) -> Quote | None:
        """Return the quote of what is entered, or None with each problem beside its field."""
        order, charges = self.form.order(), self._read_charges()
        self.terms_of.say("")
        if order is None or charges is None:
            self._refuse("There is no price: see the fields on the left.")
            return None
        self.basis = Basis(charges or None, as_of=self.terms_of.control.value)
        try:
            return quote(order, [str(self.contract.value)], self.basis)
        except NotInForce as error:
            self.terms_of.say(_not_in_force(error))
            self._refuse("There is no price: see Terms as of on the left.")
        except HitmodelError as error:
            self._refuse(str(error))
        return None

    def _refuse(self, text: str) -> None:
        self.headline.show(message(text))

    def _read_charges(self) -> ChargeTable | Literal[""] | None:
        """Return the chargemaster that is chosen, "" for none, and None with the reason beside the field."""
        named = str(self.charges.control.value).strip()
        self.charges.say("")
        if not named:
            return ""
        try:
            return read_charges(paths.located(named))
        except HitmodelError as error:
            self.charges.say(str(error))
        except (OSError, ValueError):  # a text that no system takes for a path
            self.charges.say("This is the path of no file.")
        return None

    def _look_again(self) -> None:
        """Offer contracts that have come since; what is chosen stays chosen."""
        offered = _contract_choices()
        if tuple(offered) != tuple(self.contract.options):
            self._offer(self.contract, offered)

    def _offer(self, choice: Any, options: list[tuple[str, str]]) -> None:
        """Offer other options; what is chosen stays chosen, even where it is gone, and nobody is told of a change."""
        chosen, self._quiet = choice.value, True
        held = any(value == chosen for _, value in options)
        choice.options = options if held else [(str(chosen), chosen), *options]
        choice.value = chosen
        self._quiet = False

    def _view(self) -> None:
        """Make the view that is seen, if what it shows is out of date."""
        seen = self.tabs.selected_index
        if self._made is None or seen not in self._stale:
            return
        views: list[Callable[[Quote, Pane], None]] = [_days, _lines, self._contracts, self._readings]
        pane = self.panes[seen]
        with faults_in(pane):
            try:
                views[seen](self._made, pane)
            except NotInForce as error:
                pane.show(message(_not_in_force(error)))
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
        self.name.say("")
        if self._made is None:
            self.written.show(message("There is no quote to write yet."))
            return
        try:
            target = quote_folder(self._made, paths.reports(), str(self.name.control.value).strip())
        except HitmodelError as error:
            self.name.say(str(error))
            return
        self.written.show(WORKING)
        with faults_in(self.written):
            try:
                write_quote(self._made, target)
            except HitmodelError as error:
                self.written.show(message(str(error)))
                return
            self.written.show(written("PDF, page, workbook, claim lines and order", target, target / "quote.pdf"))
            self._offer(self.examples, _orders())


def _days(made: Quote, pane: Pane) -> None:
    side = made.sides[0]
    pane.show(calendar_chart(day_marks(side, made.order), side.title))


def _lines(made: Quote, pane: Pane) -> None:
    side = made.sides[0]
    tables = (lines_table(side), not_billed_table(side), assumptions_table(side))
    pane.show(*(table for table in tables if table.rows))


def _orders() -> list[tuple[str, str]]:
    """Return the example orders, and the order of each quote that has been written, with the file of each."""
    examples = sorted(paths.data("samples", "orders").glob("*.toml"))
    quoted = sorted(paths.reports().glob(f"quote_*/{ORDER_FILE}"))
    found = [(file.stem, file) for file in examples] + [(file.parent.name, file) for file in quoted]
    return [(name.replace("_", " ").capitalize(), str(file)) for name, file in found]


def _contract_choices() -> list[tuple[str, str]]:
    return [(f"{name} (saved scenario)" if is_saved(name) else name, name) for name in contract_names()]


def _charges_field(given: str) -> Any:
    """Return the field for a chargemaster: one at hand, or any file by its path."""
    own = sorted(file for file in default_folder().glob("*.csv") if "charge" in file.name)
    held = [paths.shown(file) for file in (*own, paths.data("samples", "chargemaster.csv"))]
    told = "The chargemaster is asked for codes to which the order itself gives no charge"
    return widgets.Combobox(
        value=given,
        options=held,
        placeholder="none: the order's own alone",
        continuous_update=False,
        tooltip=told,
        layout=widgets.Layout(width="98%"),
        **labelled("Charges from", FIRST),
    )


def _name_field() -> Any:
    told = "Names the folder of the quote; empty: by contract and first day"
    return widgets.Text(
        "",
        placeholder="by contract and first day",
        tooltip=told,
        continuous_update=False,
        layout=widgets.Layout(width="270px"),
        **labelled("Name", "48px"),
    )


def _not_in_force(error: NotInForce) -> str:
    """Say in the words of the screen that a contract is not in force."""
    told = InputError(error.what, next_step="Choose another day at Terms as of.")
    when = f" It is {error.expected}." if error.expected.startswith("in force") else ""
    return f"{str(told)[:1].upper()}{str(told)[1:]}{when}"


def calculator_screen(order: str, contract: str, charges: str) -> widgets.Widget:
    """Return the screen, ready to show, with an order worked out. Raises as `load_contract` for a contract's name."""
    load_contract(contract)
    return CalculatorScreen(order, contract, charges).widget
