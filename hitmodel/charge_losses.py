"""What the charge limit takes, and the charge that would clear it (catalogue 3.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from hitmodel.charge_limit import RULE
from hitmodel.prepare import Ints
from hitmodel.pricing import Priced
from hitmodel.terms import LesserOf

THOUSANDTHS = 1000


@dataclass(frozen=True)
class ChargeLoss:
    """What the charge limit takes from the lines of one code.

    ``lost`` is in cents. ``charge_now`` and ``charge_to_clear`` are cents for each billed unit: the least that these
    lines are charged, and the least at which none of them would be held back, rounded up to the cent. Both are None
    where whole claims are compared, since there another line's charge would do as well.
    """

    code: str
    lines: int
    lost: int
    charge_now: int | None
    charge_to_clear: int | None


def charge_losses(priced: Priced) -> tuple[ChargeLoss, ...]:
    """Return what the charge limit takes, by code, most first; lines that a void takes back are left out."""
    held = np.flatnonzero((priced.charge_losses > 0) & ~priced.fitted.prepared.paired)
    codes = priced.claims.lines["code"].to_numpy(dtype=object)
    found = [_of(priced, str(code), held[codes[held] == code]) for code in dict.fromkeys(codes[held])]
    return tuple(sorted(found, key=lambda loss: (-loss.lost, loss.code)))


def _of(priced: Priced, code: str, lines: Ints) -> ChargeLoss:
    lost = int(priced.charge_losses[lines].sum())
    rules = [_rule(priced, line) for line in lines.tolist()]
    if any(rule.level == "claim" for rule in rules):
        return ChargeLoss(code, len(lines), lost, None, None)
    quantities = priced.fitted.prepared.quantities
    now, needed = [], []
    for line, rule in zip(lines.tolist(), rules, strict=True):
        units = Fraction(int(quantities.units[line]), THOUSANDTHS)
        before = next(note.before for note in priced.notes.on(line) if note.change.rule == RULE)
        now.append(int(quantities.charge[line]) / units)
        needed.append(before / Fraction(rule.percent) / units)
    return ChargeLoss(code, len(lines), lost, int(min(now)), max(math.ceil(each) for each in needed))


def _rule(priced: Priced, line: int) -> LesserOf:
    version = priced.compiled.periods[priced.fitted.period[line]].version
    assert version is not None
    rule: LesserOf = version.lesser_of
    return rule
