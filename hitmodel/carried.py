"""A line whose code had ended: what it would be under the code that follows it, priced beside the patient's others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from hitmodel.prepare import UNKNOWN, to_day
from hitmodel.pricing import Priced, Pricer
from hitmodel.status import ORDER, Status

MILLI = 1000


@dataclass(frozen=True)
class Carried:
    """A line carried to the code that follows its own.

    ``old`` units × ``factor`` = ``new`` units; ``exact`` says whether that holds for parts of a unit. ``allowed_cents``
    is None where the carried line would have no amount either; ``reason`` then says why.
    """

    code: str
    old: Fraction
    factor: Fraction
    new: Fraction
    exact: bool
    status: Status
    allowed_cents: int | None
    term: str
    reason: str


def carried_line(priced: Priced, line: int) -> Carried | None:
    """Return what a line in doubt would be under its code's successor; None where none stands for it on its days."""
    fitted, codes = priced.fitted, priced.references.codes
    units, first = fitted.prepared.quantities.units[line], fitted.prepared.first[line]
    code = str(priced.claims.lines["code"].iloc[line])
    if units == UNKNOWN or not first or codes.is_known(code, to_day(first)):
        return None
    follows, factor = codes.carried_to(code, to_day(first))
    carried_units = Fraction(int(units)) * factor
    if follows == code or not codes.is_known(follows, to_day(first)) or carried_units.denominator != 1:
        return None
    made = _priced_instead(priced, line, follows, int(carried_units))
    row = made.claims.lines["line_id"].tolist().index(priced.claims.lines["line_id"].iloc[line])
    status = ORDER[made.status[row]]
    succession = codes.successor(code)
    return Carried(
        code=follows,
        old=Fraction(int(units), MILLI),
        factor=factor,
        new=carried_units / MILLI,
        exact=succession is not None and succession.exact,
        status=status,
        allowed_cents=int(made.allowed[row]) if status.has_amount else None,
        term=made.terms[row],
        reason=made.reason_texts[row],
    )


def _priced_instead(priced: Priced, line: int, code: str, units_milli: int) -> Priced:
    """Price all lines of the line's patient with the successor's code and units in its place."""
    lines = priced.claims.lines
    patient = lines["patient_id"].iloc[line]
    own = lines[(lines["patient_id"] == patient).to_numpy()].copy()
    label = lines.index[line]
    own.loc[label, ["code", "units_milli"]] = [code, units_milli]
    claims = replace(priced.claims, lines=own.reset_index(drop=True), findings=())
    return Pricer(claims, priced.references, priced.evidence).price(priced.contract, priced.dating)
