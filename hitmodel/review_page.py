"""A contract review as a document, and the one page that leadership reads."""

from __future__ import annotations

from hitmodel.contract_diff import ContractDiff
from hitmodel.dates import spoken
from hitmodel.diff_tables import diff_table
from hitmodel.document import Block, Document
from hitmodel.frontpage import FrontPage, Remark, Step
from hitmodel.labels import inside
from hitmodel.renewals import Renewal
from hitmodel.review import Clause, Review
from hitmodel.review_tables import (
    findings_table,
    headline,
    positions_table,
    readings_table,
    settled_table,
    worth_words,
)
from hitmodel.sentences import listed, money, pays
from hitmodel.tables import Cell, Column, Gap, Row, Table

TITLE, BRIEF = "Contract review", "Leadership brief"
NAMED = 3
BRIEF_ROWS = 7


def review_document(review: Review, diff: ContractDiff | None = None, renewal: Renewal | None = None) -> Document:
    """Return a review as a document: first page, findings, differences from another contract, readings, positions."""
    blocks: list[Block] = [findings_table(review)]
    if diff is not None:
        blocks.append(diff_table(diff, audience="internal"))
    if review.priced is not None:
        blocks.append(readings_table(review))
    blocks += [positions_table(review), settled_table(review)]
    return Document(TITLE, "internal", tuple(blocks), front_page(review, diff, renewal))


def brief_document(review: Review, diff: ContractDiff | None = None, renewal: Renewal | None = None) -> Document:
    """Return the one page for leadership: what it is worth, what stands against us, what to ask, by when."""
    return Document(BRIEF, "internal", (asks_table(review),), front_page(review, diff, renewal, BRIEF))


def front_page(
    review: Review, diff: ContractDiff | None = None, renewal: Renewal | None = None, title: str = TITLE
) -> FrontPage:
    """Return the page that says how much, what is open, what to ask and by when."""
    remarks = (
        Remark(_worth(review), "What it is worth"),
        Remark(_against(review), "Against us"),
        Remark(_silent(review), "Unsaid"),
        Remark(_dates(renewal), "Dates"),
        Remark(_sure(review), "How sure"),
    )
    version = review.version.contract
    return FrontPage(
        title=title,
        headline=_headline(review, diff),
        subline=_subline(review),
        contract=f"{review.contract.title}, terms from {version.effective_from}",
        period="",
        strips=_strips(diff),
        remarks=tuple(remark for remark in remarks if remark.text),
    )


def _headline(review: Review, diff: ContractDiff | None) -> str:
    if diff is None or diff.bridge is None:
        return headline(review)
    told = pays(diff.titles[1], diff.bridge.end - diff.bridge.start, diff.bridge.start)
    silent, against = (sum(c.saying.standing == s for c in review.findings) for s in ("silent", "against us"))
    return f"{told}, leaves {silent} of {len(review.clauses)} clauses unsaid and has {against} against us."


def _subline(review: Review) -> str:
    if review.priced is None:
        return f"{review.contract.title} · read without claims, so without dollars"
    dating = review.priced.dating
    when = f"as if on {spoken(dating.as_of)}" if dating.as_of else "by date of service"
    return f"{review.contract.title} · our claims priced {when} · expected allowed, dollars"


def _strips(diff: ContractDiff | None) -> tuple[tuple[Step, ...], ...]:
    if diff is None or diff.bridge is None:
        return ()
    changes = (Step(step.label, step.in_turn) for step in diff.bridge.steps)
    return (
        (
            Step(diff.titles[0], diff.bridge.start, "total"),
            *changes,
            Step(diff.titles[1], diff.bridge.end, "total"),
        ),
    )


def _worth(review: Review) -> str:
    if review.priced is None:
        return ""
    allowed = int(review.priced.allowed[review.priced.known].sum())
    return f"{money(allowed)} allowed on {int(review.priced.known.sum()):,} lines of these claims."


def _named(clauses: list[Clause]) -> str:
    told = []
    for clause in clauses[:NAMED]:
        stake = worth_words(clause)
        told.append(f"{inside(clause.position.title)}{f' ({stake})' if stake else ''}")
    rest = len(clauses) - NAMED
    return f"{listed(told)}{f', and {rest} more' if rest > 0 else ''}."


def _against(review: Review) -> str:
    found = [c for c in review.findings if c.saying.standing == "against us"]
    return _named(found) if found else ""


def _silent(review: Review) -> str:
    found = [c for c in review.findings if c.saying.standing in ("silent", "in part")]
    return _named(found) if found else ""


def _dates(renewal: Renewal | None) -> str:
    if renewal is None or renewal.ends is None:
        return "No last day is said, so no deadline can be named."
    told = [f"the term ends on {spoken(renewal.ends)}"]
    told.append(f"notice by {spoken(renewal.notice_by)}" if renewal.notice_by else "no notice days are said")
    told += [renewal.renews] if renewal.renews else []
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}."


def _sure(review: Review) -> str:
    """Say how many readings rest on evidence that the claims do not hold."""
    bounded = dict.fromkeys(f"“{c.position.title}”" for c in review.findings for w in c.worth if w.low is not None)
    if not bounded:
        return ""
    return f"The dollars of {listed(list(bounded))} are bounds: the claims do not show what it turns on."


def asks_table(review: Review) -> Table:
    """Return what to ask for, the clauses with most dollars first; as many as stand on one page."""
    priced = review.priced is not None
    columns = [Column("clause", "Clause"), Column("says", "It says"), Column("ask", "We ask")]
    columns += [Column("stake", "At stake", "dollars", "up to $")] if priced else []
    rows = [_ask(clause, priced) for clause in review.findings[:BRIEF_ROWS]]
    left = len(review.findings) - len(rows)
    return Table(
        name="asks",
        headline="What to ask for, most dollars first.",
        caption="Positions in our own words, as commonly put forward for providers; sources are in the review",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(f"{left} more clauses are open; the review has them all.",) if left else (),
    )


def _ask(clause: Clause, priced: bool) -> Row:
    cells: list[Cell] = [clause.position.title, clause.saying.words or "nothing", clause.position.position]
    return (*cells, clause.stake or Gap.NONE) if priced else tuple(cells)
