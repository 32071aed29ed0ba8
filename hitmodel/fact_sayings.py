"""What a contract says on facts that no price hangs on: codes to come, amendments, filing, appeals, payment, term."""

from __future__ import annotations

from collections.abc import Callable

from hitmodel.clause_words import percent
from hitmodel.dates import spoken
from hitmodel.sayings import SILENT, Paper, Saying, Standing

LEAST_DAYS = 180
"""Days to file or appeal that the position asks for at least."""
LEAST_NOTICE = 90


def new_codes(paper: Paper) -> Saying:
    """Say what pays a code that comes after signing."""
    words = {
        "by_class": "a new code is paid at its therapy class's rate",
        "as_unlisted": "a new code is paid as an unlisted one",
        "by_agreement": "a new code waits for a rate to be agreed",
    }
    return _chosen(paper, "new_codes", words, ("by_class", "as_unlisted"))


def ended_codes(paper: Paper) -> Saying:
    """Say what pays the code that follows an ended one."""
    words = {
        "successor": "the code that follows is paid at the old rate in its own unit",
        "as_unlisted": "the code that follows is paid as an unlisted one",
        "by_agreement": "the code that follows waits for a rate to be agreed",
    }
    return _chosen(paper, "ended_codes", words, ("successor",))


def amendment(paper: Paper) -> Saying:
    """Say who can change the terms, and how long ahead."""
    facts = paper.version.agreement
    notice = facts.amendment_notice_days
    if facts.amendment is None and notice is None:
        return SILENT
    who = {
        "both_sign": "both parties sign",
        "notice_with_objection": "the payer gives notice, and we may object",
        "notice": "the payer changes terms by notice alone",
        None: "no word on who can amend",
    }[facts.amendment]
    words = f"{who}, {notice} days ahead" if notice else who
    standing: Standing = "in line"
    if facts.amendment is None or (notice is None and facts.amendment != "both_sign"):
        standing = "in part"
    elif facts.amendment == "notice" or (notice is not None and notice < LEAST_NOTICE):
        standing = "against us"
    return Saying(standing, words, facts.where("amendment", "amendment_notice_days"), "[agreement]")


def days_to(fact: str, what: str) -> Callable[[Paper], Saying]:
    """Return the question how many days there are to do something."""

    def ask(paper: Paper) -> Saying:
        facts = paper.version.agreement
        days = getattr(facts, fact)
        if days is None:
            return SILENT
        standing: Standing = "in line" if days >= LEAST_DAYS else "against us"
        return Saying(standing, f"{days} days {what}", facts.where(fact), "[agreement]")

    return ask


def clean_claim(paper: Paper) -> Saying:
    """Say by when a clean claim is paid and what a late one bears."""
    facts = paper.version.agreement
    days, interest = facts.clean_claim_days, facts.late_interest
    if days is None and interest is None:
        return SILENT
    paid = f"paid within {days} days" if days else "no word on when it is paid"
    late = f"then {percent(interest)} a year" if interest else "no interest named"
    standing: Standing = "in part" if days is None or interest is None else "in line"
    return Saying(standing, f"{paid}, {late}", facts.where("clean_claim_days", "late_interest"), "[agreement]")


def term(paper: Paper) -> Saying:
    """Say when the present term ends."""
    facts, header = paper.version.agreement, paper.version.contract
    place, cite = "[agreement]", facts.where("term_months", "term_through")
    if facts.term_months is not None:
        return Saying("in line", f"{facts.term_months} months from {spoken(header.effective_from)}", cite, place)
    if facts.term_through is not None:
        return Saying("in line", f"through {spoken(facts.term_through)}", cite, place)
    if header.effective_through is not None:
        return Saying("in line", f"through {spoken(header.effective_through)}", cite, "[contract]")
    return SILENT


def renewal(paper: Paper) -> Saying:
    """Say what comes when the term ends."""
    facts = paper.version.agreement
    if facts.renews is None:
        return SILENT
    words = {
        "automatically": "it renews by itself",
        "by_agreement": "it renews when both agree",
        "ends": "it ends",
    }[facts.renews]
    each = f", {facts.renewal_months} months at a time" if facts.renewal_months else ""
    standing: Standing = "in line" if facts.renews != "ends" else "against us"
    if facts.renews == "automatically" and facts.renewal_months is None:
        standing = "in part"
    return Saying(standing, f"{words}{each}", facts.where("renews", "renewal_months"), "[agreement]")


def notice(paper: Paper) -> Saying:
    """Say how long ahead a party must say that it leaves."""
    facts = paper.version.agreement
    parts = []
    if facts.notice_days is not None:
        parts.append(f"{facts.notice_days} days before the end of a term")
    if facts.termination_days is not None:
        parts.append(f"{facts.termination_days} days at any time")
    if not parts:
        return SILENT
    standing: Standing = "in part" if facts.notice_days is None else "in line"
    return Saying(standing, "; ".join(parts), facts.where("notice_days", "termination_days"), "[agreement]")


def _chosen(paper: Paper, fact: str, words: dict[str, str], good: tuple[str, ...]) -> Saying:
    facts = paper.version.agreement
    said = getattr(facts, fact)
    if said is None:
        return SILENT
    standing: Standing = "in line" if said in good else "against us"
    return Saying(standing, words[said], facts.where(fact), "[agreement]")
