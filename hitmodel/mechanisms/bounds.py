"""What a term says of a line whatever its mechanism: what the line must carry, the least and the most that it is paid
(catalogue 8.4, 12b).
"""

from __future__ import annotations

from hitmodel.forms import Amount, Basis, Known, Max, Min, Outcome, Step, Unpriced
from hitmodel.mechanisms.base import LineKind, Look
from hitmodel.status import Status
from hitmodel.terms import Bound, Term

_BASES = {
    "unit": Basis.UNIT,
    "ndc_unit": Basis.NDC_UNIT,
    "line": Basis.LINE,
    "dispense": Basis.DISPENSED,
    "day": Basis.SERVICE_DAY,
}


def without_required(kind: LineKind, term: Term) -> Unpriced | None:
    """Return why a line that lacks what its term requires cannot be priced, or None."""
    lacking = [name for name in term.requires if not (kind.ndc if name == "ndc" else name in kind.known)]
    if not lacking:
        return None
    names = " and ".join({"ndc": "NDC", "ndc_quantity": "NDC quantity", "cost": "acquisition cost"}[n] for n in lacking)
    return Unpriced(Status.NEEDS_REVIEW, f"the term asks for the {names}, which the line does not have")


def bounded(outcome: Outcome, kind: LineKind, term: Term, look: Look, *, among: bool = False) -> Outcome:
    """Hold a price form between the term's ``at_least`` and ``at_most``; a known 0.00 and no price stay as they are.

    The bounds are part of the price: suite factors and the shares of concurrent therapies come after them, the charge
    limit too. ``among`` other ways to pay a line, a bound for the line goes by the part of it that is compared; a
    term's own holds the whole line.
    """
    if isinstance(outcome, Known | Unpriced):
        return outcome
    if term.at_least is not None:
        outcome = Max((outcome, _bound("at_least", kind, term, look, among)))
    if term.at_most is not None:
        outcome = Min((outcome, _bound("at_most", kind, term, look, among)))
    return outcome


def _bound(name: str, kind: LineKind, term: Term, look: Look, among: bool) -> Amount:
    bound: Bound = getattr(term, name)
    rate, steps = look.rate(bound.amount, name)
    basis = Basis.DAY if bound.per == "day" and kind.is_by_day else _BASES[bound.per]
    step = Step(name.replace("_", " "), (("rate", rate), ("basis", basis.value)), term.cite)
    return Amount(rate, Basis.CASE if among and basis is Basis.LINE else basis, (*steps, step))
