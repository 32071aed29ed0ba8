"""Published tables that were cut off at the end of a row: told by what the quarter beside them holds.

Nothing in such a file says that it goes on. CMS sorts its tables by code and drops few codes from one quarter to the
next (at most 156 of 1,012 among the quarters of 2024 to 2026), so one that ends well before its neighbour did, or holds
far fewer codes, is not the whole of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hitmodel.errors import Finding, InputError

LEAST, YEARLY = 0.75, 0.97
"""Share of a neighbour's codes that a whole table has, and what that share becomes with each quarter between them."""
MOST_AT_THE_END = 2
"""Codes at the end of a neighbour that may be dropped in one quarter."""
_SHOWN = 8


@dataclass(frozen=True)
class Neighbour:
    """The table that one is held against: ``name`` it is told by, ``apart`` quarters from it.

    ``codes`` are those of its codes that are held, ``rows`` how many rows it had and ``last`` its last code ("" where
    that is not known).
    """

    name: str
    apart: int
    codes: frozenset[str]
    rows: int
    last: str = ""


def cut_short(where: str, field: str, codes: Collection[str], rows: int, beside: Neighbour) -> InputError | None:
    """Return the refusal of a table that was cut off; None for one that is whole."""
    last, gone = max(codes, default=""), sorted(beside.codes.difference(codes))
    least = LEAST * YEARLY**beside.apart
    after = [code for code in gone if code > last]
    few = len(gone) > (1 - least) * len(beside.codes) or rows < least * beside.rows
    if not few and len(after) <= max(MOST_AT_THE_END, beside.apart):
        return None
    has = f"{beside.name} has {beside.rows:,}" if beside.rows else f"{beside.name} has {len(beside.codes)} of our codes"
    goes_on = f" and goes on to {beside.last}" if beside.last > last else ""
    lacks = f". Of the codes that we know it lacks {some(gone)}" if gone else ""
    return InputError(
        f"the file is cut off, or of a part only: it holds {rows:,} rows and ends at {last}; {has}{goes_on}{lacks}",
        where=f"{where}, {field}",
        expected="a whole file",
        next_step="Download it again. If it is meant to hold so little, say so with --partial: what it lacks then has "
        "no price.",
    )


def early_end(where: str, row: int, field: str, codes: Collection[str], beside: Neighbour) -> Finding | None:
    """Return what is to be looked at where a whole table ends before its neighbour of the next or last quarter did."""
    last = max(codes, default="")
    if beside.apart > 1 or beside.last <= last:
        return None
    said = f"is the last code, and {beside.name} goes on to {beside.last}: look whether the end of the file is there"
    return Finding(where, row, field, last, said, "ends_early")


def some(names: Iterable[str]) -> str:
    """Return names as a list that a sentence can hold."""
    there = list(names)
    shown = ", ".join(there[:_SHOWN])
    return shown if len(there) <= _SHOWN else f"{shown} and {len(there) - _SHOWN} more"
