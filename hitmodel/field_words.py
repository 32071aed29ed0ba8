"""What two records of a contract say differently, field by field, in words that stand in a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hitmodel.clause_words import dollars, percent
from hitmodel.dates import spoken
from hitmodel.field_names import NAMES, PAYMENTS, REFERENCES, VALUES, YES_AND_NO
from hitmodel.labels import inside, role_label, therapy_label, words
from hitmodel.mechanisms.price_sources import PriceSource
from hitmodel.placeholders import PATTERN
from hitmodel.vocabulary import Record, Selector

NOT_SAID = "–"
SHARES = frozenset(
    {
        *(
            "share",
            "shares",
            "factor",
            "multiplier",
            "percent",
            "cap",
            "floor",
            "times",
            "plus",
            "assumed",
            "fee_share",
        ),
        *("waste_share", "from_factor", "charge_increase_limit", "charges_rose", "late_interest", "member_share"),
    }
)
"""Fields that hold a fraction and are spoken as percent."""
SILENT_FIELDS = frozenset({"id", "cite", "cites", "clause", "note", "path", "checksum", "mechanism", "title", "owner"})
FILES = ("file", "ndc_table")
"""Fields that name a file: it differs when what it holds does, whatever it is called."""
AS_WRITTEN = frozenset({"file", "ndc_table", "index", "payers", "products", "ndcs", "families"})
OPEN = "to be filled in"
"""What is said of a place that a draft leaves open."""
NOT_TOLD = frozenset({"decimals"})
"""Fields of a new row that say nothing to a reader."""
Open = frozenset[str]
"""The fields of a record that a draft leaves open."""


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: what it is called, and what it says before and after; a dash where it says nothing."""

    field: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """The change in a phrase: "rate 95.00 → 98.80"."""
        return f"{self.field} {self.before} → {self.after}"


@dataclass(frozen=True)
class Side:
    """One paper's record of a place, None where it has none, and the fields of it that a draft leaves open."""

    record: Record | None
    open: Open = frozenset()

    def says(self, name: str) -> str:
        """Return what the record says under a field, `OPEN` where that is still to be filled in."""
        return OPEN if name in self.open else value_words(name, getattr(self.record, name, None))


def field_changes(before: Record | None, after: Record | None) -> tuple[FieldChange, ...]:
    """Return what differs between two records of one place, as `side_changes` does, where neither is a draft."""
    return side_changes(Side(before), Side(after))


def side_changes(before: Side, after: Side) -> tuple[FieldChange, ...]:
    """Return what differs between two records of one place.

    Of a record that is added or removed every field that it writes is told. Citations, names and notes are no clauses.
    """
    if before.record is not None and after.record is not None:
        return tuple(_told(before, after, before.record, after.record))
    if after.record is not None:
        return tuple(FieldChange(name, NOT_SAID, said) for name, said in _written(after, after.record))
    if before.record is not None:
        return tuple(FieldChange(name, said, NOT_SAID) for name, said in _written(before, before.record))
    return ()


def _told(before: Side, after: Side, old_record: Record, new_record: Record) -> Iterator[FieldChange]:
    if type(old_record) is not type(new_record):
        yield FieldChange(NAMES["mechanism"], _way(old_record), _way(new_record))
    for name in dict.fromkeys((*type(old_record).model_fields, *type(new_record).model_fields)):
        old, new = before.says(name), after.says(name)
        if name in FILES:
            old, new = _file_words(old, new, old_record, new_record)
        if old != new and name not in SILENT_FIELDS:
            yield FieldChange(field_name(name, getattr(new_record, name, None)), old, new)


def _file_words(old: str, new: str, before: Record, after: Record) -> tuple[str, str]:
    """Return what is said of two files: the same where they hold the same, the old and the new one where not."""
    held, holds = (getattr(side, "checksum", "") for side in (before, after))
    if held and held == holds:
        return new, new
    same_name = old == new and held != holds
    return (f"those of the old {old}", f"those of the new {new}") if same_name else (old, new)


def _written(side: Side, record: Record) -> Iterator[tuple[str, str]]:
    """Yield the fields that a record writes, with what they say."""
    if hasattr(record, "mechanism"):
        yield NAMES["mechanism"], _way(record)
    for name in type(record).model_fields:
        if name in record.model_fields_set and name not in SILENT_FIELDS | NOT_TOLD:
            yield field_name(name, getattr(record, name)), side.says(name)


def _way(record: Record) -> str:
    mechanism = str(getattr(record, "mechanism", NOT_SAID))
    return PAYMENTS.get(mechanism) or mechanism.replace("_", " ")


def field_name(name: str, value: Any = None) -> str:
    """Return what a field is called in a letter; some by what they hold."""
    if name == "first" and isinstance(value, date):
        return "from"
    if name == "modifiers" and isinstance(value, str):
        return "SH and SJ on the claim"
    return NAMES.get(name, name.replace("_", " ").replace("ndc", "NDC"))


def value_words(name: str, value: Any) -> str:
    """Return what a field says, as a letter would put it: 95.00, 85 %, 1 January 2027, 30 days, S9500, S9501."""
    if value is None or value in ("", ()) or value == Selector():
        return NOT_SAID
    if isinstance(value, bool):
        return YES_AND_NO.get(name, ("yes", "no"))[not value] or NOT_SAID
    if isinstance(value, int):
        return _number(name, value)
    if isinstance(value, Decimal):
        return percent(value) if name in SHARES else dollars(value)
    if isinstance(value, date):
        return spoken(value)
    if isinstance(value, str):
        return VALUES.get((name, value)) or _word(name, value)
    if isinstance(value, tuple):
        return _ranks(value) if name == "shares" else _listed(name, value)
    if isinstance(value, Mapping):
        return ", ".join(f"{field_name(key)} {value_words(key, inner)}" for key, inner in value.items())
    return _record(value) if isinstance(value, Record) else str(value)


def _number(name: str, value: int) -> str:
    """Return a whole number with its unit, which the field's name ends in."""
    if name == "quarter_lag":
        quarters = f"{abs(value)} quarters" if abs(value) > 1 else "one quarter"
        return f"{quarters} {'before' if value > 0 else 'after'} the service" if value else "the quarter of service"
    unit = next((unit for unit in ("days", "months", "hours") if name.endswith(f"_{unit}")), "")
    return f"{value} {unit if value != 1 else unit[:-1]}".rstrip()


def _ranks(shares: tuple[Decimal, ...]) -> str:
    """Say what each therapy of a day is paid of its rate; equal shares at the end are told once."""
    kept = list(shares)
    while len(kept) > 1 and kept[-1] == kept[-2]:
        kept.pop()
    if len(kept) == 1:
        return f"each is paid {percent(kept[0])}"
    told = [f"the {n}th {percent(share)}" for n, share in enumerate(kept[:-1], start=1)]
    told[:3] = [f"{name} {percent(share)}" for name, share in zip(RANKS, kept[:-1], strict=False)]
    return ", ".join((*told, f"later ones {percent(kept[-1])}"))


RANKS = ("the first is paid", "the second", "the third")


_WEEKDAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"}
_WEEKDAYS |= {"sat": "Saturday", "sun": "Sunday"}


def _word(name: str, value: str) -> str:
    if re.fullmatch(PATTERN, value):
        return OPEN
    if name == "weekdays":
        return _WEEKDAYS[value]
    if name in ("classes", "without_classes"):
        return inside(therapy_label(value))
    if name in ("roles", "without_roles"):
        return inside(role_label(value))
    if name in AS_WRITTEN:
        return value
    if name == "schedule":
        return f"“{words(value)}”"
    if name == "terms":
        return f"“{words(value)}”"
    return value.replace("..", "–") if name.endswith("codes") else value.replace("_", " ")


def _listed(name: str, values: tuple[Any, ...]) -> str:
    if name == "patients":  # whose agreement it is, is nobody's business outside; the file has their hashes
        return "one patient" if len(values) == 1 else f"{len(values)} patients"
    told = [value_words(name, value) for value in values]
    if name in ("chain", "fallback") and len(told) > 1:
        return f"{told[0]} (else {', else '.join(told[1:])})"
    return ("; or " if name == "of" else ", ").join(told)


def _record(record: Record) -> str:
    """Return a record within another: a price source, a way to pay, a bound, or which lines are meant."""
    if isinstance(record, PriceSource):
        of = record.schedule or REFERENCES.get(record.of) or record.of.replace("_", " ")
        return f"{percent(record.multiplier)} of {of}{_rest(record, ('of', 'multiplier', 'schedule'))}"
    way = _way(record) if hasattr(record, "mechanism") else ""
    said = [
        f"{field_name(name)} {value_words(name, getattr(record, name))}"
        for name in type(record).model_fields
        if name in record.model_fields_set and name not in SILENT_FIELDS and name != "default"
    ]
    return ", ".join(filter(None, (way, *said))) or NOT_SAID


def _rest(record: Record, told: tuple[str, ...]) -> str:
    rest = [n for n in type(record).model_fields if n in record.model_fields_set and n not in told]
    return "".join(f", {field_name(n)} {value_words(n, getattr(record, n))}" for n in rest)
