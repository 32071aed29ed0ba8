"""The charge limit: allowed is the lesser of what the contract works out and what was charged (catalogue 3.1 to
3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """``percent`` of a claim's charges bounds it; cents left over go by line id, so that order does not matter.

    ``line_ids`` returns the ids of some lines, by their places: most claims are within their charges and need none.
    """

    percent: Fraction
    line_ids: Callable[[Ints], Sequence[str]]


def claim_limited(amount: Ints, charge: Ints, claim: Ints, held: Bools, share: Sharing) -> Ints:
    """Return amounts after whole claims are held to their charges.

    Parameters
    ----------
    amount, charge, claim : int arrays of one length
        The lines that take part: amounts and charges in cents, ``claim`` numbers the claims from 0 up.
    held : bool array
        Lines that the limit holds for. The others keep their amounts, which the claim's charges must bear first.
    share : Sharing
        The part of a claim's charges that bounds it, and how cents left over are given.

    Returns
    -------
    int array
        Where a claim's charges are less than its amounts, what they leave for the held lines is shared out by amount.
    """
    result, claims = amount.copy(), int(claim.max(initial=-1)) + 1
    charges, amounts = totals(charge, claim, claims), totals(amount, claim, claims)
    limits = share_of_charge(charges, share.percent)
    order = np.flatnonzero((np.abs(limits) < np.abs(amounts))[claim] & held)
    order = order[np.argsort(claim[order], kind="stable")]
    if not len(order):
        return result
    wanted, ids = totals(amount[order], claim[order], claims), share.line_ids(order)
    left = limits - amounts + wanted
    left = np.clip(left, np.minimum(wanted, 0), np.maximum(wanted, 0))
    ends = [*(np.flatnonzero(np.diff(claim[order])) + 1).tolist(), len(order)]
    for first, end in zip([0, *ends], ends, strict=False):
        mine, number = order[first:end], claim[order[first]]
        if left[number] != wanted[number]:
            result[mine] = largest_remainder(int(left[number]), np.abs(amount[mine]).tolist(), ids[first:end])
    return result


def totals(values: Ints, index: Ints, groups: int) -> Ints:
    """Return the sum of ``values`` in each of so many groups."""
    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, index, values)
    return sums
