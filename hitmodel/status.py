"""What can be said of a line. Never zero for "don't know"."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a line came out, in the order in which tables list them."""

    PRICED = "priced"
    BUNDLED = "bundled"
    NOT_COVERED = "not_covered"
    CONTRACT_SILENT = "contract_silent"
    NEEDS_REVIEW = "needs_review"
    OUT_OF_SCOPE = "out_of_scope"

    @property
    def has_amount(self) -> bool:
        """True where the allowed amount is known, 0.00 included."""
        return self in (Status.PRICED, Status.BUNDLED, Status.NOT_COVERED)

    @property
    def meaning(self) -> str:
        """One sentence for a reader."""
        return _MEANINGS[self]


_MEANINGS = {
    Status.PRICED: "the contract sets an amount",
    Status.BUNDLED: "paid within another line: a known 0.00",
    Status.NOT_COVERED: "the contract does not pay it: a known 0.00",
    Status.CONTRACT_SILENT: "the contract says nothing that prices it: no amount",
    Status.NEEDS_REVIEW: "the line or its evidence is in doubt: no amount",
    Status.OUT_OF_SCOPE: "not of this contract, or a duplicate: in no total",
}

ORDER = tuple(Status)
