"""What two records of a contract say differently, field by field, in words that stand in a letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hitmodel.clause_words import dollars, percent
from hitmodel.dates import spoken
from hitmodel.labels import role_label, therapy_label, words
from hitmodel.mechanisms.price_sources import PriceSource
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
NAMES = {
    "codes": "codes",
    "of": "ways to pay",
    "chain": "price",
    "first": "first hours",
    "further": "each further hour",
    "count": "what a day is",
    "primary_by": "which therapy is first",
    "modifiers": "modifiers",
    "shares": "shares by rank",
    "level": "charge limit",
    "quarter_lag": "quarters behind",
    "lag_days": "days late",
    "limit_hours": "longest dose interval, hours",
    "effective_from": "in force from",
    "effective_through": "in force through",
    "late_interest": "interest on late claims",
    "into": "paid within",
    "per": "for each",
    "beside": "on days with lines of",
    "alone": "on days without lines of",
    "weekdays": "on",
    "applies_to": "for",
}


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


def field_changes(before: Record | None, after: Record | None) -> tuple[FieldChange, ...]:
    """Return what differs between two records of one place; None is one that is not there.

    Of a record that is added or removed every field that it writes is told. Citations, names and notes are no clauses.
    """
    if before is not None and after is not None:
        return tuple(_told(before, after))
    if after is not None:
        return tuple(FieldChange(name, NOT_SAID, said) for name, said in _written(after))
    return tuple(FieldChange(name, said, NOT_SAID) for name, said in _written(before)) if before is not None else ()


def _told(before: Record, after: Record) -> Iterator[FieldChange]:
    if type(before) is not type(after):
        yield FieldChange("way to pay", _way(before), _way(after))
    for name in dict.fromkeys((*type(before).model_fields, *type(after).model_fields)):
        old, new = (value_words(name, getattr(side, name, None)) for side in (before, after))
        if name in FILES:
            old, new = _file_words(old, new, before, after)
        if old != new and name not in SILENT_FIELDS:
            yield FieldChange(field_name(name), old, new)


def _file_words(old: str, new: str, before: Record, after: Record) -> tuple[str, str]:
    """Return what is said of two files: the same where they hold the same, the one name apart where they do not."""
    held, holds = (getattr(side, "checksum", "") for side in (before, after))
    if held and held == holds:
        return new, new
    return (old, f"{new}, with other rows") if old == new and held != holds else (old, new)


def _written(record: Record) -> Iterator[tuple[str, str]]:
    """Yield the fields that a record writes, with what they say."""
    if hasattr(record, "mechanism"):
        yield "way to pay", _way(record)
    for name in type(record).model_fields:
        if name in record.model_fields_set and name not in SILENT_FIELDS:
            yield field_name(name), value_words(name, getattr(record, name))


def _way(record: Record | None) -> str:
    return str(getattr(record, "mechanism", NOT_SAID)).replace("_", " ")


def field_name(name: str) -> str:
    """Return what a field is called in a letter."""
    return NAMES.get(name, name.replace("_", " ").replace("ndc", "NDC"))


def value_words(name: str, value: Any) -> str:
    """Return what a field says, as a letter would put it: 95.00, 85 %, 1 January 2027, codes S9500, S9501."""
    if value is None or value in ("", ()) or value == Selector():
        return NOT_SAID
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return percent(value) if name in SHARES else dollars(value)
    if isinstance(value, date):
        return spoken(value)
    if isinstance(value, str):
        return _word(name, value)
    if isinstance(value, tuple):
        return _listed(name, value)
    if isinstance(value, Mapping):
        return ", ".join(f"{field_name(key)} {value_words(key, inner)}" for key, inner in value.items())
    return _record(value) if isinstance(value, Record) else str(value)


_WEEKDAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"}
_WEEKDAYS |= {"sat": "Saturday", "sun": "Sunday"}


def _word(name: str, value: str) -> str:
    if name == "weekdays":
        return _WEEKDAYS[value]
    if name in ("classes", "without_classes"):
        return therapy_label(value)
    if name in ("roles", "without_roles"):
        return role_label(value)
    if name in AS_WRITTEN:
        return value
    if name == "terms":
        return f"“{words(value)}”"
    return value.replace("..", "–") if name.endswith("codes") else value.replace("_", " ")


def _listed(name: str, values: tuple[Any, ...]) -> str:
    if name == "patients":  # whose agreement it is, is nobody's business outside; the file has their hashes
        return "one patient" if len(values) == 1 else f"{len(values)} patients"
    join = "; then " if name in ("chain", "fallback") else "; or " if name == "of" else ", "
    return join.join(value_words(name, value) for value in values)


def _record(record: Record) -> str:
    """Return a record within another: a price source, a way to pay, a bound, or which lines are meant."""
    if isinstance(record, PriceSource):
        of = record.schedule or record.of
        return (
            f"{percent(record.multiplier)} of {of.replace('_', ' ')}{_rest(record, ('of', 'multiplier', 'schedule'))}"
        )
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
