"""What a contract says on therapies of one day, catheter care, the suite, drugs, nursing, charges and rounding."""

from __future__ import annotations

from decimal import Decimal

from hitmodel.clause_words import escalator_words, percent, price_day_words
from hitmodel.exhibit import reference_words
from hitmodel.mechanisms.drug import Drug
from hitmodel.mechanisms.percent_of_charge import PercentOfCharge
from hitmodel.positions import position
from hitmodel.sayings import (
    NOT_APPLICABLE,
    SILENT,
    SUITE,
    UNPAID,
    Paper,
    Saying,
    Standing,
    by_section,
    by_terms,
    kind_of,
)
from hitmodel.selection import matches
from hitmodel.terms import Selector

PUBLISHED = ("payment_limit", "raw_asp", "awp", "wac", "nadac", "schedule")
LICENSED = ("awp", "wac")
"""Prices that several publishers sell, not always alike."""
SUITE_PLACES = ("49", "11")
NONE_TAKEN = (Decimal(1),)


def concurrent(paper: Paper) -> Saying:
    """Say what second and later therapies of a day are paid."""
    if not paper.wrote("concurrency", "shares"):
        return SILENT
    shares = paper.version.concurrency.shares
    least = position("concurrent").at_least
    low = any(_at(shares, rank) < floor for rank, floor in enumerate(least))
    words = f"{', '.join(percent(share).removesuffix(' %') for share in shares)} percent of the rates by rank"
    return by_section(paper, "concurrency", "against us" if low else "in line", words)


def _at(shares: tuple[Decimal, ...], rank: int) -> Decimal:
    return shares[min(rank, len(shares) - 1)]


_PRIMARY = {
    "as_modified": "the line without a modifier is first",
    "highest_rate": "the highest rate is first",
    "first_billed": "the therapy billed first is first",
    "first_started": "the therapy that started first is first",
}


def primary(paper: Paper) -> Saying:
    """Say how the therapy that is paid in full is chosen."""
    rule = paper.version.concurrency
    if not paper.wrote("concurrency", "primary_by"):
        return NOT_APPLICABLE if rule.shares == NONE_TAKEN and paper.wrote("concurrency", "shares") else SILENT
    standing: Standing = "in line" if rule.primary_by == "highest_rate" else "against us"
    if rule.primary_by == "as_modified":
        standing = "in part"
    words = _PRIMARY[rule.primary_by]
    if rule.modifiers == "trust" and rule.primary_by != "as_modified":
        standing, words = "in part", f"{words}, and the claim's own modifiers stand all the same"
    return by_section(paper, "concurrency", standing, words)


def catheter(paper: Paper) -> Saying:
    """Say when catheter care is paid."""
    terms = paper.terms_of("catheter_care")
    if not terms:
        return SILENT
    unpaid = [t for t in terms if t.mechanism in UNPAID]
    if unpaid:
        told = "is not paid by itself" if len(unpaid) == len(terms) else f"is in part {UNPAID[unpaid[0].mechanism]}"
        return by_terms("against us", f"catheter care {told}", unpaid)
    holds = next((row for row in paper.version.paid_only if speaks_of_role(paper, row.lines, "catheter_care")), None)
    if holds is not None:
        return Saying("against us", "only during a hold on record", holds.cite, f"paid_only '{holds.id}'")
    within = next((b for b in paper.version.bundle if speaks_of_role(paper, b.lines, "catheter_care")), None)
    if within is None:
        return by_terms("in part", "it has a rate, and no word on days that another per diem covers", terms)
    return Saying("in line", "on days that no other per diem covers", within.cite, f"bundle '{within.id}'")


def speaks_of_role(paper: Paper, selector: Selector, role: str) -> bool:
    """Say whether a selector fits some code of a role."""
    return any(e.role == role and matches(selector, kind_of(e, selector.modifiers[:1])) for e in paper.entries)


def holds(paper: Paper) -> Saying:
    """Say whether days on hold are paid."""
    said = paper.days_that_say("holds_pay")
    if not said:
        return SILENT
    pays = all(clause.holds_pay for clause in said)
    return by_section(paper, "days", "in line" if pays else "against us", "paid" if pays else "not paid")


_EDGES = {
    "both": "the days of admission and of discharge are paid",
    "neither": "neither the day of admission nor that of discharge is paid",
    "discharge": "only the day of discharge is paid",
    "admission": "only the day of admission is paid",
}


def stays(paper: Paper) -> Saying:
    """Say what is paid of a hospital stay."""
    said = [clause for clause in paper.version.days.clauses if clause.needs_stays]
    if not said:
        return SILENT
    rule = next((clause for clause in said if clause.stay_edges != "both"), said[0])
    edges = _EDGES[rule.stay_edges] if rule.stay_edges else "no word on the days of admission and discharge"
    between = {True: "days between are paid", False: "days between are not", None: "no word on the days between"}
    words = f"{edges}; {between[rule.inpatient_pays]}"
    if rule.stay_edges is None or rule.inpatient_pays is None:
        return by_section(paper, "days", "in part", words)
    return by_section(paper, "days", "in line" if rule.stay_edges == "both" else "against us", words)


def suite(paper: Paper) -> Saying:
    """Say what the infusion suite is paid."""
    terms = [t for t in paper.version.term if _of_the_suite(t)]
    factors = [a for a in paper.version.adjustment if _of_the_suite(a)]
    unpaid = [t for t in terms if t.mechanism in ("not_covered", "bundled")]
    if unpaid:
        return by_terms("against us", "the suite is not covered", unpaid)
    asked = [t for t in terms if t.mechanism == "by_report"]
    if asked:
        return by_terms("against us", "the payer prices it by report", asked)
    if factors:
        low = min(a.factor for a in factors)
        row = next(a for a in factors if a.factor == low)
        standing: Standing = "against us" if low < 1 else "in line"
        return Saying(standing, f"{percent(low)} of the rates at home", row.cite, f"adjustment '{row.id}'")
    if terms:
        return by_terms("in line", "it has rates of its own", terms)
    return SILENT


def _of_the_suite(selector: Selector) -> bool:
    return SUITE in (*selector.modifiers, *selector.all_modifiers) or bool(set(selector.places) & set(SUITE_PLACES))


# --- drugs --------------------------------------------------------------------------------------------------------


def drug_source(paper: Paper) -> Saying:
    """Say which published price drugs follow."""
    terms = paper.terms_of("drug")
    if not terms:
        return NOT_APPLICABLE
    follow = [t for t in terms if isinstance(t, Drug) and t.chain[0].of in PUBLISHED]
    if not follow:
        return by_terms("in part", "no published price is named", terms)
    first = follow[0].chain[0]
    of = f"{first.schedule} schedule" if first.schedule else first.of
    words = reference_words(of, first.multiplier)
    if first.of in LICENSED:
        return by_terms("in part", f"{words}, and no word on whose price file and of which day", follow)
    return by_terms("against us" if first.of == "raw_asp" else "in line", words, follow)


def drug_quarter(paper: Paper) -> Saying:
    """Say which quarter's prices hold."""
    if not paper.drugs:
        return NOT_APPLICABLE
    rule = paper.version.drug_prices
    if not (paper.wrote("drug_prices", "quarter_lag") or rule.quarter is not None):
        by_ndc = all(s.of in ("awp", "wac", "invoice", "nadac", "charge", "cost") for t in paper.drugs for s in t.chain)
        return NOT_APPLICABLE if by_ndc else SILENT
    late = rule.quarter is not None or rule.quarter_lag > 0
    words = f"the quarter {price_day_words(rule)}" if rule.quarter is None else f"{rule.quarter} for ever"
    return by_section(paper, "drug_prices", "against us" if late else "in line", words)


def drug_update(paper: Paper) -> Saying:
    """Say when new drug prices come into use."""
    if not paper.drugs:
        return NOT_APPLICABLE
    rule = paper.version.drug_prices
    if not {"lag_days", "refresh", "ndc_lag_days", "ndc_refresh"} & rule.model_fields_set:
        return SILENT
    late = rule.lag_days or rule.ndc_lag_days
    words = f"{late} days late" if late else "on the first day of the quarter, without delay"
    if rule.refresh:
        words = f"loaded on {', '.join(rule.refresh)}" + (f", {words}" if late else "")
    return by_section(paper, "drug_prices", "against us" if late else "in line", words)


def new_drugs(paper: Paper) -> Saying:
    """Say what pays a drug that has no published limit yet."""
    if not paper.drugs:
        return NOT_APPLICABLE
    without = [t for t in paper.drugs if len(t.sources) == 1 and t.chain[0].of not in ("charge", "cost")]
    if len(without) == len(paper.drugs):
        return SILENT
    if without:
        return by_terms("in part", "nothing follows where the reference has no price", without)
    term = paper.drugs[0]
    return by_terms("in line", f"if there is no price: {_source(term)}", [term])


def _source(term: Drug) -> str:
    source = term.sources[1] if len(term.sources) > 1 else term.sources[0]
    of = f"{source.schedule} schedule" if source.schedule else source.of
    return reference_words(of, source.multiplier, plain_asp=False)


def waste(paper: Paper) -> Saying:
    """Say whether discarded drug is paid."""
    if not paper.drugs:
        return NOT_APPLICABLE
    said = [t for t in paper.drugs if {"waste", "waste_share"} & t.model_fields_set]
    if not said:
        return SILENT
    if len(said) < len(paper.drugs):
        return by_terms("in part", "some drug terms say it, others do not", said)
    cut = [t for t in said if t.waste == "not_paid" or t.waste_share is not None]
    if cut:
        return by_terms("against us", "not paid" if cut[0].waste == "not_paid" else "paid up to a share", cut)
    return by_terms("in line", "paid on a line of its own with JW", said)


# --- nursing, charges, time, rounding -----------------------------------------------------------------------------

_HOURS = {
    "billed": ("in part", "the claim's hours decide"),
    "whole": ("against us", "only whole further hours count"),
    "any_part": ("in line", "a further hour counts from its first minute"),
    "minutes_31": ("in line", "a further hour counts from its 31st minute"),
    "quarter_hour": ("in line", "further time counts by started quarters of an hour"),
}


def nursing_hours(paper: Paper) -> Saying:
    """Say from which minute a further hour counts."""
    if not paper.terms_of("nursing") or all(t.mechanism == "bundled" for t in paper.terms_of("nursing")):
        return NOT_APPLICABLE
    if not paper.wrote("nursing", "hours"):
        return SILENT
    standing, words = _HOURS[paper.version.nursing.hours]
    return by_section(paper, "nursing", standing, words)  # type: ignore[arg-type]


def charge_limit(paper: Paper) -> Saying:
    """Say whether payment is held to the charge."""
    if not paper.wrote("lesser_of", "level"):
        return SILENT
    rule = paper.version.lesser_of
    if rule.level == "none":
        return by_section(paper, "lesser_of", "in line", "no charge limit")
    part = "" if rule.percent == 1 else f" at {percent(rule.percent)}"
    words = f"{'each line' if rule.level == 'line' else 'the whole claim'} held to its charge{part}"
    return by_section(paper, "lesser_of", "against us", words)


def charge_increases(paper: Paper) -> Saying:
    """Say whether shares of charge fall when charges rise."""
    shares = [t for t in paper.version.term if isinstance(t, PercentOfCharge)]
    limited = [t for t in shares if t.charge_increase_limit is not None]
    if limited:
        limit = percent(limited[0].charge_increase_limit or Decimal(0))
        return by_terms("against us", f"shares of charge follow a rise of {limit}", limited)
    facts = paper.version.agreement
    if facts.charge_increases is None:
        return SILENT if shares else NOT_APPLICABLE
    words = {"free": "charges may be raised freely", "notice": "on notice", "limited": "up to a limit"}
    standing: Standing = "against us" if facts.charge_increases == "limited" else "in line"
    return Saying(standing, words[facts.charge_increases], facts.where("charge_increases"), "[agreement]")


def escalator(paper: Paper) -> Saying:
    """Say whether rates rise every year."""
    rows = paper.version.escalator
    if not rows:
        return SILENT
    words = "; ".join(escalator_words(row) for row in rows)
    return Saying("in line", words, rows[0].cite, f"escalator '{rows[0].id}'")


def rounding(paper: Paper) -> Saying:
    """Say where cents are rounded."""
    rule = paper.version.rounding
    if not rule.model_fields_set:
        return SILENT
    if rule.unit_rate is not None:
        return Saying("against us", f"rates are rounded to {rule.unit_rate} places first", "", "[rounding]")
    words = {"line": "once for a line", "segment": "for each run of days", "day": "for each day"}
    return Saying("in line", words[rule.place], "", "[rounding]")
