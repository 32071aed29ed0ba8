"""The first page of a contract comparison, its sentences made from the numbers."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction

from hitmodel.comparison_tables import assumed_range, audience, bridge_of
from hitmodel.frontpage import FrontPage, Remark, Step
from hitmodel.labels import inside, therapy_label
from hitmodel.money import format_percent
from hitmodel.negotiate import drug_multiplier_that_pays, per_diem_that_pays
from hitmodel.sentences import (
    as_it_ended,
    change,
    counted,
    listed,
    money,
    no_longer_paid,
    part_of,
    pays,
    without_amount,
)
from hitmodel.study import Study
from hitmodel.summary import DrugGroup
from hitmodel.volume_tables import has_volumes, volume_words

TITLE = "Contract comparison"
FULL_YEAR = range(350, 367)
NAMED_PROPOSALS = 3
MOST_OF_IT = Fraction(3, 4)
"""Therapies are named, the largest first, until they hold this part of a drug cut."""


def front_page(study: Study) -> FrontPage:
    """Return the page that says how much, why, how sure and what next.

    The page of a pooled study says what each proposal pays and why; spread, remittance and advice stay inside.
    """
    outward = (_unpriced(study),)
    ended = as_it_ended("today", study.comparison.ended)
    inward = (_spread(study), Remark(volume_words(study.comparison), "Volume"), _sure(study), _next(study))
    return FrontPage(
        title=TITLE,
        headline=_headline(study),
        subline=" · ".join(filter(None, (study.payer, study.comparison.scope, ended, "expected allowed, dollars"))),
        contract=f"{study.payer}, {_version_words(study)}",
        period=_period(study),
        strips=tuple(_strip(study, n) for n in range(len(study.proposals))),
        remarks=tuple(remark for remark in (outward if study.pooled else inward) if remark.text),
        audience=audience(study.pooled),
    )


def _period(study: Study) -> str:
    days = study.comparison.service_days
    if (days.first, days.last) == (date(days.first.year, 1, 1), date(days.first.year, 12, 31)):
        return f"claims of {days.first.year}"
    return f"claims {days.first} to {days.last}"


def _version_words(study: Study) -> str:
    """Say which version of the baseline's terms governs."""
    contract = study.baseline.contract
    version = contract.on(study.baseline.dating.as_of or study.comparison.service_days.last) or contract.latest
    return f"terms from {version.contract.effective_from}"


def _headline(study: Study) -> str:
    """Say what each named proposal pays and takes."""
    named = _named(study)
    told = [_side_words(study, side, first=n == 0) for n, side in enumerate(named)]
    if not study.pooled and has_volumes(study.comparison):
        told[0] = f"At today's volume, {told[0]}"
    if len(named) == len(study.proposals):
        return f"{'; '.join(told)}."
    return f"Of {len(study.proposals)} proposals, the most: {told[0]}; the least: {told[1]}."


def _named(study: Study) -> list[int]:
    """Return the proposals that sentences name: all of a few, else those that pay most and least."""
    sides = list(range(1, len(study.titles)))
    if len(sides) <= NAMED_PROPOSALS:
        return sides
    ranked = sorted(sides, key=lambda side: -study.summary.totals[side])
    return [ranked[0], ranked[-1]]


def _side_words(study: Study, side: int, *, first: bool = False) -> str:
    totals, days = study.summary.totals, study.comparison.service_days.days
    span = "" if not first else "a year" if days in FULL_YEAR else f"over {days} days"
    told = pays(study.titles[side], totals[side] - totals[0], totals[0], when=span)
    ends = "" if study.pooled else no_longer_paid(study.proposals[side - 1].stopped)
    told += f" ({ends})" if ends else ""
    lost = "" if study.pooled else without_amount(study.proposals[side - 1].lost)
    told += f" ({lost})" if lost else ""
    spread = study.summary.spread()
    if study.pooled or spread[0] <= 0 or spread[side] == spread[0]:
        return told
    taken = part_of(abs(spread[0] - spread[side]), spread[0])
    return (
        f"{told} and takes {taken} of the drug spread" if spread[side] < spread[0] else f"{told}, drug spread +{taken}"
    )


def _strip(study: Study, n: int) -> tuple[Step, ...]:
    bridge = bridge_of(study, n)
    changes = (Step(step.label, step.in_turn) for step in bridge.steps)
    return (Step("Today", bridge.start, "total"), *changes, Step(study.titles[n + 1], bridge.end, "total"))


def _spread(study: Study) -> Remark:
    """Say what each side leaves of the drug spread, who carries the cut, and what is paid below cost."""
    drugs, spread = study.summary.drugs(), study.summary.spread()
    if all(s is None for d in drugs for s in d.spreads):
        return Remark("No line has an acquisition cost, so the drug spread is unknown." if drugs else "", "Drug spread")
    after = [f"{_bare(s)} under {name}" for s, name in zip(spread[1:], study.titles[1:], strict=True)]
    told = (f"{_bare(spread[0])} today, {listed(after)}", _carriers(study, drugs), _below(study, drugs))
    return Remark(f"{'. '.join(part for part in told if part)}.", lead="Drug spread")


def _bare(cents: int) -> str:
    return change(cents).lstrip("+")


def _carriers(study: Study, drugs: tuple[DrugGroup, ...]) -> str:
    """Name the therapies that carry most of the largest drug cut; "" when no proposal cuts drugs."""
    side = min(range(1, len(study.titles)), key=lambda n: sum(d.amounts[n] for d in drugs))
    cuts: Counter[str] = Counter()
    for drug in drugs:
        entry = study.summary.codes.entry(drug.code)
        cuts[entry.therapy_class if entry else ""] += max(0, drug.amounts[0] - drug.amounts[side])
    whole, reached, named = sum(cuts.values()), 0, []
    for therapy, cut in cuts.most_common():
        if reached >= whole * MOST_OF_IT:
            break
        reached += cut
        named.append(f"{inside(therapy_label(therapy))} ({part_of(cut, whole)})")
    whose = f"the largest drug cut, {study.titles[side]}'s," if len(study.titles) > 2 else "the drug cut"
    return f"Most of {whose} falls on {listed(named)}" if whole else ""


def _below(study: Study, drugs: tuple[DrugGroup, ...]) -> str:
    """Say which drugs would be paid below cost, and which of them already are."""
    already = [d.label for d in drugs if d.is_below_cost(0)]
    new = {
        name: [d.label for d in drugs if d.is_below_cost(side) and not d.is_below_cost(0)]
        for side, name in enumerate(study.titles)
    }
    told = []
    if already:
        told.append(f"{_drugs(already)} already paid below cost today")
    told += [f"{_drugs(labels)} newly paid below cost under {name}" for name, labels in new.items() if labels]
    return "; ".join(told) if told else "No drug is paid below cost"


def _drugs(labels: list[str]) -> str:
    """Name one or two drugs, or count them."""
    names = [label.rsplit(", ", 1)[0] for label in labels]
    if len(names) <= 2:
        return f"{listed(names)} {'is' if len(names) == 1 else 'are'}"
    return f"{counted(len(names), 'drug')} are"


def _unpriced(study: Study) -> Remark:
    """Say what stands outside every amount; outside the house without a number where it is of few patients."""
    total = study.summary.total()
    if not total.unpriced_lines:
        return Remark("every line of this contract is priced on every side.", "What is counted", "both")
    if study.summary.withholds_unpriced:
        return Remark("some lines are not priced and stand outside.", "What is counted", "both")
    charges = f" ({money(total.unpriced_charge)} of charges)"
    is_are, stands = ("is", "stands") if total.unpriced_lines == 1 else ("are", "stand")
    lines = counted(total.unpriced_lines, "line")
    return Remark(f"{lines}{charges} {is_are} not priced and {stands} outside.", "What is counted", "both")


def _sure(study: Study) -> Remark:
    parts = [_tied(study), _unpriced(study).text.rstrip(".")]
    if study.habits:
        most = max(study.habits, key=lambda habit: abs(habit.cents))
        rest = (
            f"{counted(len(study.habits), 'habit')} of the trade {'stands' if len(study.habits) == 1 else 'stand'} in"
        )
        parts.append(
            f"{rest} for words of the contract, the largest “{most.name}” ({money(most.cents)} {most.measure})"
        )
    ranges = [(name, assumed_range(study, side)) for side, name in enumerate(study.titles)]
    parts += [f"missing evidence could move {n} by {change(r[0])} to {change(r[1])}" for n, r in ranges if r]
    return Remark(f"{'; '.join(parts)}.", lead="How sure")


def _tied(study: Study) -> str:
    """Say how far the model agrees with what was remitted, and what explains most of the rest."""
    tie = study.tie
    if tie is None:
        return "nothing was remitted on these claims to hold the model against"
    exact = format_percent(tie.exact_remitted, tie.remitted)
    lines = f"{tie.exact_lines:,} of {tie.lines:,} lines"
    told = f"the model reproduces {exact} of the dollars remitted, {lines}, to the cent"
    if tie.causes:
        told += f" (most of the rest: {tie.causes[0].label}, {change(tie.causes[0].gap)})"
    return told


def _next(study: Study) -> Remark:
    """Say what would make each proposal pay as much as today's contract, found by repricing."""
    totals = study.summary.totals
    told = [_balance(study, side - 1) for side in _named(study) if totals[side] < totals[0]]
    return Remark(" ".join(told) or "no proposal pays less than today.", lead="Next")


def _balance(study: Study, n: int) -> str:
    name = study.titles[n + 1]
    increase = per_diem_that_pays(study.comparison, n)
    multiple = drug_multiplier_that_pays(study.comparison, n)
    ways = []
    if increase is not None:
        ways.append(f"per diems {format_percent(increase, 1)} above its own")
    if multiple is not None:
        ways.append(f"drugs at {format_percent(multiple, 1)} of the Medicare limit")
    if ways:
        return f"{name} would pay as much as today with {', or with '.join(ways)}."
    return f"no rise of per diems up to 100 % makes {name} pay as much as today."
