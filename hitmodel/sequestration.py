"""Sequestration: a cut of what the plan pays itself, after everything else (catalogue 4.14)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np

from hitmodel.drug_terms import Sequestration
from hitmodel.laying import Change, Laid, Scene
from hitmodel.money import as_decimal, round_half_up


def sequester(laid: Laid, scene: Scene) -> None:
    """Take each version's cut off the amounts of its lines, rounded to the cent for each line."""
    for rule in dict.fromkeys(p.version.sequestration for p in scene.compiled.periods if p.version):
        if not rule.percent:
            continue
        lines = np.flatnonzero(laid.priced & scene.under_rule("sequestration", rule) & scene.selected(rule.applies_to))
        cut = Fraction(rule.percent) * (1 - Fraction(rule.member_share))
        left = [int(c) - int(round_half_up(int(c) * cut, 0)) for c in laid.cents[lines]]
        laid.put(lines, np.array(left, dtype=np.int64), Change("sequestration", _words(rule), rule.cite))


def _words(rule: Sequestration) -> str:
    plan = 1 - rule.member_share
    return f"sequestration: {_percent(rule.percent)} off the {_percent(plan)} that the plan pays"


def _percent(share: Decimal) -> str:
    return f"{as_decimal(Fraction(share) * 100)} %"
