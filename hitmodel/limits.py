"""The charge limit: allowed is the lesser of what the contract works out and what was charged (catalogue 3.1 to 3.3)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from hitmodel.money import largest_remainder
from hitmodel.prepare import UNKNOWN, Bools, Ints


def share_of_charge(charge: Ints, percent: Fraction) -> Ints:
    """Return ``percent`` of each charge in cents, rounded half-up by magnitude; unknown charges stay unknown."""
    if percent == 1:
        return charge
    known = charge != UNKNOWN
    size = np.abs(np.where(known, charge, 0))
    rounded = (2 * size * percent.numerator + percent.denominator) // (2 * percent.denominator)
    return np.where(known, np.sign(charge) * rounded, UNKNOWN)


def line_limited(amount: Ints, limit: Ints) -> Ints:
    """Return the lesser by magnitude of each amount and its limit, with the amount's sign.

    A void's negative amount is limited by its negative charge, so that it takes back what its claim was paid.
    """
    return np.sign(amount) * np.minimum(np.abs(amount), np.abs(limit))


def claim_limited(amount: Ints, charge: Ints, claim: Ints, line_ids: list[str]) -> Ints:
    """Return amounts after whole claims are held to their charges.

    Parameters
    ----------
    amount, charge, claim : int arrays of one length
        The lines that take part, in cents; every charge known. ``claim`` numbers the claims.
    line_ids : list of str
        Ids by which cents left over from sharing out are given, so that line order does not matter.

    Returns
    -------
    int array
        Where a claim's charges are less than its amounts, the charges shared out by amount, by largest remainder.
    """
    result = amount.copy()
    if not len(amount):
        return result
    claims, index = np.unique(claim, return_inverse=True)
    amounts = np.zeros(len(claims), dtype=np.int64)
    charges = np.zeros(len(claims), dtype=np.int64)
    np.add.at(amounts, index, amount)
    np.add.at(charges, index, charge)
    for n in np.flatnonzero(np.abs(charges) < np.abs(amounts)):
        members = np.flatnonzero(index == n)
        parts = largest_remainder(
            int(charges[n]), [abs(int(a)) for a in amount[members]], [line_ids[m] for m in members]
        )
        result[members] = parts
    return result
