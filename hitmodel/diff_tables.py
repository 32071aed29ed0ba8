"""Two contracts held against each other, as sentences, as a table and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from hitmodel.clause_dollars import clause_dollars
from hitmodel.code_exhibit import ExhibitRow
from hitmodel.code_prices import Price
from hitmodel.contract_diff import ContractDiff, Difference, diff_contracts
from hitmodel.document import Document
from hitmodel.editions import Edition, table_for
from hitmodel.field_words import NOT_SAID
from hitmodel.frontpage import FrontPage, Step
from hitmodel.rate_dollars import RateDollars, rate_dollars
from hitmodel.scenario import BridgeStep
from hitmodel.sentences import (
    as_it_ended,
    change,
    counted,
    listed,
    money,
    no_longer_paid,
    pays,
    shortened,
    without_amount,
)
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
    ends = no_longer_paid(diff.stopped)
    beside = "than" if moved else "as"
    told = f"{pays(diff.titles[1], moved, diff.bridge.start)} {beside} {diff.titles[0]}{f', {ends}' if ends else ''}"
    told += ", and no rate differs" if not (moved or lost or diff.rates) and diff.speaks_of_schedules else ""
    return f"{told}{f', and {lost}' if lost else ''}: {_kinds(diff)}"


def _kinds(diff: ContractDiff) -> str:
    kinds = {kind: sum(d.kind == kind for d in diff.differences) for kind in ("changed", "added", "removed")}
    told = [f"{number} {kind}" for kind, number in kinds.items() if number]
    return f"{counted(len(diff.differences), 'clause')}, {listed(told)}." if told else "No clause differs."


def diff_table(diff: ContractDiff, audience: Audience = "both") -> Table:
    """Return every difference with what either contract says, and its dollars where claims were priced.

    Dollars of several records that are one step of the bridge stand below them, for all together, and beside each the
    part on the lines that it governs; `codes_table` has them rate by rate. Facts that no price hangs on have none.
    """
    columns = [
        Column("clause", "Clause"),
        Column("before", diff.titles[0]),
        Column("after", diff.titles[1]),
        Column("where", "Where"),
    ]
    several = any(together > 1 for _, _, together in _with_steps(diff))
    columns += [_dollars("of_it", "Of it")] if several else []
    columns += [_dollars("in_turn", "In turn"), _dollars("alone", "Alone")] if diff.bridge is not None else []
    return Table(
        name="differences",
        headline=_kinds(diff),
        caption="Every clause that differs, in the order of the second contract; a dash where nothing is said",
        columns=tuple(columns),
        rows=tuple(_rows(diff, several)),
        notes=_dollar_notes(several) if diff.bridge is not None else (),
        audience=audience,
    )


def _dollars(key: str, head: str) -> Column:
    return Column(key, head, "dollars", "$", signed=True, audience="internal")


def _dollar_notes(several: bool) -> tuple[str, ...]:
    in_turn = "In turn: repriced in full after the clauses above. Alone: the clause by itself."
    of_it = "Of it: of clauses that can only change together, what each moves on the lines that it pays."
    return (in_turn, of_it) if several else (in_turn,)


def stopped_table(diff: ContractDiff) -> Table:
    """Return the codes that are paid today and that the second contract pays nothing by themselves, most first."""
    priced_as = {row.code: row for row in reversed(diff.rates)}
    rows = []
    for stop in diff.stopped:
        row = priced_as.get(stop.code)
        before = rate_words(row.other) if row is not None and row.other is not None else Gap.NONE
        rows.append((stop.code, before, stop.how, stop.lines, stop.cents))
    known = sum(stop.cents for stop in diff.stopped if stop.is_known)
    beyond = sum(stop.cents for stop in diff.stopped) - known
    notes = (
        *([f"Included or not covered: {money(known)}, which is within the difference."] if known else []),
        *([f"By report or without an amount: {money(beyond)}, which is in no difference."] if beyond else []),
    )
    return Table(
        name="no_longer_paid",
        headline=f"{counted(len({s.code for s in diff.stopped}), 'code')} paid today would not be paid as such.",
        caption=f"What {diff.titles[0]} pays on lines that {diff.titles[1]} leaves without an amount of their own",
        columns=(
            Column("code", "Code", "code"),
            Column("before", diff.titles[0]),
            Column("after", diff.titles[1]),
            Column("lines", "Lines", "count"),
            Column("cents", "Paid today", "dollars", "$"),
        ),
        rows=tuple(rows),
        notes=notes,
        audience="internal",
    )


def stopped_sentences(diff: ContractDiff) -> list[str]:
    """Return each code that is no longer paid by itself as a sentence with what is paid on it today."""
    return [
        f"{stop.code}: {stop.how}; {money(stop.cents)} is paid today on {counted(stop.lines, 'line')}."
        for stop in diff.stopped
    ]


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
    """Return the codes whose rate differs, with either rate, and what each brings on the claims where they were priced.

    Those dollars are shares of the steps on the bridge, and come to them with the last row.
    """
    priced = diff.bridge is not None
    columns = [
        Column("code", "Code", "code"),
        Column("therapy", "Therapy"),
        Column("unit", "For each"),
        Column("before", diff.titles[0], "shown"),
        Column("after", diff.titles[1], "shown"),
        Column("change", "Change", "rate", signed=True),
    ]
    columns += [Column("in_turn", "In turn", "dollars", "$", signed=True, audience="internal")] if priced else []
    dollars = rate_dollars(diff) if priced else None
    return Table(
        name="changed_rates",
        headline=f"{counted(len(diff.rates), 'rate')} differ{'s' if len(diff.rates) == 1 else ''}.",
        caption="Dollars by code, as the rate exhibit has them; a dash where a clause says nothing of the code",
        columns=tuple(columns),
        rows=tuple(_code_row(row, dollars) for row in diff.rates),
        totals=_code_totals(dollars, len(columns)) if dollars else (),
        notes=(RATES_NOTE,) if priced else (),
        audience="both",
    )


RATES_NOTE = "In turn: what the rate adds in the turn of its clause, on the lines that both sides price."


def _code_row(row: ExhibitRow, dollars: RateDollars | None) -> Row:
    before = row.other_words or Gap.NONE
    cells: list[Cell] = [row.name, row.therapy, row.unit or Gap.NOT_APPLICABLE, before, row.price.words]
    cells.append(Gap.NONE if row.difference is None else row.difference)
    return (*cells, dollars.rows.get((row.code, row.mark), Gap.NONE)) if dollars else tuple(cells)


def _code_totals(dollars: RateDollars, columns: int) -> tuple[Row, ...]:
    """Return the sum of the rates, with what their clauses move on other codes above it where they do."""
    blank = (Gap.NOT_APPLICABLE,) * (columns - 2)
    others: tuple[Row, ...] = (("Other codes", *blank, dollars.others),) if dollars.others else ()
    return (*others, ("All", *blank, dollars.total))


def descriptors_table(diff: ContractDiff) -> Table:
    """Return the official descriptor of each code whose rate differs, once."""
    return Table(
        name="descriptors",
        headline="What the codes are.",
        caption="Descriptors of HCPCS Level II are CMS's, word for word; nursing visit codes have a label of our own",
        columns=(Column("code", "Code", "code"), Column("description", "Description")),
        rows=tuple({row.code: (row.code, row.descriptor) for row in diff.rates}.values()),
        audience="both",
    )


def code_sentences(diff: ContractDiff) -> list[str]:
    """Return each changed rate as a sentence; where claims were priced, last what the same clauses move besides."""
    dollars = rate_dollars(diff) if diff.bridge else None
    found = []
    for row in diff.rates:
        cents = dollars.rows.get((row.code, row.mark)) if dollars else None
        worth = f" [{change(cents)}]" if cents else ""
        found.append(f"{row.name}: {rate_words(row.price)} instead of {rate_words(row.other)}.{worth}")
    if dollars and dollars.others:
        found.append(f"{OTHER_CODES}: {change(dollars.others)}; together with the rates above {change(dollars.total)}.")
    return found


OTHER_CODES = "Other codes of these clauses, such as drugs"


def rate_words(price: Price | None) -> str:
    """Say what a code is paid: 95.00 for each day, 45 % of charge, by report."""
    if price is None:
        return "no rate"
    if price.rate is None:
        return f"{price.words} {price.unit}".strip()
    return f"{price.words} for each {price.unit}"


def _rows(diff: ContractDiff, several: bool) -> list[Row]:
    rows: list[Row] = []
    blank = Gap.NOT_APPLICABLE
    for difference, step, together in _with_steps(diff):
        row: list[Cell] = [_subject(difference), *sides(difference), _where(difference)]
        if several:
            row.append(_of_it(diff, difference, step) or blank if step and together > 1 else blank)
        if diff.bridge is not None:
            own = step is not None and together == 1
            row += [step.in_turn, step.alone] if own and step else [blank, blank]
        rows.append(tuple(row))
        if step is not None and together > 1 and difference is _last_of(diff, step):
            rest = _of_it(diff, None, step)
            if rest:
                rows.append(("Other lines that these clauses move", blank, blank, blank, rest, blank, blank))
            label = f"The {together} above together: {step.label}"
            rows.append((label, blank, blank, blank, blank, step.in_turn, step.alone))
    return rows


def _of_it(diff: ContractDiff, difference: Difference | None, step: BridgeStep) -> int:
    """Return what a difference moves of a step that it shares with others; None asks for the lines of none of them."""
    return sum(part.cents for part in clause_dollars(diff, step) if part.difference is difference)


def _with_steps(diff: ContractDiff) -> Iterator[tuple[Difference, BridgeStep | None, int]]:
    """Yield each difference with the step of the bridge that it belongs to, and how many belong to that."""
    found = [(difference, diff.step_of(difference)) for difference in diff.differences]
    number = Counter(step.label for _, step in found if step)
    yield from ((difference, step, number[step.label] if step else 0) for difference, step in found)


def _last_of(diff: ContractDiff, step: BridgeStep) -> Difference:
    """Return the last difference of a step, behind which the dollars of them all stand."""
    return [d for d in diff.differences if diff.step_of(d) is step][-1]


def _subject(difference: Difference) -> str:
    mark = {"added": "new: ", "removed": "removed: ", "changed": ""}[difference.kind]
    return f"{mark}{difference.subject.replace('“', '').replace('”', '')}"


def sides(difference: Difference) -> tuple[Cell, Cell]:
    """Return what either contract says of a record, a dash where it says nothing."""
    found: list[Cell] = []
    for side in ("before", "after"):
        told = [
            f"{f.field}: {said}".removeprefix(": ") for f in difference.fields if (said := getattr(f, side)) != NOT_SAID
        ]
        found.append("; ".join(told) or Gap.NONE)
    return found[0], found[1]


def _where(difference: Difference) -> Cell:
    cites = dict.fromkeys(c for c in (difference.cite_before, difference.cite_after) if c)
    return " → ".join(cites) or Gap.NONE


def sentences(diff: ContractDiff) -> list[str]:
    """Return each difference as a sentence, with its dollars where claims were priced.

    Of several differences that are one step each has what it moves on its own lines, and the last what all come to.
    """
    found = []
    for difference, step, together in _with_steps(diff):
        worth = f" [{change(step.in_turn)}]" if step and together == 1 else ""
        if step and together > 1:
            own = _of_it(diff, difference, step)
            worth = f" [{change(own)} of the total below]" if own else ""
            if difference is _last_of(diff, step):
                worth += f" [{change(step.in_turn)} for the {together} clauses of “{step.label}” together]"
        found.append(f"{difference.sentence}{worth}")
    return found


def ended_words(diff: ContractDiff) -> str:
    """Say as of when the first contract was priced, where it ended before the second begins."""
    told = as_it_ended(diff.titles[0], diff.ended)
    return f" · {told}" if told else ""


def diff_document(diff: ContractDiff, edition: Edition = "internal") -> Document:
    """Return two contracts held against each other as a document."""
    front = FrontPage(
        title=TITLE,
        headline=headline(diff),
        subline=f"{diff.titles[0]} against {diff.titles[1]}{ended_words(diff)}",
        contract=f"{diff.titles[0]}, {diff.titles[1]}",
        period="",
        strips=strips(diff),
    )
    first = (stopped_table(diff),) if diff.stopped else ()
    by_code = (codes_table(diff), descriptors_table(diff)) if diff.rates else ()
    blocks = tuple(table for made in (*first, diff_table(diff), *by_code) if (table := table_for(edition, made)))
    return Document(TITLE, edition, blocks, front)


MOST_STEPS, LONGEST_STEP = 5, 52
"""Steps of a strip, and characters of a step's name; the other steps are one."""


def strips(diff: ContractDiff) -> tuple[tuple[Step, ...], ...]:
    """Return the way from one total to the other, its largest steps by name; none where no claims were priced."""
    if diff.bridge is None:
        return ()
    moved = [part for step in diff.bridge.steps for part in _parts(diff, step) if part[1]]
    large = sorted(moved, key=lambda part: -abs(part[1]))[: MOST_STEPS if len(moved) > MOST_STEPS + 1 else None]
    changes = [Step(shortened(label, LONGEST_STEP), cents) for label, cents in moved if (label, cents) in large]
    if len(large) < len(moved):
        rest = sum(cents for _, cents in moved) - sum(cents for _, cents in large)
        changes.append(Step(f"{len(moved) - len(large)} other clauses", rest))
    ends = Step(diff.titles[0], diff.bridge.start, "total"), Step(diff.titles[1], diff.bridge.end, "total")
    return ((ends[0], *changes, ends[1]),)


def _parts(diff: ContractDiff, step: BridgeStep) -> list[tuple[str, int]]:
    """Return a step by its clauses' names, where clauses of several names are one step."""
    found: dict[str, int] = {}
    for part in clause_dollars(diff, step):
        label = part.difference.clause if part.difference else "other lines"
        found[label] = found.get(label, 0) + part.cents
    return list(found.items()) if len(found) > 1 else [(step.label, step.in_turn)]
