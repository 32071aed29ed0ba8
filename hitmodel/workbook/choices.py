"""What an explorer compares: claims, baseline, the contract whose terms move, proposals beside it, dates and prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.evidence_file import evidence_of
from hitmodel.overlays import contract_names
from hitmodel.prices import payment_limits
from hitmodel.pricing import LATEST, SERVICE_QUARTER, Dating
from hitmodel.whatif import WhatIf
from hitmodel.workbook.panes import labelled
from hitmodel.workspace import default_folder

FIRST = "96px"


@dataclass(frozen=True)
class Asked:
    """What a screen begins with, as its notebook's parameters say."""

    claims: str
    baseline: str
    contract: str
    proposals: tuple[str, ...]
    dating: Dating


class Choices:
    """Fields for what is compared; ``changed`` is told of every change that a person makes."""

    def __init__(self, asked: Asked, changed: Callable[[], None]) -> None:
        wide, names = widgets.Layout(width="98%"), list(contract_names())
        self._changed, self._quiet = changed, False
        self.claims = widgets.Combobox(
            value=asked.claims, options=_claims_files(), layout=wide, **labelled("Claims", FIRST)
        )
        self.baseline = widgets.Dropdown(
            options=names, value=asked.baseline, layout=wide, **labelled("Baseline", FIRST)
        )
        self.contract = widgets.Dropdown(
            options=names, value=asked.contract, layout=wide, **labelled("Begin with", FIRST)
        )
        self.proposals: dict[str, Any] = {}
        self._boxes = widgets.VBox([], layout=widgets.Layout(max_height="140px", overflow="hidden auto", flex="1 1 0"))
        told = "Every claim is priced by the terms of this day; empty: by those of its own day of service"
        self.as_of = widgets.DatePicker(
            value=asked.dating.as_of, layout=wide, tooltip=told, **labelled("Terms as of", FIRST)
        )
        held = [(str(q), str(q)) for q in reversed(payment_limits().quarters)]
        bases = [("of each service quarter", SERVICE_QUARTER), ("the newest", LATEST), *held]
        self.prices = widgets.Dropdown(
            options=bases, value=asked.dating.drug_prices, layout=wide, **labelled("Drug prices", FIRST)
        )
        self._offer_proposals(asked.proposals)
        name = widgets.Label("Proposals", layout=widgets.Layout(width=FIRST, justify_content="flex-end"))
        proposals = widgets.HBox([name, self._boxes], layout=wide)
        self.widgets = [self.claims, self.baseline, self.contract, proposals, self.as_of, self.prices]
        for control in (self.claims, self.baseline, self.contract, self.as_of, self.prices):
            control.observe(self._told, "value")

    @property
    def beside(self) -> tuple[str, ...]:
        """The proposals that are ticked, by name."""
        return tuple(name for name, box in self.proposals.items() if box.value)

    @property
    def as_written(self) -> tuple[str, ...]:
        """The contracts to compare with the baseline as they are written; the one that moves too, if it is another."""
        moving, baseline = str(self.contract.value), str(self.baseline.value)
        return (*(() if moving == baseline else (moving,)), *self.beside)

    def opened(self) -> WhatIf:
        """Price what is chosen. Raises `HitmodelError` for anything that cannot be read or priced."""
        if not str(self.claims.value).strip():
            raise InputError("no claims file is chosen", expected="one of the list, or the path of your own")
        place = paths.located(str(self.claims.value).strip())
        return WhatIf(
            read_claims(place),
            load_contract(str(self.baseline.value)),
            load_contract(str(self.contract.value)),
            Dating(self.as_of.value, str(self.prices.value)),
            evidence_of(None, place),
            [load_contract(name) for name in self.beside],
        )

    def parameters(self, proposals: Sequence[str]) -> dict[str, str]:
        """Return what a report of the comparison is asked with."""
        return {
            "claims": str(self.claims.value).strip(),
            "baseline": str(self.baseline.value),
            "proposals": ",".join(proposals),
            "as_of": str(self.as_of.value or ""),
            "drug_prices": str(self.prices.value),
        }

    def begin_with(self, name: str) -> None:
        """Choose the contract whose terms move, without telling anyone; one that is gone is offered all the same."""
        self._quiet = True
        if name not in self.contract.options:
            self.contract.options = [name, *self.contract.options]
        self.contract.value = name
        self._quiet = False

    def look_again(self) -> None:
        """Offer contracts that have been saved since; what is chosen stays chosen."""
        names, self._quiet = list(contract_names()), True
        for control in (self.baseline, self.contract):
            chosen = control.value
            control.options = names if chosen in names else [chosen, *names]
            control.value = chosen
        self._offer_proposals(self.beside)
        self._quiet = False

    def _offer_proposals(self, ticked: Sequence[str]) -> None:
        """Offer every contract but the baseline, which is no proposal beside itself; ``ticked`` come first."""
        layout = widgets.Layout(width="96%", margin="0 0 0 6px")
        names = [name for name in self.baseline.options if name != self.baseline.value]
        if set(names) == set(self.proposals):
            return  # a box that is made anew loses the keyboard
        ticked = [name for name in ticked if name in names]
        self.proposals = {
            name: widgets.Checkbox(value=name in ticked, description=name, indent=False, layout=layout)
            for name in (*ticked, *(n for n in names if n not in ticked))
        }
        for box in self.proposals.values():
            box.add_class("hm-tick")
            box.observe(self._told, "value")
        self._boxes.children = list(self.proposals.values())

    def _told(self, change: Any) -> None:
        if self._quiet:
            return
        self.look_again()
        self._changed()


def _claims_files() -> list[str]:
    """Return the claims files at hand, as one would write them."""
    places = [*paths.data("samples").glob("claims*.csv"), *paths.data("samples").glob("claims*.parquet")]
    own = [p for p in default_folder().glob("*") if p.suffix in (".csv", ".parquet")]
    return [paths.shown(p) for p in sorted([*places, *own])]
