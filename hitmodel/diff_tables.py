"""Two contracts held against each other, as sentences, as a table and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from hitmodel.code_exhibit import ExhibitRow, Price
from hitmodel.contract_diff import ContractDiff, Difference, diff_contracts
from hitmodel.document import Document
from hitmodel.editions import Edition
from hitmodel.field_words import NOT_SAID
from hitmodel.frontpage import FrontPage, Step
from hitmodel.scenario import BridgeStep
from hitmodel.sentences import change, counted, listed, pays, without_amount
from hitmodel.study import Study
from hitmodel.tables import Audience, Cell, Column, Gap, Row, Table

TITLE = "Contract differences"


def headline(diff: ContractDiff) -> str:
    """Say how many records differ, and what the second contract pays against the first."""
    if not diff.differences:
        return f"{diff.titles[0]} and {diff.titles[1]} say the same."
    if diff.bridge is None:
        return f"{diff.titles[1]} against {diff.titles[0]}: {_kinds(diff)}"
    moved = diff.bridge.end - diff.bridge.start
    lost = without_amount(diff.lost)
    told = f"{pays(diff.titles[1], moved, diff.bridge.start)} than {diff.titles[0]}{f', and {lost}' if lost else ''}"
    return f"{told}: {_kinds(diff)}"


def _kinds(diff: ContractDiff) -> str:
    kinds = {kind: sum(d.kind == kind for d in diff.differences) for kind in ("changed", "added", "removed")}
    told = [f"{number} {kind}" for kind, number in kinds.items() if number]
    return f"{counted(len(diff.differences), 'clause')}, {listed(told)}." if told else "No clause differs."


def diff_table(diff: ContractDiff, audience: Audience = "both") -> Table:
    """Return every difference with what either contract says, and its dollars where claims were priced.

    Dollars of several records that are one clause stand below them, for all together. Facts that no price hangs on
    have none.
    """
    priced = diff.bridge is not None
    columns = [
        Column("clause", "Clause"),
        Column("before", diff.titles[0]),
        Column("after", diff.titles[1]),
        Column("where", "Where"),
    ]
    if priced:
        columns += [
            Column("in_turn", "In turn", "dollars", "$", signed=True, audience="internal"),
            Column("alone", "Alone", "dollars", "$", signed=True, audience="internal"),
        ]
    return Table(
        name="differences",
        headline=_kinds(diff),
        caption="Every clause that differs, in the order of the second contract; a dash where nothing is said",
        columns=tuple(columns),
        rows=tuple(_rows(diff)),
        notes=("In turn: repriced in full after the clauses above. Alone: the clause by itself.",) if priced else (),
        audience=audience,
    )


def proposal_diffs(compared: Study) -> list[Table]:
    """Return for each proposal of a comparison what it says differently from the contract in force."""
    base, tables = compared.baseline, []
    day = base.dating.as_of or base.compiled.periods[-1].span.last
    for number, (scenario, title) in enumerate(zip(compared.proposals, compared.titles[1:], strict=True), start=1):
        made = diff_contracts(base.contract, scenario.contract, day)
        table = diff_table(
            replace(made, bridge=scenario.bridge, lost=scenario.lost, titles=(compared.titles[0], title))
        )
        tables.append(replace(table, name=f"differences_{number}", headline=f"{title}: {table.headline}"))
    return tables


def codes_table(diff: ContractDiff) -> Table:
    """Return the codes whose rate differs, with either rate."""
    return Table(
        name="changed_rates",
        headline=f"{counted(len(diff.rates), 'code')} with another rate.",
        caption="Dollars, as the rate exhibit has them; a dash where a clause says nothing of the code",
        columns=(
            Column("code", "Code", "code"),
            Column("description", "Description"),
            Column("unit", "For each"),
            Column("before", diff.titles[0], "shown"),
            Column("after", diff.titles[1], "shown"),
            Column("change", "Change", "rate", signed=True),
        ),
        rows=tuple(map(_code_row, diff.rates)),
        audience="both",
    )


def _code_row(row: ExhibitRow) -> Row:
    before = row.other.words if row.other else Gap.NONE
    return (
        row.name,
        row.descriptor,
        row.price.unit or Gap.NOT_APPLICABLE,
        before,
        row.price.words,
        (Gap.NONE if row.difference is None else row.difference),
    )


def code_sentences(diff: ContractDiff) -> list[str]:
    """Return each changed rate as a sentence."""
    return [f"{row.name}: {rate_words(row.price)} instead of {rate_words(row.other)}." for row in diff.rates]


def rate_words(price: Price | None) -> str:
    """Say what a code is paid: 95.00 for each day, 45 % of charge, by report."""
    if price is None:
        return "no rate"
    if price.rate is None:
        return f"{price.words} {price.unit}".strip()
    return f"{price.words} for each {price.unit}"


def _rows(diff: ContractDiff) -> list[Row]:
    rows: list[Row] = []
    for difference, step, together in _with_steps(diff):
        row: list[Cell] = [_subject(difference), *sides(difference), _where(difference)]
        if diff.bridge is not None:
            own = step is not None and together == 1
            row += [step.in_turn, step.alone] if own and step else [Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE]
        rows.append(tuple(row))
        if step is not None and together > 1 and difference is _last_of(diff, step):
            rows.append((f"{together} above: {step.label}", Gap.NONE, Gap.NONE, Gap.NONE, step.in_turn, step.alone))
    return rows


def _with_steps(diff: ContractDiff) -> Iterator[tuple[Difference, BridgeStep | None, int]]:
    """Yield each difference with the step of the bridge that it belongs to, and how many belong to that."""
    steps = diff.bridge.steps if diff.bridge else ()
    found = [(difference, step_of(steps, difference)) for difference in diff.differences]
    number = Counter(step.label for _, step in found if step)
    yield from ((difference, step, number[step.label] if step else 0) for difference, step in found)


def _last_of(diff: ContractDiff, step: BridgeStep) -> Difference:
    """Return the last difference of a step, behind which the dollars of them all stand."""
    assert diff.bridge is not None
    return [d for d in diff.differences if step_of(diff.bridge.steps, d) is step][-1]


def _subject(difference: Difference) -> str:
    mark = {"added": "new: ", "removed": "removed: ", "changed": ""}[difference.kind]
    return f"{mark}{difference.subject.strip('“”') if difference.subject.startswith('“') else difference.subject}"


def sides(difference: Difference) -> tuple[Cell, Cell]:
    """Return what either contract says of a record, a dash where it says nothing."""
    found: list[Cell] = []
    for side in ("before", "after"):
        told = [f"{f.field}: {said}" for f in difference.fields if (said := getattr(f, side)) != NOT_SAID]
        found.append("; ".join(told) or Gap.NONE)
    return found[0], found[1]


def _where(difference: Difference) -> Cell:
    cites = dict.fromkeys(c for c in (difference.cite_before, difference.cite_after) if c)
    return " → ".join(cites) or Gap.NONE


def step_of(steps: tuple[BridgeStep, ...], difference: Difference) -> BridgeStep | None:
    """Return the step of a bridge that a difference belongs to; two clauses may be one step under both names."""
    if not difference.clause:
        return None
    exact = next((s for s in steps if s.label == difference.clause), None)
    return exact or next((s for s in steps if difference.clause in s.label.split(" and ")), None)


def sentences(diff: ContractDiff) -> list[str]:
    """Return each difference as a sentence, with its dollars where claims were priced.

    Dollars of several differences that are one clause stand behind the last of them, for all together.
    """
    found = []
    for difference, step, together in _with_steps(diff):
        worth = f" [{change(step.in_turn)}]" if step and together == 1 else ""
        if step and together > 1 and difference is _last_of(diff, step):
            worth = f" [{change(step.in_turn)} for the {together} of “{step.label}”]"
        found.append(f"{difference.sentence}{worth}")
    return found


def diff_document(diff: ContractDiff, edition: Edition = "internal") -> Document:
    """Return two contracts held against each other as a document."""
    front = FrontPage(
        title=TITLE,
        headline=headline(diff),
        subline=f"{diff.titles[0]} against {diff.titles[1]}",
        contract=f"{diff.titles[0]}, {diff.titles[1]}",
        period="",
        strips=_strips(diff),
    )
    blocks = (diff_table(diff), codes_table(diff)) if diff.rates else (diff_table(diff),)
    return Document(TITLE, edition, blocks, front)


def _strips(diff: ContractDiff) -> tuple[tuple[Step, ...], ...]:
    if diff.bridge is None:
        return ()
    changes = (Step(step.label, step.in_turn) for step in diff.bridge.steps)
    ends = Step(diff.titles[0], diff.bridge.start, "total"), Step(diff.titles[1], diff.bridge.end, "total")
    return ((ends[0], *changes, ends[1]),)
