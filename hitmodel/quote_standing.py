"""What can be said of one quoted line: its amount, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hitmodel.acquisition import is_drug
from hitmodel.claim_lines import ClaimLine
from hitmodel.forms import Amount, Basis
from hitmodel.pricing import Priced
from hitmodel.status import ORDER, Status

_ANY = frozenset({Basis.UNIT, Basis.CHARGE, Basis.COST, Basis.CASE, Basis.SERVICE_DAY, Basis.DISPENSED})
_BY_ROLE = {
    "per_diem": _ANY | {Basis.DAY, Basis.DOSE, Basis.VISIT},
    "catheter_care": _ANY | {Basis.DAY},
    "nursing": _ANY | {Basis.VISIT, Basis.HOUR},
}


@dataclass(frozen=True)
class Said:
    """Status, allowed [cents, None when unknown] and the reason. ``unlimited``: before a charge limit that can't be
    worked out. ``held``: what the charge limit takes off [cents].
    """

    status: Status
    allowed: int | None
    reason: str
    unlimited: bool = False
    held: int = 0


def settle(number: int, line: ClaimLine, lines: Sequence[ClaimLine], limited: Priced, free: Priced) -> Said:
    """Return what is said of a line.

    Parameters
    ----------
    number, line, lines
        The line's place, the line, and all lines of the bill.
    limited, free : Priced
        The bill under the contract as it is written, and without its charge limit. The second is taken only where the
        first has no amount.
    """
    priced = limited if limited.known[number] else free
    if not priced.known[number]:
        status = ORDER[limited.status[number]]
        return Said(status, None, limited.reason_texts[number] or status.meaning)
    uncounted = _not_counted(number, line, lines, priced)
    if uncounted:
        return Said(Status.NEEDS_REVIEW, None, uncounted)
    status, allowed, reason = ORDER[priced.status[number]], int(priced.allowed[number]), priced.reason_texts[number]
    if priced is not limited:
        return Said(status, allowed, reason, unlimited=True)
    return Said(status, allowed, reason, held=int(limited.charge_losses[number]))


def _not_counted(number: int, line: ClaimLine, lines: Sequence[ClaimLine], priced: Priced) -> str:
    """Say why a rate cannot be multiplied by the line's units; "" when it can."""
    resolution = priced.resolution_of(number)
    if resolution is None or not isinstance(resolution.outcome, Amount):
        return ""
    basis = resolution.outcome.basis
    fitting = _ANY | {Basis.NDC_UNIT} if is_drug(line) else _BY_ROLE.get(line.role, frozenset(Basis))
    if basis not in fitting:
        return f"the contract pays {line.code} by the {basis}, and an order does not say how many are billed"
    alike = sum(other.code == line.code for other in lines)
    if basis is Basis.CASE and alike > 1:
        return f"the contract pays {line.code} by the case, and the order makes {alike} lines of it"
    return ""
