"""What to ask for: what a draft takes away, what stands without an amount, then what each position would gain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hitmodel.clause_dollars import ClauseDollars, clause_dollars
from hitmodel.code_exhibit import ExhibitRow
from hitmodel.contract_diff import ContractDiff, Difference
from hitmodel.diff_tables import rate_words, sides
from hitmodel.labels import inside, words
from hitmodel.rate_dollars import rate_dollars, rates_of
from hitmodel.review import Clause, Review
from hitmodel.scenario import BridgeStep
from hitmodel.sentences import change, counted, money, shortened
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
    """Return what a draft takes against the contract in force; nothing where no claims were priced.

    First the codes that it no longer pays by themselves, then what else it takes: the most first in either.
    """
    if diff is None or diff.bridge is None:
        return ()
    found = [ask for step in diff.bridge.steps for ask in _of_step(diff, step)]
    return (*_no_longer_paid(diff), *sorted(found, key=lambda ask: -ask.gain))


def _no_longer_paid(diff: ContractDiff) -> Iterator[Ask]:
    """Yield what is paid today and would have no amount of its own: included, not covered, by report, nothing said."""
    for how in dict.fromkeys(stop.how for stop in diff.stopped):
        stopped = [stop for stop in diff.stopped if stop.how == how]
        lines = counted(sum(stop.lines for stop in stopped), "line")
        about = shortened(f"No longer paid: {', '.join(stop.code for stop in stopped)}", LONGEST)
        rates = {row.code: rate_words(row.other) for row in diff.rates if row.code in {stop.code for stop in stopped}}
        alike = len(set(rates.values())) == 1 and len(rates) == len(stopped)
        ask = f"As today: {next(iter(rates.values()))}" if alike else "As today, or a rate for each"
        yield Ask(about, f"{how}: {lines}", ask, sum(stop.cents for stop in stopped))


def _of_step(diff: ContractDiff, step: BridgeStep) -> Iterator[Ask]:
    """Yield what the clauses of a step take: each rate in them by itself, whatever others bring, then each clause."""
    gone = {stop.code for stop in diff.stopped if stop.is_known}
    alike: dict[tuple[str, str], list[ExhibitRow]] = {}
    rates = {key: cents for key, cents in rate_dollars(diff, step).rows.items() if key[0] not in gone}
    several = len(rates) > 1
    for row in rates_of(diff, step) if several else ():
        if rates.get((row.code, row.mark), 0) < 0:
            alike.setdefault((rate_words(row.other), rate_words(row.price)), []).append(row)
    for (before, after), rows in alike.items():
        gain = -sum(rates[row.code, row.mark] for row in rows)
        codes = ", ".join(row.name for row in rows)
        yield Ask(shortened(f"{rows[0].therapy} ({codes})", LONGEST), after, f"As today: {before}", gain)
    listed = gone | ({code for code, _ in rates} if several else set())
    for part in clause_dollars(diff, step):
        rest = sum(cents for kind, cents in part.by_kind if kind.code not in listed)
        if rest < 0:
            before, after = (_told([sides(d)[side] for d in _spoken_of(diff, part, step)]) for side in (0, 1))
            yield Ask(_name(part, step), after, f"As today: {before}", -rest)


def _spoken_of(diff: ContractDiff, part: ClauseDollars, step: BridgeStep) -> list[Difference]:
    return [part.difference] if part.difference else [d for d in diff.differences if diff.step_of(d) is step]


def _name(part: ClauseDollars, step: BridgeStep) -> str:
    if part.difference is None or not part.difference.record:
        return _capital(step.label)
    return _capital(words(part.difference.record))


def _told(cells: list[Cell]) -> str:
    return shortened("; ".join(str(cell) for cell in cells if isinstance(cell, str)) or "nothing", LONGEST)


def _capital(label: str) -> str:
    """Return a step's name without the numbers that its other columns have."""
    bare = re.split(r" (?=\d[\d /.]* ?→|\w+ → )", label)[0]
    return f"{bare[:1].upper()}{bare[1:]}"


def positions_asked(review: Review) -> tuple[Ask, ...]:
    """Return the positions on open clauses: those that gain most first, then those that guard against most.

    A position that would cost us on these claims is none to ask for.
    """
    asks = [_position(clause) for clause in review.findings if not clause.costs]
    return tuple(sorted(asks, key=lambda ask: (-ask.gain, -ask.guards)))


def _position(clause: Clause) -> Ask:
    says = clause.saying.words or "nothing"
    ask = clause.position.position.split("; ")[0].rstrip(".")
    return Ask(clause.position.title, shortened(says, LONGEST), f"{ask}.", clause.gain, clause.guards)


def asks_table(review: Review, diff: ContractDiff | None = None, whole: bool = False) -> Table:
    """Return what to ask for: as much as stands on one page, or the ``whole`` of it."""
    priced = review.priced is not None
    taken, positions = taken_away(diff), positions_asked(review)
    columns = [Column("clause", "Clause"), Column("says", "It says"), Column("ask", "We ask")]
    if priced:
        columns += [
            Column("gain", "Gains", "dollars", "up to $"),
            Column("guards", "Guards against", "dollars", "up to $"),
        ]
    page = (*taken[:TAKEN], *positions[: POSITIONS + max(0, TAKEN - len(taken))])
    shown = (*taken, *positions) if whole else page
    left = len(taken) + len(positions) - len(shown)
    return Table(
        name="asks",
        headline="What to ask for: first what this takes away." if taken else "What to ask for, most dollars first.",
        caption="Then positions in our own words, by what they gain; their sources are in the review",
        columns=tuple(columns),
        rows=tuple(_row(ask, priced) for ask in shown),
        notes=(*(_notes(review, diff) if priced else ()), *((f"{left} more are in the review.",) if left else ())),
    )


def _notes(review: Review, diff: ContractDiff | None) -> Iterator[str]:
    """Yield what can be added and what cannot, and what a column guards against."""
    if diff is not None and diff.bridge is not None:
        moved = diff.bridge.end - diff.bridge.start
        outside = diff.lost.cents - diff.lost.beside
        lost = f", and {money(outside)} outside it" if outside else ""
        told = f"What is taken away comes to {change(moved)} with what is given"
        if moved >= 0:
            told = f"No less is given than is taken away: {change(moved)} in all"
        if moved < 0 or taken_away(diff):
            yield f"{told}{lost}; rows of it are parts in their turn."
    if review.together is not None:
        most = change(review.together.most)
        yield f"Positions overlap, also with what is taken away, and cannot be added: all at once gain up to {most}."
    for clause in review.findings:
        if clause.costs:
            yield f"Not asked: {inside(clause.position.title)}; our own position costs {money(clause.costs)} here."
    yield "Guards against: what the reading least in our favour would take where the paper leaves room for it."


def _row(ask: Ask, priced: bool) -> Row:
    cells: list[Cell] = [ask.about, ask.says, ask.ask]
    return (*cells, ask.gain or Gap.NONE, ask.guards or Gap.NONE) if priced else tuple(cells)
