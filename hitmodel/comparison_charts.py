"""The pictures of a contract comparison."""

from __future__ import annotations

from hitmodel.bridge_chart import Bar, plot_bridge
from hitmodel.comparison_page import bridge_of, measure
from hitmodel.difference_chart import Group as Bars
from hitmodel.difference_chart import plot_differences
from hitmodel.pictures import Chart
from hitmodel.scenario import Bridge
from hitmodel.sentences import change, counted, pays
from hitmodel.study import Study

GROUPS_SHOWN = 9


def bridge_chart(study: Study, proposal: int = 1) -> Chart:
    """Draw the bridge to one proposal (1 is the first), clause by clause; what is not priced stands below it."""
    bridge, name = bridge_of(study, proposal), study.titles[proposal]
    bars = [Bar(f"{study.baseline.contract.title} today", bridge.start, "total")]
    bars += [Bar(step.label, step.in_turn, note=step.cite) for step in bridge.steps]
    bars.append(Bar(name, bridge.end, "total"))
    total = study.summary.total()
    if total.unpriced_lines and not study.pooled:
        bars.append(Bar(f"Not priced, {counted(total.unpriced_lines, 'line')}", total.unpriced_charge, "unpriced"))
    return plot_bridge(
        bars,
        name=f"bridge_{proposal}",
        headline=_bridge_headline(bridge, name),
        caption=f"{measure(study)}; clauses in the order of the proposal",
        proposal=proposal - 1,
        audience="both",
    )


def _bridge_headline(bridge: Bridge, name: str) -> str:
    """Say what moves a proposal most."""
    total = pays(name, bridge.end - bridge.start, bridge.start)
    moving = [step for step in bridge.steps if step.in_turn]
    if not moving:
        return f"{total}."
    most = max(moving, key=lambda step: abs(step.in_turn))
    return f"{total}; “{most.label}” moves it most, {change(most.in_turn)}."


def therapy_chart(study: Study) -> Chart:
    """Draw today's amount by therapy and what each proposal changes, largest therapies first, the small ones as one."""
    bars = [Bars(g.label, g.amounts[0], g.amounts[1:]) for g in study.summary.by("therapy") if g.lines]
    if len(bars) > GROUPS_SHOWN + 1:
        bars = [*bars[:GROUPS_SHOWN], _together(bars[GROUPS_SHOWN:])]
    changes = [(abs(bar.change(side)), bar, side) for bar in bars for side in range(len(bar.amounts))]
    _, most, side = max(changes, key=lambda found: found[0])
    return plot_differences(
        bars,
        baseline="Today",
        proposals=study.titles[1:],
        name="therapies",
        headline=f"{most.label} moves most: {change(most.change(side))} under {study.titles[side + 1]}.",
        caption=f"{measure(study)}, by therapy",
        audience="both",
    )


def _together(bars: list[Bars]) -> Bars:
    sides = range(len(bars[0].amounts))
    amounts = tuple(sum(bar.amounts[side] for bar in bars) for side in sides)
    return Bars(f"{len(bars)} smaller groups", sum(bar.baseline for bar in bars), amounts)
