"""The tables of a contract review: findings by dollars, other readings, positions with sources, what is in line."""

from __future__ import annotations

from hitmodel.labels import inside
from hitmodel.readings import Worth
from hitmodel.review import Clause, Review
from hitmodel.sentences import change, counted, money
from hitmodel.tables import Cell, Column, Gap, Row, Table

NO_SOURCE = "no public text found"


def headline(review: Review) -> str:
    """Say how many clauses leave something open, and which moves most."""
    found = review.findings
    if not found:
        return f"{review.contract.title} says all that is asked of it, and nothing of it is against us."
    silent = sum(c.saying.standing == "silent" for c in found)
    against = sum(c.saying.standing == "against us" for c in found)
    told = f"Of {len(review.clauses)} clauses, {review.contract.title} leaves {silent} unsaid"
    told += f" and has {against} against us" if against else ""
    return f"{told}{_most(found)}."


def _most(found: tuple[Clause, ...]) -> str:
    """Say which clause moves most; where that is a bound, which moves most for certain too."""
    if not found[0].stake:
        return ""
    first, title = found[0], inside(found[0].position.title)
    if not first.is_bound:
        return f"; most hangs on {title}: up to {money(first.stake)}"
    firm = max(found, key=lambda clause: clause.firm)
    certain = f" and, for certain, on {inside(firm.position.title)} ({money(firm.firm)})" if firm.firm else ""
    return f"; most hangs on {title} (up to {money(first.stake)}, which the claims cannot narrow){certain}"


def findings_table(review: Review) -> Table:
    """Return the clauses that are unsaid, said in part or against us, those with most dollars first."""
    priced = review.priced is not None
    columns = [
        Column("clause", "Clause"),
        Column("standing", "Standing"),
        Column("says", "What the contract says, else what is done"),
        Column("where", "Where"),
    ]
    if priced:
        columns += [
            Column("least", "Least", "dollars", "$", signed=True),
            Column("most", "Most", "dollars", "$", signed=True),
        ]
    return Table(
        name="findings",
        headline=f"{counted(len(review.findings), 'clause')} of {len(review.clauses)} leave something open.",
        caption=_caption(review),
        columns=tuple(columns),
        rows=tuple(_finding(clause, priced) for clause in review.findings),
        notes=("Least and most: the change of what the contract allows, over every other reading that was priced.",)
        if priced
        else (),
    )


def _caption(review: Review) -> str:
    if review.priced is None:
        return "Clauses that leave something open; no claims were given, so no dollars"
    dating = review.priced.dating
    when = f"as if on {dating.as_of}" if dating.as_of else "by date of service"
    return f"Clauses that leave something open, by what hangs on them on these claims, priced {when}"


def _finding(clause: Clause, priced: bool) -> Row:
    saying = clause.saying
    words = saying.words or clause.position.silent
    row: list[Cell] = [clause.position.title, saying.standing, words, saying.cite or saying.place or Gap.NONE]
    if priced:
        ends = [end for worth in clause.worth for end in ends_of(worth)]
        row += [min([0, *ends]), max([0, *ends])] if ends else [Gap.NONE, Gap.NONE]
    return tuple(row)


def ends_of(worth: Worth) -> tuple[int, ...]:
    """Return the least and the most that a reading changes [cents]; none where what it touches has no amount."""
    if worth.low is not None and worth.high is not None:
        return worth.low, worth.high
    if worth.cents is None or (worth.lines_lost and not worth.cents):
        return ()
    return worth.cents, worth.cents


def readings_table(review: Review) -> Table:
    """Return every other reading that was priced, with its dollars and where it was seen."""
    rows = [_reading(clause, worth) for clause in review.findings for worth in clause.worth]
    moving = [w for c in review.findings for w in c.worth if w.stake]
    return Table(
        name="readings",
        headline=f"{counted(len(moving), 'other reading')} would move money on these claims.",
        caption="Each reading laid over the contract and priced in full; the change against the contract as it stands",
        columns=(
            Column("clause", "Clause"),
            Column("reading", "If it said"),
            Column("low", "Least", "dollars", "$", signed=True),
            Column("high", "Most", "dollars", "$", signed=True),
            Column("lines", "Without amount", "count", "lines"),
            Column("seen", "Seen in"),
        ),
        rows=tuple(rows),
        notes=(
            "Where least and most differ, the claims do not show what the reading turns on, and the amounts bound it.",
            "Lines without amount have one today and would have none under the reading; they are in no difference.",
        ),
    )


def _reading(clause: Clause, worth: Worth) -> Row:
    ends = ends_of(worth) or (Gap.UNKNOWN, Gap.UNKNOWN)
    return (
        clause.position.title,
        worth.reading.says,
        *ends,
        worth.lines_lost or Gap.NONE,
        worth.reading.met,
    )


def positions_table(review: Review) -> Table:
    """Return what is commonly put forward for each clause that leaves something open, with its public source."""
    rows = [
        (c.position.title, c.position.position, c.position.source, c.position.own or Gap.NOT_APPLICABLE)
        for c in review.findings
    ]
    table = Table(
        name="positions",
        headline=f"{counted(len(rows), 'position')} to put forward.",
        caption="In our own words, with where each can be read in public",
        columns=(
            Column("clause", "Clause"),
            Column("position", "Position"),
            Column("source", "Source"),
            Column("own", "Own copy", audience="internal"),
        ),
        rows=tuple(rows),
        notes=("data/local/positions.toml holds the page of your own licensed copy; it stays on this machine.",),
    )
    return table if any(c.position.own for c in review.findings) else table.without(["own"])


def settled_table(review: Review) -> Table:
    """Return the clauses that are said and in line, with what they say and where."""
    rows = [
        (c.position.title, c.saying.words, c.saying.cite or c.saying.place or Gap.NONE)
        for c in review.clauses
        if c.saying.standing == "in line"
    ]
    return Table(
        name="settled",
        headline=f"{counted(len(rows), 'clause')} said and in line.",
        caption="What the contract says, and where",
        columns=(Column("clause", "Clause"), Column("says", "What it says"), Column("where", "Where")),
        rows=tuple(rows),
    )


def worth_words(clause: Clause) -> str:
    """Say in a few words what hangs on a clause: "−1,340,737 to +380"; "" where nothing was priced."""
    ends = [end for worth in clause.worth for end in ends_of(worth)]
    if not ends or not any(ends):
        return ""
    least, most = min(ends), max(ends)
    return change(least) if least == most else f"{change(least)} to {change(most)}"
