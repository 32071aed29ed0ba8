"""The pictures of a contract comparison."""

from __future__ import annotations

from hitmodel.bridge_chart import Bar, plot_bridge
from hitmodel.comparison_tables import TOGETHER, assumed_range, audience, bridge_of, measure
from hitmodel.difference_chart import Group as Bars
from hitmodel.difference_chart import plot_differences
from hitmodel.labels import inside
from hitmodel.pictures import Chart
from hitmodel.scenario import Bridge
from hitmodel.sentences import change, counted, pays, shortened
from hitmodel.study import Study

GROUPS_SHOWN = 9


def bridge_chart(study: Study, n: int) -> Chart:
    """Draw the bridge to proposal ``n`` (0 is the first), clause by clause; what is not priced stands below it."""
    bridge, name = bridge_of(study, n), study.titles[n + 1]
    bars = [Bar(f"{shortened(study.payer, 22)} today", bridge.start, "total")]
    bars += [Bar(step.label, step.in_turn, note=step.cite) for step in bridge.steps]
    bars.append(Bar(shortened(name, 28), bridge.end, "total"))
    total, assumed = study.summary.total(), assumed_range(study, n + 1)
    if assumed and not study.pooled:
        bars.append(Bar("Missing evidence could move it", assumed[0], "estimate", high=assumed[1]))
    if total.unpriced_lines and not study.pooled:
        bars.append(Bar(f"Not priced, {counted(total.unpriced_lines, 'line')}", total.unpriced_charge, "unpriced"))
    return plot_bridge(
        bars,
        name=f"bridge_{n + 1}",
        headline=_bridge_headline(bridge, name),
        caption=f"{measure(study.comparison)}; clauses in the order of the proposal's file",
        proposal=n,
        audience=audience(study.pooled),
    )


def bridge_charts(study: Study) -> list[Chart]:
    """Return the bridge to each proposal."""
    return [bridge_chart(study, n) for n in range(len(study.proposals))]


def _bridge_headline(bridge: Bridge, name: str) -> str:
    """Say what moves a proposal most."""
    total = pays(name, bridge.end - bridge.start, bridge.start)
    moving = [step for step in bridge.steps if step.in_turn]
    if not moving:
        return f"{total}."
    most = max(moving, key=lambda step: abs(step.in_turn))
    return f"{total}; “{most.label}” moves it most, {change(most.in_turn)}."


def therapy_charts(study: Study) -> list[Chart]:
    """Draw today's amount by therapy and what proposals change, no more than `TOGETHER` of them in one picture.

    Largest therapies first, the small ones as one.
    """
    sides = range(1, len(study.titles))
    pairs = [sides[start : start + TOGETHER] for start in range(0, len(sides), TOGETHER)]
    return [_therapies(study, list(pair), number) for number, pair in enumerate(pairs, start=1)]


def _therapies(study: Study, sides: list[int], number: int) -> Chart:
    groups = [g for g in study.summary.by("therapy") if g.lines]
    bars = [Bars(g.label, g.amounts[0], tuple(g.amounts[side] for side in sides)) for g in groups]
    if len(bars) > GROUPS_SHOWN + 1:
        bars = [*bars[:GROUPS_SHOWN], _together(bars[GROUPS_SHOWN:])]
    changes = [(abs(bar.change(n)), bar, n) for bar in bars for n in range(len(sides))]
    moved, most, n = max(changes, key=lambda found: found[0])
    told = f"What moves most is {inside(most.label)}: {change(most.change(n))} under {study.titles[sides[n]]}."
    return plot_differences(
        bars,
        baseline=study.titles[0],
        proposals=[shortened(study.titles[side]) for side in sides],
        name="therapies" if number == 1 else f"therapies_{number}",
        headline=told if moved else "No therapy changes.",
        caption=f"{measure(study.comparison)}, by therapy",
        audience=audience(study.pooled),
    )


def _together(bars: list[Bars]) -> Bars:
    sides = range(len(bars[0].amounts))
    amounts = tuple(sum(bar.amounts[side] for bar in bars) for side in sides)
    return Bars(f"{len(bars)} smaller groups", sum(bar.baseline for bar in bars), amounts)
