"""The least and the most that a term pays for a line, whatever its mechanism (catalogue 8.4, 12b)."""

from __future__ import annotations

from hitmodel.forms import Amount, Basis, Known, Max, Min, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind, Look
from hitmodel.terms import Bound, Term

_BASES = {
    "unit": Basis.UNIT,
    "ndc_unit": Basis.NDC_UNIT,
    "line": Basis.LINE,
    "dispense": Basis.DISPENSED,
    "day": Basis.SERVICE_DAY,
}


def bounded(outcome: Outcome, kind: LineKind, term: Term, look: Look) -> Outcome:
    """Hold a price form between the term's ``at_least`` and ``at_most``; a known 0.00 and no price stay as they are.

    The bounds are part of the price: suite factors and the shares of concurrent therapies come after them, the charge
    limit too.
    """
    if isinstance(outcome, Known | Unpriced):
        return outcome
    if term.at_least is not None:
        outcome = Max((outcome, _bound(term.at_least, "at_least", kind, term, look)))
    if term.at_most is not None:
        outcome = Min((outcome, _bound(term.at_most, "at_most", kind, term, look)))
    return outcome


def _bound(bound: Bound, name: str, kind: LineKind, term: Term, look: Look) -> Amount:
    rate, steps = look.rate(bound.amount, name)
    basis = Basis.DAY if bound.per == "day" and kind.is_by_day else _BASES[bound.per]
    step = Step(name.replace("_", " "), (("rate", rate), ("basis", basis.value)), term.cite)
    return Amount(rate, basis, (*steps, step))
