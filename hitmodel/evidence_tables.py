"""The tables of a contract comparison that say how far to trust it. All are internal.

Lines left out, remittance, habits relied on, findings on the claims, inputs with checksums, and totals that must agree.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from hitmodel import paths
from hitmodel.comparison_page import when
from hitmodel.dates import Quarter
from hitmodel.errors import HitmodelError
from hitmodel.money import format_percent
from hitmodel.sentences import change, counted, money
from hitmodel.status import Status
from hitmodel.study import Study
from hitmodel.table_views import format_amount
from hitmodel.tables import Column, Gap, Row, Table

CHECKSUM_SHOWN = 16


def remittance_table(study: Study) -> Table | None:
    """Return how the model of today's contract agrees with what was remitted; None when nothing was."""
    tie = study.tie
    if tie is None:
        return None
    exact = format_percent(tie.exact_remitted, tie.remitted)
    rows: list[Row] = [("agree to the cent", tie.exact_lines, 0)]
    rows += [(cause.label, cause.lines, cause.gap) for cause in tie.causes]
    return Table(
        name="remittance",
        headline=f"The model reproduces {exact} of what was remitted to the cent; the rest differs by"
        f" {change(tie.gap)} in all.",
        caption=f"{study.baseline.contract.title} by dates of service; remitted less modelled, dollars",
        columns=(
            Column("cause", "Cause"),
            Column("lines", "Lines", "count"),
            Column("gap", "Remitted less modelled", "dollars", "$", signed=True),
        ),
        rows=tuple(rows),
        totals=(("All lines with a remittance", tie.lines, tie.gap),),
        notes=("A cause is named only where pricing the line that way gives the remitted amount to the cent.",),
    )


def left_out_table(study: Study) -> Table:
    """Return the lines of this contract without an amount, and why.

    A line is listed under the baseline; under a proposal only where the reason is another.
    """
    seen: set[tuple[Status, str, int]] = set()
    rows: list[Row] = []
    for left in study.summary.left_out():
        key = (left.status, left.reason, left.lines)
        if left.status is not Status.OUT_OF_SCOPE and key not in seen:
            seen.add(key)
            rows.append((left.side, left.status.value.replace("_", " "), left.reason, left.lines, left.charge))
    total, outside = study.summary.total(), int((~study.summary.in_scope).sum())
    lines = counted(total.unpriced_lines, "line")
    stands = "stands" if total.unpriced_lines == 1 else "stand"
    return Table(
        name="left_out",
        headline=f"{lines} with {money(total.unpriced_charge)} of charges {stands} outside every total."
        if total.unpriced_lines
        else "Every line of this contract is priced.",
        caption=f"Lines without an amount on at least one side, {when(study)}",
        columns=(
            Column("side", "Contract"),
            Column("status", "Status"),
            Column("reason", "Why"),
            Column("lines", "Lines", "count"),
            Column("charge", "Charges", "dollars", "$"),
        ),
        rows=tuple(rows),
        notes=(f"{counted(outside, 'line')} of other contracts, and duplicates, are in no total.",),
    )


def habits_table(study: Study) -> Table:
    """Return the defaults relied on that are the trade's habit and no published rule, with what hangs on them."""
    return Table(
        name="habits",
        headline=f"{counted(len(study.habits), 'habit')} of the trade {'stands' if len(study.habits) == 1 else 'stand'}"
        " in for what the contract does not say.",
        caption=f"Defaults relied on, {when(study)}; dollars that hang on each, in its own measure",
        columns=(
            Column("habit", "Habit"),
            Column("rule", "What is done"),
            Column("lines", "Lines", "count"),
            Column("amount", "Amount", "dollars", "$"),
            Column("measure", "Of what"),
        ),
        rows=tuple((h.name, h.rule, h.lines, h.cents, h.measure) for h in study.habits),
    )


def findings_table(study: Study) -> Table:
    """Return what was found on the claims, counted by kind."""
    kinds = Counter((finding.kind, finding.field) for finding in study.findings)
    blocked = Counter((finding.kind, finding.field) for finding in study.findings if finding.blocks)
    first = {(f.kind, f.field): str(f.row) for f in reversed(study.findings)}
    rows = [
        (kind.replace("_", " "), field, count, blocked[kind, field], first[kind, field])
        for (kind, field), count in kinds.most_common()
    ]
    return Table(
        name="findings",
        headline=f"{counted(len(study.findings), 'finding')} on the claims;"
        f" {counted(sum(blocked.values()), 'line')} cannot be priced because of one.",
        caption=f"Findings by kind, {study.comparison.claims.source}",
        columns=(
            Column("kind", "Kind"),
            Column("field", "Field"),
            Column("findings", "Findings", "count"),
            Column("blocking", "Blocking", "count"),
            Column("row", "First in row", "shown"),
        ),
        rows=tuple(rows),
    )


def inputs_table(study: Study) -> Table:
    """Return what the numbers stand on: files with checksums, code release, price quarters."""
    claims = study.comparison.claims
    files = {file: side.contract.title for side in reversed(study.summary.sides) for file in side.contract.files}
    rows: list[Row] = [("claims", claims.source, claims.checksum[:CHECKSUM_SHOWN])]
    rows += [(title, file, _checksum(paths.located(file))) for file, title in reversed(files.items())]
    starts = {start for side in study.summary.sides for start in side.compiled.price_starts}
    quarters = [str(quarter) for quarter in sorted({Quarter.of(start) for start in starts})]
    held = f"{quarters[0]} to {quarters[-1]}" if len(quarters) > 1 else quarters[0]
    rows.append(("code table", f"HCPCS Level II, releases to {study.summary.codes.release}", Gap.NOT_APPLICABLE))
    rows.append(("drug prices", f"Medicare payment limits, {held}", Gap.NOT_APPLICABLE))
    return Table(
        name="inputs",
        headline=f"{counted(len(files) + 1, 'file')} went in.",
        caption=f"Files as read, with the first {CHECKSUM_SHOWN} digits of their SHA-256",
        columns=(Column("what", "What"), Column("source", "Source"), Column("checksum", "Checksum", "code")),
        rows=tuple(rows),
    )


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:CHECKSUM_SHOWN]


def checks_table(study: Study) -> Table:
    """Return what must agree: lines in and lines out, parts and totals.

    Raises
    ------
    HitmodelError
        Something does not agree: no such report should be read.
    """
    checks = [_lines_agree(study), *_bridges_agree(study), *_therapies_agree(study)]
    wrong = [what for what, parts, whole in checks if sum(parts) != whole]
    if wrong:
        raise HitmodelError("the totals of the comparison do not agree", where="; ".join(wrong))
    return Table(
        name="checks",
        headline=f"{counted(len(checks), 'check')} agree to the cent.",
        caption="Lines in and out, and parts against totals, dollars",
        columns=(Column("check", "Check"), Column("parts", "Parts", "shown"), Column("whole", "Whole", "shown")),
        rows=tuple((what, *_shown(parts, whole)) for what, parts, whole in checks),
    )


_Check = tuple[str, tuple[int, ...], int]


def _lines_agree(study: Study) -> _Check:
    total, outside = study.summary.total(), int((~study.summary.in_scope).sum())
    parts = (total.lines, total.unpriced_lines, outside)
    return "lines: compared + not priced + of other contracts = in the file", parts, len(study.comparison.claims.lines)


def _bridges_agree(study: Study) -> list[_Check]:
    found: list[_Check] = []
    for side, scenario in enumerate(study.proposals, start=1):
        bridge = scenario.bridge
        reached = bridge.start + sum(step.in_turn for step in bridge.steps)
        found.append((f"today + clauses = {study.titles[side]}", (reached,), study.summary.totals[side]))
    return found


def _therapies_agree(study: Study) -> list[_Check]:
    groups = study.summary.by("therapy")
    return [
        (f"therapies add up, {name}", (sum(g.amounts[side] for g in groups),), study.summary.totals[side])
        for side, name in enumerate(study.titles)
    ]


def _shown(parts: tuple[int, ...], whole: int) -> tuple[str, str]:
    """Write counts plainly and a single amount as dollars."""
    if len(parts) > 1:
        return " + ".join(f"{part:,}" for part in parts), f"{whole:,}"
    return format_amount(parts[0], whole=False), format_amount(whole, whole=False)
