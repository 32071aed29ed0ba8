"""A contract review as a document, and the one page that leadership reads."""

from __future__ import annotations

from hitmodel.contract_diff import ContractDiff
from hitmodel.dates import spoken
from hitmodel.diff_tables import diff_table, ended_words, stopped_table, strips
from hitmodel.document import Block, Document
from hitmodel.frontpage import FrontPage, Remark
from hitmodel.labels import inside
from hitmodel.renewals import Renewal
from hitmodel.review import Clause, Review, left_out
from hitmodel.review_asks import asks_table
from hitmodel.review_tables import (
    findings_table,
    headline,
    positions_table,
    readings_table,
    settled_table,
)
from hitmodel.sayings import Standing
from hitmodel.sentences import change, counted, listed, money, no_longer_paid, pays, without_amount

TITLE, BRIEF = "Contract review", "Leadership brief"
NAMED = 3
LEFT_OUT = ("Said in part", "How sure")
"""What one page has no room for; the review has it."""


def review_document(review: Review, diff: ContractDiff | None = None, renewal: Renewal | None = None) -> Document:
    """Return a review as a document: first page, findings, differences from another contract, readings, positions."""
    blocks: list[Block] = [stopped_table(diff)] if diff is not None and diff.stopped else []
    blocks.append(findings_table(review))
    if diff is not None:
        blocks.append(asks_table(review, diff, whole=True))
        blocks.append(diff_table(diff, audience="internal"))
    if review.priced is not None:
        blocks.append(readings_table(review))
    blocks += [positions_table(review), settled_table(review)]
    return Document(TITLE, "internal", tuple(blocks), front_page(review, diff, renewal))


def brief_document(review: Review, diff: ContractDiff | None = None, renewal: Renewal | None = None) -> Document:
    """Return the one page for leadership: what it is worth, what stands against us, what to ask, by when."""
    return Document(BRIEF, "internal", (asks_table(review, diff),), front_page(review, diff, renewal, BRIEF))


def front_page(
    review: Review, diff: ContractDiff | None = None, renewal: Renewal | None = None, title: str = TITLE
) -> FrontPage:
    """Return the page that says how much, what is open, what to ask and by when."""
    remarks = (
        Remark(_worth(review, diff), "What it is worth"),
        Remark(_stopped(diff), "No longer paid"),
        Remark(_of(review, "against us"), "Against us"),
        Remark(_of(review, "silent"), "Unsaid"),
        Remark(_of(review, "in part"), "Said in part"),
        Remark(_dates(review, renewal), "Dates"),
        Remark(_sure(review), "How sure"),
    )
    version = review.version.contract
    return FrontPage(
        title=title,
        headline=_headline(review, diff),
        subline=f"{_subline(review)}{ended_words(diff) if diff else ''}",
        contract=f"{review.contract.title}, terms from {version.effective_from}",
        period="",
        strips=strips(diff) if diff else (),
        remarks=tuple(remark for remark in remarks if remark.text and not (title == BRIEF and remark.lead in LEFT_OUT)),
    )


def _headline(review: Review, diff: ContractDiff | None) -> str:
    if diff is None or diff.bridge is None:
        return headline(review)
    told = pays(diff.titles[1], diff.bridge.end - diff.bridge.start, diff.bridge.start)
    lost = without_amount(diff.lost)
    ends = no_longer_paid(diff.stopped)
    told += f", {ends}" if ends else ""
    told += f", and {lost}. It" if lost else ". It" if ends else ","
    silent, against = (sum(c.saying.standing == s for c in review.findings) for s in ("silent", "against us"))
    return f"{told} leaves {silent} of {len(review.clauses)} clauses unsaid and has {against} against us."


def _subline(review: Review) -> str:
    if review.priced is None:
        return f"{review.contract.title} · read without claims, so without dollars"
    dating = review.priced.dating
    when = f"as if on {spoken(dating.as_of)}" if dating.as_of else "by date of service"
    return f"{review.contract.title} · our claims priced {when} · expected allowed, dollars"


def _worth(review: Review, diff: ContractDiff | None) -> str:
    if review.priced is None:
        return ""
    allowed = int(review.priced.allowed[review.priced.known].sum())
    told = f"{money(allowed)} allowed on {int(review.priced.known.sum()):,} lines of these claims"
    lost = without_amount(diff.lost) if diff else ""
    return f"{told}; {lost}." if lost else f"{told}."


def _stopped(diff: ContractDiff | None) -> str:
    """Name the codes that are paid today and would not be, with what is paid on them."""
    if diff is None or not diff.stopped:
        return ""
    told = [f"{s.code} {s.how} ({money(s.cents)} on {counted(s.lines, 'line')})" for s in diff.stopped[:NAMED]]
    if len(diff.stopped) > NAMED:
        told.append(f"{len(diff.stopped) - NAMED} more ({money(sum(s.cents for s in diff.stopped[NAMED:]))})")
    return f"{listed(told)}."


def _of(review: Review, standing: Standing) -> str:
    """Name the clauses that stand so, those first whose position gains or guards most."""
    found = [c for c in review.findings if c.saying.standing == standing]
    found.sort(key=lambda clause: -max(clause.gain, clause.guards))
    told = [f"{inside(c.position.title)}{_gain(c)}" for c in found[:NAMED]]
    if len(found) > NAMED:
        told.append(f"{len(found) - NAMED} more")
    return f"{listed(told)}." if told else ""


def _gain(clause: Clause) -> str:
    if clause.gain:
        return f" (ours: up to {change(clause.gain)})"
    if clause.costs:
        return f" (ours: {change(-clause.costs)})"
    return f" (guard against {change(-clause.guards)})" if clause.guards else ""


def _dates(review: Review, renewal: Renewal | None) -> str:
    if renewal is None or renewal.ends is None:
        return "No last day is said, so no deadline can be named."
    told = [f"the term ends on {spoken(renewal.ends)}{_if_it_starts_again(review, renewal)}"]
    told.append(f"notice by {spoken(renewal.notice_by)}" if renewal.notice_by else "no notice days are said")
    told += [renewal.renews] if renewal.renews else []
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}."


def _if_it_starts_again(review: Review, renewal: Renewal) -> str:
    """Say of a draft whose term is counted in months that it is so only if those start with it."""
    facts, header = review.version.agreement, review.version.contract
    if not header.extends or facts.term_through is not None or facts.term_months is None:
        return ""
    if renewal.ends == header.effective_through:
        return ""
    return f" if its {facts.term_months} months start on {spoken(renewal.first)}, which we assume"


def _sure(review: Review) -> str:
    """Say what is in no amount, by report among it, and which readings rest on evidence that the claims do not hold."""
    return " ".join(filter(None, (_open_lines(review), _bounded(review))))


def _open_lines(review: Review) -> str:
    if review.priced is None:
        return ""
    left = left_out(review.priced)
    if not left.lines:
        return "Every line of the contract has an amount."
    asked = f", {left.by_report:,} of them priced by report" if left.by_report else ""
    lines, verbs = counted(left.lines, "line"), ("has", "is") if left.lines == 1 else ("have", "are")
    charges = f"{money(left.charge)} of charges"
    return f"{lines} of the contract, {charges}, {verbs[0]} no amount and {verbs[1]} in no total{asked}."


def _bounded(review: Review) -> str:
    bounded = dict.fromkeys(f"“{c.position.title}”" for c in review.findings for w in c.worth if w.low is not None)
    if not bounded:
        return ""
    return f"The dollars of {listed(list(bounded))} are bounds: the claims do not show what it turns on."
