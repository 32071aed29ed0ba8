"""A contract that has ended as if it had gone on, so that what follows it can be held against it."""

from __future__ import annotations

from datetime import date

from hitmodel.terms import Contract, Escalator, Version


def gone_on(contract: Contract, day: date | None) -> Contract:
    """Return a contract that holds on ``day`` what it held on its last day, where it ends before; else as it is.

    Yearly increases after the last day do not come: they are part of what is to be agreed. Raises nothing.
    """
    last = contract.latest.contract.effective_through
    if day is None or last is None or day <= last or contract.on(day) is not None:
        return contract
    latest = contract.latest
    header = latest.contract.model_copy(update={"effective_through": None})
    rows = tuple(_until(row, last) for row in latest.escalator)
    longer: Version = latest.model_copy(update={"contract": header, "escalator": rows})
    return contract.model_copy(update={"versions": (*contract.versions[:-1], longer)})


def _until(row: Escalator, last: date) -> Escalator:
    return row if row.last is not None and row.last < last else row.model_copy(update={"last": last})
