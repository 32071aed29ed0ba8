"""The tables of a contract comparison that say how far to trust it.

Remittance, lines left out, habits relied on, findings on the claims, and totals that must agree are internal; how it
was worked out and what it stands on have a form for others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from hitmodel.claim_checks import EXPLANATIONS
from hitmodel.comparison_tables import share
from hitmodel.errors import HitmodelError
from hitmodel.money import format_percent
from hitmodel.sentences import change, counted, listed, money
from hitmodel.status import Status
from hitmodel.study import Study
from hitmodel.summary import DIMENSIONS, LeftOut
from hitmodel.table_views import format_amount
from hitmodel.tables import Column, Gap, Row, Table

_DUPLICATE = "a duplicate of line "


def tie_out_table(study: Study) -> Table:
    """Return how the model of today's contract agrees with what was remitted, and the causes of what does not."""
    tie, payer = study.tie, study.payer
    columns = (
        Column("cause", "Remitted"),
        Column("lines", "Lines", "count"),
        Column("part", "Of lines", "percent"),
        Column("gap", "Remitted less modelled", "dollars", "$", signed=True),
    )
    caption = f"{payer} by dates of service, whatever day the comparison is priced as of"
    if tie is None:
        none = (("no remittance on any line", Gap.NONE, Gap.NONE, Gap.NONE),)
        return Table("tie_out", "The claims hold no remittance to hold the model against.", caption, columns, none)
    exact = format_percent(tie.exact_remitted, tie.remitted)
    rows: list[Row] = [("as modelled, to the cent", tie.exact_lines, share(tie.exact_lines, tie.lines), 0)]
    rows += [(cause.label, cause.lines, share(cause.lines, tie.lines), cause.gap) for cause in tie.causes]
    told = f"The model reproduces {exact} of the dollars remitted to the cent"
    if tie.causes:
        most = tie.causes[0]
        told += f"; the largest gap is “{most.label}”, {change(most.gap)}"
    without = (f"{counted(tie.lines_without, 'priced line')} without a remittance.",) if tie.lines_without else ()
    return Table(
        name="tie_out",
        headline=f"{told}.",
        caption=caption,
        columns=columns,
        rows=tuple(rows),
        totals=(("All lines with a remittance", tie.lines, share(tie.lines, tie.lines), tie.gap),),
        notes=(
            "A cause is named only where pricing the line that way gives the remitted amount to the cent.",
            f"Remitted {money(tie.remitted)}, modelled {money(tie.modelled)}.",
            *without,
        ),
    )


def left_out_table(study: Study) -> Table:
    """Return the lines that are in no amount, by status and reason; other payers' lines are among them."""
    merged: dict[tuple[Status, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for left in study.summary.left_out():
        sides = merged[left.status, _reason(study, left)]
        lines, charge = sides.get(left.side, (0, 0))
        sides[left.side] = lines + left.lines, charge + left.charge
    rows = [row for (status, reason), sides in merged.items() for row in _left_out_rows(study, status, reason, sides)]
    total = study.summary.total()
    unpriced = counted(total.unpriced_lines, "line")
    verb = "is" if total.unpriced_lines == 1 else "are"
    return Table(
        name="left_out",
        headline=f"{unpriced} of this contract, {money(total.unpriced_charge)} of charges, {verb} in no amount."
        if total.unpriced_lines
        else "Every line of this contract is priced.",
        caption="Lines in the claims file that stand outside, and why",
        columns=(
            Column("status", "Status"),
            Column("reason", "Why"),
            Column("sides", "Under"),
            Column("lines", "Lines", "count"),
            Column("charge", "Charges", "dollars", "$"),
        ),
        rows=tuple(rows),
        notes=("Out of scope: lines of other payers and duplicates. They are in no total and in no count of lines.",),
    )


def _reason(study: Study, left: LeftOut) -> str:
    """Return a reason in words that are the same for every side, duplicates together."""
    if left.reason.startswith(_DUPLICATE):
        return "a duplicate of another line"
    names = sorted((side.contract.name for side in study.summary.sides), key=len, reverse=True)
    for name in names:
        if left.reason.endswith(f" of {name}"):
            return f"{left.reason.removesuffix(name)}this contract"
    return left.reason


def _left_out_rows(study: Study, status: Status, reason: str, sides: dict[int, tuple[int, int]]) -> Iterator[Row]:
    """Yield one row for each count of lines, with the sides that share it."""
    for counts in dict.fromkeys(sides.values()):
        under = [study.titles[side] for side, found in sides.items() if found == counts]
        named = "every side" if len(under) == len(study.titles) else listed(under)
        yield status.value.replace("_", " "), reason, named, *counts


def habits_table(study: Study) -> Table:
    """Return the defaults relied on that are the trade's habit and no published rule, with what hangs on them."""
    count = len(study.habits)
    told = f"{counted(count, 'habit')} of the trade {'stands' if count == 1 else 'stand'} in for words of the contract."
    told = told if count else "Nothing rests on a habit of the trade."
    assumed = sum(len(found) for found in study.assumptions)
    if assumed:
        told += f" {counted(assumed, 'assumption')} {'stands' if assumed == 1 else 'stand'} in for missing evidence."
    return Table(
        name="habits",
        headline=told,
        caption="Defaults relied on that are industry habit and no published rule; the dollars that hang on each",
        columns=(
            Column("habit", "Habit"),
            Column("rule", "What is done"),
            Column("lines", "Lines", "count"),
            Column("amount", "Amount", "dollars", "$"),
            Column("measure", "Of what"),
        ),
        rows=(*((h.name, h.rule, h.lines, h.cents, h.measure) for h in study.habits), *_assumed_rows(study))
        or (("none", Gap.NOT_APPLICABLE, Gap.NONE, Gap.NONE, Gap.NOT_APPLICABLE),),
        notes=("A contract that says its own rule in these places takes the matter out of habit's hands.",),
    )


def _assumed_rows(study: Study) -> Iterator[Row]:
    """Yield a row for each assumption about missing evidence: what hangs on it is high less low."""
    for name, found in zip((study.payer, *study.titles[1:]), study.assumptions, strict=True):
        for a in found:
            stated = "no amount stated" if a.stated_cents is None else f"stated {money(a.stated_cents)}"
            unbounded = f"; {counted(a.unbounded, 'line')} without bounds" if a.unbounded else ""
            measure = f"between low {money(a.low_cents)} and high {money(a.high_cents)}; {stated}{unbounded}"
            yield f"Assumed under {name}", a.text, a.lines, a.high_cents - a.low_cents, measure


def findings_table(study: Study) -> Table:
    """Return what was found on the claims of this payer and on the evidence beside them, by kind, with its meaning."""
    lines = study.comparison.claims.lines
    payers = [name for name in lines["payer"].unique() if study.baseline.contract.is_of(name)]
    ours = set(lines["row"][lines["payer"].isin(payers)])
    source = study.comparison.claims.source
    found = [f for f in study.findings if f.file != source or f.row in ours]
    kinds = Counter(f.kind for f in found)
    blocked = Counter(f.kind for f in found if f.blocks)
    first = {f.kind: f for f in reversed(found)}
    rows = tuple(
        (
            kind.replace("_", " "),
            EXPLANATIONS.get(kind, first[kind].problem),
            count,
            blocked[kind] or Gap.NONE,
            str(first[kind].row),
        )
        for kind, count in kinds.most_common()
    )
    stopped = counted(len({f.row for f in found if f.blocks}), "line")
    return Table(
        name="findings",
        headline=f"{counted(len(found), 'finding')} on the claims of this payer; {stopped} cannot be priced for one."
        if found
        else "Nothing was found on the claims of this payer.",
        caption=f"Findings by kind, {study.comparison.claims.source}",
        columns=(
            Column("kind", "Finding"),
            Column("meaning", "What it means"),
            Column("findings", "Found", "count"),
            Column("blocking", "Stops pricing", "count"),
            Column("row", "First in row", "shown"),
        ),
        rows=rows or (("none", Gap.NOT_APPLICABLE, Gap.NONE, Gap.NONE, Gap.NONE),),
    )


@dataclass(frozen=True)
class _Check:
    """Something that must agree: every part with the whole, or, where they are to be added, all parts together."""

    what: str
    parts: tuple[int, ...]
    whole: int
    added: bool = False

    @property
    def agrees(self) -> bool:
        return sum(self.parts) == self.whole if self.added else all(part == self.whole for part in self.parts)

    def row(self) -> Row:
        if self.added:
            return self.what, " + ".join(f"{part:,}" for part in self.parts), f"{self.whole:,}"
        return self.what, format_amount(self.parts[0], whole=False), format_amount(self.whole, whole=False)


def checks_table(study: Study) -> Table:
    """Return what must agree: lines in and lines out, steps and totals, parts and totals in every breakdown.

    Raises
    ------
    HitmodelError
        Something does not agree: no such report should be read.
    """
    checks = [*_lines_agree(study), *_bridges_agree(study), *_parts_agree(study)]
    wrong = [check.what for check in checks if not check.agrees]
    if wrong:
        raise HitmodelError("the totals of the comparison do not agree", where="; ".join(wrong))
    return Table(
        name="checks",
        headline=f"All {len(checks)} checks agree to the cent.",
        caption="Lines in and out, counted; parts against totals, dollars",
        columns=(Column("check", "Check"), Column("parts", "Parts", "shown"), Column("whole", "Whole", "shown")),
        rows=tuple(check.row() for check in checks),
    )


def _lines_agree(study: Study) -> Iterator[_Check]:
    total, outside = study.summary.total(), int((~study.summary.in_scope).sum())
    in_file = len(study.comparison.claims.lines)
    compared = (total.lines, total.unpriced_lines, outside)
    yield _Check("lines compared + not priced + out of scope = in the file", compared, in_file, added=True)
    for name, side in zip(study.titles, study.summary.sides, strict=True):
        found = tuple(int(side.has(status).sum()) for status in Status)
        with_amount = sum(n for n, status in zip(found, Status, strict=True) if status.has_amount)
        parts = (with_amount, sum(found) - with_amount)
        yield _Check(f"lines with an amount + without = in the file, {name}", parts, in_file, added=True)


def _bridges_agree(study: Study) -> Iterator[_Check]:
    for n, scenario in enumerate(study.proposals):
        bridge = scenario.bridge
        name, whole = study.titles[n + 1], study.summary.totals[n + 1]
        in_turn = bridge.start + sum(s.in_turn for s in bridge.steps)
        alone = bridge.start + sum(s.alone for s in bridge.steps) + bridge.interaction
        yield _Check(f"today + clauses in turn, today + clauses alone + together = {name}", (in_turn, alone), whole)


def _parts_agree(study: Study) -> Iterator[_Check]:
    breakdowns = [study.summary.by(dimension, pooled=False) for dimension in DIMENSIONS]
    for side, name in enumerate(study.titles):
        parts = tuple(sum(group.amounts[side] for group in groups) for groups in breakdowns)
        yield _Check(
            f"therapies, codes, services, months, clauses each add up, {name}", parts, study.summary.totals[side]
        )
