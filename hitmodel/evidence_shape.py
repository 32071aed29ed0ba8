"""Which companion files stand beside claims, and what their columns are."""

from __future__ import annotations

from dataclasses import dataclass

SETTINGS = "evidence.toml"
COMPLETE_FROM = "history_complete_from"


@dataclass(frozen=True)
class Shape:
    """The columns of a companion file, those it must have, and those that tell one record from another, if any do."""

    columns: tuple[str, ...]
    required: tuple[str, ...]
    identity: tuple[str, ...] = ()


SHAPES = {
    "therapies": Shape(
        ("patient_id", "therapy_id", "code", "therapy_class", "start", "stop", "interval"),
        ("patient_id", "therapy_id", "start"),
        ("patient_id", "therapy_id"),
    ),
    "doses": Shape(("patient_id", "therapy_id", "code", "date", "start_time", "hours"), ("patient_id", "date")),
    "holds": Shape(("patient_id", "therapy_id", "first", "last"), ("patient_id", "first", "last")),
    "stays": Shape(("patient_id", "admitted", "discharged"), ("patient_id", "admitted", "discharged")),
    "visits": Shape(("patient_id", "date", "start_time", "end_time", "code", "licence"), ("patient_id", "date")),
    "balances": Shape(
        ("patient_id", "limit", "period", "amount", "days", "visits", "units"),
        ("patient_id", "limit"),
        ("patient_id", "limit", "period"),
    ),
}
