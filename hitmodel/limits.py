"""The charge limit: allowed is the lesser of what the contract works out and what was charged (catalogue 3.1 to
3.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from hitmodel.money import largest_remainder, to_cents
from hitmodel.prepare import UNKNOWN, Bools, Ints


def share_of_charge(charge: Ints, percent: Fraction) -> Ints:
    """Return ``percent`` of each charge in cents, rounded half-up by magnitude; unknown charges stay unknown."""
    if percent == 1:
        return charge
    known = charge != UNKNOWN
    there = np.where(known, charge, 0)
    most = int(np.abs(there).max(initial=0))
    if 2 * (most * percent.numerator + percent.denominator) >= 2**63:  # 64 bits are few: Python's own integers
        exact = [to_cents(percent * cents / 100) for cents in there.tolist()]
        return np.where(known, np.array(exact, dtype=np.int64), UNKNOWN)
    rounded = (2 * np.abs(there) * percent.numerator + percent.denominator) // (2 * percent.denominator)
    return np.where(known, np.sign(there) * rounded, UNKNOWN)


def line_limited(amount: Ints, limit: Ints) -> Ints:
    """Return the lesser by magnitude of each amount and its limit, with the amount's sign.

    A void's negative amount is limited by its negative charge, so that it takes back what its claim was paid.
    """
    return np.sign(amount) * np.minimum(np.abs(amount), np.abs(limit))


@dataclass(frozen=True)
class Sharing:
    """``percent`` of a claim's charges bounds it; cents left over go by ``line_ids``, so that order does not matter."""

    percent: Fraction
    line_ids: Sequence[str]


def claim_limited(amount: Ints, charge: Ints, claim: Ints, held: Bools, share: Sharing) -> Ints:
    """Return amounts after whole claims are held to their charges.

    Parameters
    ----------
    amount, charge, claim : int arrays of one length
        The lines that take part: amounts and charges in cents, ``claim`` numbers the claims.
    held : bool array
        Lines that the limit holds for. The others keep their amounts, which the claim's charges must bear first.
    share : Sharing
        The part of a claim's charges that bounds it, and how cents left over are given.

    Returns
    -------
    int array
        Where a claim's charges are less than its amounts, what they leave for the held lines is shared out by amount.
    """
    result = amount.copy()
    claims, index = np.unique(claim, return_inverse=True)
    charges, amounts = totals(charge, index, len(claims)), totals(amount, index, len(claims))
    short = np.abs(share_of_charge(charges, share.percent)) < np.abs(amounts)
    order = np.flatnonzero(short[index])
    order = order[np.argsort(claim[order], kind="stable")]
    for members in np.split(order, np.flatnonzero(np.diff(claim[order])) + 1):
        mine = members[held[members]]
        wanted = int(amount[mine].sum())
        limit = to_cents(Fraction(int(charge[members].sum()), 100) * share.percent)
        left = limit - int(amount[members].sum()) + wanted
        bound = min(max(left, 0), wanted) if wanted >= 0 else max(min(left, 0), wanted)
        if bound != wanted:
            weights = [abs(int(a)) for a in amount[mine]]
            result[mine] = largest_remainder(bound, weights, [share.line_ids[m] for m in mine])
    return result


def totals(values: Ints, index: Ints, groups: int) -> Ints:
    """Return the sum of ``values`` in each of so many groups."""
    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, index, values)
    return sums
