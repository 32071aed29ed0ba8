"""How a contract lies in a workbook: which sheet holds which clause, which column is which field, and what it means.

Everything is taken from the records of the contract language, so that a new field has its column without more ado.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hitmodel.contract_cells import Kind
from hitmodel.dates import Quarter
from hitmodel.field_words import SHARES
from hitmodel.mechanisms.price_sources import PriceSource
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.overlays import NAMED_TABLES, OWN_WORDS, WORDS_OF_NAMED_FILES
from hitmodel.terms import Bound, Term, Version
from hitmodel.vocabulary import Selector

START, FIELDS_SHEET, CODES_SHEET, LISTS = "Start", "Fields", "Codes", "Lists"
CONTRACT, CONCURRENCY = "Contract", "Concurrency"
RATES, DRUGS, SOURCES, NURSING = "Rates", "Drugs", "Drug prices", "Nursing"
LIMITS, CLAUSES, SCHEDULE_RATES = "Limits", "Clauses", "Schedule rates"
DAYS, DAYS_TABLE = "Days", "days"
DRUG_MECHANISMS, NURSING_MECHANISMS = ("drug",), ("nursing", "first_visit")
LIMIT_TABLES = ("limit", "allowance", "episode")
SOURCE_LISTS = ("chain", "fallback")
SCHEDULE_FIELDS = ("code", "rate", "modifier", "from", "through", "ndc", "unit")
WHAT, POSITION, DESCRIPTOR = "what", "position", "what the codes are"
_FIRST = ("id", "codes", DESCRIPTOR, "modifiers", "classes", "roles", "mechanism")
_LAST = ("clause", "cite", "note", "effective_from", "effective_through", "requires", "unlisted", "default")
_OF_RATES = ("rate", "per", "share", "multiplier", "schedule", "decimals", "into", "lesser_of")
_OF_DRUGS = ("choose", "fee", "fee_per", "waste", "price_as")
_OF_NURSING = ("first", "further", "rate")
_OF_LIMITS = ("lines", "kind", "per", "amount", "measure", "pays", "share", "most", "of", "days", "episode", "by")
_OF_CLAUSES = (
    "lines",
    "into",
    "exclude",
    "among",
    "keep",
    "applies_to",
    "terms",
    "factor",
    "percent",
    "first",
    "steps",
)


_PLAIN = {
    "codes": "HCPCS or CPT codes, or a range such as S9494..S9504; several parted by commas",
    "modifiers": "Only lines that carry any of these modifiers",
    "classes": "Only lines of these therapy classes",
    "roles": "Only lines of these roles: per_diem, drug, nursing and so on",
    "places": "Only lines with these places of service",
    "products": "Only lines of these products of the payer",
    "patients": "Only lines of these patients: a single-case agreement",
    "ndcs": "Only lines with these NDCs",
    "families": "Only lines of these drugs, whoever makes them: cefazolin is J0690 and the codes of single makers",
    "all_modifiers": "Only lines that carry every one of these modifiers",
    "without_modifiers": "Only lines that carry none of these modifiers",
    "without_codes": "Not lines with these codes",
    "without_families": "Not lines of these drugs",
    "without_classes": "Not lines of these therapy classes",
    "without_roles": "Not lines of these roles",
    "without_places": "Not lines with these places of service",
    "without_products": "Not lines of these products of the payer",
    "beside": "Only on days on which the patient has another line such as this, as roles: drug",
    "alone": "Only on days on which the patient has no other line such as this, as roles: drug",
    "weekdays": "Only on these days of the week: sat, sun",
    "id": "What this clause is called here",
    "cite": "Where the paper says so",
    "clause": "A name for clauses that are negotiated together",
    "note": "A remark for people",
    "effective_from": "The first day, itself counted; empty for no beginning",
    "effective_through": "The last day, itself counted; empty for no end",
    "terms": "The ids of the terms that it touches",
    "applies_to": "The lines that it touches, as roles: per_diem; codes: S9500",
    "lines": "The lines that it is about, as roles: per_diem; codes: S9500",
}
"""What fields mean that many clauses have."""


@dataclass(frozen=True)
class Field:
    """One field: its name in the contract file, how it is typed, the words that it may hold, and what it means."""

    name: str
    kind: Kind
    choices: tuple[Any, ...] = ()
    meaning: str = ""

    @property
    def heading(self) -> str:
        """The heading of its column."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class RowSheet:
    """A sheet with a clause to a row: the tables that it holds and the columns that it has in any case."""

    name: str
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    mechanisms: tuple[str, ...] = ()
    title: str = ""


_CLAUSE_TABLES = tuple(name for name in NAMED_TABLES if name not in (*LIMIT_TABLES, "term", "schedule"))
_OTHER_MECHANISMS = tuple(name for name in MECHANISMS if name not in DRUG_MECHANISMS + NURSING_MECHANISMS)
ROW_SHEETS = (
    RowSheet(
        RATES, ("term",), (*_FIRST, *_OF_RATES, *_LAST), _OTHER_MECHANISMS,
        "Per diems and everything else but drugs and nursing: one row for each term.",
    ),
    RowSheet(
        DRUGS, ("term",), (*_FIRST, *_OF_DRUGS, *_LAST), DRUG_MECHANISMS,
        f"Drugs: one row for each term. What it pays, in turn, stands on the sheet {SOURCES}.",
    ),
    RowSheet(
        NURSING, ("term",), (*_FIRST, *_OF_NURSING, *_LAST), NURSING_MECHANISMS,
        "Nursing visits: one row for each term. How a visit's time is counted stands on the sheet Contract.",
    ),
    RowSheet(
        LIMITS, LIMIT_TABLES, (WHAT, "id", *_OF_LIMITS, "clause", "cite"),
        title="Caps, floors, stop-loss, allowances, and the episodes that they speak of.",
    ),
    RowSheet(
        CLAUSES, (*_CLAUSE_TABLES, "schedule"), (WHAT, "id", *_OF_CLAUSES, "clause", "cite"),
        title=f"Bundles, escalators and the other clauses. The rows of a schedule stand on the sheet {SCHEDULE_RATES}.",
    ),
)  # fmt: skip


def sheet_of(table: str, mechanism: str) -> RowSheet:
    """Return the sheet on which a row of a table stands."""
    return next(s for s in ROW_SHEETS if table in s.tables and (not s.mechanisms or mechanism in s.mechanisms))


def sections() -> tuple[str, ...]:
    """Return the tables that stand once in a contract file, in the order of the language."""
    return tuple(n for n in Version.model_fields if n not in NAMED_TABLES and n not in OWN_WORDS)


def model_of(table: str, mechanism: str = "") -> type[BaseModel]:
    """Return the record of a table's rows; of a term that of its mechanism, where that is known."""
    if table == "term":
        return MECHANISMS[mechanism].model if mechanism in MECHANISMS else Term
    annotation = Version.model_fields[table].annotation
    found: type[BaseModel] = next(part for part in (annotation, *get_args(annotation)) if _is_record(part))
    return found


@cache
def fields_of(table: str, mechanism: str = "") -> dict[str, Field]:
    """Return the fields that a row of a table may have, by name."""
    model = model_of(table, mechanism)
    own = WORDS_OF_NAMED_FILES if table in ("schedule", "drug_prices") else ()
    left_out = (*own, "extends")  # what a workbook extends is on its first sheet
    fields = {name: _field(model, name, info) for name, info in model.model_fields.items() if name not in left_out}
    if table == "term":
        words = tuple(MECHANISMS)
        fields["mechanism"] = Field("mechanism", "choice", words, "How the lines are paid: the payment method.")
    return fields


@cache
def fields_of_sheet(sheet: RowSheet) -> dict[str, Field]:
    """Return every field that any row of a sheet may have; of several of one name the first."""
    found: dict[str, Field] = {}
    for table in sheet.tables:
        for mechanism in sheet.mechanisms or ("",):
            for name, field in fields_of(table, mechanism).items():
                found.setdefault(name, field)
    return found


@cache
def source_fields() -> dict[str, Field]:
    """Return the fields of a price source, as the sheet `SOURCES` has them."""
    fields = {name: _field(PriceSource, name, info) for name, info in PriceSource.model_fields.items()}
    where = Field(
        "list", "choice", SOURCE_LISTS, "chain: looked at in turn. fallback: only where the chain has no price."
    )
    return {"term": Field("term", "text", (), f"The id of a term on the sheet {DRUGS}."), "list": where, **fields}


@cache
def days_fields() -> dict[str, Field]:
    """Return the fields of a clause about what a day is, where several stand on a sheet of their own."""
    return {name: field for name, field in fields_of(DAYS_TABLE).items() if name != "otherwise"}


def _field(model: type[BaseModel], name: str, info: FieldInfo) -> Field:
    described = info.description or _description(info.annotation)
    kind, choices = _kind(name, info.annotation, described)
    said = [_plain_meaning(model, name) or _sentences_about(model, name), described]
    words = f"One of: {', '.join(map(str, choices))}" if choices else ""
    meaning = " ".join(f"{part[:1].upper()}{part[1:].rstrip('.:; ')}." for part in (*said, words) if part)
    return Field(name, kind, choices, meaning)


def _plain_meaning(model: type[BaseModel], name: str) -> str:
    """Return what a field means that many clauses have; of a selector's words only where they select lines."""
    selects = name not in Selector.model_fields or issubclass(model, Selector)
    return _PLAIN.get(name, "") if selects else ""


def _kind(name: str, annotation: Any, described: str) -> tuple[Kind, tuple[Any, ...]]:
    """Return how a field is typed, from its type; and the words that it may hold."""
    inner = _bare(annotation)
    if get_origin(inner) is Literal:
        return "choice", get_args(inner)
    if get_origin(inner) is tuple:
        item = _bare(get_args(inner)[0])
        if get_origin(item) is Literal:
            return "names", get_args(item)
        kinds: dict[Any, Kind] = {str: "names", Decimal: "shares", int: "wholes"}
        return kinds.get(item, "file"), ()
    if isinstance(inner, type) and issubclass(inner, Selector) and inner is Selector:
        return "lines", ()
    if inner is Bound:
        return "bound", ()
    plain: dict[Any, Kind] = {bool: "yes_no", int: "whole", date: "day", str: "text", Quarter: "text"}
    if inner is Decimal:
        dollars = "dollars" in described
        return ("share" if name in SHARES and not dollars else "money" if dollars else "number"), ()
    return plain.get(inner, "file"), ()


def _bare(annotation: Any) -> Any:
    """Return a type without what is said of it, and without None."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        else:
            return annotation


def _description(annotation: Any) -> str:
    for part in (*getattr(annotation, "__metadata__", ()), *_inner(annotation)):
        if isinstance(part, FieldInfo) and part.description:
            return part.description
    return ""


def _inner(annotation: Any) -> Iterator[Any]:
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())
        yield from _inner(part)


def _sentences_about(model: type[BaseModel], name: str) -> str:
    """Return the sentences of a record's description that speak of a field."""
    found: list[str] = []
    for cls in model.__mro__:
        if not (isinstance(cls, type) and issubclass(cls, BaseModel)) or cls is BaseModel or not cls.__doc__:
            continue
        text = " ".join(cls.__doc__.split())
        sentences = re.split(r"(?<=[.;])\s+(?=[A-Z`])", text)
        found += [one.replace("``", "") for one in sentences if re.search(rf"``{name}\b", one) and one not in found]
    return " ".join(dict.fromkeys(found))


def _is_record(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
