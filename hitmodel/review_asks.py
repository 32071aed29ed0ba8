"""What to ask for: what a draft takes away, what stands without an amount, then what each position would gain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hitmodel.code_exhibit import ExhibitRow
from hitmodel.contract_diff import ContractDiff
from hitmodel.diff_tables import rate_words, sides
from hitmodel.rate_dollars import rate_dollars, rates_of
from hitmodel.review import Clause, Review
from hitmodel.scenario import BridgeStep
from hitmodel.sentences import counted, shortened
from hitmodel.tables import Cell, Column, Gap, Row, Table

TAKEN, POSITIONS = 5, 3
"""Rows that one page has for what a draft takes, and for positions."""
LONGEST = 70
"""Characters of a cell on that page."""


@dataclass(frozen=True)
class Ask:
    """One thing to ask for: what it is about, what the paper says, what we want, and what that would gain [cents]."""

    about: str
    says: str
    ask: str
    gain: int
    guards: int = 0


def taken_away(diff: ContractDiff | None) -> tuple[Ask, ...]:
    """Return what a draft takes against the contract in force, the most first; nothing where no claims were priced."""
    if diff is None or diff.bridge is None:
        return ()
    found = [ask for step in diff.bridge.steps for ask in _of_step(diff, step)]
    if diff.lost.cents > 0:
        how = "the payer prices them by report" if diff.lost.by_report == diff.lost.cents else "no amount follows"
        lines = counted(diff.lost.lines, "line")
        found.append(Ask("Lines without an amount", f"{how}: {lines}", "A rate for each, or as today", diff.lost.cents))
    return tuple(sorted(found, key=lambda ask: -ask.gain))


def _of_step(diff: ContractDiff, step: BridgeStep) -> Iterator[Ask]:
    """Yield what one clause takes: of several rates in it each that takes something, whatever the others bring."""
    mine = [d for d in diff.differences if diff.step_of(d) is step]
    rates = rate_dollars(diff, step).rows if len(mine) > 1 else {}
    alike: dict[tuple[str, str], list[ExhibitRow]] = {}
    for row in rates_of(diff, step):
        if rates.get((row.code, row.mark), 0) < 0:
            alike.setdefault((rate_words(row.other), rate_words(row.price)), []).append(row)
    for (before, after), rows in alike.items():
        gain = -sum(rates[row.code, row.mark] for row in rows)
        codes = ", ".join(row.name for row in rows)
        yield Ask(shortened(f"{rows[0].therapy} ({codes})", LONGEST), after, f"As today: {before}", gain)
    rest = step.in_turn - sum(rates.values())
    if rest < 0:
        before, after = (_told([sides(d)[side] for d in mine]) for side in (0, 1))
        yield Ask(_capital(step.label), after, f"As today: {before}", -rest)


def _told(cells: list[Cell]) -> str:
    return shortened("; ".join(str(cell) for cell in cells if isinstance(cell, str)) or "nothing", LONGEST)


def _capital(label: str) -> str:
    """Return a step's name without the numbers that its other columns have."""
    bare = re.split(r" (?=\d[\d /.]* ?→|\w+ → )", label)[0]
    return f"{bare[:1].upper()}{bare[1:]}"


def positions_asked(review: Review) -> tuple[Ask, ...]:
    """Return the positions on open clauses: those that gain most first, then those that guard against most."""
    asks = [_position(clause) for clause in review.findings]
    return tuple(sorted(asks, key=lambda ask: (-ask.gain, -ask.guards)))


def _position(clause: Clause) -> Ask:
    says = clause.saying.words or "nothing"
    ask = clause.position.position.split("; ")[0].rstrip(".")
    return Ask(clause.position.title, shortened(says, LONGEST), f"{ask}.", clause.gain, clause.guards)


def asks_table(review: Review, diff: ContractDiff | None = None) -> Table:
    """Return what to ask for, as much as stands on one page."""
    priced = review.priced is not None
    taken, positions = taken_away(diff), positions_asked(review)
    columns = [Column("clause", "Clause"), Column("says", "It says"), Column("ask", "We ask")]
    if priced:
        columns += [
            Column("gain", "Gains", "dollars", "up to $"),
            Column("guards", "Guards against", "dollars", "up to $"),
        ]
    shown = (*taken[:TAKEN], *positions[: POSITIONS + max(0, TAKEN - len(taken))])
    left = len(taken) + len(positions) - len(shown)
    return Table(
        name="asks",
        headline="What to ask for: first what this takes away." if taken else "What to ask for, most dollars first.",
        caption="Then positions in our own words, by what they gain; their sources are in the review",
        columns=tuple(columns),
        rows=tuple(_row(ask, priced) for ask in shown),
        notes=(*_notes(priced), *((f"{left} more are in the review.",) if left else ())),
    )


def _notes(priced: bool) -> tuple[str, ...]:
    return ("Guards against: what the reading least in our favour would take where the paper leaves room for it.",)[
        : int(priced)
    ]


def _row(ask: Ask, priced: bool) -> Row:
    cells: list[Cell] = [ask.about, ask.says, ask.ask]
    return (*cells, ask.gain or Gap.NONE, ask.guards or Gap.NONE) if priced else tuple(cells)
