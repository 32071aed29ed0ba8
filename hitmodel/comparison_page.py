"""The first page of a contract comparison, its sentences made from the numbers."""

from __future__ import annotations

from datetime import date

from hitmodel.frontpage import FrontPage, Remark, Step
from hitmodel.money import format_percent
from hitmodel.pricing import LATEST, SERVICE_QUARTER
from hitmodel.scenario import Bridge
from hitmodel.sentences import change, counted, listed, money, part_of, pays
from hitmodel.study import Study

TITLE = "Contract comparison"
FULL_YEAR = range(350, 367)


def front_page(study: Study) -> FrontPage:
    """Return the page that says how much, why, how sure and what next.

    The external page says what each proposal pays and why; spread, remittance and advice stay inside.
    """
    payer = study.baseline.contract.title
    return FrontPage(
        title=TITLE,
        headline=_headline(study),
        subline=f"{payer} · {when(study)} · expected allowed",
        contract=f"{payer}, {_version_words(study)}",
        period=_period(study),
        strips=tuple(_strip(bridge_of(study, n), name) for n, name in enumerate(study.titles) if n),
        remarks=() if study.pooled else tuple(r for r in (_spread(study), _sure(study), _next(study)) if r.text),
        audience="both",
    )


def bridge_of(study: Study, proposal: int) -> Bridge:
    """Return the bridge to a proposal (1 is the first) as the study's edition may show it."""
    bridge = study.proposals[proposal - 1].bridge
    return bridge.pooled() if study.pooled else bridge


def when(study: Study) -> str:
    """Say of which time the claims are, as if on which day they are priced, and with which drug prices."""
    basis = study.baseline.dating.drug_prices
    prices = {SERVICE_QUARTER: "", LATEST: ", newest drug prices"}.get(basis, f", drug prices of {basis}")
    return f"{study.scope}{prices}"


def measure(study: Study) -> str:
    """Say what the amounts of a table or chart are: measure, unit and period."""
    return f"Expected allowed, dollars, {when(study)}"


def _period(study: Study) -> str:
    days = study.service_days
    if (days.first, days.last) == (date(days.first.year, 1, 1), date(days.first.year, 12, 31)):
        return f"claims of {days.first.year}"
    return f"claims {days.first} to {days.last}"


def _version_words(study: Study) -> str:
    """Say which version of the baseline's terms governs."""
    contract = study.baseline.contract
    version = contract.on(study.baseline.dating.as_of or study.service_days.last) or contract.latest
    start = version.contract.effective_from
    return f"terms from {start}" if start else "terms without a first day"


def _headline(study: Study) -> str:
    totals, spread = study.summary.totals, study.summary.spread()
    days = study.service_days.days
    span = "a year" if days in FULL_YEAR else f"over {days} days"
    first, *others = zip(study.titles[1:], totals[1:], strict=True)
    told = [pays(first[0], first[1] - totals[0], totals[0], when=span)]
    told += [pays(name, total - totals[0], totals[0]).replace(" pays", "", 1) for name, total in others]
    taken = [part_of(spread[0] - after, spread[0]) for after in spread[1:] if after < spread[0]]
    if study.pooled or spread[0] <= 0 or len(taken) < len(told):
        return f"{', '.join(told)}."
    if len(taken) == 1:
        return f"{told[0]} and takes {taken[0]} of the drug spread."
    return f"{', '.join(told)}; they take {listed(taken)} of the drug spread."


def _strip(bridge: Bridge, name: str) -> tuple[Step, ...]:
    changes = (Step(step.label, step.in_turn) for step in bridge.steps)
    return (Step("Today", bridge.start, "total"), *changes, Step(name, bridge.end, "total"))


def _spread(study: Study) -> Remark:
    """Say what each side leaves of the drug spread, and how many drugs would be paid below cost."""
    drugs, spread = study.summary.drugs(), study.summary.spread()
    if not drugs:
        return Remark("")
    after = [f"{change(s).lstrip('+')} under {name}" for s, name in zip(spread[1:], study.titles[1:], strict=True)]
    parts = [f"{change(spread[0]).lstrip('+')} today → {listed(after)}, where the acquisition cost is known."]
    below = [sum(d.is_below_cost(side) for d in drugs) for side in range(len(spread))]
    if any(below):
        told = [f"{n} under {name}" for n, name in zip(below[1:], study.titles[1:], strict=True)]
        parts.append(f"Drugs paid below cost: {below[0]} today, {listed(told)}.")
    return Remark(" ".join(parts), lead="Drug spread")


def _sure(study: Study) -> Remark:
    total, tie = study.summary.total(), study.tie
    parts = []
    if tie:
        share = format_percent(tie.exact_remitted, tie.remitted)
        parts.append(f"the model reproduces {share} of what was remitted to the cent")
    if total.unpriced_lines:
        verb = "is" if total.unpriced_lines == 1 else "are"
        lines = counted(total.unpriced_lines, "line")
        parts.append(f"{lines} ({money(total.unpriced_charge)} of charges) {verb} not priced and stand outside")
    else:
        parts.append("every line of this contract is priced")
    if study.habits:
        habits = listed([f"“{h.name}” ({money(h.cents)} {h.measure})" for h in study.habits[:2]])
        parts.append(f"the result leans on habits that the contract does not spell out, such as {habits}")
    return Remark(f"{'; '.join(parts)}.", lead="How sure")


def _next(study: Study) -> Remark:
    """Name the clause to talk about: the largest loss of each proposal, by itself."""
    told = []
    for number, scenario in enumerate(study.proposals, start=1):
        losses = sorted((s.alone, s.label) for s in scenario.bridge.steps if s.alone < 0)
        if losses:
            alone, label = losses[0]
            told.append(f"in {study.titles[number]}, “{label}” is the largest loss, {change(alone)} by itself")
    return Remark(f"{'; '.join(told)}." if told else "", lead="Next")
