"""A scenario as a notebook shows it without a browser: what is moved, the bridge, therapies, drugs, codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hitmodel import paths
from hitmodel.bridge_chart import Bar, plot_bridge
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.dates import parse_date
from hitmodel.errors import InputError
from hitmodel.evidence_file import evidence_of
from hitmodel.heat_chart import heat_chart
from hitmodel.levers import lever_named
from hitmodel.pictures import Chart
from hitmodel.points import Point, Setting
from hitmodel.pricing import SERVICE_QUARTER, Dating
from hitmodel.sentences import shortened
from hitmodel.tables import Table
from hitmodel.terms import Contract
from hitmodel.whatif import WhatIf
from hitmodel.whatif_tables import point_words, settings_table, spread_table, therapies_table

NAME = "Scenario"


@dataclass(frozen=True)
class WhatIfPage:
    """What is shown of one scenario."""

    settings: Table
    bridge: Chart
    therapies: Table
    spread: Table
    heat: Chart


def whatif_page(
    claims: str, baseline: str, contract: str, move: Sequence[str], as_of: str = "", drug_prices: str = SERVICE_QUARTER
) -> WhatIfPage:
    """Return one scenario worked out. ``move`` names levers with their values: ``drugs.chain[0].multiplier=103``.

    Raises `InputError` for a lever that the contract does not have or a value that it cannot write; else as `WhatIf`.
    """
    place = paths.located(claims)
    dating = Dating(parse_date(as_of, "as_of") if as_of else None, drug_prices)
    terms = load_contract(contract)
    made = WhatIf(read_claims(place), load_contract(baseline), terms, dating, evidence_of(None, place))
    point = made.point(setting_of(move, terms))
    return WhatIfPage(
        settings_table([(NAME, point.setting)], made.levers, made.limit),
        bridge_to(made, point),
        therapies_table(point, NAME),
        spread_table(point),
        heat_chart([(NAME, point)]),
    )


def setting_of(move: Sequence[str], contract: Contract) -> Setting:
    """Return the setting that texts such as ``nursing.first=160`` describe; raise `InputError` for one that is none."""
    setting = Setting()
    for text in move:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(
                f"{text!r} moves nothing", where="move", expected="a lever and its value: nursing.first=160"
            )
        lever = lever_named(contract, name.strip())
        setting = setting.with_lever(lever, lever.read(value))
    return setting


def bridge_to(made: WhatIf, point: Point, name: str = NAME) -> Chart:
    """Draw the bridge from the baseline to a point: its volume, then its terms clause by clause."""
    walked = made.bridge(point)
    bars = [Bar(f"{shortened(made.baseline.title, 22)} today", walked.start, "total")]
    bars += [Bar(step.label, step.in_turn, note=step.cite) for step in walked.steps]
    bars.append(Bar(shortened(name, 22), walked.end, "total"))
    caption = "Expected allowed, dollars, clause by clause"
    return plot_bridge(bars, name="bridge", headline=point_words(point, name), caption=caption)
