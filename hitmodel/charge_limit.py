"""The charge limit laid on priced lines: whom it holds for, by which version, against which charges."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from hitmodel.compile import Compiled
from hitmodel.laying import Change, Laid, Notes, Scene, without_amount
from hitmodel.limits import Sharing, claim_limited, line_limited, share_of_charge
from hitmodel.prepare import UNKNOWN, Bools, Ints
from hitmodel.resolve import is_limited
from hitmodel.status import ORDER, Status
from hitmodel.terms import LesserOf

RULE, HELD = "lesser_of", "held to the charge"
UNCHARGED = "the charge limit needs the charge, which is unknown"


def charge_rules(compiled: Compiled) -> dict[LesserOf, tuple[int, ...]]:
    """Return the charge limits of a contract, each with the periods in which it stands, whatever they cite."""
    found: dict[LesserOf, tuple[LesserOf, list[int]]] = {}
    for number, period in enumerate(compiled.periods):
        if period.version is not None and period.version.lesser_of.level != "none":
            rule = period.version.lesser_of
            plain = rule.model_copy(update={"cite": ""})
            found[plain] = (rule, [*found.get(plain, (rule, []))[1], number])
    return {rule: tuple(periods) for rule, periods in found.values()}


def charge_notes(compiled: Compiled, period: Ints, base: Ints, allowed: Ints) -> Notes:
    """Return what the charge limit did, where it alone stands between two amounts of lines, here of their periods."""
    notes, held = Notes(), np.flatnonzero(base != allowed)
    for rule, periods in charge_rules(compiled).items():
        lines = held[np.isin(period[held], periods)]
        if len(lines):
            notes.add(Change(RULE, HELD, rule.cite), lines, base[lines], allowed[lines])
    return notes


def hold_to_charges(laid: Laid, scene: Scene, here: Bools) -> None:
    """Hold amounts to charges, line by line or claim by claim, by the version in force on each line's first day.

    ``here`` are the lines whose turn it is.
    """
    flags = np.array([r.limited for r in scene.rated.resolutions], dtype=bool)
    subject = np.zeros(len(laid.cents), dtype=bool)
    subject[scene.fitted.segments.line[flags[scene.rated.resolution]]] = True
    charge = scene.fitted.prepared.quantities.charge
    for rule, periods in charge_rules(scene.compiled).items():
        under = here & np.isin(scene.fitted.period, periods)
        unknown = np.flatnonzero(under & subject & laid.priced & (charge == UNKNOWN))
        laid.doubt(unknown, UNCHARGED)
        if rule.level == "claim":
            _limit_claims(laid, scene, under, subject, rule)
            continue
        lines = np.flatnonzero(under & subject & laid.priced)
        held = line_limited(laid.cents[lines], share_of_charge(charge[lines], Fraction(rule.percent)))
        laid.put(lines, held, Change(RULE, HELD, rule.cite))


def _limit_claims(laid: Laid, scene: Scene, under: Bools, subject: Bools, rule: LesserOf) -> None:
    """Compare whole claims, a claim's bills and its voids apart. Charges of lines paid within others take part."""
    prepared, stays = scene.fitted.prepared, rule.excluded_charges == "stay"
    claim, charge, units = prepared.claim, prepared.quantities.charge, prepared.quantities.units
    status, doubtful = laid.standing.status, without_amount(laid)
    named_out = ~np.array([is_limited(kind, rule) for kind in scene.fitted.kinds], dtype=bool)[scene.fitted.kind]
    doubtful &= (subject | (~scene.cut & ~named_out) | stays) & ~prepared.paired
    of_doubt = np.zeros(int(claim.max(initial=-1)) + 1, dtype=bool)
    of_doubt[claim[doubtful]] = True
    touched = under & subject & laid.priced & ~prepared.paired & of_doubt[claim]
    text = "the charge limit compares whole claims, and another line of the claim has no amount"
    laid.doubt(np.flatnonzero(touched), text)
    bundled = status == ORDER.index(Status.BUNDLED)
    part = (laid.priced & (subject | stays)) | (bundled & (~named_out | stays))
    part &= under & ~touched & ~prepared.paired & (charge != UNKNOWN)
    lines = np.flatnonzero(part)
    sides = 2 * claim[lines] + (units[lines] < 0)
    amounts = np.where(bundled[lines], 0, laid.cents[lines])
    held = (subject & laid.priced)[lines]
    ids = prepared.claims.line_ids
    sharing = Sharing(Fraction(rule.percent), lambda some: ids.iloc[lines[some]].tolist())
    after = claim_limited(amounts, charge[lines], sides, held, sharing)
    laid.put(lines, after, Change(RULE, "the claim is held to its charges", rule.cite))
