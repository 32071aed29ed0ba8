"""The charge limit laid on priced lines: whom it holds for, by which version, against which charges."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.fit import Fitted
from hitmodel.judging import PRICED
from hitmodel.limits import Sharing, claim_limited, line_limited, share_of_charge
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.scope import Standing
from hitmodel.status import ORDER, Status
from hitmodel.terms import LesserOf


def hold_to_charges(standing: Standing, base: Ints, compiled: Compiled, fitted: Fitted, rated: Rated) -> Ints:
    """Hold amounts to charges, line by line or claim by claim, by the version in force on each line's first day."""
    segments, count = fitted.segments, len(base)
    allowed = base.copy()
    flags = np.array([r.limited for r in rated.resolutions], dtype=bool)
    subject = np.zeros(count, dtype=bool)
    subject[segments.line[flags[rated.resolution]]] = True
    under = np.full(count, -1, dtype=np.int64)
    under[segments.line[::-1]] = segments.period[::-1]
    charge = fitted.prepared.quantities.charge
    for rule in dict.fromkeys(p.version.lesser_of for p in compiled.periods if p.version):
        here = np.isin(under, [n for n, p in enumerate(compiled.periods) if p.version and p.version.lesser_of == rule])
        if rule.level == "none":
            continue
        unknown = here & subject & (charge == UNKNOWN) & (standing.status == PRICED)
        text = "the charge limit needs the charge, which is unknown"
        standing.replace(np.flatnonzero(unknown), Status.NEEDS_REVIEW, text)
        if rule.level == "line":
            lines = np.flatnonzero(here & subject & (standing.status == PRICED))
            allowed[lines] = line_limited(base[lines], share_of_charge(charge[lines], Fraction(rule.percent)))
        else:
            _limit_claims(standing, allowed, here, subject, rule, fitted)
    allowed[standing.status != PRICED] = 0
    return allowed


def _limit_claims(
    standing: Standing, allowed: Ints, here: Bools, subject: Bools, rule: LesserOf, fitted: Fitted
) -> None:
    """Compare whole claims, a claim's bills and its voids apart. Charges of lines paid within others take part."""
    prepared, stays = fitted.prepared, rule.excluded_charges == "stay"
    claim, charge, units = prepared.claim, prepared.quantities.charge, prepared.quantities.units
    priced = standing.status == PRICED
    unread = np.ones(prepared.count, dtype=bool)
    unread[fitted.segments.line] = False
    doubtful = np.isin(standing.status, [ORDER.index(Status.CONTRACT_SILENT), ORDER.index(Status.NEEDS_REVIEW)])
    doubtful &= subject | unread | stays
    touched = here & subject & priced & ~prepared.paired & np.isin(claim, np.unique(claim[doubtful]))
    text = "the charge limit compares whole claims, and another line of the claim has no amount"
    standing.replace(np.flatnonzero(touched), Status.NEEDS_REVIEW, text)
    bundled = standing.status == ORDER.index(Status.BUNDLED)
    part = here & ~touched & ~prepared.paired & (charge != UNKNOWN) & ((priced & (subject | stays)) | bundled)
    lines = np.flatnonzero(part)
    ids = tuple(str(i) for i in prepared.claims.lines["line_id"].to_numpy(dtype=object)[lines])
    sides = 2 * claim[lines] + (units[lines] < 0)
    amounts = np.where(bundled[lines], 0, allowed[lines])
    held = (subject & priced)[lines]
    allowed[lines] = claim_limited(amounts, charge[lines], sides, held, Sharing(Fraction(rule.percent), ids))
